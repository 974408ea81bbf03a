//! Rooms and their readings for programs; a sensor's program is one of them.

use actix_web::{HttpResponse, web};

use super::actions::{self, RoomInput, RoomSaved};
use super::excursions::{self, ExcursionHandlingInput, ExcursionSaved, RoomExcursionDetail, RoomExcursionView};
use super::places::{self, SeparationInput, SeparationSet, SeparationView};
use super::readings::{self, RoomReadingInput, RoomReadingSaved};
use super::views::{self, RoomDetail, RoomView};
use super::{EXCURSION_GOES_ON, EXCURSION_HANDLED, LIMITS_FROM_PAST, READING_DIFFERS, ROOM_CODE_TAKEN};
use crate::accounts::May;
use crate::accounts::role::{LogEnvironment, ManageCatalogue, ManageQuality, SeeBench, SeeQualityReport};
use crate::app::Lis;
use crate::domain::ids::{ExcursionId, RoomId};
use crate::web::paging::{self, LIMIT, Listed, PageQuery};
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Json, versioned};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/rooms", rooms)
        .about("Every room, fridge and incubator with its limits and its newest reading.")
        .gives::<Listed<RoomView>>()
        .post("/api/v1/rooms", add)
        .about("Adds a room with its limits, the methods that demand them and the instruments in it.")
        .keyed()
        .creates::<RoomSaved>()
        .get("/api/v1/rooms/{id}", room)
        .about(
            "One room with its newest readings, the times outside its limits, and the worksheets that fall into them.",
        )
        .gives::<RoomDetail>()
        .put("/api/v1/rooms/{id}", change)
        .about("Changes a room; its limits hold from a day on, and for no reading that is there.")
        .versioned()
        .gives::<RoomSaved>()
        .refuses(&[ROOM_CODE_TAKEN, LIMITS_FROM_PAST])
        .post("/api/v1/rooms/{id}/readings", read)
        .about("Adds a reading. The same reading once more is the same reading.")
        .keyed()
        .creates::<RoomReadingSaved>()
        .refuses(&[READING_DIFFERS])
        .get("/api/v1/excursions", excursions)
        .about("Times in which rooms lay outside their limits, newest first.")
        .gives::<Listed<RoomExcursionView>>()
        .get("/api/v1/excursions/{id}", excursion)
        .about("One time outside the limits, with what falls into it.")
        .gives::<RoomExcursionDetail>()
        .post("/api/v1/excursions/{id}/handling", handle)
        .about("Says what a time outside the limits touched and what was done about it.")
        .versioned()
        .gives::<ExcursionSaved>()
        .refuses(&[EXCURSION_GOES_ON, EXCURSION_HANDLED])
        .get("/api/v1/separations", separations)
        .about("Kinds of rooms that are kept apart, and how strictly a movement from one into the other is looked at.")
        .gives::<Listed<SeparationView>>()
        .post("/api/v1/separations", set_separation)
        .about("Says how a pair of kinds is kept apart from now on, with the reason.")
        .keyed()
        .creates::<SeparationSet>()
}

async fn rooms(_: May<SeeBench>, lis: web::Data<Lis>) -> Answer {
    let today = lis.clock.now().date_in_china();
    let items = lis.db.read(move |conn| views::rooms(conn, today)).await?;
    Ok(HttpResponse::Ok().json(Listed::whole(items)))
}

async fn room(_: May<SeeBench>, lis: web::Data<Lis>, id: web::Path<RoomId>) -> Answer {
    let (id, now) = (*id, lis.clock.now());
    let detail = lis.db.read(move |conn| views::room(conn, id, now)).await?;
    versioned(HttpResponse::Ok(), detail.room.version, &detail)
}

async fn add(by: May<ManageCatalogue>, lis: web::Data<Lis>, json: Json<RoomInput>) -> Answer {
    let request = json.keyed()?.clone();
    let facts = json.input.checked()?;
    let actor = by.clone();
    let saved: RoomSaved = lis.command(&actor, &request, move |tx| actions::add_room(tx, &by, &facts)).await?;
    versioned(HttpResponse::Created(), saved.version, &saved)
}

async fn change(by: May<ManageCatalogue>, lis: web::Data<Lis>, id: web::Path<RoomId>, json: Json<RoomInput>) -> Answer {
    let (id, seen, facts, actor) = (*id, json.seen.required()?, json.input.checked()?, by.clone());
    let saved: RoomSaved =
        lis.command(&actor, &json.request, move |tx| actions::change_room(tx, &by, id, seen, &facts)).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}

async fn read(
    by: May<LogEnvironment>,
    lis: web::Data<Lis>,
    id: web::Path<RoomId>,
    json: Json<RoomReadingInput>,
) -> Answer {
    let request = json.keyed()?.clone();
    let (id, facts, actor) = (*id, json.input.checked()?, by.clone());
    let saved: RoomReadingSaved =
        lis.command(&actor, &request, move |tx| readings::add_reading(tx, &by, id, &facts)).await?;
    Ok(HttpResponse::Created().json(saved))
}

async fn excursions(_: May<SeeQualityReport>, lis: web::Data<Lis>, query: Asked<PageQuery>) -> Answer {
    let limit = paging::limit(query.limit, LIMIT)?;
    let before = query.after.unwrap_or(i64::MAX);
    let found = lis.db.read(move |conn| excursions::excursions(conn, before, limit + 1)).await?;
    Ok(HttpResponse::Ok().json(Listed::of(found, limit, |one| one.id.to_string(), |one| one)))
}

async fn excursion(_: May<SeeQualityReport>, lis: web::Data<Lis>, id: web::Path<ExcursionId>) -> Answer {
    let (id, now) = (*id, lis.clock.now());
    let detail = lis.db.read(move |conn| excursions::excursion(conn, id, now)).await?;
    versioned(HttpResponse::Ok(), detail.excursion.version, &detail)
}

async fn handle(
    by: May<ManageQuality>,
    lis: web::Data<Lis>,
    id: web::Path<ExcursionId>,
    json: Json<ExcursionHandlingInput>,
) -> Answer {
    let (id, seen, handling, actor) = (*id, json.seen.required()?, json.input.checked()?, by.clone());
    let saved: ExcursionSaved =
        lis.command(&actor, &json.request, move |tx| excursions::handle(tx, &by, id, seen, &handling)).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}

async fn separations(_: May<SeeBench>, lis: web::Data<Lis>) -> Answer {
    let items = lis.db.read(places::separations).await?;
    Ok(HttpResponse::Ok().json(Listed::whole(items)))
}

async fn set_separation(by: May<ManageCatalogue>, lis: web::Data<Lis>, json: Json<SeparationInput>) -> Answer {
    let request = json.keyed()?.clone();
    let (facts, actor) = (json.input.checked()?, by.clone());
    let set: SeparationSet = lis.command(&actor, &request, move |tx| places::set_separation(tx, &by, &facts)).await?;
    Ok(HttpResponse::Created().json(set))
}
