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
use matterapi_core::body::{Chunks, Source, too_short};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use tokio::sync::{mpsc, oneshot};

use crate::names;

/// Bytes asked of a file object at once: large enough that taking the lock does not matter.
const READ_SIZE: usize = 256 * 1024;

const SEEK_END: u8 = 2;

/// A binary file object, read from byte `start` on; one that cannot seek, from where it is.
#[derive(Debug)]
pub(crate) struct FileObject {
    object: Arc<Py<PyAny>>,
    start: u64,
    size: Option<u64>,
    seekable: bool,
    opened: AtomicBool,
}

impl FileObject {
    pub(crate) fn new(object: &Bound<'_, PyAny>, start: u64) -> PyResult<Self> {
        let seekable = match object.hasattr("seekable")? {
            true => object.call_method0("seekable")?.is_truthy()?,
            false => object.hasattr("seek")?,
        };
        let mut size = None;
        if seekable {
            object.call_method1("seek", (0, SEEK_END))?;
            let end: u64 = object.call_method0("tell")?.extract()?;
            size = Some(end.checked_sub(start).ok_or_else(too_short)?);
            object.call_method1("seek", (start,))?;
        }
        let object = Arc::new(object.clone().unbind());
        Ok(Self { object, start, size, seekable, opened: AtomicBool::new(false) })
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
        let object = Arc::clone(&self.object);
        let mut rewind = self.seekable.then_some(self.start);
        pump(move |py| read(object.bind(py), rewind.take()))
    }
}

fn read(object: &Bound<'_, PyAny>, rewind: Option<u64>) -> PyResult<Option<Bytes>> {
    if let Some(start) = rewind {
        object.call_method1("seek", (start,))?;
    }
    let chunk = object.call_method1("read", (READ_SIZE,))?;
    let chunk = bytes(&chunk)?;
    Ok((!chunk.is_empty()).then_some(chunk))
}

/// An iterator of bytes, which can be read once.
#[derive(Debug)]
pub(crate) struct ChunkIterator {
    iterator: Arc<Py<PyAny>>,
    opened: AtomicBool,
}

impl ChunkIterator {
    pub(crate) fn new(iterator: &Bound<'_, PyAny>) -> Self {
        Self { iterator: Arc::new(iterator.clone().unbind()), opened: AtomicBool::new(false) }
    }
}

impl Source for ChunkIterator {
    fn size(&self) -> Option<u64> {
        None
    }

    fn replayable(&self) -> bool {
        false
    }

    fn open(&self) -> io::Result<Chunks> {
        if self.opened.swap(true, Ordering::Relaxed) {
            return Err(io::Error::other("an iterator can be read only once"));
        }
        let iterator = Arc::clone(&self.iterator);
        pump(move |py| match iterator.bind(py).try_iter()?.next() {
            None => Ok(None),
            Some(chunk) => bytes(&chunk?).map(Some),
        })
    }
}

/// Runs `next` on a thread of its own until it has no more, as the content of a source.
fn pump(mut next: impl FnMut(Python<'_>) -> PyResult<Option<Bytes>> + Send + 'static) -> io::Result<Chunks> {
    let (sender, receiver) = mpsc::channel(1);
    std::thread::Builder::new().name("matterapi-read".to_owned()).spawn(move || {
        // No interpreter any more: nobody waits for the content either.
        while let Some(chunk) = Python::try_attach(|py| next(py).map_err(|e| unreadable(py, &e))) {
            let Some(chunk) = chunk.transpose() else { return };
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

fn unreadable(py: Python<'_>, error: &PyErr) -> io::Error {
    let class = error.get_type(py).name().map_or_else(|_| "error".to_owned(), |name| name.to_string());
    io::Error::other(format!("{class}: {}", error.value(py)))
}

/// A copy of a chunk that user code gave.
pub(crate) fn bytes(chunk: &Bound<'_, PyAny>) -> PyResult<Bytes> {
    match chunk.extract::<PyBackedBytes>() {
        Ok(bytes) => Ok(Bytes::copy_from_slice(&bytes)),
        Err(_) => Err(PyTypeError::new_err(format!(
            "content comes in pieces of bytes, not {}",
            chunk.get_type().name()?
        ))),
    }
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
