//! How the scanner reads strings.

use super::eight;
use super::scanner::{Fault, Result, Scanner};

/// Appends to the scratch, with room for the character of an escape behind it.
fn append(scratch: &mut String, text: &str) -> Result<()> {
    scratch.try_reserve(text.len() + char::MAX.len_utf8()).map_err(|_| Fault::Memory)?;
    scratch.push_str(text);
    Ok(())
}

impl<'a> Scanner<'a> {
    /// Reads a string; `scratch` is used only if it has escapes.
    #[inline]
    pub fn string<'s>(&mut self, scratch: &'s mut String) -> Result<&'s str>
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
    fn escaped<'s>(&mut self, start: usize, scratch: &'s mut String) -> Result<&'s str> {
        scratch.clear();
        let mut start = start;
        loop {
            append(scratch, self.slice(start, self.position)?)?;
            match self.byte() {
                Some(b'"') => {
                    self.position += 1;
                    return Ok(scratch);
                }
                Some(b'\\') => {}
                _ => return self.fault(),
            }
            match self.bytes().get(self.position + 1) {
                // It stands for itself, and so begins the next run.
                Some(b'"' | b'\\' | b'/') => {
                    start = self.position + 1;
                    self.position += 2;
                }
                _ => {
                    self.escape(scratch)?;
                    start = self.position;
                }
            }
            self.plain_run();
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

    /// Moves to the next quote, backslash or control character, eight bytes at a time.
    #[inline]
    fn plain_run(&mut self) {
        let rest = self.bytes().get(self.position..).unwrap_or_default();
        for eight in rest.as_chunks().0 {
            let ends = eight::string_ends(u64::from_le_bytes(*eight));
            if ends != 0 {
                self.position += (ends.trailing_zeros() / 8) as usize;
                return;
            }
            self.position += 8;
        }
        while self.byte().is_some_and(|byte| byte != b'"' && byte != b'\\' && byte >= 0x20) {
            self.position += 1;
        }
    }

    fn escape(&mut self, out: &mut String) -> Result<()> {
        self.position += 1;
        let plain = match self.byte() {
            Some(b'n') => '\n',
            Some(b't') => '\t',
            Some(b'r') => '\r',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'u') => {
                self.position += 1;
                let unit = self.hex()?;
                out.push(self.character(unit)?);
                return Ok(());
            }
            _ => return self.fault(),
        };
        self.position += 1;
        out.push(plain);
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
