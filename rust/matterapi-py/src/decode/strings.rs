//! Repeated strings are made once: ids and short words come again and again.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};

use matterapi_core::short::same;
use pyo3::prelude::*;
use pyo3::types::PyString;

/// Longer texts hardly ever come again: ids have 26 characters.
const LONGEST: usize = 26;

/// Places; a power of two.
const SIZE: usize = 2048;

/// Direct-mapped: a new string takes the place of the old one with the same hash.
#[derive(Default)]
pub(super) struct Strings {
    places: Vec<Option<Known>>,
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
            && self.bytes.get(..text.len()).is_some_and(|known| same(known, text))
    }
}

static SHARED: Mutex<Option<Strings>> = Mutex::new(None);

/// The process's cache for one pass. A pass inside a pass (through user code) gets an empty one.
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
    /// `text` as a Python string.
    #[inline]
    pub(super) fn get<'py>(&mut self, py: Python<'py>, text: &str) -> Bound<'py, PyString> {
        let length = text.len();
        // Python has the shortest ones ready itself.
        if !(2..=LONGEST).contains(&length) {
            return PyString::new(py, text);
        }
        if self.places.is_empty() {
            self.places.resize_with(SIZE, || None);
        }
        let Some(place) = self.places.get_mut(hash(text.as_bytes()) as usize & (SIZE - 1)) else {
            return PyString::new(py, text);
        };
        if let Some(known) = place
            && known.is(text.as_bytes())
        {
            return known.string.bind(py).clone();
        }
        let made = PyString::new(py, text);
        let mut bytes = [0; LONGEST];
        if let Some(start) = bytes.get_mut(..length) {
            start.copy_from_slice(text.as_bytes());
            *place = Some(Known { bytes, length: length as u8, string: made.clone().unbind() });
        }
        made
    }
}

/// Eight bytes at a time; good enough to spread ids over the places.
#[inline]
fn hash(bytes: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut state = bytes.len() as u64;
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        let word = chunk.try_into().map_or(0, u64::from_le_bytes);
        state = (state.rotate_left(5) ^ word).wrapping_mul(FACTOR);
    }
    for byte in chunks.remainder() {
        state = (state.rotate_left(5) ^ u64::from(*byte)).wrapping_mul(FACTOR);
    }
    state >> 40
}
