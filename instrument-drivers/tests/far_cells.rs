//! Workbooks with a cell far away from the others, which would be gigabytes if those between were made. Built here, byte by byte.

use std::io::{Cursor, Write};

use instrument_drivers::table::workbook;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

fn rows(bytes: &[u8]) -> Result<Vec<Vec<String>>, String> {
    let grids = workbook::grids(bytes, &[], |_| true).map_err(|reason| reason.to_string())?;
    let rows = grids.iter().flat_map(|grid| &grid.rows);
    Ok(rows.map(|row| row.cells.iter().map(String::from).collect()).collect())
}

#[track_caller]
fn refused(bytes: &[u8], words: &[&str]) {
    let reason = rows(bytes).unwrap_err();
    for word in words {
        assert!(reason.contains(word), "{word} is not said: {reason}");
    }
}

fn words(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap();
    [&kind.to_le_bytes()[..], &length.to_le_bytes()[..], data].concat()
}

fn number(row: u16, column: u16, value: f64) -> Vec<u8> {
    let place = [row, column, 0].map(u16::to_le_bytes).concat();
    record(0x0203, &[&place[..], &value.to_le_bytes()[..]].concat())
}

/// The stream of a workbook with one sheet, `Data`: what it says of its rows and columns, and its numbers.
fn stream(rows: (u32, u32), columns: (u16, u16), numbers: &[(u16, u16, f64)]) -> Vec<u8> {
    let begin = |kind: u16| record(0x0809, &[0x0600u16, kind, 0, 0, 0, 0, 0, 0].map(u16::to_le_bytes).concat());
    let end = record(0x000A, &[]);
    let sheet = |at: u32| record(0x0085, &[&at.to_le_bytes()[..], &b"\0\0\x04\0Data"[..]].concat());
    let at = begin(5).len() + sheet(0).len() + end.len();
    let head = [begin(5), sheet(u32::try_from(at).unwrap()), end.clone(), begin(16)].concat();
    let sizes = [&words(&[rows.0, rows.1])[..], &[columns.0, columns.1, 0].map(u16::to_le_bytes).concat()[..]].concat();
    let cells: Vec<u8> = numbers.iter().flat_map(|(row, column, value)| number(*row, *column, *value)).collect();
    [head, record(0x0200, &sizes), cells, end].concat()
}

const END_OF_CHAIN: u32 = 0xFFFF_FFFE;
const FREE: u32 = 0xFFFF_FFFF;

/// An XLS: head, table of sectors, directory, stream. `behind_directory`: the sector that follows the directory.
fn xls_with(mut stream: Vec<u8>, behind_directory: u32) -> Vec<u8> {
    // A shorter one would lie in small sectors.
    stream.resize(stream.len().max(4096).next_multiple_of(512), 0);
    let sectors = u32::try_from(stream.len() / 512).unwrap();
    let mut head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    head.resize(24, 0);
    head.extend([0x3E, 3, 0xFFFE, 9, 6].map(u16::to_le_bytes).concat());
    head.resize(44, 0);
    head.extend(words(&[1, 1, 0, 4096, END_OF_CHAIN, 0, END_OF_CHAIN, 0, 0]));
    head.resize(512, 0xFF);
    let mut table = vec![0xFFFF_FFFD, behind_directory];
    table.extend((3..2 + sectors).chain([END_OF_CHAIN]));
    table.resize(128, FREE);
    let entry = |name: &str, kind: u8, start: u32, size: usize| {
        let mut entry: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let length = u16::try_from(entry.len() + 2).unwrap();
        entry.resize(64, 0);
        entry.extend(length.to_le_bytes());
        entry.extend([kind, 1]);
        entry.extend(words(&[FREE, FREE, FREE]));
        entry.resize(116, 0);
        entry.extend(words(&[start, u32::try_from(size).unwrap(), 0]));
        entry
    };
    let mut directory = entry("Root Entry", 5, END_OF_CHAIN, 0);
    directory.extend(entry("Workbook", 2, 2, stream.len()));
    directory.resize(512, 0);
    [head, words(&table), directory, stream].concat()
}

fn xls(stream: Vec<u8>) -> Vec<u8> {
    xls_with(stream, END_OF_CHAIN)
}

#[test]
fn an_old_workbook_is_read_where_its_cells_are_near() {
    let bytes = xls(stream((0, 3), (0, 4), &[(0, 0, 1.5), (2, 3, 7.0)]));
    assert_eq!(rows(&bytes).unwrap(), [vec!["1.5"], vec![], vec!["", "", "", "7"]]);
}

#[test]
fn an_old_workbook_with_a_cell_in_its_last_corner_is_refused() {
    let bytes = xls(stream((0, 1), (0, 1), &[(0, 0, 1.5), (65_535, 255, 7.0)]));
    refused(&bytes, &["sheet Data", "from A1 to IV65536", "16777216", "Ctrl+End", "CSV"]);
    // Columns that no such sheet has.
    refused(&xls(stream((0, 1), (0, 1), &[(0, 0, 1.5), (65_535, 65_535, 7.0)])), &["sheet Data", "4294967296"]);
}

#[test]
fn an_old_workbook_that_says_to_be_endless_is_refused() {
    let cells = [(0, 0, 1.5)];
    refused(&xls(stream((0, u32::MAX), (0, 256), &cells)), &["sheet Data", "from A1 to"]);
    refused(&xls(stream((9, 3), (0, 256), &cells)), &["sheet Data", "from A10 to"]);
    // What it says alone is no reason where a sheet can have so many: they are not made.
    for rows_said in [20_000, 65_536] {
        assert_eq!(rows(&xls(stream((0, rows_said), (0, 256), &cells))).unwrap(), [["1.5"]]);
    }
}

#[test]
fn a_workbook_that_is_protected_by_a_password_is_called_so() {
    // Behind the first record, which is 20 bytes long; what a sheet says of its size is noise then.
    let mut locked = stream((7, u32::MAX), (3, 9), &[(0, 0, 1.5)]);
    locked.splice(20..20, record(0x002F, &[1, 0, 1, 0, 1, 0]));
    refused(&xls(locked), &["protected by a password", "CSV"]);
    let manifest = "<manifest:manifest><manifest:file-entry manifest:full-path=\"content.xml\">\
                    <manifest:encryption-data/></manifest:file-entry></manifest:manifest>";
    refused(&ods_with(manifest, "\u{7}noise<"), &["protected by a password", "CSV"]);
}

#[test]
fn an_old_workbook_whose_sectors_go_round_in_a_circle_is_refused() {
    refused(&xls_with(stream((0, 1), (0, 1), &[(0, 0, 1.5)]), 1), &["damaged", "circle", "save it anew"]);
}

fn ods(table: &str) -> Vec<u8> {
    let content = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><office:document-content \
         xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
         xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" \
         xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"><office:body><office:spreadsheet>\
         <table:table table:name=\"Data\">{table}</table:table></office:spreadsheet></office:body></office:document-content>"
    );
    ods_with("<manifest:manifest/>", &content)
}

fn ods_with(manifest: &str, content: &str) -> Vec<u8> {
    packed(&[
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", manifest),
        ("content.xml", content),
    ])
}

fn packed(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        archive
            .start_file(*name, SimpleFileOptions::default().compression_method(CompressionMethod::Deflated))
            .unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

const VALUE: &str =
    "<table:table-cell office:value-type=\"float\" office:value=\"1.5\"><text:p>1.5</text:p></table:table-cell>";

fn row(repeated: u32, cells: &str) -> String {
    format!("<table:table-row table:number-rows-repeated=\"{repeated}\">{cells}</table:table-row>")
}

fn blank(repeated: u32) -> String {
    format!("<table:table-cell table:number-columns-repeated=\"{repeated}\"/>")
}

#[test]
fn an_open_document_is_read_with_blank_rows_to_the_end_of_its_sheet() {
    let table = row(1, &(VALUE.to_string() + &blank(16_383))) + &row(1_048_575, &blank(16_384));
    assert_eq!(rows(&ods(&table)).unwrap(), [["1.5"]]);
}

#[test]
fn an_open_document_with_a_cell_in_its_last_corner_is_refused() {
    let table = row(1, VALUE) + &row(1_048_574, &blank(1)) + &row(1, &(blank(16_383) + VALUE));
    refused(&ods(&table), &["sheet Data", "from A1 to XFD1048576", "17179869184", "Ctrl+End", "CSV"]);
}

#[test]
fn an_open_document_whose_cells_are_repeated_without_end_is_refused() {
    let repeated = VALUE.replace("<table:table-cell", "<table:table-cell table:number-columns-repeated=\"16384\"");
    refused(&ods(&row(1_048_576, &repeated)), &["sheet Data", "XFD1048576"]);
    // Cells left of the only written column are made before they are left out.
    let table = row(1, &(blank(16_383) + VALUE)).repeat(400);
    refused(&ods(&table), &["sheet Data", "from A1 to XFD306"]);
}

/// A text of 20,000 characters in every column of one row: 328 million from some hundred bytes.
#[test]
fn an_open_document_whose_texts_are_repeated_to_gigabytes_is_refused() {
    let text = |columns: u32| {
        let cell =
            format!("<table:table-cell table:number-columns-repeated=\"{columns}\" office:value-type=\"string\">");
        row(1, &format!("{cell}<text:p>{}</text:p></table:table-cell>", "x".repeat(20_000)))
    };
    refused(&ods(&text(16_384)), &["texts of sheet Data", "256 MiB", "CSV"]);
    assert_eq!(rows(&ods(&text(3))).unwrap()[0].len(), 3);
    // Numbers are kept without their text.
    assert_eq!(rows(&ods(&row(1, VALUE))).unwrap(), [["1.5"]]);
}

/// A workbook whose shared texts are 257 MiB of blanks: a quarter of a megabyte as a file.
#[test]
fn a_workbook_that_unpacks_to_more_than_it_may_is_refused() {
    let bytes = packed(&[("[Content_Types].xml", "<Types/>"), ("xl/sharedStrings.xml", &" ".repeat(257 << 20))]);
    assert!(bytes.len() < 2 << 20, "{}", bytes.len());
    refused(&bytes, &["texts of xl/sharedStrings.xml", "256 MiB", "CSV"]);
}
