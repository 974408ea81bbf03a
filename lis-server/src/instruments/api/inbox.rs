//! The inbox for programs: what instruments sent, what of it was read, and what a person does about the rest.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::super::actions::{self, DocumentLinkInput, SetAsideInput};
use super::super::damaged;
use super::super::documents;
use super::super::state::MessageState;
use super::super::store::{self, MessageRow, ObservationRow, ReadingRow};
use super::super::unreadable;
use crate::accounts::May;
use crate::accounts::role::{RepairReadings, SeeEvidence};
use crate::app::Lis;
use crate::db::Conn;
use crate::domain::clock::Moment;
use crate::domain::ids::{ItemId, MessageId, ObservationId};
use crate::domain::refusal::{FIELD_INVALID, NOT_FOUND, Outcome, Refusal};
use crate::web::language::Language;
use crate::web::paging::{self, LIMIT, LIMIT_MOST, Listed};
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Json, Nothing, Ui, versioned};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/instrument-messages", messages)
        .about("The inbox: messages of all instruments, newest first, without their bytes.")
        .gives::<Listed<MessageHead>>()
        .get("/api/v1/instrument-messages/{id}", message)
        .about("One message with its bytes, rows that were read from it, and the codes mapped for its instrument.")
        .gives::<MessageView>()
        .get("/api/v1/evidence/{id}", evidence)
        .about("One message behind a value, for everybody who judges: its bytes and rows that were read from it.")
        .gives::<MessageEvidence>()
        .post("/api/v1/instrument-messages/{id}/read-again", read_again)
        .about("Reads a message again with the profile that its instrument has now. The earlier reading stays.")
        .gives_nothing()
        .post("/api/v1/instrument-messages/{id}/document", link_document)
        .about(
            "Says whose a document (a PDF) is: it becomes evidence of the sample's items that are on its instrument.",
        )
        .gives_nothing()
        .post("/api/v1/instrument-messages/{id}/document/withdrawal", withdraw_document)
        .about("Takes a document back from its items, and says why. What it was linked to stays readable in the log.")
        .gives_nothing()
        .post("/api/v1/observations/{id}/set-aside", set_aside)
        .about("Says that a held row belongs nowhere, and why. The row and its bytes stay readable.")
        .gives_nothing()
}

#[derive(Deserialize, Default, utoipa::IntoParams)]
#[serde(default)]
struct InboxQuery {
    /// `received`, `held`, `done` or `unreadable`; empty: all.
    state: String,
    /// Code of an instrument; empty: all.
    instrument: String,
    /// The `next` of the answer before.
    after: Option<i64>,
    /// Rows of the answer, 1 to 500; 50 unless said otherwise.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

/// A message as the inbox lists it.
#[derive(Serialize, utoipa::ToSchema)]
struct MessageHead {
    id: MessageId,
    version: i64,
    agent: String,
    seq: i64,
    instrument_code: String,
    /// `message` (complete), `file` (whole) or `partial` (never completed).
    kind: String,
    file_name: String,
    received_at: Moment,
    stored_at: Moment,
    /// SHA-256 of the bytes, 64 hexadecimal digits.
    sha256: String,
    byte_count: i64,
    /// `received`, `held`, `done` or `unreadable`.
    state: String,
    /// Why it could not be read, in the language of `Accept-Language`, else of the person.
    trouble: String,
    /// The same as a code: `broken-off`, `withheld`, `instrument-unknown`, `bytes-damaged`, `profile-missing`,
    /// `profile-invalid`, `not-taken-in` or `clock-wrong`; empty: it can be read, or was kept before there were codes.
    trouble_code: String,
    /// What the code is about: a code of an instrument, a profile, how often, a time; empty: nothing more.
    trouble_about: String,
}

impl MessageHead {
    fn of(row: MessageRow, language: Language) -> Self {
        let (code, about) = unreadable::parts(&row.trouble);
        Self {
            trouble: language.coded(unreadable::WORDS, &row.trouble),
            trouble_code: code.to_owned(),
            trouble_about: about.to_owned(),
            id: row.id,
            version: row.version,
            agent: row.agent,
            seq: row.seq,
            instrument_code: row.instrument_code,
            kind: row.kind,
            file_name: row.file_name,
            received_at: row.received_at,
            stored_at: row.stored_at,
            sha256: row.sha256,
            byte_count: row.byte_count,
            state: row.state,
        }
    }
}

async fn messages(_: May<RepairReadings>, ui: Ui, lis: web::Data<Lis>, query: Asked<InboxQuery>) -> Answer {
    let InboxQuery { state, instrument, after, limit } = query.into_inner();
    let limit = paging::limit(limit, LIMIT)?;
    if !state.is_empty() && MessageState::parse(&state).is_none() {
        return Err(FIELD_INVALID.at("state").with_word("expected", "expected-listed").into());
    }
    let given = |text: String| (!text.is_empty()).then_some(text);
    let (state, code, before) = (given(state), given(instrument), after.map(MessageId));
    let rows = lis
        .db
        .read(move |conn| Ok(store::messages(conn, state.as_deref(), code.as_deref(), before, limit + 1)?))
        .await?;
    Ok(HttpResponse::Ok().json(Listed::of(
        rows,
        limit,
        |row| row.id.to_string(),
        |row| MessageHead::of(row, ui.language),
    )))
}

/// Which rows of a message are wanted.
#[derive(Deserialize, Default, utoipa::IntoParams)]
#[serde(default)]
struct RowsQuery {
    /// Rows behind this place: the `ordinal` of the last row of the answer before.
    after: Option<i64>,
    /// Rows of the answer, 1 to 500; 500 unless said otherwise.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

impl RowsQuery {
    fn limit(&self) -> Result<i64, Refusal> {
        paging::limit(self.limit, LIMIT_MOST)
    }
}

/// Rows of a message, and whether more follow.
fn rows_of(
    conn: &mut Conn,
    message: &MessageRow,
    after: Option<i64>,
    limit: i64,
    language: Language,
) -> Outcome<(Vec<ObservationView>, bool)> {
    let places = (after.unwrap_or(0), actions::read_up_to(conn, message)?);
    let mut rows = store::observations_behind(conn, message.id, places, None, limit + 1)?;
    let more = paging::cut(&mut rows, limit);
    Ok((rows.into_iter().map(|row| ObservationView::of(row, language)).collect(), more))
}

/// One message with everything about it.
#[derive(Serialize, utoipa::ToSchema)]
struct MessageView {
    #[serde(flatten)]
    message: MessageHead,
    /// The instrument's own bytes in base64, standard alphabet with padding.
    bytes: String,
    /// Each time that the message was read, oldest first.
    readings: Vec<ReadingView>,
    /// Some of its rows, in order.
    observations: Vec<ObservationView>,
    /// Rows follow: ask again with `after`.
    more: bool,
    /// Items that the message, a document, is evidence of.
    evidence_of: Vec<DocumentLink>,
    mappings: Vec<MappedCode>,
}

/// An item that a document is evidence of.
#[derive(Serialize, utoipa::ToSchema)]
struct DocumentLink {
    item: ItemId,
    /// The container that the document names, or that a person picked.
    label_code: String,
}

fn evidence_of(conn: &mut Conn, id: MessageId) -> Outcome<Vec<DocumentLink>> {
    let links = documents::standing(&store::links_of_message(conn, id)?);
    Ok(links.into_iter().map(|link| DocumentLink { item: link.item_id, label_code: link.label_code }).collect())
}

/// One time that a message was read.
#[derive(Serialize, utoipa::ToSchema)]
struct ReadingView {
    /// From 1; `reading` of the rows.
    reading: i64,
    /// The profile that read it.
    profile: String,
    rows: i64,
    /// Places that could not be read.
    troubles: i64,
    at: Moment,
}

impl From<ReadingRow> for ReadingView {
    fn from(row: ReadingRow) -> Self {
        Self {
            reading: row.reading_no,
            profile: row.profile,
            rows: row.row_count,
            troubles: row.trouble_count,
            at: row.at,
        }
    }
}

/// One row that was read from a message.
#[derive(Serialize, utoipa::ToSchema)]
struct ObservationView {
    id: ObservationId,
    version: i64,
    /// Place among the rows of the message, from 1.
    ordinal: i64,
    /// Sample, analyte, value and unit as the instrument prints them.
    sample: String,
    analyte: String,
    value: String,
    /// The exact decimal, when the print is a number and nothing else.
    number: Option<String>,
    /// The exact decimal behind `<` or `>`: a bound, never a result.
    bound: Option<String>,
    unit: String,
    /// `sample`, `control` …: what was measured; `document`: the whole message, a PDF.
    role: String,
    /// Line, row or record of the message.
    place: String,
    /// `held`, `filed` or `ignored`.
    state: String,
    /// Why it waits: a code, after a colon what it is about. What could not be read is `damaged:` and a sentence in the language of
    /// `Accept-Language`, else of the person.
    reason: String,
    /// Of `damaged:` the same as a code; empty: another reason, or kept before there were codes.
    trouble_code: String,
    /// What that code is about, by name.
    trouble_facts: BTreeMap<String, String>,
    /// Which of the message's readings found it.
    reading: i64,
}

impl ObservationView {
    fn of(row: ObservationRow, language: Language) -> Self {
        let why = damaged::why(&row.reason);
        Self {
            reason: damaged::worded(&row.reason, language),
            trouble_code: why.as_ref().map_or("", |why| why.code()).to_owned(),
            trouble_facts: why.as_ref().map(damaged::facts).unwrap_or_default(),
            id: row.id,
            version: row.version,
            ordinal: row.ordinal,
            sample: row.sample_ref,
            analyte: row.analyte_ref,
            value: row.value,
            number: row.number,
            bound: row.bound,
            unit: row.unit,
            role: row.role,
            place: row.source_place,
            state: row.state,
            reading: row.reading_no,
        }
    }
}

/// A code that a person has mapped.
#[derive(Serialize, utoipa::ToSchema)]
struct MappedCode {
    /// `analyte`, `unit`, `sample`, `finding`, `flag` or `test`.
    kind: String,
    /// As the instrument prints it.
    source: String,
    target: String,
}

async fn message(
    _: May<RepairReadings>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<MessageId>,
    query: Asked<RowsQuery>,
) -> Answer {
    let (id, after, limit, language) = (*id, query.after, query.limit()?, ui.language);
    let view = lis
        .db
        .read(move |conn| {
            let row = store::message(conn, id)?.ok_or(NOT_FOUND)?;
            let mappings = match store::instrument_by_code(conn, &row.instrument_code)? {
                Some(instrument) => store::mappings(conn, instrument.id)?,
                None => Vec::new(),
            };
            let mapped = |(kind, source, target)| MappedCode { kind, source, target };
            let (observations, more) = rows_of(conn, &row, after, limit, language)?;
            Ok(MessageView {
                message: MessageHead::of(row, language),
                bytes: store::content(conn, id)?,
                readings: store::readings(conn, id)?.into_iter().map(ReadingView::from).collect(),
                observations,
                more,
                evidence_of: evidence_of(conn, id)?,
                mappings: mappings.into_iter().map(mapped).collect(),
            })
        })
        .await?;
    versioned(HttpResponse::Ok(), view.message.version, &view)
}

/// A message as those see it who look at a value and change nothing.
#[derive(Serialize, utoipa::ToSchema)]
struct MessageEvidence {
    #[serde(flatten)]
    message: MessageHead,
    /// The instrument's own bytes in base64, standard alphabet with padding.
    bytes: String,
    /// Some of its rows, in order.
    observations: Vec<ObservationView>,
    /// Rows follow: ask again with `after`.
    more: bool,
}

async fn evidence(
    _: May<SeeEvidence>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<MessageId>,
    query: Asked<RowsQuery>,
) -> Answer {
    let (id, after, limit, language) = (*id, query.after, query.limit()?, ui.language);
    let view = lis
        .db
        .read(move |conn| {
            let row = store::message(conn, id)?.ok_or(NOT_FOUND)?;
            let (observations, more) = rows_of(conn, &row, after, limit, language)?;
            Ok(MessageEvidence {
                message: MessageHead::of(row, language),
                bytes: store::content(conn, id)?,
                observations,
                more,
            })
        })
        .await?;
    versioned(HttpResponse::Ok(), view.message.version, &view)
}

async fn read_again(
    by: May<RepairReadings>,
    lis: web::Data<Lis>,
    id: web::Path<MessageId>,
    json: Json<Nothing>,
) -> Answer {
    let (id, actor) = (*id, by.clone());
    lis.command(&actor, &json.request, move |tx| actions::read_again(tx, &by, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn link_document(
    by: May<RepairReadings>,
    lis: web::Data<Lis>,
    id: web::Path<MessageId>,
    json: Json<DocumentLinkInput>,
) -> Answer {
    let (id, label, actor) = (*id, json.input.checked()?, by.clone());
    lis.command(&actor, &json.request, move |tx| actions::link_document(tx, &by, id, &label)).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn withdraw_document(
    by: May<RepairReadings>,
    lis: web::Data<Lis>,
    id: web::Path<MessageId>,
    json: Json<SetAsideInput>,
) -> Answer {
    let (id, why, actor) = (*id, json.input.checked()?, by.clone());
    lis.command(&actor, &json.request, move |tx| actions::withdraw_document(tx, &by, id, &why)).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn set_aside(
    by: May<RepairReadings>,
    lis: web::Data<Lis>,
    id: web::Path<ObservationId>,
    json: Json<SetAsideInput>,
) -> Answer {
    let (id, why, actor) = (*id, json.input.checked()?, by.clone());
    lis.command(&actor, &json.request, move |tx| actions::set_aside(tx, &by, id, &why)).await?;
    Ok(HttpResponse::NoContent().finish())
}
