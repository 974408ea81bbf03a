//! Records of training, supervision and evaluation, and what is due of them.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::state::{EVALUATION, KINDS, RESULTS, Record, overdue};
use super::store::{self, CompetenceRow, NewCompetence};
use super::{COMPETENCE_DUE_FIRST, COMPETENCE_TO_COME};
use crate::accounts::actions::{names_of, people_with_roles};
use crate::accounts::role::KeepCompetence;
use crate::accounts::{Actor, May, Role};
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::ids::PersonId;
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_INVALID, Outcome, Refusal};
use crate::testing::actions::{AuthorizationView, authorizations_ending};

/// Longest texts, in characters.
const METHOD_MOST: usize = 60;
const NAME_MOST: usize = 100;
const TEXT_MOST: usize = 500;

/// A record as a form or a program describes it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CompetenceInput {
    pub person_id: String,
    /// education, training, supervision, evaluation
    pub kind: String,
    /// Standard number without edition; empty: no single method.
    pub method_standard: String,
    pub performed_on: String,
    /// Who trained, supervised or evaluated.
    pub performed_by: String,
    /// competent or not_competent; needed for an evaluation.
    pub result: String,
    /// When the next one of its kind is due; empty: none is.
    pub next_due: String,
    /// What it was: course, observed test, certificate.
    pub remark: String,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct CompetenceFacts {
    person: PersonId,
    record: RecordFacts,
}

/// What was done with a person, checked.
#[derive(Clone, Debug)]
pub(super) struct RecordFacts {
    pub kind: &'static str,
    pub method_standard: String,
    pub performed_on: NaiveDate,
    pub performed_by: String,
    pub result: &'static str,
    pub next_due: Option<NaiveDate>,
    pub remark: String,
}

impl CompetenceInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<CompetenceFacts, Refusal> {
        let mut check = Checker::new();
        let person = check.whole("person_id", &self.person_id, 1, i64::MAX);
        let record = self.record(&mut check);
        check.done(person.zip(record).map(|(person, record)| CompetenceFacts { person: PersonId(person), record }))
    }

    /// Everything but the person, whom a list names otherwise.
    pub(super) fn record(&self, check: &mut Checker) -> Option<RecordFacts> {
        let kind = check.parsed("kind", &self.kind, "expected-competence-kind", |text| known(KINDS, text));
        let method_standard = check.optional_text("method_standard", &self.method_standard, METHOD_MOST);
        let performed_on = check.date("performed_on", &self.performed_on);
        let performed_by = check.text("performed_by", &self.performed_by, NAME_MOST);
        let expected = "expected-competence-result";
        let result = if kind == Some(EVALUATION) {
            check.parsed("result", &self.result, expected, |text| known(RESULTS, text))
        } else {
            check.optional("result", &self.result, expected, |text| known(RESULTS, text))
        };
        let next_due = check.optional_date("next_due", &self.next_due);
        if let (Some(done), Some(due)) = (performed_on, next_due) {
            check.add_if(due <= done, || COMPETENCE_DUE_FIRST.at("next_due"));
        }
        let remark = check.optional_text("remark", &self.remark, TEXT_MOST);
        Some(RecordFacts {
            kind: kind?,
            method_standard,
            performed_on: performed_on?,
            performed_by,
            result: result.unwrap_or_default(),
            next_due,
            remark,
        })
    }
}

/// The word of a closed list that a text is.
fn known(words: &'static [&'static str], text: &str) -> Option<&'static str> {
    words.iter().copied().find(|word| *word == text)
}

/// What a record answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CompetenceSaved {
    pub id: i64,
}

/// Adds a record. It is never changed: a later one says what came after.
///
/// # Errors
/// `competence-to-come`: what will be done is written down when it is done.
pub fn add_record(tx: &mut Tx, by: &May<KeepCompetence>, facts: &CompetenceFacts) -> Outcome<CompetenceSaved> {
    if names_of(tx.conn, &[facts.person])?.is_empty() {
        return Err(FIELD_INVALID.at("person_id").with_word("expected", "expected-person").into());
    }
    keep(tx, by, (facts.person, by.person), &facts.record)
}

/// Keeps what was done with a person, as somebody vouches for it.
pub(super) fn keep(
    tx: &mut Tx,
    by: &Actor,
    (person, recorded_by): (PersonId, PersonId),
    facts: &RecordFacts,
) -> Outcome<CompetenceSaved> {
    let today = tx.now.date_in_china();
    if facts.performed_on > today {
        return Err(COMPETENCE_TO_COME.with("date", today).at("performed_on").into());
    }
    let row = NewCompetence {
        person_id: person,
        kind: facts.kind,
        method_standard: &facts.method_standard,
        performed_on: facts.performed_on,
        performed_by: &facts.performed_by,
        result: facts.result,
        next_due: facts.next_due,
        remark: &facts.remark,
        recorded_by,
        at: tx.now,
    };
    let id = store::insert(tx.conn, &row)?;
    tx.log(
        by.entry("competence_record", id.0, 1, "competence-recorded")
            .set("person", person.0)
            .set("kind", facts.kind)
            .set("method_standard", facts.method_standard.as_str())
            .set("performed_on", facts.performed_on.to_string())
            .set("result", facts.result)
            .set("next_due", facts.next_due.map(|date| date.to_string()).unwrap_or_default())
            .set("recorded_by", recorded_by.0),
    );
    Ok(CompetenceSaved { id: id.0 })
}

/// A record as pages and programs see it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct CompetenceView {
    pub id: i64,
    pub person_id: i64,
    pub person: String,
    pub kind: String,
    pub method_standard: String,
    #[schema(value_type = String, format = Date)]
    pub performed_on: NaiveDate,
    pub performed_by: String,
    /// Empty: nothing was judged.
    pub result: String,
    #[schema(value_type = Option<String>, format = Date)]
    pub next_due: Option<NaiveDate>,
    pub remark: String,
    pub recorded_by: String,
}

/// Records, newest first, of one person or of all.
pub fn records(conn: &mut Conn, of: Option<PersonId>, before: i64, limit: i64) -> Outcome<Vec<CompetenceView>> {
    let rows = store::records(conn, of, before, limit)?;
    views(conn, rows)
}

fn views(conn: &mut Conn, rows: Vec<CompetenceRow>) -> Outcome<Vec<CompetenceView>> {
    let people: Vec<PersonId> = rows.iter().flat_map(|row| [row.person_id, row.recorded_by]).collect();
    let names = names_of(conn, &people)?;
    let name = |id: PersonId| names.get(&id).cloned().unwrap_or_default();
    let view = |row: CompetenceRow| CompetenceView {
        id: row.id.0,
        person_id: row.person_id.0,
        person: name(row.person_id),
        kind: row.kind,
        method_standard: row.method_standard,
        performed_on: row.performed_on,
        performed_by: row.performed_by,
        result: row.result,
        next_due: row.next_due,
        remark: row.remark,
        recorded_by: name(row.recorded_by),
    };
    Ok(rows.into_iter().map(view).collect())
}

/// What the quality officer has to see to.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct CompetenceDue {
    /// Authorizations that end soon, and that no later one goes on with.
    pub authorizations: Vec<AuthorizationView>,
    /// Records whose next one is overdue.
    pub overdue: Vec<CompetenceView>,
    /// People of the laboratory who have not declared confidentiality and impartiality.
    pub undeclared: Vec<PersonNamed>,
}

/// A person of the laboratory.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct PersonNamed {
    pub id: i64,
    pub name: String,
}

/// What is due on a day; `days`: how long before its end an authorization is told of.
pub fn due(conn: &mut Conn, today: NaiveDate, days: u32) -> Outcome<CompetenceDue> {
    let rows = store::every_record(conn)?;
    let records: Vec<Record> = rows.iter().map(record).collect();
    let late = overdue(&records, today);
    let late: Vec<CompetenceRow> = rows.iter().filter(|row| late.contains(&&record(row))).cloned().collect();
    let people = people(conn)?;
    let ids: Vec<PersonId> = people.keys().copied().collect();
    let declared: Vec<PersonId> = store::declared(conn, &ids)?.into_iter().map(|(person, _)| person).collect();
    let missing = people.into_iter().filter(|(id, _)| !declared.contains(id));
    Ok(CompetenceDue {
        authorizations: authorizations_ending(conn, today, last_day(today, days))?,
        overdue: views(conn, late)?,
        undeclared: missing.map(|(id, name)| PersonNamed { id: id.0, name }).collect(),
    })
}

fn record(row: &CompetenceRow) -> Record {
    Record {
        person: row.person_id,
        kind: row.kind.clone(),
        method: row.method_standard.clone(),
        performed_on: row.performed_on,
        next_due: row.next_due,
    }
}

fn last_day(today: NaiveDate, days: u32) -> NaiveDate {
    today.checked_add_days(Days::new(u64::from(days))).unwrap_or(today)
}

/// The active people of the laboratory.
pub fn people(conn: &mut Conn) -> Outcome<BTreeMap<PersonId, String>> {
    let roles: Vec<Role> = Role::ALL.iter().copied().filter(|role| role.is_laboratory()).collect();
    Ok(people_with_roles(conn, &roles)?.into_iter().collect())
}

/// Authorizations that end within some days, for the page of waiting work.
pub fn count_ending(conn: &mut Conn, _: &Actor, now: Moment, days: u32) -> Outcome<i64> {
    let today = now.date_in_china();
    count(authorizations_ending(conn, today, last_day(today, days))?.len())
}

/// Evaluations and other records whose next one is overdue.
pub fn count_overdue(conn: &mut Conn, _: &Actor, now: Moment) -> Outcome<i64> {
    let records: Vec<Record> = store::every_record(conn)?.iter().map(record).collect();
    count(overdue(&records, now.date_in_china()).len())
}

fn count(rows: usize) -> Outcome<i64> {
    i64::try_from(rows).map_err(crate::domain::refusal::Fault::broken)
}
