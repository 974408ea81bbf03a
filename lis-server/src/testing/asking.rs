//! What an item asks of its calculation, looked up in the catalogue in force: the facts of its method, the limits that hold.

use std::collections::BTreeSet;

use super::compute::{LIMIT_BASIS, LIMIT_CONDITION, LIMITS_SEVERAL, LimitAsked, LimitRowAsked, MethodAsked};
use super::precedence::Governing;
use super::store::ItemRow;
use super::uncertainty::UncertaintyAsked;
use crate::catalogue::Catalogue;
use crate::catalogue::api::LimitView;
use crate::catalogue::methods::detection_limit;
use crate::catalogue::reference as rows;
use crate::catalogue::search::{Food, FoundLimit, LimitQuery, LimitSearch};
use crate::domain::decimal::Decimal;
use crate::judgement::claim::Claim;
use crate::judgement::limit::{Bound, Comparison, LimitRule};
use crate::judgement::micro::MicroPlan;
use crate::judgement::rounding::{DigitLevel, Digits};
use crate::judgement::units;

/// Written in an item's list of standards when none was named and none with a limit was found: every standard of the
/// catalogue is asked again when the item is judged, and a row that is missing then is missing.
pub const ANY_STANDARD: &str = "*";

/// The standards that an item is judged by: `None` where results only were ordered, empty for all of the catalogue.
pub fn standards_of(listed: &str) -> Option<Vec<&str>> {
    let standards: Vec<&str> = listed.split(';').map(str::trim).filter(|text| !text.is_empty()).collect();
    match standards.as_slice() {
        [] => None,
        [ANY_STANDARD] => Some(Vec::new()),
        _ => Some(standards),
    }
}

/// What the method says about a result in a food, as it goes into the record.
pub fn method_asked(catalogue: &Catalogue, key: &str, analyte: &str, unit: &str, food: &str) -> MethodAsked {
    let row = catalogue.method(key);
    let matrix = match food_of(catalogue, food) {
        Food::Placed { tree, category } => catalogue.categories.upwards(tree, category),
        Food::Named(_) => Vec::new(),
    };
    let limits = detection_limit(&catalogue.detection_limits, key, analyte, &matrix);
    MethodAsked {
        key: key.to_owned(),
        text: row.map_or_else(|| key.to_owned(), rows::MethodRow::text),
        digits: row.and_then(|row| row.digits.as_ref()).map(|digits| levels(digits, unit)).unwrap_or_default(),
        screening: row.is_some_and(|row| row.screening),
        lod: limits.and_then(|limits| limits.lod.clone()),
        loq: limits.and_then(|limits| limits.loq.clone()),
        lod_unit: limits.map_or_else(|| unit.to_owned(), |limits| limits.unit.clone()),
        portion_g: limits.and_then(|limits| limits.portion_g.clone()),
        volume_ml: limits.and_then(|limits| limits.volume_ml.clone()),
    }
}

fn levels(digits: &rows::Digits, unit: &str) -> Vec<DigitLevel> {
    let level = |below: Option<Decimal>, figures: u32| DigitLevel { below, digits: Digits::Significant(figures) };
    match digits {
        rows::Digits::PlateCount => Vec::new(),
        rows::Digits::Significant(rows::ByLevel::Always(figures)) => vec![level(None, *figures)],
        rows::Digits::Significant(rows::ByLevel::Split { unit: of, below, from }) => {
            let factor = units::factor(of, unit).ok();
            let border = |at: &Decimal| Decimal::from_ratio_finite(&(at.to_ratio() * factor.clone()?));
            let steps: Option<Vec<DigitLevel>> =
                below.iter().map(|(at, figures)| Some(level(Some(border(at)?), *figures))).collect();
            steps.unwrap_or_default().into_iter().chain([level(None, *from)]).collect()
        }
    }
}

/// The budgets of a procedure for an item; `None`: its client asks for no uncertainty.
pub fn uncertainty_asked(catalogue: &Catalogue, item: &ItemRow, method: &str) -> Option<UncertaintyAsked> {
    let own = catalogue.uncertainties.iter().filter(|row| row.method == method && row.analyte == item.analyte);
    item.guard_band.then(|| UncertaintyAsked {
        set: catalogue.set("uncertainties").map_or(0, |set| set.id.0),
        budgets: own.cloned().collect(),
    })
}

/// What the label claims of an item; what the program cannot read it has never stored.
pub fn claim_asked(item: &ItemRow) -> Option<Claim> {
    Claim::parse(&item.label_claim)
}

/// The limits in force on the production date for an item's food, asked for a result that is reckoned on a basis.
pub fn limit_asked(catalogue: &Catalogue, item: &ItemRow, basis: rows::Basis) -> LimitAsked {
    let Some(standards) = standards_of(&item.limit_standards) else {
        return LimitAsked::NotJudged;
    };
    let set = catalogue.set("limits").map_or(0, |set| set.id.0);
    let search = catalogue.search();
    let query = LimitQuery {
        standards: &standards,
        food: food_of(catalogue, &item.food),
        analyte: &item.analyte,
        produced: item.produced_on,
    };
    let found = search.search(&query);
    if let Some(row) = governing_row(set, &found, basis) {
        return LimitAsked::Row(row);
    }
    // A total without a limit of its own is compared with that of its species first.
    let of_species = species_of(catalogue, &item.analyte).into_iter().find_map(|species| {
        let found = search.search(&LimitQuery { analyte: species, ..query });
        let first = *found.governing().first()?;
        let stands_for = first.row.screened_by.as_deref() == Some(item.analyte.as_str());
        let row = governing_row(set, &found, basis).filter(|_| stands_for)?;
        Some(LimitRowAsked { species: Some(species.to_owned()), ..row })
    });
    match of_species {
        Some(row) => LimitAsked::Row(row),
        None if found.proves_absence() => LimitAsked::Absent { set },
        None => LimitAsked::Unknown { set },
    }
}

/// The analytes whose limits name a total that may be tested first.
fn species_of<'c>(catalogue: &'c Catalogue, total: &str) -> BTreeSet<&'c str> {
    let limits = catalogue.limits.iter().filter(|row| row.screened_by.as_deref() == Some(total));
    limits.map(|row| row.analyte.as_str()).collect()
}

/// The row that governs, with what a person has to look at; `None`: there is no row.
fn governing_row(set: i64, found: &LimitSearch<'_>, basis: rows::Basis) -> Option<LimitRowAsked> {
    let Governing { row: first, beside, disputed } = Governing::of(&found.governing())?;
    let mut doubts = Vec::new();
    if !first.is_certain() {
        doubts.push(LIMIT_CONDITION.to_owned());
    }
    if disputed {
        doubts.push(LIMITS_SEVERAL.to_owned());
    }
    // Only the expression of a rule converts a result to another basis. Where it does not, a person does, or says that none
    // is needed (the moisture, the dilution on the label, the fresh food).
    if first.row.basis != basis {
        doubts.push(LIMIT_BASIS.to_owned());
    }
    let text =
        |found: &FoundLimit<'_>| format!("{} {}", found.row.standard, LimitView::of(found.row, true, true).text());
    let beside = beside.into_iter().map(text).collect();
    Some(LimitRowAsked { beside, ..row_asked(set, first, doubts) })
}

/// `tree:category` where the tree knows it, otherwise a name.
pub fn food_of<'a>(catalogue: &Catalogue, food: &'a str) -> Food<'a> {
    Food::of(&catalogue.categories, food)
}

fn row_asked(set: i64, found: &FoundLimit<'_>, doubts: Vec<String>) -> LimitRowAsked {
    let row = found.row;
    let unit = (!row.unit.is_empty()).then_some(row.unit.as_str());
    let bound = match &row.rule {
        rows::LimitRule::Max(value) => Some(Bound::Max { value: value.clone() }),
        rows::LimitRule::Min(value) => Some(Bound::Min { value: value.clone() }),
        rows::LimitRule::Range { low, high } => Some(Bound::Range { low: low.clone(), high: high.clone() }),
        rows::LimitRule::NotDetectable => Some(Bound::NotDetectable),
        rows::LimitRule::NotPermitted => Some(Bound::NotPermitted),
        rows::LimitRule::Gmp => Some(Bound::Gmp),
        rows::LimitRule::Microbiology { .. } => None,
    };
    let plan = match &row.rule {
        rows::LimitRule::Microbiology { n, c, m, big_m } => {
            Some(MicroPlan { n: *n, c: *c, m: m.clone(), maximum: big_m.clone() })
        }
        _ => None,
    };
    let comparison = match row.comparison {
        rows::Comparison::Full => Comparison::Full,
        rows::Comparison::Rounded => Comparison::Rounded,
    };
    LimitRowAsked {
        set,
        key: row.key.clone(),
        standard: row.standard.clone(),
        rule: bound.map(|bound| LimitRule { exclusive: row.exclusive, comparison, ..LimitRule::new(bound, unit) }),
        plan,
        unit: row.unit.clone(),
        text: LimitView::of(row, true, true).text(),
        doubts,
        species: None,
        beside: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::actions::shipped;
    use crate::domain::ids::{ItemId, SampleId};

    fn item(analyte: &str, standards: &str, food: &str) -> ItemRow {
        ItemRow {
            id: ItemId(1),
            version: 1,
            sample_id: SampleId(1),
            part_id: None,
            seq: 1,
            analyte: analyte.into(),
            analyte_zh: String::new(),
            analyte_en: String::new(),
            method_standard: String::new(),
            method_key: String::new(),
            limit_standards: standards.into(),
            food: food.into(),
            produced_on: "2026-10-01".parse().unwrap(),
            unit: "mg/kg".into(),
            state: "measured".into(),
            tester_id: None,
            worksheet_id: None,
            checker_id: None,
            result_id: None,
            verdict: String::new(),
            derived: false,
            guard_band: false,
            deviation: String::new(),
            rules_edition: String::new(),
            permitted_methods: String::new(),
            label_claim: String::new(),
            limit_factor: String::new(),
        }
    }

    /// Nothing is declared complete in the shipped catalogue: whoever finds no row has to look it up.
    #[test]
    fn no_row_is_no_limit_only_where_the_catalogue_is_complete() {
        let mut catalogue = shipped().unwrap();
        let asked = |catalogue: &Catalogue, standards: &str| {
            limit_asked(catalogue, &item("melamine", standards, "GB 2762:leafy-vegetables"), rows::Basis::AsIs)
        };
        assert!(matches!(asked(&catalogue, ANY_STANDARD), LimitAsked::Unknown { .. }), "never \"no limit\"");
        assert!(matches!(asked(&catalogue, "GB 2762"), LimitAsked::Unknown { .. }));
        assert_eq!(asked(&catalogue, ""), LimitAsked::NotJudged, "results only were ordered");
        for declared in &mut catalogue.completeness {
            declared.complete = true;
        }
        assert!(matches!(asked(&catalogue, "GB 2762"), LimitAsked::Absent { .. }));
    }

    /// Rice has a limit of inorganic arsenic alone, leafy vegetables one of total arsenic.
    #[test]
    fn a_total_is_compared_with_its_species_where_it_has_no_limit_of_its_own() {
        let catalogue = shipped().unwrap();
        let found = |food: &str| match limit_asked(&catalogue, &item("total-as", "GB 2762", food), rows::Basis::AsIs) {
            LimitAsked::Row(row) => (row.key, row.species),
            other => panic!("{food}: {other:?}"),
        };
        let species = Some("inorganic-as".to_owned());
        assert_eq!(found("GB 2762:rice"), ("gb2762-2025/inorganic-as/rice".to_owned(), species));
        assert_eq!(found("GB 2762:leafy-vegetables"), ("gb2762-2025/total-as/fresh-vegetables".to_owned(), None));
    }

    /// Vector C20: a limit written with < is stored as it is written, judged and printed so.
    #[test]
    fn a_limit_that_excludes_its_value_is_asked_and_printed_so() {
        let mut catalogue = shipped().unwrap();
        for row in catalogue.limits.iter_mut().filter(|row| row.key == "gb2762-2025/pb/leafy-vegetables") {
            row.exclusive = true;
        }
        let asked = limit_asked(&catalogue, &item("pb", "GB 2762", "GB 2762:leafy-vegetables"), rows::Basis::AsIs);
        let LimitAsked::Row(row) = asked else { panic!("{asked:?}") };
        assert_eq!(row.text, "< 0.3 mg/kg");
        assert!(row.rule.is_some_and(|rule| rule.exclusive));
    }

    #[test]
    fn a_limit_on_another_basis_is_for_a_person() {
        let catalogue = shipped().unwrap();
        let doubtful = |analyte: &str, food: &str, basis: rows::Basis| {
            let asked = limit_asked(&catalogue, &item(analyte, "GB 2760", food), basis);
            let LimitAsked::Row(row) = asked else { panic!("{analyte} in {food}: {asked:?}") };
            row.doubts.contains(&LIMIT_BASIS.to_owned())
        };
        // Sweetener in a drink as consumed; aluminium in jellyfish ready to eat.
        assert!(doubtful("acesulfame-k", "GB 2760:14.0-not-14.01", rows::Basis::AsIs));
        assert!(doubtful("al-jellyfish", "GB 2760:salted-jellyfish", rows::Basis::AsIs));
        // Aluminium in the dry sample, benzoic acid in the jam as it came.
        assert!(doubtful("al-dry", "GB 2760:07.0", rows::Basis::AsIs));
        assert!(!doubtful("al-dry", "GB 2760:07.0", rows::Basis::Dry), "the formula has converted it");
        assert!(doubtful("al-dry", "GB 2760:07.0", rows::Basis::Fat));
        assert!(
            doubtful("benzoic-acid", "GB 2760:04.01.02.05", rows::Basis::Dry),
            "converted to what nobody asked for"
        );
    }
}
