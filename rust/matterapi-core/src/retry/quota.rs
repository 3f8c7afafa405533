//! How many repeats a session can afford: a server in trouble is not asked more than it was before.

use std::sync::atomic::{AtomicU32, Ordering};

/// What a session has at first, and at most.
const FULL: u32 = 500;

/// What a repeat costs, and one after a time-out, which has kept the server busy.
const COST: u32 = 5;
const TIMEOUT_COST: u32 = 10;

/// The store from which repeats are paid: the rules of botocore's standard mode. While everything fails it is
/// used up by a hundred repeats; then calls fail at their first failure, until some succeed again.
#[derive(Debug)]
pub struct Quota(AtomicU32);

/// What was paid for the last repeat of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fee(u32);

impl Default for Quota {
    fn default() -> Self {
        Self(AtomicU32::new(FULL))
    }
}

impl Quota {
    /// Pays for a repeat, if there is enough left.
    pub(super) fn pay(&self, timed_out: bool) -> Option<Fee> {
        let cost = if timed_out { TIMEOUT_COST } else { COST };
        let pay = |left: u32| left.checked_sub(cost);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, pay).ok().map(|_| Fee(cost))
    }

    /// A call was answered: the fee of its last repeat comes back, or 1 where there was none.
    #[inline]
    pub(super) fn refund(&self, fee: Option<Fee>) {
        let amount = fee.map_or(1, |fee| fee.0);
        // Nearly always: nothing has failed for long.
        if self.0.load(Ordering::Relaxed) < FULL {
            let give = |left: u32| Some(left.saturating_add(amount).min(FULL));
            let _always = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, give);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn affordable(quota: &Quota, timed_out: bool) -> usize {
        (0..1000).take_while(|_| quota.pay(timed_out).is_some()).count()
    }

    #[test]
    fn it_pays_for_a_hundred_repeats_or_half_as_many_time_outs() {
        assert_eq!(affordable(&Quota::default(), false), 100);
        assert_eq!(affordable(&Quota::default(), true), 50);
    }

    #[test]
    fn success_fills_it_again_and_never_over_its_size() {
        let quota = Quota::default();
        let fee = quota.pay(true);
        quota.refund(fee);
        quota.refund(fee);
        assert_eq!(affordable(&quota, false), 100);
        for _ in 0..9 {
            quota.refund(None);
        }
        assert_eq!(affordable(&quota, false), 1, "nine successes are worth one repeat");
    }
}
