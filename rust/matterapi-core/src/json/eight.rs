//! Eight bytes of a text at once, the first of them the lowest of a word.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Zero if the plain characters of a string go on. Otherwise the lowest bit that is set is in the byte of the
/// next quote, backslash or control character; what is above it says nothing.
#[inline]
pub(super) fn string_ends(word: u64) -> u64 {
    let quote = (word ^ (ONES * b'"' as u64)).wrapping_sub(ONES);
    let backslash = (word ^ (ONES * b'\\' as u64)).wrapping_sub(ONES);
    let control = word.wrapping_sub(ONES * 0x20);
    // The high bit of a byte is set where the subtraction had to borrow, and in what is no ASCII: not that.
    (quote | backslash | control) & !word & HIGH
}

/// Bytes that are looked at together once eight have been plain.
pub(super) const MANY: usize = 32;

/// Whether they are plain characters of a string, all of them. Written so that the compiler compares many at once.
#[inline]
pub(super) fn are_plain(bytes: &[u8; MANY]) -> bool {
    // No `||`: what is compared for each byte alone is not compared for many at once.
    let ends = |byte: u8| u8::from(byte == b'"') | u8::from(byte == b'\\') | u8::from(byte < 0x20);
    bytes.iter().fold(0, |found, byte| found | ends(*byte)) == 0
}

/// The value of eight digits; `None` if one of them is none.
#[inline]
pub(super) fn digits(word: u64) -> Option<u32> {
    let values = word ^ (ONES * b'0' as u64);
    // Above nine, six more reach the upper half of a byte.
    if (values | values.wrapping_add(ONES * 6)) & (ONES * 0xF0) != 0 {
        return None;
    }
    // Neighbours become one number, three times.
    let pairs = values.wrapping_mul(10).wrapping_add(values >> 8) & 0x00FF_00FF_00FF_00FF;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_FFFF_0000_FFFF;
    let eight = fours.wrapping_mul(10_000).wrapping_add(fours >> 32);
    Some(eight as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &[u8]) -> u64 {
        text.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
    }

    /// Every byte at every place, between plain ones, digits and bytes that are no ASCII.
    fn neighbours(visit: impl Fn(&[u8; 8], usize, u8)) {
        for around in [b'a', b'0', b'9', b' ', b'~', 0x80, 0xFF] {
            for place in 0..8 {
                for byte in 0..=u8::MAX {
                    let mut text = [around; 8];
                    text[place] = byte;
                    visit(&text, place, byte);
                }
            }
        }
    }

    #[test]
    fn a_string_ends_at_its_first_quote_backslash_or_control_character() {
        let ends_there = |byte: &u8| matches!(*byte, b'"' | b'\\' | ..0x20);
        neighbours(|text, _, _| {
            let expected = text.iter().position(ends_there);
            let ends = string_ends(word(text));
            let found = (ends != 0).then(|| (ends.trailing_zeros() / 8) as usize);
            assert_eq!(found, expected, "{text:?}");
        });
        for first in *b"\"\\\x00\x1f" {
            for second in 0..=u8::MAX {
                let ends = string_ends(word(&[b'a', first, second, b'a', b'a', b'a', b'a', b'a']));
                assert_eq!(ends.trailing_zeros() / 8, 1, "{first} {second}");
            }
        }
    }

    #[test]
    fn many_are_plain_if_none_of_them_ends_a_string() {
        for place in 0..MANY {
            for byte in 0..=u8::MAX {
                let mut text = [0xC3; MANY];
                text[place] = byte;
                let ends = matches!(byte, b'"' | b'\\' | ..0x20);
                assert_eq!(are_plain(&text), !ends, "{byte} at {place}");
            }
        }
    }

    #[test]
    fn digits_have_their_value_and_nothing_else_has_one() {
        neighbours(|text, _, _| {
            let expected = text.iter().all(u8::is_ascii_digit);
            let read = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
            assert_eq!(digits(word(text)), read.filter(|_| expected), "{text:?}");
        });
        for number in [0, 1, 9, 10, 99, 12_345_678, 87_654_321, 99_999_999, 10_000_000, 1_001_001] {
            assert_eq!(digits(word(format!("{number:08}").as_bytes())), Some(number));
        }
    }
}
