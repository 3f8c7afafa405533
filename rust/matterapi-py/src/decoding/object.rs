//! The writer of Python instances: all `unsafe` of the binding, nothing but stable-ABI calls.
//!
//! What pyo3 makes, it makes or panics; what is made here is made or fails with Python's `MemoryError`.

use std::vec::Drain;
use std::{mem, ptr};

use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyMapping, PyType};

use crate::names;

/// Refuses a class whose instances [`allocate`] could not make or [`ModelSlots`] could not fill.
pub(super) fn check_class(class: &Bound<'_, PyType>) -> PyResult<()> {
    let py = class.py();
    let model = names::base_model(py)?.cast::<PyType>()?;
    // Not `issubclass`, which asks the class's metaclass what it thinks.
    // SAFETY: two live types.
    let is_model = unsafe { ffi::PyType_IsSubtype(class.as_type_ptr(), model.as_type_ptr()) } == 1;
    if !is_model {
        return Err(refused(class, "is no pydantic model"));
    }
    let object = py.get_type::<PyAny>();
    let makes_itself = [ffi::Py_tp_new, ffi::Py_tp_alloc].iter().any(|slot| {
        // SAFETY: live heap types (and `object`, which may be asked since 3.10); the pointers are compared,
        // not used.
        unsafe {
            ffi::PyType_GetSlot(class.as_type_ptr(), *slot)
                != ffi::PyType_GetSlot(object.as_type_ptr(), *slot)
        }
    });
    if makes_itself {
        return Err(refused(class, "makes its instances itself"));
    }
    if class.getattr("__dictoffset__")?.extract::<isize>()? == 0 {
        return Err(refused(class, "has instances without a dict"));
    }
    Ok(())
}

fn refused(class: &Bound<'_, PyType>, why: &str) -> PyErr {
    PyTypeError::new_err(format!("{} {why}", class.as_any()))
}

/// A new instance of `class` with nothing set, as `object.__new__` makes it.
pub(super) fn allocate<'py>(class: &Bound<'py, PyType>) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: `class` is a live heap type whose instances are made by the generic allocator, which
    // `check_class` saw; the result is a new reference or null with an exception.
    unsafe { Bound::from_owned_ptr_or_err(class.py(), ffi::PyType_GenericAlloc(class.as_type_ptr(), 0)) }
}

/// Makes `dict` the instance's `__dict__`.
pub(super) fn set_dict(instance: &Bound<'_, PyAny>, dict: &Bound<'_, PyDict>) -> PyResult<()> {
    // SAFETY: both are live objects, and `dict` is a dict; null as the closure is what the slot passes.
    let failed = unsafe { ffi::PyObject_GenericSetDict(instance.as_ptr(), dict.as_ptr(), ptr::null_mut()) };
    if failed == 0 { Ok(()) } else { Err(PyErr::fetch(instance.py())) }
}

/// Lets the `MemoryError` that Python keeps ready be on its way.
pub(super) fn raise_memory_error(_py: Python<'_>) {
    // SAFETY: the token proves that this thread may touch Python's state.
    unsafe { ffi::PyErr_NoMemory() };
}

/// An empty dict.
pub(super) fn dict(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    // SAFETY: the result is a new reference to a dict or null with an exception.
    unsafe { Ok(Bound::from_owned_ptr_or_err(py, ffi::PyDict_New())?.cast_into_unchecked()) }
}

/// An int.
#[inline]
pub(super) fn int(py: Python<'_>, value: i64) -> PyResult<Bound<'_, PyAny>> {
    // SAFETY: the result is a new reference or null with an exception.
    unsafe { Bound::from_owned_ptr_or_err(py, ffi::PyLong_FromLongLong(value)) }
}

/// A float.
pub(super) fn float(py: Python<'_>, value: f64) -> PyResult<Bound<'_, PyAny>> {
    // SAFETY: the result is a new reference or null with an exception.
    unsafe { Bound::from_owned_ptr_or_err(py, ffi::PyFloat_FromDouble(value)) }
}

/// A list of these items.
pub(super) fn list<'py>(py: Python<'py>, items: Drain<'_, Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyAny>> {
    let length = items.len() as ffi::Py_ssize_t;
    // SAFETY: the result is a new reference or null with an exception.
    let list = unsafe { Bound::from_owned_ptr_or_err(py, ffi::PyList_New(length)) }?;
    for (index, item) in (0..length).zip(items) {
        // SAFETY: a list that nobody else has yet, with an entry for `index`, which takes the reference
        // over. It cannot fail, and a drain has as many items as it says.
        unsafe { ffi::PyList_SetItem(list.as_ptr(), index, item.into_ptr()) };
    }
    Ok(list)
}

/// An empty list.
pub(super) fn empty_list(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    // SAFETY: the result is a new reference or null with an exception.
    unsafe { Bound::from_owned_ptr_or_err(py, ffi::PyList_New(0)) }
}

/// A copy of these bytes.
pub(crate) fn bytes<'py>(py: Python<'py>, content: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    // SAFETY: as many bytes as are said are read, and a slice has at most `isize::MAX`; the result is a new
    // reference to bytes or null with an exception.
    unsafe {
        let made = ffi::PyBytes_FromStringAndSize(content.as_ptr().cast(), content.len() as ffi::Py_ssize_t);
        Ok(Bound::from_owned_ptr_or_err(py, made)?.cast_into_unchecked())
    }
}

/// The slots in which pydantic keeps what is not a field, as `BaseModel` defines them.
///
/// They are set through their own descriptors: past the class's `__setattr__`, which would validate, and
/// without looking their names up in every class. Slots left unset are what Python's side of the model
/// (`matterapi/types.py`) reads them as: no extra fields, no private attributes.
pub(super) struct ModelSlots {
    setter: ffi::descrsetfunc,
    names: Py<PyAny>,
    extra: Py<PyAny>,
    private: Py<PyAny>,
}

impl ModelSlots {
    /// `None` for a pydantic that keeps these things elsewhere: it has to make its instances itself.
    pub(super) fn get(py: Python<'_>) -> PyResult<Option<&Self>> {
        static SLOTS: PyOnceLock<Option<ModelSlots>> = PyOnceLock::new();
        Ok(SLOTS.get_or_try_init(py, || Self::find(py))?.as_ref())
    }

    fn find(py: Python<'_>) -> PyResult<Option<Self>> {
        let members = names::base_model(py)?.getattr("__dict__")?.cast_into::<PyMapping>()?;
        let kind = py.import("types")?.getattr("MemberDescriptorType")?.cast_into::<PyType>()?;
        let slot = |name: &str| -> PyResult<Option<Py<PyAny>>> {
            let found = members.contains(name)?.then(|| members.get_item(name)).transpose()?;
            Ok(found.filter(|found| found.get_type().is(&kind)).map(Bound::unbind))
        };
        // SAFETY: a live type; the slot's value is a function of the slot's type or null.
        let setter: Option<ffi::descrsetfunc> =
            unsafe { mem::transmute(ffi::PyType_GetSlot(kind.as_type_ptr(), ffi::Py_tp_descr_set)) };
        let found = (
            setter,
            slot("__pydantic_fields_set__")?,
            slot("__pydantic_extra__")?,
            slot("__pydantic_private__")?,
        );
        let (Some(setter), Some(names), Some(extra), Some(private)) = found else { return Ok(None) };
        Ok(Some(Self { setter, names, extra, private }))
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
        // SAFETY: `find` saw that `slot` is a member descriptor, whose type `setter` is of; it checks itself
        // that the instance is one of BaseModel, and takes its own references.
        let failed = unsafe { (self.setter)(slot.as_ptr(), instance.as_ptr(), value.as_ptr()) };
        if failed == 0 { Ok(()) } else { Err(PyErr::fetch(instance.py())) }
    }
}

/// Keeps the garbage collector off, if it was on.
///
/// The switch is everybody's. It may be off only as long as nobody else can run, who would see it or use it
/// in vain: whoever calls Python code has to let collections go on meanwhile.
pub(super) struct GcPaused {
    was_on: bool,
}

impl GcPaused {
    pub(super) fn new(py: Python<'_>) -> Self {
        let mut paused = Self { was_on: false };
        paused.pause(py);
        paused
    }

    pub(super) fn pause(&mut self, _py: Python<'_>) {
        // SAFETY: the interpreter lock is held, which the token proves.
        self.was_on = unsafe { ffi::PyGC_Disable() } == 1;
    }

    pub(super) fn go_on(&mut self) {
        if self.was_on {
            self.was_on = false;
            // SAFETY: this lives inside a call that holds the interpreter lock.
            unsafe { ffi::PyGC_Enable() };
        }
    }
}

impl Drop for GcPaused {
    fn drop(&mut self) {
        self.go_on();
    }
}
