//! What wasmtime's C API lacks, as olw__ functions for engine/*.c. Mechanism only.
mod http;
mod limits;
mod run;
mod values;

use rand::{Rng, SeedableRng, rngs::StdRng};
use std::{borrow::Cow, ffi::c_void, os::fd::BorrowedFd};
use wasmtime::component::{Component, InstancePre, Linker, ResourceAny};
use wasmtime::{Config, Engine, Error, Module, OperatorCost, Result, Store};
use wasmtime_wasi::p2::IoError;
pub use wasmtime_c_api::*;

pub type Data = WasmtimeStoreData;

// Handles of the C API hold one field each; the casts rest on that (Engine 1.1).
const fn same<A, B>() { assert!(size_of::<A>() == size_of::<B>() && align_of::<A>() == align_of::<B>()) }
const _: () = {
    (same::<wasm_engine_t, Engine>(), same::<wasm_config_t, Config>());
    (same::<wasmtime_store_t, Store<Data>>(), same::<wasmtime_module_t, Module>());
    (same::<wasmtime_component_t, Component>(), same::<wasmtime_error_t, Error>());
    (same::<wasmtime_component_linker_t, Linker<Data>>(), same::<wasm_trap_t, Error>());
    same::<wasmtime_component_resource_any_t, ResourceAny>();
};

/// The Rust value inside of a handle.
pub fn inner<T, H>(handle: &H) -> &T { unsafe { &*std::ptr::from_ref(handle).cast() } }
pub fn inner_mut<T, H>(h: &mut H) -> &mut T { unsafe { &mut *std::ptr::from_mut(h).cast() } }

pub type Failed = Option<Box<wasmtime_error_t>>;

pub fn done<T>(result: Result<T>, take: impl FnOnce(T)) -> Failed {
    result.map(take).err().map(|e| Box::new(e.into()))
}
fn boxed<T, H>(value: T) -> *mut H { Box::into_raw(Box::new(value)).cast() }

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Str { data: *const u8, len: usize }

impl Str {
    pub fn of(bytes: &[u8]) -> Str { Str { data: bytes.as_ptr(), len: bytes.len() } }
    pub fn bytes<'a>(self) -> &'a [u8] { slice(self.data, self.len) }
    pub fn text<'a>(self) -> Cow<'a, str> { String::from_utf8_lossy(self.bytes()) }
}

/// What C promises to keep alive for the call.
pub fn slice<'a, T>(data: *const T, len: usize) -> &'a [T] {
    if len == 0 { &[] } else { unsafe { std::slice::from_raw_parts(data, len) } }
}

/// ol-fuel-1 (Engine 2, Worker 7.2), spelt out so that no later default of the engine leaks in.
fn operator_cost() -> OperatorCost {
    let mut cost = OperatorCost::new(); // one each, except these
    (cost.Nop, cost.Drop, cost.Block, cost.Loop) = (0, 0, 0, 0);
    (cost.Unreachable, cost.Return, cost.Else, cost.End) = (0, 0, 0, 0);
    let bulk = &mut cost.variable;
    (bulk.memory_copy_per_byte, bulk.memory_fill_per_byte, bulk.memory_init_per_byte) = (1, 1, 1);
    (bulk.table_copy_per_element, bulk.table_fill_per_element) = (1, 1);
    (bulk.table_init_per_element, bulk.table_grow_per_element) = (1, 1);
    bulk.memory_grow_per_page = 0;
    cost
}

#[unsafe(no_mangle)]
extern "C" fn olw__engine_new(mut c: Box<wasm_config_t>, ret: &mut *mut wasm_engine_t) -> Failed {
    let c: &mut Config = inner_mut(&mut *c);
    c.operator_cost(operator_cost()).table_lazy_init(true).generate_address_map(false);
    c.wasm_backtrace_max_frames(None);
    // Once for all forks: the signal stack, and what ciphers ask the CPU (cpuid is slow in a VM).
    Engine::tls_eager_initialize();
    StdRng::from_seed([0; 32]).next_u64(); // seeds nothing that a run uses
    done(Engine::new(c), |engine| *ret = boxed(engine))
}

#[cfg(feature = "compiler")]
#[unsafe(no_mangle)]
extern "C" fn olw__compile(
    engine: &wasm_engine_t, wasm: Str, component: bool, ret: &mut wasm_byte_vec_t,
) -> Failed {
    let (engine, wasm): (&Engine, _) = (inner(engine), wasm.bytes());
    let compile = if component { Engine::precompile_component } else { Engine::precompile_module };
    done(compile(engine, wasm), |bytes| *ret = bytes.into())
}

#[unsafe(no_mangle)]
extern "C" fn olw__module_load(
    engine: &wasm_engine_t, fd: i32, ret: &mut *mut wasmtime_module_t,
) -> Failed {
    let file = unsafe { BorrowedFd::borrow_raw(fd) }.try_clone_to_owned().map_err(Error::from);
    let load = |f| unsafe { Module::deserialize_open_file(inner(engine), std::fs::File::from(f)) };
    done(file.and_then(load), |module| *ret = boxed(module))
}

#[unsafe(no_mangle)]
extern "C" fn olw__prelink(
    linker: &wasmtime_component_linker_t, component: &wasmtime_component_t,
    ret: &mut *mut InstancePre<Data>,
) -> Failed {
    let linker: &Linker<Data> = inner(linker);
    done(linker.instantiate_pre(inner(component)), |pre| *ret = boxed(pre))
}

#[unsafe(no_mangle)]
extern "C" fn olw__pre_delete(_: Option<Box<InstancePre<Data>>>) {}

/// A dynamic host function holds what it borrowed until told, or the call fails.
#[unsafe(no_mangle)]
extern "C" fn olw__release(mut cx: WasmtimeStoreContextMut, any: &wasmtime_component_resource_any_t) {
    let any: &ResourceAny = inner(any);
    if any.try_into_resource_dynamic(&mut cx).is_err() {
        drop(any.try_into_resource::<IoError>(cx));
    }
}
