use super::*;
use crate::catalogue::reference::Reference;
use crate::domain::calendar::CalendarException;

fn calendar() -> WorkingCalendar {
    let days = &Reference::shipped().unwrap().calendar;
    WorkingCalendar::new(days.iter().map(|day| CalendarException { date: day.date, kind: day.kind })).unwrap()
}

/// A good form of a supermarket, sampled on Monday 16 November 2026.
fn good() -> FormInput {
    let pairs = "form_no=XBJ26131081000000001|task_category=supervision|ordering_name=霸州市市场监督管理局|ordering_region=131081|\
        unit_name=示例超市|unit_uscc=91131000MA0ABCDE17|unit_address=示例路 1 号|unit_region=131081|area_type=city|contact=店长|\
        phone=13800000000|stage=trade|place=trade_supermarket|sample_name=小白菜|food_category=leafy-vegetables-pak-choi|\
        sample_source=bought_in|sample_attr=ordinary|goods_type=farm_produce|packing=loose|date_kind=purchased|\
        production_date=2026-11-15|form_state=solid|storage=ambient|unit_price=3.50|lot_size=20|lot_unit=kg|qty_total=3.0|\
        qty_test=2|qty_backup=1.0|qty_unit=kg|sampling_mode=ordinary|seal_test_no=F0001|seal_backup_no=F0002|ship_deadline=2026-11-18|\
        ship_to=示例实验室|sampling_unit=示例抽样单位|sampler1=抽样员甲|sampler2=抽样员乙|unit_signed_by=店长|sampled_at=2026-11-16 09:30";
    let mut input = FormInput::default();
    for pair in pairs.split('|') {
        let (name, value) = pair.split_once('=').unwrap();
        assert!(input.set(name, value.to_owned()), "{name} is a field");
    }
    input
}

/// The good form, checked; its test quantity follows from total and backup.
pub(in crate::samples) fn example() -> SamplingForm {
    let mut input = good();
    input.qty_test = "2.0".to_owned();
    let calendar = calendar();
    let category = |name: &str| Some(name.to_owned());
    let analyte = |name: &str| (name == "pb" || name == "铅").then(|| "pb".to_owned());
    let now = Moment::parse_in_china("2026-11-16 12:00").unwrap();
    input
        .checked(
            FormSource::OnSite,
            &Circumstances { now, calendar: &calendar, category: &category, analyte: &analyte },
        )
        .unwrap()
}

/// Fields and codes of the reasons after changes to the good form; empty when it is accepted.
fn refused(source: FormSource, changes: &[(&str, &str)]) -> Vec<(String, &'static str)> {
    let mut input = good();
    for (name, value) in changes {
        assert!(input.set(name, (*value).to_owned()), "{name} is a field");
    }
    let calendar = calendar();
    let category = |name: &str| (name == "leafy-vegetables-pak-choi").then(|| name.to_owned());
    let analyte = |name: &str| (name == "pb" || name == "铅").then(|| "pb".to_owned());
    let now = Moment::parse_in_china("2026-11-16 12:00").unwrap();
    match input.checked(source, &Circumstances { now, calendar: &calendar, category: &category, analyte: &analyte }) {
        Ok(_) => Vec::new(),
        Err(refusal) => {
            refusal.reasons.into_iter().map(|reason| (reason.field.unwrap_or_default(), reason.problem.code)).collect()
        }
    }
}

fn check(changes: &[(&str, &str)], expected: &[(&str, &str)]) {
    let found = refused(FormSource::OnSite, changes);
    let found: Vec<(&str, &str)> = found.iter().map(|(field, code)| (field.as_str(), *code)).collect();
    assert_eq!(found, expected, "after {changes:?}");
}

#[test]
fn a_good_form_is_accepted_from_every_source() {
    check(&[], &[]);
    assert_eq!(refused(FormSource::Import, &[]), []);
    check(&[("form_no", "")], &[]);
    assert_eq!(refused(FormSource::Import, &[("form_no", "")]), [("form_no".to_owned(), "field-missing")]);
}

#[test]
fn dates_must_be_possible() {
    check(&[("production_date", "2026-11-17")], &[("production_date", "produced-after-sampling")]);
    check(&[("expiry_date", "2026-11-14")], &[("expiry_date", "expires-before-production")]);
    check(&[("production_date", "")], &[("production_date", "label-date-missing")]);
    check(&[("production_date", ""), ("expiry_date", "2026-12-31")], &[]);
    check(&[("production_date", "2026-02-30")], &[("production_date", "field-invalid")]);
    check(&[("sampled_at", "2026-11-16 12:01")], &[("sampled_at", "sampled-in-future")]);
    // Five working days after Monday 16 November end on Monday 23.
    check(&[("ship_deadline", "2026-11-23")], &[]);
    check(&[("ship_deadline", "2026-11-24")], &[("ship_deadline", "shipped-too-late")]);
    check(&[("ship_deadline", "2026-11-15")], &[("ship_deadline", "shipped-before-sampling")]);
}

#[test]
fn goods_past_their_shelf_life_are_not_sampled_on_the_spot() {
    // Sampled on the 16th, which may be the last day.
    let made = |on: &'static str, shelf_life: &'static str| {
        [("date_kind", "produced"), ("production_date", on), ("shelf_life", shelf_life)]
    };
    check(&made("2026-11-06", "10 天"), &[]);
    check(&made("2026-11-05", "10 天"), &[("shelf_life", "expired-when-sampled")]);
    check(&made("2026-05-15", "6个月"), &[("shelf_life", "expired-when-sampled")]);
    check(&made("2026-05-16", "6个月"), &[]);
    check(
        &[("date_kind", "produced"), ("production_date", "2026-11-01"), ("expiry_date", "2026-11-15")],
        &[("expiry_date", "expired-when-sampled")],
    );
    // What a shop bought ten days ago is older than that, and nothing is reckoned from it.
    check(&[("production_date", "2026-11-05"), ("shelf_life", "10 天")], &[]);
}

/// Codes of the doubts about the good form after changes, and its last day.
fn doubtful(source: FormSource, changes: &[(&str, &str)]) -> (Vec<&'static str>, String) {
    let mut input = good();
    for (name, value) in changes {
        assert!(input.set(name, (*value).to_owned()), "{name} is a field");
    }
    let calendar = calendar();
    let category = |name: &str| Some(name.to_owned());
    let analyte = |_: &str| -> Option<String> { None };
    let now = Moment::parse_in_china("2026-11-16 12:00").unwrap();
    let around = Circumstances { now, calendar: &calendar, category: &category, analyte: &analyte };
    let form = input.checked(source, &around).unwrap();
    let codes = form.doubts.iter().map(|doubt| doubt.code()).collect();
    (codes, form.last_day().map(|day| day.to_string()).unwrap_or_default())
}

#[test]
fn the_last_day_follows_from_the_label_and_a_contradiction_is_kept() {
    let label = |shelf_life: &'static str, expiry: &'static str| {
        let made = [("date_kind", "produced"), ("production_date", "2026-08-31")];
        doubtful(FormSource::OnSite, &[&made[..], &[("shelf_life", shelf_life), ("expiry_date", expiry)]].concat())
    };
    let of = |codes: &[&'static str], day: &str| (codes.to_vec(), day.to_owned());
    assert_eq!(label("6个月", ""), of(&[], "2027-02-28"));
    assert_eq!(label("6个月", "2027-02-28"), of(&[], "2027-02-28"));
    // The day of production counted as the first.
    assert_eq!(label("6个月", "2027-02-27"), of(&[], "2027-02-27"));
    // The label holds, and that it contradicts itself is kept.
    assert_eq!(label("6个月", "2027-03-01"), of(&["shelf_life_contradicts"], "2027-03-01"));
    assert_eq!(label("六个月", ""), of(&["shelf_life_unread"], ""));
    assert_eq!(label("六个月", "2027-02-28"), of(&[], "2027-02-28"));
    assert_eq!(label("/", ""), of(&[], ""));
    // Another body has taken it already: the custodian decides.
    let expired = [("date_kind", "produced"), ("production_date", "2026-11-05"), ("shelf_life", "10 天")];
    assert_eq!(doubtful(FormSource::Import, &expired), of(&["expired"], "2026-11-15"));
}

#[test]
fn quantities_are_added_exactly() {
    check(&[("qty_total", "0.3"), ("qty_test", "0.1"), ("qty_backup", "0.2")], &[]);
    check(&[("qty_total", "3.0001")], &[("qty_total", "quantity-sum")]);
    check(&[("lot_size", "2.99")], &[("lot_size", "lot-too-small")]);
    check(&[("lot_size", "2"), ("lot_unit", "箱")], &[]);
    check(&[("qty_backup", "0"), ("qty_test", "3")], &[("qty_backup", "backup-missing")]);
    check(&[("qty_backup", "0"), ("qty_test", "3"), ("task_category", "risk_monitoring")], &[]);
    check(
        &[
            ("qty_backup", ""),
            ("qty_test", "3"),
            ("micro_units", "5"),
            ("sampling_mode", "aseptic"),
            ("seal_backup_no", ""),
        ],
        &[],
    );
    check(&[("micro_units", "4")], &[("micro_units", "micro-units-too-few")]);
    check(&[("unit_price", "-1")], &[("unit_price", "field-invalid")]);
    check(&[("lot_size", "1,000")], &[("lot_size", "field-invalid")]);
}

#[test]
fn two_wrong_identifiers_give_two_reasons() {
    check(
        &[("unit_uscc", "91131000MA0ABCDE18"), ("barcode", "6901234567893")],
        &[("unit_uscc", "check-character"), ("barcode", "check-character")],
    );
    check(&[("unit_uscc", "91131000IA0ABCDE17")], &[("unit_uscc", "foreign-letter")]);
    check(&[("unit_uscc", "")], &[("unit_uscc", "code-or-reason")]);
    check(&[("unit_uscc", ""), ("no_uscc_reason", "流动摊点")], &[]);
    // A doubtful check digit of a licence is no reason; a wrong shape is.
    check(&[("producer_licence", "SC10613108100013")], &[]);
    check(&[("producer_licence", "SC30613108100012")], &[("producer_licence", "field-invalid")]);
}

#[test]
fn people_seals_and_groups() {
    check(&[("seal_backup_no", "F0001")], &[("seal_backup_no", "seals-same")]);
    check(&[("sampler2", "抽样员甲")], &[("sampler2", "samplers-same")]);
    check(&[("stage", "catering")], &[("place", "place-not-of-stage")]);
    check(&[("is_import", "yes")], &[("import_country", "field-missing"), ("importer", "field-missing")]);
    check(
        &[("place", "trade_online")],
        &[
            ("online_platform", "field-missing"),
            ("online_shop", "field-missing"),
            ("online_order_no", "field-missing"),
            ("online_account", "field-missing"),
        ],
    );
    check(&[("unit_signed_by", ""), ("refusal_note", "拒绝签字")], &[("witness", "field-missing")]);
    check(
        &[("packing", "prepacked"), ("brand", "/"), ("spec", "500 g/袋"), ("producer_name", "甲厂")],
        &[("producer_address", "field-missing")],
    );
    check(&[("food_category", "月亮")], &[("food_category", "field-invalid")]);
}

#[test]
fn label_claims_name_what_the_catalogue_knows() {
    let one = |claims: &str, expected: &[(&str, &str)]| check(&[("label_claims", claims)], expected);
    one("铅|<=0.10 mg/kg\n", &[]);
    one("/", &[]);
    one("cd|<=1 mg/kg", &[("label_claims", "item-unknown")]);
    one("pb|little", &[("label_claims", "field-invalid")]);
    one("pb|<=1 mg/kg；铅|<=2 mg/kg", &[("label_claims", "item-repeated")]);
}

#[test]
fn factors_of_the_product_name_their_source() {
    let one = |factors: &str, expected: &[(&str, &str)]| check(&[("limit_factors", factors)], expected);
    one("铅|4.0|标签：鲜品 4 kg 制成 1 kg；批号 7\n", &[]);
    one("/", &[]);
    one("cd|4|标签", &[("limit_factors", "item-unknown")]);
    one("pb|4", &[("limit_factors", "field-invalid")]);
    one("pb|0|标签", &[("limit_factors", "field-invalid")]);
    one("pb|4|标签\n铅|5|标签", &[("limit_factors", "item-repeated")]);
}
