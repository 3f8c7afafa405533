//! User code that the core asks for: reading file objects, MFA codes.
//!
//! The I/O thread must never wait for the interpreter lock, so user code runs on threads of its own and
//! passes results over a channel. These are threads of Python: when the interpreter ends while user code
//! waits, Python stops such a thread on the spot, and with frames of Rust beneath that would end the process.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use futures_util::stream::unfold;
use matterapi_core::Secret;
use matterapi_core::auth::AskMfaCode;
use matterapi_core::http::body::{Chunks, StreamedContent, too_short};
use pyo3::prelude::*;
use tokio::sync::mpsc;

use crate::handover::Handover;
use crate::names;

const SEEK_END: u8 = 2;

/// Runs `function(*arguments, handover)` on a thread of Python.
///
/// Never waits for the interpreter lock: a short-lived thread takes it to start the other.
fn run<A>(
    function: fn(Python<'_>) -> PyResult<&Bound<'_, PyAny>>,
    arguments: impl FnOnce(Python<'_>, Handover) -> A + Send + 'static,
) -> io::Result<mpsc::Receiver<io::Result<Bytes>>>
where
    A: for<'py> IntoPyObject<'py>,
{
    let (results, receiver) = mpsc::channel(1);
    let failed = results.clone();
    std::thread::Builder::new().name("matterapi-start".to_owned()).spawn(move || {
        // No interpreter any more: nobody waits for results either.
        Python::try_attach(move |py| {
            let start = || -> PyResult<()> {
                let arguments = arguments(py, Handover::new(results));
                names::start_new_thread(py)?.call1((function(py)?, arguments))?;
                Ok(())
            };
            if let Err(e) = start() {
                let _ = failed.try_send(Err(io::Error::other(e.to_string())));
            }
        });
    })?;
    Ok(receiver)
}

/// What `function` hands over, as content.
fn content<A>(
    function: fn(Python<'_>) -> PyResult<&Bound<'_, PyAny>>,
    arguments: impl FnOnce(Python<'_>, Handover) -> A + Send + 'static,
) -> io::Result<Chunks>
where
    A: for<'py> IntoPyObject<'py>,
{
    let chunks = run(function, arguments)?;
    Ok(Box::pin(unfold(chunks, |mut chunks| async move { chunks.recv().await.map(|chunk| (chunk, chunks)) })))
}

/// A binary file object, read from byte `start` on; one that cannot seek, from where it is.
#[derive(Debug)]
pub(crate) struct FileObjectContent {
    object: Arc<Py<PyAny>>,
    start: u64,
    size: Option<u64>,
    seekable: bool,
    opened: AtomicBool,
}

impl FileObjectContent {
    pub(crate) fn new(object: &Bound<'_, PyAny>, start: u64) -> PyResult<Self> {
        // Imported here, by the caller's thread: see `run`.
        names::read_file(object.py())?;
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

impl StreamedContent for FileObjectContent {
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
        let (object, start) = (Arc::clone(&self.object), self.seekable.then_some(self.start));
        content(names::read_file, move |py, handover| (object.clone_ref(py), start, handover))
    }
}

/// An iterator of bytes, which can be read once.
#[derive(Debug)]
pub(crate) struct IteratorContent {
    iterator: Arc<Py<PyAny>>,
    opened: AtomicBool,
}

impl IteratorContent {
    pub(crate) fn new(iterator: &Bound<'_, PyAny>) -> PyResult<Self> {
        // Imported here, by the caller's thread: see `run`.
        names::read_chunks(iterator.py())?;
        Ok(Self { iterator: Arc::new(iterator.clone().unbind()), opened: AtomicBool::new(false) })
    }
}

impl StreamedContent for IteratorContent {
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
        content(names::read_chunks, move |py, handover| (iterator.clone_ref(py), handover))
    }
}

/// A callable that returns an MFA code, or an awaitable of one.
pub(crate) struct MfaCallable(Arc<Py<PyAny>>);

impl MfaCallable {
    pub(crate) fn new(callable: Bound<'_, PyAny>) -> PyResult<Self> {
        // Imported here, by the caller's thread: see `run`.
        names::ask_mfa_code(callable.py())?;
        Ok(Self(Arc::new(callable.unbind())))
    }
}

impl AskMfaCode for MfaCallable {
    fn ask(&self) -> Pin<Box<dyn Future<Output = Result<Secret, String>> + Send + '_>> {
        let callable = Arc::clone(&self.0);
        let codes = run(names::ask_mfa_code, move |py, handover| (callable.clone_ref(py), handover));
        Box::pin(async move {
            let code = codes.map_err(|e| e.to_string())?.recv().await;
            let code = code.unwrap_or_else(|| Err(io::Error::other("it ended without a result")));
            let code = code.map_err(|e| e.to_string())?;
            String::from_utf8(code.into()).map(Secret::new).map_err(|e| e.utf8_error().to_string())
        })
    }
}
