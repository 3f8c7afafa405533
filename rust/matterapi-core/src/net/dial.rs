//! The way to the server: TLS, proxies and local socket, the same for HTTP and for the websocket.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::client::Resumption;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tower_service::Service;
use url::{Host, Url};

use super::address::Address;
use super::failure::{deepest, not_connected, not_encrypted};
use super::proxies::{ProxyRules, is_socks};
use super::tls;
use crate::error::{Error, ErrorKind};
use crate::options::{Limits, Options, Timeout, Verify};

/// A connection, whatever it goes through.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// How a session's connections are made, settled once.
#[derive(Debug, Clone)]
pub(crate) struct Dialer {
    address: Address,
    websocket: Address,
    timeout: Timeout,
    limits: Limits,
    http1: bool,
    http2: bool,
    tls: Arc<ClientConfig>,
    rules: ProxyRules,
    proxies: Arc<Matcher>,
    /// Whether the server is reached directly: asked for every call.
    direct: bool,
}

impl Dialer {
    /// # Errors
    /// [`ErrorKind::Config`] when addresses, proxies, certificates or a key cannot be used.
    pub(crate) fn new(options: &Options) -> Result<Self, Error> {
        let rules = ProxyRules::new(&options.proxies)?;
        let (address, websocket) = (Address::of_url(&options.url)?, Address::of_ws_url(&options.ws_url)?);
        let encrypted = address.url.scheme() == "https"
            || websocket.url.scheme() == "https"
            || rules.is_encrypted()
            // A redirect may lead to an encrypted place.
            || options.max_redirects > 0
            // What is never used is still checked, so that a wrong path is found at once.
            || options.cert.is_some()
            || options.verify != Verify::default();
        let tls = match encrypted {
            true => tls::client_config(&options.verify, options.cert.as_ref())?,
            false => tls::no_roots()?,
        };
        let proxies = Arc::new(rules.matcher());
        check_address(&address, &proxies)?;
        let mut dialer = Self {
            address,
            websocket,
            timeout: options.timeout,
            limits: options.limits,
            http1: options.http1,
            http2: options.http2,
            tls: Arc::new(tls),
            rules,
            proxies,
            direct: false,
        };
        dialer.direct = dialer.is_direct(&dialer.address.url);
        Ok(dialer)
    }

    /// The same for a forked child: what the parent's TLS sessions left is the parent's alone.
    pub(crate) fn for_child(&self) -> Self {
        let mut tls = ClientConfig::clone(&self.tls);
        tls.resumption = Resumption::default();
        Self { tls: Arc::new(tls), ..self.clone() }
    }

    /// The server's address.
    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    /// The address of the server's websocket.
    pub(crate) fn websocket(&self) -> &Address {
        &self.websocket
    }

    /// The session's own time limits.
    pub(crate) fn timeout(&self) -> &Timeout {
        &self.timeout
    }

    /// How many connections are kept, and for how long.
    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// [`Dialer::is_direct`] of the server's address.
    pub(crate) fn is_home_direct(&self) -> bool {
        self.direct
    }

    /// Whether HTTP/1.1 on a connection of TCP, encrypted or not, is all that it takes to reach `url`.
    pub(crate) fn is_direct(&self, url: &Url) -> bool {
        let proxied = || url.as_str().parse().map_or(true, |uri: Uri| self.proxies.intercept(&uri).is_some());
        !self.http2
            && self.address.socket.is_none()
            && url.username().is_empty()
            && url.password().is_none()
            && !proxied()
    }

    /// A connection to the server of `url`, not encrypted. The connect time-out is the caller's.
    ///
    /// # Errors
    /// [`ErrorKind::Connect`].
    pub(crate) async fn tcp(&self, url: &Url) -> Result<std::net::TcpStream, Error> {
        let failed = |e: &(dyn StdError + 'static)| not_connected(e, &self.way_to(url));
        let destination = url.as_str().parse::<Uri>().map_err(|e| failed(&e))?;
        let stream = connector().call(destination).await.map_err(|e| failed(&e))?;
        stream.into_inner().into_std().map_err(|e| failed(&e))
    }

    /// A client of reqwest that goes this way.
    pub(crate) fn http(&self) -> Result<reqwest::ClientBuilder, Error> {
        let unusable = |e: reqwest::Error| Error::new(ErrorKind::Config, deepest(&e.without_url()));
        let mut tls = ClientConfig::clone(&self.tls);
        tls.alpn_protocols = match (self.http1, self.http2) {
            (true, true) => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
            (false, true) => vec![b"h2".to_vec()],
            (_, false) => vec![b"http/1.1".to_vec()],
        };
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .no_proxy()
            .pool_max_idle_per_host(self.limits.max_keepalive_connections.unwrap_or(usize::MAX))
            .pool_idle_timeout(self.limits.keepalive_expiry);
        for proxy in self.rules.for_reqwest().map_err(unusable)? {
            builder = builder.proxy(proxy);
        }
        builder = match (self.http1, self.http2) {
            (true, true) => builder,
            (false, true) => builder.http2_prior_knowledge(),
            (_, false) => builder.http1_only(),
        };
        #[cfg(unix)]
        if let Some(path) = &self.address.socket {
            builder = builder.unix_socket(Arc::clone(path));
        }
        if let Some(limit) = self.timeout.connect {
            builder = builder.connect_timeout(limit);
        }
        Ok(builder)
    }

    /// Opens the connection that a websocket runs on. The connect time-out is the caller's.
    ///
    /// # Errors
    /// [`ErrorKind::Connect`], [`ErrorKind::Tls`], [`ErrorKind::Closed`].
    pub(crate) async fn dial(&self, to: &Address) -> Result<Box<dyn Stream>, Error> {
        let io = match &to.socket {
            Some(path) => local(path).await?,
            None => self.remote(to).await?,
        };
        if to.url.scheme() == "http" {
            return Ok(io);
        }
        let host = to.url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let name = ServerName::try_from(host).map_err(|_| {
            Error::new(ErrorKind::Config, "the host of ws_url cannot be checked against a certificate")
        })?;
        let stream =
            TlsConnector::from(self.http1_tls()).connect(name, io).await.map_err(|e| not_encrypted(&e))?;
        Ok(Box::new(stream))
    }

    async fn remote(&self, to: &Address) -> Result<Box<dyn Stream>, Error> {
        let destination = with_port(to)?;
        let mut tcp = connector();
        let Some(proxy) = self.proxies.intercept(&destination) else {
            let stream = tcp.call(destination).await.map_err(|e| self.not_connected(&e, to))?;
            return Ok(Box::new(stream.into_inner()));
        };
        if is_socks(&proxy) {
            let mut socks = SocksV5::new(proxy.uri().clone(), tcp);
            if let Some((user, password)) = proxy.raw_auth() {
                socks = socks.with_auth(user.to_owned(), password.to_owned());
            }
            let stream = socks.call(destination).await.map_err(|e| self.not_connected(&e, to))?;
            return Ok(Box::new(stream.into_inner()));
        }
        self.tunnel(tcp, &proxy, to, destination).await
    }

    /// A websocket needs a tunnel even when it is not encrypted (RFC 6455, section 4.1).
    async fn tunnel(
        &self,
        tcp: HttpConnector,
        proxy: &Intercept,
        to: &Address,
        destination: Uri,
    ) -> Result<Box<dyn Stream>, Error> {
        let mut tunnel =
            Tunnel::new(proxy.uri().clone(), HttpsConnector::from((tcp, ClientConfig::clone(&self.tls))));
        if let Some(auth) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(auth.clone());
        }
        let stream = tunnel.call(destination).await.map_err(|e| self.not_connected(&e, to))?;
        Ok(Box::new(TokioIo::new(stream)))
    }

    fn not_connected(&self, error: &(dyn StdError + 'static), to: &Address) -> Error {
        not_connected(error, &self.way_to(&to.url))
    }

    /// Host and port that a connection to `url` is made with, for errors: the server's, or those of the proxy
    /// before it.
    pub(crate) fn way_to(&self, url: &Url) -> String {
        if let Some(path) = &self.address.socket {
            return format!("the socket {}", path.display());
        }
        let port = url.port_or_known_default().unwrap_or_default();
        let server = format!("{}:{port}", url.host_str().unwrap_or_default());
        let proxy = url.as_str().parse().ok().and_then(|uri: Uri| self.proxies.intercept(&uri));
        match proxy.as_ref().and_then(|proxy| proxy.uri().authority()) {
            // What stands before the @ are credentials.
            Some(proxy) => {
                let (proxy, origin) = (host_of(proxy.as_str()), self.rules.origin(url.scheme()));
                format!("{server} through the proxy {proxy} (from {origin})")
            }
            None => server,
        }
    }

    /// TLS for a connection that can speak HTTP/1.1 only.
    pub(crate) fn http1_tls(&self) -> Arc<ClientConfig> {
        let mut tls = ClientConfig::clone(&self.tls);
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Arc::new(tls)
    }
}

/// Makes connections of TCP. Frames and requests are small: none should wait for another. A peer that has gone
/// without a word is found out by the system, as fast as reqwest has it.
fn connector() -> HttpConnector {
    const SILENCE: Duration = Duration::from_secs(15);
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_keepalive(Some(SILENCE));
    tcp.set_keepalive_interval(Some(SILENCE));
    tcp.set_keepalive_retries(Some(3));
    #[cfg(target_os = "linux")]
    tcp.set_tcp_user_timeout(Some(2 * SILENCE));
    tcp
}

fn host_of(authority: &str) -> &str {
    authority.rsplit('@').next().unwrap_or_default()
}

#[cfg(unix)]
async fn local(path: &std::path::Path) -> Result<Box<dyn Stream>, Error> {
    let stream = tokio::net::UnixStream::connect(path)
        .await
        .map_err(|e| not_connected(&e, &format!("the socket {}", path.display())))?;
    Ok(Box::new(stream))
}

#[cfg(not(unix))]
async fn local(_path: &std::path::Path) -> Result<Box<dyn Stream>, Error> {
    Err(Error::new(ErrorKind::Config, "there are no local sockets on this system"))
}

/// Refuses what reqwest cannot do: it takes the brackets of an address behind a proxy for a part of the name
/// that the certificate has to be for, so that no handshake succeeds.
fn check_address(address: &Address, proxies: &Matcher) -> Result<(), Error> {
    let bracketed = matches!(address.url.host(), Some(Host::Ipv6(_))) && address.url.scheme() == "https";
    if address.socket.is_none() && bracketed && proxies.intercept(&with_port(address)?).is_some() {
        let what = "proxy: HTTPS to an IPv6 address cannot go through a proxy; give the server's host name, \
                    or leave its address out of the proxy (NO_PROXY, mounts)";
        return Err(Error::new(ErrorKind::Config, what));
    }
    Ok(())
}

/// Proxies take a port that is not named for 443, whatever the scheme.
fn with_port(to: &Address) -> Result<Uri, Error> {
    let (scheme, host) = (to.url.scheme(), to.url.host_str().unwrap_or_default());
    let port = to.url.port_or_known_default().unwrap_or(80);
    format!("{scheme}://{host}:{port}/")
        .parse()
        .map_err(|e| Error::new(ErrorKind::Config, format!("ws_url is not valid: {e}")))
}
