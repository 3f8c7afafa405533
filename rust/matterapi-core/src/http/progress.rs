//! How far a request has come: what the time-outs and the repeat of a call are decided on.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use std::{future::Future, sync::Arc};

use tokio::time::Instant;
use tower_layer::Layer;
use tower_service::Service;

tokio::task_local! {
    /// The request whose future is being polled: tells the connector on whose behalf it connects.
    pub(crate) static CURRENT: Arc<Progress>;
}

/// Facts about one attempt, written by the connector and the body, read by the transport.
#[derive(Debug)]
pub(crate) struct Progress {
    start: Instant,
    dialled: AtomicBool,
    connecting: AtomicBool,
    body_done: AtomicBool,
    last_ms: AtomicU64,
}

impl Progress {
    pub(crate) fn new(streamed_body: bool) -> Arc<Self> {
        Arc::new(Self {
            start: Instant::now(),
            dialled: AtomicBool::new(false),
            connecting: AtomicBool::new(false),
            body_done: AtomicBool::new(!streamed_body),
            last_ms: AtomicU64::new(0),
        })
    }

    /// Something moved.
    pub(crate) fn touch(&self) {
        let ms = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last_ms.store(ms, Ordering::Relaxed);
    }

    /// A connection is being made for this request, until what is returned is dropped.
    pub(crate) fn connecting(self: &Arc<Self>) -> Connecting {
        self.dialled.store(true, Ordering::Relaxed);
        self.connecting.store(true, Ordering::Relaxed);
        Connecting(Some(Arc::clone(self)))
    }

    pub(crate) fn body_finished(&self) {
        self.touch();
        self.body_done.store(true, Ordering::Relaxed);
    }

    pub(crate) fn start(&self) -> Instant {
        self.start
    }

    /// When something last moved.
    pub(crate) fn last(&self) -> Instant {
        self.start + Duration::from_millis(self.last_ms.load(Ordering::Relaxed))
    }

    /// A connection is being made; the connector's own time-out counts.
    pub(crate) fn is_connecting(&self) -> bool {
        self.connecting.load(Ordering::Relaxed)
    }

    pub(crate) fn is_sending(&self) -> bool {
        !self.body_done.load(Ordering::Relaxed)
    }

    /// The request surely went out on a connection that had been used before: none was made for it, or that
    /// one is still being made, because a kept one became free first.
    pub(crate) fn reused_connection(&self) -> bool {
        !self.dialled.load(Ordering::Relaxed) || self.is_connecting()
    }
}

/// Ends the connecting phase whatever way the attempt ends.
pub(crate) struct Connecting(Option<Arc<Progress>>);

impl Drop for Connecting {
    fn drop(&mut self) {
        if let Some(progress) = &self.0 {
            progress.touch();
            progress.connecting.store(false, Ordering::Relaxed);
        }
    }
}

/// Connector layer that notes on the current request that a connection is made for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WatchConnect;

impl<S> Layer<S> for WatchConnect {
    type Service = WatchedConnector<S>;

    fn layer(&self, inner: S) -> Self::Service {
        WatchedConnector(inner)
    }
}

#[derive(Debug, Clone)]
pub(crate) struct WatchedConnector<S>(S);

impl<S, R> Service<R> for WatchedConnector<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, destination: R) -> Self::Future {
        let connecting = CURRENT.try_with(Progress::connecting).unwrap_or(Connecting(None));
        let connect = self.0.call(destination);
        Box::pin(async move {
            let _connecting = connecting;
            connect.await
        })
    }
}
