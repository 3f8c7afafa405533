//! The event socket: handshake, a hello, then `posted` events as fast as the client reads.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::data;

/// From RFC 6455, section 1.3.
const KEY_SUFFIX: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const DIFFERENT_EVENTS: u64 = 64;
const WRITE_SIZE: usize = 128 * 1024;
const TEXT: u8 = 0x81;
const CLOSE: u8 = 0x88;

struct Template {
    before: Vec<u8>,
    after: Vec<u8>,
    /// Where the post's id ends: each event is about a post of its own, as in life.
    id_end: usize,
}

/// The member of a post, within its JSON text within a frame, whose value is its id.
const ID: &str = r#"\"id\":\""#;
const ID_LENGTH: usize = 26;

/// What every websocket receives.
pub(crate) struct EventStream {
    count: u32,
    hello: Vec<u8>,
    templates: Vec<Template>,
}

impl EventStream {
    pub(crate) fn new(count: u32) -> Self {
        let mut hello = Vec::new();
        push_frame(&mut hello, &[data::hello().as_bytes()]);
        let templates = (0..DIFFERENT_EVENTS)
            .map(data::posted)
            .map(|(before, after)| Template {
                id_end: before.find(ID).map_or(0, |start| start + ID.len() + ID_LENGTH),
                before: before.into_bytes(),
                after: after.into_bytes(),
            })
            .collect();
        Self {
            count,
            hello,
            templates,
        }
    }

    /// Answers the upgrade request and sends all events; then waits for the client to leave.
    pub(crate) async fn serve(&self, mut stream: TcpStream, key: &str) -> std::io::Result<()> {
        stream.write_all(handshake(key).as_bytes()).await?;
        stream.write_all(&self.hello).await?;
        let mut out = Vec::with_capacity(WRITE_SIZE * 2);
        for (seq, template) in (1..=self.count).zip(self.templates.iter().cycle()) {
            let digits = format!("{seq:010}");
            let (head, rest) = template.before.split_at(template.id_end - digits.len());
            let seq = seq.to_string();
            push_frame(
                &mut out,
                &[
                    head,
                    digits.as_bytes(),
                    &rest[digits.len()..],
                    seq.as_bytes(),
                    &template.after,
                ],
            );
            if out.len() >= WRITE_SIZE {
                stream.write_all(&out).await?;
                out.clear();
            }
        }
        stream.write_all(&out).await?;
        wait_for_close(&mut stream).await
    }
}

fn handshake(key: &str) -> String {
    let accept = STANDARD.encode(Sha1::digest(format!("{key}{KEY_SUFFIX}")));
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    )
}

/// Appends one unmasked text frame made of `parts`.
fn push_frame(out: &mut Vec<u8>, parts: &[&[u8]]) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    out.push(TEXT);
    if let Ok(short @ 0..126) = u8::try_from(length) {
        out.push(short);
    } else if let Ok(medium) = u16::try_from(length) {
        out.push(126);
        out.extend_from_slice(&medium.to_be_bytes());
    } else {
        out.push(127);
        out.extend_from_slice(&u64::try_from(length).unwrap_or(u64::MAX).to_be_bytes());
    }
    for part in parts {
        out.extend_from_slice(part);
    }
}

/// Answers the client's close frame, which clients wait for; other frames are read and dropped.
async fn wait_for_close(stream: &mut TcpStream) -> std::io::Result<()> {
    loop {
        let mut head = [0; 2];
        if stream.read_exact(&mut head).await.is_err() {
            return Ok(());
        }
        let [kind, size] = head;
        if kind == CLOSE {
            return stream.write_all(&[CLOSE, 0]).await;
        }
        // Clients send nothing above 125 bytes here; four more bytes are the mask.
        let mut rest = vec![0; usize::from(size & 0x7f) + 4];
        stream.read_exact(&mut rest).await?;
    }
}
