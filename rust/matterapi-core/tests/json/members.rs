//! What is taken of an object in one comparison, and what is left to be read.

use matterapi_core::json::members::{Found, Members};
use matterapi_core::json::{Number, Scanner, quoted};

/// The members that are there as expected, and the one whose value follows.
fn found(whole: &[usize], key: Option<usize>) -> Option<Found> {
    let last = key.or(whole.last().copied()).unwrap_or_default();
    Some(Found { whole: whole.iter().map(|index| 1 << index).sum(), key, last })
}

/// What is taken from an object that begins with `text`: at its end, with much behind it, and in a string.
fn taken(text: &str, members: &Members, index: usize) -> Option<Found> {
    let take = |mut scanner: Scanner<'_>| {
        assert_eq!(scanner.open(b'}'), Ok(true));
        scanner.take(members, index).copied()
    };
    let (longer, string) = (format!("{text}{}", " ".repeat(40)), quoted(text));
    let found = take(Scanner::new(text));
    assert_eq!(take(Scanner::new(&longer)), found, "{text}");
    assert_eq!(Scanner::new(&string).enter().map(take), Ok(found), "{string}");
    found
}

fn with_value(name: &str, value: &str) -> Members {
    Members::new([name]).expecting(&[(0, value.to_owned())], &[0])
}

#[test]
fn an_expected_key_is_taken_only_when_it_is_the_whole_key() {
    let members = Members::new(["a", "abc", "ab"]);
    let mut scanner = Scanner::new(r#"{"ab":1}"#);
    assert_eq!(scanner.open(b'}'), Ok(true));
    assert_eq!(scanner.take(&members, 0), None);
    assert_eq!(scanner.take(&members, 1), None);
    assert_eq!(scanner.take(&members, 3), None);
    assert_eq!(scanner.take(&members, 2).copied(), found(&[], Some(2)));
    assert_eq!(scanner.number(), Ok(Number::Int(1)));
    assert_eq!(scanner.more(b'}'), Ok(false));
}

#[test]
fn an_expected_value_is_taken_only_when_it_is_the_whole_value() {
    for name in ["a", "a_name_that_is_longer_than_most_names_are"] {
        let zero = with_value(name, "0");
        let object = |rest: &str| format!("{{\"{name}\":{rest}");
        assert_eq!(taken(&object("0}"), &zero, 0), found(&[0], None));
        assert_eq!(taken(&object("0,\"b\":1}"), &zero, 0), found(&[0], None));
        assert_eq!(taken(&object("\"\"}"), &with_value(name, "\"\""), 0), found(&[0], None));
        assert_eq!(taken(&object("0}"), &Members::new([name]), 0), found(&[], Some(0)));
        for other in ["0.5}", "0e1}", "01}", "0]", "0", "10}", "\"\"}", ""] {
            assert_eq!(taken(&object(other), &zero, 0), found(&[], Some(0)), "{other}");
        }
        assert_eq!(taken(&object("0}").replace(':', ";"), &zero, 0), None);
    }
}

#[test]
fn a_member_of_any_length_is_compared_to_its_last_byte() {
    for length in 1..100 {
        let (name, other) = ("x".repeat(length), "x".repeat(length - 1) + "y");
        let (value, another) = (format!("\"{name}\""), format!("\"{other}\""));
        let members = with_value(&name, &value);
        assert_eq!(taken(&format!("{{{value}:{value}}}"), &members, 0), found(&[0], None), "{length}");
        assert_eq!(taken(&format!("{{{value}:{another}}}"), &members, 0), found(&[], Some(0)), "{length}");
        assert_eq!(taken(&format!("{{{another}:{value}}}"), &members, 0), None, "{length}");
    }
}

/// Five members, of which the first and the fourth vary; they come in another order than they have.
fn known() -> Members {
    let values = [(3, "0"), (1, "\"\""), (4, "null")].map(|(index, value)| (index, value.to_owned()));
    Members::new(["a", "b", "c", "d", "e"]).expecting(&values, &[0, 3, 1, 2, 4])
}

#[test]
fn members_are_taken_up_to_the_key_of_the_next_that_varies() {
    let members = known();
    assert_eq!(taken(r#"{"a":1,"d":0"#, &members, 0), found(&[], Some(0)));
    assert_eq!(taken(r#"{"d":0,"b":"","c":5"#, &members, 3), found(&[3, 1], Some(2)));
    assert_eq!(taken(r#"{"b":"","c":5"#, &members, 1), found(&[1], Some(2)));
    assert_eq!(taken(r#"{"e":null}"#, &members, 4), found(&[4], None));
}

#[test]
fn where_one_of_several_members_differs_the_first_is_taken_alone() {
    let members = known();
    assert_eq!(taken(r#"{"d":0,"b":"x","c":5}"#, &members, 3), found(&[3], None));
    assert_eq!(taken(r#"{"d":0,"e":null}"#, &members, 3), found(&[3], None));
    assert_eq!(taken(r#"{"d":0}"#, &members, 3), found(&[3], None));
    assert_eq!(taken(r#"{"d":7,"b":"","c":5}"#, &members, 3), found(&[], Some(3)));
    assert_eq!(taken(r#"{"c":5,"d":0}"#, &members, 3), None);
}

#[test]
fn a_member_outside_the_order_is_followed_by_none() {
    let values = [(0, "0".to_owned()), (1, "0".to_owned()), (2, "0".to_owned())];
    let members = Members::new(["a", "b", "c"]).expecting(&values, &[2, 0]);
    assert_eq!(taken(r#"{"c":0,"a":0,"b":0}"#, &members, 2), found(&[2, 0], None));
    assert_eq!(taken(r#"{"b":0,"c":0,"a":0}"#, &members, 1), found(&[1], None));
}

#[test]
fn what_was_expected_stays_expected_until_another_value_is() {
    let members = known().expecting(&[(1, "\"x\"".to_owned()), (0, "5".to_owned())], &[0, 3, 1, 2, 4]);
    assert_eq!(taken(r#"{"a":5,"d":0,"b":"x","c":1}"#, &members, 0), found(&[0, 3, 1], Some(2)));
    assert_eq!(taken(r#"{"a":5,"d":0,"b":"","c":1}"#, &members, 0), found(&[0], None));
    assert_eq!(taken(r#"{"e":null}"#, &members, 4), found(&[4], None));
}

#[test]
fn a_key_with_quotes_is_not_taken_for_broken_json() {
    let members = Members::new(["a\"b"]);
    assert_eq!(taken(r#"{"a\"b":1}"#, &members, 0), found(&[], Some(0)));
    assert_eq!(taken(r#"{"a"b":1}"#, &members, 0), None);
}
