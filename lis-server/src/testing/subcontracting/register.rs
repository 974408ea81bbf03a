//! The register of subcontractors: who may test for this laboratory, by which methods, until when (ISO/IEC 17025 6.6.2).
//! Whoever keeps it evaluates: each change is an evaluation of its own.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::super::{SUBCONTRACTOR_DATES, SUBCONTRACTOR_EXPIRED, SUBCONTRACTOR_NAMED, SUBCONTRACTOR_OUTSIDE_SCOPE};
use super::store::{self, Evaluated, NewSubcontractor, SubcontractorRow};
use crate::accounts::May;
use crate::accounts::actions::names_of;
use crate::accounts::role::KeepSubcontractors;
use crate::db::{Conn, Tx};
use crate::domain::ids::{PersonId, SubcontractorId};
use crate::domain::input::Checker;
use crate::domain::refusal::{NOT_FOUND, Outcome, Reason, Refusal, STALE_VERSION};
use crate::domain::text;
use crate::instruments::equipment::DAY_TO_COME;

/// Covers every method.
const ANY_METHOD: &str = "*";

/// Longest texts, in characters.
const NAME_MOST: usize = 120;
const NUMBER_MOST: usize = 60;
const METHODS_MOST: usize = 2000;

/// A subcontractor as a form or a program describes it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SubcontractorInput {
    pub name: String,
    /// Of its accreditation (CMA, CNAS), as reports print it.
    pub accreditation_no: String,
    /// Standards without edition that the accreditation covers, separated by `;`; `*`: every method.
    pub methods: String,
    /// Last day of the accreditation.
    pub valid_until: String,
    /// Day on which it was evaluated; empty: today.
    pub evaluated_on: String,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct SubcontractorFacts {
    name: String,
    accreditation_no: String,
    methods: String,
    valid_until: NaiveDate,
    evaluated_on: Option<NaiveDate>,
}

impl SubcontractorInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<SubcontractorFacts, Refusal> {
        let mut check = Checker::new();
        let name = check.text("name", &self.name, NAME_MOST);
        let accreditation_no = check.text("accreditation_no", &self.accreditation_no, NUMBER_MOST);
        let methods = methods_of(&check.text("methods", &self.methods, METHODS_MOST));
        let valid_until = check.date("valid_until", &self.valid_until);
        let evaluated_on = check.optional_date("evaluated_on", &self.evaluated_on);
        if let (Some(last), Some(evaluated)) = (valid_until, evaluated_on) {
            check.add_if(last < evaluated, || SUBCONTRACTOR_DATES.at("valid_until"));
        }
        check.done(valid_until.map(|valid_until| SubcontractorFacts {
            name,
            accreditation_no,
            methods,
            valid_until,
            evaluated_on,
        }))
    }
}

/// The standards of a list, each once, separated by `;`.
fn methods_of(list: &str) -> String {
    let mut methods: Vec<&str> = Vec::new();
    let list = text::code(list);
    for method in list.split(';').map(str::trim).filter(|method| !method.is_empty()) {
        if !methods.contains(&method) {
            methods.push(method);
        }
    }
    methods.join(";")
}

/// What adding or evaluating a subcontractor answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SubcontractorSaved {
    pub id: i64,
    pub version: i64,
}

/// Puts a laboratory into the register.
pub fn add_subcontractor(
    tx: &mut Tx,
    by: &May<KeepSubcontractors>,
    facts: &SubcontractorFacts,
) -> Outcome<SubcontractorSaved> {
    let evaluated_on = evaluated_on(tx, facts)?;
    require_free(tx, facts, None)?;
    let row = NewSubcontractor {
        version: 1,
        name: &facts.name,
        accreditation_no: &facts.accreditation_no,
        methods: &facts.methods,
        valid_until: facts.valid_until,
        evaluated_on,
        evaluated_by: by.person,
        created_at: tx.now,
    };
    let id = store::insert_subcontractor(tx.conn, &row)?;
    tx.log(
        by.entry("subcontractor", id.0, 1, "subcontractor-added")
            .set("name", facts.name.as_str())
            .set("accreditation_no", facts.accreditation_no.as_str())
            .set("methods", facts.methods.as_str())
            .set("valid_until", facts.valid_until.to_string())
            .set("evaluated_on", evaluated_on.to_string()),
    );
    Ok(SubcontractorSaved { id: id.0, version: 1 })
}

/// Evaluates a laboratory of the register anew; what was sent to it before stays as it was.
pub fn change_subcontractor(
    tx: &mut Tx,
    by: &May<KeepSubcontractors>,
    id: SubcontractorId,
    seen: i64,
    facts: &SubcontractorFacts,
) -> Outcome<SubcontractorSaved> {
    let before = store::subcontractor(tx.conn, id)?.ok_or(NOT_FOUND)?;
    let stale = || {
        let current = serde_json::json!({"id": id, "version": before.version, "name": before.name});
        Refusal::from(STALE_VERSION.with("version", before.version)).with_current(current)
    };
    if before.version != seen {
        return Err(stale().into());
    }
    let evaluated_on = evaluated_on(tx, facts)?;
    require_free(tx, facts, Some(id))?;
    let said = Evaluated {
        name: &facts.name,
        accreditation_no: &facts.accreditation_no,
        methods: &facts.methods,
        valid_until: facts.valid_until,
        evaluated_on,
        evaluated_by: by.person,
    };
    if !store::evaluate(tx.conn, id, seen, &said)? {
        return Err(stale().into());
    }
    tx.log(
        by.entry("subcontractor", id.0, seen + 1, "subcontractor-evaluated")
            .change("name", before.name.as_str(), facts.name.as_str())
            .change("accreditation_no", before.accreditation_no.as_str(), facts.accreditation_no.as_str())
            .change("methods", before.methods.as_str(), facts.methods.as_str())
            .change("valid_until", before.valid_until.to_string(), facts.valid_until.to_string())
            .change("evaluated_on", before.evaluated_on.to_string(), evaluated_on.to_string()),
    );
    Ok(SubcontractorSaved { id: id.0, version: seen + 1 })
}

/// The day of the evaluation: today unless another was given, and none to come.
fn evaluated_on(tx: &Tx, facts: &SubcontractorFacts) -> Result<NaiveDate, Refusal> {
    let today = tx.now.date_in_china();
    match facts.evaluated_on {
        Some(day) if day > today => Err(DAY_TO_COME.with("date", today).at("evaluated_on").into()),
        Some(day) => Ok(day),
        None if facts.valid_until < today => Err(SUBCONTRACTOR_DATES.at("valid_until").into()),
        None => Ok(today),
    }
}

/// A name stands once in the register.
fn require_free(tx: &mut Tx, facts: &SubcontractorFacts, own: Option<SubcontractorId>) -> Outcome<()> {
    match store::named(tx.conn, &facts.name)? {
        Some(other) if Some(other) != own => Err(SUBCONTRACTOR_NAMED.with("name", &facts.name).at("name").into()),
        _ => Ok(()),
    }
}

/// What speaks against sending an item of a method to a subcontractor on a day.
pub(super) fn against(row: &SubcontractorRow, method: &str, on: NaiveDate) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if row.valid_until < on {
        reasons.push(SUBCONTRACTOR_EXPIRED.with("name", &row.name).with("date", row.valid_until));
    }
    if !row.methods.split(';').any(|covered| covered == method || covered == ANY_METHOD) {
        reasons.push(SUBCONTRACTOR_OUTSIDE_SCOPE.with("name", &row.name).with("method", method));
    }
    reasons
}

/// A subcontractor as pages and programs see it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct SubcontractorView {
    pub id: i64,
    pub version: i64,
    pub name: String,
    pub accreditation_no: String,
    /// Standards without edition, separated by `;`; `*`: every method.
    pub methods: String,
    #[schema(value_type = String, format = Date)]
    pub valid_until: NaiveDate,
    #[schema(value_type = String, format = Date)]
    pub evaluated_on: NaiveDate,
    pub evaluated_by: String,
    /// Its accreditation holds on the day of the question.
    pub valid: bool,
}

/// The register in order of id, on a day.
pub fn subcontractors(conn: &mut Conn, after: i64, limit: i64, on: NaiveDate) -> Outcome<Vec<SubcontractorView>> {
    let rows = store::subcontractors(conn, after, limit)?;
    views(conn, rows, on)
}

/// One of the register, on a day.
pub fn subcontractor(conn: &mut Conn, id: SubcontractorId, on: NaiveDate) -> Outcome<SubcontractorView> {
    let row = store::subcontractor(conn, id)?.ok_or(NOT_FOUND)?;
    views(conn, vec![row], on)?.pop().ok_or_else(|| NOT_FOUND.into())
}

fn views(conn: &mut Conn, rows: Vec<SubcontractorRow>, on: NaiveDate) -> Outcome<Vec<SubcontractorView>> {
    let people: Vec<PersonId> = rows.iter().map(|row| row.evaluated_by).collect();
    let names = names_of(conn, &people)?;
    let view = |row: SubcontractorRow| SubcontractorView {
        id: row.id.0,
        version: row.version,
        valid: row.valid_until >= on,
        evaluated_by: names.get(&row.evaluated_by).cloned().unwrap_or_default(),
        name: row.name,
        accreditation_no: row.accreditation_no,
        methods: row.methods,
        valid_until: row.valid_until,
        evaluated_on: row.evaluated_on,
    };
    Ok(rows.into_iter().map(view).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn row(methods: &str) -> SubcontractorRow {
        SubcontractorRow {
            id: SubcontractorId(1),
            version: 1,
            name: "邻市检验中心".into(),
            accreditation_no: "170000000000".into(),
            methods: methods.into(),
            valid_until: day("2026-12-31"),
            evaluated_on: day("2026-01-05"),
            evaluated_by: PersonId(1),
        }
    }

    #[test]
    fn every_reason_against_a_subcontractor_is_named() {
        let codes = |methods: &str, method: &str, on: &str| -> Vec<&'static str> {
            against(&row(methods), method, day(on)).iter().map(|reason| reason.problem.code).collect()
        };
        assert!(codes("GB 5009.12;GB 5009.15", "GB 5009.15", "2026-12-31").is_empty(), "its last day is a day");
        assert!(codes("*", "GB 4789.4", "2026-12-31").is_empty());
        assert_eq!(codes("*", "GB 4789.4", "2027-01-01"), ["subcontractor-expired"]);
        // `GB 5009.1` is not part of the scope because `GB 5009.12` is.
        assert_eq!(codes("GB 5009.12", "GB 5009.1", "2026-11-16"), ["subcontractor-outside-scope"]);
        assert_eq!(
            codes("GB 5009.12", "GB 5009.15", "2027-01-01"),
            ["subcontractor-expired", "subcontractor-outside-scope"]
        );
    }

    #[test]
    fn methods_are_a_list_however_they_are_typed() {
        assert_eq!(methods_of(" GB 5009.12； GB 5009.15;;GB 5009.12 "), "GB 5009.12;GB 5009.15");
    }

    #[test]
    fn an_accreditation_does_not_end_before_it_was_looked_at() {
        let input = SubcontractorInput {
            name: "邻市检验中心".into(),
            accreditation_no: " ".into(),
            methods: "*".into(),
            valid_until: "2026-01-04".into(),
            evaluated_on: "2026-01-05".into(),
        };
        let refusal = input.checked().unwrap_err();
        let named: Vec<_> =
            refusal.reasons.iter().map(|one| (one.field.as_deref().unwrap(), one.problem.code)).collect();
        assert_eq!(named, [("accreditation_no", "field-missing"), ("valid_until", "subcontractor-dates")]);
    }
}
