//! The cell that waits for the next reading of a balance or meter.

use serde::{Deserialize, Serialize};

use super::super::{calls, store};
use super::CODE_MOST;
use crate::accounts::May;
use crate::accounts::role::EnterResults;
use crate::db::Tx;
use crate::domain::ids::{InstrumentId, PositionId};
use crate::domain::input::Checker;
use crate::domain::refusal::{NOT_FOUND, Outcome, Refusal};

/// The cell that waits for the next weight of a balance.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AimInput {
    /// Id of a worksheet's position.
    pub position: i64,
    /// Named input of the method: mass, mass_before, …
    pub field: String,
    /// Determination, from 1.
    pub replicate: i64,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct AimFacts {
    position: PositionId,
    field: String,
    replicate: i64,
}

impl AimInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<AimFacts, Refusal> {
        let mut check = Checker::new();
        let field = check.text("field", &self.field, CODE_MOST);
        let replicate = check.whole("replicate", &self.replicate.to_string(), 1, REPLICATES_MOST);
        check.done(replicate.map(|replicate| AimFacts { position: PositionId(self.position), field, replicate }))
    }
}

/// Parallel determinations of one sample: no method asks for more.
const REPLICATES_MOST: i64 = 20;

/// The bench says to which cell the next reading of a balance belongs. A new word replaces the one before.
///
/// # Errors
/// Every reason against the cell: another tester's sheet, a submitted one, no such input, a value that is there.
pub fn aim(tx: &mut Tx, by: &May<EnterResults>, id: InstrumentId, facts: &AimFacts) -> Outcome<()> {
    let instrument = store::instrument(tx.conn, id)?.ok_or(NOT_FOUND)?;
    let label = calls::cell_to_fill(tx.conn, by.person, facts.position, &facts.field, facts.replicate)?;
    let cell = (facts.position, facts.field.as_str(), facts.replicate);
    store::set_capture_target(tx.conn, id, cell, by.person, tx.now)?;
    tx.log(
        by.entry("instrument", id.0, instrument.version, "capture-aimed")
            .set("label_code", label)
            .set("field", facts.field.as_str())
            .set("replicate", facts.replicate),
    );
    Ok(())
}
