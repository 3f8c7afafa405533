//! The way to the server, the same for HTTP and for the websocket.

pub(crate) mod address;
mod client_cert;
pub(crate) mod dial;
pub(crate) mod failure;
mod proxies;
mod tls;
