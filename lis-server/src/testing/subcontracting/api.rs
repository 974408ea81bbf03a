//! Subcontracting for programs.

use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::super::actions::{ItemReasonInput, ItemStepped};
use super::actions::{
    self, Consent, ConsentInput, ConsentSaved, ForeignReport, ResultInput, ResultReceived, SendingInput, SentItem,
    SubcontractorInput, SubcontractorSaved, SubcontractorView,
};
use crate::accounts::May;
use crate::accounts::role::{AssignItems, KeepSubcontractors, SeeEvidence};
use crate::app::Lis;
use crate::domain::ids::{ItemId, SampleId, SubcontractorId};
use crate::domain::refusal::{Fault, Outcome};
use crate::samples::actions as samples;
use crate::web::paging::{self, LIMIT, Listed, PageQuery};
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Json, Upload, versioned};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/subcontractors", register)
        .about("The register of laboratories that may test for this one, in order of id.")
        .gives::<Listed<SubcontractorView>>()
        .post("/api/v1/subcontractors", add)
        .about("Puts a laboratory into the register, evaluated by whoever does it.")
        .keyed()
        .creates::<SubcontractorSaved>()
        .put("/api/v1/subcontractors/{id}", change)
        .about("Evaluates a laboratory of the register anew.")
        .versioned()
        .gives::<SubcontractorSaved>()
        .get("/api/v1/samples/{id}/subcontract-consent", consent)
        .about("What the client or the ordering authority of a sample says to subcontracting.")
        .gives::<ConsentState>()
        .post("/api/v1/samples/{id}/subcontract-consent", record_consent)
        .about("Records what the client or the ordering authority says; it holds in place of everything said before.")
        .keyed()
        .creates::<ConsentSaved>()
        .get("/api/v1/subcontracted-items", sent)
        .about("Items at other laboratories, in order of id.")
        .gives::<Listed<SentItem>>()
        .post("/api/v1/items/{id}/subcontract", subcontract)
        .about("Sends an item to a laboratory of the register that is accredited for its method, with consent.")
        .versioned()
        .gives::<ItemStepped>()
        .post("/api/v1/items/{id}/take-back", take_back)
        .about("Takes an item back from another laboratory, with a reason; it waits for a tester again.")
        .versioned()
        .gives::<ItemStepped>()
        .post("/api/v1/items/{id}/subcontract-result", receive_result)
        .about("Brings the other laboratory's report (PDF) and its result, which is judged here and then checked.")
        .beside(RESULT_FIELDS)
        .versioned()
        .keyed()
        .gives::<ResultReceived>()
        .get("/api/v1/items/{id}/subcontract-report", report)
        .about("The other laboratory's report behind an item's result.")
        .gives_file("application/pdf")
}

/// What comes beside the report's file.
const RESULT_FIELDS: &[(&str, &str)] = &[
    ("values", "As printed; of a sampling plan every unit in its order, separated by `;`."),
    ("unit", "Empty: the unit of the item."),
    ("lod", "The other laboratory's limit of detection, in the same unit; may be empty."),
    ("loq", "Its limit of quantification; may be empty."),
    ("uncertainty", "Its expanded uncertainty, in the same unit or in percent (`12 %`); may be empty."),
    ("k", "The coverage factor of its uncertainty."),
    ("report_no", "Number of the report."),
    ("reported_on", "Date of the report."),
];

async fn register(_: May<KeepSubcontractors>, lis: web::Data<Lis>, query: Asked<PageQuery>) -> Answer {
    let limit = paging::limit(query.limit, LIMIT)?;
    let (after, today) = (query.after.unwrap_or(0), lis.clock.now().date_in_china());
    let found = lis.db.read(move |conn| actions::subcontractors(conn, after, limit + 1, today)).await?;
    Ok(HttpResponse::Ok().json(Listed::of(found, limit, |one| one.id.to_string(), |one| one)))
}

async fn add(by: May<KeepSubcontractors>, lis: web::Data<Lis>, json: Json<SubcontractorInput>) -> Answer {
    let request = json.keyed()?.clone();
    let (facts, actor) = (json.input.checked()?, by.clone());
    let saved: SubcontractorSaved =
        lis.command(&actor, &request, move |tx| actions::add_subcontractor(tx, &by, &facts)).await?;
    versioned(HttpResponse::Created(), saved.version, &saved)
}

async fn change(
    by: May<KeepSubcontractors>,
    lis: web::Data<Lis>,
    id: web::Path<SubcontractorId>,
    json: Json<SubcontractorInput>,
) -> Answer {
    let (id, seen, facts, actor) = (*id, json.seen.required()?, json.input.checked()?, by.clone());
    let saved: SubcontractorSaved =
        lis.command(&actor, &json.request, move |tx| actions::change_subcontractor(tx, &by, id, seen, &facts)).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}

/// Whether items of a sample may be subcontracted.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = SubcontractConsentState)]
struct ConsentState {
    agreed: bool,
    /// What was said last; null: nobody was asked.
    said: Option<Consent>,
}

async fn consent(_: May<AssignItems>, lis: web::Data<Lis>, id: web::Path<SampleId>) -> Answer {
    let id = *id;
    let said = lis
        .db
        .read(move |conn| {
            let sample = samples::facts(conn, id)?;
            actions::consent_of(conn, &sample)
        })
        .await?;
    let agreed = said.as_ref().is_some_and(|said| said.agreed);
    Ok(HttpResponse::Ok().json(ConsentState { agreed, said }))
}

async fn record_consent(
    by: May<AssignItems>,
    lis: web::Data<Lis>,
    id: web::Path<SampleId>,
    json: Json<ConsentInput>,
) -> Answer {
    let request = json.keyed()?.clone();
    let (id, facts, actor) = (*id, json.input.checked()?, by.clone());
    let saved: ConsentSaved =
        lis.command(&actor, &request, move |tx| actions::record_consent(tx, &by, id, &facts)).await?;
    Ok(HttpResponse::Created().json(saved))
}

async fn sent(_: May<AssignItems>, lis: web::Data<Lis>, query: Asked<PageQuery>) -> Answer {
    let limit = paging::limit(query.limit, LIMIT)?;
    let after = query.after.unwrap_or(0);
    let found = lis.db.read(move |conn| actions::sent_items(conn, after, limit + 1)).await?;
    Ok(HttpResponse::Ok().json(Listed::of(found, limit, |item| item.id.to_string(), |item| item)))
}

async fn subcontract(
    by: May<AssignItems>,
    lis: web::Data<Lis>,
    id: web::Path<ItemId>,
    json: Json<SendingInput>,
) -> Answer {
    let (id, seen, facts, actor) = (*id, json.seen.required()?, json.input.checked()?, by.clone());
    let stepped: ItemStepped =
        lis.command(&actor, &json.request, move |tx| actions::subcontract(tx, &by, id, seen, &facts)).await?;
    versioned(HttpResponse::Ok(), stepped.version, &stepped)
}

async fn take_back(
    by: May<AssignItems>,
    lis: web::Data<Lis>,
    id: web::Path<ItemId>,
    json: Json<ItemReasonInput>,
) -> Answer {
    let (id, seen, reason, actor) = (*id, json.seen.required()?, json.input.checked()?, by.clone());
    let stepped: ItemStepped =
        lis.command(&actor, &json.request, move |tx| actions::take_back(tx, &by, id, seen, &reason)).await?;
    versioned(HttpResponse::Ok(), stepped.version, &stepped)
}

async fn receive_result(by: May<AssignItems>, lis: web::Data<Lis>, id: web::Path<ItemId>, file: Upload) -> Answer {
    let (id, seen, request, actor) = (*id, file.seen.required()?, file.keyed()?.clone(), by.clone());
    let report = stored(&lis, &result_of(&file), file).await?;
    let received: ResultReceived =
        lis.command(&actor, &request, move |tx| actions::receive_result(tx, &by, id, seen, &report)).await?;
    versioned(HttpResponse::Ok(), received.version, &received)
}

/// The fields beside a report's file.
pub(super) fn result_of(file: &Upload) -> ResultInput {
    let text = |name: &str| file.text(name).to_owned();
    ResultInput {
        values: text("values"),
        unit: text("unit"),
        lod: text("lod"),
        loq: text("loq"),
        uncertainty: text("uncertainty"),
        k: text("k"),
        report_no: text("report_no"),
        reported_on: text("reported_on"),
    }
}

/// Checks what came, and puts the file into the store before the write that names it.
pub(super) async fn stored(lis: &Lis, input: &ResultInput, file: Upload) -> Outcome<ForeignReport> {
    let report = input.checked(&file.file_name, &file.sha256, &file.bytes)?.simply(lis.config.subcontract_simple);
    let files = lis.files.clone();
    web::block(move || files.put(&file.bytes)).await.map_err(Fault::broken)??;
    Ok(report)
}

async fn report(_: May<SeeEvidence>, lis: web::Data<Lis>, id: web::Path<ItemId>) -> Answer {
    report_of(&lis, *id).await
}

/// The same file for pages and programs.
pub(super) async fn report_of(lis: &Lis, id: ItemId) -> Answer {
    let sha256 = lis.db.read(move |conn| actions::report_file(conn, id)).await?;
    let files = lis.files.clone();
    let bytes = web::block(move || files.get(&sha256)).await.map_err(Fault::broken)?.map_err(Fault::from)?;
    Ok(HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header(("Content-Disposition", format!("attachment; filename=\"subcontract-report-{id}.pdf\"")))
        .body(bytes))
}
