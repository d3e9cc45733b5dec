(module (type $t (func (param i32) (result i32))) (table 2 funcref) (elem (i32.const 0) $a $b)
  (func $a (type $t) local.get 0 i32.const 1 i32.sub) (func $b (type $t) local.get 0 i32.const 2 i32.sub)
  (func (export "_start") (local i32) i32.const 300 local.set 0
    loop local.get 0 local.get 0 i32.const 1 i32.and call_indirect (type $t) local.tee 0 i32.const 0 i32.gt_s br_if 0 end))
