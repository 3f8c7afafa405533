//! The writer of Python instances: all `unsafe` of the decoder, nothing but stable-ABI calls.

use std::ptr;

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyType};

/// A new instance of `class` with nothing set, as `object.__new__` makes it.
pub(super) fn allocate<'py>(class: &Bound<'py, PyType>) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: `class` is a live heap type whose instances are made by the generic allocator (the schema
    // checked that it does not define `__new__`); the result is a new reference or null with an exception.
    unsafe {
        Bound::from_owned_ptr_or_err(class.py(), ffi::PyType_GenericAlloc(class.as_type_ptr(), 0))
    }
}

/// Makes `dict` the instance's `__dict__`.
pub(super) fn set_dict(instance: &Bound<'_, PyAny>, dict: &Bound<'_, PyDict>) -> PyResult<()> {
    // SAFETY: both are live objects, and `dict` is a dict; null as the closure is what the slot passes.
    let failed = unsafe { ffi::PyObject_GenericSetDict(instance.as_ptr(), dict.as_ptr(), ptr::null_mut()) };
    if failed == 0 { Ok(()) } else { Err(PyErr::fetch(instance.py())) }
}

/// Sets an attribute past the class's own `__setattr__`, which would validate it.
pub(super) fn set_attribute(
    instance: &Bound<'_, PyAny>,
    name: &Bound<'_, PyString>,
    value: &Bound<'_, PyAny>,
) -> PyResult<()> {
    // SAFETY: all three are live objects; the call takes its own references.
    let failed =
        unsafe { ffi::PyObject_GenericSetAttr(instance.as_ptr(), name.as_ptr(), value.as_ptr()) };
    if failed == 0 { Ok(()) } else { Err(PyErr::fetch(instance.py())) }
}

/// Switches the garbage collector off until the guard is dropped, if it was on.
pub(super) struct Paused(bool);

pub(super) fn pause_collection(_py: Python<'_>) -> Paused {
    // SAFETY: the interpreter lock is held, which the token proves.
    Paused(unsafe { ffi::PyGC_Disable() } == 1)
}

impl Drop for Paused {
    fn drop(&mut self) {
        if self.0 {
            // SAFETY: the guard lives inside a call that holds the interpreter lock.
            unsafe { ffi::PyGC_Enable() };
        }
    }
}
