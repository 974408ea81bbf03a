//! Queries of the pictures of sampling forms.

use diesel::prelude::*;

use crate::db::schema::form_picture;
use crate::db::{Conn, cols, each};
use crate::domain::clock::Moment;
use crate::domain::ids::{FormId, PersonId, PictureId};

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = form_picture)]
pub struct PictureRow {
    pub id: PictureId,
    pub kind: String,
    pub caption: String,
    pub sha256: String,
    pub person_id: PersonId,
    pub at: Moment,
    /// A line of the receipt's checklist; empty: none.
    pub check_line: String,
}

#[derive(Insertable)]
#[diesel(table_name = form_picture, treat_none_as_default_value = false)]
pub struct NewPicture<'a> {
    pub form_id: FormId,
    pub kind: &'a str,
    pub caption: &'a str,
    pub sha256: &'a str,
    pub person_id: PersonId,
    pub at: Moment,
    pub check_line: &'a str,
}

/// The pictures of a form, oldest first.
pub fn pictures(conn: &mut Conn, of: FormId) -> QueryResult<Vec<PictureRow>> {
    form_picture::table
        .filter(form_picture::form_id.eq(of))
        .order(form_picture::id)
        .select(cols::<PictureRow>())
        .load(conn)
}

/// A picture of a form.
pub fn picture(conn: &mut Conn, of: FormId, id: PictureId) -> QueryResult<Option<PictureRow>> {
    form_picture::table
        .filter(form_picture::form_id.eq(of))
        .filter(form_picture::id.eq(id))
        .select(cols::<PictureRow>())
        .first(conn)
        .optional()
}

pub fn count_pictures(conn: &mut Conn, of: FormId) -> QueryResult<i64> {
    form_picture::table.filter(form_picture::form_id.eq(of)).count().get_result(conn)
}

/// The pictures that show lines of the receipt's checklist, oldest first.
pub fn line_pictures(conn: &mut Conn, of: FormId) -> QueryResult<Vec<(String, PictureId)>> {
    form_picture::table
        .filter(form_picture::form_id.eq(of))
        .filter(form_picture::check_line.ne(""))
        .order(form_picture::id)
        .select((form_picture::check_line, form_picture::id))
        .load(conn)
}

/// Stores a picture; `None` when the form has the same bytes already, for the same line.
pub fn insert_picture(conn: &mut Conn, row: &NewPicture) -> QueryResult<Option<PictureId>> {
    let made: Vec<PictureId> = each!(conn, c => diesel::insert_into(form_picture::table)
        .values(row)
        .on_conflict_do_nothing()
        .returning(form_picture::id)
        .get_results(c))?;
    Ok(made.into_iter().next())
}
