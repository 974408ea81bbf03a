//! A profile as it is written in TOML, and how it is checked and compiled.

use serde::Deserialize;

use super::condition::OneOrMany;
use super::evidence::EvidenceToml;
use super::find::{Find, FindToml};
use super::findings::Findings;
use super::flags::FlagsToml;
use super::link::{LinkRules, LinkToml};
use super::numbers::NumbersToml;
use super::query::{QueryToml, Speaks};
use super::record_format::RecordFormat;
use super::records::RecordsToml;
use super::source::{Cells, Sheets, TableRules};
use super::table::{Table, TableToml};
use super::words::Words;
use super::worklist::WorklistToml;
use super::{Maturity, Profile, Recognise, SourceRules, comparing};
use crate::number::NumberRules;
use crate::table::charset::Charset;
use crate::table::rows::{Delimited, Delimiter};
use crate::table::text;
use crate::table::tree::{self, ANY_DEPTH, Paths};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileToml {
    #[serde(default)]
    title: String,
    /// Shown to who reads Chinese; left out: the title.
    #[serde(default)]
    title_zh: String,
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
    findings: Option<Findings>,
    flags: Option<FlagsToml>,
    /// Analytes of the reading that a waiting cell takes.
    #[serde(default)]
    main_reading: Vec<String>,
    #[serde(default)]
    evidence: EvidenceToml,
    link: Option<LinkToml>,
    query: Option<QueryToml>,
    worklist: Option<WorklistToml>,
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

impl Format {
    /// As it is written.
    fn name(self) -> &'static str {
        match self {
            Format::Delimited => "delimited",
            Format::Lines => "lines",
            Format::Workbook => "workbook",
            Format::Json => "json",
            Format::Xml => "xml",
            Format::Astm => "astm",
            Format::Hl7 => "hl7",
            Format::Vidas => "vidas",
        }
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecogniseToml {
    file_name: Option<String>,
    #[serde(default)]
    content: Vec<String>,
    /// One of these says that it is something else.
    #[serde(default)]
    except: Vec<String>,
    #[serde(default)]
    general: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct TextToml {
    encoding: Option<OneOrMany>,
    /// One character, several, `"tab"`, `"blanks"`, `"gaps"`; or a list of these.
    delimiter: Option<OneOrMany>,
    quote: Option<String>,
    #[serde(default)]
    unquote_lines: bool,
    /// A source with some bytes that are not of its encoding is read, and its lines with such bytes are told.
    #[serde(default)]
    lossy: bool,
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
    /// Path of the elements that are rows: `Run.Sample.Result`; several: a sheet each, called by its path.
    rows: OneOrMany,
    /// Path of the cells within a row, where cells have no names of their own.
    cells: Option<String>,
    /// Path of the headings of such cells; several: a header row each.
    names: Option<OneOrMany>,
    /// Leaves that are columns before such cells.
    #[serde(default)]
    beside: Vec<String>,
    /// Lists of a row that belong together: each of their items is a row.
    #[serde(default)]
    lists: Vec<String>,
    /// Elements that are called by one of their leaves: `Field.Name`.
    named: Option<OneOrMany>,
}

impl TreeToml {
    fn compile(&self) -> Result<Paths, String> {
        let rows = self.rows.list();
        if rows.is_empty() {
            return Err("tree.rows is empty: name the path of the elements that are rows".into());
        }
        self.check_any_depth(&rows)?;
        if self.cells.is_none() && (self.names.is_some() || !self.beside.is_empty()) {
            return Err("tree.names and tree.beside need tree.cells, the path of the cells within a row".into());
        }
        if self.cells.is_some() && !self.lists.is_empty() {
            return Err("tree.lists and tree.cells exclude each other".into());
        }
        let named =
            self.named.as_ref().map(OneOrMany::list).unwrap_or_default().into_iter().map(|written| {
                match written.rsplit_once('.').filter(|(element, leaf)| !element.is_empty() && !leaf.is_empty()) {
                    Some((element, leaf)) => Ok((element.to_string(), leaf.to_string())),
                    None => Err(format!("tree.named: '{written}' must be an element and its leaf, such as Field.Name")),
                }
            });
        let named = named.collect::<Result<Vec<_>, String>>()?;
        let names = self.names.as_ref().map(OneOrMany::list).unwrap_or_default();
        let (cells, beside, lists) = (self.cells.clone(), self.beside.clone(), self.lists.clone());
        Ok(Paths { rows, cells, names, beside, lists, named })
    }

    /// A step of any depth stands in the paths of the rows, before the name of an element.
    fn check_any_depth(&self, rows: &[String]) -> Result<(), String> {
        for path in rows {
            let steps = tree::steps(path);
            let lacks_name = |at: usize| matches!(steps.get(at + 1).copied(), None | Some("*" | ANY_DEPTH));
            if (0..steps.len()).any(|at| steps[at] == ANY_DEPTH && lacks_name(at)) {
                return Err(format!("tree.rows: '{path}': behind ** stands the name of an element, such as **.Peak"));
            }
        }
        let names = self.names.as_ref().map(OneOrMany::list).unwrap_or_default();
        let named = self.named.as_ref().map(OneOrMany::list).unwrap_or_default();
        let others = [
            ("cells", self.cells.as_slice()),
            ("names", &names[..]),
            ("beside", &self.beside[..]),
            ("lists", &self.lists[..]),
            ("named", &named[..]),
        ];
        match others.iter().find(|(_, paths)| paths.iter().any(|path| tree::steps(path).contains(&ANY_DEPTH))) {
            Some((key, _)) => Err(format!("tree.{key}: ** is a step of tree.rows alone")),
            None => Ok(()),
        }
    }
}

impl ProfileToml {
    pub fn compile(&self, name: &str) -> Result<Profile, String> {
        let encodings = match &self.text.encoding {
            Some(names) => names
                .list()
                .iter()
                .map(|name| text::encoding_named(name).map_err(|error| format!("text.encoding: {error}")))
                .collect::<Result<Vec<_>, _>>()?,
            None => text::default_candidates(),
        };
        let record_format = match self.format {
            Format::Astm => Some(RecordFormat::Astm),
            Format::Hl7 => Some(RecordFormat::Hl7),
            Format::Vidas => Some(RecordFormat::Vidas),
            Format::Delimited | Format::Lines | Format::Workbook | Format::Json | Format::Xml => None,
        };
        self.check_keys()?;
        let numbers = self.numbers.compile("numbers", &NumberRules::default())?;
        let source_rules = match record_format {
            Some(format) => {
                if !self.table.is_empty() || !self.find.is_empty() {
                    return Err("table and find belong to the formats made of rows; use [records] here".into());
                }
                let records = self.records.clone().unwrap_or_default();
                SourceRules::Records(Box::new(records.compile(format)?), encodings)
            }
            None => SourceRules::Table(self.compile_table(encodings, &numbers)?),
        };
        let words = Words::compile(self.findings.as_ref(), self.flags.as_ref(), &self.main_reading)?;
        let link = match &self.link {
            Some(link) => link.compile()?,
            None => LinkRules::Lines(Box::default()),
        };
        check_tolerances(&link, &source_rules)?;
        let speaks = match (self.format, &link) {
            (Format::Astm, LinkRules::Astm(_)) => Some(Speaks::Astm),
            (Format::Hl7, LinkRules::Mllp) => Some(Speaks::Hl7),
            _ => None,
        };
        let query = match (&self.query, speaks) {
            (None, _) => None,
            (Some(query), Some(speaks)) => Some(query.compile(speaks)?),
            (Some(_), None) => {
                return Err(
                    "query belongs to format = \"astm\" with [link] protocol = \"astm\", or to hl7 with mllp".into()
                );
            }
        };
        Ok(Profile {
            name: name.to_string(),
            title: self.title.clone(),
            title_zh: self.title_zh.clone(),
            maker: self.maker.clone(),
            model: self.model.clone(),
            technique: self.technique.clone(),
            maturity: self.maturity,
            source: self.source.clone(),
            recognise: self.recognise.compile()?,
            words,
            evidence: self.evidence.compile()?,
            query,
            worklist: self.worklist.as_ref().map(WorklistToml::compile).transpose()?,
            source_rules,
            numbers,
            link,
            has_link: self.link.is_some(),
        })
    }

    /// Keys that this format would pass over.
    fn check_keys(&self) -> Result<(), String> {
        let unread = [
            ("text.delimiter", self.text.delimiter.is_some(), &[Format::Delimited][..]),
            ("text.quote", self.text.quote.is_some(), &[Format::Delimited]),
            ("text.unquote_lines", self.text.unquote_lines, &[Format::Delimited]),
            ("text.lossy", self.text.lossy, &[Format::Delimited, Format::Lines, Format::Json, Format::Xml]),
            ("workbook", self.workbook.sheets.is_some() || self.workbook.except.is_some(), &[Format::Workbook]),
            ("tree", self.tree.is_some(), &[Format::Json, Format::Xml]),
            (
                "transpose",
                self.transpose,
                &[Format::Delimited, Format::Lines, Format::Workbook, Format::Json, Format::Xml],
            ),
            ("find.sheet", self.find.iter().any(FindToml::names_sheet), &[Format::Workbook, Format::Json, Format::Xml]),
        ];
        for (key, given, formats) in unread {
            if given && !formats.contains(&self.format) {
                let names: Vec<&str> = formats.iter().map(|format| format.name()).collect();
                return Err(format!(
                    "{key}: format = \"{}\" does not read it; it belongs to {}",
                    self.format.name(),
                    names.join(", ")
                ));
            }
        }
        match self.find.iter().any(FindToml::stands_before) {
            true => Err("find.before_section: belongs to a [[table.find]] of a table with sections".into()),
            false => Ok(()),
        }
    }

    fn compile_table(&self, encodings: Vec<Charset>, numbers: &NumberRules) -> Result<TableRules, String> {
        if self.records.is_some() {
            return Err("records belongs to the formats astm, hl7 and vidas; use [[table]] here".into());
        }
        if self.table.is_empty() {
            return Err("table is missing: at least one [[table]] says where the values stand".into());
        }
        let paths = || match &self.tree {
            Some(tree) => tree.compile(),
            None => Err("tree.rows is missing: the path of the elements that are rows".to_string()),
        };
        let cells = match self.format {
            Format::Delimited => Cells::Delimited(self.text.compile()?),
            Format::Workbook => Cells::Workbook(Sheets {
                only: self
                    .workbook
                    .sheets
                    .as_deref()
                    .map(|text| comparing::regex(text, "workbook.sheets"))
                    .transpose()?,
                except: self
                    .workbook
                    .except
                    .as_deref()
                    .map(|text| comparing::regex(text, "workbook.except"))
                    .transpose()?,
            }),
            Format::Json => Cells::Json(paths()?),
            Format::Xml => Cells::Xml(paths()?),
            Format::Lines | Format::Astm | Format::Hl7 | Format::Vidas => Cells::Lines,
        };
        let tables =
            self.table.iter().enumerate().map(|(i, table)| table.compile(&format!("table {}", i + 1), numbers));
        let finds = self.find.iter().enumerate().map(|(i, find)| find.compile(&format!("find {}", i + 1)));
        let finds: Vec<Find> = finds.collect::<Result<_, _>>()?;
        let tables: Vec<Table> = tables.collect::<Result<_, _>>()?;
        let stored: Vec<&str> =
            tables.iter().filter_map(|table| table.store.as_ref()).map(|(name, ..)| name.as_str()).collect();
        for (at, table) in tables.iter().enumerate() {
            table.check_names(&format!("table {}", at + 1), &finds, &stored)?;
        }
        Ok(TableRules { encodings, lossy: self.text.lossy, cells, transpose: self.transpose, finds, tables })
    }
}

impl TextToml {
    fn compile(&self) -> Result<Vec<Delimited>, String> {
        let delimiters = self
            .delimiter
            .as_ref()
            .map(OneOrMany::list)
            .filter(|list| !list.is_empty())
            .ok_or("text.delimiter is missing: write for example delimiter = \",\"")?;
        let quote = match self.quote.as_deref() {
            None => Some(b'"'),
            Some("") => None,
            Some(text) if text.len() == 1 => Some(text.as_bytes()[0]),
            Some(text) => return Err(format!("text.quote: '{text}' must be one ASCII character, or \"\" for none")),
        };
        delimiters
            .iter()
            .map(|text| {
                let delimiter = match text.as_str() {
                    "" => return Err("text.delimiter: must not be empty".into()),
                    "tab" => Delimiter::Byte(b'\t'),
                    "blanks" => Delimiter::Blanks,
                    "gaps" => Delimiter::Gaps,
                    text if text.len() == 1 => Delimiter::Byte(text.as_bytes()[0]),
                    text if text.contains(['\r', '\n']) => {
                        return Err("text.delimiter: must not hold a line end".into());
                    }
                    text => Delimiter::Text(text.to_string()),
                };
                Ok(Delimited { delimiter, quote, unquote_lines: self.unquote_lines })
            })
            .collect()
    }
}

impl RecogniseToml {
    fn compile(&self) -> Result<Recognise, String> {
        let content = self.content.iter().map(|text| comparing::regex(text, "recognise.content"));
        let except = self.except.iter().map(|text| comparing::regex(text, "recognise.except"));
        Ok(Recognise {
            file_name: self
                .file_name
                .as_deref()
                .map(|text| comparing::regex(text, "recognise.file_name"))
                .transpose()?,
            content: content.collect::<Result<_, _>>()?,
            except: except.collect::<Result<_, _>>()?,
            general: self.general,
        })
    }
}

/// What the line takes the reader of stored messages has to take, too: else the instrument is told that its message has
/// arrived, and none is ever read.
fn check_tolerances(link: &LinkRules, rules: &SourceRules) -> Result<(), String> {
    let (LinkRules::Astm(line), SourceRules::Records(records, _)) = (link, rules) else { return Ok(()) };
    let [frame_numbers, plain_frames, fragments] = records.tolerates();
    let needs = [
        ("frame_numbers", line.frame_numbers, "frame_numbers", frame_numbers),
        ("plain_frames", line.plain_frames, "plain_frames", plain_frames),
        ("no_terminator", line.no_terminator, "fragments", fragments),
    ];
    match needs.into_iter().find(|(_, on_the_line, _, in_the_reader)| *on_the_line && !in_the_reader) {
        Some((tolerance, _, key, _)) => Err(format!(
            "link.tolerate: '{tolerance}' needs {key} = true in [records]; without it no message that the line takes is read"
        )),
        None => Ok(()),
    }
}
