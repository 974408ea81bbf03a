//! The quality report for programs.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::actions::{QualityReport, quality_report};
use super::pages;
use super::period::Period;
use crate::accounts::May;
use crate::accounts::role::SeeQualityReport;
use crate::app::Lis;
use crate::domain::refusal::{FIELD_INVALID, Outcome};
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Ui};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/quality-report", report)
        .about("The numbers of a month or a year, counted from the records.")
        .gives::<QualityReport>()
        .get("/api/v1/quality-report/pdf", printed)
        .about("The same on paper.")
        .gives_file("application/pdf")
}

/// Which period.
#[derive(Deserialize, Default, utoipa::IntoParams)]
#[serde(default)]
pub(super) struct PeriodQuery {
    /// `2026-11` or `2026`; empty: the month of today.
    pub period: String,
}

/// Counts the period that is asked for.
pub(super) async fn asked(lis: &Lis, query: &PeriodQuery) -> Outcome<QualityReport> {
    let now = lis.clock.now();
    let period = match query.period.trim() {
        "" => Period::around(now.date_in_china()),
        text => Period::parse(text),
    };
    let period = period.ok_or_else(|| FIELD_INVALID.at("period").with_word("expected", "expected-period"))?;
    lis.db.read(move |conn| quality_report(conn, period, now)).await
}

async fn report(_: May<SeeQualityReport>, lis: web::Data<Lis>, query: Asked<PeriodQuery>) -> Answer {
    Ok(HttpResponse::Ok().json(asked(&lis, &query).await?))
}

async fn printed(by: May<SeeQualityReport>, ui: Ui, lis: web::Data<Lis>, query: Asked<PeriodQuery>) -> Answer {
    pages::on_paper(&lis, &by, &ui, &query).await
}
