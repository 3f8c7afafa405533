//! The writer of Python instances: all `unsafe` of the decoder, nothing but stable-ABI calls.

use std::{mem, ptr};

use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyType};

/// A new instance of `class` with nothing set, as `object.__new__` makes it.
pub(super) fn allocate<'py>(class: &Bound<'py, PyType>) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: `class` is a live heap type whose instances are made by the generic allocator (the schema
    // checked that it does not define `__new__`); the result is a new reference or null with an exception.
    unsafe { Bound::from_owned_ptr_or_err(class.py(), ffi::PyType_GenericAlloc(class.as_type_ptr(), 0)) }
}

/// Makes `dict` the instance's `__dict__`.
pub(super) fn set_dict(instance: &Bound<'_, PyAny>, dict: &Bound<'_, PyDict>) -> PyResult<()> {
    // SAFETY: both are live objects, and `dict` is a dict; null as the closure is what the slot passes.
    let failed = unsafe { ffi::PyObject_GenericSetDict(instance.as_ptr(), dict.as_ptr(), ptr::null_mut()) };
    if failed == 0 { Ok(()) } else { Err(PyErr::fetch(instance.py())) }
}

/// The slots in which pydantic keeps what is not a field, as `BaseModel` defines them.
///
/// They are set through their own descriptors: past the class's `__setattr__`, which would validate, and
/// without looking their names up in every class. Slots left unset are what Python's side of the model
/// (`matterapi/types.py`) reads them as: no extra fields, no private attributes.
pub(super) struct Slots {
    setter: ffi::descrsetfunc,
    names: Py<PyAny>,
    extra: Py<PyAny>,
    private: Py<PyAny>,
}

impl Slots {
    pub(super) fn get(py: Python<'_>) -> PyResult<&Self> {
        static SLOTS: PyOnceLock<Slots> = PyOnceLock::new();
        SLOTS.get_or_try_init(py, || {
            let members = py.import("pydantic")?.getattr("BaseModel")?.getattr("__dict__")?;
            let names = members.get_item("__pydantic_fields_set__")?;
            // SAFETY: the type of a live object; the slot's value is a function of the slot's type or null.
            let setter: Option<ffi::descrsetfunc> = unsafe {
                mem::transmute(ffi::PyType_GetSlot(ffi::Py_TYPE(names.as_ptr()), ffi::Py_tp_descr_set))
            };
            Ok(Self {
                setter: setter.ok_or_else(|| PyTypeError::new_err("pydantic.BaseModel has no slots"))?,
                names: names.unbind(),
                extra: members.get_item("__pydantic_extra__")?.unbind(),
                private: members.get_item("__pydantic_private__")?.unbind(),
            })
        })
    }

    /// Sets the names of the fields that were set.
    pub(super) fn set_names(&self, instance: &Bound<'_, PyAny>, names: &Bound<'_, PyAny>) -> PyResult<()> {
        self.set(&self.names, instance, names)
    }

    /// Sets the fields that the model does not declare.
    pub(super) fn set_extra(&self, instance: &Bound<'_, PyAny>, extra: &Bound<'_, PyAny>) -> PyResult<()> {
        self.set(&self.extra, instance, extra)
    }

    /// Sets the private attributes.
    pub(super) fn set_private(
        &self,
        instance: &Bound<'_, PyAny>,
        private: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        self.set(&self.private, instance, private)
    }

    fn set(&self, slot: &Py<PyAny>, instance: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        // SAFETY: `slot` is one of BaseModel's member descriptors, `setter` their type's own, and the
        // instance is of a subclass of BaseModel; the call takes its own references.
        let failed = unsafe { (self.setter)(slot.as_ptr(), instance.as_ptr(), value.as_ptr()) };
        if failed == 0 { Ok(()) } else { Err(PyErr::fetch(instance.py())) }
    }
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
