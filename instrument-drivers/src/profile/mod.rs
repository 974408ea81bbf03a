//! Profiles: an instrument described in TOML, and the reader that follows it.
//!
//! A mistake in a profile is found when it is loaded and named with its key and the allowed values. The language is
//! explained with examples in `docs/reference/profile-language.md`.

mod amiss;
pub mod choose;
pub mod comparing;
pub mod condition;
pub mod correction;
pub mod evidence;
pub mod expr;
pub mod fields;
pub mod find;
pub mod findings;
pub mod flags;
pub mod link;
mod numbers;
pub mod places;
pub mod point;
pub mod query;
pub mod reading;
pub mod recognise;
pub mod record_format;
mod record_hl7;
mod record_kinds;
pub mod record_status;
mod record_texts;
mod record_vidas;
pub mod records;
pub mod reference;
mod source;
pub mod suggest;
pub mod table;
mod ways;
pub mod words;
pub mod worklist;
mod written;

use std::borrow::Cow;
use std::path::Path;
use std::time::Instant;

use chrono::{DateTime, Utc};
use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::number::NumberRules;
use crate::observation::{Reading, Sink, Trouble};
use crate::table::charset::Charset;
use crate::table::pieces::Source;
use crate::table::rows::Grid;
use crate::table::text::{self, Disguise, in_disguise};
use crate::table::workbook;
use crate::trouble::{self, Reason};
use crate::wire::mllp::MllpLink;
use crate::wire::{Link, hl7};
use link::{LinkRules, PollToml};
use query::{Asked, QueryRules, Speaks};
use reading::known::Known;
use records::{RecordRules, Variables};
use source::{Cells, PREVIEW_BYTES, TableRules, lines_of, preview_workbook};
pub use source::{Cutting, Survey};
use worklist::WorklistRules;
use written::ProfileToml;

include!(concat!(env!("OUT_DIR"), "/shipped.rs"));

#[derive(Debug, Clone, thiserror::Error)]
pub enum ProfileError {
    #[error("there is no shipped profile '{name}' and no such file; the nearest names are {nearest}")]
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
    /// Empty: the same.
    pub title_zh: String,
    pub maker: String,
    pub model: String,
    pub technique: String,
    pub maturity: Maturity,
    pub source: String,
    pub recognise: Recognise,
    /// What its words, flags and readings say to whoever files them.
    pub words: words::Words,
    /// What names the sample of a document.
    pub evidence: evidence::Evidence,
    /// How its questions are answered.
    pub query: Option<QueryRules>,
    /// The file in which its software takes a work list.
    pub worklist: Option<WorklistRules>,
    source_rules: SourceRules,
    numbers: NumberRules,
    link: LinkRules,
    has_link: bool,
}

/// What tells the profile reader about the source beside its bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    /// Name of the file; from a watched folder with the folders below that one, as `F26-1.D/Report.csv`.
    pub file_name: Option<String>,
    /// The folder it lies in, where the name does not say it.
    pub folder: Option<String>,
}

impl Context {
    /// A file by its path, and the name of the folder that it lies in.
    pub fn of_path(path: &Path) -> Context {
        let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
        Context { file_name: name(path), folder: path.parent().and_then(name) }
    }

    /// What templates call `{@file}`, `{@stem}` and `{@folder}`.
    fn variables(&self) -> [(String, String); 3] {
        let file = self.file_name.clone().unwrap_or_default();
        let stem = file.rsplit_once('.').map_or(file.as_str(), |(stem, _)| stem).to_string();
        let above =
            file.rsplit_once(['/', '\\']).map(|(above, _)| above.rsplit(['/', '\\']).next().unwrap_or_default());
        let folder = above.map(String::from).or_else(|| self.folder.clone()).unwrap_or_default();
        [("file".to_string(), file), ("stem".to_string(), stem), ("folder".to_string(), folder)]
    }

    fn known(&self) -> Known {
        Known::of(self.variables().into())
    }
}

/// By which marks a source of this profile is known.
#[derive(Debug, Clone, Default)]
pub struct Recognise {
    pub file_name: Option<Regex>,
    pub content: Vec<Regex>,
    /// Any of these in the content says that it is something else.
    pub except: Vec<Regex>,
    /// A format rather than an instrument: chosen only when nothing more particular fits.
    pub general: bool,
}

#[derive(Debug, Clone)]
enum SourceRules {
    Records(Box<RecordRules>, Vec<Charset>),
    Table(TableRules),
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
            Err(_) => Err(ProfileError::Unknown { name: name_or_path.to_string(), nearest: nearest(name_or_path) }),
        }
    }

    /// Names of the shipped profiles.
    pub fn shipped() -> impl Iterator<Item = &'static str> {
        SHIPPED.iter().map(|(name, _)| *name)
    }

    /// The text of a shipped profile.
    pub fn shipped_text(name: &str) -> Option<&'static str> {
        SHIPPED.iter().find(|(shipped, _)| *shipped == name).map(|(_, text)| *text)
    }

    /// A profile from its TOML text. `name` is used in messages.
    pub fn parse(name: &str, text: &str) -> Result<Profile, ProfileError> {
        let invalid = |reason: String| ProfileError::Invalid { name: name.to_string(), reason };
        let written: ProfileToml = toml::from_str(text).map_err(|error| invalid(error.to_string()))?;
        written.compile(name).map_err(invalid)
    }

    /// What the profile itself writes for the sample of a source that names none: a balance does not know what lies on it.
    pub fn own_samples(&self) -> Vec<&str> {
        let SourceRules::Table(rules) = &self.source_rules else { return Vec::new() };
        let fields = rules.tables.iter().filter_map(|table| table.fields.as_ref());
        let samples = fields.flat_map(|fields| std::iter::once(&fields.sample).chain(&fields.match_sample));
        samples.flat_map(|sample| sample.own_texts()).collect()
    }

    /// Reads a message or a file. Never panics, whatever the bytes are.
    pub fn read(&self, bytes: &[u8], context: &Context) -> Reading {
        let mut reading = Reading::default();
        self.read_to(Source::Bytes(bytes), context, &mut reading);
        reading
    }

    /// The same, handing on what is found while it is found. A text of any length needs little memory, unless the profile
    /// chooses between lines or turns the table round.
    pub fn read_to(&self, mut source: Source<'_>, context: &Context, sink: &mut dyn Sink) {
        let whole = match &self.source_rules {
            SourceRules::Table(rules) if self.link.strip().is_nothing() => {
                return rules.read(source, &self.numbers, &context.known(), sink);
            }
            _ => source.whole(),
        };
        match (whole, &self.source_rules) {
            (Err(error), _) => sink.trouble(Trouble::new("", trouble::NOT_READ.with("why", error.to_string()))),
            (Ok(bytes), SourceRules::Table(rules)) => {
                let text = self.link.strip().clean(&bytes);
                rules.read(Source::Bytes(&text), &self.numbers, &context.known(), sink);
            }
            (Ok(bytes), SourceRules::Records(rules, encodings)) => {
                let encoding = encoding_of_records(&bytes, encodings);
                rules.read(&bytes, encoding, &self.numbers, &Variables(context.variables().into()), sink);
            }
        }
    }

    /// What an instrument asks in one of its messages; nothing where the profile does not say how it asks.
    pub fn asked(&self, message: &[u8]) -> Vec<Asked> {
        match (&self.query, &self.source_rules) {
            (Some(query), SourceRules::Records(rules, encodings)) => {
                let encoding = encoding_of_records(message, encodings);
                if query.speaks() == Speaks::Hl7 {
                    return query.asked(&encoding.decode(message));
                }
                rules.texts(message, encoding).iter().flat_map(|text| query.asked(text)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// As [`read`](Self::read), and what is left aside.
    pub fn survey(&self, bytes: &[u8], context: &Context) -> Survey {
        match &self.source_rules {
            SourceRules::Records(..) => Survey { reading: self.read(bytes, context), ..Survey::default() },
            SourceRules::Table(rules) => {
                let text = self.link.strip().clean(bytes);
                rules.survey(&mut Source::Bytes(&text), &self.numbers, &context.known())
            }
        }
    }

    /// A whole source as text in its own encoding, control bytes and line ends as they came, for a person to look at.
    /// `None` for a workbook, and for bytes that are in no declared encoding.
    pub fn text<'b>(&self, bytes: &'b [u8]) -> Option<Cow<'b, str>> {
        match &self.source_rules {
            SourceRules::Records(_, encodings) => {
                Some(encoding_of_records(bytes, encodings).decode_without_bom_handling(bytes).0)
            }
            SourceRules::Table(TableRules { cells: Cells::Workbook(_), .. }) => None,
            SourceRules::Table(rules) => rules.decoded(bytes).ok(),
        }
    }

    /// All sheets of a workbook with the cells as the readers see them; `None` where the profile reads no workbook.
    pub fn sheets(&self, bytes: &[u8]) -> Option<Vec<Grid>> {
        match &self.source_rules {
            SourceRules::Table(TableRules { cells: Cells::Workbook(_), encodings, .. }) => {
                workbook::grids(bytes, encodings, |_| true).ok()
            }
            SourceRules::Table(_) | SourceRules::Records(..) => None,
        }
    }

    /// A source as cells, at most so many rows of each sheet, for a person to point at: every sheet of a workbook, every line
    /// of a text cut as [`cutting`](Self::cutting) says. The error says why there are none.
    pub fn cells(&self, bytes: &[u8], most: usize) -> Result<Vec<Grid>, Reason> {
        match &self.source_rules {
            SourceRules::Table(rules) => rules.cells(&self.link.strip().clean(bytes), most),
            SourceRules::Records(..) => Ok(vec![lines_of(&self.text(bytes).unwrap_or_default(), most)]),
        }
    }

    /// What of a source a person can point at.
    pub fn cutting(&self) -> Cutting {
        match &self.source_rules {
            SourceRules::Table(rules) => rules.cutting(),
            SourceRules::Records(..) => Cutting::Whole,
        }
    }

    /// The beginning of a source as text, for recognising it.
    fn preview(&self, source: &mut Source<'_>) -> String {
        let (encodings, rules) = match &self.source_rules {
            SourceRules::Records(_, encodings) => (encodings, None),
            SourceRules::Table(TableRules { cells: Cells::Workbook(sheets), encodings, .. }) => {
                return preview_workbook(source, encodings, sheets);
            }
            SourceRules::Table(rules) => (&rules.encodings, Some(rules)),
        };
        let start = source.start(PREVIEW_BYTES + 1).unwrap_or_default();
        // Cut at a line end, so that no character is cut in two (for UTF-16 the half behind it does no harm).
        let cut = start.len().min(PREVIEW_BYTES);
        let line_end = start[..cut].iter().rposition(|byte| *byte == b'\n').filter(|_| cut < start.len());
        let bytes = &start[..line_end.map_or(cut, |at| at + 1)];
        // Bytes that are not in a declared encoding are not of this source.
        let text = rules.map_or_else(|| text::decode(bytes, encodings), |rules| rules.decoded(bytes));
        text.unwrap_or_default().replace("\r\n", "\n").replace('\r', "\n")
    }

    /// The protocol for a line to this instrument. `at`: what the clock shows now; `poll` comes before the profile's own.
    pub fn link(&self, now: Instant, at: DateTime<Utc>, poll: Option<&PollToml>) -> Box<dyn Link> {
        match (&self.link, &self.query) {
            (LinkRules::Mllp, Some(_)) => Box::new(MllpLink::begun(now, at).answering()),
            (link, _) => link.link(now, at, poll),
        }
    }

    /// Whether an instrument can be asked again and again: only lines are.
    pub fn can_be_polled(&self) -> bool {
        matches!(self.link, LinkRules::Lines(_))
    }

    /// The protocol that it speaks on a line.
    pub fn protocol(&self) -> &'static str {
        self.link.protocol()
    }

    /// Whether the profile says how to talk on a line, or is for files only.
    pub fn has_link(&self) -> bool {
        self.has_link
    }
}

/// Frames are ASCII. The text's encoding is the one that an HL7 message names itself, else the first declared one, in which
/// nothing is malformed.
fn encoding_of_records(bytes: &[u8], encodings: &[Charset]) -> Charset {
    let fits = |encoding: &Charset| !encoding.decode_without_bom_handling(bytes).1;
    if let Some(named) = hl7::declared_encoding(bytes).map(Charset::from).filter(fits) {
        return named;
    }
    let first = encodings.iter().copied().find(fits).unwrap_or(encodings[0]);
    let disguise = Disguise::of(&first.decode_without_bom_handling(bytes).0);
    in_disguise(disguise, first, encodings).unwrap_or(first)
}

/// The three shipped names that a text becomes with the fewest changes; of equally near ones those that share a word.
fn nearest(name: &str) -> String {
    let name = name.to_lowercase();
    let wanted: Vec<&str> = name.split(['_', '-', '.', ' ', '/']).collect();
    let shared = |shipped: &str| shipped.split('_').filter(|word| wanted.contains(word)).count();
    let mut scored: Vec<_> = Profile::shipped()
        .map(|shipped| (changes(&name, shipped), std::cmp::Reverse(shared(shipped)), shipped))
        .collect();
    scored.sort_unstable();
    scored.iter().take(3).map(|(_, _, name)| *name).collect::<Vec<_>>().join(", ")
}

/// Characters to be put in, taken out or replaced so that one text becomes the other (Levenshtein).
fn changes(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    // Changes of what has been read of `from` into every beginning of `to`.
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (read, own) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], read + 1);
        for (at, other) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(own != *other);
            diagonal = row[at + 1];
            row[at + 1] = replaced.min(row[at] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_names_are_those_with_the_fewest_changes() {
        for (from, to, expected) in
            [("", "abc", 3), ("abc", "abc", 0), ("kitten", "sitting", 3), ("astm", "atm", 1), ("铅", "镉", 1)]
        {
            assert_eq!(changes(from, to), expected, "{from} {to}");
            assert_eq!(changes(to, from), expected, "{to} {from}");
        }
        assert!(nearest("generic_astn").starts_with("generic_astm, "));
        assert!(nearest("sartorious_sbi").starts_with("sartorius_sbi, "));
        assert!(nearest("OHAUS-balance").starts_with("ohaus_balance, "));
        assert_eq!(nearest("nope").split(", ").count(), 3);
    }

    #[test]
    fn balances_and_meters_know_of_no_sample() {
        let own = |name: &str| -> Vec<String> {
            Profile::load(name).unwrap().own_samples().into_iter().map(str::to_owned).collect()
        };
        // Two tables of each; the block has its own line for the sample, which may be missing.
        assert_eq!(own("sartorius_sbi"), ["balance", "balance"]);
        assert_eq!(own("hanna_ph_meter"), ["meter", "meter"]);
        assert_eq!(own("meter_printer_block"), ["meter"]);
        for naming in ["generic_long_table", "generic_astm", "agilent_masshunter_final_conc"] {
            assert_eq!(own(naming), Vec::<String>::new(), "{naming}");
        }
    }
}
