//! Photographs and the diagram of the place, which belong to the sampling form (`quality.md` Q73-1): kept as they came, under the
//! hash of their bytes.

use serde::{Deserialize, Serialize};

use super::super::facts::SampleFacts;
use super::super::receipt::CHECKS;
use super::super::store::{self, NewPicture, PictureRow};
use super::super::words::PictureKind;
use super::super::{NOT_A_PICTURE, PICTURE_KNOWN};
use super::of_form;
use crate::accounts::actions::names_of;
use crate::accounts::role::{AddPictures, ReceiveSamples, SeePictures, SeeSamples};
use crate::accounts::{Actor, May};
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::ids::{FormId, PersonId, PictureId};
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_INVALID, NOT_FOUND, Outcome, Refusal};
use crate::files;

/// Longest caption, in characters.
const CAPTION_MOST: usize = 120;

/// How the files begin that a browser shows as a picture.
const JPEG: &[u8] = &[0xff, 0xd8, 0xff];
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// What comes beside a picture.
#[derive(Clone, Debug, Default)]
pub struct PictureInput {
    /// photo or diagram
    pub kind: String,
    pub caption: String,
    /// The line of the receipt's checklist that it shows; empty: none.
    pub check: String,
}

/// A picture that was checked, and whose bytes lie in the store of files.
#[derive(Clone, Debug)]
pub struct CheckedPicture {
    kind: PictureKind,
    caption: String,
    check_line: &'static str,
    content_type: &'static str,
    file_name: String,
    sha256: String,
    byte_count: usize,
}

impl PictureInput {
    /// # Errors
    /// Every field that is wrong, and a file that is neither JPEG nor PNG.
    pub fn checked(&self, file_name: &str, sha256: &str, bytes: &[u8]) -> Result<CheckedPicture, Refusal> {
        let mut check = Checker::new();
        let kind = check.parsed("kind", &self.kind, "expected-listed", PictureKind::parse);
        let caption = check.optional_text("caption", &self.caption, CAPTION_MOST);
        let known = |line: &str| CHECKS.iter().copied().find(|known| *known == line);
        let check_line = check.optional("check", &self.check, "expected-listed", known).unwrap_or_default();
        let content_type = content_type_of(bytes);
        check.add_if(content_type.is_none(), || NOT_A_PICTURE.with("file", file_name).at("file"));
        let done = kind.zip(content_type).map(|(kind, content_type)| CheckedPicture {
            kind,
            caption,
            check_line,
            content_type,
            file_name: file_name.to_owned(),
            sha256: sha256.to_owned(),
            byte_count: bytes.len(),
        });
        check.done(done)
    }
}

/// What a file is, told by its first bytes.
pub fn content_type_of(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(JPEG) {
        Some("image/jpeg")
    } else if bytes.starts_with(PNG) {
        Some("image/png")
    } else {
        None
    }
}

/// A sampler has to do with his own forms alone; to whoever sees samples every form is there.
fn own_form(conn: &mut Conn, by: &Actor, form: FormId) -> Outcome<SampleFacts> {
    let sample = of_form(conn, form)?;
    let sees_all = May::<SeeSamples>::check(by).is_some();
    if sees_all || sample.entered_by == by.person { Ok(sample) } else { Err(NOT_FOUND.into()) }
}

/// What adding a picture answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PictureSaved {
    pub id: i64,
    pub sha256: String,
}

/// Adds a picture to a form.
///
/// # Errors
/// `picture-known` when the form has the same file already. What is not in order shows who receives the sample, and nobody else.
pub fn add_picture(
    tx: &mut Tx,
    by: &May<AddPictures>,
    form: FormId,
    picture: &CheckedPicture,
) -> Outcome<PictureSaved> {
    let sample = own_form(tx.conn, by, form)?;
    if !picture.check_line.is_empty() && May::<ReceiveSamples>::check(by).is_none() {
        return Err(FIELD_INVALID.at("check").with_word("expected", "expected-of-receiver").into());
    }
    let id = keep(tx, by, &sample, picture)?
        .ok_or_else(|| PICTURE_KNOWN.with("file", &picture.file_name).with("form", &sample.form_no).at("file"))?;
    Ok(PictureSaved { id: id.0, sha256: picture.sha256.clone() })
}

/// Keeps pictures of what is not in order on a form whose sample waits for its receipt; says how many are new. They stay when
/// the receipt that brings them is refused: nobody takes them again.
pub fn add_line_pictures(
    tx: &mut Tx,
    by: &May<ReceiveSamples>,
    form: FormId,
    pictures: &[CheckedPicture],
) -> Outcome<usize> {
    let sample = of_form(tx.conn, form)?;
    if !sample.state.awaits_receipt() {
        // The receipt itself is refused with the reason.
        return Ok(0);
    }
    let mut added = 0;
    for picture in pictures {
        added += usize::from(keep(tx, by, &sample, picture)?.is_some());
    }
    Ok(added)
}

/// `None`: the form has it already.
fn keep(tx: &mut Tx, by: &Actor, sample: &SampleFacts, picture: &CheckedPicture) -> Outcome<Option<PictureId>> {
    files::name(tx, &picture.sha256, picture.byte_count, picture.content_type, &picture.file_name)?;
    let row = NewPicture {
        form_id: sample.form_id,
        kind: picture.kind.code(),
        caption: &picture.caption,
        sha256: &picture.sha256,
        person_id: by.person,
        at: tx.now,
        check_line: picture.check_line,
    };
    let Some(id) = store::insert_picture(tx.conn, &row)? else { return Ok(None) };
    let mut entry = by
        .entry("sample", sample.id.0, sample.version, "form-picture-added")
        .set("picture", id.0)
        .set("kind", picture.kind.code())
        .set("sha256", picture.sha256.as_str());
    if !picture.check_line.is_empty() {
        entry = entry.set("check_line", picture.check_line);
    }
    tx.log(entry);
    Ok(Some(id))
}

/// A picture of a form as pages and programs see it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = FormPicture)]
pub struct PictureView {
    pub id: i64,
    /// photo, diagram
    pub kind: String,
    pub caption: String,
    /// The line of the receipt's checklist that it shows; empty: none.
    pub check: String,
    /// Of the file as it came.
    pub sha256: String,
    pub added_by: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Moment,
}

/// A form and its pictures, oldest first.
pub fn pictures(conn: &mut Conn, by: &May<SeePictures>, form: FormId) -> Outcome<(SampleFacts, Vec<PictureView>)> {
    let sample = own_form(conn, by, form)?;
    let rows = store::pictures(conn, form)?;
    let people: Vec<PersonId> = rows.iter().map(|row| row.person_id).collect();
    let names = names_of(conn, &people)?;
    let view = |row: PictureRow| PictureView {
        id: row.id.0,
        kind: row.kind,
        caption: row.caption,
        check: row.check_line,
        sha256: row.sha256,
        added_by: names.get(&row.person_id).cloned().unwrap_or_default(),
        at: row.at,
    };
    Ok((sample, rows.into_iter().map(view).collect()))
}

/// How many pictures a form has.
pub fn count_pictures(conn: &mut Conn, form: FormId) -> Outcome<i64> {
    Ok(store::count_pictures(conn, form)?)
}

/// The pictures that show lines of the receipt's checklist: line and picture, oldest first.
pub fn line_pictures(conn: &mut Conn, form: FormId) -> Outcome<Vec<(String, PictureId)>> {
    Ok(store::line_pictures(conn, form)?)
}

/// The file of a picture: its SHA-256.
pub fn picture_file(conn: &mut Conn, by: &May<SeePictures>, form: FormId, id: PictureId) -> Outcome<String> {
    own_form(conn, by, form)?;
    Ok(store::picture(conn, form, id)?.ok_or(NOT_FOUND)?.sha256)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_told_by_its_first_bytes() {
        assert_eq!(content_type_of(&[0xff, 0xd8, 0xff, 0xe0]), Some("image/jpeg"));
        assert_eq!(content_type_of(b"\x89PNG\r\n\x1a\n\0\0"), Some("image/png"));
        assert_eq!(content_type_of(b"<svg xmlns="), None, "a drawing that may run a program is no picture");
        assert_eq!(content_type_of(b""), None);
    }
}
