//! How many connections a session uses at once.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::config::{Network, Timeouts};
use crate::error::{Error, Kind, Phase};

/// The right to use one of a session's connections, until it is dropped.
#[derive(Debug)]
pub struct Slot(#[allow(dead_code)] OwnedSemaphorePermit);

/// The slots of a session.
#[derive(Debug)]
pub(crate) struct Slots {
    free: Arc<Semaphore>,
    timeouts: Timeouts,
}

impl Slots {
    pub(crate) fn new(network: &Network) -> Self {
        let limit = network.limits.connections.unwrap_or(Semaphore::MAX_PERMITS);
        let free = Arc::new(Semaphore::new(limit.min(Semaphore::MAX_PERMITS)));
        Self { free, timeouts: network.timeouts }
    }

    /// A slot, if there is one without waiting.
    pub(crate) fn free(&self) -> Option<Slot> {
        Arc::clone(&self.free).try_acquire_owned().ok().map(Slot)
    }

    /// Waits for a slot no longer than the pool time-out.
    pub(crate) async fn wait(&self) -> Result<Slot, Error> {
        if let Some(slot) = self.free() {
            return Ok(slot);
        }
        let permit = Arc::clone(&self.free).acquire_owned();
        let permit = match self.timeouts.pool {
            None => permit.await,
            Some(limit) => timeout(limit, permit).await.map_err(|_| self.timeouts.over(Phase::Pool))?,
        };
        permit.map(Slot).map_err(|_| Error::new(Kind::Closed, "the session is closed"))
    }
}
