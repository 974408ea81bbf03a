//! Queries of control charts, nothing else.

use diesel::prelude::*;

use super::points::ChartKey;
use crate::db::schema::{chart_limits, qc_verdict, westgard_setting, worksheet};
use crate::db::{Conn, cols};
use crate::domain::clock::Moment;
use crate::domain::ids::{PersonId, WorksheetId};

/// A stored verdict over the controls of a worksheet.
#[derive(Queryable, Debug)]
pub struct VerdictRow {
    pub worksheet: WorksheetId,
    pub worksheet_no: String,
    pub method_key: String,
    pub record: String,
    pub at: Moment,
}

/// The newest verdicts, newest first; of one method where asked. A corrected worksheet has several.
pub fn verdicts(conn: &mut Conn, method: Option<&str>, limit: i64) -> QueryResult<Vec<VerdictRow>> {
    let mut query = qc_verdict::table.inner_join(worksheet::table).into_boxed();
    if let Some(method) = method {
        query = query.filter(worksheet::method_key.eq(method.to_owned()));
    }
    query
        .order(qc_verdict::id.desc())
        .limit(limit)
        .select((worksheet::id, worksheet::worksheet_no, worksheet::method_key, qc_verdict::record, qc_verdict::at))
        .load(conn)
}

/// Every verdict of a span of time (without its end), and so many before it, newest first. Two statements.
pub fn verdicts_of_span(conn: &mut Conn, (from, to): (Moment, Moment), before: i64) -> QueryResult<Vec<VerdictRow>> {
    let columns = (worksheet::id, worksheet::worksheet_no, worksheet::method_key, qc_verdict::record, qc_verdict::at);
    let all = || qc_verdict::table.inner_join(worksheet::table).order(qc_verdict::id.desc()).select(columns);
    let mut rows: Vec<VerdictRow> = all().filter(qc_verdict::at.ge(from)).filter(qc_verdict::at.lt(to)).load(conn)?;
    rows.extend(all().filter(qc_verdict::at.lt(from)).limit(before).load::<VerdictRow>(conn)?);
    Ok(rows)
}

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = chart_limits)]
pub struct LimitsRow {
    pub method_key: String,
    pub analyte: String,
    pub kind: String,
    pub material: String,
    pub version_no: i64,
    pub mean: String,
    pub sd: String,
    pub point_count: i64,
    pub person_id: PersonId,
    pub at: Moment,
}

/// All limits of the charts of these methods, oldest first.
pub fn limits(conn: &mut Conn, methods: &[String]) -> QueryResult<Vec<LimitsRow>> {
    chart_limits::table
        .filter(chart_limits::method_key.eq_any(methods.to_vec()))
        .order(chart_limits::id)
        .select(cols::<LimitsRow>())
        .load(conn)
}

/// The same of the method of a worksheet.
pub fn limits_of_worksheet(conn: &mut Conn, id: WorksheetId) -> QueryResult<Vec<LimitsRow>> {
    let method = worksheet::table.filter(worksheet::id.eq(id)).select(worksheet::method_key);
    chart_limits::table
        .filter(chart_limits::method_key.eq_any(method))
        .order(chart_limits::id)
        .select(cols::<LimitsRow>())
        .load(conn)
}

#[derive(Insertable)]
#[diesel(table_name = chart_limits, treat_none_as_default_value = false)]
pub struct NewLimits<'a> {
    pub method_key: &'a str,
    pub analyte: &'a str,
    pub kind: &'a str,
    pub material: &'a str,
    pub version_no: i64,
    pub mean: &'a str,
    pub sd: &'a str,
    pub point_count: i64,
    /// Numbers of the worksheets that the limits rest on, separated by blanks.
    pub basis: String,
    pub reason: &'a str,
    pub person_id: PersonId,
    pub at: Moment,
}

/// Adds limits; their id.
pub fn insert_limits(conn: &mut Conn, row: &NewLimits) -> QueryResult<i64> {
    diesel::insert_into(chart_limits::table).values(row).returning(chart_limits::id).get_result(conn)
}

/// Whether a row of limits belongs to a chart.
pub fn is_of(row: &LimitsRow, key: &ChartKey) -> bool {
    (&row.method_key, &row.analyte, &row.kind, &row.material) == (&key.method, &key.analyte, &key.kind, &key.material)
}

/// One setting of a Westgard rule.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = westgard_setting)]
pub struct RuleRow {
    pub method_key: String,
    pub rule: String,
    pub action: String,
    pub reason: String,
    pub person_id: PersonId,
    pub at: Moment,
}

#[derive(Insertable)]
#[diesel(table_name = westgard_setting, treat_none_as_default_value = false)]
pub struct NewRuleSetting<'a> {
    pub method_key: &'a str,
    pub rule: &'a str,
    pub action: &'a str,
    pub reason: &'a str,
    pub person_id: PersonId,
    pub at: Moment,
}

/// Every setting of every rule, in the order in which they were made.
pub fn rule_settings(conn: &mut Conn) -> QueryResult<Vec<RuleRow>> {
    westgard_setting::table.order(westgard_setting::id).select(cols::<RuleRow>()).load(conn)
}

pub fn insert_rule_setting(conn: &mut Conn, row: &NewRuleSetting) -> QueryResult<i64> {
    diesel::insert_into(westgard_setting::table).values(row).returning(westgard_setting::id).get_result(conn)
}
