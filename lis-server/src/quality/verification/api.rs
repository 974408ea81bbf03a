//! Verifications of methods for programs.

use actix_web::{HttpResponse, web};

use super::actions::{self, Figures, PDF, VerificationFacts, VerificationInput, VerificationKept, VerificationView};
use super::import::XLSX;
use super::{VERIFICATION_NO_PDF, VERIFICATION_TO_COME};
use crate::accounts::May;
use crate::accounts::role::{ManageCatalogue, SeeBench};
use crate::app::Lis;
use crate::domain::ids::MethodVerificationId;
use crate::domain::refusal::{Fault, Outcome};
use crate::web::paging::{self, LIMIT, Listed, PageQuery};
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Upload};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/method-verifications", verifications)
        .about("The laboratory's verifications of its methods, newest first.")
        .gives::<Listed<VerificationView>>()
        .post("/api/v1/method-verifications", keep)
        .about("Keeps a verification of a procedure with its record (PDF); it is never changed.")
        .beside(FIELDS)
        .keyed()
        .creates::<VerificationKept>()
        .refuses(&[VERIFICATION_NO_PDF, VERIFICATION_TO_COME])
        .get("/api/v1/method-verifications/{id}/file", file)
        .about("The record of a verification: a PDF, or the list that it was loaded from.")
        .gives_file(PDF)
}

/// How the name of a record's file ends, by its kind.
const ENDINGS: &[(&str, &str)] = &[(PDF, "pdf"), (XLSX, "xlsx")];

/// What comes beside the record's file.
const FIELDS: &[(&str, &str)] = &[
    ("method", "Key of the procedure."),
    ("performed_on", "Day on which it was finished."),
    ("performed_by", "Who verified."),
    ("repeatability", "As the record states it; may be empty, as every figure but one."),
    ("recovery", "Recovery or trueness."),
    ("lod", "Limit of detection."),
    ("loq", "Limit of quantification."),
    ("linearity", "Range and correlation."),
    ("uncertainty", "Expanded uncertainty."),
    ("conclusion", "`suitable` or `unsuitable`."),
    ("remark", "May be empty."),
];

async fn verifications(_: May<SeeBench>, lis: web::Data<Lis>, query: Asked<PageQuery>) -> Answer {
    let limit = paging::limit(query.limit, LIMIT)?;
    let before = query.after.unwrap_or(i64::MAX);
    let found = lis.db.read(move |conn| actions::verifications(conn, before, limit + 1)).await?;
    Ok(HttpResponse::Ok().json(Listed::of(found, limit, |one| one.id.to_string(), |one| one)))
}

async fn keep(by: May<ManageCatalogue>, lis: web::Data<Lis>, file: Upload) -> Answer {
    let (request, actor) = (file.keyed()?.clone(), by.clone());
    let facts = stored(&lis, &input_of(&file), file).await?;
    let kept: VerificationKept = lis.command(&actor, &request, move |tx| actions::keep(tx, &by, &facts)).await?;
    Ok(HttpResponse::Created().json(kept))
}

/// The fields beside a record's file.
pub(super) fn input_of(file: &Upload) -> VerificationInput {
    let text = |name: &str| file.text(name).to_owned();
    VerificationInput {
        method: text("method"),
        performed_on: text("performed_on"),
        performed_by: text("performed_by"),
        figures: Figures {
            repeatability: text("repeatability"),
            recovery: text("recovery"),
            lod: text("lod"),
            loq: text("loq"),
            linearity: text("linearity"),
            uncertainty: text("uncertainty"),
        },
        conclusion: text("conclusion"),
        remark: text("remark"),
    }
}

/// Checks what came, and puts the file into the store before the write that names it.
pub(super) async fn stored(lis: &Lis, input: &VerificationInput, file: Upload) -> Outcome<VerificationFacts> {
    let facts = input.checked(&file.file_name, &file.sha256, &file.bytes)?;
    let files = lis.files.clone();
    web::block(move || files.put(&file.bytes)).await.map_err(Fault::broken)??;
    Ok(facts)
}

async fn file(_: May<SeeBench>, lis: web::Data<Lis>, id: web::Path<MethodVerificationId>) -> Answer {
    record_of(&lis, *id).await
}

/// The same file for pages and programs.
pub(super) async fn record_of(lis: &Lis, id: MethodVerificationId) -> Answer {
    let kept = lis.db.read(move |conn| actions::file_of(conn, id)).await?;
    let files = lis.files.clone();
    let bytes = web::block(move || files.get(&kept.sha256)).await.map_err(Fault::broken)?.map_err(Fault::from)?;
    // What was loaded from a list has the list as its record.
    let ending = ENDINGS.iter().find(|(content_type, _)| *content_type == kept.content_type).map_or("csv", |one| one.1);
    let disposition = format!("attachment; filename=\"method-verification-{id}.{ending}\"");
    Ok(HttpResponse::Ok()
        .content_type(kept.content_type)
        .insert_header(("Content-Disposition", disposition))
        .body(bytes))
}
