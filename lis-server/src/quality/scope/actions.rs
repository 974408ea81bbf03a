//! Lines of the accredited scope as they are granted and end; and the scope of a day, for reports.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::state::{EVERY, Line, SCHEMES, ScopeOn};
use super::store::{self, NewScopeRow, ScopeRow};
use super::{SCOPE_DATES, SCOPE_ENDED, SCOPE_LINE_KNOWN};
use crate::accounts::role::ManageCatalogue;
use crate::accounts::{Actor, May};
use crate::catalogue::actions as catalogue;
use crate::db::{Conn, Tx};
use crate::domain::ids::ScopeId;
use crate::domain::input::Checker;
use crate::domain::refusal::{NOT_FOUND, Outcome, Refusal, STALE_VERSION};
use crate::quality::gates::actions as gates;
use crate::quality::lots::actions::codes_of;

/// Longest texts, in characters. An annex names dozens of analytes in one line.
const NUMBER_MOST: usize = 40;
const METHOD_MOST: usize = 60;
const LIST_MOST: usize = 2000;
const TEXT_MOST: usize = 500;

/// A line of an annex as a form, a program or a spreadsheet describes it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ScopeInput {
    /// CMA or CNAS
    pub scheme: String,
    /// Printed with the mark.
    pub certificate_no: String,
    /// Analytes or groups of them by any name of the catalogue, separated by `;`; `*`: every analyte of the method.
    pub analytes: String,
    /// With edition: that edition alone.
    pub method_standard: String,
    /// 第几法, as the catalogue names it; empty: every procedure.
    pub procedure: String,
    /// Classes of food by any name of the catalogue, separated by `;`; empty: every food.
    pub food_categories: String,
    /// What the annex restricts in words; nothing follows from it but that it is shown.
    pub restrictions: String,
    pub valid_from: String,
    /// Last day.
    pub valid_until: String,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct ScopeFacts {
    scheme: &'static str,
    certificate_no: String,
    analytes: String,
    method_standard: String,
    procedure: String,
    food_categories: String,
    restrictions: String,
    valid_from: NaiveDate,
    valid_until: NaiveDate,
}

impl ScopeInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<ScopeFacts, Refusal> {
        let mut check = Checker::new();
        let scheme = check.parsed("scheme", &self.scheme, "expected-scheme", |text| {
            SCHEMES.iter().copied().find(|scheme| scheme.eq_ignore_ascii_case(text))
        });
        let certificate_no = check.text("certificate_no", &self.certificate_no, NUMBER_MOST);
        let analytes = codes_of(&check.text("analytes", &self.analytes, LIST_MOST)).join(";");
        let method_standard = check.text("method_standard", &self.method_standard, METHOD_MOST);
        let procedure = check.optional_text("procedure", &self.procedure, METHOD_MOST);
        let food = check.optional_text("food_categories", &self.food_categories, LIST_MOST);
        let food_categories = codes_of(&food).join(";");
        let restrictions = check.optional_text("restrictions", &self.restrictions, TEXT_MOST);
        let valid_from = check.date("valid_from", &self.valid_from);
        let valid_until = check.date("valid_until", &self.valid_until);
        if let (Some(from), Some(until)) = (valid_from, valid_until) {
            check.add_if(until < from, || SCOPE_DATES.at("valid_until"));
        }
        let facts = (|| {
            Some(ScopeFacts {
                scheme: scheme?,
                certificate_no,
                analytes,
                method_standard,
                procedure,
                food_categories,
                restrictions,
                valid_from: valid_from?,
                valid_until: valid_until?,
            })
        })();
        check.done(facts)
    }
}

/// What adding or ending a line answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ScopeSaved {
    pub id: i64,
    pub version: i64,
}

/// Adds a line.
///
/// # Errors
/// `scope-line-known`: the certificate has this line from that day on.
pub fn add_line(tx: &mut Tx, by: &May<ManageCatalogue>, facts: &ScopeFacts) -> Outcome<ScopeSaved> {
    add(tx, by, facts)
}

pub(super) fn add(tx: &mut Tx, by: &Actor, facts: &ScopeFacts) -> Outcome<ScopeSaved> {
    let row = NewScopeRow {
        version: 1,
        scheme: facts.scheme,
        certificate_no: &facts.certificate_no,
        analytes: &facts.analytes,
        method_standard: &facts.method_standard,
        procedure_name: &facts.procedure,
        food_categories: &facts.food_categories,
        restrictions: &facts.restrictions,
        valid_from: facts.valid_from,
        valid_until: facts.valid_until,
        created_at: tx.now,
    };
    if store::is_known(tx.conn, &row)? {
        let reason = SCOPE_LINE_KNOWN.with("certificate", &facts.certificate_no);
        return Err(reason.with("method", &facts.method_standard).at("method_standard").into());
    }
    let id = store::insert(tx.conn, &row)?;
    tx.log(
        by.entry("accredited_scope", id.0, 1, "scope-added")
            .set("scheme", facts.scheme)
            .set("certificate_no", facts.certificate_no.as_str())
            .set("analytes", facts.analytes.as_str())
            .set("method_standard", facts.method_standard.as_str())
            .set("procedure", facts.procedure.as_str())
            .set("food_categories", facts.food_categories.as_str())
            .set("restrictions", facts.restrictions.as_str())
            .set("valid_from", facts.valid_from.to_string())
            .set("valid_until", facts.valid_until.to_string()),
    );
    Ok(ScopeSaved { id: id.0, version: 1 })
}

/// Ends a line with the day before today: reports that were authorized until then keep their marks.
pub fn end_line(tx: &mut Tx, by: &May<ManageCatalogue>, id: ScopeId, seen: i64) -> Outcome<ScopeSaved> {
    let before = store::line(tx.conn, id)?.ok_or(NOT_FOUND)?;
    let stale = || Refusal::from(STALE_VERSION.with("version", before.version));
    if before.version != seen {
        return Err(stale().into());
    }
    let last_day = tx.now.date_in_china().pred_opt().unwrap_or(before.valid_from);
    // Ending it again would make it longer.
    if before.valid_until <= last_day {
        return Err(SCOPE_ENDED.with("date", before.valid_until).into());
    }
    if !store::end(tx.conn, id, seen, last_day)? {
        return Err(stale().into());
    }
    tx.log(by.entry("accredited_scope", id.0, seen + 1, "scope-ended").change(
        "valid_until",
        before.valid_until.to_string(),
        last_day.to_string(),
    ));
    Ok(ScopeSaved { id: id.0, version: seen + 1 })
}

/// The scope that holds on a day; two statements.
pub fn scope_on(conn: &mut Conn, on: NaiveDate) -> Outcome<ScopeOn> {
    let settings = gates::settings(conn)?;
    let line = |row: ScopeRow| Line {
        scheme: row.scheme,
        certificate_no: row.certificate_no,
        analytes: codes_of(&row.analytes),
        method_standard: row.method_standard,
        procedure: row.procedure_name,
        food_categories: codes_of(&row.food_categories),
        valid_from: row.valid_from,
        valid_until: row.valid_until,
    };
    let lines = store::on(conn, on)?.into_iter().map(line).collect();
    Ok(ScopeOn::new(settings, on, lines))
}

/// A line as pages and programs see it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct ScopeView {
    pub id: i64,
    pub version: i64,
    pub scheme: String,
    pub certificate_no: String,
    pub analytes: Vec<String>,
    pub method_standard: String,
    pub procedure: String,
    pub food_categories: Vec<String>,
    pub restrictions: String,
    #[schema(value_type = String, format = Date)]
    pub valid_from: NaiveDate,
    #[schema(value_type = String, format = Date)]
    pub valid_until: NaiveDate,
    /// It holds on the day of the question.
    pub valid: bool,
    /// Names of analytes and classes of food that the catalogue does not know: they cover nothing.
    pub unknown: Vec<String>,
}

/// Lines, newest first, on a day.
pub fn lines(conn: &mut Conn, before: i64, limit: i64, on: NaiveDate) -> Outcome<Vec<ScopeView>> {
    let rows = store::lines(conn, before, limit)?;
    let catalogue = catalogue::current(conn)?;
    let (analytes, foods) = (catalogue.every_analyte_name(), catalogue.every_food_name());
    let view = |row: ScopeRow| {
        let (of_line, classes) = (codes_of(&row.analytes), codes_of(&row.food_categories));
        let unknown_analytes = of_line.iter().filter(|name| *name != EVERY && !analytes.contains(*name));
        let unknown_classes = classes.iter().filter(|name| !foods.contains(*name));
        ScopeView {
            id: row.id.0,
            version: row.version,
            unknown: unknown_analytes.chain(unknown_classes).cloned().collect(),
            valid: row.valid_from <= on && on <= row.valid_until,
            scheme: row.scheme,
            certificate_no: row.certificate_no,
            analytes: of_line,
            method_standard: row.method_standard,
            procedure: row.procedure_name,
            food_categories: classes,
            restrictions: row.restrictions,
            valid_from: row.valid_from,
            valid_until: row.valid_until,
        }
    };
    Ok(rows.into_iter().map(view).collect())
}
