//! When an event loop comes back to a bridge for a timer.

use std::time::Instant;

/// See the module.
#[derive(Default)]
pub(crate) struct Timers {
    /// It has promised to.
    promised: Option<Instant>,
    /// It has been woken to promise that, even if the timer is not needed any more when it is awake: another one like
    /// it is with the next call.
    asked: Option<Instant>,
}

impl Timers {
    /// Whether the loop has to be woken for this one.
    pub(crate) fn is_new(&mut self, next: Option<Instant>) -> bool {
        let is_earlier =
            |known: Option<Instant>| next.is_some_and(|next| known.is_none_or(|known| next < known));
        let is_new = is_earlier(self.promised) && is_earlier(self.asked);
        if is_new {
            self.asked = next;
        }
        is_new
    }

    /// When the loop has to promise to come back, `next` being the timer that is next; `None` where it has.
    pub(crate) fn promise(&mut self, now: Instant, next: Option<Instant>) -> Option<Instant> {
        self.promised.take_if(|promised| *promised <= now);
        let next = [next, self.asked.take()].into_iter().flatten().min()?;
        let is_earlier = self.promised.is_none_or(|promised| next < promised);
        is_earlier.then(|| *self.promised.insert(next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_loop_is_woken_for_a_timer_once_and_comes_back_in_time() {
        let start = Instant::now();
        let at = |second| Some(start + Duration::from_secs(second));
        let mut timers = Timers::default();
        assert!(timers.is_new(at(10)));
        assert!(!timers.is_new(at(10)) && !timers.is_new(at(11)) && !timers.is_new(None));
        // It is not needed any more when the loop is awake; the next ones are later.
        assert_eq!(timers.promise(start, None), at(10));
        assert!(!timers.is_new(at(12)));
        assert_eq!(timers.promise(start, at(12)), None);
        assert!(timers.is_new(at(5)));
        assert_eq!(timers.promise(start, at(5)), at(5));
        // The promise is kept: from now on another one is needed.
        let later = start + Duration::from_secs(6);
        assert_eq!(timers.promise(later, at(12)), at(12));
        assert_eq!(timers.promise(later, at(12)), None);
    }
}
