//! Photographs of the cards and readers of rapid tests: kept as they came, under the hash of their bytes.

use serde::{Deserialize, Serialize};

use super::store::{self, NewRapidPicture};
use super::{RAPID_PICTURE_KNOWN, calls};
use crate::accounts::May;
use crate::accounts::role::FillSamplingForms;
use crate::db::{Conn, Tx};
use crate::domain::refusal::{NOT_FOUND, Outcome, Refusal};
use crate::files;
use crate::samples::NOT_A_PICTURE;

/// A picture that was checked, and whose bytes lie in the store of files.
#[derive(Clone, Debug)]
pub struct RapidPicture {
    content_type: &'static str,
    file_name: String,
    sha256: String,
    byte_count: usize,
}

/// What a file is, by its bytes.
///
/// # Errors
/// `not-a-picture`: neither JPEG nor PNG.
pub fn checked(file_name: &str, sha256: &str, bytes: &[u8]) -> Result<RapidPicture, Refusal> {
    let content_type = calls::content_type_of(bytes).ok_or_else(|| NOT_A_PICTURE.with("file", file_name).at("file"))?;
    let (file_name, sha256) = (file_name.to_owned(), sha256.to_owned());
    Ok(RapidPicture { content_type, file_name, sha256, byte_count: bytes.len() })
}

/// What adding a picture answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RapidPictureSaved {
    pub id: i64,
    pub sha256: String,
}

/// Adds a picture to a rapid test.
///
/// # Errors
/// `rapid-picture-known` when the test has the same file already.
pub fn add(tx: &mut Tx, by: &May<FillSamplingForms>, of: i64, picture: &RapidPicture) -> Outcome<RapidPictureSaved> {
    let test = store::rapid(tx.conn, of)?.ok_or(NOT_FOUND)?;
    files::name(tx, &picture.sha256, picture.byte_count, picture.content_type, &picture.file_name)?;
    let row = NewRapidPicture { rapid_id: of, sha256: &picture.sha256, person_id: by.person, at: tx.now };
    let id = store::insert_rapid_picture(tx.conn, &row)?
        .ok_or_else(|| RAPID_PICTURE_KNOWN.with("file", &picture.file_name).at("file"))?;
    tx.log(
        by.entry("rapid_test", of, test.version, "rapid-picture-added")
            .set("picture", id)
            .set("sha256", picture.sha256.as_str()),
    );
    Ok(RapidPictureSaved { id, sha256: picture.sha256.clone() })
}

/// The file of a picture: its SHA-256.
///
/// # Errors
/// `not-found`: of another test, or none.
pub fn file(conn: &mut Conn, _: &May<FillSamplingForms>, of: i64, id: i64) -> Outcome<String> {
    store::rapid_picture_file(conn, of, id)?.ok_or_else(|| NOT_FOUND.into())
}
