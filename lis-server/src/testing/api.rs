//! Testing for programs. Benches are blind here too: label codes, never a firm, a brand or a sample number.

mod evidence;
mod ordering;
mod sheet;
mod traceability;

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::actions::{
    self, Assigned, Assignment, AuthorizationInput, AuthorizationView, Checked, Checking, Decided, DecisionInput,
    Deviates, DeviationInput, Dispatched, FactorStated, ItemReasonInput, ItemSeen, ItemStepped, LimitFactorInput,
    ListedSheet, OpenInput, Opened, ReleaseInput, Released, RepeatInput, SendInput, SheetView, WaitingItem,
};
use super::state::{ItemState, WorksheetState};
use super::store::ItemFilter;
use super::{WORKSHEET_WITHOUT_INSTRUMENT, WORKSHEET_WRONG_STATE};
use crate::accounts::role::{
    AssignItems, CheckItems, DecideVerdicts, EnterResults, ManageCatalogue, ManageQuality, SeeBench,
};
use crate::accounts::{GRANT_MISSING, May};
use crate::app::Lis;
use crate::domain::ids::{AuthorizationId, ItemId, WorksheetId};
use crate::domain::input::whole_between;
use crate::domain::refusal::{FIELD_INVALID, Refusal};
use crate::instruments::bench::DispatchView;
use crate::instruments::{DISPATCH_NO_WAY, DISPATCH_NOTHING_OPEN, SEQUENCE_PROBLEMS};
use crate::quality::gates::WARNINGS_UNCONFIRMED;
use crate::web::paging::{LIMIT, LIMIT_MOST, Listed};
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Json, Nothing, versioned};

pub(super) use sheet::bench_of;

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/items", items)
        .about("Items in order of id: of a state, else those that wait for the check.")
        .gives::<Listed<WaitingItem>>()
        .and(evidence::routes())
        .post("/api/v1/items/{id}/decision", decide)
        .about(
            "Decides a verdict that the rules leave open, with its basis: a new version of the result, to be checked.",
        )
        .versioned()
        .gives::<Decided>()
        .post("/api/v1/items/{id}/deviation", deviate)
        .about("Approves a deviation from the method of an item, which the client has accepted; the report says it.")
        .versioned()
        .gives::<Deviates>()
        .post("/api/v1/items/{id}/limit-factor", state_factor)
        .about(
            "States by which factor the product of an item is concentrated, dried or diluted, with its source; its limit is \
             multiplied by it. A result that stands is judged again, as its next version to be checked.",
        )
        .versioned()
        .gives::<FactorStated>()
        .post("/api/v1/items/{id}/repeat", order_repeat)
        .about("Orders an item to be tested again, with a reason.")
        .versioned()
        .gives::<Stepped>()
        .post("/api/v1/items/{id}/cancellation", cancel)
        .about(
            "Cancels an item that is not calculated yet, with a reason; a sample of which nothing remains is closed. A client \
             who ordered it is told.",
        )
        .versioned()
        .gives::<ItemStepped>()
        .get("/api/v1/assignments", to_assign)
        .about("Items that wait for a tester, in order of id.")
        .gives::<Listed<WaitingItem>>()
        .post("/api/v1/assignments", assign)
        .about("Assigns several items to their testers, all or none.")
        .gives::<Assigned>()
        .get("/api/v1/authorizations", authorizations)
        .about("Who may do what by which method, in order of id.")
        .gives::<Listed<AuthorizationView>>()
        .post("/api/v1/authorizations", grant_authorization)
        .about("Authorizes a person for an activity by a method.")
        .keyed()
        .creates::<AuthorizationSaved>()
        .post("/api/v1/authorizations/{id}/end", end_authorization)
        .about("Ends an authorization; what was done under it stays.")
        .versioned()
        .gives::<AuthorizationSaved>()
        .and(ordering::routes())
        .and(worksheet_routes())
        .and(traceability::routes())
        .and(super::subcontracting::api::routes())
        .post("/api/v1/checks", check)
        .about("Checks items, all or none, under an open signing grant of the meaning `checked`. Warnings of gates need a reason.")
        .gives::<Checked>()
        .refuses(&[GRANT_MISSING, WARNINGS_UNCONFIRMED])
}

fn worksheet_routes() -> Routes {
    Routes::new()
        .get("/api/v1/worksheets", worksheets)
        .about("Worksheets, newest first.")
        .gives::<Listed<WorksheetLine>>()
        .post("/api/v1/worksheets", open_worksheet)
        .about("Puts assigned items of one procedure on a new sheet, with the controls that the procedure asks for.")
        .keyed()
        .creates::<Opened>()
        .get("/api/v1/worksheets/{id}", worksheet)
        .about("A sheet with its positions and cells.")
        .gives::<SheetView>()
        .get("/api/v1/worksheets/{id}/sequence", sequence)
        .about("An open sheet as its instrument's software takes a work list: label codes, and tests as the instrument calls them.")
        .gives_file("application/octet-stream")
        .refuses(&[WORKSHEET_WRONG_STATE, WORKSHEET_WITHOUT_INSTRUMENT])
        .refuses(SEQUENCE_PROBLEMS)
        .get("/api/v1/worksheets/{id}/dispatches", dispatches)
        .about("What was sent of a sheet to its instrument, the newest first, at most 20, and how it went.")
        .gives::<Listed<DispatchView>>()
        .post("/api/v1/worksheets/{id}/dispatches", send_to_instrument)
        .about(
            "Sends an open sheet to its instrument now: what lacks a reading as orders, or its sequence file into the folder of \
             the instrument's software. The agent beside the instrument delivers it and says how it went.",
        )
        .keyed()
        .creates::<Dispatched>()
        .refuses(&[DISPATCH_NO_WAY, DISPATCH_NOTHING_OPEN, WORKSHEET_WRONG_STATE, WORKSHEET_WITHOUT_INSTRUMENT])
        .refuses(SEQUENCE_PROBLEMS)
        .post("/api/v1/worksheets/{id}/release", release)
        .about("Releases what a failed control holds, or every one that holds the sheet, with cause and action.")
        .versioned()
        .gives::<Stepped>()
        .and(sheet::routes())
}

/// A page of a list of items.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
pub struct ItemQuery {
    /// A state; empty: what waits for the list's own step.
    state: String,
    /// Method standard without edition.
    method: String,
    /// The `next` of the answer before.
    #[param(pattern = "^[0-9]*$")]
    after: String,
    /// Rows of the answer, 1 to 500; 50 unless said otherwise.
    #[param(pattern = "^[0-9]*$")]
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
        Ok((ItemFilter { states, method_standard: method, after, ..ItemFilter::default() }, limit))
    }
}

fn list<T>(rows: Vec<T>, limit: i64, cursor: impl Fn(&T) -> i64) -> Listed<T> {
    Listed::of(rows, limit, |row| cursor(row).to_string(), |row| row)
}

fn whole(field: &'static str, text: &str, least: i64, most: i64, absent: i64) -> Result<i64, Refusal> {
    if text.is_empty() {
        return Ok(absent);
    }
    let wrong = || {
        let reason = FIELD_INVALID.at(field).with("expected", whole_between(least, most));
        Refusal::from(reason.with("least", least).with("most", most))
    };
    text.parse().ok().filter(|number| (least..=most).contains(number)).ok_or_else(wrong)
}

/// Items by state; without one those that wait for the check.
async fn items(_: May<SeeBench>, lis: web::Data<Lis>, query: Asked<ItemQuery>) -> Answer {
    let (filter, limit) = query.filter(&[ItemState::Calculated])?;
    let rows = lis.db.read(move |conn| actions::waiting_items(conn, &filter, limit + 1)).await?;
    Ok(HttpResponse::Ok().json(list(rows, limit, |item: &WaitingItem| item.id)))
}

/// Items that wait for a tester.
async fn to_assign(_: May<AssignItems>, lis: web::Data<Lis>, query: Asked<ItemQuery>) -> Answer {
    let usual = [ItemState::Planned, ItemState::RepeatOrdered];
    let (filter, limit) = query.filter(&usual)?;
    let rows = lis.db.read(move |conn| actions::waiting_items(conn, &filter, limit + 1)).await?;
    Ok(HttpResponse::Ok().json(list(rows, limit, |item: &WaitingItem| item.id)))
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

#[derive(Deserialize, Default, utoipa::IntoParams)]
#[serde(default)]
struct PageQuery {
    /// The `next` of the answer before.
    #[param(pattern = "^[0-9]*$")]
    after: String,
    /// Rows of the answer, 1 to 500; 50 unless said otherwise.
    #[param(pattern = "^[0-9]*$")]
    limit: String,
}

async fn authorizations(_: May<ManageCatalogue>, lis: web::Data<Lis>, query: Asked<PageQuery>) -> Answer {
    let after = whole("after", &query.after, 0, i64::MAX, 0)?;
    let limit = whole("limit", &query.limit, 1, LIMIT_MOST, LIMIT)?;
    let today = lis.clock.now().date_in_china();
    let rows = lis.db.read(move |conn| actions::authorizations(conn, after, limit + 1, today)).await?;
    Ok(HttpResponse::Ok().json(list(rows, limit, |row: &AuthorizationView| row.id)))
}

async fn grant_authorization(by: May<ManageCatalogue>, lis: web::Data<Lis>, json: Json<AuthorizationInput>) -> Answer {
    let request = json.keyed()?.clone();
    let facts = json.input.checked()?;
    let actor = by.clone();
    let id: AuthorizationId =
        lis.command(&actor, &request, move |tx| actions::grant_authorization(tx, &by, &facts)).await?;
    versioned(HttpResponse::Created(), 1, &AuthorizationSaved { id, version: 1 })
}

/// What a change of an authorization answers.
#[derive(Serialize, utoipa::ToSchema)]
struct AuthorizationSaved {
    id: AuthorizationId,
    version: i64,
}

async fn end_authorization(
    by: May<ManageCatalogue>,
    lis: web::Data<Lis>,
    id: web::Path<AuthorizationId>,
    json: Json<Nothing>,
) -> Answer {
    let (id, seen, actor) = (*id, json.seen.required()?, by.clone());
    lis.command(&actor, &json.request, move |tx| actions::end_authorization(tx, &by, id, seen)).await?;
    versioned(HttpResponse::Ok(), seen + 1, &AuthorizationSaved { id, version: seen + 1 })
}

/// A sheet in lists.
#[derive(Serialize, utoipa::ToSchema)]
struct WorksheetLine {
    id: i64,
    version: i64,
    worksheet_no: String,
    method: String,
    method_key: String,
    tester_id: i64,
    tester: String,
    state: String,
}

async fn worksheets(_: May<SeeBench>, lis: web::Data<Lis>, query: Asked<ItemQuery>) -> Answer {
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
        .map(|ListedSheet { row, method, tester }| WorksheetLine {
            id: row.id.0,
            version: row.version,
            worksheet_no: row.worksheet_no,
            method,
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
    versioned(HttpResponse::Created(), opened.version, &opened)
}

async fn worksheet(_: May<SeeBench>, lis: web::Data<Lis>, id: web::Path<WorksheetId>) -> Answer {
    let id = *id;
    let view: SheetView = lis.db.read(move |conn| actions::sheet_view(conn, id)).await?;
    versioned(HttpResponse::Ok(), view.version, &view)
}

async fn sequence(_: May<SeeBench>, lis: web::Data<Lis>, id: web::Path<WorksheetId>) -> Answer {
    sequence_of(&lis, *id).await
}

/// The same file for pages and programs.
pub(super) async fn sequence_of(lis: &Lis, id: WorksheetId) -> Answer {
    let now = lis.clock.now();
    let file = lis.db.read(move |conn| actions::sequence_file(conn, id, now)).await?;
    Ok(HttpResponse::Ok()
        .content_type("application/octet-stream")
        .insert_header(("Content-Disposition", format!("attachment; filename=\"{}\"", file.name)))
        .body(file.bytes))
}

async fn dispatches(_: May<SeeBench>, lis: web::Data<Lis>, id: web::Path<WorksheetId>) -> Answer {
    let id = *id;
    let sent = lis.db.read(move |conn| actions::dispatches_of(conn, id)).await?;
    Ok(HttpResponse::Ok().json(Listed::whole(sent)))
}

async fn send_to_instrument(
    by: May<EnterResults>,
    lis: web::Data<Lis>,
    id: web::Path<WorksheetId>,
    json: Json<SendInput>,
) -> Answer {
    let request = json.keyed()?.clone();
    let (id, way, actor) = (*id, json.input.checked()?, by.clone());
    let sent: Dispatched =
        lis.command(&actor, &request, move |tx| actions::send_to_instrument(tx, &by, id, way)).await?;
    Ok(HttpResponse::Created().json(sent))
}

async fn release(
    by: May<ManageQuality>,
    lis: web::Data<Lis>,
    id: web::Path<WorksheetId>,
    json: Json<ReleaseInput>,
) -> Answer {
    let (id, seen, facts, actor) = (*id, json.seen.required()?, json.input.checked()?, by.clone());
    let Released { version, whole } =
        lis.command(&actor, &json.request, move |tx| actions::release(tx, &by, id, seen, &facts)).await?;
    let state = if whole { WorksheetState::Released } else { WorksheetState::Held }.code();
    versioned(HttpResponse::Ok(), version, &Stepped { id: id.0, version, state })
}

/// What a step of an item or a sheet answers.
#[derive(Serialize, utoipa::ToSchema)]
struct Stepped {
    id: i64,
    version: i64,
    state: &'static str,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct CheckInput {
    items: Vec<ItemSeen>,
    /// Why the checker goes on in spite of warnings; needed where there are any.
    #[serde(default)]
    confirmation: String,
}

/// Under an open signing grant of the meaning `checked`.
async fn check(by: May<CheckItems>, lis: web::Data<Lis>, json: Json<CheckInput>) -> Answer {
    let Json { input, request, .. } = json;
    let (actor, real) = (by.clone(), lis.clock.real());
    let confirmation = actions::confirmed(&input.confirmation)?;
    let before = lis.db.read(move |conn| Checking::of(conn, confirmation)).await?;
    let checked: Checked =
        lis.command(&actor, &request, move |tx| actions::check(tx, &by, &before, &input.items, real)).await?;
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
    versioned(HttpResponse::Ok(), version, &Stepped { id: id.0, version, state: "repeat_ordered" })
}

async fn cancel(
    by: May<AssignItems>,
    lis: web::Data<Lis>,
    id: web::Path<ItemId>,
    json: Json<ItemReasonInput>,
) -> Answer {
    let (id, seen, reason, actor) = (*id, json.seen.required()?, json.input.checked()?, by.clone());
    let stepped: ItemStepped =
        lis.command(&actor, &json.request, move |tx| actions::cancel(tx, &by, id, seen, &reason)).await?;
    versioned(HttpResponse::Ok(), stepped.version, &stepped)
}

async fn decide(
    by: May<DecideVerdicts>,
    lis: web::Data<Lis>,
    id: web::Path<ItemId>,
    json: Json<DecisionInput>,
) -> Answer {
    let (id, seen, facts, actor) = (*id, json.seen.required()?, json.input.checked()?, by.clone());
    let decided: Decided =
        lis.command(&actor, &json.request, move |tx| actions::decide(tx, &by, id, seen, &facts)).await?;
    versioned(HttpResponse::Ok(), decided.version, &decided)
}

async fn deviate(
    by: May<ManageCatalogue>,
    lis: web::Data<Lis>,
    id: web::Path<ItemId>,
    json: Json<DeviationInput>,
) -> Answer {
    let (id, seen, facts, actor) = (*id, json.seen.required()?, json.input.checked()?, by.clone());
    let done: Deviates =
        lis.command(&actor, &json.request, move |tx| actions::deviate(tx, &by, id, seen, &facts)).await?;
    versioned(HttpResponse::Ok(), done.version, &done)
}

async fn state_factor(
    by: May<DecideVerdicts>,
    lis: web::Data<Lis>,
    id: web::Path<ItemId>,
    json: Json<LimitFactorInput>,
) -> Answer {
    let (id, seen, facts, actor) = (*id, json.seen.required()?, json.input.checked()?, by.clone());
    let done: FactorStated =
        lis.command(&actor, &json.request, move |tx| actions::state_factor(tx, &by, id, seen, &facts)).await?;
    versioned(HttpResponse::Ok(), done.version, &done)
}
