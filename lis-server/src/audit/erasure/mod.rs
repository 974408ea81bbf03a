//! Erasing what the program holds about a person (design 4a). The key under which his name, telephone number and addresses
//! stand in the log is destroyed, so that the log stays whole and says them no more; the same words leave the table of people
//! of enterprises or of rapid tests. The log keeps that, when, by whom and on which ground it was done, never the words.
//!
//! What the law keeps, stays. Records and reports are kept for six years (检验检测机构监督管理办法, order 39 of 2021): sampling
//! forms, receipts, raw records, signatures and reports with the names on them, mails as proof of service. The name of somebody
//! who did what such a record shows stays with his account until six years after his last act; his telephone number and
//! mail address go at once.

pub mod api;
pub mod pages;

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};

use super::personal;
use super::store::{self, ErasureRow, NewErasure};
use crate::accounts::actions::names_of;
use crate::accounts::role::ErasePersonal;
use crate::accounts::{May, erasing as people};
use crate::cases::erasing as rapid_tests;
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::ids::{EnterpriseId, PersonId};
use crate::domain::input::Checker;
use crate::domain::refusal::{Outcome, Problem, Refusal};
use crate::domain::text;
use crate::enterprises::erasing as units;

/// Nobody and no unit is called so.
pub const ERASURE_SUBJECT_UNKNOWN: Problem = Problem::new("erasure-subject-unknown", 422);

/// Codes declared here.
pub const PROBLEMS: &[Problem] = &[ERASURE_SUBJECT_UNKNOWN];

/// Records of testing are kept so long (order 39 of 2021).
const KEPT_MONTHS: u32 = 72;
/// Longest reference and name, in characters.
const REFERENCE_MOST: usize = 60;
const SUBJECT_MOST: usize = 40;

/// Whose words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Somebody with an account.
    Person,
    /// The contact of a unit of the registry.
    Enterprise,
    /// Who stands behind a rapid test: the seller, and whoever tested.
    RapidTest,
}

impl Kind {
    pub const ALL: &[Self] = &[Self::Person, Self::Enterprise, Self::RapidTest];

    pub const fn code(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Enterprise => "enterprise",
            Self::RapidTest => "rapid_test",
        }
    }

    fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }
}

/// Why a personal word must be erased (个人信息保护法, article 47), one code for each number of its first paragraph.
pub const GROUNDS: [&str; 5] = ["purpose", "ended", "withdrawn", "unlawful", "other"];

/// What is to be erased, as a form or a program says it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ErasureInput {
    /// `person` (an account), `enterprise` (the contact of a registered unit) or `rapid_test` (its seller and tester).
    pub subject_kind: String,
    /// The username or the unified social credit code; or `#` and the id, as of a rapid test.
    pub subject: String,
    /// `purpose`, `ended`, `withdrawn`, `unlawful` or `other`: article 47 of the law on personal information.
    pub ground: String,
    /// Number of the request in the laboratory's files; no names.
    pub reference: String,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct ErasureFacts {
    kind: Kind,
    subject: String,
    ground: &'static str,
    reference: String,
}

impl ErasureInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<ErasureFacts, Refusal> {
        let mut check = Checker::new();
        let kind = check.parsed("subject_kind", &self.subject_kind, "expected-erasure-kind", Kind::parse);
        let subject = check.text("subject", &self.subject, SUBJECT_MOST);
        let known = |code: &str| GROUNDS.iter().copied().find(|ground| *ground == code);
        let ground = check.parsed("ground", &self.ground, "expected-erasure-ground", known);
        let reference = check.text("reference", &self.reference, REFERENCE_MOST);
        let both = kind.zip(ground);
        check.done(both.map(|(kind, ground)| ErasureFacts { kind, subject: text::code(&subject), ground, reference }))
    }
}

/// Whom an erasure is about, and since when the name is free.
#[derive(Clone, Copy, Debug)]
pub enum Subject {
    Person { id: PersonId, keeps_name: bool },
    Enterprise(EnterpriseId),
    RapidTest(i64),
}

/// Who is named, and whether his name stays. Read before the write: the log is walked for his last act.
///
/// # Errors
/// `erasure-subject-unknown`.
pub fn subject(conn: &mut Conn, facts: &ErasureFacts, today: NaiveDate) -> Outcome<Subject> {
    let unknown = || ERASURE_SUBJECT_UNKNOWN.with("subject", &facts.subject).at("subject");
    match facts.kind {
        Kind::Person => {
            let id = people::named(conn, &facts.subject)?.ok_or_else(unknown)?;
            let last = store::last_act(conn, &format!("person:{id}"))?;
            Ok(Subject::Person { id, keeps_name: is_kept(last, today) })
        }
        Kind::Enterprise => Ok(Subject::Enterprise(units::named(conn, &facts.subject)?.ok_or_else(unknown)?)),
        Kind::RapidTest => Ok(Subject::RapidTest(rapid_tests::named(conn, &facts.subject)?.ok_or_else(unknown)?)),
    }
}

/// Whether records of somebody's last act are still kept.
fn is_kept(last_act: Option<Moment>, today: NaiveDate) -> bool {
    let until = last_act.and_then(|at| at.date_in_china().checked_add_months(Months::new(KEPT_MONTHS)));
    until.is_some_and(|until| today < until)
}

/// What an erasure answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Erased {
    pub id: i64,
    /// The name stays for now, with the records that it is part of.
    pub name_kept: bool,
}

/// Destroys the key, takes the words out of the table and notes that it was done.
///
/// # Errors
/// `person-active`: the account is in use; `person-erased`, `rapid-test-erased`: nothing is left to be erased;
/// `rapid-test-open`: it may still be disputed.
pub fn erase(tx: &mut Tx, by: &May<ErasePersonal>, facts: &ErasureFacts, subject: Subject) -> Outcome<Erased> {
    let (subject_id, version, name_kept) = match subject {
        Subject::Person { id, keeps_name } => (id.0, people::erase(tx, by, id, keeps_name)?, keeps_name),
        Subject::Enterprise(id) => (id.0, units::erase(tx, by, id)?, false),
        Subject::RapidTest(id) => (id, rapid_tests::erase(tx, by, id)?, false),
    };
    let kind = facts.kind.code();
    personal::destroy(tx, &format!("{kind}:{subject_id}"))?;
    let row = NewErasure {
        subject_kind: kind,
        subject_id,
        ground: facts.ground,
        reference: &facts.reference,
        name_kept,
        person_id: by.person,
        at: tx.now,
    };
    let id = store::insert_erasure(tx.conn, &row)?;
    tx.log(
        by.entry(kind, subject_id, version, "personal-erased")
            .set("erasure", id)
            .set("ground", facts.ground)
            .set("reference", facts.reference.as_str())
            .set("name_kept", name_kept),
    );
    Ok(Erased { id, name_kept })
}

/// An erasure as pages and programs see it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Erasure)]
pub struct ErasureView {
    pub id: i64,
    /// `person`, `enterprise` or `rapid_test`.
    pub subject_kind: String,
    pub subject_id: i64,
    pub ground: String,
    pub reference: String,
    pub name_kept: bool,
    pub by: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Moment,
}

/// Erasures, newest first, before an id.
pub fn erasures(conn: &mut Conn, before: i64, limit: i64) -> Outcome<Vec<ErasureView>> {
    let rows = store::erasures(conn, before, limit)?;
    let people: Vec<PersonId> = rows.iter().map(|row| row.person_id).collect();
    let names = names_of(conn, &people)?;
    let view = |row: ErasureRow| ErasureView {
        by: names.get(&row.person_id).cloned().unwrap_or_default(),
        id: row.id,
        subject_kind: row.subject_kind,
        subject_id: row.subject_id,
        ground: row.ground,
        reference: row.reference,
        name_kept: row.name_kept,
        at: row.at,
    };
    Ok(rows.into_iter().map(view).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_for_six_years_after_the_last_act() {
        let last = Moment::parse_in_china("2020-02-29 09:00");
        let on = |text: &str| is_kept(last, text.parse().unwrap());
        assert!(on("2020-03-01") && on("2026-02-27"));
        assert!(!on("2026-02-28"), "the month has no day 29");
        assert!(!is_kept(None, "2020-03-01".parse().unwrap()), "who did nothing is on no record");
    }

    #[test]
    fn a_ground_is_one_of_the_law() {
        let input = |ground: &str| ErasureInput {
            subject_kind: "person".into(),
            subject: "li".into(),
            ground: ground.into(),
            reference: "2026-07".into(),
        };
        assert!(GROUNDS.iter().all(|ground| input(ground).checked().is_ok()));
        assert!(input("because").checked().is_err());
    }
}
