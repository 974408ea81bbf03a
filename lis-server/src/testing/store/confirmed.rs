//! Queries of the warnings that checkers went past.

use diesel::prelude::*;

use crate::db::schema::check_confirmation;
use crate::db::{Conn, each};
use crate::domain::clock::Moment;
use crate::domain::ids::{ItemId, PersonId};
use crate::quality::gates::Kept;

#[derive(Insertable)]
#[diesel(table_name = check_confirmation, treat_none_as_default_value = false)]
pub struct NewCheckConfirmation<'a> {
    pub item_id: ItemId,
    pub version_no: i64,
    pub warnings: String,
    pub reason: &'a str,
    pub person_id: PersonId,
    pub at: Moment,
}

pub fn insert_check_confirmations(conn: &mut Conn, rows: &[NewCheckConfirmation]) -> QueryResult<()> {
    each!(conn, c => diesel::insert_into(check_confirmation::table).values(rows).execute(c))?;
    Ok(())
}

/// What the checkers of an item went past, oldest first.
pub fn check_confirmations(conn: &mut Conn, of: ItemId) -> QueryResult<Vec<Kept>> {
    check_confirmation::table
        .filter(check_confirmation::item_id.eq(of))
        .order(check_confirmation::id)
        .select((
            check_confirmation::warnings,
            check_confirmation::reason,
            check_confirmation::person_id,
            check_confirmation::at,
        ))
        .load(conn)
}
