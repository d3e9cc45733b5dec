(module (func (export "_start") f64.const 3.5 i32.trunc_f64_s f32.convert_i32_s f64.promote_f32 i64.trunc_sat_f64_u
  f64.reinterpret_i64 f64.sqrt f64.floor f32.demote_f64 i32.reinterpret_f32 i32.extend8_s drop))
