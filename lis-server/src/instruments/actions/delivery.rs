//! Messages as agents bring them: stored before anybody reads them.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::TimeDelta;
use instrument_drivers::agent::http::{AGENT_MOST, CODE_MOST, FILE_NAME_MOST, is_name};
use instrument_drivers::agent::{AgentStatus, Delivery, MessageKind, SpooledMessage};

use super::super::state::MessageState;
use super::super::store::{self, NewContent, NewMessage};
use super::super::unreadable::Unreadable;
use super::super::{MESSAGES_DIFFER, MESSAGES_HOLE, MESSAGES_INVALID, agents, dispatching, link_settings};
use crate::accounts::role::DeliverMessages;
use crate::accounts::{Actor, May};
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::refusal::{Fact, Fault, Outcome, Refusal};

/// A batch as an agent brought it: consecutive messages of one stream, opened and checked against their hashes, and how the
/// agent stands. Without messages it only says that the agent lives.
pub struct Batch {
    pub agent: String,
    pub messages: Vec<SpooledMessage>,
    pub status: Option<AgentStatus>,
}

impl Batch {
    /// # Errors
    /// `messages-invalid` naming the message: mixed agents or streams, numbers out of order, a hash that does not match.
    pub fn open(delivery: Delivery) -> Result<Self, Refusal> {
        let Delivery { messages: wire, status } = delivery;
        let invalid = |place: usize, field: &str, why: String| {
            Refusal::from(MESSAGES_INVALID.with("detail", why).at(format!("[{place}].{field}")))
        };
        if let Some(alone) = status.as_ref().filter(|_| wire.is_empty()) {
            let agent = alone.agent.clone();
            if !is_name(&agent, AGENT_MOST) {
                let why = format!("the agent's name has 1 to {AGENT_MOST} printable characters");
                return Err(MESSAGES_INVALID.with("detail", why).at("status.agent").into());
            }
            return Ok(Self { agent, messages: Vec::new(), status });
        }
        let agent = wire.first().map(|first| first.agent.clone()).unwrap_or_default();
        let mut messages: Vec<SpooledMessage> = Vec::with_capacity(wire.len());
        for (place, message) in wire.iter().enumerate() {
            if message.agent != agent {
                return Err(invalid(
                    place,
                    "agent",
                    format!("the batch is from {agent}, this message from {}", message.agent),
                ));
            }
            let opened = message.open().map_err(|why| {
                // The sentence begins with the field.
                let field = why.split(':').next().unwrap_or_default().to_owned();
                invalid(place, &field, why)
            })?;
            if !is_name(&message.instrument, CODE_MOST) {
                let why = format!("an instrument's code has 1 to {CODE_MOST} printable characters");
                return Err(invalid(place, "instrument", why));
            }
            if message.file_name.as_ref().is_some_and(|name| name.chars().count() > FILE_NAME_MOST) {
                return Err(invalid(
                    place,
                    "file_name",
                    format!("a file's name has at most {FILE_NAME_MOST} characters"),
                ));
            }
            if let Some(before) = messages.last()
                && (before.stream != opened.stream || before.seq + 1 != opened.seq)
            {
                return Err(invalid(place, "seq", "a batch holds consecutive messages of one stream".to_owned()));
            }
            if opened.seq == 0 || i64::try_from(opened.seq).is_err() {
                return Err(invalid(place, "seq", format!("seq {} is not a number from 1", opened.seq)));
            }
            messages.push(opened);
        }
        if !is_name(&agent, AGENT_MOST) {
            return Err(invalid(0, "agent", format!("the agent's name has 1 to {AGENT_MOST} printable characters")));
        }
        Ok(Self { agent, messages, status })
    }
}

/// Stores messages durably, and how the agent stands. Repeats change nothing; a hole is refused with what is there. `real` is
/// the machine's time.
///
/// Returns the highest number of the stream that is stored.
pub fn deliver(tx: &mut Tx, by: &May<DeliverMessages>, batch: &Batch, real: Moment) -> Outcome<u64> {
    store_batch(tx, by, batch, real)
}

/// The same for the agent that the server hosts itself.
pub fn deliver_own(tx: &mut Tx, by: &Actor, batch: &Batch, real: Moment) -> Outcome<u64> {
    store_batch(tx, by, batch, real)
}

/// Rows that wait for a person, of every instrument that a batch names: of its messages, and of the ports of its agent. What
/// came just now is not read yet, and not among them.
pub fn held_of_batch(conn: &mut Conn, batch: &Batch) -> Outcome<BTreeMap<String, i64>> {
    let of_messages = batch.messages.iter().map(|message| message.instrument.as_str());
    let of_ports = batch.status.iter().flat_map(|status| agents::by_instrument(status).into_keys());
    let codes: BTreeSet<&str> = of_messages.chain(of_ports).collect();
    codes.into_iter().map(|code| Ok((code.to_owned(), store::count_held_of(conn, code)?))).collect()
}

/// The number up to which the stream is stored, when a batch was refused because it begins beyond it.
pub fn stored_before_hole(refusal: &Refusal) -> Option<u64> {
    let hole = refusal.reasons.iter().find(|reason| reason.problem == MESSAGES_HOLE)?;
    match hole.facts.iter().find(|(name, _)| *name == "stored")? {
        (_, Fact::Text(text)) => text.parse().ok(),
        (_, Fact::Word(_) | Fact::Sentence(..) | Fact::Named { .. }) => None,
    }
}

/// A batch was refused because the server has other messages under its numbers.
pub fn is_of_a_copy(refusal: &Refusal) -> bool {
    refusal.reasons.iter().any(|reason| reason.problem == MESSAGES_DIFFER)
}

fn store_batch(tx: &mut Tx, by: &Actor, batch: &Batch, real: Moment) -> Outcome<u64> {
    if let Some(status) = &batch.status {
        agents::keep(tx.conn, &batch.agent, status, batch.messages.len(), real)?;
        link_settings::keep(tx, by, &batch.agent, status, real)?;
        dispatching::keep(tx, by, &batch.agent, &status.dispatches)?;
    }
    let stream = match (batch.messages.first(), &batch.status) {
        (Some(first), _) => first.stream.to_string(),
        (None, Some(status)) => status.stream.to_string(),
        (None, None) => return Err(MESSAGES_INVALID.with("detail", "no message").at("body").into()),
    };
    let stored = store::highest_seq(tx.conn, &batch.agent, &stream)?.unwrap_or(0);
    store_messages(tx, by, (batch, real), (&stream, stored))
}

fn store_messages(
    tx: &mut Tx,
    by: &Actor,
    (batch, real): (&Batch, Moment),
    (stream, stored): (&str, i64),
) -> Outcome<u64> {
    let now = tx.now;
    require_same(tx.conn, (batch, real, now), (stream, stored))?;
    let number = |seq: u64| i64::try_from(seq).map_err(Fault::broken);
    if let Some(first) = batch.messages.first()
        && number(first.seq)? > stored + 1
    {
        return Err(MESSAGES_HOLE.with("stored", stored).with("first", first.seq).at("[0].seq").into());
    }
    let mut rows = Vec::new();
    let mut contents = Vec::new();
    for message in &batch.messages {
        let seq = number(message.seq)?;
        if seq <= stored {
            continue;
        }
        contents.push(BASE64.encode(&message.bytes));
        let said = Moment::new(message.received_at);
        let is_likely = [tx.now, real].iter().any(|now| may_have_come(said, *now));
        rows.push(NewMessage {
            version: 1,
            agent: batch.agent.clone(),
            stream: stream.to_owned(),
            seq,
            instrument_code: message.instrument.clone(),
            kind: message.kind.code().to_owned(),
            file_name: message.file_name.clone().unwrap_or_default(),
            received_at: if is_likely { said } else { tx.now },
            stored_at: tx.now,
            sha256: message.sha256.clone(),
            byte_count: i64::try_from(message.bytes.len()).map_err(Fault::broken)?,
            state: if is_likely { MessageState::Received.code() } else { MessageState::Unreadable.code() },
            trouble: if is_likely { String::new() } else { Unreadable::ClockWrong(said).to_string() },
            came_at: Some(now.plus(-waited(batch, message))),
        });
    }
    let Some(last) = rows.last().map(|row| row.seq) else { return u64::try_from(stored).map_err(Fault::broken) };
    let ids = store::insert_messages(tx.conn, &rows)?;
    let contents: Vec<NewContent> =
        ids.iter().zip(contents).map(|(id, content)| NewContent { message_id: *id, content }).collect();
    store::insert_contents(tx.conn, &contents)?;
    store::set_highest_seq(tx.conn, &batch.agent, stream, last, tx.now)?;
    for (id, row) in ids.iter().zip(&rows) {
        let entry = by
            .entry("instrument_message", id.0, 1, "message-received")
            .set("instrument", row.instrument_code.as_str())
            .set("file_name", row.file_name.as_str())
            .set("seq", row.seq)
            .set("sha256", row.sha256.as_str());
        tx.log(if row.trouble.is_empty() { entry } else { entry.set("trouble", row.trouble.as_str()) });
    }
    u64::try_from(last).map_err(Fault::broken)
}

/// How long a message had waited with its agent. Both times are by the agent's clock, which may be as wrong as it likes.
fn waited(batch: &Batch, message: &SpooledMessage) -> TimeDelta {
    let said = batch.status.as_ref().map_or_else(TimeDelta::zero, |status| status.at - message.received_at);
    said.clamp(TimeDelta::zero(), TimeDelta::days(BEHIND_MOST_DAYS))
}

/// A number that comes again brings the message that is stored under it. Another one comes from a spool that was copied (the
/// image of a computer) or brought back from a copy: passed over like a repeat, it would be lost. A note in the place of a
/// message is left out: it may stand for one whose arrival the agent was never told.
fn require_same(
    conn: &mut Conn,
    (batch, real, now): (&Batch, Moment, Moment),
    (stream, stored): (&str, i64),
) -> Outcome<()> {
    let is_repeated = |message: &&SpooledMessage| {
        message.kind != MessageKind::Withheld && i64::try_from(message.seq).is_ok_and(|seq| seq <= stored)
    };
    let repeated: Vec<&SpooledMessage> = batch.messages.iter().filter(is_repeated).collect();
    let (Some(first), Some(last)) = (repeated.first(), repeated.last()) else { return Ok(()) };
    let number = |seq: u64| i64::try_from(seq).map_err(Fault::broken);
    let known = store::known_between(conn, &batch.agent, stream, (number(first.seq)?, number(last.seq)?))?;
    for message in repeated {
        let seq = number(message.seq)?;
        let Some((_, sha256, code, received_at)) = known.iter().find(|(known, ..)| *known == seq) else { continue };
        let said = Moment::new(message.received_at);
        // A time that no message can have come at was not kept.
        let is_at_another_time = *received_at != said && [now, real].iter().any(|now| may_have_come(said, *now));
        if *sha256 != message.sha256 || *code != message.instrument || is_at_another_time {
            return Err(MESSAGES_DIFFER.with("seq", seq).with("stored", stored).at("[0].seq").into());
        }
    }
    Ok(())
}

/// Ahead of the server's clock by so many days, a time of receipt is a wrong clock's: summer time, zones and drift are hours.
const AHEAD_MOST_DAYS: i64 = 7;
/// And so many days behind it: an agent may have waited for its server for months.
const BEHIND_MOST_DAYS: i64 = 366;

/// Whether a message can have been received then, or an agent have begun. Which instrument status and which check of a balance count for its values
/// goes by this day.
pub(in crate::instruments) fn may_have_come(said: Moment, now: Moment) -> bool {
    let age = now.since(said);
    -TimeDelta::days(AHEAD_MOST_DAYS) <= age && age <= TimeDelta::days(BEHIND_MOST_DAYS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_receipt_lies_within_a_year_and_a_week() {
        let at = |text: &str| Moment::parse_rfc3339(text).unwrap();
        let now = at("2026-11-16T00:00:00Z");
        for (said, may) in [
            ("2026-11-23T00:00:00Z", true),
            ("2026-11-23T00:00:01Z", false),
            // 366 days earlier: there is no 29 February between them.
            ("2025-11-15T00:00:00Z", true),
            ("2025-11-14T23:59:59Z", false),
            ("1970-01-01T00:00:00Z", false),
            ("9999-12-31T23:59:59Z", false),
        ] {
            assert_eq!(may_have_come(at(said), now), may, "{said}");
        }
    }
}
