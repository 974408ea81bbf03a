//! Instruments for programs: what agents bring and ask (`delivery`), the inbox (`inbox`), instruments, held rows, mappings.

mod delivery;
mod inbox;

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::actions::{self, AimInput, InstrumentInput, InstrumentSaved, MappingInput, MappingPreview, Replayed};
use super::agents::{self, Heard, Measure};
use super::damaged;
use super::equipment::INSTRUMENT_OWN_STEP;
use super::store::{self, InstrumentRow, ObservationRow};
use crate::accounts::May;
use crate::accounts::role::{EnterResults, ManageInstruments, RepairReadings, SeeBench};
use crate::app::Lis;
use crate::domain::clock::Moment;
use crate::domain::ids::{InstrumentId, MessageId, ObservationId};
use crate::domain::refusal::NOT_FOUND;
use crate::web::language::Language;
use crate::web::paging::Listed;
use crate::web::routes::Routes;
use crate::web::{Answer, Json, Nothing, Ui, versioned};

pub fn routes() -> Routes {
    delivery::routes()
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
    /// Why it waits: a code, after a colon what it is about. What could not be read is `damaged:` and a sentence in the language of
    /// `Accept-Language`, else of the person.
    reason: String,
    /// Of `damaged:` the same as a code; empty: another reason, or kept before there were codes.
    trouble_code: String,
    /// What that code is about, by name.
    trouble_facts: BTreeMap<String, String>,
}

impl HeldView {
    fn of(row: ObservationRow, language: Language) -> Self {
        let why = damaged::why(&row.reason);
        Self {
            reason: damaged::worded(&row.reason, language),
            trouble_code: why.as_ref().map_or("", |why| why.code()).to_owned(),
            trouble_facts: why.as_ref().map(damaged::facts).unwrap_or_default(),
            id: row.id,
            message: row.message_id,
            sample: row.sample_ref,
            analyte: row.analyte_ref,
            value: row.value,
            unit: row.unit,
            flag: row.flag,
            role: row.role,
            place: row.source_place,
        }
    }
}

async fn held(_: May<RepairReadings>, ui: Ui, lis: web::Data<Lis>, id: web::Path<InstrumentId>) -> Answer {
    let id = *id;
    let rows = lis
        .db
        .read(move |conn| {
            let instrument = store::instrument(conn, id)?.ok_or(NOT_FOUND)?;
            Ok(store::held_of(conn, &instrument.code, HELD_MOST)?)
        })
        .await?;
    let views = rows.into_iter().map(|row| HeldView::of(row, ui.language));
    Ok(HttpResponse::Ok().json(Listed::whole(views.collect())))
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
