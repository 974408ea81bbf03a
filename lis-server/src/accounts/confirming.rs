//! Passwords that a person types inside of a session: the current one before it is changed, the signing password before a
//! signature. Wrong ones are counted, kept in the log and braked as at the sign-in, so that an unlocked workstation lets
//! nobody try. The counter is one of its own: who mistypes here can still sign in elsewhere.

use super::actor::Actor;
use super::secrets::{self, password_matches};
use super::session::lock_after;
use super::store;
use super::{PASSWORD_WRONG, SIGN_IN_LOCKED};
use crate::app::Lis;
use crate::domain::clock::Moment;
use crate::domain::ids::PersonId;
use crate::domain::refusal::{NOT_FOUND, Outcome, Reasons};

/// A password as typed, the field it stands in, and the hash that it must match.
#[derive(Clone)]
pub struct Given {
    pub field: &'static str,
    pub typed: String,
    pub hash: String,
}

/// Checks what a person typed; the reasons are empty when all of it matches. An empty field is no try and is not counted.
///
/// # Errors
/// What broke underneath. Wrong passwords (`password-wrong`) and the wait after too many (`sign-in-locked`) are among the
/// reasons, so that a form can name its other faults beside them.
pub async fn confirm(lis: &Lis, by: &Actor, given: Vec<Given>) -> Outcome<Reasons> {
    let (id, real) = (by.person, lis.clock.real());
    // Looked at when it is this one's turn: tries that come at once do not slip in beside each other.
    let turn = secrets::turn().await?;
    let person = lis.db.read(move |conn| store::person(conn, id)?.ok_or_else(|| NOT_FOUND.into())).await?;
    let mut reasons = Reasons::new();
    if let Some(until) = person.confirmations_locked_until.filter(|until| *until > real) {
        let seconds = until.since(real).num_seconds().max(1);
        reasons.extend(given.iter().map(|one| SIGN_IN_LOCKED.with("seconds", seconds).at(one.field)));
        return Ok(reasons);
    }
    let tried = given.iter().any(|one| !one.typed.is_empty());
    let wrong = turn
        .run(move || -> Vec<&'static str> {
            let differs = |one: &Given| one.typed.is_empty() || !password_matches(&one.typed, &one.hash);
            given.into_iter().filter(differs).map(|one| one.field).collect()
        })
        .await?;
    if wrong.is_empty() {
        if person.failed_confirmations > 0 {
            lis.db.write(move |tx| Ok(store::set_failed_confirmations(tx.conn, id, 0, None)?)).await?;
        }
    } else if tried {
        count_failure(lis, by, id, &wrong, real).await?;
    }
    reasons.extend(wrong.into_iter().map(|field| PASSWORD_WRONG.at(field)));
    Ok(reasons)
}

async fn count_failure(lis: &Lis, by: &Actor, id: PersonId, wrong: &[&'static str], real: Moment) -> Outcome<()> {
    let by = by.clone();
    // Which secret was tried is what the quality officer wants to know.
    let event = if wrong.contains(&CURRENT) { "password-failed" } else { "signing-failed" };
    lis.db
        .write(move |tx| {
            let person = store::person(tx.conn, id)?.ok_or(NOT_FOUND)?;
            let failed = person.failed_confirmations + 1;
            let locked_until = lock_after(failed).map(|span| real.plus(span));
            store::set_failed_confirmations(tx.conn, id, failed, locked_until)?;
            tx.log(by.entry("person", id.0, person.version, event).set("failed_confirmations", failed));
            Ok(())
        })
        .await
}

/// The field of the account's own password.
pub const CURRENT: &str = "current_password";
