(module (table $t 64 funcref) (func $f) (elem $e func $f $f $f $f) (func (export "_start") i32.const 0 i32.const 0 i32.const 4 table.init $t $e elem.drop $e))
