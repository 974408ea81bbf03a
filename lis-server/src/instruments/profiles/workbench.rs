//! A profile in the making: what the program proposes for an example, what a person corrects, and what the example reads as
//! then. Pure: bytes and texts in, texts and rows out.

use instrument_drivers::profile::places;
use instrument_drivers::profile::point::{self, Meaning, Pointed};
use instrument_drivers::profile::suggest::{self, DELIMITERS, Finding, Hints, NotUnderstood};
use instrument_drivers::profile::{Context, Cutting, Profile, ProfileError};
use instrument_drivers::trouble;
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use super::super::damaged;
use super::carry::carried;
use super::{PROFILE_CORRECTION, PROFILE_INVALID};
use crate::domain::refusal::{FIELD_INVALID, Fact, Refusal};

mod shown;

use shown::is_wide;
pub use shown::{GridColumn, GridRow, Places, Preview, Sheet, preview};

/// A proposal of the program.
pub struct Proposal {
    pub toml: String,
    pub findings: Vec<Finding>,
    /// Why it is none: its only finding says so in English.
    pub not_understood: Option<NotUnderstood>,
}

/// What the program proposes. A source that it does not understand gets a profile without columns, to be pointed at.
pub fn propose(bytes: &[u8]) -> Proposal {
    match suggest::suggest(bytes) {
        Ok(suggestion) => Proposal { toml: suggestion.toml, findings: suggestion.findings, not_understood: None },
        Err(why) => {
            let said = why.to_string();
            let finding = Finding { what: "shape", choice: "not understood".to_owned(), sure: 0, why: said };
            Proposal { toml: suggest::blank(bytes), findings: vec![finding], not_understood: Some(why) }
        }
    }
}

/// Why a source was not understood, in the reader's language.
pub fn not_understood(why: &NotUnderstood) -> Fact {
    let facts = why.facts().into_iter().map(|(name, fact)| (name, fact.into()));
    Fact::Sentence(format!("profile-not-understood-{}", why.code()), facts.collect())
}

/// A correction by which the source is understood no longer.
fn no_longer(why: &NotUnderstood, field: &str) -> Refusal {
    PROFILE_CORRECTION.with("detail", not_understood(why)).at(field).into()
}

/// What is set for the whole source. Empty: left to the program.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = ProfileSettings)]
pub struct Settings {
    /// `utf-8`, `gb18030`, `windows-1252` …
    pub encoding: String,
    /// `,`, `;`, `|`, `tab`, `gaps`.
    pub delimiter: String,
    /// The only sheet of a workbook that is read.
    pub sheet: String,
    /// `.` or `,`.
    pub decimal_mark: String,
    /// One character.
    pub thousands: String,
    /// What an empty result is: `skip` or `row`.
    pub empty: String,
    /// `transposed`: samples stand across, so rows and columns are exchanged before anything is read.
    pub shape: String,
}

/// See [`Settings::shape`].
pub const TRANSPOSED: &str = "transposed";

/// A place of the example, and what a person says that it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = ProfilePointing)]
pub struct Pointing {
    /// Number of the sheet, from 0; 0 for a text.
    pub sheet: usize,
    /// Number of the row as the example counts, from 1; 0: the whole column.
    pub row: usize,
    /// Number of the column, from 0.
    pub column: usize,
    /// `header`, `sample`, `analyte`, `value`, `first_analyte`, `last_analyte`, `unit`, `flag`, `replicate`, `dilution`,
    /// `role`, `completed_at`, `not_read`, `skip_line` or `end_line`; or of a text that stands where a number would
    /// `not_detected`, `below_quantification`, `over_range`, `under_range`, `missing`, `invalid` or `text`.
    pub means: String,
}

/// A text of the column that holds the types of the rows, and the role that it gives.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = ProfileRoleWord)]
pub struct RoleWord {
    pub word: String,
    /// `sample`, `control`, `blank` or `standard`.
    pub role: String,
}

/// A key of the profile set by hand.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = ProfileKey)]
pub struct KeySet {
    /// `table.value` for the first table, `text.encoding` …
    pub key: String,
    /// A TOML value or a text; empty: the key is removed.
    pub value: String,
}

/// What a person changes.
pub enum Change {
    Settings(Settings),
    Point(Pointing),
    Keys(Vec<KeySet>),
    Roles(Vec<RoleWord>),
    /// Columns begin at these characters, counted from 0; none: lines are whole.
    Places(Vec<usize>),
    /// A column begins at this character, or no longer.
    Place(usize),
}

/// The text of the profile after a change.
///
/// # Errors
/// Why the change means nothing here, at the field that it came from.
pub fn changed(toml: &str, bytes: &[u8], change: &Change) -> Result<String, Refusal> {
    let text = match change {
        Change::Settings(settings) => set(toml, bytes, settings)?,
        Change::Point(at) => pointed(toml, bytes, at)?,
        Change::Keys(keys) => keys.iter().try_fold(toml.to_owned(), |text, KeySet { key, value }| {
            suggest::correct(&text, key.trim(), value.trim()).map_err(not_so("set"))
        })?,
        Change::Roles(words) => {
            let words: Vec<_> = words.iter().map(|one| (one.word.clone(), one.role.clone())).collect();
            point::set_roles(toml, &words).map_err(not_so("roles"))?
        }
        Change::Places(list) => places::cut(toml, list, is_wide(toml, bytes)).map_err(not_so("cut"))?,
        Change::Place(place) => {
            let mut list = places::places(toml);
            match list.iter().position(|one| one == place) {
                Some(at) => {
                    list.remove(at);
                }
                None => list.push(*place),
            }
            places::cut(toml, &list, is_wide(toml, bytes)).map_err(not_so("cut"))?
        }
    };
    let field = match change {
        Change::Settings(_) => "settings",
        Change::Point(_) => "cell",
        Change::Keys(_) => "set",
        Change::Roles(_) => "roles",
        Change::Places(_) | Change::Place(_) => "cut",
    };
    Profile::parse(PROPOSAL, &text).map_err(|error| no_profile(&error, field))?;
    Ok(text)
}

/// A correction that means nothing here, in the reader's language.
fn refused(what: &str, facts: Vec<(&'static str, Fact)>, field: &str) -> Refusal {
    PROFILE_CORRECTION.with("detail", Fact::Sentence(format!("profile-correction-{what}"), facts)).at(field).into()
}

/// As the program says why.
fn not_so(field: &'static str) -> impl Fn(trouble::Reason) -> Refusal {
    move |why| {
        let facts = why.facts().iter().map(|(name, fact)| match *name {
            "field" => ("field", Fact::word(meaning_word(fact))),
            name => (name, fact.into()),
        });
        refused(why.code(), facts.collect(), field)
    }
}

/// With the correction it would be no profile.
fn no_profile(error: &ProfileError, field: &str) -> Refusal {
    refused("not-written", vec![("why", error.into())], field)
}

/// What a field is called where it is pointed at.
pub fn meaning_word(code: &str) -> String {
    format!("profile-means-{}", code.replace('_', "-"))
}

/// How a profile without a name is called in messages.
pub(super) const PROPOSAL: &str = "proposal";

fn set(toml: &str, bytes: &[u8], given: &Settings) -> Result<String, Refusal> {
    let now = settings(toml, bytes);
    let source = [
        ("encoding", &given.encoding, &now.encoding),
        ("delimiter", &given.delimiter, &now.delimiter),
        ("sheet", &given.sheet, &now.sheet),
        ("shape", &given.shape, &now.shape),
    ];
    let mut text = toml.to_owned();
    if !["", TRANSPOSED].contains(&given.shape.as_str()) {
        let facts = vec![("told", given.shape.as_str().into()), ("known", TRANSPOSED.into())];
        return Err(refused("unknown-shape", facts, "shape"));
    }
    let known = given.sheet.is_empty() || sheet_names(toml, bytes).contains(&given.sheet);
    if !known {
        return Err(refused("no-sheet", vec![("sheet", given.sheet.as_str().into())], "sheet"));
    }
    // Other cells come out: everything behind is proposed anew, and corrected as far as that still makes sense.
    if let Some((field, ..)) = source.iter().find(|(_, given, now)| given != now) {
        let told = Some(given.delimiter.clone()).filter(|sign| !sign.is_empty() && *sign != now.delimiter);
        let hints = hints(given);
        let hints = Hints { delimiter: told.or(hints.delimiter.clone()), ..hints };
        let other_cells = given.delimiter != now.delimiter || given.sheet != now.sheet;
        let turns = given.shape != now.shape;
        let proposed = match suggest::suggest_with(bytes, &hints) {
            Ok(suggestion) => suggestion.toml,
            // The other way round nothing is understood: it can still be pointed at.
            Err(_) if turns && has_table(toml) => {
                turned(&suggest::blank(bytes), &given.shape).map_err(not_so(field))?
            }
            Err(why) => return Err(no_longer(&why, field)),
        };
        text = carried(toml, &base(&now, bytes), proposed, bytes, other_cells || turns);
    }
    let kept = settings(&text, bytes);
    let keys = [
        ("decimal_mark", "numbers.decimal_mark", &given.decimal_mark, &now.decimal_mark, &kept.decimal_mark),
        ("thousands", "numbers.thousands", &given.thousands, &now.thousands, &kept.thousands),
        ("empty", "table.empty", &given.empty, &now.empty, &kept.empty),
    ];
    for (field, key, given, now, kept) in keys {
        if given != now && given != kept {
            let value = if given.is_empty() { String::new() } else { suggest::quote(given) };
            text = suggest::correct(&text, key, &value).map_err(not_so(field))?;
            Profile::parse(PROPOSAL, &text).map_err(|error| no_profile(&error, field))?;
        }
    }
    Ok(text)
}

fn has_table(toml: &str) -> bool {
    toml.parse::<Table>().is_ok_and(|whole| whole.contains_key("table"))
}

fn turned(toml: &str, shape: &str) -> Result<String, trouble::Reason> {
    suggest::correct(toml, "transpose", if shape == TRANSPOSED { "true" } else { "" })
}

/// What of the source stays said when the rest is proposed anew. A delimiter that the profile has and no proposal makes is found again.
fn hints(settings: &Settings) -> Hints {
    let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    Hints {
        encoding: given(&settings.encoding),
        delimiter: given(&settings.delimiter).filter(|word| DELIMITERS.contains(&word.as_str())),
        sheet: given(&settings.sheet),
        header: None,
        turned: settings.shape == TRANSPOSED,
    }
}

/// What the program would propose for a source that is told as it is now: all that the profile says otherwise was corrected.
fn base(now: &Settings, bytes: &[u8]) -> String {
    suggest::suggest_with(bytes, &hints(now)).map(|suggestion| suggestion.toml).unwrap_or_default()
}

fn pointed(toml: &str, bytes: &[u8], at: &Pointing) -> Result<String, Refusal> {
    let invalid = || FIELD_INVALID.at("means").with_word("expected", "expected-profile-meaning");
    let meaning = Meaning::parse(&at.means).ok_or_else(invalid)?;
    let profile = parsed(toml)?;
    let not_read = |why: trouble::Reason| PROFILE_CORRECTION.with("detail", damaged::said(&why)).at("cell");
    let grids = profile.cells(bytes, usize::MAX).map_err(not_read)?;
    let grid = grids.get(at.sheet).ok_or_else(|| refused("no-sheet", vec![("sheet", at.sheet.into())], "cell"))?;
    let width = grid.rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    if at.column >= width || (at.row > 0 && grid.rows.iter().all(|row| row.number != at.row)) {
        return Err(refused("no-cell", vec![("row", at.row.into()), ("column", at.column.into())], "cell"));
    }
    if meaning == Meaning::Header && profile.cutting() == Cutting::Places {
        // Proposed anew, the source would be cut by a delimiter again.
        return Err(refused("cut-at-places", Vec::new(), "cell"));
    }
    if meaning == Meaning::Header {
        let now = settings(toml, bytes);
        let mut hints = hints(&now);
        hints.header = Some(at.row);
        hints.sheet = Some(grid.name.clone()).filter(|name| !name.is_empty());
        let proposed = suggest::suggest_with(bytes, &hints).map_err(|why| no_longer(&why, "cell"))?.toml;
        return Ok(carried(toml, &base(&now, bytes), proposed, bytes, false));
    }
    let header = header_of(&profile.survey(bytes, &Context::default()).headers, &grid.name);
    let pointed = Pointed { grid, header, row: at.row, column: at.column };
    point::point(toml, &pointed, meaning).map_err(not_so("cell"))
}

/// The profile of a text.
///
/// # Errors
/// `profile-invalid` at `toml`, with the place.
pub fn parsed(toml: &str) -> Result<Profile, Refusal> {
    let invalid = |why: String| PROFILE_INVALID.with("detail", why).at("toml");
    Profile::parse(PROPOSAL, toml).map_err(|error| invalid(error.to_string()).into())
}

fn header_of(headers: &[(String, usize)], sheet: &str) -> Option<usize> {
    headers.iter().find(|(name, _)| name == sheet).map(|(_, row)| *row)
}

/// What of the settings the profile says.
pub fn settings(toml: &str, bytes: &[u8]) -> Settings {
    let Ok(whole) = toml.parse::<Table>() else { return Settings::default() };
    let text = |key: &str| value_at(&whole, key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let pattern = text("workbook.sheets");
    let of_pattern = |name: &String| suggest::sheet_pattern(name) == pattern;
    let sheet = match pattern.is_empty() {
        true => String::new(),
        false => sheet_names(toml, bytes).into_iter().find(of_pattern).unwrap_or_default(),
    };
    Settings {
        encoding: text("text.encoding"),
        delimiter: text("text.delimiter"),
        sheet,
        decimal_mark: text("numbers.decimal_mark"),
        thousands: text("numbers.thousands"),
        empty: text("table.empty"),
        shape: if is_turned(&whole) { TRANSPOSED.to_owned() } else { String::new() },
    }
}

fn is_turned(whole: &Table) -> bool {
    whole.get("transpose").and_then(Value::as_bool) == Some(true)
}

fn sheet_names(toml: &str, bytes: &[u8]) -> Vec<String> {
    let grids = parsed(toml).ok().and_then(|profile| profile.cells(bytes, 1).ok()).unwrap_or_default();
    grids.into_iter().map(|grid| grid.name).filter(|name| !name.is_empty()).collect()
}

/// The value of a key, of a list of tables in the first.
fn value_at<'t>(whole: &'t Table, key: &str) -> Option<&'t Value> {
    let mut steps = key.split('.');
    let first = whole.get(steps.next()?)?;
    steps.try_fold(first, |value, step| match value {
        Value::Array(list) => list.first()?.get(step),
        other => other.get(step),
    })
}

/// One choice of the proposal, and whether a person has changed it since.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ProfileFinding)]
pub struct Said {
    /// `encoding`, `delimiter`, `header`, `shape`, `sample`, `analyte`, `unit`, `decimal mark`, `markers` …
    pub what: &'static str,
    pub choice: String,
    /// In per cent; 100: proven by the bytes.
    pub sure: u8,
    pub why: String,
    /// The profile says something else now.
    pub corrected: bool,
}

/// The choices of the proposal beside the profile as it is now.
pub fn said(proposal: Proposal, toml: &str) -> Vec<Said> {
    let (before, now) = (proposal.toml.parse::<Table>().ok(), toml.parse::<Table>().ok());
    let differs = |what: &str| match (&before, &now, key_of(what)) {
        (Some(before), Some(now), Some(key)) => {
            let turned = what == "shape" && is_turned(before) != is_turned(now);
            turned || value_at(before, key) != value_at(now, key)
        }
        _ => false,
    };
    let findings = proposal.findings.into_iter().map(|Finding { what, choice, sure, why }| {
        let corrected = differs(what);
        Said { what, choice, sure, why, corrected }
    });
    findings.collect()
}

/// The key in which a choice stands.
fn key_of(what: &str) -> Option<&'static str> {
    let key = match what {
        "format" => "format",
        "rows" => "tree.rows",
        "encoding" => "text.encoding",
        "delimiter" => "text.delimiter",
        "header" | "header repeats" => "table.header",
        "shape" => "table.columns",
        "sample" => "table.sample",
        "analyte" => "table.analyte",
        "value" => "table.value",
        "unit" => "table.unit",
        "flag" => "table.flag",
        "role" => "table.role",
        "decimal mark" => "numbers.decimal_mark",
        "markers" => "numbers.markers",
        "sections" => "table.section",
        "skip" => "table.skip",
        _ => return None,
    };
    Some(key)
}

#[cfg(test)]
mod tests;
