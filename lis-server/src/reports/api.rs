//! Reports for programs of the laboratory.

use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::actions::{self, ReasonInput, ReportSaved};
use super::document::Letterhead;
use super::pages::{self, Filter};
use super::store::{self, ReportRow};
use crate::accounts::role::{AuthorizeReports, May, ReviewReports, SeeReports};
use crate::app::Lis;
use crate::domain::clock::Moment;
use crate::domain::ids::ReportId;
use crate::domain::refusal::{NOT_FOUND, Outcome};
use crate::samples::actions::catalogue as offered;
use crate::web::routes::Routes;
use crate::web::{Answer, Json};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/reports", list)
        .get("/api/v1/reports/{id}", report)
        .get("/api/v1/reports/{id}/pdf", pdf)
        .post("/api/v1/reports/{id}/review", review)
        .post("/api/v1/reports/{id}/authorize", authorize)
        .post("/api/v1/reports/{id}/send-back", send_back)
        .post("/api/v1/reports/{id}/withdraw", withdraw)
}

/// A report as programs see it.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ReportView {
    pub id: i64,
    pub version: i64,
    pub report_no: String,
    pub sample_id: i64,
    pub sample_no: Option<String>,
    pub state: String,
    pub amends_id: Option<i64>,
    pub amendment_reason: String,
    /// `pass`, `fail`, `data_only`; empty before authorization.
    pub conclusion: String,
    pub verification_code: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub authorized_at: Option<Moment>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub issued_at: Option<Moment>,
    pub file_sha256: Option<String>,
}

impl ReportView {
    pub fn of(row: ReportRow, sample_no: Option<String>) -> Self {
        Self {
            id: row.id.0,
            version: row.version,
            report_no: row.report_no,
            sample_id: row.sample_id.0,
            sample_no,
            state: row.state,
            amends_id: row.amends_id.map(|id| id.0),
            amendment_reason: row.amendment_reason,
            // Not before it is issued: an authorized report can still fail to be printed.
            conclusion: if row.issued_at.is_some() { row.conclusion } else { String::new() },
            verification_code: row.verification_code,
            authorized_at: row.authorized_at,
            issued_at: row.issued_at,
            file_sha256: row.file_sha256,
        }
    }
}

async fn list(_: May<SeeReports>, lis: web::Data<Lis>, query: web::Query<Filter>) -> Answer {
    let (rows, more) = pages::reports_of(&lis, &query).await?;
    let next = rows.last().map(|(row, _)| row.id.to_string()).unwrap_or_default();
    let items: Vec<ReportView> = rows.into_iter().map(|(row, sample_no)| ReportView::of(row, sample_no)).collect();
    Ok(HttpResponse::Ok().json(serde_json::json!({"items": items, "next": next, "more": more})))
}

async fn report(_: May<SeeReports>, lis: web::Data<Lis>, id: web::Path<ReportId>) -> Answer {
    let id = *id;
    let row = lis.db.read(move |conn| store::report(conn, id)?.ok_or_else(|| NOT_FOUND.into())).await?;
    let tag = format!("\"{}\"", row.version);
    Ok(HttpResponse::Ok().insert_header(("ETag", tag)).json(ReportView::of(row, None)))
}

async fn pdf(by: May<SeeReports>, lis: web::Data<Lis>, id: web::Path<ReportId>) -> Answer {
    pages::file(&lis, &by, *id).await
}

fn saved(done: Outcome<ReportSaved>) -> Answer {
    let saved = done?;
    Ok(HttpResponse::Ok().insert_header(("ETag", format!("\"{}\"", saved.version))).json(saved))
}

async fn review(
    by: May<ReviewReports>,
    lis: web::Data<Lis>,
    id: web::Path<ReportId>,
    json: Json<serde_json::Value>,
) -> Answer {
    let (id, seen, real, actor) = (*id, json.seen.required()?, lis.clock.real(), by.clone());
    saved(lis.command(&actor, &json.request, move |tx| actions::review(tx, &by, id, seen, real)).await)
}

async fn authorize(
    by: May<AuthorizeReports>,
    lis: web::Data<Lis>,
    id: web::Path<ReportId>,
    json: Json<serde_json::Value>,
) -> Answer {
    let (id, seen, real, actor) = (*id, json.seen.required()?, lis.clock.real(), by.clone());
    let (letterhead, offered) = (Letterhead::of(&lis.config), lis.db.read(offered).await?);
    let work = move |tx: &mut crate::db::Tx| actions::authorize(tx, &by, &letterhead, &offered, id, seen, real);
    saved(lis.command(&actor, &json.request, work).await)
}

async fn send_back(
    by: May<AuthorizeReports>,
    lis: web::Data<Lis>,
    id: web::Path<ReportId>,
    json: Json<ReasonInput>,
) -> Answer {
    let (id, seen, actor, reason) = (*id, json.seen.required()?, by.clone(), json.input.checked()?);
    saved(lis.command(&actor, &json.request, move |tx| actions::send_back(tx, &by, id, seen, &reason)).await)
}

async fn withdraw(
    by: May<AuthorizeReports>,
    lis: web::Data<Lis>,
    id: web::Path<ReportId>,
    json: Json<ReasonInput>,
) -> Answer {
    let (id, seen, actor, reason) = (*id, json.seen.required()?, by.clone(), json.input.checked()?);
    saved(lis.command(&actor, &json.request, move |tx| actions::withdraw(tx, &by, id, seen, &reason)).await)
}
