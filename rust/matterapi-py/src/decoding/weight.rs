//! What the values of a body take in memory, in bytes. These are estimates for 64-bit CPython 3.10 to 3.14,
//! which rather say too much; the allocator's own share is in them.

use matterapi_core::json::weight::{Costs, Counts};
use pyo3::exceptions::{PyMemoryError, PyValueError};
use pyo3::prelude::*;

use super::json_text::JsonText;

/// A list or dict without members.
pub(super) const CONTAINER: usize = 64;
/// An entry in a list, and the one where the item waits for its list.
pub(super) const ITEM: usize = 16;
/// The first members of a dict: it has room for five at least.
pub(super) const MEMBERS: usize = 184;
/// Each member of a dict.
pub(super) const MEMBER: usize = 56;
/// An int or a float.
pub(super) const NUMBER: usize = 32;
/// An instance of a model without its dict.
pub(super) const INSTANCE: usize = 80;
/// A small set, and each of its members in a large one.
pub(super) const SET: usize = 216;
pub(super) const SET_MEMBER: usize = 64;

/// A set of so many names.
pub(super) fn of_set(names: u32) -> usize {
    SET + SET_MEMBER * names as usize
}

/// A text without its characters.
const TEXT: usize = 56;
/// Longer texts are looked at: one character decides how many bytes each of the others takes.
const LONG: usize = 64;

/// What `json` and `orjson` take.
const PLAIN: Costs = Costs { object: 256, array: 96, separator: 64, byte: 2 };

/// What pydantic takes beside the instances: its tree of the text, and 256 bytes for each value that does not
/// fit its type.
const PYDANTIC: Costs = Costs { object: 768, array: 640, separator: 256, byte: 2 };

/// Where Rust's allocations fail, pydantic ends the process. Less than this is not worth asking for.
const ASKED_FOR: usize = 16 * 1024 * 1024;

pyo3::create_exception!(
    matterapi._core,
    JsonTooLargeError,
    PyValueError,
    "The values of a JSON text would take more memory than they may."
);

/// The memory that may still be taken.
pub(super) struct Budget {
    left: usize,
    most: usize,
}

/// There is less left.
pub(super) struct Exceeded;

impl Budget {
    pub(super) fn new(most: Option<usize>) -> Self {
        let most = most.unwrap_or(usize::MAX);
        Self { left: most, most }
    }

    /// Takes some of it, before that is taken from Python.
    #[inline]
    pub(super) fn take(&mut self, bytes: usize) -> Result<(), Exceeded> {
        self.left = self.left.checked_sub(bytes).ok_or(Exceeded)?;
        Ok(())
    }

    /// The exception for what exceeds it.
    pub(super) fn exceeded(&self) -> PyErr {
        JsonTooLargeError::new_err(format!("its values would take more than {} bytes of memory", self.most))
    }
}

/// What a text takes as a Python string.
#[inline]
pub(super) fn of_text(text: &str) -> usize {
    match text.len() > LONG && !text.is_ascii() {
        true => TEXT + char::MAX.len_utf8() * text.chars().count(),
        false => TEXT + text.len(),
    }
}

/// What pydantic takes for a text whose objects may become models of this size.
pub(super) fn of_validated(text: &[u8], model: usize) -> usize {
    let object = PYDANTIC.object.saturating_add(model);
    Counts::of(text).weight(&Costs { object, ..PYDANTIC })
}

/// Checks that there is as much memory, and half as much again for what estimates miss: who is asked next
/// cannot say so.
pub(super) fn ask_for(bytes: usize) -> PyResult<()> {
    let enough = bytes.saturating_add(bytes / 2);
    let is_there = enough < ASKED_FOR || Vec::<u8>::new().try_reserve_exact(enough).is_ok();
    if is_there {
        Ok(())
    } else {
        Err(PyMemoryError::new_err("there is no memory for the values of a JSON text"))
    }
}

/// Checks a JSON text before somebody reads it: raises `JsonTooLargeError` if its values may take more than
/// `most` bytes, and `MemoryError` if there is not that much. `model`: what the largest model of the declared
/// type takes; without it the text becomes plain values.
#[pyfunction]
#[pyo3(signature = (content, most, model=None))]
pub(crate) fn check_room(content: JsonText<'_>, most: Option<usize>, model: Option<usize>) -> PyResult<()> {
    let content = content.bytes();
    let weight = match model {
        Some(model) => of_validated(content, model),
        None => Counts::of(content).weight(&PLAIN),
    };
    let mut budget = Budget::new(most);
    budget.take(weight).map_err(|_| budget.exceeded())?;
    ask_for(weight)
}
