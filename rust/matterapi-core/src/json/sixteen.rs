//! Sixteen bytes of a string at once.

use wide::u8x16;

/// How many bytes are looked at together.
pub(super) const SIXTEEN: usize = 16;

/// Where the plain characters of a string end: a bit for each byte, the lowest for the first, which is set for
/// quotes, backslashes and control characters.
#[inline]
pub(super) fn string_ends(bytes: &[u8; SIXTEEN]) -> u32 {
    let bytes = u8x16::new(*bytes);
    let quote = bytes.simd_eq(u8x16::splat(b'"'));
    let backslash = bytes.simd_eq(u8x16::splat(b'\\'));
    // There is no "less than" of bytes without a sign: what is the lesser of itself and 31 is no greater.
    let control = bytes.min(u8x16::splat(0x1F)).simd_eq(bytes);
    (quote | backslash | control).to_bitmask()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_ends_at_quotes_backslashes_and_control_characters() {
        for around in [b'a', b'0', b' ', b'!', b'#', b'[', b']', b'~', 0x80, 0xFF] {
            for place in 0..SIXTEEN {
                for byte in 0..=u8::MAX {
                    let mut text = [around; SIXTEEN];
                    text[place] = byte;
                    let ends = matches!(byte, b'"' | b'\\' | ..0x20);
                    assert_eq!(string_ends(&text), u32::from(ends) << place, "{text:?}");
                }
            }
        }
        assert_eq!(string_ends(b"\"a\\b\nccccccccc\x1f\x00"), 0b1100_0000_0001_0101);
    }
}
