//! Repeated strings are made once: ids and short words come again and again.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};

use matterapi_core::json::Scratch;
use matterapi_core::json::bytes_eq::bytes_eq;
use pyo3::prelude::*;
use pyo3::types::PyString;

/// Longer texts hardly ever come again: ids have 26 characters.
const LONGEST: usize = 26;

/// Buckets, and strings kept; a power of two.
const SIZE: usize = 2048;

/// Direct-mapped. The strings are kept in the order in which they came, which is that in which they come
/// again (a list's ids, then its posts), so that the processor foresees where the next one is.
#[derive(Default)]
pub(super) struct Strings {
    /// By hash, which string it may be.
    buckets: Vec<u16>,
    known: Vec<Known>,
    /// Where the next string goes, instead of the oldest.
    next: usize,
    buffers: Buffers,
}

/// Where texts with escapes are undone; kept from one text to the next.
#[derive(Default)]
pub(super) struct Buffers {
    pub(super) scratch: Scratch,
    /// For values in a text that Python reads.
    pub(super) foreign: Scratch,
}

impl Buffers {
    /// Bytes that are kept: most texts are far shorter.
    const LARGEST: usize = 64 * 1024;
}

/// A string and its text, kept here too: comparing needs no look at the Python object.
struct Known {
    bytes: [u8; LONGEST],
    length: u8,
    string: Py<PyString>,
}

impl Known {
    #[inline]
    fn is(&self, text: &[u8]) -> bool {
        usize::from(self.length) == text.len()
            && self.bytes.get(..text.len()).is_some_and(|known| bytes_eq(known, text))
    }
}

static SHARED: Mutex<Option<Strings>> = Mutex::new(None);

/// The process's cache for one text. A text inside a text (through user code) gets an empty one.
pub(super) struct Borrowed(Strings);

pub(super) fn borrow() -> Borrowed {
    Borrowed(SHARED.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default())
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        let strings = std::mem::take(&mut self.0);
        *SHARED.lock().unwrap_or_else(PoisonError::into_inner) = Some(strings);
    }
}

impl Deref for Borrowed {
    type Target = Strings;

    fn deref(&self) -> &Strings {
        &self.0
    }
}

impl DerefMut for Borrowed {
    fn deref_mut(&mut self) -> &mut Strings {
        &mut self.0
    }
}

impl Strings {
    /// Lends the buffers.
    pub(super) fn take_buffers(&mut self) -> Buffers {
        std::mem::take(&mut self.buffers)
    }

    /// Takes them back, unless a long text has made them large.
    pub(super) fn give_back(&mut self, buffers: Buffers) {
        if buffers.scratch.size() + buffers.foreign.size() <= Buffers::LARGEST {
            self.buffers = buffers;
        }
    }

    /// `text` as a Python string.
    #[inline]
    pub(super) fn get<'py>(&mut self, py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyString>> {
        self.lend(py, text, Bound::clone)
    }

    /// What `borrow` makes of `text` as a Python string, whose references need not be counted for that.
    #[inline]
    pub(super) fn lend<'py, R>(
        &mut self,
        py: Python<'py>,
        text: &str,
        borrow: impl FnOnce(&Bound<'py, PyString>) -> R,
    ) -> PyResult<R> {
        let length = text.len();
        // Python has the shortest ones ready itself.
        if !(2..=LONGEST).contains(&length) {
            return Ok(borrow(&make(py, text)?));
        }
        if self.buckets.is_empty() && self.buckets.try_reserve_exact(SIZE).is_ok() {
            self.buckets.resize(SIZE, 0);
        }
        let Some(bucket) = self.buckets.get_mut(hash(text.as_bytes()) as usize & (SIZE - 1)) else {
            return Ok(borrow(&make(py, text)?));
        };
        if let Some(known) = self.known.get(usize::from(*bucket))
            && known.is(text.as_bytes())
        {
            return Ok(borrow(known.string.bind(py)));
        }
        let made = make(py, text)?;
        let result = borrow(&made);
        if self.known.try_reserve(1).is_err() {
            return Ok(result);
        }
        let mut bytes = [0; LONGEST];
        bytes.iter_mut().zip(text.bytes()).for_each(|(kept, byte)| *kept = byte);
        let known = Known { bytes, length: length as u8, string: made.unbind() };
        *bucket = self.next as u16;
        match self.known.get_mut(self.next) {
            Some(oldest) => *oldest = known,
            None => self.known.push(known),
        }
        self.next = (self.next + 1) & (SIZE - 1);
        Ok(result)
    }
}

/// Unlike `PyString::new`, this does not panic where there is no memory.
fn make<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyString>> {
    PyString::from_bytes(py, text.as_bytes())
}

/// Of a text's first and last eight bytes: enough to tell ids apart.
#[inline]
fn hash(bytes: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let state = match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(first), Some(last)) => {
            u64::from_le_bytes(*first).wrapping_mul(FACTOR) ^ u64::from_le_bytes(*last)
        }
        _ => bytes.iter().fold(0, |state, byte| state << 8 | u64::from(*byte)),
    };
    (state ^ bytes.len() as u64).wrapping_mul(FACTOR) >> 40
}
