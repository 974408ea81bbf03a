//! One case for programs: as an authority sees it, and as a served operator sees his own.

use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::super::actions::{self, region_of};
use super::super::feed::{self, FeedItem, FeedResult};
use super::super::handling_record::{self, HandlingEntry};
use super::super::notice;
use super::super::pages::notice_file;
use super::super::portal::{self, PortalCase};
use super::super::store::{self, ActRow, ApplicationRow, ClockRow, ServiceRow};
use super::CaseLine;
use crate::accounts::role::{ReadFailingResults, UsePortal};
use crate::accounts::{Actor, May};
use crate::app::Lis;
use crate::domain::clock::Moment;
use crate::domain::ids::{ApplicationId, CaseId, EnterpriseId, ReportId};
use crate::domain::refusal::NOT_FOUND;
use crate::web::paging::Listed;
use crate::web::routes::Routes;
use crate::web::{Answer, versioned};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/cases/{id}", case)
        .about("One case with its events, clocks, services, applications, acts and the record of its handling.")
        .gives::<CaseView>()
        .get("/api/v1/portal/cases", own_cases)
        .about("The cases in which the caller's enterprise was served, the newest service first.")
        .gives::<Listed<OwnCaseView>>()
        .get("/api/v1/portal/cases/{id}", own_case)
        .about("One such case, with what its notice tells and what may be applied for today.")
        .gives::<OwnCaseTold>()
        .get("/api/v1/notices/{id}/pdf", notice_of_case)
        .about("The notice of a service, by the service's id: for an authority that the case concerns.")
        .gives_file("application/pdf")
        .get("/api/v1/portal/notices/{id}/pdf", own_notice)
        .about("The notice of a service, by the service's id: for the operator that was served.")
        .gives_file("application/pdf")
}

/// A limit of time in a case.
#[derive(Serialize, utoipa::ToSchema)]
struct ClockView {
    /// `T4` to `T25`: `workflow.md` names them; `R61`: seizure.
    clock: String,
    /// Whose it is; empty: the authority's.
    party: String,
    #[schema(value_type = String, format = Date)]
    started_on: chrono::NaiveDate,
    /// The last day, in China.
    #[schema(value_type = String, format = Date)]
    due_on: chrono::NaiveDate,
    /// The calendar of that year is not announced yet.
    provisional: bool,
    ended_at: Option<Moment>,
    /// Of a limit in clock hours.
    due_at: Option<Moment>,
    /// Since when its time does not count, and how many days did not.
    stopped_at: Option<Moment>,
    stopped_days: i64,
}

impl From<ClockRow> for ClockView {
    fn from(row: ClockRow) -> Self {
        Self {
            clock: row.clock,
            party: row.party,
            started_on: row.started_on,
            due_on: row.due_on,
            provisional: row.provisional,
            ended_at: row.ended_at,
            due_at: row.due_at,
            stopped_at: row.stopped_at,
            stopped_days: row.stopped_days,
        }
    }
}

/// What was done outside of this program, as the authority recorded it.
#[derive(Serialize, utoipa::ToSchema)]
struct ActView {
    id: i64,
    /// Missing: recall and seizure, which belong to the case itself.
    application_id: Option<ApplicationId>,
    act: String,
    done_at: Moment,
    note: String,
    #[schema(value_type = Option<String>, format = Date)]
    until: Option<chrono::NaiveDate>,
}

impl From<ActRow> for ActView {
    fn from(row: ActRow) -> Self {
        Self {
            id: row.id,
            application_id: row.application_id,
            act: row.act,
            done_at: row.done_at,
            note: row.note,
            until: row.until_on,
        }
    }
}

/// That a party was served the failing result.
#[derive(Serialize, utoipa::ToSchema)]
struct ServiceView {
    id: i64,
    party: String,
    enterprise_id: Option<EnterpriseId>,
    notice_no: String,
    served_at: Moment,
    how: String,
    /// SHA-256 of the notice; missing until it is set.
    notice_sha256: Option<String>,
}

impl From<ServiceRow> for ServiceView {
    fn from(row: ServiceRow) -> Self {
        Self {
            id: row.id,
            party: row.party,
            enterprise_id: row.enterprise_id,
            notice_no: row.notice_no,
            served_at: row.served_at,
            how: row.how,
            notice_sha256: None,
        }
    }
}

/// An operator's application.
#[derive(Serialize, utoipa::ToSchema)]
struct ApplicationView {
    id: ApplicationId,
    version: i64,
    kind: String,
    party: String,
    enterprise_id: EnterpriseId,
    ground: String,
    state: String,
    applied_at: Moment,
    decided_at: Option<Moment>,
    decision_reason: String,
}

impl From<ApplicationRow> for ApplicationView {
    fn from(row: ApplicationRow) -> Self {
        Self {
            id: row.id,
            version: row.version,
            kind: row.kind,
            party: row.party,
            enterprise_id: row.enterprise_id,
            ground: row.ground,
            state: row.state,
            applied_at: row.applied_at,
            decided_at: row.decided_at,
            decision_reason: row.decision_reason,
        }
    }
}

/// A case as an authority sees it.
#[derive(Serialize, utoipa::ToSchema)]
struct CaseView {
    #[serde(flatten)]
    case: CaseLine,
    /// As the feed tells them, the newest first.
    events: Vec<FeedItem>,
    clocks: Vec<ClockView>,
    services: Vec<ServiceView>,
    applications: Vec<ApplicationView>,
    /// In the order in which they were recorded.
    acts: Vec<ActView>,
    /// The newest first.
    handling: Vec<HandlingEntry>,
}

async fn case(by: May<ReadFailingResults>, lis: web::Data<Lis>, id: web::Path<CaseId>) -> Answer {
    let (id, region, base) = (*id, region_of(&by)?, lis.config.public_url.clone());
    let view = lis
        .db
        .read(move |conn| {
            let row = store::case(conn, id)?.ok_or(NOT_FOUND)?;
            actions::visible(conn, id, &region)?;
            let mut events = store::events_of(conn, &[id])?;
            events.reverse();
            let services = store::services_of(conn, &[id])?;
            let notices = store::notices_of(conn, &services.iter().map(|row| row.id).collect::<Vec<_>>())?;
            let sha256 = |id: i64| notices.iter().find(|row| row.service_id == id).map(|row| row.file_sha256.clone());
            let with_notice = |row: ServiceRow| ServiceView { notice_sha256: sha256(row.id), ..row.into() };
            Ok(CaseView {
                case: row.into(),
                events: feed::items_of(conn, &region, &events, &base)?,
                clocks: store::clocks_of(conn, &[id])?.into_iter().map(ClockView::from).collect(),
                services: services.into_iter().map(with_notice).collect(),
                applications: store::applications_of(conn, &[id])?.into_iter().map(ApplicationView::from).collect(),
                acts: store::acts_of(conn, id)?.into_iter().map(ActView::from).collect(),
                handling: handling_record::entries(conn, id)?,
            })
        })
        .await?;
    versioned(HttpResponse::Ok(), view.case.version, &view)
}

/// A case as a served operator sees it: his own service, clocks and applications.
#[derive(Serialize, utoipa::ToSchema)]
struct OwnCaseView {
    id: CaseId,
    version: i64,
    case_no: String,
    state: String,
    service: ServiceView,
    clocks: Vec<ClockView>,
    applications: Vec<ApplicationView>,
}

impl From<PortalCase> for OwnCaseView {
    fn from(shown: PortalCase) -> Self {
        Self {
            id: shown.case.id,
            version: shown.case.version,
            case_no: shown.case.case_no,
            state: shown.case.state,
            service: ServiceView { notice_sha256: shown.notice, ..shown.service.into() },
            clocks: shown.clocks.into_iter().map(ClockView::from).collect(),
            applications: shown.applications.into_iter().map(ApplicationView::from).collect(),
        }
    }
}

async fn own_cases(by: May<UsePortal>, lis: web::Data<Lis>) -> Answer {
    let enterprise = by.enterprise.ok_or(NOT_FOUND)?;
    let cases = lis.db.read(move |conn| portal::of_enterprise(conn, enterprise)).await?;
    Ok(HttpResponse::Ok().json(Listed::whole(cases.into_iter().map(OwnCaseView::from).collect())))
}

/// The same with what the notice tells.
#[derive(Serialize, utoipa::ToSchema)]
struct OwnCaseTold {
    #[serde(flatten)]
    case: OwnCaseView,
    ordering_name: String,
    form_no: String,
    sample_name: String,
    batch_no: String,
    unit_name: String,
    producer_name: String,
    report_id: ReportId,
    report_no: String,
    /// What fails by that report; nothing where the conclusion fell.
    items: Vec<FeedResult>,
    /// Until when a backup sample is kept.
    #[schema(value_type = Option<String>, format = Date)]
    backup_until: Option<chrono::NaiveDate>,
    /// The last day to object to the sampling; the others are those of the clocks T7 and T15, or T22.
    #[schema(value_type = Option<String>, format = Date)]
    objection_sampling_until: Option<chrono::NaiveDate>,
    /// What may be applied for today.
    open_kinds: Vec<String>,
}

async fn own_case(by: May<UsePortal>, lis: web::Data<Lis>, id: web::Path<CaseId>) -> Answer {
    let (id, enterprise) = (*id, by.enterprise.ok_or(NOT_FOUND)?);
    let today = lis.clock.now().date_in_china();
    let read = move |conn: &mut crate::db::Conn| {
        let shown = portal::case_of(conn, enterprise, id)?;
        let (told, kinds) = (notice::told(conn, &shown)?, portal::kinds(conn, &shown, today)?);
        let open = kinds.into_iter().filter(|(_, against)| against.is_none());
        Ok(OwnCaseTold {
            ordering_name: told.sample.ordering_name,
            form_no: told.sample.form_no,
            sample_name: told.sample.sample_name,
            batch_no: told.sample.batch_no,
            unit_name: told.sample.unit_name,
            producer_name: told.sample.producer_name,
            report_id: told.report.id,
            report_no: told.report.report_no,
            items: told.items,
            backup_until: told.backup_until,
            objection_sampling_until: told.days.sampling.map(|ends| ends.on),
            open_kinds: open.map(|(kind, _)| kind.code().to_owned()).collect(),
            case: shown.into(),
        })
    };
    let view = lis.db.read(read).await?;
    versioned(HttpResponse::Ok(), view.case.version, &view)
}

async fn notice_of_case(by: May<ReadFailingResults>, lis: web::Data<Lis>, id: web::Path<i64>) -> Answer {
    notice_file(&lis, Actor::clone(&by), *id).await
}

async fn own_notice(by: May<UsePortal>, lis: web::Data<Lis>, id: web::Path<i64>) -> Answer {
    notice_file(&lis, Actor::clone(&by), *id).await
}
