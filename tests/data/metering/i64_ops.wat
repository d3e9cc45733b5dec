(module (func (export "_start") (local i64) i64.const 81985529216486895 local.set 0
  local.get 0 i64.clz local.get 0 i64.ctz i64.add local.get 0 i64.popcnt i64.add i64.const 7 i64.rem_u
  local.get 0 i64.const 13 i64.rotl i64.xor i64.const 3 i64.div_s i32.wrap_i64 drop))
