(module (memory 1) (func $f (param i32) loop local.get 0 i32.const 1 i32.sub local.tee 0 br_if 0 end)
  (func (export "_start") i32.const 10000 call $f i32.const 65536 i32.load drop))
