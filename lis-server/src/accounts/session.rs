//! Signing in and out. Checking a password is slow and happens outside the write; the write then counts failures or
//! makes the session. Failures are counted for the account and for the address.

use std::net::IpAddr;

use chrono::TimeDelta;

use super::actor::{Actor, Entrance};
use super::secrets;
use super::store::{self, NewSession, PersonRow};
use super::{SIGN_IN_FAILED, SIGN_IN_LOCKED};
use crate::app::Lis;
use crate::db::Conn;
use crate::domain::clock::Moment;
use crate::domain::identifiers::RegionCode;
use crate::domain::ids::{SessionId, TokenId};
use crate::domain::refusal::Outcome;
use crate::web::language::Language;

/// A session ends after so long without a request: a working day with its pauses, so that nobody types a password
/// with gloves on in the middle of a run.
const IDLE_H: i64 = 10;
/// And after so long in any case.
const LONGEST_H: i64 = 16;
/// The time of the last request is written at most so often.
const TOUCH_EVERY_MIN: i64 = 5;
/// So many wrong passwords are free; each further one doubles the wait.
const FREE_FAILURES: i64 = 5;
/// The first wait, and the longest.
const FIRST_LOCK_S: i64 = 30;
const LONGEST_LOCK_S: i64 = 3_600;

/// A fresh session: the token goes into the cookie, once.
#[derive(Debug)]
pub struct SignedIn {
    pub token: String,
    pub actor: Actor,
    /// Nothing is open to him before.
    pub password_must_change: bool,
}

/// Checks a username and password and opens a session.
///
/// # Errors
/// `sign-in-failed` for an unknown name, a wrong password or an inactive person alike; `sign-in-locked` while the
/// account waits after repeated failures; `too-many-from-address` while the address does.
pub async fn sign_in(
    lis: &Lis,
    username: &str,
    password: &str,
    device: &str,
    address: Option<IpAddr>,
) -> Outcome<SignedIn> {
    let real = lis.clock.real();
    // Looked at when it is this one's turn: what waited behind too many failures is not hashed any more.
    let turn = secrets::turn().await?;
    lis.doors.sign_in(address, real)?;
    let name = username.trim().to_owned();
    let found = lis.db.read(move |conn| Ok(store::person_by_username(conn, &name)?)).await?;
    let given = password.to_owned();
    let (found, matches) = turn
        .run(move || {
            let matches = match &found {
                Some(person) => secrets::password_matches(&given, &person.password_hash),
                None => {
                    secrets::waste_a_check(&given);
                    false
                }
            };
            (found, matches)
        })
        .await?;
    if !matches {
        lis.doors.sign_in_failed(address, real);
    }
    let Some(person) = found else {
        return Err(SIGN_IN_FAILED.into());
    };
    if let Some(until) = person.locked_until.filter(|until| *until > real) {
        return Err(SIGN_IN_LOCKED.with("seconds", until.since(real).num_seconds().max(1)).into());
    }
    if !matches || !person.active {
        count_failure(lis, person, real, device.to_owned()).await?;
        return Err(SIGN_IN_FAILED.into());
    }
    open_session(lis, person, real, device.to_owned()).await
}

async fn count_failure(lis: &Lis, person: PersonRow, real: Moment, device: String) -> Outcome<()> {
    lis.db
        .write(move |tx| {
            let failed = store::person(tx.conn, person.id)?.map_or(0, |now| now.failed_logins) + 1;
            let locked_until = lock_after(failed).map(|span| real.plus(span));
            store::set_failed_logins(tx.conn, person.id, failed, locked_until)?;
            let entry = Actor::system("sign-in", "wrong password")
                .with_origin(device.clone(), "wrong password")
                .entry("person", person.id.0, person.version, "sign-in-failed")
                .set("failed_logins", failed);
            tx.log(entry);
            Ok(())
        })
        .await
}

/// The wait after a number of failures in a row.
pub(super) fn lock_after(failed: i64) -> Option<TimeDelta> {
    let beyond = failed - FREE_FAILURES;
    (beyond > 0).then(|| {
        let doublings = u32::try_from(beyond - 1).unwrap_or(u32::MAX).min(16);
        TimeDelta::seconds((FIRST_LOCK_S << doublings).min(LONGEST_LOCK_S))
    })
}

async fn open_session(lis: &Lis, person: PersonRow, real: Moment, device: String) -> Outcome<SignedIn> {
    let token = secrets::new_token();
    let csrf = secrets::new_token();
    let token_hash = secrets::token_hash(&token);
    let password_must_change = person.password_must_change;
    let actor = lis
        .db
        .write(move |tx| {
            let roles = store::roles_of(tx.conn, person.id)?;
            let actor = actor_of(&person, roles, Entrance::Session).with_origin(device.clone(), "sign-in");
            let id = store::insert_session(
                tx.conn,
                &NewSession {
                    token_hash: &token_hash,
                    person_id: person.id,
                    csrf: &csrf,
                    device: &device,
                    created_at: real,
                    last_seen_at: real,
                    expires_at: real.plus(TimeDelta::hours(LONGEST_H)),
                },
            )?;
            if person.failed_logins > 0 {
                store::set_failed_logins(tx.conn, person.id, 0, None)?;
            }
            store::delete_ended_sessions(tx.conn, real)?;
            tx.log(actor.entry("person", person.id.0, person.version, "signed-in").set("session", id.0));
            Ok(actor)
        })
        .await?;
    Ok(SignedIn { token, actor, password_must_change })
}

/// A session that is in force.
#[derive(Clone, Debug)]
pub struct OpenSession {
    pub id: SessionId,
    pub csrf: String,
    pub actor: Actor,
    pub password_must_change: bool,
    /// The time of the last request should be written.
    pub touch: bool,
}

/// The session of a cookie; `None` when it is unknown, idle too long or over.
pub fn resume(conn: &mut Conn, token: &str, real: Moment) -> Outcome<Option<OpenSession>> {
    let Some((session, person)) = store::session_by_token(conn, &secrets::token_hash(token))? else {
        return Ok(None);
    };
    let idle = real.since(session.last_seen_at);
    if real >= session.expires_at || idle > TimeDelta::hours(IDLE_H) || !person.active {
        return Ok(None);
    }
    let roles = store::roles_of(conn, person.id)?;
    Ok(Some(OpenSession {
        id: session.id,
        csrf: session.csrf,
        actor: actor_of(&person, roles, Entrance::Session),
        password_must_change: person.password_must_change,
        touch: idle > TimeDelta::minutes(TOUCH_EVERY_MIN),
    }))
}

/// A token that is good, with the person behind it.
pub struct OpenToken {
    pub id: TokenId,
    pub actor: Actor,
    pub scopes: Vec<String>,
}

/// `None` when the token is unknown, over or revoked.
pub fn by_token(conn: &mut Conn, token: &str, real: Moment) -> Outcome<Option<OpenToken>> {
    let Some((row, person)) = store::token_by_hash(conn, &secrets::token_hash(token))? else {
        return Ok(None);
    };
    if row.revoked_at.is_some() || row.expires_at.is_some_and(|end| real >= end) || !person.active {
        return Ok(None);
    }
    let roles = store::roles_of(conn, person.id)?;
    let scopes = row.scopes.split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned).collect();
    Ok(Some(OpenToken { id: row.id, actor: actor_of(&person, roles, Entrance::Token), scopes }))
}

/// A person as an actor.
pub fn actor_of(person: &PersonRow, roles: Vec<super::Role>, entrance: Entrance) -> Actor {
    let language = Language::parse(&person.language).unwrap_or(Language::Chinese);
    let mut actor = Actor::person(person.id, person.name.clone(), roles, language, entrance);
    actor.region = person.region_code.as_deref().and_then(|code| RegionCode::parse(code).ok());
    actor.enterprise = person.enterprise_id;
    actor
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_from_the_sixth_failure_up_to_an_hour() {
        let waits: Vec<Option<i64>> =
            [1, 5, 6, 7, 8, 13, 40].map(|n| lock_after(n).map(|span| span.num_seconds())).into();
        assert_eq!(waits, [None, None, Some(30), Some(60), Some(120), Some(3_600), Some(3_600)]);
    }
}
