//! What is done with profiles: a version saved, trusted more, its example read again.

use instrument_drivers::profile::{Context, suggest};
use serde::{Deserialize, Serialize};

use super::example::{ExampleRun, Expected};
use super::state::{Maturity, MaturityEvent};
use super::store::{self, NewProfile, ProfileRow};
use super::{PROFILE_EXAMPLE_LONG, PROFILE_NAME_TAKEN, PROFILE_READS_NOTHING, PROFILE_WRONG_STATE, named, workbench};
use crate::accounts::May;
use crate::accounts::role::{ManageInstruments, RepairReadings};
use crate::app::Lis;
use crate::db::Tx;
use crate::domain::hash::sha256_of;
use crate::domain::ids::ProfileId;
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_MISSING, Fault, NOT_FOUND, Outcome, Refusal, STALE_VERSION};
use crate::files::{self, FileError};

/// Longest texts, in characters.
const NAME_MOST: usize = 40;
const TITLE_MOST: usize = 120;
const FILE_NAME_MOST: usize = 120;
const TOML_MOST: usize = 200_000;
/// Longest reference to what it was made from: name, sign, number.
const REFERENCE_MOST: usize = 60;
/// Rows of an example that are kept: a regression test needs the layout, not a year of results.
const ROWS_MOST: usize = 20_000;

/// How an example is named in the database. A file that is something else there is no example.
const EXAMPLE_TYPE: &str = "application/x-instrument-export";

/// A version of a profile, as a form or a program sends it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ProfileInput {
    /// Small letters, digits and underscores, a letter first; no shipped profile has it. At most 40 characters.
    pub name: String,
    /// What people call it; at most 120 characters.
    pub title: String,
    /// The profile, in the language of `docs/reference/profile-language.md`.
    pub toml: String,
    /// SHA-256 of the example, as the proposal answered.
    pub example: String,
    /// Name of the example's file.
    pub file_name: String,
    /// What it was made from: the newest version `NAME@NUMBER` that was seen, or a shipped profile; empty for a new one.
    pub based_on: String,
}

/// What saving or trusting a version answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProfileSaved {
    pub id: i64,
    pub version: i64,
    /// `NAME@NUMBER`: what an instrument names.
    pub reference: String,
    /// `draft`, `candidate` or `proven`.
    pub maturity: String,
    /// Rows of the example.
    pub rows: i64,
}

/// A version that may be saved: every field is right, the text is a profile, and it reads its example.
#[derive(Clone, Debug)]
pub struct Ready {
    name: String,
    title: String,
    toml: String,
    example: String,
    file_name: String,
    byte_count: usize,
    expected: String,
    rows: usize,
    based_on: String,
}

/// An example that was sent before. Reads the disk.
///
/// # Errors
/// `field-missing`, or `not-found` for what is no example, at `example`.
pub fn example(lis: &Lis, sha256: &str) -> Outcome<Vec<u8>> {
    if sha256.is_empty() {
        return Err(FIELD_MISSING.at("example").into());
    }
    kept(lis, sha256)?.ok_or_else(|| NOT_FOUND.at("example").into())
}

/// The text of a profile in the making, kept between two steps. Reads the disk.
///
/// # Errors
/// `not-found`.
pub fn draft(lis: &Lis, sha256: &str) -> Outcome<String> {
    let bytes = kept(lis, sha256)?.ok_or(NOT_FOUND)?;
    String::from_utf8(bytes).map_err(|_| NOT_FOUND.into())
}

/// The bytes under a hash, unless the database knows them as something else: a report, a mail.
fn kept(lis: &Lis, sha256: &str) -> Outcome<Option<Vec<u8>>> {
    let name = sha256.to_owned();
    let row = lis.db.read_now(move |conn| files::row(conn, &name))?;
    if row.is_some_and(|row| row.content_type != EXAMPLE_TYPE) {
        return Ok(None);
    }
    match lis.files.get(sha256) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(FileError::Name(_) | FileError::Missing(_)) => Ok(None),
        Err(other) => Err(other.into()),
    }
}

/// Checks an input whole, and reads its example.
///
/// # Errors
/// Every reason against it, each at its field.
pub fn ready(lis: &Lis, input: &ProfileInput) -> Outcome<Ready> {
    let mut check = Checker::new();
    let name = check.text("name", &input.name, NAME_MOST);
    if !name.is_empty() && !named::is_own_name(&name) {
        check.invalid("name", "expected-profile-name");
    }
    let title = check.text("title", &input.title, TITLE_MOST);
    let file_name = check.optional_text("file_name", &input.file_name, FILE_NAME_MOST);
    let based_on = check.optional_text("based_on", &input.based_on, REFERENCE_MOST);
    let toml = check.optional_lines("toml", &input.toml, TOML_MOST);
    let bytes = match example(lis, &input.example) {
        Ok(bytes) => bytes,
        Err(Fault::Refused(refusal)) => {
            refusal.reasons.into_iter().for_each(|reason| check.add(reason));
            Vec::new()
        }
        Err(fault) => return Err(fault),
    };
    let toml = suggest::correct(&toml, "title", &suggest::quote(&title)).unwrap_or(toml);
    let expected = match workbench::parsed(&toml) {
        Ok(profile) => {
            Expected::of(&profile.read(&bytes, &Context { file_name: Some(file_name.clone()), ..Context::default() }))
        }
        Err(refusal) => {
            refusal.reasons.into_iter().for_each(|reason| check.add(reason));
            return Ok(check.done(None)?);
        }
    };
    let rows = expected.rows.len();
    check.add_if(rows == 0 && !bytes.is_empty(), || PROFILE_READS_NOTHING.at("toml"));
    check.add_if(rows > ROWS_MOST, || PROFILE_EXAMPLE_LONG.with("rows", rows).with("limit", ROWS_MOST).at("example"));
    let expected = serde_json::to_string(&expected).map_err(Fault::broken)?;
    let example = input.example.clone();
    let byte_count = bytes.len();
    Ok(check.done(Some(Ready { name, title, toml, example, file_name, byte_count, expected, rows, based_on }))?)
}

/// Saves the next version. A draft that it follows, and that no instrument names, is replaced by it.
///
/// # Errors
/// `profile-name-taken` at `name`; `stale-version` when a newer version than `based_on` is there.
pub fn save(tx: &mut Tx, by: &May<RepairReadings>, ready: &Ready) -> Outcome<ProfileSaved> {
    let before = store::newest(tx.conn, &ready.name)?;
    if let Some(newest) = &before {
        let seen = named::parts(&ready.based_on).filter(|(name, _)| *name == ready.name);
        match seen {
            None => return Err(PROFILE_NAME_TAKEN.with("name", &ready.name).at("name").into()),
            Some((_, number)) if number != newest.version_no => return Err(stale(newest).into()),
            Some(_) => {}
        }
    }
    let version_no = before.as_ref().map_or(1, |row| row.version_no + 1);
    files::name(tx, &ready.example, ready.byte_count, EXAMPLE_TYPE, &ready.file_name)?;
    let rows = i64::try_from(ready.rows).map_err(Fault::broken)?;
    let row = NewProfile {
        version: 1,
        name: ready.name.clone(),
        version_no,
        title: ready.title.clone(),
        maturity: Maturity::Draft.code(),
        toml: ready.toml.clone(),
        example_sha256: ready.example.clone(),
        example_name: ready.file_name.clone(),
        expected: ready.expected.clone(),
        row_count: rows,
        based_on: ready.based_on.clone(),
        made_by: by.person,
        made_at: tx.now,
    };
    let id = store::insert(tx.conn, &row)?;
    let reference = named::reference(&row.name, version_no);
    tx.log(
        by.entry("instrument_profile", id.0, 1, "profile-saved")
            .set("reference", reference.as_str())
            .set("title", row.title.as_str())
            .set("example", row.example_sha256.as_str())
            .set("toml_sha256", sha256_of(row.toml.as_bytes()))
            .set("rows", rows)
            .set("based_on", row.based_on.as_str()),
    );
    if let Some(before) = before {
        supersede(tx, by, &before)?;
    }
    Ok(ProfileSaved { id: id.0, version: 1, reference, maturity: row.maturity.to_owned(), rows })
}

fn stale(newest: &ProfileRow) -> Refusal {
    let reference = named::reference(&newest.name, newest.version_no);
    let refusal = Refusal::from(STALE_VERSION.with("version", newest.version_no).at("based_on"));
    refusal.with_current(serde_json::json!({"id": newest.id, "reference": reference}))
}

/// A draft that nothing reads with gives way to its successor.
fn supersede(tx: &mut Tx, by: &May<RepairReadings>, before: &ProfileRow) -> Outcome<()> {
    let reference = named::reference(&before.name, before.version_no);
    let used = store::users(tx.conn)?.iter().any(|(profile, _)| *profile == reference);
    let next = Maturity::parse(&before.maturity).and_then(|maturity| maturity.after(MaturityEvent::Supersede));
    let Some(next) = next.filter(|_| !used) else { return Ok(()) };
    if store::set_maturity(tx.conn, before.id, before.version, next)? {
        log_maturity(tx, by, before, next);
    }
    Ok(())
}

fn log_maturity(tx: &mut Tx, by: &crate::accounts::Actor, row: &ProfileRow, next: Maturity) {
    tx.log(
        by.entry("instrument_profile", row.id.0, row.version + 1, "profile-maturity-changed")
            .set("reference", named::reference(&row.name, row.version_no))
            .change("maturity", row.maturity.as_str(), next.code()),
    );
}

/// Trusts a version more, by what reading its example has just shown.
///
/// # Errors
/// Every reason: the example reads differently, something in it is not read, the maturity has no next step.
pub fn promote(
    tx: &mut Tx,
    by: &May<ManageInstruments>,
    id: ProfileId,
    seen: i64,
    run: &ExampleRun,
) -> Outcome<ProfileSaved> {
    let (row, _) = store::one(tx.conn, id)?.ok_or(NOT_FOUND)?;
    if row.version != seen {
        let refusal = Refusal::from(STALE_VERSION.with("version", row.version));
        return Err(refusal.with_current(serde_json::json!({"id": id, "version": row.version})).into());
    }
    let maturity = Maturity::parse(&row.maturity);
    let next = maturity.and_then(|maturity| maturity.after(MaturityEvent::Promote));
    let mut reasons = run.reasons();
    if next.is_none() {
        reasons.add(PROFILE_WRONG_STATE.reason().with_word("state", format!("maturity-{}", row.maturity)));
    }
    reasons.none()?;
    let next = next.ok_or(NOT_FOUND)?;
    if !store::set_maturity(tx.conn, id, seen, next)? {
        return Err(STALE_VERSION.with("version", seen + 1).into());
    }
    log_maturity(tx, by, &row, next);
    Ok(ProfileSaved {
        id: id.0,
        version: seen + 1,
        reference: named::reference(&row.name, row.version_no),
        maturity: next.code().to_owned(),
        rows: row.row_count,
    })
}

/// Reads the example of one version. Reads the disk.
pub fn run(lis: &Lis, id: ProfileId) -> Outcome<ExampleRun> {
    let (row, expected) = lis.db.read_now(move |conn| {
        let (row, _) = store::one(conn, id)?.ok_or(NOT_FOUND)?;
        Ok((row, store::expected(conn, id)?))
    })?;
    run_row(lis, &row, &expected)
}

/// Reads the example of every version that no newer one has replaced. Reads the disk.
pub fn run_all(lis: &Lis) -> Outcome<Vec<ExampleRun>> {
    let rows = lis.db.read_now(|conn| Ok(store::all(conn)?))?;
    let rows = rows.into_iter().map(|(row, _)| row).filter(|row| row.maturity != Maturity::Replaced.code());
    rows.map(|row| {
        let id = row.id;
        let expected = lis.db.read_now(move |conn| Ok(store::expected(conn, id)?))?;
        run_row(lis, &row, &expected)
    })
    .collect()
}

fn run_row(lis: &Lis, row: &ProfileRow, expected: &str) -> Outcome<ExampleRun> {
    let expected: Expected = serde_json::from_str(expected).map_err(Fault::broken)?;
    // A file that is gone or damaged is a difference to be told, not a fault of the program.
    let bytes = lis.files.get(&row.example_sha256).map_err(|error| error.to_string());
    Ok(ExampleRun::of(row, &expected, bytes))
}
