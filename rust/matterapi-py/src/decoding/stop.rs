//! How reading ends before the end of the text.

use matterapi_core::json::Fault;
use pyo3::prelude::*;

use super::object;
use super::weight::Exceeded;

/// Why it ended early.
pub(super) enum Stop {
    /// Something that needs pydantic's judgement.
    Surprise,
    /// The values take more memory than they may.
    TooLarge,
    /// Python failed, for example for lack of memory. The exception waits where Python keeps those that are
    /// on their way: that takes no memory, and results fit into registers.
    Raised,
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Syntax(_) | Fault::Depth => Self::Surprise,
            Fault::Memory => no_memory(),
        }
    }
}

impl From<Exceeded> for Stop {
    fn from(_: Exceeded) -> Self {
        Self::TooLarge
    }
}

impl From<PyErr> for Stop {
    fn from(error: PyErr) -> Self {
        Python::attach(|py| error.restore(py));
        Self::Raised
    }
}

/// A failed allocation of Rust's.
pub(super) fn no_memory() -> Stop {
    Python::attach(object::raise_memory_error);
    Stop::Raised
}
