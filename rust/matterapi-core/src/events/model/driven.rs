//! Histories from elsewhere: `tests/histories` thinks them up with hypothesis, which finds a short one where one
//! fails.

use std::io::{self, BufRead, Write};
use std::panic::catch_unwind;

use serde::Deserialize;

use super::history::{History, run};
use crate::events::rules::{OFF, Rule};

#[derive(Deserialize)]
struct Order {
    /// The rule that does not hold.
    without: Option<Rule>,
    steps: History,
}

fn carry_out(line: &str) -> String {
    let Order { without, steps } = match serde_json::from_str(line) {
        Ok(order) => order,
        Err(error) => return format!("no history: {error}"),
    };
    OFF.set(without);
    let outcome = catch_unwind(|| run(&steps));
    OFF.set(None);
    match outcome {
        Ok(Ok(())) => "ok".to_owned(),
        Ok(Err(wrong)) => wrong,
        // A history that panics is to be made shorter like any other.
        Err(_) => "PANIC".to_owned(),
    }
}

/// A history in each line of the input; on each a line of the output that begins with `> `, among those of the test
/// harness.
#[test]
#[ignore = "it is a program that tests/histories starts"]
fn histories_of_the_input() {
    // The harness keeps what `println!` writes, and may have begun a line.
    let mut output = io::stdout();
    writeln!(output, "\n> ready").unwrap();
    for line in io::stdin().lock().lines() {
        writeln!(output, "> {}", carry_out(&line.unwrap())).unwrap();
        output.flush().unwrap();
    }
}
