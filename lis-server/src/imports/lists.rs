//! The lists, each with its columns, how it is read and how its rows are kept.

use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};

use super::{bounds, series};
use crate::accounts::role::ImportLists;
use crate::accounts::{Actor, May};
use crate::app::Lis;
use crate::catalogue::table::File;
use crate::db::Tx;
use crate::domain::refusal::{Fault, Outcome, Refusal};
use crate::instruments::equipment::import as equipment;
use crate::quality::competence::import as competence;
use crate::quality::environment::import as environment;
use crate::quality::lots::import as lots;
use crate::quality::scope::import as scope;
use crate::quality::suppliers::import as suppliers;
use crate::quality::verification::import as verification;
use crate::testing::actions as testing;

/// A list of what a laboratory has.
pub struct List {
    pub code: &'static str,
    /// Columns that must be there, and those that may.
    pub required: &'static [&'static str],
    pub optional: &'static [&'static str],
    /// Reads a file; some names bear the laboratory's code.
    pub read: fn(File<'_>, &str) -> Result<Checked, Refusal>,
}

/// The rows of a list without a mistake of their own.
pub struct Checked(Box<dyn Fn(&mut Tx, &Actor) -> Outcome<usize> + Send>);

impl Checked {
    fn of<R: Send + 'static>(
        read: Result<R, Refusal>,
        keep: fn(&mut Tx, &Actor, &R) -> Outcome<usize>,
    ) -> Result<Self, Refusal> {
        read.map(|rows| Self(Box::new(move |tx: &mut Tx, by: &Actor| keep(tx, by, &rows))))
    }

    /// Stores what is not there yet, all of it or nothing; how many rows that is.
    pub fn keep(&self, tx: &mut Tx, by: &Actor) -> Outcome<usize> {
        (self.0)(tx, by)
    }

    /// What keeping it would do: done, counted and undone.
    pub fn try_out(self, lis: &Lis, by: Actor) -> Outcome<usize> {
        let counted = Arc::new(Mutex::new(None));
        let count = counted.clone();
        let undone = lis.db.write_now(move |tx| {
            let rows = self.keep(tx, &by)?;
            if let Ok(mut kept) = count.lock() {
                *kept = Some(rows);
            }
            Err::<(), Fault>(Fault::broken("tried out"))
        });
        let counted = counted.lock().ok().and_then(|kept| *kept);
        match (undone, counted) {
            (Err(Fault::Broken(_)), Some(rows)) => Ok(rows),
            (Err(fault), _) => Err(fault),
            (Ok(()), _) => Err(Fault::broken("a list that was tried out was kept")),
        }
    }
}

/// What loading a list answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ListLoaded)]
pub struct Loaded {
    pub kind: String,
    /// Rows that were not there yet.
    pub rows: usize,
}

/// Loads a list that was read, all rows or none.
pub fn load(tx: &mut Tx, by: &May<ImportLists>, kind: &str, list: &Checked) -> Outcome<Loaded> {
    Ok(Loaded { kind: kind.to_owned(), rows: list.keep(tx, by)? })
}

/// In the order in which one names what stands in those before it.
pub const LISTS: &[List] = &[
    List {
        code: "suppliers",
        required: suppliers::REQUIRED,
        optional: &[],
        read: |file, _| Checked::of(suppliers::read_suppliers(file), suppliers::keep_suppliers),
    },
    List {
        code: "equipment",
        required: equipment::EQUIPMENT_REQUIRED,
        optional: equipment::EQUIPMENT_OPTIONAL,
        read: |file, _| Checked::of(equipment::read_equipment(file), equipment::keep_equipment),
    },
    List {
        code: "calibrations",
        required: equipment::CALIBRATION_REQUIRED,
        optional: equipment::CALIBRATION_OPTIONAL,
        read: |file, _| Checked::of(equipment::read_calibrations(file), equipment::keep_calibrations),
    },
    List {
        code: "lots",
        required: lots::REQUIRED,
        optional: lots::OPTIONAL,
        read: |file, _| Checked::of(lots::read_lots(file), lots::keep_lots),
    },
    List {
        code: "scope",
        required: scope::REQUIRED,
        optional: scope::OPTIONAL,
        read: |file, _| Checked::of(scope::read_scope(file), scope::keep_scope),
    },
    List {
        code: "verifications",
        required: verification::REQUIRED,
        optional: verification::OPTIONAL,
        read: |file, _| Checked::of(verification::read_verifications(file), verification::keep_verifications),
    },
    List {
        code: "rooms",
        required: environment::ROOM_REQUIRED,
        optional: environment::ROOM_OPTIONAL,
        read: |file, _| Checked::of(environment::read_rooms(file), environment::keep_rooms),
    },
    List {
        code: "environment",
        required: environment::REQUIRED,
        optional: environment::OPTIONAL,
        read: |file, _| Checked::of(environment::read_environment(file), environment::keep_environment),
    },
    List {
        code: "competence",
        required: competence::REQUIRED,
        optional: competence::OPTIONAL,
        read: |file, _| Checked::of(competence::read_competence(file), competence::keep_competence),
    },
    List {
        code: "authorizations",
        required: testing::AUTHORIZATION_COLUMNS,
        optional: &[],
        read: |file, _| Checked::of(testing::read_authorizations(file), testing::keep_authorizations),
    },
    List {
        code: "series",
        required: series::REQUIRED,
        optional: series::OPTIONAL,
        read: |file, laboratory| Checked::of(series::read_series(file, laboratory), series::keep_series),
    },
    List {
        code: "regions",
        required: bounds::REQUIRED,
        optional: &[],
        read: |file, _| Checked::of(bounds::read_bounds(file), bounds::keep_bounds),
    },
];

impl List {
    pub fn parse(code: &str) -> Option<&'static Self> {
        LISTS.iter().find(|list| list.code == code)
    }

    /// The key of its name; `-text` behind it: of what it holds.
    pub fn word(&self) -> String {
        format!("list-{}", self.code)
    }
}
