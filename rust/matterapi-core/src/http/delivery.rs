//! The lower steps of a call: dead connections and redirects around single attempts.

use std::sync::Arc;

use url::Url;

use super::attempt::{Attempt, FailedAttempt};
use super::open_response::OpenResponse;
use super::redirect::{self, Origin};
use super::session::Session;
use super::transport::Transport;
use crate::clock::timeout;
use crate::error::{Error, ErrorKind};
use crate::retry;

impl Session {
    /// Shows none of the session's own parameters in what the response says of URLs.
    pub(super) async fn delivered(
        &self,
        transport: &Transport,
        attempt: Attempt<'_>,
    ) -> Result<OpenResponse, Error> {
        let mut response = self.resent(transport, attempt).await?;
        if let Some(params) = &self.options.params {
            response.hide(params.expose());
        }
        Ok(response)
    }

    /// Sends once more at once what met a dead connection, as [`retry`] says.
    async fn resent(&self, transport: &Transport, attempt: Attempt<'_>) -> Result<OpenResponse, Error> {
        let mut attempts = 0;
        loop {
            let failed = match self.redirected(transport, attempt).await {
                Ok(response) => return Ok(response),
                Err(failed) => failed,
            };
            attempts += 1;
            if !retry::resend(attempts, failed.failure(), attempt.is_safe()) {
                return Err(failed.error);
            }
        }
    }

    /// Follows the response to the end of its redirects, as far as they are followed.
    async fn redirected(
        &self,
        transport: &Transport,
        first: Attempt<'_>,
    ) -> Result<OpenResponse, FailedAttempt> {
        let response = transport.attempt(first).await?;
        match self.options.max_redirects > 0 && response.status().is_redirection() {
            // A hop that fails is no reason to send the first request again.
            // Apart from the call, as a login is.
            true => Box::pin(self.follow(transport, first, response)).await.map_err(FailedAttempt::from),
            false => Ok(response),
        }
    }

    async fn follow(
        &self,
        transport: &Transport,
        first: Attempt<'_>,
        mut response: OpenResponse,
    ) -> Result<OpenResponse, Error> {
        let mut url = Url::parse(first.url)
            .map_err(|e| Error::new(ErrorKind::InvalidRequest, format!("the URL is not valid: {e}")))?;
        let anonymous = Arc::new(redirect::anonymous(&self.headers));
        let local_socket = self.dialer().address().socket.is_some();
        let limit = self.options.max_redirects;
        let (mut same_server, mut left) = (true, limit);
        loop {
            let from = Origin { method: first.method, url: &url, same_server, local_socket };
            let Some(hop) =
                redirect::next(from, response.status(), response.headers()).filter(|_| first.is_replayable())
            else {
                return Ok(response);
            };
            // Read to its end, so that the connection can carry the next request; or dropped, which closes it.
            drop(timeout(redirect::BODY_WAIT, response.drain()).await);
            left = left.checked_sub(1).ok_or_else(|| redirect::too_many(limit))?;
            (url, same_server) = (hop.url, hop.same_server);
            let attempt = Attempt {
                url: url.as_str(),
                headers: if same_server { first.headers } else { &anonymous },
                authorization: first.authorization.filter(|_| same_server),
                ..first
            };
            response = transport.attempt(attempt).await.map_err(|failed| failed.error)?;
        }
    }
}
