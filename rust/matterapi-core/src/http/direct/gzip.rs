//! Undoing the one content coding that is asked for.

use std::io::{self, Write};

use bytes::{Buf, Bytes};
use flate2::write::MultiGzDecoder;
use http::{HeaderMap, header};

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
pub(super) fn decoder_for(headers: &mut HeaderMap) -> Option<Decoder> {
    if headers.get(header::CONTENT_ENCODING)?.as_bytes() != b"gzip" {
        return None;
    }
    headers.remove(header::CONTENT_ENCODING);
    headers.remove(header::CONTENT_LENGTH);
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
