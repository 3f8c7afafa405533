//! Members of an object that are known beforehand: recognised in one comparison instead of being read.

/// Bytes compared at once.
const WIDTH: usize = 32;

type Window = [u64; WIDTH / 8];

/// What a member is expected to be: its key and, possibly, the value that it often has.
#[derive(Debug)]
pub struct Member {
    /// `"name":` and the value, as they stand in compact JSON.
    text: String,
    /// How much of the text is the key.
    key: usize,
    window: Window,
    mask_of_key: Window,
    mask_of_all: Window,
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
    /// A member called `name`. A `value`, if given, is a scalar in compact JSON.
    pub fn new(name: &str, value: Option<&str>) -> Self {
        let mut text = format!("{}:", serde_json::Value::from(name));
        let key = text.len();
        text.push_str(value.unwrap_or_default());
        let ones = [u8::MAX; WIDTH];
        Self {
            key,
            window: window(text.as_bytes()),
            mask_of_key: window(ones.get(..key).unwrap_or(&ones)),
            mask_of_all: window(ones.get(..text.len()).unwrap_or(&ones)),
            text,
        }
    }

    /// What `text` begins with, and how long that is.
    #[inline]
    pub(crate) fn begins(&self, text: &[u8]) -> (Found, usize) {
        let (key, all) = match text.first_chunk() {
            Some(first) if self.text.len() <= WIDTH => {
                let found = words(first);
                (same(found, self.window, self.mask_of_key), same(found, self.window, self.mask_of_all))
            }
            _ => self.begins_slowly(text),
        };
        let length = self.text.len();
        if all && length > self.key && matches!(text.get(length), Some(b',' | b'}')) {
            (Found::All, length)
        } else if key {
            (Found::Key, self.key)
        } else {
            (Found::Other, 0)
        }
    }

    #[cold]
    fn begins_slowly(&self, text: &[u8]) -> (bool, bool) {
        let all = self.text.as_bytes();
        (all.get(..self.key).is_some_and(|key| text.starts_with(key)), text.starts_with(all))
    }
}

/// The first bytes of a text, zeros after them.
fn window(text: &[u8]) -> Window {
    let mut bytes = [0; WIDTH];
    bytes.iter_mut().zip(text).for_each(|(byte, found)| *byte = *found);
    words(&bytes)
}

#[inline]
fn words(bytes: &[u8; WIDTH]) -> Window {
    let mut words = [0; WIDTH / 8];
    for (word, eight) in words.iter_mut().zip(bytes.as_chunks().0) {
        *word = u64::from_ne_bytes(*eight);
    }
    words
}

#[inline]
fn same(left: Window, right: Window, mask: Window) -> bool {
    let differing = left.iter().zip(right).zip(mask).map(|((left, right), mask)| (left ^ right) & mask);
    differing.fold(0, |all, word| all | word) == 0
}
