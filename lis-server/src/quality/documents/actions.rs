//! The register of controlled documents: an edition is brought with its file, somebody else approves it, and from its first day
//! on it stands before the one in force until then.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::store::{self, Decided, DocumentRow, NewDocument};
use super::{DOCUMENT_DATES, DOCUMENT_DECIDED, DOCUMENT_EDITION_NAMED, DOCUMENT_NO_PDF, DOCUMENT_OWN};
use crate::accounts::actions::names_of;
use crate::accounts::role::KeepDocuments;
use crate::accounts::{Actor, May};
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::ids::{ControlledDocumentId, PersonId};
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_MISSING, NOT_FOUND, Outcome, Refusal, STALE_VERSION};
use crate::files;

/// What a document is.
pub const KINDS: &[&str] = &["sop", "manual", "form", "contract"];

// States of an edition.
pub(super) const BROUGHT: &str = "brought";
const APPROVED: &str = "approved";
pub(super) const REFUSED: &str = "refused";

pub(super) const PDF: &str = "application/pdf";
const PDF_BEGINS: &[u8] = b"%PDF-";

/// Longest texts, in characters.
const NUMBER_MOST: usize = 40;
const EDITION_MOST: usize = 20;
const TITLE_MOST: usize = 100;
const REASON_MOST: usize = 500;

/// An edition as a form or a program describes it, beside its file.
#[derive(Clone, Debug, Default)]
pub struct DocumentInput {
    pub number: String,
    pub edition: String,
    pub title_zh: String,
    pub title_en: String,
    /// sop, manual, form, contract
    pub kind: String,
    pub valid_from: String,
    pub valid_until: String,
}

/// The same, checked, with its file.
#[derive(Clone, Debug)]
pub struct DocumentFacts {
    number: String,
    edition: String,
    title_zh: String,
    title_en: String,
    kind: &'static str,
    valid_from: NaiveDate,
    valid_until: Option<NaiveDate>,
    sha256: String,
    byte_count: usize,
    file_name: String,
}

impl DocumentInput {
    /// The edition with its file, by its name and SHA-256.
    ///
    /// # Errors
    /// Every field that is wrong, by name; a file that is no PDF.
    pub fn checked(&self, file_name: &str, sha256: &str, bytes: &[u8]) -> Result<DocumentFacts, Refusal> {
        let mut check = Checker::new();
        let number = check.text("number", &self.number, NUMBER_MOST);
        let edition = check.text("edition", &self.edition, EDITION_MOST);
        let title_zh = check.text("title_zh", &self.title_zh, TITLE_MOST);
        let title_en = check.optional_text("title_en", &self.title_en, TITLE_MOST);
        let kind = check.parsed("kind", &self.kind, "expected-document-kind", |text| {
            KINDS.iter().copied().find(|kind| *kind == text)
        });
        let valid_from = check.date("valid_from", &self.valid_from);
        let valid_until = check.optional_date("valid_until", &self.valid_until);
        if let (Some(first), Some(last)) = (valid_from, valid_until) {
            check.add_if(last < first, || DOCUMENT_DATES.at("valid_until"));
        }
        check.add_if(!bytes.starts_with(PDF_BEGINS), || DOCUMENT_NO_PDF.at("file"));
        check.done(kind.zip(valid_from).map(|(kind, valid_from)| DocumentFacts {
            number,
            edition,
            title_zh,
            title_en,
            kind,
            valid_from,
            valid_until,
            sha256: sha256.to_owned(),
            byte_count: bytes.len(),
            file_name: file_name.to_owned(),
        }))
    }
}

/// What bringing an edition or deciding on it answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DocumentSaved {
    pub id: i64,
    pub version: i64,
}

/// Brings an edition whose file lies in the store. It is in nobody's way until somebody else has approved it.
///
/// # Errors
/// `document-edition-named`: the number has this edition already.
pub fn bring(tx: &mut Tx, by: &May<KeepDocuments>, facts: &DocumentFacts) -> Outcome<DocumentSaved> {
    if store::has_edition(tx.conn, &facts.number, &facts.edition)? {
        let reason = DOCUMENT_EDITION_NAMED.with("number", &facts.number).with("edition", &facts.edition);
        return Err(reason.at("edition").into());
    }
    files::name(tx, &facts.sha256, facts.byte_count, PDF, &facts.file_name)?;
    let row = NewDocument {
        version: 1,
        number: &facts.number,
        edition: &facts.edition,
        title_zh: &facts.title_zh,
        title_en: &facts.title_en,
        kind: facts.kind,
        valid_from: facts.valid_from,
        valid_until: facts.valid_until,
        file_sha256: &facts.sha256,
        state: BROUGHT,
        brought_by: by.person,
        brought_at: tx.now,
        reason: "",
    };
    let id = store::insert(tx.conn, &row)?;
    tx.log(
        by.entry("controlled_document", id.0, 1, "controlled-document-brought")
            .set("number", facts.number.as_str())
            .set("edition", facts.edition.as_str())
            .set("title_zh", facts.title_zh.as_str())
            .set("kind", facts.kind)
            .set("valid_from", facts.valid_from.to_string())
            .set("valid_until", facts.valid_until.map(|day| day.to_string()).unwrap_or_default())
            .set("file_sha256", facts.sha256.as_str()),
    );
    Ok(DocumentSaved { id: id.0, version: 1 })
}

/// What is decided on an edition.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DocumentDecisionInput {
    /// approve, refuse
    pub decision: String,
    /// Why it is refused.
    pub reason: String,
}

impl DocumentDecisionInput {
    /// The state that follows, and why.
    ///
    /// # Errors
    /// Every field that is wrong, by name; a refusal without a reason.
    pub fn checked(&self) -> Result<(&'static str, String), Refusal> {
        let mut check = Checker::new();
        let state = check.parsed("decision", &self.decision, "expected-document-decision", |word| match word {
            "approve" => Some(APPROVED),
            "refuse" => Some(REFUSED),
            _ => None,
        });
        let reason = check.optional_text("reason", &self.reason, REASON_MOST);
        check.add_if(state == Some(REFUSED) && self.reason.trim().is_empty(), || FIELD_MISSING.at("reason"));
        check.done(state.map(|state| (state, reason)))
    }
}

/// Approves an edition or refuses it, once.
///
/// # Errors
/// `document-own`: who brought it leaves that to somebody else; `document-decided`.
pub fn decide(
    tx: &mut Tx,
    by: &May<KeepDocuments>,
    id: ControlledDocumentId,
    seen: i64,
    (state, reason): &(&'static str, String),
) -> Outcome<DocumentSaved> {
    let row = store::document(tx.conn, id)?.ok_or(NOT_FOUND)?;
    let stale = || {
        let current = serde_json::json!({"id": id, "version": row.version, "state": row.state});
        Refusal::from(STALE_VERSION.with("version", row.version)).with_current(current)
    };
    if row.version != seen {
        return Err(stale().into());
    }
    if row.state != BROUGHT {
        return Err(DOCUMENT_DECIDED.with("number", &row.number).with("edition", &row.edition).into());
    }
    if row.brought_by == by.person {
        return Err(DOCUMENT_OWN.with("number", &row.number).into());
    }
    let said = Decided { version: seen + 1, state, decided_by: by.person, decided_at: tx.now, reason };
    if !store::decide(tx.conn, id, seen, &said)? {
        return Err(stale().into());
    }
    tx.log(
        by.entry("controlled_document", id.0, seen + 1, "controlled-document-decided")
            .change("state", row.state.as_str(), *state)
            .set("reason", reason.as_str()),
    );
    Ok(DocumentSaved { id: id.0, version: seen + 1 })
}

/// Editions that wait for somebody's decision, for the page of waiting work.
pub fn count_to_decide(conn: &mut Conn, by: &Actor) -> Outcome<i64> {
    Ok(store::count_to_decide(conn, by.person)?)
}

/// An edition as pages and programs see it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ControlledDocument)]
pub struct DocumentView {
    pub id: i64,
    pub version: i64,
    pub number: String,
    pub edition: String,
    pub title_zh: String,
    pub title_en: String,
    /// sop, manual, form, contract
    pub kind: String,
    #[schema(value_type = String, format = Date)]
    pub valid_from: NaiveDate,
    #[schema(value_type = Option<String>, format = Date)]
    pub valid_until: Option<NaiveDate>,
    /// On the day of the question: brought, refused, to_come, in_force, replaced, expired
    pub standing: &'static str,
    /// SHA-256 of its file.
    pub file: String,
    pub brought_by: String,
    /// Id of that person.
    pub brought_by_id: i64,
    #[schema(value_type = String, format = DateTime)]
    pub brought_at: Moment,
    /// Who approved or refused it; empty: nobody yet.
    pub decided_by: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub decided_at: Option<Moment>,
    pub reason: String,
}

impl DocumentView {
    pub fn is_in_force(&self) -> bool {
        self.standing == IN_FORCE
    }
}

const IN_FORCE: &str = "in_force";

/// How an edition stands on a day, among all of its number: of those approved and begun the newest is in force, until its last
/// day. One that was replaced does not come back when the newer one ends.
fn standing(row: &DocumentRow, all: &[DocumentRow], on: NaiveDate) -> &'static str {
    let has_begun = |other: &DocumentRow| other.state == APPROVED && other.valid_from <= on;
    let is_newer = |other: &DocumentRow| {
        other.number == row.number && has_begun(other) && (other.valid_from, other.id.0) > (row.valid_from, row.id.0)
    };
    match row.state.as_str() {
        BROUGHT => BROUGHT,
        REFUSED => REFUSED,
        _ if !has_begun(row) => "to_come",
        _ if all.iter().any(is_newer) => "replaced",
        _ if row.valid_until.is_some_and(|last| last < on) => "expired",
        _ => IN_FORCE,
    }
}

/// Editions in order of id, as they stand on a day. Three statements.
pub fn documents(conn: &mut Conn, after: i64, limit: i64, on: NaiveDate) -> Outcome<Vec<DocumentView>> {
    let rows = store::documents(conn, after, limit)?;
    let mut numbers: Vec<String> = rows.iter().map(|row| row.number.clone()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let all = store::of_numbers(conn, &numbers)?;
    views(conn, rows, &all, on)
}

/// The register by number, the newest edition of each first. Two statements.
pub fn register(conn: &mut Conn, limit: i64, on: NaiveDate) -> Outcome<Vec<DocumentView>> {
    let rows = store::register(conn, limit)?;
    views(conn, rows.clone(), &rows, on)
}

fn views(conn: &mut Conn, rows: Vec<DocumentRow>, all: &[DocumentRow], on: NaiveDate) -> Outcome<Vec<DocumentView>> {
    let people: Vec<PersonId> = rows.iter().flat_map(|row| [Some(row.brought_by), row.decided_by]).flatten().collect();
    let names = names_of(conn, &people)?;
    Ok(rows.into_iter().map(|row| view(row, all, &names, on)).collect())
}

fn view(row: DocumentRow, all: &[DocumentRow], names: &HashMap<PersonId, String>, on: NaiveDate) -> DocumentView {
    let name = |id: PersonId| names.get(&id).cloned().unwrap_or_default();
    DocumentView {
        id: row.id.0,
        version: row.version,
        standing: standing(&row, all, on),
        number: row.number,
        edition: row.edition,
        title_zh: row.title_zh,
        title_en: row.title_en,
        kind: row.kind,
        valid_from: row.valid_from,
        valid_until: row.valid_until,
        file: row.file_sha256,
        brought_by: name(row.brought_by),
        brought_by_id: row.brought_by.0,
        brought_at: row.brought_at,
        decided_by: row.decided_by.map(name).unwrap_or_default(),
        decided_at: row.decided_at,
        reason: row.reason,
    }
}

/// The file of an edition: its SHA-256.
pub fn file_of(conn: &mut Conn, id: ControlledDocumentId) -> Outcome<String> {
    store::document(conn, id)?.map(|row| row.file_sha256).ok_or_else(|| NOT_FOUND.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn edition(id: i64, state: &str, valid_from: &str, valid_until: Option<&str>) -> DocumentRow {
        DocumentRow {
            id: ControlledDocumentId(id),
            version: 1,
            number: "SOP-017".into(),
            edition: id.to_string(),
            title_zh: "样品接收程序".into(),
            title_en: String::new(),
            kind: "sop".into(),
            valid_from: day(valid_from),
            valid_until: valid_until.map(day),
            file_sha256: String::new(),
            state: state.into(),
            brought_by: PersonId(1),
            brought_at: Moment::parse_rfc3339("2026-01-01T00:00:00Z").unwrap(),
            decided_by: None,
            decided_at: None,
            reason: String::new(),
        }
    }

    // Requirement: Q711-7
    #[test]
    fn of_the_editions_that_have_begun_the_newest_is_in_force() {
        let all = [
            edition(1, APPROVED, "2025-01-01", None),
            edition(2, APPROVED, "2026-06-01", Some("2026-12-31")),
            edition(3, REFUSED, "2026-07-01", None),
            edition(4, BROUGHT, "2026-08-01", None),
            edition(5, APPROVED, "2027-06-01", None),
        ];
        let on = |on: &str| all.iter().map(|row| standing(row, &all, day(on))).collect::<Vec<_>>();
        assert_eq!(on("2026-05-31"), ["in_force", "to_come", "refused", "brought", "to_come"]);
        assert_eq!(on("2026-12-31"), ["replaced", "in_force", "refused", "brought", "to_come"]);
        assert_eq!(on("2027-01-01"), ["replaced", "expired", "refused", "brought", "to_come"], "nothing comes back");
        assert_eq!(on("2027-06-01"), ["replaced", "replaced", "refused", "brought", "in_force"]);
        let mut other = edition(6, APPROVED, "2026-07-01", None);
        other.number = "SOP-018".into();
        assert_eq!(standing(&all[1], &[all[1].clone(), other], day("2026-12-31")), "in_force", "of another number");
    }

    #[test]
    fn an_edition_names_every_field_that_is_wrong() {
        let input = DocumentInput {
            number: " ".into(),
            edition: "第 3 版".into(),
            title_zh: "样品接收程序".into(),
            kind: "poem".into(),
            valid_from: "2026-06-01".into(),
            valid_until: "2026-05-31".into(),
            ..DocumentInput::default()
        };
        let refusal = input.checked("a.pdf", "0", b"PK").unwrap_err();
        let named: Vec<_> =
            refusal.reasons.iter().map(|one| (one.field.as_deref().unwrap(), one.problem.code)).collect();
        assert_eq!(
            named,
            [
                ("number", "field-missing"),
                ("kind", "field-invalid"),
                ("valid_until", "document-dates"),
                ("file", "document-no-pdf"),
            ]
        );
    }
}
