//! Cases for programs: the regulators' feed and what answers it, the operator's application.

mod shown;

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::CURSOR_UNKNOWN;
use super::actions::{self, Acknowledged, CaseSaved, region_of};
use super::acts::{self, ActInput};
use super::alarm::{self, Unacknowledged};
use super::clocks::RecallLimits;
use super::feed;
use super::handling::{self, DecideInput, ServiceInput};
use super::handling_record::{self, HandlingInput};
use super::portal::{self, ApplicationSaved, ApplyInput};
use super::state::{CaseEvent, CaseState, Relation};
use super::store::{self, CaseRow, Filter};
use crate::accounts::May;
use crate::accounts::role::{HandleCases, ManageQuality, ReadFailingResults, ReceiveSamples, UsePortal};
use crate::app::Lis;
use crate::domain::clock::Moment;
use crate::domain::ids::{ApplicationId, CaseEventId, CaseId};
use crate::domain::refusal::{FIELD_INVALID, Refusal};
use crate::web::paging::{self, Listed};
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, AskedExactly, Json, Nothing, versioned};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/failing-results", failing_results)
        .about("The feed: what concerns the caller's region and those below, every event once, in the log's order.")
        .gives::<feed::FeedPage>()
        .refuses(&[CURSOR_UNKNOWN])
        .post("/api/v1/failing-results/{event}/acknowledgement", acknowledge)
        .about("Acknowledges an event for the caller's own relations, or for those below that are named.")
        .gives::<Acknowledged>()
        .get("/api/v1/cases", cases)
        .about("Cases that concern the caller's region and those below, newest first.")
        .gives::<Listed<CaseLine>>()
        .post("/api/v1/cases/{id}/services", serve)
        .about("Notes that a party was served; its clocks start.")
        .versioned()
        .creates::<CaseSaved>()
        .post("/api/v1/cases/{id}/applications/{application}/decision", decide)
        .about("Decides about an application.")
        .versioned()
        .gives::<CaseSaved>()
        .post("/api/v1/cases/{id}/applications/{application}/acts", act_of_application)
        .about("Records what was done about an application: the way of a re-inspection, papers, inquiries; its limits follow.")
        .versioned()
        .creates::<CaseSaved>()
        .post("/api/v1/cases/{id}/acts", act)
        .about("Records what was done in the case itself: recall and seizure; its limits follow.")
        .versioned()
        .creates::<CaseSaved>()
        .post("/api/v1/cases/{id}/publication", publish)
        .about("Publishes the failing result.")
        .versioned()
        .gives::<CaseSaved>()
        .post("/api/v1/cases/{id}/handling", handle)
        .about("Notes that the case is being handled.")
        .versioned()
        .gives::<CaseSaved>()
        .post("/api/v1/cases/{id}/handling-records", record_handling)
        .about("Records what was found and done (核查处置表); the newest entry is what stands.")
        .versioned()
        .creates::<CaseSaved>()
        .post("/api/v1/cases/{id}/closing", close)
        .about("Closes the case.")
        .versioned()
        .gives::<CaseSaved>()
        .post("/api/v1/portal/cases/{id}/applications", apply)
        .about("A served operator applies for re-inspection or objects.")
        .keyed()
        .creates::<ApplicationSaved>()
        .get("/api/v1/unacknowledged-cases", unacknowledged)
        .about("Failing results that the ordering authority has not acknowledged, with the share of T4 that is gone.")
        .gives::<Listed<Unacknowledged>>()
        .get("/api/v1/backup-handovers", backups)
        .about("Cases whose backup sample is to be handed over to a re-inspection body, with the share of T11 that is gone.")
        .gives::<Listed<Unacknowledged>>()
        .and(shown::routes())
        .and(super::published::api_routes())
        .and(super::urgent_pages::api_routes())
        .and(super::rapid_pages::api_routes())
}

/// Items of one answer unless asked otherwise.
const LIMIT: i64 = 100;

#[derive(Deserialize, utoipa::IntoParams)]
struct Page {
    /// The `next` of the answer before; left out or empty: from the beginning.
    after: Option<String>,
    /// Rows of the answer, 1 to 500; 100 unless said otherwise.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

impl Page {
    fn limit(&self) -> Result<i64, Refusal> {
        paging::limit(self.limit, LIMIT)
    }
}

async fn failing_results(by: May<ReadFailingResults>, lis: web::Data<Lis>, query: AskedExactly<Page>) -> Answer {
    let (region, limit, base) = (region_of(&by)?, query.limit()?, lis.config.public_url.clone());
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

/// A case as lists show it.
#[derive(Serialize, utoipa::ToSchema)]
struct CaseLine {
    id: CaseId,
    version: i64,
    case_no: String,
    state: String,
    /// `unpublished`, `published` or `corrected` (what was published fell).
    publicity: String,
    opened_at: Moment,
    /// Whose law it goes by: `market_supervision` or `agriculture`.
    department: String,
}

impl From<CaseRow> for CaseLine {
    fn from(row: CaseRow) -> Self {
        Self {
            id: row.id,
            version: row.version,
            case_no: row.case_no,
            state: row.state,
            publicity: row.publicity,
            opened_at: row.opened_at,
            department: row.department,
        }
    }
}

#[derive(Deserialize, Default, utoipa::IntoParams)]
#[serde(default)]
struct CaseQuery {
    /// A state; empty: all.
    state: String,
    /// `ordering`, `sampled_at`, `maker_at` or `platform`; empty: all.
    relation: String,
    /// `yes`: only cases with a clock that ran out.
    overdue: String,
    /// The `next` of the answer before.
    after: Option<i64>,
    /// Rows of the answer, 1 to 500; 100 unless said otherwise.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

/// A word of a list; empty: none was asked for.
fn listed(field: &'static str, given: &str, known: bool) -> Result<Option<String>, Refusal> {
    match given {
        "" => Ok(None),
        _ if known => Ok(Some(given.to_owned())),
        _ => Err(FIELD_INVALID.at(field).with_word("expected", "expected-listed").into()),
    }
}

async fn cases(by: May<ReadFailingResults>, lis: web::Data<Lis>, query: Asked<CaseQuery>) -> Answer {
    let (region, limit, after) = (region_of(&by)?, paging::limit(query.limit, LIMIT)?, query.after);
    let filter = Filter {
        state: listed("state", &query.state, CaseState::parse(&query.state).is_some())?,
        relation: listed("relation", &query.relation, Relation::parse(&query.relation).is_some())?,
        overdue_on: listed("overdue", &query.overdue, query.overdue == "yes")?.map(|_| lis.clock.now().date_in_china()),
    };
    let rows =
        lis.db.read(move |conn| Ok(store::cases_of_region(conn, region.as_str(), &filter, after, limit + 1)?)).await?;
    Ok(HttpResponse::Ok().json(Listed::of(rows, limit, |row| row.id.to_string(), CaseLine::from)))
}

async fn unacknowledged(_: May<ManageQuality>, lis: web::Data<Lis>) -> Answer {
    let now = lis.clock.now();
    let waiting = lis.db.read(move |conn| alarm::waiting(conn, now)).await?;
    Ok(HttpResponse::Ok().json(Listed::whole(waiting)))
}

async fn backups(_: May<ReceiveSamples>, lis: web::Data<Lis>) -> Answer {
    let now = lis.clock.now();
    let waiting = lis.db.read(move |conn| alarm::backups(conn, now)).await?;
    Ok(HttpResponse::Ok().json(Listed::whole(waiting)))
}

async fn act_of_application(
    by: May<HandleCases>,
    lis: web::Data<Lis>,
    path: web::Path<(CaseId, ApplicationId)>,
    json: Json<ActInput>,
) -> Answer {
    let (id, application) = *path;
    record_act(by, &lis, id, Some(application), json).await
}

async fn act(by: May<HandleCases>, lis: web::Data<Lis>, id: web::Path<CaseId>, json: Json<ActInput>) -> Answer {
    record_act(by, &lis, *id, None, json).await
}

async fn record_act(
    by: May<HandleCases>,
    lis: &Lis,
    id: CaseId,
    of: Option<ApplicationId>,
    json: Json<ActInput>,
) -> Answer {
    let (seen, facts) = (json.seen.required()?, json.input.checked()?);
    let (recall, actor) = (RecallLimits::of(&lis.config), by.clone());
    let work = move |tx: &mut crate::db::Tx| acts::record(tx, &by, id, of, seen, (&facts, recall));
    let saved = lis.command(&actor, &json.request, work).await?;
    versioned(HttpResponse::Created(), saved.version, &saved)
}

async fn serve(by: May<HandleCases>, lis: web::Data<Lis>, id: web::Path<CaseId>, json: Json<ServiceInput>) -> Answer {
    let (id, seen, facts) = (*id, json.seen.required()?, json.input.checked()?);
    let actor = by.clone();
    let saved = lis.command(&actor, &json.request, move |tx| handling::serve(tx, &by, id, seen, &facts)).await?;
    versioned(HttpResponse::Created(), saved.version, &saved)
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
    let saved = lis.command(&actor, &json.request, work).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}

async fn publish(by: May<HandleCases>, lis: web::Data<Lis>, id: web::Path<CaseId>, json: Json<Nothing>) -> Answer {
    let (id, seen) = (*id, json.seen.required()?);
    let actor = by.clone();
    let saved = lis.command(&actor, &json.request, move |tx| actions::publish(tx, &by, id, seen)).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}

async fn handle(by: May<HandleCases>, lis: web::Data<Lis>, id: web::Path<CaseId>, json: Json<Nothing>) -> Answer {
    advance(by, &lis, *id, json, CaseEvent::Handle).await
}

async fn record_handling(
    by: May<HandleCases>,
    lis: web::Data<Lis>,
    id: web::Path<CaseId>,
    json: Json<HandlingInput>,
) -> Answer {
    let (id, seen, stated) = (*id, json.seen.required()?, json.input.checked()?);
    let actor = by.clone();
    let work = move |tx: &mut crate::db::Tx| handling_record::record(tx, &by, id, seen, &stated);
    let saved = lis.command(&actor, &json.request, work).await?;
    versioned(HttpResponse::Created(), saved.version, &saved)
}

async fn close(by: May<HandleCases>, lis: web::Data<Lis>, id: web::Path<CaseId>, json: Json<Nothing>) -> Answer {
    advance(by, &lis, *id, json, CaseEvent::Close).await
}

async fn advance(by: May<HandleCases>, lis: &Lis, id: CaseId, json: Json<Nothing>, event: CaseEvent) -> Answer {
    let seen = json.seen.required()?;
    let actor = by.clone();
    let saved = lis.command(&actor, &json.request, move |tx| handling::advance(tx, &by, id, seen, event)).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}

async fn apply(by: May<UsePortal>, lis: web::Data<Lis>, id: web::Path<CaseId>, json: Json<ApplyInput>) -> Answer {
    let request = json.keyed()?.clone();
    let (id, facts) = (*id, json.input.checked()?);
    let actor = by.clone();
    let saved = lis.command(&actor, &request, move |tx| portal::apply(tx, &by, id, &facts)).await?;
    versioned(HttpResponse::Created(), saved.version, &saved)
}
