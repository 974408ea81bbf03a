//! Every name that analytes and classes of food go by, for papers that name them in their own way: the annex of an
//! accreditation says 铅, `pb` or `contaminant`, and of food 蔬菜 or `GB 2762:leafy-vegetables`. And what a sentence calls a
//! procedure and classes of food, in either language.

use std::collections::HashSet;

use super::Catalogue;
use super::categories::FoodCategory;
use super::reference::{Analyte, MethodRow};
use super::search::Food;
use crate::domain::refusal::Fact;

impl Catalogue {
    /// What an analyte is called: its key, names, aliases, and the group that it belongs to.
    pub fn analyte_names(&self, key: &str) -> Vec<String> {
        match self.analytes.get(key) {
            Some(analyte) => names_of(analyte),
            None => vec![key.to_owned()],
        }
    }

    /// The name of an analyte in Chinese and in English; what the catalogue does not know is called as it is written.
    pub fn analyte_name<'c>(&'c self, key: &'c str) -> (&'c str, &'c str) {
        self.analytes.get(key).map_or((key, key), |row| (row.name_zh.as_str(), row.name_en.as_str()))
    }

    /// What a stored class of food is called, and everything above it: `tree:id`, or a key of the yearly rules.
    pub fn food_names(&self, code: &str) -> Vec<String> {
        let mut names = vec![code.to_owned()];
        if let Some((tree, id)) = code.split_once(':') {
            for above in self.categories.upwards(tree, id) {
                names.push(format!("{tree}:{above}"));
                names.extend(self.categories.get(tree, above).map(|row| row.name_zh.clone()));
            }
        } else if let Some(rule) = self.rules.iter().find(|rule| rule.category == code) {
            names.extend(levels(&rule.category_zh));
        }
        names
    }

    /// A procedure as a sentence names it; one that the catalogue has no longer by its key.
    pub fn method_name(&self, key: &str) -> Fact {
        self.method(key).map_or_else(|| key.into(), MethodRow::name)
    }

    /// The class of food that a limit is of; of a limit that the catalogue has no longer its key.
    pub fn limit_food(&self, key: &str) -> Fact {
        let row = self.limits.iter().find(|row| row.key == key);
        row.map_or_else(|| key.into(), |row| Fact::named(&row.food_category_zh, &row.food_category_en))
    }

    /// A stored class of food as a sentence names it; one that no tree knows as it stands.
    pub fn food_name(&self, code: &str) -> Fact {
        let place = match Food::of(&self.categories, code) {
            Food::Placed { tree, category } => self.categories.get(tree, category),
            Food::Named(name) => self.in_some_tree(name),
        };
        said([(code, place)])
    }

    /// Classes of food that are named without a tree, as a sentence names them.
    pub fn foods_named(&self, names: &[String]) -> Fact {
        said(names.iter().map(|name| (name.as_str(), self.in_some_tree(name))))
    }

    /// A class of food by name: of trees that know it the first, so that a sentence is the same each time.
    fn in_some_tree(&self, name: &str) -> Option<&FoodCategory> {
        self.categories.in_trees(name).min_by(|one, other| one.tree.cmp(&other.tree))
    }

    /// Every name that some analyte goes by.
    pub fn every_analyte_name(&self) -> HashSet<String> {
        self.analytes.rows().iter().flat_map(names_of).collect()
    }

    /// Every name that some class of food goes by.
    pub fn every_food_name(&self) -> HashSet<String> {
        let of_trees =
            self.categories.rows().iter().flat_map(|row| [format!("{}:{}", row.tree, row.id), row.name_zh.clone()]);
        let of_rules = self.rules.iter().flat_map(|rule| {
            let mut names = levels(&rule.category_zh);
            names.push(rule.category.clone());
            names
        });
        of_trees.chain(of_rules).collect()
    }
}

/// Classes of food in both languages, each as it was called where no tree knows it.
fn said<'c>(places: impl IntoIterator<Item = (&'c str, Option<&'c FoodCategory>)>) -> Fact {
    let names = |(called, place): (&'c str, Option<&'c FoodCategory>)| match place {
        Some(row) if !row.name_en.is_empty() => (row.name_zh.as_str(), row.name_en.as_str()),
        Some(row) => (row.name_zh.as_str(), row.name_zh.as_str()),
        None => (called, called),
    };
    let (zh, en): (Vec<&str>, Vec<&str>) = places.into_iter().map(names).unzip();
    Fact::named(zh.join("、"), en.join(", "))
}

impl MethodRow {
    /// As a sentence names it: `GB 5009.12-2023 第一法`, in English `GB 5009.12-2023 method 1`.
    pub fn name(&self) -> Fact {
        let chinese = self.text();
        let english = in_english(&chinese);
        Fact::named(chinese, english)
    }
}

/// A method as papers name it, in English: `GB 5009.12-2023 method 2` for `第二法`. No standard has ten procedures.
pub fn in_english(method: &str) -> String {
    const NUMERALS: [&str; 9] = ["一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let mut english = method.replace("附录", "annex ");
    for (before, numeral) in NUMERALS.iter().enumerate() {
        english = english.replace(&format!("第{numeral}法"), &format!("method {}", before + 1));
    }
    english
}

fn names_of(analyte: &Analyte) -> Vec<String> {
    let own = [analyte.key.as_str(), &analyte.name_zh, &analyte.name_en, analyte.kind.as_str()];
    own.into_iter().map(str::to_owned).chain(analyte.aliases.iter().cloned()).collect()
}

/// The levels of a class of the yearly rules, each by its own name and by its path: `a/b` gives `a`, `b` and `a/b`.
fn levels(path: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut so_far = String::new();
    for level in path.split('/') {
        if !so_far.is_empty() {
            so_far.push('/');
        }
        so_far.push_str(level);
        names.extend([level.to_owned(), so_far.clone()]);
    }
    names
}

#[cfg(test)]
mod tests {
    use crate::catalogue::actions::shipped;
    use crate::domain::refusal::Fact;

    #[test]
    fn a_sentence_names_procedures_and_foods_in_its_own_language() {
        let catalogue = shipped().unwrap();
        assert_eq!(
            catalogue.method_name("gb5009.12-2023/icp-ms"),
            Fact::named("GB 5009.12-2023 第二法", "GB 5009.12-2023 method 2")
        );
        assert_eq!(catalogue.method_name("unheard-of"), Fact::from("unheard-of"));
        assert_eq!(super::in_english("GB 14934 附录B-2016"), "GB 14934 annex B-2016");
        assert_eq!(catalogue.limit_food("gb2717-2018/amino-acid-nitrogen/soy-sauce"), Fact::named("酱油", "Soy sauce"));
        assert_eq!(catalogue.limit_food("gb2717-1/x/y"), Fact::from("gb2717-1/x/y"));
        assert_eq!(catalogue.food_name("GB 2762:fresh-fruit"), Fact::named("新鲜水果", "Fresh fruit"));
        let named = ["新鲜水果".to_owned(), "月饼馅".to_owned()];
        assert_eq!(catalogue.foods_named(&named), Fact::named("新鲜水果、月饼馅", "Fresh fruit, 月饼馅"), "in no tree");
    }

    #[test]
    fn an_annex_may_name_things_in_its_own_way() {
        let catalogue = shipped().unwrap();
        let lead = catalogue.analyte_names("pb");
        for name in ["pb", "铅（以Pb计）", "铅", "contaminant"] {
            assert!(lead.iter().any(|one| one == name), "{name}: {lead:?}");
        }
        assert_eq!(catalogue.analyte_names("unheard-of"), ["unheard-of"]);
        // 食用农产品/蔬菜/叶菜类蔬菜/普通白菜, by level and by path.
        let cabbage = catalogue.food_names("leafy-vegetables-pak-choi");
        for name in ["leafy-vegetables-pak-choi", "蔬菜", "食用农产品/蔬菜"] {
            assert!(cabbage.iter().any(|one| one == name), "{name}: {cabbage:?}");
        }
        assert!(!cabbage.iter().any(|one| one == "水果"));
        let fruit = catalogue.food_names("GB 2762:fruit-and-products");
        assert!(fruit.iter().any(|one| one == "GB 2762:all"), "what lies above it: {fruit:?}");
        assert!(catalogue.every_food_name().contains("蔬菜") && catalogue.every_analyte_name().contains("铅"));
    }
}
