//! One pass over one text.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use matterapi_core::json::{Fault, Number, Scanner, Token};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PySet};

use super::object;
use super::schema::{Fields, Kind, ModelSchema, Seen, Shape, Slot};
use super::strings::Strings;

/// Why a pass ended early.
pub(super) enum Stop {
    /// Something that needs pydantic's judgement.
    Surprise,
    /// Python failed, for example for lack of memory.
    Raised(PyErr),
}

impl From<Fault> for Stop {
    fn from(_: Fault) -> Self {
        Self::Surprise
    }
}

impl From<PyErr> for Stop {
    fn from(error: PyErr) -> Self {
        Self::Raised(error)
    }
}

/// Combinations of set fields that a model remembers; servers write few.
const MOST_SETS: usize = 32;

type Decoded<'py> = Result<Bound<'py, PyAny>, Stop>;

pub(super) struct Pass<'py, 'c> {
    py: Python<'py>,
    strings: &'c mut Strings,
    slots: &'py object::Slots,
    scratch: String,
    /// The items of the lists being read, the innermost last.
    items: Vec<Bound<'py, PyAny>>,
}

impl<'py, 'c> Pass<'py, 'c> {
    pub(super) fn new(py: Python<'py>, strings: &'c mut Strings) -> PyResult<Self> {
        Ok(Self { py, strings, slots: object::Slots::get(py)?, scratch: String::new(), items: Vec::new() })
    }

    /// Reads the next value as `slot` wants it.
    pub(super) fn value(&mut self, scanner: &mut Scanner<'_>, slot: &Slot) -> Decoded<'py> {
        let token = scanner.peek()?;
        if token == Token::Null && !matches!(slot.kind, Kind::Any | Kind::Foreign(_)) {
            scanner.word(token)?;
            return self.null(slot);
        }
        match (&slot.kind, token) {
            (Kind::Str, Token::String) => self.string(scanner),
            (Kind::Int, Token::Number) => match scanner.number()? {
                Number::Int(int) => Ok(self.int(int)),
                _ => Err(Stop::Surprise),
            },
            (Kind::Float, Token::Number) => match scanner.number()? {
                #[expect(clippy::cast_precision_loss, reason = "what Python's float() does")]
                Number::Int(int) => Ok(PyFloat::new(self.py, int as f64).into_any()),
                Number::Float(float) => Ok(PyFloat::new(self.py, float).into_any()),
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
            (Kind::Foreign(validate), _) => {
                let content = PyBytes::new(self.py, scanner.skip(&mut self.scratch)?.as_bytes());
                // What it raises is pydantic's judgement, which will be passed on the whole body.
                validate.bind(self.py).call1((content,)).map_err(|_| Stop::Surprise)
            }
            _ => Err(Stop::Surprise),
        }
    }

    /// Go writes null for an empty list.
    fn null(&mut self, slot: &Slot) -> Decoded<'py> {
        match &slot.kind {
            Kind::List(_) => Ok(PyList::empty(self.py).into_any()),
            Kind::Model(schema) => match schema.get().shape.get() {
                Some(Shape::Root(Slot { kind: Kind::List(_), .. })) => {
                    self.root(schema.get(), PyList::empty(self.py).into_any())
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
        Ok(self.strings.get(self.py, text).into_any())
    }

    fn int(&self, int: i64) -> Bound<'py, PyAny> {
        PyInt::new(self.py, int).into_any()
    }

    fn any(&mut self, scanner: &mut Scanner<'_>, token: Token) -> Decoded<'py> {
        const ANY: Slot = Slot { kind: Kind::Any, nullable: true };
        match token {
            Token::String => self.string(scanner),
            Token::Number => match scanner.number()? {
                Number::Int(int) => Ok(self.int(int)),
                Number::Float(float) => Ok(PyFloat::new(self.py, float).into_any()),
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
        if !more {
            return Ok(PyList::empty(self.py).into_any());
        }
        let start = self.items.len();
        while more {
            let value = self.value(scanner, item)?;
            self.items.push(value);
            more = scanner.more(b']')?;
        }
        Ok(PyList::new(self.py, self.items.drain(start..))?.into_any())
    }

    fn map(&mut self, scanner: &mut Scanner<'_>, item: &Slot) -> Decoded<'py> {
        let dict = PyDict::new(self.py);
        let mut more = scanner.open(b'}')?;
        while more {
            let key = scanner.key(&mut self.scratch)?;
            let key = self.strings.get(self.py, key);
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
                let root = self.value(scanner, slot)?;
                self.root(schema, root)
            }
            _ => Err(Stop::Surprise),
        }
    }

    fn fields(&mut self, scanner: &mut Scanner<'_>, schema: &ModelSchema, shape: &Fields) -> Decoded<'py> {
        let values = shape.template.bind(self.py).copy()?;
        let mut extra: Option<Bound<'py, PyDict>> = None;
        let mut seen: Seen = 0;
        let mut expected = &shape.first;
        let mut more = scanner.open(b'}')?;
        while more {
            let guess = expected.load(Ordering::Relaxed);
            let index = match shape.fields.get(guess) {
                Some(field) if scanner.take_key(&field.alias) => Some(guess),
                _ => {
                    let key = scanner.key(&mut self.scratch)?;
                    let index = shape.by_key.get(key).copied();
                    if index.is_none() {
                        let key = self.strings.get(self.py, key);
                        let extra = extra.get_or_insert_with(|| PyDict::new(self.py));
                        if extra.contains(&key)? {
                            return Err(Stop::Surprise);
                        }
                        let token = scanner.peek()?;
                        extra.set_item(key, self.any(scanner, token)?)?;
                    }
                    index
                }
            };
            if let Some((index, field)) = index.and_then(|index| Some((index, shape.fields.get(index)?))) {
                if seen & (1 << index) != 0 {
                    return Err(Stop::Surprise);
                }
                seen |= 1 << index;
                if index != guess {
                    expected.store(index, Ordering::Relaxed);
                }
                expected = &field.next;
                let value = self.value(scanner, &field.slot)?;
                values.set_item(field.name.bind(self.py), value)?;
            }
            more = scanner.more(b'}')?;
        }
        if shape.required & !seen != 0 {
            return Err(Stop::Surprise);
        }
        let set = self.names_set(shape, seen, extra.as_ref())?;
        self.instance(schema, &values, &set, extra.as_ref().map(Bound::as_any))
    }

    /// The names of the fields that were set: a shared frozenset, which the model's class turns into a
    /// set of the instance's own when somebody asks for it.
    fn names_set(&self, shape: &Fields, seen: Seen, extra: Option<&Bound<'py, PyDict>>) -> Decoded<'py> {
        let set_fields = shape.fields.iter().enumerate().filter(|(index, _)| seen & (1 << index) != 0);
        let names = set_fields.map(|(_, field)| field.name.bind(self.py));
        if let Some(extra) = extra {
            let set = PySet::new(self.py, names)?;
            for key in extra.keys() {
                set.add(key)?;
            }
            return Ok(set.into_any());
        }
        let mut sets = shape.sets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = sets.iter().find(|(fields, _)| *fields == seen) {
            return Ok(known.bind(self.py).clone().into_any());
        }
        let made = PyFrozenSet::new(self.py, names)?;
        if sets.len() < MOST_SETS {
            sets.push((seen, made.clone().unbind()));
        }
        Ok(made.into_any())
    }

    fn root(&self, schema: &ModelSchema, root: Bound<'py, PyAny>) -> Decoded<'py> {
        let values = PyDict::new(self.py);
        let name = intern!(self.py, "root");
        values.set_item(name, root)?;
        let set = PySet::new(self.py, [name])?;
        self.instance(schema, &values, set.as_any(), Some(self.py.None().bind(self.py)))
    }

    fn instance(
        &self,
        schema: &ModelSchema,
        values: &Bound<'py, PyDict>,
        set: &Bound<'py, PyAny>,
        extra: Option<&Bound<'py, PyAny>>,
    ) -> Decoded<'py> {
        let py = self.py;
        let instance = object::allocate(schema.class.bind(py))?;
        object::set_dict(&instance, values)?;
        self.slots.fill(&instance, set, extra)?;
        Ok(instance)
    }
}
