//! Reads stored messages, one after the other, in the background. A message that was stored and not read (the power
//! failed in between) is found again at the next start; two processes cannot both take one in, because taking it in
//! moves its version on.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use instrument_drivers::agent::MessageKind;
use instrument_drivers::profile::Context;
use tracing::{info_span, warn};

use super::actions::{self, ReadMessage, Rows};
use super::documents;
use super::profiles::named;
use super::repeats;
use super::store::{self, MessageRow};
use crate::accounts::Actor;
use crate::app::Lis;
use crate::domain::refusal::{Fault, Outcome};

/// Messages taken up by one look.
const BATCH: i64 = 50;

/// Reads some of what waits; `false` when nothing did. One look of the background threads.
pub fn read_some(lis: &Lis) -> Outcome<bool> {
    let waiting = lis.db.read_now(|conn| Ok(store::unread(conn, BATCH)?))?;
    let any = !waiting.is_empty();
    for message in waiting {
        read_one(lis, message)?;
    }
    Ok(any)
}

fn read_one(lis: &Lis, message: MessageRow) -> Outcome<()> {
    let span = info_span!("message", message.id = message.id.0, instrument = %message.instrument_code);
    let _entered = span.enter();
    let by = Actor::system("instruments", format!("message:{}", message.id));
    let outcome = match with_profile(lis, &message)? {
        Ok(read) => {
            let (read, by) = (Arc::new(read), by.clone());
            lis.db.write_now(move |tx| actions::take_in(tx, &by, &read))
        }
        Err(why) => {
            warn!(%why, "A message cannot be read; its bytes are kept");
            let (message, by) = (message.clone(), by.clone());
            lis.db.write_now(move |tx| actions::set_unreadable(tx, &by, &message, &why))
        }
    };
    match outcome {
        // Another process was faster: the message is taken in.
        Err(Fault::Refused(_)) => Ok(()),
        other => other,
    }
}

/// The message with its rows, or how to get them; the error is a sentence for the person who looks at the inbox.
fn with_profile(lis: &Lis, message: &MessageRow) -> Outcome<Result<ReadMessage, String>> {
    if message.kind == MessageKind::Partial.code() {
        return Ok(Err("the message broke off before its end; its bytes are evidence and are never filed".to_owned()));
    }
    if message.kind == MessageKind::Withheld.code() {
        return Ok(Err(
            "the server did not take the message, and it lies on the agent's disk; the bytes say why and where"
                .to_owned(),
        ));
    }
    let found = lis.db.read_now(|conn| {
        let Some(instrument) = store::instrument_by_code(conn, &message.instrument_code)? else {
            return Ok(Err(format!("no instrument has the code {}", message.instrument_code)));
        };
        let bytes = match BASE64.decode(store::content(conn, message.id)?) {
            Ok(bytes) => bytes,
            Err(error) => return Ok(Err(format!("the stored bytes are damaged: {error}"))),
        };
        let profile = match named::load(conn, &instrument.profile)? {
            Ok(profile) => profile,
            Err(why) => return Ok(Err(why)),
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
            Rows::of(profile, bytes, Context { file_name })
        };
        ReadMessage { message: message.clone(), instrument, rows, own_samples, repeated }
    }))
}
