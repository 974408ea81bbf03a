//! Cases for programs: the regulators' feed and what answers it, the operator's application.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::actions::{self, region_of};
use super::feed;
use super::handling::{self, DecideInput, ServiceInput};
use super::portal::{self, ApplyInput};
use super::state::CaseEvent;
use super::store::{self, Filter};
use crate::accounts::May;
use crate::accounts::role::{HandleCases, ReadFailingResults, UsePortal};
use crate::app::Lis;
use crate::domain::clock::Moment;
use crate::domain::ids::{ApplicationId, CaseEventId, CaseId};
use crate::domain::refusal::{FIELD_INVALID, Refusal};
use crate::web::paging;
use crate::web::routes::Routes;
use crate::web::{Answer, Json};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/failing-results", failing_results)
        .post("/api/v1/failing-results/{event}/acknowledgement", acknowledge)
        .get("/api/v1/cases", cases)
        .post("/api/v1/cases/{id}/services", serve)
        .post("/api/v1/cases/{id}/applications/{application}/decision", decide)
        .post("/api/v1/cases/{id}/publication", publish)
        .post("/api/v1/cases/{id}/handling", handle)
        .post("/api/v1/cases/{id}/closing", close)
        .post("/api/v1/portal/cases/{id}/applications", apply)
}

/// Items of one answer unless asked otherwise.
const LIMIT: i64 = 100;

#[derive(Deserialize)]
struct Page {
    after: Option<String>,
    limit: Option<i64>,
}

impl Page {
    fn limit(&self) -> Result<i64, Refusal> {
        paging::limit(self.limit, LIMIT)
    }
}

/// The address by which the caller reached this server.
pub(super) fn base_url(req: &HttpRequest) -> String {
    let info = req.connection_info();
    format!("{}://{}", info.scheme(), info.host())
}

async fn failing_results(
    by: May<ReadFailingResults>,
    req: HttpRequest,
    lis: web::Data<Lis>,
    query: crate::web::Query<Page>,
) -> Answer {
    let (region, limit, base) = (region_of(&by)?, query.limit()?, base_url(&req));
    let after = query.into_inner().after;
    let page = lis.db.read(move |conn| feed::read(conn, &region, after.as_deref(), limit, &base)).await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Empty: the caller's own relations. A relation below may be named.
#[derive(Deserialize, Default, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
struct AcknowledgeInput {
    relations: Vec<String>,
}

async fn acknowledge(
    by: May<ReadFailingResults>,
    lis: web::Data<Lis>,
    event: web::Path<CaseEventId>,
    json: Json<AcknowledgeInput>,
) -> Answer {
    let (event, named) = (*event, json.input.relations);
    let actor = by.clone();
    let done = lis.command(&actor, &json.request, move |tx| actions::acknowledge(tx, &by, event, &named)).await?;
    Ok(HttpResponse::Ok().json(done))
}

#[derive(Serialize, utoipa::ToSchema)]
struct CaseLine {
    id: i64,
    version: i64,
    case_no: String,
    state: String,
    publicity: String,
    #[schema(value_type = String, format = DateTime)]
    opened_at: Moment,
}

async fn cases(by: May<ReadFailingResults>, lis: web::Data<Lis>, query: crate::web::Query<Page>) -> Answer {
    let (region, limit) = (region_of(&by)?, query.limit()?);
    let after = query.after.as_deref().filter(|text| !text.is_empty()).map(str::parse::<i64>).transpose();
    let after =
        after.map_err(|_| Refusal::from(FIELD_INVALID.at("after").with_word("expected", "expected-whole-number")))?;
    let mut rows = lis
        .db
        .read(move |conn| Ok(store::cases_of_region(conn, region.as_str(), &Filter::default(), after, limit + 1)?))
        .await?;
    let more = paging::cut(&mut rows, limit);
    let next = rows.last().map(|row| row.id.to_string()).unwrap_or_default();
    let items: Vec<CaseLine> = rows
        .into_iter()
        .map(|row| CaseLine {
            id: row.id.0,
            version: row.version,
            case_no: row.case_no,
            state: row.state,
            publicity: row.publicity,
            opened_at: row.opened_at,
        })
        .collect();
    Ok(HttpResponse::Ok().json(serde_json::json!({"items": items, "next": next, "more": more})))
}

async fn serve(by: May<HandleCases>, lis: web::Data<Lis>, id: web::Path<CaseId>, json: Json<ServiceInput>) -> Answer {
    let (id, seen, facts) = (*id, json.seen.required()?, json.input.checked()?);
    let actor = by.clone();
    let saved = lis.command(&actor, &json.request, move |tx| handling::serve(tx, &by, id, seen, &facts)).await?;
    Ok(HttpResponse::Created().json(saved))
}

async fn decide(
    by: May<HandleCases>,
    lis: web::Data<Lis>,
    path: web::Path<(CaseId, ApplicationId)>,
    json: Json<DecideInput>,
) -> Answer {
    let (id, application) = *path;
    let (seen, facts) = (json.seen.required()?, json.input.checked()?);
    let actor = by.clone();
    let work = move |tx: &mut crate::db::Tx| handling::decide(tx, &by, id, application, seen, &facts);
    Ok(HttpResponse::Ok().json(lis.command(&actor, &json.request, work).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn publish(by: May<HandleCases>, lis: web::Data<Lis>, id: web::Path<CaseId>, json: Json<Nothing>) -> Answer {
    let (id, seen) = (*id, json.seen.required()?);
    let actor = by.clone();
    let saved = lis.command(&actor, &json.request, move |tx| actions::publish(tx, &by, id, seen)).await?;
    Ok(HttpResponse::Ok().json(saved))
}

async fn handle(by: May<HandleCases>, lis: web::Data<Lis>, id: web::Path<CaseId>, json: Json<Nothing>) -> Answer {
    advance(by, &lis, *id, json, CaseEvent::Handle).await
}

async fn close(by: May<HandleCases>, lis: web::Data<Lis>, id: web::Path<CaseId>, json: Json<Nothing>) -> Answer {
    advance(by, &lis, *id, json, CaseEvent::Close).await
}

async fn advance(by: May<HandleCases>, lis: &Lis, id: CaseId, json: Json<Nothing>, event: CaseEvent) -> Answer {
    let seen = json.seen.required()?;
    let actor = by.clone();
    let saved = lis.command(&actor, &json.request, move |tx| handling::advance(tx, &by, id, seen, event)).await?;
    Ok(HttpResponse::Ok().json(saved))
}

async fn apply(by: May<UsePortal>, lis: web::Data<Lis>, id: web::Path<CaseId>, json: Json<ApplyInput>) -> Answer {
    let request = json.keyed()?.clone();
    let (id, facts) = (*id, json.input.checked()?);
    let actor = by.clone();
    let saved = lis.command(&actor, &request, move |tx| portal::apply(tx, &by, id, &facts)).await?;
    Ok(HttpResponse::Created().json(saved))
}
