//! The raw evidence beside a value, for programs.

use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::super::{actions, store};
use crate::accounts::May;
use crate::accounts::role::SeeBench;
use crate::app::Lis;
use crate::domain::clock::Moment;
use crate::domain::ids::{CatalogueSetId, ItemId, MessageId, ObservationId, ResultEntryId, ResultId};
use crate::domain::refusal::Fault;
use crate::instruments::bench::Document;
use crate::quality::gates::actions::ConfirmationView;
use crate::web::routes::Routes;
use crate::web::{Answer, versioned};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/items/{id}/evidence", evidence)
        .about("The raw evidence beside a value: entries, their sources, the calculation, the limit row, the controls.")
        .gives::<EvidenceView>()
}

/// The raw evidence beside a value.
#[derive(Serialize, utoipa::ToSchema)]
struct EvidenceView {
    id: ItemId,
    version: i64,
    state: String,
    label_code: String,
    analyte: String,
    tester: String,
    /// What the newest version of the result rests on.
    entries: Vec<EntryView>,
    /// Documents of instruments beside the values.
    documents: Vec<DocumentView>,
    /// Versions of the result, newest first.
    results: Vec<ResultView>,
    /// Everything that repeats the newest version: what was asked of the calculation and what it answered.
    #[schema(value_type = Option<Object>)]
    record: Option<serde_json::Value>,
    /// The verdict over the sheet's controls.
    #[schema(value_type = Option<Object>)]
    qc: Option<serde_json::Value>,
    /// Warnings that its checkers went past, and why.
    confirmations: Vec<ConfirmationView>,
    /// Whether the newest version reproduces; each one says it of itself.
    reproduces: Option<bool>,
}

/// A document (the PDF of a chromatogram) that is evidence of the item.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = EvidenceDocument)]
struct DocumentView {
    /// Its bytes are those of `GET /api/v1/evidence/{id}`.
    message: MessageId,
    instrument_code: String,
    label_code: String,
    received_at: Moment,
}

/// One entry of a cell, with the instrument's message that it came from.
#[derive(Serialize, utoipa::ToSchema)]
struct EntryView {
    id: ResultEntryId,
    label_code: String,
    field: String,
    replicate: i64,
    entry_no: i64,
    /// As typed or printed.
    value: String,
    unit: String,
    source: String,
    reason: String,
    at: Moment,
    /// When it was made, where it was typed late.
    #[schema(value_type = Option<String>, format = DateTime)]
    run_at: Option<Moment>,
    observation: Option<ObservationId>,
    message: Option<i64>,
    file: Option<String>,
    /// Line, row or record of the message.
    place: Option<String>,
    /// What the instrument printed, and the flag beside it.
    printed: Option<String>,
    flag: Option<String>,
    /// It was read with a profile that is a draft.
    draft: Option<bool>,
}

/// One version of a result.
#[derive(Serialize, utoipa::ToSchema)]
struct ResultView {
    id: ResultId,
    version_no: i64,
    /// The exact decimal before rounding.
    value: String,
    unit: String,
    /// As the report prints it.
    reported: String,
    verdict: String,
    cause: String,
    reason: String,
    limit_key: String,
    limit_set_id: Option<CatalogueSetId>,
    method_key: String,
    at: Moment,
    /// Whether a recalculation by the rules of its edition gives the same bytes; null: only a newer program has those rules.
    reproduces: Option<bool>,
}

async fn evidence(_: May<SeeBench>, lis: web::Data<Lis>, id: web::Path<ItemId>) -> Answer {
    let id = *id;
    let found = lis.db.read(move |conn| actions::evidence(conn, id)).await?;
    let (sources, drafts) = (found.sources, found.drafts);
    let entry = |(entry, label_code): (store::EntryRow, String)| {
        let source = sources.iter().find(|source| Some(source.observation) == entry.observation_id);
        EntryView {
            id: entry.id,
            label_code,
            field: entry.field,
            replicate: entry.replicate,
            entry_no: entry.entry_no,
            value: entry.value,
            unit: entry.unit,
            source: entry.source,
            reason: entry.reason,
            at: entry.at,
            run_at: entry.run_at,
            observation: entry.observation_id,
            message: source.map(|source| source.message),
            file: source.map(|source| source.file_name.clone()),
            place: source.map(|source| source.source_place.clone()),
            printed: source.map(|source| source.value.clone()),
            flag: source.map(|source| source.flag.clone()),
            draft: source.map(|source| drafts.contains(&(source.message, source.reading_no))),
        }
    };
    let result = |row: store::ResultRow| ResultView {
        reproduces: row.reproduces(),
        id: row.id,
        version_no: row.version_no,
        value: row.value,
        unit: row.unit,
        reported: row.reported,
        verdict: row.verdict,
        cause: row.cause,
        reason: row.reason,
        limit_key: row.limit_key,
        limit_set_id: row.limit_set_id,
        method_key: row.method_key,
        at: row.at,
    };
    let document = |row: Document| DocumentView {
        message: row.message_id,
        instrument_code: row.instrument_code,
        label_code: row.label_code,
        received_at: row.received_at,
    };
    let view = EvidenceView {
        id,
        version: found.item.version,
        state: found.item.state,
        label_code: found.label_code,
        analyte: found.item.analyte,
        tester: found.tester,
        entries: found.entries.into_iter().map(entry).collect(),
        documents: found.documents.into_iter().map(document).collect(),
        results: found.results.into_iter().map(result).collect(),
        record: found.record.map(serde_json::to_value).transpose().map_err(Fault::broken)?,
        qc: found.qc.map(|qc| serde_json::to_value(qc.verdict)).transpose().map_err(Fault::broken)?,
        confirmations: found.confirmations,
        reproduces: found.reproduces,
    };
    versioned(HttpResponse::Ok(), view.version, &view)
}
