(module (table $t 64 funcref) (func (export "_start") i32.const 32 i32.const 0 i32.const 20 table.copy $t $t))
