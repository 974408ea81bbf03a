//! What the table of people gives up of somebody who is erased. The key of his words in the log is destroyed by the log's
//! own room ([`crate::audit::erasure`]).

use super::role::{ErasePersonal, May};
use super::store;
use super::{PERSON_ACTIVE, PERSON_ERASED};
use crate::db::{Conn, Tx};
use crate::domain::ids::PersonId;
use crate::domain::refusal::{NOT_FOUND, Outcome};

/// What stands in the place of a name.
const NAMELESS: &str = "—";

/// Whom a username, or `#` and an id, names.
pub fn named(conn: &mut Conn, text: &str) -> Outcome<Option<PersonId>> {
    let found = match text.strip_prefix('#') {
        Some(id) => match id.parse() {
            Ok(id) => store::person(conn, PersonId(id))?,
            Err(_) => None,
        },
        None => store::person_by_username(conn, text)?,
    };
    Ok(found.map(|person| person.id))
}

/// Takes a person's words away, and every way in: mail address and telephone at once, name and username where nothing that
/// is kept bears them. The version after it.
///
/// # Errors
/// `person-active`: whoever still has an account in use; `person-erased`: nothing is left.
pub fn erase(tx: &mut Tx, _: &May<ErasePersonal>, id: PersonId, keeps_name: bool) -> Outcome<i64> {
    let person = store::person(tx.conn, id)?.ok_or(NOT_FOUND)?;
    if person.active {
        return Err(PERSON_ACTIVE.at("subject").into());
    }
    if person.erased_at.is_some() && (keeps_name || person.name == NAMELESS) {
        return Err(PERSON_ERASED.at("subject").into());
    }
    let nameless = (NAMELESS.to_owned(), format!("erased-{id}"));
    let (name, username) = if keeps_name { (person.name, person.username) } else { nameless };
    store::erase_person(tx.conn, id, person.version + 1, (&name, &username), tx.now)?;
    store::end_sessions_of(tx.conn, id)?;
    store::revoke_tokens_of(tx.conn, id, tx.now)?;
    Ok(person.version + 1)
}
