//! Controlled documents for programs.

use actix_web::{HttpResponse, web};

use super::actions::{self, DocumentDecisionInput, DocumentFacts, DocumentInput, DocumentSaved, DocumentView, PDF};
use super::{DOCUMENT_DATES, DOCUMENT_DECIDED, DOCUMENT_EDITION_NAMED, DOCUMENT_NO_PDF, DOCUMENT_OWN};
use crate::accounts::May;
use crate::accounts::role::{KeepDocuments, ReadDocuments};
use crate::app::Lis;
use crate::domain::ids::ControlledDocumentId;
use crate::domain::refusal::{Fault, Outcome};
use crate::web::paging::{self, LIMIT, Listed, PageQuery};
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Json, Upload, versioned};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/controlled-documents", documents)
        .about("Every edition of the laboratory's controlled documents, with how it stands today, in order of id.")
        .gives::<Listed<DocumentView>>()
        .post("/api/v1/controlled-documents", bring)
        .about("Brings an edition of a document (PDF); it comes into force when somebody else has approved it.")
        .beside(FIELDS)
        .keyed()
        .creates::<DocumentSaved>()
        .refuses(&[DOCUMENT_EDITION_NAMED, DOCUMENT_DATES, DOCUMENT_NO_PDF])
        .post("/api/v1/controlled-documents/{id}/decision", decide)
        .about("Approves an edition that somebody else brought, or refuses it with a reason.")
        .versioned()
        .gives::<DocumentSaved>()
        .refuses(&[DOCUMENT_OWN, DOCUMENT_DECIDED])
        .get("/api/v1/controlled-documents/{id}/file", file)
        .about("The file of an edition.")
        .gives_file(PDF)
}

/// What comes beside the file.
const FIELDS: &[(&str, &str)] = &[
    ("number", "Number of the document in the laboratory; its editions share it."),
    ("edition", "Edition or version."),
    ("title_zh", "Title."),
    ("title_en", "English title; may be empty."),
    ("kind", "`sop`, `manual`, `form` or `contract` (of supplied systems)."),
    ("valid_from", "First day."),
    ("valid_until", "Last day; may be empty."),
];

async fn documents(_: May<ReadDocuments>, lis: web::Data<Lis>, query: Asked<PageQuery>) -> Answer {
    let limit = paging::limit(query.limit, LIMIT)?;
    let (after, today) = (query.after.unwrap_or(0), lis.clock.now().date_in_china());
    let found = lis.db.read(move |conn| actions::documents(conn, after, limit + 1, today)).await?;
    Ok(HttpResponse::Ok().json(Listed::of(found, limit, |one| one.id.to_string(), |one| one)))
}

async fn bring(by: May<KeepDocuments>, lis: web::Data<Lis>, file: Upload) -> Answer {
    let (request, actor) = (file.keyed()?.clone(), by.clone());
    let facts = stored(&lis, &input_of(&file), file).await?;
    let saved: DocumentSaved = lis.command(&actor, &request, move |tx| actions::bring(tx, &by, &facts)).await?;
    versioned(HttpResponse::Created(), saved.version, &saved)
}

/// The fields beside a file.
pub(super) fn input_of(file: &Upload) -> DocumentInput {
    let text = |name: &str| file.text(name).to_owned();
    DocumentInput {
        number: text("number"),
        edition: text("edition"),
        title_zh: text("title_zh"),
        title_en: text("title_en"),
        kind: text("kind"),
        valid_from: text("valid_from"),
        valid_until: text("valid_until"),
    }
}

/// Checks what came, and puts the file into the store before the write that names it.
pub(super) async fn stored(lis: &Lis, input: &DocumentInput, file: Upload) -> Outcome<DocumentFacts> {
    let facts = input.checked(&file.file_name, &file.sha256, &file.bytes)?;
    let files = lis.files.clone();
    web::block(move || files.put(&file.bytes)).await.map_err(Fault::broken)??;
    Ok(facts)
}

async fn decide(
    by: May<KeepDocuments>,
    lis: web::Data<Lis>,
    id: web::Path<ControlledDocumentId>,
    json: Json<DocumentDecisionInput>,
) -> Answer {
    let (id, seen, said, actor) = (*id, json.seen.required()?, json.input.checked()?, by.clone());
    let saved: DocumentSaved =
        lis.command(&actor, &json.request, move |tx| actions::decide(tx, &by, id, seen, &said)).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}

async fn file(_: May<ReadDocuments>, lis: web::Data<Lis>, id: web::Path<ControlledDocumentId>) -> Answer {
    file_of(&lis, *id).await
}

/// The same file for pages and programs.
pub(super) async fn file_of(lis: &Lis, id: ControlledDocumentId) -> Answer {
    let sha256 = lis.db.read(move |conn| actions::file_of(conn, id)).await?;
    let files = lis.files.clone();
    let bytes = web::block(move || files.get(&sha256)).await.map_err(Fault::broken)?.map_err(Fault::from)?;
    Ok(HttpResponse::Ok()
        .content_type(PDF)
        .insert_header(("Content-Disposition", format!("attachment; filename=\"document-{id}.pdf\"")))
        .body(bytes))
}
