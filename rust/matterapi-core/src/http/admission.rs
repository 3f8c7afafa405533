//! The right to send: a turn under the server's rate limit, then one of the session's connections.

use std::time::Duration;

use super::pool::PoolSlot;
use super::session::Session;
use super::shared_limiter::Admission;
use crate::clock::sleep;
use crate::error::Error;

/// How often who waits for a turn looks whether it has come: other calls' responses may bring it forward.
const LOOK: Duration = Duration::from_millis(100);

impl Session {
    /// Waits for the right to send, and for a slot if there is none in `slot`. A slot is given back while a
    /// wait goes on: others may use it, such as for uploads.
    ///
    /// # Errors
    /// As [`Session::slot`].
    pub(super) async fn admitted(&self, slot: &mut Option<PoolSlot>) -> Result<Admission<'_>, Error> {
        let limiter = &self.limiter;
        if !limiter.is_engaged() && slot.is_some() {
            return Ok(Admission::new(limiter));
        }
        if !limiter.is_engaged() {
            *slot = Some(self.slot().await?);
            // The limit may have become known meanwhile.
            if !limiter.is_engaged() {
                return Ok(Admission::new(limiter));
            }
        }
        let mut waited = false;
        let _turn = match limiter.turnstile.try_lock() {
            Ok(turn) => turn,
            Err(_) => {
                drop(slot.take());
                waited = true;
                limiter.turnstile.lock().await
            }
        };
        loop {
            if slot.is_none() {
                *slot = Some(self.slot().await?);
            }
            let wait = limiter.take();
            if wait.is_zero() {
                if waited {
                    self.counters.limiter_waits.add();
                }
                return Ok(Admission::new(limiter));
            }
            drop(slot.take());
            waited = true;
            sleep(wait.min(LOOK)).await;
        }
    }
}
