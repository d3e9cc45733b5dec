//! wasi:http, sending: requests go as events to a broker outside of the process (Engine 4, D).

use crate::Str;
use bytes::Bytes;
use http_body::{Body, Frame};
use http_body_util::BodyExt;
use std::ffi::c_void;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use tokio::io::{Interest, unix::AsyncFd};
use tokio::sync::Notify;
use wasmtime_wasi_http::{
    DEFAULT_FORBIDDEN_HEADERS, Error, ForbiddenHeaderFilter, RequestOptions, Result, WasiBody,
    WasiHttpHooks,
};

#[repr(C)]
#[derive(Clone, Copy)]
struct Pair {
    name: Str,
    value: Str,
}

#[repr(C)]
struct Request {
    method: Str,
    scheme: Str,
    authority: Str,
    path: Str,
    headers: *const Pair,
    headers_len: usize,
    body_bytes: i64,
    has_body: bool,
    timeouts_ms: [u32; 3],
}

#[repr(C)]
struct CEvent {
    kind: u32,
    code: u32,
    status: u16,
    headers: *const Pair,
    headers_len: usize,
    data: Str,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct CHttp {
    env: *mut c_void,
    pub fd: i32,
    open: Option<extern "C" fn(*mut c_void, u32, &Request) -> bool>,
    send: Option<extern "C" fn(*mut c_void, u32, Str, bool) -> bool>,
    pull: Option<extern "C" fn(*mut c_void, u32) -> bool>,
    next: Option<extern "C" fn(*mut c_void, u32, &mut CEvent) -> bool>,
    drop: Option<extern "C" fn(*mut c_void, u32)>,
}

enum Event {
    Head(http::response::Builder),
    Piece(Bytes),
    End,
}

const PIECE_BYTES_MAX: usize = 65536;

fn gone() -> Error {
    Error::InternalError(Some("the broker is gone".into()))
}

pub struct Broker {
    c: CHttp,
    ids: AtomicU32,
    socket: OnceLock<AsyncFd<i32>>,
    changed: Notify,
}

unsafe impl Send for Broker {} // one thread, for ever
unsafe impl Sync for Broker {}

impl Broker {
    pub fn new(c: CHttp) -> Broker {
        Broker { c, ids: AtomicU32::new(1), socket: OnceLock::new(), changed: Notify::new() }
    }

    /// Somebody has read from the socket: every waiting stream looks again.
    pub fn wake(&self) {
        self.changed.notify_waiters();
    }

    fn poll_event(&self, id: u32) -> Result<Option<Event>> {
        let nothing = Str::of(&[]);
        let mut e = CEvent {
            kind: 0, code: 0, status: 0, headers: std::ptr::null(), headers_len: 0, data: nothing,
        };
        if !self.c.next.is_some_and(|next| next(self.c.env, id, &mut e)) {
            return Err(gone());
        }
        self.wake();
        let data = unsafe { e.data.bytes() };
        Ok(Some(match e.kind {
            0 => return Ok(None),
            1 => {
                let mut head = http::Response::builder().status(e.status);
                for h in unsafe { crate::slice(e.headers, e.headers_len) } {
                    head = unsafe { head.header(h.name.bytes(), h.value.bytes()) };
                }
                Event::Head(head)
            }
            2 => Event::Piece(Bytes::copy_from_slice(data)),
            3 => Event::End,
            _ => return Err(match e.code {
                1 => Error::ConnectionTimeout,
                2 => Error::ConnectionRefused,
                3 => Error::ConnectionTerminated,
                4 => Error::ConnectionReadTimeout,
                5 => Error::TlsCertificateError,
                6 => Error::TlsProtocolError,
                7 => Error::HttpProtocolError,
                8 => Error::HttpResponseTimeout,
                9 => Error::DestinationUnavailable,
                _ => Error::InternalError(Some(String::from_utf8_lossy(data).into_owned())),
            }),
        }))
    }

    async fn event(self: Arc<Self>, id: u32) -> Result<Event> {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            if let Some(event) = self.poll_event(id)? {
                return Ok(event);
            }
            changed.as_mut().enable(); // our own look must not wake us
            let open = || unsafe { AsyncFd::register_with_interest(self.c.fd, Interest::READABLE) };
            let socket = match self.socket.get() {
                Some(socket) => socket,
                None => self.socket.get_or_init(|| open().expect("an event loop with I/O")),
            };
            poll_fn(|cx| match socket.poll_read_ready(cx) {
                Poll::Ready(Ok(mut guard)) => {
                    guard.clear_ready();
                    Poll::Ready(Ok(()))
                }
                Poll::Ready(Err(_)) => Poll::Ready(Err(gone())),
                Poll::Pending => changed.as_mut().poll(cx).map(Ok),
            })
            .await?;
        }
    }
}

/// A stream at the broker; letting go of it tells the broker.
struct Stream {
    broker: Arc<Broker>,
    id: u32,
}

impl Stream {
    fn send(&self, bytes: &[u8], last: bool) -> Result<()> {
        let c = &self.broker.c;
        let sent = c.send.is_some_and(|send| send(c.env, self.id, Str::of(bytes), last));
        if sent { Ok(()) } else { Err(gone()) }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if let Some(drop) = self.broker.c.drop {
            drop(self.broker.c.env, self.id);
        }
    }
}

async fn pump(stream: Arc<Stream>, mut body: WasiBody) -> Result<()> {
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            data.chunks(PIECE_BYTES_MAX).try_for_each(|piece| stream.send(piece, false))?;
        }
    }
    stream.send(&[], true)
}

type Waiting = Pin<Box<dyn Future<Output = Result<Event>> + Send>>;

struct Incoming {
    stream: Arc<Stream>,
    waiting: Option<Waiting>,
    ended: bool,
}

impl Incoming {
    fn pull(&mut self) -> Result<&mut Waiting> {
        let broker = &self.stream.broker;
        if self.waiting.is_none() {
            if !broker.c.pull.is_some_and(|pull| pull(broker.c.env, self.stream.id)) {
                return Err(gone());
            }
            self.waiting = Some(Box::pin(broker.clone().event(self.stream.id)));
        }
        self.waiting.as_mut().ok_or_else(gone)
    }
}

impl Body for Incoming {
    type Data = Bytes;
    type Error = Error;
    fn poll_frame(
        mut self: Pin<&mut Self>, cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let event = match self.pull() {
            Ok(waiting) => std::task::ready!(waiting.as_mut().poll(cx)),
            Err(e) => Err(e),
        };
        self.waiting = None;
        self.ended = !matches!(event, Ok(Event::Piece(_)));
        Poll::Ready(match event {
            Ok(Event::Piece(data)) => Some(Ok(Frame::data(data))),
            Ok(Event::End) => None,
            Ok(Event::Head(_)) => Some(Err(gone())),
            Err(e) => Some(Err(e)),
        })
    }
}

type Rest = Box<dyn Future<Output = Result<()>> + Send>;

impl Broker {
    fn open(
        &self, head: &http::request::Parts, has_body: bool, options: RequestOptions,
    ) -> Result<u32> {
        let text = |t: &str| Str::of(t.as_bytes());
        let pair = |(n, v): (&http::HeaderName, &http::HeaderValue)| Pair {
            name: text(n.as_str()),
            value: Str::of(v.as_bytes()),
        };
        let declared = head.headers.get(http::header::CONTENT_LENGTH);
        let declared = declared.and_then(|v| v.to_str().ok()?.parse().ok());
        let headers: Vec<Pair> = head.headers.iter().map(pair).collect();
        let ms = |t: Option<std::time::Duration>| t.map_or(0, |t| t.as_millis().max(1) as u32);
        let request = Request {
            method: text(head.method.as_str()),
            scheme: text(head.uri.scheme_str().unwrap_or_default()),
            authority: text(head.uri.authority().map_or("", |a| a.as_str())),
            path: text(head.uri.path_and_query().map_or("/", |p| p.as_str())),
            headers: headers.as_ptr(),
            headers_len: headers.len(),
            body_bytes: declared.unwrap_or(-1),
            has_body,
            timeouts_ms: [
                ms(options.connect_timeout), ms(options.first_byte_timeout),
                ms(options.between_bytes_timeout),
            ],
        };
        let id = self.ids.fetch_add(1, Ordering::Relaxed);
        let opened = self.c.open.is_some_and(|open| open(self.c.env, id, &request));
        if opened { Ok(id) } else { Err(gone()) }
    }
}

async fn exchange(
    broker: Arc<Broker>, request: http::Request<WasiBody>, options: RequestOptions,
) -> Result<(http::Response<WasiBody>, Rest)> {
    let (head, body) = request.into_parts();
    let has_body = !body.is_end_stream();
    let id = broker.open(&head, has_body, options)?;
    let stream = Arc::new(Stream { broker: broker.clone(), id });
    let mut sending: Option<Pin<Rest>> = None;
    if has_body {
        sending = Some(Box::pin(pump(stream.clone(), body)));
    }
    let mut answer = std::pin::pin!(broker.event(id));
    let event = poll_fn(|cx| {
        match sending.as_mut().map(|s| s.as_mut().poll(cx)) {
            Some(Poll::Ready(Err(e))) => return Poll::Ready(Err(e)),
            Some(Poll::Ready(Ok(()))) => sending = None,
            _ => {}
        }
        answer.as_mut().poll(cx)
    })
    .await?;
    let Event::Head(head) = event else { return Err(gone()) };
    let body = Incoming { stream, waiting: None, ended: false };
    let response = head.body(body.boxed_unsync()).map_err(|_| Error::HttpProtocolError)?;
    Ok((response, Box::new(async move { if let Some(s) = sending { s.await } else { Ok(()) } })))
}

pub struct Hooks(pub Arc<Broker>);

impl WasiHttpHooks for Hooks {
    // Host interfaces 5: upstream's list and `te`.
    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        Arc::new(|name| DEFAULT_FORBIDDEN_HEADERS.contains(name) || *name == http::header::TE)
    }
    fn p2_outgoing_body_buffer_chunks(&mut self) -> usize {
        16
    }
    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        16 << 20
    }
    fn send_request(
        &mut self, request: http::Request<WasiBody>, options: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<()>> + Send>,
    ) -> Box<dyn Future<Output = Result<(http::Response<WasiBody>, Rest)>> + Send> {
        Box::new(exchange(self.0.clone(), request, options.unwrap_or_default()))
    }
}
