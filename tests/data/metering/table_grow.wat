(module (table $t 1 funcref) (func (export "_start") ref.null func i32.const 50 table.grow $t drop))
