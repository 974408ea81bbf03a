//! Rounds of proficiency tests: recorded once, and the non-conforming work that an unsatisfactory one opens.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::store::{self, NewRound};
use super::{ROUND_HAS_WORK, ROUND_SATISFACTORY};
use crate::accounts::May;
use crate::accounts::actions::names_of;
use crate::accounts::role::ManageQuality;
use crate::db::{Conn, Tx};
use crate::domain::decimal::Decimal;
use crate::domain::ids::{PersonId, RoundId};
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_INVALID, NOT_FOUND, Outcome, Refusal, STALE_VERSION};
use crate::domain::text;
use crate::judgement::qc::{Proficiency, z_score};
use crate::quality::opening::{WorkOpened, open_on_proficiency};

/// A round as it is recorded.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RoundInput {
    pub provider: String,
    /// Name and number of the scheme and its round.
    pub scheme: String,
    pub analyte: String,
    pub matrix: String,
    /// Standard number of the method used, without edition.
    pub method: String,
    pub unit: String,
    /// The provider's assigned value, an exact decimal.
    pub assigned_value: String,
    /// The provider's standard deviation for proficiency assessment, above zero.
    pub sigma_pt: String,
    pub own_result: String,
    /// Day of the provider's report.
    pub reported_on: String,
    /// Id of the person who tested; empty: it is not said of one person.
    pub tester: String,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct RoundFacts {
    provider: String,
    scheme: String,
    analyte: String,
    matrix: String,
    method: String,
    unit: String,
    assigned: Decimal,
    sigma: Decimal,
    own: Decimal,
    reported_on: NaiveDate,
    tester: Option<PersonId>,
}

/// Longest name, in characters.
const NAME_MOST: usize = 200;
/// Longest number, in characters: exact arithmetic with longer ones serves nobody.
const NUMBER_MOST: usize = 30;

impl RoundInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<RoundFacts, Refusal> {
        let mut check = Checker::new();
        let provider = check.text("provider", &self.provider, NAME_MOST);
        let scheme = check.text("scheme", &self.scheme, NAME_MOST);
        let analyte = check.text("analyte", &self.analyte, NAME_MOST);
        let matrix = check.text("matrix", &self.matrix, NAME_MOST);
        let method = check.text("method", &self.method, NAME_MOST);
        let unit = check.text("unit", &self.unit, NAME_MOST);
        let mut decimal = |field: &str, given: &str| {
            check.parsed(field, given, "expected-decimal", |typed| {
                let typed = text::code(typed);
                Decimal::parse(&typed).ok().filter(|_| typed.len() <= NUMBER_MOST)
            })
        };
        let assigned = decimal("assigned_value", &self.assigned_value);
        let sigma = decimal("sigma_pt", &self.sigma_pt);
        let own = decimal("own_result", &self.own_result);
        let is_above_zero = |sigma: &Decimal| !sigma.is_zero() && !sigma.is_negative();
        check.add_if(sigma.as_ref().is_some_and(|sigma| !is_above_zero(sigma)), || {
            FIELD_INVALID.at("sigma_pt").with_word("expected", "expected-above-zero")
        });
        let reported_on = check.date("reported_on", &self.reported_on);
        let tester = check.optional("tester", &self.tester, "expected-person", |id| id.parse().ok());
        let numbers = assigned.zip(sigma).zip(own).zip(reported_on);
        check.done(numbers.map(|(((assigned, sigma), own), reported_on)| RoundFacts {
            provider,
            scheme,
            analyte,
            matrix,
            method,
            unit,
            assigned,
            sigma,
            own,
            reported_on,
            tester,
        }))
    }
}

/// A verdict as it is stored.
pub(super) fn code(proficiency: Proficiency) -> &'static str {
    match proficiency {
        Proficiency::Satisfactory => "satisfactory",
        Proficiency::Questionable => "questionable",
        Proficiency::Unsatisfactory => "unsatisfactory",
    }
}

/// What recording answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RoundSaved {
    pub id: RoundId,
    pub version: i64,
    pub z_score: String,
    /// satisfactory, questionable, unsatisfactory
    pub verdict: String,
}

/// Records a round with its score.
pub fn record(tx: &mut Tx, by: &May<ManageQuality>, facts: &RoundFacts) -> Outcome<RoundSaved> {
    if let Some(tester) = facts.tester
        && names_of(tx.conn, &[tester])?.is_empty()
    {
        return Err(FIELD_INVALID.at("tester").with_word("expected", "expected-person").into());
    }
    let score = z_score(&facts.own.to_ratio(), &facts.assigned, &facts.sigma)
        .map_err(|_| FIELD_INVALID.at("sigma_pt").with_word("expected", "expected-above-zero"))?;
    let verdict = code(score.proficiency);
    let row = NewRound {
        version: 1,
        provider: &facts.provider,
        scheme: &facts.scheme,
        analyte: &facts.analyte,
        matrix: &facts.matrix,
        method_standard: &facts.method,
        unit: &facts.unit,
        assigned_value: facts.assigned.as_str(),
        sigma_pt: facts.sigma.as_str(),
        own_result: facts.own.as_str(),
        z_score: &score.z,
        verdict,
        reported_on: facts.reported_on,
        person_id: by.person,
        at: tx.now,
        tester_id: facts.tester,
    };
    let id = store::insert(tx.conn, &row)?;
    tx.log(
        by.entry("proficiency_round", id.0, 1, "proficiency-recorded")
            .set("provider", facts.provider.as_str())
            .set("scheme", facts.scheme.as_str())
            .set("analyte", facts.analyte.as_str())
            .set("assigned_value", facts.assigned.as_str())
            .set("sigma_pt", facts.sigma.as_str())
            .set("own_result", facts.own.as_str())
            .set("z_score", score.z.as_str())
            .set("verdict", verdict)
            .set("tester", facts.tester.map(|id| id.0)),
    );
    Ok(RoundSaved { id, version: 1, z_score: score.z, verdict: verdict.to_owned() })
}

/// Opens non-conforming work on an unsatisfactory round, once.
pub fn open_work_on(tx: &mut Tx, by: &May<ManageQuality>, id: RoundId, seen: i64) -> Outcome<WorkOpened> {
    let row = store::round(tx.conn, id)?.ok_or(NOT_FOUND)?;
    if row.verdict != code(Proficiency::Unsatisfactory) {
        return Err(ROUND_SATISFACTORY.with("score", &row.z_score).into());
    }
    if row.work_id.is_some() {
        return Err(ROUND_HAS_WORK.with("scheme", &row.scheme).into());
    }
    let description = format!(
        "{} {} {} {}: {} {} (x_pt {}, σ_pt {}), z = {}",
        row.provider,
        row.scheme,
        row.method_standard,
        row.analyte,
        row.own_result,
        row.unit,
        row.assigned_value,
        row.sigma_pt,
        row.z_score
    );
    let opened = open_on_proficiency(tx, by, &row.scheme, &description)?;
    if !store::set_work(tx.conn, id, seen, opened.id)? {
        return Err(STALE_VERSION.with("version", row.version).into());
    }
    tx.log(by.entry("proficiency_round", id.0, seen + 1, "proficiency-work-opened").set("work", opened.id.0));
    Ok(opened)
}

/// A round as it is shown.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct RoundView {
    pub id: i64,
    pub version: i64,
    pub provider: String,
    pub scheme: String,
    pub analyte: String,
    pub matrix: String,
    pub method: String,
    pub unit: String,
    pub assigned_value: String,
    pub sigma_pt: String,
    pub own_result: String,
    /// Exact, or 12 significant digits.
    pub z_score: String,
    /// satisfactory, questionable, unsatisfactory
    pub verdict: String,
    #[schema(value_type = String, format = Date)]
    pub reported_on: NaiveDate,
    /// The non-conforming work that was opened on it.
    pub work_id: Option<i64>,
    pub work_no: String,
    pub recorded_by: String,
    pub tester_id: Option<i64>,
    /// Empty: it is not said of one person.
    pub tester: String,
}

impl RoundView {
    /// Whether non-conforming work is still to be opened on it.
    pub fn needs_work(&self) -> bool {
        self.verdict == code(Proficiency::Unsatisfactory) && self.work_id.is_none()
    }
}

/// Rounds, newest first, of one person or of all. Two statements.
pub fn rounds(conn: &mut Conn, of: Option<PersonId>, before: i64, limit: i64) -> Outcome<Vec<RoundView>> {
    let lines = store::rounds(conn, of, before, limit)?;
    let people: Vec<PersonId> =
        lines.iter().flat_map(|(row, _)| [Some(row.person_id), row.tester_id]).flatten().collect();
    let names = names_of(conn, &people)?;
    let view = |(row, work_no): store::Line| RoundView {
        id: row.id.0,
        version: row.version,
        recorded_by: names.get(&row.person_id).cloned().unwrap_or_default(),
        tester: row.tester_id.and_then(|id| names.get(&id).cloned()).unwrap_or_default(),
        tester_id: row.tester_id.map(|id| id.0),
        provider: row.provider,
        scheme: row.scheme,
        analyte: row.analyte,
        matrix: row.matrix,
        method: row.method_standard,
        unit: row.unit,
        assigned_value: row.assigned_value,
        sigma_pt: row.sigma_pt,
        own_result: row.own_result,
        z_score: row.z_score,
        verdict: row.verdict,
        reported_on: row.reported_on,
        work_id: row.work_id.map(|id| id.0),
        work_no: work_no.unwrap_or_default(),
    };
    Ok(lines.into_iter().map(view).collect())
}
