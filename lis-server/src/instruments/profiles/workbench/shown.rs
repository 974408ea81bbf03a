//! What an example is shown as beside its profile: sheets, lines of a text, and the values that were read.

use std::collections::{BTreeMap, BTreeSet};

use instrument_drivers::observation::Reading;
use instrument_drivers::profile::places;
use instrument_drivers::profile::point;
use instrument_drivers::profile::{Context, Cutting, Profile};
use instrument_drivers::table::cut;
use instrument_drivers::table::rows::{Grid, column_letters};
use serde::Serialize;
use toml::Table;

use super::super::super::damaged::{self, TroubleCode};
use super::super::example::{ExampleRow, Expected};
use super::{RoleWord, Settings, TRANSPOSED, header_of, parsed, settings, value_at};
use crate::domain::refusal::Refusal;
use crate::web::language::Language;

/// Rows of a sheet that are shown, and cells of them: a page that a browser still draws at once.
const SHOWN_ROWS: usize = 200;
const SHOWN_CELLS: usize = 8_000;
const SHOWN_COLUMNS: usize = 60;
/// Lines of a text whose characters are pointed at, and characters of each: a record line of an old printer has 132.
const SHOWN_LINES: usize = 30;
const SHOWN_PLACES: usize = 200;
/// Values and troubles of the result that are shown.
const SHOWN_VALUES: usize = 200;
const SHOWN_TROUBLES: usize = 20;

/// A row of the example.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ProfileExampleLine)]
pub struct GridRow {
    /// As the example counts.
    pub number: usize,
    pub cells: Vec<String>,
    /// A value was read here.
    pub read: bool,
}

/// A column of the example.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ProfileExampleColumn)]
pub struct GridColumn {
    /// `A`, `B` …
    pub letters: String,
    /// The field that it is read as; empty: it is not read.
    pub read_as: &'static str,
}

/// A sheet of the example, or its text, as far as it is shown.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ProfileExampleSheet)]
pub struct Sheet {
    /// Empty for a text.
    pub name: String,
    pub columns: Vec<GridColumn>,
    pub rows: Vec<GridRow>,
    /// Number of the row in which the names of the columns stand.
    pub header: Option<usize>,
    /// The sheet has more than is shown.
    pub more: bool,
}

/// The first lines of a text, as characters in whose places columns may begin.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ProfileExampleText)]
pub struct Places {
    pub lines: Vec<String>,
    /// Characters of the longest of them; those of East Asian scripts count two.
    pub width: usize,
    /// The characters at which columns begin, counted from 0; empty: columns are found in another way.
    pub cut: Vec<usize>,
}

/// What an example reads as.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ProfilePreview)]
pub struct Preview {
    pub settings: Settings,
    pub sheets: Vec<Sheet>,
    /// Lines are shown as one cell each: where their columns begin has to be said first.
    pub whole_lines: bool,
    /// Nothing where the example is no text of lines.
    pub places: Option<Places>,
    /// Values that were read.
    pub found: usize,
    /// Lines with text that gave no value.
    pub skipped: usize,
    /// Headings of columns that nothing reads.
    pub unmapped: Vec<String>,
    pub trouble_count: usize,
    /// The first of them, with their places.
    pub troubles: Vec<String>,
    /// The same as codes.
    pub trouble_codes: Vec<TroubleCode>,
    /// The first values.
    pub rows: Vec<ExampleRow>,
    /// The texts of the column that holds the types of the rows; empty where no column does.
    pub roles: Vec<RoleWord>,
}

impl Preview {
    /// The same, what cannot be read in the language of the person.
    pub fn worded(self, language: Language) -> Self {
        Self { troubles: damaged::sentences(&self.trouble_codes, language), ..self }
    }
}

/// Reads the example.
///
/// # Errors
/// `profile-invalid` at `toml`.
pub fn preview(toml: &str, bytes: &[u8], file_name: &str) -> Result<Preview, Refusal> {
    let profile = parsed(toml)?;
    let survey = profile.survey(bytes, &Context { file_name: Some(file_name.to_owned()), ..Context::default() });
    let settings = settings(toml, bytes);
    let turned = settings.shape == TRANSPOSED;
    let read = places_read(&survey.reading, turned);
    let grids = profile.cells(bytes, SHOWN_ROWS + 1).unwrap_or_default();
    let header = |grid: &Grid| header_of(&survey.headers, &grid.name);
    let sheets = grids.iter().map(|grid| sheet(toml, grid, header(grid), &read, turned)).collect();
    let roles = roles(toml, &profile, bytes, header);
    let (found, trouble_count) = (survey.reading.observations.len(), survey.reading.troubles.len());
    let mut shown = Expected::of(&survey.reading);
    shown.rows.truncate(SHOWN_VALUES);
    shown.troubles.truncate(SHOWN_TROUBLES);
    let trouble_codes = survey.reading.troubles.iter().take(SHOWN_TROUBLES).map(TroubleCode::from).collect();
    Ok(Preview {
        settings,
        sheets,
        whole_lines: profile.cutting() == Cutting::Whole,
        places: text_of(toml, &profile, bytes),
        found,
        skipped: survey.skipped,
        unmapped: survey.unmapped,
        trouble_count,
        troubles: shown.troubles,
        trouble_codes,
        rows: shown.rows,
        roles,
    })
}

/// The texts of the whole example's column of types, however far down they stand.
fn roles(toml: &str, profile: &Profile, bytes: &[u8], header: impl Fn(&Grid) -> Option<usize>) -> Vec<RoleWord> {
    let has_role = toml.parse::<Table>().is_ok_and(|whole| value_at(&whole, "table.role").is_some());
    let grids = if has_role { profile.cells(bytes, usize::MAX).unwrap_or_default() } else { Vec::new() };
    // Sheets beside the one that is read hold other things.
    let read = grids.iter().filter(|grid| grids.len() == 1 || header(grid).is_some());
    let words: BTreeMap<String, String> = read.flat_map(|grid| point::role_words(toml, grid, header(grid))).collect();
    words.into_iter().map(|(word, role)| RoleWord { word, role }).collect()
}

/// The lines of a text, where the profile takes the example for one.
fn text_of(toml: &str, profile: &Profile, bytes: &[u8]) -> Option<Places> {
    let format = toml.parse::<Table>().ok()?.get("format")?.as_str()?.to_owned();
    if !["lines", "delimited"].contains(&format.as_str()) {
        return None;
    }
    let text = profile.text(bytes)?;
    // As the readers cut lines: at CR, LF or both; blank ones show nothing.
    let lines = text.split(['\r', '\n']).filter(|line| !line.trim().is_empty()).take(SHOWN_LINES);
    let lines: Vec<String> = lines.map(|line| line.chars().take(SHOWN_PLACES).collect()).collect();
    let width = lines.iter().map(|line| cut::width(line, true)).max().unwrap_or(0);
    Some(Places { lines, width: width.min(SHOWN_PLACES), cut: places::places(toml) })
}

/// Whether characters of the lines that are pointed at take two places.
pub(super) fn is_wide(toml: &str, bytes: &[u8]) -> bool {
    let text = parsed(toml).ok().and_then(|profile| text_of(toml, &profile, bytes));
    text.is_some_and(|text| text.lines.iter().any(|line| line.contains(cut::is_wide)))
}

/// Sheets and rows in which values stand; where the table is turned round, the columns of the sheets. Values of a text name their
/// line alone.
fn places_read(reading: &Reading, turned: bool) -> BTreeSet<(String, usize)> {
    let place = |position: &String| {
        let (sheet, cell) = position.rsplit_once('!').unwrap_or(("", position));
        let digits = cell.trim_start_matches(|c: char| c.is_ascii_uppercase());
        let letters = &cell[..cell.len() - digits.len()];
        let row = match turned {
            true if letters.is_empty() => return None,
            true => letters.bytes().fold(0, |number, letter| number * 26 + usize::from(letter - b'A') + 1),
            false => digits.parse().ok()?,
        };
        Some((sheet.to_owned(), row))
    };
    reading.observations.iter().filter_map(|one| place(&one.position)).collect()
}

fn sheet(toml: &str, grid: &Grid, header: Option<usize>, read: &BTreeSet<(String, usize)>, turned: bool) -> Sheet {
    let whole = grid.rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let width = whole.min(SHOWN_COLUMNS);
    let most = SHOWN_ROWS.min(SHOWN_CELLS / width.max(1));
    let read_as = point::columns(toml, grid, header);
    let columns = (0..width).map(|column| GridColumn {
        letters: column_letters(column),
        read_as: read_as.get(column).copied().flatten().unwrap_or_default(),
    });
    // Of a text that is turned round nothing says in which column a value stood: all below the names, which are the first row
    // where nothing else is known, count as read.
    let below = |row: usize| turned && grid.name.is_empty() && row > header.unwrap_or(1);
    let rows = grid.rows.iter().take(most).map(|row| GridRow {
        number: row.number,
        cells: (0..row.cells.len().min(width)).map(|column| row.cell(column).trim().to_owned()).collect(),
        read: read.contains(&(grid.name.clone(), row.number)) || below(row.number),
    });
    Sheet {
        name: grid.name.clone(),
        columns: columns.collect(),
        rows: rows.collect(),
        header,
        more: grid.rows.len() > most || whole > width,
    }
}
