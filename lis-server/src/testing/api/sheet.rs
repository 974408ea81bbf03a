//! One worksheet for programs: what its tester enters, the lots that he used, its submission and its correction.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::super::USED_BEFORE_SHEET;
use super::super::actions::{
    self, Bench, Corrected, CorrectionInput, EntryInput, LotsInput, LotsSet, RawRecord, Saved, Submission,
    SubmissionInput, Submitted,
};
use super::super::pages::on_paper;
use crate::accounts::May;
use crate::accounts::role::{EnterResults, SeeBench};
use crate::app::Lis;
use crate::catalogue::actions::current;
use crate::db::Tx;
use crate::domain::ids::{PersonId, WorksheetId};
use crate::domain::refusal::Outcome;
use crate::instruments::{INSTRUMENT_STOPPED, equipment};
use crate::quality::environment::{ROOM_OUTSIDE, ROOM_UNREAD};
use crate::quality::gates::WARNINGS_UNCONFIRMED;
use crate::quality::lots::{LOT_EXPIRED, LOT_REJECTED, LOT_UNCHECKED, LOT_UNKNOWN, LOTS_UNNAMED};
use crate::quality::suppliers::SUPPLIER_UNAPPROVED;
use crate::web::routes::Routes;
use crate::web::{Answer, Json, Ui, versioned};

pub fn routes() -> Routes {
    Routes::new()
        .post("/api/v1/worksheets/{id}/entries", save_entries)
        .about("Appends typed values, all or none. An entry of a known UUID is kept once.")
        .gives::<Saved>()
        .get("/api/v1/worksheets/{id}/record", record)
        .about("The raw record: every cell of the sheet with everything that was entered into it, who, when and why.")
        .gives::<RawRecord>()
        .get("/api/v1/worksheets/{id}/record/pdf", printed)
        .about("The raw record on paper, with its calculation, controls, curves, rooms and signatures.")
        .gives_file("application/pdf")
        .post("/api/v1/worksheets/{id}/submission", submit)
        .about(
            "Calculates and judges every item of the sheet and gives the controls their verdict. What is still unsaved in its \
             cells is saved with it, by the rules of `/entries`, all or nothing. Warnings of gates need a reason.",
        )
        .versioned()
        .gives::<Submitted>()
        .refuses(equipment::PROBLEMS)
        .refuses(&[INSTRUMENT_STOPPED, LOT_EXPIRED, LOTS_UNNAMED, ROOM_OUTSIDE, ROOM_UNREAD, WARNINGS_UNCONFIRMED])
        .refuses(&[LOT_REJECTED, LOT_UNCHECKED, SUPPLIER_UNAPPROVED])
        .post("/api/v1/worksheets/{id}/lots", set_lots)
        .about("Names the lots that the sheet used, in place of those named before.")
        .versioned()
        .gives::<LotsSet>()
        .refuses(&[LOT_UNKNOWN, equipment::DAY_TO_COME, USED_BEFORE_SHEET])
        .post("/api/v1/worksheets/{id}/corrections", correct)
        .about("Corrects a value of a submitted sheet: new versions of all that rests on it, and non-conforming work.")
        .keyed()
        .gives::<Corrected>()
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct EntriesInput {
    entries: Vec<EntryInput>,
}

async fn save_entries(
    by: May<EnterResults>,
    lis: web::Data<Lis>,
    id: web::Path<WorksheetId>,
    json: Json<EntriesInput>,
) -> Answer {
    let Json { input, request, .. } = json;
    let (id, actor) = (*id, by.clone());
    let (catalogue, hours) = (lis.db.read(current).await?, lis.config.late_entry_hours);
    let work = move |tx: &mut Tx| actions::save_entries(tx, &by, &catalogue, id, (&input.entries, hours));
    let saved: Saved = lis.command(&actor, &request, work).await?;
    Ok(HttpResponse::Ok().json(saved))
}

async fn record(_: May<SeeBench>, lis: web::Data<Lis>, id: web::Path<WorksheetId>) -> Answer {
    let id = *id;
    let record: RawRecord = lis.db.read(move |conn| actions::raw_record(conn, id)).await?;
    versioned(HttpResponse::Ok(), record.sheet.version, &record)
}

async fn printed(by: May<SeeBench>, ui: Ui, lis: web::Data<Lis>, id: web::Path<WorksheetId>) -> Answer {
    on_paper(&lis, &by, &ui, *id).await
}

/// What a submission needs to know before the write.
pub(in super::super) async fn bench_of(
    lis: &Lis,
    person: PersonId,
    id: WorksheetId,
    submission: &Submission,
) -> Outcome<Bench> {
    let (now, typed) = (lis.clock.now(), submission.entries.clone());
    lis.db.read(move |conn| Bench::of(conn, (person, now), id, &typed)).await
}

async fn submit(
    by: May<EnterResults>,
    lis: web::Data<Lis>,
    id: web::Path<WorksheetId>,
    json: Json<SubmissionInput>,
) -> Answer {
    let Json { input, request, seen, .. } = json;
    let (id, seen, actor) = (*id, seen.required()?, by.clone());
    let submission = input.checked(lis.config.late_entry_hours)?;
    let bench = bench_of(&lis, by.person, id, &submission).await?;
    let work = move |tx: &mut Tx| actions::submit(tx, &by, &bench, (id, seen), &submission);
    let submitted: Submitted = lis.command(&actor, &request, work).await?;
    versioned(HttpResponse::Ok(), submitted.version, &submitted)
}

async fn set_lots(
    by: May<EnterResults>,
    lis: web::Data<Lis>,
    id: web::Path<WorksheetId>,
    json: Json<LotsInput>,
) -> Answer {
    let (id, seen, facts, actor) = (*id, json.seen.required()?, json.input.checked()?, by.clone());
    let set: LotsSet =
        lis.command(&actor, &json.request, move |tx| actions::set_lots(tx, &by, id, seen, &facts)).await?;
    versioned(HttpResponse::Ok(), set.version, &set)
}

async fn correct(
    by: May<EnterResults>,
    lis: web::Data<Lis>,
    id: web::Path<WorksheetId>,
    json: Json<CorrectionInput>,
) -> Answer {
    let request = json.keyed()?.clone();
    let entry = json.input.checked()?;
    let (id, actor) = (*id, by.clone());
    let catalogue = lis.db.read(current).await?;
    let corrected: Corrected =
        lis.command(&actor, &request, move |tx| actions::correct_entry(tx, &by, &catalogue, id, &entry)).await?;
    versioned(HttpResponse::Ok(), corrected.version, &corrected)
}
