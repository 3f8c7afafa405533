//! Where strings with escapes are written while they are read.

use std::collections::TryReserveError;

type Result<T> = std::result::Result<T, TryReserveError>;

/// Bytes of room in the beginning; then there is twice as much each time.
const FIRST: usize = 1024;

/// Room for one string after the other: who reads many keeps it.
#[derive(Debug, Default)]
pub struct Scratch {
    /// All of it is room; only what is before `length` means something.
    room: Vec<u8>,
    length: usize,
}

impl Scratch {
    /// The string that was written last, as far as it was read; empty where it had no escapes.
    pub fn text(&self) -> Option<&str> {
        // Every part of it comes from a text, but only a check can say so.
        simdutf8::basic::from_utf8(self.room.get(..self.length)?).ok()
    }

    /// Bytes of room that it keeps.
    pub fn size(&self) -> usize {
        self.room.len()
    }

    /// Forgets the string that was written last.
    pub(super) fn clear(&mut self) {
        self.length = 0;
    }

    /// Where to write next: as many bytes at least.
    pub(super) fn room(&mut self, least: usize) -> Result<&mut [u8]> {
        if self.room.len() - self.length < least {
            self.grow(least)?;
        }
        Ok(self.room.get_mut(self.length..).unwrap_or_default())
    }

    /// So many bytes of the room were written.
    pub(super) fn wrote(&mut self, bytes: usize) {
        self.length += bytes;
    }

    /// Writes some bytes.
    #[inline]
    pub(super) fn push_all(&mut self, bytes: &[u8]) -> Result<()> {
        if let Some(place) = self.room(bytes.len())?.get_mut(..bytes.len()) {
            place.copy_from_slice(bytes);
            self.wrote(bytes.len());
        }
        Ok(())
    }

    #[cold]
    fn grow(&mut self, least: usize) -> Result<()> {
        let more = self.room.len().max(FIRST).max(least);
        self.room.try_reserve_exact(more)?;
        self.room.resize(self.room.len() + more, 0);
        Ok(())
    }
}
