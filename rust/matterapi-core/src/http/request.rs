//! What is to be called.

use std::sync::{Arc, LazyLock};

use http::HeaderMap;

use super::body::Body;
use crate::options::Timeout;
use crate::retry::Policy;
use crate::route::Route;

/// A call, ready to be sent.
#[derive(Debug)]
pub struct Request {
    /// The route, for verb and errors.
    pub route: Arc<Route>,
    /// The filled route: path and query.
    pub target: String,
    /// The body.
    pub body: Option<Body>,
    /// What sets it apart from the session's other calls.
    pub own: Arc<OwnOptions>,
}

/// What may be different for one call, or for some calls of a session.
#[derive(Debug, Clone, Default)]
pub struct OwnOptions {
    /// Headers; they win over the session's.
    pub headers: HeaderMap,
    /// Whether it goes out without the session's token and whatever else says who the user is.
    pub anonymous: bool,
    /// How much is done for it.
    pub retry: Option<Policy>,
    /// Its time limits, but for the pool's, which is the session's.
    pub timeout: Option<Timeout>,
    /// Whether sending it again does no harm, whatever its method says.
    pub idempotent: bool,
}

/// Shared by all calls that are like others: making one costs no memory.
static NONE: LazyLock<Arc<OwnOptions>> = LazyLock::new(Arc::default);

impl OwnOptions {
    /// None.
    pub fn none() -> Arc<Self> {
        Arc::clone(&NONE)
    }
}
