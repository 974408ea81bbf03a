use super::*;
use crate::catalogue::actions::shipped;
use crate::domain::ids::SampleId;

/// Lead or cadmium in celery, as the rules of 2026 ask for it.
fn item(analyte: &str, method: &str, permitted: &str) -> ItemRow {
    ItemRow {
        id: ItemId(1),
        version: 1,
        sample_id: SampleId(1),
        part_id: None,
        seq: 1,
        analyte: analyte.into(),
        analyte_zh: "铅".into(),
        analyte_en: "Lead".into(),
        method_standard: method.into(),
        method_key: String::new(),
        limit_standards: "GB 2762".into(),
        food: "GB 2762:celery".into(),
        produced_on: day(),
        unit: "mg/kg".into(),
        state: "planned".into(),
        tester_id: None,
        worksheet_id: None,
        checker_id: None,
        result_id: None,
        verdict: String::new(),
        derived: false,
        guard_band: false,
        deviation: String::new(),
        rules_edition: "2026".into(),
        permitted_methods: permitted.into(),
        label_claim: String::new(),
        limit_factor: String::new(),
    }
}

fn day() -> NaiveDate {
    "2026-11-16".parse().unwrap()
}

fn code(reason: Reason) -> &'static str {
    reason.problem.code
}

const GFAAS: &str = "gb5009.12-2023/gfaas";
const ICP_MS: &str = "gb5009.12-2023/icp-ms";
const MULTI: &str = "gb5009.268-2016/icp-ms";

#[test]
fn every_method_that_the_rules_permit_may_be_chosen() {
    let catalogue = shipped().unwrap();
    let lead = item("pb", "GB 5009.12", "GB 5009.12;GB 5009.268");
    let chose =
        |item: &ItemRow, key: &str| chosen(&catalogue, item, key, (day(), Mode::Block)).map(|row| row.key.clone());
    assert_eq!(chose(&lead, "").unwrap(), GFAAS, "the first that fits");
    assert_eq!(chose(&lead, MULTI).unwrap(), MULTI);
    // What was ordered has its one method.
    let ordered = item("pb", "GB 5009.12", "");
    assert_eq!(chose(&ordered, ICP_MS).unwrap(), ICP_MS);
    assert_eq!(code(chose(&ordered, MULTI).unwrap_err()), "method-not-permitted");
    assert_eq!(code(chose(&lead, "no such procedure").unwrap_err()), "method-unknown");
    // Once another was chosen the first remains permitted.
    let other = item("pb", "GB 5009.268", "GB 5009.12;GB 5009.268");
    assert_eq!((chose(&other, "").unwrap(), chose(&other, GFAAS).unwrap()), (MULTI.into(), GFAAS.into()));
}

#[test]
fn a_procedure_for_the_food_goes_first_and_one_for_other_foods_is_refused() {
    let mut catalogue = shipped().unwrap();
    for row in &mut catalogue.methods {
        match row.key.as_str() {
            GFAAS => row.matrices = vec!["rice".into()],
            ICP_MS => row.matrices = vec!["fresh-vegetables".into()],
            _ => {}
        }
    }
    let lead = item("pb", "GB 5009.12", "");
    let fitting = procedures(&catalogue, "GB 5009.12", "pb", "GB 2762:celery", day());
    assert_eq!(fitting.first().map(|row| row.key.as_str()), Some(ICP_MS));
    assert!(fitting.iter().all(|row| row.key != GFAAS), "it is for rice");
    assert_eq!(code(chosen(&catalogue, &lead, GFAAS, (day(), Mode::Block)).unwrap_err()), "method-outside-matrix");
    // The client accepts a deviation.
    let deviating = ItemRow { deviation: "{}".into(), ..lead };
    assert_eq!(chosen(&catalogue, &deviating, GFAAS, (day(), Mode::Block)).unwrap().key, GFAAS);
}

#[test]
fn parallel_determinations_of_the_method_are_asked_for() {
    let mut catalogue = shipped().unwrap();
    assert_eq!(catalogue.formula(GFAAS, "pb", "mg/kg").parallel, 1);
    for row in catalogue.methods.iter_mut().filter(|row| row.key == GFAAS) {
        row.parallel = Some(2);
    }
    assert_eq!(catalogue.formula(GFAAS, "pb", "mg/kg").parallel, 2);
    assert_eq!(catalogue.formula(ICP_MS, "pb", "mg/kg").parallel, 1);
}

/// Staphylococci have their limits in CFU/g, listeria in 25 g, vibrios in MPN/g.
#[test]
fn the_first_procedure_for_a_pathogen_is_the_one_that_its_limits_are_written_for() {
    let catalogue = shipped().unwrap();
    let first = |standard: &str, analyte: &str| {
        let fitting = procedures(&catalogue, standard, analyte, "GB 29921:cheese", day());
        fitting.first().map(|row| row.key.clone()).unwrap_or_default()
    };
    assert_eq!(first("GB 4789.10", "s-aureus"), "gb4789.10-2016/baird-parker-plate-count");
    assert_eq!(first("GB 4789.30", "l-monocytogenes"), "gb4789.30-2025/qualitative");
    assert_eq!(first("GB 4789.7", "v-parahaemolyticus"), "gb4789.7-2013/mpn");
}
