//! Where parts stay: each coming into a room and each going from it, what may not be brought where, and the conditions under
//! which a part was kept (`quality.md` Q63-2, Q74-3).

use super::super::facts::PartFacts;
use super::super::store::{self, NewStay, StayRow};
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::ids::{ExcursionId, PartId, RoomId};
use crate::domain::refusal::Outcome;
use crate::quality::environment::places::{Outside, Places, outside};

/// Parts that come to their places; a place that no room lists is in none.
pub(super) fn begin(tx: &mut Tx, places: &Places, parts: &[(PartId, &str)]) -> Outcome<()> {
    let mut rows = Vec::new();
    for (part_id, place) in parts {
        if let Some(room_id) = places.room_at(place) {
            rows.push(NewStay { part_id: *part_id, room_id, place, began_at: tx.now });
        }
    }
    Ok(store::insert_stays(tx.conn, &rows)?)
}

/// A part leaves where it lay, for another place or for none.
pub(super) fn relocate(tx: &mut Tx, places: &Places, part: PartId, place: Option<&str>) -> Outcome<()> {
    store::end_stays(tx.conn, &[part], tx.now)?;
    match place {
        Some(place) => begin(tx, places, &[(part, place)]),
        None => Ok(()),
    }
}

/// A part may come to a place after where it has lain, it or the parts that it was taken from.
///
/// # Errors
/// `places-incompatible`; `separation-unconfirmed` without a reason.
pub(super) fn require_compatible(
    conn: &mut Conn,
    places: &Places,
    part: &PartFacts,
    place: &str,
    reason: &str,
) -> Outcome<()> {
    let Some(into) = places.room_at(place) else {
        return Ok(());
    };
    let own = lineage(conn, part)?;
    let been: Vec<RoomId> = store::stays(conn, &own)?.into_iter().map(|stay| stay.room_id).collect();
    match places.against(&been, into, reason) {
        Some(reason) => Err(reason.into()),
        None => Ok(()),
    }
}

/// A part, what it was taken from, and so on.
fn lineage(conn: &mut Conn, part: &PartFacts) -> Outcome<Vec<PartId>> {
    let mut ids = vec![part.id];
    if part.parent_id.is_some() {
        let all = store::parts_of(conn, &[part.sample_id])?;
        let mut above = part.parent_id;
        while let Some(id) = above {
            ids.push(id);
            above = all.iter().find(|one| one.id == id).and_then(|one| one.parent_id);
        }
    }
    Ok(ids)
}

/// The stay of a part in a room, and when the room lay outside its limits in that time.
#[derive(Clone, Debug)]
pub struct Stay {
    pub part_id: PartId,
    pub room_id: RoomId,
    pub room_code: String,
    pub room_name: String,
    pub place: String,
    pub began: Moment,
    /// None: it is still there.
    pub ended: Option<Moment>,
    pub excursions: Vec<ExcursionId>,
}

/// The stays of parts; four statements, one when there are none.
pub fn stays_of(conn: &mut Conn, parts: &[PartFacts]) -> Outcome<Vec<Stay>> {
    let ids: Vec<PartId> = parts.iter().map(|part| part.id).collect();
    let rows = store::stays(conn, &ids)?;
    let Some(first) = rows.iter().map(|row| row.began_at).min() else {
        return Ok(Vec::new());
    };
    let places = Places::load(conn)?;
    let mut rooms: Vec<RoomId> = rows.iter().map(|row| row.room_id).collect();
    rooms.sort_unstable();
    rooms.dedup();
    let excursions = outside(conn, &rooms, first)?;
    let stay = |row: StayRow| {
        let (code, name) = places.name(row.room_id);
        Stay {
            room_code: code.to_owned(),
            room_name: name.to_owned(),
            excursions: excursions.iter().filter(|one| falls_into(one, &row)).map(|one| one.id).collect(),
            part_id: row.part_id,
            room_id: row.room_id,
            place: row.place,
            began: row.began_at,
            ended: row.ended_at,
        }
    };
    Ok(rows.into_iter().map(stay).collect())
}

/// Whether an excursion of the room and the stay have some time in common.
fn falls_into(excursion: &Outside, stay: &StayRow) -> bool {
    excursion.room == stay.room_id
        && stay.ended_at.is_none_or(|ended| excursion.from <= ended)
        && excursion.until.is_none_or(|until| until >= stay.began_at)
}
