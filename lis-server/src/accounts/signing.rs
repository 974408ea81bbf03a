//! Signing. A person who signs enters the signing password again (ISO/IEC 17025 7.11; `quality.md` Q711-9): that opens
//! a grant for ten minutes and one meaning. Each act under it is a signature of its own.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::actor::Actor;
use super::confirming::{Given, confirm};
use super::store::{self, NewGrant, NewSignature};
use super::{GRANT_MISSING, SIGNING_HELD, SIGNING_PASSWORD_UNSET};
use crate::app::Lis;
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::ids::{GrantId, PersonId};
use crate::domain::refusal::{NOT_FOUND, Outcome, Reason};

/// Long enough for a batch of items, short enough that a left workstation signs nothing (design 4b).
const GRANT_MIN: i64 = 10;

/// What a signature means.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    Tested,
    Checked,
    Reviewed,
    Authorized,
    Released,
    /// How strict a gate of the quality system is.
    Set,
    /// The program with its tables, catalogue and profiles.
    Validated,
}

impl Meaning {
    pub const ALL: &[Meaning] =
        &[Self::Tested, Self::Checked, Self::Reviewed, Self::Authorized, Self::Released, Self::Set, Self::Validated];

    pub fn code(self) -> &'static str {
        match self {
            Self::Tested => "tested",
            Self::Checked => "checked",
            Self::Reviewed => "reviewed",
            Self::Authorized => "authorized",
            Self::Released => "released",
            Self::Set => "set",
            Self::Validated => "validated",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|meaning| meaning.code() == code)
    }

    /// The key of its name in the message files.
    pub fn word(self) -> String {
        format!("meaning-{}", self.code())
    }
}

/// An open grant, as shown to its person.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Granted {
    #[schema(value_type = i64)]
    pub grant: GrantId,
    #[schema(value_type = String, format = DateTime)]
    pub until: Moment,
}

/// Checks the signing password and opens a grant.
///
/// # Errors
/// `signing-held` after somebody else set the person's password; `signing-password-unset`; `password-wrong`, and
/// `sign-in-locked` after too many of them.
pub async fn open_grant(lis: &Lis, by: &Actor, meaning: Meaning, password: &str) -> Outcome<Granted> {
    let id = by.person;
    let person = lis.db.read(move |conn| Ok(store::person(conn, id)?)).await?.ok_or(NOT_FOUND)?;
    if person.signing_held {
        return Err(SIGNING_HELD.into());
    }
    let Some(hash) = person.signing_hash else {
        return Err(SIGNING_PASSWORD_UNSET.into());
    };
    confirm(lis, by, vec![Given { field: "signing_password", typed: password.to_owned(), hash }]).await?.none()?;
    let real = lis.clock.real();
    let by = by.clone();
    lis.db.write(move |tx| grant(tx, &by, meaning, real)).await
}

fn grant(tx: &mut Tx, by: &Actor, meaning: Meaning, real: Moment) -> Outcome<Granted> {
    // Whoever was reset while he typed is held as well.
    if store::person(tx.conn, by.person)?.is_none_or(|person| person.signing_held) {
        return Err(SIGNING_HELD.into());
    }
    let until = real.plus(TimeDelta::minutes(GRANT_MIN));
    let grant = store::insert_grant(
        tx.conn,
        &NewGrant { person_id: by.person, meaning: meaning.code(), opened_at: real, expires_at: until },
    )?;
    tx.log(by.entry("signing_grant", grant.0, 1, "signing-opened").set("meaning", meaning.code()));
    Ok(Granted { grant, until })
}

/// Why an act without an open grant is refused; the page then asks for the signing password.
pub fn missing(meaning: Meaning) -> Reason {
    GRANT_MISSING.reason().with_word("meaning", meaning.word())
}

/// A person's open grant of a meaning; `None` where there is none.
pub fn open_grant_of(conn: &mut Conn, by: &Actor, meaning: Meaning, real: Moment) -> Outcome<Option<GrantId>> {
    Ok(store::open_grant_of(conn, by.person, meaning.code(), real)?)
}

/// Those of the objects of a kind that bear a signature; one statement.
pub fn signed_among(conn: &mut Conn, kind: &str, ids: &[i64]) -> Outcome<Vec<i64>> {
    Ok(store::signed_among(conn, kind, ids)?)
}

/// Signatures on an object, oldest first: who, what it means, when.
pub fn signatures_on(conn: &mut Conn, kind: &str, id: i64) -> Outcome<Vec<(PersonId, String, Moment)>> {
    Ok(store::signatures_on(conn, kind, id)?)
}

/// The same of several objects, with the hash of what was signed: object, who, what it means, hash, when; one statement.
pub fn signatures_on_all(
    conn: &mut Conn,
    kind: &str,
    ids: &[i64],
) -> Outcome<Vec<(i64, PersonId, String, String, Moment)>> {
    Ok(store::signatures_on_all(conn, kind, ids)?)
}

/// Signs objects under an open grant: each with its version and the SHA-256 of what the signer saw, by one statement.
/// The entry in the log is the caller's, beside the change that is signed.
pub fn sign(
    tx: &mut Tx,
    by: &Actor,
    meaning: Meaning,
    grant: GrantId,
    object_kind: &'static str,
    objects: &[(i64, i64, String)],
) -> Outcome<()> {
    if objects.is_empty() {
        return Ok(());
    }
    let rows: Vec<NewSignature> = objects
        .iter()
        .map(|(id, version, hash)| NewSignature {
            person_id: by.person,
            meaning: meaning.code(),
            object_kind,
            object_id: *id,
            object_version: *version,
            object_hash: hash,
            grant_id: grant,
            signed_at: tx.now,
        })
        .collect();
    Ok(store::insert_signatures(tx.conn, &rows)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::actions::{self, PersonInput};
    use crate::accounts::{Entrance, Role};
    use crate::db::schema::{audit_entry, signature, signing_grant};
    use crate::server::tests::laboratory;
    use crate::web::language::Language;
    use diesel::prelude::*;

    // Requirement: Q711-9
    #[test]
    fn a_grant_signs_several_objects_of_one_meaning_for_ten_minutes() {
        let (_directory, lis) = laboratory();
        let input = PersonInput {
            username: "zhang".into(),
            name: "审核员甲".into(),
            roles: vec!["reviewer".into()],
            ..PersonInput::default()
        };
        let facts = input.checked().unwrap();
        let system = Actor::system("test", "test");
        let saved = lis.db.write_now(move |tx| actions::create_first_administrator(tx, &system, &facts, "no hash"));
        let person = PersonId(saved.unwrap().id);
        let by = Actor::person(person, "审核员甲".into(), vec![Role::Reviewer], Language::Chinese, Entrance::Session);
        let real = lis.clock.real();
        let signer = by.clone();
        let granted = lis.db.write_now(move |tx| grant(tx, &signer, Meaning::Checked, real)).unwrap();
        let objects = [(7, 2, "aa".to_owned()), (8, 3, "bb".to_owned())];
        lis.db.write_now(move |tx| sign(tx, &by, Meaning::Checked, granted.grant, "test_item", &objects)).unwrap();
        let rows: Vec<(i64, i64, String, String)> = lis
            .db
            .read_now(|conn| {
                let columns =
                    (signature::object_id, signature::object_version, signature::object_hash, signature::meaning);
                Ok(signature::table.order(signature::id).select(columns).load(conn)?)
            })
            .unwrap();
        let checked = || "checked".to_owned();
        assert_eq!(rows, [(7, 2, "aa".to_owned(), checked()), (8, 3, "bb".to_owned(), checked())]);
        let grants: Vec<(PersonId, String, Moment)> = lis
            .db
            .read_now(|conn| {
                let columns = (signing_grant::person_id, signing_grant::meaning, signing_grant::expires_at);
                Ok(signing_grant::table.select(columns).load(conn)?)
            })
            .unwrap();
        assert_eq!(grants, [(person, checked(), real.plus(TimeDelta::minutes(10)))]);
        let opened: i64 = lis
            .db
            .read_now(|conn| {
                Ok(audit_entry::table.filter(audit_entry::event.eq("signing-opened")).count().get_result(conn)?)
            })
            .unwrap();
        assert_eq!(opened, 1);
    }
}
