//! One pass over one text.

use std::sync::atomic::Ordering;

use matterapi_core::json::{Fault, Number, Scanner, Token};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PySet};

use super::object;
use super::schema::{Fields, Kind, ModelSchema, Seen, Shape, Slot};
use super::strings::Strings;
use super::usual::Acquaintances;

/// Why a pass ended early.
pub(super) enum Stop {
    /// Something that needs pydantic's judgement.
    Surprise,
    /// Python failed, for example for lack of memory. Boxed, so that results fit into registers.
    Raised(Box<PyErr>),
}

impl From<Fault> for Stop {
    fn from(_: Fault) -> Self {
        Self::Surprise
    }
}

impl From<PyErr> for Stop {
    fn from(error: PyErr) -> Self {
        Self::Raised(Box::new(error))
    }
}

type Decoded<'py> = Result<Bound<'py, PyAny>, Stop>;

pub(super) struct Pass<'py, 'c> {
    py: Python<'py>,
    strings: &'c mut Strings,
    slots: &'py object::Slots,
    scratch: String,
    /// The items of the lists being read, the innermost last.
    items: Vec<Bound<'py, PyAny>>,
    /// The last large integer: times come in pairs, created and updated.
    time: Option<(i64, Bound<'py, PyAny>)>,
    met: Acquaintances<'py>,
}

impl<'py, 'c> Pass<'py, 'c> {
    pub(super) fn new(py: Python<'py>, strings: &'c mut Strings) -> PyResult<Self> {
        Ok(Self {
            py,
            strings,
            slots: object::Slots::get(py)?,
            scratch: String::new(),
            items: Vec::new(),
            time: None,
            met: Acquaintances::default(),
        })
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

    fn int(&mut self, int: i64) -> Bound<'py, PyAny> {
        match &self.time {
            Some((known, object)) if *known == int => object.clone(),
            _ => {
                let made = PyInt::new(self.py, int).into_any();
                if int > i64::from(u32::MAX) {
                    self.time = Some((int, made.clone()));
                }
                made
            }
        }
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
                        let key = self.strings.get(self.py, key);
                        let value = self.value(scanner, &shape.extra)?;
                        let extra = extra.get_or_insert_with(|| PyDict::new(self.py));
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
                        self.strings.lend(self.py, text, |text| values.set_item(name, text))?;
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
                    self.slots.set_names(&instance, self.own_names(shape, seen, extra)?.as_any())?;
                }
                None => {
                    self.slots.set_names(&instance, shape.shared_names(self.py, seen)?.as_any())?;
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
        for key in extra.keys() {
            set.add(key)?;
        }
        Ok(set)
    }

    fn root(&self, schema: &ModelSchema, root: Bound<'py, PyAny>) -> Decoded<'py> {
        let values = PyDict::new(self.py);
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
