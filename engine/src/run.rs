//! One run of a component: context, store and event loop, all made after the fork.

use crate::http::{Broker, CHttp, Hooks};
use crate::limits::{Limits, Usage, fence, usage};
use crate::world::{HostCall, Prelinked};
use crate::{Failure, Str, slice};
use bytes::Bytes;
use std::ffi::c_void;
use std::sync::{Arc, Mutex};
use tokio::io::AsyncWrite;
use wasmtime::component::ResourceTable;
use wasmtime::{Error, Result, Store};
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::pipe::MemoryInputPipe;
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView, async_trait};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

pub struct Run {
    ctx: WasiCtx,
    table: ResourceTable,
    http: WasiHttpCtx,
    hooks: Hooks,
    pub broker: Arc<Broker>,
    pub host_env: *mut c_void,
    pub host_call: Option<HostCall>,
}

unsafe impl Send for Run {} // one thread, for ever

impl WasiView for Run {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.ctx, table: &mut self.table }
    }
}

impl WasiHttpView for Run {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.hooks }
    }
}

/// A standard stream kept in memory: beyond `max` it either ends the run or drops the rest.
struct Kept {
    bytes: Vec<u8>,
    max: u64,
    asked: u64,
    ends_run: bool,
}

#[derive(Clone)]
struct Sink(Arc<Mutex<Kept>>);

impl Sink {
    fn new(max: u64, ends_run: bool) -> Sink {
        Sink(Arc::new(Mutex::new(Kept { bytes: Vec::new(), max, asked: 0, ends_run })))
    }
    fn close(self) -> (Str, u64, bool) {
        let mut kept = self.0.lock().unwrap();
        let bytes = std::mem::take(&mut kept.bytes).leak();
        (Str::of(bytes), kept.asked, kept.ends_run && kept.asked > kept.max)
    }
}

impl IsTerminal for Sink {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Sink {
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        unreachable!("components write through p2_stream")
    }
}

#[async_trait]
impl Pollable for Sink {
    async fn ready(&mut self) {}
}

impl OutputStream for Sink {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let mut kept = self.0.lock().unwrap();
        kept.asked += bytes.len() as u64;
        let room = (kept.max as usize).saturating_sub(kept.bytes.len());
        if kept.ends_run && bytes.len() > room {
            return Err(StreamError::Trap(Error::msg("output limit exceeded")));
        }
        kept.bytes.extend_from_slice(&bytes[..bytes.len().min(room)]);
        Ok(())
    }
    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }
    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(1 << 20)
    }
}

#[repr(C)]
pub struct Job {
    input: Str,
    environ: *const [Str; 2],
    environ_len: usize,
    stdout_bytes_max: u64,
    stderr_bytes_max: u64,
    init_fuel: u64,
    fuel: u64,
    limits: Limits,
    host_env: *mut c_void,
    host_call: Option<HostCall>,
    http: CHttp,
}

#[repr(C)]
#[derive(Clone, Copy)]
enum End {
    Ok,
    RunErr,
    ExitErr,
    Trap,
    Output,
    Init,
}

#[repr(C)]
pub struct Outcome {
    end: End,
    error: Failure,
    fuel_used: u64,
    usage: Usage,
    out: Str,
    err: Str,
    out_bytes_asked: u64,
    err_bytes_asked: u64,
}

async fn call(store: &mut Store<Run>, p: &Prelinked, job: &Job, ret: &mut Outcome) -> Result<End> {
    store.set_fuel(job.init_fuel)?;
    let instance = p.pre.instantiate_async(&mut *store).await?;
    let run = instance.get_typed_func::<(), (Result<(), ()>,)>(&mut *store, p.run)?;
    store.set_fuel(job.fuel)?;
    ret.end = End::Trap; // from here on a failure is the guest's
    let (result,) = run.call_async(&mut *store, ()).await?;
    Ok(if result.is_ok() { End::Ok } else { End::RunErr })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn olw_run(prelinked: &Prelinked, job: &Job, ret: &mut Outcome) {
    let (out, err) = (Sink::new(job.stdout_bytes_max, true), Sink::new(job.stderr_bytes_max, false));
    let mut ctx = WasiCtx::builder();
    let input = Bytes::from_static(unsafe { job.input.bytes() });
    ctx.stdin(MemoryInputPipe::new(input)).stdout(out.clone()).stderr(err.clone());
    for [name, value] in unsafe { slice(job.environ, job.environ_len) } {
        ctx.env(unsafe { name.text() }, unsafe { value.text() });
    }
    let mut events = tokio::runtime::Builder::new_current_thread();
    events.enable_time();
    if job.http.fd >= 0 {
        events.enable_io();
    }
    let events = events.build().expect("an event loop");
    ret.end = End::Init;
    ret.fuel_used = 0;
    let result = events.block_on(async {
        let broker = Arc::new(Broker::new(job.http));
        let run = Run {
            ctx: ctx.build(),
            table: ResourceTable::new(),
            http: WasiHttpCtx::new(),
            hooks: Hooks(broker.clone()),
            broker,
            host_env: job.host_env,
            host_call: job.host_call,
        };
        let mut store = Store::new(prelinked.pre.engine(), run);
        fence(&mut store, &job.limits);
        let result = call(&mut store, prelinked, job, ret).await;
        if !matches!(ret.end, End::Init) {
            ret.fuel_used = job.fuel - store.get_fuel().unwrap_or(0);
        }
        std::mem::forget(store); // the process ends soon; it frees faster than we do
        result
    });
    std::mem::forget(events);
    let (out, err) = (out.close(), err.close());
    match result {
        Ok(end) => ret.end = end,
        Err(e) => {
            ret.error.set(&e);
            let exit = e.downcast_ref::<wasmtime_wasi::I32Exit>().map(|e| e.0);
            ret.end = match (ret.end, exit) {
                (End::Trap, _) if out.2 => End::Output,
                (End::Trap, Some(0)) => End::Ok,
                (End::Trap, Some(_)) => End::ExitErr,
                (end, _) => end,
            };
        }
    }
    ret.usage = usage();
    (ret.out, ret.out_bytes_asked, ret.err, ret.err_bytes_asked) = (out.0, out.1, err.0, err.1);
}
