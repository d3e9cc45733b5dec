//! Host functions whose types are known, so that a list of bytes is not a list of boxes.
use crate::{Data, Failed, Str, done, inner_mut, run, slice, wasmtime_component_linker_t};
use std::{ffi::c_void, ptr::null};
use wasmtime::component::{ComponentNamedList, ComponentType, Lift, Linker, LinkerInstance, Lower};
use wasmtime::{Result, StoreContextMut, bail};

#[repr(C)]
pub struct Value { number: u64, bytes: Str }

pub type HostCall =
    extern "C" fn(*mut c_void, u32, *const Value, usize, &mut *const Value, &mut usize) -> bool;

type Rest<'a> = std::slice::Iter<'a, Value>;

/// A value in the flat form of olw.h.
trait Flat: Sized {
    fn put(&self, out: &mut Vec<Value>);
    fn take(rest: &mut Rest) -> Option<Self>;
}

macro_rules! flat { ($($t:ty: $put:expr, $take:expr;)*) => { $(
    impl Flat for $t {
        fn put(&self, out: &mut Vec<Value>) {
            let (number, bytes) = $put(self);
            out.push(Value { number, bytes: Str::of(bytes) });
        }
        fn take(rest: &mut Rest) -> Option<Self> {
            rest.next().map($take)
        }
    })* }
}
flat! {
    bool: |v: &bool| (*v as u64, &[]), |v| v.number != 0;
    u16: |v: &u16| (*v as u64, &[]), |v| v.number as u16;
    u32: |v: &u32| (*v as u64, &[]), |v| v.number as u32;
    u64: |v: &u64| (*v, &[]), |v| v.number;
    i64: |v: &i64| (*v as u64, &[]), |v| v.number as i64;
    String: |v: &String| (0, unsafe { &*(v.as_bytes() as *const _) }), |v| v.bytes.text().into();
    Vec<u8>: |v: &Vec<u8>| (0, unsafe { &*(v.as_slice() as *const _) }), |v| v.bytes.bytes().into();
}

impl<T: Flat> Flat for Option<T> {
    fn put(&self, out: &mut Vec<Value>) {
        self.is_some().put(out);
        self.iter().for_each(|v| v.put(out));
    }
    fn take(rest: &mut Rest) -> Option<Self> {
        if bool::take(rest)? { T::take(rest).map(Some) } else { Some(None) }
    }
}

impl Flat for Vec<(String, String)> {
    fn put(&self, out: &mut Vec<Value>) {
        (self.len() as u64).put(out);
        self.iter().for_each(|pair| pair.put(out));
    }
    fn take(rest: &mut Rest) -> Option<Self> {
        (0..u64::take(rest)?).map(|_| Flat::take(rest)).collect()
    }
}

macro_rules! tuples { ($(($($t:ident)*))*) => { $(
    #[allow(non_snake_case, unused_variables)]
    impl<$($t: Flat),*> Flat for ($($t,)*) {
        fn put(&self, out: &mut Vec<Value>) { let ($($t,)*) = self; $($t.put(out);)* }
        fn take(rest: &mut Rest) -> Option<Self> { Some(($($t::take(rest)?,)*)) }
    })* }
}
tuples!(() (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G H));

#[derive(ComponentType, Lower)]
#[component(record)]
struct Response { status: u16, headers: Vec<(String, String)>, body: Vec<u8> }

impl Flat for Result<Response, String> {
    fn put(&self, _: &mut Vec<Value>) {} // a result, never an argument
    fn take(rest: &mut Rest) -> Option<Self> {
        let failed = bool::take(rest)?;
        let good = |(status, headers, body)| Ok(Response { status, headers, body });
        if failed { Flat::take(rest).map(Err) } else { Flat::take(rest).map(good) }
    }
}

fn typed<A, R>(l: &mut LinkerInstance<Data>, name: &str, index: u32) -> Result<()>
where
    A: ComponentNamedList + Lift + Flat + 'static,
    R: ComponentNamedList + Lower + Flat + 'static,
{
    l.func_wrap(name, move |_: StoreContextMut<Data>, args: A| {
        let (mut flat, mut ret, mut len, run) = (Vec::new(), null(), 0, run::run());
        args.put(&mut flat);
        let call = |c: HostCall| c(run.env, index, flat.as_ptr(), flat.len(), &mut ret, &mut len);
        let good = run.call.is_some_and(call);
        run.hooks.0.wake(); // events of HTTP streams may have been read on the way
        let mut rest = slice(ret, if good { len } else { 0 }).iter();
        match R::take(&mut rest) {
            Some(value) if good && rest.len() == 0 => Ok(value),
            _ => bail!("host call failed"),
        }
    })
}

fn by_signature(l: &mut LinkerInstance<Data>, name: &str, sig: &str, index: u32) -> Result<()> {
    type S = String;
    type B = Vec<u8>;
    type H = Vec<(S, S)>;
    type R = Result<Response, S>;
    macro_rules! sigs { ($($sig:literal $args:ty, $ret:ty;)*) => { match sig {
        $($sig => typed::<$args, ($ret,)>(l, name, index),)*
        other => bail!("unknown signature {other} of {name}"),
    } } }
    sigs! {
        ">s" (), S; "s>s" (S,), S; "u>s" (u64,), S;
        ">ss" (), (S, S); "s>ss" (S,), (S, S); "ss>ss" (S, S), (S, S);
        "sss>ss" (S, S, S), (S, S); "ssss>ss" (S, S, S, S), (S, S);
        "sssss>ss" (S, S, S, S, S), (S, S);
        "ssssssss>ss" (S, S, S, S, S, S, S, S), (S, S);
        "s>ssss" (S,), (S, S, S, S); "s>t" (S,), bool;
        "sb>s" (S, B), S; "sbT>s" (S, B, Option<bool>), S;
        "s>bs" (S,), (B, S); "ss>bs" (S, S), (B, S); "sS>bs" (S, Option<S>), (B, S);
        "sb>ts" (S, B), (bool, S); "sbb>tbs" (S, B, B), (bool, B, S);
        "si>is" (S, i64), (i64, S); "sshbww>R" (S, S, H, B, u32, u32), R;
    }
}

#[unsafe(no_mangle)]
extern "C" fn olw__link_fn(
    linker: &mut wasmtime_component_linker_t, interface: Str, name: Str, sig: Str, index: u32,
) -> Failed {
    let linker: &mut Linker<Data> = inner_mut(linker);
    let interface = linker.instance(&interface.text());
    let result = interface.and_then(|mut l| by_signature(&mut l, &name.text(), &sig.text(), index));
    done(result, drop)
}
