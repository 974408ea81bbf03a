//! The page of the quality report, and the report on paper.

use actix_web::web;
use askama::Template;

use super::actions::{QcCount, QualityReport};
use super::api::{PeriodQuery, asked};
use super::paper;
use crate::accounts::role::SeeQualityReport;
use crate::accounts::{Actor, May};
use crate::app::Lis;
use crate::web::routes::Routes;
use crate::web::{Answer, Ui, page, pdf};

pub fn routes() -> Routes {
    Routes::new().get("/quality/report", report).get("/quality/report/pdf", printed)
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
        paper::word(self.ui.language, prefix, name)
    }
}

async fn report(_: May<SeeQualityReport>, ui: Ui, lis: web::Data<Lis>, query: web::Query<PeriodQuery>) -> Answer {
    let report = asked(&lis, &query).await?;
    page(&ReportPage { ui, report }, false)
}

async fn printed(by: May<SeeQualityReport>, ui: Ui, lis: web::Data<Lis>, query: web::Query<PeriodQuery>) -> Answer {
    on_paper(&lis, &by, &ui, &query).await
}

/// The report of a period as a PDF.
pub(super) async fn on_paper(lis: &Lis, by: &Actor, ui: &Ui, query: &PeriodQuery) -> Answer {
    let report = asked(lis, query).await?;
    let name = paper::file_name(&report);
    Ok(pdf(paper::printed(lis, report, by.name.clone(), ui.language).await?, &name))
}
