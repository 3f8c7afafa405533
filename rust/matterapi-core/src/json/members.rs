//! What an object is expected to say: recognised in one comparison instead of being read.
//!
//! Go writes the fields of a struct in one order, and many of them with one value in every object. From any
//! member on, the text is therefore known up to the value of the next member that varies.

use std::ops::Range;
use std::sync::OnceLock;

use super::quote::quoted;

/// A bit for each member.
pub type MemberSet = u128;

/// The members that an object may have, each known by its index, and what is expected of them.
#[derive(Debug, Clone)]
pub struct Members {
    /// `"name":value,` of each, without the value and the comma where the value varies.
    text: Vec<u8>,
    expected: Vec<Expected>,
    /// The same for objects in texts, made when it is asked for.
    in_text: OnceLock<Box<Members>>,
}

/// What stands in the text from one member on.
#[derive(Debug, Clone)]
struct Expected {
    start: usize,
    /// Where its key ends.
    key: usize,
    /// Where its value ends; where the key does, if the value varies.
    value: usize,
    /// Where the key ends of the next member that varies, or the value of the last that does not.
    run: usize,
    /// What was found if it stands there up to `run`.
    found: Found,
    /// What was found if it stands there up to `value` only, and up to `key`.
    whole: Found,
    key_only: Found,
}

/// Which members stand next in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Those that are there with the value expected of them.
    pub whole: MemberSet,
    /// The member behind them of which only the key was read: its value follows.
    pub key: Option<usize>,
    /// The last of them all.
    pub last: usize,
}

impl Found {
    fn of(index: usize, varies: bool) -> Self {
        let whole = if varies { 0 } else { bit(index) };
        Self { whole, key: varies.then_some(index), last: index }
    }

    /// With those that stand behind it.
    fn and(self, behind: Self) -> Self {
        Self { whole: self.whole | behind.whole, ..behind }
    }
}

/// The bit of a member.
fn bit(index: usize) -> MemberSet {
    MemberSet::checked_shl(1, index as u32).unwrap_or(0)
}

impl Members {
    /// Members with these names, at most 128, of whose values nothing is known.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut members = Self { text: Vec::new(), expected: Vec::new(), in_text: OnceLock::new() };
        for name in names {
            let start = members.text.len();
            members.text.extend_from_slice(quoted(name).as_bytes());
            members.text.push(b':');
            let key = members.text.len();
            let index = members.expected.len();
            let (whole, key_only) = (Found::of(index, false), Found::of(index, true));
            members.expected.push(Expected {
                start,
                key,
                value: key,
                run: key,
                found: key_only,
                whole,
                key_only,
            });
        }
        members
    }

    /// The same members, where more is expected.
    ///
    /// Args: `values`: scalars in compact JSON, by index; `order`: the indices of members that follow each
    /// other, each once.
    #[must_use]
    pub fn expecting(&self, values: &[(usize, String)], order: &[usize]) -> Self {
        let mut members = Self {
            text: Vec::with_capacity(2 * self.text.len()),
            expected: self.expected.clone(),
            in_text: OnceLock::new(),
        };
        let others = (0..self.expected.len()).filter(|index| !order.contains(index));
        for index in order.iter().copied().chain(others) {
            let value = values.iter().find(|(own, _)| *own == index).map(|(_, value)| value.as_bytes());
            members.append(index, self.text_of(index, value));
        }
        for pair in order.windows(2).rev() {
            members.join(pair);
        }
        members
    }

    /// Key and value of a member, the new value or that which was expected so far.
    fn text_of<'a>(&'a self, index: usize, value: Option<&'a [u8]>) -> (&'a [u8], &'a [u8]) {
        let Some(expected) = self.expected.get(index) else { return (&[], &[]) };
        let part = |range: Range<usize>| self.text.get(range).unwrap_or_default();
        let value = value.unwrap_or_else(|| part(expected.key..expected.value));
        (part(expected.start..expected.key), value)
    }

    fn append(&mut self, index: usize, (key, value): (&[u8], &[u8])) {
        let Some(expected) = self.expected.get_mut(index) else { return };
        expected.start = self.text.len();
        self.text.extend_from_slice(key);
        expected.key = self.text.len();
        self.text.extend_from_slice(value);
        expected.value = self.text.len();
        expected.run = expected.value;
        expected.found = if value.is_empty() { expected.key_only } else { expected.whole };
        if !value.is_empty() {
            self.text.push(b',');
        }
    }

    /// Lets the run of a member go on where that of the one behind it does.
    fn join(&mut self, pair: &[usize]) {
        if let [index, next] = pair
            && let Some(behind) = self.expected.get(*next).cloned()
            && let Some(expected) = self.expected.get_mut(*index)
            && expected.found.key.is_none()
        {
            expected.run = behind.run;
            expected.found = expected.found.and(behind.found);
        }
    }

    /// The same members of an object whose JSON is in a string, as the string has them.
    pub(crate) fn in_text(&self) -> &Self {
        self.in_text.get_or_init(|| {
            let mut text = Vec::with_capacity(2 * self.text.len());
            // Where each byte comes to stand.
            let mut places = Vec::with_capacity(self.text.len() + 1);
            for byte in &self.text {
                places.push(text.len());
                if matches!(byte, b'"' | b'\\') {
                    text.push(b'\\');
                }
                text.push(*byte);
            }
            places.push(text.len());
            let place = |old: usize| places.get(old).copied().unwrap_or_default();
            let expected = self.expected.iter().map(|member| Expected {
                start: place(member.start),
                key: place(member.key),
                value: place(member.value),
                run: place(member.run),
                ..member.clone()
            });
            Box::new(Self { expected: expected.collect(), text, in_text: OnceLock::new() })
        })
    }

    /// What of the members from `index` on `text` begins with, and how long that is.
    #[inline]
    pub(crate) fn begin(&self, index: usize, text: &[u8]) -> Option<(&Found, usize)> {
        let expected = self.expected.get(index)?;
        let run = self.text.get(expected.start..expected.run)?;
        if text.starts_with(run) && (expected.found.key.is_some() || ends_value(text.get(run.len()))) {
            return Some((&expected.found, run.len()));
        }
        self.begin_with_one(expected, text)
    }

    fn begin_with_one<'m>(&self, expected: &'m Expected, text: &[u8]) -> Option<(&'m Found, usize)> {
        let varies = expected.key == expected.value;
        let whole = self.text.get(expected.start..expected.value)?;
        if !varies && text.starts_with(whole) && ends_value(text.get(whole.len())) {
            return Some((&expected.whole, whole.len()));
        }
        let key = self.text.get(expected.start..expected.key)?;
        text.starts_with(key).then_some((&expected.key_only, key.len()))
    }
}

fn ends_value(byte: Option<&u8>) -> bool {
    matches!(byte, Some(b',' | b'}'))
}
