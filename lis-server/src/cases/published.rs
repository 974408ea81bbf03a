//! What the public reads (公示, `workflow.md` 13): failing results that the ordering authority has published, as the report
//! states them. What fell since stays readable, struck through, with the reason; what was never published is not there.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::{Deserialize, Serialize};

use super::calls::{self, AnalyteShown, ReportShown};
use super::feed::{FeedResult, failing_of};
use super::state::Application;
use super::store::{self, ApplicationRow, CaseRow, EventRow};
use crate::accounts::extract::Anyone;
use crate::app::Lis;
use crate::db::Conn;
use crate::domain::clock::Moment;
use crate::domain::ids::{CaseId, ReportId, SampleId};
use crate::domain::refusal::{Fault, Outcome};
use crate::pdf::documents::{Party, Sample};
use crate::web::paging::{self, LIMIT, Listed, PageQuery};
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Ui, page};

pub fn routes() -> Routes {
    Routes::new().get("/published-results", shown)
}

pub fn api_routes() -> Routes {
    Routes::new()
        .get("/api/v1/published-results", listed)
        .about(
            "Failing results that the authorities have published, and their corrections, newest case first, in pages.",
        )
        .gives::<Listed<PublishedResult>>()
}

/// A published failing result.
#[derive(Serialize, utoipa::ToSchema)]
pub struct PublishedResult {
    /// Names it in `after`.
    pub id: i64,
    pub case_no: String,
    pub ordering_name: String,
    pub sample_name: String,
    pub category: String,
    pub spec: String,
    pub brand: String,
    pub production_date: String,
    pub batch_no: String,
    pub producer_name: String,
    pub producer_address: String,
    pub unit_name: String,
    pub unit_address: String,
    pub laboratory: String,
    pub report_no: String,
    /// What fails; of a sampling plan all values.
    pub items: Vec<FeedResult>,
    /// The conclusion fell after it had been published: the text above is struck through.
    pub corrected: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub corrected_at: Option<Moment>,
    /// Why it fell.
    pub correction_reason: String,
}

/// What is read of a report's fixed document beside its items.
#[derive(Deserialize)]
struct Fixed {
    laboratory: Named,
    sample: Sample,
    sampled_unit: Option<Party>,
    producer: Option<Party>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

/// Published results, newest case first, before an id (exclusive): half a dozen statements, however many.
pub fn results(conn: &mut Conn, before: Option<i64>, limit: i64) -> Outcome<Vec<PublishedResult>> {
    let cases = store::published(conn, before, limit)?;
    let ids: Vec<CaseId> = cases.iter().map(|case| case.id).collect();
    let sample_ids: Vec<SampleId> = cases.iter().map(|case| case.sample_id).collect();
    let events = store::events_of(conn, &ids)?;
    let applications = store::applications_of(conn, &ids)?;
    let report_ids: Vec<ReportId> = events.iter().map(|event| event.report_id).collect();
    let reports = calls::reports(conn, &report_ids)?;
    let documents = calls::documents(conn, &report_ids)?;
    let analytes = calls::analytes(conn, &sample_ids)?;
    let samples = calls::samples(conn, &sample_ids)?;
    let mut found = Vec::new();
    for case in cases {
        let own: Vec<&EventRow> = events.iter().filter(|event| event.case_id == case.id).collect();
        // The report that failed last; a reversal says what made it fall.
        let Some(failing) = own.iter().rev().find(|event| event.event != "reversed") else { continue };
        let Some((_, document)) = documents.iter().find(|(id, _)| *id == failing.report_id) else { continue };
        let known: Vec<&AnalyteShown> = analytes.iter().filter(|one| one.sample_id == case.sample_id).collect();
        let fixed: Fixed = serde_json::from_str(document).map_err(Fault::broken)?;
        let fell = own.last().filter(|event| event.event == "reversed");
        let ordering = samples.iter().find(|sample| sample.id == case.sample_id).map(|one| one.ordering_name.clone());
        let report = reports.iter().find(|report| report.id == failing.report_id);
        let given = |text: Option<String>| text.unwrap_or_default();
        let (unit, producer) = (fixed.sampled_unit.unwrap_or_default(), fixed.producer.unwrap_or_default());
        found.push(PublishedResult {
            id: case.id.0,
            ordering_name: given(ordering),
            sample_name: fixed.sample.name,
            category: given(fixed.sample.category),
            spec: given(fixed.sample.spec),
            brand: given(fixed.sample.brand),
            production_date: given(fixed.sample.production_date),
            batch_no: given(fixed.sample.batch_no),
            producer_name: producer.name,
            producer_address: given(producer.address),
            unit_name: unit.name,
            unit_address: given(unit.address),
            laboratory: fixed.laboratory.name,
            report_no: given(report.map(|report| report.report_no.clone())),
            items: failing_of(document, &known)?,
            corrected: case.publicity == "corrected",
            corrected_at: fell.map(|event| event.at),
            correction_reason: fell.map(|event| why(&case, event, &applications, &reports)).unwrap_or_default(),
            case_no: case.case_no,
        });
    }
    Ok(found)
}

/// Why a conclusion fell: what the authority decided about an application, else what the report that came after it gives.
fn why(case: &CaseRow, fell: &EventRow, applications: &[ApplicationRow], reports: &[ReportShown]) -> String {
    let decided = |row: &&ApplicationRow| {
        row.case_id == case.id && row.state == Application::Reversed.code() && row.decided_at == Some(fell.at)
    };
    let amended = || reports.iter().find(|report| report.id == fell.report_id).map(|one| one.amendment_reason.clone());
    let decision = applications.iter().find(decided).map(|row| row.decision_reason.clone());
    decision.or_else(amended).unwrap_or_default()
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Place {
    /// The last case of the page before.
    after: Option<i64>,
}

#[derive(Template)]
#[template(path = "cases/pages/published.html")]
struct PublishedPage {
    ui: Ui,
    results: Vec<PublishedResult>,
    next: String,
}

async fn shown(_: Anyone, ui: Ui, lis: web::Data<Lis>, query: web::Query<Place>) -> Answer {
    let after = query.after;
    let mut found = lis.db.read(move |conn| results(conn, after, LIMIT + 1)).await?;
    let more = paging::cut(&mut found, LIMIT);
    let next = match found.last() {
        Some(last) if more => format!("/published-results?after={}", last.id),
        _ => String::new(),
    };
    page(&PublishedPage { ui, results: found, next }, false)
}

async fn listed(_: Anyone, lis: web::Data<Lis>, query: Asked<PageQuery>) -> Answer {
    let (limit, after) = (paging::limit(query.limit, LIMIT)?, query.after);
    let found = lis.db.read(move |conn| results(conn, after, limit + 1)).await?;
    Ok(HttpResponse::Ok().json(Listed::of(found, limit, |one| one.id.to_string(), |one| one)))
}
