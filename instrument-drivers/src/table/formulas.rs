//! Formulas of an XLSX whose results are not in the file: programs that write a sheet and do not calculate leave them
//! out.
//!
//! Such a cell reads like an empty one. It is looked for only where a cell without a value stands in a workbook with
//! formulas, because then the sheet is read once more.

use std::io::{Cursor, Read, Seek};

use calamine::{DataRef, Xlsx};
use memchr::memmem::Finder;
use zip::ZipArchive;

use super::rows::Place;
use crate::trouble::{self, Reason};

/// Whether there may be formulas in the workbook; false where there is none.
pub fn may_be_in(bytes: &[u8]) -> bool {
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else { return false };
    (0..archive.len()).any(|index| {
        let Ok(mut part) = archive.by_index(index) else { return false };
        let name = part.name().map(|name| name.to_ascii_lowercase()).unwrap_or_default();
        // Formats are written as `xf`, and texts may hold anything.
        !name.contains("styles") && !name.contains("sharedstrings") && has_end_of_formula(&mut part, PIECE)
    })
}

/// The end tag of a formula, with or without a prefix. Of formulas that share a text one holds it and has such a tag.
const END_OF_FORMULA: &[u8] = b"f>";

/// Bytes that are unpacked at once.
const PIECE: usize = 1 << 16;

fn has_end_of_formula(part: &mut impl Read, piece: usize) -> bool {
    let finder = Finder::new(END_OF_FORMULA);
    let (mut buffer, mut kept) = (vec![0; piece], 0);
    loop {
        match part.read(&mut buffer[kept..]) {
            Ok(0) | Err(_) => return false,
            Ok(read) => {
                let filled = kept + read;
                if finder.find(&buffer[..filled]).is_some() {
                    return true;
                }
                // The tag may go on in the next piece.
                buffer[0] = buffer[filled - 1];
                kept = 1;
            }
        }
    }
}

/// What to tell of the formulas of a sheet that have no result: at the first of them, with their number. An empty text
/// is a result.
pub fn without_result<R: Read + Seek>(workbook: &mut Xlsx<R>, sheet: &str) -> Option<(String, Reason)> {
    let mut cells = workbook.worksheet_cells_reader(sheet).ok()?;
    let (mut first, mut count) = (None, 0usize);
    // Damage is told where the values are read.
    while let Ok(Some(cell)) = cells.next_cell_with_formula_metadata() {
        if cell.formula.is_some() && matches!(cell.value, DataRef::Empty) {
            first = first.or(Some(cell.pos));
            count += 1;
        }
    }
    let (row, column) = first?;
    let position = Place::Sheet(sheet.to_string()).position(row as usize + 1, Some(column as usize));
    Some((position, trouble::FORMULA_WITHOUT_RESULT.with("count", count.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_formula_is_found_across_pieces() {
        for piece in 2..20 {
            for (text, found) in [
                ("<c r=\"A1\"><f>B1*2</f><v/></c>", true),
                ("<x:c r=\"A1\"><x:f>B1*2</x:f></x:c>", true),
                ("<c r=\"A1\" t=\"str\"><v>off</v></c>", false),
                ("", false),
            ] {
                assert_eq!(has_end_of_formula(&mut text.as_bytes(), piece), found, "{text} in pieces of {piece}");
            }
        }
        assert!(!may_be_in(b"PK\x03\x04 no archive"));
    }
}
