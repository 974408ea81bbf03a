//! Worksheets as pages and programs see them: one sheet with its grid, the list of sheets. Label codes only.

use chrono::NaiveDate;
use serde::Serialize;

use super::compute::{Record, notes_of};
use super::controls::Target;
use super::curve_chart;
use super::sheet::{Line, Sheet};
use super::sheet_curves::SheetCurve;
use super::state::WorksheetState;
use super::store::{self, UsedLotRow, WorksheetRow};
use crate::accounts::actions::names_of;
use crate::catalogue::import::{Evaluation, RecordField, Scope};
use crate::catalogue::{Catalogue, actions as catalogue};
use crate::db::Conn;
use crate::domain::clock::Moment;
use crate::domain::decimal::Decimal;
use crate::domain::identifiers::LabelCode;
use crate::domain::ids::{ItemId, PersonId, PositionId, ResultId, WorksheetId};
use crate::domain::refusal::Outcome;
use crate::instruments::bench::{self, Aimed};
use crate::judgement::explain::{Lang, Step};
use crate::quality::gates::actions::{ConfirmationView, confirmations};
use crate::samples::actions as samples;
use crate::samples::weighed::PORTION;

/// A sheet with everything on it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct SheetView {
    pub id: i64,
    pub version: i64,
    pub worksheet_no: String,
    /// As papers name it: standard, edition, procedure.
    pub method: String,
    pub method_key: String,
    /// Code and name of the instrument that the sheet was opened for; empty without one.
    pub instrument: String,
    #[serde(skip)]
    pub instrument_code: String,
    /// The sheet is open, and the instrument's profile writes a sequence file of it.
    pub sequence: bool,
    /// By which ways the sheet can be sent to the instrument now: `orders`, `file`. Empty: by none, or it is not open.
    pub sends: Vec<String>,
    pub tester_id: i64,
    pub tester: String,
    pub state: String,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Moment,
    pub positions: Vec<PositionView>,
    /// Calibration curves that can be drawn through what was measured so far.
    pub curves: Vec<CurveView>,
    /// Standards, reagents and solutions that were used.
    pub lots: Vec<UsedLotView>,
    /// Warnings that the tester went past when he submitted the sheet, and why.
    pub confirmations: Vec<ConfirmationView>,
    /// The raw-record form of the procedure, where it has one.
    pub form: Option<FormView>,
    /// Containers of which more was weighed and taken than there was.
    pub overdrawn: Vec<OverdrawnView>,
}

/// A container of which more was taken than there was.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct OverdrawnView {
    pub label_code: String,
    pub taken: String,
    pub received: String,
    /// Of both.
    pub unit: String,
}

/// A raw-record form: what is typed beside the inputs of the calculation, and what its cells are called.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RecordFormView)]
pub struct FormView {
    pub code: String,
    pub name_zh: String,
    pub name_en: String,
    pub fields: Vec<FieldView>,
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RecordFieldView)]
pub struct FieldView {
    /// The `field` of its cells.
    pub field: String,
    pub name_zh: String,
    pub name_en: String,
    /// decimal, integer, text, choice, time, equipment, lot
    pub kind: String,
    pub unit: String,
    /// Words of a choice; either language may be typed.
    pub choices: Vec<ChoiceView>,
    /// sheet (once, at the first place), position, determination
    pub scope: String,
    pub required: bool,
    /// The calculation reads it.
    pub calculated: bool,
    /// Plausible limits; a value outside needs a reason. Empty: none.
    pub low: String,
    pub high: String,
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RecordChoiceView)]
pub struct ChoiceView {
    pub zh: String,
    pub en: String,
}

impl FormView {
    fn of(fields: &[RecordField]) -> Option<Self> {
        let first = fields.first()?;
        Some(Self {
            code: first.form.clone(),
            name_zh: first.form_zh.clone(),
            name_en: first.form_en.clone(),
            fields: fields.iter().map(FieldView::of).collect(),
        })
    }

    /// What the form says of a cell.
    pub fn field(&self, name: &str) -> Option<&FieldView> {
        self.fields.iter().find(|field| field.field == name)
    }
}

impl FieldView {
    fn of(field: &RecordField) -> Self {
        let text = |bound: &Option<Decimal>| bound.as_ref().map(ToString::to_string).unwrap_or_default();
        Self {
            field: field.cell().to_owned(),
            name_zh: field.name_zh.clone(),
            name_en: field.name_en.clone(),
            kind: field.kind.code().to_owned(),
            unit: field.unit.clone(),
            choices: field.choices.iter().map(|(zh, en)| ChoiceView { zh: zh.clone(), en: en.clone() }).collect(),
            scope: field.scope.code().to_owned(),
            required: field.required,
            calculated: field.feeds.is_some(),
            low: text(&field.low),
            high: text(&field.high),
        }
    }

    /// Whether it stands once on a sheet.
    pub fn is_of_sheet(&self) -> bool {
        self.scope == Scope::Sheet.code()
    }
}

/// A lot that a sheet used.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct UsedLotView {
    pub id: i64,
    pub code: String,
    pub name: String,
    #[schema(value_type = String, format = Date)]
    pub expires_on: NaiveDate,
    #[schema(value_type = String, format = Date)]
    pub used_on: NaiveDate,
}

impl From<UsedLotRow> for UsedLotView {
    fn from(row: UsedLotRow) -> Self {
        Self { id: row.id.0, code: row.code, name: row.name, expires_on: row.expires_on, used_on: row.used_on }
    }
}

/// The calibration curve of one analyte.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct CurveView {
    pub analyte: String,
    pub analyte_zh: String,
    pub analyte_en: String,
    /// Of the concentrations.
    pub unit: String,
    /// none, 1/x, 1/x2
    pub weight: String,
    /// 1 or 2.
    pub degree: u32,
    /// `y = 0.002 + 0.01 x`
    pub equation: String,
    pub r: String,
    /// Least |r| that the method asks for.
    pub min_r: String,
    pub accepted: bool,
    pub points: Vec<CurvePointView>,
    #[serde(skip)]
    pub svg: String,
}

/// A standard, and what its own curve makes of its signal.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct CurvePointView {
    pub label_code: String,
    pub nominal: String,
    pub signal: String,
    /// Empty where the curve does not reach the signal.
    pub found: String,
    /// Relative error in percent of the nominal concentration; empty at zero.
    pub error_percent: String,
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct PositionView {
    pub id: i64,
    pub place: i64,
    pub kind: String,
    pub label_code: String,
    pub analyte: String,
    pub analyte_zh: String,
    pub analyte_en: String,
    pub item_id: Option<i64>,
    pub item_state: String,
    /// The item's result as reports print it, with its unit. Empty before.
    pub reported: String,
    /// Verdict of the item's result and why a person has to look at it: codes such as `screening-positive`. Empty before.
    pub verdict: String,
    pub notes: Vec<String>,
    /// How the item's result and verdict came about, sentence by sentence; at the first of its places. Empty before.
    pub steps: Vec<StepView>,
    /// What a control must give.
    pub target: String,
    /// A typed reading needs a reason.
    pub connected: bool,
    pub cells: Vec<CellView>,
}

/// A sentence of the reasoning behind a result.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ResultStepView)]
pub struct StepView {
    pub zh: String,
    pub en: String,
}

impl From<&Step> for StepView {
    fn from(step: &Step) -> Self {
        Self { zh: step.text(Lang::Zh), en: step.text(Lang::En) }
    }
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct CellView {
    pub field: String,
    pub unit: String,
    pub replicate: i64,
    pub value: String,
    /// 0 when nothing was entered yet.
    pub entry_no: i64,
    pub source: String,
    pub by: String,
    pub reason: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<Moment>,
    /// When it was made, where it was typed late.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub run_at: Option<Moment>,
    /// A balance gives this value: it can be aimed at the cell.
    pub weighed: bool,
    /// Colonies that may be used for the count, `15~150`; empty where none are counted.
    pub counted: String,
    /// Code of the balance whose next weight goes here; empty when none is aimed at the cell.
    pub awaits: String,
}

pub fn sheet_view(conn: &mut Conn, id: WorksheetId) -> Outcome<SheetView> {
    let catalogue = catalogue::current(conn)?;
    let mut sheet = Sheet::load(conn, id, &catalogue)?;
    let mut people: Vec<PersonId> = sheet.entries.iter().filter_map(|entry| entry.person_id).collect();
    people.push(sheet.row.tester_id);
    let names = names_of(conn, &people)?;
    let name = |id: PersonId| names.get(&id).cloned().unwrap_or_default();
    let results: Vec<ResultId> = sheet.items().iter().filter_map(|line| line.item.as_ref()?.result_id).collect();
    let results = store::reported(conn, &results)?;
    let records: Vec<(ItemId, Record)> =
        results.iter().filter_map(|row| Some((row.item_id, serde_json::from_str(&row.record).ok()?))).collect();
    // A sheet that was calculated keeps the inputs of its rule of then; on an open one an item may have an earlier result.
    if sheet.state != WorksheetState::Open {
        sheet.as_judged(&records.iter().map(|(item, record)| (*item, &record.asked)).collect::<Vec<_>>());
    }
    let instrument = sheet.row.instrument_id.map(|id| bench::of_sheet(conn, id)).transpose()?.flatten();
    let sends = match instrument.as_ref().filter(|_| sheet.state == WorksheetState::Open) {
        Some(one) => bench::ways(conn, &one.code)?.into_iter().map(|way| way.code().to_owned()).collect(),
        None => Vec::new(),
    };
    let on_connected = instrument.as_ref().is_some_and(|one| one.is_connected);
    // An item of several units stands at several places: it is reasoned about once.
    let first_places: Vec<PositionId> = sheet.items().iter().map(|line| line.position.id).collect();
    // On a closed sheet no cell waits any more.
    let places: Vec<PositionId> = sheet.lines.iter().map(|line| line.position.id).collect();
    let aimed = if sheet.state == WorksheetState::Open { bench::aimed(conn, &places)? } else { Vec::new() };
    let positions = sheet
        .lines
        .iter()
        .map(|line| {
            let item = line.item.as_ref().filter(|_| line.position.kind == "sample");
            let result = item.and_then(|item| results.iter().find(|row| row.item_id == item.id));
            let reasoned = item.filter(|_| first_places.contains(&line.position.id));
            let record = reasoned.and_then(|item| records.iter().find(|(of, _)| *of == item.id));
            let analyte = catalogue.analytes.get(line.analyte());
            PositionView {
                id: line.position.id.0,
                place: line.position.place,
                kind: line.position.kind.clone(),
                label_code: line.position.label_code.clone(),
                analyte: line.analyte().to_owned(),
                analyte_zh: analyte.map_or_else(|| line.analyte().to_owned(), |row| row.name_zh.clone()),
                analyte_en: analyte.map_or_else(|| line.analyte().to_owned(), |row| row.name_en.clone()),
                item_id: line.item.as_ref().map(|item| item.id.0),
                item_state: line.item.as_ref().map(|item| item.state.clone()).unwrap_or_default(),
                reported: result.map(|row| format!("{} {}", row.reported, row.unit)).unwrap_or_default(),
                verdict: result.map(|row| row.verdict.clone()).unwrap_or_default(),
                notes: result.map(|row| notes_of(&row.record)).unwrap_or_default(),
                steps: record.map(|(_, record)| steps_of(record)).unwrap_or_default(),
                target: target_text(&line.target),
                connected: line.rule.connected || on_connected,
                cells: cells_of(&sheet, line, &name, &aimed),
            }
        })
        .collect();
    Ok(SheetView {
        id: id.0,
        version: sheet.row.version,
        method: method_text(&catalogue, &sheet.row.method_key),
        method_key: sheet.row.method_key.clone(),
        sequence: sheet.state == WorksheetState::Open && instrument.as_ref().is_some_and(|one| one.takes_sequences),
        sends,
        instrument_code: instrument.as_ref().map(|one| one.code.clone()).unwrap_or_default(),
        instrument: instrument.map(|one| one.title).unwrap_or_default(),
        tester_id: sheet.row.tester_id.0,
        tester: name(sheet.row.tester_id),
        state: sheet.row.state.clone(),
        created_at: sheet.row.created_at,
        worksheet_no: sheet.row.worksheet_no.clone(),
        positions,
        curves: sheet.curves()?.iter().filter_map(|curve| curve_view(&catalogue, curve)).collect(),
        lots: store::used_lots(conn, id)?.into_iter().map(UsedLotView::from).collect(),
        confirmations: confirmations(conn, id)?,
        form: FormView::of(&sheet.form),
        overdrawn: overdrawn(conn, &sheet)?,
    })
}

/// Asked of sheets on which something was weighed.
fn overdrawn(conn: &mut Conn, sheet: &Sheet) -> Outcome<Vec<OverdrawnView>> {
    if sheet.entries.iter().all(|entry| entry.field != PORTION) {
        return Ok(Vec::new());
    }
    let codes: Vec<LabelCode> =
        sheet.lines.iter().filter_map(|line| LabelCode::parse(&line.position.label_code).ok()).collect();
    let view = |one: samples::Overdrawn| OverdrawnView {
        label_code: one.label_code,
        taken: one.taken,
        received: one.received,
        unit: one.unit,
    };
    Ok(samples::overdrawn(conn, &codes)?.into_iter().map(view).collect())
}

fn steps_of(record: &Record) -> Vec<StepView> {
    record.reasoning().iter().map(StepView::from).collect()
}

/// A curve as far as it can be fitted.
fn curve_view(catalogue: &Catalogue, curve: &SheetCurve) -> Option<CurveView> {
    let fitted = curve.asked.fitted().ok()?;
    let analyte = catalogue.analytes.get(&curve.analyte);
    let points = curve.labels.iter().zip(&curve.asked.points).zip(fitted.curve.back_calculated());
    let points = points.map(|((label, point), back)| CurvePointView {
        label_code: label.clone(),
        nominal: point.x.to_string(),
        signal: point.y.to_string(),
        found: back.found.unwrap_or_default(),
        error_percent: back.deviation_percent.unwrap_or_default(),
    });
    let rule = &curve.asked.rule;
    Some(CurveView {
        analyte: curve.analyte.clone(),
        analyte_zh: analyte.map_or_else(|| curve.analyte.clone(), |row| row.name_zh.clone()),
        analyte_en: analyte.map_or_else(|| curve.analyte.clone(), |row| row.name_en.clone()),
        unit: rule.gives.unit.clone(),
        weight: rule.weight.code().to_owned(),
        degree: rule.degree,
        equation: fitted.equation(),
        r: fitted.curve.r().text(),
        min_r: rule.min_r.to_string(),
        accepted: fitted.is_accepted(),
        points: points.collect(),
        svg: curve_chart::draw(&fitted, &fitted.equation()),
    })
}

fn cells_of(sheet: &Sheet, line: &Line, name: &impl Fn(PersonId) -> String, aimed: &[Aimed]) -> Vec<CellView> {
    let counted = match line.rule.evaluation {
        Evaluation::Plates { range } => Some(range),
        _ => None,
    };
    sheet
        .cells_at(line)
        .into_iter()
        .map(|(field, replicate)| {
            let entry = sheet.newest(line.position.id, &field, replicate);
            let awaits = aimed
                .iter()
                .find(|one| one.position == line.position.id && one.field == field && one.replicate == replicate);
            // On plates the unit of an input is the amount of sample.
            let input = line.inputs().iter().find(|input| input.name == field);
            let unit = input.map_or_else(|| sheet.typed_unit(line, &field), |input| input.unit.clone());
            CellView {
                unit,
                replicate,
                value: entry.map(|entry| entry.value.clone()).unwrap_or_default(),
                entry_no: entry.map_or(0, |entry| entry.entry_no),
                source: entry.map(|entry| entry.source.clone()).unwrap_or_default(),
                by: entry.and_then(|entry| entry.person_id).map(name).unwrap_or_default(),
                reason: entry.map(|entry| entry.reason.clone()).unwrap_or_default(),
                at: entry.map(|entry| entry.at),
                run_at: entry.and_then(|entry| entry.run_at),
                weighed: input.is_some() && is_weighed(&field),
                counted: counted.filter(|_| input.is_some()).map(|range| range.shown()).unwrap_or_default(),
                awaits: awaits.map(|one| one.instrument.clone()).unwrap_or_default(),
                field,
            }
        })
        .collect()
}

/// Inputs that come from a balance: `mass`, `mass_before`, `mass_after`.
fn is_weighed(field: &str) -> bool {
    field.split('_').next() == Some("mass")
}

fn target_text(target: &Target) -> String {
    match (&target.added, &target.certified, &target.uncertainty, &target.nominal) {
        (Some(added), ..) => format!("+ {added}"),
        (None, Some(certified), Some(uncertainty), _) => format!("{certified} ± {uncertainty}"),
        (.., Some(nominal)) if target.lot.is_empty() => nominal.to_string(),
        (.., Some(nominal)) => format!("{nominal} ({})", target.lot),
        _ => String::new(),
    }
}

/// A procedure as papers name it; one that the catalogue has no longer by its key.
pub fn method_text(catalogue: &Catalogue, key: &str) -> String {
    catalogue.method(key).map_or_else(|| key.to_owned(), |row| row.text())
}

/// The page of the bench for a scanned container: the newest sheet that it stands on, else the list of sheets.
pub fn bench_page(conn: &mut Conn, label: &str) -> Outcome<String> {
    let found = store::positions_by_label(conn, &[label.to_owned()])?;
    Ok(found.first().map_or_else(|| "/worksheets".to_owned(), |(sheet, ..)| format!("/worksheets/{}", sheet.id)))
}

/// A sheet in a list.
#[derive(Clone, Debug)]
pub struct ListedSheet {
    pub row: WorksheetRow,
    /// As papers name it.
    pub method: String,
    pub tester: String,
}

/// Sheets in some states, newest first.
pub fn worksheets(conn: &mut Conn, states: &[&'static str], before: i64, limit: i64) -> Outcome<Vec<ListedSheet>> {
    let rows = store::worksheets(conn, states, before, limit)?;
    let people: Vec<PersonId> = rows.iter().map(|row| row.tester_id).collect();
    let names = names_of(conn, &people)?;
    let catalogue = catalogue::current(conn)?;
    let listed = |row: WorksheetRow| ListedSheet {
        method: method_text(&catalogue, &row.method_key),
        tester: names.get(&row.tester_id).cloned().unwrap_or_default(),
        row,
    };
    Ok(rows.into_iter().map(listed).collect())
}
