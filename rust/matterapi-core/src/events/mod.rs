//! The websocket event stream.
//!
//! [`socket::run`] owns the socket and puts every frame of the server into a bounded [`queue`], in the
//! server's order. It reconnects with jittered [`backoff`], goes on with the server's stream where it was cut
//! ([`numbering`]), until the server has rejected the credentials for good, and it never waits for the reader
//! of the queue other than by not reading the socket. What it does next is decided by [`lifecycle`], which
//! does no I/O.
//!
//! After every cut, what was missed is fetched over REST: [`recovery`] knows what was handed over already
//! ([`ledger`]) and what is due, [`catch_up`] says which calls to make and what their answers mean; neither does
//! I/O. `fetch` makes the calls, within a [`budget`]. What the reader wants of all that, its [`filter`] says.
//!
//! What the program asks of the server over the socket comes to the [`action_desk`]; [`actions`] matches it with the
//! replies.

pub mod action_desk;
pub mod actions;
pub mod backoff;
pub mod budget;
pub mod catch_up;
pub mod change;
pub mod counters;
pub mod event;
mod fetch;
pub mod filter;
pub mod frame;
pub mod ledger;
pub mod lifecycle;
mod members;
pub mod numbering;
mod opening;
pub mod overflow;
pub mod post;
pub mod queue;
pub mod recovered;
pub mod recovery;
mod rules;
mod session_check;
mod shelf;
pub mod socket;
mod upgrade;
pub mod walk;
mod websocket;

#[cfg(test)]
mod model;

pub use action_desk::ActionDesk;
pub use overflow::Overflow;
pub use queue::{Batch, Item, Notice, Queue};
pub use socket::{StreamOptions, run};
