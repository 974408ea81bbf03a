//! The validation of the program as it stands: its version, its tables, the sets of the catalogue in force and the profiles of
//! the instruments in use, on a run of the laboratory's own file. The technical manager signs it (ISO/IEC 17025 7.11.2,
//! `quality.md` Q711-2); with the first change of any of it the program is not validated until it is signed again.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::actions::{PROGRAM, RunView, run_in_full};
use super::store::{self, NewSigned, SignedRow};
use super::{VALIDATION_CHANGED, VALIDATION_DIFFERS, VALIDATION_PROFILES, VALIDATION_RUN_OTHER};
use crate::accounts::actions::names_of;
use crate::accounts::role::ManageCatalogue;
use crate::accounts::signing::{self, Meaning};
use crate::accounts::{Actor, May};
use crate::app::Lis;
use crate::audit::canonical::canonical;
use crate::catalogue::actions::current;
use crate::db::{Conn, Tx, migrate};
use crate::domain::clock::Moment;
use crate::domain::hash::sha256_of;
use crate::domain::ids::{PersonId, ProgramValidationId, ValidationRunId};
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_INVALID, FIELD_MISSING, Fault, NOT_FOUND, Outcome, Reasons, Refusal};
use crate::instruments::profiles::in_use::{self, DIFFERS, InUse};
use crate::web::language::Language;

/// A set as pages and papers call it. What is signed keeps its code: `limits limits.csv`.
pub fn set_in_words(language: Language, set: &str) -> String {
    let (kind, name) = set.split_once(' ').unwrap_or((set, ""));
    let key = format!("catalogue-{}", kind.replace('_', "-"));
    if language.knows(&key) { format!("{} {name}", language.text(&key)) } else { set.to_owned() }
}

/// What there is to validate now, and whether it was.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ProgramStanding)]
pub struct Standing {
    /// Name and version of the program.
    pub program: String,
    /// Number of the newest migration of its tables.
    pub tables: String,
    /// Hash over the sets of the catalogue in force.
    pub catalogue: String,
    /// Kind and name of every set in force.
    pub sets: Vec<String>,
    pub profiles: Vec<InUse>,
    /// SHA-256 over all of this. Who signs sends it back.
    pub seen: String,
    /// The newest run of this program and this catalogue in which every answer was as expected; none: there is none yet.
    pub run: Option<ValidationRunId>,
    /// Whether the newest signed validation is of exactly this.
    pub validated: bool,
    /// What changed since the newest signed validation: `program`, `tables`, `catalogue`, `profiles`.
    pub changed: Vec<String>,
}

/// How the program stands. Reads the disk.
pub fn standing(lis: &Lis) -> Outcome<Standing> {
    let profiles = in_use::in_use(lis)?;
    lis.db.read_now(move |conn| standing_with(conn, profiles))
}

fn standing_with(conn: &mut Conn, profiles: Vec<InUse>) -> Outcome<Standing> {
    let (tables, in_force) = (migrate::newest(conn)?, current(conn)?);
    let catalogue = in_force.fingerprint();
    let mut sets: Vec<String> = in_force.sets.iter().map(|set| format!("{} {}", set.kind, set.name)).collect();
    sets.sort_unstable();
    let seen = json!({
        "program": PROGRAM, "tables": tables, "catalogue": catalogue, "sets": sets, "profiles": profiles,
    });
    let seen = sha256_of(canonical(&seen).as_bytes());
    let newest = store::all_signed(conn, i64::MAX, 1)?.pop();
    let run = store::agreeing_run(conn, PROGRAM, &catalogue)?.map(|run| run.id);
    let validated = newest.as_ref().is_some_and(|row| row.seen == seen);
    let mut standing = Standing {
        program: PROGRAM.to_owned(),
        tables,
        catalogue,
        sets,
        profiles,
        seen,
        run,
        validated,
        changed: Vec::new(),
    };
    if let Some(row) = newest.filter(|_| !validated) {
        standing.changed = standing.changed_since(&row)?;
    }
    Ok(standing)
}

impl Standing {
    fn changed_since(&self, row: &SignedRow) -> Outcome<Vec<String>> {
        let profiles: Vec<InUse> = serde_json::from_str(&row.profiles).map_err(Fault::broken)?;
        let parts = [
            ("program", row.program != self.program),
            ("tables", row.tables_at != self.tables),
            ("catalogue", row.catalogue != self.catalogue),
            ("profiles", profiles != self.profiles),
        ];
        Ok(parts.into_iter().filter(|(_, changed)| *changed).map(|(part, _)| part.to_owned()).collect())
    }

    /// Profiles whose example reads differently from what was stored.
    fn differing(&self) -> Vec<&str> {
        let differs = |one: &&InUse| one.regression == DIFFERS;
        self.profiles.iter().filter(differs).map(|one| one.reference.as_str()).collect()
    }

    /// Whether all of it is so still, as far as the tables say: an example is a file that never changes.
    fn holds(&self, conn: &mut Conn) -> Outcome<bool> {
        let used = in_use::used(conn)?;
        let same =
            self.profiles.len() == used.len() && self.profiles.iter().zip(&used).all(|(one, now)| one.is_of(now));
        Ok(same && migrate::newest(conn)? == self.tables && current(conn)?.fingerprint() == self.catalogue)
    }
}

/// The validation as a form or a program describes it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = ProgramValidationInput)]
pub struct SigningInput {
    /// The run of the laboratory's own file that it rests on.
    pub run: i64,
    /// What was seen: `seen` of the standing.
    pub seen: String,
    /// What was looked at beside; may be empty.
    pub remark: String,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct SigningFacts {
    run: ValidationRunId,
    seen: String,
    remark: String,
}

/// Longest remark, in characters.
const REMARK_MOST: usize = 500;
/// Digits of a SHA-256.
const HASH_DIGITS: usize = 64;

impl SigningInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<SigningFacts, Refusal> {
        let mut check = Checker::new();
        check.add_if(self.run < 1, || FIELD_INVALID.at("run").with_word("expected", "expected-validation-run"));
        let is_hash = self.seen.len() == HASH_DIGITS && self.seen.bytes().all(|byte| byte.is_ascii_hexdigit());
        check.add_if(self.seen.is_empty(), || FIELD_MISSING.at("seen"));
        check.add_if(!is_hash && !self.seen.is_empty(), || {
            FIELD_INVALID.at("seen").with_word("expected", "expected-validation-seen")
        });
        let remark = check.optional_text("remark", &self.remark, REMARK_MOST);
        check.done(Some(SigningFacts { run: ValidationRunId(self.run), seen: self.seen.clone(), remark }))
    }
}

/// What signing answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ProgramValidated)]
pub struct Validated {
    pub id: ProgramValidationId,
}

/// What is signed, and what the log names.
const SIGNED: &str = "program_validation";

/// Signs that the program as it stands was validated, under an open grant. `standing` was read before the write.
///
/// # Errors
/// Every reason: something changed since it was seen; the run was of something else or was answered in another way; a profile
/// reads its example differently; no grant is open.
pub fn sign(
    tx: &mut Tx,
    by: &May<ManageCatalogue>,
    standing: &Standing,
    facts: &SigningFacts,
    real: Moment,
) -> Outcome<Validated> {
    let grant = signing::open_grant_of(tx.conn, by, Meaning::Validated, real)?;
    let mut reasons = Reasons::new();
    let unchanged = standing.seen == facts.seen && standing.holds(tx.conn)?;
    reasons.add_if(!unchanged, || VALIDATION_CHANGED.at("seen"));
    let run = store::run(tx.conn, facts.run)?;
    match &run {
        None => reasons.add(FIELD_INVALID.at("run").with_word("expected", "expected-validation-run")),
        Some(run) => {
            let other = run.program != standing.program || run.catalogue != standing.catalogue;
            reasons.add_if(other, || VALIDATION_RUN_OTHER.with("file", run.file_name.as_str()).at("run"));
            reasons.add_if(run.differing > 0, || VALIDATION_DIFFERS.with("count", run.differing).at("run"));
        }
    }
    let differing = standing.differing();
    reasons.add_if(!differing.is_empty(), || VALIDATION_PROFILES.with("profiles", differing.join(", ")));
    reasons.add_if(grant.is_none(), || signing::missing(Meaning::Validated));
    reasons.none()?;
    let (grant, run) = (grant.ok_or_else(|| signing::missing(Meaning::Validated))?, run.ok_or(NOT_FOUND)?);
    let profiles = serde_json::to_string(&standing.profiles).map_err(Fault::broken)?;
    let sets = serde_json::to_string(&standing.sets).map_err(Fault::broken)?;
    let row = NewSigned {
        program: &standing.program,
        tables_at: &standing.tables,
        catalogue: &standing.catalogue,
        sets: &sets,
        profiles: &profiles,
        seen: &standing.seen,
        validation_run_id: run.id,
        remark: &facts.remark,
        person_id: by.person,
        at: tx.now,
    };
    let id = store::insert_signed(tx.conn, &row)?;
    let signed = json!({
        "seen": standing.seen, "file": run.sha256, "questions": run.questions, "remark": facts.remark,
    });
    let hash = sha256_of(canonical(&signed).as_bytes());
    signing::sign(tx, by, Meaning::Validated, grant, SIGNED, &[(id.0, 1, hash.clone())])?;
    tx.log(
        by.entry(SIGNED, id.0, 1, "program-validated")
            .set("program", standing.program.as_str())
            .set("tables", standing.tables.as_str())
            .set("catalogue", standing.catalogue.as_str())
            .set("seen", standing.seen.as_str())
            .set("run", run.id.0)
            .set("remark", facts.remark.as_str())
            .set("signed", hash),
    );
    Ok(Validated { id })
}

/// A signed validation in lists.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ProgramValidation)]
pub struct SignedView {
    pub id: ProgramValidationId,
    /// Name and version of the program.
    pub program: String,
    /// Number of the newest migration of its tables.
    pub tables: String,
    /// Hash over the sets of the catalogue that were in force.
    pub catalogue: String,
    /// SHA-256 over everything that was seen.
    pub seen: String,
    pub remark: String,
    /// Who signed.
    pub by: String,
    pub at: Moment,
}

/// A signed validation with all that it names.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ProgramValidationInFull)]
pub struct SignedInFull {
    pub validation: SignedView,
    pub sets: Vec<String>,
    pub profiles: Vec<InUse>,
    pub run: RunView,
}

/// Signed validations, newest first.
pub fn all_signed(conn: &mut Conn, before: i64, limit: i64) -> Outcome<Vec<SignedView>> {
    let rows = store::all_signed(conn, before, limit)?;
    views(conn, &rows)
}

fn views(conn: &mut Conn, rows: &[SignedRow]) -> Outcome<Vec<SignedView>> {
    let people: Vec<PersonId> = rows.iter().map(|row| row.person_id).collect();
    let names = names_of(conn, &people)?;
    let view = |row: &SignedRow| SignedView {
        id: row.id,
        program: row.program.clone(),
        tables: row.tables_at.clone(),
        catalogue: row.catalogue.clone(),
        seen: row.seen.clone(),
        remark: row.remark.clone(),
        by: names.get(&row.person_id).cloned().unwrap_or_default(),
        at: row.at,
    };
    Ok(rows.iter().map(view).collect())
}

pub fn signed_in_full(conn: &mut Conn, id: ProgramValidationId) -> Outcome<SignedInFull> {
    let row = store::signed(conn, id)?.ok_or(NOT_FOUND)?;
    let run = run_in_full(conn, row.validation_run_id)?.run;
    let sets: Vec<String> = serde_json::from_str(&row.sets).map_err(Fault::broken)?;
    let profiles: Vec<InUse> = serde_json::from_str(&row.profiles).map_err(Fault::broken)?;
    let validation = views(conn, &[row])?.pop().ok_or(NOT_FOUND)?;
    Ok(SignedInFull { validation, sets, profiles, run })
}

/// 1 while nobody has signed that this version of the program was validated. One statement.
pub fn count_unvalidated(conn: &mut Conn, _: &Actor) -> Outcome<i64> {
    Ok(i64::from(store::count_signed(conn, PROGRAM)? == 0))
}
