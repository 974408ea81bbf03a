//! What the registry gives up of the contact of a unit that is erased: the person's name, telephone number and mail address.
//! The unit itself is no person. The key of the words in the log is destroyed by the log's own room
//! ([`crate::audit::erasure`]).

use super::store;
use crate::accounts::May;
use crate::accounts::role::ErasePersonal;
use crate::db::{Conn, Tx};
use crate::domain::ids::EnterpriseId;
use crate::domain::refusal::{NOT_FOUND, Outcome};

/// Which unit a credit code, or `#` and an id, names.
pub fn named(conn: &mut Conn, text: &str) -> Outcome<Option<EnterpriseId>> {
    let found = match text.strip_prefix('#') {
        Some(id) => match id.parse() {
            Ok(id) => store::one(conn, EnterpriseId(id))?,
            Err(_) => None,
        },
        None => store::by_identifiers(conn, &[text.to_ascii_uppercase()], &[])?.into_iter().next(),
    };
    Ok(found.map(|unit| unit.id))
}

/// Takes the contact's words away. The version after it.
pub fn erase(tx: &mut Tx, _: &May<ErasePersonal>, id: EnterpriseId) -> Outcome<i64> {
    let unit = store::one(tx.conn, id)?.ok_or(NOT_FOUND)?;
    store::erase_contact(tx.conn, id, unit.version + 1)?;
    Ok(unit.version + 1)
}
