//! Editions of methods that are published and not in force yet (`quality.md` Q72-4): which, from when, and how many of them
//! the technical manager must see to soon.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use serde::Serialize;

use super::actions;
use super::methods::method_edition;
use super::reference::MethodRow;
use crate::accounts::Actor;
use crate::db::Conn;
use crate::domain::clock::Moment;
use crate::domain::refusal::{Fault, Outcome};

/// An edition whose first day is still to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ComingEdition {
    /// Number of the standard without edition.
    pub standard: String,
    /// Its year.
    pub edition: Option<i32>,
    pub title_zh: String,
    pub title_en: String,
    #[schema(value_type = String, format = Date)]
    pub valid_from: NaiveDate,
    /// Days until then.
    pub days: i64,
    /// Keys of its procedures.
    pub procedures: Vec<String>,
    /// Year of the edition that it takes the place of, where one is in force.
    pub replaces: Option<i32>,
}

/// What comes into force after a day, the next first.
pub fn coming(methods: &[MethodRow], today: NaiveDate) -> Vec<ComingEdition> {
    let mut editions: BTreeMap<(NaiveDate, &str, Option<i32>), Vec<&MethodRow>> = BTreeMap::new();
    for row in methods {
        if let Some(from) = row.valid_from.filter(|from| *from > today) {
            editions.entry((from, row.standard.as_str(), row.edition)).or_default().push(row);
        }
    }
    let edition = |((valid_from, standard, edition), rows): ((NaiveDate, &str, Option<i32>), Vec<&MethodRow>)| {
        let title = |of: fn(&MethodRow) -> &String| rows.first().map(|row| of(row).clone()).unwrap_or_default();
        ComingEdition {
            standard: standard.to_owned(),
            edition,
            title_zh: title(|row| &row.title_zh),
            title_en: title(|row| &row.title_en),
            valid_from,
            days: (valid_from - today).num_days(),
            procedures: rows.iter().map(|row| row.key.clone()).collect(),
            replaces: method_edition(methods, standard, today).and_then(|found| found.year),
        }
    };
    editions.into_iter().map(edition).collect()
}

/// Editions that come into force within some days, for the page of waiting work. One statement.
pub fn count_coming(conn: &mut Conn, _: &Actor, now: Moment, days: u32) -> Outcome<i64> {
    let today = now.date_in_china();
    let until = today.checked_add_days(Days::new(u64::from(days))).unwrap_or(today);
    let catalogue = actions::current(conn)?;
    let soon = coming(&catalogue.methods, today).into_iter().filter(|one| one.valid_from <= until);
    i64::try_from(soon.count()).map_err(Fault::broken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::reference::Reference;

    // Requirement: Q72-4
    #[test]
    fn what_comes_is_listed_until_its_first_day() {
        let methods = &Reference::shipped().expect("the shipped data is valid").methods;
        let on = |day: &str| coming(methods, day.parse().unwrap());
        let found = on("2026-11-27");
        let said: Vec<(&str, Option<i32>, Option<i32>, i64)> =
            found.iter().map(|one| (one.standard.as_str(), one.edition, one.replaces, one.days)).collect();
        // Three days of November, 31 of December and of January, 18 of February.
        let stated = [("GB 5009.111", Some(2026), Some(2016), 83), ("GB 5009.96", Some(2026), Some(2016), 83)];
        assert_eq!(said, stated);
        assert_eq!(found[1].procedures.len(), 4);
        assert_eq!(on("2027-02-17").first().map(|one| one.days), Some(1));
        assert!(on("2027-02-18").is_empty());
    }
}
