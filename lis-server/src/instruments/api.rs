//! Instruments for programs: the agents' messages, instruments, held rows, mappings.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::{self, Bytes};
use instrument_drivers::agent::WireMessage;
use serde_json::json;

use super::actions::{self, AimInput, Batch, InstrumentInput, InstrumentSaved, MappingInput, Replayed};
use super::store;
use crate::accounts::May;
use crate::accounts::role::{DeliverMessages, EnterResults, ManageInstruments, RepairReadings};
use crate::app::Lis;
use crate::domain::ids::InstrumentId;
use crate::domain::refusal::Fault;
use crate::web::reading::BODY_INVALID;
use crate::web::routes::Routes;
use crate::web::{Answer, Json};

pub fn routes() -> Routes {
    Routes::new()
        .post("/api/v1/agent/messages", messages)
        .get("/api/v1/instruments", instruments)
        .post("/api/v1/instruments", create)
        .put("/api/v1/instruments/{id}", change)
        .get("/api/v1/instruments/{id}/held", held)
        .post("/api/v1/instruments/{id}/mappings", map_code)
        .post("/api/v1/instruments/{id}/replay", replay)
        .post("/api/v1/instruments/{id}/capture-target", aim)
        .takes::<AimInput>()
}

/// A batch is a JSON list of messages as `instrument-agent` sends them; the answer is the highest stored number.
async fn messages(by: May<DeliverMessages>, lis: web::Data<Lis>, body: Bytes) -> Answer {
    let batch = web::block(move || {
        let wire: Vec<WireMessage> = serde_json::from_slice(&body)
            .map_err(|error| Fault::from(BODY_INVALID.with("detail", error).at("body")))?;
        Ok::<_, Fault>(Batch::open(&wire)?)
    })
    .await
    .map_err(Fault::broken)??;
    let batch = Arc::new(batch);
    let stored = lis.db.write(move |tx| actions::deliver(tx, &by, &batch)).await;
    match stored {
        Ok(stored) => {
            lis.bell.ring();
            Ok(HttpResponse::Ok().json(json!({"stored": stored})))
        }
        Err(Fault::Refused(refusal)) if refusal.reasons.iter().any(|r| r.problem == super::MESSAGES_HOLE) => {
            // The agent goes back to the number that the server names.
            let stored = refusal.reasons.iter().flat_map(|r| &r.facts).find(|(name, _)| *name == "stored");
            let stored: u64 = match stored {
                Some((_, crate::domain::refusal::Fact::Text(text))) => text.parse().unwrap_or(0),
                _ => 0,
            };
            Ok(HttpResponse::Conflict().content_type("application/problem+json").body(
                json!({
                    "type": "/problems/messages-hole", "title": "Messages are missing", "status": 409,
                    "detail": format!("The stream is stored up to {stored}."), "stored": stored,
                })
                .to_string(),
            ))
        }
        Err(fault) => Err(fault.into()),
    }
}

async fn instruments(_: May<ManageInstruments>, lis: web::Data<Lis>) -> Answer {
    let rows = lis.db.read(|conn| Ok(store::instruments(conn)?)).await?;
    let items: Vec<_> = rows
        .iter()
        .map(|row| {
            json!({
                "id": row.id, "version": row.version, "code": row.code, "name": row.name, "maker": row.maker,
                "model": row.model, "serial_no": row.serial_no, "profile": row.profile, "status": row.status,
                "calibrated_until": row.calibrated_until,
            })
        })
        .collect();
    Ok(HttpResponse::Ok().json(json!({"items": items, "next": "", "more": false})))
}

async fn create(by: May<ManageInstruments>, lis: web::Data<Lis>, json: Json<InstrumentInput>) -> Answer {
    let request = json.keyed()?.clone();
    let facts = json.input.checked()?;
    let actor = by.clone();
    let saved: InstrumentSaved =
        lis.command(&actor, &request, move |tx| actions::create_instrument(tx, &by, &facts)).await?;
    Ok(HttpResponse::Created().insert_header(("ETag", format!("\"{}\"", saved.version))).json(saved))
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
    Ok(HttpResponse::Ok().insert_header(("ETag", format!("\"{}\"", saved.version))).json(saved))
}

/// Rows of one answer.
const HELD_MOST: i64 = 500;

async fn held(_: May<RepairReadings>, lis: web::Data<Lis>, id: web::Path<InstrumentId>) -> Answer {
    let id = *id;
    let rows = lis
        .db
        .read(move |conn| {
            let instrument = store::instrument(conn, id)?.ok_or(crate::domain::refusal::NOT_FOUND)?;
            Ok(store::held_of(conn, &instrument.code, HELD_MOST)?)
        })
        .await?;
    let items: Vec<_> = rows
        .iter()
        .map(|row| {
            json!({
                "id": row.id, "message": row.message_id, "sample": row.sample_ref, "analyte": row.analyte_ref,
                "value": row.value, "unit": row.unit, "flag": row.flag, "role": row.role, "place": row.source_place,
                "reason": row.reason,
            })
        })
        .collect();
    Ok(HttpResponse::Ok().json(json!({"items": items, "next": "", "more": false})))
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

async fn replay(by: May<RepairReadings>, lis: web::Data<Lis>, id: web::Path<InstrumentId>) -> Answer {
    let id = *id;
    let replayed: Replayed = lis.db.write(move |tx| actions::replay(tx, &by, id)).await?;
    Ok(HttpResponse::Ok().json(replayed))
}

/// The cell that the next weight of a balance goes into.
async fn aim(by: May<EnterResults>, lis: web::Data<Lis>, id: web::Path<InstrumentId>, json: Json<AimInput>) -> Answer {
    let (id, facts, actor) = (*id, json.input.checked()?, by.clone());
    lis.command(&actor, &json.request, move |tx| actions::aim(tx, &by, id, &facts)).await?;
    Ok(HttpResponse::NoContent().finish())
}
