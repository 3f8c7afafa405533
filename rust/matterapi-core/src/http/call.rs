//! The upper steps of a call: what a caller can ask for, a token, and a new one when the session has expired.

use std::borrow::Cow;
use std::sync::Arc;

use http::{HeaderMap, StatusCode};

use super::attempt::Attempt;
use super::body::BytesSent;
use super::open_response::OpenResponse;
use super::pool::PoolSlot;
use super::redirect;
use super::request::Request;
use super::retry_watch::RetryWatch;
use super::session::Session;
use super::size_limit::{BodyKind, SizeLimit};
use super::transport::Transport;
use crate::auth::Grant;
use crate::error::{Error, ErrorKind};
use crate::response::Response;

/// What a call brought.
#[allow(
    clippy::large_enum_variant,
    reason = "it never moves far, and a box would be one more allocation a call"
)]
pub(crate) enum Delivered {
    /// The head; the body has not been read.
    Open(OpenResponse),
    /// All of it.
    Read(Response),
}

/// How one call goes out, beside what every call of the session has.
#[derive(Default)]
pub(crate) struct CallOptions<'a> {
    /// Headers of this call alone.
    pub(crate) headers: HeaderMap,
    /// Counts the bytes of the body that go out.
    pub(crate) bytes_sent: Option<&'a BytesSent>,
    /// Is told of further attempts.
    pub(crate) retries: Option<&'a RetryWatch>,
    /// Whether the response can only be small.
    pub(crate) small: bool,
    /// Whether the body of a 2xx response is left to the caller.
    pub(crate) leaves_body: bool,
}

impl CallOptions<'_> {
    fn small() -> Self {
        Self { small: true, ..Self::default() }
    }
}

impl Session {
    /// Sends `request` and returns the response, whatever its status.
    ///
    /// Logs in first when there is a password and no token yet, and once more when the server says that
    /// the session expired. Failures that may pass are followed by further attempts, as the options allow
    /// ([`retry`](crate::retry)), in the order and at the pace that the server's rate limit asks for.
    ///
    /// # Errors
    /// Transport failures, [`ErrorKind::Auth`] and [`ErrorKind::Refused`].
    ///
    /// # Cancellation
    /// Dropping the future gives up the call and closes its connection.
    pub async fn send(&self, transport: &Transport, request: &Request) -> Result<Response, Error> {
        self.send_in(&mut None, transport, request).await
    }

    /// As [`Session::send`], when the caller holds the right to a connection already.
    ///
    /// # Errors
    /// As [`Session::send`].
    pub async fn send_in(
        &self,
        slot: &mut Option<PoolSlot>,
        transport: &Transport,
        request: &Request,
    ) -> Result<Response, Error> {
        self.whole(slot, transport, request, &CallOptions::default()).await
    }

    /// As [`Session::send`], but once: for who has rules of its own for repeats.
    pub(crate) async fn send_once(
        &self,
        transport: &Transport,
        request: &Request,
    ) -> Result<Response, Error> {
        self.whole_once(transport, request, &CallOptions::default()).await
    }

    /// As [`Session::send_once`], for a response that can only be small.
    pub(crate) async fn send_small(
        &self,
        transport: &Transport,
        request: &Request,
    ) -> Result<Response, Error> {
        self.whole_once(transport, request, &CallOptions::small()).await
    }

    async fn whole_once(
        &self,
        transport: &Transport,
        request: &Request,
        options: &CallOptions<'_>,
    ) -> Result<Response, Error> {
        let on_route = |e: Error| e.on(request.route.label());
        let mut slot = None;
        self.counters.calls.add();
        let admission = self.admitted(&mut slot).await.inspect_err(|e| self.counters.failed(e.kind()));
        let admission = admission.map_err(on_route)?;
        self.counters.attempts.add();
        let outcome = self.once(transport, request, options).await;
        let response = match self.counted(outcome).map_err(on_route)? {
            Delivered::Read(response) => response,
            Delivered::Open(response) => self.read(response, request, options).await.map_err(on_route)?,
        };
        admission.answered(response.status.as_u16(), &response.headers);
        Ok(response)
    }

    /// Asks what anybody may ask, for a small response: with the token that is there, never with a login.
    pub(crate) async fn ask_small(
        &self,
        transport: &Transport,
        request: &Request,
    ) -> Result<Response, Error> {
        let _slot = self.slot().await?;
        let grant = self.auth.grant().unwrap_or(Grant { header: None, generation: 0 });
        let options = CallOptions::small();
        let response = self.attempted(transport, request, &options, &grant).await?;
        self.read(response, request, &options).await
    }

    /// As [`Session::send_in`]: the head of a 2xx response, whose body is left to the caller, or any other
    /// response whole.
    pub(crate) async fn open(
        &self,
        slot: &mut Option<PoolSlot>,
        transport: &Transport,
        request: &Request,
        options: CallOptions<'_>,
    ) -> Result<Delivered, Error> {
        let options = CallOptions { leaves_body: true, ..options };
        self.repeated(slot, transport, request, &options).await.map_err(|e| e.on(request.route.label()))
    }

    /// As [`Session::open`], but once, and for who has a slot and keeps it.
    pub(crate) async fn reopen(
        &self,
        transport: &Transport,
        request: &Request,
        options: CallOptions<'_>,
    ) -> Result<Delivered, Error> {
        let options = CallOptions { leaves_body: true, ..options };
        self.once(transport, request, &options).await.map_err(|e| e.on(request.route.label()))
    }

    /// As [`Session::send_in`].
    pub(crate) async fn whole(
        &self,
        slot: &mut Option<PoolSlot>,
        transport: &Transport,
        request: &Request,
        options: &CallOptions<'_>,
    ) -> Result<Response, Error> {
        let response = match self.repeated(slot, transport, request, options).await {
            Ok(Delivered::Open(response)) => self.read(response, request, options).await,
            Ok(Delivered::Read(response)) => Ok(response),
            Err(e) => Err(e),
        };
        response.map_err(|e| e.on(request.route.label()))
    }

    /// One attempt, with its response as far as the caller does not want to read it.
    pub(super) async fn once(
        &self,
        transport: &Transport,
        request: &Request,
        options: &CallOptions<'_>,
    ) -> Result<Delivered, Error> {
        match self.signed_in(transport, request, options).await? {
            Delivered::Open(response) if !(options.leaves_body && response.is_success()) => {
                self.read(response, request, options).await.map(Delivered::Read)
            }
            delivered => Ok(delivered),
        }
    }

    /// Adds the token, and sends the request once more with another one when the session has expired.
    async fn signed_in(
        &self,
        transport: &Transport,
        request: &Request,
        options: &CallOptions<'_>,
    ) -> Result<Delivered, Error> {
        if request.own.anonymous {
            let nobody = Grant { header: None, generation: 0 };
            return self.attempted(transport, request, options, &nobody).await.map(Delivered::Open);
        }
        let grant = self.granted(transport).await?;
        let response = self.attempted(transport, request, options, &grant).await?;
        if response.status() != StatusCode::UNAUTHORIZED || !self.auth.is_renewable() {
            return Ok(Delivered::Open(response));
        }
        let refusal = self.read(response, request, options).await?;
        if !self.auth.is_expired(&refusal) {
            return Ok(Delivered::Read(refusal));
        }
        drop(refusal);
        if request.body.as_ref().is_some_and(|body| !body.replayable()) {
            return Err(Error::new(
                ErrorKind::Auth,
                "the session expired, and the body cannot be sent twice: open the content again and repeat the call",
            )
            .after_sending());
        }
        self.renew(transport, grant.generation).await?;
        let grant = self.granted(transport).await?;
        self.attempted(transport, request, options, &grant).await.map(Delivered::Open)
    }

    /// Hands the request with its token to the lower steps.
    async fn attempted(
        &self,
        transport: &Transport,
        request: &Request,
        options: &CallOptions<'_>,
        grant: &Grant,
    ) -> Result<OpenResponse, Error> {
        let url = self.url(&request.target, request.own.anonymous);
        let mut headers = Cow::Borrowed(&self.headers);
        if request.own.anonymous {
            headers = Cow::Owned(Arc::new(redirect::anonymous(&self.headers)));
        }
        let mut own_headers = Cow::Borrowed(&request.own.headers);
        if !options.headers.is_empty() {
            own_headers.to_mut().extend(options.headers.clone());
        }
        let attempt = Attempt {
            method: request.route.method(),
            url: &url,
            headers: &headers,
            own_headers: &own_headers,
            timeout: request.own.timeout,
            authorization: grant.header.as_ref(),
            body: request.body.as_ref(),
            idempotent: request.own.idempotent,
            bytes_sent: options.bytes_sent,
        };
        self.delivered(transport, attempt).await
    }

    /// Reads the body of a response, as much of it as there may be.
    async fn read(
        &self,
        mut response: OpenResponse,
        request: &Request,
        options: &CallOptions<'_>,
    ) -> Result<Response, Error> {
        let kind = match options.small {
            true => BodyKind::Small,
            // An error is JSON wherever it comes.
            false if request.route.is_raw() && response.is_success() => BodyKind::Raw,
            false => BodyKind::Json,
        };
        response.read(SizeLimit::of(&self.options, kind)).await
    }
}
