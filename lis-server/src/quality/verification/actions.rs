//! Keeping verifications of methods, and what the gate finds of a method.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::store::{self, NewVerification, VerificationRow};
use super::{METHOD_UNVERIFIED, VERIFICATION_NO_PDF, VERIFICATION_TO_COME};
use crate::accounts::actions::names_of;
use crate::accounts::role::ManageCatalogue;
use crate::accounts::{Actor, May};
use crate::catalogue::{Catalogue, actions as catalogue};
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::ids::{MethodVerificationId, PersonId};
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_INVALID, FIELD_MISSING, NOT_FOUND, Outcome, Refusal};
use crate::files::{self, StoredFile};
use crate::quality::gates::state::{Finding, Gate};

/// What a verification concludes.
pub const CONCLUSIONS: &[&str] = &[SUITABLE, "unsuitable"];
const SUITABLE: &str = "suitable";

pub(super) const PDF: &str = "application/pdf";
const PDF_BEGINS: &[u8] = b"%PDF-";

/// Longest texts, in characters.
const METHOD_MOST: usize = 200;
const NAME_MOST: usize = 100;
const FIGURE_MOST: usize = 100;
const REMARK_MOST: usize = 500;

/// What was found, as the record states it; empty: not determined.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = VerificationFigures)]
pub struct Figures {
    pub repeatability: String,
    pub recovery: String,
    pub lod: String,
    pub loq: String,
    pub linearity: String,
    pub uncertainty: String,
}

/// A verification as a form or a program describes it, beside its file.
#[derive(Clone, Debug, Default)]
pub struct VerificationInput {
    /// Key of the procedure.
    pub method: String,
    pub performed_on: String,
    pub performed_by: String,
    pub figures: Figures,
    /// suitable or unsuitable
    pub conclusion: String,
    pub remark: String,
}

/// The same, checked, with the record's file.
#[derive(Clone, Debug)]
pub struct VerificationFacts {
    method: String,
    performed_on: NaiveDate,
    performed_by: String,
    figures: Figures,
    conclusion: &'static str,
    remark: String,
    sha256: String,
    byte_count: usize,
    content_type: &'static str,
    file_name: String,
}

impl VerificationInput {
    /// The verification with its file, by its name and SHA-256.
    ///
    /// # Errors
    /// Every field that is wrong, by name; no figure at all; a file that is no PDF.
    pub fn checked(&self, file_name: &str, sha256: &str, bytes: &[u8]) -> Result<VerificationFacts, Refusal> {
        let mut check = Checker::new();
        let file = RecordFile { name: file_name, sha256, byte_count: bytes.len(), content_type: PDF };
        let facts = self.facts(&mut check, &file);
        check.add_if(!bytes.starts_with(PDF_BEGINS), || VERIFICATION_NO_PDF.at("file"));
        check.done(facts)
    }

    /// The same with a file of any kind.
    pub(super) fn facts(&self, check: &mut Checker, file: &RecordFile) -> Option<VerificationFacts> {
        let method = check.text("method", &self.method, METHOD_MOST);
        let performed_on = check.date("performed_on", &self.performed_on);
        let performed_by = check.text("performed_by", &self.performed_by, NAME_MOST);
        let mut figure = |name: &str, given: &str| check.optional_text(name, given, FIGURE_MOST);
        let figures = Figures {
            repeatability: figure("repeatability", &self.figures.repeatability),
            recovery: figure("recovery", &self.figures.recovery),
            lod: figure("lod", &self.figures.lod),
            loq: figure("loq", &self.figures.loq),
            linearity: figure("linearity", &self.figures.linearity),
            uncertainty: figure("uncertainty", &self.figures.uncertainty),
        };
        check.add_if(self.figures == Figures::default(), || FIELD_MISSING.at("repeatability"));
        let conclusion = check.parsed("conclusion", &self.conclusion, "expected-verification-conclusion", |text| {
            CONCLUSIONS.iter().copied().find(|word| *word == text)
        });
        let remark = check.optional_text("remark", &self.remark, REMARK_MOST);
        Some(VerificationFacts {
            method,
            performed_on: performed_on?,
            performed_by,
            figures,
            conclusion: conclusion?,
            remark,
            sha256: file.sha256.to_owned(),
            byte_count: file.byte_count,
            content_type: file.content_type,
            file_name: file.name.to_owned(),
        })
    }
}

/// The file that a verification rests on, as it lies in the store.
pub(super) struct RecordFile<'a> {
    pub name: &'a str,
    pub sha256: &'a str,
    pub byte_count: usize,
    pub content_type: &'static str,
}

impl VerificationFacts {
    /// Whether a verification that is kept says exactly this, whatever its file.
    pub(super) fn is_said_by(&self, row: &VerificationRow) -> bool {
        row.method_key == self.method
            && row.performed_on == self.performed_on
            && row.performed_by == self.performed_by
            && figures_of(row) == self.figures
            && row.conclusion == self.conclusion
            && row.remark == self.remark
    }
}

/// What a verification answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = MethodVerificationKept)]
pub struct VerificationKept {
    pub id: i64,
}

/// Keeps a verification whose file lies in the store. It is never changed: a later one says what came after.
///
/// # Errors
/// A method that the catalogue does not know; `verification-to-come`.
pub fn keep(tx: &mut Tx, by: &May<ManageCatalogue>, facts: &VerificationFacts) -> Outcome<VerificationKept> {
    let catalogue = catalogue::current(tx.conn)?;
    add(tx, by, by.person, &catalogue, facts)
}

/// Keeps what a person vouches for.
pub(super) fn add(
    tx: &mut Tx,
    by: &Actor,
    person: PersonId,
    catalogue: &Catalogue,
    facts: &VerificationFacts,
) -> Outcome<VerificationKept> {
    let today = tx.now.date_in_china();
    if facts.performed_on > today {
        return Err(VERIFICATION_TO_COME.with("date", today).at("performed_on").into());
    }
    if catalogue.method(&facts.method).is_none() {
        return Err(FIELD_INVALID.at("method").with_word("expected", "expected-known-method").into());
    }
    files::name(tx, &facts.sha256, facts.byte_count, facts.content_type, &facts.file_name)?;
    let figures = &facts.figures;
    let row = NewVerification {
        method_key: &facts.method,
        performed_on: facts.performed_on,
        performed_by: &facts.performed_by,
        repeatability: &figures.repeatability,
        recovery: &figures.recovery,
        lod: &figures.lod,
        loq: &figures.loq,
        linearity: &figures.linearity,
        uncertainty: &figures.uncertainty,
        conclusion: facts.conclusion,
        remark: &facts.remark,
        file_sha256: &facts.sha256,
        person_id: person,
        at: tx.now,
    };
    let id = store::insert(tx.conn, &row)?;
    tx.log(
        by.entry("method_verification", id.0, 1, "method-verified")
            .set("method_key", facts.method.as_str())
            .set("performed_on", facts.performed_on.to_string())
            .set("performed_by", facts.performed_by.as_str())
            .set("conclusion", facts.conclusion)
            .set("file_sha256", facts.sha256.as_str()),
    );
    Ok(VerificationKept { id: id.0 })
}

/// A verification as pages and programs see it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = MethodVerificationView)]
pub struct VerificationView {
    pub id: MethodVerificationId,
    /// Key of the procedure, and how papers name it.
    pub method: String,
    pub method_text: String,
    #[schema(value_type = String, format = Date)]
    pub performed_on: NaiveDate,
    pub performed_by: String,
    #[serde(flatten)]
    pub figures: Figures,
    /// suitable, unsuitable
    pub conclusion: String,
    pub remark: String,
    /// SHA-256 of the record's file.
    pub file: String,
    pub by: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Moment,
}

/// Verifications, newest first, before an id (exclusive).
pub fn verifications(conn: &mut Conn, before: i64, limit: i64) -> Outcome<Vec<VerificationView>> {
    let rows = store::verifications(conn, before, limit)?;
    let catalogue = catalogue::current(conn)?;
    let people: Vec<PersonId> = rows.iter().map(|row| row.person_id).collect();
    let names = names_of(conn, &people)?;
    let view = |row: VerificationRow| VerificationView {
        id: row.id,
        method_text: method_text(&catalogue, &row.method_key),
        figures: figures_of(&row),
        method: row.method_key,
        performed_on: row.performed_on,
        performed_by: row.performed_by,
        conclusion: row.conclusion,
        remark: row.remark,
        file: row.file_sha256,
        by: names.get(&row.person_id).cloned().unwrap_or_default(),
        at: row.at,
    };
    Ok(rows.into_iter().map(view).collect())
}

fn figures_of(row: &VerificationRow) -> Figures {
    Figures {
        repeatability: row.repeatability.clone(),
        recovery: row.recovery.clone(),
        lod: row.lod.clone(),
        loq: row.loq.clone(),
        linearity: row.linearity.clone(),
        uncertainty: row.uncertainty.clone(),
    }
}

fn method_text(catalogue: &Catalogue, key: &str) -> String {
    catalogue.method(key).map_or_else(|| key.to_owned(), |row| row.text())
}

/// The file of a verification.
pub fn file_of(conn: &mut Conn, id: MethodVerificationId) -> Outcome<StoredFile> {
    let sha256 = store::file_of(conn, id)?.ok_or(NOT_FOUND)?;
    files::row(conn, &sha256)?.ok_or_else(|| NOT_FOUND.into())
}

/// What the gate finds of a procedure on a day: the newest verification by then says that the laboratory masters it.
pub fn found(conn: &mut Conn, catalogue: &Catalogue, method: &str, on: NaiveDate) -> Outcome<Option<Finding>> {
    let is_verified = store::conclusion_of(conn, method, on)?.is_some_and(|conclusion| conclusion == SUITABLE);
    let finding = || {
        let reason = METHOD_UNVERIFIED.with("method", catalogue.method_name(method));
        Finding { gate: Gate::Verification, on, reason }
    };
    Ok((!is_verified).then(finding))
}
