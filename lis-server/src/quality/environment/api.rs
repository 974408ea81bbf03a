//! Rooms and their readings for programs; a sensor's program is one of them.

use actix_web::{HttpResponse, web};

use super::actions::{self, RoomInput, RoomSaved};
use super::readings::{self, RoomReadingInput, RoomReadingSaved};
use super::views::{self, RoomDetail, RoomView};
use super::{LIMITS_FROM_PAST, READING_DIFFERS, ROOM_CODE_TAKEN};
use crate::accounts::May;
use crate::accounts::role::{LogEnvironment, ManageCatalogue, SeeBench};
use crate::app::Lis;
use crate::domain::ids::RoomId;
use crate::web::paging::Listed;
use crate::web::routes::Routes;
use crate::web::{Answer, Json, versioned};

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
