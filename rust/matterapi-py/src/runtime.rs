//! The process's one I/O thread: a current-thread runtime that async calls and sockets live on.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use matterapi_core::{Error, ErrorKind};
use pyo3::prelude::*;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::errors;

type Job = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Counts forks: what was made under another number belongs to the parent process.
///
/// The child's copy of it must not be used, woken or dropped. The kernel's poll set is shared by both
/// processes, so closing a copy of a registered socket takes the socket away from the parent's runtime; and a
/// lock may have been held by a thread that does not exist in the child. Such copies are leaked.
static GENERATION: AtomicU64 = AtomicU64::new(0);

static IO: Mutex<Option<Io>> = Mutex::new(None);

struct Io {
    generation: u64,
    jobs: UnboundedSender<Job>,
}

pub(crate) fn generation() -> u64 {
    GENERATION.load(Ordering::Relaxed)
}

/// Raises `message` in a child of the process in which `generation` was current.
pub(crate) fn check_process(py: Python<'_>, generation: u64, message: &'static str) -> PyResult<()> {
    if generation == self::generation() {
        return Ok(());
    }
    Err(errors::exception(py, &Error::new(ErrorKind::Closed, message)))
}

/// To be called in the child after a fork: threads and connections stayed with the parent.
#[pyfunction]
pub(crate) fn after_fork_in_child() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
    // Siblings that wait the same random times would come back to the server all at once.
    fastrand::seed(fastrand::u64(..) ^ u64::from(std::process::id()));
}

/// Runs `job` on the I/O thread, which is started when needed.
///
/// The lock is taken only by threads that hold the interpreter lock, so a fork never finds it taken.
pub(crate) fn spawn(job: impl Future<Output = ()> + Send + 'static) -> std::io::Result<()> {
    let mut io = IO.lock().unwrap_or_else(PoisonError::into_inner);
    let jobs = match &*io {
        Some(io) if io.generation == generation() => &io.jobs,
        _ => {
            let fresh = Io { generation: generation(), jobs: start()? };
            // A parent's channel must not be dropped: its runtime's wake-up is shared with the parent.
            std::mem::forget(io.replace(fresh));
            match &*io {
                Some(io) => &io.jobs,
                None => return Err(std::io::Error::other("the I/O thread is gone")),
            }
        }
    };
    jobs.send(Box::pin(job)).map_err(|_| std::io::Error::other("the I/O thread has stopped"))
}

fn start() -> std::io::Result<UnboundedSender<Job>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (sender, mut receiver) = unbounded_channel::<Job>();
    std::thread::Builder::new().name("matterapi-io".to_owned()).spawn(move || {
        runtime.block_on(async {
            while let Some(job) = receiver.recv().await {
                tokio::spawn(job);
            }
        });
    })?;
    Ok(sender)
}
