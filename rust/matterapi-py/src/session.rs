//! A session as Python holds it: every I/O method is prepare (with the interpreter lock), a future
//! (without), finish (with).

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use matterapi_core::Error;
use matterapi_core::http::{
    OwnOptions as CoreOwnOptions, PoolSlot, Request, Session as CoreSession, Transport, Watch,
};
use matterapi_core::reactor::Handle;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::answer::{self, Wanted};
use crate::bridge::{Bridge, Outcome};
use crate::decoding::Decoder;
use crate::errors::Refusal;
use crate::lane::Lane;
use crate::options::CoreOptions;
use crate::own_options::OwnOptions;
use crate::pending_call::{Judge, PendingCall};
use crate::route::Route;
use crate::transfer::Transfer;
use crate::{convert, errors, runtime};

/// Calls in a burst, calls left of it, calls a second, seconds until the next.
type RateLimit = (Option<u64>, u64, f64, f64);

struct State {
    generation: u64,
    core: Arc<CoreSession>,
    /// Free lanes; the one used last is the warmest.
    lanes: Vec<Lane>,
    /// The connections of the I/O thread.
    transport: Option<Transport>,
    /// Those of event loops.
    loops: Vec<(Handle, Transport)>,
}

impl State {
    fn new(core: CoreSession) -> Self {
        let (generation, core) = (runtime::generation(), Arc::new(core));
        Self { generation, core, lanes: Vec::new(), transport: None, loops: Vec::new() }
    }
}

/// What a call on the calling thread needs: the session, the right to one of its connections, and a free lane
/// if there is one.
pub(crate) struct Checkout {
    pub(crate) core: Arc<CoreSession>,
    pub(crate) slot: PoolSlot,
    pub(crate) lane: Option<Lane>,
}

/// One login and its connections.
#[pyclass(frozen, weakref, module = "matterapi._core")]
pub struct Session {
    /// Taken only with the interpreter lock held and never across giving it up, so a fork never finds
    /// it taken.
    state: Mutex<State>,
}

impl Session {
    fn state(&self) -> Result<MutexGuard<'_, State>, Error> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.generation != runtime::generation() {
            let child = State::new(state.core.for_child()?);
            // The parent goes on using these connections: closing them here would speak on them.
            std::mem::forget(std::mem::replace(&mut *state, child));
        }
        Ok(state)
    }

    pub(crate) fn core(&self) -> Result<Arc<CoreSession>, Error> {
        Ok(Arc::clone(&self.state()?.core))
    }

    pub(crate) fn transport(&self) -> Result<Transport, Error> {
        let mut state = self.state()?;
        if let Some(transport) = &state.transport {
            return Ok(transport.clone());
        }
        let transport = state.core.transport()?;
        Ok(state.transport.insert(transport).clone())
    }

    /// The connections of the loop that drives `reactor`.
    fn transport_on(&self, reactor: &Handle) -> Result<Transport, Error> {
        let mut state = self.state()?;
        if let Some((_, transport)) = state.loops.iter().find(|(known, _)| known.is(reactor)) {
            return Ok(transport.clone());
        }
        // Loops that have ended leave their connections behind.
        state.loops.retain(|(known, _)| !known.is_orphaned());
        let transport = state.core.transport_on(reactor)?;
        state.loops.push((reactor.clone(), transport.clone()));
        Ok(transport)
    }

    /// Runs `call` on a lane, on this thread.
    fn block<T, F>(&self, py: Python<'_>, call: F) -> PyResult<Result<T, Error>>
    where
        T: Send,
        F: AsyncFnOnce(&CoreSession, &mut Option<PoolSlot>, &Transport) -> Result<T, Error> + Send,
    {
        let raise = |e: Error| errors::exception(py, &e);
        let generation = runtime::generation();
        let Checkout { core, slot, lane } = match self.check_out(py)? {
            Ok(checkout) => checkout,
            Err(e) => return Ok(Err(e)),
        };
        let mut slot = Some(slot);
        let (lane, output) = py
            .detach(|| -> Result<_, Error> {
                let mut lane = lane.map_or_else(|| Lane::new(&core), Ok)?;
                let transport = lane.transport().clone();
                // Pinned here: it is large, and every hand that it went through would copy it.
                let call = pin!(call(&core, &mut slot, &transport));
                let output = lane.drive(call);
                Ok((lane, output))
            })
            .map_err(raise)?;
        let output = output?;
        // Before the slot is: whoever gets that finds the lane, and needs no connection of its own.
        self.give_back(lane, generation).map_err(raise)?;
        drop(slot);
        Ok(output)
    }

    /// The right to a connection, and a free lane if there is one. The inner error is that of waiting for too
    /// long, the outer one that of a signal handler.
    pub(crate) fn check_out(&self, py: Python<'_>) -> PyResult<Result<Checkout, Error>> {
        let raise = |e: Error| errors::exception(py, &e);
        let core = self.core().map_err(raise)?;
        let slot = match core.free_slot() {
            Some(slot) => slot,
            None => {
                let waited = py.detach(|| Ok(Lane::new(&core)?.drive(core.slot()))).map_err(raise)?;
                match waited? {
                    Ok(slot) => slot,
                    Err(e) => {
                        core.gave_up(&e);
                        return Ok(Err(e));
                    }
                }
            }
        };
        let lane = self.state().map_err(raise)?.lanes.pop();
        Ok(Ok(Checkout { core, slot, lane }))
    }

    /// Keeps a lane for the next call, unless there are enough or the process has forked since it was taken.
    pub(crate) fn give_back(&self, lane: Lane, generation: u64) -> Result<(), Error> {
        let mut state = self.state()?;
        let most = state.core.options().limits.max_keepalive_connections;
        if state.generation == generation && most.is_none_or(|most| state.lanes.len() < most) {
            state.lanes.push(lane);
        }
        Ok(())
    }

    fn request(
        &self,
        route: &Route,
        values: &Bound<'_, PyDict>,
        body: Option<&Bound<'_, PyAny>>,
        own: Option<&OwnOptions>,
    ) -> PyResult<Request> {
        let prepare = || -> Result<Request, Refusal> {
            Ok(Request {
                target: route.fill(values)?,
                body: convert::request_body(body)?,
                route: Arc::clone(&route.inner),
                own: own.map_or_else(CoreOwnOptions::none, |own| Arc::clone(&own.0)),
            })
        };
        prepare().map_err(|refusal| refusal.into_exception(values.py(), Some(route.inner.label())))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        if state.generation != runtime::generation() {
            // As in `state`; the lanes see to themselves.
            std::mem::forget((state.transport.take(), std::mem::take(&mut state.loops)));
        }
    }
}

#[pymethods]
impl Session {
    #[new]
    fn new(py: Python<'_>, options: CoreOptions<'_>) -> PyResult<Self> {
        let open = || -> Result<CoreSession, Refusal> { Ok(CoreSession::new(options.into_core()?)?) };
        let core = open().map_err(|refusal| refusal.into_exception(py, None))?;
        Ok(Self { state: Mutex::new(State::new(core)) })
    }

    /// Sends a request on the calling thread and returns its response.
    ///
    /// `own`: what sets this call apart. `decoder`: gives the value of a plain answer, which is returned in place
    /// of the response; its values take at most `most` bytes of memory.
    #[pyo3(signature = (route, values, body=None, own=None, decoder=None, most=None))]
    fn send(
        &self,
        py: Python<'_>,
        route: &Route,
        values: &Bound<'_, PyDict>,
        body: Option<&Bound<'_, PyAny>>,
        own: Option<&OwnOptions>,
        decoder: Option<Py<Decoder>>,
        most: Option<usize>,
    ) -> PyResult<Py<PyAny>> {
        let request = self.request(route, values, body, own)?;
        let label = Arc::clone(route.inner.label());
        let response =
            self.block(py, async move |core, slot, transport| core.send_in(slot, transport, &request).await)?;
        let response = response.map_err(|e| errors::exception(py, &e.on(&label)))?;
        answer::to_python(py, response, Wanted::new(decoder, most).as_ref())
    }

    /// As `send`, but to be awaited: `future` is the loop's, which `bridge` resolves from the loop's own thread, or from
    /// the I/O thread where that is not possible. `judge`: what is called with `operation` and an answer that was not
    /// decoded, to make the value of it.
    #[pyo3(signature = (
        bridge, future, route, values, body=None, own=None, decoder=None, most=None, judge=None, operation=None,
    ))]
    #[expect(clippy::too_many_arguments, reason = "one crossing a call")]
    fn submit(
        &self,
        py: Python<'_>,
        bridge: Bound<'_, Bridge>,
        future: Bound<'_, PyAny>,
        route: &Route,
        values: &Bound<'_, PyDict>,
        body: Option<&Bound<'_, PyAny>>,
        own: Option<&OwnOptions>,
        decoder: Option<Py<Decoder>>,
        most: Option<usize>,
        judge: Option<Py<PyAny>>,
        operation: Option<Py<PyAny>>,
    ) -> PyResult<PendingCall> {
        let request = self.request(route, values, body, own)?;
        let core = self.core().map_err(|e| errors::exception(py, &e))?;
        let reactor = bridge.get().reactor().filter(|_| core.is_direct(&request));
        let transport = match &reactor {
            Some(reactor) => self.transport_on(reactor),
            None => self.transport(),
        };
        let transport = transport.map_err(|e| errors::exception(py, &e))?;
        // Made on the heap: it is large, and would be copied there.
        let job =
            Box::write(
                Box::new_uninit(),
                async move { Outcome::Response(core.send(&transport, &request).await) },
            );
        let wanted = Wanted::new(decoder, most);
        let awaited = future.clone().unbind();
        let token = bridge.get().begin(future, wanted, Box::into_pin(job), reactor.is_some())?;
        let judge = judge.zip(operation).map(|(function, operation)| Judge { function, operation });
        Ok(PendingCall::new(bridge.unbind(), awaited, token, judge))
    }

    /// A call to be followed step by step; nothing is sent yet.
    #[pyo3(signature = (route, values, body=None, own=None, *, in_pieces=false, progress=true, retries=false))]
    fn open(
        slf: Bound<'_, Self>,
        route: &Route,
        values: &Bound<'_, PyDict>,
        body: Option<&Bound<'_, PyAny>>,
        own: Option<&OwnOptions>,
        in_pieces: bool,
        progress: bool,
        retries: bool,
    ) -> PyResult<Transfer> {
        let request = slf.get().request(route, values, body, own)?;
        Ok(Transfer::new(slf.unbind(), request, Watch { pieces: in_pieces, progress, retries }))
    }

    /// Logs in on the calling thread, unless there is a token.
    fn login(&self, py: Python<'_>) -> PyResult<()> {
        let done = self.block(py, async move |core, _slot, transport| core.login(transport).await)?;
        done.map_err(|e| errors::exception(py, &e))
    }

    /// As `login`, on the I/O thread; resolves `future` with `None`.
    fn submit_login(&self, py: Python<'_>, bridge: &Bridge, future: Bound<'_, PyAny>) -> PyResult<u64> {
        let (core, transport) = self.for_io(py)?;
        bridge.submit(future, async move { Outcome::Done(core.login(&transport).await) })
    }

    /// The token in use, or `None` before the first login.
    #[getter]
    fn token(&self, py: Python<'_>) -> PyResult<Option<String>> {
        let core = self.core().map_err(|e| errors::exception(py, &e))?;
        Ok(core.token().map(|token| token.expose().to_owned()))
    }

    /// The token in use and the one before it; empty before the first login. Never fails: what masks secrets
    /// in an exception's text asks.
    #[getter]
    fn tokens(&self) -> Vec<String> {
        let tokens = self.core().map_or_else(|_| Vec::new(), |core| core.tokens());
        tokens.iter().map(|token| token.expose().to_owned()).collect()
    }

    /// What is known of the server's rate limit: calls in a burst, calls left of it, calls a second, seconds
    /// until the next call may go.
    #[getter]
    fn rate_limit(&self, py: Python<'_>) -> PyResult<Option<RateLimit>> {
        let core = self.core().map_err(|e| errors::exception(py, &e))?;
        Ok(core
            .rate_limit()
            .map(|known| (known.limit, known.remaining, known.rate, known.wait.as_secs_f64())))
    }

    /// What its calls have done so far, by name; `failures` by status or kind of error.
    fn counters<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let core = self.core().map_err(|e| errors::exception(py, &e))?;
        let counters = core.counters();
        let found = PyDict::new(py);
        for (name, counter) in [
            ("calls", &counters.calls),
            ("attempts", &counters.attempts),
            ("retries", &counters.retries),
            ("limiter_waits", &counters.limiter_waits),
            ("bytes_received", &counters.bytes_received),
        ] {
            found.set_item(name, counter.get())?;
        }
        let failures = PyDict::new(py);
        for (status, count) in counters.failures().statuses {
            failures.set_item(status, count)?;
        }
        for (kind, count) in counters.failures().kinds {
            failures.set_item(errors::kind_name(kind), count)?;
        }
        found.set_item("failures", failures)?;
        Ok(found)
    }

    /// Closes the connections that are not in use; the next call opens new ones.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        let connections = {
            let mut state = self.state().map_err(|e| errors::exception(py, &e))?;
            (std::mem::take(&mut state.lanes), state.transport.take(), std::mem::take(&mut state.loops))
        };
        py.detach(move || drop(connections));
        Ok(())
    }
}

impl Session {
    pub(crate) fn for_io(&self, py: Python<'_>) -> PyResult<(Arc<CoreSession>, Transport)> {
        let both = || -> Result<_, Error> { Ok((self.core()?, self.transport()?)) };
        both().map_err(|e| errors::exception(py, &e))
    }
}
