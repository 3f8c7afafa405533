//! Whether what failed is tried again, and when: the only place that decides it, without I/O or a clock.
//!
//! Who asks, after every failure:
//!
//! * a call (`http/retries.rs`): [`CallRetries`], paid for from the session's [`Quota`]; and below it, for a
//!   connection that was dead when the request came (`http/delivery.rs`): [`resend`],
//! * a download that was cut (`http/download.rs`) and an upload session (a script of Python's, through the
//!   binding): [`Resumption`],
//! * whoever reports a failure to a program that may want to repeat by itself: [`is_retryable`],
//!   [`is_ambiguous`] and the same for errors.
//!
//! The websocket has rules of its own (`events/backoff.rs`): it never gives up for the number of its tries.

mod call;
mod failure;
mod hint;
mod quota;
mod transfer;

pub use call::{CallRetries, Failed, Policy, Repeat, resend};
pub use failure::{
    Decision, Failure, LONGEST_HINT, WEBSOCKET, is_ambiguous, is_ambiguous_error, is_idempotent,
    is_retryable, is_retryable_error,
};
pub use hint::hint;
pub use quota::Quota;
pub use transfer::Resumption;
