(module (memory 1) (func (export "_start") (local $i i32) loop
  local.get $i local.get $i i32.store8 local.get $i local.get $i i32.store16 offset=1
  local.get $i i64.const -1 i64.store offset=8 local.get $i f64.const 1 f64.store offset=16
  local.get $i i32.const 64 i32.add local.tee $i i32.const 32768 i32.lt_u br_if 0 end))
