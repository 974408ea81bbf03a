//! What the gates of the quality system make of a check, and what its checker went past.

use super::store::{self, NewCheckConfirmation};
use crate::accounts::Actor;
use crate::db::{Conn, Tx};
use crate::domain::ids::ItemId;
use crate::domain::refusal::{Outcome, Reason, Reasons};
use crate::quality::gates::WARNINGS_UNCONFIRMED;
use crate::quality::gates::actions::{self as gates, ConfirmationView};
use crate::quality::gates::state::{Finding, Passage, Settings};

/// What is read before a check is written: how strict the gates are; and why the checker goes past what only warns.
#[derive(Clone, Default, Debug)]
pub struct Checking {
    settings: Settings,
    confirmation: String,
}

/// The warnings of an item, under the version that its check makes.
pub(super) struct Warned {
    pub item: ItemId,
    pub version: i64,
    pub warnings: Vec<Reason>,
}

impl Checking {
    pub fn of(conn: &mut Conn, confirmation: String) -> Outcome<Self> {
        Ok(Self { settings: gates::settings(conn)?, confirmation })
    }

    /// What comes of what was found against an item.
    pub(super) fn passage(&self, findings: Vec<Finding>) -> Passage {
        self.settings.pass(findings)
    }

    /// Adds the warnings, each once, when the checker gives no reason to go past them.
    pub(super) fn add_unconfirmed(&self, warned: &[Warned], reasons: &mut Reasons) {
        if warned.is_empty() || !self.confirmation.is_empty() {
            return;
        }
        let mut said: Vec<Reason> = Vec::new();
        for warning in warned.iter().flat_map(|one| &one.warnings) {
            let warning = warning.clone().at("confirmation");
            if !said.contains(&warning) {
                said.push(warning);
            }
        }
        reasons.extend(said);
        reasons.add(WARNINGS_UNCONFIRMED.at("confirmation"));
    }

    /// Keeps with each item what its checker went past, and why: one statement where there is anything.
    pub(super) fn keep(&self, tx: &mut Tx, by: &Actor, warned: &[Warned]) -> Outcome<()> {
        if warned.is_empty() {
            return Ok(());
        }
        let mut rows = Vec::new();
        for one in warned {
            let (warnings, codes) = gates::as_kept(&one.warnings)?;
            rows.push(NewCheckConfirmation {
                item_id: one.item,
                version_no: one.version,
                warnings,
                reason: &self.confirmation,
                person_id: by.person,
                at: tx.now,
            });
            tx.log(
                by.entry("test_item", one.item.0, one.version, "warnings-confirmed")
                    .set("warnings", codes)
                    .set("reason", self.confirmation.as_str()),
            );
        }
        store::insert_check_confirmations(tx.conn, &rows)?;
        Ok(())
    }
}

/// What the checkers of an item went past.
pub fn check_confirmations(conn: &mut Conn, of: ItemId) -> Outcome<Vec<ConfirmationView>> {
    let kept = store::check_confirmations(conn, of)?;
    gates::shown(conn, kept)
}
