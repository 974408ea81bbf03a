//! XLS: how far the cells of its sheets reach, by the records of its stream, which lies in pieces in a small file system (OLE).

use super::extent::Extent;
use super::packed::{MOST_TEXT, too_much_text};
use super::shared;
use crate::trouble::{self, Reason};

/// The sheets of an XLS; none where the file has no workbook in it.
///
/// # Errors
/// The file is damaged so that its reader would not come to an end, or a sheet says of itself what cannot be.
pub fn extents(bytes: &[u8]) -> Result<Vec<Extent>, Reason> {
    let Some(ole) = Ole::open(bytes)? else { return Ok(Vec::new()) };
    let Some(stream) = ole.workbook()? else { return Ok(Vec::new()) };
    let (mut listed, mut shared, mut goes_on) = (Vec::new(), Vec::new(), false);
    for record in Records(&stream).take_while(|record| record.kind != END) {
        // What follows is noise.
        if record.kind == PASSWORD && record.u16(0) != Some(0) {
            return Err(Reason::from(&trouble::WORKBOOK_ENCRYPTED));
        }
        match record.kind {
            SHEET => {
                let number = listed.len() + 1;
                let at = record.u32(0).ok_or_else(|| damaged("the list of its sheets is cut off"))? as usize;
                let name = record.sheet_name().unwrap_or_else(|| number.to_string());
                let records =
                    stream.get(at..).ok_or_else(|| damaged(&format!("sheet {name} begins behind its end")))?;
                listed.push((name, Records(records)));
            }
            SHARED_TEXTS => shared = vec![record.data],
            CONTINUED if goes_on => shared.push(record.data),
            _ => {}
        }
        goes_on = record.kind == SHARED_TEXTS || (goes_on && record.kind == CONTINUED);
    }
    let (lengths, mut texts) = (shared::lengths(&shared), 0);
    listed.into_iter().map(|(name, records)| of_sheet(name, records, &lengths, &mut texts)).collect()
}

fn damaged(why: &str) -> Reason {
    trouble::WORKBOOK_DAMAGED.with("why", why)
}

/// Follows a sheet to its end, past the diagrams in it. `texts`: the bytes of shared texts in the cells of all sheets so far.
fn of_sheet(name: String, records: Records<'_>, lengths: &[u64], texts: &mut u64) -> Result<Extent, Reason> {
    let mut extent = Extent::of(name);
    let mut depth = 0usize;
    for record in records {
        match record.kind {
            BEGIN => depth += 1,
            END if depth > 1 => depth -= 1,
            END => break,
            _ if depth > 1 => {}
            DIMENSIONS => {
                let claimed = record.dimensions(&extent.sheet);
                if let Some(claimed) = claimed.filter(|claimed| claimed.cells() > LARGEST_SHEET) {
                    return Err(claimed.too_large());
                }
            }
            FORMULA | NUMBER | LABEL | RICH_LABEL | SHARED_LABEL | BOOLEAN | RK | SEVERAL_RK => {
                if let (Some(row), Some(column)) = (record.u16(0), record.u16(2)) {
                    let last = match record.kind {
                        SEVERAL_RK => record.u16(record.data.len().saturating_sub(2)).unwrap_or(column).max(column),
                        _ => column,
                    };
                    extent.reach((row.into(), row.into()), (column.into(), last.into()));
                    if record.kind == SHARED_LABEL {
                        let length = record.u32(6).and_then(|text| lengths.get(text as usize));
                        *texts += length.copied().unwrap_or(0);
                    }
                    if *texts > MOST_TEXT {
                        return Err(too_much_text(&extent.sheet));
                    }
                }
            }
            _ => {}
        }
    }
    Ok(extent)
}

/// 65,536 rows of 256 columns. Room is set aside by what a sheet says of itself, and none has more.
const LARGEST_SHEET: u64 = 1 << 24;

const BEGIN: u16 = 0x0809;
const END: u16 = 0x000A;
const SHEET: u16 = 0x0085;
const PASSWORD: u16 = 0x002F;
const SHARED_TEXTS: u16 = 0x00FC;
const CONTINUED: u16 = 0x003C;
const DIMENSIONS: u16 = 0x0200;
const FORMULA: u16 = 0x0006;
const NUMBER: u16 = 0x0203;
const LABEL: u16 = 0x0204;
const RICH_LABEL: u16 = 0x00D6;
const SHARED_LABEL: u16 = 0x00FD;
const BOOLEAN: u16 = 0x0205;
const RK: u16 = 0x027E;
const SEVERAL_RK: u16 = 0x00BD;

/// What is left of a stream of records: kind, length, data.
struct Records<'s>(&'s [u8]);

struct Record<'s> {
    kind: u16,
    data: &'s [u8],
}

impl<'s> Iterator for Records<'s> {
    type Item = Record<'s>;

    fn next(&mut self) -> Option<Record<'s>> {
        let (kind, length) = (u16_at(self.0, 0)?, u16_at(self.0, 2)?);
        let end = 4 + usize::from(length);
        let data = self.0.get(4..end)?;
        self.0 = &self.0[end..];
        Some(Record { kind, data })
    }
}

impl Record<'_> {
    fn u16(&self, at: usize) -> Option<u16> {
        u16_at(self.data, at)
    }

    fn u32(&self, at: usize) -> Option<u32> {
        u32_at(self.data, at)
    }

    /// The name of a sheet, of the newer files alone: in older ones it is in some code page.
    fn sheet_name(&self) -> Option<String> {
        let (length, wide) = (usize::from(*self.data.get(6)?), *self.data.get(7)?);
        let text = self.data.get(8..)?;
        match wide {
            0 if text.len() == length => Some(text.iter().map(|byte| char::from(*byte)).collect()),
            1 if text.len() == length * 2 => {
                let units: Vec<u16> = text.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
                Some(String::from_utf16_lossy(&units))
            }
            _ => None,
        }
    }

    /// The rows and columns that a sheet says to have; the last ones are counted from 1.
    fn dimensions(&self, sheet: &str) -> Option<Extent> {
        let (first_row, end_row, first_column, end_column) = match self.data.len() {
            10 => (u32::from(self.u16(0)?), u32::from(self.u16(2)?), self.u16(4)?, self.u16(6)?),
            _ => (self.u32(0)?, self.u32(4)?, self.u16(8)?, self.u16(10)?),
        };
        if end_row == 0 || end_row == first_row || end_column == 0 {
            return None;
        }
        // Of rows that end before they begin room would be set aside for all that there can be.
        let last_row = if first_row < end_row { end_row - 1 } else { u32::MAX };
        let first_column = if first_column > 0xff || first_column > end_column { 0 } else { first_column };
        let last_column = (end_column - 1).max(first_column);
        let mut extent = Extent::of(sheet.to_string());
        extent.reach((first_row.into(), last_row.into()), (first_column.into(), last_column.into()));
        Some(extent)
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes([bytes[0], bytes[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
}

/// The file system of an OLE file: sectors, chained by a table of which one follows which.
struct Ole<'b> {
    bytes: &'b [u8],
    sector: usize,
    next: Vec<u32>,
    directory: Vec<u8>,
}

/// Sectors from here on are marks: end of a chain, free, of the tables.
const FIRST_MARK: u32 = 0xFFFF_FFFA;
const END_OF_CHAIN: u32 = 0xFFFF_FFFE;
/// Streams that are shorter lie in small sectors, in a stream of their own.
const LEAST_OWN: usize = 4096;
const SMALL_SECTOR: usize = 64;

impl<'b> Ole<'b> {
    /// `None` where the head is none that a reader takes.
    fn open(bytes: &'b [u8]) -> Result<Option<Ole<'b>>, Reason> {
        let sector = match u16_at(bytes, 30) {
            Some(9) => 512,
            Some(12) => 4096,
            _ => return Ok(None),
        };
        let mut ole = Ole { bytes, sector, next: Vec::new(), directory: Vec::new() };
        let words = |bytes: &[u8]| (0..bytes.len() / 4).filter_map(|at| u32_at(bytes, at * 4)).collect::<Vec<u32>>();
        let mut tables = words(bytes.get(76..512).unwrap_or_default());
        let mut more = u32_at(bytes, 68).unwrap_or(END_OF_CHAIN);
        let mut passed = 0;
        while more < FIRST_MARK {
            passed += 1;
            if passed > ole.sectors() {
                return Err(damaged("the tables of its sectors go round in a circle"));
            }
            tables.extend(words(ole.at(more)?));
            more = tables.pop().unwrap_or(END_OF_CHAIN);
        }
        for table in tables.into_iter().filter(|table| *table < FIRST_MARK) {
            // Each is of the sectors that there are, and some to spare.
            if ole.next.len() > ole.sectors() * 4 + (1 << 16) {
                return Err(damaged("it has more tables than sectors"));
            }
            let table = words(ole.at(table)?);
            ole.next.extend(table);
        }
        let first = u32_at(bytes, 48).unwrap_or(END_OF_CHAIN);
        ole.directory = ole.chain(first, usize::MAX)?;
        Ok(Some(ole))
    }

    fn sectors(&self) -> usize {
        self.bytes.len() / self.sector + 1
    }

    /// A sector; the last one may be cut off.
    fn at(&self, number: u32) -> Result<&'b [u8], Reason> {
        let start = (number as usize).saturating_add(1).saturating_mul(self.sector);
        let end = start.saturating_add(self.sector).min(self.bytes.len());
        let part = self.bytes.get(start..end).filter(|part| !part.is_empty());
        part.ok_or_else(|| damaged("a part of it lies behind its end"))
    }

    /// The bytes of a chain, at most so many.
    fn chain(&self, mut number: u32, length: usize) -> Result<Vec<u8>, Reason> {
        let mut bytes = Vec::new();
        while number != END_OF_CHAIN && bytes.len() < length {
            bytes.extend_from_slice(self.at(number)?);
            if bytes.len() > self.bytes.len() + self.sector {
                return Err(damaged("its sectors go round in a circle"));
            }
            number = self.following(&self.next, number, bytes.len() < length)?;
        }
        bytes.truncate(length);
        Ok(bytes)
    }

    /// The sector behind this one, where one is needed.
    fn following(&self, table: &[u32], number: u32, needed: bool) -> Result<u32, Reason> {
        match table.get(number as usize) {
            Some(next) => Ok(*next),
            None if needed => Err(damaged("a chain of its sectors breaks off")),
            None => Ok(END_OF_CHAIN),
        }
    }

    /// The stream in which the sheets are.
    fn workbook(&self) -> Result<Option<Vec<u8>>, Reason> {
        let entries = || self.directory.chunks_exact(128);
        let named = |wanted: &str| {
            entries().find(|entry| {
                let units = entry[..64].chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
                let units: Vec<u16> = units.take_while(|unit| *unit != 0).collect();
                String::from_utf16_lossy(&units).eq_ignore_ascii_case(wanted)
            })
        };
        let Some(entry) = named("Workbook").or_else(|| named("Book")) else { return Ok(None) };
        let begin = |entry: &[u8]| u32_at(entry, 116).unwrap_or(END_OF_CHAIN);
        let length = |entry: &[u8]| u32_at(entry, 120).unwrap_or(0) as usize;
        let Some(root) = entries().next() else { return Ok(None) };
        let (mut number, length, whole) = (begin(entry), length(entry), length(root));
        if length >= LEAST_OWN {
            return self.chain(number, length).map(Some);
        }
        let small = self.chain(begin(root), whole)?;
        let table = self.chain(u32_at(self.bytes, 60).unwrap_or(END_OF_CHAIN), usize::MAX)?;
        let table: Vec<u32> = (0..table.len() / 4).filter_map(|at| u32_at(&table, at * 4)).collect();
        let mut bytes = Vec::new();
        // Each turn adds something, or the stream has ended.
        while number != END_OF_CHAIN && bytes.len() < length {
            let start = (number as usize).saturating_mul(SMALL_SECTOR);
            let end = start.saturating_add(SMALL_SECTOR).min(small.len());
            let part = small.get(start..end).filter(|part| !part.is_empty());
            bytes.extend_from_slice(part.ok_or_else(|| damaged("a part of it lies behind its end"))?);
            number = self.following(&table, number, bytes.len() < length)?;
        }
        bytes.truncate(length);
        Ok(Some(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u16, data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(data.len()).unwrap();
        [&kind.to_le_bytes()[..], &length.to_le_bytes()[..], data].concat()
    }

    /// 8,947 cells with a text of 30,003 bytes are 268,436,841 bytes, and 256 MiB are 268,435,456.
    #[test]
    fn a_text_that_stands_in_every_cell_counts_in_each() {
        let sheet = |rows: u16| -> Vec<u8> {
            let cells = (0..rows).flat_map(|row| {
                let place = [row, 0, 0].map(u16::to_le_bytes).concat();
                record(SHARED_LABEL, &[&place[..], &1u32.to_le_bytes()[..]].concat())
            });
            cells.chain(record(END, &[])).collect()
        };
        let lengths = [7, 30_003];
        let (near, far) = (sheet(8_946), sheet(8_947));
        let followed = |bytes: &[u8], before: u64| {
            let mut texts = before;
            of_sheet("Data".into(), Records(bytes), &lengths, &mut texts).map(|extent| (extent.cells(), texts))
        };
        assert_eq!(followed(&near, 0), Ok((8_946, 268_406_838)));
        assert!(followed(&far, 0).unwrap_err().to_string().contains("texts of sheet Data"));
        // Those of all sheets count together.
        assert!(followed(&near, 30_003).unwrap_err().to_string().contains("256 MiB"));
        // A text that is not there is none.
        assert_eq!(of_sheet("Data".into(), Records(&near), &[], &mut 0).map(|extent| extent.cells()), Ok(8_946));
    }
}
