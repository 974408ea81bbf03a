//! Metrological traceability (计量溯源性, `quality.md` Q65-1): everything that a result rests on, in one list, down to the
//! certificates of its instruments and of what was bought as reference, and where the way is broken.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::compute::Record;
use super::results::tester_of;
use super::sheet::Sheet;
use super::store::{self, EntryRow, ItemRow, ResultRow, SourceRow};
use super::views::method_text;
use super::{TRACE_INSTRUMENT_UNNAMED, TRACE_RESULT_MISSING};
use crate::accounts::actions::names_of;
use crate::accounts::signing;
use crate::catalogue::import::FieldKind;
use crate::catalogue::{Catalogue, actions as catalogue};
use crate::db::Conn;
use crate::domain::ids::{CalibrationId, ItemId, MessageId, ObservationId, PersonId};
use crate::domain::refusal::{NOT_FOUND, Outcome, Reason};
use crate::instruments::bench::{self, Document};
use crate::instruments::equipment::EQUIPMENT_UNKNOWN;
use crate::instruments::equipment::actions as equipment;
use crate::instruments::equipment::certificates;
use crate::instruments::equipment::state::{CALIBRATION, Equipment, Record as Calibration};
use crate::instruments::link_settings::{self, LinkSettingsView, PortSettingsView};
use crate::quality::lots::LOTS_UNNAMED;
use crate::quality::lots::actions as lots;
use crate::quality::lots::tracing::{self, ChainLot};
use crate::samples::actions as samples;

/// What the newest result of an item rests on.
pub struct Traceability {
    pub item: ItemRow,
    pub label_code: String,
    pub result: Option<ResultRow>,
    pub links: Vec<Link>,
    /// What is missing in the chain as a whole.
    pub gaps: Vec<Reason>,
}

impl Traceability {
    /// Whether every way leads to a certificate that held on the day.
    pub fn is_unbroken(&self) -> bool {
        self.gaps.is_empty() && self.links.iter().all(|link| link.gaps.is_empty())
    }
}

/// One thing that a result rests on.
#[derive(Clone, Debug, Default)]
pub struct Link {
    /// method, worksheet, person, result, laboratory, instrument, certificate, check, lot, message, settings, profile, document
    pub kind: &'static str,
    /// Of a lot that another one was made of: steps from the one that was used. What a message came through stands behind it.
    pub depth: u32,
    pub id: Option<i64>,
    /// Number or code by which people call it.
    pub code: String,
    pub name: String,
    /// Who calibrated it, supplied it or brought it; of a person tester, typist, or the meaning of a signature.
    pub by: String,
    pub certificate_no: String,
    /// The day, or the first and the last one; of a certificate the days that it holds for, of a lot the last day of use.
    pub from: Option<NaiveDate>,
    pub until: Option<NaiveDate>,
    /// Of bytes: a message, a certificate's file, another laboratory's report.
    pub sha256: String,
    /// Address of its page; empty: it has none.
    pub page: String,
    pub gaps: Vec<Reason>,
}

// The kinds of links, each a message key `trace-kind-CODE`.
const METHOD: &str = "method";
const WORKSHEET: &str = "worksheet";
const PERSON: &str = "person";
/// Of another item of the sample, that this one takes.
const RESULT: &str = "result";
/// Another laboratory.
const LABORATORY: &str = "laboratory";
const INSTRUMENT: &str = "instrument";
const CERTIFICATE: &str = "certificate";
const CHECK: &str = "check";
const LOT: &str = "lot";
const MESSAGE: &str = "message";
/// Of the ports of the instrument, in force at its message.
const SETTINGS: &str = "settings";
/// That the message was read with.
const PROFILE: &str = "profile";
const DOCUMENT: &str = "document";

// What people did beside signing, each a message key `trace-role-CODE`.
const TESTER: &str = "tester";
const TYPIST: &str = "typist";

/// Everything that the newest result of an item rests on. A statement for each generation of lots; the others are always the
/// same.
pub fn traceability(conn: &mut Conn, id: ItemId) -> Outcome<Traceability> {
    let item = store::items(conn, &[id])?.pop().ok_or(NOT_FOUND)?;
    let parts: Vec<_> = item.part_id.into_iter().collect();
    let label_code = samples::labels_of(conn, &parts)?.into_values().next().unwrap_or_default();
    let Some(result) = store::results_of(conn, &[id])?.into_iter().next() else {
        let gaps = vec![TRACE_RESULT_MISSING.reason()];
        return Ok(Traceability { item, label_code, result: None, links: Vec::new(), gaps });
    };
    let record: Option<Record> = serde_json::from_str(&result.record).ok();
    let catalogue = catalogue::current(conn)?;
    let used: Vec<i64> = result.entries.split(' ').filter_map(|id| id.parse().ok()).collect();
    let entries = store::entries_by_id(conn, &used)?;
    let sheet = sheet_of(conn, &entries, &catalogue)?;
    let made_on = result.at.date_in_china();

    let mut links = vec![method(&item, &result, record.as_ref(), &catalogue)];
    links.extend(sheet.as_ref().map(worksheet));
    links.extend(people(conn, &item, &entries, sheet.as_ref())?);
    links.extend(record.iter().flat_map(of_record));
    let mut gaps = Vec::new();
    if let Some(sheet) = &sheet {
        let observations: Vec<ObservationId> = entries.iter().filter_map(|entry| entry.observation_id).collect();
        let sources = if observations.is_empty() { Vec::new() } else { store::sources(conn, &observations)? };
        let used = instruments_of(sheet, &sources);
        let instruments = instruments(conn, sheet, &used, made_on)?;
        let messages = messages(conn, &sources, &instruments)?;
        if instruments.is_empty() {
            gaps.push(TRACE_INSTRUMENT_UNNAMED.reason());
        }
        links.extend(instruments);
        let (of_lots, unknown) = lots_used(conn, sheet, made_on)?;
        if of_lots.is_empty() {
            gaps.push(LOTS_UNNAMED.reason());
        }
        gaps.extend(unknown);
        links.extend(of_lots);
        links.extend(messages);
    }
    links.extend(bench::documents_of(conn, &[id])?.into_iter().map(document));
    Ok(Traceability { item, label_code, result: Some(result), links, gaps })
}

/// The sheet that the values of a result were entered on; the item may stand on another one by now.
fn sheet_of(conn: &mut Conn, entries: &[EntryRow], catalogue: &Catalogue) -> Outcome<Option<Sheet>> {
    let Some(first) = entries.first() else { return Ok(None) };
    let Some(id) = store::worksheet_of_position(conn, first.position_id)? else { return Ok(None) };
    Ok(Some(Sheet::load(conn, id, catalogue)?))
}

fn method(item: &ItemRow, result: &ResultRow, record: Option<&Record>, catalogue: &Catalogue) -> Link {
    let known = || method_text(catalogue, &result.method_key);
    Link {
        kind: METHOD,
        code: result.method_key.clone(),
        name: record.map_or_else(known, |record| record.asked.method.text.clone()),
        from: Some(result.at.date_in_china()),
        page: format!("/catalogue/methods?search={}", item.analyte),
        ..Link::default()
    }
}

fn worksheet(sheet: &Sheet) -> Link {
    Link {
        kind: WORKSHEET,
        id: Some(sheet.row.id.0),
        code: sheet.row.worksheet_no.clone(),
        from: Some(sheet.row.created_at.date_in_china()),
        page: format!("/worksheets/{}", sheet.row.id),
        ..Link::default()
    }
}

/// Who tested, who typed in for him, and who signed.
fn people(conn: &mut Conn, item: &ItemRow, entries: &[EntryRow], sheet: Option<&Sheet>) -> Outcome<Vec<Link>> {
    let tester = tester_of(sheet.map(|sheet| &sheet.row), item);
    let mut acts: Vec<(PersonId, String, Option<NaiveDate>)> = Vec::new();
    acts.extend(tester.map(|id| (id, TESTER.to_owned(), None)));
    for (id, at) in entries.iter().filter_map(|entry| Some((entry.person_id?, entry.at))) {
        if !acts.iter().any(|(known, ..)| *known == id) {
            acts.push((id, TYPIST.to_owned(), Some(at.date_in_china())));
        }
    }
    let signed = signing::signatures_on(conn, "test_item", item.id.0)?;
    acts.extend(signed.into_iter().map(|(id, meaning, at)| (id, meaning, Some(at.date_in_china()))));
    let ids: Vec<PersonId> = acts.iter().map(|(id, ..)| *id).collect();
    let names = names_of(conn, &ids)?;
    let link = |(id, by, from): (PersonId, String, Option<NaiveDate>)| Link {
        kind: PERSON,
        id: Some(id.0),
        name: names.get(&id).cloned().unwrap_or_default(),
        by,
        from,
        page: format!("/competence?person={id}"),
        ..Link::default()
    };
    Ok(acts.into_iter().map(link).collect())
}

/// Results of other items, and another laboratory.
fn of_record(record: &Record) -> Vec<Link> {
    let taken = record.asked.from.iter().map(|taken| Link {
        kind: RESULT,
        id: Some(taken.item),
        code: taken.need.analyte.clone(),
        name: format!("{} {}", taken.value, taken.need.unit),
        page: format!("/check/{}/traceability", taken.item),
        ..Link::default()
    });
    let other = record.subcontract.iter().map(|other| Link {
        kind: LABORATORY,
        name: other.name.clone(),
        certificate_no: other.accreditation_no.clone(),
        code: other.report_no.clone(),
        from: Some(other.sent_on),
        until: Some(other.reported_on),
        sha256: other.file.clone(),
        ..Link::default()
    });
    taken.chain(other).collect()
}

/// Codes of instruments with the days on which they were used.
type Used = BTreeMap<String, BTreeSet<NaiveDate>>;

/// Instruments that sent values, each on the days on which its messages came, and those that the raw record names.
fn instruments_of(sheet: &Sheet, sources: &[SourceRow]) -> Used {
    let sent = sources.iter().map(|source| (source.instrument_code.clone(), source.received_at));
    let mut used = Used::new();
    for (code, at) in sent.chain(sheet.recorded(FieldKind::Equipment)) {
        used.entry(code).or_default().insert(at.date_in_china());
    }
    used
}

/// The instruments with their certificates and checks that held on the days; the sheet's own on the day of the result, where
/// it sent nothing.
fn instruments(conn: &mut Conn, sheet: &Sheet, used: &Used, made_on: NaiveDate) -> Outcome<Vec<Link>> {
    let codes: Vec<String> = used.keys().cloned().collect();
    let ids: Vec<_> = sheet.row.instrument_id.into_iter().collect();
    let known = equipment::equipment(conn, &ids, &codes)?;
    let mut links = Vec::new();
    for one in &known {
        let days = used.get(&one.code).cloned().unwrap_or_else(|| BTreeSet::from([made_on]));
        links.extend(instrument(one, &days, &sheet.row.method_standard));
    }
    with_files(conn, &mut links)?;
    let unknown = codes.into_iter().filter(|code| !known.iter().any(|one| one.code == *code));
    links.extend(unknown.map(|code| Link {
        kind: INSTRUMENT,
        gaps: vec![EQUIPMENT_UNKNOWN.with("code", &code)],
        code,
        ..Link::default()
    }));
    Ok(links)
}

/// Certificates lead to their files, where these are kept.
fn with_files(conn: &mut Conn, links: &mut [Link]) -> Outcome<()> {
    let records = links.iter().filter(|link| link.kind != INSTRUMENT);
    let ids: Vec<CalibrationId> = records.filter_map(|link| link.id.map(CalibrationId)).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let files = certificates::files_of(conn, &ids)?;
    for link in links.iter_mut().filter(|link| link.kind != INSTRUMENT) {
        if let Some(sha256) = link.id.and_then(|id| files.get(&CalibrationId(id))) {
            link.sha256.clone_from(sha256);
        }
    }
    Ok(())
}

/// An instrument, behind it its records that held on some day of use.
fn instrument(one: &Equipment, days: &BTreeSet<NaiveDate>, method: &str) -> Vec<Link> {
    let (mut gaps, mut records): (Vec<Reason>, Vec<&Calibration>) = (Vec::new(), Vec::new());
    for day in days {
        for reason in one.gaps(*day, method) {
            if !gaps.contains(&reason) {
                gaps.push(reason);
            }
        }
        for record in one.records_on(*day).into_iter().flatten() {
            if !records.iter().any(|known| known.id == record.id) {
                records.push(record);
            }
        }
    }
    let itself = Link {
        kind: INSTRUMENT,
        id: Some(one.id.0),
        code: one.code.clone(),
        name: one.name.clone(),
        from: days.first().copied(),
        until: days.last().copied(),
        page: format!("/instruments/{}/history", one.id),
        gaps,
        ..Link::default()
    };
    let link = |record: &Calibration| Link {
        kind: if record.kind == CALIBRATION { CERTIFICATE } else { CHECK },
        depth: 1,
        id: record.id.map(|id| id.0),
        code: one.code.clone(),
        by: record.performed_by.clone(),
        certificate_no: record.certificate_no.clone(),
        from: Some(record.performed_on),
        until: record.next_due,
        page: record.id.map(|id| format!("/instruments/{}/history#record-{id}", one.id)).unwrap_or_default(),
        ..Link::default()
    };
    [itself].into_iter().chain(records.into_iter().map(link)).collect()
}

/// The lots that a sheet used with everything that they were made of; and a reason for every code that is none of a lot.
fn lots_used(conn: &mut Conn, sheet: &Sheet, made_on: NaiveDate) -> Outcome<(Vec<Link>, Vec<Reason>)> {
    let named = store::used_lots(conn, sheet.row.id)?.into_iter().map(|lot| (lot.code, lot.used_on));
    let recorded = sheet.recorded(FieldKind::Lot).into_iter().map(|(code, at)| (code, at.date_in_china()));
    let standards = sheet.lines.iter().map(|line| &line.target.lot).filter(|lot| !lot.is_empty());
    let standards = standards.map(|lot| (lot.clone(), made_on));
    let mut used = Used::new();
    for (code, day) in named.chain(recorded).chain(standards) {
        used.entry(code).or_default().insert(day);
    }
    let codes: Vec<String> = used.keys().cloned().collect();
    let (chain, unknown) = tracing::chains(conn, &codes)?;
    Ok((chain.into_iter().map(|lot| link_of_lot(lot, &used)).collect(), unknown))
}

fn link_of_lot(lot: ChainLot, used: &Used) -> Link {
    let days = used.get(&lot.code).into_iter().flatten();
    let mut gaps: Vec<Reason> = days.filter_map(|day| lots::against(&lot.code, lot.expires_on, *day)).collect();
    gaps.extend(lot.gap);
    let name = if lot.lot_no.is_empty() { lot.name } else { format!("{} {}", lot.name, lot.lot_no) };
    Link {
        kind: LOT,
        depth: lot.depth,
        id: Some(lot.id.0),
        page: format!("/lots/{}", lot.id),
        code: lot.code,
        name,
        by: lot.supplier,
        certificate_no: lot.certificate_no,
        until: Some(lot.expires_on),
        gaps,
        ..Link::default()
    }
}

/// The messages of instruments, each once, behind it what it came through.
fn messages(conn: &mut Conn, sources: &[SourceRow], instruments: &[Link]) -> Outcome<Vec<Link>> {
    let mut read: Vec<&SourceRow> = Vec::new();
    for source in sources {
        if !read.iter().any(|known| (known.message, known.reading_no) == (source.message, source.reading_no)) {
            read.push(source);
        }
    }
    if read.is_empty() {
        return Ok(Vec::new());
    }
    read.sort_by_key(|source| (source.message, source.reading_no));
    let readings: Vec<_> = read.iter().map(|source| (MessageId(source.message), source.reading_no)).collect();
    let through = link_settings::came_through(conn, &readings)?;
    let mut links: Vec<Link> = Vec::new();
    for (source, through) in read.into_iter().zip(through) {
        if !links.iter().any(|known| known.kind == MESSAGE && known.id == Some(source.message)) {
            let is_its = |link: &&Link| link.kind == INSTRUMENT && link.code == source.instrument_code;
            let settings = through.settings.as_ref().map(|it| settings(it, instruments.iter().find(is_its)));
            links.extend([message(source)].into_iter().chain(settings));
        }
        if !through.profile.is_empty() {
            links.push(Link { kind: PROFILE, depth: 1, name: through.profile, ..Link::default() });
        }
    }
    Ok(links)
}

fn message(source: &SourceRow) -> Link {
    Link {
        kind: MESSAGE,
        id: Some(source.message),
        code: source.message.to_string(),
        name: source.file_name.clone(),
        by: source.instrument_code.clone(),
        from: Some(source.received_at.date_in_china()),
        sha256: source.sha256.clone(),
        page: format!("/evidence/{}", source.message),
        ..Link::default()
    }
}

/// The settings that a message came through: they stand on the page of its instrument.
fn settings(settings: &LinkSettingsView, instrument: Option<&Link>) -> Link {
    let page = instrument.map(|link| link.page.as_str()).filter(|page| !page.is_empty());
    Link {
        kind: SETTINGS,
        depth: 1,
        id: Some(settings.id),
        name: settings.ports.iter().map(PortSettingsView::line).collect::<Vec<_>>().join("; "),
        by: format!("{} {}", settings.agent, settings.program_version),
        from: Some(settings.valid_from.date_in_china()),
        page: page.map(|page| format!("{page}#link-{}", settings.id)).unwrap_or_default(),
        ..Link::default()
    }
}

fn document(document: Document) -> Link {
    Link {
        kind: DOCUMENT,
        id: Some(document.message_id.0),
        code: document.message_id.to_string(),
        name: document.label_code,
        by: document.instrument_code,
        from: Some(document.received_at.date_in_china()),
        page: format!("/evidence/{}/file", document.message_id),
        ..Link::default()
    }
}
