//! A call as Python follows it event by event, on the calling thread or through a bridge.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use matterapi_core::http::{Exchange, ExchangeEvent, Request, Retry, Watch};
use matterapi_core::{Error, ErrorKind};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;

use crate::bridge::{Bridge, Outcome};
use crate::decoding::object;
use crate::lane::Lane;
use crate::raw_response::RawResponse;
use crate::session::{Checkout, Session};
use crate::{errors, runtime};

enum State {
    /// Nothing has been sent.
    New(Request),
    /// Between two events; with the lane that it runs on, unless it runs on the I/O thread.
    Running(Exchange, Option<Lane>),
    /// An event is being waited for, or was given up.
    Taken,
}

/// The state, which a job on the I/O thread takes and puts back.
struct StateCell {
    state: Mutex<State>,
    generation: u64,
}

impl StateCell {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> State {
        std::mem::replace(&mut *self.lock(), State::Taken)
    }

    fn put(&self, state: State) {
        *self.lock() = state;
    }
}

impl Drop for StateCell {
    fn drop(&mut self) {
        if self.generation != runtime::generation() {
            // The connection belongs to the parent: closing it here would speak on it.
            std::mem::forget(self.take());
        }
    }
}

/// A call that is watched, such as an upload, or a download in pieces. Dropping it closes its connection.
#[pyclass(frozen, module = "matterapi._core")]
pub struct Transfer {
    session: Py<Session>,
    state: Arc<StateCell>,
    size: Option<u64>,
    watch: Watch,
}

impl Transfer {
    pub(crate) fn new(session: Py<Session>, request: Request, watch: Watch) -> Self {
        let size = request.body.as_ref().and_then(matterapi_core::http::body::Body::size);
        let cell = StateCell { state: Mutex::new(State::New(request)), generation: runtime::generation() };
        Self { session, state: Arc::new(cell), size, watch }
    }

    fn take(&self) -> Result<State, Error> {
        if self.state.generation != runtime::generation() {
            return Err(Error::new(
                ErrorKind::Closed,
                "this transfer belongs to the parent process: start one here",
            ));
        }
        match self.state.take() {
            State::Taken => {
                Err(Error::new(ErrorKind::Closed, "the transfer was closed, or is in use elsewhere"))
            }
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

    /// Waits for the next event on the calling thread.
    fn next(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let raise = |e: Error| errors::exception(py, &e);
        let state = self.take().map_err(raise)?;
        let session = self.session.get();
        let (mut exchange, mut lane) = match state {
            State::New(request) => {
                let checkout = session.check_out(py)?.map_err(|e| raise(e.on(request.route.label())))?;
                let Checkout { core, slot, lane } = checkout;
                let lane = lane.map_or_else(|| Lane::new(&core), Ok).map_err(raise)?;
                let transport = lane.transport().clone();
                (Exchange::new(core, transport, Arc::new(request), Some(slot), self.watch), lane)
            }
            State::Running(exchange, Some(lane)) => (exchange, lane),
            State::Running(_, None) | State::Taken => {
                return Err(raise(Error::new(ErrorKind::Closed, "the transfer runs on an event loop")));
            }
        };
        let (exchange, lane, output) = py.detach(|| {
            let output = lane.drive(exchange.next());
            (exchange, lane, output)
        });
        // An exception of a signal handler: the lane ends here, and with it the connection.
        let output = output?;
        if matches!(output, Ok(ExchangeEvent::End) | Err(_)) {
            drop(exchange);
            session.give_back(lane, self.state.generation).map_err(raise)?;
        } else {
            self.state.put(State::Running(exchange, Some(lane)));
        }
        to_python(py, output.map_err(raise)?)
    }

    /// As `next`, on the I/O thread: resolves `future` with the event. Returns a token for `bridge.cancel`.
    fn submit_next(&self, py: Python<'_>, bridge: &Bridge, future: Bound<'_, PyAny>) -> PyResult<u64> {
        let raise = |e: Error| errors::exception(py, &e);
        let mut exchange = match self.take().map_err(raise)? {
            State::New(request) => {
                let (core, transport) = self.session.get().for_io(py)?;
                Exchange::new(core, transport, Arc::new(request), None, self.watch)
            }
            State::Running(exchange, None) => exchange,
            State::Running(_, Some(_)) | State::Taken => {
                return Err(raise(Error::new(ErrorKind::Closed, "the transfer runs on a thread")));
            }
        };
        let cell = Arc::clone(&self.state);
        bridge.submit(future, async move {
            let output = exchange.next().await;
            if !matches!(output, Ok(ExchangeEvent::End) | Err(_)) {
                cell.put(State::Running(exchange, None));
            }
            Outcome::Exchange(output)
        })
    }

    /// Gives up the call and closes its connection, unless it has ended.
    fn close(&self, py: Python<'_>) {
        if self.state.generation == runtime::generation() {
            let state = self.state.take();
            py.detach(move || drop(state));
        }
    }
}

/// Bytes sent as a number, a further attempt as a tuple, the response, a piece of it as bytes, the end as `None`.
pub(crate) fn to_python(py: Python<'_>, event: ExchangeEvent) -> PyResult<Py<PyAny>> {
    match event {
        ExchangeEvent::Sent(done) => done.into_py_any(py),
        ExchangeEvent::Retry(retry) => {
            let Retry { attempt, pause, outcome } = *retry;
            let outcome = match outcome {
                Ok(response) => Bound::new(py, RawResponse::new(response))?.into_any().unbind(),
                Err(error) => errors::exception(py, &error).into_value(py).into_any(),
            };
            (attempt, pause.as_secs_f64(), outcome).into_py_any(py)
        }
        ExchangeEvent::Response(response) => {
            Ok(Bound::new(py, RawResponse::new(response))?.into_any().unbind())
        }
        ExchangeEvent::Piece(piece) => Ok(object::bytes(py, &piece)?.into_any().unbind()),
        ExchangeEvent::End => Ok(py.None()),
    }
}
