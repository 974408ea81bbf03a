//! Queries of draws, nothing else.

use diesel::prelude::*;

use crate::db::schema::{draw_sampler, draw_unit, random_draw};
use crate::db::{Conn, cols, each, in_pieces};
use crate::domain::clock::Moment;
use crate::domain::ids::{DrawId, PersonId, PlanId};

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = random_draw)]
pub struct DrawRow {
    pub id: DrawId,
    pub draw_no: String,
    pub kind: String,
    pub plan_id: Option<PlanId>,
    pub region_code: String,
    pub seed: String,
    pub list_hash: String,
    pub record: String,
    pub drawn_by: PersonId,
    pub drawn_at: Moment,
}

#[derive(Insertable)]
#[diesel(table_name = random_draw, treat_none_as_default_value = false)]
pub struct NewDraw<'a> {
    pub draw_no: &'a str,
    pub kind: &'a str,
    pub plan_id: Option<PlanId>,
    pub region_code: &'a str,
    pub seed: &'a str,
    pub list_hash: &'a str,
    pub record: &'a str,
    pub drawn_by: PersonId,
    pub drawn_at: Moment,
}

#[derive(Insertable)]
#[diesel(table_name = draw_unit, treat_none_as_default_value = false)]
struct UnitRow {
    draw_id: DrawId,
    place: i64,
    enterprise_id: i64,
}

#[derive(Insertable)]
#[diesel(table_name = draw_sampler, treat_none_as_default_value = false)]
struct SamplerRow {
    draw_id: DrawId,
    place: i64,
    person_id: i64,
}

pub fn insert(conn: &mut Conn, row: &NewDraw, units: &[i64], samplers: &[i64]) -> QueryResult<DrawId> {
    let id: DrawId = diesel::insert_into(random_draw::table).values(row).returning(random_draw::id).get_result(conn)?;
    let units: Vec<UnitRow> =
        (1..).zip(units).map(|(place, unit)| UnitRow { draw_id: id, place, enterprise_id: *unit }).collect();
    // SQLite takes 32,766 values in a statement, a row has three.
    for rows in units.chunks(10_000) {
        each!(conn, c => diesel::insert_into(draw_unit::table).values(rows).execute(c))?;
    }
    let samplers: Vec<SamplerRow> =
        (1..).zip(samplers).map(|(place, person)| SamplerRow { draw_id: id, place, person_id: *person }).collect();
    if !samplers.is_empty() {
        each!(conn, c => diesel::insert_into(draw_sampler::table).values(&samplers).execute(c))?;
    }
    Ok(id)
}

pub fn draw(conn: &mut Conn, id: DrawId) -> QueryResult<Option<DrawRow>> {
    random_draw::table.find(id.0).select(cols::<DrawRow>()).first(conn).optional()
}

/// Head of a draw without its record, which can be megabytes: id, number, kind, region, plan, when.
pub type DrawHead = (DrawId, String, String, String, Option<PlanId>, Moment);

/// Draws, newest first, before an id.
pub fn draws(conn: &mut Conn, before: Option<i64>, limit: i64) -> QueryResult<Vec<DrawHead>> {
    let mut query = random_draw::table.into_boxed();
    if let Some(before) = before {
        query = query.filter(random_draw::id.lt(before));
    }
    query
        .order(random_draw::id.desc())
        .limit(limit)
        .select((
            random_draw::id,
            random_draw::draw_no,
            random_draw::kind,
            random_draw::region_code,
            random_draw::plan_id,
            random_draw::drawn_at,
        ))
        .load(conn)
}

pub fn draws_of_plans(conn: &mut Conn, plans: &[PlanId]) -> QueryResult<Vec<(Option<PlanId>, DrawId, String)>> {
    random_draw::table
        .filter(random_draw::plan_id.eq_any(plans.iter().map(|plan| Some(plan.0))))
        .order(random_draw::id)
        .select((random_draw::plan_id, random_draw::id, random_draw::draw_no))
        .load(conn)
}

pub fn number(conn: &mut Conn, id: DrawId) -> QueryResult<Option<String>> {
    random_draw::table.find(id.0).select(random_draw::draw_no).first(conn).optional()
}

/// Whether a draw drew a unit.
pub fn drew_unit(conn: &mut Conn, id: DrawId, unit: i64) -> QueryResult<bool> {
    let of = draw_unit::table.filter(draw_unit::draw_id.eq(id.0)).filter(draw_unit::enterprise_id.eq(unit));
    let places: Vec<i64> = of.select(draw_unit::place).limit(1).load(conn)?;
    Ok(!places.is_empty())
}

/// The people whom a draw sends, in the order they were drawn.
pub fn samplers_of(conn: &mut Conn, id: DrawId) -> QueryResult<Vec<i64>> {
    draw_sampler::table
        .filter(draw_sampler::draw_id.eq(id.0))
        .order(draw_sampler::place)
        .select(draw_sampler::person_id)
        .load(conn)
}

/// Units of draws since a moment.
pub fn units_drawn_since(conn: &mut Conn, since: Moment) -> QueryResult<Vec<i64>> {
    draw_unit::table
        .inner_join(random_draw::table)
        .filter(random_draw::drawn_at.ge(since))
        .select(draw_unit::enterprise_id)
        .distinct()
        .load(conn)
}

/// Who was sent to these units, newest draw first: unit, draw, sampler.
pub fn visits(conn: &mut Conn, units: &[i64]) -> QueryResult<Vec<(i64, i64, i64)>> {
    in_pieces(units, |units| {
        draw_unit::table
            .inner_join(random_draw::table.inner_join(draw_sampler::table))
            .filter(draw_unit::enterprise_id.eq_any(units.to_vec()))
            .order((draw_unit::draw_id.desc(), draw_sampler::place))
            .select((draw_unit::enterprise_id, draw_unit::draw_id, draw_sampler::person_id))
            .load(conn)
    })
}
