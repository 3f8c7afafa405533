//! What is to be called.

use std::sync::Arc;

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
}
