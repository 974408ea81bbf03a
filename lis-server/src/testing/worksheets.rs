//! Worksheets: opening one with its controls. What is typed on it is in `entering.rs`.

use serde::{Deserialize, Serialize};

use super::authorizations::{Coverage, TEST};
use super::places::{Amounts, positions, require_amounts};
use super::planning::state_of;
use super::sheet::Sheet;
use super::standards::{Standard, concentrations};
use super::state::{ItemEvent, ItemState, WorksheetState};
use super::store::{self, ItemChange, ItemRow, NewPositionRow, NewUsedLot, NewWorksheetRow};
use super::{ITEM_CHANGED, METHODS_DIFFER, NOT_YOUR_ITEM, NOT_YOUR_WORKSHEET, NOTHING_CHOSEN, TOO_MANY};
use crate::accounts::May;
use crate::accounts::role::EnterResults;
use crate::catalogue::reference::AnalyteKind;
use crate::catalogue::{Catalogue, actions as catalogue};
use crate::db::{Conn, Tx, series};
use crate::domain::decimal::Decimal;
use crate::domain::ids::{InstrumentId, ItemId, PartId, PersonId, SampleId};
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_INVALID, NOT_FOUND, Outcome, Reasons, Refusal};
use crate::instruments::bench;
use crate::quality::gates::actions as gates;
use crate::quality::gates::state::{Gate, Mode};
use crate::quality::lots::actions::{self as lots, LotContent, codes_of};
use crate::samples::actions as samples;

/// Items on one sheet at most: an autosampler's tray.
const ITEMS_MOST: usize = 60;
/// Longest list of lots, in characters.
const LOTS_MOST: usize = 500;

/// Opening a sheet.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OpenInput {
    /// Ids of assigned items, all of one procedure.
    pub items: Vec<i64>,
    pub instrument_id: Option<i64>,
    /// What is added to a spiked portion of the first sample, in the result's unit; empty: no spike.
    pub spike_added: String,
    /// Certified value of a reference material and its uncertainty; empty: none on the sheet.
    pub certified: String,
    pub uncertainty: String,
    /// Its standard deviation, where |z| ≤ 2 is good enough as well; empty: only within the uncertainty.
    pub sigma: String,
    /// What a check standard in the middle of the curve holds, in the unit of the reading; empty: as the method declares.
    pub nominal: String,
    /// Concentrations of the standards of a calibration curve, separated by `;`, in the unit that the method names.
    pub standards: String,
    /// Codes of lots that are standards of the curve, separated by `;`; they stand for their concentrations.
    pub standard_lots: String,
}

#[derive(Clone, Debug)]
pub struct OpenFacts {
    items: Vec<ItemId>,
    instrument: Option<InstrumentId>,
    amounts: Amounts,
    /// Codes of the lots that are standards of the curve.
    standard_lots: Vec<String>,
}

impl OpenInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<OpenFacts, Refusal> {
        let mut check = Checker::new();
        let number = |text: &str| Decimal::parse(text).ok().filter(|value| !value.is_negative());
        let positive = |text: &str| number(text).filter(|value| !value.is_zero());
        let added = check.optional("spike_added", &self.spike_added, "expected-decimal", positive);
        let nominal = check.optional("nominal", &self.nominal, "expected-decimal", positive);
        let certified = check.optional("certified", &self.certified, "expected-decimal", number);
        let uncertainty = if self.certified.trim().is_empty() {
            None
        } else {
            check.parsed("uncertainty", &self.uncertainty, "expected-decimal", number)
        };
        let sigma = check.optional("sigma", &self.sigma, "expected-decimal", positive);
        let stated = check.optional("standards", &self.standards, "expected-concentrations", concentrations);
        let standard_lots = codes_of(&check.optional_text("standard_lots", &self.standard_lots, LOTS_MOST));
        check.add_if(self.items.is_empty(), || NOTHING_CHOSEN.at("items"));
        check.add_if(self.items.len() > ITEMS_MOST, || TOO_MANY.with("limit", ITEMS_MOST).at("items"));
        let mut items: Vec<ItemId> = self.items.iter().map(|id| ItemId(*id)).collect();
        items.sort_unstable();
        items.dedup();
        let instrument = self.instrument_id.map(InstrumentId);
        let standards = stated.into_iter().flatten().map(Standard::stated).collect();
        let amounts = Amounts { added, reference: certified.zip(uncertainty), sigma, nominal, standards };
        check.done(Some(OpenFacts { items, instrument, amounts, standard_lots }))
    }
}

/// A new sheet.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = WorksheetOpened)]
pub struct Opened {
    pub id: i64,
    pub worksheet_no: String,
    pub version: i64,
}

/// Puts assigned items of one procedure on a new sheet, with the controls that the procedure asks for.
pub fn open_worksheet(tx: &mut Tx, by: &May<EnterResults>, facts: &OpenFacts) -> Outcome<Opened> {
    let catalogue = catalogue::current(tx.conn)?;
    let items = store::items(tx.conn, &facts.items)?;
    let today = tx.now.date_in_china();
    let coverage = Coverage::of(tx.conn, &[by.person], TEST, today)?;
    let settings = gates::settings(tx.conn)?;
    // What is no block here is found again when the sheet is submitted.
    let competence = settings.mode(Gate::Competence, today);
    let mut reasons = Reasons::new();
    if let Some(instrument) = facts.instrument
        && !store::instrument_exists(tx.conn, instrument)?
    {
        reasons.add(FIELD_INVALID.at("instrument_id").with_word("expected", "expected-instrument"));
    }
    for id in &facts.items {
        let field = format!("item-{id}");
        let Some(item) = items.iter().find(|item| item.id == *id) else {
            reasons.add(NOT_FOUND.at(field));
            continue;
        };
        if let Err(reason) = state_of(item).after(ItemEvent::PutInBatch) {
            reasons.add(reason.with("item", item.name()).at(&field));
        }
        if item.tester_id != Some(by.person) {
            reasons.add(NOT_YOUR_ITEM.with("item", item.name()).at(&field));
        }
        if items.first().is_some_and(|first| first.method_key != item.method_key) {
            reasons.add(METHODS_DIFFER.with("item", item.name()).with("method", &item.method_key).at(&field));
        }
        if competence == Mode::Block
            && let Err(reason) = coverage.require(by.person, &by.name, &item.method_standard)
        {
            reasons.add(reason.at(&field));
        }
    }
    let lots = lots::contents(tx.conn, &facts.standard_lots, "standard_lots")?;
    let amounts = with_lots(&facts.amounts, &lots);
    require_amounts(&catalogue, &items, &amounts, &mut reasons);
    reasons.none()?;
    if let Some(instrument) = facts.instrument {
        bench::require_usable(tx.conn, instrument, settings.mode(Gate::Equipment, today))?;
    }
    let first = items.first().ok_or(NOT_FOUND)?;
    let month = today.format("%y%m").to_string();
    let number = series::take(tx, &format!("worksheet-{month}"), 1)?;
    let worksheet_no = format!("W{month}-{number:04}");
    let id = store::insert_worksheet(
        tx.conn,
        &NewWorksheetRow {
            version: 1,
            worksheet_no: &worksheet_no,
            method_standard: &first.method_standard,
            method_key: &first.method_key,
            tester_id: by.person,
            instrument_id: facts.instrument,
            state: WorksheetState::Open.code(),
            created_at: tx.now,
        },
    )?;
    let samples = sample_places(tx.conn, &catalogue, &items)?;
    let positions = positions(&catalogue, &worksheet_no, &items, &samples, &amounts);
    let positions: Vec<NewPositionRow> =
        positions.into_iter().zip(1..).map(|(one, place)| one.row(id, place)).collect();
    store::insert_positions(tx.conn, &positions)?;
    if !lots.is_empty() {
        let used = |lot: &LotContent| NewUsedLot { worksheet_id: id, lot_id: lot.id, used_on: today };
        store::set_used_lots(tx.conn, id, &lots.iter().map(used).collect::<Vec<_>>())?;
    }
    let seen: Vec<(ItemId, i64)> = items.iter().map(|item| (item.id, item.version)).collect();
    let change =
        ItemChange { state: Some(ItemState::InBatch.code()), worksheet_id: Some(Some(id)), ..ItemChange::default() };
    if !store::change_items(tx.conn, &seen, &change)? {
        return Err(ITEM_CHANGED.with("item", "").with("version", "").into());
    }
    tx.log(
        by.entry("worksheet", id.0, 1, "worksheet-opened")
            .set("worksheet_no", worksheet_no.as_str())
            .set("method_key", first.method_key.as_str())
            .set("positions", positions.len()),
    );
    for item in &items {
        tx.log(
            by.entry("test_item", item.id.0, item.version + 1, "item-in-batch")
                .change("state", item.state.as_str(), ItemState::InBatch.code())
                .set("worksheet", id.0),
        );
    }
    Ok(Opened { id: id.0, worksheet_no, version: 1 })
}

/// What the tester states, and after it what the lots hold that he names as standards.
fn with_lots(amounts: &Amounts, lots: &[LotContent]) -> Amounts {
    let of_lot = |lot: &LotContent| Standard {
        concentration: lot.concentration.clone(),
        unit: lot.unit.clone(),
        lot: lot.code.clone(),
    };
    let standards = amounts.standards.iter().cloned().chain(lots.iter().map(of_lot)).collect();
    Amounts { standards, ..amounts.clone() }
}

/// The containers of each item: a plan's units each at a place of their own.
fn sample_places(conn: &mut Conn, catalogue: &Catalogue, items: &[ItemRow]) -> Outcome<Vec<(ItemId, String)>> {
    let parts: Vec<PartId> = items.iter().filter_map(|item| item.part_id).collect();
    let labels = samples::labels_of(conn, &parts)?;
    let is_micro = |item: &ItemRow| {
        catalogue.analytes.get(&item.analyte).is_some_and(|analyte| analyte.kind == AnalyteKind::Microbiology)
    };
    let micro: Vec<SampleId> = items.iter().filter(|item| is_micro(item)).map(|item| item.sample_id).collect();
    let units = if micro.is_empty() { Vec::new() } else { samples::micro_labels(conn, &micro)? };
    let mut places = Vec::new();
    for item in items {
        let own = units.iter().filter(|(sample, _)| is_micro(item) && *sample == item.sample_id);
        let own: Vec<(ItemId, String)> = own.map(|(_, code)| (item.id, code.clone())).collect();
        if own.is_empty() {
            let label = item.part_id.and_then(|part| labels.get(&part).cloned()).unwrap_or_default();
            places.push((item.id, label));
        }
        places.extend(own);
    }
    Ok(places)
}

pub(super) fn require_own(sheet: &Sheet, person: PersonId, reasons: &mut Reasons) {
    reasons.add_if(sheet.row.tester_id != person, || NOT_YOUR_WORKSHEET.with("worksheet", &sheet.row.worksheet_no));
}
