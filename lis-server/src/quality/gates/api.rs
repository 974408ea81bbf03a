//! Gates for programs.

use actix_web::{HttpResponse, web};

use super::actions::{self, GateInput, GateSet, GateView};
use crate::accounts::role::{ManageCatalogue, SeeBench};
use crate::accounts::{GRANT_MISSING, May};
use crate::app::Lis;
use crate::web::paging::Listed;
use crate::web::routes::Routes;
use crate::web::{Answer, Json};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/gates", gates)
        .about("How strict each gate of the quality system is today, with every change of it.")
        .gives::<Listed<GateView>>()
        .post("/api/v1/gates", set_gate)
        .about("Sets a gate to off, warn or block from a day on, with a reason, under an open signing grant of the meaning `set`.")
        .keyed()
        .creates::<GateSet>()
        .refuses(&[GRANT_MISSING])
}

async fn gates(_: May<SeeBench>, lis: web::Data<Lis>) -> Answer {
    let today = lis.clock.now().date_in_china();
    let items = lis.db.read(move |conn| actions::gates(conn, today)).await?;
    Ok(HttpResponse::Ok().json(Listed::whole(items)))
}

async fn set_gate(by: May<ManageCatalogue>, lis: web::Data<Lis>, json: Json<GateInput>) -> Answer {
    let request = json.keyed()?.clone();
    let facts = json.input.checked()?;
    let (actor, real) = (by.clone(), lis.clock.real());
    let made: GateSet = lis.command(&actor, &request, move |tx| actions::set_gate(tx, &by, &facts, real)).await?;
    Ok(HttpResponse::Created().json(made))
}
