(module (func $s (local i32) i32.const 100000 local.set 0
  loop local.get 0 i32.const 1 i32.sub local.tee 0 br_if 0 end) (start $s) (func (export "_start") nop))
