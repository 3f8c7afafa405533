//! Comparing short byte strings: ids and words.

/// Equality of two slices of the same length, eight bytes at a time: they are too short for a call of `memcmp`.
#[inline]
pub fn bytes_eq(left: &[u8], right: &[u8]) -> bool {
    match (left.last_chunk::<8>(), right.last_chunk::<8>()) {
        // The last eight first: they cover what the chunks leave over.
        (Some(l), Some(r)) => {
            l == r && left.as_chunks::<8>().0.iter().zip(right.as_chunks::<8>().0).all(|(l, r)| l == r)
        }
        _ => left.iter().zip(right).all(|(l, r)| l == r),
    }
}
