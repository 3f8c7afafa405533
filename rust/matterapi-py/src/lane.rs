//! Sync calls run on the calling thread: a lane is a runtime with its own connection, for one caller
//! at a time.

use std::future::Future;
use std::time::Duration;

use matterapi_core::http::{Session, Transport};
use matterapi_core::{Error, ErrorKind};
use pyo3::prelude::*;
use tokio::runtime::Runtime;
use tokio::time::timeout;

use crate::runtime;

/// How often a waiting call looks for signals: Ctrl-C ends it within 200 ms.
pub(crate) const SIGNAL_CHECK: Duration = Duration::from_millis(50);

/// See the module.
pub(crate) struct Lane {
    runtime: Option<Runtime>,
    transport: Transport,
    generation: u64,
}

impl Lane {
    pub(crate) fn new(session: &Session) -> Result<Self, Error> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| Error::new(ErrorKind::Config, format!("no runtime can be started: {e}")))?;
        let transport = session.transport()?;
        let generation = runtime::generation();
        Ok(Self { runtime: Some(runtime), transport, generation })
    }

    pub(crate) fn transport(&self) -> &Transport {
        &self.transport
    }

    /// Drives `future` to its end, or to a Python signal handler's exception. Without the interpreter
    /// lock; it is taken only to look for signals.
    ///
    /// After an exception the lane must be dropped: that closes the connection.
    pub(crate) fn drive<T>(&mut self, future: impl Future<Output = T>) -> PyResult<T> {
        let Some(runtime) = &self.runtime else {
            return Err(pyo3::exceptions::PyRuntimeError::new_err("the lane is closed"));
        };
        let generation = self.generation;
        runtime.block_on(async {
            tokio::pin!(future);
            loop {
                match timeout(SIGNAL_CHECK, &mut future).await {
                    Ok(output) => return Ok(output),
                    Err(_) => match Python::try_attach(|py| check_signals(py, generation)) {
                        Some(signals) => signals?,
                        // The interpreter has ended under a daemon thread: nobody can take an answer.
                        None => std::future::pending().await,
                    },
                }
            }
        })
    }
}

/// Runs Python's signal handlers; an exception ends the call, and so does a fork, in the child.
fn check_signals(py: Python<'_>, generation: u64) -> PyResult<()> {
    py.check_signals()?;
    runtime::check_process(py, generation, "this call belongs to the parent process: make it again")
}

impl Drop for Lane {
    fn drop(&mut self) {
        if self.generation != runtime::generation() {
            std::mem::forget((self.runtime.take(), self.transport.clone()));
            return;
        }
        if let Some(runtime) = self.runtime.take() {
            // A name look-up may still block one of its threads: nobody should wait for that.
            runtime.shutdown_background();
        }
    }
}
