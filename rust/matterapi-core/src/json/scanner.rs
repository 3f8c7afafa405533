//! A JSON scanner: reads one value after the other from a text, without building a tree.
//!
//! It accepts what RFC 8259 accepts and nothing more, except that lone surrogates become U+FFFD. Whoever
//! drives it decides what to make of the values; every method leaves the scanner behind what it read.

use std::collections::TryReserveError;

use super::eight;
use super::members::{Found, Members};
use super::scratch::Scratch;

/// Nesting that is still read: `[[...]]` of 128 levels.
pub const MAX_DEPTH: u32 = 128;

/// Longer fractions are not turned into floats: readers differ about which of them are out of range.
pub const LONGEST_FRACTION: usize = 256;

/// Why a text was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Not JSON, at this byte.
    Syntax(usize),
    /// Deeper than [`MAX_DEPTH`].
    Depth,
    /// There is no memory for a string with escapes.
    Memory,
}

impl From<TryReserveError> for Fault {
    fn from(_: TryReserveError) -> Self {
        Self::Memory
    }
}

/// What the next value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    /// `{`
    Object,
    /// `[`
    Array,
    /// `"`
    String,
    /// A digit or `-`.
    Number,
    /// `true`
    True,
    /// `false`
    False,
    /// `null`
    Null,
}

/// A number, as exact as it was written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number<'a> {
    /// An integer of 64 bits.
    Int(i64),
    /// As written: a larger integer, or a fraction of more than [`LONGEST_FRACTION`] characters.
    Big(&'a str),
    /// Anything with a fraction or an exponent.
    Float(f64),
}

/// See the module.
#[derive(Debug, Clone)]
pub struct Scanner<'a> {
    text: &'a str,
    pub(super) position: usize,
    depth: u32,
    /// What it reads is a text of JSON itself: its quotes and backslashes have a backslash before them.
    pub(super) in_text: bool,
}

pub(super) type Result<T> = std::result::Result<T, Fault>;

impl<'a> Scanner<'a> {
    /// Starts at the beginning of `text`; a byte order mark is skipped.
    pub fn new(text: &'a str) -> Self {
        Self { text: text.strip_prefix('\u{feff}').unwrap_or(text), position: 0, depth: 0, in_text: false }
    }

    /// Reads the JSON that is in the string that comes next, where it lies. It accepts less than one that reads what
    /// the string stands for: no escapes between values, and no second level of this.
    pub fn enter(&self) -> Result<Self> {
        match self.byte() {
            Some(b'"') if !self.in_text => {
                Ok(Self { position: self.position + 1, depth: 0, in_text: true, ..*self })
            }
            _ => self.fault(),
        }
    }

    /// Goes on behind the string in which `text` was read, to its end.
    pub fn leave(&mut self, mut text: Self) -> Result<()> {
        text.skip_space();
        self.position = text.position;
        match text.byte() {
            Some(b'"') => {
                self.position += 1;
                Ok(())
            }
            _ => self.fault(),
        }
    }

    pub(super) fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    /// That what was read last, or comes next, is not what it should be.
    pub fn fault<T>(&self) -> Result<T> {
        Err(Fault::Syntax(self.position))
    }

    #[inline]
    pub(super) fn byte(&self) -> Option<u8> {
        self.bytes().get(self.position).copied()
    }

    /// Whether a quote comes next.
    #[inline]
    pub(super) fn is_quote(&self) -> bool {
        match self.in_text {
            false => self.byte() == Some(b'"'),
            true => self.bytes().get(self.position..).is_some_and(|rest| rest.starts_with(b"\\\"")),
        }
    }

    /// Reads a quote.
    #[inline]
    pub(super) fn quote(&mut self) {
        self.position += if self.in_text { 2 } else { 1 };
    }

    #[inline]
    fn skip_space(&mut self) {
        // A text has no ends of lines and tabs but as escapes.
        while let Some(byte @ (b' ' | b'\n' | b'\r' | b'\t')) = self.byte()
            && (byte == b' ' || !self.in_text)
        {
            self.position += 1;
        }
    }

    /// What comes next; only white space is read.
    #[inline]
    pub fn peek(&mut self) -> Result<Token> {
        self.skip_space();
        match self.byte() {
            Some(b'"') if !self.in_text => Ok(Token::String),
            Some(b'\\') if self.is_quote() => Ok(Token::String),
            Some(b'{') => Ok(Token::Object),
            Some(b'[') => Ok(Token::Array),
            Some(b'-' | b'0'..=b'9') => Ok(Token::Number),
            Some(b't') => Ok(Token::True),
            Some(b'f') => Ok(Token::False),
            Some(b'n') => Ok(Token::Null),
            _ => self.fault(),
        }
    }

    /// Reads the word of a [`Token::True`], [`Token::False`] or [`Token::Null`].
    #[inline]
    pub fn word(&mut self, token: Token) -> Result<()> {
        let word: &[u8] = match token {
            Token::True => b"true",
            Token::False => b"false",
            _ => b"null",
        };
        match self.bytes().get(self.position..).is_some_and(|rest| rest.starts_with(word)) {
            true => {
                self.position += word.len();
                Ok(())
            }
            false => self.fault(),
        }
    }

    /// Reads `{` or `[`. Returns whether a member follows (otherwise the end was read too).
    #[inline]
    pub fn open(&mut self, end: u8) -> Result<bool> {
        self.position += 1;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Fault::Depth);
        }
        self.skip_space();
        if self.byte() == Some(end) {
            self.close();
            return Ok(false);
        }
        Ok(true)
    }

    #[inline]
    fn close(&mut self) {
        self.position += 1;
        self.depth -= 1;
    }

    /// Reads what stands behind a member: whether another one follows.
    #[inline]
    pub fn more(&mut self, end: u8) -> Result<bool> {
        self.skip_space();
        match self.byte() {
            Some(b',') => {
                self.position += 1;
                self.skip_space();
                Ok(true)
            }
            Some(byte) if byte == end => {
                self.close();
                Ok(false)
            }
            _ => self.fault(),
        }
    }

    /// Reads as many of the members expected from `index` on as come next, byte by byte.
    #[inline]
    pub fn take<'m>(&mut self, members: &'m Members, index: usize) -> Option<&'m Found> {
        let rest = self.bytes().get(self.position..).unwrap_or_default();
        let members = if self.in_text { members.in_text() } else { members };
        let (found, length) = members.begin(index, rest)?;
        self.position += length;
        Some(found)
    }

    /// Reads a key and its colon.
    #[inline]
    pub fn key<'s>(&mut self, scratch: &'s mut Scratch) -> Result<&'s str>
    where
        'a: 's,
    {
        if !self.is_quote() {
            return self.fault();
        }
        let key = self.string(scratch)?;
        self.colon()?;
        Ok(key)
    }

    #[inline]
    fn colon(&mut self) -> Result<()> {
        self.skip_space();
        if self.byte() != Some(b':') {
            return self.fault();
        }
        self.position += 1;
        Ok(())
    }

    pub(super) fn slice(&self, start: usize, end: usize) -> Result<&'a str> {
        self.text.get(start..end).ok_or(Fault::Syntax(start))
    }

    /// Reads at least one digit; the value is right for up to 18 of them.
    #[inline]
    fn digits(&mut self) -> Result<i64> {
        let start = self.position;
        let mut value: i64 = 0;
        let rest = self.bytes().get(start..).unwrap_or_default();
        // Times have thirteen.
        if let Some(digits) = rest.first_chunk().and_then(|eight| eight::digits(u64::from_le_bytes(*eight))) {
            value = i64::from(digits);
            self.position += 8;
        }
        while let Some(digit @ b'0'..=b'9') = self.byte() {
            value = value.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
            self.position += 1;
        }
        if start == self.position { self.fault() } else { Ok(value) }
    }

    /// Reads a number.
    #[inline]
    pub fn number(&mut self) -> Result<Number<'a>> {
        let start = self.position;
        if self.byte() == Some(b'-') {
            self.position += 1;
        }
        let first = self.position;
        let mut value = 0;
        if self.byte() == Some(b'0') {
            self.position += 1;
        } else {
            value = self.digits()?;
        }
        if !matches!(self.byte(), Some(b'.' | b'e' | b'E')) {
            if self.position - first <= 18 {
                return Ok(Number::Int(if first == start { value } else { -value }));
            }
            let written = self.slice(start, self.position)?;
            return Ok(written.parse().map_or(Number::Big(written), Number::Int));
        }
        if self.byte() == Some(b'.') {
            self.position += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.byte() {
            self.position += 1;
            if let Some(b'+' | b'-') = self.byte() {
                self.position += 1;
            }
            self.digits()?;
        }
        let written = self.slice(start, self.position)?;
        if written.len() > LONGEST_FRACTION {
            return Ok(Number::Big(written));
        }
        written.parse().map(Number::Float).map_err(|_| Fault::Syntax(start))
    }

    /// What has not been read yet.
    pub fn rest(&self) -> &'a str {
        self.text.get(self.position..).unwrap_or_default()
    }

    /// Reads a whole value of any kind.
    pub fn pass(&mut self) -> Result<()> {
        let token = self.peek()?;
        match token {
            Token::String => self.skip_string()?,
            Token::Number => drop(self.number()?),
            Token::True | Token::False | Token::Null => self.word(token)?,
            Token::Array => {
                let mut more = self.open(b']')?;
                while more {
                    self.pass()?;
                    more = self.more(b']')?;
                }
            }
            Token::Object => {
                let mut more = self.open(b'}')?;
                while more {
                    if !self.is_quote() {
                        return self.fault();
                    }
                    self.skip_string()?;
                    self.colon()?;
                    self.pass()?;
                    more = self.more(b'}')?;
                }
            }
        }
        Ok(())
    }

    /// Reads a whole value of any kind and returns its text; `scratch` is used only where that stands in a text.
    pub fn skip<'s>(&mut self, scratch: &'s mut Scratch) -> Result<&'s str>
    where
        'a: 's,
    {
        self.skip_space();
        let start = self.position;
        self.pass()?;
        let value = self.slice(start, self.position)?;
        if self.in_text { Scanner::new(value).unescaped(scratch) } else { Ok(value) }
    }

    /// Checks that only white space is left.
    pub fn finish(&mut self) -> Result<()> {
        self.skip_space();
        if self.position == self.text.len() { Ok(()) } else { self.fault() }
    }
}
