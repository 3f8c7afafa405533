//! Between the core and an event loop: jobs that the loop itself drives, and those of the I/O thread, whose
//! completions are collected, so that one wake-up hands them all over.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use futures_util::future::{AbortHandle, abortable};
use matterapi_core::events::Batch;
use matterapi_core::events::action_desk::Reply;
use matterapi_core::http::ExchangeEvent;
use matterapi_core::reactor::{Handle, Tasks};
use matterapi_core::{Error, ErrorKind, Response};
use pyo3::exceptions::PyOSError;
use pyo3::intern;
use pyo3::prelude::*;
use rustc_hash::FxHashMap;

use crate::answer::{self, Wanted};
use crate::errors;
use crate::event_stream;
use crate::promise::Timers;
use crate::runtime;
use crate::transfer;
use crate::wake_flag::Flag;

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
    /// Of a job that died.
    fn dropped() -> Self {
        Self::Done(Err(Error::new(ErrorKind::Closed, "the call was dropped before it was done")))
    }

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
    wake: Wake,
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

/// How a loop learns that there is something to drain.
enum Wake {
    /// It watches the descriptor of its reactor.
    Reactor(Handle),
    /// A thread waits in its place.
    Flag(Flag),
}

impl Wake {
    fn wake(&self) {
        match self {
            // What the loop does itself it drains itself.
            Self::Reactor(reactor) if reactor.is_current() => {}
            Self::Reactor(reactor) => reactor.interrupt(),
            Self::Flag(flag) => flag.wake(),
        }
    }
}

/// Makes sure that every job of the I/O thread ends in an outcome, also when its task dies.
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
            self.completions.push(self.token, Outcome::dropped());
        }
    }
}

/// What waits for an outcome, on Python's side.
struct Pending {
    future: Py<PyAny>,
    wanted: Option<Wanted>,
    job: Job,
}

/// Who drives a job.
enum Job {
    /// The loop; its place among the tasks.
    Here(usize),
    /// The I/O thread.
    There(AbortHandle),
}

/// A job on its way to who drives it.
type BoxedJob = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// The jobs of one event loop.
#[pyclass(frozen, weakref, module = "matterapi._core")]
pub struct Bridge {
    completions: Arc<Completions>,
    /// What the loop drives itself, where it can watch a descriptor. Taken only with the interpreter lock held
    /// and never across giving it up: nobody ever waits for it.
    tasks: Option<Mutex<Tasks<Outcome>>>,
    timers: Mutex<Timers>,
    pending: Mutex<FxHashMap<u64, Pending>>,
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
        self.begin(future, None, Box::pin(job), false)
    }

    /// As `submit`, but on the loop's own thread, where that is possible: for a job that needs no runtime.
    pub(crate) fn start(
        &self,
        future: Bound<'_, PyAny>,
        job: impl Future<Output = Outcome> + Send + 'static,
    ) -> PyResult<u64> {
        self.begin(future, None, Box::pin(job), true)
    }

    /// `wanted`: how a response is wanted; `here`: on the loop's own thread, where that is possible.
    pub(crate) fn begin(
        &self,
        future: Bound<'_, PyAny>,
        wanted: Option<Wanted>,
        job: BoxedJob,
        here: bool,
    ) -> PyResult<u64> {
        let token = self.next_token.fetch_add(1, Ordering::Relaxed);
        let job = match self.tasks.as_ref().filter(|_| here) {
            Some(tasks) => Job::Here(self.begin_here(&mut lock(tasks), token, job)),
            None => Job::There(self.begin_there(token, job)?),
        };
        lock(&self.pending).insert(token, Pending { future: future.unbind(), wanted, job });
        Ok(token)
    }

    fn begin_here(&self, tasks: &mut Tasks<Outcome>, token: u64, job: BoxedJob) -> usize {
        let place = tasks.start(token, job);
        if lock(&self.timers).is_new(tasks.next_timer()) || tasks.is_any_done() {
            tasks.handle().interrupt();
        }
        place
    }

    fn begin_there(&self, token: u64, job: BoxedJob) -> PyResult<AbortHandle> {
        let promise = Promise { completions: Arc::clone(&self.completions), token, kept: false };
        let (job, abort) = abortable(async move { promise.keep(job.await) });
        let job = async move {
            // Aborted: the future is cancelled already, and nobody asks for the outcome.
            let _ = job.await;
        };
        // Where it fails nobody awaits the future: it must not get an exception.
        runtime::spawn(job).map_err(PyOSError::new_err)?;
        Ok(abort)
    }

    /// The reactor that the loop drives.
    pub(crate) fn reactor(&self) -> Option<Handle> {
        self.tasks.as_ref().map(|tasks| lock(tasks).handle().clone())
    }

    /// Ends a job, unless it is one of the parent process. One that the loop drives ends here and now: the loop may not
    /// come back to it.
    fn abort(&self, token: u64, job: &Job) {
        if self.generation != runtime::generation() {
            return;
        }
        match (job, &self.tasks) {
            (Job::Here(place), Some(tasks)) => lock(tasks).drop_task(*place, token),
            (Job::Here(_), None) => {}
            (Job::There(job), _) => job.abort(),
        }
    }

    /// All that is done, by its token.
    fn done(&self) -> std::io::Result<Vec<(u64, Outcome)>> {
        let mut done = Vec::new();
        match (&self.tasks, &self.completions.wake) {
            (Some(tasks), _) => {
                let mut tasks = lock(tasks);
                tasks.turn()?;
                let here = tasks.take_done().into_iter();
                done.extend(here.map(|(token, outcome)| (token, outcome.unwrap_or_else(Outcome::dropped))));
            }
            (None, Wake::Flag(flag)) => flag.clear(),
            (None, Wake::Reactor(_)) => {}
        }
        done.append(&mut lock(&self.completions.done));
        Ok(done)
    }
}

#[pymethods]
impl Bridge {
    /// `pollable`: the loop can watch a file descriptor (`fileno`); otherwise a thread calls `wait`.
    #[new]
    fn new(pollable: bool) -> PyResult<Self> {
        let tasks = match pollable {
            true => Some(Tasks::new(Arc::new(|job| {
                // Where no thread can be started the job ends, and with it whoever waits for it.
                let _ = runtime::spawn(job);
            }))?),
            false => None,
        };
        let wake = match &tasks {
            Some(tasks) => Wake::Reactor(tasks.handle().clone()),
            None => Wake::Flag(Flag::default()),
        };
        Ok(Self {
            completions: Arc::new(Completions { done: Mutex::default(), wake }),
            tasks: tasks.map(Mutex::new),
            timers: Mutex::default(),
            pending: Mutex::default(),
            next_token: AtomicU64::new(1),
            generation: runtime::generation(),
        })
    }

    /// The descriptor that becomes readable when there is something to drain.
    #[cfg(unix)]
    fn fileno(&self) -> PyResult<i32> {
        use std::os::fd::AsRawFd;

        let tasks = self.tasks.as_ref().ok_or_else(|| PyOSError::new_err("this bridge has no descriptor"))?;
        Ok(lock(tasks).as_raw_fd())
    }

    /// The descriptor that becomes readable when there is something to drain.
    #[cfg(not(unix))]
    fn fileno(&self) -> PyResult<i32> {
        Err(PyOSError::new_err("this bridge has no descriptor"))
    }

    /// Blocks until there is something to drain; `False` when the bridge is closed.
    fn wait(&self, py: Python<'_>) -> bool {
        match &self.completions.wake {
            Wake::Flag(flag) => py.detach(|| flag.wait()),
            Wake::Reactor(_) => false,
        }
    }

    /// Goes on with the jobs of the loop, and resolves the futures of all that are done. On the loop's thread.
    /// Returns the seconds after which it must be called again, if nobody has promised that. Raises what a
    /// signal handler raised meanwhile, after all of them.
    fn drain(&self, py: Python<'_>) -> PyResult<Option<f64>> {
        let done = self.done()?;
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
        outcome_of_all.map(|()| self.promise_wanted())
    }

    /// Gives up a job: its request is dropped and its connection closed.
    pub(crate) fn cancel(&self, token: u64) {
        let pending = lock(&self.pending).remove(&token);
        if let Some(pending) = pending {
            self.abort(token, &pending.job);
        }
    }

    /// Gives up all jobs and ends `wait`.
    fn close(&self) {
        let pending = std::mem::take(&mut *lock(&self.pending));
        for (token, pending) in &pending {
            self.abort(*token, &pending.job);
        }
        if let Wake::Flag(flag) = &self.completions.wake {
            flag.close();
        }
    }
}

impl Bridge {
    /// Seconds until the next timer, if the loop has not promised to come back by then.
    fn promise_wanted(&self) -> Option<f64> {
        let (now, next) = (Instant::now(), lock(self.tasks.as_ref()?).next_timer());
        let due = lock(&self.timers).promise(now, next)?;
        Some(due.saturating_duration_since(now).as_secs_f64())
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        if self.generation != runtime::generation() {
            // Its sockets belong to the parent: closing them here might speak on them.
            std::mem::forget(self.tasks.take());
        }
    }
}

fn resolve(future: &Bound<'_, PyAny>, outcome: Outcome, wanted: Option<&Wanted>) -> PyResult<()> {
    let py = future.py();
    let set = match outcome.into_python(py, wanted) {
        Ok(value) => future.call_method1(intern!(py, "set_result"), (value,)),
        Err(e) => future.call_method1(intern!(py, "set_exception"), (e.into_value(py),)),
    };
    match set {
        // Cancelled, and its task has not got round to saying so.
        Err(e) if is_invalid_state(py, &e) && future.call_method0(intern!(py, "done"))?.is_truthy()? => {
            Ok(())
        }
        set => set.map(drop),
    }
}

fn is_invalid_state(py: Python<'_>, error: &PyErr) -> bool {
    error.get_type(py).name().is_ok_and(|name| name == "InvalidStateError")
}
