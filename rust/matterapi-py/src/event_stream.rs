//! The event stream as Python holds it.

use std::collections::HashSet;
use std::future::Future;
use std::sync::{Arc, mpsc};
use std::time::Instant;

use bytes::Bytes;
use futures_util::future::{AbortHandle, abortable};
use matterapi_core::events::action_desk::Reply;
use matterapi_core::events::catch_up::{Counts, Gap};
use matterapi_core::events::filter::{Choice, Filter};
use matterapi_core::events::{self, ActionDesk, Batch, Item, Notice, Overflow, Queue, StreamOptions};
use matterapi_core::{Error, ErrorKind};
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::bridge::{Bridge, Outcome};
use crate::decoding::object;
use crate::event_queue::Frames;
use crate::lane::SIGNAL_CHECK;
use crate::session::Session;
use crate::{convert, errors, runtime};

/// Items handed to Python at once.
const MOST_ITEMS: usize = 256;

/// Which events are wanted, as Python says it: see `matterapi/events/filters.py`.
#[derive(FromPyObject)]
pub(crate) struct EventFilter {
    events: EventChoice,
    channels: EventChoice,
    teams: EventChoice,
    users: EventChoice,
    not_own_posts: bool,
}

/// Only some of the values, and some of them not.
#[derive(FromPyObject)]
pub(crate) struct EventChoice(Option<HashSet<String>>, HashSet<String>);

impl EventFilter {
    fn into_core(self) -> Filter {
        let choice = |EventChoice(only, without)| Choice { only, without };
        Filter {
            events: choice(self.events),
            channels: choice(self.channels),
            teams: choice(self.teams),
            users: choice(self.users),
            not_own_posts: self.not_own_posts,
        }
    }
}

/// A websocket that reconnects by itself, and the queue of what came from it.
#[pyclass(frozen, weakref, module = "matterapi._core")]
pub struct EventStream {
    queue: Arc<Queue>,
    desk: Arc<ActionDesk>,
    abort: AbortHandle,
    stamped: bool,
    generation: u64,
}

impl EventStream {
    fn check_process(&self, py: Python<'_>) -> PyResult<()> {
        let message = "this event stream belongs to the parent process: start one here";
        runtime::check_process(py, self.generation, message)
    }

    fn asking(
        &self,
        py: Python<'_>,
        action: String,
        data: String,
        timeout: f64,
    ) -> PyResult<impl Future<Output = Result<Reply, Error>> + Send + use<>> {
        let limit = convert::seconds(Some(timeout)).map_err(|e| errors::exception(py, &e))?;
        let desk = Arc::clone(&self.desk);
        Ok(async move { desk.ask(&action, &data, limit.unwrap_or_default()).await })
    }
}

/// Gives a job up when nobody waits for it any more. In a forked child it does nothing: the job is the parent's.
struct AbortOnDrop {
    job: AbortHandle,
    generation: u64,
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if self.generation == runtime::generation() {
            self.job.abort();
        }
    }
}

/// What `ask` returns.
pub(crate) fn reply_to_python(py: Python<'_>, reply: Result<Reply, Error>) -> PyResult<Py<PyAny>> {
    match reply {
        Ok(Some(frame)) => Ok(object::bytes(py, &frame)?.into_any().unbind()),
        Ok(None) => Ok(py.None()),
        Err(error) => Err(errors::exception(py, &error)),
    }
}

#[pymethods]
impl EventStream {
    /// Starts connecting. `longest_wait`: ceiling in seconds of every wait before a reconnect; `catch_up`: fetch
    /// what was missed; `wait_for_server`: seconds in which the server may be starting; `overflow`: see the core's
    /// `Overflow`; `position`: where a stream of before ended, in ms; `wanted`: which events are handed out;
    /// `stamped`: frames come with the time of their arrival.
    #[new]
    #[pyo3(signature = (
        session, *, longest_wait, relogin, catch_up, wait_for_server=0.0, overflow="pause", position=None,
        wanted=None, stamped=false,
    ))]
    #[expect(clippy::too_many_arguments, reason = "Python gives them by their names")]
    fn new(
        py: Python<'_>,
        session: &Session,
        longest_wait: Option<f64>,
        relogin: bool,
        catch_up: bool,
        wait_for_server: f64,
        overflow: &str,
        position: Option<i64>,
        wanted: Option<EventFilter>,
        stamped: bool,
    ) -> PyResult<Self> {
        let raise = |e: Error| errors::exception(py, &e);
        let longest_wait = convert::seconds(longest_wait).map_err(raise)?;
        let wait_for_server = convert::seconds(Some(wait_for_server)).map_err(raise)?.unwrap_or_default();
        let overflow = Overflow::named(overflow).ok_or_else(|| {
            let text = format!("overflow is 'pause', 'shed' or 'raise', not '{overflow}'");
            raise(Error::new(ErrorKind::InvalidRequest, text))
        })?;
        let (core, transport) = (session.core().map_err(raise)?, session.transport().map_err(raise)?);
        let (queue, desk) = (Arc::new(Queue::default()), Arc::new(ActionDesk::default()));
        let options = StreamOptions {
            longest_wait,
            relogin,
            catch_up,
            position,
            filter: wanted.map_or_else(Filter::default, EventFilter::into_core),
            overflow,
            wait_for_server,
        };
        let (job, abort) =
            abortable(events::run(core, transport, options, Arc::clone(&queue), Arc::clone(&desk)));
        let ended = (Arc::clone(&queue), Arc::clone(&desk));
        runtime::spawn(async move {
            if job.await.is_err() {
                ended.0.end(None);
                ended.1.end();
            }
        })
        .map_err(PyOSError::new_err)?;
        Ok(Self { queue, desk, abort, stamped, generation: runtime::generation() })
    }

    /// Blocks until something came, or for `timeout` seconds. A list of frames (bytes, or [`Frames`] of a stamped
    /// stream) and notices (tuples); `None` after `close`; raises when the stream has ended for good.
    #[pyo3(signature = (timeout=None))]
    fn next_batch(&self, py: Python<'_>, timeout: Option<f64>) -> PyResult<Py<PyAny>> {
        let limit = convert::seconds(timeout).map_err(|e| errors::exception(py, &e))?;
        let began = Instant::now();
        loop {
            // Each time: a signal handler may have forked.
            self.check_process(py)?;
            let left = limit.map(|limit| limit.saturating_sub(began.elapsed()));
            let wait = left.map_or(SIGNAL_CHECK, |left| left.min(SIGNAL_CHECK));
            match py.detach(|| self.queue.take_blocking(MOST_ITEMS, wait)) {
                Batch::Empty => {
                    py.check_signals()?;
                    if left.is_some_and(|left| left.is_zero()) {
                        return to_python(py, Batch::Empty, self.stamped);
                    }
                }
                batch => return to_python(py, batch, self.stamped),
            }
        }
    }

    /// Resolves `future` when `next_batch` has something to return at once.
    fn submit_wait(&self, py: Python<'_>, bridge: &Bridge, future: Bound<'_, PyAny>) -> PyResult<u64> {
        self.check_process(py)?;
        let queue = Arc::clone(&self.queue);
        bridge.start(future, async move {
            queue.filled().await;
            Outcome::Done(Ok(()))
        })
    }

    /// As `next_batch`, but resolves `future`.
    fn submit_next_batch(&self, py: Python<'_>, bridge: &Bridge, future: Bound<'_, PyAny>) -> PyResult<u64> {
        self.check_process(py)?;
        let queue = Arc::clone(&self.queue);
        let stamped = self.stamped;
        bridge.start(future, async move { Outcome::Batch(queue.take_async(MOST_ITEMS).await, stamped) })
    }

    /// Asks the server for an action over the socket and blocks until the reply is there: its frame, or `None` for
    /// an action that is never answered. `data` is JSON; `timeout` in seconds.
    fn ask(&self, py: Python<'_>, action: String, data: String, timeout: f64) -> PyResult<Py<PyAny>> {
        self.check_process(py)?;
        let (done, mut outcome) = mpsc::channel();
        let asking = self.asking(py, action, data, timeout)?;
        let (job, abort) = abortable(async move {
            // Nobody waits for it any more: a signal handler raised.
            let _ = done.send(asking.await);
        });
        let _abort = AbortOnDrop { job: abort, generation: self.generation };
        runtime::spawn(async move {
            let _ = job.await;
        })
        .map_err(PyOSError::new_err)?;
        loop {
            let (back, found) = py.detach(move || {
                let found = outcome.recv_timeout(SIGNAL_CHECK);
                (outcome, found)
            });
            outcome = back;
            match found {
                Ok(reply) => return reply_to_python(py, reply),
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    py.check_signals()?;
                    self.check_process(py)?;
                }
                Err(mpsc::RecvTimeoutError::Disconnected) => {
                    let error = Error::new(ErrorKind::Closed, "the action was dropped before it was done");
                    return Err(errors::exception(py, &error));
                }
            }
        }
    }

    /// As `ask`, but resolves `future`.
    fn submit_ask(
        &self,
        py: Python<'_>,
        bridge: &Bridge,
        future: Bound<'_, PyAny>,
        action: String,
        data: String,
        timeout: f64,
    ) -> PyResult<u64> {
        self.check_process(py)?;
        let asking = self.asking(py, action, data, timeout)?;
        bridge.submit(future, async move { Outcome::Reply(asking.await) })
    }

    /// What the stream has done so far: see the stub.
    fn counters<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let counters = &self.queue.counters;
        let (waiting, bytes) = self.queue.load();
        let found = PyDict::new(py);
        for (name, counter) in [
            ("received", &counters.received),
            ("recovered", &counters.recovered),
            ("duplicates", &counters.duplicates),
            ("filtered", &counters.filtered),
            ("shed", &counters.shed),
            ("gaps", &counters.gaps),
            ("connections", &counters.connections),
            ("resumed", &counters.resumed),
        ] {
            found.set_item(name, counter.get())?;
        }
        found.set_item("waiting", waiting)?;
        found.set_item("waiting_bytes", bytes)?;
        Ok(found)
    }

    /// Closes the socket. In a forked child it does nothing: the socket is the parent's.
    fn close(&self) {
        if self.generation == runtime::generation() {
            self.abort.abort();
        }
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        self.close();
    }
}

/// What `next_batch` returns for `batch`.
pub(crate) fn to_python(py: Python<'_>, batch: Batch, stamped: bool) -> PyResult<Py<PyAny>> {
    let items = match batch {
        Batch::Items(items) => items,
        Batch::Empty => Vec::new(),
        Batch::Ended(None) => return Ok(py.None()),
        Batch::Ended(Some(error)) => return Err(errors::exception(py, &error)),
    };
    let list = PyList::empty(py);
    // Not events yet: whatever lives in a list of hundreds is work for the garbage collector.
    let mut frames = Vec::new();
    for item in items {
        match item {
            Item::Frame { text, received_at } if stamped => frames.push((text, received_at)),
            Item::Frame { text, .. } => list.append(object::bytes(py, &text)?)?,
            Item::Notice(notice) => {
                append_frames(&list, &mut frames)?;
                list.append(described(py, notice)?)?;
            }
        }
    }
    append_frames(&list, &mut frames)?;
    Ok(list.into_any().unbind())
}

/// Appends frames, if there are any, as one item.
fn append_frames(list: &Bound<'_, PyList>, frames: &mut Vec<(Bytes, f64)>) -> PyResult<()> {
    if frames.is_empty() { Ok(()) } else { list.append(Frames::of(std::mem::take(frames))) }
}

/// A notice as a tuple, its name first; see the stub.
fn described(py: Python<'_>, notice: Notice) -> PyResult<Bound<'_, PyAny>> {
    Ok(match notice {
        Notice::Connected { server_version } => {
            ("connected", server_version, false).into_pyobject(py)?.into_any()
        }
        Notice::Resumed => ("connected", "", true).into_pyobject(py)?.into_any(),
        Notice::Reconnecting { reason, wait } => {
            ("reconnecting", reason, wait.as_secs_f64()).into_pyobject(py)?.into_any()
        }
        Notice::Full { depth, bytes } => ("full", depth, bytes).into_pyobject(py)?.into_any(),
        Notice::Gap(Gap { channel_id, since, until, kind }) => {
            ("gap", channel_id, since, until, kind.name()).into_pyobject(py)?.into_any()
        }
        Notice::CaughtUp(counts) => {
            let Counts { posted, edited, deleted, gaps, channels, calls } = counts;
            ("caught_up", posted, edited, deleted, gaps, channels, calls).into_pyobject(py)?.into_any()
        }
        Notice::Position(position) => ("position", position).into_pyobject(py)?.into_any(),
    })
}
