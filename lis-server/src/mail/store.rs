//! Queries of the outbox.

use diesel::prelude::*;

use super::state::MailState;
use crate::db::schema::mail;
use crate::db::{Conn, cols, each};
use crate::domain::clock::Moment;
use crate::domain::ids::MailId;

/// A mail as the sender and the staff see it.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = mail)]
pub struct MailRow {
    pub id: MailId,
    pub mail_key: String,
    pub recipient: String,
    pub language: String,
    pub subject: String,
    pub body: String,
    pub attachment_sha256: Option<String>,
    pub attachment_name: String,
    pub about_kind: String,
    pub about_id: i64,
    pub state: String,
    pub attempts: i64,
    pub next_attempt_at: Moment,
    pub last_error: String,
    pub created_at: Moment,
    pub sent_at: Option<Moment>,
}

impl MailRow {
    /// The message key of its state.
    pub fn word(&self) -> String {
        format!("delivery-{}", self.state)
    }
}

#[derive(Insertable)]
#[diesel(table_name = mail, treat_none_as_default_value = false)]
pub struct NewMailRow<'a> {
    pub mail_key: &'a str,
    pub recipient: &'a str,
    pub language: &'a str,
    pub subject: &'a str,
    pub body: &'a str,
    pub attachment_sha256: Option<&'a str>,
    pub attachment_name: &'a str,
    pub about_kind: &'a str,
    pub about_id: i64,
    pub state: &'a str,
    pub attempts: i64,
    pub next_attempt_at: Moment,
    pub last_error: &'a str,
    pub lease_token: &'a str,
    pub created_at: Moment,
}

/// Queues mails by one statement, leaving out those whose key is there; says how many are new.
pub fn insert(conn: &mut Conn, rows: &[NewMailRow]) -> QueryResult<usize> {
    each!(conn, c => diesel::insert_into(mail::table).values(rows).on_conflict_do_nothing().execute(c))
}

/// Queued, in nobody's hands, and either never tried (whatever the laboratory's clock said then) or due again.
macro_rules! due {
    ($real:expr) => {
        mail::state
            .eq(MailState::Queued.code())
            .and(mail::leased_until.is_null().or(mail::leased_until.lt($real)))
            .and(mail::attempts.eq(0_i64).or(mail::next_attempt_at.le($real)))
    };
}

/// Whether a claim would find something: asked on a reading connection, so that an idle queue writes nothing.
pub fn is_due(conn: &mut Conn, real: Moment) -> QueryResult<bool> {
    let found: Option<MailId> = mail::table.filter(due!(real)).select(mail::id).first(conn).optional()?;
    Ok(found.is_some())
}

/// Takes the oldest mail that is due. On PostgreSQL several processes claim at once and skip each other's rows.
pub fn claim(conn: &mut Conn, real: Moment, token: &str, until: Moment) -> QueryResult<Option<MailRow>> {
    let oldest = mail::table.filter(due!(real)).order(mail::id).limit(1).select(mail::id);
    let found: Option<MailId> = match conn {
        Conn::Postgres(c) => oldest.for_update().skip_locked().get_result(c).optional()?,
        Conn::Sqlite(c) => oldest.get_result(c).optional()?,
    };
    let Some(id) = found else {
        return Ok(None);
    };
    diesel::update(mail::table.filter(mail::id.eq(id)))
        .set((
            mail::attempts.eq(mail::attempts + 1),
            mail::next_attempt_at.eq(real),
            mail::lease_token.eq(token),
            mail::leased_until.eq(until),
        ))
        .returning(cols::<MailRow>())
        .get_result(conn)
        .optional()
}

/// Where a mail stands after an attempt.
pub struct Attempted<'a> {
    pub state: MailState,
    pub error: &'a str,
    pub next_attempt_at: Moment,
    pub sent_at: Option<Moment>,
}

/// Writes the end of an attempt; `false` when the mail is another sender's by now.
pub fn finish(conn: &mut Conn, id: MailId, token: &str, after: &Attempted) -> QueryResult<bool> {
    let mine = mail::table
        .filter(mail::id.eq(id))
        .filter(mail::lease_token.eq(token))
        .filter(mail::state.eq(MailState::Queued.code()));
    let changed = diesel::update(mine)
        .set((
            mail::state.eq(after.state.code()),
            mail::last_error.eq(after.error),
            mail::next_attempt_at.eq(after.next_attempt_at),
            mail::sent_at.eq(after.sent_at),
            mail::lease_token.eq(""),
            mail::leased_until.eq(None::<Moment>),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

pub fn mail(conn: &mut Conn, id: MailId) -> QueryResult<Option<MailRow>> {
    mail::table.filter(mail::id.eq(id)).select(cols::<MailRow>()).first(conn).optional()
}

/// Puts a failed mail back into the queue.
pub fn requeue(conn: &mut Conn, id: MailId, now: Moment) -> QueryResult<bool> {
    let failed = mail::table.filter(mail::id.eq(id)).filter(mail::state.eq(MailState::Failed.code()));
    let changed = diesel::update(failed)
        .set((mail::state.eq(MailState::Queued.code()), mail::attempts.eq(0_i64), mail::next_attempt_at.eq(now)))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Mails, newest first, before an id (exclusive), of one state or all.
pub fn mails(conn: &mut Conn, state: Option<MailState>, before: Option<i64>, limit: i64) -> QueryResult<Vec<MailRow>> {
    let mut query = mail::table.into_boxed();
    if let Some(state) = state {
        query = query.filter(mail::state.eq(state.code()));
    }
    if let Some(before) = before {
        query = query.filter(mail::id.lt(before));
    }
    query.order(mail::id.desc()).limit(limit).select(cols::<MailRow>()).load(conn)
}

/// Mails about one object, oldest first.
pub fn about(conn: &mut Conn, kind: &str, id: i64) -> QueryResult<Vec<MailRow>> {
    mail::table
        .filter(mail::about_kind.eq(kind))
        .filter(mail::about_id.eq(id))
        .order(mail::id)
        .select(cols::<MailRow>())
        .load(conn)
}

/// Mails in a state.
pub fn count(conn: &mut Conn, state: MailState) -> QueryResult<i64> {
    mail::table.filter(mail::state.eq(state.code())).count().get_result(conn)
}

/// Queued, whether or not a sender has them in hand.
pub fn count_waiting(conn: &mut Conn) -> QueryResult<i64> {
    mail::table.filter(mail::state.eq(MailState::Queued.code())).count().get_result(conn)
}
