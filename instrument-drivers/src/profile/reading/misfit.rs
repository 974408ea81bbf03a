//! Cells that the pattern of a value does not fit: each is a trouble, unless another table takes the value that stands there.

use std::collections::HashSet;

use crate::profile::fields::Output;
use crate::profile::table::Table;
use crate::trouble::Reason;

/// Where a value stands: its position, its column where one is known, and which it is of several there.
type Spot = (String, Option<usize>, usize);

/// What was met at one spot: a value, or why there is none. `nth`: of several results on a line or in a cell.
#[derive(Debug)]
pub struct Met {
    pub nth: usize,
    pub misfit: Option<Reason>,
}

/// So many places of values are kept of a sheet, some 50 MB. Behind them a cell is told even if another table reads it: rather
/// one trouble too many than a value that is passed over.
const MOST_SPOTS: usize = 500_000;

/// Of all tables on one sheet.
#[derive(Debug, Default)]
pub struct Misfits {
    found: Vec<(Spot, Reason)>,
    /// Where values were found; only kept where one table may read what another does not.
    given: Option<HashSet<Spot>>,
}

impl Misfits {
    /// For one sheet, read by these tables.
    pub fn among(tables: &[Table]) -> Misfits {
        let fields = || tables.iter().filter_map(|table| table.fields.as_ref());
        let may_misfit =
            fields().any(|fields| fields.value.may_misfit()) || tables.iter().any(|table| table.part_value.is_some());
        let given = (fields().count() > 1 && may_misfit).then(HashSet::new);
        Misfits { found: Vec::new(), given }
    }

    /// Whether it is asked where values were found.
    pub fn keeps_given(&self) -> bool {
        self.given.is_some()
    }

    /// Keeps what one table met at a place.
    pub fn note(&mut self, met: Vec<Met>, position: &str, column: Option<usize>) {
        for Met { nth, misfit } in met {
            let spot = (position.to_string(), column, nth);
            match (misfit, &mut self.given) {
                (Some(reason), _) => self.found.push((spot, reason)),
                (None, Some(given)) if given.len() < MOST_SPOTS => {
                    given.insert(spot);
                }
                (None, _) => {}
            }
        }
    }

    /// Tells, once each, what no table could read.
    pub fn tell(self, out: &mut Output<'_>) {
        let mut settled = self.given.unwrap_or_default();
        for (spot, reason) in self.found {
            let position = spot.0.clone();
            if settled.insert(spot) {
                out.trouble(position, reason);
            }
        }
    }
}
