//! The connections that wait for their next request, and those that are made and nobody waits for any more.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use tokio::sync::Notify;

use super::connecting::{Connecting, PATIENCE};
use super::connection::Connection;
use crate::options::Limits;

/// See the module.
#[derive(Default)]
pub(super) struct Kept {
    /// The one used last is the warmest.
    idle: Mutex<Vec<Connection>>,
    /// Rings when there is one more of them.
    freed: Notify,
    /// Their calls have found another connection meanwhile. The next call that needs one waits for one of these: if
    /// each began anew, a fast server would have calls for ever make connections and take others.
    unfinished: Mutex<Vec<Unfinished>>,
}

struct Unfinished {
    connecting: Connecting,
    driver: Driver,
}

/// Who goes on with it meanwhile; is woken when it is not there any more.
#[derive(Default)]
struct Driver(Option<Waker>);

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(waker) = self.0.take() {
            waker.wake();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Kept {
    /// One that is still alive.
    pub(super) async fn alive(&self, origin: &str, limits: &Limits) -> Option<Connection> {
        loop {
            let mut connection = self.take(origin, limits)?;
            if connection.is_alive().await {
                return Some(connection);
            }
        }
    }

    fn take(&self, origin: &str, limits: &Limits) -> Option<Connection> {
        let (expiry, now) = (limits.keepalive_expiry, Instant::now());
        let expired = |connection: &Connection| expiry.is_some_and(|expiry| connection.rested(now) >= expiry);
        let mut idle = lock(&self.idle);
        // They lie in the order in which they were last used.
        let gone = idle.iter().take_while(|connection| expired(connection)).count();
        idle.drain(..gone);
        let at = idle.iter().rposition(|connection| connection.leads_to(origin))?;
        Some(idle.remove(at))
    }

    /// Keeps a connection for the next request.
    pub(super) fn put(&self, mut connection: Connection, limits: &Limits) {
        let most = limits.max_keepalive_connections.unwrap_or(usize::MAX);
        connection.rest();
        let mut idle = lock(&self.idle);
        if idle.len() >= most && !idle.is_empty() {
            idle.remove(0);
        }
        if idle.len() < most {
            idle.push(connection);
            self.freed.notify_one();
        }
    }

    /// Waits until there may be one more.
    pub(super) async fn freed(&self) {
        self.freed.notified().await;
    }

    /// One that was begun by a call that needs it no longer.
    pub(super) fn unfinished(&self, origin: &str) -> Option<Connecting> {
        let is_young = |it: &Unfinished| it.connecting.begun.elapsed() < PATIENCE;
        let (taken, old) = {
            let mut unfinished = lock(&self.unfinished);
            let old: Vec<_> = unfinished.extract_if(.., |it| !is_young(it)).collect();
            let at = unfinished.iter().position(|it| it.connecting.origin == origin);
            (at.map(|at| unfinished.remove(at)), old)
        };
        drop(old);
        taken.map(|it| it.connecting)
    }

    /// Leaves one to the next call. Until that comes, [`Kept::poll_unfinished`] goes on with it.
    pub(super) fn leave(&self, connecting: Connecting) {
        lock(&self.unfinished).push(Unfinished { connecting, driver: Driver::default() });
    }

    /// Goes on with one that was left, unless a call has taken it over; a connection that is ready is kept.
    pub(super) fn poll_unfinished(&self, number: u64, limits: &Limits, cx: &mut Context<'_>) -> Poll<()> {
        let made = {
            let mut unfinished = lock(&self.unfinished);
            let Some(at) = unfinished.iter().position(|it| it.connecting.number == number) else {
                return Poll::Ready(());
            };
            let Some(it) = unfinished.get_mut(at) else { return Poll::Ready(()) };
            match it.connecting.connection.as_mut().poll(cx) {
                Poll::Pending => {
                    it.driver.0 = Some(cx.waker().clone());
                    return Poll::Pending;
                }
                Poll::Ready(made) => {
                    it.driver.0 = None;
                    unfinished.remove(at);
                    made
                }
            }
        };
        if let Ok(connection) = made {
            self.put(connection, limits);
        }
        Poll::Ready(())
    }
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Kept")
    }
}
