//! Queries of parts and their custody.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::{custody_event, part, retention_event, sample};
use crate::db::{Conn, cols, each, in_pieces};
use crate::domain::clock::Moment;
use crate::domain::decimal::Decimal;
use crate::domain::identifiers::LabelCode;
use crate::domain::ids::{PartId, PersonId, SampleId};
use crate::domain::refusal::{Fault, Outcome};
use crate::samples::facts::PartFacts;
use crate::samples::state::{Custody, Retention, RetentionEvent, SampleState};
use crate::samples::words::PartRole;

#[derive(Queryable, Selectable)]
#[diesel(table_name = part)]
struct PartRow {
    id: PartId,
    version: i64,
    sample_id: SampleId,
    parent_id: Option<PartId>,
    role: String,
    label_code: String,
    quantity: String,
    unit: String,
    seal_no: String,
    location: String,
    custody: String,
    holder_id: Option<PersonId>,
    retention: String,
    keep_until: Option<NaiveDate>,
}

fn part_facts(row: PartRow) -> Outcome<PartFacts> {
    let broken = |what: &str| Fault::broken(format!("part {} has an unreadable {what}", row.id));
    Ok(PartFacts {
        role: PartRole::parse(&row.role).ok_or_else(|| broken("role"))?,
        label_code: LabelCode::parse(&row.label_code).map_err(|_| broken("label code"))?,
        quantity: Decimal::parse(&row.quantity).map_err(|_| broken("quantity"))?,
        custody: Custody::parse(&row.custody).ok_or_else(|| broken("custody"))?,
        retention: Retention::parse(&row.retention).ok_or_else(|| broken("retention"))?,
        id: row.id,
        version: row.version,
        sample_id: row.sample_id,
        parent_id: row.parent_id,
        unit: row.unit,
        seal_no: row.seal_no,
        location: row.location,
        holder_id: row.holder_id,
        keep_until: row.keep_until,
    })
}

fn parts(rows: QueryResult<Vec<PartRow>>) -> Outcome<Vec<PartFacts>> {
    rows?.into_iter().map(part_facts).collect()
}

pub fn part(conn: &mut Conn, id: PartId) -> Outcome<Option<PartFacts>> {
    part::table.find(id.0).select(cols::<PartRow>()).first(conn).optional()?.map(part_facts).transpose()
}

pub fn parts_of(conn: &mut Conn, ids: &[SampleId]) -> Outcome<Vec<PartFacts>> {
    let query = part::table.filter(part::sample_id.eq_any(ids.iter().map(|id| id.0))).order(part::id);
    parts(query.select(cols::<PartRow>()).load(conn))
}

pub fn parts_by_label(conn: &mut Conn, codes: &[LabelCode]) -> Outcome<Vec<PartFacts>> {
    let query = part::table.filter(part::label_code.eq_any(codes.iter().map(LabelCode::as_str))).order(part::id);
    parts(query.select(cols::<PartRow>()).load(conn))
}

pub fn children_of(conn: &mut Conn, id: PartId) -> Outcome<Vec<PartFacts>> {
    parts(part::table.filter(part::parent_id.eq(id)).order(part::id).select(cols::<PartRow>()).load(conn))
}

/// Label codes of parts.
pub fn labels_of(conn: &mut Conn, ids: &[PartId]) -> QueryResult<Vec<(PartId, String)>> {
    let query = part::table.filter(part::id.eq_any(ids.iter().map(|id| id.0)));
    query.select((part::id, part::label_code)).load(conn)
}

/// Label codes of the microbiological units of samples, in their order.
pub fn micro_labels(conn: &mut Conn, ids: &[SampleId]) -> QueryResult<Vec<(SampleId, String)>> {
    part::table
        .filter(part::sample_id.eq_any(ids.iter().map(|id| id.0)))
        .filter(part::role.eq(PartRole::Microbiology.code()))
        .order((part::sample_id, part::id))
        .select((part::sample_id, part::label_code))
        .load(conn)
}

/// Those of the texts that are the code of some container.
pub fn known_labels(conn: &mut Conn, codes: &[String]) -> QueryResult<Vec<String>> {
    in_pieces(codes, |codes| {
        part::table.filter(part::label_code.eq_any(codes.to_vec())).select(part::label_code).load(conn)
    })
}

#[derive(Insertable)]
#[diesel(table_name = part, treat_none_as_default_value = false)]
pub struct NewPart {
    pub version: i64,
    pub sample_id: SampleId,
    pub parent_id: Option<PartId>,
    pub role: &'static str,
    pub label_code: String,
    pub quantity: String,
    pub unit: String,
    pub seal_no: String,
    pub location: String,
    pub custody: &'static str,
    pub retention: &'static str,
    pub created_at: Moment,
}

/// Inserts those of the parts whose label code no container bears yet; their ids and codes, in no particular order.
pub fn insert_parts(conn: &mut Conn, rows: Vec<&NewPart>) -> QueryResult<Vec<(PartId, String)>> {
    each!(conn, c => diesel::insert_into(part::table)
        .values(rows)
        .on_conflict(part::label_code)
        .do_nothing()
        .returning((part::id, part::label_code))
        .get_results(c))
}

#[derive(Insertable)]
#[diesel(table_name = custody_event, treat_none_as_default_value = false)]
pub struct NewCustodyEvent {
    pub part_id: PartId,
    pub event: &'static str,
    pub from_state: &'static str,
    pub to_state: &'static str,
    pub person_id: PersonId,
    pub holder_id: Option<PersonId>,
    pub location: String,
    pub at: Moment,
}

pub fn insert_custody(conn: &mut Conn, rows: &[NewCustodyEvent]) -> QueryResult<()> {
    each!(conn, c => diesel::insert_into(custody_event::table).values(rows).execute(c))?;
    Ok(())
}

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = custody_event)]
pub struct CustodyRow {
    pub part_id: PartId,
    pub event: String,
    pub person_id: PersonId,
    pub holder_id: Option<PersonId>,
    pub location: String,
    pub at: Moment,
}

/// The chain of custody of all parts of a sample, newest first.
pub fn custody_of(conn: &mut Conn, id: SampleId) -> QueryResult<Vec<CustodyRow>> {
    custody_event::table
        .inner_join(part::table)
        .filter(part::sample_id.eq(id))
        .order(custody_event::id.desc())
        .select(cols::<CustodyRow>())
        .load(conn)
}

pub fn set_custody(
    conn: &mut Conn,
    id: PartId,
    seen: i64,
    custody: Custody,
    holder: Option<PersonId>,
    location: &str,
) -> QueryResult<bool> {
    let at = part::table.filter(part::id.eq(id)).filter(part::version.eq(seen));
    let change = (
        part::custody.eq(custody.code()),
        part::holder_id.eq(holder),
        part::location.eq(location),
        part::version.eq(seen + 1),
    );
    Ok(diesel::update(at).set(change).execute(conn)? == 1)
}

/// Takes note that a part changed: the next split sees another version.
pub fn touch_part(conn: &mut Conn, id: PartId, seen: i64) -> QueryResult<bool> {
    let at = part::table.filter(part::id.eq(id)).filter(part::version.eq(seen));
    Ok(diesel::update(at).set(part::version.eq(seen + 1)).execute(conn)? == 1)
}

/// Sets until when parts are kept; all of them are at their date at once.
pub fn set_keep_until(conn: &mut Conn, ids: &[PartId], until: NaiveDate) -> QueryResult<()> {
    diesel::update(part::table.filter(part::id.eq_any(ids.iter().map(|id| id.0))))
        .set((part::keep_until.eq(until), part::version.eq(part::version + 1)))
        .execute(conn)?;
    Ok(())
}

/// Parts at the same versions that were seen; says whether all of them still were.
pub fn set_retention(conn: &mut Conn, seen: &[(PartId, i64)], retention: Retention) -> QueryResult<bool> {
    let mut by_version: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (id, version) in seen {
        by_version.entry(*version).or_default().push(id.0);
    }
    let mut changed = 0;
    for (version, ids) in by_version {
        let at = part::table.filter(part::id.eq_any(ids)).filter(part::version.eq(version));
        let change = (part::retention.eq(retention.code()), part::version.eq(version + 1));
        changed += diesel::update(at).set(change).execute(conn)?;
    }
    Ok(changed == seen.len())
}

#[derive(Insertable)]
#[diesel(table_name = retention_event, treat_none_as_default_value = false)]
pub struct NewRetentionEvent<'a> {
    pub part_id: PartId,
    pub event: &'static str,
    pub from_state: &'static str,
    pub to_state: &'static str,
    pub person_id: PersonId,
    pub method: &'static str,
    pub remark: &'a str,
    pub at: Moment,
}

pub fn insert_retention(conn: &mut Conn, rows: &[NewRetentionEvent]) -> QueryResult<()> {
    each!(conn, c => diesel::insert_into(retention_event::table).values(rows).execute(c))?;
    Ok(())
}

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = retention_event)]
pub struct RetentionRow {
    pub part_id: PartId,
    pub event: String,
    pub person_id: PersonId,
    pub method: String,
    pub remark: String,
    pub at: Moment,
}

/// Who proposed, took back and approved the disposal of these parts, newest first.
pub fn retention_of(conn: &mut Conn, ids: &[PartId]) -> QueryResult<Vec<RetentionRow>> {
    retention_event::table
        .filter(retention_event::part_id.eq_any(ids.iter().map(|id| id.0)))
        .order(retention_event::id.desc())
        .select(cols::<RetentionRow>())
        .load(conn)
}

/// Who released each of the parts, the latest release last.
pub fn releases_of(conn: &mut Conn, ids: &[PartId]) -> QueryResult<Vec<(PartId, PersonId)>> {
    retention_event::table
        .filter(retention_event::part_id.eq_any(ids.iter().map(|id| id.0)))
        .filter(retention_event::event.eq(RetentionEvent::Release.code()))
        .order(retention_event::id)
        .select((retention_event::part_id, retention_event::person_id))
        .load(conn)
}

/// Parts by id, in its order.
pub fn parts_by_id(conn: &mut Conn, ids: &[PartId]) -> Outcome<Vec<PartFacts>> {
    let query = part::table.filter(part::id.eq_any(ids.iter().map(|id| id.0))).order(part::id);
    parts(query.select(cols::<PartRow>()).load(conn))
}

/// Parts that may go: released ones, and kept ones of concluded samples whose time is over on a day.
pub fn parts_to_dispose(conn: &mut Conn, on: NaiveDate, after: i64, limit: i64) -> Outcome<Vec<PartFacts>> {
    let over = part::keep_until.is_null().or(part::keep_until.lt(on));
    let kept = part::retention.eq(Retention::Kept.code()).and(over.assume_not_null());
    let ends = [SampleState::Closed, SampleState::Rejected, SampleState::Withdrawn].map(SampleState::code);
    let query = part::table
        .inner_join(sample::table)
        .filter(sample::state.eq_any(ends))
        .filter(part::id.gt(after))
        .filter(part::retention.eq(Retention::Released.code()).or(kept))
        .order(part::id)
        .limit(limit);
    parts(query.select(cols::<PartRow>()).load(conn))
}
