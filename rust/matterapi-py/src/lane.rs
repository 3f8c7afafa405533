//! Sync calls run on the calling thread: a lane is a reactor with its own connections, for one caller at a time.

use std::future::Future;
use std::io;
use std::time::Duration;

use matterapi_core::http::{Session, Transport};
use matterapi_core::reactor::{Lender, Reactor};
use matterapi_core::{Error, ErrorKind};
use pyo3::prelude::*;
use tokio::runtime::Runtime;

use crate::runtime;

/// How often a waiting call looks for signals: Ctrl-C ends it within 200 ms.
pub(crate) const SIGNAL_CHECK: Duration = Duration::from_millis(50);

/// See the module.
pub(crate) struct Lane {
    reactor: Reactor,
    transport: Transport,
    lent: Lent,
}

impl Drop for Lane {
    fn drop(&mut self) {
        if self.lent.generation != runtime::generation() {
            // What it has on its runtime belongs to the parent: closing that here would speak on it.
            std::mem::forget(self.transport.clone());
        }
    }
}

/// The runtime of a lane, for what needs one: making connections, proxies, uploads of files.
struct Lent {
    runtime: Option<Runtime>,
    generation: u64,
}

impl Lane {
    pub(crate) fn new(session: &Session) -> Result<Self, Error> {
        let reactor = Reactor::new(None)
            .map_err(|e| Error::new(ErrorKind::Config, format!("no connection can be watched: {e}")))?;
        let transport = session.transport_on(reactor.handle())?;
        let lent = Lent { runtime: None, generation: runtime::generation() };
        Ok(Self { reactor, transport, lent })
    }

    pub(crate) fn transport(&self) -> &Transport {
        &self.transport
    }

    /// Drives `future` to its end, or to a Python signal handler's exception. Without the interpreter
    /// lock; it is taken only to look for signals.
    ///
    /// After an exception the lane must be dropped: that closes the connection.
    pub(crate) fn drive<T>(&mut self, future: impl Future<Output = T>) -> PyResult<T> {
        let generation = self.lent.generation;
        self.reactor.block_on(future, &mut self.lent, SIGNAL_CHECK, || {
            match Python::try_attach(|py| check_signals(py, generation)) {
                Some(signals) => signals,
                // The interpreter has ended under a daemon thread: nobody can take an answer.
                None => loop {
                    std::thread::park();
                },
            }
        })
    }
}

impl Lender for Lent {
    fn runtime(&mut self) -> io::Result<&Runtime> {
        let runtime = match self.runtime.take() {
            Some(runtime) => runtime,
            None => tokio::runtime::Builder::new_current_thread().enable_all().build()?,
        };
        Ok(self.runtime.insert(runtime))
    }
}

/// Runs Python's signal handlers; an exception ends the call, and so does a fork, in the child.
fn check_signals(py: Python<'_>, generation: u64) -> PyResult<()> {
    py.check_signals()?;
    runtime::check_process(py, generation, "this call belongs to the parent process: make it again")
}

impl Drop for Lent {
    fn drop(&mut self) {
        let Some(runtime) = self.runtime.take() else { return };
        if self.generation == runtime::generation() {
            // A name look-up may still block one of its threads: nobody should wait for that.
            runtime.shutdown_background();
        } else {
            std::mem::forget(runtime);
        }
    }
}
