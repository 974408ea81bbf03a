//! The places of a new worksheet: samples, and the controls that the method asks for in the catalogue. Pure.

use std::collections::BTreeSet;

use super::CONTROL_AMOUNT_MISSING;
use super::controls::Target;
use super::standards::{Standard, require_standards};
use super::store::{ItemRow, NewPositionRow};
use crate::catalogue::Catalogue;
use crate::catalogue::import::{CurveRule, Evaluation, FormulaRow};
use crate::domain::decimal::Decimal;
use crate::domain::ids::{ItemId, WorksheetId};
use crate::domain::refusal::Reasons;

/// What the controls of one worksheet hold, as its tester states it.
#[derive(Clone, Debug, Default)]
pub struct Amounts {
    /// Added to a spiked portion, in the result's unit.
    pub added: Option<Decimal>,
    /// Certified value of a reference material, and its uncertainty.
    pub reference: Option<(Decimal, Decimal)>,
    /// The standard deviation of a reference material, by which its z is reckoned.
    pub sigma: Option<Decimal>,
    /// What a check standard holds, in the unit of the reading.
    pub nominal: Option<Decimal>,
    /// The standards of the calibration curve, in the order in which they are measured.
    pub standards: Vec<Standard>,
}

/// One place on its way into the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    pub kind: &'static str,
    pub item: Option<ItemId>,
    pub label: String,
    pub target: Target,
}

impl Place {
    pub fn row(self, worksheet_id: WorksheetId, place: i64) -> NewPositionRow {
        let target = match self.kind {
            "sample" => String::new(),
            _ => serde_json::to_string(&self.target).unwrap_or_default(),
        };
        NewPositionRow { worksheet_id, place, kind: self.kind, item_id: self.item, label_code: self.label, target }
    }
}

/// Kind of a place on which a standard of the calibration curve stands.
pub const STANDARD: &str = "standard";

/// Between the number of the worksheet and that of a standard.
const STANDARD_MARK: &str = "-K";

/// Whether a label is that of a worksheet's standard; an instrument's own standards are called otherwise.
pub fn is_standard_label(label: &str) -> bool {
    let of_sheet = |(sheet, number): (&str, &str)| sheet.starts_with('W') && number.parse::<u32>().is_ok();
    label.trim().rsplit_once(STANDARD_MARK).is_some_and(of_sheet)
}

/// One duplicate for so many samples (`workflow.md` 8).
const SAMPLES_PER_DUPLICATE: usize = 10;

/// Standards of the curve first, then blanks, samples, duplicates, spikes, reference materials, check standards: what the
/// method declares for each analyte, and what its tester adds beyond that.
pub fn positions(
    catalogue: &Catalogue,
    worksheet_no: &str,
    items: &[ItemRow],
    samples: &[(ItemId, String)],
    amounts: &Amounts,
) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    let rules = rules_of(catalogue, items);
    for (analyte, rule) in &rules {
        if let Some(curve) = &rule.curve {
            places.extend(standards(worksheet_no, analyte, curve, &amounts.standards));
        }
    }
    for ((analyte, rule), number) in rules.iter().zip(1..) {
        if rule.control("blank").is_some() || rule.needs_blank() {
            let label = format!("{worksheet_no}-B{number}");
            places.push(Place { kind: "blank", item: None, label, target: target_of(analyte) });
        }
    }
    let mut checks: Vec<Checks<'_>> =
        rules.iter().filter_map(|(analyte, rule)| Checks::of(analyte, rule, amounts)).collect();
    for (item, label) in samples {
        let analyte = items.iter().find(|one| one.id == *item).map(|one| one.analyte.as_str());
        places.push(Place { kind: "sample", item: Some(*item), label: label.clone(), target: Target::default() });
        let own = checks.iter_mut().filter(|checks| Some(checks.analyte) == analyte);
        places.extend(own.filter_map(|checks| checks.after_sample(worksheet_no)));
    }
    let mut duplicates = 0;
    for (analyte, rule) in &rules {
        let own: Vec<&ItemRow> = items.iter().filter(|item| item.analyte == *analyte).collect();
        if rule.control("duplicate").is_some() {
            for chunk in own.chunks(SAMPLES_PER_DUPLICATE) {
                duplicates += 1;
                let label = format!("{worksheet_no}-D{duplicates}");
                let item = chunk.first().map(|item| item.id);
                places.push(Place { kind: "duplicate", item, label, target: target_of(analyte) });
            }
        }
        if let Some(added) = amount(rule, "spike", &amounts.added) {
            for (item, number) in spiked(rule, &own).into_iter().zip(1..) {
                let number = if number == 1 { String::new() } else { number.to_string() };
                let label = format!("{worksheet_no}-S{number}-{analyte}");
                let target = Target { added: Some(added.clone()), ..target_of(analyte) };
                places.push(Place { kind: "spike", item: Some(item.id), label, target });
            }
        }
        if let Some((certified, uncertainty)) = &amounts.reference {
            let (certified, uncertainty) = (Some(certified.clone()), Some(uncertainty.clone()));
            let target = Target { certified, uncertainty, sigma: amounts.sigma.clone(), ..target_of(analyte) };
            let label = format!("{worksheet_no}-R-{analyte}");
            places.push(Place { kind: "reference", item: None, label, target });
        }
        let own = checks.iter_mut().filter(|checks| checks.analyte == *analyte);
        places.extend(own.filter_map(|checks| checks.at_the_end(worksheet_no)));
    }
    places
}

/// The check standards of one analyte while its samples are placed.
struct Checks<'a> {
    analyte: &'a str,
    nominal: &'a Decimal,
    /// One after so many samples; `None`: one at the end.
    every: Option<u32>,
    /// Samples since the last one.
    open: u32,
    made: u32,
}

impl<'a> Checks<'a> {
    /// `None`: the analyte has none.
    fn of(analyte: &'a str, rule: &'a FormulaRow, amounts: &'a Amounts) -> Option<Self> {
        let nominal = amount(rule, "check", &amounts.nominal).filter(|_| rule.has_reading())?;
        let every = rule.control("check").and_then(|control| control.every);
        Some(Self { analyte, nominal, every, open: 0, made: 0 })
    }

    fn after_sample(&mut self, worksheet_no: &str) -> Option<Place> {
        self.open += 1;
        (self.every == Some(self.open)).then(|| self.place(worksheet_no))
    }

    /// Samples that no check speaks for yet get one.
    fn at_the_end(&mut self, worksheet_no: &str) -> Option<Place> {
        (self.open > 0).then(|| self.place(worksheet_no))
    }

    fn place(&mut self, worksheet_no: &str) -> Place {
        self.open = 0;
        self.made += 1;
        let number = self.every.map(|_| self.made.to_string()).unwrap_or_default();
        let label = format!("{worksheet_no}-C{number}-{}", self.analyte);
        let target = Target { nominal: Some(self.nominal.clone()), ..target_of(self.analyte) };
        Place { kind: "check", item: None, label, target }
    }
}

/// The places of a curve's standards. One vial holds all analytes, and one label names it.
fn standards<'a>(
    worksheet_no: &'a str,
    analyte: &'a str,
    curve: &'a CurveRule,
    standards: &'a [Standard],
) -> impl Iterator<Item = Place> + 'a {
    standards.iter().zip(1..).map(move |(standard, number)| Place {
        kind: STANDARD,
        item: None,
        label: format!("{worksheet_no}{STANDARD_MARK}{number}"),
        target: Target { nominal: standard.on(curve), lot: standard.lot.clone(), ..target_of(analyte) },
    })
}

/// A reason for every control that a method asks for and that nobody says what it holds, and for every curve that its
/// standards do not make.
pub fn require_amounts(catalogue: &Catalogue, items: &[ItemRow], amounts: &Amounts, reasons: &mut Reasons) {
    let rules = rules_of(catalogue, items);
    let asked = |kind: &str| rules.iter().any(|(_, rule)| rule.control(kind).is_some());
    let declared = |kind: &str, stated: &Option<Decimal>| {
        let mut asking = rules.iter().filter(|(_, rule)| rule.control(kind).is_some());
        asking.all(|(_, rule)| amount(rule, kind, stated).is_some())
    };
    let missing = [
        ("spike", "spike_added", !declared("spike", &amounts.added)),
        ("reference", "certified", asked("reference") && amounts.reference.is_none()),
        ("check", "nominal", !declared("check", &amounts.nominal)),
    ];
    for (kind, field, is_missing) in missing {
        reasons.add_if(is_missing, || {
            CONTROL_AMOUNT_MISSING.reason().with_word("control", format!("control-{kind}")).at(field)
        });
    }
    let curves = rules.iter().filter_map(|(analyte, rule)| Some((*analyte, rule.curve.as_ref()?)));
    require_standards(&curves.collect::<Vec<_>>(), amounts, reasons);
}

/// The analytes of a worksheet, each once, with the rules of its one procedure; nothing is measured of a sum.
fn rules_of<'i>(catalogue: &Catalogue, items: &'i [ItemRow]) -> Vec<(&'i str, FormulaRow)> {
    let key = items.first().map_or("", |item| item.method_key.as_str());
    let analytes: BTreeSet<&str> = items.iter().map(|item| item.analyte.as_str()).collect();
    let rules = analytes.into_iter().map(|analyte| (analyte, catalogue.formula(key, analyte, "")));
    rules.filter(|(_, rule)| rule.evaluation != Evaluation::Sum).collect()
}

/// What a control holds: as its tester states it, else as the method declares.
fn amount<'a>(rule: &'a FormulaRow, kind: &str, stated: &'a Option<Decimal>) -> Option<&'a Decimal> {
    stated.as_ref().or_else(|| rule.control(kind)?.amount.as_ref())
}

/// The samples that get a spiked portion: where the method asks for it one of each matrix, otherwise the first.
fn spiked<'i>(rule: &FormulaRow, own: &[&'i ItemRow]) -> Vec<&'i ItemRow> {
    if rule.control("spike").is_none() {
        return own.first().copied().into_iter().collect();
    }
    let mut matrices = BTreeSet::new();
    own.iter().copied().filter(|item| matrices.insert(item.food.as_str())).collect()
}

fn target_of(analyte: &str) -> Target {
    Target { analyte: analyte.to_owned(), ..Target::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::actions::shipped;
    use crate::catalogue::import::ControlRule;
    use crate::domain::ids::SampleId;

    const METHOD: &str = "gb5009.12-2023/gfaas";

    fn item(id: i64, food: &str) -> ItemRow {
        ItemRow {
            id: ItemId(id),
            version: 1,
            sample_id: SampleId(id),
            part_id: None,
            seq: 1,
            analyte: "pb".into(),
            analyte_zh: String::new(),
            analyte_en: String::new(),
            method_standard: "GB 5009.12".into(),
            method_key: METHOD.into(),
            limit_standards: String::new(),
            food: food.into(),
            produced_on: "2026-10-01".parse().unwrap(),
            unit: "mg/kg".into(),
            state: "assigned".into(),
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

    /// The starter catalogue, whose method of lead asks for these controls.
    fn asking(controls: &[(&str, Option<&str>)]) -> Catalogue {
        let mut catalogue = shipped().unwrap();
        let rules = controls.iter().map(|(kind, amount)| ControlRule {
            kind: (*kind).to_owned(),
            amount: amount.map(|text| Decimal::parse(text).unwrap()),
            every: None,
            drift: None,
        });
        let rules: Vec<ControlRule> = rules.collect();
        for row in catalogue.formulas.iter_mut().filter(|row| row.method == METHOD) {
            row.controls.clone_from(&rules);
        }
        catalogue
    }

    fn labels(catalogue: &Catalogue, items: &[ItemRow], amounts: &Amounts) -> Vec<String> {
        let samples: Vec<(ItemId, String)> = items.iter().map(|item| (item.id, format!("L{}", item.id))).collect();
        positions(catalogue, "W", items, &samples, amounts).into_iter().map(|place| place.label).collect()
    }

    #[test]
    fn the_method_says_which_controls_stand_on_a_worksheet() {
        let items = [item(1, "GB 2762:rice"), item(2, "GB 2762:rice"), item(3, "GB 2762:tea")];
        let all = asking(&[("blank", None), ("duplicate", None), ("spike", Some("0.2")), ("check", Some("20"))]);
        // One spike of each matrix: rice and tea.
        let expected = ["W-B1", "L1", "L2", "L3", "W-D1", "W-S-pb", "W-S2-pb", "W-C-pb"];
        assert_eq!(labels(&all, &items, &Amounts::default()), expected);
        // This formula takes a blank in any case.
        assert_eq!(labels(&asking(&[]), &items, &Amounts::default()), ["W-B1", "L1", "L2", "L3"]);
        let stated = Amounts { added: Decimal::parse("0.5").ok(), ..Amounts::default() };
        assert_eq!(labels(&asking(&[]), &items, &stated), ["W-B1", "L1", "L2", "L3", "W-S-pb"], "the first sample's");
    }

    #[test]
    fn a_check_standard_comes_after_every_so_many_samples_and_behind_the_rest() {
        let checked = |every: u32, count: i64| {
            let mut catalogue = asking(&[("check", Some("20"))]);
            for row in catalogue.formulas.iter_mut().filter(|row| row.method == METHOD) {
                row.controls[0].every = Some(every);
            }
            let items: Vec<ItemRow> = (1..=count).map(|id| item(id, "GB 2762:rice")).collect();
            labels(&catalogue, &items, &Amounts::default())
        };
        assert_eq!(checked(2, 3), ["W-B1", "L1", "L2", "W-C1-pb", "L3", "W-C2-pb"]);
        assert_eq!(checked(2, 4), ["W-B1", "L1", "L2", "W-C1-pb", "L3", "L4", "W-C2-pb"], "none that closes nothing");
        assert_eq!(checked(5, 2), ["W-B1", "L1", "L2", "W-C1-pb"]);
    }

    #[test]
    fn the_standards_of_a_curve_come_first_and_an_instrument_finds_them_by_their_labels() {
        let mut catalogue = asking(&[]);
        let gives = crate::catalogue::import::Input { name: "rho".into(), unit: "µg/L".into() };
        let number = |text: &str| Decimal::parse(text).unwrap();
        let rule = CurveRule {
            gives,
            weight: crate::judgement::curve::Weight::None,
            degree: 1,
            min_r: number("0.995"),
            levels: 2,
        };
        for row in catalogue.formulas.iter_mut().filter(|row| row.method == METHOD) {
            row.curve = Some(rule.clone());
        }
        let standards = ["5", "10"].map(|text| Standard::stated(number(text))).to_vec();
        let stated = Amounts { standards, ..Amounts::default() };
        let places = labels(&catalogue, &[item(1, "GB 2762:rice")], &stated);
        assert_eq!(places, ["W-K1", "W-K2", "W-B1", "L1"]);
        assert!(is_standard_label("W2611-0001-K12"));
        for other in ["Std 1", "S-K1", "W2611-0001-K", "W2611-0001-Kx", "W2611-0001-B1"] {
            assert!(!is_standard_label(other), "{other}");
        }
    }

    #[test]
    fn what_a_control_holds_must_be_known() {
        let items = [item(1, "GB 2762:rice")];
        let missing = |catalogue: &Catalogue, amounts: &Amounts| -> Vec<String> {
            let mut reasons = Reasons::new();
            require_amounts(catalogue, &items, amounts, &mut reasons);
            let refusal = reasons.none().err();
            let fields = refusal.iter().flat_map(|refusal| &refusal.reasons);
            fields.filter_map(|reason| reason.field.clone()).collect()
        };
        let asking = asking(&[("spike", None), ("reference", None), ("check", Some("20"))]);
        assert_eq!(missing(&asking, &Amounts::default()), ["spike_added", "certified"]);
        let number = |text: &str| Decimal::parse(text).unwrap();
        let stated = Amounts {
            added: Some(number("0.2")),
            reference: Some((number("0.5"), number("0.04"))),
            ..Amounts::default()
        };
        assert_eq!(missing(&asking, &stated), [""; 0]);
        assert_eq!(missing(&shipped().unwrap(), &Amounts::default()), [""; 0], "nothing is asked for");
    }
}
