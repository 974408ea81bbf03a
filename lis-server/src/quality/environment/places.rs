//! Where things lie: places belong to rooms, rooms have a kind, and what lay in a room of one kind is not brought into one of
//! another that it would spoil (`quality.md` Q63-2). Each pair of kinds has a mode, as gates have.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::store::{self, NewSeparation, RoomRow, SeparationRow};
use super::{PLACES_INCOMPATIBLE, SEPARATION_SAME, SEPARATION_UNCONFIRMED};
use crate::accounts::May;
use crate::accounts::actions::names_of;
use crate::accounts::role::ManageCatalogue;
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::ids::{ExcursionId, PersonId, RoomId};
use crate::domain::input::Checker;
use crate::domain::refusal::{Outcome, Reason, Refusal};
use crate::quality::gates::state::Mode;
use crate::quality::lots::actions::codes_of;

/// What a room may be for.
pub const KINDS: &[&str] = &[
    "sample_receipt",
    "sample_store",
    "preparation",
    "high_contamination",
    "trace_analysis",
    "microbiology_clean",
    "pcr_preparation",
    "pcr_amplification",
    "standards_store",
];

/// Pairs that are kept apart until the laboratory says something else: what carries much is not brought where little is
/// measured, what was amplified not where it is prepared, a sample not to the standards.
const APART: &[(&str, &str)] = &[
    ("high_contamination", "trace_analysis"),
    ("high_contamination", "microbiology_clean"),
    ("pcr_amplification", "pcr_preparation"),
    ("sample_receipt", "standards_store"),
    ("sample_store", "standards_store"),
];

/// Longest reason, in characters.
const REASON_MOST: usize = 200;

/// The kind that a text names.
pub fn kind_of(text: &str) -> Option<&'static str> {
    KINDS.iter().copied().find(|kind| *kind == text)
}

/// The message key of a kind.
pub fn kind_word(kind: &str) -> String {
    format!("room-kind-{kind}")
}

/// Every room with its places, and what is kept apart.
pub struct Places {
    rooms: Vec<RoomRow>,
    changes: Vec<SeparationRow>,
}

impl Places {
    /// Two statements.
    pub fn load(conn: &mut Conn) -> Outcome<Self> {
        Ok(Self { rooms: store::rooms(conn)?, changes: store::separations(conn)? })
    }

    /// The room in which a place lies; a place that no room lists lies in none.
    pub fn room_at(&self, place: &str) -> Option<RoomId> {
        let lists = |room: &&RoomRow| room.code == place || codes_of(&room.places).iter().any(|code| code == place);
        self.rooms.iter().find(lists).map(|room| room.id)
    }

    /// Code and name of a room.
    pub fn name(&self, id: RoomId) -> (&str, &str) {
        self.room(id).map_or(("", ""), |room| (room.code.as_str(), room.name.as_str()))
    }

    fn room(&self, id: RoomId) -> Option<&RoomRow> {
        self.rooms.iter().find(|room| room.id == id)
    }

    /// What stands against bringing into a room what lay in others: a pair that is blocked, or one that needs a reason and has
    /// none.
    pub fn against(&self, been: &[RoomId], into: RoomId, reason: &str) -> Option<Reason> {
        let into = self.room(into)?;
        let met =
            |from: &RoomRow| (mode_of(&self.changes, &from.kind, &into.kind), from.code.clone(), from.kind.clone());
        let mut found: Vec<_> = been.iter().filter_map(|id| self.room(*id)).map(met).collect();
        // What is blocked is named before what only needs a reason.
        found.sort_by_key(|(mode, ..)| *mode != Mode::Block);
        let (mode, room, kind) = found.into_iter().find(|(mode, ..)| *mode != Mode::Off)?;
        let problem = match mode {
            Mode::Off => return None,
            Mode::Warn if !reason.is_empty() => return None,
            Mode::Warn => SEPARATION_UNCONFIRMED,
            Mode::Block => PLACES_INCOMPATIBLE,
        };
        let reason = problem.with("from", room).with_word("from_kind", kind_word(&kind)).with("into", &into.code);
        Some(reason.with_word("into_kind", kind_word(&into.kind)).at("location"))
    }
}

/// How a pair of kinds is looked at: by the latest change, else as it is at first.
fn mode_of(changes: &[SeparationRow], from: &str, into: &str) -> Mode {
    let change = changes.iter().rev().find(|one| one.from_kind == from && one.into_kind == into);
    match change.and_then(|one| Mode::parse(&one.mode)) {
        Some(mode) => mode,
        None if APART.contains(&(from, into)) => Mode::Block,
        None => Mode::Off,
    }
}

/// An excursion of a room, as what lay in it is concerned.
pub struct Outside {
    pub id: ExcursionId,
    pub room: RoomId,
    pub from: Moment,
    /// None: it goes on.
    pub until: Option<Moment>,
}

/// Excursions of rooms that were not over at a moment.
pub fn outside(conn: &mut Conn, rooms: &[RoomId], from: Moment) -> Outcome<Vec<Outside>> {
    let rows = store::excursions_of(conn, rooms, from)?;
    let one =
        |row: store::ExcursionRow| Outside { id: row.id, room: row.room_id, from: row.from_at, until: row.until_at };
    Ok(rows.into_iter().map(one).collect())
}

/// How a pair of kinds is kept apart, as a form or a program says it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SeparationInput {
    /// A kind of room.
    pub from_kind: String,
    pub into_kind: String,
    /// off, warn (with a reason), block
    pub mode: String,
    pub reason: String,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct SeparationFacts {
    from_kind: &'static str,
    into_kind: &'static str,
    mode: Mode,
    reason: String,
}

impl SeparationInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<SeparationFacts, Refusal> {
        let mut check = Checker::new();
        let from_kind = check.parsed("from_kind", &self.from_kind, "expected-room-kind", kind_of);
        let into_kind = check.parsed("into_kind", &self.into_kind, "expected-room-kind", kind_of);
        check.add_if(from_kind.is_some() && from_kind == into_kind, || SEPARATION_SAME.at("into_kind"));
        let mode = check.parsed("mode", &self.mode, "expected-gate-mode", Mode::parse);
        let reason = check.text("reason", &self.reason, REASON_MOST);
        let facts = (|| Some(SeparationFacts { from_kind: from_kind?, into_kind: into_kind?, mode: mode?, reason }))();
        check.done(facts)
    }
}

/// What a change of a pair answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SeparationSet {
    pub id: i64,
}

/// Says how a pair of kinds is kept apart from now on.
pub fn set_separation(tx: &mut Tx, by: &May<ManageCatalogue>, facts: &SeparationFacts) -> Outcome<SeparationSet> {
    let before = mode_of(&store::separations(tx.conn)?, facts.from_kind, facts.into_kind);
    let row = NewSeparation {
        from_kind: facts.from_kind,
        into_kind: facts.into_kind,
        mode: facts.mode.code(),
        reason: &facts.reason,
        person_id: by.person,
        at: tx.now,
    };
    let id = store::insert_separation(tx.conn, &row)?;
    tx.log(
        by.entry("room_separation", id, 1, "separation-set")
            .set("from_kind", facts.from_kind)
            .set("into_kind", facts.into_kind)
            .change("mode", before.code(), facts.mode.code())
            .set("reason", facts.reason.as_str()),
    );
    Ok(SeparationSet { id })
}

/// A pair of kinds that is or was kept apart.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct SeparationView {
    pub from_kind: String,
    pub into_kind: String,
    pub mode: String,
    /// Why it was set so last; empty: as it is at first.
    pub reason: String,
    pub by: String,
    #[schema(value_type = Option<String>, format = Date)]
    pub since: Option<NaiveDate>,
}

/// The pairs that are kept apart at first, and those that were ever set.
pub fn separations(conn: &mut Conn) -> Outcome<Vec<SeparationView>> {
    let changes = store::separations(conn)?;
    let people: Vec<PersonId> = changes.iter().map(|one| one.person_id).collect();
    let names: HashMap<PersonId, String> = names_of(conn, &people)?;
    let mut pairs: Vec<(&str, &str)> = APART.to_vec();
    for one in &changes {
        let pair = (one.from_kind.as_str(), one.into_kind.as_str());
        if !pairs.contains(&pair) {
            pairs.push(pair);
        }
    }
    let view = |(from, into): (&str, &str)| {
        let last = changes.iter().rev().find(|one| one.from_kind == from && one.into_kind == into);
        SeparationView {
            from_kind: from.to_owned(),
            into_kind: into.to_owned(),
            mode: mode_of(&changes, from, into).code().to_owned(),
            reason: last.map(|one| one.reason.clone()).unwrap_or_default(),
            by: last.and_then(|one| names.get(&one.person_id).cloned()).unwrap_or_default(),
            since: last.map(|one| one.at.date_in_china()),
        }
    };
    Ok(pairs.into_iter().map(view).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(id: i64, kind: &str, places: &str) -> RoomRow {
        RoomRow {
            id: RoomId(id),
            version: 1,
            code: format!("R-{id}"),
            name: String::new(),
            methods: String::new(),
            instruments: String::new(),
            kind: kind.to_owned(),
            places: places.to_owned(),
        }
    }

    fn change(from: &str, into: &str, mode: &str) -> SeparationRow {
        SeparationRow {
            from_kind: from.to_owned(),
            into_kind: into.to_owned(),
            mode: mode.to_owned(),
            reason: String::new(),
            person_id: PersonId(1),
            at: Moment::parse_in_china("2026-11-27 08:00").unwrap(),
        }
    }

    fn places(changes: Vec<SeparationRow>) -> Places {
        let rooms = vec![
            room(1, "high_contamination", "H-1;H-2"),
            room(2, "trace_analysis", "T-1"),
            room(3, "sample_store", ""),
            room(4, "", "X-1"),
        ];
        Places { rooms, changes }
    }

    #[test]
    fn a_place_lies_in_the_room_that_lists_it() {
        let places = places(Vec::new());
        let at = |place: &str| places.room_at(place).map(|id| id.0);
        assert_eq!([at("H-2"), at("R-3"), at("X-1"), at("H-22")], [Some(1), Some(3), Some(4), None]);
    }

    #[test]
    fn what_lay_with_much_is_not_brought_where_little_is_measured() {
        let codes = |changes: Vec<SeparationRow>, been: &[i64], reason: &str| {
            let been: Vec<RoomId> = been.iter().map(|id| RoomId(*id)).collect();
            places(changes).against(&been, RoomId(2), reason).map(|one| one.problem.code)
        };
        assert_eq!(codes(Vec::new(), &[3, 4], ""), None);
        assert_eq!(codes(Vec::new(), &[1, 3], "清洗"), Some("places-incompatible"), "it lay there before");
        let warn = || vec![change("high_contamination", "trace_analysis", "warn")];
        assert_eq!(codes(warn(), &[1], ""), Some("separation-unconfirmed"));
        assert_eq!(codes(warn(), &[1], "密封未开启"), None);
        let mut off = warn();
        off.push(change("high_contamination", "trace_analysis", "off"));
        assert_eq!(codes(off, &[1], ""), None, "the latest holds");
        // What is blocked is said even when there is a reason for the other.
        let mut both = warn();
        both.push(change("sample_store", "trace_analysis", "block"));
        assert_eq!(codes(both, &[1, 3], "密封未开启"), Some("places-incompatible"));
    }
}
