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
        self.position += 1;
        let start = self.position;
        self.plain_run();
        if self.byte() != Some(b'"') {
            return self.escaped(start, scratch);
        }
        let found = self.slice(start, self.position)?;
        self.position += 1;
        Ok(found)
    }

    /// The rest of a string that begins at `start`, from its first escape on.
    #[inline(never)]
    fn escaped<'s>(&mut self, start: usize, scratch: &'s mut Scratch) -> Result<&'s str> {
        scratch.clear();
        scratch.push_all(self.slice(start, self.position)?.as_bytes())?;
        loop {
            let rest = self.bytes().get(self.position..).unwrap_or_default();
            let (read, written) = unescape(rest, scratch.room(unescape::LEAST)?);
            scratch.wrote(written);
            self.position += read;
            // Perhaps in the middle of a character.
            let start = self.position;
            self.plain_run();
            scratch.push_all(self.bytes().get(start..self.position).unwrap_or_default())?;
            match self.byte() {
                Some(b'"') => {
                    self.position += 1;
                    return scratch.text().ok_or(Fault::Syntax(start));
                }
                Some(b'\\') => self.escape(scratch)?,
                _ => return self.fault(),
            }
        }
    }

    /// Reads a string without making it.
    pub(super) fn skip_string(&mut self) -> Result<()> {
        self.position += 1;
        loop {
            self.plain_run();
            match self.byte() {
                Some(b'"') => {
                    self.position += 1;
                    return Ok(());
                }
                Some(b'\\') => self.position += 1,
                _ => return self.fault(),
            }
            match self.byte() {
                Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.position += 1,
                Some(b'u') => {
                    self.position += 1;
                    self.hex()?;
                }
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

    /// Reads any escape.
    fn escape(&mut self, scratch: &mut Scratch) -> Result<()> {
        self.position += 1;
        if self.byte() == Some(b'u') {
            self.position += 1;
            let unit = self.hex()?;
            scratch.push_all(self.character(unit)?.encode_utf8(&mut [0; 4]).as_bytes())?;
            return Ok(());
        }
        let Some(plain) = self.byte().and_then(unescape::short) else { return self.fault() };
        self.position += 1;
        scratch.push_all(&[plain])?;
        Ok(())
    }

    /// The character that begins with the UTF-16 unit `unit`; a lone surrogate is U+FFFD.
    fn character(&mut self, unit: u32) -> Result<char> {
        let is_low = |unit: &u32| (0xDC00..0xE000).contains(unit);
        if (0xD800..0xDC00).contains(&unit)
            && self.bytes().get(self.position..self.position + 2) == Some(b"\\u")
        {
            let back = self.position;
            self.position += 2;
            let low = self.hex()?;
            if is_low(&low) {
                let point = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
                return Ok(char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.position = back;
        }
        Ok(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hex(&mut self) -> Result<u32> {
        let mut value = 0;
        for _ in 0..4 {
            let digit = self.byte().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit else { return self.fault() };
            value = value * 16 + digit;
            self.position += 1;
        }
        Ok(value)
    }
}
