//! The register of suppliers, and what it says of lots in use. Each change is an evaluation of its own.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::store::{self, Evaluated, SupplierRow};
use super::{SUPPLIER_DATES, SUPPLIER_NAMED, SUPPLIER_UNAPPROVED};
use crate::accounts::actions::names_of;
use crate::accounts::role::KeepSuppliers;
use crate::accounts::{Actor, May};
use crate::db::{Conn, Tx};
use crate::domain::ids::{PersonId, SupplierId};
use crate::domain::input::Checker;
use crate::domain::refusal::{NOT_FOUND, Outcome, Reason, Refusal, STALE_VERSION};
use crate::instruments::equipment::DAY_TO_COME;
use crate::quality::gates::state::{Finding, Gate};
use crate::quality::lots::receipts::{self, BoughtLot};

/// What is supplied.
pub const PROVIDES: &[&str] = &["calibration", MATERIALS, "maintenance", "proficiency", "subcontracting"];
/// Reference materials, standards, reagents, media.
const MATERIALS: &str = "materials";

/// Longest texts, in characters.
const NAME_MOST: usize = 100;
const EVALUATION_MOST: usize = 500;

/// A supplier as a form or a program describes it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SupplierInput {
    /// As lots and certificates name it.
    pub name: String,
    /// calibration, materials, maintenance, proficiency, subcontracting
    pub provides: String,
    pub approved_from: String,
    /// Last day of the approval.
    pub approved_until: String,
    /// Day of the evaluation, today or earlier.
    pub evaluated_on: String,
    /// What the evaluation looked at and found.
    pub evaluation: String,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct SupplierFacts {
    name: String,
    provides: &'static str,
    approved_from: NaiveDate,
    approved_until: NaiveDate,
    evaluated_on: NaiveDate,
    evaluation: String,
}

impl SupplierInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<SupplierFacts, Refusal> {
        let mut check = Checker::new();
        let facts = self.facts(&mut check);
        check.done(facts)
    }

    pub(super) fn facts(&self, check: &mut Checker) -> Option<SupplierFacts> {
        let name = check.text("name", &self.name, NAME_MOST);
        let provides = check.parsed("provides", &self.provides, "expected-supplies", |text| {
            PROVIDES.iter().copied().find(|known| *known == text)
        });
        let approved_from = check.date("approved_from", &self.approved_from);
        let approved_until = check.date("approved_until", &self.approved_until);
        if let (Some(first), Some(last)) = (approved_from, approved_until) {
            check.add_if(last < first, || SUPPLIER_DATES.at("approved_until"));
        }
        let evaluated_on = check.date("evaluated_on", &self.evaluated_on);
        let evaluation = check.text("evaluation", &self.evaluation, EVALUATION_MOST);
        Some(SupplierFacts {
            name,
            provides: provides?,
            approved_from: approved_from?,
            approved_until: approved_until?,
            evaluated_on: evaluated_on?,
            evaluation,
        })
    }
}

impl SupplierFacts {
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether the register says exactly this of a supplier.
    pub(super) fn says(&self, row: &SupplierRow, evaluator: PersonId) -> bool {
        row.name == self.name
            && row.provides == self.provides
            && row.approved_from == self.approved_from
            && row.approved_until == self.approved_until
            && row.evaluated_on == self.evaluated_on
            && row.evaluation == self.evaluation
            && row.evaluated_by == evaluator
    }

    fn row(&self, by: PersonId) -> Evaluated<'_> {
        Evaluated {
            name: &self.name,
            provides: self.provides,
            approved_from: self.approved_from,
            approved_until: self.approved_until,
            evaluated_on: self.evaluated_on,
            evaluation: &self.evaluation,
            evaluated_by: by,
        }
    }
}

/// What adding or evaluating a supplier answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SupplierSaved {
    pub id: i64,
    pub version: i64,
}

/// Puts a supplier into the register.
///
/// # Errors
/// `supplier-named`, `day-to-come`.
pub fn add_supplier(tx: &mut Tx, by: &May<KeepSuppliers>, facts: &SupplierFacts) -> Outcome<SupplierSaved> {
    add(tx, by, by.person, facts)
}

pub(super) fn add(tx: &mut Tx, by: &Actor, evaluator: PersonId, facts: &SupplierFacts) -> Outcome<SupplierSaved> {
    require_possible(tx, facts, None)?;
    let id = store::insert(tx.conn, &facts.row(evaluator), tx.now)?;
    tx.log(
        by.entry("supplier", id.0, 1, "supplier-added")
            .set("name", facts.name.as_str())
            .set("provides", facts.provides)
            .set("approved_from", facts.approved_from.to_string())
            .set("approved_until", facts.approved_until.to_string())
            .set("evaluated_on", facts.evaluated_on.to_string())
            .set("evaluation", facts.evaluation.as_str()),
    );
    Ok(SupplierSaved { id: id.0, version: 1 })
}

/// Evaluates a supplier of the register anew.
pub fn change_supplier(
    tx: &mut Tx,
    by: &May<KeepSuppliers>,
    id: SupplierId,
    seen: i64,
    facts: &SupplierFacts,
) -> Outcome<SupplierSaved> {
    let before = store::supplier(tx.conn, id)?.ok_or(NOT_FOUND)?;
    let stale = || {
        let current = serde_json::json!({"id": id, "version": before.version, "name": before.name});
        Refusal::from(STALE_VERSION.with("version", before.version)).with_current(current)
    };
    if before.version != seen {
        return Err(stale().into());
    }
    require_possible(tx, facts, Some(id))?;
    if !store::evaluate(tx.conn, id, seen, &facts.row(by.person))? {
        return Err(stale().into());
    }
    tx.log(
        by.entry("supplier", id.0, seen + 1, "supplier-evaluated")
            .change("name", before.name.as_str(), facts.name.as_str())
            .change("provides", before.provides.as_str(), facts.provides)
            .change("approved_from", before.approved_from.to_string(), facts.approved_from.to_string())
            .change("approved_until", before.approved_until.to_string(), facts.approved_until.to_string())
            .change("evaluated_on", before.evaluated_on.to_string(), facts.evaluated_on.to_string())
            .change("evaluation", before.evaluation.as_str(), facts.evaluation.as_str()),
    );
    Ok(SupplierSaved { id: id.0, version: seen + 1 })
}

/// A name stands once for what it supplies, and nobody is evaluated in advance.
fn require_possible(tx: &mut Tx, facts: &SupplierFacts, own: Option<SupplierId>) -> Outcome<()> {
    let today = tx.now.date_in_china();
    if facts.evaluated_on > today {
        return Err(DAY_TO_COME.with("date", today).at("evaluated_on").into());
    }
    let others = store::named(tx.conn, std::slice::from_ref(&facts.name))?;
    let is_taken = others.iter().any(|other| other.provides == facts.provides && Some(other.id) != own);
    if is_taken { Err(SUPPLIER_NAMED.with("name", &facts.name).at("name").into()) } else { Ok(()) }
}

/// What the gate of supplies finds of lots in use: those that were not accepted when they came, and those of a supplier who was
/// not approved on that day. What was made here was not supplied. Three statements where there are lots.
pub fn found(conn: &mut Conn, used: &[(String, NaiveDate)]) -> Outcome<Vec<Finding>> {
    if used.is_empty() {
        return Ok(Vec::new());
    }
    let codes: Vec<String> = used.iter().map(|(code, _)| code.clone()).collect();
    let bought = receipts::bought(conn, &codes)?;
    let names: Vec<String> = bought.iter().map(|lot| lot.supplier.clone()).collect();
    let register = store::named(conn, &names)?;
    let mut findings = Vec::new();
    for (code, on) in used {
        let Some(lot) = bought.iter().find(|lot| lot.code == *code) else { continue };
        let reasons = [lot.against(), against_supplier(lot, &register)].into_iter().flatten();
        findings.extend(reasons.map(|reason| Finding { gate: Gate::Supplies, on: *on, reason }));
    }
    Ok(findings)
}

fn against_supplier(lot: &BoughtLot, register: &[SupplierRow]) -> Option<Reason> {
    let approves = |row: &SupplierRow| {
        row.name == lot.supplier
            && row.provides == MATERIALS
            && (row.approved_from..=row.approved_until).contains(&lot.received_on)
    };
    let is_approved = register.iter().any(approves);
    let reason = || SUPPLIER_UNAPPROVED.with("code", &lot.code).with("name", &lot.supplier);
    (!is_approved).then(|| reason().with("date", lot.received_on))
}

/// A supplier as pages and programs see it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct SupplierView {
    pub id: i64,
    pub version: i64,
    pub name: String,
    pub provides: String,
    #[schema(value_type = String, format = Date)]
    pub approved_from: NaiveDate,
    #[schema(value_type = String, format = Date)]
    pub approved_until: NaiveDate,
    #[schema(value_type = String, format = Date)]
    pub evaluated_on: NaiveDate,
    pub evaluation: String,
    pub evaluated_by: String,
    /// Approved on the day of the question.
    pub approved: bool,
}

/// The register in order of id, on a day.
pub fn suppliers(conn: &mut Conn, after: i64, limit: i64, on: NaiveDate) -> Outcome<Vec<SupplierView>> {
    let rows = store::suppliers(conn, after, limit)?;
    views(conn, rows, on)
}

/// One of the register, on a day.
pub fn supplier(conn: &mut Conn, id: SupplierId, on: NaiveDate) -> Outcome<SupplierView> {
    let row = store::supplier(conn, id)?.ok_or(NOT_FOUND)?;
    views(conn, vec![row], on)?.pop().ok_or_else(|| NOT_FOUND.into())
}

fn views(conn: &mut Conn, rows: Vec<SupplierRow>, on: NaiveDate) -> Outcome<Vec<SupplierView>> {
    let people: Vec<PersonId> = rows.iter().map(|row| row.evaluated_by).collect();
    let names = names_of(conn, &people)?;
    let view = |row: SupplierRow| SupplierView {
        id: row.id.0,
        version: row.version,
        approved: (row.approved_from..=row.approved_until).contains(&on),
        evaluated_by: names.get(&row.evaluated_by).cloned().unwrap_or_default(),
        name: row.name,
        provides: row.provides,
        approved_from: row.approved_from,
        approved_until: row.approved_until,
        evaluated_on: row.evaluated_on,
        evaluation: row.evaluation,
    };
    Ok(rows.into_iter().map(view).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    // Requirement: Q66-1
    #[test]
    fn a_supplier_is_held_against_the_day_on_which_the_lot_came() {
        let row = |name: &str, provides: &str| SupplierRow {
            id: SupplierId(1),
            version: 1,
            name: name.into(),
            provides: provides.into(),
            approved_from: day("2026-02-01"),
            approved_until: day("2026-10-31"),
            evaluated_on: day("2026-01-20"),
            evaluation: "资质齐全".into(),
            evaluated_by: PersonId(1),
        };
        let lot = |received_on: &str| BoughtLot {
            code: "S-1".into(),
            supplier: "示例标准物质中心".into(),
            received_on: day(received_on),
            accepted: Some(true),
        };
        let said = |received_on: &str, register: &[SupplierRow]| {
            against_supplier(&lot(received_on), register).map(|reason| reason.problem.code)
        };
        let register = [row("示例标准物质中心", "calibration"), row("示例标准物质中心", MATERIALS)];
        assert_eq!(said("2026-10-31", &register), None, "the last day counts, whenever the lot is used");
        assert_eq!(said("2026-01-31", &register), Some("supplier-unapproved"));
        assert_eq!(said("2026-11-01", &register), Some("supplier-unapproved"));
        assert_eq!(said("2026-10-31", &register[..1]), Some("supplier-unapproved"), "approved for something else");
    }

    #[test]
    fn an_approval_has_a_first_and_a_last_day() {
        let input = SupplierInput {
            name: "示例标准物质中心".into(),
            provides: "paint".into(),
            approved_from: "2026-02-01".into(),
            approved_until: "2026-01-31".into(),
            evaluated_on: "2026-01-20".into(),
            evaluation: " ".into(),
        };
        let refusal = input.checked().unwrap_err();
        let named: Vec<_> =
            refusal.reasons.iter().map(|one| (one.field.as_deref().unwrap(), one.problem.code)).collect();
        assert_eq!(
            named,
            [("provides", "field-invalid"), ("approved_until", "supplier-dates"), ("evaluation", "field-missing")]
        );
    }
}
