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
    let socket =
        WebSocketStream::from_raw_socket(YieldingStream::new(Box::new(ours)), Role::Client, Some(limits()));
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
        if self.reads < 1000 { Poll::Ready(Ok(())) } else { Poll::Ready(Err(io::ErrorKind::Other.into())) }
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

#[test]
fn a_peer_is_told_which_rule_it_broke_and_its_close_is_answered() {
    // What it sends, and the code that it gets.
    let broken: [(&[u8], u16); 5] = [
        (b"\xc1\x02{}", 1002),
        (b"\x81\x01\xff", 1007),
        (b"\x81\x7f\x00\x00\x00\x00\x7f\xff\xff\xff", 1009),
        (b"\x88\x02\x0f\xa0", 4000),
        (b"\x88\x02\x03\xe7", 1002),
    ];
    for (frame, code) in broken {
        run(async {
            let (mut socket, mut peer) = socket().await;
            peer.write_all(frame).await.unwrap();
            match socket.next(Instant::now() + LATE).await {
                Wake::Message(Some(Ok(Message::Close(_)))) => socket.answer_close(),
                Wake::Message(Some(Err(e))) => socket.refuse(&e),
                other => panic!("{other:?}"),
            }
            drop(socket);
            let mut said = Vec::new();
            peer.read_to_end(&mut said).await.unwrap();
            let [0x88, _, a, b, _, _, first, second, ..] = said[..] else { panic!("{said:?}") };
            assert_eq!(u16::from_be_bytes([a ^ first, b ^ second]), code);
        });
    }
}
