//! The other laboratory's report comes: its result becomes a version of the item's result, judged by the rules that hold for
//! every other. The report's file stays as evidence, and the record names it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::super::asking::{claim_asked, limit_asked, method_asked};
use super::super::cancelling::item_at;
use super::super::choosing::procedures;
use super::super::compute::{self, Asked, LimitAsked, LimitRowAsked, MethodAsked, Portion, Record, Subcontract};
use super::super::concentrating::in_force;
use super::super::dependencies::{alone, is_converted};
use super::super::planning::state_of;
use super::super::portions::{finding, finding_word};
use super::super::results::{Made, recompute_dependents};
use super::super::state::{ItemEvent, ItemState};
use super::super::store::{ForeignResult, ItemRow, NewResultRow, insert_results, results_of, take_foreign_result};
use super::super::uncertainty::UncertaintyAsked;
use super::super::{
    CALCULATION_FAILED, ITEM_CHANGED, METHOD_UNKNOWN, NOT_A_PDF, SUBCONTRACT_REPORT_DATE, SUBCONTRACT_VALUES, TOO_MANY,
    VALUE_UNREADABLE,
};
use super::store::{self, SentRow};
use crate::accounts::May;
use crate::accounts::role::AssignItems;
use crate::catalogue::import::{Evaluation, UncertaintyBudget};
use crate::catalogue::reference::Basis;
use crate::catalogue::{Catalogue, actions as catalogue};
use crate::db::{Conn, Tx};
use crate::domain::decimal::Decimal;
use crate::domain::ids::{CatalogueSetId, ItemId};
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_MISSING, Fault, NOT_FOUND, Outcome, Reasons, Refusal};
use crate::domain::text;
use crate::files;
use crate::judgement::measured::MeasuredValue;

/// Cause of such a version of a result.
const SUBCONTRACTED: &str = "subcontracted";
/// The named input that holds a value.
const READING: &str = "reading";
const PDF: &str = "application/pdf";
const PDF_BEGINS: &[u8] = b"%PDF-";

/// Longest texts, in characters, and the most values: the units of a sampling plan.
const VALUES_MOST: usize = 300;
const COUNT_MOST: usize = 20;
const UNIT_MOST: usize = 20;
const NUMBER_MOST: usize = 60;

/// What the other laboratory's report says of an item.
#[derive(Clone, Debug, Default)]
pub struct ResultInput {
    /// As printed; of a sampling plan every unit in its order, separated by `;`.
    pub values: String,
    /// Empty: the unit of the item.
    pub unit: String,
    /// The other laboratory's limits of detection and quantification, in the same unit; empty: it gives none.
    pub lod: String,
    pub loq: String,
    /// Its expanded uncertainty, in the same unit or in percent (`12 %`), and the coverage factor; empty: it states none.
    pub uncertainty: String,
    pub k: String,
    pub report_no: String,
    /// Date of the report.
    pub reported_on: String,
}

/// The same, checked, with the report's file.
#[derive(Clone, Debug)]
pub struct ForeignReport {
    values: Vec<String>,
    unit: String,
    lod: Option<Decimal>,
    loq: Option<Decimal>,
    uncertainty: Option<Stated>,
    report_no: String,
    reported_on: NaiveDate,
    sha256: String,
    byte_count: usize,
    file_name: String,
    /// How the laboratory judges with guard bands where none is stated: by simple acceptance, or a person does.
    simple: bool,
}

/// What the other laboratory states of its uncertainty.
#[derive(Clone, Debug)]
struct Stated {
    expanded: Decimal,
    /// It is percent of the value.
    relative: bool,
    k: Decimal,
}

impl std::fmt::Display for Stated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let percent = if self.relative { " %" } else { "" };
        write!(f, "{}{percent} (k={})", self.expanded, self.k)
    }
}

impl ForeignReport {
    /// The same, to be judged by simple acceptance where it states no uncertainty.
    pub fn simply(self, simple: bool) -> Self {
        Self { simple, ..self }
    }

    /// What speaks for its value where the client asks for guard bands; `None`: it is judged by simple acceptance. This
    /// laboratory's own budgets say nothing about another's value.
    fn uncertainty_asked(
        &self,
        (method, item): (&str, &ItemRow),
        sent: &SentRow,
        unit: &str,
    ) -> Option<UncertaintyAsked> {
        let stated = self.uncertainty.as_ref().map(|stated| UncertaintyBudget {
            method: method.to_owned(),
            analyte: item.analyte.clone(),
            from: None,
            below: None,
            unit: unit.to_owned(),
            expanded: stated.expanded.clone(),
            relative: stated.relative,
            k: stated.k.clone(),
            contributions: Vec::new(),
            basis: format!("{} {}", sent.name, self.report_no),
            reviewed_on: self.reported_on,
        });
        let is_asked = item.guard_band && !self.is_simple(item);
        is_asked.then(|| UncertaintyAsked { set: 0, budgets: stated.into_iter().collect() })
    }

    /// The client asks for guard bands, nothing is stated, and the laboratory judges it by simple acceptance.
    fn is_simple(&self, item: &ItemRow) -> bool {
        item.guard_band && self.simple && self.uncertainty.is_none()
    }
}

impl ResultInput {
    /// The report with its file, by its name and SHA-256.
    ///
    /// # Errors
    /// Every field that is wrong, by name; a file that is no PDF.
    pub fn checked(&self, file_name: &str, sha256: &str, bytes: &[u8]) -> Result<ForeignReport, Refusal> {
        let mut check = Checker::new();
        let values = values_of(&check.text("values", &self.values, VALUES_MOST));
        check.add_if(values.len() > COUNT_MOST, || TOO_MANY.with("limit", COUNT_MOST).at("values"));
        for value in &values {
            let readable = MeasuredValue::parse(value).is_ok() || finding_word(value).is_some();
            check.add_if(!readable, || VALUE_UNREADABLE.with("value", value).at("values"));
        }
        let unit = text::code(&check.optional_text("unit", &self.unit, UNIT_MOST));
        let lod = check.optional("lod", &self.lod, "expected-decimal", positive);
        let loq = check.optional("loq", &self.loq, "expected-decimal", positive);
        let stated = check.optional("uncertainty", &self.uncertainty, "expected-stated-uncertainty", stated_of);
        let k = check.optional("k", &self.k, "expected-decimal", positive);
        let given = |typed: &str| !typed.trim().is_empty();
        check.add_if(given(&self.uncertainty) && !given(&self.k), || FIELD_MISSING.at("k"));
        check.add_if(given(&self.k) && !given(&self.uncertainty), || FIELD_MISSING.at("uncertainty"));
        let uncertainty = stated.zip(k).map(|((expanded, relative), k)| Stated { expanded, relative, k });
        let report_no = check.text("report_no", &self.report_no, NUMBER_MOST);
        let reported_on = check.date("reported_on", &self.reported_on);
        check.add_if(!bytes.starts_with(PDF_BEGINS), || NOT_A_PDF.at("file"));
        check.done(reported_on.map(|reported_on| ForeignReport {
            values,
            unit,
            lod,
            loq,
            uncertainty,
            report_no,
            reported_on,
            sha256: sha256.to_owned(),
            byte_count: bytes.len(),
            file_name: file_name.to_owned(),
            simple: false,
        }))
    }
}

fn positive(typed: &str) -> Option<Decimal> {
    Decimal::parse(&text::code(typed)).ok().filter(|value| !value.is_negative() && !value.is_zero())
}

/// `0.02`, `±0.02` or `12 %`: the number, and whether it is percent of the value.
fn stated_of(typed: &str) -> Option<(Decimal, bool)> {
    let code = text::code(typed);
    let number = code.strip_prefix('±').unwrap_or(&code).trim();
    match number.strip_suffix('%') {
        Some(percent) => positive(percent.trim()).map(|value| (value, true)),
        None => positive(number).map(|value| (value, false)),
    }
}

fn values_of(typed: &str) -> Vec<String> {
    typed.split([';', '；']).map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned).collect()
}

/// What receiving a result answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = SubcontractedResult)]
pub struct ResultReceived {
    pub id: i64,
    pub version: i64,
    /// Id of the new version of the result.
    pub result: i64,
    /// As the report prints it.
    pub reported: String,
    pub verdict: String,
}

/// Stores the result of a report whose file lies in the store, judges it, and lets the item wait for the check. Whoever
/// entered it stands for it as a tester does: he neither checks nor decides nor reviews it. Where it follows another result,
/// what rests on that one is calculated again.
pub fn receive_result(
    tx: &mut Tx,
    by: &May<AssignItems>,
    id: ItemId,
    seen: i64,
    report: &ForeignReport,
) -> Outcome<ResultReceived> {
    let item = item_at(tx.conn, id, seen)?;
    state_of(&item).after(ItemEvent::ReceiveResult).map_err(|why| why.with("item", item.name()))?;
    let sent =
        store::sent(tx.conn, &[id])?.into_iter().next().ok_or_else(|| Fault::broken("an item was never sent"))?;
    let catalogue = catalogue::current(tx.conn)?;
    let record = judged(&catalogue, &item, &sent, report, tx.now.date_in_china())?;
    files::name(tx, &report.sha256, report.byte_count, PDF, &report.file_name)?;
    let newest = results_of(tx.conn, &[id])?.first().map_or(0, |row| row.version_no);
    let (limit_set, limit_key) = record.asked.limit.source();
    let row = NewResultRow {
        item_id: id,
        version_no: newest + 1,
        entries: String::new(),
        value: record.answered.value.clone(),
        unit: record.answered.unit.clone(),
        reported: record.answered.reported.clone(),
        verdict: record.verdict().name().to_owned(),
        record: record.bytes(),
        limit_set_id: limit_set.map(CatalogueSetId),
        limit_key,
        method_key: record.asked.method.key.clone(),
        cause: SUBCONTRACTED,
        reason: report.report_no.clone(),
        person_id: by.person,
        at: tx.now,
    };
    let made = insert_results(tx.conn, std::slice::from_ref(&row))?;
    let result = *made.first().ok_or_else(|| Fault::broken("no id of a result"))?;
    let taken = ForeignResult {
        state: ItemState::Calculated.code(),
        result_id: result,
        verdict: row.verdict.clone(),
        method_key: row.method_key.clone(),
        unit: record.asked.unit.clone(),
        tester_id: by.person,
    };
    if !take_foreign_result(tx.conn, id, seen, &taken)? {
        return Err(ITEM_CHANGED.with("item", item.name()).with("version", item.version).into());
    }
    tx.log(
        by.entry("test_item", id.0, seen + 1, "item-result-received")
            .change("state", item.state.as_str(), taken.state)
            .set("result", result.0)
            .set("reported", row.reported.as_str())
            .set("verdict", row.verdict.as_str())
            .set("limit_key", row.limit_key.as_str())
            .set("subcontractor", sent.name.as_str())
            .set("report_no", report.report_no.as_str())
            .set("uncertainty", report.uncertainty.as_ref().map(Stated::to_string).unwrap_or_default())
            .set("file_sha256", report.sha256.as_str()),
    );
    let made = Made { item, version_no: row.version_no, record, entries: Vec::new() };
    recompute_dependents(tx, by, &catalogue, (None, report.report_no.as_str()), vec![made])?;
    Ok(ResultReceived { id: id.0, version: seen + 1, result: result.0, reported: row.reported, verdict: row.verdict })
}

/// What the report's values are in the light of this laboratory's rules.
fn judged(
    catalogue: &Catalogue,
    item: &ItemRow,
    sent: &SentRow,
    report: &ForeignReport,
    today: NaiveDate,
) -> Result<Record, Refusal> {
    let mut reasons = Reasons::new();
    reasons.add_if(report.reported_on < sent.sent_on || report.reported_on > today, || {
        SUBCONTRACT_REPORT_DATE.with("sent", sent.sent_on).with("today", today).at("reported_on")
    });
    // The other laboratory's formula is not known here: what it converts to is for a person to see.
    let limit = limit_asked(catalogue, item, Basis::AsIs);
    let wanted = match &limit {
        LimitAsked::Row(LimitRowAsked { plan: Some(plan), .. }) => usize::try_from(plan.n).unwrap_or(COUNT_MOST),
        _ => 1,
    };
    reasons.add_if(report.values.len() != wanted, || {
        SUBCONTRACT_VALUES.with("item", item.name()).with("count", wanted).at("values")
    });
    let fitting = procedures(catalogue, &item.method_standard, &item.analyte, &item.food, report.reported_on);
    let chosen = Some(item.method_key.clone()).filter(|key| !key.is_empty());
    let Some(key) = chosen.or_else(|| fitting.first().map(|row| row.key.clone())) else {
        reasons.add(METHOD_UNKNOWN.with("method", &item.method_standard));
        return Err(reasons.none().err().unwrap_or_else(|| METHOD_UNKNOWN.into()));
    };
    let rule = catalogue.formula(&key, &item.analyte, &item.unit);
    // The values come calculated; only what is detected or not stays a finding.
    let is_finding = matches!(rule.evaluation, Evaluation::Detection);
    for value in &report.values {
        let readable = if is_finding { finding(value).is_some() } else { MeasuredValue::parse(value).is_ok() };
        reasons.add_if(!readable, || VALUE_UNREADABLE.with("value", value).at("values"));
    }
    reasons.none()?;
    let unit = if report.unit.is_empty() { item.unit.clone() } else { report.unit.clone() };
    let method = MethodAsked {
        // Digits are those of the other report: rounding again would say more or less than it says.
        digits: Vec::new(),
        lod: report.lod.clone(),
        loq: report.loq.clone(),
        lod_unit: unit.clone(),
        portion_g: None,
        volume_ml: None,
        ..method_asked(catalogue, &key, &item.analyte, &unit, &item.food)
    };
    let uncertainty = report.uncertainty_asked((key.as_str(), item), sent, &unit);
    // Nothing is added here to what the report says, and whether its value is that of the sum is for a person to see.
    let unadded = alone(catalogue, &item.analyte, rule.parts);
    let portion = |value: &String| Portion {
        label_code: String::new(),
        determinations: vec![[(READING.to_owned(), value.clone())].into()],
    };
    let asked = Asked {
        analyte: item.analyte.clone(),
        method,
        evaluation: if is_finding { Evaluation::Detection } else { Evaluation::Direct },
        formula_version: rule.version,
        inputs: Vec::new(),
        unit,
        limit,
        food: item.food.clone(),
        produced_on: item.produced_on,
        tested_on: report.reported_on,
        portions: report.values.iter().map(portion).collect(),
        curve: None,
        from: Vec::new(),
        corrections: Vec::new(),
        uncertainty,
        established: None,
        rules_edition: item.rules_edition.clone(),
        claim: claim_asked(item),
        unadded,
        converted: is_converted(catalogue, &item.analyte),
    };
    let record = compute::compute(asked.concentrated(in_force(&item.limit_factor)))
        .map_err(|why| Refusal::from(CALCULATION_FAILED.with("label", item.name()).with("why", why)))?;
    let subcontract = Subcontract {
        name: sent.name.clone(),
        accreditation_no: sent.accreditation_no.clone(),
        sent_on: sent.sent_on,
        report_no: report.report_no.clone(),
        reported_on: report.reported_on,
        file: report.sha256.clone(),
        simple: report.is_simple(item),
    };
    Ok(Record { subcontract: Some(subcontract), ..record })
}

/// The file of the other laboratory's report behind an item's newest such result: its SHA-256.
///
/// # Errors
/// `not-found`: no other laboratory gave a result of the item.
pub fn report_file(conn: &mut Conn, id: ItemId) -> Outcome<String> {
    let rows = results_of(conn, &[id])?;
    let mut records = rows.iter().filter_map(|row| serde_json::from_str::<Record>(&row.record).ok());
    let report = records.find_map(|record| record.subcontract).ok_or(NOT_FOUND)?;
    Ok(report.file)
}

#[cfg(test)]
#[path = "receiving_tests.rs"]
mod tests;
