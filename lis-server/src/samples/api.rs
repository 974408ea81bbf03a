//! Samples for programs. Forms written on the spot or imported: `api/forms.rs`; what programs see of a sample:
//! `api/views.rs`.

mod forms;
pub(super) mod pictures;
mod views;

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::actions::{
    self, CustodyInput, Filter, FormSaved, OrderReview, PartSaved, Received, RetentionInput, RetentionSaved,
    SplitInput, Stay,
};
use super::facts::{PartFacts, SampleFacts};
use super::order::OrderInput;
use super::pages::{LabelQuery, label_sheet, note_file, own};
use super::parts::Amounts;
use super::receipt::ReceiptInput;
use crate::accounts::role::{ApproveDisposal, ReceiveSamples, SeeSamples, UsePortal};
use crate::accounts::{Actor, May};
use crate::app::Lis;
use crate::domain::ids::{PartId, SampleId};
use crate::domain::refusal::{FIELD_INVALID, Fault};
use crate::web::paging::{self, LIMIT, Listed};
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Json, Nothing, Ui, versioned};

use views::{PartAmountsView, PartStayView, PartView, SampleDetail, SampleView};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/samples", list)
        .about("Samples, newest first.")
        .gives::<Listed<SampleView>>()
        .get("/api/v1/samples/{id}", one)
        .about("One sample with its form and parts.")
        .gives::<SampleDetail>()
        .get("/api/v1/samples/{id}/labels", labels)
        .about("Labels of all containers of a sample, ready to be printed.")
        .gives_file("application/pdf")
        .get("/api/v1/samples/{id}/order-reviews", reviews)
        .about("Every version of the review of a sample's order, newest first: items, methods, price, what was pointed out.")
        .gives::<Listed<OrderReview>>()
        .get("/api/v1/rejection-notes/{id}/pdf", note)
        .about("The note of a rejection, by the sample's id.")
        .gives_file("application/pdf")
        .get("/api/v1/portal/rejection-notes/{id}/pdf", own_note)
        .about("The note of a rejection, by the sample's id: for the client who ordered.")
        .gives_file("application/pdf")
        .post("/api/v1/samples/{id}/receipts", receive)
        .about("Receives a sample: accepted with parts and items, put on hold, or rejected with a reason.")
        .versioned()
        .keyed()
        .creates::<Received>()
        .post("/api/v1/samples/{id}/hold", hold)
        .about("Puts a sample on hold with a reason, or releases it with an empty one.")
        .versioned()
        .gives_nothing()
        .post("/api/v1/samples/{id}/withdraw", withdraw)
        .about("Withdraws a sample that was not received yet.")
        .versioned()
        .gives_nothing()
        .post("/api/v1/parts/{id}/custody", custody)
        .about("Moves, issues, takes back or returns a part.")
        .versioned()
        .gives::<PartSaved>()
        .post("/api/v1/parts/{id}/split", split)
        .about("Makes subsamples of a part, each with a label code of its own.")
        .versioned()
        .keyed()
        .creates::<PartSaved>()
        .get("/api/v1/disposal", disposal)
        .about("Parts that nothing obliges to keep, and parts released for disposal, in order of id.")
        .gives::<Listed<DisposalView>>()
        .post("/api/v1/disposal/releases", release)
        .about("Releases parts for disposal, all or none.")
        .gives::<RetentionSaved>()
        .post("/api/v1/disposal/keeps", keep)
        .about("Keeps released parts after all, with the reason.")
        .gives::<RetentionSaved>()
        .post("/api/v1/disposal/disposals", dispose)
        .about("Approves the disposal of parts that somebody else released, with the method.")
        .gives::<RetentionSaved>()
        .get("/api/v1/orders", orders)
        .about("The caller's own orders, newest first.")
        .gives::<Listed<SampleView>>()
        .post("/api/v1/orders", submit_order)
        .about("An enterprise orders the test of a sample that it will send.")
        .keyed()
        .creates::<FormSaved>()
        .get("/api/v1/orders/{id}", order)
        .about("One of the caller's own orders with its form.")
        .gives::<SampleDetail>()
        .get("/api/v1/orders/{id}/reviews", own_reviews)
        .about("Every version of the review of one of the caller's own orders, newest first.")
        .gives::<Listed<OrderReview>>()
        .post("/api/v1/orders/{id}/withdraw", withdraw_order)
        .about("Withdraws an own order whose sample was not received yet.")
        .versioned()
        .gives_nothing()
        .and(forms::routes())
        .and(pictures::routes())
}

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(default)]
struct Query {
    /// Part of a sample number, form number, name or batch number.
    q: String,
    /// A state; empty: all.
    state: String,
    /// A kind of sample; empty: all.
    sample_type: String,
    /// How much of the time for the report is gone: `half`, `most` (80 %) or `over`; empty: all.
    due: String,
    /// The `next` of the answer before; newest first.
    after: i64,
    /// Rows of the answer, 1 to 500; 50 unless said otherwise.
    #[param(minimum = 1, maximum = 500)]
    limit: i64,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            q: String::new(),
            state: String::new(),
            sample_type: String::new(),
            due: String::new(),
            after: 0,
            limit: LIMIT,
        }
    }
}

async fn found(lis: &Lis, query: Query, client: Option<crate::domain::ids::EnterpriseId>) -> Answer {
    let Query { q, state, sample_type, due, after, limit } = query;
    let limit = paging::limit(Some(limit), LIMIT)?;
    let now = lis.clock.now();
    if !due.is_empty() && !actions::STAGES.contains(&due.as_str()) {
        return Err(FIELD_INVALID.at("due").with_word("expected", "expected-listed").into());
    }
    let filter = Filter { text: q, state, sample_type, client, before: after, ..Filter::default() };
    let read = move |conn: &mut crate::db::Conn| {
        let among = Some(&due).filter(|due| !due.is_empty()).map(|due| actions::due_at(conn, now, due)).transpose()?;
        actions::list(conn, &Filter { among, ..filter }, limit + 1)
    };
    let found = lis.db.read(read).await?;
    let mut page = Listed::of(found, limit, |facts| facts.id.to_string(), SampleView::from);
    if page.items.is_empty() {
        page.next = after.to_string();
    }
    Ok(HttpResponse::Ok().json(page))
}

/// Parts, what became of them, and where they were.
#[derive(Default)]
struct Goods {
    parts: Vec<PartFacts>,
    amounts: Vec<(PartId, Amounts)>,
    stays: Vec<Stay>,
}

fn detail(sample: SampleFacts, goods: Goods) -> Answer {
    let version = sample.version;
    let form = serde_json::to_value(&sample.form).map_err(Fault::broken)?;
    let parts = goods.parts.into_iter().map(PartView::from).collect();
    let amounts = goods.amounts.into_iter().map(PartAmountsView::from).collect();
    let stays = goods.stays.into_iter().map(PartStayView::from).collect();
    let detail = SampleDetail { sample: sample.into(), form, parts, amounts, stays };
    versioned(HttpResponse::Ok(), version, &detail)
}

async fn list(_: May<SeeSamples>, lis: web::Data<Lis>, query: Asked<Query>) -> Answer {
    found(&lis, query.into_inner(), None).await
}

async fn note(by: May<SeeSamples>, lis: web::Data<Lis>, id: web::Path<SampleId>) -> Answer {
    note_file(&lis, Actor::clone(&by), *id).await
}

async fn own_note(by: May<UsePortal>, lis: web::Data<Lis>, id: web::Path<SampleId>) -> Answer {
    note_file(&lis, Actor::clone(&by), *id).await
}

async fn one(_: May<SeeSamples>, lis: web::Data<Lis>, id: web::Path<SampleId>) -> Answer {
    let id = *id;
    let read = move |conn: &mut crate::db::Conn| {
        let (sample, parts) = (actions::facts(conn, id)?, actions::parts_of(conn, &[id])?);
        let (amounts, stays) = (actions::amounts_of(conn, &parts)?, actions::stays_of(conn, &parts)?);
        Ok((sample, Goods { parts, amounts, stays }))
    };
    let (sample, goods) = lis.db.read(read).await?;
    detail(sample, goods)
}

async fn reviews(_: May<SeeSamples>, lis: web::Data<Lis>, id: web::Path<SampleId>) -> Answer {
    let id = *id;
    let read = move |conn: &mut crate::db::Conn| {
        actions::facts(conn, id)?;
        actions::reviews(conn, id)
    };
    Ok(HttpResponse::Ok().json(Listed::whole(lis.db.read(read).await?)))
}

async fn labels(
    _: May<SeeSamples>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<SampleId>,
    query: Asked<LabelQuery>,
) -> Answer {
    label_sheet(&lis, &ui, *id, query.into_inner()).await
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
    let today = lis.clock.now().date_in_china();
    let reception = lis.db.read(move |conn| actions::Reception::read(conn, today)).await?;
    let reception = reception.asking(lis.config.receipt_pictures);
    let work = move |tx: &mut crate::db::Tx| actions::receive(tx, &by, &reception, id, seen, &input, &laboratory);
    let received = lis.command(&actor, &request, work).await?;
    versioned(HttpResponse::Created(), received.version, &received)
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
    let Json { input, request, seen, .. } = json;
    let (id, seen) = (*id, seen.required()?);
    let actor = by.clone();
    let work = move |tx: &mut crate::db::Tx| actions::change_custody(tx, &by, id, seen, &input);
    let saved = lis.command(&actor, &request, work).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}

async fn split(by: May<ReceiveSamples>, lis: web::Data<Lis>, id: web::Path<PartId>, json: Json<SplitInput>) -> Answer {
    let request = json.keyed()?.clone();
    let (id, seen, input) = (*id, json.seen.required()?, json.input);
    let actor = by.clone();
    let work = move |tx: &mut crate::db::Tx| actions::split(tx, &by, id, seen, &input);
    let saved = lis.command(&actor, &request, work).await?;
    versioned(HttpResponse::Created(), saved.version, &saved)
}

#[derive(Deserialize, utoipa::IntoParams)]
struct DisposalQuery {
    /// The `next` of the answer before.
    #[serde(default)]
    after: i64,
    /// Rows of the answer.
    limit: Option<i64>,
}

/// A part that may go.
#[derive(Serialize, utoipa::ToSchema)]
struct DisposalView {
    #[serde(flatten)]
    part: PartView,
    sample_id: i64,
    sample_no: String,
    released_by: Option<i64>,
    /// Its sample has a failing case that is not closed.
    case_open: bool,
}

async fn disposal(_: May<SeeSamples>, lis: web::Data<Lis>, query: Asked<DisposalQuery>) -> Answer {
    let limit = paging::limit(query.limit, LIMIT)?;
    let (after, today) = (query.after, lis.clock.now().date_in_china());
    let found = lis.db.read(move |conn| actions::disposal_list(conn, today, after, limit + 1)).await?;
    let view = |line: actions::ToDispose| DisposalView {
        sample_id: line.sample.id.0,
        sample_no: line.sample.no().to_owned(),
        released_by: line.released_by.map(|id| id.0),
        case_open: line.case_open,
        part: line.part.into(),
    };
    Ok(HttpResponse::Ok().json(Listed::of(found, limit, |line| line.part.id.0.to_string(), view)))
}

async fn release(by: May<ReceiveSamples>, lis: web::Data<Lis>, json: Json<RetentionInput>) -> Answer {
    let Json { input, request, .. } = json;
    let actor = by.clone();
    Ok(HttpResponse::Ok().json(lis.command(&actor, &request, move |tx| actions::release(tx, &by, &input)).await?))
}

async fn keep(by: May<ReceiveSamples>, lis: web::Data<Lis>, json: Json<RetentionInput>) -> Answer {
    let Json { input, request, .. } = json;
    let actor = by.clone();
    Ok(HttpResponse::Ok().json(lis.command(&actor, &request, move |tx| actions::keep_again(tx, &by, &input)).await?))
}

async fn dispose(by: May<ApproveDisposal>, lis: web::Data<Lis>, json: Json<RetentionInput>) -> Answer {
    let Json { input, request, .. } = json;
    let actor = by.clone();
    Ok(HttpResponse::Ok().json(lis.command(&actor, &request, move |tx| actions::dispose(tx, &by, &input)).await?))
}

fn created(saved: &FormSaved) -> Answer {
    versioned(HttpResponse::Created(), saved.version, &saved)
}

async fn orders(by: May<UsePortal>, lis: web::Data<Lis>, query: Asked<Query>) -> Answer {
    found(&lis, query.into_inner(), Some(own(&by)?)).await
}

async fn order(by: May<UsePortal>, lis: web::Data<Lis>, id: web::Path<SampleId>) -> Answer {
    let (client, id) = (own(&by)?, *id);
    // Containers and where they lie are the laboratory's own business.
    let sample = lis.db.read(move |conn| actions::own_order(conn, client, id)).await?;
    detail(sample, Goods::default())
}

async fn own_reviews(by: May<UsePortal>, lis: web::Data<Lis>, id: web::Path<SampleId>) -> Answer {
    let (client, id) = (own(&by)?, *id);
    let read = move |conn: &mut crate::db::Conn| {
        actions::own_order(conn, client, id)?;
        actions::reviews(conn, id)
    };
    Ok(HttpResponse::Ok().json(Listed::whole(lis.db.read(read).await?)))
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
