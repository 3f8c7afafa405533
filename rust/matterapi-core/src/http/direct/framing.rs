//! Where a body ends (RFC 9112, section 6), and what else its connection is good for.

use http::{Method, StatusCode, Version, header};
use httparse::{EMPTY_HEADER, Status};

use super::broken::Broken;
use super::head::Head;
use crate::headers::Headers;

/// Bytes of a line that announces a chunk, or of the trailer, at most: extensions and trailers are read past.
const LONGEST_LINE: usize = 16 * 1024;

/// Fields of a trailer at most.
const MOST_TRAILERS: usize = 100;

/// What is still to come of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// So many bytes.
    Length(u64),
    /// Chunks.
    Chunked(Chunk),
    /// All until the connection ends.
    UntilEnd,
}

/// What comes next of a body in chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chunk {
    /// The line that says how long the next one is.
    Size,
    /// So many bytes of one.
    Data(u64),
    /// The end of the line after one.
    End,
    /// The trailer and the empty line after it.
    Trailer,
    /// Nothing.
    Over,
}

/// What bytes that came are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// So many of the body, after so many that are not.
    Data { skip: usize, size: usize },
    /// So many that are not of the body; after them there have to be more.
    Nothing(usize),
}

impl Framing {
    /// The body of a response to `method`.
    ///
    /// # Errors
    /// [`Broken::Malformed`] where the head leaves open how long it is.
    pub(super) fn of(method: &Method, head: &Head) -> Result<Self, Broken> {
        let headers = &head.headers;
        if head.status.is_informational() || is_bodiless(head.status) || *method == Method::HEAD {
            return Ok(Self::Length(0));
        }
        if headers.has(&header::TRANSFER_ENCODING) {
            return match (head.version, is_chunked(headers)) {
                (Version::HTTP_10, _) => Err(Broken::Malformed("unexpected transfer-encoding parsed")),
                (_, true) => Ok(Self::Chunked(Chunk::Size)),
                (_, false) => Ok(Self::UntilEnd),
            };
        }
        match headers.has(&header::CONTENT_LENGTH) {
            true => {
                length(headers).map(Self::Length).ok_or(Broken::Malformed("invalid content-length parsed"))
            }
            false => Ok(Self::UntilEnd),
        }
    }

    /// Whether all of it has come.
    pub(super) fn is_over(self) -> bool {
        matches!(self, Self::Length(0) | Self::Chunked(Chunk::Over))
    }

    /// Takes what it can use of the bytes that came.
    ///
    /// # Errors
    /// [`Broken::Malformed`] for what are no chunks.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<Piece, Broken> {
        match self {
            Self::UntilEnd => Ok(Piece::Data { skip: 0, size: bytes.len() }),
            Self::Length(left) => Ok(Piece::Data { skip: 0, size: taken(left, bytes.len()) }),
            Self::Chunked(chunk) => chunk.take(bytes),
        }
    }

    /// The connection has ended.
    ///
    /// # Errors
    /// [`Broken::Ended`] where more should have come.
    pub(super) fn end(self) -> Result<(), Broken> {
        match self {
            Self::Length(0) | Self::Chunked(Chunk::Over) | Self::UntilEnd => Ok(()),
            Self::Length(_) => Err(Broken::Ended("end of file before message length reached")),
            Self::Chunked(Chunk::Size) => Err(Broken::Ended("unexpected EOF during chunk size line")),
            Self::Chunked(_) => Err(Broken::Ended("unexpected EOF during chunk")),
        }
    }
}

impl Chunk {
    fn take(&mut self, bytes: &[u8]) -> Result<Piece, Broken> {
        let mut skip = 0;
        loop {
            let rest = bytes.get(skip..).unwrap_or_default();
            let Some(step) = self.step(rest)? else {
                return match rest.len() <= LONGEST_LINE {
                    true => Ok(Piece::Nothing(skip)),
                    false => Err(Broken::Malformed("a chunk has too long a line")),
                };
            };
            skip += step;
            match self {
                Self::Over => return Ok(Piece::Nothing(skip)),
                Self::Data(left) => {
                    let size = taken(left, bytes.len() - skip);
                    if *left == 0 {
                        *self = Self::End;
                    }
                    return Ok(if size == 0 { Piece::Nothing(skip) } else { Piece::Data { skip, size } });
                }
                _ => {}
            }
        }
    }

    /// Goes on past what is no data; how many bytes that is, or `None` when there have to be more.
    fn step(&mut self, bytes: &[u8]) -> Result<Option<usize>, Broken> {
        match self {
            Self::Data(_) | Self::Over => Ok(Some(0)),
            Self::Size => match httparse::parse_chunk_size(bytes) {
                Ok(Status::Complete((size, length))) => {
                    *self = if length == 0 { Self::Trailer } else { Self::Data(length) };
                    Ok(Some(size))
                }
                Ok(Status::Partial) => Ok(None),
                Err(_) => Err(Broken::Malformed("invalid chunk size")),
            },
            Self::End => match bytes {
                [b'\r', b'\n', ..] => {
                    *self = Self::Size;
                    Ok(Some(2))
                }
                [] | [b'\r'] => Ok(None),
                _ => Err(Broken::Malformed("a chunk is longer than its size says")),
            },
            Self::Trailer => match httparse::parse_headers(bytes, &mut [EMPTY_HEADER; MOST_TRAILERS]) {
                Ok(Status::Complete((size, _))) => {
                    *self = Self::Over;
                    Ok(Some(size))
                }
                Ok(Status::Partial) => Ok(None),
                Err(_) => Err(Broken::Malformed("invalid trailer parsed")),
            },
        }
    }
}

fn is_bodiless(status: StatusCode) -> bool {
    matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

/// So many of `came` bytes as are `left` to come, which they are no longer.
fn taken(left: &mut u64, came: usize) -> usize {
    let size = usize::try_from(*left).map_or(came, |left| left.min(came));
    *left -= size as u64;
    size
}

/// Whether both sides can go on with the connection after a response.
pub(super) fn keeps_alive(head: &Head) -> bool {
    let says = |word: &str| has_word(&head.headers, &header::CONNECTION, word);
    let announces = || {
        let announced = head.headers.has(&header::CONTENT_LENGTH) && length(&head.headers) != Some(0);
        announced || head.headers.has(&header::TRANSFER_ENCODING)
    };
    head.status != StatusCode::SWITCHING_PROTOCOLS
        // It may yet send the body that it must not: nobody could tell that from the next answer.
        && !(is_bodiless(head.status) && announces())
        && !says("close")
        && (head.version == Version::HTTP_11 || says("keep-alive"))
}

/// Whether one of the words of a field, which are separated by commas, is this one.
fn has_word(headers: &Headers, name: &header::HeaderName, word: &str) -> bool {
    let is_it = |one: &[u8]| one.trim_ascii().eq_ignore_ascii_case(word.as_bytes());
    headers.values(name).any(|line| line.split(|byte| *byte == b',').any(is_it))
}

/// Whether chunks are the last of the codings.
fn is_chunked(headers: &Headers) -> bool {
    let last = headers.values(&header::TRANSFER_ENCODING).next_back();
    let coding = last.and_then(|line| line.rsplit(|byte| *byte == b',').next());
    coding.is_some_and(|coding| coding.trim_ascii().eq_ignore_ascii_case(b"chunked"))
}

/// The announced length; `None` if it is no number, or if there are two.
fn length(headers: &Headers) -> Option<u64> {
    let mut found = None;
    for line in headers.values(&header::CONTENT_LENGTH) {
        for text in line.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
            let is_number = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
            let length = std::str::from_utf8(text).ok()?.parse().ok().filter(|_| is_number)?;
            if found.is_some_and(|found| found != length) {
                return None;
            }
            found = Some(length);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::direct::head;

    fn framing(method: &Method, fields: &str) -> Result<Framing, Broken> {
        let (head, _) = head::parse(format!("HTTP/1.1 {fields}\r\n\r\n").as_bytes()).unwrap().unwrap();
        Framing::of(method, &head)
    }

    #[test]
    fn the_head_says_where_the_body_ends() {
        let of = |fields: &str| framing(&Method::GET, fields).ok();
        for (fields, expected) in [
            ("200 OK\r\nContent-Length: 12", Framing::Length(12)),
            ("200 OK\r\nContent-Length: 12, 12", Framing::Length(12)),
            ("200 OK\r\nTransfer-Encoding: Chunked", Framing::Chunked(Chunk::Size)),
            ("200 OK\r\nTransfer-Encoding: gzip, chunked", Framing::Chunked(Chunk::Size)),
            ("200 OK\r\nTransfer-Encoding: chunked, gzip", Framing::UntilEnd),
            ("200 OK", Framing::UntilEnd),
            ("204 No Content\r\nContent-Length: 12", Framing::Length(0)),
            ("304 Not Modified\r\nTransfer-Encoding: chunked", Framing::Length(0)),
        ] {
            assert_eq!(of(fields), Some(expected), "{fields}");
        }
        assert_eq!(framing(&Method::HEAD, "200 OK\r\nContent-Length: 12").ok(), Some(Framing::Length(0)));
        for fields in ["-1", "+1", "1x", "", "1, 2", "1\r\nContent-Length: 2", "99999999999999999999"] {
            assert_eq!(of(&format!("200 OK\r\nContent-Length: {fields}")), None, "{fields}");
        }
    }

    #[test]
    fn a_connection_is_kept_unless_one_side_says_otherwise() {
        let kept = |text: &str| {
            let (head, _) = head::parse(format!("{text}\r\n\r\n").as_bytes()).unwrap().unwrap();
            keeps_alive(&head)
        };
        assert!(kept("HTTP/1.1 200 OK"));
        assert!(!kept("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nConnection: x, Close"));
        assert!(!kept("HTTP/1.0 200 OK"));
        assert!(kept("HTTP/1.0 200 OK\r\nConnection: Keep-Alive"));
        assert!(!kept("HTTP/1.1 101 Switching Protocols"));
    }

    #[test]
    fn a_connection_on_which_a_body_may_follow_that_must_not_is_not_kept() {
        let kept = |fields: &str| {
            let (head, _) = head::parse(format!("HTTP/1.1 {fields}\r\n\r\n").as_bytes()).unwrap().unwrap();
            keeps_alive(&head)
        };
        assert!(kept("304 Not Modified"));
        assert!(kept("204 No Content\r\nContent-Length: 0"));
        for fields in ["Content-Length: 5", "Content-Length: five", "Transfer-Encoding: chunked"] {
            assert!(!kept(&format!("304 Not Modified\r\n{fields}")), "{fields}");
            assert!(!kept(&format!("204 No Content\r\n{fields}")), "{fields}");
        }
    }

    /// What comes out of chunks that come in pieces of `size` bytes, and what is left behind them.
    fn unchunked(bytes: &[u8], size: usize) -> Result<(Vec<u8>, Vec<u8>), Broken> {
        let (mut framing, mut body, mut waiting) = (Framing::Chunked(Chunk::Size), Vec::new(), Vec::new());
        let mut pieces = bytes.chunks(size);
        while !framing.is_over() {
            let used = match framing.take(&waiting)? {
                Piece::Data { skip, size } => {
                    body.extend_from_slice(&waiting[skip..skip + size]);
                    skip + size
                }
                Piece::Nothing(size) => size,
            };
            waiting.drain(..used);
            if used == 0 && !framing.is_over() {
                match pieces.next() {
                    Some(piece) => waiting.extend_from_slice(piece),
                    None => return framing.end().map(|()| unreachable!("it is not over")),
                }
            }
        }
        waiting.extend(pieces.flatten());
        Ok((body, waiting))
    }

    #[test]
    fn chunks_come_out_whole_however_they_are_cut() {
        let bytes = b"4;ext=\"x\"\r\nspam\r\n00b \r\n, and eggs.\r\n0\r\nX-Trailer: 1\r\n\r\nrest";
        for size in 1..=bytes.len() {
            let (body, rest) = unchunked(bytes, size).unwrap();
            assert_eq!((&body[..], &rest[..]), (&b"spam, and eggs."[..], &b"rest"[..]), "{size}");
        }
        for end in 0..bytes.len() - "rest".len() {
            assert!(matches!(unchunked(&bytes[..end], 7), Err(Broken::Ended(_))), "{end}");
        }
    }

    #[test]
    fn what_are_no_chunks_is_refused() {
        let long = format!("4;{}", "x".repeat(LONGEST_LINE));
        for text in
            ["x\r\n", "4\nspam", "4\r\nspamX\r\n", "ffffffffffffffffff\r\n", "0\r\nno field\r\n\r\n", &long]
        {
            assert!(matches!(unchunked(text.as_bytes(), 64), Err(Broken::Malformed(_))), "{text:.40}");
        }
    }
}
