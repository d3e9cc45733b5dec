(module (func $even (param i32) (result i32) local.get 0 i32.eqz if i32.const 1 return end local.get 0 i32.const 1 i32.sub return_call $odd)
  (func $odd (param i32) (result i32) local.get 0 i32.eqz if i32.const 0 return end local.get 0 i32.const 1 i32.sub return_call $even)
  (func (export "_start") i32.const 1000 call $even drop))
