//! Members of an object that are known beforehand: recognised in one comparison instead of being read.

use crate::json::quoted;
use crate::short::same_bytes;

/// Bytes compared at once.
const WIDTH: usize = 32;

/// The longest text of a member that is expected; a longer one is read as an unknown one would be.
const LONGEST: usize = 64;

type Window = [u64; WIDTH / 8];

/// For each number of bytes up to [`WIDTH`], the mask of so many.
const MASKS: [Window; WIDTH + 1] = masks();

/// What a member is expected to be: its key and, possibly, the value that it often has.
#[derive(Debug, Clone)]
pub struct Member {
    /// `"name":` and the value, as they stand in compact JSON.
    text: [u8; LONGEST],
    /// How much of the text is the key.
    key: u8,
    length: u8,
}

/// How much of a [`Member`] was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Something else.
    Other,
    /// The key and its colon; another value follows.
    Key,
    /// The key and the value.
    All,
}

impl Member {
    /// A member called `name`, of which no value is expected.
    pub fn new(name: &str) -> Self {
        let mut member = Self { text: [0; LONGEST], key: 0, length: 0 };
        if member.append(&quoted(name)) && member.append(":") {
            member.key = member.length;
        }
        member
    }

    /// The same member with a value that it often has, a scalar in compact JSON.
    #[must_use]
    pub fn with_value(&self, value: &str) -> Self {
        let mut member = Self { length: self.key, ..self.clone() };
        // Without a key there is no member to have it.
        if self.key > 0 {
            member.append(value);
        }
        member
    }

    /// Whether there was room.
    fn append(&mut self, text: &str) -> bool {
        let start = usize::from(self.length);
        let end = start + text.len();
        let Some(place) = self.text.get_mut(start..end) else { return false };
        place.copy_from_slice(text.as_bytes());
        self.length = end as u8;
        true
    }

    /// What `text` begins with, and how long that is.
    #[inline]
    pub(crate) fn begins(&self, text: &[u8]) -> (Found, usize) {
        let (key, length) = (usize::from(self.key), usize::from(self.length));
        let (has_key, has_all) = match text.first_chunk() {
            Some(first) if key <= WIDTH => {
                let differing = difference(first, &self.text);
                (is_zero(differing, key), is_zero(differing, length) && self.goes_on(text))
            }
            _ => self.begins_slowly(text),
        };
        if has_all && length > key && matches!(text.get(length), Some(b',' | b'}')) {
            (Found::All, length)
        } else if has_key && key > 0 {
            (Found::Key, key)
        } else {
            (Found::Other, 0)
        }
    }

    /// Whether `text` has what stands behind the window, too.
    #[inline]
    fn goes_on(&self, text: &[u8]) -> bool {
        let rest = WIDTH..usize::from(self.length);
        match (self.text.get(rest.clone()), text.get(rest)) {
            (Some(expected), Some(found)) => same_bytes(found, expected),
            // The window has it all, or the text ends before.
            _ => usize::from(self.length) <= WIDTH,
        }
    }

    #[cold]
    fn begins_slowly(&self, text: &[u8]) -> (bool, bool) {
        let begins =
            |length: u8| self.text.get(..usize::from(length)).is_some_and(|start| text.starts_with(start));
        (begins(self.key), begins(self.length))
    }
}

const fn masks() -> [Window; WIDTH + 1] {
    let mut masks = [[0; WIDTH / 8]; WIDTH + 1];
    let mut count = 0;
    while count <= WIDTH {
        let mut bytes = [0; WIDTH];
        let mut index = 0;
        while index < count {
            bytes[index] = u8::MAX;
            index += 1;
        }
        masks[count] = words(&bytes);
        count += 1;
    }
    masks
}

#[inline]
const fn words(bytes: &[u8; WIDTH]) -> Window {
    let mut words = [0; WIDTH / 8];
    let (eights, _) = bytes.as_chunks();
    let mut index = 0;
    while index < words.len() {
        words[index] = u64::from_ne_bytes(eights[index]);
        index += 1;
    }
    words
}

/// The bits in which the windows of a text and of a member differ.
#[inline]
fn difference(text: &[u8; WIDTH], member: &[u8; LONGEST]) -> Window {
    let mut bits = words(text);
    for (bits, eight) in bits.iter_mut().zip(member.as_chunks().0) {
        *bits ^= u64::from_ne_bytes(*eight);
    }
    bits
}

/// Whether nothing differs in the first `count` bytes of the window.
#[inline]
fn is_zero(differing: Window, count: usize) -> bool {
    let mask = MASKS.get(count).unwrap_or(&MASKS[WIDTH]);
    differing.iter().zip(mask).fold(0, |all, (word, mask)| all | (word & mask)) == 0
}
