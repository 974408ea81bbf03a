//! Making reports of samples: each gets its number, stands as it is, goes back to its reviewer, or amends an issued one.

use std::collections::{BTreeMap, HashMap};

use chrono::Datelike;

use super::actions::{require, wrong_state};
use super::state::{ReportEvent, ReportState};
use super::store::{self, NewReport, ToCompile};
use super::{NO_NUMBER, NOT_THE_NEWEST, REPORT_EXISTS, code, number};
use crate::accounts::Actor;
use crate::db::{Conn, Tx, series};
use crate::domain::ids::{ReportId, SampleId};
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome};
use crate::web::language::Language;

/// The issued report that a new one replaces, and why.
#[derive(Clone, Debug)]
pub struct Amends {
    pub report: ReportId,
    pub reason: String,
}

/// A sample that gets a report.
#[derive(Clone, Debug)]
pub struct ToReport {
    pub sample: SampleId,
    pub amends: Option<Amends>,
}

/// Makes the reports of samples whose items are all checked; each sample is named once. Asked again while that report is
/// not authorized, it is the same report; a reviewed one goes back to its reviewer, because the results have changed under
/// it. In place of a recalled report comes one that names it, for the reason of the recall. The ids are in the order of the
/// samples. One statement to look, one more where reports were recalled, one for each series of numbers, one to insert, and
/// one for each kind of step of reports that are there.
///
/// # Errors
/// `report-wrong-state` while the file of the newest report is being made; `report-exists` for a sample with an issued
/// report that nothing amends; `report-not-the-newest` when another report than the newest is amended.
pub fn compile(tx: &mut Tx, by: &Actor, wanted: &[ToReport]) -> Outcome<Vec<ReportId>> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let samples: Vec<SampleId> = wanted.iter().map(|one| one.sample).collect();
    let found = store::to_compile(tx.conn, &samples)?;
    let recalls = reasons_of_recalls(tx.conn, &found)?;
    let mut ids: HashMap<SampleId, ReportId> = HashMap::new();
    let mut reviewed: Vec<(ReportId, i64)> = Vec::new();
    let mut fresh: Vec<Fresh> = Vec::new();
    for one in wanted {
        let sample = found.iter().find(|found| found.sample == one.sample).ok_or(NOT_FOUND)?;
        match way_of(sample, one.amends.as_ref(), &recalls)? {
            Way::Stands(id) => {
                ids.insert(one.sample, id);
            }
            Way::BackToReview(id, version) => {
                reviewed.push((id, version));
                ids.insert(one.sample, id);
            }
            Way::Fresh(fresh_one) => fresh.push(fresh_one),
        }
    }
    send_back_reviewed(tx, by, &reviewed)?;
    ids.extend(store_fresh(tx, by, &fresh)?);
    let made = |one: &ToReport| ids.get(&one.sample).copied();
    wanted.iter().map(made).collect::<Option<_>>().ok_or_else(|| Fault::broken("a report was stored without its id"))
}

/// Of these samples those whose newest report was withdrawn: nothing stands for them until they get another one. One
/// statement, none without samples.
pub fn withdrawn_among(conn: &mut Conn, ids: &[SampleId]) -> Outcome<Vec<SampleId>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found = store::to_compile(conn, ids)?;
    Ok(found.iter().filter(|one| withdrawn(one).is_some()).map(|one| one.sample).collect())
}

/// The newest report of a sample, where it was withdrawn.
fn withdrawn(one: &ToCompile) -> Option<ReportId> {
    let (id, _, state, _) = one.newest.as_ref()?;
    (state == ReportState::Withdrawn.code()).then_some(*id)
}

/// Why the reports were recalled that the new ones replace; no statement where there is none.
fn reasons_of_recalls(conn: &mut Conn, found: &[ToCompile]) -> Outcome<HashMap<ReportId, String>> {
    let ids: Vec<ReportId> = found.iter().filter_map(withdrawn).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut reasons = HashMap::new();
    for (id, body) in store::withdrawals(conn, &ids)? {
        let entry: serde_json::Value = serde_json::from_str(&body).map_err(Fault::broken)?;
        let reason = entry["changes"]["reason"][1].as_str().unwrap_or_default();
        reasons.insert(ReportId(id), reason.to_owned());
    }
    Ok(reasons)
}

/// What compiling does for a sample.
enum Way<'a> {
    /// Its report is in compilation already.
    Stands(ReportId),
    /// Its report is reviewed, at this version.
    BackToReview(ReportId, i64),
    Fresh(Fresh<'a>),
}

/// A report on its way into the table, with the issued or recalled one that it amends.
struct Fresh<'a> {
    sample: &'a ToCompile,
    reason: &'a str,
    amends: Option<Amended<'a>>,
}

struct Amended<'a> {
    id: ReportId,
    version: i64,
    state: ReportState,
    report_no: &'a str,
}

fn way_of<'a>(
    sample: &'a ToCompile,
    amends: Option<&'a Amends>,
    recalls: &'a HashMap<ReportId, String>,
) -> Outcome<Way<'a>> {
    let reason = amends.map_or("", |amends| amends.reason.as_str());
    let Some((id, version, state, report_no)) = &sample.newest else {
        return Ok(Way::Fresh(Fresh { sample, reason, amends: None }));
    };
    let Some(state) = ReportState::parse(state) else {
        return Err(Fault::broken(format!("report {id} is in the unknown state {state}")));
    };
    let amended = || Some(Amended { id: *id, version: *version, state, report_no });
    match (state, amends) {
        (ReportState::Compiling, _) => Ok(Way::Stands(*id)),
        (ReportState::Reviewed, _) => Ok(Way::BackToReview(*id, *version)),
        (ReportState::Issued | ReportState::Amended, Some(amends)) if amends.report == *id => {
            Ok(Way::Fresh(Fresh { sample, reason, amends: amended() }))
        }
        (ReportState::Issued | ReportState::Amended, Some(_)) => Err(NOT_THE_NEWEST.with("number", report_no).into()),
        (ReportState::Issued | ReportState::Amended, None) => Err(REPORT_EXISTS.with("number", report_no).into()),
        (ReportState::Withdrawn, _) => {
            let reason = recalls.get(id).map_or(reason, String::as_str);
            Ok(Way::Fresh(Fresh { sample, reason, amends: amended() }))
        }
        (ReportState::Authorized | ReportState::Replaced, _) => Err(wrong_state(report_no, state).into()),
    }
}

fn send_back_reviewed(tx: &mut Tx, by: &Actor, reviewed: &[(ReportId, i64)]) -> Outcome<()> {
    if reviewed.is_empty() {
        return Ok(());
    }
    require(store::send_all_back(tx.conn, reviewed)?)?;
    for (id, version) in reviewed {
        let entry = by.entry("report", id.0, version + 1, "report-sent-back");
        tx.log(entry.change("state", ReportState::Reviewed.code(), ReportState::Compiling.code()));
    }
    Ok(())
}

fn store_fresh(tx: &mut Tx, by: &Actor, fresh: &[Fresh]) -> Outcome<Vec<(SampleId, ReportId)>> {
    if fresh.is_empty() {
        return Ok(Vec::new());
    }
    let numbers = report_numbers(tx, fresh)?;
    let rows: Vec<NewReport> = fresh
        .iter()
        .zip(&numbers)
        .map(|(one, report_no)| NewReport {
            version: 1,
            report_no: report_no.clone(),
            sample_id: one.sample.sample,
            state: ReportState::Compiling.code(),
            amends_id: one.amends.as_ref().map(|old| old.id),
            amendment_reason: one.reason,
            language: one.sample.language.as_deref().and_then(Language::parse).unwrap_or_default().code(),
            conclusion: "",
            document: "",
            verification_code: code::new(),
            created_at: tx.now,
        })
        .collect();
    let made = store::insert(tx.conn, &rows)?;
    for (sample, id) in &made {
        let of_sample = rows.iter().find(|row| row.sample_id == *sample);
        let row = of_sample.ok_or_else(|| Fault::broken("a report was stored for another sample"))?;
        let entry = by.entry("report", id.0, 1, "report-compiled").set("report_no", row.report_no.as_str());
        let entry = entry.set("sample", sample.0);
        tx.log(match row.amends_id {
            Some(old) => entry.set("amends", old.0).set("reason", row.amendment_reason),
            None => entry,
        });
    }
    open_amendments(tx, by, fresh, &made)?;
    Ok(made)
}

/// The issued reports that others amend from now on. A recalled one stays recalled.
fn open_amendments(tx: &mut Tx, by: &Actor, fresh: &[Fresh], made: &[(SampleId, ReportId)]) -> Outcome<()> {
    for state in [ReportState::Issued, ReportState::Amended] {
        let Some(next) = state.after(ReportEvent::OpenAmendment) else { continue };
        let amended = || {
            let of_state = |one: &Fresh| one.amends.as_ref().is_some_and(|old| old.state == state);
            fresh.iter().filter(move |one| of_state(one))
        };
        let seen: Vec<(ReportId, i64)> =
            amended().filter_map(|one| one.amends.as_ref()).map(|old| (old.id, old.version)).collect();
        if seen.is_empty() {
            continue;
        }
        require(store::move_all(tx.conn, &seen, state, next)?)?;
        for one in amended() {
            let successor = made.iter().find(|(sample, _)| *sample == one.sample.sample);
            if let (Some(old), Some((_, id))) = (&one.amends, successor) {
                let entry = by.entry("report", old.id.0, old.version + 1, "report-amendment-opened");
                let entry = entry.change("state", state.code(), next.code());
                tx.log(entry.set("reason", one.reason).set("by_report", id.0));
            }
        }
    }
    Ok(())
}

/// A number for each report, in their order; numbers of one series are taken at once.
fn report_numbers(tx: &mut Tx, fresh: &[Fresh]) -> Outcome<Vec<String>> {
    let mut numbers: Vec<String> = Vec::new();
    let mut wanted: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (place, one) in fresh.iter().enumerate() {
        match &one.amends {
            Some(old) => numbers.push(number::replacement(old.report_no)),
            None => {
                numbers.push(String::new());
                wanted.entry(series_of(tx, one.sample)?).or_default().push(place);
            }
        }
    }
    for (series, places) in wanted {
        let count = i64::try_from(places.len()).map_err(Fault::broken)?;
        let first = series::take(tx, &number::series_name(&series), count)?;
        for (place, serial) in places.into_iter().zip(first..) {
            numbers[place] = number::number(&series, serial);
        }
    }
    Ok(numbers)
}

fn series_of(tx: &Tx, sample: &ToCompile) -> Outcome<String> {
    let laboratory = sample.sample_no.as_deref().and_then(number::laboratory_of);
    let (Some(laboratory), Some(letter)) = (laboratory, number::letter_of(&sample.sample_type)) else {
        let sample_no = sample.sample_no.as_deref().unwrap_or("/");
        return Err(NO_NUMBER.with("sample", sample_no).with("type", &sample.sample_type).into());
    };
    Ok(number::series(laboratory, tx.now.date_in_china().year(), letter))
}
