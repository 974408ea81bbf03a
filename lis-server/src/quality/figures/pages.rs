//! The page of the quality report, made to be printed.

use actix_web::web;
use askama::Template;

use super::actions::{QcCount, QualityReport};
use super::api::{PeriodQuery, asked};
use crate::accounts::May;
use crate::accounts::role::SeeQualityReport;
use crate::app::Lis;
use crate::web::routes::Routes;
use crate::web::{Answer, Ui, page};

pub fn routes() -> Routes {
    Routes::new().get("/quality/report", report)
}

#[derive(Template)]
#[template(path = "quality/figures/report.html")]
struct ReportPage {
    ui: Ui,
    report: QualityReport,
}

impl ReportPage {
    /// Verdicts over controls by instrument and by person, each with the key of its title.
    fn counts(&self) -> [(&'static str, &[QcCount]); 2] {
        [
            ("figures-qc-by-instrument", self.report.qc_by_instrument.as_slice()),
            ("figures-qc-by-person", self.report.qc_by_person.as_slice()),
        ]
    }

    /// A name of a list in the page's language.
    fn word(&self, prefix: &str, name: &str) -> String {
        let name = name.to_lowercase().replace('_', "-");
        self.ui.t(&format!("{prefix}-{}", if name.is_empty() { "open" } else { name.as_str() }))
    }
}

async fn report(_: May<SeeQualityReport>, ui: Ui, lis: web::Data<Lis>, query: web::Query<PeriodQuery>) -> Answer {
    let report = asked(&lis, &query).await?;
    page(&ReportPage { ui, report }, false)
}
