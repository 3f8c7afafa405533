//! The scanner, fact by fact.

#![allow(missing_docs, reason = "a test")]

use matterapi_core::json::{Fault, Number, Scanner, Token};
use matterapi_core::member::{Found, Member};

type Result<T> = std::result::Result<T, Fault>;

fn string(text: &str) -> Result<String> {
    let mut scratch = String::new();
    let mut scanner = Scanner::new(text);
    assert_eq!(scanner.peek(), Ok(Token::String));
    let found = scanner.string(&mut scratch)?.to_owned();
    scanner.finish().map(|()| found)
}

fn number(text: &str) -> Result<Number<'_>> {
    let mut scanner = Scanner::new(text);
    let found = scanner.number()?;
    scanner.finish().map(|()| found)
}

fn accepts(text: &str) -> bool {
    let mut scanner = Scanner::new(text);
    scanner.skip(&mut String::new()).and_then(|_| scanner.finish()).is_ok()
}

#[test]
fn strings_of_every_length_end_at_their_quote() {
    for n in 0..40 {
        let plain = "é".repeat(n / 2) + &"x".repeat(n);
        assert_eq!(string(&format!("\"{plain}\"")).as_deref(), Ok(plain.as_str()));
    }
}

#[test]
fn escapes_are_undone_and_lone_surrogates_replaced() {
    assert_eq!(string(r#""a\"\\\/\b\f\n\r\t\u003cé""#).as_deref(), Ok("a\"\\/\u{8}\u{c}\n\r\t<é"));
    assert_eq!(string(r#""\ud83d\ude00""#).as_deref(), Ok("😀"));
    assert_eq!(string(r#""\ud83dx""#).as_deref(), Ok("\u{fffd}x"));
    assert_eq!(string(r#""\ud83d\u0041\ude00""#).as_deref(), Ok("\u{fffd}A\u{fffd}"));
}

#[test]
fn numbers_are_exact() {
    assert_eq!(number("-9223372036854775808"), Ok(Number::Int(i64::MIN)));
    assert_eq!(number("9223372036854775808"), Ok(Number::Big("9223372036854775808")));
    assert_eq!(number("1.5e3"), Ok(Number::Float(1500.0)));
    assert_eq!(number("1e400"), Ok(Number::Float(f64::INFINITY)));
}

#[test]
fn what_is_not_json_is_refused() {
    for bad in [
        "",
        "nul",
        "tru",
        "01",
        "-",
        "1.",
        ".5",
        "1e",
        "+1",
        "NaN",
        "Infinity",
        "\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\n\"",
        "[1,]",
        "[1 2]",
        "{\"a\"}",
        "{\"a\":}",
        "{a:1}",
        "{\"a\":1,}",
        "[",
        "{",
        "]",
        "1 2",
        "'a'",
    ] {
        assert!(!accepts(bad), "{bad:?}");
    }
}

#[test]
fn whitespace_and_a_byte_order_mark_do_not_matter() {
    assert!(accepts("\u{feff} \r\n\t{ \"a\" : [ ] , \"b\" : { } , \"c\" : [ 1 , true , null ] } \n"));
}

#[test]
fn nesting_is_limited() {
    let nested = |n: usize| "[".repeat(n) + &"]".repeat(n);
    assert!(accepts(&nested(128)));
    let text = nested(129);
    assert_eq!(Scanner::new(&text).skip(&mut String::new()), Err(Fault::Depth));
}

#[test]
fn a_fraction_of_very_many_digits_is_left_as_it_is_written() {
    let text = "1".repeat(4_300) + "e-400";
    assert_eq!(Scanner::new(&text).number(), Ok(Number::Big(&text)));
    assert_eq!(Scanner::new("25e-1").number(), Ok(Number::Float(2.5)));
}

#[test]
fn an_expected_key_is_taken_only_when_it_is_the_whole_key() {
    let mut scanner = Scanner::new(r#"{"ab":1}"#);
    assert_eq!(scanner.open(b'}'), Ok(true));
    assert_eq!(scanner.take(&Member::new("a")), Found::Other);
    assert_eq!(scanner.take(&Member::new("abc")), Found::Other);
    assert_eq!(scanner.take(&Member::new("ab")), Found::Key);
    assert_eq!(scanner.number(), Ok(Number::Int(1)));
    assert_eq!(scanner.more(b'}'), Ok(false));
}

/// What is taken from an object that begins with `text`, at its end and with much behind it.
fn taken(text: &str, member: &Member) -> Found {
    let outcomes = [text.to_owned(), format!("{text}{}", " ".repeat(40))].map(|text| {
        let mut scanner = Scanner::new(&text);
        assert_eq!(scanner.open(b'}'), Ok(true));
        scanner.take(member)
    });
    assert_eq!(outcomes[0], outcomes[1], "{text}");
    outcomes[0]
}

#[test]
fn an_expected_value_is_taken_only_when_it_is_the_whole_value() {
    for name in ["a", "a_name_that_is_longer_than_what_is_compared_at_once"] {
        let zero = Member::new(name).with_value("0");
        let object = |rest: &str| format!("{{\"{name}\":{rest}");
        assert_eq!(taken(&object("0}"), &zero), Found::All);
        assert_eq!(taken(&object("0,\"b\":1}"), &zero), Found::All);
        assert_eq!(taken(&object("\"\"}"), &Member::new(name).with_value("\"\"")), Found::All);
        assert_eq!(taken(&object("0}"), &Member::new(name)), Found::Key);
        for other in ["0.5}", "0e1}", "01}", "0]", "0", "10}", "\"\"}", ""] {
            assert_eq!(taken(&object(other), &zero), Found::Key, "{other}");
        }
        assert_eq!(taken(&object("0}").replace(':', ";"), &zero), Found::Other);
    }
}

#[test]
fn a_member_of_any_length_is_compared_to_its_last_byte() {
    for length in 1..40 {
        let (name, other) = ("x".repeat(length), "x".repeat(length - 1) + "y");
        let member = Member::new(&name).with_value("false");
        assert_eq!(taken(&format!("{{\"{name}\":false}}"), &member), Found::All, "{length}");
        assert_eq!(taken(&format!("{{\"{name}\":falsy}}"), &member), Found::Key, "{length}");
        assert_eq!(taken(&format!("{{\"{other}\":false}}"), &member), Found::Other, "{length}");
    }
}

#[test]
fn an_expected_value_is_compared_to_its_last_byte_and_given_up_where_it_is_too_long() {
    for length in 0..80 {
        let value = format!("\"{}\"", "v".repeat(length));
        let other = format!("\"{}w\"", "v".repeat(length.saturating_sub(1)));
        let member = Member::new("name").with_value("0").with_value(&value);
        let whole = if length > 55 { Found::Key } else { Found::All };
        assert_eq!(taken(&format!("{{\"name\":{value}}}"), &member), whole, "{length}");
        assert_eq!(taken(&format!("{{\"name\":{other}}}"), &member), Found::Key, "{length}");
        assert_eq!(taken("{\"name\":0}", &member), Found::Key, "{length}");
    }
}

#[test]
fn a_name_that_is_too_long_is_never_expected() {
    for length in [61, 62, 100] {
        let name = "x".repeat(length);
        let found = if length > 61 { Found::Other } else { Found::Key };
        for member in [Member::new(&name), Member::new(&name).with_value("1")] {
            assert_eq!(taken(&format!("{{\"{name}\":1}}"), &member), found, "{length}");
        }
        assert_eq!(taken("{\"x\":1}", &Member::new(&name).with_value("1")), Found::Other, "{length}");
    }
}

#[test]
fn a_key_with_quotes_is_not_taken_for_broken_json() {
    let member = Member::new("a\"b");
    assert_eq!(taken(r#"{"a\"b":1}"#, &member), Found::Key);
    assert_eq!(taken(r#"{"a"b":1}"#, &member), Found::Other);
}
