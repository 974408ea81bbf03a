//! Profiles: an instrument described in TOML, and the reader that follows it.
//!
//! A mistake in a profile is found when it is loaded and named with its key and the allowed values. The language is
//! explained with examples in `docs/reference/profile-language.md`.

pub mod condition;
pub mod expr;
pub mod fields;
pub mod link;
pub mod recognise;
pub mod records;
pub mod table;

use std::path::Path;
use std::time::Instant;

use encoding_rs::Encoding;
use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::number::NumberRules;
use crate::observation::{Qualifier, Reading, Trouble};
use crate::table::engine::{Known, Reader};
use crate::table::rows::{Delimited, Grid, Place, Row, each_delimited, each_line};
use crate::table::{text, tree, workbook};
use crate::wire::Link;
use condition::OneOrMany;
use link::{LinkRules, LinkToml};
use records::{RecordFormat, RecordRules, RecordsToml, Variables};
use table::{Find, FindToml, Table, TableToml};

include!(concat!(env!("OUT_DIR"), "/shipped.rs"));

#[derive(Debug, Clone, thiserror::Error)]
pub enum ProfileError {
    #[error(
        "there is no shipped profile '{name}' and no such file; the nearest names are {nearest}"
    )]
    Unknown { name: String, nearest: String },
    #[error("profile {name}: {reason}")]
    Invalid { name: String, reason: String },
}

/// How far a profile is to be trusted. Shown to users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Maturity {
    /// Written from documents.
    Draft,
    /// Reads real files or captures completely.
    Candidate,
    /// In use, compared with the instrument's own printout.
    Proven,
}

/// A loaded profile.
#[derive(Debug, Clone)]
pub struct Profile {
    pub name: String,
    pub title: String,
    pub maker: String,
    pub model: String,
    pub technique: String,
    pub maturity: Maturity,
    pub source: String,
    pub recognise: Recognise,
    source_rules: SourceRules,
    numbers: NumberRules,
    link: LinkRules,
    has_link: bool,
}

/// What tells the profile reader about the source beside its bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    /// Name of the file, without its folder.
    pub file_name: Option<String>,
}

/// By which marks a source of this profile is known.
#[derive(Debug, Clone, Default)]
pub struct Recognise {
    pub file_name: Option<Regex>,
    pub content: Vec<Regex>,
    /// A format rather than an instrument: chosen only when nothing more particular fits.
    pub general: bool,
}

#[derive(Debug, Clone)]
enum SourceRules {
    Records(Box<RecordRules>, Vec<&'static Encoding>),
    Table(TableRules),
}

#[derive(Debug, Clone)]
struct TableRules {
    encodings: Vec<&'static Encoding>,
    cells: Cells,
    transpose: bool,
    finds: Vec<Find>,
    tables: Vec<Table>,
}

/// Where cells come from.
#[derive(Debug, Clone)]
enum Cells {
    Delimited(Delimited),
    /// Every line is one cell.
    Lines,
    Workbook(Sheets),
    Json {
        rows: String,
    },
    Xml {
        rows: String,
    },
}

#[derive(Debug, Clone, Default)]
struct Sheets {
    only: Option<Regex>,
    except: Option<Regex>,
}

impl Sheets {
    fn wants(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only.is_match(name))
            && !self
                .except
                .as_ref()
                .is_some_and(|except| except.is_match(name))
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileToml {
    #[serde(default)]
    title: String,
    #[serde(default)]
    maker: String,
    #[serde(default)]
    model: String,
    #[serde(default)]
    technique: String,
    maturity: Maturity,
    /// Documents or files that the profile was made from.
    source: String,
    format: Format,
    #[serde(default)]
    recognise: RecogniseToml,
    #[serde(default)]
    text: TextToml,
    #[serde(default)]
    workbook: WorkbookToml,
    tree: Option<TreeToml>,
    /// Columns are rows: the source is turned round before it is read.
    #[serde(default)]
    transpose: bool,
    #[serde(default)]
    numbers: NumbersToml,
    #[serde(default)]
    find: Vec<FindToml>,
    #[serde(default)]
    table: Vec<TableToml>,
    records: Option<RecordsToml>,
    link: Option<LinkToml>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Format {
    /// Cells separated by a character.
    Delimited,
    /// Lines, cut by patterns, rulers or character positions.
    Lines,
    /// XLSX, XLS, ODS.
    Workbook,
    Json,
    Xml,
    Astm,
    Hl7,
    Vidas,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecogniseToml {
    file_name: Option<String>,
    #[serde(default)]
    content: Vec<String>,
    #[serde(default)]
    general: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct TextToml {
    encoding: Option<OneOrMany>,
    delimiter: Option<String>,
    quote: Option<String>,
    #[serde(default)]
    unquote_lines: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WorkbookToml {
    /// Regular expression: the sheets to read. All when left out.
    sheets: Option<String>,
    /// Regular expression: sheets not to read.
    except: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct TreeToml {
    /// Path of the elements that are rows: `Run.Sample.Result`.
    rows: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct NumbersToml {
    decimal_mark: Option<String>,
    thousands: Option<String>,
    #[serde(default)]
    markers: std::collections::BTreeMap<String, Qualifier>,
}

impl Profile {
    /// A shipped profile by its name, or a profile file by its path.
    pub fn load(name_or_path: &str) -> Result<Profile, ProfileError> {
        if let Some((name, text)) = SHIPPED.iter().find(|(name, _)| *name == name_or_path) {
            return Profile::parse(name, text);
        }
        let path = Path::new(name_or_path);
        match std::fs::read_to_string(path) {
            Ok(text) => Profile::parse(&path.display().to_string(), &text),
            Err(_) => Err(ProfileError::Unknown {
                name: name_or_path.to_string(),
                nearest: nearest(name_or_path),
            }),
        }
    }

    /// Names of the shipped profiles.
    pub fn shipped() -> impl Iterator<Item = &'static str> {
        SHIPPED.iter().map(|(name, _)| *name)
    }

    /// A profile from its TOML text. `name` is used in messages.
    pub fn parse(name: &str, text: &str) -> Result<Profile, ProfileError> {
        let invalid = |reason: String| ProfileError::Invalid {
            name: name.to_string(),
            reason,
        };
        let written: ProfileToml =
            toml::from_str(text).map_err(|error| invalid(error.to_string()))?;
        written.compile(name).map_err(invalid)
    }

    /// Reads a message or a file. Never panics, whatever the bytes are.
    pub fn read(&self, bytes: &[u8], context: &Context) -> Reading {
        let file = context.file_name.clone().unwrap_or_default();
        let stem = file
            .rsplit_once('.')
            .map_or(file.as_str(), |(stem, _)| stem)
            .to_string();
        let variables = vec![("file".to_string(), file), ("stem".to_string(), stem)];
        match &self.source_rules {
            SourceRules::Records(rules, encodings) => {
                // Frames are ASCII; the first declared encoding in which nothing is malformed is the text's.
                let fits =
                    |encoding: &&&'static Encoding| !encoding.decode_without_bom_handling(bytes).1;
                let encoding = encodings.iter().find(fits).unwrap_or(&encodings[0]);
                rules.read(bytes, encoding, &self.numbers, &Variables(variables))
            }
            SourceRules::Table(rules) => {
                let mut known = Known {
                    variables: variables.into_iter().collect(),
                    ..Known::default()
                };
                rules.read(bytes, &self.numbers, &mut known)
            }
        }
    }

    /// The beginning of a source as text, for recognising it.
    fn preview(&self, whole: &[u8]) -> String {
        let encodings = match &self.source_rules {
            SourceRules::Records(_, encodings) => encodings,
            SourceRules::Table(TableRules {
                cells: Cells::Workbook(sheets),
                ..
            }) => return preview_workbook(whole, sheets),
            SourceRules::Table(rules) => &rules.encodings,
        };
        // Cut at a line end, so that no character is cut in two (for UTF-16 the half behind it does no harm).
        let cut = whole.len().min(PREVIEW_BYTES);
        let line_end = whole[..cut]
            .iter()
            .rposition(|byte| *byte == b'\n')
            .filter(|_| cut < whole.len());
        let bytes = &whole[..line_end.map_or(cut, |at| at + 1)];
        // Bytes that are not in a declared encoding are not of this source.
        text::decode(bytes, encodings)
            .unwrap_or_default()
            .replace("\r\n", "\n")
            .replace('\r', "\n")
    }

    /// The protocol for a line to this instrument.
    pub fn link(&self, now: Instant) -> Box<dyn Link> {
        self.link.link(now)
    }

    /// Whether the profile says how to talk on a line, or is for files only.
    pub fn has_link(&self) -> bool {
        self.has_link
    }
}

impl ProfileToml {
    fn compile(&self, name: &str) -> Result<Profile, String> {
        let encodings = match &self.text.encoding {
            Some(names) => names
                .list()
                .iter()
                .map(|name| {
                    text::encoding_named(name).map_err(|error| format!("text.encoding: {error}"))
                })
                .collect::<Result<Vec<_>, _>>()?,
            None => text::default_candidates(),
        };
        let record_format = match self.format {
            Format::Astm => Some(RecordFormat::Astm),
            Format::Hl7 => Some(RecordFormat::Hl7),
            Format::Vidas => Some(RecordFormat::Vidas),
            Format::Delimited | Format::Lines | Format::Workbook | Format::Json | Format::Xml => {
                None
            }
        };
        let source_rules = match record_format {
            Some(format) => {
                if !self.table.is_empty() || !self.find.is_empty() {
                    return Err(
                        "table and find belong to the formats made of rows; use [records] here"
                            .into(),
                    );
                }
                let records = self.records.clone().unwrap_or_default();
                SourceRules::Records(Box::new(records.compile(format)?), encodings)
            }
            None => SourceRules::Table(self.compile_table(encodings)?),
        };
        let link = match &self.link {
            Some(link) => link.compile()?,
            None => LinkRules::Lines(Default::default()),
        };
        Ok(Profile {
            name: name.to_string(),
            title: self.title.clone(),
            maker: self.maker.clone(),
            model: self.model.clone(),
            technique: self.technique.clone(),
            maturity: self.maturity,
            source: self.source.clone(),
            recognise: self.recognise.compile()?,
            source_rules,
            numbers: self.numbers.compile()?,
            link,
            has_link: self.link.is_some(),
        })
    }

    fn compile_table(&self, encodings: Vec<&'static Encoding>) -> Result<TableRules, String> {
        if self.records.is_some() {
            return Err(
                "records belongs to the formats astm, hl7 and vidas; use [[table]] here".into(),
            );
        }
        if self.table.is_empty() {
            return Err(
                "table is missing: at least one [[table]] says where the values stand".into(),
            );
        }
        let rows = || {
            self.tree
                .as_ref()
                .map(|tree| tree.rows.clone())
                .ok_or("tree.rows is missing: the path of the elements that are rows")
        };
        let cells = match self.format {
            Format::Delimited => Cells::Delimited(self.text.compile()?),
            Format::Workbook => Cells::Workbook(Sheets {
                only: self
                    .workbook
                    .sheets
                    .as_deref()
                    .map(|text| expr::regex(text, "workbook.sheets"))
                    .transpose()?,
                except: self
                    .workbook
                    .except
                    .as_deref()
                    .map(|text| expr::regex(text, "workbook.except"))
                    .transpose()?,
            }),
            Format::Json => Cells::Json { rows: rows()? },
            Format::Xml => Cells::Xml { rows: rows()? },
            Format::Lines | Format::Astm | Format::Hl7 | Format::Vidas => Cells::Lines,
        };
        let tables = self
            .table
            .iter()
            .enumerate()
            .map(|(i, table)| table.compile(&format!("table {}", i + 1)));
        let finds = self
            .find
            .iter()
            .enumerate()
            .map(|(i, find)| find.compile(&format!("find {}", i + 1)));
        Ok(TableRules {
            encodings,
            cells,
            transpose: self.transpose,
            finds: finds.collect::<Result<_, _>>()?,
            tables: tables.collect::<Result<_, _>>()?,
        })
    }
}

impl TextToml {
    fn compile(&self) -> Result<Delimited, String> {
        let one = |text: &str, key: &str| match text {
            "tab" => Ok(b'\t'),
            text if text.len() == 1 => Ok(text.as_bytes()[0]),
            text => Err(format!(
                "text.{key}: '{text}' must be one ASCII character, or \"tab\""
            )),
        };
        let delimiter = self
            .delimiter
            .as_deref()
            .ok_or("text.delimiter is missing: write for example delimiter = \",\"")?;
        Ok(Delimited {
            delimiter: one(delimiter, "delimiter")?,
            quote: match self.quote.as_deref() {
                None => Some(b'"'),
                Some("") => None,
                Some(text) => Some(one(text, "quote")?),
            },
            unquote_lines: self.unquote_lines,
        })
    }
}

impl NumbersToml {
    fn compile(&self) -> Result<NumberRules, String> {
        let decimal_mark = match self.decimal_mark.as_deref() {
            None | Some(".") => '.',
            Some(",") => ',',
            Some(other) => {
                return Err(format!(
                    "numbers.decimal_mark: '{other}' must be \".\" or \",\""
                ));
            }
        };
        if self.thousands.as_deref() == Some(&decimal_mark.to_string())
            || self.thousands.as_deref() == Some("")
        {
            return Err("numbers.thousands: must not be empty nor the decimal mark".into());
        }
        Ok(NumberRules {
            decimal_mark,
            thousands: self.thousands.clone(),
            markers: self.markers.clone().into_iter().collect(),
        })
    }
}

impl RecogniseToml {
    fn compile(&self) -> Result<Recognise, String> {
        let content = self
            .content
            .iter()
            .map(|text| expr::regex(text, "recognise.content"));
        Ok(Recognise {
            file_name: self
                .file_name
                .as_deref()
                .map(|text| expr::regex(text, "recognise.file_name"))
                .transpose()?,
            content: content.collect::<Result<_, _>>()?,
            general: self.general,
        })
    }
}

impl TableRules {
    fn read(&self, bytes: &[u8], numbers: &NumberRules, known: &mut Known) -> Reading {
        let mut reading = Reading::default();
        match self.sources(bytes) {
            Err(reason) => reading.troubles.push(Trouble::new("", reason)),
            Ok(sources) if sources.is_empty() => {
                reading.troubles.push(Trouble::new(
                    "",
                    "the workbook has none of the sheets that the profile reads",
                ));
            }
            Ok(sources) => {
                let mut found = vec![None; self.tables.len()];
                for source in &sources {
                    self.read_source(source, numbers, known, &mut found, &mut reading);
                }
                // A table that is in one of several sheets is not missing.
                reading.troubles.extend(
                    found
                        .into_iter()
                        .flatten()
                        .flatten()
                        .map(|reason| Trouble::new("", reason)),
                );
            }
        }
        reading
    }

    fn sources(&self, bytes: &[u8]) -> Result<Vec<Source>, String> {
        let decoded = || text::decode(bytes, &self.encodings);
        let grids = match &self.cells {
            Cells::Workbook(sheets) => workbook::grids(bytes, |name| sheets.wants(name))?,
            Cells::Json { rows } => vec![tree::rows(&tree::from_json(&decoded()?)?, rows)],
            Cells::Xml { rows } => vec![tree::rows(&tree::from_xml(&decoded()?)?, rows)],
            Cells::Delimited(_) | Cells::Lines if !self.transpose => {
                return Ok(vec![Source::Text(decoded()?)]);
            }
            Cells::Delimited(_) | Cells::Lines => {
                let mut rows = Vec::new();
                self.each_row(&Source::Text(decoded()?), |row| rows.push(row.clone()))?;
                vec![Grid {
                    name: String::new(),
                    place: Place::Line,
                    rows,
                }]
            }
        };
        Ok(grids
            .into_iter()
            .map(|grid| {
                Source::Grid(if self.transpose {
                    grid.transposed()
                } else {
                    grid
                })
            })
            .collect())
    }

    /// `found`: for each table why it was not found yet, `Some(None)` once it was.
    fn read_source(
        &self,
        source: &Source,
        numbers: &NumberRules,
        known: &mut Known,
        found: &mut [Option<Option<String>>],
        reading: &mut Reading,
    ) {
        let file_wide = known.variables.clone();
        if let Source::Grid(grid) = source {
            known.variables.insert("sheet".into(), grid.name.clone());
        }
        let mut here = Vec::new();
        let outcome = self.each_row(source, |row| {
            for find in &self.finds {
                here.extend(find.at(row, row.number));
            }
        });
        for (name, value) in here {
            known.variables.entry(name).or_insert(value);
        }
        if let Err(reason) = outcome {
            reading.troubles.push(Trouble::new("", reason));
        }
        for (index, table) in self.tables.iter().enumerate() {
            let place = match source {
                Source::Text(_) => Place::Line,
                Source::Grid(grid) => grid.place.clone(),
            };
            let mut reader = Reader::new(table, numbers, place);
            // The first pass has told of any problem with the rows.
            let _ = self.each_row(source, |row| reader.row(row, known, reading));
            if found[index] != Some(None) {
                found[index] = Some(missing(&reader, table, index));
            }
        }
        known.variables = file_wide;
    }

    fn each_row(&self, source: &Source, mut each: impl FnMut(&Row)) -> Result<(), String> {
        match (source, &self.cells) {
            (Source::Grid(grid), _) => grid.rows.iter().for_each(each),
            (Source::Text(text), Cells::Delimited(rules)) => {
                each_delimited(text, rules, &mut each)?
            }
            (Source::Text(text), _) => each_line(text, each),
        }
        Ok(())
    }
}

/// One sheet or text.
enum Source {
    Text(String),
    Grid(Grid),
}

/// Why a table gave nothing, when that is not simply an empty table.
fn missing(reader: &Reader<'_>, table: &Table, index: usize) -> Option<String> {
    let number = index + 1;
    if !table.section_start.is_empty() && reader.sections_found == 0 {
        return Some(format!(
            "table {number}: no line starts its section; is this the right profile?"
        ));
    }
    let header = table.header.as_ref()?;
    (reader.headers_found == 0).then(|| {
        let names: Vec<String> = table
            .references
            .iter()
            .filter_map(|reference| match reference {
                expr::Reference::Column {
                    name,
                    optional: false,
                    ..
                } => Some(name.clone()),
                _ => None,
            })
            .chain(header.names.iter().cloned())
            .collect();
        format!(
            "table {number}: no header row was found with the columns {}",
            names.join(", ")
        )
    })
}

/// The three shipped names that share most with a text.
fn nearest(name: &str) -> String {
    let wanted: Vec<&str> = name.split(['_', '-', '.', ' ', '/']).collect();
    let mut scored: Vec<(usize, &str)> = Profile::shipped()
        .map(|shipped| {
            (
                shipped
                    .split('_')
                    .filter(|word| wanted.iter().any(|w| w.eq_ignore_ascii_case(word)))
                    .count(),
                shipped,
            )
        })
        .collect();
    scored.sort_by_key(|(score, name)| (std::cmp::Reverse(*score), *name));
    scored
        .iter()
        .take(3)
        .map(|(_, name)| *name)
        .collect::<Vec<_>>()
        .join(", ")
}

/// Marks are looked for in the first bytes of a text: 64 KiB hold every header seen so far.
const PREVIEW_BYTES: usize = 64 << 10;
/// And in the first rows of every sheet.
const PREVIEW_ROWS: usize = 60;

/// Sheet names as `[name]` and rows with tabs; empty when the bytes are no workbook.
fn preview_workbook(bytes: &[u8], sheets: &Sheets) -> String {
    if !workbook::looks_like_workbook(bytes) {
        return String::new();
    }
    let mut preview = String::new();
    for grid in workbook::grids(bytes, |name| sheets.wants(name)).unwrap_or_default() {
        preview.push_str(&format!("[{}]\n", grid.name));
        for row in grid.rows.iter().take(PREVIEW_ROWS) {
            preview.push_str(&row.line());
            preview.push('\n');
        }
    }
    preview
}
