//! Queries of upkeep, nothing else. What is looked at is read across rooms (decision 0012).

use diesel::prelude::*;
use diesel::sql_types::Timestamp;

use super::Kind;
use crate::db::schema::{instrument_message, message_content, stored_file, upkeep_action, upkeep_run};
use crate::db::{Conn, cols, each};
use crate::domain::clock::Moment;
use crate::domain::ids::{MessageId, PersonId, UpkeepActionId, UpkeepRunId};

/// The files that the database names, in order, with the names that they are downloaded under.
pub fn named_files(conn: &mut Conn) -> QueryResult<Vec<(String, String)>> {
    stored_file::table.order(stored_file::sha256).select((stored_file::sha256, stored_file::file_name)).load(conn)
}

/// Messages of instruments after an id, with their hash and their bytes in base64.
pub fn messages_after(conn: &mut Conn, id: MessageId, limit: i64) -> QueryResult<Vec<(MessageId, String, String)>> {
    instrument_message::table
        .inner_join(message_content::table)
        .filter(instrument_message::id.gt(id))
        .order(instrument_message::id)
        .limit(limit)
        .select((instrument_message::id, instrument_message::sha256, message_content::content))
        .load(conn)
}

/// What the clock of a database server says; a SQLite file has none of its own.
pub fn time_of_database(conn: &mut Conn) -> QueryResult<Option<Moment>> {
    match conn {
        Conn::Postgres(c) => {
            let now = diesel::dsl::sql::<Timestamp>("(clock_timestamp() AT TIME ZONE 'UTC')");
            diesel::select(now).get_result(c).map(Some)
        }
        Conn::Sqlite(_) => Ok(None),
    }
}

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = upkeep_run)]
pub struct RunRow {
    pub id: UpkeepRunId,
    pub kind: String,
    pub began_at: Moment,
    pub at: Moment,
    pub good: bool,
    pub looked_at: i64,
    pub findings: String,
}

#[derive(Insertable)]
#[diesel(table_name = upkeep_run, treat_none_as_default_value = false)]
pub struct NewRun<'a> {
    pub kind: &'a str,
    pub run_key: &'a str,
    pub began_at: Moment,
    pub at: Moment,
    pub good: bool,
    pub looked_at: i64,
    pub findings: &'a str,
}

/// Keeps a run; `None` when that of its day is kept already.
pub fn insert_run(conn: &mut Conn, row: &NewRun) -> QueryResult<Option<UpkeepRunId>> {
    each!(conn, c => diesel::insert_into(upkeep_run::table)
        .values(row)
        .on_conflict_do_nothing()
        .returning(upkeep_run::id)
        .get_result(c)
        .optional())
}

/// When the newest run of a kind began.
pub fn last_began(conn: &mut Conn, kind: Kind) -> QueryResult<Option<Moment>> {
    upkeep_run::table
        .filter(upkeep_run::kind.eq(kind.code()))
        .order(upkeep_run::id.desc())
        .select(upkeep_run::began_at)
        .first(conn)
        .optional()
}

/// When the newest good run of a kind ended.
pub fn last_good(conn: &mut Conn, kind: Kind) -> QueryResult<Option<Moment>> {
    upkeep_run::table
        .filter(upkeep_run::kind.eq(kind.code()))
        .filter(upkeep_run::good.eq(true))
        .order(upkeep_run::id.desc())
        .select(upkeep_run::at)
        .first(conn)
        .optional()
}

/// Runs, newest first, before an id (exclusive).
pub fn runs(conn: &mut Conn, before: i64, limit: i64) -> QueryResult<Vec<RunRow>> {
    upkeep_run::table
        .filter(upkeep_run::id.lt(before))
        .order(upkeep_run::id.desc())
        .limit(limit)
        .select(cols::<RunRow>())
        .load(conn)
}

pub fn run(conn: &mut Conn, id: UpkeepRunId) -> QueryResult<Option<RunRow>> {
    upkeep_run::table.find(id.0).select(cols::<RunRow>()).first(conn).optional()
}

/// Failures about which nothing was done yet.
pub fn count_open(conn: &mut Conn) -> QueryResult<i64> {
    let acted = diesel::dsl::exists(upkeep_action::table.filter(upkeep_action::run_id.eq(upkeep_run::id)));
    upkeep_run::table.filter(upkeep_run::good.eq(false)).filter(diesel::dsl::not(acted)).count().get_result(conn)
}

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = upkeep_action)]
pub struct ActionRow {
    pub run_id: UpkeepRunId,
    pub immediate: String,
    pub corrective: String,
    pub person_id: PersonId,
    pub at: Moment,
}

/// What was done about runs, in order.
pub fn actions_of(conn: &mut Conn, runs: &[UpkeepRunId]) -> QueryResult<Vec<ActionRow>> {
    upkeep_action::table
        .filter(upkeep_action::run_id.eq_any(runs.iter().map(|id| id.0)))
        .order(upkeep_action::id)
        .select(cols::<ActionRow>())
        .load(conn)
}

#[derive(Insertable)]
#[diesel(table_name = upkeep_action, treat_none_as_default_value = false)]
pub struct NewAction<'a> {
    pub run_id: UpkeepRunId,
    pub immediate: &'a str,
    pub corrective: &'a str,
    pub person_id: PersonId,
    pub at: Moment,
}

pub fn insert_action(conn: &mut Conn, row: &NewAction) -> QueryResult<UpkeepActionId> {
    diesel::insert_into(upkeep_action::table).values(row).returning(upkeep_action::id).get_result(conn)
}
