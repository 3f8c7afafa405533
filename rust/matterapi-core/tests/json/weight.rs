//! What stands in a text is counted right, and in one that is no JSON up to the fault.

use matterapi_core::json::weight::{Costs, Counts};

fn counts(text: &str) -> (usize, usize, usize) {
    let Counts { objects, arrays, separators, bytes } = Counts::of(text.as_bytes());
    assert_eq!(bytes, text.len());
    (objects, arrays, separators)
}

#[test]
fn containers_and_what_follows_another_are_counted() {
    assert_eq!(counts(""), (0, 0, 0));
    assert_eq!(counts(r#"{"a":[1,2,{}],"b":{}}"#), (3, 1, 3));
    assert_eq!(counts("1\n2\n"), (0, 0, 2));
}

#[test]
fn what_stands_in_a_string_does_not_count() {
    assert_eq!(counts(r#"["{[,","\"[","\\",[]]"#), (0, 2, 3));
    assert_eq!(counts("\"[\n"), (0, 0, 0));
    assert_eq!(counts("[\"\\"), (0, 1, 0));
}

#[test]
fn weights_add_up_and_end_at_the_largest_number() {
    let costs = Costs { object: 1000, array: 100, separator: 10, byte: 1 };
    assert_eq!(Counts::of(b"{[,").weight(&costs), 1113);
    assert_eq!(Counts::of(b"{{").weight(&Costs { object: usize::MAX, ..costs }), usize::MAX);
}
