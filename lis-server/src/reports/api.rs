//! Reports for programs of the laboratory.

use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::actions::{self, Before, OpinionInput, ReasonInput, Recaller, ReportSaved, ReportSigningInput, ReturnInput};
use super::document::Letterhead;
use super::numbering;
use super::opinions::{OpinionView, opinion_on};
use super::pages::{self, Filter};
use super::scoped::confirmations;
use super::store::gathered::{self, ItemFacts};
use super::store::{self, ReportRow};
use crate::accounts::GRANT_MISSING;
use crate::accounts::role::{AuthorizeReports, GiveOpinions, May, ReviewReports, SeeReports};
use crate::app::Lis;
use crate::domain::clock::Moment;
use crate::domain::ids::{ItemId, PersonId, ReportId};
use crate::domain::refusal::{NOT_FOUND, Outcome};
use crate::quality::gates::WARNINGS_UNCONFIRMED;
use crate::quality::gates::actions::ConfirmationView;
use crate::testing::{ITEM_CHANGED, ITEM_WRONG_STATE};
use crate::web::paging::Listed;
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Json, versioned};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/reports", list)
        .about("Versions of reports, newest first.")
        .gives::<Listed<ReportView>>()
        .and(numbering::api_routes())
        .get("/api/v1/reports/{id}", report)
        .about("One version of a report with its items as they stand now.")
        .gives::<ReportDetail>()
        .get("/api/v1/reports/{id}/pdf", pdf)
        .about("The issued file.")
        .gives_file("application/pdf")
        .post("/api/v1/reports/{id}/review", review)
        .about("Reviews a report, under an open signing grant of the meaning `reviewed`. Warnings of gates need a reason.")
        .versioned()
        .gives::<ReportSaved>()
        .refuses(&[GRANT_MISSING, WARNINGS_UNCONFIRMED])
        .post("/api/v1/reports/{id}/opinion", give_opinion)
        .about("Gives an opinion on a report that waits for its review, by who is authorized for opinions by its methods; an empty one takes it back.")
        .versioned()
        .gives::<ReportSaved>()
        .post("/api/v1/reports/{id}/return-item", return_item)
        .about("Sends an item of a report under review back to its tester, with a reason; the report waits for it.")
        .versioned()
        .gives::<ReportSaved>()
        .refuses(&[ITEM_CHANGED, ITEM_WRONG_STATE])
        .post("/api/v1/reports/{id}/authorize", authorize)
        .about("Authorizes a report, under an open signing grant of the meaning `authorized`; it is then issued. Warnings of gates need a reason.")
        .versioned()
        .gives::<ReportSaved>()
        .refuses(&[GRANT_MISSING, WARNINGS_UNCONFIRMED])
        .post("/api/v1/reports/{id}/send-back", send_back)
        .about("Sends a report back to its compilation, with a reason.")
        .versioned()
        .gives::<ReportSaved>()
        .post("/api/v1/reports/{id}/withdraw", withdraw)
        .about("Withdraws an issued report, with a reason.")
        .versioned()
        .gives::<ReportSaved>()
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

async fn list(_: May<SeeReports>, lis: web::Data<Lis>, query: Asked<Filter>) -> Answer {
    let (rows, more) = pages::reports_of(&lis, &query).await?;
    let next = rows.last().map(|(row, _)| row.id.to_string()).unwrap_or_default();
    let items: Vec<ReportView> = rows.into_iter().map(|(row, sample_no)| ReportView::of(row, sample_no)).collect();
    Ok(HttpResponse::Ok().json(Listed { items, next, more }))
}

/// One version of a report with its items.
#[derive(Serialize, utoipa::ToSchema)]
struct ReportDetail {
    #[serde(flatten)]
    report: ReportView,
    /// In the order of the sample's items, cancelled ones left out. As they stand now: what an issued report says of them
    /// is in its file.
    items: Vec<ReportItemView>,
    /// Warnings of gates that its signers went past, oldest first.
    confirmations: Vec<ConfirmationView>,
    /// Opinion and interpretation; `null`: it bears none.
    opinion: Option<OpinionView>,
}

/// An item of a report with the result in force.
#[derive(Serialize, utoipa::ToSchema)]
struct ReportItemView {
    id: ItemId,
    /// What `item_version` of a return names.
    version: i64,
    analyte_zh: String,
    analyte_en: String,
    /// Number of the standard without edition.
    method_standard: String,
    /// `calculated`, `checked`, `repeat_ordered` …
    state: String,
    tester: String,
    /// Empty: not checked.
    checker: String,
    /// As the report prints it, in `unit`; empty without a result.
    reported: String,
    unit: String,
    /// `PASS`, `FAIL`, `NO_LIMIT`, `REVIEW`, `BLOCK` or `INCOMPLETE`.
    verdict: &'static str,
    /// Every control of its worksheet passed or was released.
    qc_ok: bool,
    /// Number of the non-conforming work that holds it.
    held_by: Option<String>,
    /// Some accreditation covers it today, or the laboratory looks at no scope.
    in_scope: bool,
}

impl ReportItemView {
    fn of(item: ItemFacts, in_scope: bool) -> Self {
        Self {
            in_scope,
            id: item.id,
            version: item.version,
            analyte_zh: item.analyte_zh,
            analyte_en: item.analyte_en,
            method_standard: item.method_standard,
            state: item.state,
            tester: item.tester_name,
            checker: item.checker_name,
            reported: item.reported,
            unit: item.unit,
            verdict: item.verdict.name(),
            qc_ok: item.qc_ok,
            held_by: item.held_by,
        }
    }
}

async fn report(by: May<SeeReports>, lis: web::Data<Lis>, id: web::Path<ReportId>) -> Answer {
    let (id, who) = (*id, (by.person, lis.clock.now().date_in_china()));
    let view = lis
        .db
        .read(move |conn| {
            let row = store::report(conn, id)?.ok_or(NOT_FOUND)?;
            let items = gathered::items_of(conn, &[row.sample_id])?;
            let sample = gathered::sample_facts(conn, row.sample_id)?;
            let scoped = Before::read(conn, who, String::new())?.scoped(&sample, &items);
            let view = |item: ItemFacts| {
                let in_scope = scoped.covers(&item);
                ReportItemView::of(item, in_scope)
            };
            let opinion = opinion_on(conn, &row)?;
            let report = ReportView::of(row, Some(sample.sample_no).filter(|number| !number.is_empty()));
            let items = items.into_iter().map(view).collect();
            Ok(ReportDetail { report, items, confirmations: confirmations(conn, id)?, opinion })
        })
        .await?;
    versioned(HttpResponse::Ok(), view.report.version, &view)
}

async fn pdf(by: May<SeeReports>, lis: web::Data<Lis>, id: web::Path<ReportId>) -> Answer {
    pages::file(&lis, &by, *id).await
}

fn saved(done: Outcome<ReportSaved>) -> Answer {
    let saved = done?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}

async fn review(
    by: May<ReviewReports>,
    lis: web::Data<Lis>,
    id: web::Path<ReportId>,
    json: Json<ReportSigningInput>,
) -> Answer {
    let (id, seen, real, actor) = (*id, json.seen.required()?, lis.clock.real(), by.clone());
    let before = before(&lis, by.person, json.input.checked()?).await?;
    saved(lis.command(&actor, &json.request, move |tx| actions::review(tx, &by, &before, (id, seen), real)).await)
}

/// What a signature needs to know before the write.
pub(super) async fn before(lis: &Lis, signer: PersonId, confirmation: String) -> Outcome<Before> {
    let today = lis.clock.now().date_in_china();
    lis.db.read(move |conn| Before::read(conn, (signer, today), confirmation)).await
}

async fn return_item(
    by: May<ReviewReports>,
    lis: web::Data<Lis>,
    id: web::Path<ReportId>,
    json: Json<ReturnInput>,
) -> Answer {
    let (id, seen, actor, wanted) = (*id, json.seen.required()?, by.clone(), json.input.checked()?);
    saved(lis.command(&actor, &json.request, move |tx| actions::return_item(tx, &by, id, seen, &wanted)).await)
}

async fn authorize(
    by: May<AuthorizeReports>,
    lis: web::Data<Lis>,
    id: web::Path<ReportId>,
    json: Json<ReportSigningInput>,
) -> Answer {
    let (id, seen, real, actor) = (*id, json.seen.required()?, lis.clock.real(), by.clone());
    let (letterhead, before) = (Letterhead::of(&lis.config), before(&lis, by.person, json.input.checked()?).await?);
    let work = move |tx: &mut crate::db::Tx| actions::authorize(tx, &by, &letterhead, &before, (id, seen), real);
    saved(lis.command(&actor, &json.request, work).await)
}

async fn give_opinion(
    by: May<GiveOpinions>,
    lis: web::Data<Lis>,
    id: web::Path<ReportId>,
    json: Json<OpinionInput>,
) -> Answer {
    let (id, seen, actor) = (*id, json.seen.required()?, by.clone());
    let facts = json.input.checked()?;
    let work = move |tx: &mut crate::db::Tx| actions::give_opinion(tx, &by, id, seen, &facts);
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
    let recaller = Recaller::of(&lis.config);
    let work = move |tx: &mut crate::db::Tx| actions::withdraw(tx, &by, &recaller, (id, seen), &reason);
    saved(lis.command(&actor, &json.request, work).await)
}
