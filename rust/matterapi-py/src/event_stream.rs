//! The event stream as Python holds it.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{AbortHandle, abortable};
use matterapi_core::Error;
use matterapi_core::events::{self, Batch, Item, Notice, Queue, StreamOptions};
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::bridge::{Bridge, Outcome};
use crate::decoding::object;
use crate::lane::SIGNAL_CHECK;
use crate::session::Session;
use crate::{convert, errors, runtime};

/// Items handed to Python at once.
const MOST_ITEMS: usize = 256;

/// A websocket that reconnects by itself, and the queue of what came from it.
#[pyclass(frozen, module = "matterapi._core")]
pub struct EventStream {
    queue: Arc<Queue>,
    abort: AbortHandle,
    generation: u64,
}

impl EventStream {
    fn check_process(&self, py: Python<'_>) -> PyResult<()> {
        let message = "this event stream belongs to the parent process: start one here";
        runtime::check_process(py, self.generation, message)
    }
}

#[pymethods]
impl EventStream {
    /// Starts connecting. `longest_wait`: ceiling in seconds of every wait before a reconnect.
    #[new]
    #[pyo3(signature = (session, *, longest_wait, relogin))]
    fn new(py: Python<'_>, session: &Session, longest_wait: Option<f64>, relogin: bool) -> PyResult<Self> {
        let raise = |e: Error| errors::exception(py, &e);
        let longest_wait = convert::seconds(longest_wait).map_err(raise)?;
        let (core, transport) = (session.core().map_err(raise)?, session.transport().map_err(raise)?);
        let queue = Arc::new(Queue::default());
        let options = StreamOptions { longest_wait, relogin };
        let (job, abort) = abortable(events::run(core, transport, options, Arc::clone(&queue)));
        let ended = Arc::clone(&queue);
        runtime::spawn(async move {
            if job.await.is_err() {
                ended.end(None);
            }
        })
        .map_err(PyOSError::new_err)?;
        Ok(Self { queue, abort, generation: runtime::generation() })
    }

    /// Blocks until something came. A list of frames (bytes) and notices (tuples); `None` after
    /// `close`; raises when the stream has ended for good.
    fn next_batch(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        loop {
            // Each time: a signal handler may have forked.
            self.check_process(py)?;
            match py.detach(|| self.queue.take_blocking(MOST_ITEMS, SIGNAL_CHECK)) {
                Batch::Empty => py.check_signals()?,
                batch => return to_python(py, batch),
            }
        }
    }

    /// As `next_batch`, but resolves `future`.
    fn submit_next_batch(&self, py: Python<'_>, bridge: &Bridge, future: Bound<'_, PyAny>) -> PyResult<u64> {
        self.check_process(py)?;
        let queue = Arc::clone(&self.queue);
        bridge.submit(future, async move { Outcome::Batch(queue.take_async(MOST_ITEMS).await) })
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
pub(crate) fn to_python(py: Python<'_>, batch: Batch) -> PyResult<Py<PyAny>> {
    let items = match batch {
        Batch::Items(items) => items,
        Batch::Empty => Vec::new(),
        Batch::Ended(None) => return Ok(py.None()),
        Batch::Ended(Some(error)) => return Err(errors::exception(py, &error)),
    };
    let list = PyList::empty(py);
    for item in items {
        match item {
            Item::Frame(frame) => list.append(object::bytes(py, &frame)?)?,
            Item::Notice(notice) => list.append(described(notice))?,
        }
    }
    Ok(list.into_any().unbind())
}

/// A notice as a tuple: its name, a text, seconds.
fn described(notice: Notice) -> (&'static str, String, f64) {
    match notice {
        Notice::Connected { server_version } => ("connected", server_version, 0.0),
        Notice::Reconnecting { reason, wait } => ("reconnecting", reason, as_seconds(wait)),
        Notice::Resumed => ("resumed", String::new(), 0.0),
        Notice::Full => ("full", String::new(), 0.0),
    }
}

fn as_seconds(wait: Duration) -> f64 {
    wait.as_secs_f64()
}
