//! wasi:http, sending: requests go as events to a broker outside of the process (Engine 4, D).
use crate::Str;
use bytes::Bytes;
use http::{HeaderName, Request, Response, header};
use http_body::Body;
use http_body_util::{BodyExt, channel::{Channel, Sender}};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::{ffi::c_void, future::poll_fn, pin::pin, task::Poll, time::Duration};
use tokio::{io::Interest, io::unix::AsyncFd, sync::Notify};
use wasmtime_wasi::runtime::spawn;
use wasmtime_wasi_http::{
    DEFAULT_FORBIDDEN_HEADERS, Error, ForbiddenHeaderFilter, RequestOptions, Result, WasiBody,
    WasiHttpHooks,
};

#[repr(C)]
struct RawEvent { kind: u32, code: u32, data: Str, read: bool }

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Http {
    env: *mut c_void,
    pub fd: i32,
    open: extern "C" fn(*mut c_void, u32, Str, bool) -> bool,
    send: extern "C" fn(*mut c_void, u32, Str, bool) -> bool,
    pull: extern "C" fn(*mut c_void, u32) -> bool,
    next: extern "C" fn(*mut c_void, u32, &mut RawEvent) -> bool,
    drop: extern "C" fn(*mut c_void, u32),
}

unsafe impl Send for Http {} // one thread, for ever
unsafe impl Sync for Http {}

type Event = (u32, Bytes);
const HEAD: u32 = 1;
const PIECE: u32 = 2;

const PIECE_BYTES_MAX: usize = 65536;

fn gone<T>(sent: bool, value: T) -> Result<T> {
    if sent { Ok(value) } else { Err(Error::InternalError(Some("the broker is gone".into()))) }
}

pub struct Broker {
    c: Http,
    ids: AtomicU32,
    socket: OnceLock<AsyncFd<i32>>,
    changed: Notify,
}

impl Broker {
    pub fn new(c: Http) -> Broker {
        Broker { c, ids: AtomicU32::new(1), socket: OnceLock::new(), changed: Notify::new() }
    }

    /// Somebody has read from the socket: every waiting stream looks again.
    pub fn wake(&self) { self.changed.notify_waiters() }

    fn look(&self, id: u32) -> Result<Option<Event>> {
        let mut e = RawEvent { kind: 0, code: 0, data: Str::of(&[]), read: false };
        gone((self.c.next)(self.c.env, id, &mut e), ())?;
        if e.read {
            self.wake(); // it may have been for them
        }
        let data = Bytes::copy_from_slice(e.data.bytes());
        let errors = [
            Error::ConnectionTimeout, Error::ConnectionRefused, Error::ConnectionTerminated,
            Error::ConnectionReadTimeout, Error::TlsCertificateError, Error::TlsProtocolError,
            Error::HttpProtocolError, Error::HttpResponseTimeout, Error::DestinationUnavailable,
        ];
        match e.kind {
            0 => Ok(None),
            1..=3 => Ok(Some((e.kind, data))),
            _ => Err(errors.into_iter().nth((e.code as usize).wrapping_sub(1)).unwrap_or_else(
                || Error::InternalError(Some(e.data.text().into())))),
        }
    }

    async fn event(self: Arc<Self>, id: u32) -> Result<Event> {
        loop {
            if let Some(event) = self.look(id)? {
                return Ok(event);
            }
            let open = || unsafe { AsyncFd::register_with_interest(self.c.fd, Interest::READABLE) };
            let socket = self.socket.get_or_init(|| open().expect("an event loop with I/O"));
            let (mut changed, mut readable) = (pin!(self.changed.notified()), pin!(socket.readable()));
            poll_fn(|cx| match readable.as_mut().poll(cx) {
                Poll::Ready(guard) => Poll::Ready(drop(guard.map(|mut g| g.clear_ready()))),
                Poll::Pending => changed.as_mut().poll(cx),
            })
            .await;
        }
    }
}

/// A stream at the broker; letting go of it tells the broker.
struct Stream(Arc<Broker>, u32);

impl Drop for Stream {
    fn drop(&mut self) { (self.0.c.drop)(self.0.c.env, self.1) }
}

async fn pump(stream: Arc<Stream>, mut body: WasiBody) -> Result<()> {
    let c = &stream.0.c;
    while let Some(frame) = body.frame().await {
        for piece in frame?.into_data().unwrap_or_default().chunks(PIECE_BYTES_MAX) {
            gone((c.send)(c.env, stream.1, Str::of(piece), false), ())?;
        }
    }
    gone((c.send)(c.env, stream.1, Str::of(&[]), true), ())
}

/// The response's body, piece by piece: one is asked for when there is room for it.
async fn receive(stream: Arc<Stream>, mut to: Sender<Bytes, Error>) -> Result<()> {
    let Stream(broker, id) = &*stream;
    loop {
        gone((broker.c.pull)(broker.c.env, *id), ())?;
        match broker.clone().event(*id).await {
            Ok((PIECE, data)) => match to.send_data(data).await {
                Ok(()) => {}
                Err(_) => return Ok(()), // nobody reads any more
            },
            Ok(_) => return Ok(()),
            Err(e) => return Ok(to.abort(e)),
        }
    }
}

/// The head as lines: method, scheme, authority, path, three timeouts in ms; then name:value.
fn head_text(head: &http::request::Parts, o: RequestOptions) -> Vec<u8> {
    let ms = |t: Option<Duration>| t.map_or(0, |t| t.as_millis().clamp(1, u32::MAX.into()));
    let scheme = head.uri.scheme_str().unwrap_or_default();
    let authority = head.uri.authority().map_or("", |a| a.as_str());
    let path = head.uri.path_and_query().map_or("/", |p| p.as_str());
    let (a, b, c) = (ms(o.connect_timeout), ms(o.first_byte_timeout), ms(o.between_bytes_timeout));
    let fixed = format!("{}\n{scheme}\n{authority}\n{path}\n{a} {b} {c}\n", head.method);
    let mut text = fixed.into_bytes();
    for (name, value) in &head.headers {
        text.extend([name.as_str().as_bytes(), b":", value.as_bytes(), b"\n"].concat());
    }
    text
}

/// The other way: the status, then name:value lines.
fn response(text: &[u8], body: WasiBody) -> Option<Response<WasiBody>> {
    let mut lines = text.split(|b| *b == b'\n').filter(|line| !line.is_empty());
    let mut head = Response::builder().status(lines.next()?);
    for line in lines {
        let at = line.iter().position(|b| *b == b':')?;
        head = head.header(&line[..at], &line[at + 1..]);
    }
    head.body(body).ok()
}

type Rest = Box<dyn Future<Output = Result<()>> + Send>;

async fn exchange(
    broker: Arc<Broker>, request: Request<WasiBody>, options: RequestOptions,
) -> Result<(Response<WasiBody>, Rest)> {
    let (head, body) = request.into_parts();
    let id = broker.ids.fetch_add(1, Ordering::Relaxed);
    let has_body = !body.is_end_stream();
    let text = head_text(&head, options);
    gone((broker.c.open)(broker.c.env, id, Str::of(&text), has_body), ())?;
    let stream = Arc::new(Stream(broker.clone(), id));
    let mut sending = has_body.then(|| spawn(pump(stream.clone(), body)));
    let mut answer = pin!(broker.event(id));
    let (kind, head) = poll_fn(|cx| {
        if let Some(Poll::Ready(sent)) = sending.as_mut().map(|s| pin!(s).poll(cx)) {
            sending = None;
            sent?;
        }
        answer.as_mut().poll(cx)
    })
    .await?;
    let (to, body) = Channel::new(1);
    let response = response(&head, body.boxed_unsync()).ok_or(Error::HttpProtocolError)?;
    gone(kind == HEAD, ())?;
    let rest = async move { receive(stream, to).await.map(|()| drop(sending)) };
    Ok((response, Box::new(rest)))
}

pub struct Hooks(pub Arc<Broker>);

impl WasiHttpHooks for Hooks {
    // Host interfaces 5: upstream's list and `te`.
    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        Arc::new(|n: &HeaderName| DEFAULT_FORBIDDEN_HEADERS.contains(n) || *n == header::TE)
    }
    fn p2_outgoing_body_buffer_chunks(&mut self) -> usize { 16 }
    fn p2_outgoing_body_chunk_size(&mut self) -> usize { 16 << 20 }
    fn send_request(
        &mut self, request: Request<WasiBody>, options: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<()>> + Send>,
    ) -> Box<dyn Future<Output = Result<(Response<WasiBody>, Rest)>> + Send> {
        Box::new(exchange(self.0.clone(), request, options.unwrap_or_default()))
    }
}
