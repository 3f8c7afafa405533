//! The head of a response: from bytes to fields.

use std::mem::MaybeUninit;

use http::{StatusCode, Version};
use httparse::{Error, Status};

use super::broken::Broken;
use crate::headers::Headers;

/// Fields of a head at most.
const MOST_FIELDS: usize = 100;

/// Bytes of a head at most.
const LARGEST: usize = 400 * 1024;

/// The head of a response.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) status: StatusCode,
    pub(crate) version: Version,
    pub(crate) headers: Headers,
}

/// Reads the head that `bytes` begin with, and how many of them it takes; `None` when there have to be more.
///
/// # Errors
/// [`Broken::Malformed`] for what is no head, and for one that is too large.
pub(super) fn parse(bytes: &[u8]) -> Result<Option<(Head, usize)>, Broken> {
    let mut fields = [const { MaybeUninit::uninit() }; MOST_FIELDS];
    let mut parsed = httparse::Response::new(&mut []);
    let config = httparse::ParserConfig::default();
    let size = match config.parse_response_with_uninit_headers(&mut parsed, bytes, &mut fields) {
        Ok(Status::Complete(size)) => size,
        Ok(Status::Partial) if bytes.len() < LARGEST => return Ok(None),
        Ok(Status::Partial) | Err(Error::TooManyHeaders) => return Err(TOO_LARGE),
        Err(Error::Version) => return Err(Broken::Malformed("invalid HTTP version parsed")),
        Err(Error::Status) => return Err(BAD_STATUS),
        Err(_) => return Err(BAD_FIELD),
    };
    let version = if parsed.version == Some(0) { Version::HTTP_10 } else { Version::HTTP_11 };
    let status = parsed.code.and_then(|code| StatusCode::from_u16(code).ok()).ok_or(BAD_STATUS)?;
    let headers = Headers::parsed(bytes.get(..size).unwrap_or_default(), parsed.headers);
    Ok(Some((Head { status, version, headers }, size)))
}

const BAD_STATUS: Broken = Broken::Malformed("invalid HTTP status-code parsed");
const BAD_FIELD: Broken = Broken::Malformed("invalid HTTP header parsed");
const TOO_LARGE: Broken = Broken::Malformed("message head is too large");

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<(Head, usize)>, Broken> {
        parse(text.as_bytes())
    }

    #[test]
    fn a_head_is_read_once_it_is_whole_and_what_follows_is_left() {
        let text = "HTTP/1.1 201 Created\r\nX-A: one\r\nx-a:two \r\nB:\r\n\r\n";
        for end in 0..text.len() {
            assert!(read(&text[..end]).unwrap().is_none(), "{end}");
        }
        let (head, size) = read(&format!("{text}body")).unwrap().unwrap();
        assert_eq!((size, head.status, head.version), (text.len(), StatusCode::CREATED, Version::HTTP_11));
        let fields: Vec<_> =
            head.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        assert_eq!(fields, [("x-a", "one"), ("x-a", "two"), ("b", "")]);
    }

    #[test]
    fn what_is_no_head_is_told_from_one_that_is_not_whole() {
        for text in [
            "SSH-2.0-x\r\n\r\n",
            "HTTP/2.0 200 OK\r\n\r\n",
            "HTTP/1.1 20 OK\r\n\r\n",
            "HTTP/1.1 099 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nno field\r\n\r\n",
            "HTTP/1.1 200 OK\r\nA: 1\r\n folded\r\n\r\n",
            "HTTP/1.1 200 OK\r\nA : 1\r\n\r\n",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_head_has_its_bounds() {
        let fields = |count: usize| format!("HTTP/1.1 200 OK\r\n{}\r\n", "a: 1\r\n".repeat(count));
        assert!(read(&fields(MOST_FIELDS)).unwrap().is_some());
        assert!(read(&fields(MOST_FIELDS + 1)).is_err());
        assert!(read(&format!("HTTP/1.1 200 OK\r\na: {}", "x".repeat(LARGEST))).is_err());
    }
}
