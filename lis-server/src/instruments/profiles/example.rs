//! The example of a profile as its regression test: what it read as when it was stored, and whether it still does.

use instrument_drivers::observation::Reading;
use instrument_drivers::profile::{Context, Profile};
use serde::{Deserialize, Serialize};

use super::super::damaged::{self, TroubleCode};
use super::store::ProfileRow;
use super::{PROFILE_EXAMPLE_DIFFERS, PROFILE_EXAMPLE_TROUBLED};
use crate::domain::ids::ProfileId;
use crate::domain::refusal::{Reason, Reasons};
use crate::web::language::Language;

/// One value as it was read: sample, analyte, value, unit, flag, role, place, as printed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ExampleRow {
    pub sample: String,
    pub analyte: String,
    /// As printed, qualifier and separators included.
    pub value: String,
    pub unit: String,
    pub flag: String,
    /// `sample`, `control`, `blank`, `standard`, `order` or `query`.
    pub role: String,
    /// `12` (line), `Sheet1!C7` or `record 5`.
    pub place: String,
}

impl ExampleRow {
    fn said(&self) -> String {
        [&self.sample, &self.analyte, &self.value, &self.unit, &self.flag, &self.role].map(String::as_str).join(" | ")
    }
}

/// All that an example reads as.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Expected {
    pub rows: Vec<ExampleRow>,
    /// What could not be read, with its place.
    pub troubles: Vec<String>,
}

impl Expected {
    pub fn of(reading: &Reading) -> Self {
        let rows = reading.observations.iter().map(|one| ExampleRow {
            sample: one.sample_id.clone(),
            analyte: one.analyte.clone(),
            value: one.value.clone(),
            unit: one.unit.clone(),
            flag: one.flag.clone(),
            role: one.role.name().to_owned(),
            place: one.position.clone(),
        });
        Self { rows: rows.collect(), troubles: reading.troubles.iter().map(ToString::to_string).collect() }
    }
}

/// What came of reading a stored example again.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct ExampleRun {
    pub id: ProfileId,
    /// `NAME@NUMBER`, as an instrument names it.
    pub reference: String,
    pub title: String,
    /// Rows that were stored.
    pub rows: i64,
    /// What of the example the profile cannot read.
    pub troubles: Vec<String>,
    /// The same as codes.
    pub trouble_codes: Vec<TroubleCode>,
    /// The first difference; nothing when every row is as stored.
    pub difference: Option<Difference>,
}

/// Where an example reads differently from what was stored.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, utoipa::ToSchema)]
pub struct Difference {
    /// Where in the example; empty when the whole of it is meant.
    pub place: String,
    /// As stored.
    pub expected: String,
    /// As it reads now.
    pub found: String,
}

impl ExampleRun {
    /// Reads the example. `bytes` or why there are none.
    pub fn of(row: &ProfileRow, expected: &Expected, bytes: Result<Vec<u8>, String>) -> Self {
        let reference = super::named::reference(&row.name, row.version_no);
        let context = Context { file_name: Some(row.example_name.clone()), ..Context::default() };
        let found = bytes.and_then(|bytes| {
            let profile = Profile::parse(&reference, &row.toml).map_err(|error| error.to_string())?;
            let reading = profile.read(&bytes, &context);
            let codes: Vec<TroubleCode> = reading.troubles.iter().map(TroubleCode::from).collect();
            Ok((Expected::of(&reading), codes))
        });
        let whole = |found: String| Difference { place: String::new(), expected: String::new(), found };
        let (troubles, trouble_codes, difference) = match found {
            Ok((found, codes)) => (found.troubles.clone(), codes, difference(expected, &found)),
            Err(why) => (Vec::new(), Vec::new(), Some(whole(why))),
        };
        let (id, title, rows) = (row.id, row.title.clone(), row.row_count);
        Self { id, reference, title, rows, troubles, trouble_codes, difference }
    }

    /// The same, what cannot be read in the language of the person.
    pub fn worded(self, language: Language) -> Self {
        Self { troubles: damaged::sentences(&self.trouble_codes, language), ..self }
    }

    /// Why the version must not be trusted more.
    pub fn reasons(&self) -> Reasons {
        let mut reasons = Reasons::new();
        if let Some(Difference { place, expected, found }) = &self.difference {
            let differs = PROFILE_EXAMPLE_DIFFERS.with("place", place).with("expected", expected);
            reasons.add(differs.with("found", found).at("example"));
        }
        if let Some(first) = self.trouble_codes.first() {
            let count = self.trouble_codes.len();
            let troubled: Reason = PROFILE_EXAMPLE_TROUBLED.with("count", count).with("trouble", first.said());
            reasons.add(troubled.at("example"));
        }
        reasons
    }
}

/// The first row or trouble that is not as stored.
fn difference(expected: &Expected, found: &Expected) -> Option<Difference> {
    let most = expected.rows.len().max(found.rows.len());
    let row = (0..most).find(|at| expected.rows.get(*at) != found.rows.get(*at));
    if let Some(at) = row {
        let (stored, now) = (expected.rows.get(at), found.rows.get(at));
        let same_place = stored.map(|row| &row.place) == now.map(|row| &row.place);
        let said = |row: Option<&ExampleRow>| {
            row.map_or(
                String::new(),
                |row| if same_place { row.said() } else { format!("{}: {}", row.place, row.said()) },
            )
        };
        let place = stored.or(now).map(|row| row.place.clone()).unwrap_or_default();
        return Some(Difference { place, expected: said(stored), found: said(now) });
    }
    let most = expected.troubles.len().max(found.troubles.len());
    let at = (0..most).find(|at| expected.troubles.get(*at) != found.troubles.get(*at))?;
    let said = |list: &[String]| list.get(at).cloned().unwrap_or_default();
    Some(Difference { place: String::new(), expected: said(&expected.troubles), found: said(&found.troubles) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(place: &str, value: &str) -> ExampleRow {
        let text = |text: &str| text.to_owned();
        ExampleRow {
            sample: text("F1"),
            analyte: text("Pb"),
            value: text(value),
            unit: text("mg/kg"),
            flag: String::new(),
            role: text("sample"),
            place: text(place),
        }
    }

    fn read(rows: &[ExampleRow], troubles: &[&str]) -> Expected {
        Expected { rows: rows.to_vec(), troubles: troubles.iter().map(|text| (*text).to_owned()).collect() }
    }

    #[test]
    fn the_first_difference_is_named() {
        let stored = read(&[row("2", "0.10"), row("3", "0.20")], &[]);
        assert_eq!(difference(&stored, &stored), None);
        let changed = difference(&stored, &read(&[row("2", "0.10"), row("3", "0.2")], &[])).unwrap();
        assert_eq!((changed.place.as_str(), changed.expected.as_str()), ("3", "F1 | Pb | 0.20 | mg/kg |  | sample"));
        assert_eq!(changed.found, "F1 | Pb | 0.2 | mg/kg |  | sample");
        let lost = difference(&stored, &read(&[row("2", "0.10")], &[])).unwrap();
        assert_eq!((lost.place.as_str(), lost.found.as_str()), ("3", ""));
        let trouble = difference(&stored, &read(&stored.rows, &["4: torn"])).unwrap();
        assert_eq!((trouble.expected.as_str(), trouble.found.as_str()), ("", "4: torn"));
    }
}
