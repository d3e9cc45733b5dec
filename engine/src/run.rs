//! One run of a component: WASI context and event loop, made after the fork.
use crate::http::{Broker, Http, Hooks};
use crate::values::HostCall;
use crate::*;
use bytes::Bytes;
use std::{mem::forget, sync::Arc, sync::Mutex};
use tokio::io::AsyncWrite;
use wasmtime::component::{ComponentExportIndex, HasData, ResourceTable};
use wasmtime_wasi::cli::{IsTerminal, StdoutStream, WasiCli, WasiCliView};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView};
use wasmtime_wasi::p2::pipe::MemoryInputPipe;
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult, subscribe};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView, async_trait, random::WasiRandom};
use wasmtime_wasi_http::{WasiHttp, WasiHttpCtx, WasiHttpCtxView};

/// The state of the one run of this process.
pub struct Run {
    wasi: WasiCtx,
    table: ResourceTable,
    http: WasiHttpCtx,
    pub hooks: Hooks,
    pub env: *mut c_void,
    pub call: Option<HostCall>,
}

static mut RUN: Option<Run> = None;

unsafe impl Send for Run {} // one thread, for ever

pub fn run() -> &'static mut Run {
    unsafe { (*&raw mut RUN).as_mut() }.expect("a run under way")
}

impl WasiView for Run {
    fn ctx(&mut self) -> WasiCtxView<'_> { WasiCtxView { ctx: &mut self.wasi, table: &mut self.table } }
}

struct Io;
impl HasData for Io {
    type Data<'a> = &'a mut ResourceTable;
}

fn http(_: &mut Data) -> WasiHttpCtxView<'_> {
    let run = run();
    WasiHttpCtxView { ctx: &mut run.http, table: &mut run.table, hooks: &mut run.hooks }
}

fn link(l: &mut Linker<Data>) -> Result<()> {
    use wasmtime_wasi::p2::bindings::{cli, clocks, random};
    use wasmtime_wasi_http::p2::bindings::{LinkOptions, http};
    use wasmtime_wasi_io::bindings::wasi::io;
    macro_rules! add { ($($module:path, $has:ty, $get:expr;)*) => { $({
        use $module as module;
        module::add_to_linker::<Data, $has>(l, $get)?;
    })* } }
    add! {
        io::error, Io, |_| &mut run().table; io::poll, Io, |_| &mut run().table;
        io::streams, Io, |_| &mut run().table;
        clocks::wall_clock, WasiClocks, |_| run().clocks();
        clocks::monotonic_clock, WasiClocks, |_| run().clocks();
        random::random, WasiRandom, |_| run().wasi.random();
        random::insecure, WasiRandom, |_| run().wasi.random();
        random::insecure_seed, WasiRandom, |_| run().wasi.random();
        cli::exit, WasiCli, |_| run().cli(); cli::environment, WasiCli, |_| run().cli();
        cli::stdin, WasiCli, |_| run().cli(); cli::stdout, WasiCli, |_| run().cli();
        cli::stderr, WasiCli, |_| run().cli(); cli::terminal_input, WasiCli, |_| run().cli();
        cli::terminal_output, WasiCli, |_| run().cli();
        cli::terminal_stdin, WasiCli, |_| run().cli();
        cli::terminal_stdout, WasiCli, |_| run().cli();
        cli::terminal_stderr, WasiCli, |_| run().cli();
        http::outgoing_handler, WasiHttp, self::http;
    }
    http::types::add_to_linker::<Data, WasiHttp>(l, &LinkOptions::default().into(), self::http)
}

#[unsafe(no_mangle)]
extern "C" fn olw__link_wasi(linker: &mut wasmtime_component_linker_t) -> Failed {
    done(link(inner_mut(linker)), drop)
}

/// A standard stream kept in memory: beyond `max` it either ends the run or drops the rest.
struct Kept { bytes: Vec<u8>, max: usize, asked: u64, ends_run: bool }

#[derive(Clone)]
struct Sink(Arc<Mutex<Kept>>);

impl Sink {
    fn new(max: u64, ends_run: bool) -> Sink {
        let max = max as usize;
        Sink(Arc::new(Mutex::new(Kept { bytes: Vec::new(), max, asked: 0, ends_run })))
    }
    fn close(&self) -> (Str, u64) {
        let mut kept = self.0.lock().unwrap();
        (Str::of(std::mem::take(&mut kept.bytes).leak()), kept.asked)
    }
}

impl IsTerminal for Sink {
    fn is_terminal(&self) -> bool { false }
}

impl StdoutStream for Sink {
    fn p2_stream(&self) -> Box<dyn OutputStream> { Box::new(self.clone()) }
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> { unreachable!("p2 only") }
}

#[async_trait]
impl Pollable for Sink {
    async fn ready(&mut self) {}
}

impl OutputStream for Sink {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let mut kept = self.0.lock().unwrap();
        kept.asked += bytes.len() as u64;
        let fits = bytes.len().min(kept.max - kept.bytes.len());
        kept.bytes.extend_from_slice(&bytes[..fits]);
        let over = kept.ends_run && fits < bytes.len();
        if over { Err(StreamError::Trap(Error::msg("output limit exceeded"))) } else { Ok(()) }
    }
    fn flush(&mut self) -> StreamResult<()> { Ok(()) }
    fn check_write(&mut self) -> StreamResult<usize> { Ok(1 << 20) }
}

#[repr(C)]
struct Job {
    input: Str,
    environ: *const [Str; 2],
    environ_len: usize,
    max: [u64; 2],  // stdout, stderr
    fuel: [u64; 2], // instantiation, run
    host_env: *mut c_void,
    host_call: Option<HostCall>,
    http: Http,
}

#[repr(C)]
struct Outcome {
    started: bool, // failures before are ours, later ones the guest's
    run_failed: bool,
    fuel_used: u64,
    out: (Str, u64),
    err: (Str, u64),
}

/// A pollable that is ready, for whoever answers without a system behind it.
#[unsafe(no_mangle)]
extern "C" fn olw__pollable(
    cx: WasmtimeStoreContextMut, ret: &mut *mut wasmtime_component_resource_any_t,
) -> Failed {
    let table = &mut run().table;
    let ready = table.push(Sink::new(0, false)).and_then(|sink| Ok(subscribe(table, sink)));
    let any = ready.map_err(Error::from).flatten().and_then(|p| p.try_into_resource_any(cx));
    done(any, |any| *ret = boxed(any))
}

type Pre = InstancePre<Data>;
type Index = wasmtime_component_export_index_t;

#[unsafe(no_mangle)]
extern "C" fn olw__run(
    store: &mut wasmtime_store_t, pre: &Pre, index: &Index, job: &Job, ret: &mut Outcome,
) -> Failed {
    let store: &mut Store<Data> = inner_mut(store);
    let (out, err) = (Sink::new(job.max[0], true), Sink::new(job.max[1], false));
    let mut wasi = WasiCtx::builder();
    let input = MemoryInputPipe::new(Bytes::from_static(job.input.bytes()));
    wasi.stdin(input).stdout(out.clone()).stderr(err.clone());
    for [name, value] in slice(job.environ, job.environ_len) {
        wasi.env(name.text(), value.text());
    }
    let hooks = Hooks(Arc::new(Broker::new(job.http)));
    let (table, http) = (ResourceTable::new(), WasiHttpCtx::new());
    let run = Run { wasi: wasi.build(), table, http, hooks, env: job.host_env, call: job.host_call };
    unsafe { *&raw mut RUN = Some(run) };
    let mut events = tokio::runtime::Builder::new_current_thread();
    let events = if job.http.fd < 0 { &mut events } else { events.enable_io() };
    let events = events.enable_time().build().expect("an event loop");
    let result: Result<()> = events.block_on(async {
        store.set_fuel(job.fuel[0])?;
        let instance = pre.instantiate_async(&mut *store).await?;
        let index: &ComponentExportIndex = inner(index);
        let entry = instance.get_typed_func::<(), (Result<(), ()>,)>(&mut *store, index)?;
        store.set_fuel(job.fuel[1])?;
        ret.started = true;
        let result = entry.call_async(&mut *store, ()).await;
        ret.fuel_used = job.fuel[1] - store.get_fuel()?;
        ret.run_failed = result?.0.is_err();
        Ok(())
    });
    forget(events); // the process ends soon; it frees faster than we do
    (ret.out, ret.err) = (out.close(), err.close());
    done(result, drop)
}
