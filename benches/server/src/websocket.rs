//! The event socket: handshake, a hello, then events as fast as the client reads, or at a pace.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::data;
use crate::tls::Stream;

/// From RFC 6455, section 1.3.
const KEY_SUFFIX: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const DIFFERENT_EVENTS: u64 = 64;
const WRITE_SIZE: usize = 128 * 1024;
const TEXT: u8 = 0x81;
const CLOSE: u8 = 0x88;

struct Template {
    before: Vec<u8>,
    after: Vec<u8>,
    /// Where the post's id ends: each event is about a post of its own, as in life. Nothing in events without one.
    id_end: Option<usize>,
}

/// Which events come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Posts alone.
    Posted,
    /// Three events of somebody typing, then a post.
    Mixed,
}

/// The member of a post, within its JSON text within a frame, whose value is its id.
const ID: &str = r#"\"id\":\""#;
const ID_LENGTH: usize = 26;

/// Digits at the end of an id: the event's number; at a pace, when it was sent, in microseconds since 1970, of which
/// these are the last.
const DIGITS: usize = 10;

/// What every websocket receives.
pub(crate) struct EventStream {
    count: u32,
    /// Between two events; nothing to send as fast as they are taken.
    pace: Option<Duration>,
    hello: Vec<u8>,
    templates: Vec<Template>,
}

impl EventStream {
    pub(crate) fn new(count: u32, kind: Kind, pace: Option<Duration>) -> Self {
        let mut hello = Vec::new();
        push_frame(&mut hello, &[data::hello().as_bytes()]);
        let templates = (0..DIFFERENT_EVENTS)
            .map(|number| match kind {
                Kind::Mixed if number % 4 != 3 => data::typing(number),
                Kind::Posted | Kind::Mixed => data::posted(number),
            })
            .map(|(before, after)| Template {
                id_end: before.find(ID).map(|start| start + ID.len() + ID_LENGTH),
                before: before.into_bytes(),
                after: after.into_bytes(),
            })
            .collect();
        Self { count, pace, hello, templates }
    }

    /// Answers the upgrade request and sends all events; then waits for the client to leave.
    pub(crate) async fn serve(&self, mut stream: Stream, key: &str) -> std::io::Result<()> {
        stream.write_all(handshake(key).as_bytes()).await?;
        stream.write_all(&self.hello).await?;
        let mut out = Vec::with_capacity(WRITE_SIZE * 2);
        let mut ticks = self.pace.map(tokio::time::interval);
        for (seq, template) in (1..=self.count).zip(self.templates.iter().cycle()) {
            if let Some(ticks) = &mut ticks {
                ticks.tick().await;
            }
            let stamp = match self.pace {
                Some(_) => microseconds(),
                None => u64::from(seq),
            };
            template.push(&mut out, seq, stamp);
            if out.len() >= WRITE_SIZE || self.pace.is_some() {
                stream.write_all(&out).await?;
                out.clear();
            }
        }
        stream.write_all(&out).await?;
        wait_for_close(&mut stream).await
    }
}

impl Template {
    /// Appends the frame of the event `seq`; the id of its post ends in `stamp`.
    fn push(&self, out: &mut Vec<u8>, seq: u32, stamp: u64) {
        let seq = seq.to_string();
        let Some(id_end) = self.id_end else {
            return push_frame(out, &[&self.before, seq.as_bytes(), &self.after]);
        };
        let digits = format!("{stamp:0DIGITS$}");
        let digits = &digits[digits.len() - DIGITS..];
        let (head, rest) = self.before.split_at(id_end - DIGITS);
        let (_, rest) = rest.split_at(DIGITS);
        push_frame(out, &[head, digits.as_bytes(), rest, seq.as_bytes(), &self.after]);
    }
}

fn microseconds() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or_default()
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
async fn wait_for_close(stream: &mut Stream) -> std::io::Result<()> {
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
