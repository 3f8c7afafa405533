//! Short byte strings: keys and ids.

/// Equality of two slices of the same length, eight bytes at a time: they are too short for a call of `memcmp`.
#[inline]
pub fn same(left: &[u8], right: &[u8]) -> bool {
    let (mut lefts, mut rights) = (left.chunks_exact(8), right.chunks_exact(8));
    let word = |chunk: &[u8]| chunk.try_into().map(u64::from_ne_bytes).ok();
    lefts.by_ref().zip(rights.by_ref()).all(|(l, r)| word(l) == word(r))
        && lefts.remainder().iter().zip(rights.remainder()).all(|(l, r)| l == r)
}
