//! Secrets inside texts: any number of them, in any case, found in one pass.

use std::collections::HashMap;

/// Bytes of the shortest text that is looked for: shorter ones occur by chance, and to mask them would ruin
/// texts that say nothing about them.
pub const SHORTEST: usize = 6;

type Start = [u8; SHORTEST];

/// Texts that must not be shown. The time to look for them does not depend on how many there are.
pub struct Needles {
    /// The bytes that one begins with: most places of a text are passed by on a glance.
    begins: [bool; 256],
    /// Folded texts by how they begin, longer ones first.
    by_start: HashMap<Start, Vec<Vec<u8>>>,
}

impl Needles {
    /// Needles for these texts; those shorter than [`SHORTEST`] are left out.
    pub fn new(texts: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let mut by_start = HashMap::<Start, Vec<Vec<u8>>>::new();
        for mut text in texts {
            text.make_ascii_lowercase();
            if let Some(start) = text.first_chunk() {
                by_start.entry(*start).or_default().push(text);
            }
        }
        for alike in by_start.values_mut() {
            alike.sort_by_key(|text| std::cmp::Reverse(text.len()));
        }
        let mut begins = [false; 256];
        for [first, ..] in by_start.keys() {
            if let Some(begins) = begins.get_mut(usize::from(*first)) {
                *begins = true;
            }
        }
        Self { begins, by_start }
    }

    /// `text` with `mask` where a needle was, in whatever case of ASCII; `None` if there is none.
    pub fn mask(&self, text: &[u8], mask: &[u8]) -> Option<Vec<u8>> {
        let folded = text.to_ascii_lowercase();
        let mut masked = Vec::new();
        let (mut rest, mut kept) = (folded.as_slice(), text);
        while let Some((_, tail)) = rest.split_first() {
            let Some(length) = self.length_at(rest) else {
                rest = tail;
                continue;
            };
            // `kept` and `rest` end at the same place.
            let before = kept.len() - rest.len();
            masked.extend_from_slice(kept.get(..before).unwrap_or_default());
            masked.extend_from_slice(mask);
            kept = kept.get(before + length..).unwrap_or_default();
            rest = rest.get(length..).unwrap_or_default();
        }
        (kept.len() < text.len()).then(|| {
            masked.extend_from_slice(kept);
            masked
        })
    }

    /// The length of the longest needle that folded text begins with.
    fn length_at(&self, folded: &[u8]) -> Option<usize> {
        let start = folded.first_chunk::<SHORTEST>()?;
        let alike = match self.begins.get(usize::from(*start.first()?)) {
            Some(true) => self.by_start.get(start)?,
            _ => return None,
        };
        alike.iter().find(|needle| folded.starts_with(needle)).map(Vec::len)
    }
}

#[cfg(test)]
mod tests {
    use super::Needles;

    fn masked(needles: &[&str], text: &str) -> String {
        let needles = Needles::new(needles.iter().map(|needle| needle.as_bytes().to_vec()));
        let found = needles.mask(text.as_bytes(), b"*");
        found.map_or_else(|| text.to_owned(), |bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn every_needle_is_masked_wherever_it_is_and_in_whatever_case() {
        let needles = ["sesame-street", "Päßword1"];
        assert_eq!(masked(&needles, "sesame-street"), "*");
        assert_eq!(masked(&needles, "a SESAME-Street,päßWORD1päßword1 b"), "a *,** b");
        assert_eq!(masked(&needles, "sesame-stree"), "sesame-stree");
        assert_eq!(masked(&needles, ""), "");
    }

    #[test]
    fn of_two_that_begin_alike_the_longer_one_is_masked() {
        assert_eq!(masked(&["secret", "secret-and-more"], "secret-and-more secret-and"), "* *-and");
    }

    #[test]
    fn what_is_as_short_as_a_word_is_left_alone() {
        assert_eq!(masked(&["pw", "", "12345"], "pw 12345"), "pw 12345");
        assert_eq!(masked(&["123456"], "123456"), "*");
    }
}
