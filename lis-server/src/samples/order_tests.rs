use super::*;
use crate::domain::calendar::WorkingCalendar;
use crate::domain::clock::Moment;
use crate::domain::identifiers::RegionCode;
use crate::domain::ids::EnterpriseId;
use crate::enterprises::Stage;
use crate::web::language::Language;

struct TwoItems;
impl Offer for TwoItems {
    fn analyte(&self, name: &str) -> Option<String> {
        match name {
            "pb" | "铅" => Some("pb".to_owned()),
            "cd" => Some("cd".to_owned()),
            _ => None,
        }
    }
    fn has_method(&self, standard: &str) -> bool {
        standard == "GB 5009.12"
    }
}

fn client() -> EnterpriseFacts {
    EnterpriseFacts {
        id: EnterpriseId(7),
        version: 1,
        name: "示例面业".into(),
        uscc: None,
        licence_no: "霸小作坊 1".into(),
        stage: Stage::Production,
        venue: String::new(),
        address: "示例路 2 号".into(),
        region: RegionCode::parse("131081").unwrap(),
        contact: String::new(),
        phone: String::new(),
        email: String::new(),
        language: Language::Chinese,
        risk_grade: String::new(),
        baobao_tier: String::new(),
        active: true,
    }
}

fn good() -> OrderInput {
    let text = str::to_owned;
    OrderInput {
        sample_name: text("面粉"),
        food_category: text("milled-rice"),
        production_date: text("2026-11-01"),
        packing: text("prepacked"),
        form_state: text("solid"),
        storage: vec![text("ambient")],
        quantity: text("1.5"),
        unit: text("kg"),
        items: vec![text("铅|GB 5009.12"), text("cd")],
        decision_rule: text("full_value"),
        contact: text("联系人甲"),
        phone: text("13800000000"),
        report_copies: text("2"),
        signed_by: text("联系人甲"),
        ..OrderInput::default()
    }
}

fn checked(input: &OrderInput) -> Result<SamplingForm, Vec<(String, &'static str)>> {
    let calendar = WorkingCalendar::default();
    let category = |name: &str| (name == "milled-rice").then(|| name.to_owned());
    let analyte = |name: &str| (name == "pb" || name == "铅").then(|| "pb".to_owned());
    let now = Moment::parse_in_china("2026-11-16 12:00").unwrap();
    let around = Circumstances { now, calendar: &calendar, category: &category, analyte: &analyte };
    input.checked(&client(), &around, &TwoItems).map_err(|refusal| {
        refusal.reasons.into_iter().map(|reason| (reason.field.unwrap_or_default(), reason.problem.code)).collect()
    })
}

#[test]
fn an_order_becomes_a_form_of_its_client() {
    let form = checked(&good()).unwrap();
    assert_eq!((form.ordering_name.as_str(), form.source), ("示例面业", FormSource::Entrusted));
    let contract = form.contract.unwrap();
    assert_eq!(
        contract.items[0],
        OrderedItem {
            analyte: "pb".into(),
            method_standard: "GB 5009.12".into(),
            label_claim: None,
            limit_factor: None
        }
    );
    assert_eq!(contract.items.len(), 2);
    assert_eq!(contract.report_copies, 2);
}

#[test]
fn a_label_claim_belongs_to_an_item_of_the_order() {
    let claims = |lines: &str| {
        checked(&OrderInput { label_claims: lines.into(), ..good() }).map(|form| {
            let items = form.contract.map(|contract| contract.items).unwrap_or_default();
            items.into_iter().map(|item| item.label_claim.map(|claim| claim.to_string())).collect::<Vec<_>>()
        })
    };
    let kept = claims("铅 | <=0.10 mg/kg × 120 %\n\n");
    assert_eq!(kept.unwrap(), [Some("≤0.10 mg/kg × 120 %".to_owned()), None]);
    let refused = |lines: &str| claims(lines).unwrap_err().into_iter().next();
    assert_eq!(refused("pb|much"), Some(("label_claims".to_owned(), "field-invalid")));
    assert_eq!(refused("x|>=1 mg/kg"), Some(("label_claims".to_owned(), "item-unknown")));
    assert_eq!(refused("pb|>=1 mg/kg\npb|>=2 mg/kg"), Some(("label_claims".to_owned(), "item-repeated")));
}

#[test]
fn a_factor_belongs_to_an_item_and_names_its_source() {
    let factors = |lines: &str| {
        checked(&OrderInput { limit_factors: lines.into(), ..good() }).map(|form| {
            let items = form.contract.map(|contract| contract.items).unwrap_or_default();
            items.into_iter().map(|item| item.limit_factor.map(|stated| stated.to_string())).collect::<Vec<_>>()
        })
    };
    let kept = factors("铅 | 4.0 | GB 2762 3.5；生产者声明\n\n");
    assert_eq!(kept.unwrap(), [Some("× 4.0 (GB 2762 3.5；生产者声明)".to_owned()), None]);
    let refused = |lines: &str| factors(lines).unwrap_err().into_iter().next();
    assert_eq!(refused("pb|4.0"), Some(("limit_factors".to_owned(), "field-invalid")));
    assert_eq!(refused("x|4|maker"), Some(("limit_factors".to_owned(), "item-unknown")));
    assert_eq!(refused("pb|4|maker\npb|5|maker"), Some(("limit_factors".to_owned(), "item-repeated")));
    assert_eq!(refused("pb|4|maker\n铅|5|maker"), Some(("limit_factors".to_owned(), "item-repeated")));
}

#[test]
fn every_wrong_item_and_field_is_named() {
    let mut input = good();
    input.items = vec!["pb".into(), "铅".into(), "x".into(), "cd|GB 1".into()];
    input.production_date = "2026-11-17".into();
    input.backup_quantity = "1.5".into();
    input.report_copies = "0".into();
    let found = checked(&input).unwrap_err();
    let found: Vec<(&str, &str)> = found.iter().map(|(field, code)| (field.as_str(), *code)).collect();
    assert_eq!(
        found,
        [
            ("production_date", "produced-after-sampling"),
            ("backup_quantity", "quantity-sum"),
            ("report_copies", "field-invalid"),
            ("items", "item-repeated"),
            ("items", "item-unknown"),
            ("items", "item-unknown"),
        ]
    );
}

#[test]
fn an_empty_order_says_all_that_is_missing() {
    let found = checked(&OrderInput::default()).unwrap_err();
    for field in
        ["sample_name", "food_category", "quantity", "unit", "items", "contact", "phone", "signed_by", "storage"]
    {
        assert!(found.iter().any(|(named, _)| named == field), "{field} is not named in {found:?}");
    }
}
