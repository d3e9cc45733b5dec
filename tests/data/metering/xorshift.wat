(module (func (export "_start") (local $x i64) (local $n i32) i64.const 88172645463325252 local.set $x
  loop local.get $x local.get $x i64.const 13 i64.shl i64.xor local.tee $x local.get $x i64.const 7 i64.shr_u i64.xor
    local.tee $x local.get $x i64.const 17 i64.shl i64.xor local.set $x
    local.get $n i32.const 1 i32.add local.tee $n i32.const 1000 i32.lt_u br_if 0 end))
