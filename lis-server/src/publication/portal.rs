//! The enterprise's portal: own samples with their progress, own reports. Page and API.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::{Deserialize, Serialize};

use crate::accounts::role::{May, UsePortal};
use crate::app::Lis;
use crate::domain::clock::Moment;
use crate::domain::ids::{EnterpriseId, ReportId, SampleId};
use crate::domain::refusal::{NOT_FOUND, Outcome};
use crate::reports::actions::{self as reports, ListRow, OwnSample};
use crate::reports::api::ReportView;
use crate::web::paging::{self, Listed, PageQuery};
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Ui, page};

pub fn routes() -> Routes {
    Routes::new()
        .get("/portal", portal)
        .get("/api/v1/portal/samples", samples)
        .about("The caller's own samples with their progress, newest first, fifty at a time.")
        .gives::<Listed<OwnSampleView>>()
        .get("/api/v1/portal/reports", reports)
        .about("Issued reports of own samples, and of those whose result was served, newest first, in pages.")
        .gives::<Listed<ReportView>>()
        .get("/api/v1/portal/reports/{id}/pdf", pdf)
        .about("The file of such a report.")
        .gives_file("application/pdf")
}

/// Samples and reports on one page; a firm sends a few a month.
const PAGE_ROWS: i64 = 50;

#[derive(Deserialize, Default, utoipa::IntoParams)]
#[serde(default)]
struct After {
    /// The `next` of the answer before.
    after: Option<i64>,
}

/// Which pages of its two lists the portal shows.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Places {
    /// The last sample of the page before.
    after: Option<i64>,
    /// The last report of the page before.
    reports: Option<i64>,
}

/// A person of no enterprise has no portal.
fn enterprise_of(by: &May<UsePortal>) -> Outcome<EnterpriseId> {
    by.enterprise.ok_or_else(|| NOT_FOUND.into())
}

async fn own_samples(lis: &Lis, own: EnterpriseId, after: Option<i64>) -> Outcome<(Vec<OwnSample>, bool)> {
    let mut rows = lis.db.read(move |conn| reports::samples_of(conn, own, after, PAGE_ROWS + 1)).await?;
    let more = rows.len() as i64 > PAGE_ROWS;
    rows.truncate(PAGE_ROWS as usize);
    Ok((rows, more))
}

/// Issued reports of own samples, and of those whose result was served; one more than a page, where there are more.
async fn own_reports(lis: &Lis, own: EnterpriseId, before: Option<i64>, limit: i64) -> Outcome<Vec<ListRow>> {
    lis.db
        .read(move |conn| {
            let mut rows = reports::entrusted_by(conn, own, before, limit + 1)?;
            let served = reports::samples_served_on(conn, own)?;
            if !served.is_empty() {
                rows.extend(reports::issued_among(conn, &served, before, limit + 1)?);
            }
            rows.sort_by_key(|(report, _)| std::cmp::Reverse(report.id));
            rows.dedup_by_key(|(report, _)| report.id);
            Ok(rows)
        })
        .await
}

/// A sample as its sender sees it.
struct SampleLine {
    sample: OwnSample,
    /// Where it is on its way, from 0 (sent in) to 3 (reported); `None`: its way has ended early.
    place: Option<usize>,
    /// Its state as told outside, and the word for it.
    told: String,
    state: String,
}

#[derive(Template)]
#[template(path = "publication/pages/portal.html")]
struct PortalPage {
    ui: Ui,
    samples: Vec<SampleLine>,
    reports: Vec<ListRow>,
    next: String,
    next_reports: String,
}

/// How far a sample is: sent in, received, being tested, reported. `None`: its way has ended early.
fn place_of(state: &str) -> Option<usize> {
    match state {
        "rejected" | "withdrawn" => None,
        "accepted" => Some(1),
        // That all results are there is not told before the report is issued.
        "testing" | "tested" => Some(2),
        "closed" => Some(3),
        _ => Some(0),
    }
}

/// The state as told outside: what is tested but not reported yet is still being tested.
fn told(state: &str) -> &str {
    if state == "tested" { "testing" } else { state }
}

async fn portal(by: May<UsePortal>, ui: Ui, lis: web::Data<Lis>, query: web::Query<Places>) -> Answer {
    let own = enterprise_of(&by)?;
    let (samples, more) = own_samples(&lis, own, query.after).await?;
    let mut reports = own_reports(&lis, own, query.reports, PAGE_ROWS).await?;
    let more_reports = paging::cut(&mut reports, PAGE_ROWS);
    // Each list goes on while the other stays where it is.
    let stays = |name: &str, at: Option<i64>| at.map(|at| format!("&{name}={at}")).unwrap_or_default();
    let next = match samples.last() {
        Some(last) if more => format!("/portal?after={}{}", last.id, stays("reports", query.reports)),
        _ => String::new(),
    };
    let next_reports = match reports.last() {
        Some((last, _)) if more_reports => format!("/portal?reports={}{}", last.id, stays("after", query.after)),
        _ => String::new(),
    };
    let samples = samples
        .into_iter()
        .map(|sample| SampleLine {
            place: place_of(&sample.state),
            told: told(&sample.state).to_owned(),
            state: ui.t(&format!("portal-sample-{}", told(&sample.state))),
            sample,
        })
        .collect();
    page(&PortalPage { ui, samples, reports, next, next_reports }, false)
}

/// A sample as its sender's programs see it.
#[derive(Serialize, utoipa::ToSchema)]
struct OwnSampleView {
    id: SampleId,
    sample_no: Option<String>,
    sample_name: String,
    batch_no: String,
    /// What is tested but not reported yet is told as `testing`.
    state: String,
    arrived_at: Option<Moment>,
    #[schema(value_type = Option<String>, format = Date)]
    due_on: Option<chrono::NaiveDate>,
    due_provisional: bool,
    created_at: Moment,
}

impl From<OwnSample> for OwnSampleView {
    fn from(row: OwnSample) -> Self {
        Self {
            id: row.id,
            sample_no: row.sample_no,
            sample_name: row.sample_name,
            batch_no: row.batch_no,
            state: told(&row.state).to_owned(),
            arrived_at: row.arrived_at,
            due_on: row.due_on,
            due_provisional: row.due_provisional,
            created_at: row.created_at,
        }
    }
}

async fn samples(by: May<UsePortal>, lis: web::Data<Lis>, query: Asked<After>) -> Answer {
    let (rows, more) = own_samples(&lis, enterprise_of(&by)?, query.after).await?;
    let next = rows.last().map(|row| row.id.to_string()).unwrap_or_default();
    let items = rows.into_iter().map(OwnSampleView::from).collect();
    Ok(HttpResponse::Ok().json(Listed { items, next, more }))
}

async fn reports(by: May<UsePortal>, lis: web::Data<Lis>, query: Asked<PageQuery>) -> Answer {
    let limit = paging::limit(query.limit, PAGE_ROWS)?;
    let rows = own_reports(&lis, enterprise_of(&by)?, query.after, limit).await?;
    let view = |(row, sample_no)| ReportView::of(row, sample_no);
    Ok(HttpResponse::Ok().json(Listed::of(rows, limit, |(row, _)| row.id.to_string(), view)))
}

async fn pdf(by: May<UsePortal>, lis: web::Data<Lis>, id: web::Path<ReportId>) -> Answer {
    crate::reports::pages::file(&lis, &by, *id).await
}
