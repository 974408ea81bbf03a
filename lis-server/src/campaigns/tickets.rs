//! The ticket that a questionnaire is shown with: the sealed time of the showing. It goes back with the answer and tells how
//! long somebody read; each is good for one answer.

use super::actions::{Started, sealer};
use super::{POLL_NOT_STARTED, POLL_TICKET_USED, store};
use crate::audit::personal::Sealer;
use crate::db::Conn;
use crate::domain::clock::Moment;
use crate::domain::hash::sha256_of;
use crate::domain::ids::CampaignId;
use crate::domain::refusal::Outcome;

/// A ticket of now. No two are alike: each is sealed with a nonce of its own.
pub fn ticket(conn: &mut Conn, id: CampaignId, now: Moment) -> Outcome<String> {
    Ok(sealer(conn, id)?.seal(&now.millis().to_string()))
}

/// Another ticket with the time of one that is used: who corrects his answer goes on with the time he began at.
///
/// # Errors
/// `poll-ticket-invalid`: it was not made here.
pub fn renewed(conn: &mut Conn, id: CampaignId, used: &str) -> Outcome<String> {
    let sealer = sealer(conn, id)?;
    let began = sealer.open(used).ok_or_else(|| POLL_NOT_STARTED.at("ticket"))?;
    Ok(sealer.seal(&began))
}

/// The hash of a ticket that no answer has brought yet; on paper there is none.
///
/// # Errors
/// `poll-ticket-used`.
pub(super) fn fresh(conn: &mut Conn, started: &Started) -> Outcome<Option<String>> {
    let Started::Ticket(sealed) = started else { return Ok(None) };
    let hash = sha256_of(sealed.as_bytes());
    if store::ticket_used(conn, &hash)? {
        return Err(POLL_TICKET_USED.at("ticket").into());
    }
    Ok(Some(hash))
}

/// Seconds from the showing to the answer.
///
/// # Errors
/// `poll-ticket-invalid`: it was not made here.
pub(super) fn seconds_taken(sealer: &Sealer, started: &Started, now: Moment) -> Outcome<i64> {
    match started {
        Started::SecondsTaken(seconds) => Ok(*seconds),
        Started::Ticket(sealed) => sealer
            .open(sealed)
            .and_then(|text| Moment::from_millis(text.parse().ok()?))
            .map(|shown_at| now.since(shown_at).num_seconds().max(0))
            .ok_or_else(|| POLL_NOT_STARTED.at("ticket").into()),
    }
}
