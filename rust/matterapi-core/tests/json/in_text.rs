//! JSON that is read where it lies in a string: as if the string had been read first.

use std::sync::atomic::{AtomicUsize, Ordering};

use bolero::{TypeGenerator, check};
use matterapi_core::json::{Fault, Scanner, Scratch, Token, quoted};

use super::differential::{Document, Value, next, scanned};

/// What the JSON in `string` says, and its text as `skip` gives it.
fn read(string: &str) -> Result<(Value, String), Fault> {
    let mut scratch = Scratch::default();
    let mut outer = Scanner::new(string);
    assert_eq!(outer.peek(), Ok(Token::String));
    let mut reading = outer.enter()?;
    let mut skipping = reading.clone();
    let value = next(&mut reading, &mut scratch);
    let text = skipping.skip(&mut scratch).map(str::to_owned);
    assert_eq!(text.is_ok(), value.is_ok(), "{string}");
    let (value, text) = (value?, text?);
    assert_eq!(reading.rest(), skipping.rest(), "skipping and reading end at one place");
    outer.leave(reading)?;
    outer.finish()?;
    Ok((value, text))
}

/// `text` as a string of JSON, in which some characters are written as other writers do.
fn written(text: &str, choices: &[u8]) -> String {
    let mut choices = choices.iter().cycle();
    let escaped = text.chars().map(|character| {
        let unusual = choices.next().is_some_and(|choice| choice % 32 == 0);
        let mut units = [0; 2];
        let units = character.encode_utf16(&mut units).iter();
        match character {
            '/' if unusual => "\\/".to_owned(),
            _ if unusual => units.map(|unit| format!("\\u{unit:04x}")).collect(),
            _ => {
                let string = quoted(character.encode_utf8(&mut [0; 4]));
                string.get(1..string.len() - 1).unwrap_or_default().to_owned()
            }
        }
    });
    format!("\"{}\"", escaped.collect::<String>())
}

#[derive(Debug, Clone, TypeGenerator)]
struct InText {
    document: Document,
    choices: [u8; 16],
    damage: Option<(u16, u8)>,
}

/// Without what is an escape between two values, or nothing there.
fn plain(text: &str) -> String {
    text.replace(['\n', '\t', '\r', '\u{feff}'], " ")
}

/// What is put into a string to damage it.
const PIECES: &str = "\"\\un \n[,";

impl InText {
    fn string(&self) -> String {
        let mut string = written(&plain(&self.document.text()), &self.choices);
        if let Some((place, piece)) = self.damage {
            let place = 1 + usize::from(place) % (string.len() - 1);
            let place = (1..=place).rev().find(|at| string.is_char_boundary(*at)).unwrap_or(1);
            string.insert(place, PIECES.chars().nth(usize::from(piece) % 8).unwrap_or(' '));
        }
        string
    }
}

#[test]
fn it_is_what_the_string_stands_for_or_refused() {
    let read_anything = AtomicUsize::new(0);
    check!().with_iterations(20_000).with_type::<InText>().for_each(|case| {
        let string = case.string();
        if let Ok((value, skipped)) = read(&string) {
            let Ok(Value::Text(text)) = scanned(&string) else { panic!("{string}") };
            assert_eq!(scanned(&text), Ok(value), "{string}");
            assert_eq!(skipped, text.trim_matches(' '), "{string}");
            read_anything.fetch_add(1, Ordering::Relaxed);
        }
    });
    assert!(read_anything.into_inner() > 2_000);
}

#[test]
fn as_servers_write_it_nothing_more_is_refused_than_in_the_string_by_itself() {
    check!().with_iterations(20_000).with_type::<Document>().for_each(|document| {
        let text = plain(&document.text());
        let found = read(&quoted(&text)).map(|(value, _)| value);
        assert_eq!(found.ok(), scanned(&text).ok(), "{text:?}");
    });
}

#[test]
fn escapes_between_values_and_texts_in_texts_are_refused() {
    for string in
        [r#""[\n1]""#, r#""[1\t]""#, r#""\u005b1]""#, r#""{\u0022a\":1}""#, r#""\ufeff1""#, "\"[\n1]\""]
    {
        assert!(read(string).is_err(), "{string}");
    }
    let (string, outside) = (quoted(&quoted("1")), Scanner::new("1"));
    let scanner = Scanner::new(&string);
    assert!(scanner.enter().unwrap().enter().is_err(), "one level is all there is");
    assert!(Scanner::new("\"\"").enter().unwrap().enter().is_err(), "the end is no beginning");
    assert!(outside.enter().is_err(), "no string");
}

#[test]
fn a_string_that_ends_too_early_or_too_late_is_refused() {
    for string in [
        r#""""#,
        r#""1"#,
        r#""1 2""#,
        r#""\"a"#,
        r#""\"a""#,
        r#""\"a\\""#,
        r#""\"a\\"\""#,
        r#""\"a\\\""#,
        r#""\"\\u12\"""#,
        r#""\"\\x\"""#,
        "\"\\\"\n\\\"\"",
        r#""\"\n\"""#,
        r#""\"\u0022\"""#,
        r#""\"\\é\"""#,
    ] {
        assert!(read(string).is_err(), "{string}");
    }
}

#[test]
fn escapes_of_both_levels_are_undone() {
    let json = r#"["a\"\\\/\b\f\n\r\t<é","😀","\ud83d\ude00","\ud83dx","\ud83dA","é","\u00e9"]"#;
    let expected = scanned(json).unwrap();
    assert_eq!(read(&quoted(json)).map(|(value, _)| value), Ok(expected));

    let mixed = r#""\"\\u003c\u003c\/\\/\\ud83d\u005cude00\\\"\u00e9é\"""#;
    assert_eq!(read(mixed).map(|(value, _)| value), Ok(Value::Text("<<//😀\"éé".to_owned())));
}
