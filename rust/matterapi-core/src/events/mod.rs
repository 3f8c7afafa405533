//! The websocket event stream.
//!
//! [`socket::run`] owns the socket and puts every frame of the server into a bounded [`queue`], in the
//! server's order. It reconnects with jittered [`backoff`] until the server has rejected the
//! credentials for good, and it never waits for the reader of the queue other than by not reading the
//! socket. What it does next is decided by [`connection`], which does no I/O.

pub mod backoff;
pub mod connection;
pub mod frame;
pub mod queue;
pub mod socket;
mod wire;

pub use queue::{Item, Notice, Queue, Taken};
pub use socket::{Options, run};
