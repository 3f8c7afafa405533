//! One connection, driven by whoever uses it: by the call that waits for its response, then by who reads the body.

use std::future::poll_fn;
use std::io;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Method;

use super::Direct;
use super::broken::Broken;
use super::framing::{self, Framing, Piece};
use super::gzip::Decoder;
use super::head::{self, Head};
use super::request::Outgoing;
use super::wire::Wire;
use crate::reactor::Peeker;

/// Bytes that are read at once at first, of a head and what follows it: most responses are smaller.
const FIRST_READ: usize = 8 * 1024;

/// Bytes of a longer body that are read at once.
const NEXT_READ: u64 = 64 * 1024;

/// A connection that speaks HTTP/1.1.
pub(super) struct Connection {
    wire: Wire,
    peeker: Peeker,
    /// Scheme, host and port.
    origin: String,
    resting: Instant,
    came: Came,
}

/// What came, as far as it is not used yet. Its memory is cleared once, not for each read.
#[derive(Default)]
struct Came {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

impl Came {
    fn rest(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Marks the first `size` of the rest as used.
    fn used(&mut self, size: usize) {
        self.start += size;
        if self.is_empty() {
            (self.start, self.end) = (0, 0);
        }
    }

    /// Room for more behind the rest; twice as much as last time where that is what was missing.
    fn room(&mut self) -> &mut [u8] {
        if self.end == self.bytes.len() {
            self.bytes.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
            if self.end == self.bytes.len() {
                self.bytes.resize((2 * self.end).max(FIRST_READ), 0);
            }
        }
        self.bytes.get_mut(self.end..).unwrap_or_default()
    }
}

/// A request that brought no response.
pub(super) struct Refused {
    pub(super) broken: Broken,
    /// Nothing of it was sent.
    pub(super) unsent: bool,
}

impl Connection {
    pub(super) fn new(wire: Wire, peeker: Peeker, origin: &str) -> Self {
        let (origin, resting) = (origin.to_owned(), Instant::now());
        Self { wire, peeker, origin, resting, came: Came::default() }
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

    /// Looks at what came since the last response, which is nobody's answer: surplus bytes, a balancer's 408,
    /// the end. With any of these it is dead.
    pub(super) async fn is_alive(&mut self) -> bool {
        self.peeker.peek();
        poll_fn(|cx| Poll::Ready(self.poll_more(cx).is_pending())).await
    }

    /// Reads more; `false` at the end.
    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let read = ready!(self.wire.poll_read(cx, self.came.room()))?;
        self.came.end += read;
        Poll::Ready(Ok(read > 0))
    }

    /// Sends a request and waits for the head of its response.
    pub(super) async fn send(&mut self, request: &Outgoing) -> Result<Head, Refused> {
        let mut sending = Sending { left: &request.bytes, failed: None };
        let outcome = poll_fn(|cx| {
            sending.poll(&mut self.wire, cx);
            // Even where it cannot be sent: a server that refuses a request says why, and closes.
            self.poll_head(cx)
        })
        .await;
        let unsent = sending.left.len() == request.bytes.len();
        match (outcome, sending.failed) {
            (Ok(head), _) => Ok(head),
            (Err(Broken::Ended(_)), Some(failed)) => Err(Refused { broken: Broken::Io(failed), unsent }),
            (Err(broken), _) => Err(Refused { broken, unsent }),
        }
    }

    /// The head of the response, past those that only announce it.
    fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<Result<Head, Broken>> {
        loop {
            while !self.came.is_empty()
                && let Some((head, size)) = head::parse(self.came.rest())?
            {
                self.came.used(size);
                if !head.status.is_informational() || head.status == http::StatusCode::SWITCHING_PROTOCOLS {
                    return Poll::Ready(Ok(head));
                }
            }
            match ready!(self.poll_more(cx)) {
                Ok(true) => {}
                Ok(false) => {
                    return Poll::Ready(Err(Broken::Ended("connection closed before message completed")));
                }
                Err(e) => return Poll::Ready(Err(Broken::Io(e))),
            }
        }
    }

    /// A long body, past the room of a connection.
    fn poll_long(&mut self, cx: &mut Context<'_>, most: u64) -> Poll<io::Result<Bytes>> {
        let mut piece = vec![0; usize::try_from(most.min(NEXT_READ)).unwrap_or(FIRST_READ)];
        let read = ready!(self.wire.poll_read(cx, &mut piece))?;
        piece.truncate(read);
        Poll::Ready(Ok(piece.into()))
    }
}

/// A request on its way out.
struct Sending<'a> {
    left: &'a [u8],
    failed: Option<io::Error>,
}

impl Sending<'_> {
    /// Goes on as far as the connection takes it.
    fn poll(&mut self, wire: &mut Wire, cx: &mut Context<'_>) {
        while !self.left.is_empty() && self.failed.is_none() {
            match wire.poll_write(cx, self.left) {
                Poll::Ready(Ok(0)) => self.failed = Some(io::ErrorKind::WriteZero.into()),
                Poll::Ready(Ok(size)) => self.left = self.left.get(size..).unwrap_or_default(),
                Poll::Ready(Err(e)) => self.failed = Some(e),
                Poll::Pending => break,
            }
        }
        if self.failed.is_none()
            && let Poll::Ready(Err(e)) = wire.poll_flush(cx)
        {
            self.failed = Some(e);
        }
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Connection")
    }
}

/// A body on its way in. At its end the connection is kept; dropped before, it is closed.
pub(crate) struct Body {
    framing: Framing,
    decoder: Option<Box<Decoder>>,
    connection: Option<Connection>,
    /// Who keeps the connection, if it can carry another request.
    keeper: Weak<Direct>,
}

impl Body {
    /// # Errors
    /// [`Broken::Malformed`] where the head leaves open how long it is.
    pub(super) fn new(
        method: &Method,
        head: &Head,
        request_closes: bool,
        connection: Connection,
        keeper: &Arc<Direct>,
    ) -> Result<Self, Broken> {
        let kept = !request_closes && framing::keeps_alive(head);
        Ok(Self {
            framing: Framing::of(method, head)?,
            decoder: None,
            connection: Some(connection),
            keeper: if kept { Arc::downgrade(keeper) } else { Weak::new() },
        })
    }

    /// Whether all of it has been handed out.
    pub(crate) fn is_over(&self) -> bool {
        self.connection.is_none() && self.decoder.is_none()
    }

    pub(super) fn undo(&mut self, decoder: Option<Decoder>) {
        self.decoder = decoder.map(Box::new);
    }

    /// The next piece, which may be empty; `None` at the end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Broken> {
        loop {
            if let Some(piece) = self.decoder.as_mut().and_then(|decoder| decoder.next()) {
                return piece.map(Some).map_err(Broken::Coding);
            }
            match (poll_fn(|cx| self.poll_raw(cx)).await?, &mut self.decoder) {
                (Some(piece), Some(decoder)) => decoder.add(piece),
                (Some(piece), None) => return Ok(Some(piece)),
                (None, Some(decoder)) => return decoder.finish().map_err(Broken::Coding),
                (None, None) => return Ok(None),
            }
        }
    }

    /// The next piece as it came.
    fn poll_raw(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Broken>> {
        let piece = ready!(self.poll_piece(cx))?;
        if self.framing.is_over() || piece.is_none() {
            self.release();
        }
        Poll::Ready(Ok(piece))
    }

    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Broken>> {
        let Some(connection) = &mut self.connection else { return Poll::Ready(Ok(None)) };
        while !self.framing.is_over() {
            if !connection.came.is_empty() {
                match self.framing.take(connection.came.rest())? {
                    Piece::Data { skip, size } => {
                        let data = connection.came.rest().get(skip..skip + size).unwrap_or_default();
                        let piece = Bytes::copy_from_slice(data);
                        connection.came.used(skip + size);
                        return Poll::Ready(Ok(Some(piece)));
                    }
                    Piece::Nothing(size) if size > 0 || self.framing.is_over() => {
                        connection.came.used(size);
                        continue;
                    }
                    Piece::Nothing(_) => {}
                }
            }
            if let Framing::Length(left) = &mut self.framing
                && *left > FIRST_READ as u64
            {
                let piece = ready!(connection.poll_long(cx, *left)).map_err(Broken::Io)?;
                if !piece.is_empty() {
                    *left -= piece.len() as u64;
                    return Poll::Ready(Ok(Some(piece)));
                }
            } else if ready!(connection.poll_more(cx)).map_err(Broken::Io)? {
                continue;
            }
            self.keeper = Weak::new();
            return Poll::Ready(self.framing.end().map(|()| None));
        }
        Poll::Ready(Ok(None))
    }

    /// The body is here: the connection can carry the next request, if both sides want that, and nothing has
    /// come that nobody asked for.
    fn release(&mut self) {
        if let Some(connection) = self.connection.take_if(|connection| connection.came.is_empty())
            && let Some(keeper) = self.keeper.upgrade()
        {
            keeper.put(connection);
        }
        self.connection = None;
    }
}
