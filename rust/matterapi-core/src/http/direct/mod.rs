//! HTTP/1.1 straight to the server, on a [`reactor`](crate::reactor): our own sockets, with httparse for what comes.
//!
//! For calls without a detour. Proxies, HTTP/2, local sockets and bodies that are read while they are sent go
//! through reqwest, on a runtime.

mod broken;
mod connecting;
mod connection;
mod framing;
mod gzip;
mod head;
mod kept;
mod place;
mod request;
mod wire;

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use url::Url;

pub(super) use self::broken::Broken;
use self::connecting::{Connecting, PATIENCE};
pub(super) use self::connection::Body;
use self::connection::{Connection, Refused};
pub(super) use self::head::Head;
use self::kept::Kept;
use self::place::Place;
use self::request::{KnownFields, Outgoing};
use super::attempt::Attempt;
use super::progress::Progress;
use crate::clock;
use crate::error::Error;
use crate::net::dial::Dialer;
use crate::options::Timeout;
use crate::reactor::Handle;

/// The connections that one reactor keeps to a server, and the way to more.
#[derive(Debug)]
pub(crate) struct Direct {
    dialer: Arc<Dialer>,
    reactor: Handle,
    /// The origin of the session's server.
    home: String,
    fields: KnownFields,
    kept: Kept,
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
            kept: Kept::default(),
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
    ) -> Result<(Head, Body), Failed> {
        let place = Place::of(attempt.url, &self.home).map_err(Failed::Unconnected)?;
        let request = self.fields.request(attempt, &place).map_err(Failed::Unconnected)?;
        loop {
            let (mut connection, used) = match self.alive(&place).await {
                Some(connection) => (connection, true),
                // Apart from the others: it is large, and every call would keep room for it.
                None => Box::pin(self.next(&place, progress, timeout)).await.map_err(Failed::Unconnected)?,
            };
            match connection.send(&request).await {
                Ok(head) => {
                    let opened = self.open(attempt, &request, head, connection);
                    return opened.map_err(|broken| Failed::Cut(broken, used));
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
    ) -> Result<(Head, Body), Broken> {
        let mut body = Body::new(attempt.method, &head, request.closes, connection, self)?;
        body.undo(gzip::decoder_for(&mut head.headers));
        Ok((head, body))
    }

    /// A new connection, or one that another call is done with before that is made; and whether a call before may have
    /// had to do with it.
    async fn next(
        self: &Arc<Self>,
        place: &Place<'_>,
        progress: &Arc<Progress>,
        timeout: Timeout,
    ) -> Result<(Connection, bool), Error> {
        let _connecting = progress.connecting();
        while let Some(connecting) = self.kept.unfinished(place.origin()) {
            let patience = PATIENCE.saturating_sub(connecting.begun.elapsed());
            // Another call's, and so is its failure.
            if let Ok(Ok((connection, _))) =
                clock::timeout(patience, self.made_or_freed(connecting, place)).await
            {
                return Ok((connection, true));
            }
        }
        let connecting = Connecting::new(&self.dialer, &self.reactor, place.url()?, timeout);
        self.made_or_freed(connecting, place).await
    }

    /// The connection that is being made, or one that becomes free before; and whether it is such a one.
    async fn made_or_freed(
        self: &Arc<Self>,
        mut connecting: Connecting,
        place: &Place<'_>,
    ) -> Result<(Connection, bool), Error> {
        loop {
            tokio::select! {
                biased;
                made = &mut connecting.connection => return Ok((made?, false)),
                () = self.kept.freed() => {
                    if let Some(connection) = self.alive(place).await {
                        self.leave(connecting);
                        return Ok((connection, true));
                    }
                }
            }
        }
    }

    fn leave(self: &Arc<Self>, connecting: Connecting) {
        let (number, direct) = (connecting.number, Arc::downgrade(self));
        self.kept.leave(connecting);
        self.reactor.adopt(Box::pin(poll_fn(move |cx| match direct.upgrade() {
            Some(direct) => direct.kept.poll_unfinished(number, direct.dialer.limits(), cx),
            None => Poll::Ready(()),
        })));
    }

    async fn alive(&self, place: &Place<'_>) -> Option<Connection> {
        self.kept.alive(place.origin(), self.dialer.limits()).await
    }

    /// Keeps a connection for the next request.
    fn put(&self, connection: Connection) {
        self.kept.put(connection, self.dialer.limits());
    }
}
