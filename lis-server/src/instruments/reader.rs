//! Reads stored messages, one after the other, in the background. A message that was stored and not read (the power
//! failed in between) is found again at the next start; two processes cannot both take one in, because taking it in
//! moves its version on.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use instrument_drivers::agent::MessageKind;
use instrument_drivers::observation::Reading;
use instrument_drivers::profile::Context;
use tracing::{info_span, warn};

use super::actions::{self, ReadMessage};
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
    for (message, content) in waiting {
        read_one(lis, message, &content)?;
    }
    Ok(any)
}

fn read_one(lis: &Lis, message: MessageRow, content: &str) -> Outcome<()> {
    let span = info_span!("message", message.id = message.id.0, instrument = %message.instrument_code);
    let _entered = span.enter();
    let by = Actor::system("instruments", format!("message:{}", message.id));
    let outcome = match read_with_profile(lis, &message, content)? {
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

/// Reads the bytes with the instrument's profile; the error is a sentence for the person who looks at the inbox.
fn read_with_profile(lis: &Lis, message: &MessageRow, content: &str) -> Outcome<Result<ReadMessage, String>> {
    if message.kind == MessageKind::Partial.code() {
        return Ok(Err("the message broke off before its end; its bytes are evidence and are never filed".to_owned()));
    }
    if message.kind == MessageKind::Withheld.code() {
        return Ok(Err(
            "the message is too large for the server and lies on the agent's disk; the bytes say where".to_owned()
        ));
    }
    let code = message.instrument_code.clone();
    let Some(instrument) = lis.db.read_now(move |conn| Ok(store::instrument_by_code(conn, &code)?))? else {
        return Ok(Err(format!("no instrument has the code {}", message.instrument_code)));
    };
    let bytes = match BASE64.decode(content) {
        Ok(bytes) => bytes,
        Err(error) => return Ok(Err(format!("the stored bytes are damaged: {error}"))),
    };
    let reference = instrument.profile.clone();
    let profile = match lis.db.read_now(move |conn| named::load(conn, &reference))? {
        Ok(profile) => profile,
        Err(why) => return Ok(Err(why)),
    };
    let message = message.clone();
    if documents::is_document(&message.kind, &bytes) {
        let document = Some(profile.evidence.candidates(&message.file_name));
        let read = Reading::default();
        let own_samples = Vec::new();
        return Ok(Ok(ReadMessage { message, instrument, read, own_samples, document, repeated: None }));
    }
    let repeated = lis.db.read_now(|conn| repeats::repeated(conn, &message, &bytes))?;
    let file_name = (!message.file_name.is_empty()).then(|| message.file_name.clone());
    let read = profile.read(&bytes, &Context { file_name });
    let own_samples = profile.own_samples().into_iter().map(str::to_owned).collect();
    Ok(Ok(ReadMessage { message, instrument, read, own_samples, document: None, repeated }))
}
