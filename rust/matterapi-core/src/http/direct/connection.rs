//! One connection, driven by whoever uses it: by the call that waits for its response, then by who reads the body.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as _;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::client::TlsStream;

use super::Direct;
use super::gzip::Decoder;
use crate::error::{Error, ErrorKind};
use crate::reactor::{Peeker, Socket};

/// The bytes of a connection, encrypted or not.
pub(super) enum Wire {
    Plain(Socket),
    Encrypted(Box<TlsStream<Socket>>),
}

/// A connection that speaks HTTP/1.1.
pub(super) struct Connection {
    requests: SendRequest<Full<Bytes>>,
    /// Moves bytes, when it is polled.
    protocol: Pin<Box<http1::Connection<TokioIo<Wire>, Full<Bytes>>>>,
    ended: bool,
    peeker: Peeker,
    /// Scheme, host and port.
    origin: String,
    resting: Instant,
}

/// A request that brought no response; with the request, if it was not sent.
pub(super) struct Refused {
    pub(super) error: hyper::Error,
    pub(super) request: Option<Request<Full<Bytes>>>,
}

impl Connection {
    pub(super) async fn new(wire: Wire, peeker: Peeker, origin: &str) -> Result<Self, Error> {
        let (requests, protocol) = http1::handshake(TokioIo::new(wire))
            .await
            .map_err(|e| Error::new(ErrorKind::Closed, format!("the server closed the connection: {e}")))?;
        let protocol = Box::pin(protocol);
        let origin = origin.to_owned();
        Ok(Self { requests, protocol, ended: false, peeker, origin, resting: Instant::now() })
    }

    pub(super) fn leads_to(&self, origin: &str) -> bool {
        self.origin == origin
    }

    pub(super) fn rested(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.resting)
    }

    pub(super) fn rest(&mut self) {
        self.resting = Instant::now();
    }

    fn poll(&mut self, cx: &mut Context<'_>) {
        if !self.ended {
            self.ended = self.protocol.as_mut().poll(cx).is_ready();
        }
    }

    /// Moves what can be moved without waiting.
    async fn step(&mut self) {
        poll_fn(|cx| {
            self.poll(cx);
            Poll::Ready(())
        })
        .await;
    }

    /// Looks at what came since the last response, which is nobody's answer: surplus bytes, a balancer's 408,
    /// the end. With any of these it is dead.
    pub(super) async fn is_alive(&mut self) -> bool {
        self.peeker.peek();
        self.step().await;
        !self.ended && self.requests.is_ready()
    }

    /// Sends a request and waits for the head of its response.
    pub(super) async fn send(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, Refused> {
        if !self.requests.is_ready() {
            // A new one has not looked yet whether somebody wants to send.
            self.step().await;
        }
        let mut response = pin!(self.requests.try_send_request(request));
        poll_fn(|cx| {
            // The protocol first: without it there is neither request nor response.
            if !self.ended {
                self.ended = self.protocol.as_mut().poll(cx).is_ready();
            }
            response.as_mut().poll(cx)
        })
        .await
        .map_err(|mut e| Refused { request: e.take_message(), error: e.into_error() })
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Connection")
    }
}

/// A body on its way in. At its end the connection is kept; dropped before, it is closed.
pub(crate) struct Body {
    incoming: Incoming,
    decoder: Option<Box<Decoder>>,
    connection: Option<Connection>,
    keeper: Weak<Direct>,
}

/// Why a body does not come to its end.
pub(crate) enum Broken {
    Connection(hyper::Error),
    /// The content coding.
    Coding(io::Error),
}

impl Body {
    pub(super) fn new(
        incoming: Incoming,
        decoder: Option<Box<Decoder>>,
        connection: Connection,
        keeper: &Arc<Direct>,
    ) -> Self {
        Self { incoming, decoder, connection: Some(connection), keeper: Arc::downgrade(keeper) }
    }

    /// The next piece, which may be empty; `None` at the end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Broken> {
        loop {
            if let Some(piece) = self.decoder.as_mut().and_then(|decoder| decoder.next()) {
                return piece.map(Some).map_err(Broken::Coding);
            }
            match self.raw().await.map_err(Broken::Connection)? {
                Some(piece) => match &mut self.decoder {
                    Some(decoder) => decoder.add(piece),
                    None => return Ok(Some(piece)),
                },
                None => {
                    return match &mut self.decoder {
                        Some(decoder) => decoder.finish().map_err(Broken::Coding),
                        None => Ok(None),
                    };
                }
            }
        }
    }

    /// The next piece as it came.
    async fn raw(&mut self) -> Result<Option<Bytes>, hyper::Error> {
        if self.incoming.is_end_stream() {
            self.release().await;
            return Ok(None);
        }
        let piece = poll_fn(|cx| {
            let polled = self.poll_raw(cx);
            match (&polled, &mut self.connection) {
                (Poll::Pending, Some(connection)) => {
                    connection.poll(cx);
                    self.poll_raw(cx)
                }
                _ => polled,
            }
        })
        .await;
        if matches!(piece, Ok(None)) || self.incoming.is_end_stream() {
            self.release().await;
        }
        piece
    }

    fn poll_raw(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, hyper::Error>> {
        loop {
            return match std::task::ready!(Pin::new(&mut self.incoming).poll_frame(cx)) {
                None => Poll::Ready(Ok(None)),
                Some(Err(e)) => Poll::Ready(Err(e)),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(piece) => Poll::Ready(Ok(Some(piece))),
                    // Trailers: nobody asks for them.
                    Err(_) => continue,
                },
            };
        }
    }

    /// The body is here: the connection can carry the next request, if both sides want that.
    async fn release(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        if !connection.requests.is_ready() {
            connection.step().await;
        }
        if !connection.ended
            && connection.requests.is_ready()
            && let Some(keeper) = self.keeper.upgrade()
        {
            keeper.put(connection);
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_read(cx, buffer),
            Self::Encrypted(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_write(cx, bytes),
            Self::Encrypted(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_write_vectored(cx, slices),
            Self::Encrypted(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(socket) => socket.is_write_vectored(),
            Self::Encrypted(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_flush(cx),
            Self::Encrypted(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_shutdown(cx),
            Self::Encrypted(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
