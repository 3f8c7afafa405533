//! What instances of a model have in common: a copy of it is what the next instance starts from.
//!
//! Go writes its zero values, so that in most fields an empty text, 0 or false comes again and again; that
//! holds for every body and is learned once. In one body more is the same: the channel of a list of posts,
//! the team of a list of channels. Where such a value comes, the copy has it already, and nothing needs to be
//! read, made or written.

use std::ptr;
use std::rc::Rc;

use matterapi_core::json::members::Members;
use matterapi_core::json::quoted;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyInt, PyString};

use super::model_schema::{Field, Fields, Seen, ValueKind};

/// Which instance of a body is compared with its first: shorter lists would not make up for that.
const COMPARED: usize = 8;

/// Longer texts are not common to instances, or not for long.
const LONGEST: usize = 256;

/// See the module.
pub(super) struct Template {
    pub(super) values: Py<PyDict>,
    /// The fields as members of an object, with their value in `values` if every instance may share it.
    pub(super) members: Members,
    /// The fields whose value in `values` may differ from their default.
    pub(super) changed: Seen,
    /// The fields that came in the instance from which this was learned first.
    pub(super) seen: Seen,
}

impl Template {
    /// The template for every body, judged by one instance: the zero values that it has.
    pub(super) fn in_general(shape: &Fields, values: &Bound<'_, PyDict>, seen: Seen) -> PyResult<Self> {
        let mut common = Vec::new();
        for (index, field) in shape.fields.iter().enumerate() {
            if let Some(value) = field.value(values, seen)?
                && let Some(json) = scalar_json(&value)
                && matches!(&*json, "\"\"" | "0" | "false")
            {
                common.push(Common { index, field, value, json });
            }
        }
        let nothing = Self {
            values: shape.defaults.clone_ref(values.py()),
            members: shape.members.clone(),
            changed: 0,
            seen,
        };
        nothing.with(shape, seen, common, values.py())
    }

    /// What two instances of a body have in common, if that is more than `self`.
    fn with_common(
        &self,
        shape: &Fields,
        values: &Bound<'_, PyDict>,
        others: &Bound<'_, PyDict>,
        seen: Seen,
    ) -> PyResult<Option<Self>> {
        let py = values.py();
        let mut common = Vec::new();
        for (index, field) in shape.fields.iter().enumerate() {
            let known = self.changed & field.bit != 0;
            if let Some(value) = field.value(values, seen)?
                && let Some(other) = others.get_item(field.name.bind(py))?
                && is_same(&value, &other)?
                && !(known
                    && self.values.bind(py).get_item(field.name.bind(py))?.is_some_and(|own| own.is(&value)))
                && let Some(json) = scalar_json(&value)
            {
                common.push(Common { index, field, value, json });
            }
        }
        if common.is_empty() { Ok(None) } else { self.with(shape, seen, common, py).map(Some) }
    }

    /// The same with these values, too, from an instance where the fields `seen` came.
    fn with(
        &self,
        shape: &Fields,
        seen: Seen,
        common: Vec<Common<'_, '_>>,
        py: Python<'_>,
    ) -> PyResult<Self> {
        let values = self.values.bind(py).copy()?;
        let mut changed = self.changed;
        let mut expected = Vec::with_capacity(common.len());
        for Common { index, field, value, json } in common {
            values.set_item(field.name.bind(py), value)?;
            changed |= field.bit;
            expected.push((index, json));
        }
        let members = self.members.expecting(&expected, &shape.order(seen));
        Ok(Self { values: values.unbind(), members, changed, seen: self.seen })
    }
}

/// A field and the value that is common to instances, as Python has it and in JSON.
struct Common<'a, 'py> {
    index: usize,
    field: &'a Field,
    value: Bound<'py, PyAny>,
    json: String,
}

impl Field {
    /// The value that came for this field, if the server's JSON says what it is: what a validator of
    /// pydantic's makes of a value is its own affair, and what is in a text is not what the text is.
    fn value<'py>(&self, values: &Bound<'py, PyDict>, seen: Seen) -> PyResult<Option<Bound<'py, PyAny>>> {
        if seen & self.bit == 0 || matches!(self.schema.kind, ValueKind::Foreign(..) | ValueKind::Text(_)) {
            return Ok(None);
        }
        values.get_item(self.name.bind(values.py()))
    }
}

/// Whether two values are one, or equal and of one type.
fn is_same(value: &Bound<'_, PyAny>, other: &Bound<'_, PyAny>) -> PyResult<bool> {
    let is_plain = value.is_exact_instance_of::<PyInt>() || value.is_exact_instance_of::<PyString>();
    Ok(value.is(other) || is_plain && value.get_type().is(other.get_type()) && value.eq(other)?)
}

/// The JSON of a value that instances may share, because it cannot change.
fn scalar_json(value: &Bound<'_, PyAny>) -> Option<String> {
    if let Ok(text) = value.cast_exact::<PyString>() {
        Some(quoted(text.to_str().ok().filter(|text| text.len() <= LONGEST)?))
    } else if let Ok(int) = value.cast_exact::<PyInt>() {
        Some(int.extract::<i64>().ok()?.to_string())
    } else if let Ok(truth) = value.cast_exact::<PyBool>() {
        Some(truth.is_true().to_string())
    } else {
        value.is_none().then(|| "null".to_owned())
    }
}

/// What a body has shown of one model so far.
struct SeenModel<'py> {
    shape: *const Fields,
    count: usize,
    first: Option<Bound<'py, PyDict>>,
    template: Option<Rc<Template>>,
}

/// The models that a body has shown so far.
#[derive(Default)]
pub(super) struct SeenModels<'py>(Vec<SeenModel<'py>>);

impl<'py> SeenModels<'py> {
    /// Where this model is remembered, and its template for this body, if there is one already.
    #[inline]
    pub(super) fn template(&mut self, shape: &Fields) -> (usize, Option<Rc<Template>>) {
        let known = self.0.iter().enumerate().find(|(_, model)| ptr::eq(model.shape, shape));
        match known {
            Some((index, model)) => (index, model.template.clone()),
            None => {
                self.0.push(SeenModel { shape, count: 0, first: None, template: None });
                (self.0.len() - 1, None)
            }
        }
    }

    /// Takes notice of another instance of the model remembered at `index`.
    #[inline]
    pub(super) fn notice(
        &mut self,
        index: usize,
        shape: &Fields,
        values: &Bound<'py, PyDict>,
        seen: Seen,
    ) -> PyResult<()> {
        let Some(model) = self.0.get_mut(index) else { return Ok(()) };
        model.count += 1;
        if model.count == 1 {
            if shape.template.get().is_none() {
                // Another thread may have been first; what it learned is as good.
                drop(shape.template.set(Template::in_general(shape, values, seen)?));
            }
            model.first = Some(values.clone());
        } else if model.count == COMPARED
            && let Some(first) = model.first.take()
            && let Some(general) = shape.template.get()
        {
            model.template = general.with_common(shape, values, &first, seen)?.map(Rc::new);
        }
        Ok(())
    }
}
