//! From the bytes of a websocket frame to the event's instance.

use std::sync::{Mutex, PoisonError};

use matterapi_core::json::{Number, Scanner, Scratch, Token};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyFloat};
use rustc_hash::FxHashMap;

use super::deserializer::Deserializer;
use super::model_schema::{ModelSchema, ValueKind, ValueSchema};
use super::stop::Stop;
use super::weight::Budget;
use super::{object, strings};

/// Names of events that are remembered: a server has about a hundred, and plugins theirs.
const MOST_NAMES: usize = 1024;

/// Makes events of frames, as far as they are what their classes say.
#[pyclass(frozen, module = "matterapi._core")]
pub(crate) struct EventDecoder {
    describe: Py<PyAny>,
    arrive: Py<PyAny>,
    most: usize,
    /// By the names of events; nothing for those that are left to Python.
    schemas: Mutex<FxHashMap<Box<str>, Option<Py<ModelSchema>>>>,
}

/// What a frame says beside its data.
#[derive(Default)]
struct Envelope {
    seq: Option<i64>,
    recovered: bool,
}

#[pymethods]
impl EventDecoder {
    /// `describe`: gives the [`ModelSchema`] of an event's data by its name, or `None`; `arrive`: is called with an
    /// event and (when it came, its number, whether it came by REST, its frame); `most`: bytes of memory that the
    /// values of a frame may take.
    #[new]
    fn new(describe: Py<PyAny>, arrive: Py<PyAny>, most: usize) -> Self {
        Self { describe, arrive, most, schemas: Mutex::default() }
    }

    /// The event of a frame that came at `received_at`, or `NotImplemented` when Python has to judge.
    fn decode(&self, py: Python<'_>, frame: Bound<'_, PyBytes>, received_at: f64) -> PyResult<Py<PyAny>> {
        let event = self.event(py, frame.as_bytes(), received_at)?;
        Ok(event.map_or_else(|| py.NotImplemented(), Bound::unbind))
    }

    /// Asks now, not with its first frame, for the schema of an event of this name.
    fn prepare(&self, py: Python<'_>, name: &str) -> PyResult<()> {
        self.schema(py, name).map(drop)
    }
}

impl EventDecoder {
    /// The same; nothing when Python has to judge.
    pub(crate) fn event<'py>(
        &self,
        py: Python<'py>,
        frame: &[u8],
        received_at: f64,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let Ok(text) = simdutf8::basic::from_utf8(frame) else { return Ok(None) };
        let Some(slots) = object::ModelSlots::get(py)? else { return Ok(None) };
        let mut scanner = Scanner::new(text);
        let Some(schema) = self.begin(py, &mut scanner)? else { return Ok(None) };
        let schema = ValueSchema { kind: ValueKind::Model(schema), nullable: false };
        let mut strings = strings::borrow();
        let mut deserializer = Deserializer::new(py, &mut strings, slots, Budget::new(Some(self.most)));
        let (event, envelope) = match read(&mut scanner, &mut deserializer, &schema) {
            Ok(read) => read,
            // Too large for Python, too: it says so in the log.
            Err(Stop::Surprise | Stop::TooLarge) => return Ok(None),
            Err(Stop::Raised) => return Err(PyErr::fetch(py)),
        };
        drop(deserializer);
        drop(strings);
        let frame = object::bytes(py, frame)?;
        let arrival = (PyFloat::new(py, received_at), envelope.seq, envelope.recovered, frame);
        self.arrive.bind(py).call1((&event, arrival))?;
        Ok(Some(event))
    }

    /// Reads up to the value of `data`; the schema of the event, unless it is left to Python.
    fn begin(&self, py: Python<'_>, scanner: &mut Scanner<'_>) -> PyResult<Option<Py<ModelSchema>>> {
        let mut scratch = Scratch::default();
        let mut name = || -> Option<String> {
            // The server writes the name first (websocket_message.go, ToJSON), and then the data.
            (scanner.peek().ok()? == Token::Object).then_some(())?;
            (scanner.open(b'}').ok()? && scanner.key(&mut scratch).ok()? == "event").then_some(())?;
            (scanner.peek().ok()? == Token::String).then_some(())?;
            let name = scanner.string(&mut scratch).ok()?.to_owned();
            (scanner.more(b'}').ok()? && scanner.key(&mut scratch).ok()? == "data").then_some(())?;
            (scanner.peek().ok()? == Token::Object).then_some(name)
        };
        match name() {
            Some(name) => self.schema(py, &name),
            None => Ok(None),
        }
    }

    fn schema(&self, py: Python<'_>, name: &str) -> PyResult<Option<Py<ModelSchema>>> {
        let schemas = || self.schemas.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = schemas().get(name) {
            return Ok(known.as_ref().map(|schema| schema.clone_ref(py)));
        }
        // Not under the lock: it runs Python.
        let found = self.describe.bind(py).call1((name,))?;
        let found = match found.is_none() {
            true => None,
            false => {
                let schema = found.cast_into::<ModelSchema>();
                Some(schema.map_err(|_| PyTypeError::new_err("describe has to give a ModelSchema"))?.unbind())
            }
        };
        let mut schemas = schemas();
        if schemas.len() < MOST_NAMES {
            schemas.insert(name.into(), found.as_ref().map(|schema| schema.clone_ref(py)));
        }
        Ok(found)
    }
}

/// Reads from the value of `data` to the end.
fn read<'py>(
    scanner: &mut Scanner<'_>,
    deserializer: &mut Deserializer<'py, '_>,
    schema: &ValueSchema,
) -> Result<(Bound<'py, PyAny>, Envelope), Stop> {
    let event = deserializer.value(scanner, schema)?;
    let mut envelope = Envelope::default();
    let mut scratch = Scratch::default();
    let mut seen = [false; 3];
    while scanner.more(b'}')? {
        let place = match scanner.key(&mut scratch)? {
            "seq" => 0,
            "recovered" => 1,
            "broadcast" => 2,
            // Again, or in another order: which of them counts is Python's to say.
            _ => return Err(Stop::Surprise),
        };
        let known = seen.get_mut(place).ok_or(Stop::Surprise)?;
        if std::mem::replace(known, true) {
            return Err(Stop::Surprise);
        }
        match (place, scanner.peek()?) {
            (0, Token::Number) => match scanner.number()? {
                Number::Int(seq) => envelope.seq = Some(seq),
                _ => return Err(Stop::Surprise),
            },
            (0, Token::Null) => scanner.word(Token::Null)?,
            (1, token @ (Token::True | Token::False)) => {
                scanner.word(token)?;
                envelope.recovered = token == Token::True;
            }
            (2, Token::Object | Token::Null) => drop(scanner.skip(&mut scratch)?),
            _ => return Err(Stop::Surprise),
        }
    }
    scanner.finish()?;
    Ok((event, envelope))
}
