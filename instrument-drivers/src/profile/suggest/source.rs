//! What kind of bytes an unknown source has: records, workbook or text, its encoding, its delimiter.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};

use super::cells::is_value;
use super::chinese::is_rather_chinese;
use super::cut::{below_names, placed};
use super::finding::{Finding, note};
use super::line_log;
use super::pairs::{is_of_pairs, records};
use super::refused::NotUnderstood;
use super::sheet::{Sheet, turned};
use super::tree::{Tree, tree_of};
use super::writing::{DELIMITERS, quote};
use crate::table::charset::Charset;
use crate::table::cut::{cut_at, is_ruler, ruler_cuts};
use crate::table::rows::{Delimited, Delimiter};
use crate::table::split::{each_delimited, excel_delimiter};
use crate::table::{text, workbook};
use crate::wire::astm_records::Delimiters;

/// What a person has said of a source already; what is left out is found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hints {
    /// As in a profile.
    pub encoding: Option<String>,
    /// As in a profile.
    pub delimiter: Option<String>,
    /// Name of the only sheet to read.
    pub sheet: Option<String>,
    /// Number of the line or row in which the names of the columns stand, from 1.
    pub header: Option<usize>,
    /// Rows and columns are exchanged before anything is looked for: samples stand across.
    pub turned: bool,
}

impl Hints {
    fn transpose(&self) -> &'static str {
        if self.turned { "transpose = true\n" } else { "" }
    }
}

pub enum Source {
    /// The rest of a profile: records need no more.
    Records(String),
    /// JSON or XML, and the encoding as in a profile.
    Tree { tree: Tree, encoding: String },
    Table {
        /// Format and text rules of the profile.
        head: String,
        sheets: Vec<Sheet>,
    },
}

pub fn look(bytes: &[u8], hints: &Hints, findings: &mut Vec<Finding>) -> Result<Source, NotUnderstood> {
    if workbook::looks_like_workbook(bytes, &[Charset::utf_8()]) {
        note(findings, "format", "workbook", 100, "the first bytes");
        let wanted = |name: &str| hints.sheet.as_ref().is_none_or(|sheet| sheet == name);
        let grids = workbook::grids(bytes, &[Charset::utf_8()], wanted);
        let grids = grids.map_err(|why| NotUnderstood::NoWorkbook(why.to_string()))?;
        let sheets = grids.into_iter().map(|grid| {
            // Rows keep their numbers: what is missing in between is blank.
            let mut rows: Vec<Vec<String>> = Vec::new();
            for row in &grid.rows {
                rows.resize(row.number.saturating_sub(1).min(1 << 20), Vec::new());
                rows.push(row.cells.iter().map(|cell| cell.trim().to_string()).collect());
            }
            let rows = if hints.turned { turned(&rows, &[]).map_err(NotUnderstood::TooLargeToTurn)? } else { rows };
            Ok::<Sheet, NotUnderstood>(Sheet::new(grid.name, rows, Vec::new()))
        });
        let head = format!("{}format = \"workbook\"\n\n", hints.transpose());
        return Ok(Source::Table { head, sheets: sheets.collect::<Result<_, NotUnderstood>>()? });
    }
    let encoding = match &hints.encoding {
        Some(name) => told_encoding(name, findings)?,
        None => encoding(bytes, findings).into(),
    };
    let text = text::decode(bytes, &[encoding]).map_err(|why| no_text(bytes, encoding, why.to_string()))?;
    if let Some(tree) = tree_of(&text).filter(|_| hints.delimiter.is_none()) {
        return Ok(Source::Tree { tree, encoding: encoding.name().to_lowercase() });
    }
    if text.starts_with("MSH|") || text.contains("\u{b}MSH|") {
        note(findings, "format", "hl7", 100, "MSH");
        return Ok(Source::Records("format = \"hl7\"\n".into()));
    }
    if let Some(log) = line_log::astm(&text, findings) {
        return Ok(Source::Records(log));
    }
    if text.split(['\r', '\n']).any(is_astm_header) {
        note(findings, "format", "astm", 95, "an H record with its delimiters");
        return Ok(Source::Records("format = \"astm\"\n".into()));
    }
    if text.contains("\u{2}\u{1e}") {
        note(findings, "format", "vidas", 100, "STX and RS");
        return Ok(Source::Records("format = \"vidas\"\n".into()));
    }
    if text.lines().any(|line| line.starts_with("O|1|")) {
        note(findings, "format", "astm", 80, "order records without a header");
        return Ok(Source::Records("format = \"astm\"\n\n[records]\nfragments = true\n".into()));
    }
    let told = hints.delimiter.is_some() || hints.turned;
    if let Some(sheet) = ruled(&text).filter(|_| !told) {
        note(findings, "columns", "cut by a ruler", 90, "a line of dashes and bars");
        let head = format!("format = \"lines\"\n\n[text]\nencoding = {}\n\n", quote(&encoding.name().to_lowercase()));
        return Ok(Source::Table { head, sheets: vec![sheet] });
    }
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    if is_of_pairs(&lines)
        && !told
        && let Some(records) = records(&text, &encoding.name().to_lowercase(), findings)
    {
        return Ok(Source::Records(records));
    }
    let quoted = lines.iter().filter(|line| is_quoted_whole(line)).count();
    let unquote_lines =
        !lines.is_empty() && quoted * 10 > lines.len() * 9 && lines.iter().any(|line| line.contains([',', ';', '\t']));
    let (word, delimiter) = match delimiter(&text, unquote_lines, hints.delimiter.as_deref(), findings) {
        Ok(found) => found,
        Err(reason) => {
            let records = records(&text, &encoding.name().to_lowercase(), findings);
            return records.map(Source::Records).ok_or(reason);
        }
    };
    if let Some(sheet) = placed(&text).filter(|_| word == "gaps" && !told) {
        let places: Vec<String> = sheet.cuts.iter().map(usize::to_string).collect();
        note(
            findings,
            "columns",
            format!("cut at {}", places.join(", ")),
            75,
            "lines begin with blanks instead of their first cells",
        );
        let head = format!("format = \"lines\"\n\n[text]\nencoding = {}\n\n", quote(&encoding.name().to_lowercase()));
        return Ok(Source::Table { head, sheets: vec![sheet] });
    }
    if let Some(sheet) = below_names(&text).filter(|_| word == "gaps" && !told) {
        note(
            findings,
            "columns",
            "cut below the names of the header",
            75,
            "some cells are empty, which gaps do not show",
        );
        let head = format!("format = \"lines\"\n\n[text]\nencoding = {}\n\n", quote(&encoding.name().to_lowercase()));
        return Ok(Source::Table { head, sheets: vec![sheet] });
    }
    let rules = Delimited { delimiter, quote: Some(b'"'), unquote_lines };
    let (mut rows, mut lines) = (Vec::new(), Vec::new());
    each_delimited(&text, &rules, |row| {
        rows.push(row.cells.iter().map(|cell| cell.trim().to_string()).collect::<Vec<_>>());
        lines.push(row.number);
    });
    let unquote = if unquote_lines { "unquote_lines = true\n" } else { "" };
    let head = format!(
        "{}format = \"delimited\"\n\n[text]\nencoding = {}\ndelimiter = {}\n{unquote}\n",
        hints.transpose(),
        quote(&encoding.name().to_lowercase()),
        quote(word)
    );
    if hints.turned {
        let sheet =
            Sheet::new(String::new(), turned(&rows, &lines).map_err(NotUnderstood::TooLargeToTurn)?, Vec::new());
        return Ok(Source::Table { head, sheets: vec![sheet] });
    }
    let mut sheet = Sheet::new(String::new(), rows, lines);
    sheet.gaps = word == "gaps";
    Ok(Source::Table { head, sheets: vec![sheet] })
}

/// An H record, bare or in the first frame of a message, with the delimiters it names: four different signs. A row `H` of a
/// plate has none, and words that begin with H are letters.
fn is_astm_header(line: &str) -> bool {
    Delimiters::of_header(line.trim_start_matches(['\u{5}', '\u{2}', '1'])).is_some_and(|delimiters| {
        let Delimiters { field, repeat, component, escape } = delimiters;
        let signs = [field, repeat, component, escape];
        signs.iter().all(char::is_ascii_punctuation) && (1..4).all(|at| !signs[..at].contains(&signs[at]))
    })
}

/// `"a,""b"",c"`: one text in quotation marks, those inside it doubled.
fn is_quoted_whole(line: &str) -> bool {
    let inner = line.trim_end().strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.is_some_and(|inner| !inner.replace("\"\"", "").contains('"'))
}

/// The lines as cells where a ruler with bars says how to cut them: two lines above each, and below it to the next blank line.
fn ruled(text: &str) -> Option<Sheet> {
    let lines: Vec<&str> = text.lines().collect();
    let rulers: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].contains('|') && is_ruler(lines[*at])).collect();
    let first = *rulers.first()?;
    // Drawn frames have a ruler for every row; here one stands between names and numbers.
    if rulers.len() * 4 > lines.len() {
        return None;
    }
    let cells =
        |line: &str, cuts: &[usize]| cut_at(line, cuts, false).iter().map(|cell| cell.trim().to_string()).collect();
    let mut rows: Vec<Vec<String>> = lines.iter().map(|line| vec![line.trim().to_string()]).collect();
    for ruler in &rulers {
        let cuts = ruler_cuts(lines[*ruler]);
        for at in ruler.saturating_sub(2)..*ruler {
            rows[at] = cells(lines[at], &cuts);
        }
        rows[*ruler] = Vec::new();
        for at in (ruler + 1..lines.len()).take_while(|at| !lines[*at].trim().is_empty()) {
            rows[at] = cells(lines[at], &cuts);
        }
    }
    (first > 0).then_some(Sheet { rows, ruler: true, ..Sheet::default() })
}

fn no_text(bytes: &[u8], encoding: Charset, why: String) -> NotUnderstood {
    let line = text::first_bad(&mut &bytes[..], encoding).ok().flatten().map(|bad| bad.line());
    NotUnderstood::NoText { encoding: encoding.name(), line, why }
}

fn told_encoding(name: &str, findings: &mut Vec<Finding>) -> Result<Charset, NotUnderstood> {
    let unknown = |why| NotUnderstood::UnknownEncoding { told: name.to_string(), why };
    let encoding = text::encoding_named(name).map_err(unknown)?;
    note(findings, "encoding", encoding.name(), 100, "a person said so");
    Ok(encoding)
}

fn encoding(bytes: &[u8], findings: &mut Vec<Finding>) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        note(findings, "encoding", encoding.name(), 100, "a byte order mark");
        return encoding;
    }
    let sample = &bytes[..bytes.len().min(4096)];
    let zeros = |odd: usize| sample.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count() * 2;
    for (encoding, odd) in [(UTF_16LE, 1), (UTF_16BE, 0)] {
        if zeros(odd) * 4 > sample.len() {
            note(findings, "encoding", encoding.name(), 95, "every second byte is zero");
            return encoding;
        }
    }
    let (text, malformed) = UTF_8.decode_without_bom_handling(bytes);
    if !malformed && text::Disguise::of(&text).is_gb() {
        note(findings, "encoding", "gb18030", 70, "short Chinese words, which would be odd signs in UTF-8");
        return GB18030;
    }
    if !malformed {
        note(findings, "encoding", "UTF-8", 100, "every byte fits");
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let encoding = detector.guess(None, Utf8Detection::Deny);
    // Characters of East Asian scripts take two bytes and follow one another; a lone high byte is a letter or a sign (µ, é).
    let runs: Vec<usize> = bytes.split(u8::is_ascii).map(<[u8]>::len).filter(|length| *length > 0).collect();
    let lone = runs.iter().filter(|length| **length == 1).count();
    // But for the rare ones of GB18030, which take four: two high bytes with a digit behind each.
    let four = |part: &[u8]| part[0] >= 0x80 && part[1].is_ascii_digit() && part[2] >= 0x80 && part[3].is_ascii_digit();
    if !encoding.is_single_byte() && !bytes.windows(4).any(four) && lone * 10 > runs.len() * 9 {
        note(
            findings,
            "encoding",
            "windows-1252",
            60,
            "single signs beyond ASCII, each by itself; please look at the names",
        );
        return encoding_rs::WINDOWS_1252;
    }
    if encoding != GBK && is_rather_chinese(bytes, encoding) {
        note(
            findings,
            "encoding",
            GB18030.name(),
            60,
            "pairs of bytes that are Chinese characters; please look at the names",
        );
        return GB18030;
    }
    // GB18030 holds all of GBK; the instrument may print a rare character tomorrow.
    let encoding = if encoding == GBK { GB18030 } else { encoding };
    note(findings, "encoding", encoding.name(), 60, "by the frequency of characters; please look at the names");
    encoding
}

/// What cuts most lines into the same number of cells, numbers among them.
fn delimiter(
    text: &str,
    unquote_lines: bool,
    told: Option<&str>,
    findings: &mut Vec<Finding>,
) -> Result<(&'static str, Delimiter), NotUnderstood> {
    if let Some(told) = told {
        let word = DELIMITERS.into_iter().find(|word| *word == told);
        let word = word.ok_or_else(|| NotUnderstood::UnknownDelimiter { told: told.to_string() })?;
        note(findings, "delimiter", word, 100, "a person said so");
        return Ok((word, delimiter_of(word)));
    }
    let named = text.lines().next().and_then(excel_delimiter).map(Delimiter::Byte);
    if let Some(word) = named.and_then(|named| DELIMITERS.into_iter().find(|word| delimiter_of(word) == named)) {
        note(findings, "delimiter", word, 100, "the first line names it: sep=");
        return Ok((word, delimiter_of(word)));
    }
    let mut best: Option<(usize, usize, &'static str)> = None;
    for word in DELIMITERS {
        let rules = Delimited { delimiter: delimiter_of(word), quote: Some(b'"'), unquote_lines };
        let mut widths = std::collections::BTreeMap::<usize, usize>::new();
        let mut values = 0;
        each_delimited(text, &rules, |row| {
            if row.cells.len() > 1 {
                *widths.entry(row.cells.len()).or_default() += 1;
                values += row.cells.iter().filter(|cell| is_value(cell)).count();
            }
        });
        let Some((width, lines)) = widths.iter().max_by_key(|(_, lines)| **lines) else {
            continue;
        };
        let score = lines * width.min(&20) + values;
        // Gaps between words are everywhere; a real delimiter need not be better than they.
        let better = match best {
            Some((known, _, _)) if word == "gaps" => score > known * 2,
            Some((known, _, _)) => score > known,
            None => true,
        };
        if better && score > 0 {
            best = Some((score, *lines, word));
        }
    }
    let (_, lines, word) = best.ok_or(NotUnderstood::NoDelimiter)?;
    note(findings, "delimiter", word, 90, format!("{lines} lines have the same number of cells"));
    Ok((word, delimiter_of(word)))
}

fn delimiter_of(word: &str) -> Delimiter {
    match word {
        "tab" => Delimiter::Byte(b'\t'),
        "gaps" => Delimiter::Gaps,
        sign => Delimiter::Byte(sign.as_bytes()[0]),
    }
}
