//! The log for programs: entries by object or person, newest first, and the whole log as lines that anyone can verify.

use actix_web::HttpResponse;
use actix_web::web::{self, Bytes};
use futures_util::stream;
use serde::{Deserialize, Serialize};

use super::shown::{Change, changes_of, reads_in_full};
use super::store::{self, Filter};
use super::verify::{StoredEntry, page_after};
use crate::accounts::May;
use crate::accounts::role::{ExportLog, ReadLog};
use crate::app::Lis;
use crate::domain::clock::Moment;
use crate::domain::input::whole_between;
use crate::domain::refusal::{FIELD_INVALID, Fault};
use crate::web::paging::{self, LIMIT, Listed};
use crate::web::routes::Routes;
use crate::web::{Answer, Asked};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/log", log)
        .about("Entries of the log, newest first, of an object, of a person, or all.")
        .gives::<Listed<LogEntryView>>()
        .get("/api/v1/log/export", export)
        .about(
            "The log after a position as NDJSON, one entry a line in order of position, as `lis-server audit verify` \
             reads it.",
        )
        .gives_file("application/x-ndjson")
}

#[derive(Deserialize, Default, utoipa::IntoParams)]
#[serde(default)]
struct LogQuery {
    /// Kind of object: `sample`, `test_item`, `report` …; empty: all.
    kind: String,
    /// Id of the object; left out: all.
    id: Option<i64>,
    /// Who did it: `person:12`, `system:jobs` …; empty: all.
    actor: String,
    /// The `next` of the answer before: a position.
    after: Option<i64>,
    /// Rows of the answer, 1 to 500; 50 unless said otherwise.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

/// An entry of the log.
#[derive(Serialize, utoipa::ToSchema)]
struct LogEntryView {
    /// Its place in the log, from 1, without a hole.
    position: i64,
    at: Moment,
    /// `person:12`, `system:jobs`.
    actor: String,
    /// The role that allowed the act.
    role: String,
    /// Address and program.
    device: String,
    /// The request, job or message that made it happen.
    cause: String,
    object_kind: String,
    object_id: i64,
    object_version: i64,
    /// A code: `sample-received` …
    event: String,
    /// Values as text; personal words are kept sealed and shown as `•••`.
    changes: Vec<Change>,
    /// True: what was written is not for the reader; `changes` is empty.
    withheld: bool,
}

impl LogEntryView {
    fn of((position, entry): (i64, StoredEntry), in_full: bool) -> Self {
        let changes = changes_of(&entry, in_full);
        Self {
            position,
            withheld: changes.is_none(),
            changes: changes.unwrap_or_default(),
            at: entry.at,
            actor: entry.actor,
            role: entry.role,
            device: entry.device,
            cause: entry.cause,
            object_kind: entry.object_kind,
            object_id: entry.object_id,
            object_version: entry.object_version,
            event: entry.event,
        }
    }
}

async fn log(by: May<ReadLog>, lis: web::Data<Lis>, query: Asked<LogQuery>) -> Answer {
    let LogQuery { kind, id, actor, after, limit } = query.into_inner();
    let limit = paging::limit(limit, LIMIT)?;
    let given = |text: String| (!text.trim().is_empty()).then(|| text.trim().to_owned());
    let filter = Filter { object_kind: given(kind), object_id: id, actor: given(actor), before: after };
    let in_full = reads_in_full(&by);
    let rows = lis.db.read(move |conn| Ok(store::entries(conn, &filter, limit + 1)?)).await?;
    Ok(HttpResponse::Ok().json(Listed::of(
        rows,
        limit,
        |(position, _)| position.to_string(),
        |row| LogEntryView::of(row, in_full),
    )))
}

#[derive(Deserialize, Default, utoipa::IntoParams)]
#[serde(default)]
struct ExportQuery {
    /// The last position that the caller has; left out: from the beginning. Only an export from the beginning can be
    /// verified by itself.
    #[param(minimum = 0)]
    after: Option<i64>,
}

/// Read page by page while it is sent: a log of any length is never held in memory. What breaks on the way ends the
/// answer in the middle, which the verification of the export notices.
async fn export(_: May<ExportLog>, lis: web::Data<Lis>, query: Asked<ExportQuery>) -> Answer {
    let after = query.after.unwrap_or(0);
    if after < 0 {
        return Err(FIELD_INVALID.at("after").with("expected", whole_between(0, i64::MAX)).with("least", 0).into());
    }
    let lines = stream::try_unfold(after, move |after| {
        let db = lis.db.clone();
        async move {
            let page = db.read(move |conn| Ok(page_after(conn, after)?)).await?;
            let Some(last) = page.last() else { return Ok::<_, Fault>(None) };
            let mut text = Vec::new();
            for linked in &page {
                serde_json::to_writer(&mut text, linked).map_err(Fault::broken)?;
                text.push(b'\n');
            }
            Ok(Some((Bytes::from(text), last.position)))
        }
    });
    Ok(HttpResponse::Ok()
        .content_type("application/x-ndjson")
        .insert_header(("Content-Disposition", "attachment; filename=\"log.ndjson\""))
        .streaming(lines))
}
