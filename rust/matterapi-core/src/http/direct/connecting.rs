//! Making a connection.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rustls::pki_types::ServerName;
use tokio_rustls::TlsConnector;
use url::Url;

use super::connection::Connection;
use super::place;
use super::wire::Wire;
use crate::clock;
use crate::error::{Error, ErrorKind};
use crate::net::dial::Dialer;
use crate::net::failure::{not_connected, not_encrypted, rustls_error};
use crate::options::Timeout;
use crate::reactor::{self, Handle, Socket};

/// How long a connection may be in the making until a call does not rely on it that has not begun it.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);

/// A connection that is being made, whoever waits for it.
pub(super) struct Connecting {
    pub(super) number: u64,
    pub(super) begun: Instant,
    /// Scheme, host and port.
    pub(super) origin: String,
    pub(super) connection: Pin<Box<dyn Future<Output = Result<Connection, Error>> + Send>>,
}

impl Connecting {
    /// To `url`, whose path does not count; encrypted where it says so.
    pub(super) fn new(dialer: &Arc<Dialer>, reactor: &Handle, url: Url, timeout: Timeout) -> Self {
        let origin = place::origin_of(&url).to_owned();
        let connection = Box::pin(connect(Arc::clone(dialer), reactor.clone(), url, timeout));
        static MADE: AtomicU64 = AtomicU64::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        Self { number, begun: Instant::now(), origin, connection }
    }
}

async fn connect(
    dialer: Arc<Dialer>,
    reactor: Handle,
    url: Url,
    timeout: Timeout,
) -> Result<Connection, Error> {
    let made = connection_to(&dialer, &reactor, &url);
    match dialer.timeout().connect {
        None => made.await,
        Some(limit) => {
            clock::timeout(limit, made).await.map_err(|_| timeout.no_connection(&dialer.way_to(&url)))?
        }
    }
}

async fn connection_to(dialer: &Arc<Dialer>, reactor: &Handle, url: &Url) -> Result<Connection, Error> {
    let (dialling, to) = (Arc::clone(dialer), url.clone());
    let stream = reactor::on_runtime(async move { dialling.tcp(&to).await })
        .await
        .ok_or_else(|| Error::new(ErrorKind::Closed, "the I/O thread has ended"))??;
    let failed = |e: std::io::Error| match rustls_error(&e) {
        Some(_) => not_encrypted(&e),
        None => not_connected(&e, &dialer.way_to(url)),
    };
    let socket = Socket::new(stream, reactor).map_err(failed)?;
    let peeker = socket.peeker();
    let wire = match url.scheme() {
        "https" => {
            let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
            let name = ServerName::try_from(host).map_err(|_| {
                Error::new(ErrorKind::Config, "the host of url cannot be checked against a certificate")
            })?;
            let connector = TlsConnector::from(dialer.http1_tls());
            let stream = connector.connect(name, socket).await.map_err(failed)?;
            Wire::Encrypted(Box::new(stream))
        }
        _ => Wire::Plain(socket),
    };
    Ok(Connection::new(wire, peeker, place::origin_of(url)))
}
