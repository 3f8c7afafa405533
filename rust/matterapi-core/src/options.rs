//! The options of a client, in the words of Python's `ApiClientOptions` and `HttpxClientOptions`.

use std::path::PathBuf;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::auth::Credentials;
use crate::error::{Error, ErrorKind, Phase};
use crate::retry::Policy;
use crate::secrets::Secret;

/// Where a client goes and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// The server's URL, a sub-path included, or `unix:///path` of a local socket.
    pub url: String,
    /// The same for the websocket, with the scheme `ws` or `wss`, or `unix`.
    pub ws_url: String,
    /// How it authenticates.
    pub auth: Credentials,
    /// Whose certificates are trusted, and how much of them is checked.
    pub verify: Verify,
    /// The client's own certificate.
    pub cert: Option<Cert>,
    /// Proxies.
    pub proxies: Proxies,
    /// Time limits of each phase.
    pub timeout: Timeout,
    /// How often a call is sent again, and how long all of it may take.
    pub retry: Policy,
    /// Calls a second at most, whatever the server allows; `None`: as many as it allows.
    pub max_calls_per_second: Option<f64>,
    /// Connections.
    pub limits: Limits,
    /// Whether HTTP/1.1 is spoken; the websocket is always on it. Spoken, too, if neither version is on.
    pub http1: bool,
    /// Whether HTTP/2 is spoken: with `http1`, where the server offers it with TLS; alone, offered or not.
    pub http2: bool,
    /// Header fields of every request, of the websocket's upgrade too. Made by [`header_map`].
    pub headers: HeaderMap,
    /// Query parameters of every request, encoded; of the websocket's upgrade too.
    pub params: Option<Secret>,
    /// How many redirects in a row are followed; 0 for none.
    pub max_redirects: usize,
    /// Bytes of a response that is kept in memory, counted after content decoding; `None` for any number.
    pub max_response_size: Option<u64>,
    /// The same for those that become values of Python, which take several times as much; for errors, too.
    pub max_json_size: Option<u64>,
}

impl Options {
    /// Options that say nothing but where to go.
    pub fn new(url: impl Into<String>, ws_url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            ws_url: ws_url.into(),
            auth: Credentials::None,
            verify: Verify::default(),
            cert: None,
            proxies: Proxies::default(),
            timeout: Timeout::default(),
            retry: Policy::default(),
            max_calls_per_second: None,
            limits: Limits::default(),
            http1: true,
            http2: false,
            headers: HeaderMap::new(),
            params: None,
            max_redirects: 0,
            max_response_size: None,
            max_json_size: None,
        }
    }
}

/// The longest silence allowed in each phase of a call; `None` waits for ever.
#[derive(Debug, Clone, Copy)]
pub struct Timeout {
    /// Name look-up, TCP and TLS handshakes together, a proxy's included.
    pub connect: Option<Duration>,
    /// Until the head of a response is complete, and then between two pieces of its body, which must also keep
    /// a pace (`http/pace.rs`).
    pub read: Option<Duration>,
    /// Between two pieces of a streamed request body.
    pub write: Option<Duration>,
    /// Waiting for one of the session's connections to be free.
    pub pool: Option<Duration>,
}

impl Default for Timeout {
    /// 10 s for each phase, as httpx under matterapi 0.5.0 was set.
    fn default() -> Self {
        let limit = Some(Duration::from_secs(10));
        Self { connect: limit, read: limit, write: limit, pool: limit }
    }
}

impl Timeout {
    /// The error when connecting took too long; `way`: where to.
    pub(crate) fn no_connection(&self, way: &str) -> Error {
        let seconds = self.connect.unwrap_or_default().as_secs_f64();
        Error::new(ErrorKind::Timeout(Phase::Connect), format!("no connection to {way} within {seconds} s"))
    }

    /// The error when `phase` took too long.
    pub(crate) fn exceeded(&self, phase: Phase) -> Error {
        let (what, limit) = match phase {
            Phase::Connect => ("no connection", self.connect),
            Phase::Write => ("the server took no more of the body", self.write),
            Phase::Read => ("the server sent nothing", self.read),
            Phase::Pool => ("no connection was free", self.pool),
        };
        let seconds = limit.unwrap_or_default().as_secs_f64();
        Error::new(ErrorKind::Timeout(phase), format!("{what} within {seconds} s"))
    }
}

/// How many connections there may be.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// At once; `None` for no limit.
    pub max_connections: Option<usize>,
    /// Kept open without a call; `None` for no limit.
    pub max_keepalive_connections: Option<usize>,
    /// How long one is kept open without a call; `None` for ever.
    pub keepalive_expiry: Option<Duration>,
}

impl Default for Limits {
    /// 100 connections, as httpx under matterapi 0.5.0. The server closes idle ones after 60 s
    /// (model/config.go, IdleTimeout); we let go before.
    fn default() -> Self {
        Self {
            max_connections: Some(100),
            max_keepalive_connections: None,
            keepalive_expiry: Some(Duration::from_secs(45)),
        }
    }
}

/// How servers prove who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verify {
    /// Which authorities are trusted.
    pub roots: Roots,
    /// How much is checked.
    pub check: Check,
    /// Whether TLS 1.2 may be spoken.
    pub tls12: bool,
    /// Whether TLS 1.3 may be spoken.
    pub tls13: bool,
}

impl Default for Verify {
    fn default() -> Self {
        Self { roots: Roots::System, check: Check::Full, tls12: true, tls13: true }
    }
}

/// Which authorities are trusted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Roots {
    /// The system's, as `SSL_CERT_FILE` and `SSL_CERT_DIR` say where that is usual; the bundled ones on
    /// a system that has none.
    #[default]
    System,
    /// Mozilla's, as they were when the package was built.
    Bundled,
    /// The certificates (PEM) of one file, or of all files of one folder, only.
    Path(PathBuf),
    /// These certificates (DER) only.
    Der(Vec<Vec<u8>>),
}

/// How much of the server's certificate is checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Check {
    /// Everything.
    #[default]
    Full,
    /// Everything but the name.
    AnyName,
    /// Nothing.
    Off,
}

/// Where the client's own certificate and its key are (PEM); both may be in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cert {
    /// File with the certificate and the ones that lead to the authority.
    pub certificate: PathBuf,
    /// File with the private key.
    pub key: PathBuf,
    /// Of an encrypted key (PKCS #8).
    pub password: Option<Secret>,
}

/// The proxies of a client; each serves HTTP and websocket alike.
#[derive(Debug, Clone, Default)]
pub struct Proxies {
    /// URL of the one for plain connections.
    pub http: Option<Secret>,
    /// URL of the one for encrypted connections.
    pub https: Option<Secret>,
    /// What is reached without one, as in `NO_PROXY`: hosts, domains, addresses, networks, or `*`.
    pub no_proxy: String,
    /// Whether the environment gave the one for plain connections, and the one for encrypted ones.
    pub from_environment: (bool, bool),
}

/// Header fields as the wire takes them, in their order.
///
/// # Errors
/// [`ErrorKind::Config`] for one that cannot be sent; the message names the field, never its value.
pub fn header_map(fields: &[(String, String)]) -> Result<HeaderMap, Error> {
    let mut map = HeaderMap::with_capacity(fields.len());
    for (name, value) in fields {
        let parsed = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| Error::new(ErrorKind::Config, format!("header name is not valid: {name:?}")))?;
        let mut value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| {
            let what = format!("value of header {name:?} has a line break or a control character");
            Error::new(ErrorKind::Config, what)
        })?;
        // Whatever it is, it is nobody's business: `Debug` shows no value.
        value.set_sensitive(true);
        map.append(parsed, value);
    }
    Ok(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &str, value: &str) -> Result<HeaderMap, Error> {
        header_map(&[(name.to_owned(), value.to_owned())])
    }

    #[test]
    fn a_header_value_with_a_line_break_is_refused_without_showing_it() {
        let error = headers("X-A", "secret\r\nB: c").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("X-A") && !error.to_string().contains("secret"));
        assert!(headers("X A", "secret").is_err());
    }

    #[test]
    fn neither_headers_nor_parameters_nor_proxies_are_shown() {
        let secret = || Some(Secret::new("http://u:sesame@h"));
        let options = Options {
            headers: headers("X-A", "sesame").unwrap(),
            params: Some(Secret::new("key=sesame")),
            proxies: Proxies { http: secret(), https: secret(), ..Proxies::default() },
            ..Options::new("http://h", "ws://h")
        };
        assert!(!format!("{options:?}").contains("sesame"), "{options:?}");
    }
}
