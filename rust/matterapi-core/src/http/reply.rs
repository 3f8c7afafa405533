//! A response as one of the two transports brings it.

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode, Version};

use super::direct::Body;
use super::failure::classify;
use super::progress::Progress;
use crate::error::Error;
use crate::options::Timeout;
use crate::reactor::HeldRuntime;

/// The head, and a body that is still to be read. Dropping it before its end closes the connection.
#[allow(clippy::large_enum_variant, reason = "most are of the larger kind")]
pub(crate) enum Reply {
    Direct(Response<Body>),
    /// Its connection lives on a runtime, which is lent as long as it is read where there is none.
    OnRuntime(reqwest::Response, #[allow(dead_code, reason = "its end says enough")] Option<HeldRuntime>),
}

impl Reply {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Direct(response) => response.status(),
            Self::OnRuntime(response, _) => response.status(),
        }
    }

    pub(crate) fn version(&self) -> Version {
        match self {
            Self::Direct(response) => response.version(),
            Self::OnRuntime(response, _) => response.version(),
        }
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        match self {
            Self::Direct(response) => response.headers(),
            Self::OnRuntime(response, _) => response.headers(),
        }
    }

    pub(crate) fn headers_mut(&mut self) -> &mut HeaderMap {
        match self {
            Self::Direct(response) => response.headers_mut(),
            Self::OnRuntime(response, _) => response.headers_mut(),
        }
    }

    /// Whether pieces of the body are parts of a buffer of the connection, which each of them keeps alive.
    pub(crate) fn lends_buffers(&self) -> bool {
        matches!(self, Self::OnRuntime(..))
    }

    /// Whether it is known that no piece of the body follows.
    pub(crate) fn is_over(&self) -> bool {
        match self {
            Self::Direct(response) => response.body().is_over(),
            Self::OnRuntime(..) => false,
        }
    }

    /// The next piece of the body, which may be empty; `None` at its end.
    pub(crate) async fn chunk(
        &mut self,
        timeout: &Timeout,
        progress: &Progress,
    ) -> Result<Option<Bytes>, Error> {
        match self {
            Self::Direct(response) => response.body_mut().chunk().await.map_err(Error::from),
            Self::OnRuntime(response, _) => {
                response.chunk().await.map_err(|e| classify(&e.without_url(), timeout, progress, String::new))
            }
        }
    }
}
