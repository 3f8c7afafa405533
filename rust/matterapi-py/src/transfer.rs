//! A call as Python follows it step by step, on the calling thread or through a bridge.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use matterapi_core::exchange::{Exchange, Step};
use matterapi_core::{Error, Kind, Request};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;

use crate::bridge::{Bridge, Outcome};
use crate::decode::object;
use crate::lane::Lane;
use crate::response::RawResponse;
use crate::session::Session;
use crate::{errors, runtime};

enum State {
    /// Nothing has been sent.
    New(Request),
    /// Between two steps; with the lane that it runs on, unless it runs on the I/O thread.
    Running(Exchange, Option<Lane>),
    /// A step is being waited for, or was given up.
    Away,
}

/// The state, which a job on the I/O thread takes and puts back.
struct Place {
    state: Mutex<State>,
    generation: u64,
}

impl Place {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> State {
        std::mem::replace(&mut *self.lock(), State::Away)
    }

    fn put(&self, state: State) {
        *self.lock() = state;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.generation != runtime::generation() {
            // The connection belongs to the parent: closing it here would speak on it.
            std::mem::forget(self.take());
        }
    }
}

/// An upload whose progress is watched, or a download in pieces. Dropping it closes its connection.
#[pyclass(frozen, module = "matterapi._core")]
pub struct Transfer {
    session: Py<Session>,
    place: Arc<Place>,
    size: Option<u64>,
    in_pieces: bool,
}

impl Transfer {
    pub(crate) fn new(session: Py<Session>, request: Request, in_pieces: bool) -> Self {
        let size = request.body.as_ref().and_then(matterapi_core::body::Body::size);
        let place = Place { state: Mutex::new(State::New(request)), generation: runtime::generation() };
        Self { session, place: Arc::new(place), size, in_pieces }
    }

    fn take(&self) -> Result<State, Error> {
        if self.place.generation != runtime::generation() {
            return Err(Error::new(
                Kind::Closed,
                "this transfer belongs to the parent process: start one here",
            ));
        }
        match self.place.take() {
            State::Away => Err(Error::new(Kind::Closed, "the transfer was closed, or is in use elsewhere")),
            state => Ok(state),
        }
    }
}

#[pymethods]
impl Transfer {
    /// Bytes of the request's body, or `None` if that is not known.
    #[getter]
    fn size(&self) -> Option<u64> {
        self.size
    }

    /// Waits for the next step on the calling thread.
    fn next(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let raise = |e: Error| errors::exception(py, &e);
        let state = self.take().map_err(raise)?;
        let session = self.session.get();
        let (mut exchange, mut lane) = match state {
            State::New(request) => {
                let taken = session.take_lane(py)?.map_err(|e| raise(e.on(request.route.label())))?;
                let (core, slot, free) = taken;
                let lane = free.map_or_else(|| Lane::new(&core), Ok).map_err(raise)?;
                let transport = lane.transport().clone();
                (Exchange::new(core, transport, Arc::new(request), Some(slot), self.in_pieces), lane)
            }
            State::Running(exchange, Some(lane)) => (exchange, lane),
            State::Running(_, None) | State::Away => {
                return Err(raise(Error::new(Kind::Closed, "the transfer runs on an event loop")));
            }
        };
        let (exchange, lane, output) = py.detach(|| {
            let output = lane.drive(exchange.next());
            (exchange, lane, output)
        });
        // An exception of a signal handler: the lane ends here, and with it the connection.
        let output = output?;
        if matches!(output, Ok(Step::End) | Err(_)) {
            drop(exchange);
            session.give_back(lane, self.place.generation).map_err(raise)?;
        } else {
            self.place.put(State::Running(exchange, Some(lane)));
        }
        step(py, output.map_err(raise)?)
    }

    /// As `next`, on the I/O thread: resolves `future` with the step. Returns a token for `bridge.cancel`.
    fn submit_next(&self, py: Python<'_>, bridge: &Bridge, future: Bound<'_, PyAny>) -> PyResult<u64> {
        let raise = |e: Error| errors::exception(py, &e);
        let mut exchange = match self.take().map_err(raise)? {
            State::New(request) => {
                let (core, transport) = self.session.get().for_io(py)?;
                Exchange::new(core, transport, Arc::new(request), None, self.in_pieces)
            }
            State::Running(exchange, None) => exchange,
            State::Running(_, Some(_)) | State::Away => {
                return Err(raise(Error::new(Kind::Closed, "the transfer runs on a thread")));
            }
        };
        let place = Arc::clone(&self.place);
        bridge.submit(future, async move {
            let output = exchange.next().await;
            if !matches!(output, Ok(Step::End) | Err(_)) {
                place.put(State::Running(exchange, None));
            }
            Outcome::Step(output)
        })
    }

    /// Gives up the call and closes its connection, unless it has ended.
    fn close(&self, py: Python<'_>) {
        if self.place.generation == runtime::generation() {
            let state = self.place.take();
            py.detach(move || drop(state));
        }
    }
}

/// Bytes sent as a number, the answer as a response, a piece of it as bytes, the end as `None`.
pub(crate) fn step(py: Python<'_>, step: Step) -> PyResult<Py<PyAny>> {
    match step {
        Step::Sent(done) => done.into_py_any(py),
        Step::Answered(response) => Ok(Bound::new(py, RawResponse::new(response))?.into_any().unbind()),
        Step::Piece(piece) => Ok(object::bytes(py, &piece)?.into_any().unbind()),
        Step::End => Ok(py.None()),
    }
}
