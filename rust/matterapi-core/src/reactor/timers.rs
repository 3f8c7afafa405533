//! When somebody wants to be woken.
//!
//! Every call sets a few timers and takes them back before they are due, so that has to cost little: they lie in
//! no order, and are looked through when the earliest of them may be due, which is seconds later.

use std::task::Waker;
use std::time::Instant;

/// The times that somebody waits for.
#[derive(Default)]
pub(super) struct Timers {
    waiting: Vec<Option<Timer>>,
    free: Vec<usize>,
    /// None of them is due before; some of those taken back may have been.
    earliest: Option<Instant>,
    made: u64,
}

struct Timer {
    due: Instant,
    number: u64,
    waker: Waker,
}

/// Where a timer is, as long as it has the number.
pub(super) struct Key {
    place: usize,
    number: u64,
}

impl Timers {
    /// When the next one may be due.
    pub(super) fn next(&self) -> Option<Instant> {
        self.earliest
    }

    /// Wakes `waker` at `due`, in place of who was to be woken under `key`.
    pub(super) fn set(&mut self, due: Instant, key: &mut Option<Key>, waker: &Waker) {
        if let Some(timer) = key.as_ref().and_then(|key| self.find(key)) {
            timer.waker.clone_from(waker);
            return;
        }
        self.made += 1;
        let number = self.made;
        let timer = Some(Timer { due, number, waker: waker.clone() });
        let place = match self.free.pop() {
            Some(place) => place,
            None => {
                self.waiting.push(None);
                self.waiting.len() - 1
            }
        };
        if let Some(free) = self.waiting.get_mut(place) {
            *free = timer;
        }
        self.earliest = Some(self.earliest.map_or(due, |earliest| earliest.min(due)));
        *key = Some(Key { place, number });
    }

    /// Wakes nobody under `key` any more, if there was somebody.
    pub(super) fn clear(&mut self, key: &Key) {
        if self.find(key).is_some() {
            self.take(key.place);
        }
    }

    /// Whom to wake, now that it is `now`.
    pub(super) fn due(&mut self, now: Instant) -> Vec<Waker> {
        if self.earliest.is_none_or(|earliest| now < earliest) {
            return Vec::new();
        }
        let is_due = |timer: &Option<Timer>| timer.as_ref().is_some_and(|timer| timer.due <= now);
        let places = 0..self.waiting.len();
        let due: Vec<usize> = places.filter(|place| self.waiting.get(*place).is_some_and(is_due)).collect();
        let due = due.into_iter().filter_map(|place| self.take(place)).collect();
        self.earliest = self.waiting.iter().flatten().map(|timer| timer.due).min();
        due
    }

    fn find(&mut self, key: &Key) -> Option<&mut Timer> {
        self.waiting.get_mut(key.place)?.as_mut().filter(|timer| timer.number == key.number)
    }

    fn take(&mut self, place: usize) -> Option<Waker> {
        let timer = self.waiting.get_mut(place)?.take()?;
        self.free.push(place);
        if self.free.len() == self.waiting.len() {
            self.earliest = None;
        }
        Some(timer.waker)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn each_is_due_in_its_time_whatever_was_set_and_taken_back() {
        let mut dice = fastrand::Rng::with_seed(18);
        let (start, waker) = (Instant::now(), Waker::noop());
        let at = |second: u64| start + Duration::from_secs(second);
        let (mut timers, mut waiting) = (Timers::default(), Vec::<(u64, Key)>::new());
        for second in 0..2_000 {
            for _ in 0..dice.usize(0..5) {
                let (due, mut key) = (second + dice.u64(1..30), None);
                timers.set(at(due), &mut key, waker);
                waiting.push((due, key.unwrap()));
            }
            if dice.bool() && !waiting.is_empty() {
                let (_, key) = waiting.swap_remove(dice.usize(0..waiting.len()));
                timers.clear(&key);
            }
            let next = waiting.iter().map(|(due, _)| at(*due)).min();
            assert!(timers.next() <= next || next.is_none(), "nobody is woken too late");
            let due: Vec<_> = waiting.extract_if(.., |(due, _)| *due <= second).collect();
            assert_eq!(timers.due(at(second)).len(), due.len());
            // Their places may be others' by now.
            due.iter().for_each(|(_, key)| timers.clear(key));
        }
        waiting.iter().for_each(|(_, key)| timers.clear(key));
        assert_eq!(timers.next(), None);
        assert!(timers.waiting.len() < 200, "places are used again");
    }
}
