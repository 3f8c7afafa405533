//! Copies of the frames that are kept, many in one block of memory.

use bytes::{Bytes, BytesMut};

/// Bytes of a block. It is freed when the last frame in it is; with 64 KiB, glibc would tidy up all that was freed
/// before each time.
const BLOCK: usize = 32 * 1024;

/// Frames above this size get a block of their own.
const LARGE: usize = BLOCK / 4;

/// See the module.
///
/// Frames come out of a buffer that holds all that was read with them, and must not keep that alive. To allocate
/// each on its own, on one thread, and free it on another is what would cost most of handing it over.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    block: BytesMut,
}

impl Shelf {
    /// A copy of `text`.
    pub(super) fn keep(&mut self, text: &[u8]) -> Bytes {
        if text.len() > LARGE {
            return Bytes::copy_from_slice(text);
        }
        if self.block.capacity() - self.block.len() < text.len() {
            self.block = BytesMut::with_capacity(BLOCK);
        }
        self.block.extend_from_slice(text);
        self.block.split().freeze()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_stay_what_they_were_whatever_comes_after_them() {
        let mut shelf = Shelf::default();
        let texts: Vec<Vec<u8>> = (0..200u8).map(|byte| vec![byte; usize::from(byte) * 40]).collect();
        let kept: Vec<Bytes> = texts.iter().map(|text| shelf.keep(text)).collect();
        assert!(kept.iter().zip(&texts).all(|(kept, text)| kept == text));
        let large = vec![7; BLOCK * 3];
        assert_eq!(shelf.keep(&large), large);
        assert_eq!(shelf.keep(b"small"), "small");
    }

    #[test]
    fn a_block_is_shared_by_neighbours_and_by_nobody_else() {
        let mut shelf = Shelf::default();
        let (one, two) = (shelf.keep(&[1; 100]), shelf.keep(&[2; 100]));
        assert_eq!(two.as_ptr() as usize - one.as_ptr() as usize, 100);
        drop(shelf);
        drop(one);
        assert!(two.is_unique(), "nothing else keeps the block");
    }
}
