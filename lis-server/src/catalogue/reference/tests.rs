//! The shipped rows are valid and the tables fit together.

use super::*;
use crate::catalogue::names::split_edition;
use crate::domain::decimal::Decimal;

fn shipped() -> &'static Reference {
    Reference::shipped()
        .unwrap_or_else(|errors| panic!("{}", errors.iter().map(|e| format!("{e}\n")).collect::<String>()))
}

#[test]
fn all_shipped_rows_are_valid() {
    let reference = shipped();
    // Counted by hand in the source tables; a change of the data changes them knowingly.
    assert_eq!(reference.limits.len(), 511);
    assert_eq!(reference.standards.len(), 35);
    assert_eq!(reference.calendar.len(), 72);
    assert!(reference.completeness.iter().all(|row| !row.complete), "the starter set is complete for nothing");
    let mut names: Vec<&str> = reference.limits.iter().map(|row| row.food_category_zh.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 246);
}

#[test]
fn every_limit_stands_in_its_tree_and_names_a_known_analyte_and_method() {
    let reference = shipped();
    for row in &reference.limits {
        let category = reference.categories.get(&row.tree, &row.category);
        assert_eq!(category.map(|found| &found.name_zh), Some(&row.food_category_zh), "{}", row.key);
        let analyte = reference.analytes.get(&row.analyte);
        assert_eq!(analyte.map(|found| &found.name_zh), Some(&row.analyte_zh), "{}", row.key);
        assert_eq!(analyte.and_then(|found| found.cas.as_ref()), row.cas.as_ref(), "{}", row.key);
        for method in &row.methods {
            assert!(reference.methods.iter().any(|found| &found.standard == method), "{}: {method}", row.key);
        }
        let standard = reference.standards.iter().find(|found| found.standard == row.standard);
        assert_eq!(standard.map(|found| found.tree.as_str()), Some(row.tree.as_str()), "{}", row.key);
        assert!(row.key.starts_with(&standard.unwrap().key), "{}", row.key);
    }
    for row in &reference.standards {
        assert_eq!(split_edition(&row.standard), (row.number.as_str(), row.edition), "{}", row.key);
    }
}

#[test]
fn tables_that_point_at_each_other_meet() {
    let reference = shipped();
    for limit in &reference.detection_limits {
        assert!(reference.methods.iter().any(|row| row.key == limit.method), "{}", limit.method);
        assert!(limit.analyte.as_ref().is_none_or(|key| reference.analytes.get(key).is_some()), "{}", limit.method);
    }
    for method in &reference.methods {
        for analyte in &method.analytes {
            assert!(reference.analytes.get(analyte).is_some(), "{}: {analyte}", method.key);
        }
    }
    for rule in &reference.implementing_rules {
        let place = (&rule.category, &rule.analyte);
        assert!(reference.analytes.get(&rule.analyte).is_some(), "{place:?}");
        assert!(reference.categories.get(&rule.basis, &rule.basis_category).is_some(), "{place:?}");
        for method in &rule.methods {
            assert!(reference.methods.iter().any(|row| &row.standard == method), "{place:?}: {method}");
        }
    }
    for region in &reference.regions {
        for above in region.code.ancestors() {
            assert!(reference.regions.iter().any(|row| row.code == above), "{} is missing", above.as_str());
        }
    }
}

#[test]
fn lead_in_foods_keeps_its_digits_and_detection_limit() {
    let reference = shipped();
    let method = reference.methods.iter().find(|row| row.key == "gb5009.12-2023/gfaas").unwrap();
    assert_eq!(method.procedure.as_deref(), Some("第一法"));
    let Some(Digits::Significant(ByLevel::Split { unit, below, from })) = &method.digits else { panic!() };
    let below: Vec<(&str, u32)> = below.iter().map(|(at, figures)| (at.as_str(), *figures)).collect();
    assert_eq!((below.as_slice(), unit.as_str(), *from), (&[("1", 2)][..], "mg/kg", 3));
    let limit = reference.detection_limits.iter().find(|row| row.method == method.key).unwrap();
    let text = |value: &Option<Decimal>| value.as_ref().map(|value| value.as_str().to_string());
    assert_eq!((text(&limit.lod), text(&limit.loq)), (Some("0.02".into()), Some("0.04".into())));
    assert_eq!((text(&limit.portion_g), text(&limit.volume_ml)), (Some("0.5".into()), Some("10".into())));
    assert!(!limit.verified);
}

#[test]
fn a_name_may_mean_several_analytes() {
    let keys = |name: &str| -> Vec<&str> { shipped().analytes.find(name).map(|found| found.key.as_str()).collect() };
    assert_eq!(keys("铅"), ["pb"]);
    assert_eq!(keys("黄曲霉毒素 B1"), ["aflatoxin-b1"]);
    assert_eq!(keys("7440-38-2"), ["total-as", "inorganic-as"]);
    assert_eq!(keys("亚硝酸盐"), ["nitrite-nano2", "nitrite-no2", "nitrite-residue"]);
    assert!(keys("金").is_empty());
}
