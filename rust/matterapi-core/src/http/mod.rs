//! Calls over HTTP. The way of one, from the top down; each file says what its step adds:
//!
//! | step | file | adds |
//! |---|---|---|
//! | `send`, `open` | `call.rs` | the route in every error |
//! | `repeated` | `retries.rs` | further attempts, as [`retry`](crate::retry) decides, and the deadline over all |
//! | `admitted` | `admission.rs` | a place under the server's limit ([`limiter`](crate::limiter)), the right to a connection (`pool.rs`) |
//! | `once` | `call.rs` | the whole response, or the head of one whose body is left to the caller |
//! | `signed_in` | `call.rs` | a token (`login.rs`), and one new login when the session has expired |
//! | `delivered` | `delivery.rs` | none of the session's own parameters in what is shown of a response |
//! | `resent` | `delivery.rs` | a second connection where the first was dead before the request came |
//! | `redirected` | `delivery.rs` | hops, as `redirect.rs` decides |
//! | `attempt` | `transport.rs` | one request and the head of its response, within the time-outs: over `direct/`, or reqwest |
//! | `read` | `open_response.rs` | the response's body, in pace (`pace.rs`) and within its bound (`size_limit.rs`) |
//!
//! `counters.rs` has what calls did so far in numbers. An [`Exchange`] is a call seen from outside, event by
//! event: bytes sent, further attempts, the response, its pieces, which
//! `download.rs` continues after a cut.

mod admission;
mod attempt;
pub mod body;
mod call;
mod counters;
mod delivery;
mod direct;
mod download;
pub mod exchange;
mod failure;
mod login;
pub mod multipart;
mod open_response;
mod pace;
mod pool;
mod progress;
pub(crate) mod redirect;
mod reply;
mod request;
mod retries;
mod retry_watch;
pub(crate) mod session;
mod shared_limiter;
mod size_limit;
pub(crate) mod transport;

pub use counters::{Counters, Failures};
pub use exchange::{Exchange, ExchangeEvent, Watch};
pub use pool::PoolSlot;
pub use request::{OwnOptions, Request};
pub use retry_watch::Retry;
pub use session::Session;
pub use transport::Transport;
