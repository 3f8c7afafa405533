//! The scanner against `serde_json` on generated texts: the same ones are accepted, with the same values.
//!
//! What differs on purpose: a lone surrogate is U+FFFD, a number beyond a double's range is infinite, a
//! byte order mark is skipped, integers are exact at any size, and one more level of nesting is read.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

use bolero::{TypeGenerator, check};
use matterapi_core::json::{Fault, MAX_DEPTH, Number, Scanner, Scratch, Token};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

/// A value as either reader found it; members in their order, duplicates included.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    /// An integer of more than 64 bits, as written.
    Big(String),
    Float(f64),
    Text(String),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
}

impl Value {
    /// Whether `test` holds for this value or one inside of it.
    fn any(&self, test: &impl Fn(&Value) -> bool) -> bool {
        let inside = match self {
            Self::List(items) => items.iter().any(|item| item.any(test)),
            Self::Object(members) => {
                members.iter().any(|(key, item)| test(&Self::Text(key.clone())) || item.any(test))
            }
            _ => false,
        };
        inside || test(self)
    }

    fn depth(&self) -> u32 {
        match self {
            Self::List(items) => 1 + items.iter().map(Self::depth).max().unwrap_or(0),
            Self::Object(members) => 1 + members.iter().map(|(_, item)| item.depth()).max().unwrap_or(0),
            _ => 0,
        }
    }
}

/// Equality, but for integers that `serde_json` keeps as doubles: large ones and `-0`.
fn same(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Int(0), Value::Float(float)) => *float == 0.0,
        (Value::Big(written), Value::Float(float)) => written.parse() == Ok(*float),
        (Value::Float(left), Value::Float(right)) => left.to_bits() == right.to_bits(),
        (Value::List(left), Value::List(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(l, r)| same(l, r))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().zip(right).all(|((name, l), (other, r))| name == other && same(l, r))
        }
        _ => ours == theirs,
    }
}

pub(super) fn scanned(text: &str) -> Result<Value, Fault> {
    let mut scanner = Scanner::new(text);
    let value = next(&mut scanner, &mut Scratch::default())?;
    scanner.finish().map(|()| value)
}

pub(super) fn next(scanner: &mut Scanner<'_>, scratch: &mut Scratch) -> Result<Value, Fault> {
    let token = scanner.peek()?;
    Ok(match token {
        Token::String => Value::Text(scanner.string(scratch)?.to_owned()),
        Token::Number => match scanner.number()? {
            Number::Int(int) => Value::Int(int),
            Number::Big(written) => Value::Big(written.to_owned()),
            Number::Float(float) => Value::Float(float),
        },
        Token::True | Token::False | Token::Null => {
            scanner.word(token)?;
            if token == Token::Null { Value::Null } else { Value::Bool(token == Token::True) }
        }
        Token::Array => {
            let mut items = Vec::new();
            let mut more = scanner.open(b']')?;
            while more {
                items.push(next(scanner, scratch)?);
                more = scanner.more(b']')?;
            }
            Value::List(items)
        }
        Token::Object => {
            let mut members = Vec::new();
            let mut more = scanner.open(b'}')?;
            while more {
                let key = scanner.key(scratch)?.to_owned();
                members.push((key, next(scanner, scratch)?));
                more = scanner.more(b'}')?;
            }
            Value::Object(members)
        }
    })
}

fn skipped(text: &str) -> Result<String, Fault> {
    let mut scanner = Scanner::new(text);
    let found = scanner.skip(&mut Scratch::default())?.to_owned();
    scanner.finish().map(|()| found)
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("any JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(i64::try_from(value).map_or_else(|_| Value::Big(value.to_string()), Value::Int))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = access.next_entry()? {
            members.push(member);
        }
        Ok(Value::Object(members))
    }
}

/// A document to write: most are JSON, so that both readers get far; the damage comes afterwards.
#[derive(Debug, Clone, TypeGenerator)]
pub(super) struct Document {
    steps: [u8; 64],
    damage: [Option<(u16, Damage)>; 2],
}

#[derive(Debug, Clone, TypeGenerator)]
pub(super) enum Damage {
    Insert(u8),
    Remove,
    Truncate,
    Write(char),
}

/// Leaves and pieces of text; the last ones are not JSON, or not by themselves.
const PIECES: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "-0",
    "7",
    "-1",
    "12345678901234567890",
    "9223372036854775807",
    "-9223372036854775808",
    "-9223372036854775809",
    "123456789012345678901234567890",
    "1.5",
    "-0.0",
    "1e5",
    "2.2250738585072014e-308",
    "5e-324",
    "1e-400",
    "1.7976931348623157e308",
    "0.1e1",
    "1E+2",
    "3.0e-2",
    "123456789.123456789012345678901234567890",
    "\"\"",
    "\"abcdefghijklmnopqrstuvwxyz\"",
    "\"é😀\"",
    "\"\\n\\t\\\"\\\\\\/\\b\\f\\r\"",
    "\"\\u0041\\u00e9\\ud83d\\ude00\"",
    "\"\\u0000\"",
    "\"\u{7f}\u{2028}\"",
    "1e400",
    "-1e999",
    "\"\\ud800\"",
    "\"\\udc00x\"",
    "\"\\ud800\\ud83d\\ude00\"",
    "\"\\ud800\\u0041\"",
    "\"\\uD800\\n\"",
    "\"\\ud800\\",
    "\"\\u12\"",
    "\"\\x\"",
    "\"\n\"",
    "\"\u{1f}\"",
    "\"",
    "01",
    "-",
    "1.",
    ".5",
    "1e",
    "1e+",
    "+1",
    "NaN",
    "Infinity",
    "nul",
    "True",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "'a'",
    "{a:1}",
    "/**/",
    "\u{feff}",
    "\u{a0}",
    "\u{0}",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
];

/// How many of the pieces are JSON values that both readers take.
const SOUND: usize = 30;

/// The deepest value that `grow` writes: beyond the limit.
const DEEPEST: u32 = MAX_DEPTH + 4;

impl Document {
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        grow(&mut self.steps.iter().copied(), &mut text, 0);
        for (place, damage) in self.damage.iter().flatten() {
            let place = usize::from(*place) % (text.len() + 1);
            let place = (0..=place).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            match damage {
                Damage::Insert(piece) => text.insert_str(place, pick(usize::from(*piece))),
                Damage::Remove => drop((place < text.len()).then(|| text.remove(place))),
                Damage::Truncate => text.truncate(place),
                Damage::Write(char) => text.insert(place, *char),
            }
        }
        text
    }
}

fn pick(number: usize) -> &'static str {
    PIECES.get(number % PIECES.len()).copied().unwrap_or_default()
}

/// Writes one value, led by `steps`; `null` when they have run out.
fn grow(steps: &mut impl Iterator<Item = u8>, out: &mut String, depth: u32) {
    let step = steps.next().unwrap_or(0);
    let count = usize::from(step >> 4 & 3);
    match step & 7 {
        _ if depth >= DEEPEST => out.push_str("[]"),
        0..=3 => out.push_str(pick(usize::from(step >> 3) % SOUND)),
        4 | 5 => {
            out.push('[');
            for index in 0..count {
                out.push_str(if index == 0 { " " } else { " ,\n" });
                grow(steps, out, depth + 1);
            }
            out.push(']');
        }
        6 => {
            out.push('{');
            for index in 0..count {
                let key =
                    ["id", "id", "a\\u0062", ""].get(usize::from(step >> 6)).copied().unwrap_or_default();
                out.push_str(if index == 0 { "" } else { "," });
                out.push_str(&format!("\"{key}{index}\" :\t"));
                grow(steps, out, depth + 1);
            }
            out.push('}');
        }
        _ => {
            let levels = usize::from(step >> 3) * 5;
            out.push_str(&"[".repeat(levels));
            out.push('1');
            out.push_str(&"]".repeat(levels));
        }
    }
}

/// Why the two readers disagree about `text`; `None` if they do not, or only as they should.
fn disagreement(text: &str) -> Option<String> {
    let ours = scanned(text);
    if skipped(text).is_ok() != ours.is_ok() {
        return Some("skipping and reading disagree".to_owned());
    }
    let theirs = serde_json::from_str::<Value>(text.strip_prefix('\u{feff}').unwrap_or(text));
    let allowed = match (&ours, &theirs) {
        (Ok(ours), Ok(theirs)) => same(ours, theirs),
        (Err(_), Err(_)) => true,
        (Err(_), Ok(_)) => false,
        (Ok(ours), Err(error)) => {
            let reason = error.to_string();
            if reason.starts_with("number out of range") {
                ours.any(&|value| matches!(value, Value::Float(float) if float.is_infinite()))
            } else if reason.starts_with("recursion limit") {
                ours.depth() == MAX_DEPTH
            } else {
                // A lone surrogate: the words that serde_json has for it depend on what follows.
                (reason.contains("hex escape") || reason.contains("surrogate"))
                    && ours.any(&|value| matches!(value, Value::Text(text) if text.contains('\u{fffd}')))
            }
        }
    };
    (!allowed).then(|| format!("ours {ours:?}, serde_json's {theirs:?}"))
}

#[test]
fn the_scanner_reads_what_serde_json_reads() {
    let (all, accepted) = (AtomicUsize::new(0), AtomicUsize::new(0));
    check!().with_iterations(20_000).with_type::<Document>().for_each(|document| {
        let text = document.text();
        assert_eq!(disagreement(&text), None, "{text:?}");
        all.fetch_add(1, Ordering::Relaxed);
        accepted.fetch_add(usize::from(scanned(&text).is_ok()), Ordering::Relaxed);
    });
    // Texts that are refused at once would prove nothing.
    let percent = 100 * accepted.into_inner() / all.into_inner();
    assert!((20..80).contains(&percent), "{percent} % of the texts are JSON");
}

#[test]
fn each_piece_alone_and_in_an_array_is_read_as_by_serde_json() {
    for piece in PIECES {
        for text in
            [(*piece).to_owned(), format!("[{piece}]"), format!("{{\"a\":{piece}}}"), format!("\"{piece}\"")]
        {
            assert_eq!(disagreement(&text), None, "{text:?}");
        }
    }
}
