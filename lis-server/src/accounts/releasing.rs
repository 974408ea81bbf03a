//! A person signs again after somebody else set his password. The administrator who resets a password knows the new one; so
//! that he signs nothing with it (`workflow.md` 2), the reset holds the person's signing, and only another person who is
//! answerable for the laboratory's results lets it go, under his own signature.

use serde::{Deserialize, Serialize};

use super::actions::PersonSaved;
use super::actor::Actor;
use super::role::{May, ReleaseSigning};
use super::signing::{self, Meaning};
use super::store::{self, PersonRow};
use super::{SIGNING_FIRST_PASSWORD, SIGNING_NOT_HELD, SIGNING_OWN_RELEASE};
use crate::audit::canonical::canonical;
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::hash::sha256_of;
use crate::domain::ids::PersonId;
use crate::domain::input::Checker;
use crate::domain::refusal::{NOT_FOUND, Outcome, Reasons, Refusal, STALE_VERSION};

/// Longest reason, in characters.
const REASON_MOST: usize = 500;

/// Why somebody may sign again.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = SigningReleaseInput)]
pub struct ReleaseInput {
    /// How the person was known to be the one: in the laboratory, by sight.
    pub reason: String,
    /// `true`: the signing password is forgotten as well, and the person sets a new one. Left out: it stays.
    pub forgotten: Option<String>,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct ReleaseFacts {
    reason: String,
    forgotten: bool,
}

impl ReleaseInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<ReleaseFacts, Refusal> {
        let mut check = Checker::new();
        let reason = check.text("reason", &self.reason, REASON_MOST);
        // Left out, a switch is on; here it is off.
        let forgotten = check.switch("forgotten", Some(self.forgotten.as_deref().unwrap_or("false")));
        check.done(Some(ReleaseFacts { reason, forgotten }))
    }
}

/// Somebody whose signing is held.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = HeldSigning)]
pub struct HeldView {
    #[schema(value_type = i64)]
    pub id: PersonId,
    pub version: i64,
    pub username: String,
    pub name: String,
    /// He has not changed the password that the administrator knows; only then he can be released.
    pub first_password: bool,
}

impl From<PersonRow> for HeldView {
    fn from(row: PersonRow) -> Self {
        Self {
            id: row.id,
            version: row.version,
            username: row.username,
            name: row.name,
            first_password: row.password_must_change,
        }
    }
}

/// Everybody whose signing is held, in order of username; one statement.
pub fn held(conn: &mut Conn) -> Outcome<Vec<HeldView>> {
    Ok(store::held(conn)?.into_iter().map(HeldView::from).collect())
}

/// How many, for the page of waiting work.
pub fn count_held(conn: &mut Conn, _: &Actor) -> Outcome<i64> {
    Ok(store::count_held(conn)?)
}

/// Lets a person sign again, signed under an open grant. Four statements and the log; one more where the signing password
/// is forgotten.
///
/// # Errors
/// `signing-not-held`; `signing-own-release`: nobody releases himself; `signing-first-password`: the administrator still
/// knows the password; `signing-grant-missing`.
pub fn release(
    tx: &mut Tx,
    by: &May<ReleaseSigning>,
    id: PersonId,
    seen: i64,
    facts: &ReleaseFacts,
    real: Moment,
) -> Outcome<PersonSaved> {
    let person = store::person(tx.conn, id)?.ok_or(NOT_FOUND)?;
    if person.version != seen {
        return Err(stale(&person).into());
    }
    let grant = signing::open_grant_of(tx.conn, by, Meaning::Released, real)?;
    let mut reasons = Reasons::new();
    reasons.add_if(!person.signing_held, || SIGNING_NOT_HELD.reason());
    reasons.add_if(by.person == id, || SIGNING_OWN_RELEASE.reason());
    reasons.add_if(person.password_must_change, || SIGNING_FIRST_PASSWORD.reason());
    reasons.add_if(grant.is_none(), || signing::missing(Meaning::Released));
    reasons.none()?;
    let grant = grant.ok_or_else(|| signing::missing(Meaning::Released))?;
    if !store::release_signing(tx.conn, id, seen, facts.forgotten)? {
        return Err(stale(&person).into());
    }
    let signed = facts.hash(&person);
    signing::sign(tx, by, Meaning::Released, grant, PERSON, &[(id.0, seen + 1, signed.clone())])?;
    tx.log(
        by.entry(PERSON, id.0, seen + 1, "signing-released")
            .set("reason", facts.reason.as_str())
            .set("forgotten", facts.forgotten)
            .set("signed", signed),
    );
    Ok(PersonSaved { id: id.0, version: seen + 1 })
}

fn stale(person: &PersonRow) -> Refusal {
    let refusal = Refusal::from(STALE_VERSION.with("version", person.version));
    refusal.with_current(serde_json::json!({"id": person.id, "version": person.version}))
}

/// What is signed, and what the log names.
const PERSON: &str = "person";

impl ReleaseFacts {
    /// SHA-256 of what the signer saw.
    fn hash(&self, person: &PersonRow) -> String {
        let seen = serde_json::json!({
            "person": person.id,
            "username": person.username,
            "reason": self.reason,
            "forgotten": self.forgotten,
        });
        sha256_of(canonical(&seen).as_bytes())
    }
}
