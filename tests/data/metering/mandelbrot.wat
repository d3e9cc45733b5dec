(module (func (export "_start") (local $x f64) (local $y f64) (local $t f64) (local $n i32)
  loop local.get $x local.get $x f64.mul local.get $y local.get $y f64.mul f64.sub f64.const -0.1 f64.add local.set $t
    local.get $x local.get $y f64.mul f64.const 2 f64.mul f64.const 0.65 f64.add local.set $y local.get $t local.set $x
    local.get $n i32.const 1 i32.add local.tee $n i32.const 500 i32.lt_u br_if 0 end))
