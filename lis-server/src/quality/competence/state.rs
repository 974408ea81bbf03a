//! What is due. Pure.

use chrono::NaiveDate;

use crate::domain::ids::PersonId;

/// What was done with a person.
pub const KINDS: &[&str] = &["education", "training", "supervision", EVALUATION];
/// Judges: its result is never left open.
pub const EVALUATION: &str = "evaluation";

/// What came of it.
pub const RESULTS: &[&str] = &["competent", "not_competent"];

/// A record as far as its due date is concerned.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    pub person: PersonId,
    pub kind: String,
    pub method: String,
    pub performed_on: NaiveDate,
    pub next_due: Option<NaiveDate>,
}

/// The records whose next one is overdue on a day: only the newest of a person, a kind and a method counts, and the day on
/// which it is due is in time.
pub fn overdue(records: &[Record], on: NaiveDate) -> Vec<&Record> {
    let is_newest = |one: &Record| {
        !records.iter().any(|other| {
            (other.person, &other.kind, &other.method) == (one.person, &one.kind, &one.method)
                && other.performed_on > one.performed_on
        })
    };
    records.iter().filter(|one| one.next_due.is_some_and(|due| due < on) && is_newest(one)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(person: i64, method: &str, performed_on: &str, next_due: Option<&str>) -> Record {
        Record {
            person: PersonId(person),
            kind: EVALUATION.into(),
            method: method.into(),
            performed_on: performed_on.parse().unwrap(),
            next_due: next_due.map(|date| date.parse().unwrap()),
        }
    }

    // Requirement: Q62-5
    #[test]
    fn the_newest_evaluation_decides_what_is_overdue() {
        let records = [
            record(1, "GB 5009.12", "2025-11-01", Some("2026-11-01")),
            record(1, "GB 5009.12", "2026-10-20", Some("2027-10-20")),
            record(1, "GB 5009.15", "2025-11-27", Some("2026-11-27")),
            record(2, "GB 5009.12", "2025-11-26", Some("2026-11-26")),
            record(3, "GB 5009.12", "2025-01-01", None),
        ];
        let found: Vec<(i64, &str)> = overdue(&records, "2026-11-27".parse().unwrap())
            .into_iter()
            .map(|one| (one.person.0, one.method.as_str()))
            .collect();
        // The first was evaluated again, the third is due today, of the last nothing is due.
        assert_eq!(found, [(2, "GB 5009.12")]);
    }
}
