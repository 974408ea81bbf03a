//! Before a worksheet is submitted: what the gates of the quality system find of its tester, its instruments, its weights,
//! its lots and its rooms, each on the day on which it was done.

use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::authorizations::{Coverage, TEST};
use super::choosing::is_in_force;
use super::entering::{EntryInput, foresee, is_typed_beside_instrument};
use super::sheet::Sheet;
use super::state::WorksheetState;
use super::store::{self, EntryRow, NewUsedLot, SheetLine, SourceRow};
use super::worksheets::require_own;
use super::{EDITION_PASSED, TOO_MANY, USED_BEFORE_SHEET, WORKSHEET_WRONG_STATE};
use crate::accounts::May;
use crate::accounts::role::EnterResults;
use crate::catalogue::import::FieldKind;
use crate::catalogue::{Catalogue, actions as catalogue};
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::ids::{ObservationId, PersonId, WorksheetId};
use crate::domain::input::Checker;
use crate::domain::refusal::{Outcome, Reasons, Refusal, STALE_VERSION};
use crate::instruments::equipment::actions as equipment;
use crate::quality::charts::submitted::MethodLimits;
use crate::quality::environment::actions as environment;
use crate::quality::gates::actions as gates;
use crate::quality::gates::state::{Finding, Gate, Mode, Passage, Settings};
use crate::quality::lots::LOTS_UNNAMED;
use crate::quality::lots::actions as lots;
use crate::quality::suppliers::actions as suppliers;
use crate::quality::verification::actions as verification;

/// What a submission needs to know before the write.
pub struct Bench {
    pub catalogue: Arc<Catalogue>,
    pub coverage: Coverage,
    /// The limits of the method's control charts.
    pub limits: MethodLimits,
    /// The sheet with its places and items; none where there is no such sheet.
    pub lines: Vec<SheetLine>,
    /// Readings are typed without a reason beside an instrument that is connected.
    pub on_connected: bool,
    settings: Settings,
    findings: Vec<Finding>,
    /// Entries of the sheet that were looked at, without those that come with the submission.
    entries: usize,
}

impl Bench {
    /// The catalogue, the tester's authorizations of the day, the limits of the charts, and what the gates find of a sheet
    /// with what is typed on it last.
    pub fn of(
        conn: &mut Conn,
        (person, now): (PersonId, Moment),
        id: WorksheetId,
        typed: &[EntryInput],
    ) -> Outcome<Self> {
        let today = now.date_in_china();
        let catalogue = catalogue::current(conn)?;
        let coverage = Coverage::of(conn, &[person], TEST, today)?;
        let limits = MethodLimits::of(conn, id)?;
        let settings = gates::settings(conn)?;
        let (mut findings, mut entries, mut on_connected) = (Vec::new(), 0, false);
        let lines = store::sheet(conn, id)?;
        // A sheet that is not there is refused by the submission.
        if !lines.is_empty() {
            let mut sheet = Sheet::with_entries(conn, &lines, &catalogue)?;
            entries = sheet.entries.len();
            on_connected = is_typed_beside_instrument(conn, &sheet, typed)?;
            // The raw record may name instruments and lots in the cells that are saved with the submission.
            foresee(&mut sheet, typed, (person, now));
            let (of_equipment, used) = of_instruments(conn, &sheet, today)?;
            findings.extend(of_equipment);
            findings.extend(of_lots(conn, &sheet, today)?);
            findings.extend(environment::found(conn, &sheet.row.method_standard, &used, today)?);
            if settings.mode(Gate::Verification, today) != Mode::Off {
                findings.extend(verification::found(conn, &catalogue, &sheet.row.method_key, today)?);
            }
            // Where the gate blocks, nothing was assigned so.
            if settings.mode(Gate::Edition, today) == Mode::Warn {
                findings.extend(of_edition(&catalogue, &sheet, today));
            }
        }
        Ok(Self { catalogue, coverage, limits, lines, on_connected, settings, findings, entries })
    }

    /// Whether the gates have seen everything that stands on the sheet: an instrument may have sent a value meanwhile, and
    /// that does not change the sheet's version. Entries are never taken away.
    pub fn has_seen(&self, sheet: &Sheet) -> bool {
        sheet.entries.len() == self.entries
    }

    /// What comes of everything that was found, with the tester's own authorization.
    pub fn passage(&self, person: PersonId, name: &str, sheet: &Sheet, today: NaiveDate) -> Passage {
        let gap = self.coverage.gap(person, name, &sheet.row.method_standard);
        let gap = gap.map(|reason| Finding { gate: Gate::Competence, on: today, reason });
        self.settings.pass(gap.into_iter().chain(self.findings.iter().cloned()).collect())
    }
}

/// That a sheet is tested by an edition which is not in force on the day, and no deviation of an item says so.
fn of_edition(catalogue: &Catalogue, sheet: &Sheet, today: NaiveDate) -> Option<Finding> {
    let row = &sheet.row;
    let lines = sheet.items();
    let mut items = lines.iter().filter_map(|line| line.item.as_ref());
    let unapproved = items.any(|item| item.deviation.is_empty());
    let passed = unapproved && !is_in_force(catalogue, &row.method_standard, &row.method_key, today);
    let reason = || EDITION_PASSED.with("method", catalogue.method_name(&row.method_key));
    passed.then(|| Finding { gate: Gate::Edition, on: today, reason: reason() })
}

/// Instruments by code, with the days on which they were used.
type Used = Vec<(String, Vec<NaiveDate>)>;

/// The instrument that the sheet was opened for, those that filled its cells, each on the days on which its messages came,
/// and those that its raw record names; a typed value is of the day of the submission.
fn of_instruments(conn: &mut Conn, sheet: &Sheet, today: NaiveDate) -> Outcome<(Vec<Finding>, Used)> {
    let shown: Vec<&EntryRow> = sheet.entries.iter().filter(|entry| is_newest(sheet, entry)).collect();
    let observations: Vec<ObservationId> = shown.iter().filter_map(|entry| entry.observation_id).collect();
    let sources = if observations.is_empty() { Vec::new() } else { store::sources(conn, &observations)? };
    let mut codes: Vec<String> = sources.iter().map(|source| source.instrument_code.clone()).collect();
    codes.extend(sheet.recorded(FieldKind::Equipment).into_iter().map(|(code, _)| code));
    codes.sort_unstable();
    codes.dedup();
    let ids: Vec<_> = sheet.row.instrument_id.into_iter().collect();
    let (mut findings, mut used) = (Vec::new(), Used::new());
    for one in equipment::equipment(conn, &ids, &codes)? {
        let own: Vec<&SourceRow> = sources.iter().filter(|source| source.instrument_code == one.code).collect();
        let mut days: Vec<NaiveDate> = own.iter().map(|source| source.received_at.date_in_china()).collect();
        if own.is_empty() {
            days.push(today);
        }
        days.sort_unstable();
        days.dedup();
        for day in &days {
            findings.extend(one.found(*day, Some(&sheet.row.method_standard)));
        }
        for entry in &shown {
            let Some(source) = own.iter().find(|source| Some(source.observation) == entry.observation_id) else {
                continue;
            };
            let label = sheet.line(entry.position_id).map_or("", |line| line.position.label_code.as_str());
            let weight = (entry.value.as_str(), entry.unit.as_str());
            findings.extend(one.too_small(source.received_at.date_in_china(), label, weight));
        }
        used.push((one.code, days));
    }
    Ok((findings, used))
}

/// Whether an entry is the one that its cell shows.
fn is_newest(sheet: &Sheet, entry: &EntryRow) -> bool {
    sheet.newest(entry.position_id, &entry.field, entry.replicate).is_some_and(|newest| newest.id == entry.id)
}

/// The lots of a sheet, each on the day on which it was used: those that its tester named, and those of its raw record.
fn of_lots(conn: &mut Conn, sheet: &Sheet, today: NaiveDate) -> Outcome<Vec<Finding>> {
    let used = store::used_lots(conn, sheet.row.id)?;
    let mut used: Vec<(String, NaiveDate, NaiveDate)> =
        used.into_iter().map(|lot| (lot.code, lot.expires_on, lot.used_on)).collect();
    let recorded = sheet.recorded(FieldKind::Lot);
    if !recorded.is_empty() {
        let codes: Vec<String> = recorded.iter().map(|(code, _)| code.clone()).collect();
        for (code, last_day) in lots::last_days(conn, &codes)? {
            let days = recorded.iter().filter(|(named, _)| *named == code).map(|(_, at)| at.date_in_china());
            used.extend(days.map(|day| (code.clone(), last_day, day)));
        }
    }
    if used.is_empty() {
        return Ok(vec![Finding { gate: Gate::Standards, on: today, reason: LOTS_UNNAMED.reason() }]);
    }
    used.sort_unstable();
    used.dedup();
    let expired = used.iter().filter_map(|(code, last_day, used_on)| {
        let reason = lots::against(code, *last_day, *used_on)?;
        Some(Finding { gate: Gate::Standards, on: *used_on, reason })
    });
    let mut findings: Vec<Finding> = expired.collect();
    let days: Vec<(String, NaiveDate)> = used.into_iter().map(|(code, _, used_on)| (code, used_on)).collect();
    findings.extend(suppliers::found(conn, &days)?);
    Ok(findings)
}

/// Submitting a sheet.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SubmissionInput {
    /// Why the tester goes on in spite of warnings; needed where there are any.
    pub confirmation: String,
    /// Cells that are not saved yet: they are saved first, in the same step or not at all.
    pub entries: Vec<EntryInput>,
}

/// The same, checked.
#[derive(Clone, Debug, Default)]
pub struct Submission {
    pub confirmation: String,
    pub entries: Vec<EntryInput>,
    /// What is typed more hours after it was made is late.
    pub late_hours: u32,
}

/// Longest reason, in characters.
const REASON_MOST: usize = 500;

impl SubmissionInput {
    /// # Errors
    /// When the reason is too long or no text. The cells are looked at beside their sheet.
    pub fn checked(self, late_hours: u32) -> Result<Submission, Refusal> {
        let confirmation = confirmed(&self.confirmation)?;
        Ok(Submission { confirmation, entries: self.entries, late_hours })
    }
}

/// Why somebody goes on in spite of warnings.
///
/// # Errors
/// When it is too long or no text.
pub fn confirmed(confirmation: &str) -> Result<String, Refusal> {
    let mut check = Checker::new();
    let confirmation = check.optional_text("confirmation", confirmation, REASON_MOST);
    check.done(Some(confirmation))
}

/// The lots of a sheet: what a tester says that he used.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LotsInput {
    /// Codes of lots; they replace those that were named before.
    pub lots: Vec<String>,
    /// Day on which they were used, from the day the sheet was opened on; empty: today.
    pub used_on: String,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct LotsFacts {
    codes: Vec<String>,
    used_on: Option<NaiveDate>,
}

/// Lots on one sheet at most, and the longest code, in characters.
const LOTS_MOST: usize = 50;
const CODE_MOST: usize = 40;

impl LotsInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<LotsFacts, Refusal> {
        let mut check = Checker::new();
        check.add_if(self.lots.len() > LOTS_MOST, || TOO_MANY.with("limit", LOTS_MOST).at("lots"));
        let mut codes: Vec<String> = Vec::new();
        for code in &self.lots {
            let code = check.text("lots", code, CODE_MOST);
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        let used_on = check.optional_date("used_on", &self.used_on);
        check.done(Some(LotsFacts { codes, used_on }))
    }
}

/// What naming the lots answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = WorksheetLotsSet)]
pub struct LotsSet {
    pub id: i64,
    pub version: i64,
}

/// Names the lots that an open sheet used, in place of those named before. They were used while it was open: an earlier day
/// would take an expired lot past its gate.
pub fn set_lots(
    tx: &mut Tx,
    by: &May<EnterResults>,
    id: WorksheetId,
    seen: i64,
    facts: &LotsFacts,
) -> Outcome<LotsSet> {
    let catalogue = catalogue::current(tx.conn)?;
    let sheet = Sheet::load(tx.conn, id, &catalogue)?;
    let stale = || {
        let current = serde_json::json!({"id": id, "version": sheet.row.version});
        Refusal::from(STALE_VERSION.with("version", sheet.row.version)).with_current(current)
    };
    if sheet.row.version != seen {
        return Err(stale().into());
    }
    let mut reasons = Reasons::new();
    require_own(&sheet, by.person, &mut reasons);
    if sheet.state != WorksheetState::Open {
        reasons.add(WORKSHEET_WRONG_STATE.reason().with_word("state", sheet.state.word()));
    }
    let today = tx.now.date_in_china();
    let used_on = facts.used_on.unwrap_or(today);
    reasons.add_if(used_on > today, || crate::instruments::equipment::DAY_TO_COME.with("date", today).at("used_on"));
    let opened = sheet.row.created_at.date_in_china();
    reasons.add_if(used_on < opened, || USED_BEFORE_SHEET.with("date", opened).at("used_on"));
    reasons.none()?;
    let codes = with_standards(&sheet, &facts.codes);
    let ids = lots::require_lots(tx.conn, &codes)?;
    let row = |lot_id| NewUsedLot { worksheet_id: id, lot_id, used_on };
    store::set_used_lots(tx.conn, id, &ids.into_iter().map(row).collect::<Vec<_>>())?;
    if !store::set_worksheet_state(tx.conn, id, seen, sheet.state.code())? {
        return Err(stale().into());
    }
    tx.log(
        by.entry("worksheet", id.0, seen + 1, "worksheet-lots-set")
            .set("lots", codes.join(";"))
            .set("used_on", used_on.to_string()),
    );
    Ok(LotsSet { id: id.0, version: seen + 1 })
}

/// The codes with those of the standards of the sheet's curves: these were used, whatever else was.
fn with_standards(sheet: &Sheet, named: &[String]) -> Vec<String> {
    let mut codes = named.to_vec();
    for lot in sheet.lines.iter().map(|line| &line.target.lot).filter(|lot| !lot.is_empty()) {
        if !codes.contains(lot) {
            codes.push(lot.clone());
        }
    }
    codes
}
