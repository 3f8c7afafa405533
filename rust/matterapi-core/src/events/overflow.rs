//! What is done when events come faster than they are taken, and the queue is full.

/// See the module.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Overflow {
    /// The socket is not read until there is room; what the server drops meanwhile is fetched later.
    #[default]
    Pause,
    /// Events of low value are dropped; where that makes no room, as with `Pause`.
    Shed,
    /// The stream ends.
    Raise,
}

impl Overflow {
    /// The one that a program names so.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "pause" => Some(Self::Pause),
            "shed" => Some(Self::Shed),
            "raise" => Some(Self::Raise),
            _ => None,
        }
    }
}

/// What the server itself drops for a connection on which 128 events wait, without a gap in its numbers
/// (web_conn.go, slowDrop): no program can rely on having all of them.
const LOW_VALUE: [&str; 3] = ["typing", "status_change", "multiple_channels_viewed"];

/// Whether an event may be dropped for others.
pub fn is_of_low_value(name: &str) -> bool {
    LOW_VALUE.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_its_name_and_there_are_no_others() {
        let found = ["pause", "shed", "raise", "drop", ""].map(Overflow::named);
        assert_eq!(found, [Some(Overflow::Pause), Some(Overflow::Shed), Some(Overflow::Raise), None, None]);
    }

    #[test]
    fn nothing_that_is_fetched_after_a_cut_is_of_low_value() {
        assert!(is_of_low_value("typing"));
        for name in ["posted", "post_edited", "post_deleted", "reaction_added", "hello", ""] {
            assert!(!is_of_low_value(name), "{name}");
        }
    }
}
