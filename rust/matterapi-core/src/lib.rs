//! Driving a Mattermost server: everything matterapi does that needs no Python.
//!
//! * [`route`] fills a route's template and encodes its values,
//! * [`body`] and [`multipart`] describe what is sent, [`Response`] what came back,
//! * [`Session`] carries calls: login, one re-login, one repeat on a dead connection,
//! * [`exchange`] is a call seen step by step: progress of an upload, pieces of a download,
//! * [`Transport`] is one runtime's connection pool,
//! * [`json`] reads JSON without building a tree,
//! * [`events`] is the websocket: a session state machine, a bounded queue and the socket between.
//!
//! Files without I/O (`auth`, `redirect`, `own_query`, `pace`, `route`, `multipart`, `events::session`,
//! `events::frame`) decide; `network`, `transport` and `events::socket` only carry out.

#![forbid(unsafe_code)]

mod answer;
pub mod auth;
pub mod body;
pub mod config;
mod download;
pub mod error;
pub mod events;
pub mod exchange;
mod identity;
pub mod json;
mod line;
pub mod members;
pub mod multipart;
pub mod needles;
mod network;
mod own_query;
mod pace;
mod progress;
mod proxies;
mod redirect;
mod response;
pub mod route;
mod secret;
mod session;
pub mod short;
mod slots;
mod tls;
mod transport;
pub mod weight;

pub use config::{Config, Extras, Limits, MaxBody, Network, Timeouts, Versions};
pub use error::{Error, Kind, Phase};
pub use identity::Identity;
pub use proxies::Proxies;
pub use response::Response;
pub use route::Route;
pub use secret::Secret;
pub use session::{Request, Session};
pub use slots::Slot;
pub use tls::{Check, Roots, Tls};
pub use transport::Transport;
