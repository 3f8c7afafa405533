//! One pass over one text.

use std::sync::atomic::Ordering;

use matterapi_core::json::{Number, Scanner, Token};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PySet};

use super::object;
use super::schema::{Fields, Kind, ModelSchema, Seen, Shape, Slot};
use super::stop::{Stop, no_memory};
use super::strings::Strings;
use super::usual::Acquaintances;
use super::weight::{self, Budget};
use crate::names;

/// Root models within each other: more hold themselves.
const MOST_ROOTS: usize = 128;

type Decoded<'py> = Result<Bound<'py, PyAny>, Stop>;

pub(super) struct Pass<'py, 'c> {
    /// Thousands of objects that cannot be garbage yet: collections in between only cost
    /// time. The first field, so that it goes on before what a failed pass has made is taken apart.
    collection: object::Paused,
    py: Python<'py>,
    strings: &'c mut Strings,
    slots: &'py object::Slots,
    scratch: String,
    /// The items of the lists being read, the innermost last.
    items: Vec<Bound<'py, PyAny>>,
    /// The last large integer: times come in pairs, created and updated.
    time: Option<(i64, Bound<'py, PyAny>)>,
    met: Acquaintances<'py>,
    /// Root models being read.
    roots: usize,
    budget: Budget,
}

impl<'py, 'c> Pass<'py, 'c> {
    pub(super) fn new(
        py: Python<'py>,
        strings: &'c mut Strings,
        slots: &'py object::Slots,
        budget: Budget,
    ) -> Self {
        Self {
            py,
            strings,
            slots,
            scratch: String::new(),
            items: Vec::new(),
            time: None,
            met: Acquaintances::default(),
            roots: 0,
            budget,
            collection: object::Paused::new(py),
        }
    }

    /// What [`Stop::TooLarge`] means.
    pub(super) fn exceeded(&self) -> PyErr {
        self.budget.exceeded()
    }

    /// Reads the next value as `slot` wants it.
    pub(super) fn value(&mut self, scanner: &mut Scanner<'_>, slot: &Slot) -> Decoded<'py> {
        let token = scanner.peek()?;
        if token == Token::Null && !matches!(slot.kind, Kind::Any | Kind::Foreign(..)) {
            scanner.word(token)?;
            return self.null(slot);
        }
        match (&slot.kind, token) {
            (Kind::Str, Token::String) => self.string(scanner),
            (Kind::Int, Token::Number) => match scanner.number()? {
                Number::Int(int) => self.int(int),
                _ => Err(Stop::Surprise),
            },
            (Kind::Float, Token::Number) => match scanner.number()? {
                #[expect(clippy::cast_precision_loss, reason = "what Python's float() does")]
                Number::Int(int) => self.float(int as f64),
                Number::Float(float) => self.float(float),
                Number::Big(_) => Err(Stop::Surprise),
            },
            (Kind::Bool, Token::True | Token::False) => {
                scanner.word(token)?;
                Ok(PyBool::new(self.py, token == Token::True).to_owned().into_any())
            }
            (Kind::Any, _) => self.any(scanner, token),
            (Kind::Enum(members), Token::String) => {
                let word = scanner.string(&mut self.scratch)?;
                members.get(word).map(|member| member.bind(self.py).clone()).ok_or(Stop::Surprise)
            }
            (Kind::List(item), Token::Array) => self.list(scanner, item),
            (Kind::Map(item), Token::Object) => self.map(scanner, item),
            (Kind::Model(schema), _) => self.model(scanner, token, schema.get()),
            (Kind::Foreign(validate, model), _) => {
                let content = scanner.skip(&mut self.scratch)?.as_bytes();
                self.foreign(validate.bind(self.py), content, *model)
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

    /// Go writes null for an empty list.
    fn null(&mut self, slot: &Slot) -> Decoded<'py> {
        match &slot.kind {
            Kind::List(_) => Ok(object::empty_list(self.py)?),
            Kind::Model(schema) => match schema.get().shape.get() {
                Some(Shape::Root(Slot { kind: Kind::List(_), .. })) => {
                    self.root(schema.get(), object::empty_list(self.py)?)
                }
                _ => self.none(slot.nullable),
            },
            _ => self.none(slot.nullable),
        }
    }

    fn none(&self, allowed: bool) -> Decoded<'py> {
        if allowed { Ok(self.py.None().into_bound(self.py)) } else { Err(Stop::Surprise) }
    }

    fn string(&mut self, scanner: &mut Scanner<'_>) -> Decoded<'py> {
        let text = scanner.string(&mut self.scratch)?;
        self.budget.take(weight::of_text(text))?;
        Ok(self.strings.get(self.py, text)?.into_any())
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
        const ANY: Slot = Slot { kind: Kind::Any, nullable: true };
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

    fn list(&mut self, scanner: &mut Scanner<'_>, item: &Slot) -> Decoded<'py> {
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

    fn map(&mut self, scanner: &mut Scanner<'_>, item: &Slot) -> Decoded<'py> {
        let dict = object::dict(self.py)?;
        let mut more = scanner.open(b'}')?;
        self.budget.take(weight::CONTAINER + if more { weight::MEMBERS } else { 0 })?;
        while more {
            let key = scanner.key(&mut self.scratch)?;
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
            (Some(Shape::Root(slot)), _) => {
                self.roots += 1;
                if self.roots > MOST_ROOTS {
                    return Err(Stop::Surprise);
                }
                let root = self.value(scanner, slot)?;
                self.roots -= 1;
                self.root(schema, root)
            }
            _ => Err(Stop::Surprise),
        }
    }

    fn fields(&mut self, scanner: &mut Scanner<'_>, schema: &ModelSchema, shape: &Fields) -> Decoded<'py> {
        self.budget.take(shape.size)?;
        let (place, own_usual) = self.met.usual(shape);
        let usual = own_usual.as_deref().or_else(|| shape.usual.get());
        let start = usual.map_or(&shape.defaults, |usual| &usual.values).bind(self.py);
        // Without fields there is nothing to write into it.
        let values = if shape.fields.is_empty() { start.clone() } else { start.copy()? };
        let mut extra: Option<Bound<'py, PyDict>> = None;
        let members = usual.map_or(&shape.members, |usual| &usual.members);
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
                    let key = scanner.key(&mut self.scratch)?;
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
                match field.slot.kind {
                    // The most frequent kind, without a detour.
                    Kind::Str if scanner.peek()? == Token::String => {
                        let text = scanner.string(&mut self.scratch)?;
                        self.budget.take(weight::of_text(text))?;
                        self.strings.lend(self.py, text, |text| values.set_item(name, text))??;
                    }
                    _ => values.set_item(name, self.value(scanner, &field.slot)?)?,
                }
            }
            more = scanner.more(b'}')?;
        }
        if shape.required & !seen != 0 {
            return Err(Stop::Surprise);
        }
        if let Some(usual) = usual {
            self.reset(shape, &values, usual.changed & !seen)?;
        }
        let instance = object::allocate(schema.class.bind(self.py))?;
        if !shape.fields.is_empty() {
            object::set_dict(&instance, &values)?;
        }
        // The class knows the usual names.
        if usual.is_none_or(|usual| usual.seen != seen) {
            match &extra {
                Some(extra) => {
                    self.budget.take(set_size(seen) + weight::SET_MEMBER * extra.len())?;
                    self.slots.set_names(&instance, self.own_names(shape, seen, extra)?.as_any())?;
                }
                None => {
                    let (names, is_shared) = shape.shared_names(self.py, seen)?;
                    if !is_shared {
                        self.budget.take(set_size(seen))?;
                    }
                    self.slots.set_names(&instance, names.as_any())?;
                }
            }
        }
        if let Some(extra) = extra {
            self.slots.set_extra(&instance, &extra)?;
        }
        self.met.notice(place, shape, &values, seen)?;
        Ok(instance)
    }

    /// Gives fields that did not come their defaults, where the usual value is another.
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

/// Memory of a set of the names of these fields.
fn set_size(fields: Seen) -> usize {
    weight::SET + weight::SET_MEMBER * fields.count_ones() as usize
}
