//! Changes of an order after receipt, for programs.

use actix_web::{HttpResponse, web};

use super::super::actions::{self, ItemMethodInput, ItemStepped, OrderItemAdded, OrderItemInput};
use crate::accounts::May;
use crate::accounts::role::AssignItems;
use crate::app::Lis;
use crate::domain::ids::{ItemId, SampleId};
use crate::web::routes::Routes;
use crate::web::{Answer, Json, versioned};

pub fn routes() -> Routes {
    Routes::new()
        .post("/api/v1/samples/{id}/order-items", add_item)
        .about("Adds an item to an order whose sample was accepted; the review is repeated and the client told.")
        .versioned()
        .keyed()
        .creates::<OrderItemAdded>()
        .post("/api/v1/items/{id}/method", change_method)
        .about("Another method for an item of an order that nobody has begun; the review is repeated, the client told.")
        .versioned()
        .gives::<ItemStepped>()
}

async fn add_item(
    by: May<AssignItems>,
    lis: web::Data<Lis>,
    id: web::Path<SampleId>,
    json: Json<OrderItemInput>,
) -> Answer {
    let request = json.keyed()?.clone();
    let (id, seen, facts, actor) = (*id, json.seen.required()?, json.input.checked()?, by.clone());
    let added: OrderItemAdded =
        lis.command(&actor, &request, move |tx| actions::add_item(tx, &by, id, seen, &facts)).await?;
    versioned(HttpResponse::Created(), added.version, &added)
}

async fn change_method(
    by: May<AssignItems>,
    lis: web::Data<Lis>,
    id: web::Path<ItemId>,
    json: Json<ItemMethodInput>,
) -> Answer {
    let (id, seen, facts, actor) = (*id, json.seen.required()?, json.input.checked()?, by.clone());
    let stepped: ItemStepped =
        lis.command(&actor, &json.request, move |tx| actions::change_method(tx, &by, id, seen, &facts)).await?;
    versioned(HttpResponse::Ok(), stepped.version, &stepped)
}
