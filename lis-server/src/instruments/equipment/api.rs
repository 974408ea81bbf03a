//! The history of instruments for programs.

use actix_web::{HttpResponse, web};

use super::PROBLEMS;
use super::actions::{self, CalibrationInput, EquipmentView, StatusInput};
use crate::accounts::May;
use crate::accounts::role::{ManageInstruments, SeeBench};
use crate::app::Lis;
use crate::domain::ids::InstrumentId;
use crate::instruments::actions::InstrumentSaved;
use crate::web::routes::Routes;
use crate::web::{Answer, Json, versioned};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/instruments/{id}/history", history)
        .about("An instrument as equipment: status today, every change of it, calibrations and intermediate checks.")
        .gives::<EquipmentView>()
        .post("/api/v1/instruments/{id}/status", change_status)
        .about("Changes the status of an instrument from a day on, with a reason.")
        .versioned()
        .gives::<InstrumentSaved>()
        .refuses(PROBLEMS)
        .post("/api/v1/instruments/{id}/calibrations", add_calibration)
        .about("Adds a calibration or an intermediate check.")
        .versioned()
        .gives::<InstrumentSaved>()
        .refuses(PROBLEMS)
}

async fn history(_: May<SeeBench>, lis: web::Data<Lis>, id: web::Path<InstrumentId>) -> Answer {
    let (id, today) = (*id, lis.clock.now().date_in_china());
    let view = lis.db.read(move |conn| actions::history(conn, id, today)).await?;
    versioned(HttpResponse::Ok(), view.version, &view)
}

async fn change_status(
    by: May<ManageInstruments>,
    lis: web::Data<Lis>,
    id: web::Path<InstrumentId>,
    json: Json<StatusInput>,
) -> Answer {
    let (id, seen, facts, actor) = (*id, json.seen.required()?, json.input.checked()?, by.clone());
    let saved: InstrumentSaved =
        lis.command(&actor, &json.request, move |tx| actions::change_status(tx, &by, id, seen, &facts)).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}

async fn add_calibration(
    by: May<ManageInstruments>,
    lis: web::Data<Lis>,
    id: web::Path<InstrumentId>,
    json: Json<CalibrationInput>,
) -> Answer {
    let (id, seen, facts, actor) = (*id, json.seen.required()?, json.input.checked()?, by.clone());
    let saved: InstrumentSaved =
        lis.command(&actor, &json.request, move |tx| actions::add_calibration(tx, &by, id, seen, &facts)).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}
