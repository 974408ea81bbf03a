//! The profiles that the laboratory's instruments are read with, each with what came of reading its example again: part of what
//! is validated with the program (ISO/IEC 17025 7.11.2).

use std::collections::BTreeMap;

use instrument_drivers::profile::Profile;
use serde::{Deserialize, Serialize};

use super::actions;
use super::example::ExampleRun;
use super::named;
use super::pages::of_shipped;
use super::store;
use crate::app::Lis;
use crate::db::Conn;
use crate::domain::ids::ProfileId;
use crate::domain::refusal::Outcome;

/// A profile that instruments name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// `NAME@NUMBER`, or the name of a shipped profile.
    pub reference: String,
    /// Code of its maturity; empty: there is no such profile.
    pub maturity: String,
    /// Codes of the instruments, separated by blanks.
    pub instruments: String,
    /// Of a version of the laboratory's own.
    own: Option<ProfileId>,
}

/// The same, with its regression test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ProfileInUse)]
pub struct InUse {
    /// `NAME@NUMBER`, or the name of a shipped profile.
    pub reference: String,
    /// `draft`, `candidate`, `proven` or `replaced`; empty: there is no such profile.
    pub maturity: String,
    /// Codes of the instruments, separated by blanks.
    pub instruments: String,
    /// `as_stored` or `differs`, of its example read again; `with_program`: it is shipped, and its captures are read whenever
    /// the program is built.
    pub regression: String,
    /// Rows of the example; 0 of a shipped profile.
    pub rows: i64,
    /// Where the example reads differently; empty where it does not.
    pub difference: String,
}

/// Its example reads as it was stored.
const AS_STORED: &str = "as_stored";
/// It does not, or there is no such profile.
pub const DIFFERS: &str = "differs";
const WITH_PROGRAM: &str = "with_program";

impl InUse {
    /// What of it is known without reading the example.
    pub fn is_of(&self, used: &Used) -> bool {
        self.reference == used.reference && self.maturity == used.maturity && self.instruments == used.instruments
    }
}

/// The profiles that instruments name, in order of name.
pub fn used(conn: &mut Conn) -> Outcome<Vec<Used>> {
    let mut codes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (profile, code) in store::profiles_of_instruments(conn)? {
        codes.entry(profile).or_default().push(code);
    }
    let own: Vec<_> = store::all(conn)?.into_iter().map(|(row, _)| row).collect();
    let named = |(reference, codes): (String, Vec<String>)| {
        let row = own.iter().find(|row| named::reference(&row.name, row.version_no) == reference);
        let maturity = match row {
            Some(row) => row.maturity.clone(),
            None => shipped_maturity(&reference).to_owned(),
        };
        Used { reference, maturity, instruments: codes.join(" "), own: row.map(|row| row.id) }
    };
    Ok(codes.into_iter().map(named).collect())
}

/// The same, with the example of each version of the laboratory's own read again. Reads the disk.
pub fn in_use(lis: &Lis) -> Outcome<Vec<InUse>> {
    let used = lis.db.read_now(used)?;
    used.into_iter().map(|one| tested(lis, one)).collect()
}

fn tested(lis: &Lis, used: Used) -> Outcome<InUse> {
    let Used { reference, maturity, instruments, own } = used;
    let (regression, rows, difference) = match own {
        Some(id) => of_example(actions::run(lis, id)?),
        None if maturity.is_empty() => (DIFFERS, 0, format!("there is no profile '{reference}'")),
        None => (WITH_PROGRAM, 0, String::new()),
    };
    Ok(InUse { reference, maturity, instruments, regression: regression.to_owned(), rows, difference })
}

fn of_example(run: ExampleRun) -> (&'static str, i64, String) {
    match run.difference {
        None => (AS_STORED, run.rows, String::new()),
        Some(one) => {
            let place = if one.place.is_empty() { String::new() } else { format!("{}: ", one.place) };
            (DIFFERS, run.rows, format!("{place}{} → {}", one.expected, one.found))
        }
    }
}

/// The maturity that a shipped profile says of itself; empty where there is none.
fn shipped_maturity(reference: &str) -> &'static str {
    let is_shipped = Profile::shipped().any(|shipped| shipped == reference);
    let profile = if is_shipped { Profile::load(reference).ok() } else { None };
    profile.map_or("", |profile| of_shipped(&profile).code())
}
