//! Report numbers without silent holes (`quality.md` Q78-7): the series of a year with what they gave, and every number that does
//! not stand any more, with the reason.

use std::collections::{HashMap, HashSet};

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::Datelike;
use serde::{Deserialize, Serialize};

use super::number::{SERIES, number};
use super::state::ReportState;
use super::store::{self, ListRow, ReportRow};
use crate::accounts::role::{May, SeeReports};
use crate::app::Lis;
use crate::db::Conn;
use crate::domain::clock::Moment;
use crate::domain::ids::ReportId;
use crate::domain::input::whole_between;
use crate::domain::refusal::{FIELD_INVALID, Fault, Outcome, Refusal};
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Ui, page};

pub fn page_routes() -> Routes {
    Routes::new().get("/reports/numbers", numbers_page)
}

pub fn api_routes() -> Routes {
    Routes::new()
        .get("/api/v1/report-numbers", numbers)
        .about(
            "The series of report numbers of a year, numbers without a report, and reports that do not stand any more.",
        )
        .gives::<ReportNumbers>()
}

/// Void numbers that are shown of a year at most: more than any laboratory takes back.
const VOID_MOST: i64 = 1_000;
/// Years that a number can have.
const FIRST_YEAR: i32 = 2000;
const LAST_YEAR: i32 = 2999;

#[derive(Deserialize, Default, utoipa::IntoParams)]
#[serde(default)]
struct NumbersQuery {
    /// Left out: this year.
    year: Option<i32>,
}

impl NumbersQuery {
    fn year(&self, lis: &Lis) -> Result<i32, Refusal> {
        let year = self.year.unwrap_or_else(|| lis.clock.now().date_in_china().year());
        if (FIRST_YEAR..=LAST_YEAR).contains(&year) {
            return Ok(year);
        }
        let reason = FIELD_INVALID.at("year").with("expected", whole_between(FIRST_YEAR.into(), LAST_YEAR.into()));
        Err(reason.with("least", FIRST_YEAR).with("most", LAST_YEAR).into())
    }
}

/// The report numbers of a year.
#[derive(Serialize, utoipa::ToSchema)]
struct ReportNumbers {
    year: i32,
    series: Vec<ReportSeries>,
    /// In order of the number.
    void: Vec<VoidReport>,
}

/// A series: laboratory, year, type of test.
#[derive(Serialize, utoipa::ToSchema)]
struct ReportSeries {
    series: String,
    /// The last number that was given.
    last: String,
    given: i64,
    /// Numbers that were given and have no report.
    missing: Vec<String>,
}

/// A report that does not stand any more.
#[derive(Serialize, utoipa::ToSchema)]
struct VoidReport {
    id: i64,
    report_no: String,
    sample_no: Option<String>,
    /// replaced, withdrawn
    state: String,
    /// The report that took its place.
    replaced_by: Option<String>,
    reason: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    issued_at: Option<Moment>,
}

/// Five statements, however many numbers there are.
fn numbering(conn: &mut Conn, year: i32) -> Outcome<ReportNumbers> {
    let numbers: HashSet<String> = store::numbers_of_year(conn, year)?.into_iter().collect();
    let series = store::series_of_year(conn, year)?
        .into_iter()
        .map(|(name, first, last)| series_view(name.trim_start_matches(SERIES), (first, last), &numbers));
    let void = store::void_of_year(conn, year, &[ReportState::Replaced, ReportState::Withdrawn], VOID_MOST)?;
    let ids: Vec<ReportId> = void.iter().map(|(report, _)| report.id).collect();
    let mut successors: HashMap<ReportId, ReportRow> = HashMap::new();
    for report in store::successors(conn, &ids)? {
        successors.extend(report.amends_id.map(|old| (old, report)));
    }
    let mut withdrawn: HashMap<i64, String> = HashMap::new();
    for (id, body) in store::withdrawals(conn, &ids)? {
        let entry: serde_json::Value = serde_json::from_str(&body).map_err(Fault::broken)?;
        withdrawn.insert(id, entry["changes"]["reason"][1].as_str().unwrap_or_default().to_owned());
    }
    let view = |(report, sample_no): ListRow| {
        let successor = successors.get(&report.id);
        VoidReport {
            id: report.id.0,
            reason: withdrawn
                .remove(&report.id.0)
                .or_else(|| successor.map(|next| next.amendment_reason.clone()))
                .unwrap_or_default(),
            replaced_by: successor.map(|next| next.report_no.clone()),
            report_no: report.report_no,
            sample_no,
            state: report.state,
            issued_at: report.issued_at,
        }
    };
    Ok(ReportNumbers { year, series: series.collect(), void: void.into_iter().map(view).collect() })
}

/// What was given before the first number was given elsewhere.
fn series_view(series: &str, (first, last): (i64, i64), numbers: &HashSet<String>) -> ReportSeries {
    let missing = (first..=last).map(|serial| number(series, serial)).filter(|number| !numbers.contains(number));
    ReportSeries {
        last: number(series, last),
        missing: missing.collect(),
        given: last - first + 1,
        series: series.to_owned(),
    }
}

async fn numbers(_: May<SeeReports>, lis: web::Data<Lis>, query: Asked<NumbersQuery>) -> Answer {
    let year = query.year(&lis)?;
    Ok(HttpResponse::Ok().json(lis.db.read(move |conn| numbering(conn, year)).await?))
}

#[derive(Template)]
#[template(path = "reports/pages/numbers.html")]
struct NumbersPage {
    ui: Ui,
    numbers: ReportNumbers,
}

async fn numbers_page(_: May<SeeReports>, ui: Ui, lis: web::Data<Lis>, query: web::Query<NumbersQuery>) -> Answer {
    let year = query.year(&lis)?;
    let numbers = lis.db.read(move |conn| numbering(conn, year)).await?;
    page(&NumbersPage { ui, numbers }, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_was_given_and_has_no_report_is_named() {
        let numbers: HashSet<String> = ["BZ-2026-W-000001", "BZ-2026-W-000003"].map(str::to_owned).into();
        let view = series_view("BZ-2026-W", (1, 4), &numbers);
        assert_eq!((view.last.as_str(), view.given), ("BZ-2026-W-000004", 4));
        assert_eq!(view.missing, ["BZ-2026-W-000002", "BZ-2026-W-000004"]);
        // Begun at the third, the second was given elsewhere.
        let begun = series_view("BZ-2026-W", (3, 4), &numbers);
        assert_eq!((begun.given, begun.missing), (2, vec!["BZ-2026-W-000004".to_owned()]));
    }
}
