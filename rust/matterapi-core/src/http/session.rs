//! A session: one user's login with one server, and what all its calls have in common.

use std::sync::Arc;

use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::counters::Counters;
use super::pool::{Pool, PoolSlot};
use super::redirect;
use super::request::Request;
use super::shared_limiter::SharedLimiter;
use super::transport::Transport;
use crate::auth::{Auth, Credentials};
use crate::error::Error;
use crate::limiter::RateLimit;
use crate::net::dial::Dialer;
use crate::options::Options;
use crate::reactor::Handle;
use crate::retry::Quota;
use crate::secrets::Secret;

/// One user's session with one server. It belongs to no runtime; connections belong to a [`Transport`].
///
/// How it carries a call is written in `call.rs` and the files below it.
#[derive(Debug)]
pub struct Session {
    pub(super) options: Options,
    /// The options' headers, shared by all requests.
    pub(super) headers: Arc<HeaderMap>,
    pub(super) auth: Auth,
    pub(super) limiter: SharedLimiter,
    pub(super) quota: Quota,
    pub(super) counters: Counters,
    dialer: Arc<Dialer>,
    pool: Pool,
}

impl Session {
    /// A session that has sent nothing yet.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) when one of the options cannot be used.
    pub fn new(options: Options) -> Result<Self, Error> {
        let dialer = Dialer::new(&options)?;
        Self::with_dialer(options, dialer)
    }

    fn with_dialer(options: Options, dialer: Dialer) -> Result<Self, Error> {
        Ok(Self {
            auth: Auth::new(options.auth.clone(), &options.headers)?,
            pool: Pool::new(&options.limits, options.timeout),
            headers: Arc::new(options.headers.clone()),
            limiter: SharedLimiter::new(options.max_calls_per_second),
            quota: Quota::default(),
            counters: Counters::default(),
            dialer: Arc::new(dialer),
            options,
        })
    }

    /// The same session for a forked child: same options and token, no lock or connection shared.
    ///
    /// # Errors
    /// As [`Session::new`].
    pub fn for_child(&self) -> Result<Self, Error> {
        let child = Self::with_dialer(self.options.clone(), self.dialer.for_child())?;
        if let (Credentials::Password { .. }, Some(token)) =
            (&self.options.auth, self.auth.token_without_waiting())
        {
            child.auth.accept(token)?;
        }
        Ok(child)
    }

    /// A connection pool for the runtime of the caller.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) when the HTTP client cannot be set up.
    pub fn transport(&self) -> Result<Transport, Error> {
        Transport::new(&self.dialer, self.options.timeout, None)
    }

    /// A connection pool for a reactor.
    ///
    /// # Errors
    /// As [`Session::transport`].
    pub fn transport_on(&self, reactor: &Handle) -> Result<Transport, Error> {
        Transport::new(&self.dialer, self.options.timeout, Some(reactor))
    }

    /// Whether all of a call can go over a reactor that lends no runtime.
    pub fn is_direct(&self, request: &Request) -> bool {
        let whole = request.body.as_ref().is_none_or(|body| !body.is_streamed());
        // Another hop may lead to where a proxy is needed.
        whole && self.options.max_redirects == 0 && self.dialer.is_home_direct()
    }

    /// The options.
    pub fn options(&self) -> &Options {
        &self.options
    }

    pub(crate) fn dialer(&self) -> &Dialer {
        &self.dialer
    }

    /// The token in use; `None` before the first login.
    pub fn token(&self) -> Option<Secret> {
        self.auth.token()
    }

    /// The token in use and the one before it, which late responses may still speak of.
    pub fn tokens(&self) -> Vec<Secret> {
        self.auth.tokens()
    }

    /// What is known of the server's rate limit; `None` as long as it has spoken of none.
    pub fn rate_limit(&self) -> Option<RateLimit> {
        self.limiter.state()
    }

    /// What its calls have done so far; a forked child begins anew.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// A call that never began, because there was no connection for it.
    pub fn gave_up(&self, error: &Error) {
        self.counters.calls.add();
        self.counters.failed(error.kind());
    }

    /// The right to use one of the session's connections, if it can be had without waiting.
    pub fn free_slot(&self) -> Option<PoolSlot> {
        self.pool.free_slot()
    }

    /// Waits for the right to use one of the session's connections.
    ///
    /// # Errors
    /// [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) when none is free for longer than the pool time-out.
    pub async fn slot(&self) -> Result<PoolSlot, Error> {
        self.pool.slot().await
    }

    /// Where a request for `target` goes; the session's own parameters included, unless it is `anonymous`.
    pub(super) fn url(&self, target: &str, anonymous: bool) -> String {
        let base = self.dialer.address().base();
        match self.options.params.as_ref().filter(|_| !anonymous) {
            None => format!("{base}{target}"),
            Some(params) => {
                let joint = if target.contains('?') { '&' } else { '?' };
                format!("{base}{target}{joint}{}", params.expose())
            }
        }
    }

    /// For the upgrade of a websocket: all fields on the session's own server, elsewhere those that say
    /// nothing about its user.
    pub(crate) fn websocket_headers(&self, same_server: bool) -> HeaderMap {
        if !same_server {
            return redirect::anonymous(&self.headers);
        }
        let mut headers = HeaderMap::clone(&self.headers);
        if let Some(value) = self.auth.grant().and_then(|grant| grant.header) {
            headers.entry(AUTHORIZATION).or_insert(value);
        }
        headers
    }
}
