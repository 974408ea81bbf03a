//! The raw record (原始记录) of a worksheet: what its form adds to the page of the sheet, the page of the record, and the
//! record on paper.

use actix_web::web;
use askama::Template;

use super::super::actions::{self, FieldView, FormView, PositionView, RawRecord, RecordCell, RecordResult, SheetView};
use super::super::paper;
use crate::accounts::role::SeeBench;
use crate::accounts::{Actor, May};
use crate::app::Lis;
use crate::domain::clock::Moment;
use crate::domain::ids::WorksheetId;
use crate::web::language::Language;
use crate::web::routes::Routes;
use crate::web::{Answer, Ui, page, pdf};

pub fn routes() -> Routes {
    Routes::new().get("/worksheets/{id}/record", record).get("/worksheets/{id}/record/pdf", printed)
}

/// A column of the grid, or a line above it: how a field is called and typed.
#[derive(Clone)]
pub struct Column {
    pub field: String,
    pub replicate: i64,
    pub title: String,
    pub unit: String,
    /// A number: a telephone shows its decimal keyboard.
    pub decimal: bool,
    /// What may be typed, in the page's language; empty: anything of its kind.
    pub words: Vec<String>,
    /// How it is typed, where that is not plain.
    pub hint: String,
    pub required: bool,
}

impl Column {
    fn of(ui: &Ui, form: Option<&FormView>, field: &str, replicate: i64, unit: &str) -> Self {
        let own = form.and_then(|form| form.field(field));
        let is_number = |own: &FieldView| matches!(own.kind.as_str(), "decimal" | "integer");
        Self {
            field: field.to_owned(),
            replicate,
            title: paper::word(ui.language, form, field),
            unit: unit.to_owned(),
            decimal: own.is_none_or(is_number),
            words: own
                .map(|own| own.choices.iter().map(|one| ui.pick(&one.zh, &one.en).to_owned()).collect())
                .unwrap_or_default(),
            hint: own.map(|own| hint(ui, own)).unwrap_or_default(),
            required: own.is_some_and(|own| own.required),
        }
    }

    /// The id of its list of words.
    pub fn list(&self) -> String {
        format!("words-{}", self.field)
    }
}

fn hint(ui: &Ui, own: &FieldView) -> String {
    let bounds = match (own.low.as_str(), own.high.as_str()) {
        ("", "") => String::new(),
        (low, "") => format!("≥ {low}"),
        ("", high) => format!("≤ {high}"),
        (low, high) => format!("{low}~{high}"),
    };
    match own.kind.as_str() {
        "time" => ui.t("record-hint-time"),
        "equipment" => ui.t("record-hint-equipment"),
        "lot" => ui.t("record-hint-lot"),
        _ if bounds.is_empty() => bounds,
        _ => ui.t1("record-hint-range", "range", bounds),
    }
}

/// The columns of the grid: every cell of some place once, without what the sheet has once.
pub fn columns(ui: &Ui, sheet: &SheetView) -> Vec<Column> {
    let form = sheet.form.as_ref();
    let mut columns: Vec<Column> = Vec::new();
    for cell in sheet.positions.iter().flat_map(|position| &position.cells) {
        let is_there = columns.iter().any(|one| one.field == cell.field && one.replicate == cell.replicate);
        if !is_there && !is_condition(form, &cell.field) {
            columns.push(Column::of(ui, form, &cell.field, cell.replicate, &cell.unit));
        }
    }
    order(form, &mut columns);
    columns
}

/// Columns stand in the order of the form: its first place may be one that lacks some of them.
fn order(form: Option<&FormView>, columns: &mut [Column]) {
    let Some(form) = form else { return };
    let place = |column: &Column| form.fields.iter().position(|field| field.field == column.field);
    columns.sort_by_key(|column| (place(column).unwrap_or(usize::MAX), column.replicate));
}

/// What the sheet has once, each with the id of the place that keeps it.
pub fn conditions(ui: &Ui, sheet: &SheetView) -> Vec<(i64, Column)> {
    let form = sheet.form.as_ref();
    let cells = sheet.positions.iter().flat_map(|place| place.cells.iter().map(move |cell| (place.id, cell)));
    let own = cells.filter(|(_, cell)| is_condition(form, &cell.field));
    own.map(|(place, cell)| (place, Column::of(ui, form, &cell.field, cell.replicate, &cell.unit))).collect()
}

fn is_condition(form: Option<&FormView>, field: &str) -> bool {
    form.and_then(|form| form.field(field)).is_some_and(FieldView::is_of_sheet)
}

#[derive(Template)]
#[template(path = "testing/pages/record.html")]
struct RecordPage {
    ui: Ui,
    record: RawRecord,
    printed_at: Moment,
}

impl RecordPage {
    fn title(&self) -> String {
        paper::title(&self.record, self.ui.language)
    }

    /// What a cell is called, with its number where a place has several.
    fn word(&self, cell: &RecordCell) -> String {
        paper::cell_word(self.ui.language, self.record.sheet.form.as_ref(), cell)
    }

    /// The name of a control's analyte.
    fn analyte(&self, key: &str) -> String {
        paper::analyte(&self.record, key, self.ui.language)
    }

    /// How a result came about, in the language of the page.
    fn steps<'r>(&self, result: &'r RecordResult) -> &'r [String] {
        match self.ui.language {
            Language::Chinese => &result.steps_zh,
            Language::English => &result.steps_en,
        }
    }

    /// The place's head of a list of cells.
    fn place(&self, position: &i64) -> Option<&PositionView> {
        self.record.sheet.positions.iter().find(|one| one.id == *position)
    }

    /// A word of a choice in the language of the page, anything else as it was typed.
    fn said(&self, field: &str, value: &str) -> String {
        paper::said(self.ui.language, self.record.sheet.form.as_ref(), field, value)
    }
}

async fn record(_: May<SeeBench>, ui: Ui, lis: web::Data<Lis>, id: web::Path<WorksheetId>) -> Answer {
    let id = *id;
    let record = lis.db.read(move |conn| actions::raw_record(conn, id)).await?;
    page(&RecordPage { ui, record, printed_at: lis.clock.now() }, false)
}

async fn printed(by: May<SeeBench>, ui: Ui, lis: web::Data<Lis>, id: web::Path<WorksheetId>) -> Answer {
    on_paper(&lis, &by, &ui, *id).await
}

/// The record as a PDF.
pub(in super::super) async fn on_paper(lis: &Lis, by: &Actor, ui: &Ui, id: WorksheetId) -> Answer {
    let record = lis.db.read(move |conn| actions::raw_record(conn, id)).await?;
    let name = format!("{}.pdf", record.sheet.worksheet_no);
    Ok(pdf(paper::printed(lis, record, by.name.clone(), ui.language).await?, &name))
}
