//! The shim behind include/olw.h. Mechanism only: which functions exist, what they answer and what
//! a failure means to anybody is decided in C.

mod http;
mod limits;
mod run;
mod world;

use std::os::fd::BorrowedFd;
use wasmtime::{Config, Engine, Error, Module, OperatorCost, Result, Trap};
pub use wasmtime_c_api::*;

// Handles of the C API hold one field each; these casts rest on that (Engine 1.1).
const fn same_layout<A, B>() {
    assert!(size_of::<A>() == size_of::<B>() && align_of::<A>() == align_of::<B>());
}
const _: () = {
    same_layout::<wasm_engine_t, Engine>();
    same_layout::<wasmtime_module_t, Module>();
    same_layout::<wasm_trap_t, Error>();
    same_layout::<wasmtime_error_t, Error>();
    same_layout::<wasmtime_store_t, wasmtime::Store<WasmtimeStoreData>>();
    assert!(Trap::StackOverflow as u8 == 0 && Trap::MemoryOutOfBounds as u8 == 1);
    assert!(Trap::UnreachableCodeReached as u8 == 9 && Trap::OutOfFuel as u8 == 11);
};

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Str {
    pub data: *const u8,
    pub len: usize,
}

impl Str {
    pub fn of(bytes: &[u8]) -> Str {
        Str { data: bytes.as_ptr(), len: bytes.len() }
    }
    /// # Safety: the C side keeps the bytes alive for the call.
    pub unsafe fn bytes<'a>(self) -> &'a [u8] {
        if self.len == 0 { &[] } else { unsafe { std::slice::from_raw_parts(self.data, self.len) } }
    }
    pub unsafe fn text<'a>(self) -> std::borrow::Cow<'a, str> {
        String::from_utf8_lossy(unsafe { self.bytes() })
    }
}

pub unsafe fn slice<'a, T>(data: *const T, len: usize) -> &'a [T] {
    if len == 0 { &[] } else { unsafe { std::slice::from_raw_parts(data, len) } }
}

pub unsafe fn c_text<'a>(text: *const std::ffi::c_char) -> &'a str {
    unsafe { std::ffi::CStr::from_ptr(text) }.to_str().expect("tables are UTF-8")
}

#[repr(C)]
pub struct Failure {
    trap: i32,
    exit_status: i32,
    text_len: u32,
    text: [u8; 1024],
}

impl Failure {
    /// The innermost message of a guest's failure, the whole chain of any other.
    pub fn set(&mut self, error: &Error) {
        let trap = error.downcast_ref::<Trap>();
        let exit = error.downcast_ref::<wasmtime_wasi::I32Exit>();
        self.trap = trap.map_or(-1, |t| i32::from(*t as u8));
        self.exit_status = exit.map_or(-1, |e| e.0);
        let innermost = trap.is_some() || exit.is_some();
        let text = if innermost { error.root_cause().to_string() } else { format!("{error:#}") };
        let mut len = text.len().min(self.text.len() - 1);
        while !text.is_char_boundary(len) {
            len -= 1;
        }
        self.text[..len].copy_from_slice(&text.as_bytes()[..len]);
        self.text[len] = 0;
        self.text_len = len as u32;
    }
}

/// A boxed result as a C handle, or null and the failure.
fn handle<T, H>(result: Result<T>, error: &mut Failure) -> *mut H {
    match result {
        Ok(value) => Box::into_raw(Box::new(value)).cast(),
        Err(e) => {
            error.set(&e);
            std::ptr::null_mut()
        }
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn olw_error_read(
    error: Option<&wasmtime_error_t>, trap: Option<&wasm_trap_t>, ret: &mut Failure,
) {
    let error = error.map(|e| std::ptr::from_ref(e).cast::<Error>());
    match error.or(trap.map(|t| std::ptr::from_ref(t).cast())) {
        Some(e) => ret.set(unsafe { &*e }),
        None => ret.set(&Error::msg("no failure was given")),
    }
}

/// ol-fuel-1 (Engine 2, Worker 7.2): one per operator, nothing for these eight, one per byte or
/// element of a bulk operation. Spelt out so that no later default of the engine leaks in.
fn operator_cost() -> OperatorCost {
    let mut cost = OperatorCost::new();
    (cost.Nop, cost.Drop, cost.Block, cost.Loop) = (0, 0, 0, 0);
    (cost.Unreachable, cost.Return, cost.Else, cost.End) = (0, 0, 0, 0);
    let bulk = &mut cost.variable;
    (bulk.memory_copy_per_byte, bulk.memory_fill_per_byte, bulk.memory_init_per_byte) = (1, 1, 1);
    (bulk.table_copy_per_element, bulk.table_fill_per_element) = (1, 1);
    (bulk.table_init_per_element, bulk.table_grow_per_element) = (1, 1);
    bulk.memory_grow_per_page = 0;
    cost
}

/// Engine 1, with Host interfaces 17 for multi-memory.
fn config(compile_threads: u32) -> Result<Config> {
    let mut c = Config::new();
    c.consume_fuel(true).operator_cost(operator_cost()).epoch_interruption(false);
    c.concurrency_support(false).wasm_component_model(true).gc_support(false);
    c.wasm_multi_memory(true).wasm_simd(true).wasm_tail_call(true).wasm_bulk_memory(true);
    c.wasm_relaxed_simd(false).wasm_memory64(false).wasm_custom_page_sizes(false);
    c.wasm_wide_arithmetic(false).wasm_stack_switching(false).shared_memory(false);
    c.wasm_component_model_map(false).wasm_component_model_error_context(false);
    c.memory_may_move(false).memory_reservation(4 << 30).memory_guard_size(32 << 20);
    c.memory_init_cow(true).table_lazy_init(true);
    c.max_wasm_stack(1 << 20).async_stack_size(2 << 20);
    c.native_unwind_info(false).generate_address_map(false).wasm_backtrace_max_frames(None);
    #[cfg(feature = "compiler")]
    {
        c.cranelift_nan_canonicalization(true).cranelift_debug_verifier(false);
        c.strategy(wasmtime::Strategy::Cranelift).parallel_compilation(compile_threads > 1);
        c.target("x86_64-unknown-linux-gnu")?;
        for flag in [
            "has_sse3", "has_ssse3", "has_sse41", "has_sse42", "has_popcnt", "has_avx", "has_avx2",
            "has_fma", "has_bmi1", "has_bmi2", "has_lzcnt", "has_cmpxchg16b",
        ] {
            unsafe { c.cranelift_flag_enable(flag) };
        }
    }
    let _ = compile_threads;
    Ok(c)
}

#[unsafe(no_mangle)]
extern "C" fn olw_engine_new(compile_threads: u32, error: &mut Failure) -> *mut wasm_engine_t {
    Engine::tls_eager_initialize(); // the signal stack, once for all forks
    handle(config(compile_threads).and_then(|c| Engine::new(&c)), error)
}

fn engine(engine: &wasm_engine_t) -> &Engine {
    unsafe { &*std::ptr::from_ref(engine).cast() }
}

#[cfg(feature = "compiler")]
#[unsafe(no_mangle)]
unsafe extern "C" fn olw_engine_fingerprint(e: &wasm_engine_t, ret: *mut u8, cap: usize) -> usize {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut digest = DefaultHasher::new();
    engine(e).precompile_compatibility_hash().hash(&mut digest);
    let text = format!("wasmtime-48.0.8/ol-fuel-1/x86-64-v3/{:016x}", digest.finish());
    let len = text.len().min(cap - 1);
    unsafe {
        std::ptr::copy_nonoverlapping(text.as_ptr(), ret, len);
        *ret.add(len) = 0;
    }
    len
}

#[cfg(feature = "compiler")]
#[unsafe(no_mangle)]
unsafe extern "C" fn olw_compile(
    e: &wasm_engine_t, wasm: Str, component: bool,
    sink: extern "C" fn(*mut std::ffi::c_void, *const u8, usize) -> bool,
    env: *mut std::ffi::c_void, error: &mut Failure,
) -> bool {
    let wasm = unsafe { wasm.bytes() };
    let artifact = match component {
        true => engine(e).precompile_component(wasm),
        false => engine(e).precompile_module(wasm),
    };
    match artifact {
        Ok(bytes) if sink(env, bytes.as_ptr(), bytes.len()) => return true,
        Ok(_) => error.set(&Error::msg("the artifact could not be stored")),
        Err(e) => error.set(&e),
    }
    false
}

#[unsafe(no_mangle)]
extern "C" fn olw_module_load(
    e: &wasm_engine_t, fd: i32, error: &mut Failure,
) -> *mut wasmtime_module_t {
    let file = unsafe { BorrowedFd::borrow_raw(fd) }.try_clone_to_owned();
    let load = |f| unsafe { Module::deserialize_open_file(engine(e), std::fs::File::from(f)) };
    handle(file.map_err(Error::from).and_then(load), error)
}
