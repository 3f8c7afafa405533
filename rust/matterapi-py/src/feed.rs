//! Content that an event loop gives piece by piece: async iterators.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::stream::unfold;
use matterapi_core::http::body::{Chunks, StreamedContent};
use matterapi_core::{Error, ErrorKind};
use pyo3::prelude::*;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::bridge::{Bridge, Outcome};
use crate::{errors, handover};

/// The end that the loop writes to. One piece waits at most.
#[pyclass(frozen, module = "matterapi._core")]
pub struct Feed {
    sender: Mutex<Option<Sender<Bytes>>>,
    exit: Arc<Exit>,
}

/// The end that the request reads from.
#[derive(Debug)]
struct Exit {
    receiver: Mutex<Option<Receiver<Bytes>>>,
    /// Why the content ended too early.
    failure: Mutex<Option<String>>,
}

/// The content of a feed, which can be read once.
#[derive(Debug)]
pub(crate) struct FeedContent(Arc<Exit>);

impl Feed {
    pub(crate) fn content(&self) -> FeedContent {
        FeedContent(Arc::clone(&self.exit))
    }
}

#[pymethods]
impl Feed {
    #[new]
    fn new() -> Self {
        let (sender, receiver) = channel(1);
        let exit = Exit { receiver: Mutex::new(Some(receiver)), failure: Mutex::default() };
        Self { sender: Mutex::new(Some(sender)), exit: Arc::new(exit) }
    }

    /// Resolves `future` when there is room for more after `piece`. Returns a token for `bridge.cancel`.
    fn submit(
        &self,
        py: Python<'_>,
        bridge: &Bridge,
        future: Bound<'_, PyAny>,
        piece: &Bound<'_, PyAny>,
    ) -> PyResult<u64> {
        let piece = handover::bytes(piece)?;
        let gone = || Error::new(ErrorKind::Closed, "the request that reads this has ended");
        let Some(sender) = self.sender.lock().unwrap_or_else(PoisonError::into_inner).clone() else {
            return Err(errors::exception(py, &gone()));
        };
        bridge.start(future, async move { Outcome::Done(sender.send(piece).await.map_err(|_| gone())) })
    }

    /// Ends the content; with a `failure`, the request fails for that reason.
    #[pyo3(signature = (failure=None))]
    fn close(&self, failure: Option<String>) {
        *self.exit.failure.lock().unwrap_or_else(PoisonError::into_inner) = failure;
        *self.sender.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl StreamedContent for FeedContent {
    fn size(&self) -> Option<u64> {
        None
    }

    fn replayable(&self) -> bool {
        false
    }

    fn open(&self) -> io::Result<Chunks> {
        let receiver = self.0.receiver.lock().unwrap_or_else(PoisonError::into_inner).take();
        let receiver = receiver.ok_or_else(|| io::Error::other("an async iterator can be read only once"))?;
        let exit = Arc::clone(&self.0);
        Ok(Box::pin(unfold(receiver, move |mut receiver| {
            let exit = Arc::clone(&exit);
            async move {
                let chunk = match receiver.recv().await {
                    Some(chunk) => Ok(chunk),
                    None => {
                        let failure = exit.failure.lock().unwrap_or_else(PoisonError::into_inner).take()?;
                        Err(io::Error::other(failure))
                    }
                };
                Some((chunk, receiver))
            }
        })))
    }
}
