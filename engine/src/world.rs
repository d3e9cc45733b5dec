//! What a component may import: upstream's WASI, tables of host functions, tables of fixed answers.

use crate::run::Run;
use crate::{Failure, Str, c_text, handle, slice};
use std::ffi::{c_char, c_void};
use std::sync::Arc;
use wasmtime::component::{
    Component, ComponentNamedList, ComponentType, InstancePre, Lift, Linker, LinkerInstance, Lower,
    ResourceDynamic, ResourceType, Val, types::ComponentItem,
};
use wasmtime::{Engine, Error, Result, StoreContextMut, bail, format_err};
use wasmtime_c_api::wasm_engine_t;
use wasmtime_wasi::cli::{WasiCli, WasiCliView};
use wasmtime_wasi::p2::{IoError, Pollable, bindings as wasi, subscribe};
use wasmtime_wasi::random::WasiRandom;
use wasmtime_wasi::{WasiView, async_trait};

// ---- host functions -------------------------------------------------------------------------

#[repr(C)]
#[derive(Clone, Copy)]
pub struct CVal {
    number: u64,
    bytes: Str,
}

pub type HostCall = extern "C" fn(
    *mut c_void, u32, *const CVal, usize, &mut *const CVal, &mut usize,
) -> bool;

type Rest<'a> = std::slice::Iter<'a, CVal>;

/// A value of the component model in its flat C form.
trait Flat: Sized {
    fn put(&self, out: &mut Vec<CVal>);
    fn take(rest: &mut Rest) -> Option<Self>;
}

fn put_number(out: &mut Vec<CVal>, number: u64) {
    out.push(CVal { number, bytes: Str::of(&[]) });
}

macro_rules! flat_numbers { ($($t:ty: $from:expr),*) => { $(
    impl Flat for $t {
        fn put(&self, out: &mut Vec<CVal>) { put_number(out, *self as u64) }
        fn take(rest: &mut Rest) -> Option<Self> { rest.next().map(|v| $from(v.number)) }
    })* }
}
flat_numbers!(bool: |n| n != 0, u16: |n| n as u16, u32: |n| n as u32, u64: |n| n, i64: |n| n as i64);

impl Flat for Vec<u8> {
    fn put(&self, out: &mut Vec<CVal>) {
        out.push(CVal { number: 0, bytes: Str::of(self) });
    }
    fn take(rest: &mut Rest) -> Option<Self> {
        rest.next().map(|v| unsafe { v.bytes.bytes() }.to_vec())
    }
}

impl Flat for String {
    fn put(&self, out: &mut Vec<CVal>) {
        out.push(CVal { number: 0, bytes: Str::of(self.as_bytes()) });
    }
    fn take(rest: &mut Rest) -> Option<Self> {
        rest.next().map(|v| unsafe { v.bytes.text() }.into_owned())
    }
}

impl<T: Flat> Flat for Option<T> {
    fn put(&self, out: &mut Vec<CVal>) {
        put_number(out, self.is_some() as u64);
        self.iter().for_each(|v| v.put(out));
    }
    fn take(rest: &mut Rest) -> Option<Self> {
        if bool::take(rest)? { T::take(rest).map(Some) } else { Some(None) }
    }
}

impl Flat for Vec<(String, String)> {
    fn put(&self, out: &mut Vec<CVal>) {
        put_number(out, self.len() as u64);
        self.iter().for_each(|pair| pair.put(out));
    }
    fn take(rest: &mut Rest) -> Option<Self> {
        (0..u64::take(rest)?).map(|_| <(String, String)>::take(rest)).collect()
    }
}

macro_rules! flat_tuples { ($(($($t:ident)*))*) => { $(
    #[allow(non_snake_case, unused_variables)]
    impl<$($t: Flat),*> Flat for ($($t,)*) {
        fn put(&self, out: &mut Vec<CVal>) { let ($($t,)*) = self; $($t.put(out);)* }
        fn take(rest: &mut Rest) -> Option<Self> { Some(($($t::take(rest)?,)*)) }
    })* }
}
flat_tuples!(() (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G H));

#[derive(ComponentType, Lower)]
#[component(record)]
struct Response {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Flat for Result<Response, String> {
    fn put(&self, _: &mut Vec<CVal>) {
        unreachable!("a result, never an argument");
    }
    fn take(rest: &mut Rest) -> Option<Self> {
        if bool::take(rest)? {
            return String::take(rest).map(Err);
        }
        let (status, headers, body) = Flat::take(rest)?;
        Some(Ok(Response { status, headers, body }))
    }
}

type Instance<'a> = LinkerInstance<'a, Run>;

fn host_fn<A, R>(l: &mut Instance, name: &str, index: u32) -> Result<()>
where
    A: ComponentNamedList + Lift + Flat + 'static,
    R: ComponentNamedList + Lower + Flat + 'static,
{
    l.func_wrap(name, move |cx: StoreContextMut<Run>, args: A| {
        let (mut flat, mut ret, mut len) = (Vec::new(), std::ptr::null(), 0);
        args.put(&mut flat);
        let run = cx.data();
        let call = run.host_call.ok_or_else(|| format_err!("host call failed"))?;
        let good = call(run.host_env, index, flat.as_ptr(), flat.len(), &mut ret, &mut len);
        run.broker.wake(); // events of HTTP streams may have been read on the way
        let mut rest = unsafe { slice(ret, if good { len } else { 0 }) }.iter();
        match R::take(&mut rest) {
            Some(value) if good && rest.len() == 0 => Ok(value),
            _ => bail!("host call failed"),
        }
    })
}

fn add_host_fn(l: &mut Instance, name: &str, signature: &str, index: u32) -> Result<()> {
    type S = String;
    type B = Vec<u8>;
    type Pairs = Vec<(String, String)>;
    macro_rules! sigs { ($($text:literal: $a:ty => $r:ty,)*) => {
        match signature {
            $($text => host_fn::<$a, $r>(l, name, index),)*
            other => bail!("unknown signature {other} of {name}"),
        } }
    }
    sigs! {
        ">s": () => (S,),
        "s>s": (S,) => (S,),
        "u>s": (u64,) => (S,),
        ">ss": () => ((S, S),),
        "s>ss": (S,) => ((S, S),),
        "ss>ss": (S, S) => ((S, S),),
        "sss>ss": (S, S, S) => ((S, S),),
        "ssss>ss": (S, S, S, S) => ((S, S),),
        "sssss>ss": (S, S, S, S, S) => ((S, S),),
        "ssssssss>ss": (S, S, S, S, S, S, S, S) => ((S, S),),
        "s>ssss": (S,) => ((S, S, S, S),),
        "s>t": (S,) => (bool,),
        "sb>s": (S, B) => (S,),
        "sbT>s": (S, B, Option<bool>) => (S,),
        "s>bs": (S,) => ((B, S),),
        "ss>bs": (S, S) => ((B, S),),
        "sS>bs": (S, Option<S>) => ((B, S),),
        "sb>ts": (S, B) => ((bool, S),),
        "sbb>tbs": (S, B, B) => ((bool, B, S),),
        "si>is": (S, i64) => ((i64, S),),
        "sshbww>R": (S, S, Pairs, B, u32, u32) => (Result<Response, String>,),
    }
}

// ---- fixed answers --------------------------------------------------------------------------

struct Ready;

#[async_trait]
impl Pollable for Ready {
    async fn ready(&mut self) {}
}

type Cx<'a> = StoreContextMut<'a, Run>;

/// An owned handle to a fresh resource: a ready pollable, or one of the declared kinds.
fn own(cx: &mut Cx, kinds: &[String], name: &str) -> Result<Val> {
    if name == "pollable" {
        let table = cx.data_mut().ctx().table;
        let ready = table.push(Ready)?;
        let pollable = subscribe(table, ready)?;
        return Ok(Val::Resource(pollable.try_into_resource_any(cx)?));
    }
    let kind = kinds.iter().position(|k| k == name);
    let kind = kind.ok_or_else(|| format_err!("no resource {name}"))? as u32;
    Ok(Val::Resource(ResourceDynamic::new_own(0, kind).try_into_resource_any(cx)?))
}

/// The value notation of olw.h; `p` moves past what was read.
fn value(cx: &mut Cx, kinds: &[String], p: &mut &str) -> Result<Val> {
    fn eat(p: &mut &str, c: char) -> bool {
        *p = p.trim_start();
        p.strip_prefix(c).map(|rest| *p = rest).is_some()
    }
    fn word<'a>(p: &mut &'a str) -> &'a str {
        *p = p.trim_start();
        let end = p.find(|c: char| !c.is_alphanumeric() && c != '-').unwrap_or(p.len());
        let (word, rest) = p.split_at(end);
        *p = rest;
        word
    }
    let mut many = |p: &mut &str, end: char| -> Result<Vec<Val>> {
        let mut items = Vec::new();
        while !eat(p, end) {
            items.push(value(cx, kinds, p)?);
        }
        Ok(items)
    };
    if eat(p, '[') {
        return many(p, ']').map(Val::List);
    }
    if eat(p, '(') {
        return many(p, ')').map(Val::Tuple);
    }
    if eat(p, '"') {
        let (text, rest) = p.split_once('"').ok_or_else(|| format_err!("open string"))?;
        *p = rest;
        return Ok(Val::String(text.into()));
    }
    if eat(p, '{') {
        let mut flags = Vec::new();
        while !eat(p, '}') {
            flags.push(word(p).to_string());
        }
        return Ok(Val::Flags(flags));
    }
    let head = word(p);
    if eat(p, '(') {
        let item = match head {
            "rec" => {
                let mut fields = Vec::new();
                while !p.trim_start().starts_with(')') {
                    let name = word(p).to_string();
                    eat(p, '=');
                    fields.push((name, value(cx, kinds, p)?));
                }
                Val::Record(fields)
            }
            "own" => own(cx, kinds, word(p))?,
            "var" => Val::Variant(word(p).into(), Some(Box::new(value(cx, kinds, p)?))),
            "ok" => Val::Result(Ok(Some(Box::new(value(cx, kinds, p)?)))),
            "err" => Val::Result(Err(Some(Box::new(value(cx, kinds, p)?)))),
            "some" => Val::Option(Some(Box::new(value(cx, kinds, p)?))),
            other => bail!("unknown form {other}"),
        };
        return if eat(p, ')') { Ok(item) } else { bail!("open {head}") };
    }
    Ok(match head {
        "ok" => Val::Result(Ok(None)),
        "none" => Val::Option(None),
        "true" | "false" => Val::Bool(head == "true"),
        n if n.ends_with("u64") => Val::U64(n[..n.len() - 3].parse()?),
        n if n.ends_with("u32") => Val::U32(n[..n.len() - 3].parse()?),
        n if n.ends_with("u8") => Val::U8(n[..n.len() - 2].parse()?),
        case => Val::Enum(case.into()),
    })
}

#[repr(C)]
pub struct Answer {
    interface: *const c_char,
    name: *const c_char,
    condition: *const c_char,
    answer: *const c_char,
}

struct Row {
    interface: String,
    name: String,
    condition: Option<String>,
    answer: String,
}

fn holds(condition: &Option<String>, args: &[Val]) -> bool {
    args.iter().any(|arg| match (condition.as_deref().unwrap_or_default().split_at_checked(1), arg) {
        (Some((".", want)), Val::String(text)) => text == want,
        (Some(("+", want)), Val::Flags(flags)) => flags.iter().any(|f| f == want),
        _ => false,
    }) || condition.is_none()
}

fn add_answers(linker: &mut Linker<Run>, rows: Vec<Row>) -> Result<()> {
    let resource = |r: &Row| r.name.strip_prefix("resource ").map(str::to_string);
    let kinds: Arc<Vec<String>> = Arc::new(rows.iter().filter_map(resource).collect());
    let rows = Arc::new(rows);
    for (i, row) in rows.iter().enumerate() {
        let mut l = linker.instance(&row.interface)?;
        if let Some(kind) = resource(row) {
            let number = kinds.iter().position(|k| *k == kind).unwrap_or_default() as u32;
            l.resource(&kind, ResourceType::host_dynamic(number), |_, _| Ok(()))?;
        } else if i == 0 || rows[i - 1].name != row.name {
            let (rows, kinds) = (rows.clone(), kinds.clone());
            l.func_new(&row.name, move |mut cx, _, args, results| {
                for arg in args {
                    if let Val::Resource(borrowed) = arg {
                        let taken = borrowed.try_into_resource_dynamic(&mut cx).map(drop);
                        taken.or_else(|_| borrowed.try_into_resource::<IoError>(&mut cx).map(drop))?;
                    }
                }
                let name = &rows[i].name;
                let mut same = rows[i..].iter().take_while(|r| r.name == *name);
                let row = same.find(|r| holds(&r.condition, args));
                let mut text = row.ok_or_else(|| format_err!("{name} has no answer"))?.answer.as_str();
                for result in results {
                    *result = value(&mut cx, &kinds, &mut text)?;
                }
                Ok(())
            })?;
        }
    }
    Ok(())
}

// ---- worlds ---------------------------------------------------------------------------------

#[repr(C)]
pub struct HostFn {
    interface: *const c_char,
    name: *const c_char,
    signature: *const c_char,
}

unsafe fn world(engine: &Engine, answers: &[Answer], functions: &[HostFn]) -> Result<Linker<Run>> {
    let mut linker = Linker::<Run>::new(engine);
    let l = &mut linker;
    wasmtime_wasi::p2::add_to_linker_proxy_interfaces_async(l)?;
    wasi::random::insecure::add_to_linker::<Run, WasiRandom>(l, |r| r.ctx().ctx.random())?;
    wasi::random::insecure_seed::add_to_linker::<Run, WasiRandom>(l, |r| r.ctx().ctx.random())?;
    wasi::cli::exit::add_to_linker::<Run, WasiCli>(l, Run::cli)?;
    wasi::cli::environment::add_to_linker::<Run, WasiCli>(l, Run::cli)?;
    wasi::cli::terminal_input::add_to_linker::<Run, WasiCli>(l, Run::cli)?;
    wasi::cli::terminal_output::add_to_linker::<Run, WasiCli>(l, Run::cli)?;
    wasi::cli::terminal_stdin::add_to_linker::<Run, WasiCli>(l, Run::cli)?;
    wasi::cli::terminal_stdout::add_to_linker::<Run, WasiCli>(l, Run::cli)?;
    wasi::cli::terminal_stderr::add_to_linker::<Run, WasiCli>(l, Run::cli)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(l)?;
    let text = |p: *const c_char| unsafe { c_text(p) }.to_string();
    let row = |a: &Answer| Row {
        interface: text(a.interface),
        name: text(a.name),
        condition: (!a.condition.is_null()).then(|| text(a.condition)),
        answer: text(a.answer),
    };
    add_answers(l, answers.iter().map(row).collect())?;
    for (i, f) in functions.iter().enumerate() {
        add_host_fn(&mut l.instance(&text(f.interface))?, &text(f.name), &text(f.signature), i as u32)?;
    }
    Ok(linker)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn olw_world_new(
    engine: &wasm_engine_t, answers: *const Answer, answers_len: usize,
    functions: *const HostFn, functions_len: usize, error: &mut Failure,
) -> *mut Linker<Run> {
    let (answers, functions) =
        unsafe { (slice(answers, answers_len), slice(functions, functions_len)) };
    handle(unsafe { world(crate::engine(engine), answers, functions) }, error)
}

#[unsafe(no_mangle)]
extern "C" fn olw_world_delete(_: Option<Box<Linker<Run>>>) {}

pub struct Loaded {
    component: Component,
    imports: Vec<String>,
}

fn load(engine: &Engine, fd: i32) -> Result<Loaded> {
    // The engine opens components by name only; the kernel has one for every descriptor.
    let path = format!("/proc/self/fd/{fd}");
    let component = unsafe { Component::deserialize_file(engine, path) }?;
    let imports = component.component_type().imports(engine).map(|(n, _)| n.to_string()).collect();
    Ok(Loaded { component, imports })
}

#[unsafe(no_mangle)]
extern "C" fn olw_component_load(e: &wasm_engine_t, fd: i32, error: &mut Failure) -> *mut Loaded {
    handle(load(crate::engine(e), fd), error)
}

#[unsafe(no_mangle)]
extern "C" fn olw_component_delete(_: Option<Box<Loaded>>) {}

#[unsafe(no_mangle)]
extern "C" fn olw_component_import(loaded: &Loaded, nth: usize, ret: &mut Str) -> bool {
    loaded.imports.get(nth).map(|name| *ret = Str::of(name.as_bytes())).is_some()
}

pub struct Prelinked {
    pub pre: InstancePre<Run>,
    pub run: wasmtime::component::ComponentExportIndex,
}

fn prelink(linker: &Linker<Run>, loaded: &Loaded) -> Result<Prelinked> {
    let component = &loaded.component;
    let pre = linker.instantiate_pre(&component)?;
    let is_run = |name: &str| name.starts_with("wasi:cli/run@0.2.");
    let find = || -> Option<_> {
        let ty = component.component_type();
        let (name, _) = ty.exports(component.engine()).find(|(n, item)| {
            is_run(n) && matches!(item.ty, ComponentItem::ComponentInstance(_))
        })?;
        let instance = component.get_export_index(None, name)?;
        component.get_export_index(Some(&instance), "run")
    };
    let run = find().ok_or_else(|| Error::msg("no export wasi:cli/run@0.2.x"))?;
    Ok(Prelinked { pre, run })
}

#[unsafe(no_mangle)]
extern "C" fn olw_prelink(
    linker: &Linker<Run>, loaded: &Loaded, error: &mut Failure,
) -> *mut Prelinked {
    handle(prelink(linker, loaded), error)
}

#[unsafe(no_mangle)]
extern "C" fn olw_prelinked_delete(_: Option<Box<Prelinked>>) {}
