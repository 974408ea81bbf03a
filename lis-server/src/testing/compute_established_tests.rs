//! What a person established or stated beside a value: its origin, its confirmation, the factor of its product.

use super::*;
use crate::judgement::concentration::StatedFactor;
use crate::judgement::measured::CarryOver;
use crate::judgement::number::Factor;
use crate::testing::established::Established;

/// The verdict and the notes with what a person established.
fn known(asked: Asked, established: Established) -> (Verdict, String) {
    let record = compute(Asked { established: Some(established), ..asked }).unwrap();
    assert!(record.reproduces());
    (record.verdict(), record.answered.notes.join(" "))
}

/// Vectors N06 to N08: what must not be detected, and was.
#[test]
fn a_banned_substance_fails_once_it_is_confirmed() {
    let banned = |value: &str| read(value, row(Some(LimitRule::new(Bound::NotDetectable, None)), None, "mg/kg"));
    let nothing = Established::default;
    let confirmed = || Established { confirmed: true, ..nothing() };
    assert_eq!(known(banned("ND"), nothing()), (Verdict::Pass, String::new()));
    assert_eq!(known(banned("1.2"), nothing()), (Verdict::Review, "finding-unconfirmed".to_owned()));
    assert_eq!(known(banned("1.2"), confirmed()), (Verdict::Fail, String::new()));
    assert_eq!(known(banned("0.7"), confirmed()), (Verdict::Review, "finding-unconfirmed".to_owned()), "below the LOQ");
    // A number above a maximum needs no confirmation.
    assert_eq!(known(read("1.2", max("1.1", "mg/kg")), nothing()), (Verdict::Fail, String::new()));
}

/// Vectors N09 and N10: an additive that is not permitted.
#[test]
fn an_additive_that_is_not_permitted_waits_for_its_origin() {
    let additive = |value: &str| read(value, row(Some(LimitRule::new(Bound::NotPermitted, None)), None, "mg/kg"));
    let origin = |carry_over: CarryOver| Established { carry_over, ..Established::default() };
    assert_eq!(known(additive("ND"), origin(CarryOver::Unknown)), (Verdict::Pass, String::new()));
    let open = (Verdict::Review, "carry-over-open".to_owned());
    assert_eq!(known(additive("1.8"), origin(CarryOver::Unknown)), open);
    assert_eq!(known(additive("1.8"), origin(CarryOver::Excluded)), (Verdict::Fail, String::new()));
    assert_eq!(known(additive("1.8"), origin(CarryOver::Shown)), (Verdict::Pass, String::new()));
}

/// Vectors U12 and U13 in another unit: a limit of 1 for the fresh product, four kilograms of which make one; 8 : 1.
#[test]
fn a_limit_is_multiplied_by_the_factor_of_the_product() {
    let times = |text: &str| Established { times: Factor::parse(text).ok(), ..Established::default() };
    assert_eq!(known(read("3.5", max("1", "mg/kg")), Established::default()).0, Verdict::Fail);
    assert_eq!(known(read("3.5", max("1", "mg/kg")), times("4.0")).0, Verdict::Pass);
    assert_eq!(known(read("4.1", max("1", "mg/kg")), times("4.0")).0, Verdict::Fail);
    assert_eq!(known(read("1.05", max("8", "mg/kg")), times("1/8")).0, Verdict::Fail);
    let record = compute(Asked { established: Some(times("4.0")), ..read("3.5", max("1", "mg/kg")) }).unwrap();
    let said = record.answered.judgement.explain(crate::judgement::explain::Lang::En);
    assert!(said.contains("Limit scaled: 1 × 4.0 = 4"), "{said}");
    assert!(record.limit_text().ends_with("× 4.0"));
    // A corrected value keeps the factor of its product; what was established about the old finding is gone.
    let both = Established { confirmed: true, ..times("4.0") };
    let renewed = Asked { established: Some(both), ..read("3.5", max("1", "mg/kg")) }.anew();
    assert_eq!(renewed.established, Some(times("4.0")));
    assert!(renewed.can_be_scaled() && !read("1", LimitAsked::NotJudged).can_be_scaled());
}

/// Vector U12 with other numbers: four times 0.4 is 1.6.
#[test]
fn a_factor_that_was_stated_scales_the_limit_and_names_its_source() {
    let stated = || StatedFactor::parse("4.0|GB 2762-2025 3.5");
    let asked = || read("1.4", max("0.4", "mg/kg"));
    assert_eq!(compute(asked()).unwrap().verdict(), Verdict::Fail);
    let record = compute(asked().concentrated(stated())).unwrap();
    assert_eq!(record.verdict(), Verdict::Pass);
    assert!(sentences(&record).contains("Concentration factor 4.0, by GB 2762-2025 3.5"), "{}", sentences(&record));
    assert!(record.reproduces());
    assert_eq!(
        record.asked.clone().anew().established,
        record.asked.established,
        "it is the product's, not the finding's"
    );
    // A total that stands for its species is looked at by a person.
    let mut total = asked();
    if let LimitAsked::Row(row) = &mut total.limit {
        row.species = Some("inorganic-as".into());
    }
    let total = total.concentrated(stated());
    let LimitAsked::Row(row) = &total.limit else { panic!("{:?}", total.limit) };
    assert_eq!((total.established.is_none(), row.doubts.as_slice()), (true, &[LIMIT_BASIS.to_owned()][..]));
    // Where there is nothing to multiply it is not applied.
    let absent = read("ND", row_of(Bound::NotDetectable)).concentrated(stated());
    assert_eq!(absent.established, None);
}

fn row_of(bound: Bound) -> LimitAsked {
    row(Some(LimitRule::new(bound, None)), None, "mg/kg")
}
