//! Proposes a profile for a file that no profile reads yet, and says how sure it is of each choice.
//!
//! A proposal is for a person to correct: what was chosen, how sure, and why, stands beside the profile. Nothing is used
//! unseen. Tables with a header are understood, one analyte per row or per column, in sections, turned round; plates; tables
//! without a header; rows of JSON and XML; ASTM, HL7 and VIDAS are recognised.

mod blank;
mod called;
mod cells;
mod chinese;
mod columns;
mod cut;
mod finding;
mod groups;
mod headed;
mod header;
mod line_log;
mod numbers;
mod pairs;
mod refused;
mod roles;
mod sections;
mod shapes;
mod sheet;
mod source;
mod tree;
mod units;
mod wide;
mod words;
mod writing;

use crate::profile::Profile;
use crate::table::charset::Charset;
use crate::table::text;
pub use blank::blank;
pub use cells::is_value;
pub use finding::Finding;
use headed::with_header;
use header::{find_header, header_at};
pub use refused::NotUnderstood;
pub use roles::role_of;
use shapes::{headerless, plate};
use sheet::{Sheet, squeezed};
pub use source::Hints;
use source::{Source, look};
pub(super) use units::{BEFORE_BRACKETS, BRACKETS};
pub use writing::{DELIMITERS, correct, quote, reference, sheet_pattern};

/// A proposed profile.
#[derive(Debug, Clone)]
pub struct Suggestion {
    pub toml: String,
    pub profile: Profile,
    pub findings: Vec<Finding>,
}

/// Proposes a profile. The error says what was not understood.
pub fn suggest(bytes: &[u8]) -> Result<Suggestion, NotUnderstood> {
    suggest_with(bytes, &Hints::default())
}

/// The same by what a person has said.
pub fn suggest_with(bytes: &[u8], hints: &Hints) -> Result<Suggestion, NotUnderstood> {
    let mut findings = Vec::new();
    let source = look(bytes, hints, &mut findings)?;
    if hints.turned && !matches!(source, Source::Table { .. }) {
        return Err(NotUnderstood::NotTurnable);
    }
    let body = match &source {
        Source::Records(text) => text.clone(),
        Source::Tree { tree, encoding } => tree::proposal(tree, encoding, &mut findings)?,
        Source::Table { head, sheets } => {
            let found = match hints.header {
                Some(line) => sheets.iter().find_map(|sheet| Some((sheet, header_at(sheet, line)?))),
                None => sheets
                    .iter()
                    .filter_map(|sheet| Some((sheet, find_header(sheet)?)))
                    .max_by_key(|(_, header)| header.score),
            };
            let told = hints.header.is_some();
            let may_be_plate = !told && found.as_ref().is_none_or(|(sheet, header)| header.is_weak(sheet));
            let shaped =
                sheets.iter().filter(|_| may_be_plate).find_map(|sheet| Some((sheet, plate(sheet, &mut findings)?)));
            let bare = || {
                // A person has said that there is a header.
                if told {
                    return None;
                }
                let mut notes = Vec::new();
                let table = sheets.iter().find_map(|sheet| Some((sheet, headerless(sheet, &mut notes)?)))?;
                Some((table, notes))
            };
            let headed = || found.and_then(|(sheet, header)| with_header(sheet, &header, sheets));
            let (sheet, numbers, table) = match shaped {
                Some((sheet, (numbers, table))) => (sheet, numbers, table),
                None => match headed() {
                    Some((sheet, numbers, table, notes)) => {
                        findings.extend(notes);
                        (sheet, numbers, table)
                    }
                    None => {
                        let ((sheet, (numbers, table)), notes) = bare().ok_or(NotUnderstood::NoTable)?;
                        findings.extend(notes);
                        (sheet, numbers, table)
                    }
                },
            };
            let sheets = match sheet.name.is_empty() {
                true => String::new(),
                // Every sheet is an analyte.
                false if table.contains("{@sheet}") => String::new(),
                false => {
                    let pattern = sheets_pattern(sheet, hints.sheet.as_deref(), sheets);
                    format!("[workbook]\nsheets = {}\n\n", quote(&pattern))
                }
            };
            format!("{head}{sheets}[numbers]\n{numbers}\n{table}")
        }
    };
    let toml = format!("title = \"\"\nmaturity = \"draft\"\nsource = \"proposed from an example\"\n{body}");
    let profile = Profile::parse("proposal", &toml).map_err(|error| NotUnderstood::NoProfile(error.to_string()))?;
    Ok(Suggestion { toml, profile, findings })
}

/// The pattern of this sheet and of those that hold the same line of names, as where every injection has a sheet.
fn sheets_pattern(sheet: &Sheet, told: Option<&str>, sheets: &[Sheet]) -> String {
    let header = find_header(sheet).filter(|header| told.is_none() && header.known >= 2);
    let Some(header) = header else { return sheet_pattern(&sheet.name) };
    let alike = |other: &&Sheet| other.rows.iter().any(|row| squeezed(row) == header.names);
    let names: Vec<String> = sheets.iter().filter(alike).map(|other| regex::escape(&other.name)).collect();
    match &names[..] {
        [_] | [] => sheet_pattern(&sheet.name),
        several => format!("^({})$", several.join("|")),
    }
}

/// Format and rows of a source that is JSON or XML by its first signs, for a person to point at what was not understood.
pub fn tree_rows(bytes: &[u8]) -> Option<(&'static str, String)> {
    let text = text::decode(bytes, &[Charset::utf_8()]).unwrap_or_else(|_| String::from_utf8_lossy(bytes));
    let format = tree::format_of(&text)?;
    let tree = tree::tree_of(&text);
    Some((format, tree.map_or_else(|| "item".to_string(), |tree| tree::commonest_rows(&tree.root))))
}
