//! Whether events are missing: the server numbers them, and goes on where a connection was cut.
//!
//! A number for each event of a stream, from 0 for its hello (web_conn.go, writePump). Numbers that are complete
//! do not prove that no event was lost, but a gap proves that one was.

use super::rules::{self, Rule};

/// Events that the server keeps for a stream whose connection is cut (web_conn.go, deadQueueSize).
const KEPT: i64 = 128;

/// Gaps in a row after which a stream is given up: whoever numbers like this does not mend it.
const MOST_GAPS: u32 = 3;

/// Where to go on with a stream whose connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resume {
    /// The server's id of the stream, as its hello said.
    pub connection_id: String,
    /// The number of the first event that is missing.
    pub sequence_number: i64,
}

/// What the number of an event says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// It is the next one.
    Next,
    /// It was there before.
    Again,
    /// Others before it are missing.
    Gap {
        /// The number of the first one missing.
        expected: i64,
        /// The number that came.
        came: i64,
    },
}

/// The numbers of one stream of the server, and of its connections one after the other.
#[derive(Debug, Default)]
pub struct Numbering {
    stream: Option<Resume>,
    gaps: u32,
}

impl Numbering {
    /// A new stream: its hello has number 0.
    pub fn begin(&mut self, connection_id: String) {
        self.gaps = 0;
        self.stream = Some(Resume { connection_id, sequence_number: 1 });
    }

    /// Gives the stream up: the next connection begins a new one.
    pub fn forget(&mut self) {
        self.stream = None;
        self.gaps = 0;
    }

    /// Where the next connection goes on; nothing where it begins a new stream.
    pub fn resume(&self) -> Option<&Resume> {
        self.stream.as_ref().filter(|stream| !stream.connection_id.is_empty())
    }

    /// Judges the number of an event; one without a number is taken as it comes.
    pub fn judge(&mut self, number: Option<i64>) -> Order {
        let (Some(stream), Some(came)) = (&mut self.stream, number) else { return Order::Next };
        let expected = stream.sequence_number;
        // Numbers that begin anew without a hello: as good as a gap, since nobody knows what came between.
        let is_again = came < expected && came > 0 && expected - came <= KEPT;
        if came == expected {
            stream.sequence_number += 1;
            self.gaps = 0;
            return Order::Next;
        }
        if is_again {
            return Order::Again;
        }
        if !rules::holds(Rule::SequenceCheck) {
            stream.sequence_number = came + 1;
            return Order::Next;
        }
        self.gaps += 1;
        if self.gaps >= MOST_GAPS {
            self.forget();
        }
        Order::Gap { expected, came }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbering(next: i64) -> Numbering {
        let mut numbering = Numbering::default();
        numbering.begin("c".to_owned());
        for number in 1..next {
            assert_eq!(numbering.judge(Some(number)), Order::Next);
        }
        numbering
    }

    fn next(numbering: &Numbering) -> Option<i64> {
        numbering.resume().map(|resume| resume.sequence_number)
    }

    #[test]
    fn a_stream_goes_on_with_the_first_event_that_did_not_come() {
        assert_eq!(next(&numbering(1)), Some(1), "never 0, which the server takes for no number");
        assert_eq!(next(&numbering(6)), Some(6));
        assert_eq!(next(&Numbering::default()), None);
    }

    #[test]
    fn a_gap_is_told_and_leaves_the_place_to_go_on() {
        let mut numbering = numbering(5);
        assert_eq!(numbering.judge(Some(7)), Order::Gap { expected: 5, came: 7 });
        assert_eq!(next(&numbering), Some(5));
        assert_eq!(numbering.judge(Some(5)), Order::Next);
    }

    #[test]
    fn gaps_in_a_row_end_the_stream() {
        let mut numbering = numbering(5);
        for _ in 0..MOST_GAPS {
            assert_eq!(next(&numbering), Some(5));
            assert!(matches!(numbering.judge(Some(7)), Order::Gap { .. }));
        }
        assert_eq!(next(&numbering), None);
    }

    #[test]
    fn what_came_before_is_known_and_moves_nothing() {
        let mut numbering = numbering(200);
        assert_eq!(numbering.judge(Some(199)), Order::Again);
        assert_eq!(numbering.judge(Some(200 - KEPT)), Order::Again);
        assert_eq!(next(&numbering), Some(200));
    }

    #[test]
    fn numbers_that_begin_anew_without_hello_are_no_repetition() {
        let mut numbering = numbering(200);
        for came in [0, -1, 1, 200 - KEPT - 1] {
            assert!(matches!(numbering.judge(Some(came)), Order::Gap { expected: 200, .. }), "{came}");
            numbering.judge(Some(200));
            numbering.begin("c".to_owned());
            for number in 1..200 {
                numbering.judge(Some(number));
            }
        }
    }

    #[test]
    fn events_without_a_number_are_taken() {
        let mut numbering = numbering(5);
        assert_eq!(numbering.judge(None), Order::Next);
        assert_eq!(next(&numbering), Some(5));
    }
}
