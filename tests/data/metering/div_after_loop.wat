(module (func (export "_start") (local i32) i32.const 10000 local.set 0
  loop local.get 0 i32.const 1 i32.sub local.tee 0 br_if 0 end i32.const 1 local.get 0 i32.div_u drop))
