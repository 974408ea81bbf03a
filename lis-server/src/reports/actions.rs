//! What is done to reports before they leave: review, send back, authorize (compile: `compile.rs`, an item returned by
//! the reviewer: `returning.rs`); and withdraw afterwards.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::document::{self, Letterhead, Old, Signers};
use super::opinions::opinion_on;
use super::recalling::withdraw_and_tell;
use super::state::{ReportEvent, ReportState};
use super::store::gathered::{self, ItemFacts, Signer};
use super::store::{self, Fixed, ReportRow};
use super::{
    CHANGED_SINCE_REVIEW, EMPTY, NOT_CHECKED, ON_HOLD, OUTSIDE_FIELD, QC_HELD, REVIEWER_TESTED, SIGNATORY_REVIEWED,
    SIGNATORY_TESTED, VERDICT_OPEN, WRONG_STATE,
};
use crate::accounts::Actor;
use crate::accounts::role::{AuthorizeReports, May, ReviewReports};
use crate::accounts::signing::{self, Meaning};
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::ids::{ItemId, PersonId, ReportId, SampleId};
use crate::domain::input::Checker;
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome, Problem, Reason, Reasons, Refusal, STALE_VERSION};
use crate::judgement::{Verdict, conclude};
use crate::testing::actions::finalize;
use crate::web::language::Language;

pub use super::compile::{Amends, ToReport, compile, withdrawn_among};
pub use super::opinions::{OpinionInput, give_opinion};
pub use super::recalling::{Recaller, recall};
pub use super::returning::{ReturnInput, Returned, return_item};
pub use super::scoped::{Before, ReportSigningInput};
pub use super::store::concerned::{OrderedReport, OwnSample, ordered_by, samples_of, samples_served_on};
pub use super::store::{ListRow, entrusted_by, issued_among};

/// What a step of a report answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ReportSaved {
    pub id: i64,
    pub version: i64,
    pub state: String,
}

/// The row was locked by its version check a moment ago; if it is not, another write came between.
pub(super) fn require(changed: bool) -> Outcome<()> {
    if changed { Ok(()) } else { Err(STALE_VERSION.with("version", "?").into()) }
}

pub(super) fn wrong_state(report_no: &str, state: ReportState) -> Reason {
    WRONG_STATE.with("number", report_no).with_word("state", state.word())
}

pub(super) fn require_seen(report: &ReportRow, seen: i64) -> Outcome<()> {
    if report.version == seen {
        return Ok(());
    }
    let current = json!({"id": report.id, "version": report.version, "state": report.state});
    Err(Refusal::from(STALE_VERSION.with("version", report.version)).with_current(current).into())
}

/// A reason that names items, in both languages: the sentence takes the one it needs.
pub(super) fn naming<'a>(problem: Problem, items: impl Iterator<Item = &'a ItemFacts>) -> Option<Reason> {
    let items: Vec<&ItemFacts> = items.collect();
    let named = |language, separator: &str| {
        items.iter().map(|item| document::item_name(item, language)).collect::<Vec<_>>().join(separator)
    };
    (!items.is_empty()).then(|| {
        problem.with("items_zh", named(Language::Chinese, "、")).with("items_en", named(Language::English, ", "))
    })
}

/// The items without a verdict, each with what a person has to look at.
fn open_verdicts(items: &[ItemFacts]) -> Option<Reason> {
    let is_open = |item: &&ItemFacts| matches!(item.verdict, Verdict::Review | Verdict::Block | Verdict::Incomplete);
    let open: Vec<&ItemFacts> = items.iter().filter(is_open).collect();
    let said = |item: &ItemFacts, language: Language| {
        let notes = item.record["answered"]["notes"].as_array().into_iter().flatten().filter_map(|note| note.as_str());
        let notes: Vec<String> = notes.map(|note| language.text(&format!("note-{note}"))).collect();
        let name = document::item_name(item, language);
        match language {
            _ if notes.is_empty() => name,
            Language::Chinese => format!("{name}（{}）", notes.join("；")),
            Language::English => format!("{name} ({})", notes.join("; ")),
        }
    };
    let named = |language: Language, between: &str| {
        open.iter().map(|item| said(item, language)).collect::<Vec<_>>().join(between)
    };
    (!open.is_empty()).then(|| {
        let chinese = named(Language::Chinese, "、");
        VERDICT_OPEN.with("items_zh", chinese).with("items_en", named(Language::English, ", "))
    })
}

/// The items that a failed control holds; how much that weighs says the gate.
pub(super) fn held_by_controls(items: &[ItemFacts]) -> Option<Reason> {
    naming(QC_HELD, items.iter().filter(|item| !item.qc_ok))
}

/// The items outside a signatory's field, `*` for all; how much that weighs says the gate.
pub(super) fn outside_field(items: &[ItemFacts], field: &[String]) -> Option<Reason> {
    let covered = |item: &&ItemFacts| field.iter().any(|standard| standard == "*" || *standard == item.method_standard);
    naming(OUTSIDE_FIELD, items.iter().filter(|item| !covered(item)))
}

/// Why the items cannot stand in a report, whatever the gates say; the same for reviewer, signatory and issue.
pub(super) fn content_reasons(items: &[ItemFacts]) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if items.is_empty() {
        reasons.push(EMPTY.reason());
    }
    reasons.extend(naming(NOT_CHECKED, items.iter().filter(|item| !item.is_checked())));
    let mut works: Vec<&str> = items.iter().filter_map(|item| item.held_by.as_deref()).collect();
    works.sort_unstable();
    works.dedup();
    let on_hold = naming(ON_HOLD, items.iter().filter(|item| item.held_by.is_some()));
    reasons.extend(on_hold.map(|reason| reason.with("works", works.join(" "))));
    reasons
}

/// Every reason why a person cannot review a report beside those of gates.
pub fn review_reasons(report: &ReportRow, items: &[ItemFacts], person: PersonId) -> Reasons {
    let mut reasons = Reasons::new();
    let state = report.state();
    reasons.add_if(state.after(ReportEvent::Review).is_none(), || wrong_state(&report.report_no, state));
    reasons.extend(naming(REVIEWER_TESTED, items.iter().filter(|item| item.is_work_of(person))));
    reasons.extend(content_reasons(items));
    reasons
}

/// Every reason why a signatory cannot authorize a report beside those of gates. `unchanged`: the content is what the
/// reviewer signed.
pub fn authorize_reasons(report: &ReportRow, items: &[ItemFacts], person: PersonId, unchanged: bool) -> Reasons {
    let mut reasons = Reasons::new();
    let state = report.state();
    let right_state = state.after(ReportEvent::Authorize).is_some();
    reasons.add_if(!right_state, || wrong_state(&report.report_no, state));
    reasons.add_if(report.reviewer_id == Some(person), || SIGNATORY_REVIEWED.reason());
    reasons.extend(naming(SIGNATORY_TESTED, items.iter().filter(|item| item.is_work_of(person))));
    reasons.extend(open_verdicts(items));
    reasons.extend(content_reasons(items));
    reasons.add_if(right_state && !unchanged, || CHANGED_SINCE_REVIEW.reason());
    reasons
}

/// 审核: the reviewer signs what he compared with the request.
pub fn review(
    tx: &mut Tx,
    by: &May<ReviewReports>,
    before: &Before,
    (id, seen): (ReportId, i64),
    real: Moment,
) -> Outcome<ReportSaved> {
    let signer = Signer { person: by.person, real, today: tx.now.date_in_china() };
    let to_sign = gathered::to_sign(tx.conn, id, &signer)?.ok_or(NOT_FOUND)?;
    let report = &to_sign.report;
    require_seen(report, seen)?;
    let items = gathered::items_of(tx.conn, &[report.sample_id])?;
    let mut reasons = review_reasons(report, &items, by.person);
    let scoped = before.scoped(&to_sign.sample, &items);
    let found = before.of_reviewer(by, &items);
    let passage = before.passage(&to_sign.sample, &items, &scoped, found);
    before.add_to(&passage, &mut reasons);
    let grant = to_sign.grant(Meaning::Reviewed);
    reasons.add_if(grant.is_none(), || signing::missing(Meaning::Reviewed));
    reasons.none()?;
    let grant = grant.ok_or_else(|| signing::missing(Meaning::Reviewed))?;
    require(store::set_reviewed(tx.conn, id, seen, by.person, tx.now)?)?;
    let hash = document::basis_hash(report, &to_sign.sample, &items);
    signing::sign(tx, by, Meaning::Reviewed, grant, "report", &[(id.0, seen + 1, hash.clone())])?;
    let entry = by.entry("report", id.0, seen + 1, "report-reviewed");
    tx.log(entry.change("state", report.state.as_str(), ReportState::Reviewed.code()).set("signed", hash));
    before.keep(tx, by, (id, seen + 1), &passage.warnings)?;
    Ok(ReportSaved { id: id.0, version: seen + 1, state: ReportState::Reviewed.code().to_owned() })
}

/// 批准: the signatory signs the document, which is fixed with that; a job makes its file and issues it.
pub fn authorize(
    tx: &mut Tx,
    by: &May<AuthorizeReports>,
    letterhead: &Letterhead,
    before: &Before,
    (id, seen): (ReportId, i64),
    real: Moment,
) -> Outcome<ReportSaved> {
    let signer = Signer { person: by.person, real, today: tx.now.date_in_china() };
    let to_sign = gathered::to_sign(tx.conn, id, &signer)?.ok_or(NOT_FOUND)?;
    let report = &to_sign.report;
    require_seen(report, seen)?;
    let items = gathered::items_of(tx.conn, &[report.sample_id])?;
    let basis = document::basis_hash(report, &to_sign.sample, &items);
    let unchanged = to_sign.reviewed_hash.as_deref() == Some(basis.as_str());
    let mut reasons = authorize_reasons(report, &items, by.person, unchanged);
    let scoped = before.scoped(&to_sign.sample, &items);
    let found = before.of_signatory(&to_sign.field, &items);
    let passage = before.passage(&to_sign.sample, &items, &scoped, found);
    before.add_to(&passage, &mut reasons);
    let grant = to_sign.grant(Meaning::Authorized);
    reasons.add_if(grant.is_none(), || signing::missing(Meaning::Authorized));
    reasons.none()?;
    let grant = grant.ok_or_else(|| signing::missing(Meaning::Authorized))?;

    let verdicts: Vec<Verdict> = items.iter().map(|item| item.verdict).collect();
    let conclusion = document::conclusion_code(conclude(&verdicts)).ok_or(VERDICT_OPEN)?;
    let signers = Signers {
        reviewer: to_sign.reviewer.as_deref().unwrap_or_default(),
        reviewed_at: report.reviewed_at.unwrap_or(tx.now),
        signatory: &by.name,
        authorized_at: tx.now,
    };
    let old = match report.amends_id {
        Some(old) => Some((store::report(tx.conn, old)?.ok_or(NOT_FOUND)?, fixed_document(tx.conn, old)?)),
        None => None,
    };
    let old = old.as_ref().map(|(report, document)| Old { report, document });
    let language = Language::parse(&report.language).unwrap_or_default();
    let category = before.offered.category_name(&to_sign.sample.food_category, language);
    let sample = (&to_sign.sample, category.as_str());
    let opinion = opinion_on(tx.conn, report)?;
    let built = document::build(letterhead, report, sample, (&items, &scoped), &signers, old.as_ref(), opinion)?;
    let (text, hash) = document::fixed(built)?;
    let fixed = Fixed { conclusion, document: &text, signatory: by.person, at: tx.now };
    require(store::set_authorized(tx.conn, id, seen, &fixed)?)?;
    signing::sign(tx, by, Meaning::Authorized, grant, "report", &[(id.0, seen + 1, hash.clone())])?;
    let checked: Vec<(ItemId, i64)> = items.iter().map(|item| (item.id, item.version)).collect();
    finalize(tx, by, &checked)?;
    // A report that was stopped before its file was made is authorized again, and is another job then.
    let key = format!("{}:{id}:{}", super::issue::JOB, seen + 1);
    crate::jobs::queue(tx, super::issue::JOB, &key, &json!({"report": id}))?;
    let entry = by.entry("report", id.0, seen + 1, "report-authorized");
    tx.log(
        entry
            .change("state", report.state.as_str(), ReportState::Authorized.code())
            .set("conclusion", conclusion)
            .set("signed", hash)
            .set("items", items.len()),
    );
    before.keep(tx, by, (id, seen + 1), &passage.warnings)?;
    Ok(ReportSaved { id: id.0, version: seen + 1, state: ReportState::Authorized.code().to_owned() })
}

/// The document of an authorized report.
pub fn fixed_document(conn: &mut Conn, id: ReportId) -> Outcome<serde_json::Value> {
    serde_json::from_str(&store::document(conn, id)?).map_err(Fault::broken)
}

/// A reason typed by a person.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReasonInput {
    /// At most 500 characters.
    pub reason: String,
}

/// Longest reason, in characters.
pub(super) const REASON_MOST: usize = 500;

impl ReasonInput {
    pub fn checked(&self) -> Result<String, Refusal> {
        let mut check = Checker::new();
        let reason = check.text("reason", &self.reason, REASON_MOST);
        check.done(Some(reason))
    }
}

/// The signatory does not sign: the report goes back to its reviewer.
pub fn send_back(
    tx: &mut Tx,
    by: &May<AuthorizeReports>,
    id: ReportId,
    seen: i64,
    reason: &str,
) -> Outcome<ReportSaved> {
    let report = at(tx, id, seen)?;
    let next = report.state().after(ReportEvent::SendBack);
    let next = next.ok_or_else(|| wrong_state(&report.report_no, report.state()))?;
    require(store::set_compiling(tx.conn, id, seen)?)?;
    let entry = by.entry("report", id.0, seen + 1, "report-sent-back");
    tx.log(entry.change("state", report.state, next.code()).set("reason", reason));
    Ok(ReportSaved { id: id.0, version: seen + 1, state: next.code().to_owned() })
}

/// An issued report that should not be relied on, and that no other replaces. Who got it is told.
pub fn withdraw(
    tx: &mut Tx,
    by: &May<AuthorizeReports>,
    recaller: &Recaller,
    (id, seen): (ReportId, i64),
    reason: &str,
) -> Outcome<ReportSaved> {
    let report = at(tx, id, seen)?;
    withdraw_and_tell(tx, by, recaller, &report, reason)?;
    Ok(ReportSaved { id: id.0, version: seen + 1, state: ReportState::Withdrawn.code().to_owned() })
}

fn at(tx: &mut Tx, id: ReportId, seen: i64) -> Outcome<ReportRow> {
    let report = store::report(tx.conn, id)?.ok_or(NOT_FOUND)?;
    require_seen(&report, seen)?;
    Ok(report)
}

/// A report, for other rooms.
pub fn facts(conn: &mut Conn, id: ReportId) -> Outcome<ReportRow> {
    Ok(store::report(conn, id)?.ok_or(NOT_FOUND)?)
}

/// The reports of samples, oldest first.
pub fn of_samples(conn: &mut Conn, ids: &[SampleId]) -> Outcome<Vec<ReportRow>> {
    Ok(store::of_samples(conn, ids)?)
}

/// Issued reports of samples that nothing has replaced yet, oldest first.
pub fn issued_of(conn: &mut Conn, ids: &[SampleId]) -> Outcome<Vec<(SampleId, ReportId)>> {
    let rows = store::of_samples(conn, ids)?;
    let issued = rows.into_iter().filter(|row| row.state() == ReportState::Issued);
    Ok(issued.map(|row| (row.sample_id, row.id)).collect())
}

/// Reports that wait for somebody's review, for the page of waiting work.
pub fn count_to_review(conn: &mut Conn, by: &Actor) -> Outcome<i64> {
    Ok(store::count_for(conn, ReportState::Compiling, by.person)?)
}

/// Reports that wait for somebody's signature.
pub fn count_to_authorize(conn: &mut Conn, by: &Actor) -> Outcome<i64> {
    Ok(store::count_for(conn, ReportState::Reviewed, by.person)?)
}

/// A report counts as new to the enterprise for so long, in days: longer than a holiday.
const NEW_DAYS: i64 = 30;

/// Reports of the last days on an enterprise's own samples.
pub fn count_new_to_client(conn: &mut Conn, by: &Actor, now: Moment) -> Outcome<i64> {
    match by.enterprise {
        Some(client) => Ok(store::count_issued_since(conn, client, now.plus(-TimeDelta::days(NEW_DAYS)))?),
        None => Ok(0),
    }
}
