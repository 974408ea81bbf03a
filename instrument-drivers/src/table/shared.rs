//! XLS: how long the texts are that cells share. One of them may stand in every cell of every sheet, and each of these has its own copy.

/// Bytes of each shared text as they are kept, at most, in their order. They go on from record to record; behind damage nothing is
/// told, and nothing is read by their reader either.
pub fn lengths(records: &[&[u8]]) -> Vec<u64> {
    // How many there are stands before them.
    let mut texts = Texts { records, at: 8 };
    let mut lengths = Vec::new();
    while texts.has_more() {
        let Some(length) = texts.next_length() else { break };
        lengths.push(length);
    }
    lengths
}

/// What is left of the records: the first of them from a byte on.
struct Texts<'r> {
    records: &'r [&'r [u8]],
    at: usize,
}

impl<'r> Texts<'r> {
    /// Goes over to the next record behind the end of one.
    fn has_more(&mut self) -> bool {
        while let Some(record) = self.records.first() {
            if self.at < record.len() {
                return true;
            }
            self.records = &self.records[1..];
            self.at = 0;
        }
        false
    }

    /// At most so many bytes, as far as one record has them.
    fn take(&mut self, most: usize) -> Option<&'r [u8]> {
        if !self.has_more() {
            return None;
        }
        let record = *self.records.first()?;
        let end = record.len().min(self.at.saturating_add(most));
        let part = record.get(self.at..end)?;
        self.at = end;
        Some(part)
    }

    fn number(&mut self, bytes: usize) -> Option<usize> {
        let mut number = 0usize;
        for place in 0..bytes {
            number |= usize::from(*self.take(1)?.first()?) << (8 * place);
        }
        Some(number)
    }

    /// Length, kind, and how much of fonts and phonetics stands behind the characters; these have one byte or two.
    fn next_length(&mut self) -> Option<u64> {
        let (mut left, kind) = (self.number(2)?, self.number(1)?);
        let fonts = if kind & HAS_FONTS == 0 { 0 } else { self.number(2)? * 4 };
        let phonetics = if kind & HAS_PHONETICS == 0 { 0 } else { self.number(4)? };
        let (mut is_wide, mut length) = (kind & IS_WIDE != 0, 0u64);
        while left > 0 {
            if self.records.first().is_some_and(|record| self.at >= record.len()) {
                // Where characters go on in the next record their kind is said again.
                is_wide = self.number(1)? & IS_WIDE != 0;
            }
            let part = self.take(if is_wide { left * 2 } else { left })?;
            let count = if is_wide { part.len().div_ceil(2) } else { part.len() };
            left = left.saturating_sub(count);
            length += count as u64 * if is_wide { WIDE_BYTES } else { 1 };
        }
        let mut behind = fonts + phonetics;
        while behind > 0 {
            behind -= self.take(behind)?.len();
        }
        Some(length)
    }
}

const IS_WIDE: usize = 1;
const HAS_PHONETICS: usize = 4;
const HAS_FONTS: usize = 8;
/// Bytes of a character of two bytes in UTF-8.
const WIDE_BYTES: u64 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    /// `ab`; `铅` with a font of four bytes; six letters of which three stand in the next record; one that stands there whole.
    #[test]
    fn texts_go_on_from_record_to_record() {
        let first = [
            &[9, 0, 0, 0, 4, 0, 0, 0][..],
            &[2, 0, 0, b'a', b'b'],
            &[1, 0, 9, 1, 0, 0xC5, 0x94, 0, 0, 5, 0],
            &[6, 0, 0, b'x', b'y', b'z'],
        ]
        .concat();
        let second = [&[0, b'x', b'y', b'z'][..], &[1, 0, 0, b'!']].concat();
        assert_eq!(lengths(&[&first, &second]), [2, 3, 6, 1]);
        // The characters begin with the next record, in two bytes each.
        assert_eq!(lengths(&[&[1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0], &[1, 0xC5, 0x94, 0xC5, 0x94]]), [6]);
        // Cut off, and none.
        assert_eq!(lengths(&[&first]), [2, 3]);
        assert_eq!(lengths(&[]), [0u64; 0]);
    }
}
