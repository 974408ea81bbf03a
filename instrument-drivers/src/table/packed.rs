//! XLSX, XLSB and ODS are archives: how much lies packed in one, before anything is made of it. Its parts are unpacked once and thrown
//! away, because what an archive says of their length need not be so.

use std::io::{BufReader, Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::Event;
use zip::ZipArchive;

use crate::trouble::{self, Reason};

/// Bytes of all parts of a workbook together, unpacked: ten million cells, as many as a sheet may have, of a hundred bytes each.
const MOST_BYTES: u64 = 1 << 30;

/// Bytes of the texts of a workbook, each as often as it stands in a cell: five million of fifty. They are kept in memory.
pub const MOST_TEXT: u64 = 1 << 28;

/// Texts that the cells of an XLSX share, by what it says of itself: room for them is set aside, 24 bytes each.
const MOST_SHARED: u64 = 1 << 25;

/// Refuses an archive that would unpack to more than a workbook of an instrument has. What is none, or is damaged, is for its reader.
///
/// # Errors
/// Which part, and what can be done.
pub fn check(bytes: &[u8]) -> Result<(), Reason> {
    check_within(bytes, MOST_BYTES, MOST_TEXT)
}

fn check_within(bytes: &[u8], most_bytes: u64, most_text: u64) -> Result<(), Reason> {
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else { return Ok(()) };
    let mut left = most_bytes;
    for index in 0..archive.len() {
        let Ok(mut part) = archive.by_index(index) else { continue };
        let name = part.name().map(|name| name.into_owned()).unwrap_or_default();
        let is_shared = name.to_ascii_lowercase().contains("sharedstrings");
        let most = if is_shared { left.min(most_text) } else { left };
        let length = unpacked(&mut part, most);
        drop(part);
        if length > most {
            return Err(if most < left { too_much_text_in(&name) } else { too_large(&name) });
        }
        left -= length;
        if is_shared && let Ok(part) = archive.by_index(index) {
            check_shared(part, &name)?;
        }
    }
    Ok(())
}

/// How many bytes a part is, counted no farther than just past `most`. Where it is damaged it ends for its reader too.
fn unpacked(part: &mut impl Read, most: u64) -> u64 {
    let (mut buffer, mut length) = (vec![0; PIECE], 0u64);
    while length <= most {
        match part.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(read) => length += read as u64,
        }
    }
    length
}

/// Bytes that are unpacked at once.
const PIECE: usize = 1 << 16;

/// How many texts an XLSX says to share.
fn check_shared(part: impl Read, name: &str) -> Result<(), Reason> {
    let mut reader = Reader::from_reader(BufReader::new(part));
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(start) | Event::Empty(start)) => {
                let said = start.attributes().flatten().find(|attribute| attribute.key.0 == "uniqueCount");
                let said = said.and_then(|attribute| attribute.value.trim().parse::<u64>().ok());
                return if said.is_some_and(|count| count > MOST_SHARED) {
                    Err(too_much_text_in(name))
                } else {
                    Ok(())
                };
            }
            Ok(Event::Eof) | Err(_) => return Ok(()),
            Ok(_) => {}
        }
    }
}

fn too_large(part: &str) -> Reason {
    trouble::WORKBOOK_TOO_LARGE.with("most", (MOST_BYTES >> 20).to_string()).with("part", part)
}

fn too_much_text_in(part: &str) -> Reason {
    trouble::PART_TEXTS_TOO_LONG.with("part", part).with("most", (MOST_TEXT >> 20).to_string())
}

/// What to tell the person who has the file.
pub fn too_much_text(sheet: &str) -> Reason {
    trouble::SHEET_TEXTS_TOO_LONG.with("sheet", sheet).with("most", (MOST_TEXT >> 20).to_string())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in parts {
            archive.start_file(*name, SimpleFileOptions::default()).unwrap();
            archive.write_all(text.as_bytes()).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    #[test]
    fn parts_are_counted_together_and_shared_texts_for_themselves() {
        let sheet = "x".repeat(700);
        let strings = "y".repeat(200);
        let bytes = archive(&[("xl/worksheets/sheet1.xml", &sheet), ("xl/sharedStrings.xml", &strings)]);
        assert_eq!(check_within(&bytes, 900, 200), Ok(()));
        let all = check_within(&bytes, 899, 300).unwrap_err().to_string();
        assert!(all.contains("xl/sharedStrings.xml") && all.contains("1024 MiB") && all.contains("CSV"), "{all}");
        let texts = check_within(&bytes, 1000, 199).unwrap_err().to_string();
        assert!(texts.contains("texts of xl/sharedStrings.xml") && texts.contains("256 MiB"), "{texts}");
        // The part in which it becomes too much is named.
        assert!(check_within(&bytes, 699, 300).unwrap_err().to_string().contains("xl/worksheets/sheet1.xml"));
        assert_eq!(check_within(b"PK\x03\x04 no archive", 1, 1), Ok(()));
    }

    /// A million and ten thousand million texts, of which the second would be 240 GB of room.
    #[test]
    fn what_a_workbook_says_to_share_is_bounded() {
        let said = |count: &str| {
            let strings =
                format!("<?xml version=\"1.0\"?><sst count=\"3\" uniqueCount=\"{count}\"><si><t>a</t></si></sst>");
            check(&archive(&[("xl/sharedStrings.xml", &strings)]))
        };
        assert_eq!(said("1000000"), Ok(()));
        assert!(said("10000000000").unwrap_err().to_string().contains("texts of xl/sharedStrings.xml"));
    }
}
