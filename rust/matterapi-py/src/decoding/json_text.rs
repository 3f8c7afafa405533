//! Where the text of a body is.

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::raw_response::RawResponse;

/// A JSON text in Python's hands, or still in the core's, from which it need not be copied.
#[derive(FromPyObject)]
pub(crate) enum JsonText<'py> {
    Response(Bound<'py, RawResponse>),
    Bytes(Bound<'py, PyBytes>),
}

impl JsonText<'_> {
    /// Whether a decoder has looked at it and given up.
    pub(super) fn needs_judgement(&self) -> bool {
        matches!(self, Self::Response(response) if response.get().needs_judgement())
    }

    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Response(response) => response.get().body(),
            Self::Bytes(bytes) => bytes.as_bytes(),
        }
    }
}
