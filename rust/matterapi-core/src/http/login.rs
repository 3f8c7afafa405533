//! The token of a session: one login for all calls that wait for it.

use std::sync::Arc;

use http::{HeaderMap, Method};

use super::attempt::Attempt;
use super::body::Body;
use super::session::Session;
use super::size_limit::{BodyKind, SizeLimit};
use super::transport::Transport;
use crate::auth::{self, Grant};
use crate::error::Error;

const PATH: &str = "/api/v4/users/login";
const ROUTE: &str = "POST /api/v4/users/login";

impl Session {
    /// Logs in unless there is a token already.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) with the server's response,
    /// [`ErrorKind::Auth`](crate::ErrorKind::Auth), transport failures.
    pub async fn login(&self, transport: &Transport) -> Result<(), Error> {
        self.granted(transport).await.map(drop)
    }

    /// Logs in again, whatever there is.
    ///
    /// # Errors
    /// As [`Session::login`].
    pub(crate) async fn login_again(&self, transport: &Transport) -> Result<(), Error> {
        let generation = self.auth.grant().map_or(0, |grant| grant.generation);
        self.renew(transport, generation).await
    }

    /// What to send as authorization, after a login if there is nothing yet.
    pub(super) async fn granted(&self, transport: &Transport) -> Result<Grant, Error> {
        loop {
            match self.auth.grant() {
                Some(grant) => return Ok(grant),
                None => self.renew(transport, 0).await?,
            }
        }
    }

    /// Replaces the token of `generation`; a no-op when another call has done so.
    pub(super) async fn renew(&self, transport: &Transport, generation: u64) -> Result<(), Error> {
        let _leader = self.auth.login.lock().await;
        if self.auth.grant().is_some_and(|grant| grant.generation != generation) {
            return Ok(());
        }
        // Apart from the call: a login is rare, and every call would keep room for one.
        Box::pin(self.log_in(transport)).await.map_err(|e| e.on(&Arc::from(ROUTE)))
    }

    async fn log_in(&self, transport: &Transport) -> Result<(), Error> {
        let body = Body::bytes("application/json", self.auth.login_body().await?);
        let (url, no_headers) = (self.url(PATH, false), HeaderMap::new());
        let attempt = Attempt {
            method: &Method::POST,
            url: &url,
            headers: &self.headers,
            own_headers: &no_headers,
            timeout: None,
            authorization: None,
            body: Some(&body),
            idempotent: false,
            bytes_sent: None,
        };
        let mut response = self.delivered(transport, attempt).await?;
        let response = response.read(SizeLimit::of(&self.options, BodyKind::Small)).await?;
        if !response.status.is_success() {
            return Err(Error::refused(response));
        }
        self.auth.accept(auth::token_in(&response)?)
    }
}
