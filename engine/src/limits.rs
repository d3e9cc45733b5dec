//! Limits of the one guest of this process.
use crate::{Data, inner_mut, wasmtime_store_t};
use std::sync::Mutex;
use wasmtime::{ResourceLimiter, Result, Store};

#[repr(C)]
#[derive(Clone, Copy)]
struct Limits { memory_bytes: u64, table_elements: u32, instances: u32, tables: u32, memories: u32 }

#[repr(C)]
#[derive(Clone, Copy)]
struct Usage { memory_bytes: u64, memory_refused: bool, table_refused: bool }

static STATE: Mutex<(Limits, Usage)> = Mutex::new((
    Limits { memory_bytes: 0, table_elements: 0, instances: 0, tables: 0, memories: 0 },
    Usage { memory_bytes: 0, memory_refused: false, table_refused: false }, // bytes never shrink
));

struct Fence;

fn limits() -> Limits { STATE.lock().unwrap().0 }

impl ResourceLimiter for Fence {
    fn memory_growing(&mut self, now: usize, want: usize, max: Option<usize>) -> Result<bool> {
        let (limits, usage) = &mut *STATE.lock().unwrap();
        let total = usage.memory_bytes + (want - now) as u64;
        let own = max.is_none_or(|max| want <= max); // otherwise its own maximum refuses
        let fits = own && total <= limits.memory_bytes;
        usage.memory_bytes = if fits { total } else { usage.memory_bytes };
        usage.memory_refused |= own && !fits;
        Ok(fits)
    }
    fn table_growing(&mut self, _: usize, want: usize, _: Option<usize>) -> Result<bool> {
        let (limits, usage) = &mut *STATE.lock().unwrap();
        let fits = want <= limits.table_elements as usize;
        usage.table_refused |= !fits;
        Ok(fits)
    }
    fn instances(&self) -> usize { limits().instances as usize }
    fn tables(&self) -> usize { limits().tables as usize }
    fn memories(&self) -> usize { limits().memories as usize }
}

#[unsafe(no_mangle)]
extern "C" fn olw_store_limits(store: &mut wasmtime_store_t, limits: &Limits) {
    STATE.lock().unwrap().0 = *limits;
    let store: &mut Store<Data> = inner_mut(store);
    store.limiter(|_| Box::leak(Box::new(Fence))); // holds nothing, allocates nothing
}

#[unsafe(no_mangle)]
extern "C" fn olw_usage_read(ret: &mut Usage) { *ret = STATE.lock().unwrap().1; }
