//! Time: that of the day, what a late timer means, and waiting, on a runtime or on a [`reactor`](crate::reactor).

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use crate::reactor;

/// When a timer is this late, the process was suspended or its thread held up elsewhere: the silence
/// was not the server's.
pub(crate) const SUSPENDED: Duration = Duration::from_secs(1);

/// The time of day in seconds since 1970, by this machine's clock.
pub(crate) fn seconds() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

/// The same in whole milliseconds.
pub(crate) fn milliseconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Waits until `due`.
pub(crate) async fn sleep_until(due: Instant) {
    match reactor::current() {
        Some(handle) => reactor::sleep_until(handle, due.into_std()).await,
        None => tokio::time::sleep_until(due).await,
    }
}

/// Waits for so long; for years where that is more than a clock can show.
pub(crate) async fn sleep(duration: Duration) {
    const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
    sleep_until(Instant::now() + duration.min(FAR)).await;
}

/// Too much time went by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Elapsed;

/// Waits for `future`, but no longer than `limit`. What is ready when the time is up still counts.
pub(crate) async fn timeout<T>(limit: Duration, future: impl Future<Output = T>) -> Result<T, Elapsed> {
    let mut future = pin!(future);
    let mut late = pin!(None);
    poll_fn(|cx| {
        if let Poll::Ready(output) = future.as_mut().poll(cx) {
            return Poll::Ready(Ok(output));
        }
        // Most futures are ready at once, and need no clock.
        if late.is_none() {
            late.set(Some(sleep(limit)));
        }
        match late.as_mut().as_pin_mut() {
            Some(late) => late.poll(cx).map(|()| Err(Elapsed)),
            None => Poll::Pending,
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reactor::{Lender, Reactor};
    use std::future::{pending, ready};
    use std::io;
    use tokio::runtime::{Builder, Runtime};

    const SHORT: Duration = Duration::from_millis(5);
    const LONG: Duration = Duration::from_secs(60);

    struct Nothing;

    impl Lender for Nothing {
        fn runtime(&mut self) -> io::Result<&Runtime> {
            Err(io::Error::other("no timer needs a runtime"))
        }
    }

    async fn limits() -> [bool; 4] {
        let inner = timeout(SHORT, pending::<()>());
        [
            timeout(LONG, inner).await.is_ok_and(|inner| inner.is_err()),
            timeout(SHORT, sleep(LONG)).await.is_err(),
            timeout(LONG, sleep(SHORT)).await.is_ok(),
            // What is ready when the time is up still counts.
            timeout(Duration::ZERO, ready(())).await.is_ok(),
        ]
    }

    #[test]
    fn time_is_limited_on_a_reactor_as_on_a_runtime() {
        let runtime = Builder::new_current_thread().enable_time().build().unwrap();
        assert_eq!(runtime.block_on(limits()), [true; 4]);
        let mut reactor = Reactor::new(None).unwrap();
        let output = reactor.block_on(limits(), &mut Nothing, LONG, || Ok::<(), io::Error>(()));
        assert_eq!(output.unwrap(), [true; 4]);
    }
}
