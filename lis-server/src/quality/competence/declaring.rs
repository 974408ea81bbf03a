//! The declaration of confidentiality and impartiality (ISO/IEC 17025 4.1, 4.2), once by everybody who works in the
//! laboratory. Whether it is asked for is a gate of the laboratory: off, it is not; warned of, it waits on the first page;
//! blocking, nothing else opens before it. A program with a token declares nothing: its person does, at a screen.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::store;
use crate::accounts::Actor;
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::input::Checker;
use crate::domain::refusal::{Outcome, Refusal};
use crate::quality::gates::actions as gates;
use crate::quality::gates::state::{Gate, Mode};

/// Whether somebody is let in nowhere before he has declared. One statement while nobody asks.
pub fn is_blocked(conn: &mut Conn, by: &Actor, today: NaiveDate) -> Outcome<bool> {
    is_missing(conn, by, today, |mode| mode == Mode::Block)
}

/// One's own declaration, for the page of waiting work.
pub fn count_own_missing(conn: &mut Conn, by: &Actor, now: Moment) -> Outcome<i64> {
    Ok(i64::from(is_missing(conn, by, now.date_in_china(), |mode| mode != Mode::Off)?))
}

fn is_missing(conn: &mut Conn, by: &Actor, today: NaiveDate, counts: fn(Mode) -> bool) -> Outcome<bool> {
    if !by.is_laboratory() || !counts(gates::settings(conn)?.mode(Gate::Declaration, today)) {
        return Ok(false);
    }
    Ok(declared_at(conn, by)?.is_none())
}

/// When somebody declared.
pub fn declared_at(conn: &mut Conn, by: &Actor) -> Outcome<Option<Moment>> {
    Ok(store::declared(conn, &[by.person])?.pop().map(|(_, at)| at))
}

/// The answer to the page.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeclarationInput {
    /// `yes`
    pub agreed: String,
}

impl DeclarationInput {
    /// # Errors
    /// When it is not agreed to.
    pub fn checked(&self) -> Result<(), Refusal> {
        let mut check = Checker::new();
        let agreed = check.parsed("agreed", &self.agreed, "expected-agreement", |text| (text == "yes").then_some(()));
        check.done(agreed)
    }
}

/// Declares, in the words that were shown. Once more, it is the same declaration.
pub fn declare(tx: &mut Tx, by: &Actor, wording: &str) -> Outcome<()> {
    if declared_at(tx.conn, by)?.is_some() {
        return Ok(());
    }
    let id = store::insert_declaration(tx.conn, by.person, wording, tx.now)?;
    tx.log(by.entry("declaration", id, 1, "declared").set("person", by.person.0).set("wording", wording));
    Ok(())
}
