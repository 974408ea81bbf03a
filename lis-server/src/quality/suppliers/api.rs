//! Suppliers for programs.

use actix_web::{HttpResponse, web};

use super::actions::{self, SupplierInput, SupplierSaved, SupplierView};
use crate::accounts::May;
use crate::accounts::role::KeepSuppliers;
use crate::app::Lis;
use crate::domain::ids::SupplierId;
use crate::web::paging::{self, LIMIT, Listed, PageQuery};
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Json, versioned};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/suppliers", suppliers)
        .about("Suppliers of calibrations, materials and services with their approval, in order of id.")
        .gives::<Listed<SupplierView>>()
        .post("/api/v1/suppliers", add)
        .about("Puts a supplier into the register, evaluated by whoever does it.")
        .keyed()
        .creates::<SupplierSaved>()
        .put("/api/v1/suppliers/{id}", change)
        .about("Evaluates a supplier of the register anew.")
        .versioned()
        .gives::<SupplierSaved>()
}

async fn suppliers(_: May<KeepSuppliers>, lis: web::Data<Lis>, query: Asked<PageQuery>) -> Answer {
    let limit = paging::limit(query.limit, LIMIT)?;
    let (after, today) = (query.after.unwrap_or(0), lis.clock.now().date_in_china());
    let found = lis.db.read(move |conn| actions::suppliers(conn, after, limit + 1, today)).await?;
    Ok(HttpResponse::Ok().json(Listed::of(found, limit, |one| one.id.to_string(), |one| one)))
}

async fn add(by: May<KeepSuppliers>, lis: web::Data<Lis>, json: Json<SupplierInput>) -> Answer {
    let request = json.keyed()?.clone();
    let (facts, actor) = (json.input.checked()?, by.clone());
    let saved: SupplierSaved = lis.command(&actor, &request, move |tx| actions::add_supplier(tx, &by, &facts)).await?;
    versioned(HttpResponse::Created(), saved.version, &saved)
}

async fn change(
    by: May<KeepSuppliers>,
    lis: web::Data<Lis>,
    id: web::Path<SupplierId>,
    json: Json<SupplierInput>,
) -> Answer {
    let (id, seen, facts, actor) = (*id, json.seen.required()?, json.input.checked()?, by.clone());
    let saved: SupplierSaved =
        lis.command(&actor, &json.request, move |tx| actions::change_supplier(tx, &by, id, seen, &facts)).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}
