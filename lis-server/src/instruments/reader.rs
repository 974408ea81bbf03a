//! Reads stored messages, one after the other, in the background. A message that was stored and not read (the power
//! failed in between) is found again at the next start; two processes cannot both take one in, because taking it in
//! moves its version on.
//!
//! A message that cannot be taken in (the database breaks, not the message) holds up no other: it is tried again, later and
//! later, and becomes unreadable with its reason when it goes on failing, so that people see it in the inbox.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use instrument_drivers::agent::MessageKind;
use instrument_drivers::profile::Context;
use tracing::{error, info_span, warn};

use super::actions::{self, ReadMessage, Rows};
use super::documents;
use super::long;
use super::profiles::named::{self, NoProfile};
use super::repeats;
use super::store::{self, MessageRow};
use super::unreadable::Unreadable;
use crate::accounts::Actor;
use crate::app::Lis;
use crate::domain::ids::MessageId;
use crate::domain::refusal::{Fault, Outcome};

/// Messages taken up by one look.
const BATCH: i64 = 50;
/// Failures until people are told: after 5, 10, 20 and 40 s, a database that was away for a moment is back.
const FAILURES_MOST: i64 = 5;

/// Reads some of what waits; `false` when nothing of it is due. One look of the background threads.
pub fn read_some(lis: &Lis) -> Outcome<bool> {
    let mut behind = MessageId(0);
    loop {
        let real = lis.clock.real();
        let (waiting, taken) =
            lis.db.read_now(|conn| Ok((store::unread(conn, behind, BATCH)?, store::in_intake(conn, real)?)))?;
        let Some(last) = waiting.last() else { return Ok(false) };
        behind = last.id;
        let is_due = |message: &MessageRow| lis.put_off.is_due(message.id.0, real) && !taken.contains(&message.id);
        let due: Vec<MessageRow> = waiting.into_iter().filter(is_due).collect();
        if !due.is_empty() {
            due.iter().for_each(|message| try_one(lis, message));
            return Ok(true);
        }
    }
}

fn try_one(lis: &Lis, message: &MessageRow) {
    let span = info_span!("message", message.id = message.id.0, instrument = %message.instrument_code);
    let _entered = span.enter();
    let Err(fault) = read_one(lis, message) else {
        lis.put_off.forget(message.id.0);
        return;
    };
    let failures = lis.put_off.failed(message.id.0, lis.clock.real());
    error!(%fault, failures, "A message could not be taken in; it is tried again, and the others go on");
    if failures >= FAILURES_MOST {
        match set_unreadable(lis, message, Unreadable::NotTakenIn(failures)) {
            Ok(()) => lis.put_off.forget(message.id.0),
            Err(fault) => error!(%fault, "Nor could it be set aside"),
        }
    }
}

fn read_one(lis: &Lis, message: &MessageRow) -> Outcome<()> {
    match with_profile(lis, message)? {
        Ok(read) => {
            let (read, by) = (Arc::new(read), reader_of(message));
            if read.rows.are_many() {
                return settled(long::take_in(lis, &by, &read));
            }
            settled(lis.db.write_now(move |tx| actions::take_in(tx, &by, &read)))
        }
        Err(why) => {
            warn!(%why, "A message cannot be read; its bytes are kept");
            set_unreadable(lis, message, why)
        }
    }
}

fn set_unreadable(lis: &Lis, message: &MessageRow, why: Unreadable) -> Outcome<()> {
    long::begin_anew(lis, message.id)?;
    let (message, by) = (message.clone(), reader_of(message));
    settled(lis.db.write_now(move |tx| actions::set_unreadable(tx, &by, &message, &why)))
}

fn reader_of(message: &MessageRow) -> Actor {
    Actor::system("instruments", format!("message:{}", message.id))
}

/// Where a rule refuses, another process was faster: the message is taken in.
fn settled(outcome: Outcome<()>) -> Outcome<()> {
    match outcome {
        Err(Fault::Refused(_)) => Ok(()),
        other => other,
    }
}

/// The message with its rows, or how to get them; or why it cannot be read, for the person who looks at the inbox.
fn with_profile(lis: &Lis, message: &MessageRow) -> Outcome<Result<ReadMessage, Unreadable>> {
    if message.kind == MessageKind::Partial.code() {
        return Ok(Err(Unreadable::BrokenOff));
    }
    if message.kind == MessageKind::Withheld.code() {
        return Ok(Err(Unreadable::Withheld));
    }
    let found = lis.db.read_now(|conn| {
        let Some(instrument) = store::instrument_by_code(conn, &message.instrument_code)? else {
            return Ok(Err(Unreadable::InstrumentUnknown(message.instrument_code.clone())));
        };
        let bytes = match BASE64.decode(store::content(conn, message.id)?) {
            Ok(bytes) => bytes,
            Err(error) => {
                warn!(%error, "The stored bytes are damaged");
                return Ok(Err(Unreadable::BytesDamaged));
            }
        };
        let profile = match named::load(conn, &instrument.profile)? {
            Ok(profile) => profile,
            Err(NoProfile::Missing) => return Ok(Err(Unreadable::ProfileMissing(instrument.profile))),
            Err(NoProfile::Invalid(error)) => {
                warn!(%error, "What the instrument names is no profile");
                return Ok(Err(Unreadable::ProfileInvalid(instrument.profile)));
            }
        };
        let repeated = repeats::repeated(conn, message, &bytes)?;
        Ok(Ok((instrument, bytes, profile, repeated)))
    })?;
    Ok(found.map(|(instrument, bytes, profile, repeated)| {
        let own_samples = profile.own_samples().into_iter().map(str::to_owned).collect();
        let rows = if documents::is_document(&message.kind, &bytes) {
            Rows::Document { names: profile.evidence.candidates(&message.file_name) }
        } else {
            let file_name = (!message.file_name.is_empty()).then(|| message.file_name.clone());
            Rows::of(profile, bytes, Context { file_name, ..Context::default() })
        };
        ReadMessage { message: message.clone(), instrument, rows, own_samples, repeated }
    }))
}
