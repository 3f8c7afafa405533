//! The scanner, fact by fact.

use matterapi_core::json::{Fault, Number, Scanner, Scratch, Token};

type Result<T> = std::result::Result<T, Fault>;

fn string(text: &str) -> Result<String> {
    let mut scratch = Scratch::default();
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
    scanner.skip(&mut Scratch::default()).and_then(|_| scanner.finish()).is_ok()
}

#[test]
fn strings_of_every_length_end_at_their_quote() {
    for n in 0..40 {
        let plain = "é".repeat(n / 2) + &"x".repeat(n);
        assert_eq!(string(&format!("\"{plain}\"")).as_deref(), Ok(plain.as_str()));
    }
}

#[test]
fn an_escape_anywhere_in_a_string_of_any_length_is_undone_as_by_serde_json() {
    let mut scratch = Scratch::default();
    for escape in [r#"\""#, r"\\", r"\/", r"\n\t\r\b\f", r"\u00e4", r"\ud83d\ude80", r#"\"\",\"\":\""#] {
        for filler in ["a", "\u{e4}", "\u{1f680}"] {
            for length in (0..70_usize).chain([255, 1_030, 5_000]) {
                for place in [0, length / 3, length.saturating_sub(1), length] {
                    let (before, after) = (filler.repeat(place), filler.repeat(length - place));
                    let json = format!("\"{before}{escape}{after}{escape}\"");
                    let expected: String = serde_json::from_str(&json).unwrap();
                    assert_eq!(Scanner::new(&json).string(&mut scratch), Ok(expected.as_str()), "{json}");
                }
            }
        }
    }
}

#[test]
fn escapes_are_undone_and_lone_surrogates_replaced() {
    assert_eq!(string(r#""a\"\\\/\b\f\n\r\t\u003cé""#).as_deref(), Ok("a\"\\/\u{8}\u{c}\n\r\t<é"));
    assert_eq!(string(r#""\ud83d\ude00""#).as_deref(), Ok("😀"));
    assert_eq!(string(r#""\ud83dx""#).as_deref(), Ok("\u{fffd}x"));
    assert_eq!(string(r#""\ud83d\ue000""#).as_deref(), Ok("\u{fffd}\u{e000}"));
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
    assert_eq!(Scanner::new(&text).skip(&mut Scratch::default()), Err(Fault::Depth));
}

#[test]
fn a_fraction_of_very_many_digits_is_left_as_it_is_written() {
    let text = "1".repeat(4_300) + "e-400";
    assert_eq!(Scanner::new(&text).number(), Ok(Number::Big(&text)));
    assert_eq!(Scanner::new("25e-1").number(), Ok(Number::Float(2.5)));
}
