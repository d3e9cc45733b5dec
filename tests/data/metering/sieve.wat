(module (memory 1) (func (export "_start") (local $i i32) (local $j i32) i32.const 2 local.set $i
  loop local.get $i i32.load8_u i32.eqz
    if local.get $i local.get $i i32.mul local.set $j
      block loop local.get $j i32.const 2000 i32.ge_u br_if 1 local.get $j i32.const 1 i32.store8
        local.get $j local.get $i i32.add local.set $j br 0 end end end
    local.get $i i32.const 1 i32.add local.tee $i i32.const 45 i32.lt_u br_if 0 end))
