//! Reading and changing gates, and keeping what somebody went past.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::state::{Gate, Mode, Setting, Settings};
use super::store::{self, NewConfirmation, NewSetting, SettingRow};
use super::{GATE_BACKDATED, Kept};
use crate::accounts::actions::names_of;
use crate::accounts::role::ManageCatalogue;
use crate::accounts::signing::{self, Meaning};
use crate::accounts::{Actor, May};
use crate::audit::canonical::canonical;
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::hash::sha256_of;
use crate::domain::ids::{PersonId, WorksheetId};
use crate::domain::input::Checker;
use crate::domain::refusal::{Fault, Outcome, Reason, Reasons, Refusal};
use crate::web::language::Language;

/// Longest reason, in characters.
const REASON_MOST: usize = 500;

/// How strict every gate is and was; one statement.
pub fn settings(conn: &mut Conn) -> Outcome<Settings> {
    store::settings(conn)?.iter().map(setting).collect::<Outcome<Vec<Setting>>>().map(Settings::new)
}

fn setting(row: &SettingRow) -> Outcome<Setting> {
    let (gate, mode) = (Gate::parse(&row.gate), Mode::parse(&row.mode));
    match (gate, mode) {
        (Some(gate), Some(mode)) => Ok(Setting { gate, mode, valid_from: row.valid_from }),
        _ => Err(Fault::broken(format!("gate {} set to {}", row.gate, row.mode))),
    }
}

/// A change of a gate as a form or a program describes it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GateInput {
    /// competence, review, signatory, edition, controls, equipment, calibration, standards, supplies, environment, scope,
    /// proficiency, declaration, verification
    pub gate: String,
    /// off, warn, block
    pub mode: String,
    /// First day on which it holds: today or later.
    pub valid_from: String,
    pub reason: String,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct GateFacts {
    gate: Gate,
    mode: Mode,
    valid_from: NaiveDate,
    reason: String,
}

impl GateInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<GateFacts, Refusal> {
        let mut check = Checker::new();
        let gate = check.parsed("gate", &self.gate, "expected-gate", Gate::parse);
        let mode = check.parsed("mode", &self.mode, "expected-gate-mode", Mode::parse);
        let valid_from = check.date("valid_from", &self.valid_from);
        let reason = check.text("reason", &self.reason, REASON_MOST);
        let facts = (|| Some(GateFacts { gate: gate?, mode: mode?, valid_from: valid_from?, reason }))();
        check.done(facts)
    }
}

/// What a change of a gate answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct GateSet {
    pub id: i64,
}

/// Sets a gate from a day on, signed under an open grant.
///
/// # Errors
/// `gate-backdated`: what was done is not judged again by another rule. `signing-grant-missing`: what lets work pass is
/// signed.
pub fn set_gate(tx: &mut Tx, by: &May<ManageCatalogue>, facts: &GateFacts, real: Moment) -> Outcome<GateSet> {
    let today = tx.now.date_in_china();
    let grant = signing::open_grant_of(tx.conn, by, Meaning::Set, real)?;
    let mut reasons = Reasons::new();
    reasons.add_if(facts.valid_from < today, || GATE_BACKDATED.with("date", today).at("valid_from"));
    reasons.add_if(grant.is_none(), || signing::missing(Meaning::Set));
    reasons.none()?;
    let grant = grant.ok_or_else(|| signing::missing(Meaning::Set))?;
    let before = settings(tx.conn)?.mode(facts.gate, facts.valid_from);
    let row = NewSetting {
        gate: facts.gate.code(),
        mode: facts.mode.code(),
        valid_from: facts.valid_from,
        reason: &facts.reason,
        person_id: by.person,
        at: tx.now,
    };
    let id = store::insert_setting(tx.conn, &row)?;
    let hash = facts.hash();
    signing::sign(tx, by, Meaning::Set, grant, SETTING, &[(id, 1, hash.clone())])?;
    tx.log(
        by.entry(SETTING, id, 1, "gate-set")
            .set("gate", facts.gate.code())
            .change("mode", before.code(), facts.mode.code())
            .set("valid_from", facts.valid_from.to_string())
            .set("reason", facts.reason.as_str())
            .set("signed", hash),
    );
    Ok(GateSet { id })
}

/// What is signed, and what the log names.
const SETTING: &str = "gate_setting";

impl GateFacts {
    /// SHA-256 of what the signer saw.
    fn hash(&self) -> String {
        let seen = serde_json::json!({
            "gate": self.gate.code(),
            "mode": self.mode.code(),
            "valid_from": self.valid_from.to_string(),
            "reason": self.reason,
        });
        sha256_of(canonical(&seen).as_bytes())
    }
}

/// A gate as pages and programs see it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct GateView {
    pub gate: String,
    /// How strict it is on the day of the question.
    pub mode: String,
    /// Every change, newest first; without one the gate is as at first.
    pub changes: Vec<GateChangeView>,
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct GateChangeView {
    pub mode: String,
    #[schema(value_type = String, format = Date)]
    pub valid_from: NaiveDate,
    pub reason: String,
    pub by: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Moment,
    /// Whether it bears a signature; what was set before the signing password was asked for does not.
    pub signed: bool,
}

/// Every gate on a day, with its changes.
pub fn gates(conn: &mut Conn, on: NaiveDate) -> Outcome<Vec<GateView>> {
    let rows = store::settings(conn)?;
    let settings = Settings::new(rows.iter().map(setting).collect::<Outcome<Vec<Setting>>>()?);
    let people: Vec<PersonId> = rows.iter().map(|row| row.person_id).collect();
    let names = names_of(conn, &people)?;
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let signed = signing::signed_among(conn, SETTING, &ids)?;
    let change = |row: &SettingRow| GateChangeView {
        signed: signed.contains(&row.id),
        mode: row.mode.clone(),
        valid_from: row.valid_from,
        reason: row.reason.clone(),
        by: names.get(&row.person_id).cloned().unwrap_or_default(),
        at: row.at,
    };
    let view = |gate: &Gate| GateView {
        gate: gate.code().to_owned(),
        mode: settings.mode(*gate, on).code().to_owned(),
        changes: rows.iter().rev().filter(|row| row.gate == gate.code()).map(change).collect(),
    };
    Ok(Gate::ALL.iter().map(view).collect())
}

/// A warning as it was said.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct WarningSaid {
    pub code: String,
    pub zh: String,
    pub en: String,
}

/// Warnings that somebody went past, and why.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct ConfirmationView {
    pub warnings: Vec<WarningSaid>,
    pub reason: String,
    pub by: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Moment,
}

/// Keeps the warnings of a submission with the submitter's reason, under the version that the submission makes.
pub fn keep_confirmation(
    tx: &mut Tx,
    by: &Actor,
    worksheet: WorksheetId,
    version_no: i64,
    warnings: &[Reason],
    reason: &str,
) -> Outcome<()> {
    let (text, codes) = as_kept(warnings)?;
    let row = NewConfirmation {
        worksheet_id: worksheet,
        version_no,
        warnings: &text,
        reason,
        person_id: by.person,
        at: tx.now,
    };
    store::insert_confirmation(tx.conn, &row)?;
    tx.log(
        by.entry("worksheet", worksheet.0, version_no, "warnings-confirmed")
            .set("warnings", codes)
            .set("reason", reason),
    );
    Ok(())
}

/// Warnings as they were said, in both languages, and their codes for the log.
pub fn as_kept(warnings: &[Reason]) -> Outcome<(String, String)> {
    let said: Vec<WarningSaid> = warnings
        .iter()
        .map(|warning| WarningSaid {
            code: warning.problem.code.to_owned(),
            zh: Language::Chinese.sentence(warning),
            en: Language::English.sentence(warning),
        })
        .collect();
    let text = serde_json::to_string(&said).map_err(Fault::broken)?;
    let codes: Vec<String> = said.into_iter().map(|warning| warning.code).collect();
    Ok((text, codes.join(" ")))
}

/// What was confirmed when a sheet was submitted.
pub fn confirmations(conn: &mut Conn, of: WorksheetId) -> Outcome<Vec<ConfirmationView>> {
    let kept = store::confirmations(conn, of)?;
    shown(conn, kept)
}

/// Confirmations as pages and programs see them; no statement where there are none.
pub fn shown(conn: &mut Conn, kept: Vec<Kept>) -> Outcome<Vec<ConfirmationView>> {
    if kept.is_empty() {
        return Ok(Vec::new());
    }
    let people: Vec<PersonId> = kept.iter().map(|(_, _, person, _)| *person).collect();
    let names = names_of(conn, &people)?;
    let view = |(warnings, reason, person, at): Kept| -> Outcome<ConfirmationView> {
        Ok(ConfirmationView {
            warnings: serde_json::from_str(&warnings).map_err(Fault::broken)?,
            reason,
            by: names.get(&person).cloned().unwrap_or_default(),
            at,
        })
    };
    kept.into_iter().map(view).collect()
}
