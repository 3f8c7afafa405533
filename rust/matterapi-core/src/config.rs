//! Validated settings of a session.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use url::Url;

use crate::auth::Credentials;
use crate::error::{Error, Kind, Phase};
use crate::proxies::Proxies;
use crate::secret::Secret;
use crate::tls::Tls;

/// The longest silence allowed in each phase of a call; `None` waits for ever.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// Name look-up, TCP and TLS handshakes together, a proxy's included.
    pub connect: Option<Duration>,
    /// Until the head of an answer is complete, and then between two pieces of its body, which must also keep
    /// a pace (`pace.rs`).
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

impl Timeouts {
    /// The error when `phase` took too long.
    pub(crate) fn over(&self, phase: Phase) -> Error {
        let (what, limit) = match phase {
            Phase::Connect => ("no connection", self.connect),
            Phase::Write => ("the server took no more of the body", self.write),
            Phase::Read => ("the server sent nothing", self.read),
            Phase::Pool => ("no connection was free", self.pool),
        };
        let seconds = limit.unwrap_or_default().as_secs_f64();
        Error::new(Kind::Timeout(phase), format!("{what} within {seconds} s"))
    }
}

/// How many connections there may be.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// At once; `None` for no limit.
    pub connections: Option<usize>,
    /// Kept open without a call; `None` for no limit.
    pub idle: Option<usize>,
    /// How long one is kept open without a call; `None` for ever.
    pub idle_time: Option<Duration>,
}

impl Default for Limits {
    /// 100 connections, as httpx under matterapi 0.5.0. The server closes idle ones after 60 s
    /// (model/config.go, IdleTimeout); we let go before.
    fn default() -> Self {
        Self { connections: Some(100), idle: None, idle_time: Some(Duration::from_secs(45)) }
    }
}

/// Which versions of HTTP are spoken; the websocket is always on HTTP/1.1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Versions {
    /// HTTP/1.1.
    #[default]
    One,
    /// HTTP/2 where the server offers it with TLS, else HTTP/1.1.
    Both,
    /// HTTP/2, offered or not.
    Two,
}

/// How the server is reached.
#[derive(Debug, Clone, Default)]
pub struct Network {
    /// Certificates.
    pub tls: Tls,
    /// Proxies.
    pub proxies: Proxies,
    /// Time-outs.
    pub timeouts: Timeouts,
    /// Connections.
    pub limits: Limits,
    /// HTTP versions.
    pub versions: Versions,
}

/// Bytes of an answer that is kept in memory, counted after content decoding; `None` for any number.
#[derive(Debug, Clone, Copy, Default)]
pub struct MaxBody {
    /// Of every answer.
    pub any: Option<u64>,
    /// Of those that become values of Python, which take several times as much; of errors, too.
    pub json: Option<u64>,
}

/// What an answer that is kept in memory is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// Bytes: a file, a page.
    Raw,
    /// Values of Python.
    Json,
    /// One user at most: the answer of a login or a check.
    Small,
}

impl Content {
    pub(crate) fn of(small: bool, raw: bool) -> Self {
        match raw {
            _ if small => Self::Small,
            true => Self::Raw,
            false => Self::Json,
        }
    }
}

/// Bytes of a small answer, many times what the server lets a user store.
const MAX_SMALL: u64 = 1024 * 1024;

/// The bound of one answer, and what sets it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bound {
    pub(crate) bytes: u64,
    pub(crate) set_by: &'static str,
}

impl MaxBody {
    /// The bound that comes first.
    pub(crate) fn bound(self, content: Content) -> Bound {
        let any = Bound { bytes: self.any.unwrap_or(u64::MAX), set_by: "max_response_size allows" };
        let own = match content {
            Content::Raw => None,
            Content::Json => self.json.map(|bytes| Bound { bytes, set_by: "max_json_size allows" }),
            Content::Small => {
                Some(Bound { bytes: MAX_SMALL, set_by: "the answer to a login or a check may have" })
            }
        };
        own.filter(|own| own.bytes < any.bytes).unwrap_or(any)
    }
}

/// What is sent with every request.
#[derive(Debug, Clone, Default)]
pub struct Extras {
    /// Header fields; also on the websocket upgrade.
    pub headers: Vec<(String, String)>,
    /// Query parameters, encoded; also on the websocket upgrade.
    pub query: String,
    /// How many redirects are followed; 0 for none.
    pub redirects: usize,
    /// How large answers may be.
    pub max_body: MaxBody,
}

/// A server's address: an `http` or `https` URL, reached over a local socket if there is one.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) url: Url,
    pub(crate) socket: Option<Arc<Path>>,
}

/// Where a session goes and how.
#[derive(Debug, Clone)]
pub struct Config {
    pub(crate) base: String,
    pub(crate) place: Place,
    pub(crate) websocket: Place,
    pub(crate) credentials: Credentials,
    pub(crate) network: Network,
    pub(crate) headers: Arc<HeaderMap>,
    pub(crate) query: Option<Secret>,
    pub(crate) redirects: usize,
    pub(crate) max_body: MaxBody,
}

impl Config {
    /// Checks and keeps the settings.
    ///
    /// `base` is the server's URL, a sub-path included, or `unix:///path` of a local socket; `websocket`
    /// the same with the scheme `ws` or `wss`, or `unix`.
    ///
    /// # Errors
    /// [`Kind::Config`] for a URL or header that cannot be sent.
    pub fn new(
        base: &str,
        websocket: &str,
        credentials: Credentials,
        network: Network,
        extras: Extras,
    ) -> Result<Self, Error> {
        let place = place(base, "url", ["http", "https"])?;
        let mut map = HeaderMap::with_capacity(extras.headers.len());
        for (name, value) in &extras.headers {
            let (name, value) = header(name, value)?;
            map.append(name, value);
        }
        Ok(Self {
            base: place.url.as_str().trim_end_matches('/').to_owned(),
            place,
            websocket: self::place(websocket, "ws_url", ["ws", "wss"])?,
            credentials,
            network,
            headers: Arc::new(map),
            query: Some(extras.query).filter(|query| !query.is_empty()).map(Secret::new),
            redirects: extras.redirects,
            max_body: extras.max_body,
        })
    }

    /// How many connections may be kept open without a call.
    pub fn idle_connections(&self) -> usize {
        self.network.limits.idle.unwrap_or(usize::MAX)
    }
}

fn place(text: &str, name: &str, schemes: [&str; 2]) -> Result<Place, Error> {
    let refuse = |what: String| Error::new(Kind::Config, format!("{name} {what}"));
    let url = Url::parse(text).map_err(|e| refuse(format!("is not valid: {e}")))?;
    if url.scheme() == "unix" {
        let socket = local_socket(&url)
            .ok_or_else(|| refuse("must be unix:// and the absolute path of a socket".to_owned()))?;
        if !cfg!(unix) {
            return Err(refuse("cannot be a local socket on this system".to_owned()));
        }
        let url = Url::parse("http://localhost/").map_err(|e| refuse(e.to_string()))?;
        return Ok(Place { url, socket: Some(socket.into()) });
    }
    if !schemes.contains(&url.scheme()) || url.host().is_none() {
        let [plain, secure] = schemes;
        return Err(refuse(format!("must start with {plain}:// or {secure}:// and name a host")));
    }
    Ok(Place { url: as_http(url), socket: None })
}

/// A `ws` or `wss` URL with the scheme that its connection begins with.
fn as_http(mut url: Url) -> Url {
    let scheme = if matches!(url.scheme(), "wss" | "https") { "https" } else { "http" };
    // Both are "special" schemes of the URL standard: one can always be put for the other.
    let _ = url.set_scheme(scheme);
    url
}

fn local_socket(url: &Url) -> Option<PathBuf> {
    if url.has_host() && url.host_str() != Some("") {
        return None;
    }
    let path = percent_decode_str(url.path()).decode_utf8().ok()?;
    (path.len() > 1 && !path.contains('\0')).then(|| PathBuf::from(path.as_ref()))
}

/// A header as the wire takes it; the message names the header, never its value.
pub(crate) fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), Error> {
    let parsed = HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| Error::new(Kind::Config, format!("header name is not valid: {name:?}")))?;
    let mut value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| {
        Error::new(Kind::Config, format!("value of header {name:?} has a line break or a control character"))
    })?;
    // Whatever it is, it is nobody's business: `Debug` shows no value.
    value.set_sensitive(true);
    Ok((parsed, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(base: &str, headers: &[(&str, &str)]) -> Result<Config, Error> {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let extras =
            Extras { headers, query: "key=sesame".to_owned(), redirects: 0, max_body: MaxBody::default() };
        Config::new(base, "ws://h", Credentials::None, Network::default(), extras)
    }

    #[test]
    fn sub_path_is_kept_and_trailing_slashes_are_not() {
        assert_eq!(config("https://h/mm//", &[]).unwrap().base, "https://h/mm");
    }

    #[test]
    fn names_of_any_script_are_written_as_the_wire_takes_them() {
        assert_eq!(config("https://bücher.example", &[]).unwrap().base, "https://xn--bcher-kva.example");
        assert_eq!(config("http://[::1]:80/", &[]).unwrap().base, "http://[::1]");
    }

    #[test]
    fn a_header_value_with_a_line_break_is_refused_without_showing_it() {
        let error = config("http://h", &[("X-A", "secret\r\nB: c")]).unwrap_err();
        assert_eq!(error.kind(), Kind::Config);
        assert!(error.to_string().contains("X-A") && !error.to_string().contains("secret"));
    }

    #[test]
    fn neither_headers_nor_parameters_are_shown() {
        let shown = format!("{:?}", config("http://h", &[("X-A", "sesame")]).unwrap());
        assert!(!shown.contains("sesame"), "{shown}");
    }

    #[test]
    fn only_http_urls_with_a_host_are_taken() {
        for bad in ["ftp://h", "h", "http://", "file:///etc", "unix://host/a", "unix://", "unix:///"] {
            assert_eq!(config(bad, &[]).unwrap_err().kind(), Kind::Config, "{bad}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_local_socket_is_a_path() {
        let config = config("unix:///var/tmp/a%20b.socket", &[]).unwrap();
        assert_eq!(config.place.socket.as_deref(), Some(Path::new("/var/tmp/a b.socket")));
        assert_eq!(config.base, "http://localhost");
    }
}
