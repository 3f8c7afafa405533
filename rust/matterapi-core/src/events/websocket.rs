//! An open socket, whose peer decides neither how long we wait nor how much we keep for it.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::{Error as WsError, Message};

use crate::net::dial::Stream;

/// Largest message and frame taken: the server never fragments, and a post with its props stays below.
const MAX_MESSAGE: usize = 8 * 1024 * 1024;

/// Bytes kept for a peer that does not read: a Pong, of at most 131 bytes, and a ping of ours. What finds
/// no room is replaced by the newest Pong (RFC 6455, section 5.5.3, allows to answer the last ping only).
const MAX_UNSENT: usize = 256;

/// Bytes of a text that are sent in one frame: it fits beside a Pong. The server takes texts in pieces.
const PIECE: usize = 100;

/// Bytes read at once.
const READ_SIZE: usize = 64 * 1024;

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
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tokio_tungstenite::tungstenite::protocol::Role;

    const SOON: Duration = Duration::from_millis(50);
    const LATE: Duration = Duration::from_secs(20);
    /// What the connection itself keeps of unread bytes.
    const PIPE: usize = 1024;

    async fn socket() -> (PacedSocket, DuplexStream) {
        let (ours, theirs) = duplex(PIPE);
        let socket = WebSocketStream::from_raw_socket(
            YieldingStream::new(Box::new(ours)),
            Role::Client,
            Some(limits()),
        );
        (PacedSocket::new(socket.await), theirs)
    }

    fn run(test: impl Future<Output = ()>) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { tokio::time::timeout(2 * LATE, test).await.unwrap() });
    }

    fn forever(mut peer: DuplexStream, frame: &'static [u8]) {
        tokio::spawn(async move { while peer.write_all(frame).await.is_ok() {} });
    }

    async fn until_deadline(socket: &mut PacedSocket) {
        let deadline = Instant::now() + SOON;
        while matches!(socket.next(deadline).await, Wake::Message(Some(Ok(_))) | Wake::Sent) {}
        assert!(matches!(socket.next(deadline).await, Wake::Deadline));
    }

    #[test]
    fn no_flood_hides_the_deadline() {
        // A ping, an event, a piece of a message that does not end.
        for frame in [b"\x89\x00".as_slice(), b"\x81\x02{}", b"\x00\x00"] {
            run(async {
                let (mut socket, mut peer) = socket().await;
                if frame == b"\x00\x00" {
                    peer.write_all(b"\x01\x00").await.unwrap();
                }
                forever(peer, frame);
                until_deadline(&mut socket).await;
            });
        }
    }

    #[test]
    fn time_limits_come_before_messages() {
        run(async {
            let (mut socket, mut peer) = socket().await;
            peer.write_all(b"\x81\x02{}").await.unwrap();
            assert!(matches!(socket.next(Instant::now()).await, Wake::Deadline));
            assert!(matches!(socket.next(Instant::now() + LATE).await, Wake::Message(Some(Ok(_)))));
        });
    }

    /// A peer that is always there with pieces of a message that does not end.
    struct Restless {
        reads: usize,
    }

    impl AsyncRead for Restless {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            if self.reads == 0 {
                buffer.put_slice(b"\x01\x00");
            }
            self.reads += 1;
            let room = buffer.remaining() & !1;
            buffer.put_slice(&vec![0; room]);
            if self.reads < 1000 {
                Poll::Ready(Ok(()))
            } else {
                Poll::Ready(Err(io::ErrorKind::Other.into()))
            }
        }
    }

    impl AsyncWrite for Restless {
        fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
            Poll::Ready(Ok(data.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[test]
    fn a_peer_that_never_pauses_leaves_others_their_turns() {
        run(async {
            let paced = YieldingStream::new(Box::new(Restless { reads: 0 }));
            let socket = WebSocketStream::from_raw_socket(paced, Role::Client, Some(limits())).await;
            let mut socket = PacedSocket::new(socket);
            let others = async {
                for _ in 0..10 {
                    tokio::task::yield_now().await;
                }
            };
            tokio::select! {
                biased;
                wake = socket.next(Instant::now() + LATE) => panic!("{}", matches!(wake, Wake::Deadline)),
                () = others => {}
            }
        });
    }

    #[test]
    fn a_peer_that_reads_nothing_gets_few_pongs_and_still_brings_events() {
        run(async {
            let (mut socket, peer) = socket().await;
            let (mut reader, mut writer) = tokio::io::split(peer);
            tokio::spawn(async move {
                for number in 0..10_000_u32 {
                    writer.write_all(b"\x89\x04").await.unwrap();
                    writer.write_all(&number.to_be_bytes()).await.unwrap();
                }
                writer.write_all(b"\x81\x02{}").await.unwrap();
                std::future::pending::<()>().await;
            });
            let deadline = Instant::now() + LATE;
            while let Wake::Message(message) = socket.next(deadline).await {
                match message.unwrap().unwrap() {
                    Message::Ping(_) => {}
                    message => {
                        assert_eq!(message, Message::text("{}"));
                        break;
                    }
                }
            }
            // Sends what is still to be sent.
            let socket = async { while let Wake::Message(_) = socket.next(deadline).await {} };
            let mut pongs = Vec::new();
            let pongs = async {
                let mut frame = [0; 10];
                loop {
                    reader.read_exact(&mut frame).await.unwrap();
                    let [0x8a, 0x84, mask @ .., _, _, _, _] = frame else { panic!("{frame:?}") };
                    let masked = frame.last_chunk::<4>().unwrap();
                    pongs.push(u32::from_be_bytes(std::array::from_fn(|i| masked[i] ^ mask[i])));
                    if pongs.last() == Some(&9_999) {
                        return pongs;
                    }
                }
            };
            let pongs = tokio::select! { () = socket => panic!("it ended"), pongs = pongs => pongs };
            assert!(pongs.len() <= (PIPE + MAX_UNSENT) / 10 + 1, "{}", pongs.len());
        });
    }

    #[test]
    fn a_text_that_cannot_be_sent_holds_up_neither_messages_nor_the_deadline() {
        run(async {
            let (mut socket, mut peer) = socket().await;
            socket.send("x".repeat(64));
            for _ in 0..2 * PIPE / 64 {
                until_deadline(&mut socket).await;
                socket.send("x".repeat(64));
            }
            peer.write_all(b"\x81\x02{}").await.unwrap();
            assert!(matches!(socket.next(Instant::now() + LATE).await, Wake::Message(Some(Ok(_)))));
            until_deadline(&mut socket).await;
        });
    }

    #[test]
    fn a_long_text_goes_out_whole_to_a_peer_that_wants_pongs_meanwhile() {
        run(async {
            let (mut socket, peer) = socket().await;
            let mut peer = WebSocketStream::from_raw_socket(peer, Role::Server, None).await;
            let texts = ["x".repeat(8192), String::new(), "y".repeat(PIECE), "z".repeat(PIECE + 1)];
            let ours = async {
                for text in &texts {
                    socket.send(text.clone());
                    assert!(socket.has_unsent());
                    while !matches!(socket.next(Instant::now() + LATE).await, Wake::Sent) {}
                    assert!(!socket.has_unsent());
                }
                until_deadline(&mut socket).await;
            };
            let theirs = async {
                let mut found = Vec::new();
                while found.len() < texts.len() {
                    peer.send(Message::Ping(vec![b'p'; 125].into())).await.unwrap();
                    match peer.next().await.unwrap().unwrap() {
                        Message::Text(text) => found.push(text.to_string()),
                        Message::Pong(_) => {}
                        other => panic!("{other:?}"),
                    }
                }
                found
            };
            assert_eq!(tokio::join!(ours, theirs).1, texts);
        });
    }

    #[test]
    fn a_text_goes_out_while_nothing_comes() {
        run(async {
            let (mut socket, mut peer) = socket().await;
            socket.send("ping".to_owned());
            until_deadline(&mut socket).await;
            let mut frame = [0; 10];
            peer.read_exact(&mut frame).await.unwrap();
            assert_eq!(frame[..2], [0x81, 0x84]);
        });
    }
}
