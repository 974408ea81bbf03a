//! The public check page: whoever holds a report can see whether the laboratory issued it, whether it still stands, and
//! whether a file is the very one. It says nothing of the results.

use actix_web::{HttpResponse, web};
use askama::Template;
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::code;
use super::state::ReportState;
use super::store::{self, ReportRow};
use super::{FILE_MISSING, FILE_TOO_LARGE};
use crate::accounts::TOO_MANY_FROM_ADDRESS;
use crate::accounts::extract::Anyone;
use crate::app::Lis;
use crate::domain::clock::Moment;
use crate::domain::refusal::Outcome;
use crate::web::reading::{BODY_INVALID, BODY_TOO_LARGE};
use crate::web::routes::Routes;
use crate::web::upload::{Parts, unreadable};
use crate::web::{Answer, Ui, page, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/verify", ask)
        .get("/verify/{code}", verify)
        .post("/verify/{code}", compare)
        .get("/api/v1/verify/{code}", verify_for_programs)
        .about("Whether the laboratory issued the report of a verification code, and whether it still stands.")
        .gives::<VerificationView>()
        .post("/api/v1/verify/{code}", compare_for_programs)
        .about("Compares a file with the laboratory's. It is hashed as it comes in and kept nowhere.")
        .beside(&[])
        .gives::<ComparisonView>()
        .refuses(&[BODY_INVALID, BODY_TOO_LARGE, FILE_MISSING, FILE_TOO_LARGE, TOO_MANY_FROM_ADDRESS])
}

/// A report has some hundred kilobytes; with many photos some megabytes.
const FILE_MOST_BYTES: usize = 20 * 1024 * 1024;

/// What the laboratory says of a report.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Standing {
    Valid,
    /// An error was found; a new report is in work.
    Amended,
    Replaced,
    Withdrawn,
    /// No such report was issued.
    Unknown,
}

impl Standing {
    fn of(state: ReportState) -> Self {
        match state {
            ReportState::Issued => Self::Valid,
            ReportState::Amended => Self::Amended,
            ReportState::Replaced => Self::Replaced,
            ReportState::Withdrawn => Self::Withdrawn,
            // Not issued yet: nothing unreleased leaks.
            ReportState::Compiling | ReportState::Reviewed | ReportState::Authorized => Self::Unknown,
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Amended => "amended",
            Self::Replaced => "replaced",
            Self::Withdrawn => "withdrawn",
            Self::Unknown => "unknown",
        }
    }

    fn tone(self) -> &'static str {
        match self {
            Self::Valid => "good",
            Self::Amended | Self::Replaced => "warn",
            Self::Withdrawn => "bad",
            Self::Unknown => "plain",
        }
    }

    fn icon(self) -> &'static str {
        match self {
            Self::Valid => "good",
            Self::Amended => "warn",
            Self::Replaced => "repeat",
            Self::Withdrawn => "bad",
            Self::Unknown => "question",
        }
    }
}

struct Found {
    standing: Standing,
    report: Option<ReportRow>,
    /// The issued report that took its place.
    successor: Option<ReportRow>,
}

async fn look_up(lis: &Lis, code: &str) -> Outcome<Found> {
    let unknown = Found { standing: Standing::Unknown, report: None, successor: None };
    let Some(code) = code::read(code) else {
        return Ok(unknown);
    };
    lis.db
        .read(move |conn| {
            let Some(report) = store::by_code(conn, &code)? else {
                return Ok(unknown);
            };
            let standing = Standing::of(report.state());
            if standing == Standing::Unknown {
                return Ok(unknown);
            }
            let successor = store::successor(conn, report.id)?.filter(|new| new.state().was_issued());
            Ok(Found { standing, report: Some(report), successor })
        })
        .await
}

#[derive(Template)]
#[template(path = "reports/pages/verify.html")]
struct VerifyPage {
    ui: Ui,
    code: String,
    standing: Standing,
    title: String,
    sentence: String,
    report: Option<ReportRow>,
    successor: Option<ReportRow>,
    /// SHA-256 of the file that was brought, and whether it is the laboratory's.
    brought: Option<(String, bool)>,
    refused: Option<String>,
}

impl VerifyPage {
    fn of(ui: Ui, code: String, found: Found) -> Self {
        let word = found.standing.code();
        Self {
            title: ui.t(&format!("verify-{word}")),
            sentence: ui.t(&format!("verify-{word}-text")),
            code,
            standing: found.standing,
            report: found.report,
            successor: found.successor,
            brought: None,
            refused: None,
            ui,
        }
    }
}

#[derive(Template)]
#[template(path = "reports/pages/verify_ask.html")]
struct AskPage {
    ui: Ui,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    code: String,
}

async fn ask(_: Anyone, ui: Ui, query: web::Query<Typed>) -> Answer {
    let code = query.code.trim();
    if code.is_empty() {
        return page(&AskPage { ui }, false);
    }
    let path: String = url::form_urlencoded::byte_serialize(code.as_bytes()).collect();
    // A form encodes a blank as plus; in a path it is %20.
    Ok(see_other(&format!("/verify/{}", path.replace('+', "%20")), None))
}

async fn verify(_: Anyone, ui: Ui, lis: web::Data<Lis>, code: web::Path<String>) -> Answer {
    let found = look_up(&lis, &code).await?;
    page(&VerifyPage::of(ui, code.into_inner(), found), false)
}

/// Compares a file that somebody got with the laboratory's. It is hashed as it comes in and kept nowhere.
async fn compare(by: Anyone, ui: Ui, lis: web::Data<Lis>, code: web::Path<String>, body: Parts) -> Answer {
    let hash = match lis.doors.file(by.address) {
        Ok(()) => hash_of_upload(body).await,
        Err(early) => Err(early.into()),
    };
    let found = look_up(&lis, &code).await?;
    let mut view = VerifyPage::of(ui, code.into_inner(), found);
    match crate::web::refused(hash)? {
        Ok(sha256) => {
            let ours = view.report.as_ref().and_then(|report| report.file_sha256.as_deref());
            view.brought = Some((sha256.clone(), ours == Some(sha256.as_str())));
            page(&view, false)
        }
        Err(refusal) => {
            let said = refusal.reasons.first().map(|reason| view.ui.language.sentence(reason));
            view.refused = said;
            refused_page(&view, &refusal)
        }
    }
}

async fn hash_of_upload(Parts(mut body): Parts) -> Outcome<String> {
    while let Some(part) = body.next().await {
        let mut part = part.map_err(|error| unreadable(&error))?;
        if part.name() != Some("file") {
            while let Some(chunk) = part.next().await {
                chunk.map_err(|error| unreadable(&error))?;
            }
            continue;
        }
        let (mut hasher, mut size) = (Sha256::new(), 0_usize);
        while let Some(chunk) = part.next().await {
            let chunk = chunk.map_err(|error| unreadable(&error))?;
            size += chunk.len();
            if size > FILE_MOST_BYTES {
                return Err(FILE_TOO_LARGE.with("most", FILE_MOST_BYTES / (1024 * 1024)).at("file").into());
            }
            hasher.update(&chunk);
        }
        if size > 0 {
            return Ok(hex::encode(hasher.finalize()));
        }
    }
    Err(FILE_MISSING.at("file").into())
}

/// What the laboratory says of a report.
#[derive(Serialize, utoipa::ToSchema)]
struct VerificationView {
    /// `valid`, `amended` (a new report is in work), `replaced`, `withdrawn` or `unknown`.
    standing: &'static str,
    report_no: Option<String>,
    issued_at: Option<Moment>,
    /// SHA-256 of the issued file, 64 hexadecimal digits.
    sha256: Option<String>,
    replaced_by: Option<SuccessorView>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct SuccessorView {
    report_no: String,
    verification_code: String,
}

impl From<Found> for VerificationView {
    fn from(found: Found) -> Self {
        let (report_no, issued_at, sha256) = match found.report {
            Some(report) => (Some(report.report_no), report.issued_at, report.file_sha256),
            None => (None, None, None),
        };
        let successor =
            |new: ReportRow| SuccessorView { report_no: new.report_no, verification_code: new.verification_code };
        Self {
            standing: found.standing.code(),
            report_no,
            issued_at,
            sha256,
            replaced_by: found.successor.map(successor),
        }
    }
}

async fn verify_for_programs(_: Anyone, lis: web::Data<Lis>, code: web::Path<String>) -> Answer {
    let found = look_up(&lis, &code).await?;
    Ok(HttpResponse::Ok().json(VerificationView::from(found)))
}

/// A file beside what the laboratory says of the report.
#[derive(Serialize, utoipa::ToSchema)]
struct ComparisonView {
    /// SHA-256 of the file that was brought.
    brought_sha256: String,
    /// Whether it is, byte by byte, the issued file.
    same: bool,
    #[serde(flatten)]
    report: VerificationView,
}

async fn compare_for_programs(by: Anyone, lis: web::Data<Lis>, code: web::Path<String>, body: Parts) -> Answer {
    lis.doors.file(by.address)?;
    let brought_sha256 = hash_of_upload(body).await?;
    let report = VerificationView::from(look_up(&lis, &code).await?);
    let same = report.sha256.as_deref() == Some(brought_sha256.as_str());
    Ok(HttpResponse::Ok().json(ComparisonView { brought_sha256, same, report }))
}
