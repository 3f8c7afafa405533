//! What the decoder knows about a declared type: built once from Python's description.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use matterapi_core::json::members::{MemberSet, Members};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFrozenSet, PyList, PyString, PyTuple, PyType};
use rustc_hash::FxHashMap;

use super::object;
use super::template::Template;
use super::weight::INSTANCE;

/// A bit for each field.
pub(super) type Seen = MemberSet;

const MOST_FIELDS: usize = 128;

/// Levels of a description: declared types have a few.
pub(super) const MOST_NESTED: usize = 64;

/// Combinations of set fields that a model remembers; servers write few.
const MOST_SETS: usize = 32;

/// The type of a value: its kind, and whether null is one of its values.
pub(super) struct ValueSchema {
    pub(super) kind: ValueKind,
    pub(super) nullable: bool,
}

pub(super) enum ValueKind {
    Str,
    Int,
    Float,
    Bool,
    Any,
    /// An enum of texts: its members by value.
    Enum(FxHashMap<String, Py<PyAny>>),
    List(Box<ValueSchema>),
    Map(Box<ValueSchema>),
    Model(Py<ModelSchema>),
    /// JSON in a text, which is read as this.
    Text(Box<ValueSchema>),
    /// Validated by this callable from its own bytes; its largest model takes so much memory.
    Foreign(Py<PyAny>, usize),
}

impl ValueSchema {
    /// Reads a description: `(kind, argument, nullable)`, of as many levels at most.
    pub(super) fn read(description: &Bound<'_, PyAny>, levels: usize) -> PyResult<Self> {
        let Some(levels) = levels.checked_sub(1) else {
            let message =
                format!("a description of more than {MOST_NESTED} levels, or one that holds itself");
            return Err(PyValueError::new_err(message));
        };
        let (kind, argument, nullable): (String, Bound<'_, PyAny>, bool) = description.extract()?;
        let kind = match kind.as_str() {
            "str" => ValueKind::Str,
            "int" => ValueKind::Int,
            "float" => ValueKind::Float,
            "bool" => ValueKind::Bool,
            "any" => ValueKind::Any,
            "enum" => ValueKind::Enum(argument.extract()?),
            "list" => ValueKind::List(Box::new(Self::read(&argument, levels)?)),
            "map" => ValueKind::Map(Box::new(Self::read(&argument, levels)?)),
            "model" => ValueKind::Model(argument.cast::<ModelSchema>()?.clone().unbind()),
            "text" => ValueKind::Text(Box::new(Self::read(&argument, levels)?)),
            "foreign" => {
                let (validate, model): (Py<PyAny>, usize) = argument.extract()?;
                ValueKind::Foreign(validate, model)
            }
            other => return Err(PyValueError::new_err(format!("unknown kind: {other}"))),
        };
        Ok(Self { kind, nullable })
    }
}

pub(super) struct Field {
    pub(super) bit: Seen,
    pub(super) name: Py<PyString>,
    pub(super) schema: ValueSchema,
    /// The field that came after this one last time; an index, or the number of fields.
    pub(super) next: AtomicUsize,
}

pub(super) struct Fields {
    pub(super) fields: Vec<Field>,
    /// The fields by the server's names, as members of an object.
    pub(super) members: Members,
    /// The fields by every name that a key may have for them.
    pub(super) by_key: FxHashMap<String, usize>,
    /// The type of what the model does not declare.
    pub(super) extra: ValueSchema,
    /// The defaults, in the order of the fields.
    pub(super) defaults: Py<PyDict>,
    /// What new instances start from, once one has been seen.
    pub(super) template: OnceLock<Template>,
    pub(super) required: Seen,
    /// The fields that every answer holds.
    always: Seen,
    /// Is told of those of them that did not come, each once.
    tell_missing: Py<PyAny>,
    told: Mutex<Seen>,
    /// The names of the fields that were set, shared by all instances with the same ones.
    pub(super) sets: Mutex<Vec<(Seen, Py<PyFrozenSet>)>>,
    pub(super) first: AtomicUsize,
    /// Memory of an instance, in bytes.
    pub(super) size: usize,
}

impl Fields {
    /// Tells of fields that every answer should hold, where they are not among those that came.
    #[inline]
    pub(super) fn check_always(&self, class: &Bound<'_, PyType>, seen: Seen) -> PyResult<()> {
        if self.always & !seen == 0 { Ok(()) } else { self.missing(class, self.always & !seen) }
    }

    #[cold]
    fn missing(&self, class: &Bound<'_, PyType>, fields: Seen) -> PyResult<()> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let news = fields & !*told;
        *told |= fields;
        // Not under the lock: it runs Python.
        drop(told);
        if news != 0 {
            let py = class.py();
            let names = PyList::new(py, self.names(py, news))?;
            self.tell_missing.bind(py).call1((class, names))?;
        }
        Ok(())
    }

    /// The names of some of the fields.
    pub(super) fn names<'a, 'py: 'a>(
        &'a self,
        py: Python<'py>,
        fields: Seen,
    ) -> impl Iterator<Item = &'a Bound<'py, PyString>> {
        let chosen = self.fields.iter().filter(move |field| fields & field.bit != 0);
        chosen.map(move |field| field.name.bind(py))
    }

    /// Some of the fields, as indices, in the order in which they came last.
    pub(super) fn order(&self, fields: Seen) -> Vec<usize> {
        let mut order = Vec::new();
        let mut index = self.first.load(Ordering::Relaxed);
        while let Some(field) = self.fields.get(index)
            && fields & field.bit != 0
            && !order.contains(&index)
        {
            order.push(index);
            index = field.next.load(Ordering::Relaxed);
        }
        order
    }

    /// The same names as a frozenset, which the model's class turns into a set of the instance's own when
    /// somebody asks for it; and whether it is shared.
    pub(super) fn shared_names<'py>(
        &self,
        py: Python<'py>,
        fields: Seen,
    ) -> PyResult<(Bound<'py, PyFrozenSet>, bool)> {
        let sets = || self.sets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = sets().iter().find(|(known, _)| *known == fields) {
            return Ok((known.bind(py).clone(), true));
        }
        // Not under the lock: making it may start a collection, and that may run anybody's code.
        let made = PyFrozenSet::new(py, self.names(py, fields))?;
        let mut sets = sets();
        let is_kept = sets.len() < MOST_SETS;
        if is_kept {
            sets.push((fields, made.clone().unbind()));
        }
        Ok((made, is_kept))
    }
}

pub(super) enum Shape {
    Fields(Box<Fields>),
    /// A root model, and whether null stands for an empty list.
    Root(ValueSchema),
}

/// A model class as the decoder knows it. Made empty and filled later, so that models can be recursive.
#[pyclass(frozen, module = "matterapi._core")]
pub(crate) struct ModelSchema {
    pub(super) class: Py<PyType>,
    pub(super) shape: OnceLock<Shape>,
}

#[pymethods]
impl ModelSchema {
    #[new]
    fn new(class: Bound<'_, PyType>) -> PyResult<Self> {
        object::check_class(&class)?;
        Ok(Self { class: class.unbind(), shape: OnceLock::new() })
    }

    /// `fields`: (name, names in JSON, schema, required, always sent) in their order, the server's name first;
    /// `extra`: the schema of undeclared fields; `defaults`: by name, in the same order; `tell_missing`: is called
    /// with the class and a list of the names of fields that are always sent and were not, once a field.
    fn set_fields(
        &self,
        fields: &Bound<'_, PyList>,
        extra: &Bound<'_, PyTuple>,
        defaults: Bound<'_, PyDict>,
        tell_missing: Py<PyAny>,
    ) -> PyResult<()> {
        let py = fields.py();
        if fields.len() > MOST_FIELDS {
            return Err(PyValueError::new_err(format!("more than {MOST_FIELDS} fields")));
        }
        let count = fields.len();
        // As its instances' dicts are made: by copying this one.
        let values: usize = defaults.copy()?.call_method0("__sizeof__")?.extract()?;
        let mut shape = Fields {
            fields: Vec::with_capacity(count),
            members: Members::new([]),
            by_key: FxHashMap::default(),
            extra: ValueSchema::read(extra, MOST_NESTED)?,
            defaults: defaults.unbind(),
            template: OnceLock::new(),
            required: 0,
            always: 0,
            tell_missing,
            told: Mutex::default(),
            sets: Mutex::default(),
            first: AtomicUsize::new(0),
            size: INSTANCE.saturating_add(values),
        };
        let mut names = Vec::with_capacity(count);
        for (index, field) in fields.iter().enumerate() {
            let field = field.cast::<PyTuple>()?;
            let (name, keys, schema, required, always): (String, Vec<String>, Bound<'_, PyAny>, bool, bool) =
                field.extract()?;
            let key = keys.first().unwrap_or(&name).clone();
            shape.by_key.insert(name.clone(), index);
            shape.by_key.extend(keys.into_iter().map(|key| (key, index)));
            shape.required |= Seen::from(required) << index;
            shape.always |= Seen::from(always) << index;
            names.push(key);
            shape.fields.push(Field {
                bit: 1 << index,
                name: PyString::intern(py, &name).unbind(),
                schema: ValueSchema::read(&schema, MOST_NESTED)?,
                next: AtomicUsize::new(index + 1),
            });
        }
        shape.members = Members::new(names.iter().map(String::as_str));
        self.define(Shape::Fields(Box::new(shape)))
    }

    /// The names of the declared fields of an instance that does not say which of its fields were set.
    fn template_names<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyFrozenSet>>> {
        let Some(Shape::Fields(shape)) = self.shape.get() else { return Ok(None) };
        let names = shape.template.get().map(|template| shape.shared_names(py, template.seen)).transpose()?;
        Ok(names.map(|(names, _)| names))
    }

    /// The model is its `root`.
    fn set_root(&self, schema: &Bound<'_, PyAny>) -> PyResult<()> {
        self.define(Shape::Root(ValueSchema::read(schema, MOST_NESTED)?))
    }
}

impl ModelSchema {
    fn define(&self, shape: Shape) -> PyResult<()> {
        self.shape.set(shape).map_err(|_| PyTypeError::new_err("this schema is defined already"))
    }
}
