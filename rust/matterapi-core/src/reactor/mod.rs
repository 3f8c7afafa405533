//! Runs calls without a runtime: sockets and timers are looked after by the thread that waits for them.
//!
//! A runtime keeps its poll set to itself, so whoever waits for it needs a thread of its own and two changes of
//! threads a call. A [`Reactor`] shows its poll set as a descriptor: an event loop can watch it among its own.
//!
//! | file | part |
//! |---|---|
//! | `poll.rs` | the reactor |
//! | `socket.rs` | a connection that tells its reactor what it waits for |
//! | `timers.rs`, `sleep.rs` | when somebody wants to be woken |
//! | `block_on.rs` | one future, driven by a thread that waits for nothing else |
//! | `tasks.rs` | many, driven whenever the descriptor is readable |
//! | `handle.rs` | what sockets, timers and wakers know of their reactor |

mod block_on;
mod handle;
mod poll;
mod sleep;
mod socket;
mod tasks;
mod timers;

pub use block_on::Lender;
pub use handle::{Handle, Spawn};
pub(crate) use handle::{HeldRuntime, current, on_runtime};
pub use poll::Reactor;
pub(crate) use sleep::sleep_until;
pub(crate) use socket::{Peeker, Socket};
pub use tasks::Tasks;

#[cfg(test)]
mod tests;
