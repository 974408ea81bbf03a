//! What a person had corrected in a profile, put onto a new proposal for the same example: another header, another delimiter.
//! A correction stays as long as it still makes sense there: the profile is whole, reads values, and understands no less.

use std::collections::BTreeSet;

use instrument_drivers::profile::{Context, Profile};
use toml::{Table, Value};

use super::workbench::PROPOSAL;

/// A key that a person has set or taken away.
struct Correction {
    section: Section,
    key: String,
    /// `None`: taken away.
    value: Option<Value>,
}

#[derive(Clone, Copy)]
enum Section {
    Head,
    Numbers,
    /// The first table.
    Values,
}

impl Section {
    const ALL: [Self; 3] = [Self::Head, Self::Numbers, Self::Values];

    fn of(self, whole: &Table) -> Option<&Table> {
        match self {
            Self::Head => Some(whole),
            Self::Numbers => whole.get("numbers")?.as_table(),
            Self::Values => whole.get("table")?.as_array()?.first()?.as_table(),
        }
    }

    fn of_mut(self, whole: &mut Table) -> Option<&mut Table> {
        match self {
            Self::Head => Some(whole),
            Self::Numbers => whole.entry("numbers").or_insert_with(|| Value::Table(Table::new())).as_table_mut(),
            Self::Values => whole.get_mut("table")?.as_array_mut()?.first_mut()?.as_table_mut(),
        }
    }

    /// Keys that the new proposal is about, and the sections themselves.
    fn anew(self) -> &'static [&'static str] {
        match self {
            Self::Head => &["format", "text", "workbook", "tree", "transpose", "find", "records", "numbers", "table"],
            Self::Numbers => &[],
            Self::Values => &["header", "section"],
        }
    }
}

/// The new proposal with the corrections of the old profile that still make sense: what it says otherwise than `base`, the
/// proposal that it was made from. Where the source is cut into other cells, places counted in cells mean nothing any more.
pub fn carried(old: &str, base: &str, new: String, bytes: &[u8], other_cells: bool) -> String {
    let (Ok(now), Ok(before)) = (old.parse::<Table>(), base.parse::<Table>()) else { return new };
    let mut found = corrections(&before, &now);
    found.retain(|one| !(other_cells && one.value.as_ref().is_some_and(counts_cells)));
    if found.is_empty() {
        return new;
    }
    // Corrections may need each other; together first, then each for itself.
    match with(&new, &found, bytes) {
        Some(text) => text,
        None => found.iter().fold(new, |text, one| with(&text, std::slice::from_ref(one), bytes).unwrap_or(text)),
    }
}

fn corrections(before: &Table, now: &Table) -> Vec<Correction> {
    let (empty, mut found) = (Table::new(), Vec::new());
    for section in Section::ALL {
        let (before, now) = (section.of(before).unwrap_or(&empty), section.of(now).unwrap_or(&empty));
        let keys: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
        let changed = keys.into_iter().filter(|key| !section.anew().contains(&key.as_str()));
        let changed = changed.filter(|key| before.get(key.as_str()) != now.get(key.as_str()));
        found.extend(changed.map(|key| Correction {
            section,
            key: key.clone(),
            value: now.get(key.as_str()).cloned(),
        }));
    }
    found
}

/// `{#3}`: the third cell from the left.
fn counts_cells(value: &Value) -> bool {
    value.to_string().contains("{#")
}

/// A profile with corrections; `None` when they make no sense in it.
fn with(text: &str, corrections: &[Correction], bytes: &[u8]) -> Option<String> {
    let mut whole: Table = text.parse().ok()?;
    for Correction { section, key, value } in corrections {
        let place = section.of_mut(&mut whole)?;
        match value {
            Some(value) => drop(place.insert(key.clone(), value.clone())),
            None => drop(place.remove(key)),
        }
    }
    let corrected = toml::to_string(&whole).ok()?;
    let ((values, troubles), (found, more)) = (read(text, bytes)?, read(&corrected, bytes)?);
    (more <= troubles && (found > 0 || values == 0)).then_some(corrected)
}

/// How many values a profile reads in the example, and how many places it does not understand.
fn read(text: &str, bytes: &[u8]) -> Option<(usize, usize)> {
    let reading = Profile::parse(PROPOSAL, text).ok()?.read(bytes, &Context::default());
    Some((reading.observations.len(), reading.troubles.len()))
}

#[cfg(test)]
mod tests {
    use super::super::workbench::{Change, KeySet, Pointing, Settings, changed, preview, propose, settings};
    use super::*;

    const FILE: &[u8] = b"Run;Monday\n\nBottle;Label;Result;Unit\n1;F1;0,10;mg/kg\n2;F2;<0,05;mg/kg\n";

    fn point_at(toml: &str, row: usize, column: usize, means: &str) -> String {
        let at = Pointing { sheet: 0, row, column, means: means.to_owned() };
        changed(toml, FILE, &Change::Point(at)).unwrap()
    }

    /// The proposal with the sample in its own column and a title.
    fn corrected() -> String {
        let toml = point_at(&propose(FILE).toml, 0, 1, "sample");
        let title = KeySet { key: "title".to_owned(), value: "Flame".to_owned() };
        changed(&toml, FILE, &Change::Keys(vec![title])).unwrap()
    }

    fn samples(toml: &str) -> Vec<String> {
        preview(toml, FILE, "run.csv").unwrap().rows.iter().map(|row| row.sample.clone()).collect()
    }

    #[test]
    fn what_was_corrected_stays_when_the_header_is_pointed_at() {
        let again = point_at(&corrected(), 3, 0, "header");
        assert_eq!(samples(&again), ["F1", "F2"]);
        assert!(again.contains("title = \"Flame\""), "{again}");
    }

    #[test]
    fn what_makes_no_sense_any_more_is_left_out() {
        let base = propose(FILE).toml;
        // Cut by commas there is no column of that name: the sample is proposed anew, the title stays.
        let given = Settings { delimiter: ",".to_owned(), ..settings(&base, FILE) };
        if let Ok(text) = changed(&corrected(), FILE, &Change::Settings(given)) {
            assert!(text.contains("title = \"Flame\"") && !text.contains("{Label}"), "{text}");
        }
        let table = |text: &str| -> Table { text.parse().unwrap() };
        let found = corrections(&table("[[table]]\nsample = \"{#1}\"\n"), &table("[[table]]\nsample = \"{#2}\"\n"));
        assert_eq!(found.len(), 1);
        assert!(found[0].value.as_ref().is_some_and(counts_cells));
    }

    #[test]
    fn nothing_is_carried_where_nothing_was_corrected() {
        let toml = propose(FILE).toml;
        assert!(corrections(&toml.parse().unwrap(), &toml.parse().unwrap()).is_empty());
    }
}
