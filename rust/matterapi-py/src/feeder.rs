//! Threads that run user code for the core: reading file objects, asking for MFA codes.
//!
//! The I/O thread must never wait for the interpreter lock. So each of these gets a short-lived thread
//! of its own, which holds the lock only while user code runs and passes results over a channel.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use futures_util::stream::unfold;
use matterapi_core::Secret;
use matterapi_core::auth::AskMfaCode;
use matterapi_core::body::{Chunks, Source};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use tokio::sync::{mpsc, oneshot};

use crate::names;

/// Bytes asked of a file object at once: large enough that taking the lock does not matter.
const READ_SIZE: usize = 256 * 1024;

const SEEK_END: u8 = 2;

/// A binary file object, read from its beginning as httpx does; one that cannot seek, from where it is.
#[derive(Debug)]
pub(crate) struct FileObject {
    object: Arc<Py<PyAny>>,
    size: Option<u64>,
    seekable: bool,
    opened: AtomicBool,
}

impl FileObject {
    pub(crate) fn new(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let seekable = match object.hasattr("seekable")? {
            true => object.call_method0("seekable")?.is_truthy()?,
            false => object.hasattr("seek")?,
        };
        let mut size = None;
        if seekable {
            object.call_method1("seek", (0, SEEK_END))?;
            size = Some(object.call_method0("tell")?.extract()?);
            object.call_method1("seek", (0,))?;
        }
        Ok(Self { object: Arc::new(object.clone().unbind()), size, seekable, opened: AtomicBool::new(false) })
    }
}

impl Source for FileObject {
    fn size(&self) -> Option<u64> {
        self.size
    }

    fn replayable(&self) -> bool {
        self.seekable
    }

    fn open(&self) -> io::Result<Chunks> {
        if self.opened.swap(true, Ordering::Relaxed) && !self.seekable {
            return Err(io::Error::other("a file object that cannot seek can be read only once"));
        }
        let (sender, receiver) = mpsc::channel(1);
        let (object, seekable) = (Arc::clone(&self.object), self.seekable);
        std::thread::Builder::new().name("matterapi-read".to_owned()).spawn(move || {
            let mut rewind = seekable;
            loop {
                // No interpreter any more: nobody waits for the content either.
                let Some(chunk) = Python::try_attach(|py| read(object.bind(py), std::mem::take(&mut rewind)))
                else {
                    return;
                };
                if matches!(&chunk, Ok(bytes) if bytes.is_empty()) {
                    return;
                }
                let failed = chunk.is_err();
                // A closed channel: the request has ended, and the rest is not needed.
                if sender.blocking_send(chunk).is_err() || failed {
                    return;
                }
            }
        })?;
        Ok(Box::pin(unfold(receiver, |mut receiver| async move {
            receiver.recv().await.map(|chunk| (chunk, receiver))
        })))
    }
}

fn read(object: &Bound<'_, PyAny>, rewind: bool) -> io::Result<Bytes> {
    let chunk = || -> PyResult<Bytes> {
        if rewind {
            object.call_method1("seek", (0,))?;
        }
        let chunk = object.call_method1("read", (READ_SIZE,))?;
        Ok(Bytes::copy_from_slice(chunk.cast::<PyBytes>()?.as_bytes()))
    };
    chunk().map_err(|e| io::Error::other(e.to_string()))
}

/// A callable that returns an MFA code, or an awaitable of one.
pub(crate) struct MfaCallable(pub(crate) Arc<Py<PyAny>>);

impl AskMfaCode for MfaCallable {
    fn ask(&self) -> Pin<Box<dyn Future<Output = Result<Secret, String>> + Send + '_>> {
        let (sender, receiver) = oneshot::channel();
        let callable = Arc::clone(&self.0);
        let thread = std::thread::Builder::new().name("matterapi-mfa".to_owned()).spawn(move || {
            let code = Python::try_attach(|py| code(callable.bind(py)).map_err(|e| e.to_string()));
            // The login may have been given up meanwhile.
            let _ = sender.send(code.unwrap_or_else(|| Err("the interpreter is shutting down".to_owned())));
        });
        Box::pin(async move {
            thread.map_err(|e| e.to_string())?;
            receiver.await.unwrap_or_else(|_| Err("it ended without a result".to_owned()))
        })
    }
}

fn code(callable: &Bound<'_, PyAny>) -> PyResult<Secret> {
    let py = callable.py();
    let mut result = callable.call0()?;
    if names::is_awaitable(py)?.call1((&result,))?.is_truthy()? {
        result = names::asyncio_run(py)?.call1((result,))?;
    }
    result.extract::<String>().map(Secret::new)
}
