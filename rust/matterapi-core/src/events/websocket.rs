//! An open socket, whose peer decides neither how long we wait nor how much we keep for it.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::{CloseFrame, Frame};
use tokio_tungstenite::tungstenite::{Error as WsError, Message, Utf8Bytes};

use crate::net::dial::Stream;

/// Largest message and frame taken: the server never fragments, and a post with its props stays below.
const MAX_MESSAGE: usize = 8 * 1024 * 1024;

/// Bytes kept for a peer that does not read: a Pong, of at most 131 bytes, and a ping of ours. What finds
/// no room is replaced by the newest Pong (RFC 6455, section 5.5.3, allows to answer the last ping only).
const MAX_UNSENT: usize = 256;

/// Bytes of a text that are sent in one frame: it fits beside a Pong. The server takes texts in pieces.
const PIECE: usize = 100;

/// Bytes read at once.
const READ_SIZE: usize = 32 * 1024;

/// Reads before other sessions have their turn.
const TURN: u8 = 2;

/// The limits of every socket.
pub(super) fn limits() -> WebSocketConfig {
    WebSocketConfig::default()
        .max_message_size(Some(MAX_MESSAGE))
        .max_frame_size(Some(MAX_MESSAGE))
        .read_buffer_size(READ_SIZE)
        .write_buffer_size(0)
        .max_write_buffer_size(MAX_UNSENT)
}

/// What a wait on a socket ended with.
#[derive(Debug)]
pub(super) enum Wake {
    /// A message, the socket's failure, or its end.
    Message(Option<Result<Message, WsError>>),
    /// The deadline.
    Deadline,
    /// All that was to be sent has been taken.
    Sent,
}

/// See the module.
pub(super) struct PacedSocket {
    socket: WebSocketStream<YieldingStream>,
    /// Texts, in pieces, that the socket has not taken yet.
    unsent: VecDeque<Frame>,
    unflushed: bool,
    alarm: Pin<Box<Sleep>>,
}

impl PacedSocket {
    pub(super) fn new(socket: WebSocketStream<YieldingStream>) -> Self {
        let alarm = Box::pin(sleep_until(Instant::now()));
        Self { socket, unsent: VecDeque::new(), unflushed: false, alarm }
    }

    /// Lets [`PacedSocket::next`] send `text` while it reads, as soon as the peer takes it.
    pub(super) fn send(&mut self, text: String) {
        let mut text = Bytes::from(text);
        let mut kind = Data::Text;
        while text.len() > PIECE {
            let piece = text.split_to(PIECE);
            self.unsent.push_back(Frame::message(piece, OpCode::Data(kind), false));
            kind = Data::Continue;
        }
        self.unsent.push_back(Frame::message(text, OpCode::Data(kind), true));
    }

    /// Whether there is something that the peer has not taken: whoever has more to send waits.
    pub(super) fn has_unsent(&self) -> bool {
        !self.unsent.is_empty()
    }

    /// The next message, unless `deadline` comes first: it is looked at before every message.
    ///
    /// # Cancellation
    /// Dropping the future loses nothing.
    pub(super) async fn next(&mut self, deadline: Instant) -> Wake {
        if self.alarm.deadline() != deadline {
            self.alarm.as_mut().reset(deadline);
        }
        poll_fn(|cx| self.poll(deadline, cx)).await
    }

    fn poll(&mut self, deadline: Instant, cx: &mut Context<'_>) -> Poll<Wake> {
        // Not the alarm alone: it rings when the thread has time for it, which a flood takes away.
        if deadline <= Instant::now() {
            return Poll::Ready(Wake::Deadline);
        }
        let had_unsent = self.has_unsent();
        if let Poll::Ready(Err(e)) = self.poll_send(cx) {
            return Poll::Ready(Wake::Message(Some(Err(e))));
        }
        if had_unsent && !self.has_unsent() {
            return Poll::Ready(Wake::Sent);
        }
        if let Poll::Ready(message) = self.socket.poll_next_unpin(cx) {
            return Poll::Ready(Wake::Message(message));
        }
        self.alarm.as_mut().poll(cx).map(|()| Wake::Deadline)
    }

    /// The last word to a peer that said Close, which the socket answers by itself (RFC 6455, section 5.5.1).
    ///
    /// A peer that does not take it at once does without: nobody waits for it.
    pub(super) fn answer_close(&mut self) {
        let _ = self.socket.flush().now_or_never();
    }

    /// The last word to a peer that broke the protocol: which rule (RFC 6455, section 7.1.7). Nobody waits here either.
    pub(super) fn refuse(&mut self, error: &WsError) {
        if let Some(code) = close_code(error) {
            let frame = CloseFrame { code, reason: Utf8Bytes::default() };
            let _ = self.socket.close(Some(frame)).now_or_never();
        }
    }

    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), WsError>> {
        while self.unflushed || self.has_unsent() {
            // First, so that there is room.
            ready!(self.socket.poll_flush_unpin(cx))?;
            self.unflushed = false;
            if let Some(piece) = self.unsent.pop_front() {
                self.socket.start_send_unpin(Message::Frame(piece))?;
                self.unflushed = true;
            }
        }
        Poll::Ready(Ok(()))
    }
}

/// What a Close frame calls a fault of the peer's; nothing where the connection is gone.
fn close_code(fault: &WsError) -> Option<CloseCode> {
    match fault {
        WsError::Protocol(ProtocolError::ResetWithoutClosingHandshake) => None,
        WsError::Protocol(_) => Some(CloseCode::Protocol),
        WsError::Utf8(_) => Some(CloseCode::Invalid),
        WsError::Capacity(_) => Some(CloseCode::Size),
        _ => None,
    }
}

/// A connection that stops for a moment after some reads: the frames of one read are handled without a
/// pause, and tokio counts reads, not what they bring.
pub(super) struct YieldingStream {
    io: Box<dyn Stream>,
    left: u8,
}

impl YieldingStream {
    pub(super) fn new(io: Box<dyn Stream>) -> Self {
        Self { io, left: TURN }
    }
}

impl AsyncRead for YieldingStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Some(left) = self.left.checked_sub(1) else {
            self.left = TURN;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        };
        self.left = left;
        let polled = Pin::new(&mut self.io).poll_read(cx, buffer);
        if polled.is_pending() {
            self.left = TURN;
        }
        polled
    }
}

impl AsyncWrite for YieldingStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, data)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests;
