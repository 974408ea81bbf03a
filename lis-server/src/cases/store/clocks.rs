//! Clocks of cases: started, ended, stopped, counted.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::super::state::Relation;
use super::ClockRow;
use crate::db::schema::{case_clock, case_relation, case_service};
use crate::db::{Conn, MultiBackend, cols, each};
use crate::domain::clock::Moment;
use crate::domain::ids::{CaseId, EnterpriseId};

#[derive(Insertable)]
#[diesel(table_name = case_clock, treat_none_as_default_value = false)]
pub struct NewClock<'a> {
    pub version: i64,
    pub case_id: CaseId,
    pub clock: &'a str,
    pub party: &'a str,
    pub started_on: NaiveDate,
    pub due_on: NaiveDate,
    pub provisional: bool,
    /// Of a limit in clock hours.
    pub started_at: Option<Moment>,
    pub due_at: Option<Moment>,
}

/// Starts clocks; one that runs already goes on as it is.
pub fn start_clocks(conn: &mut Conn, of: CaseId, rows: &[NewClock]) -> QueryResult<()> {
    let known: Vec<(String, String)> = case_clock::table
        .filter(case_clock::case_id.eq(of))
        .select((case_clock::clock, case_clock::party))
        .load(conn)?;
    let new: Vec<&NewClock> = rows
        .iter()
        .filter(|row| !known.iter().any(|(clock, party)| clock == row.clock && party == row.party))
        .collect();
    if !new.is_empty() {
        each!(conn, c => diesel::insert_into(case_clock::table).values(new).execute(c))?;
    }
    Ok(())
}

/// Ends all clocks of a case that still run but one: of that name.
pub fn end_all_clocks(conn: &mut Conn, of: CaseId, but: &str, at: Moment) -> QueryResult<()> {
    let running = case_clock::table
        .filter(case_clock::case_id.eq(of))
        .filter(case_clock::clock.ne(but))
        .filter(case_clock::ended_at.is_null());
    diesel::update(running)
        .set((case_clock::ended_at.eq(at), case_clock::version.eq(case_clock::version + 1)))
        .execute(conn)?;
    Ok(())
}

/// Lets the clocks of a case run on that ended at a moment.
pub fn resume_clocks(conn: &mut Conn, of: CaseId, at: Moment) -> QueryResult<()> {
    let ended = case_clock::table.filter(case_clock::case_id.eq(of)).filter(case_clock::ended_at.eq(at));
    diesel::update(ended)
        .set((case_clock::ended_at.eq(None::<Moment>), case_clock::version.eq(case_clock::version + 1)))
        .execute(conn)?;
    Ok(())
}

/// Ends a clock that still runs; a missed limit stays as it was.
pub fn end_clock(conn: &mut Conn, of: CaseId, clock: &str, party: &str, at: Moment) -> QueryResult<()> {
    let running = case_clock::table
        .filter(case_clock::case_id.eq(of))
        .filter(case_clock::clock.eq(clock))
        .filter(case_clock::party.eq(party))
        .filter(case_clock::ended_at.is_null());
    diesel::update(running)
        .set((case_clock::ended_at.eq(at), case_clock::version.eq(case_clock::version + 1)))
        .execute(conn)?;
    Ok(())
}

/// Gives a clock another last day.
pub fn change_due(conn: &mut Conn, id: i64, due_on: NaiveDate, provisional: bool) -> QueryResult<()> {
    diesel::update(case_clock::table.filter(case_clock::id.eq(id)))
        .set((
            case_clock::due_on.eq(due_on),
            case_clock::provisional.eq(provisional),
            case_clock::version.eq(case_clock::version + 1),
        ))
        .execute(conn)?;
    Ok(())
}

/// The time of a clock does not count from a moment on.
pub fn stop_clock(conn: &mut Conn, id: i64, at: Moment) -> QueryResult<()> {
    diesel::update(case_clock::table.filter(case_clock::id.eq(id)))
        .set((case_clock::stopped_at.eq(at), case_clock::version.eq(case_clock::version + 1)))
        .execute(conn)?;
    Ok(())
}

/// It counts again; so many days in all did not.
pub fn start_again(conn: &mut Conn, id: i64, stopped_days: i64) -> QueryResult<()> {
    diesel::update(case_clock::table.filter(case_clock::id.eq(id)))
        .set((
            case_clock::stopped_at.eq(None::<Moment>),
            case_clock::stopped_days.eq(stopped_days),
            case_clock::version.eq(case_clock::version + 1),
        ))
        .execute(conn)?;
    Ok(())
}

type Holds = Box<dyn BoxableExpression<case_clock::table, MultiBackend, SqlType = Bool>>;

/// True for clocks that run on cases that a region, or one below it, ordered.
fn runs_for(region: &str) -> Holds {
    let own = case_relation::table
        .filter(case_relation::relation.eq(Relation::Ordering.code()))
        .filter(case_relation::region_code.like(format!("{region}%")))
        .select(case_relation::case_id);
    Box::new(case_clock::ended_at.is_null().and(case_clock::case_id.eq_any(own)))
}

/// Clocks that run on cases that a region, or one below it, ordered, but those of these names.
pub fn running_of(conn: &mut Conn, region: &str, but: &[&'static str]) -> QueryResult<Vec<ClockRow>> {
    case_clock::table
        .filter(runs_for(region))
        .filter(case_clock::clock.ne_all(but.to_vec()))
        .select(cols::<ClockRow>())
        .load(conn)
}

/// Clocks of a name that run on cases that a region, or one below it, ordered.
pub fn count_clocks_of(conn: &mut Conn, region: &str, name: &'static str) -> QueryResult<i64> {
    case_clock::table.filter(runs_for(region)).filter(case_clock::clock.eq(name)).count().get_result(conn)
}

/// Clocks of a name that run, on whatever case, the first to end before the others.
pub fn running(conn: &mut Conn, name: &'static str) -> QueryResult<Vec<ClockRow>> {
    case_clock::table
        .filter(case_clock::clock.eq(name))
        .filter(case_clock::ended_at.is_null())
        .order((case_clock::due_on, case_clock::id))
        .select(cols::<ClockRow>())
        .load(conn)
}

/// Clocks of these names that run against an enterprise which was served, and end on a day or later.
pub fn count_clocks_against(
    conn: &mut Conn,
    enterprise: EnterpriseId,
    names: &[&'static str],
    on: NaiveDate,
) -> QueryResult<i64> {
    let own = case_service::case_id.eq(case_clock::case_id).and(case_service::party.eq(case_clock::party));
    case_clock::table
        .inner_join(case_service::table.on(own))
        .filter(case_service::enterprise_id.eq(enterprise))
        .filter(case_clock::clock.eq_any(names.to_vec()))
        .filter(case_clock::ended_at.is_null())
        .filter(case_clock::due_on.ge(on))
        .count()
        .get_result(conn)
}
