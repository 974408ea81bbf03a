//! What is done to reports before they leave: compile, review, send back, authorize; and withdraw afterwards.

use chrono::{Datelike, TimeDelta};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::document::{self, Letterhead, Old, Signers};
use super::state::{ReportEvent, ReportState};
use super::store::gathered::{self, ItemFacts};
use super::store::{self, Fixed, NewReport, ReportRow};
use super::{
    CHANGED_SINCE_REVIEW, EMPTY, NO_NUMBER, NOT_CHECKED, NOT_THE_NEWEST, OUTSIDE_FIELD, QC_HELD, REPORT_EXISTS,
    REVIEWER_TESTED, SIGNATORY_REVIEWED, SIGNATORY_TESTED, VERDICT_OPEN, WRONG_STATE, number,
};
use crate::accounts::role::{AuthorizeReports, May, ReviewReports};
use crate::accounts::signing::{self, Meaning};
use crate::accounts::{Actor, GRANT_MISSING};
use crate::db::{Conn, Tx, series};
use crate::domain::clock::Moment;
use crate::domain::ids::{ItemId, PersonId, ReportId, SampleId};
use crate::domain::input::Checker;
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome, Problem, Reason, Reasons, Refusal, STALE_VERSION};
use crate::judgement::{Verdict, conclude};
use crate::samples::actions as samples;
use crate::testing::actions::finalize;
use crate::web::language::Language;

pub use super::store::gathered::{OwnSample, samples_of, samples_served_on};
pub use super::store::{ListRow, entrusted_by, issued_among};

/// The issued report that a new one replaces, and why.
#[derive(Clone, Debug)]
pub struct Amends {
    pub report: ReportId,
    pub reason: String,
}

/// What a step of a report answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ReportSaved {
    pub id: i64,
    pub version: i64,
    pub state: String,
}

/// Makes the report of a sample whose items are all checked. Asked again while that report is not authorized, it is the
/// same report; a reviewed one goes back to its reviewer, because the results have changed under it.
///
/// # Errors
/// `report-wrong-state` while the file of the newest report is being made; `report-exists` for a sample with an issued
/// report that nothing amends; `report-not-the-newest` when another report than the newest is amended.
pub fn compile(tx: &mut Tx, by: &Actor, sample: SampleId, amends: Option<Amends>) -> Outcome<ReportId> {
    let found = store::to_compile(tx.conn, sample)?.ok_or(NOT_FOUND)?;
    let mut old = None;
    if let Some((id, version, state, report_no)) = found.newest {
        match (ReportState::parse(&state), &amends) {
            (Some(ReportState::Compiling), _) => return Ok(id),
            (Some(ReportState::Reviewed), _) => {
                require(store::set_compiling(tx.conn, id, version)?)?;
                let entry = by.entry("report", id.0, version + 1, "report-sent-back");
                tx.log(entry.change("state", state, ReportState::Compiling.code()));
                return Ok(id);
            }
            (Some(ReportState::Issued | ReportState::Amended), Some(amends)) if amends.report == id => {
                old = Some((id, version, state, report_no));
            }
            (Some(ReportState::Issued | ReportState::Amended), Some(_)) => {
                return Err(NOT_THE_NEWEST.with("number", report_no).into());
            }
            (Some(ReportState::Issued | ReportState::Amended), None) => {
                return Err(REPORT_EXISTS.with("number", report_no).into());
            }
            (Some(ReportState::Withdrawn), _) => {}
            (Some(state @ (ReportState::Authorized | ReportState::Replaced)), _) => {
                return Err(wrong_state(&report_no, state).into());
            }
            (None, _) => return Err(Fault::broken(format!("report {id} is in the unknown state {state}"))),
        }
    }
    let report_no = match &old {
        Some((.., old_no)) => number::replacement(old_no),
        None => next_number(tx, found.sample_no.as_deref(), &found.sample_type)?,
    };
    let code = verification_code();
    let language = found.language.as_deref().and_then(Language::parse).unwrap_or_default();
    let reason = amends.as_ref().map_or("", |amends| amends.reason.as_str());
    let id = store::insert(
        tx.conn,
        &NewReport {
            version: 1,
            report_no: &report_no,
            sample_id: sample,
            state: ReportState::Compiling.code(),
            amends_id: old.as_ref().map(|(id, ..)| *id),
            amendment_reason: reason,
            language: language.code(),
            conclusion: "",
            document: "",
            verification_code: &code,
            created_at: tx.now,
        },
    )?;
    tx.log(by.entry("report", id.0, 1, "report-compiled").set("report_no", report_no).set("sample", sample.0));
    if let Some((old, version, state, _)) = old
        && let Some(next) = ReportState::parse(&state).and_then(|state| state.after(ReportEvent::OpenAmendment))
    {
        require(store::set_state(tx.conn, old, version, next)?)?;
        let entry = by.entry("report", old.0, version + 1, "report-amendment-opened");
        tx.log(entry.change("state", state, next.code()).set("reason", reason).set("by_report", id.0));
    }
    Ok(id)
}

fn next_number(tx: &mut Tx, sample_no: Option<&str>, sample_type: &str) -> Outcome<String> {
    let laboratory = sample_no.and_then(number::laboratory_of);
    let (Some(laboratory), Some(letter)) = (laboratory, number::letter_of(sample_type)) else {
        return Err(NO_NUMBER.with("sample", sample_no.unwrap_or("/")).with("type", sample_type).into());
    };
    let series = number::series(laboratory, tx.now.date_in_china().year(), letter);
    let serial = series::take(tx, &format!("report:{series}"), 1)?;
    Ok(number::number(&series, serial))
}

/// Characters that nobody mistakes for another on paper: no 0 O 1 I L U.
const CODE_ALPHABET: &[u8] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Three groups of four: 58 random bits, too many to be guessed one by one.
fn verification_code() -> String {
    let group = || -> String {
        (0..4).map(|_| char::from(CODE_ALPHABET[rand::random_range(0..CODE_ALPHABET.len())])).collect()
    };
    [group(), group(), group()].join("-")
}

/// The row was locked by its version check a moment ago; if it is not, another write came between.
fn require(changed: bool) -> Outcome<()> {
    if changed { Ok(()) } else { Err(STALE_VERSION.with("version", "?").into()) }
}

fn wrong_state(report_no: &str, state: ReportState) -> Reason {
    WRONG_STATE.with("number", report_no).with_word("state", state.word())
}

fn require_seen(report: &ReportRow, seen: i64) -> Outcome<()> {
    if report.version == seen {
        return Ok(());
    }
    let current = json!({"id": report.id, "version": report.version, "state": report.state});
    Err(Refusal::from(STALE_VERSION.with("version", report.version)).with_current(current).into())
}

/// A reason that names items, in both languages: the sentence takes the one it needs.
fn naming<'a>(problem: Problem, items: impl Iterator<Item = &'a ItemFacts>) -> Option<Reason> {
    let items: Vec<&ItemFacts> = items.collect();
    let named = |language, separator: &str| {
        items.iter().map(|item| document::item_name(item, language)).collect::<Vec<_>>().join(separator)
    };
    (!items.is_empty()).then(|| {
        problem.with("items_zh", named(Language::Chinese, "、")).with("items_en", named(Language::English, ", "))
    })
}

/// Why the items cannot stand in a report; the same for reviewer and signatory.
fn content_reasons(items: &[ItemFacts]) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if items.is_empty() {
        reasons.push(EMPTY.reason());
    }
    reasons.extend(naming(NOT_CHECKED, items.iter().filter(|item| !item.is_checked())));
    reasons.extend(naming(QC_HELD, items.iter().filter(|item| !item.qc_ok)));
    reasons
}

/// Every reason why a person cannot review a report.
pub fn review_reasons(report: &ReportRow, items: &[ItemFacts], person: PersonId) -> Reasons {
    let mut reasons = Reasons::new();
    let state = report.state();
    reasons.add_if(state.after(ReportEvent::Review).is_none(), || wrong_state(&report.report_no, state));
    reasons.extend(naming(REVIEWER_TESTED, items.iter().filter(|item| item.tester_id == Some(person))));
    reasons.extend(content_reasons(items));
    reasons
}

/// Every reason why a signatory cannot authorize a report. `field`: standards that he may authorize today, `*` for all;
/// `unchanged`: the content is what the reviewer signed.
pub fn authorize_reasons(
    report: &ReportRow,
    items: &[ItemFacts],
    person: PersonId,
    field: &[String],
    unchanged: bool,
) -> Reasons {
    let mut reasons = Reasons::new();
    let state = report.state();
    let right_state = state.after(ReportEvent::Authorize).is_some();
    reasons.add_if(!right_state, || wrong_state(&report.report_no, state));
    reasons.add_if(report.reviewer_id == Some(person), || SIGNATORY_REVIEWED.reason());
    reasons.extend(naming(SIGNATORY_TESTED, items.iter().filter(|item| item.tester_id == Some(person))));
    let covered =
        |item: &&ItemFacts| !field.iter().any(|standard| standard == "*" || *standard == item.method_standard);
    reasons.extend(naming(OUTSIDE_FIELD, items.iter().filter(covered)));
    let open = |item: &&ItemFacts| matches!(item.verdict, Verdict::Review | Verdict::Block | Verdict::Incomplete);
    reasons.extend(naming(VERDICT_OPEN, items.iter().filter(open)));
    reasons.extend(content_reasons(items));
    reasons.add_if(right_state && !unchanged, || CHANGED_SINCE_REVIEW.reason());
    reasons
}

fn grant_missing(meaning: Meaning) -> Reason {
    GRANT_MISSING.reason().with_word("meaning", meaning.word())
}

/// 审核: the reviewer signs what he compared with the request.
pub fn review(tx: &mut Tx, by: &May<ReviewReports>, id: ReportId, seen: i64, real: Moment) -> Outcome<ReportSaved> {
    let to_sign = gathered::to_sign(tx.conn, id)?.ok_or(NOT_FOUND)?;
    let report = &to_sign.report;
    require_seen(report, seen)?;
    let items = gathered::items_of(tx.conn, &[report.sample_id])?;
    let mut reasons = review_reasons(report, &items, by.person);
    let grant = match signing::require(tx.conn, by, Meaning::Reviewed, real) {
        Ok(grant) => Some(grant),
        Err(Fault::Refused(refusal)) => {
            reasons.extend(refusal.reasons);
            None
        }
        Err(fault) => return Err(fault),
    };
    reasons.none()?;
    let grant = grant.ok_or_else(|| grant_missing(Meaning::Reviewed))?;
    require(store::set_reviewed(tx.conn, id, seen, by.person, tx.now)?)?;
    let hash = document::basis_hash(report, &to_sign.sample, &items);
    signing::sign(tx, by, Meaning::Reviewed, grant, "report", &[(id.0, seen + 1, hash.clone())])?;
    let entry = by.entry("report", id.0, seen + 1, "report-reviewed");
    tx.log(entry.change("state", report.state.as_str(), ReportState::Reviewed.code()).set("signed", hash));
    Ok(ReportSaved { id: id.0, version: seen + 1, state: ReportState::Reviewed.code().to_owned() })
}

/// 批准: the signatory signs the document, which is fixed with that; a job makes its file and issues it.
pub fn authorize(
    tx: &mut Tx,
    by: &May<AuthorizeReports>,
    letterhead: &Letterhead,
    id: ReportId,
    seen: i64,
    real: Moment,
) -> Outcome<ReportSaved> {
    let to_sign = gathered::to_sign(tx.conn, id)?.ok_or(NOT_FOUND)?;
    let report = &to_sign.report;
    require_seen(report, seen)?;
    let items = gathered::items_of(tx.conn, &[report.sample_id])?;
    let today = tx.now.date_in_china();
    let (grant, field) = gathered::grant_and_field(tx.conn, by.person, Meaning::Authorized.code(), real, today)?;
    let basis = document::basis_hash(report, &to_sign.sample, &items);
    let unchanged = to_sign.reviewed_hash.as_deref() == Some(basis.as_str());
    let mut reasons = authorize_reasons(report, &items, by.person, &field, unchanged);
    reasons.add_if(grant.is_none(), || grant_missing(Meaning::Authorized));
    reasons.none()?;
    let grant = grant.ok_or_else(|| grant_missing(Meaning::Authorized))?;

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
    let category = samples::category_name(tx.conn, &to_sign.sample.food_category, language)?;
    let sample = (&to_sign.sample, category.as_str());
    let built = document::build(letterhead, report, sample, &items, &signers, old.as_ref())?;
    let (text, hash) = document::fixed(built)?;
    let fixed = Fixed { conclusion, document: &text, signatory: by.person, at: tx.now };
    require(store::set_authorized(tx.conn, id, seen, &fixed)?)?;
    signing::sign(tx, by, Meaning::Authorized, grant, "report", &[(id.0, seen + 1, hash.clone())])?;
    let checked: Vec<(ItemId, i64)> = items.iter().map(|item| (item.id, item.version)).collect();
    finalize(tx, by, &checked)?;
    crate::jobs::queue(tx, super::issue::JOB, &format!("{}:{id}", super::issue::JOB), &json!({"report": id}))?;
    let entry = by.entry("report", id.0, seen + 1, "report-authorized");
    tx.log(
        entry
            .change("state", report.state.as_str(), ReportState::Authorized.code())
            .set("conclusion", conclusion)
            .set("signed", hash)
            .set("items", items.len()),
    );
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
const REASON_MOST: usize = 500;

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

/// An issued report that should not be relied on, and that no other replaces.
pub fn withdraw(
    tx: &mut Tx,
    by: &May<AuthorizeReports>,
    id: ReportId,
    seen: i64,
    reason: &str,
) -> Outcome<ReportSaved> {
    let report = at(tx, id, seen)?;
    let next = report.state().after(ReportEvent::Withdraw);
    let next = next.ok_or_else(|| wrong_state(&report.report_no, report.state()))?;
    require(store::set_state(tx.conn, id, seen, next)?)?;
    let entry = by.entry("report", id.0, seen + 1, "report-withdrawn");
    tx.log(entry.change("state", report.state, next.code()).set("reason", reason));
    Ok(ReportSaved { id: id.0, version: seen + 1, state: next.code().to_owned() })
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

/// Reports that wait for the review, for the page of waiting work.
pub fn count_to_review(conn: &mut Conn, _: &Actor) -> Outcome<i64> {
    Ok(store::count(conn, ReportState::Compiling)?)
}

/// Reports that wait for the signatory.
pub fn count_to_authorize(conn: &mut Conn, _: &Actor) -> Outcome<i64> {
    Ok(store::count(conn, ReportState::Reviewed)?)
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
