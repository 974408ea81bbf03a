//! Which procedure an item is tested by: one of its method, or of any other that the implementing rules permit, that is in
//! force on the day of the test, meant for the analyte, and not for other foods only.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use super::asking::{food_of, standards_of};
use super::store::{self, ItemRow};
use super::{METHOD_NOT_PERMITTED, METHOD_OUTSIDE, METHOD_UNKNOWN};
use crate::catalogue::methods::{MatrixFit, detection_limit, matrix_fit, method_edition};
use crate::catalogue::reference::MethodRow;
use crate::catalogue::search::LimitQuery;
use crate::catalogue::{Catalogue, actions as catalogue};
use crate::db::Conn;
use crate::domain::ids::ItemId;
use crate::domain::refusal::{Outcome, Reason};
use crate::judgement::claim::Claim;
use crate::quality::gates::state::Mode;

/// A procedure that an item may be tested by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offered {
    pub key: String,
    /// As papers name it.
    pub text: String,
    /// It has a rule of calculation for the item's analyte.
    pub rule: bool,
}

/// What may be chosen for items, best first.
pub fn offered(conn: &mut Conn, ids: &[ItemId], on: NaiveDate) -> Outcome<BTreeMap<i64, Vec<Offered>>> {
    let items = store::items(conn, ids)?;
    let catalogue = catalogue::current(conn)?;
    let of_item = |item: &ItemRow| -> Vec<Offered> {
        let rule = |row: &MethodRow| catalogue.has_rule(&row.key, &item.analyte);
        let offer = |row: &MethodRow| Offered { key: row.key.clone(), text: row.text(), rule: rule(row) };
        permitted(&catalogue, item, on).into_iter().map(offer).collect()
    };
    // Items of one kind are many, and have the same choice.
    let mut kinds: HashMap<[&str; 4], Vec<Offered>> = HashMap::new();
    let mut all = BTreeMap::new();
    for item in &items {
        let kind = [&item.method_standard, &item.permitted_methods, &item.analyte, &item.food].map(String::as_str);
        let offered = kinds.entry(kind).or_insert_with(|| of_item(item));
        all.insert(item.id.0, offered.clone());
    }
    Ok(all)
}

/// The procedure that was chosen for an item, or the first that fits.
///
/// `edition` is how strictly another edition than the one in force is refused.
///
/// # Errors
/// `method-unknown`; `method-not-permitted` by the implementing rules; `method-outside-matrix`: for other foods only.
pub(super) fn chosen<'c>(
    catalogue: &'c Catalogue,
    item: &ItemRow,
    key: &str,
    (on, edition): (NaiveDate, Mode),
) -> Result<&'c MethodRow, Reason> {
    let permitted = permitted(catalogue, item, on);
    let found = match key {
        "" => permitted.first().copied(),
        key => {
            permitted.into_iter().find(|row| row.key == key).or_else(|| beside_the_rule(catalogue, item, key, edition))
        }
    };
    found.ok_or_else(|| why_not(catalogue, item, key, on))
}

/// Procedures of all methods that an item may be tested by, those of its own first.
fn permitted<'c>(catalogue: &'c Catalogue, item: &ItemRow, on: NaiveDate) -> Vec<&'c MethodRow> {
    let of_method = |standard| procedures(catalogue, standard, &item.analyte, &item.food, on);
    methods_of(item).flat_map(of_method).collect()
}

/// Its own method, and the others that the rules permit.
fn methods_of(item: &ItemRow) -> impl Iterator<Item = &str> {
    let own = item.method_standard.as_str();
    std::iter::once(own).chain(listed(&item.permitted_methods).filter(move |other| *other != own))
}

/// The methods of a list as it is stored.
pub(super) fn listed(methods: &str) -> impl Iterator<Item = &str> {
    methods.split(';').filter(|method| !method.is_empty())
}

/// Why a procedure cannot be taken, or none can.
fn why_not(catalogue: &Catalogue, item: &ItemRow, key: &str, on: NaiveDate) -> Reason {
    let mut meant = methods_of(item).flat_map(|standard| meant_for(catalogue, standard, &item.analyte, on));
    let outside = meant.find(|row| {
        let asked = key.is_empty() || row.key == key;
        asked && matrix_fit(row, &catalogue.categories, food_of(catalogue, &item.food)) == MatrixFit::Outside
    });
    if let Some(row) = outside {
        let reason = METHOD_OUTSIDE.with("method", row.name()).with("item", item.name());
        let matrices = catalogue.foods_named(&row.matrices);
        return reason.with("matrices", matrices).with("food", catalogue.food_name(&item.food));
    }
    match catalogue.method(key).filter(|row| !methods_of(item).any(|standard| standard == row.standard)) {
        Some(row) => {
            let permitted = methods_of(item).collect::<Vec<_>>().join(", ");
            METHOD_NOT_PERMITTED.with("method", row.name()).with("item", item.name()).with("permitted", permitted)
        }
        None => METHOD_UNKNOWN.with("method", &item.method_standard),
    }
}

/// A procedure of another edition or for other foods of the item's method: only an approved deviation allows it, but another
/// edition also where the gate of editions does not block.
fn beside_the_rule<'c>(catalogue: &'c Catalogue, item: &ItemRow, key: &str, edition: Mode) -> Option<&'c MethodRow> {
    let fits = |row: &&MethodRow| {
        row.standard == item.method_standard && (row.analytes.is_empty() || row.analytes.contains(&item.analyte))
    };
    let row = catalogue.method(key).filter(fits)?;
    let for_food = matrix_fit(row, &catalogue.categories, food_of(catalogue, &item.food)) != MatrixFit::Outside;
    (!item.deviation.is_empty() || (for_food && edition != Mode::Block)).then_some(row)
}

/// Whether a procedure is one of the edition of its standard that is in force on a day.
pub(super) fn is_in_force(catalogue: &Catalogue, standard: &str, key: &str, on: NaiveDate) -> bool {
    let edition = method_edition(&catalogue.methods, standard, on);
    edition.is_some_and(|edition| edition.procedures.iter().any(|row| row.key == key))
}

/// Procedures of a method in force on a day that are for an analyte and not for other foods only: those that name the food
/// first, then those that name none; among equals those with a rule of calculation.
pub(super) fn procedures<'c>(
    catalogue: &'c Catalogue,
    standard: &str,
    analyte: &str,
    food: &str,
    on: NaiveDate,
) -> Vec<&'c MethodRow> {
    let food = food_of(catalogue, food);
    let meant = meant_for(catalogue, standard, analyte, on).into_iter();
    let placed = meant.map(|row| (matrix_fit(row, &catalogue.categories, food), row));
    let mut fitting: Vec<(MatrixFit, &MethodRow)> = placed.filter(|(fit, _)| *fit != MatrixFit::Outside).collect();
    fitting.sort_by_key(|(fit, row)| (*fit, !catalogue.formulas.iter().any(|formula| formula.method == row.key)));
    fitting.into_iter().map(|(_, row)| row).collect()
}

/// Procedures of a method in force on a day that are for an analyte; where none names it, all of them.
fn meant_for<'c>(catalogue: &'c Catalogue, standard: &str, analyte: &str, on: NaiveDate) -> Vec<&'c MethodRow> {
    let Some(edition) = method_edition(&catalogue.methods, standard, on) else {
        return Vec::new();
    };
    let names = |row: &&MethodRow| row.analytes.is_empty() || row.analytes.iter().any(|key| key == analyte);
    let named: Vec<&MethodRow> = edition.procedures.iter().copied().filter(names).collect();
    if named.is_empty() { edition.procedures } else { named }
}

/// The unit of an item's result: its formula's, its detection limit's, else that of the limit or of the label claim that it is
/// judged by.
pub(super) fn unit_of(
    catalogue: &Catalogue,
    procedure: Option<&MethodRow>,
    analyte: &str,
    standards: &str,
    food: &str,
    produced: NaiveDate,
    label_claim: &str,
) -> String {
    let key = procedure.map_or("", |row| row.key.as_str());
    let formula = catalogue.formula(key, analyte, "");
    if !formula.unit.is_empty() {
        return formula.unit;
    }
    if let Some(limit) = detection_limit(&catalogue.detection_limits, key, analyte, &[]) {
        return limit.unit.clone();
    }
    let standards = standards_of(standards).unwrap_or_default();
    let query = LimitQuery { standards: &standards, food: food_of(catalogue, food), analyte, produced };
    let unit = catalogue.search().search(&query).rows.first().map(|found| found.row.unit.clone());
    let claimed = || Claim::parse(label_claim).map(|claim| claim.unit().to_owned());
    unit.filter(|unit| !unit.is_empty()).or_else(claimed).unwrap_or_else(|| "mg/kg".to_owned())
}

#[cfg(test)]
#[path = "choosing_tests.rs"]
mod tests;
