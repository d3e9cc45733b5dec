//! Limits of the one guest of this process: memory in total, its high-water mark, counts.

use std::sync::Mutex;
use wasmtime::{ResourceLimiter, Result, Store};
use wasmtime_c_api::{WasmtimeStoreData, wasmtime_store_t};

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Limits {
    memory_bytes: u64,
    table_elements: u32,
    instances: u32,
    tables: u32,
    memories: u32,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Usage {
    memory_bytes_peak: u64,
    memory_refused: bool,
    table_refused: bool,
}

struct Account {
    limits: Limits,
    table_elements: u64,
    usage: Usage,
}

static ACCOUNT: Mutex<Account> = Mutex::new(Account {
    limits: Limits { memory_bytes: 0, table_elements: 0, instances: 0, tables: 0, memories: 0 },
    table_elements: 0,
    usage: Usage { memory_bytes_peak: 0, memory_refused: false, table_refused: false },
});

struct Fence;

impl ResourceLimiter for Fence {
    // Memories never shrink, so what is held now is also the peak.
    fn memory_growing(&mut self, now: usize, want: usize, max: Option<usize>) -> Result<bool> {
        let mut a = ACCOUNT.lock().unwrap();
        if max.is_some_and(|m| want > m) {
            return Ok(false); // its own maximum, not ours
        }
        let total = a.usage.memory_bytes_peak + (want - now) as u64;
        let fits = total <= a.limits.memory_bytes;
        if fits {
            a.usage.memory_bytes_peak = total;
        }
        a.usage.memory_refused |= !fits;
        Ok(fits)
    }
    fn table_growing(&mut self, now: usize, want: usize, max: Option<usize>) -> Result<bool> {
        let mut a = ACCOUNT.lock().unwrap();
        if max.is_some_and(|m| want > m) {
            return Ok(false);
        }
        let total = a.table_elements + (want - now) as u64;
        let fits = total <= u64::from(a.limits.table_elements);
        if fits {
            a.table_elements = total;
        }
        a.usage.table_refused |= !fits;
        Ok(fits)
    }
    fn instances(&self) -> usize {
        ACCOUNT.lock().unwrap().limits.instances as usize
    }
    fn tables(&self) -> usize {
        ACCOUNT.lock().unwrap().limits.tables as usize
    }
    fn memories(&self) -> usize {
        ACCOUNT.lock().unwrap().limits.memories as usize
    }
}

pub fn fence<T: 'static>(store: &mut Store<T>, limits: &Limits) {
    ACCOUNT.lock().unwrap().limits = *limits;
    store.limiter(|_| Box::leak(Box::new(Fence))); // holds nothing, allocates nothing
}

pub fn usage() -> Usage {
    ACCOUNT.lock().unwrap().usage
}

#[unsafe(no_mangle)]
extern "C" fn olw_store_limits(store: &mut wasmtime_store_t, limits: &Limits) {
    let store: *mut Store<WasmtimeStoreData> = std::ptr::from_mut(store).cast();
    fence(unsafe { &mut *store }, limits);
}

#[unsafe(no_mangle)]
extern "C" fn olw_usage_read(ret: &mut Usage) {
    *ret = usage();
}
