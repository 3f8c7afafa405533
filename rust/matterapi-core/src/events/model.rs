//! Histories of a server and of a client that is cut off from it in all ways: at their end nothing may be lost, or
//! left without a notice, or have come twice. The client is this crate's own: what decides, without its I/O.
//!
//! `MATTERAPI_HISTORIES` says how many random ones are tried; `make histories` tries 20,000, and as many that
//! hypothesis thinks up (`driven.rs`).
#![allow(clippy::indexing_slicing, reason = "a test: an index out of bounds is a failure of it")]

mod client;
mod driven;
mod history;
mod random;
mod server;

use self::history::{Step, run};
use super::rules::{OFF, Rule};

/// Tried with every run of the tests.
const HISTORIES: u64 = 2_000;

fn histories() -> u64 {
    std::env::var("MATTERAPI_HISTORIES").ok().and_then(|count| count.parse().ok()).unwrap_or(HISTORIES)
}

#[test]
fn no_history_loses_a_post_or_a_revision_in_silence_or_brings_one_twice() {
    for seed in 0..histories() {
        let history = random::history(seed);
        if let Err(wrong) = run(&history) {
            panic!("history {seed}: {wrong}\n{history:?}");
        }
    }
}

/// A hub so busy that it comes to know a connection only seconds after the upgrade, when the replicas have followed.
/// What is written meanwhile is neither told nor listed.
fn late_registration(seed: u64) -> Result<(), String> {
    let mut steps = vec![Step::Pass { ms: 10_000 }, Step::Busy { ms: 9_500 }, Step::Restart { away: 0 }];
    for _ in 0..20 {
        steps.extend([Step::Pass { ms: 500 }, Step::Post { channel: 0, thread: false }]);
    }
    run(&steps.into_iter().zip(seed..).map(|(step, luck)| (luck, step)).collect::<Vec<_>>())
}

#[test]
fn nothing_is_asked_for_before_the_hub_knows_the_connection() {
    for seed in 0..300 {
        assert_eq!(late_registration(seed), Ok(()), "history {seed}");
    }
    OFF.set(Some(Rule::Barrier));
    let lost = (0..300).filter(|seed| late_registration(*seed).is_err()).count();
    OFF.set(None);
    assert!(lost > 100, "the model misses the barrier in {lost} of 300 histories");
}

/// What the first random history says that shows the loss of a rule.
fn noticed_without(rule: Rule) -> Option<String> {
    OFF.set(Some(rule));
    let found = (0..20_000).find_map(|seed| run(&random::history(seed)).err());
    OFF.set(None);
    found
}

macro_rules! noticed {
    ($($name:ident: $rule:ident, $expected:literal;)*) => {$(
        #[test]
        fn $name() {
            let found = noticed_without(Rule::$rule);
            assert!(found.as_ref().is_some_and(|wrong| wrong.contains($expected)), "{found:?}");
        }
    )*};
}

noticed! {
    the_model_misses_the_barrier: Barrier, "LOST";
    the_model_misses_the_verification_of_resumed_streams: VerifyResumed, "LOST";
    the_model_misses_the_overlap: Overlap, "LOST";
    the_model_misses_the_second_round: SecondRound, "LOST";
    the_model_misses_the_walk: Walk, "LOST";
    the_model_misses_anchors_with_whole_milliseconds: TieSafe, "LOST";
    the_model_misses_the_notice_of_full_answers: LimitNotice, "LOST";
    the_model_misses_the_check_of_numbers: SequenceCheck, "LOST";
    the_model_misses_the_ledger: Dedupe, "DUPLICATE";
    the_model_misses_that_sockets_come_first: SubscribeFirst, "LOST";
}
