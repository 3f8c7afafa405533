//! The core's I/O against a scripted server on the loopback interface: one module for each of the core's.

#![allow(missing_docs, unreachable_pub, reason = "a test")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's helpers fail as it does"
)]

mod call;
mod delivery;
mod dial;
mod download;
mod exchange;
mod login;
mod open_response;
mod socket;
mod support;
mod transport;
