//! The websocket event stream.
//!
//! [`socket::run`] owns the socket and puts every frame of the server into a bounded [`queue`], in the
//! server's order. It reconnects with jittered [`backoff`], goes on with the server's stream where it was cut
//! ([`numbering`]), until the server has rejected the
//! credentials for good, and it never waits for the reader of the queue other than by not reading the
//! socket. What it does next is decided by [`lifecycle`], which does no I/O.

pub mod backoff;
pub mod frame;
pub mod lifecycle;
pub mod numbering;
pub mod queue;
pub mod socket;
mod websocket;

pub use queue::{Batch, Item, Notice, Queue};
pub use socket::{StreamOptions, run};
