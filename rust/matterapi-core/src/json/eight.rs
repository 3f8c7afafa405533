//! Eight digits at once, the first of them the lowest byte of a word.

const ONES: u64 = 0x0101_0101_0101_0101;

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
