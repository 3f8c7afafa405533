//! How the scanner reads strings.

use super::scanner::{Fault, Result, Scanner};
use super::scratch::Scratch;
use super::sixteen::{SIXTEEN, string_ends};
use super::unescape::{self, unescape};

impl<'a> Scanner<'a> {
    /// Reads a string; `scratch` is used only if it has escapes.
    #[inline]
    pub fn string<'s>(&mut self, scratch: &'s mut Scratch) -> Result<&'s str>
    where
        'a: 's,
    {
        self.quote();
        let start = self.position;
        self.plain_run();
        if !self.is_quote() {
            return self.escaped(start, scratch);
        }
        let found = self.slice(start, self.position)?;
        self.quote();
        Ok(found)
    }

    /// The rest of a string that begins at `start`, from its first escape on.
    #[inline(never)]
    fn escaped<'s>(&mut self, start: usize, scratch: &'s mut Scratch) -> Result<&'s str> {
        scratch.clear();
        scratch.push_all(self.slice(start, self.position)?.as_bytes())?;
        self.undo_escapes(scratch)?;
        if !self.is_quote() {
            return self.fault();
        }
        self.quote();
        scratch.text().ok_or(Fault::Syntax(start))
    }

    /// What all of the text stands for, if it is between the quotes of a string.
    pub(super) fn unescaped(mut self, scratch: &mut Scratch) -> Result<&str> {
        scratch.clear();
        self.undo_escapes(scratch)?;
        self.finish()?;
        scratch.text().ok_or(Fault::Syntax(0))
    }

    /// Writes down what a string stands for, up to what ends it.
    fn undo_escapes(&mut self, scratch: &mut Scratch) -> Result<()> {
        loop {
            if !self.in_text {
                let rest = self.bytes().get(self.position..).unwrap_or_default();
                let (read, written) = unescape(rest, scratch.room(unescape::LEAST)?);
                scratch.wrote(written);
                self.position += read;
            }
            // Perhaps in the middle of a character.
            let start = self.position;
            self.plain_run();
            scratch.push_all(self.bytes().get(start..self.position).unwrap_or_default())?;
            if self.byte() != Some(b'\\') || self.is_quote() {
                return Ok(());
            }
            scratch.push_all(self.escape()?.encode_utf8(&mut [0; 4]).as_bytes())?;
        }
    }

    /// Reads a string without making it.
    pub(super) fn skip_string(&mut self) -> Result<()> {
        self.quote();
        loop {
            self.plain_run();
            if self.is_quote() {
                self.quote();
                return Ok(());
            }
            match self.bytes().get(self.position..).and_then(<[u8]>::first_chunk) {
                Some([b'\\', letter]) if !self.in_text && unescape::short(*letter).is_some() => {
                    self.position += 2;
                }
                Some([b'\\', _]) => drop(self.escape()?),
                _ => return self.fault(),
            }
        }
    }

    /// Moves to the next quote, backslash or control character, some bytes at a time.
    #[inline]
    fn plain_run(&mut self) {
        while let Some(sixteen) = self.chunk() {
            let ends = string_ends(sixteen);
            if ends != 0 {
                self.position += ends.trailing_zeros() as usize;
                return;
            }
            self.position += SIXTEEN;
        }
        while self.byte().is_some_and(|byte| byte != b'"' && byte != b'\\' && byte >= 0x20) {
            self.position += 1;
        }
    }

    /// As many bytes, if there are.
    #[inline]
    fn chunk<const N: usize>(&self) -> Option<&'a [u8; N]> {
        self.bytes().get(self.position..).and_then(|rest| rest.first_chunk())
    }

    /// Reads an escape: what it stands for.
    fn escape(&mut self) -> Result<char> {
        if !self.in_text {
            return self.character(1);
        }
        let rest = self.bytes().get(self.position..).unwrap_or_default();
        // Nearly all of them are a quote or one letter, with one more backslash for each that there is.
        let quick = match rest {
            [b'\\', b'\\', b'\\', b'"', ..] => Some(('"', 4)),
            [b'\\', b'\\', letter, ..] if !matches!(letter, b'"' | b'\\') => {
                unescape::short(*letter).map(|plain| (char::from(plain), 3))
            }
            _ => None,
        };
        let Some((plain, length)) = quick else { return self.character(2) };
        self.position += length;
        Ok(plain)
    }

    /// Reads what stands for one character in a string, or in one within as many strings. A lone surrogate is U+FFFD.
    fn character(&mut self, levels: u32) -> Result<char> {
        let Some(levels) = levels.checked_sub(1) else {
            let byte = self.byte().filter(u8::is_ascii);
            self.position += 1;
            return byte.map(char::from).ok_or(Fault::Syntax(self.position));
        };
        match self.character(levels)? {
            '\\' => {}
            '"' | '\0'..='\x1F' => return self.fault(),
            plain => return Ok(plain),
        }
        match self.character(levels)? {
            'u' => self.code_point(levels),
            letter => {
                let plain = u8::try_from(letter).ok().and_then(unescape::short);
                plain.map(char::from).ok_or(Fault::Syntax(self.position))
            }
        }
    }

    /// Reads the digits behind `\u`, and a second escape if they are the first of two surrogates.
    fn code_point(&mut self, levels: u32) -> Result<char> {
        let unit = self.hex(levels)?;
        let back = self.position;
        if (0xD800..0xDC00).contains(&unit)
            && let Ok('\\') = self.character(levels)
            && let Ok('u') = self.character(levels)
            && let low @ 0xDC00..0xE000 = self.hex(levels)?
        {
            let point = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
            return Ok(char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        self.position = back;
        Ok(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hex(&mut self, levels: u32) -> Result<u32> {
        let mut value = 0;
        for _ in 0..4 {
            let Some(digit) = self.character(levels)?.to_digit(16) else { return self.fault() };
            value = value * 16 + digit;
        }
        Ok(value)
    }
}
