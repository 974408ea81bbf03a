//! Who may do what by which method, and when (`quality.md` Q62-2, Q62-3). Looked at on the day of the act, so that what
//! was done in time stays good.

mod import;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::store::{self, AuthorizationRow, NewAuthorizationRow};
use super::{
    AUTHORIZATION_DATES, AUTHORIZATION_ENDED, AUTHORIZATION_EXPIRED, AUTHORIZATION_MISSING, AUTHORIZATION_NOT_YET,
};
use crate::accounts::actions::names_of;
use crate::accounts::role::ManageCatalogue;
use crate::accounts::signing::Meaning;
use crate::accounts::{Actor, May};
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::ids::{AuthorizationId, GrantId, PersonId};
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_INVALID, NOT_FOUND, Outcome, Reason, Refusal, STALE_VERSION};

pub use import::{AuthorizationRows, REQUIRED as AUTHORIZATION_COLUMNS, keep_authorizations, read_authorizations};

/// Activities that can be authorized.
pub const ACTIVITIES: &[&str] = &["sample", "test", "check", REVIEW, "authorize", OPINION];
pub const TEST: &str = "test";
pub const CHECK: &str = "check";
/// Of a report (审核).
pub const REVIEW: &str = "review";
/// Opinions and interpretations on a report.
pub const OPINION: &str = "opinion";

/// Covers every method of a field.
const ANY_METHOD: &str = "*";

/// The authorizations of people for one activity.
pub struct Coverage {
    rows: Vec<AuthorizationRow>,
    on: NaiveDate,
}

impl Coverage {
    /// One statement for all of them.
    pub fn of(conn: &mut Conn, people: &[PersonId], activity: &str, on: NaiveDate) -> Outcome<Self> {
        Ok(Self { rows: store::authorizations_of(conn, people, activity)?, on })
    }

    /// A person's own, with his open grant to sign, by one statement.
    pub fn with_grant(
        conn: &mut Conn,
        person: PersonId,
        activity: &'static str,
        on: NaiveDate,
        meaning: Meaning,
        real: Moment,
    ) -> Outcome<(Self, Option<GrantId>)> {
        let (rows, grant) = store::authorizations_with_grant(conn, person, activity, meaning.code(), real)?;
        Ok((Self { rows, on }, grant))
    }

    /// Of everybody, for the page on which somebody is chosen.
    pub fn of_all(conn: &mut Conn, activity: &str, on: NaiveDate) -> Outcome<Self> {
        Ok(Self { rows: store::authorizations_for(conn, activity)?, on })
    }

    /// The people who are authorized on the day for any method.
    pub fn people(&self) -> Vec<PersonId> {
        let valid = self.rows.iter().filter(|row| row.valid_from <= self.on && self.on <= row.valid_until);
        valid.map(|row| row.person_id).collect()
    }

    /// Whether a person is authorized on a day, that of the coverage or another, for any method.
    pub fn covers(&self, person: PersonId, on: NaiveDate) -> bool {
        self.rows.iter().any(|row| row.person_id == person && row.valid_from <= on && on <= row.valid_until)
    }

    /// # Errors
    /// Why a person may not use the method on the day, with the date that decides.
    pub fn require(&self, person: PersonId, name: &str, method: &str) -> Result<(), Reason> {
        self.gap(person, name, method).map_or(Ok(()), Err)
    }

    /// The same as what a gate finds: `None` where the person may.
    pub fn gap(&self, person: PersonId, name: &str, method: &str) -> Option<Reason> {
        let fits = |row: &&AuthorizationRow| {
            row.person_id == person && (row.method_standard == method || row.method_standard == ANY_METHOD)
        };
        let own: Vec<&AuthorizationRow> = self.rows.iter().filter(fits).collect();
        if own.iter().any(|row| row.valid_from <= self.on && self.on <= row.valid_until) {
            return None;
        }
        let named = |reason: Reason| Some(reason.with("person", name).with("method", method));
        if let Some(last) = own.iter().map(|row| row.valid_until).filter(|until| *until < self.on).max() {
            return named(AUTHORIZATION_EXPIRED.with("date", last));
        }
        match own.iter().map(|row| row.valid_from).min() {
            Some(first) => named(AUTHORIZATION_NOT_YET.with("date", first)),
            None => named(AUTHORIZATION_MISSING.reason()),
        }
    }
}

/// An authorization as a form or a program describes it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AuthorizationInput {
    pub person_id: String,
    /// Standard number without edition, or `*`.
    pub method_standard: String,
    /// sample, test, check, review, authorize, opinion
    pub activity: String,
    pub valid_from: String,
    pub valid_until: String,
}

#[derive(Clone, Debug)]
pub struct AuthorizationFacts {
    person: PersonId,
    grant: GrantFacts,
}

/// What somebody is authorized for, checked.
#[derive(Clone, Debug)]
struct GrantFacts {
    method_standard: String,
    activity: &'static str,
    valid_from: NaiveDate,
    valid_until: NaiveDate,
}

impl AuthorizationInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<AuthorizationFacts, Refusal> {
        let mut check = Checker::new();
        let person = check.whole("person_id", &self.person_id, 1, i64::MAX);
        let grant = self.grant(&mut check);
        check.done(person.zip(grant).map(|(person, grant)| AuthorizationFacts { person: PersonId(person), grant }))
    }

    /// Everything but the person, whom a list names otherwise.
    fn grant(&self, check: &mut Checker) -> Option<GrantFacts> {
        let method_standard = check.text("method_standard", &self.method_standard, 60);
        let activity = check.parsed("activity", &self.activity, "expected-activity", |text| {
            ACTIVITIES.iter().copied().find(|known| *known == text)
        });
        let from = check.date("valid_from", &self.valid_from);
        let until = check.date("valid_until", &self.valid_until);
        if let (Some(from), Some(until)) = (from, until) {
            check.add_if(until < from, || AUTHORIZATION_DATES.at("valid_until"));
        }
        Some(GrantFacts { method_standard, activity: activity?, valid_from: from?, valid_until: until? })
    }
}

/// Authorizes a person.
pub fn grant_authorization(
    tx: &mut Tx,
    by: &May<ManageCatalogue>,
    facts: &AuthorizationFacts,
) -> Outcome<AuthorizationId> {
    if names_of(tx.conn, &[facts.person])?.is_empty() {
        return Err(FIELD_INVALID.at("person_id").with_word("expected", "expected-person").into());
    }
    keep(tx, by, (facts.person, by.person), &facts.grant)
}

/// Keeps an authorization as somebody gave it.
fn keep(
    tx: &mut Tx,
    by: &Actor,
    (person, granted_by): (PersonId, PersonId),
    facts: &GrantFacts,
) -> Outcome<AuthorizationId> {
    let id = store::insert_authorization(
        tx.conn,
        &NewAuthorizationRow {
            version: 1,
            person_id: person,
            method_standard: &facts.method_standard,
            activity: facts.activity,
            valid_from: facts.valid_from,
            valid_until: facts.valid_until,
            granted_by,
            created_at: tx.now,
        },
    )?;
    tx.log(
        by.entry("person_authorization", id.0, 1, "authorization-granted")
            .set("person", person.0)
            .set("method_standard", facts.method_standard.as_str())
            .set("activity", facts.activity)
            .set("valid_from", facts.valid_from.to_string())
            .set("valid_until", facts.valid_until.to_string())
            .set("granted_by", granted_by.0),
    );
    Ok(id)
}

/// Ends an authorization with the day before today: what was done until then stays good.
pub fn end_authorization(tx: &mut Tx, by: &May<ManageCatalogue>, id: AuthorizationId, seen: i64) -> Outcome<()> {
    let before = store::authorization(tx.conn, id)?.ok_or(NOT_FOUND)?;
    if before.version != seen {
        return Err(STALE_VERSION.with("version", before.version).into());
    }
    let last_day = tx.now.date_in_china().pred_opt().unwrap_or(before.valid_from);
    // Ending it again would make it longer.
    if before.valid_until <= last_day {
        return Err(AUTHORIZATION_ENDED.with("date", before.valid_until).into());
    }
    if !store::end_authorization(tx.conn, id, seen, last_day)? {
        return Err(STALE_VERSION.with("version", before.version).into());
    }
    tx.log(by.entry("person_authorization", id.0, seen + 1, "authorization-ended").change(
        "valid_until",
        before.valid_until.to_string(),
        last_day.to_string(),
    ));
    Ok(())
}

/// An authorization as pages and programs see it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct AuthorizationView {
    pub id: i64,
    pub version: i64,
    pub person_id: i64,
    pub person: String,
    pub method_standard: String,
    pub activity: String,
    #[schema(value_type = String, format = Date)]
    pub valid_from: NaiveDate,
    #[schema(value_type = String, format = Date)]
    pub valid_until: NaiveDate,
    pub granted_by: String,
    /// Valid on the day of the question.
    pub valid: bool,
}

pub fn authorizations(conn: &mut Conn, after: i64, limit: i64, on: NaiveDate) -> Outcome<Vec<AuthorizationView>> {
    let rows = store::authorizations(conn, after, limit)?;
    views(conn, rows, on)
}

/// Authorizations that hold on a day and end by another, and that no later one goes on with.
pub fn authorizations_ending(conn: &mut Conn, on: NaiveDate, by: NaiveDate) -> Outcome<Vec<AuthorizationView>> {
    let rows = ending(&store::authorizations_since(conn, on)?, on, by);
    views(conn, rows, on)
}

fn ending(rows: &[AuthorizationRow], on: NaiveDate, by: NaiveDate) -> Vec<AuthorizationRow> {
    let goes_on = |one: &AuthorizationRow| {
        rows.iter().any(|other| {
            (other.person_id, &other.activity) == (one.person_id, &one.activity)
                && (other.method_standard == one.method_standard || other.method_standard == ANY_METHOD)
                && other.valid_until > one.valid_until
        })
    };
    rows.iter().filter(|one| one.valid_from <= on && one.valid_until <= by && !goes_on(one)).cloned().collect()
}

fn views(conn: &mut Conn, rows: Vec<AuthorizationRow>, on: NaiveDate) -> Outcome<Vec<AuthorizationView>> {
    let people: Vec<PersonId> = rows.iter().flat_map(|row| [row.person_id, row.granted_by]).collect();
    let names = names_of(conn, &people)?;
    let name = |id: PersonId| names.get(&id).cloned().unwrap_or_default();
    Ok(rows
        .into_iter()
        .map(|row| AuthorizationView {
            id: row.id.0,
            version: row.version,
            person_id: row.person_id.0,
            person: name(row.person_id),
            valid: row.valid_from <= on && on <= row.valid_until,
            method_standard: row.method_standard,
            activity: row.activity,
            valid_from: row.valid_from,
            valid_until: row.valid_until,
            granted_by: name(row.granted_by),
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn row(person: i64, method: &str, from: &str, until: &str) -> AuthorizationRow {
        AuthorizationRow {
            id: AuthorizationId(1),
            version: 1,
            person_id: PersonId(person),
            method_standard: method.into(),
            activity: TEST.into(),
            valid_from: day(from),
            valid_until: day(until),
            granted_by: PersonId(9),
            created_at: Moment::parse_rfc3339("2026-01-01T00:00:00Z").unwrap(),
        }
    }

    // Requirement: Q62-3
    #[test]
    fn the_day_of_the_act_decides_and_the_reason_names_the_date() {
        let rows = vec![
            row(1, "GB 5009.12", "2026-01-01", "2026-11-15"),
            row(2, "GB 5009.12", "2026-11-16", "2026-11-16"),
            row(3, "*", "2026-01-01", "2027-12-31"),
            row(4, "GB 5009.12", "2026-12-01", "2027-12-31"),
        ];
        let coverage = Coverage { rows, on: day("2026-11-16") };
        let why = |person: i64| {
            coverage.require(PersonId(person), "x", "GB 5009.12").err().map(|reason| {
                (reason.problem.code, reason.facts.iter().any(|(_, fact)| format!("{fact:?}").contains("2026-1")))
            })
        };
        assert_eq!(why(1), Some(("authorization-expired", true)));
        assert_eq!(why(2), None);
        assert_eq!(why(3), None);
        assert_eq!(why(4), Some(("authorization-not-yet", true)));
        assert_eq!(why(5), Some(("authorization-missing", false)));
    }

    #[test]
    fn what_ends_soon_is_told_of_unless_a_later_one_goes_on() {
        let rows = vec![
            row(1, "GB 5009.12", "2026-01-01", "2026-12-27"),
            row(2, "GB 5009.12", "2026-01-01", "2026-12-28"),
            row(3, "GB 5009.12", "2026-01-01", "2026-12-01"),
            row(3, "GB 5009.12", "2026-12-02", "2027-12-01"),
            row(4, "GB 5009.12", "2026-01-01", "2026-12-01"),
            row(4, "*", "2026-01-01", "2027-12-01"),
            row(5, "GB 5009.12", "2026-12-01", "2026-12-20"),
        ];
        let people = |rows: Vec<AuthorizationRow>| rows.iter().map(|row| row.person_id.0).collect::<Vec<_>>();
        // Thirty days from 27 November: the second ends a day later, the fifth has not begun.
        assert_eq!(people(ending(&rows, day("2026-11-27"), day("2026-12-27"))), [1]);
    }
}
