//! Lots for programs.

use actix_web::{HttpResponse, web};

use super::actions::{self, LotInput, LotSaved, LotView, OpeningInput};
use super::receipts::{self, ReceiptInput};
use super::tracing::{Family, family};
use crate::accounts::May;
use crate::accounts::role::{KeepLots, SeeBench};
use crate::app::Lis;
use crate::domain::ids::LotId;
use crate::web::paging::{self, LIMIT, Listed, PageQuery};
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Json, versioned};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/lots", lots)
        .about("Reference materials, standards, reagents, media and solutions by lot, newest first.")
        .gives::<Listed<LotView>>()
        .post("/api/v1/lots", add)
        .about("Adds a lot; a solution names the lots that it was made of.")
        .keyed()
        .creates::<LotSaved>()
        .get("/api/v1/lots/{id}", lot)
        .about("A lot with everything that it was made of, and everything that was made of it.")
        .gives::<Family>()
        .post("/api/v1/lots/{id}/opening", open)
        .about("Says on which day a lot was opened, once.")
        .versioned()
        .gives::<LotSaved>()
        .post("/api/v1/lots/{id}/receipt", check_receipt)
        .about("Writes down the check of a lot when it came: accepted, or rejected with a reason.")
        .versioned()
        .gives::<LotSaved>()
}

async fn lots(_: May<SeeBench>, lis: web::Data<Lis>, query: Asked<PageQuery>) -> Answer {
    let limit = paging::limit(query.limit, LIMIT)?;
    let (before, today) = (query.after.unwrap_or(i64::MAX), lis.clock.now().date_in_china());
    let lots = lis.db.read(move |conn| actions::lots(conn, before, limit + 1, today)).await?;
    Ok(HttpResponse::Ok().json(Listed::of(lots, limit, |lot| lot.id.to_string(), |lot| lot)))
}

async fn lot(_: May<SeeBench>, lis: web::Data<Lis>, id: web::Path<LotId>) -> Answer {
    let (id, today) = (*id, lis.clock.now().date_in_china());
    let found = lis.db.read(move |conn| family(conn, id, today)).await?;
    versioned(HttpResponse::Ok(), found.lot.version, &found)
}

async fn add(by: May<KeepLots>, lis: web::Data<Lis>, json: Json<LotInput>) -> Answer {
    let request = json.keyed()?.clone();
    let facts = json.input.checked()?;
    let actor = by.clone();
    let saved: LotSaved = lis.command(&actor, &request, move |tx| actions::add_lot(tx, &by, &facts)).await?;
    versioned(HttpResponse::Created(), saved.version, &saved)
}

async fn open(by: May<KeepLots>, lis: web::Data<Lis>, id: web::Path<LotId>, json: Json<OpeningInput>) -> Answer {
    let (id, seen, on, actor) = (*id, json.seen.required()?, json.input.checked()?, by.clone());
    let saved: LotSaved =
        lis.command(&actor, &json.request, move |tx| actions::open_lot(tx, &by, id, seen, on)).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}

async fn check_receipt(
    by: May<KeepLots>,
    lis: web::Data<Lis>,
    id: web::Path<LotId>,
    json: Json<ReceiptInput>,
) -> Answer {
    let (id, seen, facts, actor) = (*id, json.seen.required()?, json.input.checked()?, by.clone());
    let saved: LotSaved =
        lis.command(&actor, &json.request, move |tx| receipts::check_receipt(tx, &by, id, seen, &facts)).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}
