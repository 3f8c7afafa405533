//! How many connections a session uses at once.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::clock::timeout;
use crate::error::{Error, ErrorKind, Phase};
use crate::options::{Limits, Timeout};

/// The right to use one of a session's connections, until it is dropped.
#[derive(Debug)]
pub struct PoolSlot(#[allow(dead_code)] OwnedSemaphorePermit);

/// The connections that a session may use.
#[derive(Debug)]
pub(crate) struct Pool {
    free: Arc<Semaphore>,
    timeout: Timeout,
}

impl Pool {
    pub(crate) fn new(limits: &Limits, timeout: Timeout) -> Self {
        let limit = limits.max_connections.unwrap_or(Semaphore::MAX_PERMITS);
        let free = Arc::new(Semaphore::new(limit.min(Semaphore::MAX_PERMITS)));
        Self { free, timeout }
    }

    /// A slot, if there is one without waiting.
    pub(crate) fn free_slot(&self) -> Option<PoolSlot> {
        Arc::clone(&self.free).try_acquire_owned().ok().map(PoolSlot)
    }

    /// Waits for a slot no longer than the pool time-out.
    pub(crate) async fn slot(&self) -> Result<PoolSlot, Error> {
        if let Some(slot) = self.free_slot() {
            return Ok(slot);
        }
        let permit = Arc::clone(&self.free).acquire_owned();
        let permit = match self.timeout.pool {
            None => permit.await,
            Some(limit) => timeout(limit, permit).await.map_err(|_| self.timeout.exceeded(Phase::Pool))?,
        };
        permit.map(PoolSlot).map_err(|_| Error::new(ErrorKind::Closed, "the session is closed"))
    }
}
