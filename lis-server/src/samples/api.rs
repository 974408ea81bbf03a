//! Samples for programs.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::actions::{self, CustodyInput, Filter, FormSaved, ImportMode, SplitInput};
use super::facts::{PartFacts, SampleFacts};
use super::form::FormInput;
use super::order::OrderInput;
use super::pages::own;
use super::receipt::ReceiptInput;
use super::words::FormSource;
use crate::accounts::May;
use crate::accounts::role::{FillSamplingForms, ImportForms, ReceiveSamples, SeeSamples, UsePortal};
use crate::app::Lis;
use crate::domain::clock::Moment;
use crate::domain::ids::{PartId, SampleId};
use crate::domain::refusal::{Fault, Outcome};
use crate::web::paging::{self, LIMIT};
use crate::web::problem::Said;
use crate::web::routes::Routes;
use crate::web::{Answer, Json, Upload};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/samples", list)
        .get("/api/v1/samples/{id}", one)
        .post("/api/v1/samples/{id}/receipts", receive)
        .post("/api/v1/samples/{id}/hold", hold)
        .post("/api/v1/samples/{id}/withdraw", withdraw)
        .post("/api/v1/parts/{id}/custody", custody)
        .post("/api/v1/parts/{id}/split", split)
        .post("/api/v1/sampling-forms", write_form)
        .post("/api/v1/sampling-form-imports", import)
        .get("/api/v1/orders", orders)
        .post("/api/v1/orders", submit_order)
        .get("/api/v1/orders/{id}", order)
        .post("/api/v1/orders/{id}/withdraw", withdraw_order)
}

/// A sample as the laboratory's programs see it.
#[derive(Serialize, utoipa::ToSchema)]
pub struct SampleView {
    pub id: i64,
    pub version: i64,
    pub sample_no: Option<String>,
    pub form_id: i64,
    pub form_no: String,
    pub sample_type: &'static str,
    pub state: &'static str,
    /// Empty: not on hold.
    pub hold_reason: String,
    pub sample_name: String,
    pub food_category: String,
    pub unit_name: String,
    pub producer_name: String,
    pub batch_no: String,
    #[schema(value_type = Option<String>, format = Date)]
    pub production_date: Option<chrono::NaiveDate>,
    #[schema(value_type = Option<String>, format = Date)]
    pub expiry_date: Option<chrono::NaiveDate>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub sampled_at: Option<Moment>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub arrived_at: Option<Moment>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub accepted_at: Option<Moment>,
    #[schema(value_type = Option<String>, format = Date)]
    pub due_on: Option<chrono::NaiveDate>,
    /// The calendar of the due date's year is not announced yet.
    pub due_provisional: bool,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Moment,
}

impl From<SampleFacts> for SampleView {
    fn from(facts: SampleFacts) -> Self {
        Self {
            id: facts.id.0,
            version: facts.version,
            sample_no: facts.sample_no,
            form_id: facts.form_id.0,
            form_no: facts.form_no,
            sample_type: facts.sample_type.code(),
            state: facts.state.code(),
            hold_reason: facts.hold_reason,
            sample_name: facts.sample_name,
            food_category: facts.food_category,
            unit_name: facts.unit_name,
            producer_name: facts.producer_name,
            batch_no: facts.batch_no,
            production_date: facts.production_date,
            expiry_date: facts.expiry_date,
            sampled_at: facts.sampled_at,
            arrived_at: facts.arrived_at,
            accepted_at: facts.accepted_at,
            due_on: facts.due_on,
            due_provisional: facts.due_provisional,
            created_at: facts.created_at,
        }
    }
}

/// A part of a sample.
#[derive(Serialize, utoipa::ToSchema)]
pub struct PartView {
    pub id: i64,
    pub version: i64,
    pub parent_id: Option<i64>,
    pub role: &'static str,
    pub label_code: String,
    pub quantity: String,
    pub unit: String,
    pub seal_no: String,
    pub location: String,
    pub custody: &'static str,
    pub holder_id: Option<i64>,
    pub retention: &'static str,
    #[schema(value_type = Option<String>, format = Date)]
    pub keep_until: Option<chrono::NaiveDate>,
}

impl From<PartFacts> for PartView {
    fn from(part: PartFacts) -> Self {
        Self {
            id: part.id.0,
            version: part.version,
            parent_id: part.parent_id.map(|id| id.0),
            role: part.role.code(),
            label_code: part.label_code.to_string(),
            quantity: part.quantity.to_string(),
            unit: part.unit,
            seal_no: part.seal_no,
            location: part.location,
            custody: part.custody.code(),
            holder_id: part.holder_id.map(|id| id.0),
            retention: part.retention.code(),
            keep_until: part.keep_until,
        }
    }
}

/// One sample with its form and parts.
#[derive(Serialize, utoipa::ToSchema)]
pub struct SampleDetail {
    #[serde(flatten)]
    pub sample: SampleView,
    /// The form as it was written, checked.
    #[schema(value_type = Object)]
    pub form: serde_json::Value,
    pub parts: Vec<PartView>,
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct SamplesView {
    pub items: Vec<SampleView>,
    /// Give this as `after` to go on.
    pub next: String,
    pub more: bool,
}

#[derive(Deserialize)]
#[serde(default)]
struct Query {
    q: String,
    state: String,
    sample_type: String,
    /// `next` of the page before; newest first.
    after: i64,
    limit: i64,
}

impl Default for Query {
    fn default() -> Self {
        Self { q: String::new(), state: String::new(), sample_type: String::new(), after: 0, limit: LIMIT }
    }
}

async fn found(lis: &Lis, query: Query, client: Option<crate::domain::ids::EnterpriseId>) -> Answer {
    let Query { q, state, sample_type, after, limit } = query;
    let limit = paging::limit(Some(limit), LIMIT)?;
    let filter = Filter { text: q, state, sample_type, client, before: after, to_receive: false };
    let mut found = lis.db.read(move |conn| actions::list(conn, &filter, limit + 1)).await?;
    let more = paging::cut(&mut found, limit);
    let next = found.last().map_or_else(|| after.to_string(), |last| last.id.to_string());
    let items = found.into_iter().map(SampleView::from).collect();
    Ok(HttpResponse::Ok().json(SamplesView { items, next, more }))
}

fn detail(sample: SampleFacts, parts: Vec<PartFacts>) -> Answer {
    let tag = format!("\"{}\"", sample.version);
    let form = serde_json::to_value(&sample.form).map_err(Fault::broken)?;
    let parts = parts.into_iter().map(PartView::from).collect();
    let detail = SampleDetail { sample: sample.into(), form, parts };
    Ok(HttpResponse::Ok().insert_header(("ETag", tag)).json(detail))
}

async fn list(_: May<SeeSamples>, lis: web::Data<Lis>, query: web::Query<Query>) -> Answer {
    found(&lis, query.into_inner(), None).await
}

async fn one(_: May<SeeSamples>, lis: web::Data<Lis>, id: web::Path<SampleId>) -> Answer {
    let id = *id;
    let read = move |conn: &mut crate::db::Conn| Ok((actions::facts(conn, id)?, actions::parts_of(conn, &[id])?));
    let (sample, parts) = lis.db.read(read).await?;
    detail(sample, parts)
}

async fn receive(
    by: May<ReceiveSamples>,
    lis: web::Data<Lis>,
    id: web::Path<SampleId>,
    json: Json<ReceiptInput>,
) -> Answer {
    let request = json.keyed()?.clone();
    let (id, seen, input) = (*id, json.seen.required()?, json.input);
    let (actor, laboratory) = (by.clone(), lis.config.laboratory_code.clone());
    let offered = lis.db.read(actions::catalogue).await?;
    let work = move |tx: &mut crate::db::Tx| actions::receive(tx, &by, &offered, id, seen, &input, &laboratory);
    let received = lis.command(&actor, &request, work).await?;
    Ok(HttpResponse::Created().insert_header(("ETag", format!("\"{}\"", received.version))).json(received))
}

/// Why a sample is on hold; empty releases it.
#[derive(Deserialize, Default, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
struct HoldInput {
    reason: String,
}

async fn hold(by: May<ReceiveSamples>, lis: web::Data<Lis>, id: web::Path<SampleId>, json: Json<HoldInput>) -> Answer {
    let (id, seen) = (*id, json.seen.required()?);
    let mut check = crate::domain::input::Checker::new();
    let reason = check.optional_text("reason", &json.input.reason, 200);
    let reason = check.done(Some(reason))?;
    let actor = by.clone();
    let work = move |tx: &mut crate::db::Tx| actions::set_hold(tx, &by, id, Some(seen), &reason);
    lis.command(&actor, &json.request, work).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// An empty body.
#[derive(Deserialize, Default, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
struct Nothing {}

async fn withdraw(
    by: May<ReceiveSamples>,
    lis: web::Data<Lis>,
    id: web::Path<SampleId>,
    json: Json<Nothing>,
) -> Answer {
    let (id, seen) = (*id, json.seen.required()?);
    let actor = by.clone();
    let work = move |tx: &mut crate::db::Tx| actions::withdraw(tx, &by, id, seen);
    lis.command(&actor, &json.request, work).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn custody(
    by: May<ReceiveSamples>,
    lis: web::Data<Lis>,
    id: web::Path<PartId>,
    json: Json<CustodyInput>,
) -> Answer {
    let Json { input, request, seen } = json;
    let (id, seen) = (*id, seen.required()?);
    let actor = by.clone();
    let work = move |tx: &mut crate::db::Tx| actions::change_custody(tx, &by, id, seen, &input);
    let saved = lis.command(&actor, &request, work).await?;
    Ok(HttpResponse::Ok().insert_header(("ETag", format!("\"{}\"", saved.version))).json(saved))
}

async fn split(by: May<ReceiveSamples>, lis: web::Data<Lis>, id: web::Path<PartId>, json: Json<SplitInput>) -> Answer {
    let request = json.keyed()?.clone();
    let (id, seen, input) = (*id, json.seen.required()?, json.input);
    let actor = by.clone();
    let work = move |tx: &mut crate::db::Tx| actions::split(tx, &by, id, seen, &input);
    let saved = lis.command(&actor, &request, work).await?;
    Ok(HttpResponse::Created().insert_header(("ETag", format!("\"{}\"", saved.version))).json(saved))
}

/// A form written on the spot, with the UUID that its device made.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct WrittenForm {
    #[schema(value_type = String)]
    client_uuid: uuid::Uuid,
    form: FormInput,
}

fn created(saved: &FormSaved) -> Answer {
    Ok(HttpResponse::Created().insert_header(("ETag", format!("\"{}\"", saved.version))).json(saved))
}

async fn write_form(by: May<FillSamplingForms>, lis: web::Data<Lis>, json: Json<WrittenForm>) -> Answer {
    let Json { input: WrittenForm { client_uuid, form }, request, .. } = json;
    let now = lis.clock.now();
    let check = move |conn: &mut crate::db::Conn| -> Outcome<_> {
        let catalogue = actions::catalogue(conn)?;
        Ok(actions::around(&catalogue, now, |around| form.checked(FormSource::OnSite, around))?)
    };
    let form = lis.db.read(check).await?;
    let (actor, uuid) = (by.clone(), client_uuid.to_string());
    let work = move |tx: &mut crate::db::Tx| actions::write_form(tx, &by, form.clone(), Some(&uuid));
    created(&lis.command(&actor, &request, work).await?)
}

#[derive(Deserialize)]
struct ImportQuery {
    /// `dry_run`, `all` or `good`.
    mode: String,
}

/// A file (`file`) and, if not the last one used, a mapping (`mapping`, TOML) as `multipart/form-data`.
async fn import(by: May<ImportForms>, lis: web::Data<Lis>, query: web::Query<ImportQuery>, file: Upload) -> Answer {
    let now = lis.clock.now();
    let mut mapping = file.text("mapping").to_owned();
    if mapping.trim().is_empty() {
        mapping = lis.db.read(actions::offered_mapping).await?;
    }
    if query.mode == "dry_run" {
        let language = by.language;
        let run = lis.db.read(move |conn| actions::dry_run(conn, &file, &mapping, now)).await?;
        let rows: Vec<serde_json::Value> = run
            .rows
            .iter()
            .map(|row| {
                let reasons = row.form.as_ref().err().cloned().unwrap_or_default();
                let said: Vec<serde_json::Value> = reasons
                    .iter()
                    .zip(Said::all(&reasons, language))
                    .map(|(reason, said)| {
                        let column = reason.place().map(|(_, column)| column);
                        serde_json::json!({"code": reason.problem.code, "column": column, "detail": said.sentence})
                    })
                    .collect();
                serde_json::json!({"row": row.number, "form_no": row.input.form_no, "good": row.is_good(), "reasons": said})
            })
            .collect();
        let imported_at = run.imported_at.map(Moment::rfc3339);
        return Ok(HttpResponse::Ok().json(serde_json::json!({"rows": rows, "imported_at": imported_at})));
    }
    let mode = ImportMode::parse(&query.mode)?;
    let done = lis.db.write(move |tx| actions::store_import(tx, &by, &file, &mapping, mode)).await?;
    Ok(if done.already { HttpResponse::Ok() } else { HttpResponse::Created() }.json(done))
}

async fn orders(by: May<UsePortal>, lis: web::Data<Lis>, query: web::Query<Query>) -> Answer {
    found(&lis, query.into_inner(), Some(own(&by)?)).await
}

async fn order(by: May<UsePortal>, lis: web::Data<Lis>, id: web::Path<SampleId>) -> Answer {
    let (client, id) = (own(&by)?, *id);
    // Containers and where they lie are the laboratory's own business.
    let sample = lis.db.read(move |conn| actions::own_order(conn, client, id)).await?;
    detail(sample, Vec::new())
}

async fn submit_order(by: May<UsePortal>, lis: web::Data<Lis>, json: Json<OrderInput>) -> Answer {
    let request = json.keyed()?.clone();
    let (client, input, now) = (own(&by)?, json.input, lis.clock.now());
    let order = lis.db.read(move |conn| actions::order(conn, client, &input, now)).await?;
    let actor = by.clone();
    let work = move |tx: &mut crate::db::Tx| actions::submit_order(tx, &by, order.clone(), client);
    created(&lis.command(&actor, &request, work).await?)
}

async fn withdraw_order(
    by: May<UsePortal>,
    lis: web::Data<Lis>,
    id: web::Path<SampleId>,
    json: Json<Nothing>,
) -> Answer {
    let (client, id, seen) = (own(&by)?, *id, json.seen.required()?);
    let actor = by.clone();
    let work = move |tx: &mut crate::db::Tx| actions::withdraw_order(tx, &by, client, id, seen);
    lis.command(&actor, &json.request, work).await?;
    Ok(HttpResponse::NoContent().finish())
}
