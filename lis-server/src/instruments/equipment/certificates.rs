//! The files of certificates, and whether what a certificate says meets the need (计量确认, `quality.md` Q64-3).

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::super::actions::InstrumentSaved;
use super::CERTIFICATE_FILE;
use super::actions::{doubt, equipment, keep_today, seen_at};
use super::store::{self, FileRow, NewConfirmation};
use crate::accounts::May;
use crate::accounts::role::ManageInstruments;
use crate::db::{Conn, Tx};
use crate::domain::ids::{CalibrationId, InstrumentId};
use crate::domain::input::Checker;
use crate::domain::refusal::{NOT_FOUND, Outcome, Refusal};
use crate::files;

/// A file as it came: a PDF or a picture of a certificate.
#[derive(Clone, Debug)]
pub struct CertificateFile {
    sha256: String,
    byte_count: usize,
    content_type: &'static str,
    file_name: String,
}

/// How files begin that are taken.
const BEGINNINGS: &[(&[u8], &str)] =
    &[(b"%PDF-", "application/pdf"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg")];

impl CertificateFile {
    /// A file by its name and SHA-256.
    ///
    /// # Errors
    /// `certificate-file`: it is neither a PDF nor a picture.
    pub fn of(file_name: &str, sha256: &str, bytes: &[u8]) -> Result<Self, Refusal> {
        let kind = BEGINNINGS.iter().find(|(beginning, _)| bytes.starts_with(beginning));
        let &(_, content_type) = kind.ok_or_else(|| CERTIFICATE_FILE.at("file"))?;
        let (sha256, file_name) = (sha256.to_owned(), file_name.to_owned());
        Ok(Self { sha256, byte_count: bytes.len(), content_type, file_name })
    }
}

/// Keeps the file of a certificate, which lies in the store already. A later file of the same record stands before it.
pub fn keep_file(
    tx: &mut Tx,
    by: &May<ManageInstruments>,
    (id, record): (InstrumentId, CalibrationId),
    seen: i64,
    file: &CertificateFile,
) -> Outcome<InstrumentSaved> {
    let (_, history) = seen_at(tx, id, seen)?;
    let of = history.records.iter().find(|one| one.id == Some(record)).ok_or(NOT_FOUND)?;
    files::name(tx, &file.sha256, file.byte_count, file.content_type, &file.file_name)?;
    store::insert_file(tx.conn, record, &file.sha256, by.person, tx.now)?;
    tx.log(
        by.entry("instrument", id.0, seen + 1, "certificate-filed")
            .set("calibration", record.0)
            .set("certificate_no", of.certificate_no.as_str())
            .set("file_name", file.file_name.as_str())
            .set("file_sha256", file.sha256.as_str()),
    );
    keep_today(tx, &history, (seen, seen + 1))
}

/// The newest file of a certificate.
///
/// # Errors
/// `not-found`: it is another instrument's, or there is none.
pub fn file_of(conn: &mut Conn, (id, record): (InstrumentId, CalibrationId)) -> Outcome<FileRow> {
    let is_own = store::records(conn, &[id])?.iter().any(|(one, _)| one.id == record);
    let newest = if is_own { store::files(conn, &[record])?.pop() } else { None };
    newest.ok_or_else(|| NOT_FOUND.into())
}

/// The SHA-256 of the newest files of records, by one statement.
pub fn files_of(conn: &mut Conn, records: &[CalibrationId]) -> Outcome<HashMap<CalibrationId, String>> {
    let files = store::files(conn, records)?;
    Ok(files.into_iter().map(|file| (file.calibration_id, file.sha256)).collect())
}

/// Whether a certificate meets the need.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ConfirmationInput {
    /// yes, no
    pub confirmed: String,
    /// What the work needs (range, greatest error, uncertainty), and how the certificate compares.
    pub need: String,
}

/// Longest text, in characters.
const NEED_MOST: usize = 500;

impl ConfirmationInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<(bool, String), Refusal> {
        let mut check = Checker::new();
        let confirmed = check.parsed("confirmed", &self.confirmed, "expected-yes-no", |word| match word {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        });
        let need = check.text("need", &self.need, NEED_MOST);
        check.done(confirmed.map(|confirmed| (confirmed, need)))
    }
}

/// Says whether a certificate meets the need; what was said last holds. A certificate that does not counts as a failed
/// calibration, whatever its result says, and opens non-conforming work as one does.
pub fn confirm(
    tx: &mut Tx,
    by: &May<ManageInstruments>,
    (id, record): (InstrumentId, CalibrationId),
    seen: i64,
    (confirmed, need): &(bool, String),
) -> Outcome<InstrumentSaved> {
    let (_, history) = seen_at(tx, id, seen)?;
    let before = history.calibrated_until_now();
    let of = history.records.iter().find(|one| one.id == Some(record)).ok_or(NOT_FOUND)?;
    let row = NewConfirmation { calibration_id: record, confirmed: *confirmed, need, person_id: by.person, at: tx.now };
    store::insert_confirmation(tx.conn, &row)?;
    let now = equipment(tx.conn, &[id], &[])?.pop().ok_or(NOT_FOUND)?;
    let day = |date: Option<NaiveDate>| date.map(|date| date.to_string()).unwrap_or_default();
    tx.log(
        by.entry("instrument", id.0, seen + 1, "certificate-confirmed")
            .set("calibration", record.0)
            .set("certificate_no", of.certificate_no.as_str())
            .set("confirmed", *confirmed)
            .set("need", need.as_str())
            .change("calibrated_until", day(before), day(now.calibrated_until_now())),
    );
    let saved = keep_today(tx, &now, (seen, seen + 1))?;
    if *confirmed {
        return Ok(saved);
    }
    let work = doubt(tx, by, &now, of.performed_on, &format!("{} {}: {need}", of.performed_on, of.certificate_no))?;
    Ok(InstrumentSaved { work: Some(work), ..saved })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_beginning() {
        let kind = |bytes: &[u8]| CertificateFile::of("a", "0", bytes).map(|file| file.content_type).ok();
        assert_eq!(kind(b"%PDF-1.7 and so on"), Some("application/pdf"));
        assert_eq!(kind(b"\xff\xd8\xff\xe0"), Some("image/jpeg"));
        assert_eq!(kind(b"GIF89a"), None);
        assert_eq!(kind(b""), None);
    }
}
