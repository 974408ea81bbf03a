//! The raw record of a worksheet on paper: what the page shows, set as a document that can be filed and signed for.

use super::controls::{NOTES, word_over_all};
use super::curve_chart;
use super::judged::{ControlView, ControlsView, RecordResult, Release};
use super::raw_record::{RawRecord, RecordCell, RecordEntry, RecordPlace};
use super::state::WorksheetState;
use super::views::{CurveView, FormView, PositionView};
use crate::accounts::signing::Meaning;
use crate::app::Lis;
use crate::domain::clock::Moment;
use crate::domain::refusal::{Fact, Fault, Outcome};
use crate::pdf::documents::{
    self as paper, Laboratory, RecordedCell, RecordedControl, RecordedCurve, RecordedEntry, RecordedLot, RecordedPlace,
    RecordedPoint, RecordedReading, RecordedResult, RecordedSignature, RecordedWarning,
};
use crate::quality::environment::on_sheet::SheetRoom;
use crate::web::language::Language;

/// The record as a PDF; `by`: who prints it.
pub async fn printed(lis: &Lis, record: RawRecord, by: String, language: Language) -> Outcome<Vec<u8>> {
    let (typesetter, letterhead, now) = (lis.typesetter.clone(), lis.letterhead(), lis.clock.now());
    let set = tokio::task::spawn_blocking(move || {
        let document = filled(&record, letterhead, (by, now), language);
        typesetter.raw_record(&document, now.utc()).map_err(Fault::broken)
    });
    set.await.map_err(Fault::broken)?
}

/// What the record is called: as the form of its procedure says.
pub fn title(record: &RawRecord, language: Language) -> String {
    match &record.sheet.form {
        Some(form) => language.pick(&form.name_zh, &form.name_en).to_owned(),
        None => language.text("record-title"),
    }
}

/// What a field is called: as the form says, else by the word of the input.
pub fn word(language: Language, form: Option<&FormView>, field: &str) -> String {
    match form.and_then(|form| form.field(field)) {
        Some(own) => language.pick(&own.name_zh, &own.name_en).to_owned(),
        None => language.text(&format!("input-{}", field.replace('_', "-"))),
    }
}

/// What a cell is called, with its number where a place has several.
pub fn cell_word(language: Language, form: Option<&FormView>, cell: &RecordCell) -> String {
    let word = word(language, form, &cell.field);
    if cell.replicate > 1 { format!("{word} {}", cell.replicate) } else { word }
}

/// A word of a choice in a language, anything else as it was typed.
pub fn said(language: Language, form: Option<&FormView>, field: &str, value: &str) -> String {
    let own = form.and_then(|form| form.field(field));
    let choice = own.and_then(|own| own.choices.iter().find(|one| one.zh == value || one.en == value));
    choice.map_or_else(|| value.to_owned(), |one| language.pick(&one.zh, &one.en).to_owned())
}

fn filled(
    record: &RawRecord,
    laboratory: Laboratory,
    (printed_by, printed_at): (String, Moment),
    language: Language,
) -> paper::RawRecord {
    let sheet = &record.sheet;
    let cells = |cells: &[RecordCell]| -> Vec<RecordedCell> {
        cells.iter().map(|one| cell(one, sheet.form.as_ref(), language)).collect()
    };
    paper::RawRecord {
        language: language.into(),
        laboratory,
        title: title(record, language),
        worksheet_no: sheet.worksheet_no.clone(),
        method: sheet.method.clone(),
        state: WorksheetState::parse(&sheet.state).map(|state| language.text(&state.word())).unwrap_or_default(),
        tester: sheet.tester.clone(),
        opened_at: sheet.created_at.to_string(),
        instrument: given(&sheet.instrument),
        printed_at: printed_at.to_string(),
        printed_by,
        lots: sheet
            .lots
            .iter()
            .map(|lot| RecordedLot {
                code: lot.code.clone(),
                name: lot.name.clone(),
                used_on: lot.used_on.to_string(),
                expires_on: lot.expires_on.to_string(),
            })
            .collect(),
        rooms: record.rooms.iter().flat_map(|room| readings(room, language)).collect(),
        conditions: cells(&record.conditions),
        places: record
            .places
            .iter()
            .filter_map(|one| Some((place_of(record, one)?, one)))
            .map(|(place, one)| RecordedPlace {
                title: place_title(place, language),
                target: given(&place.target),
                cells: cells(&one.cells),
            })
            .collect(),
        curves: sheet.curves.iter().map(|one| curve(one, language)).collect(),
        results: record.results.iter().map(|one| result(one, language)).collect(),
        controls_verdict: record
            .controls
            .as_ref()
            .map(|controls| language.text(word_over_all(controls.accepted, controls.controls.is_empty()))),
        controls: controls(record, language),
        release: record.controls.as_ref().and_then(|controls| controls.release.as_ref()).map(release),
        warnings: sheet
            .confirmations
            .iter()
            .map(|one| RecordedWarning {
                warnings: one.warnings.iter().map(|said| language.pick(&said.zh, &said.en).to_owned()).collect(),
                reason: one.reason.clone(),
                by: one.by.clone(),
                at: one.at.to_string(),
            })
            .collect(),
        signatures: signatures(&record.results, language),
    }
}

fn given(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn place_of<'r>(record: &'r RawRecord, cells: &RecordPlace) -> Option<&'r PositionView> {
    record.sheet.positions.iter().find(|place| place.id == cells.position)
}

/// Number, label code, analyte, and what kind of control it is.
fn place_title(place: &PositionView, language: Language) -> String {
    let analyte = language.pick(&place.analyte_zh, &place.analyte_en);
    let title = format!("{} · {} · {analyte}", place.place, place.label_code);
    match place.kind.as_str() {
        "sample" => title,
        kind => format!("{title} · {}", language.text(&format!("control-{kind}"))),
    }
}

fn cell(one: &RecordCell, form: Option<&FormView>, language: Language) -> RecordedCell {
    let entry = |entry: &RecordEntry| RecordedEntry {
        value: format!("{} {}", said(language, form, &one.field, &entry.value), entry.unit).trim().to_owned(),
        source: format!("{} · {}", language.text(&format!("entry-{}", entry.source)), entry.by),
        at: entry.at.to_string(),
        reason: match entry.run_at {
            None => entry.reason.clone(),
            // Typed late: when it was made, and why it is typed only now.
            Some(made) => {
                let late = language.text_with("entry-late", &[("made", Fact::Text(made.to_string()))]);
                format!("{late}: {}", entry.reason)
            }
        },
    };
    RecordedCell { name: cell_word(language, form, one), entries: one.entries.iter().map(entry).collect() }
}

fn readings(room: &SheetRoom, language: Language) -> impl Iterator<Item = RecordedReading> {
    room.readings.iter().map(move |one| RecordedReading {
        room: format!("{} {}", room.code, room.name),
        read_at: one.read_at.to_string(),
        temperature: one.temperature.clone(),
        humidity: one.humidity.clone(),
        by: if one.by.is_empty() { one.sensor.clone() } else { one.by.clone() },
        within: language.text(if one.within { "room-within" } else { "room-outside" }),
    })
}

fn verdict(accepted: bool, language: Language) -> String {
    language.text(if accepted { "qc-accept" } else { "qc-reject" })
}

fn curve(one: &CurveView, language: Language) -> RecordedCurve {
    RecordedCurve {
        analyte: language.pick(&one.analyte_zh, &one.analyte_en).to_owned(),
        equation: one.equation.clone(),
        r: format!("{} (≥ {})", one.r, one.min_r),
        weight: one.weight.clone(),
        verdict: verdict(one.accepted, language),
        unit: one.unit.clone(),
        svg: curve_chart::on_paper(&one.svg),
        points: one
            .points
            .iter()
            .map(|point| RecordedPoint {
                label_code: point.label_code.clone(),
                nominal: point.nominal.clone(),
                signal: point.signal.clone(),
                found: point.found.clone(),
                error: point.error_percent.clone(),
            })
            .collect(),
    }
}

/// Label code and analyte of a result.
fn subject(one: &RecordResult, language: Language) -> String {
    format!("{} · {}", one.label_code, language.pick(&one.analyte_zh, &one.analyte_en))
}

fn result(one: &RecordResult, language: Language) -> RecordedResult {
    let cause = language.text(&format!("cause-{}", one.cause));
    RecordedResult {
        title: format!("{} · {}", subject(one, language), one.version_no),
        reported: one.reported.clone(),
        verdict: language.text(&format!("verdict-{}", one.verdict.to_lowercase().replace('_', "-"))),
        cause: if one.reason.is_empty() { cause } else { format!("{cause}: {}", one.reason) },
        by: one.by.clone(),
        at: one.at.to_string(),
        deviation: given(&one.deviation),
        superseded: one.superseded,
        steps: match language {
            Language::Chinese => one.steps_zh.clone(),
            Language::English => one.steps_en.clone(),
        },
    }
}

fn controls(record: &RawRecord, language: Language) -> Vec<RecordedControl> {
    let all = record.controls.iter().flat_map(|ControlsView { controls, .. }| controls);
    all.map(|one| RecordedControl {
        control: format!("{} {}", language.text(&format!("control-{}", one.kind)), one.label_code),
        analyte: analyte(record, &one.analyte, language),
        found: one.found.clone(),
        expected: one.expected.clone(),
        figure: one.figure.clone(),
        verdict: assessed(one, language),
        release: one.release.as_ref().map(release),
    })
    .collect()
}

/// The name of an analyte, by the places of the sheet.
pub(super) fn analyte(record: &RawRecord, key: &str, language: Language) -> String {
    let place = record.sheet.positions.iter().find(|place| place.analyte == key);
    place.map_or(key, |place| language.pick(&place.analyte_zh, &place.analyte_en)).to_owned()
}

/// The verdict over a control, with what was noted about it and the rules of its chart.
fn assessed(one: &ControlView, language: Language) -> String {
    let note = NOTES.contains(&one.note.as_str()).then(|| language.text(&format!("control-note-{}", one.note)));
    let parts = [Some(verdict(one.accepted, language)), note, given(&one.rules.join(" "))];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn release(one: &Release) -> String {
    format!("{} → {} ({}, {})", one.cause, one.action, one.by, one.at)
}

/// Who made and who checked each version of a result.
fn signatures(results: &[RecordResult], language: Language) -> Vec<RecordedSignature> {
    let mut signed = Vec::new();
    for one in results {
        let subject = format!("{} ({})", subject(one, language), one.version_no);
        let line = |meaning: &str, by: &str, at: Moment| RecordedSignature {
            meaning: language.text(meaning),
            subject: subject.clone(),
            name: by.to_owned(),
            at: at.to_string(),
        };
        // A version that was recalculated or decided was not tested again.
        let made = match one.cause.as_str() {
            "submitted" => Meaning::Tested.word(),
            cause => format!("cause-{cause}"),
        };
        signed.push(line(&made, &one.by, one.at));
        let checks = one.signatures.iter().map(|made| line(&format!("meaning-{}", made.meaning), &made.by, made.at));
        signed.extend(checks);
    }
    signed
}

#[cfg(test)]
mod tests {
    use super::*;

    // Requirement: Q75-1
    #[test]
    fn the_paper_says_what_was_typed_late_and_when_it_was_made() {
        let at = |text: &str| Moment::parse_in_china(text).unwrap();
        let entry = |run_at: Option<Moment>| RecordEntry {
            value: "0.5000".into(),
            unit: "g".into(),
            source: "typed".into(),
            by: "李检验".into(),
            reason: "天平室停网".into(),
            at: at("2026-11-27 09:00"),
            run_at,
        };
        let entries = vec![entry(Some(at("2026-11-25 08:00"))), entry(None)];
        let own = RecordCell { field: "mass".into(), replicate: 1, unit: "g".into(), entries };
        let printed = |language| cell(&own, None, language);
        let english = printed(Language::English);
        assert!(
            english.entries[0].reason.starts_with("typed late, made 2026-11-25 08:00"),
            "{:?}",
            english.entries[0].reason
        );
        assert!(english.entries[0].reason.ends_with(": 天平室停网"));
        assert_eq!(english.entries[1].reason, "天平室停网");
        let chinese = printed(Language::Chinese);
        assert!(chinese.entries[0].reason.contains("补录") && chinese.entries[0].reason.contains("2026-11-25 08:00"));
    }
}
