(module (table $t 100 funcref) (func $f) (elem declare func $f) (func (export "_start") i32.const 0 ref.func $f i32.const 100 table.fill $t))
