//! The binding: `matterapi._core`.
//!
//! It converts arguments, gives up the interpreter lock while the core works, and hands completions to
//! event loops. It decides nothing. Three kinds of threads meet here: Python's own, which call in; the
//! one I/O thread ([`runtime`]), which never touches a Python object; and feeder threads ([`feeder`]), which
//! run user code (file objects, iterators, MFA callables) so that no other thread waits for it.

#![deny(unsafe_code)]

use pyo3::prelude::*;

mod bridge;
mod convert;
mod decode;
mod errors;
mod events;
mod feed;
mod feeder;
mod lane;
mod names;
mod needles;
mod response;
mod route;
mod runtime;
mod session;
mod settings;
mod transfer;

/// The compiled core of matterapi; import `matterapi` instead.
#[pymodule(gil_used = true)]
mod _core {
    #[pymodule_export]
    use crate::bridge::Bridge;
    #[pymodule_export]
    use crate::decode::Decoder;
    #[pymodule_export]
    use crate::decode::JsonTooLargeError;
    #[pymodule_export]
    use crate::decode::ModelSchema;
    #[pymodule_export]
    use crate::decode::check_room;
    #[pymodule_export]
    use crate::events::EventStream;
    #[pymodule_export]
    use crate::feed::Feed;
    #[pymodule_export]
    use crate::feeder::Handover;
    #[pymodule_export]
    use crate::needles::Needles;
    #[pymodule_export]
    use crate::needles::tokens_given;
    #[pymodule_export]
    use crate::response::RawResponse;
    #[pymodule_export]
    use crate::route::Route;
    #[pymodule_export]
    use crate::runtime::after_fork_in_child;
    #[pymodule_export]
    use crate::session::Session;
    #[pymodule_export]
    use crate::transfer::Transfer;

    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");
}
