//! Just enough HTTP/1.1: requests with a Content-Length, answers that are ready-made bytes.

use std::path::Path;

use crate::data;

/// A complete request at the start of a buffer.
pub(crate) struct Request<'a> {
    method: &'a str,
    path: &'a str,
    websocket_key: Option<&'a str>,
    body: &'a [u8],
    /// Bytes of head and body.
    pub(crate) length: usize,
}

impl<'a> Request<'a> {
    /// The first request in `buffer`, or `None` until all of it is there.
    pub(crate) fn parse(buffer: &'a [u8]) -> Option<Self> {
        let end = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
        let head = std::str::from_utf8(buffer.get(..end)?).ok()?;
        let mut lines = head.split("\r\n");
        let mut first = lines.next()?.split(' ');
        let (method, target) = (first.next()?, first.next()?);
        let mut body = 0;
        let mut websocket_key = None;
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            if name.eq_ignore_ascii_case("content-length") {
                body = value.trim().parse().ok()?;
            } else if name.eq_ignore_ascii_case("sec-websocket-key") {
                websocket_key = Some(value.trim());
            }
        }
        let length = end + 4 + body;
        Some(Self {
            method,
            path: target.split('?').next().unwrap_or(target),
            websocket_key,
            body: buffer.get(end + 4..length)?,
            length,
        })
    }
}

/// What to do about a request.
pub(crate) enum Reply<'a> {
    /// Write these bytes.
    Bytes(&'a [u8]),
    /// Write these, made for this request.
    Made(Vec<u8>),
    /// Become a websocket; the client's key.
    Upgrade(&'a str),
}

/// The answers, head included.
pub(crate) struct Answers {
    login: Vec<u8>,
    not_found: Vec<u8>,
    posts: Vec<u8>,
    user: Vec<u8>,
}

impl Answers {
    /// Reads `user.json` and `posts.json` of the folder.
    pub(crate) fn read(pages: &Path) -> std::io::Result<Self> {
        let user = std::fs::read(pages.join("user.json"))?;
        let posts = std::fs::read(pages.join("posts.json"))?;
        Ok(Self {
            login: answer("200 OK", "Token: benchsessiontokenbenchsess\r\n", &user),
            not_found: answer("404 Not Found", "", data::not_found().as_bytes()),
            posts: answer("200 OK", "", &posts),
            user: answer("200 OK", "", &user),
        })
    }

    pub(crate) fn reply<'a>(&'a self, request: &Request<'a>) -> Reply<'a> {
        let Some(route) = request.path.strip_prefix("/api/v4/") else {
            return Reply::Bytes(&self.not_found);
        };
        match (request.method, route) {
            ("GET", "websocket") => {
                request.websocket_key.map_or(Reply::Bytes(&self.not_found), Reply::Upgrade)
            }
            ("POST", "users/login") => Reply::Bytes(&self.login),
            // What was sent comes back, so that the client can check it.
            ("POST", "posts") => Reply::Made(answer("201 Created", "", request.body)),
            ("GET", path) if path.starts_with("users/") => Reply::Bytes(&self.user),
            ("GET", path) if path.starts_with("channels/") && path.ends_with("/posts") => {
                Reply::Bytes(&self.posts)
            }
            _ => Reply::Bytes(&self.not_found),
        }
    }
}

/// An answer with the header fields that the real server sends.
fn answer(status: &str, extra: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nExpires: 0\r\nPermissions-Policy: \r\n\
         Referrer-Policy: no-referrer\r\nVary: Accept-Encoding\r\nX-Content-Type-Options: nosniff\r\n\
         X-Request-Id: {id}\r\nX-Version-Id: 11.11.0..benchmark.false\r\n{extra}\
         Date: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Length: {length}\r\n\r\n",
        id = data::REQUEST_ID,
        length = body.len(),
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}
