//! What benches ask of instruments: which there are, which of them weigh, and the cells that wait for a weight.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use instrument_drivers::profile::Profile;

use super::{INSTRUMENT_STOPPED, store};
use crate::db::Conn;
use crate::domain::ids::{InstrumentId, PositionId};
use crate::domain::refusal::{NOT_FOUND, Outcome};

pub use super::store::Aimed;

/// An instrument to choose.
#[derive(Clone, Debug)]
pub struct BenchInstrument {
    pub id: InstrumentId,
    pub code: String,
    pub name: String,
    /// A balance: its next weight can be aimed at a cell.
    pub weighs: bool,
}

/// The status in which an instrument must not be used.
const STOPPED: &str = "stopped";

/// Instruments that may be used, in order of code.
pub fn usable(conn: &mut Conn) -> Outcome<Vec<BenchInstrument>> {
    let rows = store::instruments(conn)?.into_iter().filter(|row| row.status != STOPPED);
    Ok(rows
        .map(|row| BenchInstrument {
            id: row.id,
            weighs: WEIGHING.contains(row.profile.as_str()),
            code: row.code,
            name: row.name,
        })
        .collect())
}

/// The shipped profiles of balances. Read once: a page asks for every instrument.
static WEIGHING: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    let weighs = |name: &&str| Profile::load(name).is_ok_and(|profile| profile.technique == "weighing");
    Profile::shipped().filter(weighs).collect()
});

/// A worksheet names an instrument that is there and may be used.
///
/// # Errors
/// `not-found` or `instrument-stopped`, at `instrument_id`.
pub fn require_usable(conn: &mut Conn, id: InstrumentId) -> Outcome<()> {
    let row = store::instrument(conn, id)?.ok_or_else(|| NOT_FOUND.at("instrument_id"))?;
    if row.status == STOPPED {
        return Err(INSTRUMENT_STOPPED.with("code", row.code).at("instrument_id").into());
    }
    Ok(())
}

/// Code and name of an instrument.
pub fn title(conn: &mut Conn, id: InstrumentId) -> Outcome<Option<String>> {
    Ok(store::instrument(conn, id)?.map(|row| format!("{} {}", row.code, row.name)))
}

/// The cells of positions that wait for a balance, by one statement.
pub fn aimed(conn: &mut Conn, positions: &[PositionId]) -> Outcome<Vec<Aimed>> {
    Ok(store::aimed(conn, positions)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn balances_are_known_by_their_profiles() {
        assert!(WEIGHING.contains("mettler_mt_sics") && WEIGHING.contains("sartorius_sbi"));
        assert!(!WEIGHING.contains("generic_astm"));
    }
}
