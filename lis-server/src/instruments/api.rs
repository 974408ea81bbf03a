//! Instruments for programs: the agents' messages, instruments, held rows, mappings.

mod inbox;

use std::sync::Arc;

use actix_web::http::header::{ETAG, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse, web};
use instrument_drivers::agent::Delivery;
use instrument_drivers::agent::http::DELIVERY_LIMIT_BYTES;
use instrument_drivers::work::{Dispatch, Work, WorkList};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};

use super::actions::{self, AimInput, Batch, InstrumentInput, InstrumentSaved, MappingInput, MappingPreview, Replayed};
use super::agents::{self, Heard, Measure};
use super::equipment::INSTRUMENT_OWN_STEP;
use super::store::{self, InstrumentRow, ObservationRow};
use crate::accounts::May;
use crate::accounts::role::{DeliverMessages, EnterResults, ManageInstruments, RepairReadings, SeeBench};
use crate::app::Lis;
use crate::domain::clock::Moment;
use crate::domain::ids::{InstrumentId, MessageId, ObservationId};
use crate::domain::refusal::{Fault, NOT_FOUND};
use crate::web::paging::Listed;
use crate::web::problem::{PROBLEM_JSON, ProblemDocument};
use crate::web::reading::{BODY_INVALID, BODY_TOO_LARGE, document};
use crate::web::routes::Routes;
use crate::web::upload::announced_bytes;
use crate::web::{Answer, Asked, Json, Nothing, Ui, versioned};

pub fn routes() -> Routes {
    Routes::new()
        .post("/api/v1/agent/messages", messages)
        .about("Stores what an agent brings, each byte once, and how it stands. What is stored already is passed over.")
        .takes::<AgentMessages>()
        .gives::<Stored>()
        .refuses_as::<MessagesMissing>(409)
        .get("/api/v1/agent/worklists", work_lists)
        .about("What waits at instruments that ask, from open worksheets. `If-None-Match` with the `ETag` of an earlier answer: 304 while it is as it was.")
        .gives::<Listed<WorkListView>>()
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
        .about(
            "Maps a code that the instrument prints, and replays its held rows; as the preview showed, or not at all.",
        )
        .gives::<Replayed>()
        .post("/api/v1/instruments/{id}/mappings/preview", preview_mapping)
        .about("Says what mapping a code would do with the held rows of the instrument. Nothing is changed.")
        .repeatable()
        .gives::<MappingPreview>()
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
            .property("kind", text("`message` (complete), `file` (whole), `partial` (never completed) or `withheld` (a note in the place of a message that the server did not take)."))
            .required("kind")
            .property("received_at", text("When the last byte came.").format(Some(moment)))
            .required("received_at")
            .property("sha256", text("SHA-256 of the bytes, 64 hexadecimal digits."))
            .required("sha256")
            .property("bytes", text("The bytes in base64, standard alphabet with padding."))
            .required("bytes")
            .property("file_name", text("Of a file."));
        let messages =
            ArrayBuilder::new().items(message).description(Some("None when the agent only says that it lives."));
        let status = ObjectBuilder::new().description(Some("How the agent stands; shown, never judged by."));
        ObjectBuilder::new().property("messages", messages).property("status", status).into()
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

/// A batch is what `instrument-agent` sends: messages, and how the agent stands. The answer is the highest stored number.
async fn messages(by: May<DeliverMessages>, lis: web::Data<Lis>, req: HttpRequest, body: web::Payload) -> Answer {
    let too_large = || Fault::from(BODY_TOO_LARGE.with("limit", DELIVERY_LIMIT_BYTES).at("body"));
    if announced_bytes(&req).is_some_and(|length| length > DELIVERY_LIMIT_BYTES as u64) {
        return Err(too_large().into());
    }
    let body = body
        .to_bytes_limited(DELIVERY_LIMIT_BYTES)
        .await
        .map_err(|_| too_large())?
        .map_err(|error| Fault::from(BODY_INVALID.with("detail", error).at("body")))?;
    let batch = web::block(move || {
        // An object, or a bare list of messages, as the agents before it sent.
        let delivery = match body.trim_ascii_start().first() {
            Some(b'[') => Delivery { messages: document(&body)?, status: None },
            _ => document(&body)?,
        };
        Ok::<_, Fault>(Batch::open(delivery)?)
    })
    .await
    .map_err(Fault::broken)??;
    let (batch, language, real) = (Arc::new(batch), Ui::of(&req).language, lis.clock.real());
    let brings = !batch.messages.is_empty();
    let stored = lis.db.write(move |tx| actions::deliver(tx, &by, &batch, real)).await;
    match stored {
        Ok(stored) => {
            if brings {
                lis.bell.ring();
            }
            Ok(HttpResponse::Ok().json(Stored { stored }))
        }
        Err(Fault::Refused(refusal)) => match actions::stored_before_hole(&refusal) {
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

#[derive(Deserialize, Default, utoipa::IntoParams)]
#[serde(default)]
struct WorkListQuery {
    /// Code of an instrument; left out: every instrument.
    instrument: Option<String>,
}

/// What waits at one instrument.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = InstrumentWorkList)]
struct WorkListView {
    /// Code of the instrument.
    instrument: String,
    samples: Vec<WorkView>,
    /// What persons have sent and no agent has said of yet how it went.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dispatches: Vec<WaitingDispatch>,
}

/// A worksheet on its way to the instrument: its orders, or its sequence file.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = WaitingDispatch)]
struct WaitingDispatch {
    id: i64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    samples: Vec<WorkView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<WaitingFile>,
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = WaitingFile)]
struct WaitingFile {
    name: String,
    /// Base64, standard alphabet with padding.
    bytes: String,
}

/// What is to be measured of one container.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = InstrumentWork)]
struct WorkView {
    /// The code on the container, or of a control on its worksheet.
    label_code: String,
    /// As the instrument calls them.
    tests: Vec<String>,
    /// Keys of analytes for which the instrument has no name yet, or several.
    unnamed: Vec<String>,
    /// Tests of open worksheets that are wanted no more, as the instrument calls them.
    cancelled: Vec<String>,
}

impl From<Work> for WorkView {
    fn from(work: Work) -> Self {
        Self { label_code: work.label_code, tests: work.tests, unnamed: work.unnamed, cancelled: work.cancelled }
    }
}

impl From<Dispatch> for WaitingDispatch {
    fn from(dispatch: Dispatch) -> Self {
        Self {
            id: dispatch.id,
            samples: dispatch.samples.into_iter().map(WorkView::from).collect(),
            file: dispatch.file.map(|file| WaitingFile { name: file.name, bytes: file.bytes }),
        }
    }
}

impl From<WorkList> for WorkListView {
    fn from(list: WorkList) -> Self {
        Self {
            instrument: list.instrument,
            samples: list.samples.into_iter().map(WorkView::from).collect(),
            dispatches: list.dispatches.into_iter().map(WaitingDispatch::from).collect(),
        }
    }
}

/// Agents ask again and again: an answer that they have is not sent once more.
async fn work_lists(
    _: May<DeliverMessages>,
    lis: web::Data<Lis>,
    req: HttpRequest,
    query: Asked<WorkListQuery>,
) -> Answer {
    let code = query.into_inner().instrument;
    let lists = lis.db.read(move |conn| actions::work_lists(conn, code.as_deref())).await?;
    let listed = Listed::whole(lists.into_iter().map(WorkListView::from).collect());
    let body = serde_json::to_vec(&listed).map_err(Fault::broken)?;
    let tag = format!("\"{}\"", hex::encode(Sha256::digest(&body)));
    let known = req.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()) == Some(tag.as_str());
    if known {
        return Ok(HttpResponse::NotModified().insert_header((ETAG, tag)).finish());
    }
    Ok(HttpResponse::Ok().insert_header((ETAG, tag)).content_type("application/json").body(body))
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
    /// Name and version of its software or firmware.
    software: String,
    location: String,
    /// Number and place of its manual.
    manual: String,
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
            software: row.software,
            location: row.location,
            manual: row.manual,
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
    /// What its agent last said; no agent ever named it: null.
    agent: Option<AgentView>,
}

/// What the agent of an instrument last said of itself. Backlog, withheld messages and clock are those of the whole agent.
#[derive(Serialize, utoipa::ToSchema)]
struct AgentView {
    /// Name of the agent in its configuration.
    name: String,
    /// Of its program.
    version: String,
    /// `connected`, `port_closed` (the agent lives) or `silent` (three reports of the agent did not come).
    standing: &'static str,
    /// When it was last heard, by the server's clock.
    reported_at: Moment,
    /// Where the instrument is connected.
    port: String,
    /// Why the port cannot be served; empty: it can.
    port_error: String,
    /// Why the agent could not bring its messages before that; empty: it could.
    forward_error: String,
    /// When the instrument last sent something, by the agent's clock.
    last_message_at: Option<Moment>,
    /// Messages that waited for the server.
    backlog: i64,
    /// Messages that the server did not take and that lie on the agent's disk.
    withheld: i64,
    /// Milliseconds by which the agent's clock is ahead of the server's, good to a second; not known: null.
    clock_difference_ms: Option<i64>,
    /// Whether that is more than the laboratory allows (`LIS_AGENT_CLOCK_TOLERANCE_S`).
    clock_wrong: bool,
}

impl From<Heard> for AgentView {
    fn from(heard: Heard) -> Self {
        let Heard { row, standing, clock_wrong } = heard;
        Self {
            name: row.agent,
            version: row.program_version,
            standing: standing.code(),
            reported_at: row.reported_at,
            port: row.port,
            port_error: row.port_error,
            forward_error: row.forward_error,
            last_message_at: row.last_message_at,
            backlog: row.backlog,
            withheld: row.withheld,
            clock_difference_ms: row.clock_difference_ms,
            clock_wrong,
        }
    }
}

async fn instruments(_: May<SeeBench>, lis: web::Data<Lis>) -> Answer {
    let measure = Measure::new(lis.clock.real(), &lis.config);
    let (rows, last, held, heard) = lis
        .db
        .read(move |conn| {
            let heard = agents::heard(conn, measure)?;
            Ok((store::instruments(conn)?, store::last_messages(conn)?, store::held_counts(conn)?, heard))
        })
        .await?;
    let line = |row: InstrumentRow| InstrumentLine {
        last_message_at: last.iter().find(|(code, _)| *code == row.code).and_then(|(_, at)| *at),
        held: held.iter().find(|(code, _)| *code == row.code).map_or(0, |(_, count)| *count),
        agent: heard.iter().find(|heard| heard.row.instrument_code == row.code).cloned().map(AgentView::from),
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

async fn preview_mapping(
    _: May<RepairReadings>,
    lis: web::Data<Lis>,
    id: web::Path<InstrumentId>,
    json: Json<MappingInput>,
) -> Answer {
    let (id, facts, now) = (*id, json.input.checked()?, lis.clock.now());
    let preview = lis.db.read(move |conn| actions::preview_mapping(conn, id, &facts, now)).await?;
    Ok(HttpResponse::Ok().json(preview))
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
