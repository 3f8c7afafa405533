//! From the I/O thread to an event loop: completions are collected, one wake-up hands them all over.

use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::{AbortHandle, abortable};
use matterapi_core::events::Batch;
use matterapi_core::events::action_desk::Reply;
use matterapi_core::http::ExchangeEvent;
use matterapi_core::{Error, ErrorKind, Response};
use pyo3::exceptions::PyOSError;
use pyo3::intern;
use pyo3::prelude::*;

use crate::answer::{self, Wanted};
use crate::errors;
use crate::event_stream;
use crate::runtime;
use crate::transfer;

/// What a finished job brings.
pub(crate) enum Outcome {
    Response(Result<Response, Error>),
    Done(Result<(), Error>),
    /// And whether its frames come with the time of their arrival.
    Batch(Batch, bool),
    Exchange(Result<ExchangeEvent, Error>),
    Reply(Result<Reply, Error>),
}

impl Outcome {
    fn into_python(self, py: Python<'_>, wanted: Option<&Wanted>) -> PyResult<Py<PyAny>> {
        match self {
            Self::Response(Ok(response)) => answer::to_python(py, response, wanted),
            Self::Done(Ok(())) => Ok(py.None()),
            Self::Exchange(Ok(event)) => transfer::to_python(py, event),
            Self::Response(Err(e)) | Self::Done(Err(e)) | Self::Exchange(Err(e)) => {
                Err(errors::exception(py, &e))
            }
            Self::Batch(batch, stamped) => event_stream::to_python(py, batch, stamped),
            Self::Reply(reply) => event_stream::reply_to_python(py, reply),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The side of a bridge that the I/O thread knows: no Python in it.
struct Completions {
    done: Mutex<Vec<(u64, Outcome)>>,
    wake: wake::Sender,
}

impl Completions {
    fn push(&self, token: u64, outcome: Outcome) {
        let mut done = lock(&self.done);
        done.push((token, outcome));
        if done.len() == 1 {
            self.wake.wake();
        }
    }
}

/// Makes sure that every job ends in an outcome, also when its task dies.
struct Promise {
    completions: Arc<Completions>,
    token: u64,
    kept: bool,
}

impl Promise {
    fn keep(mut self, outcome: Outcome) {
        self.kept = true;
        self.completions.push(self.token, outcome);
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        if !self.kept {
            let error = Error::new(ErrorKind::Closed, "the call was dropped before it was done");
            self.completions.push(self.token, Outcome::Done(Err(error)));
        }
    }
}

/// What waits for an outcome, on Python's side.
struct Pending {
    future: Py<PyAny>,
    wanted: Option<Wanted>,
    job: AbortHandle,
}

/// The completions of one event loop.
#[pyclass(frozen, module = "matterapi._core")]
pub struct Bridge {
    completions: Arc<Completions>,
    woken: wake::Receiver,
    pending: Mutex<HashMap<u64, Pending>>,
    next_token: AtomicU64,
    generation: u64,
}

impl Bridge {
    /// Runs `job` on the I/O thread and resolves `future` with its outcome.
    pub(crate) fn submit(
        &self,
        future: Bound<'_, PyAny>,
        job: impl Future<Output = Outcome> + Send + 'static,
    ) -> PyResult<u64> {
        self.submit_wanted(future, None, job)
    }

    /// As `submit`, for a response that is `wanted` in a certain way.
    pub(crate) fn submit_wanted(
        &self,
        future: Bound<'_, PyAny>,
        wanted: Option<Wanted>,
        job: impl Future<Output = Outcome> + Send + 'static,
    ) -> PyResult<u64> {
        let token = self.next_token.fetch_add(1, Ordering::Relaxed);
        let promise = Promise { completions: Arc::clone(&self.completions), token, kept: false };
        let (job, abort) = abortable(async move {
            let outcome = job.await;
            promise.keep(outcome);
        });
        lock(&self.pending).insert(token, Pending { future: future.unbind(), wanted, job: abort });
        let started = runtime::spawn(async move {
            // Aborted: the future is cancelled already, and nobody asks for the outcome.
            let _ = job.await;
        });
        if let Err(e) = started {
            // Nobody awaits this future: it must not get an exception.
            drop(lock(&self.pending).remove(&token));
            return Err(PyOSError::new_err(e));
        }
        Ok(token)
    }

    /// Ends a job, unless it is one of the parent process.
    fn abort(&self, job: &AbortHandle) {
        if self.generation == runtime::generation() {
            job.abort();
        }
    }
}

#[pymethods]
impl Bridge {
    /// `pollable`: the loop can watch a file descriptor (`fileno`); otherwise a thread calls `wait`.
    #[new]
    fn new(pollable: bool) -> PyResult<Self> {
        let (wake, woken) = wake::channel(pollable)?;
        Ok(Self {
            completions: Arc::new(Completions { done: Mutex::default(), wake }),
            woken,
            pending: Mutex::default(),
            next_token: AtomicU64::new(1),
            generation: runtime::generation(),
        })
    }

    /// The descriptor that becomes readable when there is something to drain.
    fn fileno(&self) -> PyResult<i32> {
        self.woken.fileno().ok_or_else(|| PyOSError::new_err("this bridge has no descriptor"))
    }

    /// Blocks until there is something to drain; `False` when the bridge is closed.
    fn wait(&self, py: Python<'_>) -> bool {
        py.detach(|| self.woken.wait())
    }

    /// Resolves the futures whose jobs are done. On the loop's thread. Raises what a signal handler raised
    /// meanwhile, after all of them.
    fn drain(&self, py: Python<'_>) -> PyResult<()> {
        self.woken.clear();
        let done = std::mem::take(&mut *lock(&self.completions.done));
        let mut outcome_of_all = Ok(());
        for (token, outcome) in done {
            let Some(pending) = lock(&self.pending).remove(&token) else { continue };
            let future = pending.future.bind(py);
            if let Err(e) = resolve(future, outcome, pending.wanted.as_ref()) {
                match outcome_of_all {
                    Ok(()) => outcome_of_all = Err(e),
                    Err(_) => e.write_unraisable(py, Some(future)),
                }
            }
        }
        outcome_of_all
    }

    /// Gives up a job: its request is dropped and its connection closed.
    fn cancel(&self, token: u64) {
        let pending = lock(&self.pending).remove(&token);
        if let Some(pending) = pending {
            self.abort(&pending.job);
        }
    }

    /// Gives up all jobs and ends `wait`.
    fn close(&self) {
        let pending = std::mem::take(&mut *lock(&self.pending));
        for pending in pending.values() {
            self.abort(&pending.job);
        }
        self.completions.wake.close();
    }
}

fn resolve(future: &Bound<'_, PyAny>, outcome: Outcome, wanted: Option<&Wanted>) -> PyResult<()> {
    let py = future.py();
    if future.call_method0(intern!(py, "done"))?.is_truthy()? {
        return Ok(());
    }
    match outcome.into_python(py, wanted) {
        Ok(value) => future.call_method1(intern!(py, "set_result"), (value,))?,
        Err(e) => future.call_method1(intern!(py, "set_exception"), (e.into_value(py),))?,
    };
    Ok(())
}

/// One-bit signals between threads: a socket pair where loops can watch one, a condition elsewhere.
mod wake {
    #[cfg(unix)]
    use std::io::{Read, Write};
    #[cfg(unix)]
    use std::os::{fd::AsRawFd, unix::net::UnixStream};
    use std::sync::{Arc, Condvar, Mutex, PoisonError};

    use super::{io, lock};

    #[derive(Default)]
    struct Flag {
        state: Mutex<State>,
        changed: Condvar,
    }

    #[derive(Default)]
    struct State {
        woken: bool,
        closed: bool,
    }

    pub(super) enum Sender {
        #[cfg(unix)]
        Socket(UnixStream),
        Flag(Arc<SharedFlag>),
    }

    pub(super) enum Receiver {
        #[cfg(unix)]
        Socket(UnixStream),
        Flag(Arc<SharedFlag>),
    }

    pub(super) struct SharedFlag(Flag);

    pub(super) fn channel(pollable: bool) -> io::Result<(Sender, Receiver)> {
        #[cfg(unix)]
        if pollable {
            let (sender, receiver) = UnixStream::pair()?;
            sender.set_nonblocking(true)?;
            receiver.set_nonblocking(true)?;
            return Ok((Sender::Socket(sender), Receiver::Socket(receiver)));
        }
        let _ = pollable;
        let flag = Arc::new(SharedFlag(Flag::default()));
        Ok((Sender::Flag(Arc::clone(&flag)), Receiver::Flag(flag)))
    }

    impl Sender {
        pub(super) fn wake(&self) {
            match self {
                // A full buffer means that the loop has been woken already.
                #[cfg(unix)]
                Self::Socket(socket) => drop((&*socket).write(&[1])),
                Self::Flag(flag) => {
                    lock(&flag.0.state).woken = true;
                    flag.0.changed.notify_all();
                }
            }
        }

        pub(super) fn close(&self) {
            if let Self::Flag(flag) = self {
                lock(&flag.0.state).closed = true;
                flag.0.changed.notify_all();
            }
        }
    }

    impl Receiver {
        #[cfg(unix)]
        pub(super) fn fileno(&self) -> Option<i32> {
            match self {
                Self::Socket(socket) => Some(socket.as_raw_fd()),
                Self::Flag(_) => None,
            }
        }

        #[cfg(not(unix))]
        pub(super) fn fileno(&self) -> Option<i32> {
            None
        }

        pub(super) fn clear(&self) {
            match self {
                #[cfg(unix)]
                Self::Socket(socket) => drop((&*socket).read(&mut [0; 64])),
                Self::Flag(flag) => lock(&flag.0.state).woken = false,
            }
        }

        pub(super) fn wait(&self) -> bool {
            let Self::Flag(flag) = self else { return false };
            let state = lock(&flag.0.state);
            let mut state = flag
                .0
                .changed
                .wait_while(state, |state| !state.woken && !state.closed)
                .unwrap_or_else(PoisonError::into_inner);
            state.woken = false;
            !state.closed
        }
    }
}
