//! What is to be called.

use std::sync::Arc;

use http::HeaderMap;

use super::body::Body;
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
    /// Headers of this call alone; they win over the session's.
    pub headers: HeaderMap,
    /// Whether it goes out without the session's token and whatever else says who the user is.
    pub anonymous: bool,
}

impl Request {
    /// A call of the session's user without headers of its own.
    pub fn new(route: Arc<Route>, target: String, body: Option<Body>) -> Self {
        Self { route, target, body, headers: HeaderMap::new(), anonymous: false }
    }
}
