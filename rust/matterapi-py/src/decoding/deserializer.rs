//! Reading one text in one pass.

use std::sync::atomic::Ordering;

use matterapi_core::json::{Number, Scanner, Token};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PySet};

use super::model_schema::{Fields, ModelSchema, Seen, Shape, ValueKind, ValueSchema};
use super::object;
use super::stop::{Stop, no_memory};
use super::strings::{Buffers, Strings};
use super::template::SeenModels;
use super::weight::{self, Budget};
use crate::names;

/// Root models within each other: more hold themselves.
const MOST_ROOTS: usize = 128;

type Decoded<'py> = Result<Bound<'py, PyAny>, Stop>;

pub(super) struct Deserializer<'py, 'c> {
    /// Thousands of objects that cannot be garbage yet: collections in between only cost
    /// time. The first field, so that it goes on before what was made in vain is taken apart.
    collection: object::GcPaused,
    py: Python<'py>,
    strings: &'c mut Strings,
    slots: &'py object::ModelSlots,
    buffers: Buffers,
    /// The items of the lists being read, the innermost last.
    items: Vec<Bound<'py, PyAny>>,
    /// The last large integer: times come in pairs, created and updated.
    time: Option<(i64, Bound<'py, PyAny>)>,
    seen_models: SeenModels<'py>,
    /// Root models being read.
    roots: usize,
    budget: Budget,
}

impl<'py, 'c> Deserializer<'py, 'c> {
    pub(super) fn new(
        py: Python<'py>,
        strings: &'c mut Strings,
        slots: &'py object::ModelSlots,
        budget: Budget,
    ) -> Self {
        Self {
            py,
            buffers: strings.take_buffers(),
            strings,
            slots,
            items: Vec::new(),
            time: None,
            seen_models: SeenModels::default(),
            roots: 0,
            budget,
            collection: object::GcPaused::new(py),
        }
    }

    /// What [`Stop::TooLarge`] means.
    pub(super) fn exceeded(&self) -> PyErr {
        self.budget.exceeded()
    }

    /// Reads the next value as `schema` wants it.
    pub(super) fn value(&mut self, scanner: &mut Scanner<'_>, schema: &ValueSchema) -> Decoded<'py> {
        let token = scanner.peek()?;
        if token == Token::Null && !matches!(schema.kind, ValueKind::Any | ValueKind::Foreign(..)) {
            scanner.word(token)?;
            return self.null(schema);
        }
        match (&schema.kind, token) {
            (ValueKind::Str, Token::String) => self.string(scanner),
            (ValueKind::Int, Token::Number) => match scanner.number()? {
                Number::Int(int) => self.int(int),
                _ => Err(Stop::Surprise),
            },
            (ValueKind::Float, Token::Number) => match scanner.number()? {
                #[expect(clippy::cast_precision_loss, reason = "what Python's float() does")]
                Number::Int(int) => self.float(int as f64),
                Number::Float(float) => self.float(float),
                Number::Big(_) => Err(Stop::Surprise),
            },
            (ValueKind::Bool, Token::True | Token::False) => {
                scanner.word(token)?;
                Ok(PyBool::new(self.py, token == Token::True).to_owned().into_any())
            }
            (ValueKind::Any, _) => self.any(scanner, token),
            (ValueKind::Enum(members), Token::String) => {
                let word = scanner.string(&mut self.buffers.scratch)?;
                members.get(word).map(|member| member.bind(self.py).clone()).ok_or(Stop::Surprise)
            }
            (ValueKind::List(item), Token::Array) => self.list(scanner, item),
            (ValueKind::Map(item), Token::Object) => self.map(scanner, item),
            (ValueKind::Model(model), _) => self.model(scanner, token, model.get()),
            (ValueKind::Text(inner), Token::String) => self.text(scanner, inner),
            (ValueKind::Foreign(validate, model), _) => {
                let mut buffer = std::mem::take(&mut self.buffers.foreign);
                let content = scanner.skip(&mut buffer)?.as_bytes();
                let value = self.foreign(validate.bind(self.py), content, *model);
                self.buffers.foreign = buffer;
                value
            }
            _ => Err(Stop::Surprise),
        }
    }

    fn foreign(&mut self, validate: &Bound<'py, PyAny>, content: &[u8], model: usize) -> Decoded<'py> {
        let weight = weight::of_validated(content, model);
        self.budget.take(weight)?;
        weight::ask_for(weight)?;
        let content = object::bytes(self.py, content)?;
        self.collection.go_on();
        let validated = validate.call1((content,));
        self.collection.pause(self.py);
        validated.map_err(|error| match names::validation_error(self.py) {
            // Pydantic's judgement, which will be passed on the whole body.
            Ok(refusal) if error.get_type(self.py).is(refusal) => Stop::Surprise,
            // What signal handlers and others have raised meanwhile.
            Ok(_) => error.into(),
            Err(failed) => failed.into(),
        })
    }

    /// What null stands for: Go writes it for an empty list, and for an empty object whose keys are free.
    fn null(&mut self, schema: &ValueSchema) -> Decoded<'py> {
        match &schema.kind {
            ValueKind::List(_) => Ok(object::empty_list(self.py)?),
            ValueKind::Map(_) => Ok(object::dict(self.py)?.into_any()),
            ValueKind::Model(model) => match model.get().shape.get() {
                Some(Shape::Root(ValueSchema { kind: ValueKind::List(_), .. })) => {
                    self.root(model.get(), object::empty_list(self.py)?)
                }
                Some(Shape::Root(ValueSchema { kind: ValueKind::Map(_), .. })) => {
                    let empty = object::dict(self.py)?.into_any();
                    self.root(model.get(), empty)
                }
                Some(Shape::Fields(shape)) if shape.fields.is_empty() => {
                    self.fields(&mut Scanner::new("{}"), model.get(), shape)
                }
                _ => self.none(schema.nullable),
            },
            ValueKind::Text(inner) => self.null(inner),
            _ => self.none(schema.nullable),
        }
    }

    fn none(&self, allowed: bool) -> Decoded<'py> {
        if allowed { Ok(self.py.None().into_bound(self.py)) } else { Err(Stop::Surprise) }
    }

    fn string(&mut self, scanner: &mut Scanner<'_>) -> Decoded<'py> {
        let text = scanner.string(&mut self.buffers.scratch)?;
        self.budget.take(weight::of_text(text))?;
        Ok(self.strings.get(self.py, text)?.into_any())
    }

    /// The value of a JSON text in a text, of which there is but one level.
    fn text(&mut self, scanner: &mut Scanner<'_>, schema: &ValueSchema) -> Decoded<'py> {
        let mut text = scanner.enter()?;
        let value = self.value(&mut text, schema)?;
        scanner.leave(text)?;
        Ok(value)
    }

    fn int(&mut self, int: i64) -> Decoded<'py> {
        match &self.time {
            Some((known, object)) if *known == int => Ok(object.clone()),
            _ => {
                self.budget.take(weight::NUMBER)?;
                let made = object::int(self.py, int)?;
                if int > i64::from(u32::MAX) {
                    self.time = Some((int, made.clone()));
                }
                Ok(made)
            }
        }
    }

    fn float(&mut self, float: f64) -> Decoded<'py> {
        self.budget.take(weight::NUMBER)?;
        Ok(object::float(self.py, float)?)
    }

    fn any(&mut self, scanner: &mut Scanner<'_>, token: Token) -> Decoded<'py> {
        const ANY: ValueSchema = ValueSchema { kind: ValueKind::Any, nullable: true };
        match token {
            Token::String => self.string(scanner),
            Token::Number => match scanner.number()? {
                Number::Int(int) => self.int(int),
                Number::Float(float) => self.float(float),
                Number::Big(_) => Err(Stop::Surprise),
            },
            Token::True | Token::False => {
                scanner.word(token)?;
                Ok(PyBool::new(self.py, token == Token::True).to_owned().into_any())
            }
            Token::Null => {
                scanner.word(token)?;
                self.none(true)
            }
            Token::Array => self.list(scanner, &ANY),
            Token::Object => self.map(scanner, &ANY),
        }
    }

    fn list(&mut self, scanner: &mut Scanner<'_>, item: &ValueSchema) -> Decoded<'py> {
        let mut more = scanner.open(b']')?;
        self.budget.take(weight::CONTAINER)?;
        let start = self.items.len();
        while more {
            let value = self.value(scanner, item)?;
            self.budget.take(weight::ITEM)?;
            self.items.try_reserve(1).map_err(|_| no_memory())?;
            self.items.push(value);
            more = scanner.more(b']')?;
        }
        Ok(object::list(self.py, self.items.drain(start..))?)
    }

    fn map(&mut self, scanner: &mut Scanner<'_>, item: &ValueSchema) -> Decoded<'py> {
        let dict = object::dict(self.py)?;
        let mut more = scanner.open(b'}')?;
        self.budget.take(weight::CONTAINER + if more { weight::MEMBERS } else { 0 })?;
        while more {
            let key = scanner.key(&mut self.buffers.scratch)?;
            self.budget.take(weight::MEMBER + weight::of_text(key))?;
            let key = self.strings.get(self.py, key)?;
            let value = self.value(scanner, item)?;
            dict.set_item(key, value)?;
            more = scanner.more(b'}')?;
        }
        Ok(dict.into_any())
    }

    fn model(&mut self, scanner: &mut Scanner<'_>, token: Token, schema: &ModelSchema) -> Decoded<'py> {
        match (schema.shape.get(), token) {
            (Some(Shape::Fields(fields)), Token::Object) => self.fields(scanner, schema, fields),
            (Some(Shape::Root(inner)), _) => {
                self.roots += 1;
                if self.roots > MOST_ROOTS {
                    return Err(Stop::Surprise);
                }
                let root = self.value(scanner, inner)?;
                self.roots -= 1;
                self.root(schema, root)
            }
            _ => Err(Stop::Surprise),
        }
    }

    fn fields(&mut self, scanner: &mut Scanner<'_>, schema: &ModelSchema, shape: &Fields) -> Decoded<'py> {
        self.budget.take(shape.size)?;
        let (index, own_template) = self.seen_models.template(shape);
        let template = own_template.as_deref().or_else(|| shape.template.get());
        let start = template.map_or(&shape.defaults, |template| &template.values).bind(self.py);
        // Without fields there is nothing to write into it.
        let values = if shape.fields.is_empty() { start.clone() } else { start.copy()? };
        let mut extra: Option<Bound<'py, PyDict>> = None;
        let members = template.map_or(&shape.members, |template| &template.members);
        let mut seen: Seen = 0;
        let mut expected = &shape.first;
        let mut more = scanner.open(b'}')?;
        while more {
            let guess = expected.load(Ordering::Relaxed);
            let (last, read) = match scanner.take(members, guess) {
                Some(found) => {
                    if seen & found.whole != 0 {
                        return Err(Stop::Surprise);
                    }
                    seen |= found.whole;
                    (Some(found.last), found.key)
                }
                None => {
                    let key = scanner.key(&mut self.buffers.scratch)?;
                    let index = shape.by_key.get(key).copied();
                    if let Some(index) = index {
                        expected.store(index, Ordering::Relaxed);
                    } else {
                        self.budget.take(weight::MEMBER + weight::of_text(key))?;
                        let key = self.strings.get(self.py, key)?;
                        let value = self.value(scanner, &shape.extra)?;
                        let extra = match &extra {
                            Some(extra) => extra,
                            None => {
                                self.budget.take(weight::CONTAINER + weight::MEMBERS)?;
                                &*extra.insert(object::dict(self.py)?)
                            }
                        };
                        let known = extra.len();
                        extra.set_item(key, value)?;
                        if extra.len() == known {
                            return Err(Stop::Surprise);
                        }
                    }
                    (index, index)
                }
            };
            if let Some(field) = last.and_then(|index| shape.fields.get(index)) {
                expected = &field.next;
            }
            if let Some(field) = read.and_then(|index| shape.fields.get(index)) {
                if seen & field.bit != 0 {
                    return Err(Stop::Surprise);
                }
                seen |= field.bit;
                let name = field.name.bind(self.py);
                match field.schema.kind {
                    // The most frequent kind, without a detour.
                    ValueKind::Str if scanner.peek()? == Token::String => {
                        let text = scanner.string(&mut self.buffers.scratch)?;
                        self.budget.take(weight::of_text(text))?;
                        self.strings.lend(self.py, text, |text| values.set_item(name, text))??;
                    }
                    _ => values.set_item(name, self.value(scanner, &field.schema)?)?,
                }
            }
            more = scanner.more(b'}')?;
        }
        if shape.required & !seen != 0 {
            return Err(Stop::Surprise);
        }
        shape.check_always(schema.class.bind(self.py), seen)?;
        if let Some(template) = template {
            self.reset(shape, &values, template.changed & !seen)?;
        }
        let instance = object::allocate(schema.class.bind(self.py))?;
        if !shape.fields.is_empty() {
            object::set_dict(&instance, &values)?;
        }
        // The class knows the template's names.
        if template.is_none_or(|template| template.seen != seen) {
            match &extra {
                Some(extra) => {
                    self.budget.take(weight::of_set(seen.count_ones()) + weight::SET_MEMBER * extra.len())?;
                    self.slots.set_names(&instance, self.own_names(shape, seen, extra)?.as_any())?;
                }
                None => {
                    let (names, is_shared) = shape.shared_names(self.py, seen)?;
                    if !is_shared {
                        self.budget.take(weight::of_set(seen.count_ones()))?;
                    }
                    self.slots.set_names(&instance, names.as_any())?;
                }
            }
        }
        if let Some(extra) = extra {
            self.slots.set_extra(&instance, &extra)?;
        }
        self.seen_models.notice(index, shape, &values, seen)?;
        Ok(instance)
    }

    /// Gives fields that did not come their defaults, where the template has another value.
    fn reset(&self, shape: &Fields, values: &Bound<'py, PyDict>, mut fields: Seen) -> Result<(), Stop> {
        let defaults = shape.defaults.bind(self.py);
        while let Some(field) = shape.fields.get(fields.trailing_zeros() as usize) {
            let name = field.name.bind(self.py);
            values.set_item(name, defaults.get_item(name)?)?;
            fields &= fields - 1;
        }
        Ok(())
    }

    /// The names of the fields that were set, extra ones among them.
    fn own_names(
        &self,
        shape: &Fields,
        seen: Seen,
        extra: &Bound<'py, PyDict>,
    ) -> PyResult<Bound<'py, PySet>> {
        let set = PySet::new(self.py, shape.names(self.py, seen))?;
        for (key, _) in extra {
            set.add(key)?;
        }
        Ok(set)
    }

    fn root(&mut self, schema: &ModelSchema, root: Bound<'py, PyAny>) -> Decoded<'py> {
        self.budget.take(weight::INSTANCE + weight::CONTAINER + weight::MEMBERS + weight::SET)?;
        let values = object::dict(self.py)?;
        let name = intern!(self.py, "root");
        values.set_item(name, root)?;
        let instance = object::allocate(schema.class.bind(self.py))?;
        object::set_dict(&instance, &values)?;
        self.slots.set_names(&instance, PySet::new(self.py, [name])?.as_any())?;
        self.slots.set_extra(&instance, self.py.None().bind(self.py))?;
        self.slots.set_private(&instance, self.py.None().bind(self.py))?;
        Ok(instance)
    }
}

impl Drop for Deserializer<'_, '_> {
    fn drop(&mut self) {
        self.strings.give_back(std::mem::take(&mut self.buffers));
    }
}
