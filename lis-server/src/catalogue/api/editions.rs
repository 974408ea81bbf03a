//! Editions of methods that are still to come, for programs.

use actix_web::{HttpResponse, web};

use super::super::actions;
use super::super::editions::{ComingEdition, coming};
use crate::accounts::May;
use crate::accounts::role::SeeBench;
use crate::app::Lis;
use crate::web::Answer;
use crate::web::paging::Listed;
use crate::web::routes::Routes;

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/coming-editions", editions)
        .about("Editions of methods that are published and not in force yet, the next first.")
        .gives::<Listed<ComingEdition>>()
}

async fn editions(_: May<SeeBench>, lis: web::Data<Lis>) -> Answer {
    let today = lis.clock.now().date_in_china();
    let catalogue = lis.db.read(actions::current).await?;
    Ok(HttpResponse::Ok().json(Listed::whole(coming(&catalogue.methods, today))))
}
