//! What an authority learns of the sampling that it ordered: every issued report, whatever it concludes, from its issue on. So
//! passing conclusions reach it within their seven working days (T3, `workflow.md` 10) without anybody's doing; failing ones
//! come as cases as well. Page and API.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::accounts::role::{May, ReadOrderedReports};
use crate::app::Lis;
use crate::domain::identifiers::RegionCode;
use crate::domain::ids::ReportId;
use crate::domain::refusal::{NOT_FOUND, Outcome};
use crate::reports::actions::{self as reports, OrderedReport};
use crate::reports::api::ReportView;
use crate::web::paging::{self, Listed, PageQuery};
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Ui, page};

pub fn routes() -> Routes {
    Routes::new()
        .get("/ordered-reports", ordered)
        .get("/api/v1/ordered-reports", list)
        .about(
            "Issued reports on samples that the caller's region, or one below it, had taken, newest first, in pages.",
        )
        .gives::<Listed<ReportView>>()
        .get("/api/v1/ordered-reports/{id}/pdf", pdf)
        .about("The file of such a report.")
        .gives_file("application/pdf")
}

const PAGE_ROWS: i64 = 50;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Place {
    /// The last report of the page before.
    after: Option<i64>,
}

/// A person of no region has ordered nothing.
fn region_of(by: &May<ReadOrderedReports>) -> Outcome<RegionCode> {
    by.region.clone().ok_or_else(|| NOT_FOUND.into())
}

/// One more than asked for, where there are more.
async fn ordered_by(lis: &Lis, region: RegionCode, after: Option<i64>, limit: i64) -> Outcome<Vec<OrderedReport>> {
    lis.db.read(move |conn| reports::ordered_by(conn, region.as_str(), after, limit + 1)).await
}

#[derive(Template)]
#[template(path = "publication/pages/ordered.html")]
struct OrderedPage {
    ui: Ui,
    reports: Vec<OrderedReport>,
    next: String,
}

async fn ordered(by: May<ReadOrderedReports>, ui: Ui, lis: web::Data<Lis>, query: web::Query<Place>) -> Answer {
    let mut reports = ordered_by(&lis, region_of(&by)?, query.after, PAGE_ROWS).await?;
    let more = paging::cut(&mut reports, PAGE_ROWS);
    let next = match reports.last() {
        Some((last, ..)) if more => format!("/ordered-reports?after={}", last.id),
        _ => String::new(),
    };
    page(&OrderedPage { ui, reports, next }, false)
}

async fn list(by: May<ReadOrderedReports>, lis: web::Data<Lis>, query: Asked<PageQuery>) -> Answer {
    let limit = paging::limit(query.limit, PAGE_ROWS)?;
    let rows = ordered_by(&lis, region_of(&by)?, query.after, limit).await?;
    let view = |(row, sample_no, ..): OrderedReport| ReportView::of(row, sample_no);
    Ok(HttpResponse::Ok().json(Listed::of(rows, limit, |(row, ..)| row.id.to_string(), view)))
}

async fn pdf(by: May<ReadOrderedReports>, lis: web::Data<Lis>, id: web::Path<ReportId>) -> Answer {
    crate::reports::pages::file(&lis, &by, *id).await
}
