//! Asking the questions of a validation file, and keeping what came of it.

use serde::{Deserialize, Serialize};

use super::store::{self, NewRun, RunRow};
use super::{VALIDATION_EMPTY, VALIDATION_LINE};
use crate::accounts::Actor;
use crate::accounts::actions::names_of;
use crate::accounts::actor::Entrance;
use crate::catalogue::Catalogue;
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::hash::sha256_of;
use crate::domain::ids::{PersonId, ValidationRunId};
use crate::domain::refusal::{FIELD_INVALID, Fault, NOT_FOUND, Outcome, Refusal};
use crate::judgement::validation::{self, Difference, Unreadable};

/// A file that was asked, and what came of it.
#[derive(Clone, Debug)]
pub struct Ran {
    file_name: String,
    sha256: String,
    /// Hash of the sets in force.
    catalogue: String,
    pub questions: usize,
    /// In order of the file; a question may have several.
    pub differences: Vec<Difference>,
}

impl Ran {
    /// Questions that were answered in another way.
    pub fn differing(&self) -> usize {
        let mut lines: Vec<u64> = self.differences.iter().map(|one| one.line).collect();
        lines.dedup();
        lines.len()
    }
}

/// The program that answers.
pub const PROGRAM: &str = concat!("lis-server ", env!("CARGO_PKG_VERSION"));

/// Bad lines that a refusal names at most.
const LINES_NAMED: usize = 50;

/// Asks every question of a file, by the catalogue in force.
///
/// # Errors
/// `validation-line` for every line that is no question; `validation-empty`.
pub fn ask(catalogue: &Catalogue, file_name: &str, bytes: &[u8]) -> Result<Ran, Refusal> {
    let text = str::from_utf8(bytes).map_err(|_| FIELD_INVALID.at("file").with_word("expected", "expected-utf8"))?;
    let questions = validation::read(text).map_err(|wrong| unreadable(&wrong))?;
    if questions.is_empty() {
        return Err(VALIDATION_EMPTY.at("file").into());
    }
    Ok(Ran {
        file_name: file_name.to_owned(),
        sha256: sha256_of(bytes),
        catalogue: catalogue.fingerprint(),
        questions: questions.len(),
        differences: validation::check(&questions, catalogue),
    })
}

fn unreadable(wrong: &[Unreadable]) -> Refusal {
    let reason = |one: &Unreadable| VALIDATION_LINE.with("why", &one.why).at("line").in_row(one.line);
    Refusal { reasons: wrong.iter().take(LINES_NAMED).map(reason).collect(), current: None }
}

/// What a run answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ValidationRunKept)]
pub struct RunKept {
    pub id: ValidationRunId,
    pub questions: i64,
    /// Questions that were answered in another way.
    pub differing: i64,
    /// The same file was asked today by the same person, of the same program and catalogue: that run is meant.
    pub already: bool,
}

/// Runs of the same file that are looked through for one of today.
const RUNS_COMPARED: i64 = 50;
/// Differences that are kept with a run; the count says how many there were.
const KEPT_MOST: usize = 200;

/// Keeps a run. The same one on the same day is kept once, so that a request can be repeated.
pub fn keep(tx: &mut Tx, by: &Actor, ran: &Ran) -> Outcome<RunKept> {
    let person = (by.entrance != Entrance::System).then_some(by.person);
    let today = tx.now.date_in_china();
    let is_same = |row: &&RunRow| {
        row.person_id == person
            && row.program == PROGRAM
            && row.catalogue == ran.catalogue
            && row.at.date_in_china() == today
    };
    if let Some(row) = store::runs_of(tx.conn, &ran.sha256, RUNS_COMPARED)?.iter().find(is_same) {
        return Ok(RunKept { id: row.id, questions: row.questions, differing: row.differing, already: true });
    }
    let count = |number: usize| i64::try_from(number).map_err(Fault::broken);
    let (questions, differing) = (count(ran.questions)?, count(ran.differing())?);
    let kept: Vec<DifferenceView> = ran.differences.iter().take(KEPT_MOST).map(DifferenceView::of).collect();
    let differences = serde_json::to_string(&kept).map_err(Fault::broken)?;
    let row = NewRun {
        file_name: &ran.file_name,
        sha256: &ran.sha256,
        program: PROGRAM,
        catalogue: &ran.catalogue,
        questions,
        differing,
        differences: &differences,
        person_id: person,
        at: tx.now,
    };
    let id = store::insert(tx.conn, &row)?;
    tx.log(
        by.entry("validation_run", id.0, 1, "validation-run")
            .set("file_name", ran.file_name.as_str())
            .set("sha256", ran.sha256.as_str())
            .set("program", PROGRAM)
            .set("catalogue", ran.catalogue.as_str())
            .set("questions", questions)
            .set("differing", differing),
    );
    Ok(RunKept { id, questions, differing, already: false })
}

/// A run in lists.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ValidationRun)]
pub struct RunView {
    pub id: ValidationRunId,
    pub file_name: String,
    /// Of the file, 64 hexadecimal digits.
    pub sha256: String,
    /// Name and version of the program that answered.
    pub program: String,
    /// Hash over the sets of the catalogue that were in force.
    pub catalogue: String,
    pub questions: i64,
    /// Questions that were answered in another way.
    pub differing: i64,
    /// Who ran it; empty: somebody at the command line of the server.
    pub by: String,
    pub at: Moment,
}

/// Digits of a hash that tell runs apart in a list.
const DIGITS_SHOWN: usize = 12;

impl RunView {
    /// The beginnings of the hashes, for lists.
    pub fn sha256_start(&self) -> String {
        self.sha256.chars().take(DIGITS_SHOWN).collect()
    }

    pub fn catalogue_start(&self) -> String {
        self.catalogue.chars().take(DIGITS_SHOWN).collect()
    }
}

/// A run with what was answered in another way.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ValidationRunInFull)]
pub struct RunInFull {
    pub run: RunView,
    /// The first 200.
    pub differences: Vec<DifferenceView>,
}

#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ValidationDifference)]
pub struct DifferenceView {
    /// Of the file, from 1.
    pub line: u64,
    pub id: String,
    pub rule: String,
    pub field: String,
    pub expected: String,
    pub answered: String,
}

/// Longest text of a difference that is kept, in characters.
const TEXT_MOST: usize = 500;

impl DifferenceView {
    fn of(one: &Difference) -> Self {
        let short = |text: &str| text.chars().take(TEXT_MOST).collect::<String>();
        Self {
            line: one.line,
            id: short(&one.id),
            rule: short(&one.rule),
            field: short(&one.field),
            expected: short(&one.expected),
            answered: short(&one.answered),
        }
    }
}

/// Runs, newest first.
pub fn runs(conn: &mut Conn, before: i64, limit: i64) -> Outcome<Vec<RunView>> {
    let rows = store::runs(conn, before, limit)?;
    views(conn, rows)
}

fn views(conn: &mut Conn, rows: Vec<RunRow>) -> Outcome<Vec<RunView>> {
    let people: Vec<PersonId> = rows.iter().filter_map(|row| row.person_id).collect();
    let names = names_of(conn, &people)?;
    let view = |row: RunRow| RunView {
        by: row.person_id.and_then(|id| names.get(&id).cloned()).unwrap_or_default(),
        id: row.id,
        file_name: row.file_name,
        sha256: row.sha256,
        program: row.program,
        catalogue: row.catalogue,
        questions: row.questions,
        differing: row.differing,
        at: row.at,
    };
    Ok(rows.into_iter().map(view).collect())
}

pub fn run_in_full(conn: &mut Conn, id: ValidationRunId) -> Outcome<RunInFull> {
    let row = store::run(conn, id)?.ok_or(NOT_FOUND)?;
    let differences: Vec<DifferenceView> = serde_json::from_str(&row.differences).map_err(Fault::broken)?;
    let run = views(conn, vec![row])?.pop().ok_or(NOT_FOUND)?;
    Ok(RunInFull { run, differences })
}
