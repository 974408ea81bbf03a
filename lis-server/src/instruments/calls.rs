//! What this room asks of others: where a reading belongs, and what a printed name of an analyte means.

use crate::accounts::Actor;
use crate::db::{Conn, Tx};
use crate::domain::ids::{InstrumentId, ObservationId};
use crate::domain::refusal::Outcome;
use crate::testing;

pub use crate::testing::actions::{Cell, Filing, HeldReason, Reading};

/// Files readings into the worksheets that wait for them, each or held with its reason, in the order given.
pub fn file_readings(tx: &mut Tx, by: &Actor, readings: &[Reading]) -> Outcome<Vec<Filing>> {
    testing::actions::file_readings(tx, by, readings)
}

/// The catalogue's key of an analyte by exactly one of its names; `None` when no analyte has that name.
pub fn analyte_key(conn: &mut Conn, name: &str) -> Outcome<Option<String>> {
    Ok(crate::catalogue::actions::current(conn)?.analyte_key(name))
}

/// A reading as the worksheets take it.
pub struct Row<'a> {
    pub observation: ObservationId,
    pub instrument: InstrumentId,
    pub sample: &'a str,
    pub analyte: &'a str,
    pub value: &'a str,
    pub unit: &'a str,
    pub cell: Option<Cell>,
}

impl Row<'_> {
    pub fn into_reading(self) -> Reading {
        Reading {
            label_code: self.sample.to_owned(),
            analyte: self.analyte.to_owned(),
            cell: self.cell,
            value: self.value.to_owned(),
            unit: self.unit.to_owned(),
            observation_id: self.observation,
            instrument_id: self.instrument,
            // One observation makes one entry, however often it is replayed.
            client_uuid: format!("observation-{}", self.observation),
        }
    }
}
