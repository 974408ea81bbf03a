//! The bytes of a message as a person reads them, line by line, with the exact place of one value marked. Pure: bytes and
//! observations in, lines out.

use instrument_drivers::observation::Observation;
use instrument_drivers::profile::{Context, Profile};
use instrument_drivers::table::rows::{Grid, Place, column_letters};

/// One line of the source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RawLine {
    /// As people and positions count: of a text from 1, of a sheet the row.
    pub number: usize,
    pub pieces: Vec<Piece>,
    /// The value that was asked for stands here.
    pub shown: bool,
}

/// A piece of a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Piece {
    Text(String),
    /// The value that was asked for.
    Value(String),
    /// A byte that has no sign of its own, by its name.
    Control(String),
}

/// The value to be marked, as it was read.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// `12`, `record 5` or `Sheet1!C7`.
    pub place: String,
    pub value: String,
    pub sample: String,
    pub analyte: String,
    /// How many rows of the same place and value were read before this one.
    pub before: usize,
}

/// The lines of a source and whether some were left out: at most so many bytes of text, around the marked line. Of a text no
/// more is cut into lines than what stands before them.
pub fn lines(profile: Option<&Profile>, bytes: &[u8], wanted: Option<&Wanted>, most: usize) -> (Vec<RawLine>, bool) {
    if let Some(grids) = profile.and_then(|profile| profile.sheets(bytes)) {
        let lines = sheet_lines(grids);
        let place = wanted.and_then(|wanted| place_in_sheets(&lines, wanted));
        return around(lines.iter().map(|line| (line.number, line.text.as_str())), place, most);
    }
    let text = profile.and_then(|profile| profile.text(bytes));
    let text = text.unwrap_or_else(|| String::from_utf8_lossy(bytes));
    let place = wanted.and_then(|wanted| place_in_text(profile, bytes, &text, wanted));
    around(TextLines::of(&text), place, most)
}

/// What is shown of numbered lines.
fn around<'t>(
    lines: impl Iterator<Item = (usize, &'t str)> + Clone,
    place: Option<Found>,
    most: usize,
) -> (Vec<RawLine>, bool) {
    let marked = place.as_ref().map(|place| place.line);
    let (first, last) = window(lines.clone().map(|(_, text)| text.len()), marked, most);
    let cut = first > 0 || lines.clone().nth(last).is_some();
    let shown = lines.enumerate().take(last).skip(first).map(|(at, (number, text))| match &place {
        Some(place) if place.line == at => RawLine { number, pieces: pieces(text, place.value.clone()), shown: true },
        _ => RawLine { number, pieces: pieces(text, None), shown: false },
    });
    (shown.collect(), cut)
}

/// The lines of a text with their numbers, from 1. A line ends as the readers count: at CR, LF or CR LF.
#[derive(Clone)]
struct TextLines<'t> {
    rest: &'t str,
    number: usize,
}

impl<'t> TextLines<'t> {
    fn of(text: &'t str) -> Self {
        Self { rest: text, number: 0 }
    }
}

impl<'t> Iterator for TextLines<'t> {
    type Item = (usize, &'t str);

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let end = self.rest.bytes().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(self.rest.len());
        let tail = self.rest.get(end..).unwrap_or_default();
        // A CR alone separates records: it is shown. The usual ends of lines are not.
        let (shown, step) = match tail.as_bytes() {
            [] => (0, 0),
            [b'\r', b'\n', ..] => (0, 2),
            [b'\r', ..] => (1, 1),
            [_, ..] => (0, 1),
        };
        let line = self.rest.get(..end + shown).unwrap_or_default();
        self.rest = tail.get(step..).unwrap_or_default();
        self.number += 1;
        Some((self.number, line))
    }
}

/// A line of a workbook before it is cut into pieces. The heading of a sheet has no number.
struct SheetLine {
    number: usize,
    sheet: String,
    text: String,
    /// Where each cell begins, in bytes.
    cells: Vec<usize>,
}

fn sheet_lines(grids: Vec<Grid>) -> Vec<SheetLine> {
    let mut lines = Vec::new();
    for grid in grids {
        let Place::Sheet(name) = &grid.place else { continue };
        let heading = format!("[{name}]");
        lines.push(SheetLine { number: 0, sheet: name.clone(), text: heading, cells: Vec::new() });
        for row in &grid.rows {
            let (mut text, mut cells) = (String::new(), Vec::new());
            for (index, cell) in row.cells.iter().enumerate() {
                if index > 0 {
                    text.push('\t');
                }
                cells.push(text.len());
                text.push_str(cell);
            }
            lines.push(SheetLine { number: row.number, sheet: name.clone(), text, cells });
        }
    }
    lines
}

/// A line and the bytes of the value in it.
struct Found {
    line: usize,
    value: Option<std::ops::Range<usize>>,
}

fn place_in_text(profile: Option<&Profile>, bytes: &[u8], text: &str, wanted: &Wanted) -> Option<Found> {
    let line = match wanted.place.strip_prefix("record ") {
        Some(_) => line_of_record(profile?, bytes, text, &wanted.place)?,
        None => wanted.place.parse::<usize>().ok()?.checked_sub(1)?,
    };
    let (_, shown) = TextLines::of(text).nth(line)?;
    Some(Found { line, value: value_in(shown, wanted) })
}

fn place_in_sheets(lines: &[SheetLine], wanted: &Wanted) -> Option<Found> {
    if let Some((sheet, cell)) = wanted.place.rsplit_once('!') {
        return cell_of(lines, sheet, cell);
    }
    let number: usize = wanted.place.parse().ok()?;
    let line = lines.iter().position(|line| line.number == number)?;
    Some(Found { line, value: value_in(&lines.get(line)?.text, wanted) })
}

/// `C7` of a sheet: the cell is the value.
fn cell_of(lines: &[SheetLine], sheet: &str, cell: &str) -> Option<Found> {
    let digits = cell.find(|c: char| c.is_ascii_digit())?;
    let (letters, row) = cell.split_at_checked(digits)?;
    let row: usize = row.parse().ok()?;
    let line = lines.iter().position(|line| line.sheet == sheet && line.number == row)?;
    let SheetLine { text, cells, .. } = lines.get(line)?;
    let column = (0..cells.len()).find(|index| column_letters(*index) == letters);
    let value = column.and_then(|column| {
        let from = *cells.get(column)?;
        let to = cells.get(column + 1).map_or(text.len(), |next| next - 1);
        Some(from..to)
    });
    Some(Found { line, value })
}

/// The line that holds the text of a record; of records that say the same the one in the same order.
fn line_of_record(profile: &Profile, bytes: &[u8], text: &str, place: &str) -> Option<usize> {
    let read = profile.read(bytes, &Context::default());
    let own = read.observations.iter().find(|one| one.position == place)?;
    let mut places: Vec<&str> = Vec::new();
    for Observation { position, .. } in read.observations.iter().filter(|one| one.raw == own.raw) {
        if !places.contains(&position.as_str()) {
            places.push(position);
        }
    }
    let before = places.iter().position(|one| *one == place)?;
    let mut holding = TextLines::of(text).filter(|(_, line)| line.contains(own.raw.as_str()));
    holding.nth(before).map(|(number, _)| number - 1)
}

/// The value in its line: a text of its own (no digit or letter goes on on either side) that is no part of the names of
/// sample and analyte; of several the one in the order of reading.
fn value_in(line: &str, wanted: &Wanted) -> Option<std::ops::Range<usize>> {
    if wanted.value.is_empty() {
        return None;
    }
    let goes_on = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '.');
    let names: Vec<std::ops::Range<usize>> = [&wanted.sample, &wanted.analyte]
        .into_iter()
        .filter(|name| !name.is_empty() && **name != wanted.value)
        .flat_map(|name| line.match_indices(name.as_str()).map(|(at, text)| at..at + text.len()))
        .collect();
    let ranges = line.match_indices(&wanted.value).map(|(at, text)| at..at + text.len());
    let own = ranges.filter(|range| {
        let before = line.get(..range.start).and_then(|text| text.chars().next_back());
        let after = line.get(range.end..).and_then(|text| text.chars().next());
        let in_a_name = names.iter().any(|name| name.start <= range.start && range.end <= name.end);
        !goes_on(before) && !goes_on(after) && !in_a_name
    });
    let own: Vec<std::ops::Range<usize>> = own.collect();
    own.get(wanted.before).or(own.first()).cloned()
}

/// First and last line (exclusive) of what is shown: from the beginning, or from a little above the marked line where
/// that lies too far down.
fn window(lengths: impl Iterator<Item = usize> + Clone, marked: Option<usize>, most: usize) -> (usize, usize) {
    let until = |first: usize| {
        let mut bytes = 0;
        let fits = |length: &usize| {
            bytes += length + 1;
            bytes <= most
        };
        first + lengths.clone().skip(first).take_while(fits).count()
    };
    let last = until(0);
    match marked {
        Some(marked) if marked >= last => {
            let first = marked.saturating_sub(LINES_ABOVE);
            (first, until(first).max(marked + 1))
        }
        _ => (0, last),
    }
}

/// Lines shown above the marked one in a long source.
const LINES_ABOVE: usize = 20;

/// Names of the bytes that steer a line.
const NAMES: &[(char, &str)] = &[
    ('\u{02}', "STX"),
    ('\u{03}', "ETX"),
    ('\u{04}', "EOT"),
    ('\u{05}', "ENQ"),
    ('\u{06}', "ACK"),
    ('\u{0b}', "VT"),
    ('\u{0d}', "CR"),
    ('\u{15}', "NAK"),
    ('\u{17}', "ETB"),
    ('\u{1c}', "FS"),
    ('\u{1d}', "GS"),
    ('\u{1e}', "RS"),
];

/// Text with control bytes by name and the value marked.
fn pieces(line: &str, value: Option<std::ops::Range<usize>>) -> Vec<Piece> {
    let value = value.unwrap_or(line.len()..line.len());
    let mut found = Vec::new();
    let mut text = String::new();
    let flush = |text: &mut String, found: &mut Vec<Piece>| {
        if !text.is_empty() {
            found.push(Piece::Text(std::mem::take(text)));
        }
    };
    for (at, c) in line.char_indices() {
        if value.contains(&at) {
            if at == value.start {
                flush(&mut text, &mut found);
                found.push(Piece::Value(line.get(value.clone()).unwrap_or_default().to_owned()));
            }
            continue;
        }
        if c.is_control() && c != '\t' {
            flush(&mut text, &mut found);
            let name = NAMES.iter().find(|(control, _)| *control == c).map(|(_, name)| (*name).to_owned());
            found.push(Piece::Control(name.unwrap_or_else(|| format!("{:02X}", u32::from(c)))));
        } else {
            text.push(c);
        }
    }
    flush(&mut text, &mut found);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(place: &str, value: &str, sample: &str, before: usize) -> Wanted {
        Wanted { place: place.into(), value: value.into(), sample: sample.into(), analyte: "Pb".into(), before }
    }

    /// The marked line: its number, what stands before the value, the value.
    fn marked(profile: &str, bytes: &[u8], wanted: &Wanted) -> Option<(usize, String, String)> {
        let profile = Profile::load(profile).unwrap();
        let (lines, _) = lines(Some(&profile), bytes, Some(wanted), 10_000);
        let line = lines.into_iter().find(|line| line.shown)?;
        let mut before = String::new();
        for piece in line.pieces {
            match piece {
                Piece::Value(value) => return Some((line.number, before, value)),
                Piece::Text(text) => before.push_str(&text),
                Piece::Control(name) => before.push_str(&format!("<{name}>")),
            }
        }
        Some((line.number, before, String::new()))
    }

    #[test]
    fn a_value_of_a_file_is_marked_in_its_line() {
        let file = "Sample ID,Sample Type,Analyte,Concentration,Unit\r\nS15.24,Sample,Pb,15.24,µg/L\r\n".as_bytes();
        let found = marked("generic_long_table", file, &wanted("2", "15.24", "S15.24", 0));
        assert_eq!(found, Some((2, "S15.24,Sample,Pb,".to_owned(), "15.24".to_owned())));
    }

    #[test]
    fn of_equal_values_of_a_line_the_one_in_the_order_of_reading_is_marked() {
        let file = b"Sample;Type;A [mg/kg];B [mg/kg];C [mg/kg]\nX1;Sample;ND;0,032;ND\n";
        let found = marked("generic_wide_table", file, &wanted("2", "ND", "X1", 1));
        assert_eq!(found, Some((2, "X1;Sample;ND;0,032;".to_owned(), "ND".to_owned())));
    }

    #[test]
    fn bytes_of_gb18030_are_readable() {
        let (file, _, _) =
            encoding_rs::GB18030.encode("样品编号,样品类型,检测项目,结果,单位,备注\r\nX1,样品,镉,3.25,μg/L,\r\n");
        let found = marked("generic_gb18030_table", &file, &wanted("2", "3.25", "X1", 0));
        assert_eq!(found, Some((2, "X1,样品,镉,".to_owned(), "3.25".to_owned())));
    }

    #[test]
    fn a_record_is_found_among_frames_and_control_bytes_have_names() {
        let profile = Profile::load("generic_astm").unwrap();
        let frames = b"\x021H|\\^&|||LCMS\r\x03A2\r\n\x022P|1\r\x033E\r\n";
        let (lines, cut) = lines(Some(&profile), frames, None, 10_000);
        let control = |name: &str| Piece::Control(name.to_owned());
        let text = |text: &str| Piece::Text(text.to_owned());
        assert_eq!(lines[0].pieces, [control("STX"), text("1H|\\^&|||LCMS"), control("CR")]);
        assert_eq!(lines[1].pieces, [control("ETX"), text("A2")]);
        assert_eq!((lines.len(), cut), (4, false));
    }

    #[test]
    fn a_text_is_cut_as_the_readers_count() {
        let lines: Vec<(usize, &str)> = TextLines::of("a\r\nb\n\nc\rµ\r").collect();
        assert_eq!(lines, [(1, "a"), (2, "b"), (3, ""), (4, "c\r"), (5, "µ\r")]);
        assert_eq!(TextLines::of("").count(), 0);
    }

    #[test]
    fn a_source_that_just_fits_is_not_cut() {
        // Ten lines of nine characters and their ends.
        let text = "123456789\n".repeat(10);
        let shown = |most: usize| {
            let (lines, cut) = lines(None, text.as_bytes(), None, most);
            (lines.len(), cut)
        };
        assert_eq!((shown(100), shown(99)), ((10, false), (9, true)));
    }

    #[test]
    fn a_long_source_is_shown_around_the_value() {
        let mut file = "Sample ID,Sample Type,Analyte,Concentration,Unit\n".to_owned();
        for number in 2..=500 {
            file += &format!("S{number},Sample,Pb,{number}.5,ug/L\n");
        }
        let profile = Profile::load("generic_long_table").unwrap();
        let (lines, cut) = lines(Some(&profile), file.as_bytes(), Some(&wanted("400", "400.5", "S400", 0)), 1_000);
        let numbers: Vec<usize> = lines.iter().map(|line| line.number).collect();
        assert_eq!((numbers.first(), cut), (Some(&380), true));
        assert!(lines.iter().any(|line| line.number == 400 && line.shown));
    }

    #[test]
    fn a_cell_of_a_sheet_is_marked() {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        sheet.set_name("Data").unwrap();
        for (row, cells) in (0..).zip([["Sample", "Result"], ["X1", "0.25"]]) {
            for (column, cell) in (0..).zip(cells) {
                sheet.write_string(row, column, cell).unwrap();
            }
        }
        let bytes = book.save_to_buffer().unwrap();
        let profile = Profile::load("generic_long_workbook").unwrap();
        let (lines, _) = lines(Some(&profile), &bytes, Some(&wanted("Data!B2", "0.25", "X1", 0)), 10_000);
        let shown: Vec<&RawLine> = lines.iter().filter(|line| line.shown).collect();
        assert_eq!(shown.len(), 1);
        assert_eq!(shown[0].pieces, [Piece::Text("X1\t".into()), Piece::Value("0.25".into())]);
    }
}
