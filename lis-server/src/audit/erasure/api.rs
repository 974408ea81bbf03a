//! Erasures for programs.

use actix_web::{HttpResponse, web};

use super::{Erased, ErasureInput, ErasureView};
use crate::accounts::May;
use crate::accounts::role::ErasePersonal;
use crate::accounts::{PERSON_ACTIVE, PERSON_ERASED};
use crate::app::Lis;
use crate::cases::{RAPID_ERASED, RAPID_OPEN};
use crate::web::paging::{self, LIMIT, Listed, PageQuery};
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Json};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/erasures", list)
        .about("Personal words that were erased, newest first: whose, on which ground, by whom. Never the words.")
        .gives::<Listed<ErasureView>>()
        .post("/api/v1/erasures", erase)
        .about("Erases what is held about a person, a unit's contact or a rapid test's seller, but for what the law keeps.")
        .keyed()
        .creates::<Erased>()
        .refuses(&[PERSON_ACTIVE, PERSON_ERASED, RAPID_OPEN, RAPID_ERASED])
}

async fn list(_: May<ErasePersonal>, lis: web::Data<Lis>, query: Asked<PageQuery>) -> Answer {
    let limit = paging::limit(query.limit, LIMIT)?;
    let before = query.after.unwrap_or(i64::MAX);
    let found = lis.db.read(move |conn| super::erasures(conn, before, limit + 1)).await?;
    Ok(HttpResponse::Ok().json(Listed::of(found, limit, |one| one.id.to_string(), |one| one)))
}

async fn erase(by: May<ErasePersonal>, lis: web::Data<Lis>, json: Json<ErasureInput>) -> Answer {
    let request = json.keyed()?.clone();
    let (facts, actor, today) = (json.input.checked()?, by.clone(), lis.clock.now().date_in_china());
    let named = facts.clone();
    let subject = lis.db.read(move |conn| super::subject(conn, &named, today)).await?;
    let erased: Erased = lis.command(&actor, &request, move |tx| super::erase(tx, &by, &facts, subject)).await?;
    Ok(HttpResponse::Created().json(erased))
}
