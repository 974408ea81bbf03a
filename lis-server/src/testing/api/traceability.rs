//! What a result rests on, for programs.

use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use serde::Serialize;

use super::super::actions::{Link, Traceability, traceability};
use crate::accounts::May;
use crate::accounts::role::SeeEvidence;
use crate::app::Lis;
use crate::domain::ids::ItemId;
use crate::domain::refusal::Reason;
use crate::web::routes::Routes;
use crate::web::{Answer, versioned};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/items/{id}/traceability", traced)
        .about("Everything that the newest result rests on, in one list: instruments with the certificates that held, lots down to reference materials, method, people, messages with the settings and the profile that they came through; and where the way is broken.")
        .gives::<TraceView>()
}

/// What a result rests on.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Traceability)]
struct TraceView {
    id: i64,
    version: i64,
    label_code: String,
    analyte: String,
    /// As the report prints it; empty: there is no result yet.
    reported: String,
    unit: String,
    /// Every way leads to a certificate that held on the day.
    unbroken: bool,
    /// What is missing as a whole: codes of problems.
    gaps: Vec<String>,
    links: Vec<LinkView>,
}

/// One thing that a result rests on.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = TraceLink)]
struct LinkView {
    /// method, worksheet, person, result, laboratory, instrument, certificate, check, lot, message, settings, profile, document
    kind: &'static str,
    /// Of a lot that another one was made of: steps from the one that was used. A certificate stands behind its instrument.
    depth: u32,
    /// Of its record.
    id: Option<i64>,
    code: String,
    name: String,
    /// Who calibrated it, supplied it or brought it; of a person tester, typist, or the meaning of a signature.
    by: String,
    certificate_no: String,
    #[schema(value_type = Option<String>, format = Date)]
    from: Option<NaiveDate>,
    #[schema(value_type = Option<String>, format = Date)]
    until: Option<NaiveDate>,
    /// Of the bytes of a message or a report.
    sha256: String,
    /// Address of its page.
    page: String,
    /// Where the way is broken: codes of problems.
    gaps: Vec<String>,
}

fn codes(reasons: &[Reason]) -> Vec<String> {
    reasons.iter().map(|reason| reason.problem.code.to_owned()).collect()
}

impl From<Link> for LinkView {
    fn from(link: Link) -> Self {
        Self {
            gaps: codes(&link.gaps),
            kind: link.kind,
            depth: link.depth,
            id: link.id,
            code: link.code,
            name: link.name,
            by: link.by,
            certificate_no: link.certificate_no,
            from: link.from,
            until: link.until,
            sha256: link.sha256,
            page: link.page,
        }
    }
}

async fn traced(_: May<SeeEvidence>, lis: web::Data<Lis>, id: web::Path<ItemId>) -> Answer {
    let id = *id;
    let found = lis.db.read(move |conn| traceability(conn, id)).await?;
    let unbroken = found.is_unbroken();
    let Traceability { item, label_code, result, links, gaps } = found;
    let (reported, unit) = result.map(|row| (row.reported, row.unit)).unwrap_or_default();
    let view = TraceView {
        id: item.id.0,
        version: item.version,
        label_code,
        analyte: item.analyte,
        reported,
        unit,
        unbroken,
        gaps: codes(&gaps),
        links: links.into_iter().map(LinkView::from).collect(),
    };
    versioned(HttpResponse::Ok(), view.version, &view)
}
