(module (memory 1) (func (export "_start") (local $h i32) (local $i i32) i32.const -2128831035 local.set $h
  loop local.get $h local.get $i i32.load8_u i32.xor i32.const 16777619 i32.mul local.set $h
    local.get $i i32.const 1 i32.add local.tee $i i32.const 1000 i32.lt_u br_if 0 end))
