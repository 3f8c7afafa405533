//! HTTP/1.1 straight to the server, on a [`reactor`](crate::reactor): our own sockets, with httparse for what comes.
//!
//! For calls without a detour. Proxies, HTTP/2, local sockets and bodies that are read while they are sent go
//! through reqwest, on a runtime.

mod broken;
mod connection;
mod framing;
mod gzip;
mod head;
mod place;
mod request;
mod wire;

use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use http::Response;
use rustls::pki_types::ServerName;
use tokio::sync::Notify;
use tokio_rustls::TlsConnector;
use url::Url;

pub(super) use self::broken::Broken;
pub(super) use self::connection::Body;
use self::connection::{Connection, Refused};
use self::head::Head;
use self::place::Place;
use self::request::{KnownFields, Outgoing};
use self::wire::Wire;
use super::attempt::Attempt;
use super::progress::Progress;
use crate::clock;
use crate::error::{Error, ErrorKind};
use crate::net::dial::Dialer;
use crate::net::failure::{not_connected, not_encrypted, rustls_error};
use crate::options::Timeout;
use crate::reactor::{self, Handle, Socket};

/// The connections that one reactor keeps to a server, and the way to more.
#[derive(Debug)]
pub(crate) struct Direct {
    dialer: Arc<Dialer>,
    reactor: Handle,
    /// The origin of the session's server.
    home: String,
    fields: KnownFields,
    /// Those that wait for their next request; the one used last is the warmest.
    idle: Mutex<Vec<Connection>>,
    /// Rings when there is one more of them.
    freed: Notify,
}

/// Why an attempt brought no head of a response.
pub(super) enum Failed {
    /// There was no connection.
    Unconnected(Error),
    /// It ended before the head was there. Whether it had carried a call before.
    Cut(Broken, bool),
}

impl Direct {
    pub(super) fn new(dialer: &Arc<Dialer>, reactor: &Handle) -> Self {
        Self {
            home: place::origin_of(&dialer.address().url).to_owned(),
            dialer: Arc::clone(dialer),
            reactor: reactor.clone(),
            fields: KnownFields::default(),
            idle: Mutex::default(),
            freed: Notify::new(),
        }
    }

    /// Whether an attempt can go this way.
    pub(super) fn takes(&self, attempt: &Attempt<'_>) -> bool {
        let streamed = attempt.body.is_some_and(|body| attempt.bytes_sent.is_some() || body.is_streamed());
        // While a runtime is lent nobody looks at the reactor's own sockets.
        if streamed || self.reactor.wants_runtime() {
            return false;
        }
        match attempt.url.starts_with(self.dialer.address().base()) {
            true => self.dialer.is_home_direct(),
            false => Url::parse(attempt.url).is_ok_and(|url| self.dialer.is_direct(&url)),
        }
    }

    /// Sends a request and waits for the head of its response.
    ///
    /// # Cancellation
    /// Dropping the future, or the body before its end, closes the connection used.
    pub(super) async fn send(
        self: &Arc<Self>,
        attempt: &Attempt<'_>,
        progress: &Arc<Progress>,
        timeout: Timeout,
    ) -> Result<Response<Body>, Failed> {
        let place = Place::of(attempt.url, &self.home).map_err(Failed::Unconnected)?;
        let request = self.fields.request(attempt, &place).map_err(Failed::Unconnected)?;
        loop {
            let (mut connection, used) = match self.kept(place.origin()).await {
                Some(connection) => (connection, true),
                // Apart from the others: it is large, and every call would keep room for it.
                None => Box::pin(self.next(&place, progress, timeout)).await.map_err(Failed::Unconnected)?,
            };
            match connection.send(&request).await {
                Ok(head) => {
                    let response = self.open(attempt, &request, head, connection);
                    return response.map_err(|broken| Failed::Cut(broken, used));
                }
                // It had ended before the request went out: another one carries it.
                Err(Refused { unsent: true, .. }) if used => {}
                Err(Refused { broken, .. }) => return Err(Failed::Cut(broken, used)),
            }
        }
    }

    fn open(
        self: &Arc<Self>,
        attempt: &Attempt<'_>,
        request: &Outgoing,
        mut head: Head,
        connection: Connection,
    ) -> Result<Response<Body>, Broken> {
        let mut body = Body::new(attempt.method, &head, request.closes, connection, self)?;
        body.undo(gzip::decoder_for(&mut head.headers));
        let mut response = Response::new(body);
        (*response.status_mut(), *response.version_mut()) = (head.status, head.version);
        *response.headers_mut() = head.headers;
        Ok(response)
    }

    /// A new connection, or one that another call is done with before that is made; and whether it is such a one.
    async fn next(
        &self,
        place: &Place<'_>,
        progress: &Arc<Progress>,
        timeout: Timeout,
    ) -> Result<(Connection, bool), Error> {
        let mut connecting = pin!(self.connect(place, progress, timeout));
        loop {
            tokio::select! {
                biased;
                made = &mut connecting => return Ok((made?, false)),
                () = self.freed.notified() => {
                    if let Some(connection) = self.kept(place.origin()).await {
                        return Ok((connection, true));
                    }
                }
            }
        }
    }

    /// A kept connection that is still alive.
    async fn kept(&self, origin: &str) -> Option<Connection> {
        loop {
            let mut connection = self.take(origin)?;
            if connection.is_alive().await {
                return Some(connection);
            }
        }
    }

    fn take(&self, origin: &str) -> Option<Connection> {
        let expiry = self.dialer.limits().keepalive_expiry;
        let now = Instant::now();
        let expired = |connection: &Connection| expiry.is_some_and(|expiry| connection.rested(now) >= expiry);
        let mut idle = self.idle();
        // They lie in the order in which they were last used.
        let gone = idle.iter().take_while(|connection| expired(connection)).count();
        idle.drain(..gone);
        let at = idle.iter().rposition(|connection| connection.leads_to(origin))?;
        Some(idle.remove(at))
    }

    /// Keeps a connection for the next request.
    fn put(&self, mut connection: Connection) {
        let most = self.dialer.limits().max_keepalive_connections.unwrap_or(usize::MAX);
        connection.rest();
        let mut idle = self.idle();
        if idle.len() >= most && !idle.is_empty() {
            idle.remove(0);
        }
        if idle.len() < most {
            idle.push(connection);
            self.freed.notify_one();
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new connection, encrypted where the URL says so.
    async fn connect(
        &self,
        place: &Place<'_>,
        progress: &Arc<Progress>,
        timeout: Timeout,
    ) -> Result<Connection, Error> {
        let url = place.url()?;
        let way = || self.dialer.way_to(&url);
        let _connecting = progress.connecting();
        let connecting = self.connection_to(&url);
        let limit = self.dialer.timeout().connect;
        match limit {
            None => connecting.await,
            Some(limit) => {
                clock::timeout(limit, connecting).await.map_err(|_| timeout.no_connection(&way()))?
            }
        }
    }

    async fn connection_to(&self, url: &Url) -> Result<Connection, Error> {
        let dialer = Arc::clone(&self.dialer);
        let to = url.clone();
        let stream = reactor::on_runtime(async move { dialer.tcp(&to).await })
            .await
            .ok_or_else(|| Error::new(ErrorKind::Closed, "the I/O thread has ended"))??;
        let failed = |e: std::io::Error| match rustls_error(&e) {
            Some(_) => not_encrypted(&e),
            None => not_connected(&e, &self.dialer.way_to(url)),
        };
        let socket = Socket::new(stream, &self.reactor).map_err(failed)?;
        let peeker = socket.peeker();
        let wire = match url.scheme() {
            "https" => {
                let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
                let name = ServerName::try_from(host).map_err(|_| {
                    Error::new(ErrorKind::Config, "the host of url cannot be checked against a certificate")
                })?;
                let connector = TlsConnector::from(self.dialer.http1_tls());
                let stream = connector.connect(name, socket).await.map_err(failed)?;
                Wire::Encrypted(Box::new(stream))
            }
            _ => Wire::Plain(socket),
        };
        Ok(Connection::new(wire, peeker, place::origin_of(url)))
    }
}
