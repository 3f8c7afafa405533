//! A transfer that goes on where it was cut: a download by Range requests, an upload session.

use std::time::Duration;

use super::failure::{Decision, Failure, LONGEST_HINT};
use crate::error::{ErrorKind, Phase};

/// The server has not noticed a cut yet and still waits for the rest on the old connection (app/upload.go).
const CONCURRENT_UPLOAD: &str = "app.upload.upload_data.concurrent.app_error";

/// The ceiling of the first pause; that of each further one is twice as high.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// A transfer that goes on where it was cut: what has become of it so far.
#[derive(Debug, Clone)]
pub struct Resumption {
    rules: &'static Rules,
    /// How often it was begun.
    tries: u64,
    /// Failures in a row without headway.
    stalled: u32,
    /// The most bytes that were ever across: a server that goes back and forth makes no headway.
    furthest: u64,
}

#[derive(Debug)]
struct Rules {
    /// Failures in a row without headway after which it ends.
    most_stalled: u32,
    /// Bytes that count as headway.
    headway: u64,
    /// Cuts that any transfer may have, and bytes that it has to get on by for each further one.
    pace: Option<(u64, u64)>,
    /// How often the ceiling of the pauses is doubled.
    doublings: u32,
    passes: fn(Failure<'_>) -> bool,
}

static DOWNLOAD: Rules = Rules {
    most_stalled: 4,
    headway: 64 * 1024,
    pace: None,
    doublings: 3,
    passes: |failure| match failure {
        Failure::StaleConnection => true,
        Failure::Transport(kind) => matches!(
            kind,
            ErrorKind::Closed | ErrorKind::Connect | ErrorKind::Timeout(Phase::Read | Phase::Connect)
        ),
        // A proxy without a server behind it.
        Failure::Status { status, .. } => (500..600).contains(&status),
        Failure::Unfinished => false,
    },
};

static UPLOAD: Rules = Rules {
    most_stalled: 5,
    headway: 1,
    // A server that takes a byte at a time would keep a large file going for ever.
    pace: Some((50, 4096)),
    doublings: 4,
    passes: |failure| match failure {
        Failure::StaleConnection | Failure::Unfinished => true,
        Failure::Transport(kind) => matches!(
            kind,
            ErrorKind::Closed
                | ErrorKind::Connect
                | ErrorKind::Timeout(Phase::Read | Phase::Write | Phase::Connect)
        ),
        Failure::Status { status, error_id } => {
            matches!(status, 429 | 502 | 503 | 504) || error_id == CONCURRENT_UPLOAD
        }
    },
};

impl Resumption {
    /// For a download by Range requests.
    pub fn of_download() -> Self {
        Self::new(&DOWNLOAD)
    }

    /// For an upload session of the server's.
    pub fn of_upload() -> Self {
        Self::new(&UPLOAD)
    }

    fn new(rules: &'static Rules) -> Self {
        Self { rules, tries: 1, stalled: 0, furthest: 0 }
    }

    /// So many bytes are known to be across.
    pub fn reached(&mut self, position: u64) {
        if position >= self.furthest.saturating_add(self.rules.headway) {
            self.stalled = 0;
        }
        self.furthest = self.furthest.max(position);
    }

    /// Whether trying again may help against such a failure.
    pub fn passes(&self, failure: Failure<'_>) -> bool {
        (self.rules.passes)(failure)
    }

    /// Whether it is tried again after `failure`, where the server may have said when (`hint`). `jitter` is in
    /// `0.0..1.0`: pauses are random, so that those who were cut together do not come back together.
    pub fn after(&mut self, failure: Failure<'_>, hint: Option<Duration>, jitter: f64) -> Decision {
        if !self.passes(failure) || self.is_exhausted() {
            return Decision::Stop;
        }
        let ceiling = FIRST_PAUSE * 2_u32.pow(self.stalled.min(self.rules.doublings));
        self.stalled += 1;
        Decision::Wait(match hint {
            Some(hint) => hint.min(LONGEST_HINT),
            None => ceiling.mul_f64(jitter.clamp(0.0, 1.0)),
        })
    }

    /// Whether an upload goes on from `position`, which the server named.
    pub fn from(&mut self, position: u64) -> Decision {
        self.reached(position);
        let too_slow = self
            .rules
            .pace
            .is_some_and(|(spare, slowest)| self.tries > spare.saturating_add(self.furthest / slowest));
        self.tries = self.tries.saturating_add(1);
        match too_slow || self.is_exhausted() {
            true => Decision::Stop,
            false => Decision::Wait(Duration::ZERO),
        }
    }

    fn is_exhausted(&self) -> bool {
        self.stalled >= self.rules.most_stalled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CUT: Failure<'_> = Failure::Transport(ErrorKind::Closed);
    const DEAD: Failure<'_> = Failure::Transport(ErrorKind::Connect);

    fn status(status: u16) -> Failure<'static> {
        Failure::Status { status, error_id: "" }
    }

    fn error_id(error_id: &str) -> Failure<'_> {
        Failure::Status { status: 400, error_id }
    }

    /// The ceilings of the pauses until it stops, in milliseconds.
    fn pauses(resumption: &mut Resumption, failure: Failure<'_>) -> Vec<u128> {
        let mut pauses = Vec::new();
        while let Decision::Wait(pause) = resumption.after(failure, None, 1.0) {
            pauses.push(pause.as_millis());
            assert!(pauses.len() < 1000, "it never stops");
        }
        pauses
    }

    #[test]
    fn pauses_double_and_a_dead_server_is_not_asked_for_ever() {
        assert_eq!(pauses(&mut Resumption::of_download(), DEAD), [500, 1000, 2000, 4000]);
        assert_eq!(pauses(&mut Resumption::of_upload(), DEAD), [500, 1000, 2000, 4000, 8000]);
    }

    #[test]
    fn jitter_scales_a_pause_and_never_lengthens_it() {
        for (jitter, millis) in [(0.0, 0), (0.5, 250), (1.0, 500), (7.0, 500), (-1.0, 0)] {
            let decision = Resumption::of_upload().after(CUT, None, jitter);
            assert_eq!(decision, Decision::Wait(Duration::from_millis(millis)), "{jitter}");
        }
    }

    #[test]
    fn a_server_may_say_when_but_not_that_it_takes_hours() {
        let wait = |hint| Resumption::of_upload().after(status(429), Some(Duration::from_secs(hint)), 1.0);
        assert_eq!(wait(0), Decision::Wait(Duration::ZERO));
        assert_eq!(wait(7), Decision::Wait(Duration::from_secs(7)));
        for hint in [61, 3600, u64::MAX] {
            assert_eq!(wait(hint), Decision::Wait(LONGEST_HINT), "{hint}");
        }
    }

    #[test]
    fn hints_do_not_make_a_transfer_endless() {
        let mut upload = Resumption::of_upload();
        let waits =
            (0..100).take_while(|_| upload.after(status(503), Some(Duration::ZERO), 0.0) != Decision::Stop);
        assert_eq!(waits.count(), 5);
    }

    #[test]
    fn an_upload_waits_for_a_server_that_is_busy_with_the_old_connection() {
        let mut upload = Resumption::of_upload();
        assert_ne!(upload.after(error_id(CONCURRENT_UPLOAD), None, 1.0), Decision::Stop);
        assert_eq!(
            upload.after(error_id("app.upload.upload_data.first_part_too_small"), None, 1.0),
            Decision::Stop
        );
        let mut download = Resumption::of_download();
        assert_eq!(download.after(error_id(CONCURRENT_UPLOAD), None, 1.0), Decision::Stop);
    }

    #[test]
    fn what_cannot_pass_ends_a_transfer_at_once() {
        let final_ones = [
            Failure::Transport(ErrorKind::Tls),
            Failure::Transport(ErrorKind::Protocol),
            Failure::Transport(ErrorKind::File),
            Failure::Transport(ErrorKind::Timeout(Phase::Pool)),
            status(403),
            status(404),
        ];
        for failure in final_ones {
            assert_eq!(Resumption::of_upload().after(failure, None, 1.0), Decision::Stop, "{failure:?}");
            assert_eq!(Resumption::of_download().after(failure, None, 1.0), Decision::Stop, "{failure:?}");
        }
        let write = Failure::Transport(ErrorKind::Timeout(Phase::Write));
        assert_ne!(Resumption::of_upload().after(write, None, 1.0), Decision::Stop);
        assert_eq!(Resumption::of_upload().after(status(500), None, 1.0), Decision::Stop);
        assert_ne!(Resumption::of_download().after(status(500), None, 1.0), Decision::Stop);
    }

    #[test]
    fn headway_starts_the_count_over() {
        let mut download = Resumption::of_download();
        assert_eq!(pauses(&mut download, CUT).len(), 4);
        download.reached(DOWNLOAD.headway - 1);
        assert_eq!(pauses(&mut download, CUT).len(), 0, "less than a piece is none");
        download.reached(2 * DOWNLOAD.headway);
        assert_eq!(pauses(&mut download, CUT).len(), 4);
        let mut upload = Resumption::of_upload();
        upload.reached(1000);
        assert_eq!(pauses(&mut upload, CUT).len(), 5);
        upload.reached(999);
        assert_eq!(pauses(&mut upload, CUT).len(), 0, "a server that goes back makes no headway");
        upload.reached(1001);
        assert_eq!(pauses(&mut upload, CUT).len(), 5);
    }

    #[test]
    fn an_upload_that_gets_nowhere_ends_after_five_cuts() {
        let mut upload = Resumption::of_upload();
        for _ in 0..4 {
            assert_ne!(upload.after(CUT, None, 0.0), Decision::Stop);
            assert_eq!(upload.from(0), Decision::Wait(Duration::ZERO));
        }
        assert_ne!(upload.after(Failure::Unfinished, None, 0.0), Decision::Stop);
        assert_eq!(upload.from(0), Decision::Stop);
    }

    #[test]
    fn an_upload_that_gets_on_by_bytes_ends_too() {
        let mut upload = Resumption::of_upload();
        let tries = (1_u64..).take_while(|position| {
            assert_ne!(upload.after(CUT, None, 0.0), Decision::Stop);
            upload.from(*position) != Decision::Stop
        });
        assert_eq!(tries.count(), 50);
        let mut upload = Resumption::of_upload();
        assert!((1_u64..500).all(|step| upload.from(step * 4096) != Decision::Stop), "fast enough");
    }
}
