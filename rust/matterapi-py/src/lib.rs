//! The binding: `matterapi._core`.
//!
//! It converts arguments, gives up the interpreter lock while the core works, and hands completions to
//! event loops. It decides nothing. Three kinds of threads meet here: Python's own, which call in; the
//! one I/O thread ([`runtime`]), which never touches a Python object; and threads of Python's that run user code
//! ([`user_code`]: file objects, iterators, MFA callables) so that no other thread waits for it.

#![deny(unsafe_code)]

use pyo3::prelude::*;

mod answer;
mod bridge;
mod convert;
mod decoding;
mod errors;
mod event_queue;
mod event_stream;
mod feed;
mod handover;
mod lane;
mod names;
mod needles;
mod options;
mod own_options;
mod pending_call;
mod promise;
mod raw_response;
mod route;
mod runtime;
mod session;
mod transfer;
mod upload_retry;
mod user_code;
mod wake_flag;

/// The compiled core of matterapi; import `matterapi` instead.
#[pymodule(gil_used = true)]
mod _core {
    #[pymodule_export]
    use crate::bridge::Bridge;
    #[pymodule_export]
    use crate::decoding::Decoder;
    #[pymodule_export]
    use crate::decoding::EventDecoder;
    #[pymodule_export]
    use crate::decoding::JsonTooLargeError;
    #[pymodule_export]
    use crate::decoding::ModelSchema;
    #[pymodule_export]
    use crate::decoding::check_room;
    #[pymodule_export]
    use crate::event_queue::AsyncEventIterator;
    #[pymodule_export]
    use crate::event_queue::EventIterator;
    #[pymodule_export]
    use crate::event_queue::EventQueue;
    #[pymodule_export]
    use crate::event_queue::Frames;
    #[pymodule_export]
    use crate::event_stream::EventStream;
    #[pymodule_export]
    use crate::feed::Feed;
    #[pymodule_export]
    use crate::handover::Handover;
    #[pymodule_export]
    use crate::needles::Needles;
    #[pymodule_export]
    use crate::needles::tokens_given;
    #[pymodule_export]
    use crate::own_options::OwnOptions;
    #[pymodule_export]
    use crate::pending_call::PendingCall;
    #[pymodule_export]
    use crate::raw_response::RawResponse;
    #[pymodule_export]
    use crate::route::Route;
    #[pymodule_export]
    use crate::runtime::after_fork_in_child;
    #[pymodule_export]
    use crate::session::Session;
    #[pymodule_export]
    use crate::transfer::Transfer;
    #[pymodule_export]
    use crate::upload_retry::UploadRetry;
    #[pymodule_export]
    use crate::upload_retry::is_ambiguous;
    #[pymodule_export]
    use crate::upload_retry::is_retryable;

    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");
}
