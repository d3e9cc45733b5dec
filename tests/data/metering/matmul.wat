(module (memory 1) (func (export "_start") (local $i i32) (local $j i32) (local $k i32) (local $s f32)
  loop i32.const 0 local.set $j loop i32.const 0 local.set $k f32.const 0 local.set $s
    loop local.get $s local.get $i i32.const 8 i32.mul local.get $k i32.add i32.const 2 i32.shl f32.load
      local.get $k i32.const 8 i32.mul local.get $j i32.add i32.const 2 i32.shl f32.load offset=256 f32.mul f32.add local.set $s
      local.get $k i32.const 1 i32.add local.tee $k i32.const 8 i32.lt_u br_if 0 end
    local.get $i i32.const 8 i32.mul local.get $j i32.add i32.const 2 i32.shl local.get $s f32.store offset=512
    local.get $j i32.const 1 i32.add local.tee $j i32.const 8 i32.lt_u br_if 0 end
  local.get $i i32.const 1 i32.add local.tee $i i32.const 8 i32.lt_u br_if 0 end))
