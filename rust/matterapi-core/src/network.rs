//! The way to the server: TLS, proxies and local socket, the same for HTTP and for the websocket.

use std::sync::Arc;

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
use url::Host;

use crate::config::{Config, Network, Place, Versions};
use crate::error::{Error, Kind};
use crate::proxies::is_socks;
use crate::tls::{self, Tls};
use crate::transport::{deepest, is_closed, rustls_error};

/// A connection, whatever it goes through.
pub(crate) trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// The settings of a session's connections, made once.
#[derive(Debug, Clone)]
pub(crate) struct Dialer {
    network: Network,
    place: Place,
    tls: Arc<ClientConfig>,
    proxies: Arc<Matcher>,
}

impl Dialer {
    /// # Errors
    /// [`Kind::Config`] when certificates or a key cannot be used.
    pub(crate) fn new(config: &Config) -> Result<Self, Error> {
        let network = config.network.clone();
        let encrypted = config.place.url.scheme() == "https"
            || config.websocket.url.scheme() == "https"
            || network.proxies.is_encrypted()
            // A redirect may lead to an encrypted place.
            || config.redirects > 0
            // What is never used is still checked, so that a wrong path is found at once.
            || network.tls != Tls::default();
        let tls = if encrypted { tls::client_config(&network.tls)? } else { tls::no_roots()? };
        let proxies = Arc::new(network.proxies.matcher());
        check_address(&config.place, &proxies)?;
        Ok(Self { network, place: config.place.clone(), tls: Arc::new(tls), proxies })
    }

    /// The same for a forked child: what the parent's TLS sessions left is the parent's alone.
    pub(crate) fn for_child(&self) -> Self {
        let mut tls = ClientConfig::clone(&self.tls);
        tls.resumption = Resumption::default();
        Self { tls: Arc::new(tls), ..self.clone() }
    }

    pub(crate) fn network(&self) -> &Network {
        &self.network
    }

    /// A client of reqwest that goes this way.
    pub(crate) fn http(&self) -> Result<reqwest::ClientBuilder, Error> {
        let unusable = |e: reqwest::Error| Error::new(Kind::Config, deepest(&e.without_url()));
        let Network { timeouts, limits, versions, proxies, .. } = &self.network;
        let mut tls = ClientConfig::clone(&self.tls);
        tls.alpn_protocols = match versions {
            Versions::One => vec![b"http/1.1".to_vec()],
            Versions::Both => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
            Versions::Two => vec![b"h2".to_vec()],
        };
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .no_proxy()
            .pool_max_idle_per_host(limits.idle.unwrap_or(usize::MAX))
            .pool_idle_timeout(limits.idle_time);
        for proxy in proxies.for_reqwest().map_err(unusable)? {
            builder = builder.proxy(proxy);
        }
        builder = match versions {
            Versions::One => builder.http1_only(),
            Versions::Both => builder,
            Versions::Two => builder.http2_prior_knowledge(),
        };
        #[cfg(unix)]
        if let Some(path) = &self.place.socket {
            builder = builder.unix_socket(Arc::clone(path));
        }
        if let Some(limit) = timeouts.connect {
            builder = builder.connect_timeout(limit);
        }
        Ok(builder)
    }

    /// Opens the connection that a websocket runs on. The connect time-out is the caller's.
    ///
    /// # Errors
    /// [`Kind::Connect`], [`Kind::Tls`], [`Kind::Closed`].
    pub(crate) async fn dial(&self, to: &Place) -> Result<Box<dyn Io>, Error> {
        let io = match &to.socket {
            Some(path) => local(path).await?,
            None => self.remote(to).await?,
        };
        if to.url.scheme() == "http" {
            return Ok(io);
        }
        let host = to.url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let name = ServerName::try_from(host).map_err(|_| {
            Error::new(Kind::Config, "the host of ws_url cannot be checked against a certificate")
        })?;
        let stream = TlsConnector::from(self.http1_tls()).connect(name, io).await.map_err(not_secured)?;
        Ok(Box::new(stream))
    }

    async fn remote(&self, to: &Place) -> Result<Box<dyn Io>, Error> {
        let destination = with_port(to)?;
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        // Frames are small and rare: none should wait for another.
        tcp.set_nodelay(true);
        let Some(proxy) = self.proxies.intercept(&destination) else {
            let stream = tcp.call(destination).await.map_err(|e| no_connection(&e))?;
            return Ok(Box::new(stream.into_inner()));
        };
        if is_socks(&proxy) {
            let mut socks = SocksV5::new(proxy.uri().clone(), tcp);
            if let Some((user, password)) = proxy.raw_auth() {
                socks = socks.with_auth(user.to_owned(), password.to_owned());
            }
            let stream = socks.call(destination).await.map_err(|e| no_connection(&e))?;
            return Ok(Box::new(stream.into_inner()));
        }
        self.tunnel(tcp, &proxy, destination).await
    }

    /// A websocket needs a tunnel even when it is not encrypted (RFC 6455, section 4.1).
    async fn tunnel(
        &self,
        tcp: HttpConnector,
        proxy: &Intercept,
        destination: Uri,
    ) -> Result<Box<dyn Io>, Error> {
        let mut tunnel =
            Tunnel::new(proxy.uri().clone(), HttpsConnector::from((tcp, ClientConfig::clone(&self.tls))));
        if let Some(auth) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(auth.clone());
        }
        let stream = tunnel.call(destination).await.map_err(|e| no_connection(&e))?;
        Ok(Box::new(TokioIo::new(stream)))
    }

    fn http1_tls(&self) -> Arc<ClientConfig> {
        let mut tls = ClientConfig::clone(&self.tls);
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Arc::new(tls)
    }
}

#[cfg(unix)]
async fn local(path: &std::path::Path) -> Result<Box<dyn Io>, Error> {
    let stream = tokio::net::UnixStream::connect(path).await.map_err(|e| no_connection(&e))?;
    Ok(Box::new(stream))
}

#[cfg(not(unix))]
async fn local(_path: &std::path::Path) -> Result<Box<dyn Io>, Error> {
    Err(Error::new(Kind::Config, "there are no local sockets on this system"))
}

/// Refuses what reqwest cannot do: it takes the brackets of an address behind a proxy for a part of the name
/// that the certificate has to be for, so that no handshake succeeds.
fn check_address(place: &Place, proxies: &Matcher) -> Result<(), Error> {
    let bracketed = matches!(place.url.host(), Some(Host::Ipv6(_))) && place.url.scheme() == "https";
    if place.socket.is_none() && bracketed && proxies.intercept(&with_port(place)?).is_some() {
        let what = "proxy: HTTPS to an IPv6 address cannot go through a proxy; give the server's host name, \
                    or leave its address out of the proxy (NO_PROXY, mounts)";
        return Err(Error::new(Kind::Config, what));
    }
    Ok(())
}

/// Proxies take a port that is not named for 443, whatever the scheme.
fn with_port(to: &Place) -> Result<Uri, Error> {
    let (scheme, host) = (to.url.scheme(), to.url.host_str().unwrap_or_default());
    let port = to.url.port_or_known_default().unwrap_or(80);
    format!("{scheme}://{host}:{port}/")
        .parse()
        .map_err(|e| Error::new(Kind::Config, format!("ws_url is not valid: {e}")))
}

fn no_connection(error: &(dyn std::error::Error + 'static)) -> Error {
    Error::new(Kind::Connect, format!("cannot connect: {}", deepest(error)))
}

fn not_secured(error: std::io::Error) -> Error {
    match rustls_error(&error) {
        Some(e) => Error::new(Kind::Tls, format!("the TLS handshake failed: {}", tls::explain(e))),
        None if is_closed(error.kind()) => {
            Error::new(Kind::Closed, format!("closed in the TLS handshake: {error}"))
        }
        None => Error::new(Kind::Tls, format!("the TLS handshake failed: {error}")),
    }
}
