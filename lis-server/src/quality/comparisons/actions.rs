//! Planning a comparison, and what came of it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::store::{self, ComparisonRow, NewComparison, NewResult};
use super::{COMPARISON_DONE, COMPARISON_TO_COME};
use crate::accounts::actions::names_of;
use crate::accounts::role::ManageQuality;
use crate::accounts::{Actor, May};
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::decimal::Decimal;
use crate::domain::ids::{ComparisonId, PersonId};
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_INVALID, Fault, NOT_FOUND, Outcome, Refusal, STALE_VERSION};
use crate::domain::text;
use crate::judgement::qc::{QcVerdict, crm};

/// What is compared.
pub const KINDS: &[&str] = &["person", "method", "laboratory", "retained_sample"];

/// Both values lie within the criterion, or not.
const AGREES: &str = "agrees";
const DIFFERS: &str = "differs";

/// Longest texts, in characters.
const METHOD_MOST: usize = 60;
const NAME_MOST: usize = 200;
const UNIT_MOST: usize = 20;
const REMARK_MOST: usize = 500;
/// Longest number, in characters: exact arithmetic with longer ones serves nobody.
const NUMBER_MOST: usize = 30;

/// A comparison as it is planned.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ComparisonInput {
    /// person, method, laboratory, retained_sample
    pub kind: String,
    /// Standard number without edition.
    pub method: String,
    pub analyte: String,
    pub unit: String,
    /// Who or what is compared: two people, two methods, two laboratories, the first and the second test.
    pub first: String,
    pub second: String,
    /// The criterion: largest difference between both values, an exact decimal above zero.
    pub allowed_difference: String,
    /// Last day on which it is in time.
    pub due_on: String,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct ComparisonFacts {
    kind: &'static str,
    method: String,
    analyte: String,
    unit: String,
    first: String,
    second: String,
    allowed: Decimal,
    due_on: NaiveDate,
}

impl ComparisonInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<ComparisonFacts, Refusal> {
        let mut check = Checker::new();
        let kind = check.parsed("kind", &self.kind, "expected-comparison-kind", |text| {
            KINDS.iter().copied().find(|kind| *kind == text)
        });
        let method = check.text("method", &self.method, METHOD_MOST);
        let analyte = check.text("analyte", &self.analyte, NAME_MOST);
        let unit = check.text("unit", &self.unit, UNIT_MOST);
        let first = check.text("first", &self.first, NAME_MOST);
        let second = check.text("second", &self.second, NAME_MOST);
        let allowed = number(&mut check, "allowed_difference", &self.allowed_difference);
        check.add_if(allowed.as_ref().is_some_and(|allowed| allowed.is_zero() || allowed.is_negative()), || {
            FIELD_INVALID.at("allowed_difference").with_word("expected", "expected-above-zero")
        });
        let due_on = check.date("due_on", &self.due_on);
        let facts = (|| {
            Some(ComparisonFacts {
                kind: kind?,
                method,
                analyte,
                unit,
                first,
                second,
                allowed: allowed?,
                due_on: due_on?,
            })
        })();
        check.done(facts)
    }
}

fn number(check: &mut Checker, field: &str, given: &str) -> Option<Decimal> {
    check.parsed(field, given, "expected-decimal", |typed| {
        let typed = text::code(typed);
        Decimal::parse(&typed).ok().filter(|_| typed.len() <= NUMBER_MOST)
    })
}

/// What planning and a result answer.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ComparisonSaved {
    pub id: ComparisonId,
    pub version: i64,
    /// agrees, differs; empty until the result is there.
    pub verdict: String,
}

/// Plans a comparison.
pub fn plan(tx: &mut Tx, by: &May<ManageQuality>, facts: &ComparisonFacts) -> Outcome<ComparisonSaved> {
    let row = NewComparison {
        version: 1,
        kind: facts.kind,
        method_standard: &facts.method,
        analyte: &facts.analyte,
        unit: &facts.unit,
        first_side: &facts.first,
        second_side: &facts.second,
        allowed_difference: facts.allowed.as_str(),
        due_on: facts.due_on,
        planned_by: by.person,
        planned_at: tx.now,
        first_value: "",
        second_value: "",
        difference: "",
        verdict: "",
        remark: "",
    };
    let id = store::insert(tx.conn, &row)?;
    tx.log(
        by.entry("comparison", id.0, 1, "comparison-planned")
            .set("kind", facts.kind)
            .set("method", facts.method.as_str())
            .set("analyte", facts.analyte.as_str())
            .set("first", facts.first.as_str())
            .set("second", facts.second.as_str())
            .set("allowed_difference", facts.allowed.as_str())
            .set("due_on", facts.due_on.to_string()),
    );
    Ok(ComparisonSaved { id, version: 1, verdict: String::new() })
}

/// What came of it, as it is recorded.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ComparisonResultInput {
    /// Exact decimals in the unit of the plan.
    pub first_value: String,
    pub second_value: String,
    pub performed_on: String,
    pub remark: String,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct ResultFacts {
    first: Decimal,
    second: Decimal,
    performed_on: NaiveDate,
    remark: String,
}

impl ComparisonResultInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<ResultFacts, Refusal> {
        let mut check = Checker::new();
        let first = number(&mut check, "first_value", &self.first_value);
        let second = number(&mut check, "second_value", &self.second_value);
        let performed_on = check.date("performed_on", &self.performed_on);
        let remark = check.optional_text("remark", &self.remark, REMARK_MOST);
        let facts = (|| Some(ResultFacts { first: first?, second: second?, performed_on: performed_on?, remark }))();
        check.done(facts)
    }
}

/// Records both values once; the criterion of the plan decides, by the exact difference.
///
/// # Errors
/// `comparison-done`: a result stands, another one is another comparison. `comparison-to-come`: what will be done is
/// recorded when it is done.
pub fn record(
    tx: &mut Tx,
    by: &May<ManageQuality>,
    id: ComparisonId,
    seen: i64,
    facts: &ResultFacts,
) -> Outcome<ComparisonSaved> {
    let row = store::comparison(tx.conn, id)?.ok_or(NOT_FOUND)?;
    if !row.verdict.is_empty() {
        return Err(COMPARISON_DONE.with("analyte", &row.analyte).into());
    }
    let today = tx.now.date_in_china();
    if facts.performed_on > today {
        return Err(COMPARISON_TO_COME.with("date", today).at("performed_on").into());
    }
    let allowed = Decimal::parse(&row.allowed_difference).map_err(Fault::broken)?;
    // The same comparison as that of a reference material with its certificate.
    let compared = crm(&facts.first.to_ratio(), &facts.second, &allowed).map_err(Fault::broken)?;
    let verdict = if compared.verdict == QcVerdict::Accept { AGREES } else { DIFFERS };
    let result = NewResult {
        first_value: facts.first.as_str(),
        second_value: facts.second.as_str(),
        difference: &compared.difference,
        verdict,
        performed_on: facts.performed_on,
        remark: &facts.remark,
        by: by.person,
        at: tx.now,
    };
    if !store::set_result(tx.conn, id, seen, &result)? {
        return Err(STALE_VERSION.with("version", row.version).into());
    }
    tx.log(
        by.entry("comparison", id.0, seen + 1, "comparison-recorded")
            .set("first_value", result.first_value)
            .set("second_value", result.second_value)
            .set("difference", result.difference)
            .set("verdict", verdict)
            .set("performed_on", facts.performed_on.to_string())
            .set("remark", facts.remark.as_str()),
    );
    Ok(ComparisonSaved { id, version: seen + 1, verdict: verdict.to_owned() })
}

/// A comparison as pages and programs see it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = PlannedComparison)]
pub struct ComparisonView {
    pub id: i64,
    pub version: i64,
    pub kind: String,
    pub method: String,
    pub analyte: String,
    pub unit: String,
    pub first: String,
    pub second: String,
    pub allowed_difference: String,
    #[schema(value_type = String, format = Date)]
    pub due_on: NaiveDate,
    /// Due before the day of the question, and without a result.
    pub overdue: bool,
    pub planned_by: String,
    /// Empty until the result is there, as everything below.
    pub first_value: String,
    pub second_value: String,
    pub difference: String,
    /// agrees, differs
    pub verdict: String,
    #[schema(value_type = Option<String>, format = Date)]
    pub performed_on: Option<NaiveDate>,
    pub remark: String,
    pub recorded_by: String,
}

/// Comparisons, newest first. Two statements.
pub fn comparisons(conn: &mut Conn, before: i64, limit: i64, today: NaiveDate) -> Outcome<Vec<ComparisonView>> {
    let rows = store::comparisons(conn, before, limit)?;
    views(conn, rows, today)
}

/// One of them.
pub fn comparison(conn: &mut Conn, id: ComparisonId, today: NaiveDate) -> Outcome<ComparisonView> {
    let row = store::comparison(conn, id)?.ok_or(NOT_FOUND)?;
    views(conn, vec![row], today)?.pop().ok_or_else(|| NOT_FOUND.into())
}

fn views(conn: &mut Conn, rows: Vec<ComparisonRow>, today: NaiveDate) -> Outcome<Vec<ComparisonView>> {
    let people: Vec<PersonId> = rows.iter().flat_map(|row| [Some(row.planned_by), row.recorded_by]).flatten().collect();
    let names = names_of(conn, &people)?;
    let name = |id: PersonId| names.get(&id).cloned().unwrap_or_default();
    let view = |row: ComparisonRow| ComparisonView {
        id: row.id.0,
        version: row.version,
        overdue: row.verdict.is_empty() && row.due_on < today,
        planned_by: name(row.planned_by),
        recorded_by: row.recorded_by.map(name).unwrap_or_default(),
        kind: row.kind,
        method: row.method_standard,
        analyte: row.analyte,
        unit: row.unit,
        first: row.first_side,
        second: row.second_side,
        allowed_difference: row.allowed_difference,
        due_on: row.due_on,
        first_value: row.first_value,
        second_value: row.second_value,
        difference: row.difference,
        verdict: row.verdict,
        performed_on: row.performed_on,
        remark: row.remark,
    };
    Ok(rows.into_iter().map(view).collect())
}

/// Comparisons that should have been made, for the page of waiting work.
pub fn count_overdue(conn: &mut Conn, _: &Actor, now: Moment) -> Outcome<i64> {
    Ok(store::count_overdue(conn, now.date_in_china())?)
}
