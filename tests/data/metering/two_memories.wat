(module (memory $a 1) (memory $b 1) (func (export "_start")
  i32.const 0 i32.const 42 i32.store $a i32.const 0 i32.const 0 i32.load $a i32.store $b
  i32.const 8 i32.const 0 i32.const 16 memory.copy $a $b))
