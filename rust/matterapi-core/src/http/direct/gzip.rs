//! Undoing the one content coding that is asked for.

use std::io::{self, Write};

use bytes::{Buf, Bytes};
use flate2::write::MultiGzDecoder;
use http::header;

use crate::headers::Headers;

/// Bytes that are decoded at once: a thousand times as many may come out, and who limits them looks after each
/// piece.
const STEP: usize = 4 * 1024;

/// Undoes gzip, piece by piece.
pub(super) struct Decoder {
    output: MultiGzDecoder<Vec<u8>>,
    waiting: Bytes,
    begun: bool,
}

/// The decoder that a response needs; its fields then describe what comes out.
pub(super) fn decoder_for(headers: &mut Headers) -> Option<Decoder> {
    if headers.values(&header::CONTENT_ENCODING).next()? != b"gzip" {
        return None;
    }
    headers.change(|map| {
        map.remove(header::CONTENT_ENCODING);
        map.remove(header::CONTENT_LENGTH);
    });
    Some(Decoder { output: MultiGzDecoder::new(Vec::new()), waiting: Bytes::new(), begun: false })
}

impl Decoder {
    /// Takes what came; only when there is no [`Decoder::next`].
    pub(super) fn add(&mut self, piece: Bytes) {
        self.begun |= !piece.is_empty();
        self.waiting = piece;
    }

    /// What the next step brings, which may be nothing yet; `None` when more has to come first.
    pub(super) fn next(&mut self) -> Option<io::Result<Bytes>> {
        if self.waiting.is_empty() {
            return None;
        }
        let step = self.waiting.slice(..self.waiting.len().min(STEP));
        self.waiting.advance(step.len());
        Some(self.output.write_all(&step).map(|()| self.taken()))
    }

    /// What is left at the end, if anything. A body of no bytes, such as that of a HEAD, is one of no bytes.
    ///
    /// # Errors
    /// When more should have come.
    pub(super) fn finish(&mut self) -> io::Result<Option<Bytes>> {
        if std::mem::take(&mut self.begun) {
            self.output.try_finish()?;
        }
        Ok(Some(self.taken()).filter(|rest| !rest.is_empty()))
    }

    fn taken(&mut self) -> Bytes {
        std::mem::take(self.output.get_mut()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use http::{HeaderMap, HeaderValue};

    fn packed(body: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    }

    fn decoder() -> Decoder {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("7"));
        let mut headers = Headers::from(headers);
        let decoder = decoder_for(&mut headers).unwrap();
        assert!(headers.is_empty(), "they say nothing of what comes out");
        decoder
    }

    /// What comes out, and the largest piece of it.
    fn unpacked(pieces: &[&[u8]]) -> io::Result<(Vec<u8>, usize)> {
        let (mut decoder, mut all, mut largest) = (decoder(), Vec::new(), 0);
        let mut take = |piece: Bytes| {
            largest = largest.max(piece.len());
            all.extend_from_slice(&piece);
        };
        for piece in pieces {
            decoder.add(Bytes::copy_from_slice(piece));
            while let Some(piece) = decoder.next() {
                take(piece?);
            }
        }
        while let Some(piece) = decoder.finish()? {
            take(piece);
        }
        Ok((all, largest))
    }

    #[test]
    fn a_body_comes_out_whole_however_it_is_cut() {
        let body: Vec<u8> = (0..200_000_u32).flat_map(|number| (number * 7919).to_be_bytes()).collect();
        let packed = packed(&body);
        for size in [1, 10, 4_096, 100_000, packed.len()] {
            let pieces: Vec<&[u8]> = packed.chunks(size).collect();
            assert_eq!(unpacked(&pieces).unwrap().0, body, "{size}");
        }
    }

    #[test]
    fn one_step_brings_little_of_a_bomb() {
        let packed = packed(&vec![0; 64 * 1024 * 1024]);
        let (all, largest) = unpacked(&[&packed]).unwrap();
        assert_eq!(all.len(), 64 * 1024 * 1024);
        assert!(largest <= 1_100 * STEP, "{largest}");
    }

    #[test]
    fn what_is_cut_off_or_no_gzip_is_an_error_and_nothing_is_none() {
        let packed = packed(b"a body");
        assert!(unpacked(&[&packed[..packed.len() - 1]]).is_err());
        assert!(unpacked(&[b"{\"id\":\"u1\"}"]).is_err());
        assert_eq!(unpacked(&[]).unwrap().0, b"");
    }

    #[test]
    fn other_codings_are_left_alone() {
        assert!(decoder_for(&mut Headers::default()).is_none());
        let coding = (header::CONTENT_ENCODING, HeaderValue::from_static("br"));
        let mut headers = Headers::from(HeaderMap::from_iter([coding]));
        assert!(decoder_for(&mut headers).is_none());
        assert_eq!(headers.len(), 1);
    }
}
