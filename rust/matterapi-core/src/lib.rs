//! Driving a Mattermost server: everything matterapi does that needs no Python.
//!
//! * [`Options`] say where a client goes and how, in the words of Python's options,
//! * [`Route`] fills a route's template and encodes its values,
//! * [`http`] carries calls: [`http::Session`] is one login, [`http::Transport`] one runtime's connections,
//! * [`reactor`] runs calls where no runtime does,
//! * [`retry`] decides about everything that is tried again,
//! * [`events`] is the websocket: a state machine, a bounded queue and the socket between,
//! * [`json`] reads JSON without building a tree,
//! * [`secrets`] are kept out of texts,
//! * `net` is the way to the server for both: TLS, proxies, local socket.
//!
//! Files without I/O (`auth`, `retry`, `route`, `http::redirect`, `http::pace`, `http::multipart`,
//! `events::lifecycle`, `events::frame`, `secrets`) decide; `net::dial`, `http::transport` and `events::socket`
//! only carry out. Modules do not import each other in a circle; `tests/modules.rs` sees to it.

#![forbid(unsafe_code)]

pub mod auth;
mod clock;
pub mod counter;
pub mod error;
pub mod events;
mod headers;
pub mod http;
pub mod json;
pub mod limiter;
mod net;
pub mod options;
pub mod reactor;
mod response;
pub mod retry;
pub mod route;
pub mod secrets;
mod text;

pub use error::{Error, ErrorKind, Phase};
pub use headers::Headers;
pub use options::Options;
pub use response::Response;
pub use route::Route;
pub use secrets::Secret;
