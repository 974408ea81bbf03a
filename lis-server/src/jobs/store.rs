//! Queries of the job queue.

use diesel::prelude::*;

use super::state::JobState;
use crate::db::schema::job;
use crate::db::{Conn, cols, each};
use crate::domain::clock::Moment;
use crate::domain::ids::JobId;

/// A job as its runner and the staff see it.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = job)]
pub struct JobRow {
    pub id: JobId,
    pub kind: String,
    pub job_key: String,
    pub payload: String,
    pub state: String,
    pub attempts: i64,
    pub last_error: String,
    pub created_at: Moment,
}

#[derive(Insertable)]
#[diesel(table_name = job, treat_none_as_default_value = false)]
struct NewJob<'a> {
    kind: &'a str,
    job_key: &'a str,
    payload: &'a str,
    state: &'a str,
    attempts: i64,
    run_at: Moment,
    last_error: &'a str,
    lease_token: &'a str,
    created_at: Moment,
}

const QUEUED: &str = JobState::Queued.code();
const FAILED: &str = JobState::Failed.code();

/// Queues a job unless its key is there.
pub fn insert(conn: &mut Conn, kind: &str, key: &str, payload: &str, now: Moment) -> QueryResult<bool> {
    let row = NewJob {
        kind,
        job_key: key,
        payload,
        state: QUEUED,
        attempts: 0,
        run_at: now,
        last_error: "",
        lease_token: "",
        created_at: now,
    };
    let inserted = each!(conn, c => diesel::insert_into(job::table).values(&row).on_conflict_do_nothing().execute(c))?;
    Ok(inserted == 1)
}

/// Queued, in nobody's hands, and either never tried (whatever the laboratory's clock said then) or due again.
macro_rules! due {
    ($real:expr) => {
        job::state
            .eq(QUEUED)
            .and(job::leased_until.is_null().or(job::leased_until.lt($real)))
            .and(job::attempts.eq(0_i64).or(job::run_at.le($real)))
    };
}

/// Whether a claim would find something: asked on a reading connection, so that an idle queue writes nothing.
pub fn is_due(conn: &mut Conn, real: Moment) -> QueryResult<bool> {
    let found: Option<JobId> = job::table.filter(due!(real)).select(job::id).first(conn).optional()?;
    Ok(found.is_some())
}

/// Takes the oldest job that is due. On PostgreSQL several processes claim at once and skip each other's rows.
pub fn claim(conn: &mut Conn, real: Moment, token: &str, until: Moment) -> QueryResult<Option<JobRow>> {
    let oldest = job::table.filter(due!(real)).order(job::id).limit(1).select(job::id);
    let found: Option<JobId> = match conn {
        Conn::Postgres(c) => oldest.for_update().skip_locked().get_result(c).optional()?,
        Conn::Sqlite(c) => oldest.get_result(c).optional()?,
    };
    let Some(id) = found else {
        return Ok(None);
    };
    diesel::update(job::table.filter(job::id.eq(id)))
        .set((
            job::attempts.eq(job::attempts + 1),
            job::run_at.eq(real),
            job::lease_token.eq(token),
            job::leased_until.eq(until),
        ))
        .returning(cols::<JobRow>())
        .get_result(conn)
        .optional()
}

/// Where a job stands after a run.
pub struct Ending {
    pub state: JobState,
    /// Empty when it is done.
    pub error: String,
    /// The next run of one that is queued again.
    pub run_at: Moment,
}

/// Writes the end of a run; `false` when the job is another runner's by now.
pub fn finish(conn: &mut Conn, id: JobId, token: &str, ending: &Ending, real: Moment) -> QueryResult<bool> {
    let ended = ending.state != JobState::Queued;
    let run_at = if ended { real } else { ending.run_at };
    let mine = job::table.filter(job::id.eq(id)).filter(job::lease_token.eq(token)).filter(job::state.eq(QUEUED));
    let changed = diesel::update(mine)
        .set((
            job::state.eq(ending.state.code()),
            job::last_error.eq(&ending.error),
            job::run_at.eq(run_at),
            job::finished_at.eq(ended.then_some(real)),
            job::lease_token.eq(""),
            job::leased_until.eq(None::<Moment>),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

pub fn job(conn: &mut Conn, id: JobId) -> QueryResult<Option<JobRow>> {
    job::table.filter(job::id.eq(id)).select(cols::<JobRow>()).first(conn).optional()
}

/// Puts a failed job back into the queue; `false` when it has not failed.
pub fn requeue(conn: &mut Conn, id: JobId, now: Moment) -> QueryResult<bool> {
    let failed = job::table.filter(job::id.eq(id)).filter(job::state.eq(FAILED));
    let changed = diesel::update(failed)
        .set((job::state.eq(QUEUED), job::attempts.eq(0_i64), job::run_at.eq(now), job::finished_at.eq(None::<Moment>)))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Jobs that failed for good, newest first: they wait for a person, so there are few.
pub fn failed(conn: &mut Conn) -> QueryResult<Vec<JobRow>> {
    job::table.filter(job::state.eq(FAILED)).order(job::id.desc()).limit(200).select(cols::<JobRow>()).load(conn)
}

/// How many jobs failed for good.
pub fn count_failed(conn: &mut Conn) -> QueryResult<i64> {
    job::table.filter(job::state.eq(FAILED)).count().get_result(conn)
}

/// Queued, whether or not a runner has them in hand.
pub fn count_waiting(conn: &mut Conn) -> QueryResult<i64> {
    job::table.filter(job::state.eq(QUEUED)).count().get_result(conn)
}
