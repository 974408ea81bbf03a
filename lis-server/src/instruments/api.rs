//! Instruments for programs: the agents' messages, instruments, held rows, mappings.

mod inbox;

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use instrument_drivers::agent::Delivery;
use serde::Serialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};

use super::MESSAGES_HOLE;
use super::actions::{self, AimInput, Batch, InstrumentInput, InstrumentSaved, MappingInput, Replayed};
use super::equipment::INSTRUMENT_OWN_STEP;
use super::store::{self, InstrumentRow, ObservationRow};
use crate::accounts::May;
use crate::accounts::role::{DeliverMessages, EnterResults, ManageInstruments, RepairReadings, SeeBench};
use crate::app::Lis;
use crate::domain::clock::Moment;
use crate::domain::ids::{InstrumentId, MessageId, ObservationId};
use crate::domain::refusal::{Fact, Fault, NOT_FOUND, Refusal};
use crate::web::paging::Listed;
use crate::web::problem::{PROBLEM_JSON, ProblemDocument};
use crate::web::reading::{BODY_INVALID, BODY_TOO_LARGE, document};
use crate::web::routes::Routes;
use crate::web::upload::announced_bytes;
use crate::web::{Answer, Json, Nothing, versioned};

pub fn routes() -> Routes {
    Routes::new()
        .post("/api/v1/agent/messages", messages)
        .about("Stores what an agent brings, each byte once. What is stored already is passed over.")
        .takes::<AgentMessages>()
        .gives::<Stored>()
        .refuses_as::<MessagesMissing>(409)
        .get("/api/v1/instruments", instruments)
        .about("All instruments in order of code, with the id that a capture target names.")
        .gives::<Listed<InstrumentLine>>()
        .post("/api/v1/instruments", create)
        .about("Adds an instrument.")
        .keyed()
        .creates::<InstrumentSaved>()
        .put("/api/v1/instruments/{id}", change)
        .about("Changes an instrument.")
        .versioned()
        .gives::<InstrumentSaved>()
        .refuses(&[INSTRUMENT_OWN_STEP])
        .get("/api/v1/instruments/{id}/held", held)
        .about("Rows of an instrument that wait for a person, oldest first, at most 500.")
        .gives::<Listed<HeldView>>()
        .post("/api/v1/instruments/{id}/mappings", map_code)
        .about("Maps a code that the instrument prints, and replays its held rows.")
        .gives::<Replayed>()
        .post("/api/v1/instruments/{id}/replay", replay)
        .about("Tries the held rows of an instrument again.")
        .gives::<Replayed>()
        .post("/api/v1/instruments/{id}/capture-target", aim)
        .about("Names the cell that the next weight of a balance goes into.")
        .gives_nothing()
        .and(inbox::routes())
        .and(super::equipment::api::routes())
        .and(super::profiles::api::routes())
}

/// Consecutive messages of one stream, as `instrument-agent` sends them. The type itself belongs to the agent's crate,
/// which knows nothing of this document.
struct AgentMessages;

impl utoipa::ToSchema for AgentMessages {}

impl utoipa::PartialSchema for AgentMessages {
    fn schema() -> RefOr<Schema> {
        let text = |about: &str| ObjectBuilder::new().schema_type(Type::String).description(Some(about));
        let moment = SchemaFormat::KnownFormat(KnownFormat::DateTime);
        let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1));
        let message = ObjectBuilder::new()
            .property("agent", text("Name of the agent in its configuration."))
            .required("agent")
            .property("stream", text("UUID of the spool that the numbers belong to."))
            .required("stream")
            .property("seq", number.description(Some("Number in the stream, from 1, without a hole.")))
            .required("seq")
            .property("instrument", text("Code of the instrument."))
            .required("instrument")
            .property("kind", text("`message` (complete), `file` (whole), `partial` (never completed) or `withheld` (too large to send)."))
            .required("kind")
            .property("received_at", text("When the last byte came.").format(Some(moment)))
            .required("received_at")
            .property("sha256", text("SHA-256 of the bytes, 64 hexadecimal digits."))
            .required("sha256")
            .property("bytes", text("The bytes in base64, standard alphabet with padding."))
            .required("bytes")
            .property("file_name", text("Of a file."));
        let messages = ArrayBuilder::new().items(message).min_items(Some(1));
        let status = ObjectBuilder::new().description(Some("How the agent stands; shown, never judged by."));
        ObjectBuilder::new().property("messages", messages).required("messages").property("status", status).into()
    }
}

/// How far a stream is stored.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = MessagesStored)]
struct Stored {
    /// The highest number of the stream below which nothing is missing.
    stored: u64,
}

/// A batch that begins beyond what is stored: the agent goes back to the number that the server names.
#[derive(Serialize, utoipa::ToSchema)]
struct MessagesMissing {
    #[serde(flatten)]
    problem: ProblemDocument,
    stored: u64,
}

/// Bytes of one batch: an export of 64 MiB in Base64, which is longer than what instruments write, with room for the rest.
const BATCH_LIMIT_BYTES: usize = 96 * 1024 * 1024;

/// A batch is what `instrument-agent` sends: messages, and how the agent stands. The answer is the highest stored number.
async fn messages(by: May<DeliverMessages>, lis: web::Data<Lis>, req: HttpRequest, body: web::Payload) -> Answer {
    let too_large = || Fault::from(BODY_TOO_LARGE.with("limit", BATCH_LIMIT_BYTES).at("body"));
    if announced_bytes(&req).is_some_and(|length| length > BATCH_LIMIT_BYTES as u64) {
        return Err(too_large().into());
    }
    let body = body
        .to_bytes_limited(BATCH_LIMIT_BYTES)
        .await
        .map_err(|_| too_large())?
        .map_err(|error| Fault::from(BODY_INVALID.with("detail", error).at("body")))?;
    let batch = web::block(move || {
        // An object, or a bare list of messages, as the agents before it sent.
        let messages = match body.trim_ascii_start().first() {
            Some(b'[') => document(&body)?,
            _ => document::<Delivery>(&body)?.messages,
        };
        Ok::<_, Fault>(Batch::open(&messages)?)
    })
    .await
    .map_err(Fault::broken)??;
    let (batch, language) = (Arc::new(batch), by.language);
    let stored = lis.db.write(move |tx| actions::deliver(tx, &by, &batch)).await;
    match stored {
        Ok(stored) => {
            lis.bell.ring();
            Ok(HttpResponse::Ok().json(Stored { stored }))
        }
        Err(Fault::Refused(refusal)) => match stored_before_hole(&refusal) {
            Some(stored) => {
                let missing = MessagesMissing { problem: ProblemDocument::of(&refusal, language), stored };
                let text = serde_json::to_string(&missing).map_err(Fault::broken)?;
                Ok(HttpResponse::Conflict().content_type(PROBLEM_JSON).body(text))
            }
            None => Err(refusal.into()),
        },
        Err(fault) => Err(fault.into()),
    }
}

/// The number that a refusal for a hole names.
fn stored_before_hole(refusal: &Refusal) -> Option<u64> {
    let hole = refusal.reasons.iter().find(|reason| reason.problem == MESSAGES_HOLE)?;
    match hole.facts.iter().find(|(name, _)| *name == "stored")? {
        (_, Fact::Text(text)) => text.parse().ok(),
        (_, Fact::Word(_)) => None,
    }
}

/// An instrument as programs see it.
#[derive(Serialize, utoipa::ToSchema)]
struct InstrumentView {
    id: InstrumentId,
    version: i64,
    code: String,
    name: String,
    maker: String,
    model: String,
    serial_no: String,
    /// The driver's profile that reads its messages.
    profile: String,
    status: String,
    #[schema(value_type = Option<String>, format = Date)]
    calibrated_until: Option<chrono::NaiveDate>,
    /// The smallest weight that the balance may weigh, in gram.
    minimum_weight_g: Option<String>,
}

impl From<InstrumentRow> for InstrumentView {
    fn from(row: InstrumentRow) -> Self {
        Self {
            id: row.id,
            version: row.version,
            code: row.code,
            name: row.name,
            maker: row.maker,
            model: row.model,
            serial_no: row.serial_no,
            profile: row.profile,
            status: row.status,
            calibrated_until: row.calibrated_until,
            minimum_weight_g: row.minimum_weight_g,
        }
    }
}

/// An instrument in the list, with what it brought.
#[derive(Serialize, utoipa::ToSchema)]
struct InstrumentLine {
    #[serde(flatten)]
    instrument: InstrumentView,
    /// When its last message came; nothing came yet: null.
    last_message_at: Option<Moment>,
    /// Rows of its messages that wait for a person.
    held: i64,
}

async fn instruments(_: May<SeeBench>, lis: web::Data<Lis>) -> Answer {
    let (rows, last, held) = lis
        .db
        .read(|conn| Ok((store::instruments(conn)?, store::last_messages(conn)?, store::held_counts(conn)?)))
        .await?;
    let line = |row: InstrumentRow| InstrumentLine {
        last_message_at: last.iter().find(|(code, _)| *code == row.code).and_then(|(_, at)| *at),
        held: held.iter().find(|(code, _)| *code == row.code).map_or(0, |(_, count)| *count),
        instrument: row.into(),
    };
    Ok(HttpResponse::Ok().json(Listed::whole(rows.into_iter().map(line).collect())))
}

async fn create(by: May<ManageInstruments>, lis: web::Data<Lis>, json: Json<InstrumentInput>) -> Answer {
    let request = json.keyed()?.clone();
    let facts = json.input.checked()?;
    let actor = by.clone();
    let saved: InstrumentSaved =
        lis.command(&actor, &request, move |tx| actions::create_instrument(tx, &by, &facts)).await?;
    versioned(HttpResponse::Created(), saved.version, &saved)
}

async fn change(
    by: May<ManageInstruments>,
    lis: web::Data<Lis>,
    id: web::Path<InstrumentId>,
    json: Json<InstrumentInput>,
) -> Answer {
    let (id, seen, facts) = (*id, json.seen.required()?, json.input.checked()?);
    let actor = by.clone();
    let saved: InstrumentSaved =
        lis.command(&actor, &json.request, move |tx| actions::change_instrument(tx, &by, id, seen, &facts)).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}

/// Rows of one answer.
const HELD_MOST: i64 = 500;

/// A row of a message that could not be filed.
#[derive(Serialize, utoipa::ToSchema)]
struct HeldView {
    id: ObservationId,
    message: MessageId,
    /// Sample, analyte, value and unit as the instrument prints them.
    sample: String,
    analyte: String,
    value: String,
    unit: String,
    flag: String,
    /// `sample`, `control` …: what was measured.
    role: String,
    /// Line, row or record of the message.
    place: String,
    /// Why it waits: a code, after a colon what it is about.
    reason: String,
}

impl From<ObservationRow> for HeldView {
    fn from(row: ObservationRow) -> Self {
        Self {
            id: row.id,
            message: row.message_id,
            sample: row.sample_ref,
            analyte: row.analyte_ref,
            value: row.value,
            unit: row.unit,
            flag: row.flag,
            role: row.role,
            place: row.source_place,
            reason: row.reason,
        }
    }
}

async fn held(_: May<RepairReadings>, lis: web::Data<Lis>, id: web::Path<InstrumentId>) -> Answer {
    let id = *id;
    let rows = lis
        .db
        .read(move |conn| {
            let instrument = store::instrument(conn, id)?.ok_or(NOT_FOUND)?;
            Ok(store::held_of(conn, &instrument.code, HELD_MOST)?)
        })
        .await?;
    Ok(HttpResponse::Ok().json(Listed::whole(rows.into_iter().map(HeldView::from).collect())))
}

async fn map_code(
    by: May<RepairReadings>,
    lis: web::Data<Lis>,
    id: web::Path<InstrumentId>,
    json: Json<MappingInput>,
) -> Answer {
    let (id, facts) = (*id, json.input.checked()?);
    let actor = by.clone();
    let replayed: Replayed =
        lis.command(&actor, &json.request, move |tx| actions::map_code(tx, &by, id, &facts)).await?;
    Ok(HttpResponse::Ok().json(replayed))
}

async fn replay(
    by: May<RepairReadings>,
    lis: web::Data<Lis>,
    id: web::Path<InstrumentId>,
    json: Json<Nothing>,
) -> Answer {
    let (id, actor) = (*id, by.clone());
    let replayed: Replayed = lis.command(&actor, &json.request, move |tx| actions::replay(tx, &by, id)).await?;
    Ok(HttpResponse::Ok().json(replayed))
}

/// The cell that the next weight of a balance goes into.
async fn aim(by: May<EnterResults>, lis: web::Data<Lis>, id: web::Path<InstrumentId>, json: Json<AimInput>) -> Answer {
    let (id, facts, actor) = (*id, json.input.checked()?, by.clone());
    lis.command(&actor, &json.request, move |tx| actions::aim(tx, &by, id, &facts)).await?;
    Ok(HttpResponse::NoContent().finish())
}
