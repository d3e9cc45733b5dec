(module (func (export "_start") (local $n i64) i64.const 27 local.set $n
  loop local.get $n i64.const 1 i64.and i64.eqz
    if local.get $n i64.const 1 i64.shr_u local.set $n
    else local.get $n i64.const 3 i64.mul i64.const 1 i64.add local.set $n end
    local.get $n i64.const 1 i64.ne br_if 0 end))
