//! Validated settings of a session.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use crate::auth::Credentials;
use crate::error::{Error, Kind};

/// How the server's certificate is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verify {
    /// Against the system's roots.
    System,
    /// Against the PEM certificates of one file only.
    File(PathBuf),
    /// Not at all.
    Off,
}

/// The longest silence allowed in each phase of a call; `None` waits for ever.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// Name look-up, TCP and TLS handshakes together.
    pub connect: Option<Duration>,
    /// Between two pieces of an answer, and before its first.
    pub read: Option<Duration>,
    /// Between two pieces of a streamed request body.
    pub write: Option<Duration>,
    /// Waiting for one of the session's connections to be free.
    pub pool: Option<Duration>,
}

impl Default for Timeouts {
    /// 10 s for each phase, as httpx under matterapi 0.5.0 was set.
    fn default() -> Self {
        let limit = Some(Duration::from_secs(10));
        Self { connect: limit, read: limit, write: limit, pool: limit }
    }
}

/// Where a session goes and how.
#[derive(Debug, Clone)]
pub struct Config {
    pub(crate) base: String,
    pub(crate) websocket: Url,
    pub(crate) credentials: Credentials,
    pub(crate) verify: Verify,
    pub(crate) timeouts: Timeouts,
    pub(crate) headers: Arc<HeaderMap>,
    pub(crate) max_body: Option<u64>,
}

impl Config {
    /// Checks and keeps the settings.
    ///
    /// `base` is the server's URL without a trailing slash, a sub-path included; `websocket` the same
    /// with the scheme `ws` or `wss`. `headers` go out with every request and on the upgrade.
    ///
    /// # Errors
    /// [`Kind::Config`] for a URL or header that cannot be sent.
    pub fn new(
        base: &str,
        websocket: &str,
        credentials: Credentials,
        verify: Verify,
        timeouts: Timeouts,
        headers: &[(String, String)],
    ) -> Result<Self, Error> {
        let parsed =
            Url::parse(base).map_err(|e| Error::new(Kind::Config, format!("url is not valid: {e}")))?;
        if !matches!(parsed.scheme(), "http" | "https") || parsed.host().is_none() {
            return Err(Error::new(Kind::Config, "url must start with http:// or https:// and name a host"));
        }
        let websocket = Url::parse(websocket)
            .map_err(|e| Error::new(Kind::Config, format!("ws_url is not valid: {e}")))?;
        if !matches!(websocket.scheme(), "ws" | "wss") || websocket.host().is_none() {
            return Err(Error::new(Kind::Config, "ws_url must start with ws:// or wss:// and name a host"));
        }
        let mut map = HeaderMap::with_capacity(headers.len());
        for (name, value) in headers {
            let (name, value) = header(name, value)?;
            map.append(name, value);
        }
        Ok(Self {
            base: parsed.as_str().trim_end_matches('/').to_owned(),
            websocket,
            credentials,
            verify,
            timeouts,
            headers: Arc::new(map),
            max_body: None,
        })
    }

    /// Refuses answers with more than `max_body` bytes, counted after content decoding, that would be
    /// kept in memory; `None` takes any.
    pub fn limit_body(self, max_body: Option<u64>) -> Self {
        Self { max_body, ..self }
    }
}

/// A header as the wire takes it; the message names the header, never its value.
pub(crate) fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), Error> {
    let parsed = HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| Error::new(Kind::Config, format!("header name is not valid: {name:?}")))?;
    let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| {
        Error::new(Kind::Config, format!("value of header {name:?} has a line break or a control character"))
    })?;
    Ok((parsed, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(base: &str, headers: &[(&str, &str)]) -> Result<Config, Error> {
        let headers: Vec<_> = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        Config::new(base, "ws://h", Credentials::None, Verify::System, Timeouts::default(), &headers)
    }

    #[test]
    fn sub_path_is_kept_and_trailing_slashes_are_not() {
        assert_eq!(config("https://h/mm//", &[]).unwrap().base, "https://h/mm");
    }

    #[test]
    fn a_header_value_with_a_line_break_is_refused_without_showing_it() {
        let error = config("http://h", &[("X-A", "secret\r\nB: c")]).unwrap_err();
        assert_eq!(error.kind(), Kind::Config);
        assert!(error.to_string().contains("X-A") && !error.to_string().contains("secret"));
    }

    #[test]
    fn only_http_urls_with_a_host_are_taken() {
        for bad in ["ftp://h", "h", "http://", "file:///etc"] {
            assert_eq!(config(bad, &[]).unwrap_err().kind(), Kind::Config, "{bad}");
        }
    }
}
