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
/// Of a message beyond this, 4 MiB, a page reads the beginning alone, unless a value is asked for: dozens of people look, and
/// it may have 64 MiB.
const WHOLE_MOST_BYTES: i64 = 4 << 20;
/// The beginning: more than is shown, also where every character shrinks when it is decoded. Base64 writes three bytes as
/// four characters, and this is a multiple of three.
const HEAD_BYTES: usize = 3 * SHOWN_BYTES;

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
    /// Drafts that it was read with.
    pub drafts: Vec<String>,
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
    let drafts = drafts_of(conn, id)?;
    let head = match message.byte_count > WHOLE_MOST_BYTES {
        true => Some(BASE64.decode(store::content_head(conn, id, HEAD_BYTES / 3 * 4)?).unwrap_or_default()),
        false => None,
    };
    // The cells of a workbook come out of all of it or not at all.
    let is_too_long = head.as_deref().is_some_and(is_workbook);
    let (bytes, is_part) = match head {
        Some(head) if is_too_long || marked.is_none() || documents::is_document(&message.kind, &head) => (head, true),
        _ => (BASE64.decode(store::content(conn, id)?).unwrap_or_default(), false),
    };
    let is_document = documents::is_document(&message.kind, &bytes);
    if is_document || is_too_long {
        // Of a document no values are read.
        let (links, drafts) = match is_document {
            true => (documents::standing(&store::links_of_message(conn, id)?), Vec::new()),
            false => (Vec::new(), drafts),
        };
        return Ok(Shown { message, instrument, rows, raw: Vec::new(), cut: is_too_long, is_document, links, drafts });
    }
    let profile = match &instrument {
        Some(instrument) => named::load(conn, &instrument.profile)?.ok(),
        None => None,
    };
    let wanted = match &marked {
        Some(row) => Some(wanted(conn, row)?),
        None => None,
    };
    let shown: &[u8] = if is_part { whole_lines(&bytes) } else { &bytes };
    let (raw, cut) = evidence::lines(profile.as_ref(), shown, wanted.as_ref(), SHOWN_BYTES);
    Ok(Shown { message, instrument, rows, raw, cut: cut || is_part, is_document, links: Vec::new(), drafts })
}

/// The profiles that a message was read with and that are drafts, each once.
fn drafts_of(conn: &mut Conn, id: MessageId) -> Outcome<Vec<String>> {
    let mut drafts: Vec<String> = Vec::new();
    for reading in store::readings(conn, id)? {
        if !drafts.contains(&reading.profile) && named::is_draft(conn, &reading.profile)? {
            drafts.push(reading.profile);
        }
    }
    Ok(drafts)
}

/// How XLSX and XLS begin.
fn is_workbook(bytes: &[u8]) -> bool {
    [&b"PK\x03\x04"[..], b"\xd0\xcf\x11\xe0"].iter().any(|mark| bytes.starts_with(mark))
}

/// The beginning of a text up to the end of a line: half a character would pass for one of another code page. In UTF-16,
/// whose line ends are two bytes, the beginning has whole characters as it is.
fn whole_lines(head: &[u8]) -> &[u8] {
    let is_wide = [b"\xff\xfe", b"\xfe\xff"].iter().any(|mark| head.starts_with(*mark));
    let end = head.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')).filter(|_| !is_wide);
    head.get(..end.map_or(head.len(), |end| end + 1)).unwrap_or(head)
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
    drafts: Vec<String>,
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
    let Shown { message, instrument, rows, raw, cut, is_document, links, drafts } =
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
        drafts,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_a_text_ends_with_a_line() {
        assert_eq!(whole_lines("S1;15,2\r\nS2;é".as_bytes()), b"S1;15,2\r\n");
        assert_eq!(whole_lines(b"H|\\^&\rP|1\rO|"), b"H|\\^&\rP|1\r");
        assert_eq!(whole_lines(b"one line"), b"one line");
        // UTF-16: the LF of a line end is its first byte.
        let wide = b"\xff\xfea\x00\n\x00b\x00";
        assert_eq!(whole_lines(wide), wide);
    }

    #[test]
    fn workbooks_are_known_by_their_beginning() {
        assert!(is_workbook(b"PK\x03\x04rest") && is_workbook(b"\xd0\xcf\x11\xe0rest"));
        assert!(!is_workbook(b"Sample,Result") && !is_workbook(b"%PDF-1.7"));
    }
}
