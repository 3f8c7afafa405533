//! What a typed stream has received and not yet handed out, and what hands it out.
//!
//! Frames become events when they are taken, one by one. Events that wait in hundreds would be looked through by
//! Python's garbage collector again and again, which cost more than making them; a frame is nothing to it.

use std::collections::VecDeque;
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use pyo3::exceptions::PyStopIteration;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::decoding::{EventDecoder, object};

/// A frame, and when it came in seconds since 1970.
type Frame = (Bytes, f64);

/// Frames that came one after the other.
#[pyclass(frozen, module = "matterapi._core")]
pub(crate) struct Frames(Mutex<Vec<Frame>>);

impl Frames {
    pub(crate) fn of(frames: Vec<Frame>) -> Self {
        Self(Mutex::new(frames))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Frame>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl Frames {
    /// `frames`: each with the seconds since 1970 when it came.
    #[new]
    fn new(frames: Vec<(Vec<u8>, f64)>) -> Self {
        Self::of(frames.into_iter().map(|(text, received_at)| (text.into(), received_at)).collect())
    }

    fn __len__(&self) -> usize {
        self.lock().len()
    }
}

enum Entry {
    Frame(Frame),
    /// An event that is not the server's, and when it was made.
    Event(Py<PyAny>, f64),
    /// A position: everything before it has been handed out once it is reached.
    Position(i64),
}

#[derive(Default)]
struct State {
    entries: VecDeque<Entry>,
    delivered: u64,
}

/// See the module.
#[pyclass(frozen, module = "matterapi._core")]
pub(crate) struct EventQueue {
    decoder: Py<EventDecoder>,
    judge: Py<PyAny>,
    wanted: Py<PyTuple>,
    takes_all: bool,
    held: AtomicBool,
    /// Never locked while Python runs.
    state: Mutex<State>,
}

#[pymethods]
impl EventQueue {
    /// `judge`: gives the event of a frame that came at a time, or `None`, where the decoder leaves it to Python;
    /// `wanted`: classes of the events that are handed out, empty for all.
    #[new]
    fn new(decoder: Py<EventDecoder>, judge: Py<PyAny>, wanted: Bound<'_, PyTuple>) -> Self {
        Self {
            decoder,
            judge,
            takes_all: wanted.is_empty(),
            wanted: wanted.unbind(),
            held: AtomicBool::new(false),
            state: Mutex::default(),
        }
    }

    /// Takes frames over; `frames` is empty afterwards.
    fn add_frames(&self, frames: &Frames) {
        let frames = mem::take(&mut *frames.lock());
        self.state().entries.extend(frames.into_iter().map(Entry::Frame));
    }

    /// Adds an event that is not the server's, made at a time in seconds since 1970.
    fn add_event(&self, event: Py<PyAny>, made_at: f64) {
        self.state().entries.push_back(Entry::Event(event, made_at));
    }

    /// Adds a position: whether there is something before it. Otherwise it is reached, and not added.
    fn add_position(&self, position: i64) -> bool {
        let entries = &mut self.state().entries;
        let is_behind = !entries.is_empty();
        if is_behind {
            entries.push_back(Entry::Position(position));
        }
        is_behind
    }

    /// The next event, or `None` when there is none now. `progress` is told of what is handed out, and of positions.
    fn take<'py>(
        &self,
        py: Python<'py>,
        progress: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        loop {
            let next = self.state().entries.pop_front();
            let event = match next {
                None => return Ok(None),
                Some(Entry::Frame(frame)) => match self.read(py, &frame) {
                    Ok(Some(event)) => event,
                    Ok(None) => continue,
                    Err(raised) => {
                        // A signal's, perhaps: the frame is still to be read.
                        self.state().entries.push_front(Entry::Frame(frame));
                        return Err(raised);
                    }
                },
                Some(Entry::Event(event, _)) => event.into_bound(py),
                Some(Entry::Position(position)) => {
                    if let Some(progress) = progress {
                        progress.call_method1(intern!(py, "position"), (position,))?;
                    }
                    continue;
                }
            };
            if let Some(progress) = progress {
                progress.call_method1(intern!(py, "handed_out"), (&event,))?;
            }
            self.state().delivered += 1;
            return Ok(Some(event));
        }
    }

    /// From now on whoever iterates has to ask Python before each event.
    fn hold(&self) {
        self.held.store(true, Ordering::Relaxed);
    }

    /// Drops what was not taken.
    fn clear(&self) {
        let dropped = mem::take(&mut self.state().entries);
        drop(dropped);
    }

    /// Events that were taken.
    #[getter]
    fn delivered(&self) -> u64 {
        self.state().delivered
    }

    /// Events and frames that were not taken yet.
    #[getter]
    fn waiting(&self) -> usize {
        self.state().entries.iter().filter(|entry| !matches!(entry, Entry::Position(_))).count()
    }

    /// When the event came that is taken next, in seconds since 1970; `None` if there is none.
    #[getter]
    fn next_received_at(&self) -> Option<f64> {
        self.state().entries.iter().find_map(|entry| match entry {
            Entry::Frame((_, at)) | Entry::Event(_, at) => Some(*at),
            Entry::Position(_) => None,
        })
    }
}

impl EventQueue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The event of a frame, if it is one that is wanted.
    fn read<'py>(&self, py: Python<'py>, (text, received_at): &Frame) -> PyResult<Option<Bound<'py, PyAny>>> {
        let event = match self.decoder.get().event(py, text, *received_at)? {
            Some(event) => event,
            None => self.judge.bind(py).call1((object::bytes(py, text)?, *received_at))?,
        };
        let is_wanted = !event.is_none() && (self.takes_all || event.is_instance(self.wanted.bind(py))?);
        Ok(is_wanted.then_some(event))
    }
}

/// Hands out what waits in a queue for as long as something does; Python waits for more.
struct Source {
    queue: Py<EventQueue>,
    progress: Option<Py<PyAny>>,
    /// The user asks for more; nothing where that says nothing.
    begin: Option<Py<PyAny>>,
    /// What Python does where nothing waits.
    rest: Py<PyAny>,
}

impl Source {
    /// The next event, if there is one now.
    fn take<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let queue = self.queue.get();
        if queue.held.load(Ordering::Relaxed) {
            return Ok(None);
        }
        if let Some(begin) = &self.begin {
            begin.bind(py).call0()?;
        }
        queue.take(py, self.progress.as_ref().map(|progress| progress.bind(py)))
    }
}

/// The events of a queue, for a `for` loop.
#[pyclass(frozen, module = "matterapi._core")]
pub(crate) struct EventIterator(Source);

#[pymethods]
impl EventIterator {
    /// `progress`: as for [`EventQueue::take`]; `begin`: is called before each event; `rest`: gives the event that
    /// comes next, or raises `StopIteration`, where none waits.
    #[new]
    fn new(
        queue: Py<EventQueue>,
        progress: Option<Py<PyAny>>,
        begin: Option<Py<PyAny>>,
        rest: Py<PyAny>,
    ) -> Self {
        Self(Source { queue, progress, begin, rest })
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match self.0.take(py)? {
            Some(event) => Ok(event),
            None => self.0.rest.bind(py).call0(),
        }
    }
}

/// The same for an `async for` loop. It is what its `__anext__` gives, too: an object less for each event.
#[pyclass(frozen, module = "matterapi._core")]
pub(crate) struct AsyncEventIterator(Source);

#[pymethods]
impl AsyncEventIterator {
    /// As for [`EventIterator`]; `rest` gives a coroutine, which may raise `StopAsyncIteration`.
    #[new]
    fn new(
        queue: Py<EventQueue>,
        progress: Option<Py<PyAny>>,
        begin: Option<Py<PyAny>>,
        rest: Py<PyAny>,
    ) -> Self {
        Self(Source { queue, progress, begin, rest })
    }

    fn __aiter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __anext__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    /// Takes an event only now: who never awaits what `__anext__` gave has taken none.
    fn __await__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match self.0.take(py)? {
            Some(event) => Ok(Bound::new(py, Ready(Some(event.unbind())))?.into_any()),
            None => self.0.rest.bind(py).call0()?.call_method0(intern!(py, "__await__")),
        }
    }
}

/// A wait that is over before it begins.
#[pyclass(module = "matterapi._core")]
struct Ready(Option<Py<PyAny>>);

#[pymethods]
impl Ready {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    /// The result of a wait is what `StopIteration` brings.
    fn __next__(&mut self) -> PyResult<Py<PyAny>> {
        Err(PyStopIteration::new_err(self.0.take()))
    }
}
