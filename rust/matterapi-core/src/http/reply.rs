//! A response as one of the two transports brings it.

use bytes::Bytes;
use http::{StatusCode, Version};

use super::direct::{Body, Head};
use super::failure::classify;
use super::progress::Progress;
use crate::error::Error;
use crate::headers::Headers;
use crate::options::Timeout;
use crate::reactor::HeldRuntime;

/// The head, and a body that is still to be read. Dropping it before its end closes the connection.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) version: Version,
    pub(crate) headers: Headers,
    source: Source,
}

/// Where the body comes from.
#[allow(clippy::large_enum_variant, reason = "most are of the larger kind")]
enum Source {
    Direct(Body),
    /// Its connection lives on a runtime, which is lent as long as it is read where there is none.
    OnRuntime(reqwest::Response, #[allow(dead_code, reason = "its end says enough")] Option<HeldRuntime>),
}

impl Reply {
    pub(super) fn direct(head: Head, body: Body) -> Self {
        let Head { status, version, headers } = head;
        Self { status, version, headers, source: Source::Direct(body) }
    }

    pub(super) fn on_runtime(mut response: reqwest::Response, held: Option<HeldRuntime>) -> Self {
        let headers = std::mem::take(response.headers_mut()).into();
        let (status, version) = (response.status(), response.version());
        Self { status, version, headers, source: Source::OnRuntime(response, held) }
    }

    /// Whether pieces of the body are parts of a buffer of the connection, which each of them keeps alive.
    pub(crate) fn lends_buffers(&self) -> bool {
        matches!(self.source, Source::OnRuntime(..))
    }

    /// Whether it is known that no piece of the body follows.
    pub(crate) fn is_over(&self) -> bool {
        match &self.source {
            Source::Direct(body) => body.is_over(),
            Source::OnRuntime(..) => false,
        }
    }

    /// The next piece of the body, which may be empty; `None` at its end.
    pub(crate) async fn chunk(
        &mut self,
        timeout: &Timeout,
        progress: &Progress,
    ) -> Result<Option<Bytes>, Error> {
        match &mut self.source {
            Source::Direct(body) => body.chunk().await.map_err(Error::from),
            Source::OnRuntime(response, _) => {
                response.chunk().await.map_err(|e| classify(&e.without_url(), timeout, progress, String::new))
            }
        }
    }
}
