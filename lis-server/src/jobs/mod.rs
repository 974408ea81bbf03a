//! Slow work behind a durable queue: a table, claimed row by row. A job is queued in the transaction of the change that
//! wants it, under a key that makes it one job however often it is asked for. A runner claims it by a short transaction
//! that sets a lease and a token, works outside any transaction, and finishes only if the token is still its own: after
//! a crash the lease ends and another runner takes the job again. So a job may run twice, and what it does must be
//! keyed so that a second run changes nothing.
//!
//! Leases and repeats run on the machine's time, also while a script moves the laboratory's.

mod put_off;
mod runner;
pub mod state;
pub mod store;

pub use put_off::PutOff;
pub use runner::{Bell, Queue, Runner, run_until_idle};
pub use store::JobRow;

use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::TimeDelta;
use serde_json::Value;
use tracing::{info, info_span, warn};

use crate::app::Lis;
use crate::db::{Conn, Tx};
use crate::domain::ids::JobId;
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome, Problem};

use state::{JobEvent, JobState, wait_after};

pub const NOT_FAILED: Problem = Problem::new("job-not-failed", 409);

/// Codes declared in this room, for the reference list.
pub const PROBLEMS: &[Problem] = &[NOT_FAILED];

/// Longer than any job takes; after that its runner is taken for dead.
const LEASE_MIN: i64 = 10;

/// What is done for one kind of job: its name, and the work. The payload is what was queued.
pub type Work = (&'static str, fn(&Lis, JobId, &Value) -> Outcome<()>);

/// Queues a job in the transaction of its cause; `false` when the key is queued already.
pub fn queue(tx: &mut Tx, kind: &'static str, key: &str, payload: &Value) -> Outcome<bool> {
    Ok(store::insert(tx.conn, kind, key, &payload.to_string(), tx.now)?)
}

/// Jobs that failed for good, newest first, for the people who look after them.
pub fn failed(conn: &mut Conn) -> Outcome<Vec<JobRow>> {
    Ok(store::failed(conn)?)
}

/// Puts a job that failed for good back into the queue.
///
/// # Errors
/// `not-found`; `job-not-failed` with the state of a job that waits or is done.
pub fn requeue(tx: &mut Tx, id: JobId) -> Outcome<()> {
    if store::requeue(tx.conn, id, tx.now)? {
        return Ok(());
    }
    let job = store::job(tx.conn, id)?.ok_or(NOT_FOUND)?;
    Err(NOT_FAILED.reason().with_word("state", format!("job-{}", job.state)).into())
}

/// How many jobs wait for a person.
pub fn count_failed(conn: &mut Conn) -> Outcome<i64> {
    Ok(store::count_failed(conn)?)
}

/// Jobs that are not done, for the figures.
pub fn count_waiting(conn: &mut Conn) -> Outcome<i64> {
    Ok(store::count_waiting(conn)?)
}

/// Runs one job that is due, if there is one, by what the program knows to do.
pub fn run_one(lis: &Lis, works: &[Work]) -> Outcome<bool> {
    let real = lis.clock.real();
    if !lis.db.read_now(|conn| Ok(store::is_due(conn, real)?))? {
        return Ok(false);
    }
    let token = uuid::Uuid::new_v4().to_string();
    let lease = (token.clone(), real.plus(TimeDelta::minutes(LEASE_MIN)));
    let claimed = lis.db.write_now(move |tx| Ok(store::claim(tx.conn, real, &lease.0, lease.1)?))?;
    let Some(job) = claimed else {
        return Ok(false);
    };
    let _span = info_span!("job", job.id = %job.id, job.kind, job.attempts).entered();
    let done = work_on(lis, works, &job);
    finish(lis, job, token, done)?;
    Ok(true)
}

fn work_on(lis: &Lis, works: &[Work], job: &store::JobRow) -> Outcome<()> {
    let work = works.iter().find(|(kind, _)| *kind == job.kind);
    let Some((_, work)) = work else {
        return Err(Fault::broken(format!("this program knows no job of kind {}", job.kind)));
    };
    let payload: Value = serde_json::from_str(&job.payload).map_err(Fault::broken)?;
    catch_unwind(AssertUnwindSafe(|| work(lis, job.id, &payload)))
        .unwrap_or_else(|_| Err(Fault::broken("the job panicked; the log of the server has the place")))
}

fn finish(lis: &Lis, job: store::JobRow, token: String, done: Outcome<()>) -> Outcome<()> {
    let real = lis.clock.real();
    let (event, error) = match done {
        Ok(()) => (JobEvent::Finished, String::new()),
        Err(fault @ Fault::Refused(_)) => (JobEvent::Refused, fault.to_string()),
        Err(fault) => (JobEvent::Broke { attempts: job.attempts }, fault.to_string()),
    };
    let state = JobState::Queued.after(event).unwrap_or(JobState::Failed);
    let run_at = real.plus(wait_after(job.attempts).unwrap_or_default());
    match state {
        JobState::Done => info!("Finished a job"),
        JobState::Queued => warn!(error, %run_at, "A job failed and is repeated"),
        JobState::Failed => warn!(error, "A job failed for good"),
    }
    let ending = store::Ending { state, error, run_at };
    let mine = lis.db.write_now(move |tx| Ok(store::finish(tx.conn, job.id, &token, &ending, real)?))?;
    if !mine {
        warn!("A job took longer than its lease; another runner has it");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::store::{Ending, JobRow};
    use crate::server::tests::{laboratory, logged};

    fn claim(lis: &Lis, minutes_later: i64, token: &'static str) -> Option<JobRow> {
        let real = lis.clock.real().plus(TimeDelta::minutes(minutes_later));
        let until = real.plus(TimeDelta::minutes(LEASE_MIN));
        lis.db.write_now(move |tx| Ok(store::claim(tx.conn, real, token, until)?)).unwrap()
    }

    #[test]
    fn the_same_key_is_one_job() {
        let (_directory, lis) = laboratory();
        let queue = || lis.db.write_now(|tx| queue(tx, "report-render", "report:7", &serde_json::json!({"report": 7})));
        assert!(queue().unwrap());
        assert!(!queue().unwrap());
        assert!(claim(&lis, 0, "a").is_some());
        assert!(claim(&lis, 0, "b").is_none(), "leased");
    }

    #[test]
    fn after_its_lease_a_job_belongs_to_the_next_runner_only() {
        let (_directory, lis) = laboratory();
        lis.db.write_now(|tx| queue(tx, "report-render", "report:7", &Value::Null)).unwrap();
        let first = claim(&lis, 0, "first").unwrap();
        assert_eq!(first.attempts, 1);
        assert!(claim(&lis, 9, "early").is_none());
        let second = claim(&lis, 11, "second").unwrap();
        assert_eq!((second.id, second.attempts), (first.id, 2));
        let finish = |token: &'static str| {
            let real = lis.clock.real();
            let done = Ending { state: JobState::Done, error: String::new(), run_at: real };
            lis.db.write_now(move |tx| Ok(store::finish(tx.conn, first.id, token, &done, real)?)).unwrap()
        };
        assert!(!finish("first"), "the first runner comes back too late");
        assert!(finish("second"));
        assert!(claim(&lis, 60, "third").is_none(), "done is done");
    }

    #[test]
    fn a_job_that_nobody_can_do_is_repeated_and_stays_visible() {
        let (_directory, lis) = laboratory();
        lis.db.write_now(|tx| queue(tx, "no-such-kind", "x", &Value::Null)).unwrap();
        assert!(run_one(&lis, &[]).unwrap());
        assert!(!run_one(&lis, &[]).unwrap(), "not before its wait is over");
        let again = claim(&lis, 1, "again").unwrap();
        assert_eq!(again.last_error, "this program knows no job of kind no-such-kind");
        let (real, id) = (lis.clock.real(), again.id);
        let failed = Ending { state: JobState::Failed, error: "for good".to_owned(), run_at: real };
        lis.db.write_now(move |tx| Ok(store::finish(tx.conn, id, "again", &failed, real)?)).unwrap();
        let failed = lis.db.read_now(|conn| Ok(store::failed(conn)?)).unwrap();
        assert_eq!(failed.iter().map(|job| job.last_error.as_str()).collect::<Vec<_>>(), ["for good"]);
        assert!(lis.db.write_now(move |tx| Ok(store::requeue(tx.conn, id, tx.now)?)).unwrap());
        assert_eq!(claim(&lis, 0, "retried").unwrap().attempts, 1);
    }

    #[test]
    fn what_a_job_logs_carries_its_id() {
        let (_directory, lis) = laboratory();
        lis.db.write_now(|tx| queue(tx, "no-such-kind", "x", &Value::Null)).unwrap();
        let log = logged(|| assert!(run_one(&lis, &[]).unwrap()));
        let line = log.lines().find(|line| line.contains("A job failed and is repeated")).expect("a warning");
        assert!(line.contains("job{job.id=1 job.kind=\"no-such-kind\" job.attempts=1}"), "{line}");
    }
}
