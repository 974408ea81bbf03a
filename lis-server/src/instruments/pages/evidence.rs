//! The evidence behind a value, to be looked at and not changed: the bytes of a message beside what was read in them, with
//! the place of the value marked.

use actix_web::{HttpResponse, web};
use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::super::documents;
use super::super::evidence::{self, Piece, RawLine, Wanted};
use super::super::profiles::named;
use super::super::store::{self, InstrumentRow, LinkRow, MessageRow, ObservationRow};
use super::rows::{RowQuery, Rows};
use crate::accounts::May;
use crate::accounts::role::SeeEvidence;
use crate::app::Lis;
use crate::db::Conn;
use crate::domain::ids::{MessageId, ObservationId};
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome};
use crate::web::routes::Routes;
use crate::web::{Answer, Ui, page};

pub fn routes() -> Routes {
    Routes::new().get("/evidence/{id}", evidence_page).get("/evidence/{id}/file", bytes)
}

/// Bytes of a message shown on its page; the rest is in the stored message.
const SHOWN_BYTES: usize = 64 * 1024;

/// A message as both of its pages show it.
pub(super) struct Shown {
    pub message: MessageRow,
    pub instrument: Option<InstrumentRow>,
    pub rows: Rows,
    pub raw: Vec<RawLine>,
    /// The page shows a part of the bytes.
    pub cut: bool,
    /// A PDF: its bytes are opened, not read here.
    pub is_document: bool,
    /// What the document is evidence of.
    pub links: Vec<LinkRow>,
}

/// Reads a message and marks the value of one of its rows.
pub(super) fn shown(conn: &mut Conn, id: MessageId, query: &RowQuery) -> Outcome<Shown> {
    let message = store::message(conn, id)?.ok_or(NOT_FOUND)?;
    let instrument = store::instrument_by_code(conn, &message.instrument_code)?;
    let marked = match query.row {
        Some(row) => store::observation(conn, row)?.filter(|row| row.message_id == id),
        None => None,
    };
    let rows = Rows::of(conn, &message, query, marked.as_ref())?;
    let bytes = BASE64.decode(store::content(conn, id)?).unwrap_or_default();
    let profile = match &instrument {
        Some(instrument) => named::load(conn, &instrument.profile)?.ok(),
        None => None,
    };
    let is_document = documents::is_document(&message.kind, &bytes);
    if is_document {
        let links = documents::standing(&store::links_of_message(conn, id)?);
        return Ok(Shown { message, instrument, rows, raw: Vec::new(), cut: false, is_document, links });
    }
    let wanted = match &marked {
        Some(row) => Some(wanted(conn, row)?),
        None => None,
    };
    let (raw, cut) = evidence::lines(profile.as_ref(), &bytes, wanted.as_ref(), SHOWN_BYTES);
    Ok(Shown { message, instrument, rows, raw, cut, is_document, links: Vec::new() })
}

fn wanted(conn: &mut Conn, row: &ObservationRow) -> Outcome<Wanted> {
    let before = store::count_same_before(conn, row)?;
    Ok(Wanted {
        place: row.source_place.clone(),
        value: row.value.clone(),
        sample: row.sample_ref.clone(),
        analyte: row.analyte_ref.clone(),
        before: usize::try_from(before).unwrap_or_default(),
    })
}

#[derive(Template)]
#[template(path = "instruments/pages/evidence.html")]
struct EvidencePage {
    ui: Ui,
    message: MessageRow,
    instrument: String,
    rows: Vec<ObservationRow>,
    /// Addresses of the pages of rows: this one, the one before, the next.
    here: String,
    previous: String,
    next: String,
    /// How many rows are shown.
    count: String,
    raw: Vec<RawLine>,
    cut: bool,
    row: Option<ObservationId>,
    is_document: bool,
    links: Vec<LinkRow>,
}

impl EvidencePage {
    fn is_shown(&self, id: &ObservationId) -> bool {
        self.row == Some(*id)
    }
}

async fn evidence_page(
    _: May<SeeEvidence>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<MessageId>,
    query: web::Query<RowQuery>,
) -> Answer {
    let (id, query) = (*id, query.into_inner());
    let row = query.row;
    let Shown { message, instrument, rows, raw, cut, is_document, links } =
        lis.db.read(move |conn| shown(conn, id, &query)).await?;
    let instrument =
        instrument.map_or_else(|| message.instrument_code.clone(), |one| format!("{} {}", one.code, one.name));
    let place = format!("/evidence/{id}");
    let evidence = EvidencePage {
        here: rows.here(&place),
        previous: rows.previous(&place),
        next: rows.next(&place),
        count: ui.t1("list-shown", "count", rows.rows.len()),
        rows: rows.rows,
        ui,
        message,
        instrument,
        raw,
        cut,
        row,
        is_document,
        links,
    };
    page(&evidence, false)
}

/// The bytes of a message as they came, to be kept or opened. The file is called by the message: what the instrument's
/// computer called it stays in the laboratory.
async fn bytes(_: May<SeeEvidence>, lis: web::Data<Lis>, id: web::Path<MessageId>) -> Answer {
    let id = *id;
    let (message, content) = lis
        .db
        .read(move |conn| {
            let message = store::message(conn, id)?.ok_or(NOT_FOUND)?;
            Ok((message, store::content(conn, id)?))
        })
        .await?;
    let bytes = BASE64.decode(content).map_err(Fault::broken)?;
    let (content_type, ending) = match documents::is_document(&message.kind, &bytes) {
        true => ("application/pdf", "pdf"),
        false => ("application/octet-stream", "bin"),
    };
    Ok(HttpResponse::Ok()
        .content_type(content_type)
        .insert_header(("Content-Disposition", format!("attachment; filename=\"message-{id}.{ending}\"")))
        .body(bytes))
}
