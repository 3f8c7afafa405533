//! Undoes the escapes of a string: what takes the most time where JSON is in a text of JSON.

use super::sixteen::{SIXTEEN, string_ends};

/// Bytes of room that are worth to begin with.
pub(super) const LEAST: usize = 256;

/// What an escape of one letter stands for.
pub(super) fn short(letter: u8) -> Option<u8> {
    Some(match letter {
        b'"' | b'\\' | b'/' => letter,
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'b' => 0x08,
        b'f' => 0x0C,
        _ => return None,
    })
}

/// Writes what comes before the end of the string, and says how much was read and written. It stops early as well: at
/// `\u`, at what is no JSON, and near the end of the text or of the room.
pub(super) fn unescape(text: &[u8], room: &mut [u8]) -> (usize, usize) {
    let (mut read, mut written) = (0, 0);
    // All of a chunk is copied, which is faster than to look how much.
    while let Some(sixteen) = text.get(read..).and_then(<[u8]>::first_chunk::<SIXTEEN>)
        && let Some(place) = room.get_mut(written..).and_then(<[u8]>::first_chunk_mut)
    {
        *place = *sixteen;
        let ends = string_ends(sixteen);
        if ends == 0 {
            (read, written) = (read + SIXTEEN, written + SIXTEEN);
            continue;
        }
        let plain = ends.trailing_zeros() as usize;
        (read, written) = (read + plain, written + plain);
        let Some([b'\\', letter]) = text.get(read..).and_then(<[u8]>::first_chunk::<2>) else { break };
        // Nearly all of them are quotes.
        let Some(undone) = (if *letter == b'"' { Some(b'"') } else { short(*letter) }) else { break };
        let Some(place) = room.get_mut(written) else { break };
        *place = undone;
        (read, written) = (read + 2, written + 1);
    }
    (read, written)
}
