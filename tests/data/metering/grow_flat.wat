(module (memory 1) (func (export "_start") i32.const 100 memory.grow drop memory.size drop))
