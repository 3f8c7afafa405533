//! A session: one login and the way every call takes.

use std::sync::Arc;

use http::{HeaderMap, Method};
use tokio::time::timeout;
use url::Url;

use crate::answer::Answer;
use crate::auth::{self, Auth, Credentials, Grant};
use crate::body::{Body, Tally};
use crate::config::{Config, Content};
use crate::error::{Error, Kind};
use crate::network::Dialer;
use crate::redirect::{self, Sent};
use crate::slots::{Slot, Slots};
use crate::transport::{Attempt, Failure, Transport};
use crate::{Response, Route, Secret};

const LOGIN_PATH: &str = "/api/v4/users/login";
const LOGIN_ROUTE: &str = "POST /api/v4/users/login";

/// A call, ready to be sent.
#[derive(Debug)]
pub struct Request {
    /// The route, for verb and errors.
    pub route: Arc<Route>,
    /// The filled route: path and query.
    pub target: String,
    /// The body.
    pub body: Option<Body>,
}

/// What a call brought.
#[expect(clippy::large_enum_variant, reason = "moved a few times a call: a box would cost more")]
pub(crate) enum Reply {
    /// The whole answer.
    Whole(Response),
    /// The head of a 2xx answer; its body has not been read.
    Open(Box<Answer>),
}

/// How one call goes out, beside what every call of the session has.
#[derive(Default)]
pub(crate) struct Manner<'a> {
    /// Headers of this call alone.
    pub(crate) headers: HeaderMap,
    /// Told of every piece of the body that goes out.
    pub(crate) tally: Option<&'a Tally>,
    /// Whether the body of a 2xx answer is left to the caller.
    pub(crate) open: bool,
    /// Whether the answer can only be small.
    pub(crate) small: bool,
}

/// One user's session with one server. It belongs to no runtime; connections belong to a [`Transport`].
#[derive(Debug)]
pub struct Session {
    config: Config,
    dialer: Dialer,
    auth: Auth,
    slots: Slots,
}

impl Session {
    /// A session that has sent nothing yet.
    ///
    /// # Errors
    /// [`Kind::Config`] when the TLS settings or the token cannot be used.
    pub fn new(config: Config) -> Result<Self, Error> {
        Ok(Self {
            dialer: Dialer::new(&config)?,
            auth: Auth::new(config.credentials.clone(), &config.headers)?,
            slots: Slots::new(&config.network),
            config,
        })
    }

    /// The same session for a forked child: same settings and token, no lock or connection shared.
    ///
    /// # Errors
    /// As [`Session::new`].
    pub fn for_child(&self) -> Result<Self, Error> {
        let child = Self {
            config: self.config.clone(),
            dialer: self.dialer.for_child(),
            auth: Auth::new(self.config.credentials.clone(), &self.config.headers)?,
            slots: Slots::new(&self.config.network),
        };
        if let (Credentials::Password { .. }, Some(token)) =
            (&self.config.credentials, self.auth.token_without_waiting())
        {
            child.auth.accept(token)?;
        }
        Ok(child)
    }

    /// A connection pool for the runtime of the caller.
    ///
    /// # Errors
    /// [`Kind::Config`] when the HTTP client cannot be set up.
    pub fn transport(&self) -> Result<Transport, Error> {
        Transport::new(&self.dialer)
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.config
    }

    pub(crate) fn dialer(&self) -> &Dialer {
        &self.dialer
    }

    /// The token in use; `None` before the first login.
    pub fn token(&self) -> Option<Secret> {
        self.auth.token()
    }

    /// The token in use and the one before it, which late answers may still speak of.
    pub fn tokens(&self) -> Vec<Secret> {
        self.auth.tokens()
    }

    /// Sends `request` and returns the answer, whatever its status.
    ///
    /// Logs in first when there is a password and no token yet, and once more when the server says that
    /// the session expired. An idempotent call whose pooled connection turned out to be closed is sent
    /// again once; nothing else is.
    ///
    /// # Errors
    /// Transport failures, [`Kind::Auth`] and [`Kind::Refused`].
    ///
    /// # Cancellation
    /// Dropping the future gives up the call and closes its connection.
    pub async fn send(&self, transport: &Transport, request: &Request) -> Result<Response, Error> {
        let slot = self.slot().await.map_err(|e| e.on(request.route.label()))?;
        self.send_in(&slot, transport, request).await
    }

    /// As [`Session::send`], when the caller holds the right to a connection already.
    ///
    /// # Errors
    /// As [`Session::send`].
    pub async fn send_in(
        &self,
        _slot: &Slot,
        transport: &Transport,
        request: &Request,
    ) -> Result<Response, Error> {
        self.whole(self.begin(transport, request, &Manner::default()).await?).await
    }

    /// As [`Session::send`], for an answer that can only be small.
    pub(crate) async fn send_small(
        &self,
        transport: &Transport,
        request: &Request,
    ) -> Result<Response, Error> {
        let _slot = self.slot().await?;
        self.whole(self.begin(transport, request, &Manner { small: true, ..Manner::default() }).await?).await
    }

    /// Asks what anybody may ask, for a small answer: with the token that is there, never with a login.
    pub(crate) async fn ask_small(
        &self,
        transport: &Transport,
        request: &Request,
    ) -> Result<Response, Error> {
        let _slot = self.slot().await?;
        let grant = self.auth.grant().unwrap_or(Grant { header: None, generation: 0 });
        let manner = Manner { small: true, ..Manner::default() };
        self.whole(self.deliver(transport, request, &manner, &grant).await?).await
    }

    async fn whole(&self, reply: Reply) -> Result<Response, Error> {
        match reply {
            Reply::Whole(response) => Ok(response),
            Reply::Open(answer) => answer.read(self.config.max_body.bound(Content::Raw)).await,
        }
    }

    /// As [`Session::send`], in the given manner and without waiting for a connection to be free.
    pub(crate) async fn begin(
        &self,
        transport: &Transport,
        request: &Request,
        manner: &Manner<'_>,
    ) -> Result<Reply, Error> {
        self.begin_unlabelled(transport, request, manner).await.map_err(|e| e.on(request.route.label()))
    }

    async fn begin_unlabelled(
        &self,
        transport: &Transport,
        request: &Request,
        manner: &Manner<'_>,
    ) -> Result<Reply, Error> {
        let grant = self.granted(transport).await?;
        let response = match self.deliver(transport, request, manner, &grant).await? {
            Reply::Whole(response) if self.auth.is_expired(&response) => response,
            reply => return Ok(reply),
        };
        drop(response);
        if request.body.as_ref().is_some_and(|body| !body.replayable()) {
            return Err(Error::new(
                Kind::Auth,
                "the session expired, and the body cannot be sent twice: open the content again and repeat the call",
            )
            .after_sending());
        }
        self.renew(transport, grant.generation).await?;
        let grant = self.granted(transport).await?;
        self.deliver(transport, request, manner, &grant).await
    }

    /// The right to use one of the session's connections, if it can be had without waiting.
    pub fn free_slot(&self) -> Option<Slot> {
        self.slots.free()
    }

    /// Waits for the right to use one of the session's connections.
    ///
    /// # Errors
    /// [`Kind::Timeout`] when none is free for longer than the pool time-out.
    pub async fn slot(&self) -> Result<Slot, Error> {
        self.slots.wait().await
    }

    /// Logs in unless there is a token already.
    ///
    /// # Errors
    /// [`Kind::Refused`] with the server's answer, [`Kind::Auth`], transport failures.
    pub async fn login(&self, transport: &Transport) -> Result<(), Error> {
        self.granted(transport).await.map(drop)
    }

    /// Logs in again, whatever there is.
    ///
    /// # Errors
    /// As [`Session::login`].
    pub async fn login_again(&self, transport: &Transport) -> Result<(), Error> {
        let generation = self.auth.grant().map_or(0, |grant| grant.generation);
        self.renew(transport, generation).await
    }

    async fn granted(&self, transport: &Transport) -> Result<Grant, Error> {
        loop {
            match self.auth.grant() {
                Some(grant) => return Ok(grant),
                None => self.renew(transport, 0).await?,
            }
        }
    }

    /// Replaces the token of `generation`; a no-op when another call has done so.
    async fn renew(&self, transport: &Transport, generation: u64) -> Result<(), Error> {
        let _leader = self.auth.login.lock().await;
        if self.auth.grant().is_some_and(|grant| grant.generation != generation) {
            return Ok(());
        }
        self.log_in(transport).await.map_err(|e| e.on(&LOGIN_ROUTE.into()))
    }

    async fn log_in(&self, transport: &Transport) -> Result<(), Error> {
        let body = Body::bytes("application/json", self.auth.login_body().await?);
        let (url, no_headers) = (self.url(LOGIN_PATH), HeaderMap::new());
        let attempt = Attempt {
            method: &Method::POST,
            url: &url,
            headers: &self.config.headers,
            own_headers: &no_headers,
            authorization: None,
            body: Some(&body),
            tally: None,
        };
        let answer = transport.attempt(attempt).await.map_err(|failure| failure.error)?;
        let answer = self.at_the_end(transport, attempt, answer).await?;
        let response = answer.read(self.config.max_body.bound(Content::Small)).await?;
        if !response.status.is_success() {
            return Err(Error::refused(response));
        }
        self.auth.accept(auth::token_in(&response)?)
    }

    async fn deliver(
        &self,
        transport: &Transport,
        request: &Request,
        manner: &Manner<'_>,
        grant: &Grant,
    ) -> Result<Reply, Error> {
        let url = self.url(&request.target);
        let attempt = Attempt {
            method: request.route.method(),
            url: &url,
            headers: &self.config.headers,
            own_headers: &manner.headers,
            authorization: grant.header.as_ref(),
            body: request.body.as_ref(),
            tally: manner.tally,
        };
        let answer = match transport.attempt(attempt).await {
            Err(failure) if repeatable(request, &failure) => transport.attempt(attempt).await,
            first => first,
        };
        let answer = answer.map_err(|failure| failure.error)?;
        let answer = self.at_the_end(transport, attempt, answer).await?;
        if manner.open && answer.is_success() {
            return Ok(Reply::Open(Box::new(answer)));
        }
        // An error is JSON wherever it comes.
        let raw = request.route.is_raw() && answer.is_success();
        answer.read(self.config.max_body.bound(Content::of(manner.small, raw))).await.map(Reply::Whole)
    }

    /// Where a request for `target` goes, the session's own parameters included.
    fn url(&self, target: &str) -> String {
        let base = &self.config.base;
        match &self.config.query {
            None => format!("{base}{target}"),
            Some(query) => {
                let joint = if target.contains('?') { '&' } else { '?' };
                format!("{base}{target}{joint}{}", query.expose())
            }
        }
    }

    /// The answer at the end of the redirects, as far as they are followed.
    async fn at_the_end(
        &self,
        transport: &Transport,
        attempt: Attempt<'_>,
        answer: Answer,
    ) -> Result<Answer, Error> {
        let mut answer = match self.config.redirects > 0 && answer.status().is_redirection() {
            true => self.follow(transport, attempt, answer).await?,
            false => answer,
        };
        if let Some(query) = &self.config.query {
            answer.hide(query.expose());
        }
        Ok(answer)
    }

    async fn follow(
        &self,
        transport: &Transport,
        first: Attempt<'_>,
        mut answer: Answer,
    ) -> Result<Answer, Error> {
        let mut url = Url::parse(first.url)
            .map_err(|e| Error::new(Kind::InvalidRequest, format!("the URL is not valid: {e}")))?;
        let harmless = Arc::new(redirect::harmless(&self.config.headers));
        let bound = self.config.place.socket.is_some();
        let mut home = true;
        let mut left = self.config.redirects;
        loop {
            let sent = Sent { method: first.method, url: &url, home, bound };
            let Some(hop) = redirect::next(sent, answer.status(), answer.headers())
                .filter(|_| first.body.is_none_or(Body::replayable))
            else {
                return Ok(answer);
            };
            // Read to its end, so that the connection can carry the next request; or dropped, which closes it.
            drop(timeout(redirect::BODY_WAIT, answer.drain()).await);
            left = left.checked_sub(1).ok_or_else(|| redirect::too_many(self.config.redirects))?;
            (url, home) = (hop.url, hop.home);
            let attempt = Attempt {
                url: url.as_str(),
                headers: if home { first.headers } else { &harmless },
                authorization: first.authorization.filter(|_| home),
                ..first
            };
            answer = transport.attempt(attempt).await.map_err(|failure| failure.error)?;
        }
    }

    /// For the upgrade of a websocket: all fields at home, those that say nothing of us elsewhere.
    pub(crate) fn websocket_headers(&self, home: bool) -> HeaderMap {
        if !home {
            return redirect::harmless(&self.config.headers);
        }
        let mut headers = HeaderMap::clone(&self.config.headers);
        if let Some(value) = self.auth.grant().and_then(|grant| grant.header) {
            headers.entry(http::header::AUTHORIZATION).or_insert(value);
        }
        headers
    }
}

/// The one repeat there is: RFC 9110 section 9.2.2, idempotent methods after a connection failure.
fn repeatable(request: &Request, failure: &Failure) -> bool {
    failure.stale_connection
        && request.route.method().is_idempotent()
        && request.body.as_ref().is_none_or(Body::replayable)
}
