//! Testing for programs. Benches are blind here too: label codes, never a firm, a brand or a sample number.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::actions::{
    self, Assigned, Assignment, AuthorizationInput, AuthorizationView, Checked, Corrected, CorrectionInput, Coverage,
    EntryInput, ItemSeen, OpenInput, Opened, ReleaseInput, RepeatInput, Saved, SheetView, Submitted, TEST, WaitingItem,
};
use super::state::{ItemState, WorksheetState};
use super::store::ItemFilter;
use crate::accounts::May;
use crate::accounts::role::{AssignItems, CheckItems, EnterResults, ManageCatalogue, ManageQuality, SeeBench};
use crate::app::Lis;
use crate::catalogue::actions::current;
use crate::domain::ids::{AuthorizationId, ItemId, PersonId, WorksheetId};
use crate::domain::refusal::{FIELD_INVALID, Outcome, Refusal};
use crate::web::paging::{self, LIMIT, LIMIT_MOST};
use crate::web::routes::Routes;
use crate::web::{Answer, Json};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/items", items)
        .get("/api/v1/items/{id}/evidence", evidence)
        .post("/api/v1/items/{id}/repeat", order_repeat)
        .get("/api/v1/assignments", to_assign)
        .post("/api/v1/assignments", assign)
        .get("/api/v1/authorizations", authorizations)
        .post("/api/v1/authorizations", grant_authorization)
        .post("/api/v1/authorizations/{id}/end", end_authorization)
        .get("/api/v1/worksheets", worksheets)
        .post("/api/v1/worksheets", open_worksheet)
        .get("/api/v1/worksheets/{id}", worksheet)
        .post("/api/v1/worksheets/{id}/entries", save_entries)
        .post("/api/v1/worksheets/{id}/submission", submit)
        .post("/api/v1/worksheets/{id}/corrections", correct)
        .post("/api/v1/worksheets/{id}/release", release)
        .post("/api/v1/checks", check)
}

#[derive(Serialize, utoipa::ToSchema)]
struct ListView<T> {
    items: Vec<T>,
    /// Give this as `after` to go on.
    next: String,
    more: bool,
}

/// Cuts the row that was read to learn whether there are more.
fn list<T>(mut items: Vec<T>, limit: i64, cursor: impl Fn(&T) -> i64) -> ListView<T> {
    let more = paging::cut(&mut items, limit);
    let next = items.last().map(|item| cursor(item).to_string()).unwrap_or_default();
    ListView { items, next, more }
}

/// A page of a list of items.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ItemQuery {
    /// A state; empty: what waits for the list's own step.
    state: String,
    /// Method standard without edition.
    method: String,
    after: String,
    limit: String,
}

impl ItemQuery {
    fn filter(&self, usual: &[ItemState]) -> Result<(ItemFilter, i64), Refusal> {
        let states = match self.state.as_str() {
            "" => usual.iter().map(|state| state.code()).collect(),
            code => match ItemState::parse(code) {
                Some(state) => vec![state.code()],
                None => return Err(FIELD_INVALID.at("state").with_word("expected", "expected-item-state").into()),
            },
        };
        let method = (!self.method.is_empty()).then(|| self.method.clone());
        let after = whole("after", &self.after, 0, i64::MAX, 0)?;
        let limit = whole("limit", &self.limit, 1, LIMIT_MOST, LIMIT)?;
        Ok((ItemFilter { states, method_standard: method, tester: None, after }, limit))
    }
}

fn whole(field: &'static str, text: &str, least: i64, most: i64, absent: i64) -> Result<i64, Refusal> {
    if text.is_empty() {
        return Ok(absent);
    }
    let wrong = || {
        let reason = FIELD_INVALID.at(field).with_word("expected", "expected-whole-number");
        Refusal::from(reason.with("least", least).with("most", most))
    };
    text.parse().ok().filter(|number| (least..=most).contains(number)).ok_or_else(wrong)
}

/// Items by state; without one those that wait for the check.
async fn items(_: May<SeeBench>, lis: web::Data<Lis>, query: web::Query<ItemQuery>) -> Answer {
    let (filter, limit) = query.filter(&[ItemState::Calculated])?;
    let rows = lis.db.read(move |conn| actions::waiting_items(conn, &filter, limit + 1)).await?;
    Ok(HttpResponse::Ok().json(list::<WaitingItem>(rows, limit, |item| item.id)))
}

/// Items that wait for a tester.
async fn to_assign(_: May<AssignItems>, lis: web::Data<Lis>, query: web::Query<ItemQuery>) -> Answer {
    let usual = [ItemState::Planned, ItemState::RepeatOrdered];
    let (filter, limit) = query.filter(&usual)?;
    let rows = lis.db.read(move |conn| actions::waiting_items(conn, &filter, limit + 1)).await?;
    Ok(HttpResponse::Ok().json(list::<WaitingItem>(rows, limit, |item| item.id)))
}

/// Several items to their testers, all or none.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct AssignInput {
    assignments: Vec<Assignment>,
}

async fn assign(by: May<AssignItems>, lis: web::Data<Lis>, json: Json<AssignInput>) -> Answer {
    let Json { input, request, .. } = json;
    let actor = by.clone();
    let assigned: Assigned =
        lis.command(&actor, &request, move |tx| actions::assign(tx, &by, &input.assignments)).await?;
    Ok(HttpResponse::Ok().json(assigned))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct PageQuery {
    after: String,
    limit: String,
}

async fn authorizations(_: May<ManageCatalogue>, lis: web::Data<Lis>, query: web::Query<PageQuery>) -> Answer {
    let after = whole("after", &query.after, 0, i64::MAX, 0)?;
    let limit = whole("limit", &query.limit, 1, LIMIT_MOST, LIMIT)?;
    let today = lis.clock.now().date_in_china();
    let rows = lis.db.read(move |conn| actions::authorizations(conn, after, limit + 1, today)).await?;
    Ok(HttpResponse::Ok().json(list::<AuthorizationView>(rows, limit, |row| row.id)))
}

async fn grant_authorization(by: May<ManageCatalogue>, lis: web::Data<Lis>, json: Json<AuthorizationInput>) -> Answer {
    let request = json.keyed()?.clone();
    let facts = json.input.checked()?;
    let actor = by.clone();
    let id: AuthorizationId =
        lis.command(&actor, &request, move |tx| actions::grant_authorization(tx, &by, &facts)).await?;
    Ok(HttpResponse::Created().insert_header(("ETag", "\"1\"")).json(serde_json::json!({"id": id, "version": 1})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn end_authorization(
    by: May<ManageCatalogue>,
    lis: web::Data<Lis>,
    id: web::Path<AuthorizationId>,
    json: Json<Nothing>,
) -> Answer {
    let (id, seen, actor) = (*id, json.seen.required()?, by.clone());
    lis.command(&actor, &json.request, move |tx| actions::end_authorization(tx, &by, id, seen)).await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({"id": id, "version": seen + 1})))
}

/// A sheet in lists.
#[derive(Serialize, utoipa::ToSchema)]
struct WorksheetLine {
    id: i64,
    version: i64,
    worksheet_no: String,
    method_key: String,
    tester_id: i64,
    tester: String,
    state: String,
}

async fn worksheets(_: May<SeeBench>, lis: web::Data<Lis>, query: web::Query<ItemQuery>) -> Answer {
    let states: Vec<&'static str> = match query.state.as_str() {
        "" => WorksheetState::ALL.iter().map(|state| state.code()).collect(),
        code => match WorksheetState::parse(code) {
            Some(state) => vec![state.code()],
            None => return Err(FIELD_INVALID.at("state").with_word("expected", "expected-worksheet-state").into()),
        },
    };
    let before = whole("after", &query.after, 0, i64::MAX, i64::MAX)?;
    let limit = whole("limit", &query.limit, 1, LIMIT_MOST, LIMIT)?;
    let rows = lis.db.read(move |conn| actions::worksheets(conn, &states, before, limit + 1)).await?;
    let lines = rows
        .into_iter()
        .map(|(row, tester)| WorksheetLine {
            id: row.id.0,
            version: row.version,
            worksheet_no: row.worksheet_no,
            method_key: row.method_key,
            tester_id: row.tester_id.0,
            tester,
            state: row.state,
        })
        .collect();
    Ok(HttpResponse::Ok().json(list(lines, limit, |line| line.id)))
}

async fn open_worksheet(by: May<EnterResults>, lis: web::Data<Lis>, json: Json<OpenInput>) -> Answer {
    let request = json.keyed()?.clone();
    let facts = json.input.checked()?;
    let actor = by.clone();
    let opened: Opened = lis.command(&actor, &request, move |tx| actions::open_worksheet(tx, &by, &facts)).await?;
    Ok(HttpResponse::Created().insert_header(("ETag", format!("\"{}\"", opened.version))).json(opened))
}

async fn worksheet(_: May<SeeBench>, lis: web::Data<Lis>, id: web::Path<WorksheetId>) -> Answer {
    let id = *id;
    let view: SheetView = lis.db.read(move |conn| actions::sheet_view(conn, id)).await?;
    Ok(HttpResponse::Ok().insert_header(("ETag", format!("\"{}\"", view.version))).json(view))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct EntriesInput {
    entries: Vec<EntryInput>,
}

async fn save_entries(
    by: May<EnterResults>,
    lis: web::Data<Lis>,
    id: web::Path<WorksheetId>,
    json: Json<EntriesInput>,
) -> Answer {
    let Json { input, request, .. } = json;
    let (id, actor) = (*id, by.clone());
    let catalogue = lis.db.read(current).await?;
    let saved: Saved =
        lis.command(&actor, &request, move |tx| actions::save_entries(tx, &by, &catalogue, id, &input.entries)).await?;
    Ok(HttpResponse::Ok().json(saved))
}

/// What a submission needs to know before the write: the catalogue and the tester's authorizations of today.
pub(super) async fn bench_of(
    lis: &Lis,
    person: PersonId,
) -> Outcome<(std::sync::Arc<crate::catalogue::Catalogue>, std::sync::Arc<Coverage>)> {
    let today = lis.clock.now().date_in_china();
    lis.db
        .read(move |conn| {
            let coverage = Coverage::of(conn, &[person], TEST, today)?;
            Ok((current(conn)?, std::sync::Arc::new(coverage)))
        })
        .await
}

async fn submit(by: May<EnterResults>, lis: web::Data<Lis>, id: web::Path<WorksheetId>, json: Json<Nothing>) -> Answer {
    let (id, seen, actor) = (*id, json.seen.required()?, by.clone());
    let (catalogue, coverage) = bench_of(&lis, by.person).await?;
    let submitted: Submitted =
        lis.command(&actor, &json.request, move |tx| actions::submit(tx, &by, &catalogue, &coverage, id, seen)).await?;
    Ok(HttpResponse::Ok().insert_header(("ETag", format!("\"{}\"", submitted.version))).json(submitted))
}

async fn correct(
    by: May<EnterResults>,
    lis: web::Data<Lis>,
    id: web::Path<WorksheetId>,
    json: Json<CorrectionInput>,
) -> Answer {
    let request = json.keyed()?.clone();
    let entry = json.input.checked()?;
    let (id, actor) = (*id, by.clone());
    let catalogue = lis.db.read(current).await?;
    let corrected: Corrected =
        lis.command(&actor, &request, move |tx| actions::correct_entry(tx, &by, &catalogue, id, &entry)).await?;
    Ok(HttpResponse::Ok().insert_header(("ETag", format!("\"{}\"", corrected.version))).json(corrected))
}

async fn release(
    by: May<ManageQuality>,
    lis: web::Data<Lis>,
    id: web::Path<WorksheetId>,
    json: Json<ReleaseInput>,
) -> Answer {
    let (id, seen, texts, actor) = (*id, json.seen.required()?, json.input.checked()?, by.clone());
    let version: i64 =
        lis.command(&actor, &json.request, move |tx| actions::release(tx, &by, id, seen, &texts)).await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({"id": id, "version": version, "state": "released"})))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct CheckInput {
    items: Vec<ItemSeen>,
}

/// Under an open signing grant of the meaning `checked`.
async fn check(by: May<CheckItems>, lis: web::Data<Lis>, json: Json<CheckInput>) -> Answer {
    let Json { input, request, .. } = json;
    let (actor, real) = (by.clone(), lis.clock.real());
    let checked: Checked = lis.command(&actor, &request, move |tx| actions::check(tx, &by, &input.items, real)).await?;
    Ok(HttpResponse::Ok().json(checked))
}

async fn order_repeat(
    by: May<CheckItems>,
    lis: web::Data<Lis>,
    id: web::Path<ItemId>,
    json: Json<RepeatInput>,
) -> Answer {
    let (id, seen, reason, actor) = (*id, json.seen.required()?, json.input.checked()?, by.clone());
    let version: i64 =
        lis.command(&actor, &json.request, move |tx| actions::order_repeat(tx, &by, id, seen, &reason)).await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({"id": id, "version": version, "state": "repeat_ordered"})))
}

/// The raw evidence beside a value: entries, their sources, the calculation, the limit row, the controls.
async fn evidence(_: May<SeeBench>, lis: web::Data<Lis>, id: web::Path<ItemId>) -> Answer {
    let id = *id;
    let found = lis.db.read(move |conn| actions::evidence(conn, id)).await?;
    let entries: Vec<_> = found
        .entries
        .iter()
        .map(|(entry, label)| {
            let source = found.sources.iter().find(|source| Some(source.observation) == entry.observation_id);
            serde_json::json!({
                "id": entry.id, "label_code": label, "field": entry.field, "replicate": entry.replicate,
                "entry_no": entry.entry_no, "value": entry.value, "unit": entry.unit, "source": entry.source,
                "reason": entry.reason, "at": entry.at, "observation": entry.observation_id,
                "message": source.map(|source| source.message), "file": source.map(|source| &source.file_name),
                "place": source.map(|source| &source.source_place),
                "printed": source.map(|source| &source.value), "flag": source.map(|source| &source.flag),
            })
        })
        .collect();
    let results: Vec<_> = found
        .results
        .iter()
        .map(|row| {
            serde_json::json!({
                "id": row.id, "version_no": row.version_no, "value": row.value, "unit": row.unit,
                "reported": row.reported, "verdict": row.verdict, "cause": row.cause, "reason": row.reason,
                "limit_key": row.limit_key, "limit_set_id": row.limit_set_id, "method_key": row.method_key, "at": row.at,
            })
        })
        .collect();
    Ok(HttpResponse::Ok().insert_header(("ETag", format!("\"{}\"", found.item.version))).json(serde_json::json!({
        "id": id, "version": found.item.version, "state": found.item.state, "label_code": found.label_code,
        "analyte": found.item.analyte, "tester": found.tester, "entries": entries, "results": results,
        "record": found.record, "qc": found.qc.as_ref().map(|(verdict, _)| verdict), "reproduces": found.reproduces,
    })))
}
