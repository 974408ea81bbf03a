//! The history of instruments for programs.

use actix_web::{HttpResponse, web};

use super::PROBLEMS;
use super::actions::{self, CalibrationInput, EquipmentView, StatusInput};
use super::certificates::{self, CertificateFile, ConfirmationInput};
use super::upkeep::{self, UpkeepInput};
use crate::accounts::May;
use crate::accounts::role::{ManageInstruments, SeeBench, SeeEvidence};
use crate::app::Lis;
use crate::domain::ids::{CalibrationId, InstrumentId};
use crate::domain::refusal::{Fault, Outcome};
use crate::instruments::actions::InstrumentSaved;
use crate::web::routes::Routes;
use crate::web::{Answer, Json, Upload, versioned};

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
        .post("/api/v1/instruments/{id}/upkeep", add_upkeep)
        .about("Writes down acceptance, maintenance, repair or return to service; a return needs a check since the repair.")
        .versioned()
        .gives::<InstrumentSaved>()
        .refuses(PROBLEMS)
        .post("/api/v1/instruments/{id}/calibrations/{calibration}/file", keep_file)
        .about(
            "Keeps the file of a certificate, a PDF or a picture; the one that came last stands before earlier ones.",
        )
        .versioned()
        .gives::<InstrumentSaved>()
        .refuses(PROBLEMS)
        .get("/api/v1/instruments/{id}/calibrations/{calibration}/file", file)
        .about("The file of a certificate.")
        .gives_file("application/octet-stream")
        .post("/api/v1/instruments/{id}/calibrations/{calibration}/confirmation", confirm)
        .about("Says whether a certificate meets the need (metrological confirmation); what was said last holds.")
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

async fn keep_file(
    by: May<ManageInstruments>,
    lis: web::Data<Lis>,
    path: web::Path<(InstrumentId, CalibrationId)>,
    file: Upload,
) -> Answer {
    let (of, seen, request, actor) = (path.into_inner(), file.seen.required()?, file.request.clone(), by.clone());
    let kept = stored(&lis, file).await?;
    let saved: InstrumentSaved =
        lis.command(&actor, &request, move |tx| certificates::keep_file(tx, &by, of, seen, &kept)).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}

/// Looks at what came, and puts it into the store before the write that names it.
pub(super) async fn stored(lis: &Lis, file: Upload) -> Outcome<CertificateFile> {
    let kept = CertificateFile::of(&file.file_name, &file.sha256, &file.bytes)?;
    let files = lis.files.clone();
    web::block(move || files.put(&file.bytes)).await.map_err(Fault::broken)??;
    Ok(kept)
}

async fn file(_: May<SeeEvidence>, lis: web::Data<Lis>, path: web::Path<(InstrumentId, CalibrationId)>) -> Answer {
    file_of(&lis, path.into_inner()).await
}

/// The same file for pages and programs.
pub(super) async fn file_of(lis: &Lis, of: (InstrumentId, CalibrationId)) -> Answer {
    let row = lis.db.read(move |conn| certificates::file_of(conn, of)).await?;
    let (files, sha256) = (lis.files.clone(), row.sha256);
    let bytes = web::block(move || files.get(&sha256)).await.map_err(Fault::broken)?.map_err(Fault::from)?;
    let kind = row.content_type.rsplit('/').next().unwrap_or_default().to_owned();
    Ok(HttpResponse::Ok()
        .content_type(row.content_type)
        .insert_header(("Content-Disposition", format!("attachment; filename=\"certificate-{}.{kind}\"", of.1)))
        .body(bytes))
}

async fn confirm(
    by: May<ManageInstruments>,
    lis: web::Data<Lis>,
    path: web::Path<(InstrumentId, CalibrationId)>,
    json: Json<ConfirmationInput>,
) -> Answer {
    let (of, seen, said, actor) = (path.into_inner(), json.seen.required()?, json.input.checked()?, by.clone());
    let saved: InstrumentSaved =
        lis.command(&actor, &json.request, move |tx| certificates::confirm(tx, &by, of, seen, &said)).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}

async fn add_upkeep(
    by: May<ManageInstruments>,
    lis: web::Data<Lis>,
    id: web::Path<InstrumentId>,
    json: Json<UpkeepInput>,
) -> Answer {
    let (id, seen, facts, actor) = (*id, json.seen.required()?, json.input.checked()?, by.clone());
    let saved: InstrumentSaved =
        lis.command(&actor, &json.request, move |tx| upkeep::add_upkeep(tx, &by, id, seen, &facts)).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}
