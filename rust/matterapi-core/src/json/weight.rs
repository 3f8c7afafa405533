//! What stands in a JSON text, counted before anybody reads it: readers make much of little.

use std::slice::Iter;

/// What a reader makes something of: see the module.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Objects.
    pub objects: usize,
    /// Arrays.
    pub arrays: usize,
    /// Commas and ends of lines, behind which another value may follow.
    pub separators: usize,
    /// Bytes of the text.
    pub bytes: usize,
}

/// What each of these costs a reader, in bytes of memory.
#[derive(Debug, Clone, Copy)]
pub struct Costs {
    /// An object and its first member.
    pub object: usize,
    /// An array and its first element.
    pub array: usize,
    /// Another member, element or document.
    pub separator: usize,
    /// A byte of the text.
    pub byte: usize,
}

impl Counts {
    /// Counts in any text. In one that is no JSON it is right up to the fault, where every reader stops.
    pub fn of(text: &[u8]) -> Self {
        let mut counts = Self { bytes: text.len(), ..Self::default() };
        let mut bytes = text.iter();
        while let Some(byte) = bytes.next() {
            match byte {
                b'"' => skip_string(&mut bytes),
                b'{' => counts.objects += 1,
                b'[' => counts.arrays += 1,
                b',' | b'\n' => counts.separators += 1,
                _ => {}
            }
        }
        counts
    }

    /// What a reader takes for all of it, in bytes of memory.
    pub fn weight(&self, costs: &Costs) -> usize {
        let parts = [
            (self.objects, costs.object),
            (self.arrays, costs.array),
            (self.separators, costs.separator),
            (self.bytes, costs.byte),
        ];
        parts.iter().fold(0, |sum, (count, cost)| sum.saturating_add(count.saturating_mul(*cost)))
    }
}

fn skip_string(bytes: &mut Iter<'_, u8>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return,
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
}
