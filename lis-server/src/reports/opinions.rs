//! Opinions and interpretations on a report (ISO/IEC 17025 7.8.7, `quality.md` Q78-5): only by who is authorized for them by
//! every method of the report, with what they rest on. They are printed as what they are. The reviewer signs them with the
//! rest: from the review on they stand.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::actions::{ReportSaved, require, require_seen, wrong_state};
use super::scoped;
use super::state::ReportState;
use super::store::gathered::{self, ItemFacts};
use super::store::{self, NewOpinion, ReportRow};
use crate::accounts::Actor;
use crate::accounts::actions::names_of;
use crate::accounts::role::{GiveOpinions, May};
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::ids::ReportId;
use crate::domain::input::Checker;
use crate::domain::refusal::{NOT_FOUND, Outcome, Reason, Reasons, Refusal};
use crate::testing::actions::{Coverage, OPINION};

/// An opinion as a form or a program gives it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OpinionInput {
    /// What the report prints, at most 2000 characters; empty: it bears none.
    pub opinion: String,
    /// What it rests on, at most 500 characters; kept, not printed.
    pub basis: String,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct OpinionFacts {
    text: String,
    basis: String,
}

/// Longest texts, in characters.
const TEXT_MOST: usize = 2000;
const BASIS_MOST: usize = 500;

impl OpinionInput {
    /// What stands on a report, for its form.
    pub fn of(report: &ReportRow) -> Self {
        Self { opinion: report.opinion.clone(), basis: report.opinion_basis.clone() }
    }

    /// # Errors
    /// Every field that is wrong, by name: an opinion without a basis is none.
    pub fn checked(&self) -> Result<OpinionFacts, Refusal> {
        let mut check = Checker::new();
        let text = check.optional_lines("opinion", &self.opinion, TEXT_MOST).replace("\r\n", "\n");
        let basis = if text.is_empty() {
            check.optional_text("basis", &self.basis, BASIS_MOST)
        } else {
            check.text("basis", &self.basis, BASIS_MOST)
        };
        check.done(Some(OpinionFacts { text, basis }))
    }
}

/// Gives an opinion on a report that waits for its review, in place of the one that stood there; an empty one takes it back.
///
/// # Errors
/// `report-wrong-state` from the review on, and for every method of the report why the person may not.
pub fn give_opinion(
    tx: &mut Tx,
    by: &May<GiveOpinions>,
    id: ReportId,
    seen: i64,
    facts: &OpinionFacts,
) -> Outcome<ReportSaved> {
    let report = store::report(tx.conn, id)?.ok_or(NOT_FOUND)?;
    require_seen(&report, seen)?;
    let items = gathered::items_of(tx.conn, &[report.sample_id])?;
    let mut reasons = Reasons::new();
    let state = report.state();
    reasons.add_if(state != ReportState::Compiling, || wrong_state(&report.report_no, state));
    reasons.extend(gaps(tx.conn, by, &items, tx.now.date_in_china())?);
    reasons.none()?;
    let given = !facts.text.is_empty();
    let opinion = NewOpinion {
        text: &facts.text,
        basis: &facts.basis,
        by: given.then_some(by.person),
        at: given.then_some(tx.now),
    };
    require(store::set_opinion(tx.conn, id, seen, &opinion)?)?;
    tx.log(
        by.entry("report", id.0, seen + 1, "report-opinion-given")
            .change("opinion", report.opinion, facts.text.as_str())
            .change("basis", report.opinion_basis, facts.basis.as_str()),
    );
    Ok(ReportSaved { id: id.0, version: seen + 1, state: state.code().to_owned() })
}

/// Why a person may give no opinion on the items, for each of their methods.
fn gaps(conn: &mut Conn, by: &Actor, items: &[ItemFacts], today: NaiveDate) -> Outcome<Vec<Reason>> {
    let coverage = Coverage::of(conn, &[by.person], OPINION, today)?;
    Ok(scoped::gaps(&coverage, by, items))
}

/// Whether a person is offered the form: on a report that waits for its review, when he is authorized.
pub(super) fn may_give(
    conn: &mut Conn,
    who: &Actor,
    report: &ReportRow,
    items: &[ItemFacts],
    today: NaiveDate,
) -> Outcome<bool> {
    if report.state() != ReportState::Compiling || May::<GiveOpinions>::check(who).is_none() {
        return Ok(false);
    }
    Ok(gaps(conn, who, items, today)?.is_empty())
}

/// An opinion as pages and programs see it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct OpinionView {
    pub text: String,
    pub basis: String,
    pub by: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Moment,
}

/// The opinion on a report; no statement where it bears none.
pub(super) fn opinion_on(conn: &mut Conn, report: &ReportRow) -> Outcome<Option<OpinionView>> {
    let (Some(by), Some(at)) = (report.opinion_by, report.opinion_at) else { return Ok(None) };
    let by = names_of(conn, &[by])?.remove(&by).unwrap_or_default();
    let (text, basis) = (report.opinion.clone(), report.opinion_basis.clone());
    Ok(Some(OpinionView { text, basis, by, at }))
}

#[cfg(test)]
mod tests {
    use super::*;

    // Requirement: Q78-5
    #[test]
    fn an_opinion_names_its_basis() {
        let input = |opinion: &str, basis: &str| OpinionInput { opinion: opinion.into(), basis: basis.into() };
        let refused = input("建议核查原粮", "").checked().unwrap_err();
        assert_eq!(refused.reasons[0].field.as_deref(), Some("basis"));
        assert_eq!(input("一\r\n二", "历年监测").checked().unwrap().text, "一\n二");
        assert!(input("", "").checked().unwrap().text.is_empty(), "none is taken back");
    }
}
