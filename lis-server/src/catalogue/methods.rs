//! What is tested and how: the items of the yearly implementing rules, the edition of a method on the day of the **test**
//! (limits follow the production date), and the detection limits of a procedure.

use chrono::{Datelike, NaiveDate};

use super::categories::{Categories, Fit, FoodCategory};
use super::names::{fold, split_edition};
use super::reference::{DetectionLimit, ImplementingRule, MethodRow};
use super::search::{Food, holds_on};

/// The edition of a method standard for a test day.
#[derive(Debug)]
pub struct MethodEdition<'a> {
    pub year: Option<i32>,
    /// Its procedures whose own time has not passed, in the catalogue's order.
    pub procedures: Vec<&'a MethodRow>,
    /// Whether its first day is known; otherwise only its year speaks for it.
    pub dated: bool,
    /// The next edition and its first day, for the alert list (`quality.md` Q72-4).
    pub coming: Option<(Option<i32>, NaiveDate)>,
}

/// Chooses the edition of a method standard (`GB 5009.12`; an edition printed behind it is ignored) in force on the day
/// of the test: the newest whose day has come and whose time has not passed.
pub fn method_edition<'a>(methods: &'a [MethodRow], standard: &str, tested: NaiveDate) -> Option<MethodEdition<'a>> {
    let known = |number: &str| methods.iter().any(|row| row.standard == number);
    let number = if known(standard.trim()) { standard.trim() } else { split_edition(standard).0 };
    let rows = || methods.iter().filter(|row| row.standard == number);
    let begin = |row: &MethodRow| row.valid_from.or_else(|| NaiveDate::from_ymd_opt(row.edition?, 1, 1));
    let in_force = rows().filter(|row| {
        let year = row.valid_from.is_some() || row.edition.is_none_or(|year| year <= tested.year());
        year && holds_on(row.valid_from, row.valid_to, tested)
    });
    let newest = in_force.max_by_key(|row| begin(row))?;
    let others = rows().filter(|row| row.edition != newest.edition);
    let coming = others.filter_map(|row| Some((row.edition, row.valid_from.filter(|from| *from > tested)?)));
    Some(MethodEdition {
        year: newest.edition,
        procedures: rows()
            .filter(|row| row.edition == newest.edition && holds_on(row.valid_from, row.valid_to, tested))
            .collect(),
        dated: newest.valid_from.is_some(),
        coming: coming.min_by_key(|(_, from)| *from),
    })
}

/// The items that the implementing rules ask for in a category (its key, or its four levels as printed), by position.
/// Of one edition, the newest in force on the sampling date that knows the category; empty when none does.
pub fn items_to_test<'a>(
    rules: &'a [ImplementingRule],
    category: &str,
    sampled: NaiveDate,
) -> Vec<&'a ImplementingRule> {
    let name = fold(category);
    let mut items: Vec<&ImplementingRule> = rules
        .iter()
        .filter(|rule| rule.category == category || fold(&rule.category_zh) == name)
        .filter(|rule| holds_on(rule.valid_from, rule.valid_to, sampled))
        .collect();
    // An edition without a last day is followed by the next one all the same.
    let newest = items.iter().copied().map(|rule| (rule.valid_from, rule.edition.as_str())).max();
    items.retain(|rule| newest.is_some_and(|(_, edition)| rule.edition == edition));
    items.sort_by_key(|rule| rule.position);
    items
}

/// What the matrices that a procedure names say about a food, in the order in which procedures are preferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MatrixFit {
    /// One of them is the food or a class above it.
    Named,
    /// It names none.
    Open,
    /// The food, or one of them, stands in none of the trees where they could be compared.
    Unknown,
    /// They are all other foods.
    Outside,
}

/// Compares the matrices of a procedure with a food, in the trees that know the food.
pub fn matrix_fit(row: &MethodRow, categories: &Categories, food: Food<'_>) -> MatrixFit {
    if row.matrices.is_empty() {
        return MatrixFit::Open;
    }
    let places: Vec<&FoodCategory> = match food {
        Food::Placed { tree, category } => categories.get(tree, category).into_iter().collect(),
        Food::Named(name) => categories.in_trees(name).collect(),
    };
    // What a matrix is in the tree of each place that knows it.
    let known = |matrix: &String| -> Vec<bool> {
        let covers = |place: &&FoodCategory| {
            let class = categories.find(&place.tree, matrix)?;
            Some(categories.fit(class, place) != Fit::No)
        };
        places.iter().filter_map(covers).collect()
    };
    let compared: Vec<Vec<bool>> = row.matrices.iter().map(known).collect();
    if compared.iter().flatten().any(|covers| *covers) {
        MatrixFit::Named
    } else if compared.iter().any(Vec::is_empty) {
        MatrixFit::Unknown
    } else {
        MatrixFit::Outside
    }
}

/// LOD and LOQ of a procedure for an analyte in a matrix: a row that names them goes before one that leaves them open; a
/// row for another analyte or matrix never answers.
pub fn detection_limit<'a>(
    limits: &'a [DetectionLimit],
    method: &str,
    analyte: &str,
    food: &[&str],
) -> Option<&'a DetectionLimit> {
    let fits = |stated: &Option<String>, sought: &[&str]| stated.as_deref().is_none_or(|name| sought.contains(&name));
    limits
        .iter()
        .filter(|row| row.method == method && fits(&row.analyte, &[analyte]) && fits(&row.matrix, food))
        .max_by_key(|row| (row.analyte.is_some(), row.matrix.is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::reference::Reference;

    fn reference() -> &'static Reference {
        Reference::shipped().expect("the shipped data is valid")
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    // Requirement: Q72-1
    #[test]
    fn a_method_edition_follows_the_test_date() {
        let year = |standard: &str, tested: &str| {
            method_edition(&reference().methods, standard, day(tested)).map(|edition| edition.year)
        };
        assert_eq!(year("GB 5009.33", "2026-03-01"), Some(Some(2016)));
        assert_eq!(year("GB 5009.33", "2026-03-02"), Some(Some(2025)));
        assert_eq!(year("GB 4789.3", "2025-09-15"), Some(Some(2016)));
        assert_eq!(year("GB 4789.3", "2025-09-16"), Some(Some(2025)));
        assert_eq!(year("GB 5009.96", "2027-02-17"), Some(Some(2016)));
        assert_eq!(year("GB 5009.96", "2027-02-18"), Some(Some(2026)));
        assert_eq!(year("GB 5009.12", "2026-11-16"), Some(Some(2023)));
        assert_eq!(year("GB 5009.12-2023", "2026-11-16"), Some(Some(2023)));
        assert_eq!(year("GB 5009.12", "2022-11-16"), None);
        assert_eq!(year("GB 31656.24", "2026-11-16"), Some(None));
        assert_eq!(year("农业部781号公告-4-2006", "2026-11-16"), Some(Some(2006)));
        assert_eq!(year("GB 9999", "2026-11-16"), None);

        let soon = method_edition(&reference().methods, "GB 5009.96", day("2026-11-16")).expect("in force");
        assert_eq!(soon.coming, Some((Some(2026), day("2027-02-18"))));
        assert!(!soon.dated);
        let lead = method_edition(&reference().methods, "GB 5009.12", day("2026-11-16")).expect("in force");
        let procedures: Vec<&str> = lead.procedures.iter().map(|row| row.technique.as_str()).collect();
        assert_eq!(procedures, ["GFAAS", "ICP-MS", "FAAS"]);
    }

    #[test]
    fn the_implementing_rules_create_the_items_of_a_sample() {
        let items = |category, sampled| -> Vec<&str> {
            items_to_test(&reference().implementing_rules, category, day(sampled))
                .iter()
                .map(|rule| rule.analyte.as_str())
                .collect()
        };
        let pastry =
            ["aerobic-plate-count", "coliforms", "salmonella", "benzoic-acid", "sorbic-acid", "dehydroacetic-acid"];
        assert_eq!(items("pastry", "2026-11-16"), pastry);
        assert_eq!(items("糕点/糕点/糕点/糕点", "2026-11-16"), pastry);
        assert_eq!(items("pastry", "2027-01-01"), [""; 0], "next year's rules are not known");
        assert_eq!(items("cakes", "2026-11-16"), [""; 0]);
    }

    #[test]
    fn a_procedure_is_in_force_on_its_own_days_only() {
        let mut methods = reference().methods.clone();
        let of = |key: &str| methods.iter().position(|row| row.key == key).expect("the procedure");
        let (gfaas, faas) = (of("gb5009.12-2023/gfaas"), of("gb5009.12-2023/faas"));
        methods[faas].valid_to = Some(day("2026-10-31"));
        methods[gfaas].valid_from = Some(day("2026-11-10"));
        let in_force = |tested| -> Vec<&str> {
            let edition = method_edition(&methods, "GB 5009.12", day(tested)).expect("in force");
            edition.procedures.iter().map(|row| row.technique.as_str()).collect()
        };
        assert_eq!(in_force("2026-10-31"), ["ICP-MS", "FAAS"]);
        assert_eq!(in_force("2026-11-01"), ["ICP-MS"]);
        assert_eq!(in_force("2026-11-10"), ["GFAAS", "ICP-MS"]);
    }

    #[test]
    fn one_edition_of_the_rules_asks_for_the_items() {
        let mut rules: Vec<ImplementingRule> =
            reference().implementing_rules.iter().filter(|rule| rule.category == "pastry").cloned().collect();
        let count = rules.len();
        let next: Vec<ImplementingRule> = rules[..2]
            .iter()
            .cloned()
            .map(|rule| ImplementingRule {
                edition: "2027".into(),
                valid_from: Some(day("2027-01-01")),
                valid_to: None,
                ..rule
            })
            .collect();
        for rule in &mut rules {
            rule.valid_to = None;
        }
        rules.extend(next);
        let items = |sampled| -> Vec<&str> {
            items_to_test(&rules, "pastry", day(sampled)).iter().map(|rule| rule.edition.as_str()).collect()
        };
        assert_eq!(items("2026-12-31"), vec!["2026"; count]);
        assert_eq!(items("2027-01-01"), ["2027", "2027"], "the open end of the old edition doubles nothing");
    }

    #[test]
    fn a_procedure_for_other_foods_is_told_from_one_that_says_nothing() {
        let fit = |matrices: &[&str], food: &str| {
            let row = MethodRow {
                matrices: matrices.iter().map(|name| (*name).to_owned()).collect(),
                ..reference().methods[0].clone()
            };
            matrix_fit(&row, &reference().categories, Food::of(&reference().categories, food))
        };
        let celery = "GB 2763:celery";
        assert_eq!(fit(&[], celery), MatrixFit::Open);
        assert_eq!(fit(&["celery"], celery), MatrixFit::Named);
        assert_eq!(fit(&["tea", "vegetables"], celery), MatrixFit::Named, "a class above it");
        assert_eq!(fit(&["tea"], celery), MatrixFit::Outside);
        assert_eq!(fit(&["tea", "no such food"], celery), MatrixFit::Unknown);
        assert_eq!(fit(&["tea"], "no such food"), MatrixFit::Unknown);
    }

    /// As the titles of the standards say.
    #[test]
    fn shipped_procedures_name_the_foods_of_their_title() {
        let fit = |key: &str, food: &str| {
            let row = reference().methods.iter().find(|row| row.key == key).unwrap();
            matrix_fit(row, &reference().categories, Food::of(&reference().categories, food))
        };
        let key_of = |standard: &str| {
            reference().methods.iter().find(|row| row.standard == standard).map(|row| row.key.as_str()).unwrap()
        };
        assert_eq!(fit(key_of("GB/T 20769"), "GB 2763:celery"), MatrixFit::Named, "水果和蔬菜");
        assert_eq!(fit(key_of("GB/T 23204"), "GB 2763:celery"), MatrixFit::Outside, "茶叶");
        assert_eq!(fit(key_of("GB/T 19857"), "GB 31650:fish-skin-muscle"), MatrixFit::Named, "水产品");
        assert_eq!(fit(key_of("GB/T 19857"), "GB 31650:eggs"), MatrixFit::Outside);
        assert_eq!(
            fit(key_of("GB 23200.121"), "GB 2763:celery"),
            MatrixFit::Open,
            "植物源性食品 is no class of a tree"
        );
    }

    #[test]
    fn a_detection_limit_answers_for_its_analyte_and_matrix_only() {
        let limit = |method, analyte, matrix: &[&str]| {
            let found = detection_limit(&reference().detection_limits, method, analyte, matrix)?;
            found.lod.as_ref().or(found.loq.as_ref()).map(|value| value.as_str())
        };
        assert_eq!(limit("gb5009.12-2023/gfaas", "pb", &["vegetables"]), Some("0.02"));
        assert_eq!(limit("gb5009.12-2023/icp-ms", "pb", &[]), None);
        assert_eq!(limit("gb5009.268-2016/icp-ms", "cd", &[]), Some("0.002"));
        assert_eq!(limit("gb5009.268-2016/icp-ms", "ni", &[]), None);
        assert_eq!(
            limit("gb23200.113-2018/gc-ms-ms-quechers", "chlorpyrifos", &["tea", "beverage-plants"]),
            Some("0.05")
        );
        let celery = reference().categories.upwards("GB 2763", "celery");
        assert_eq!(celery, ["celery", "leafy-vegetables", "vegetables", "all"]);
        assert_eq!(limit("gb23200.113-2018/gc-ms-ms-quechers", "chlorpyrifos", &celery), Some("0.01"));
        assert_eq!(limit("gb23200.113-2018/gc-ms-ms-quechers", "chlorpyrifos", &["honey"]), None);
    }

    #[test]
    fn the_narrower_detection_limit_goes_first() {
        let row = |analyte: Option<&str>, matrix: Option<&str>, note: &str| DetectionLimit {
            method: "m".into(),
            analyte: analyte.map(str::to_string),
            matrix: matrix.map(str::to_string),
            source_text: note.into(),
            ..reference().detection_limits[0].clone()
        };
        let rows = [
            row(Some("pb"), Some("tea"), "both"),
            row(Some("pb"), None, "analyte"),
            row(None, Some("tea"), "matrix"),
            row(None, None, "neither"),
        ];
        let note =
            |analyte, matrix: &[&str]| detection_limit(&rows, "m", analyte, matrix).map(|row| row.source_text.as_str());
        assert_eq!(note("pb", &["tea"]), Some("both"));
        assert_eq!(note("pb", &["rice"]), Some("analyte"));
        assert_eq!(note("cd", &["tea"]), Some("matrix"));
        assert_eq!(note("cd", &[]), Some("neither"));
    }
}
