//! Histories by chance.

use fastrand::Rng;

use super::history::{History, Step};

/// The history of a seed, and no other one.
pub(super) fn history(seed: u64) -> History {
    let mut rng = Rng::with_seed(seed);
    let mut steps = vec![Step::Lag { ms: lag(&mut rng) }, Step::Busy { ms: rng.i64(0..60) }];
    for _ in 0..rng.usize(0..4) {
        steps.push(Step::Post { channel: channel(&mut rng), thread: false });
    }
    steps.push(Step::Pass { ms: 10_000 });
    for _ in 0..rng.usize(10..50) {
        steps.push(step(&mut rng));
        if rng.bool() {
            steps.push(Step::Pass { ms: rng.i64(0..400) });
        }
    }
    steps.into_iter().map(|step| (rng.u64(..), step)).collect()
}

fn step(rng: &mut Rng) -> Step {
    match rng.u8(0..42) {
        0..=13 => Step::Post { channel: channel(rng), thread: rng.u8(0..4) == 0 },
        14..=16 => Step::Edit,
        17..=18 => Step::Delete,
        19 => Step::React,
        20 => Step::Typing,
        21..=22 => Step::Burst { channel: channel(rng), posts: rng.usize(5..60) },
        23..=25 => Step::Cut { server: true, client: true },
        26 => Step::Cut { server: false, client: true },
        27 => Step::Cut { server: rng.bool(), client: false },
        28 => Step::Restart { away: rng.i64(0..20_000) },
        29 => Step::Away { ms: rng.i64(1_000..200_000), changes: rng.usize(0..60) },
        30 => Step::EncodeFailure,
        31 => Step::Join { channel: channel(rng) },
        32 if rng.u8(0..4) == 0 => Step::Leave { channel: channel(rng) },
        33 => Step::Pass { ms: 31_000 },
        34 => Step::Crash { away: rng.i64(0..100_000) },
        35 if rng.bool() => Step::Busy { ms: rng.i64(0..9_500) },
        35 => Step::Lag { ms: lag(rng) },
        36 => Step::Slow { ms: rng.i64(1..3_000) },
        _ => Step::Pass { ms: rng.i64(1..3_000) },
    }
}

fn channel(rng: &mut Rng) -> usize {
    rng.usize(0..3)
}

fn lag(rng: &mut Rng) -> i64 {
    if rng.bool() { 0 } else { rng.i64(0..4_500) }
}
