//! Mail: an outbox row in the transaction of its cause, sent by SMTP when the change stands. A mail has a key, so the same
//! thing is told once however often it is asked for; a failure is repeated with growing waits, and the last one stays
//! visible to the staff (`/deliveries`).
//!
//! Between the server's "taken" and the row's "sent" lies a moment in which a power cut makes the mail go out twice; both
//! carry the same Message-ID, by which mail programs show it once.

mod mailer;
pub mod pages;
pub mod state;
pub mod store;
#[cfg(test)]
mod tests;

pub use mailer::{Mailer, MailerError};

use chrono::TimeDelta;
use tracing::{info, info_span, warn};

use crate::accounts::Actor;
use crate::accounts::role::{May, WatchDeliveries};
use crate::app::Lis;
use crate::db::{Conn, Tx};
use crate::domain::ids::{JobId, MailId};
use crate::domain::refusal::{NOT_FOUND, Outcome, Problem};
use crate::web::language::Language;

use mailer::Failure;
use state::{MailEvent, MailState, wait_after};
pub use store::MailRow;
use store::{Attempted, NewMailRow};

pub const NOT_FAILED: Problem = Problem::new("delivery-not-failed", 409);

/// Codes declared in this room, for the reference list.
pub const PROBLEMS: &[Problem] = &[NOT_FAILED];

/// Longer than an attempt can take with all its time-outs; after that its sender is taken for dead.
const LEASE_MIN: i64 = 10;
/// Longest error text that is kept, in characters.
const ERROR_MOST: usize = 500;

/// A mail to be sent.
#[derive(Clone, Debug)]
pub struct NewMail {
    /// What is told to whom: the same key is never sent again.
    pub key: String,
    pub recipient: String,
    pub language: Language,
    pub subject: String,
    pub body: String,
    /// SHA-256 of a stored file and the name it goes under.
    pub attachment: Option<(String, String)>,
    /// Kind and id of the object it tells about.
    pub about: (&'static str, i64),
}

/// Whether a text is the address of one mailbox.
pub fn is_address(text: &str) -> bool {
    text.parse::<lettre::Address>().is_ok()
}

/// Mails about an object, newest first.
pub fn about(conn: &mut Conn, kind: &str, id: i64) -> Outcome<Vec<MailRow>> {
    Ok(store::about(conn, kind, id)?)
}

/// Mails that are not sent, for the figures.
pub fn count_waiting(conn: &mut Conn) -> Outcome<i64> {
    Ok(store::count_waiting(conn)?)
}

/// Queues a mail in the transaction of its cause; `false` when its key was queued before.
pub fn queue(tx: &mut Tx, mail: &NewMail) -> Outcome<bool> {
    Ok(queue_all(tx, std::slice::from_ref(mail))? == 1)
}

/// Queues several by one statement; says how many are new.
pub fn queue_all(tx: &mut Tx, mails: &[NewMail]) -> Outcome<usize> {
    if mails.is_empty() {
        return Ok(0);
    }
    let rows: Vec<NewMailRow> = mails
        .iter()
        .map(|mail| NewMailRow {
            mail_key: &mail.key,
            recipient: &mail.recipient,
            language: mail.language.code(),
            subject: &mail.subject,
            body: &mail.body,
            attachment_sha256: mail.attachment.as_ref().map(|(sha256, _)| sha256.as_str()),
            attachment_name: mail.attachment.as_ref().map_or("", |(_, name)| name.as_str()),
            about_kind: mail.about.0,
            about_id: mail.about.1,
            state: MailState::Queued.code(),
            attempts: 0,
            next_attempt_at: tx.now,
            last_error: "",
            lease_token: "",
            created_at: tx.now,
        })
        .collect();
    Ok(store::insert(tx.conn, &rows)?)
}

/// Tries to send one mail that is due, if there is one. Without a mail server mails stay queued.
pub fn send_one(lis: &Lis) -> Outcome<bool> {
    let Some(mailer) = &lis.mailer else {
        return Ok(false);
    };
    let real = lis.clock.real();
    if !lis.db.read_now(|conn| Ok(store::is_due(conn, real)?))? {
        return Ok(false);
    }
    let token = uuid::Uuid::new_v4().to_string();
    let lease = (token.clone(), real.plus(TimeDelta::minutes(LEASE_MIN)));
    let claimed = lis.db.write_now(move |tx| Ok(store::claim(tx.conn, real, &lease.0, lease.1)?))?;
    let Some(mail) = claimed else {
        return Ok(false);
    };
    // Not the recipient: logs are kept where personal words have no place.
    let _span = info_span!("mail", mail.id = %mail.id, mail.attempts, mail.about = mail.about_kind).entered();
    let sent = send(lis, mailer, &mail);
    finish(lis, mail, token, sent)?;
    Ok(true)
}

fn send(lis: &Lis, mailer: &Mailer, mail: &MailRow) -> Result<(), Failure> {
    let file = match &mail.attachment_sha256 {
        Some(sha256) => Some(lis.files.get(sha256).map_err(|error| Failure::Delayed(error.to_string()))?),
        None => None,
    };
    mailer.send(mail, file, lis.clock.real())
}

fn finish(lis: &Lis, mail: MailRow, token: String, sent: Result<(), Failure>) -> Outcome<()> {
    let real = lis.clock.real();
    let (event, error) = match sent {
        Ok(()) => (MailEvent::Accepted, String::new()),
        Err(Failure::Delayed(why)) => (MailEvent::Delayed { attempts: mail.attempts }, why),
        Err(Failure::Refused(why)) => (MailEvent::Refused, why),
    };
    let error: String = error.chars().take(ERROR_MOST).collect();
    let next = MailState::Queued.after(event).unwrap_or(MailState::Failed);
    match next {
        MailState::Sent => info!("Sent a mail"),
        MailState::Queued => warn!(error, "A mail could not be sent and is repeated"),
        MailState::Failed => warn!(error, "A mail failed for good"),
    }
    lis.db.write_now(move |tx| {
        let after = Attempted {
            state: next,
            error: &error,
            next_attempt_at: real.plus(wait_after(mail.attempts).unwrap_or_default()),
            sent_at: (next == MailState::Sent).then_some(tx.now),
        };
        if store::finish(tx.conn, mail.id, &token, &after)? && next != MailState::Queued {
            let event = if next == MailState::Sent { "mail-sent" } else { "mail-failed" };
            let by = Actor::system("mail", format!("mail:{}", mail.id));
            tx.log(by.entry("mail", mail.id.0, mail.attempts, event).set("error", error.as_str()));
        }
        Ok(())
    })
}

/// Mails that failed for good, for the page of waiting work.
pub fn count_failed(conn: &mut Conn, _: &Actor) -> Outcome<i64> {
    Ok(store::count(conn, MailState::Failed)?)
}

/// A person wants a failed mail to be tried again.
pub fn retry_mail(tx: &mut Tx, by: &May<WatchDeliveries>, id: MailId) -> Outcome<()> {
    let mail = store::mail(tx.conn, id)?.ok_or(NOT_FOUND)?;
    if !store::requeue(tx.conn, id, tx.now)? {
        return Err(NOT_FAILED.reason().with_word("state", format!("delivery-{}", mail.state)).into());
    }
    tx.log(by.entry("mail", id.0, mail.attempts, "mail-retried"));
    Ok(())
}

/// The same for a job.
pub fn retry_job(tx: &mut Tx, by: &May<WatchDeliveries>, id: JobId) -> Outcome<()> {
    crate::jobs::requeue(tx, id)?;
    tx.log(by.entry("job", id.0, 0, "job-retried"));
    Ok(())
}
