(module (memory 1) (func (export "_start") (local $v v128) (local $i i32)
  loop local.get $v local.get $i v128.load i32x4.add local.set $v
    local.get $i i32.const 16 i32.add local.tee $i i32.const 4096 i32.lt_u br_if 0 end))
