//! Every name that analytes and classes of food go by, for papers that name them in their own way: the annex of an
//! accreditation says 铅, `pb` or `contaminant`, and of food 蔬菜 or `GB 2762:leafy-vegetables`.

use std::collections::HashSet;

use super::Catalogue;
use super::reference::Analyte;

impl Catalogue {
    /// What an analyte is called: its key, names, aliases, and the group that it belongs to.
    pub fn analyte_names(&self, key: &str) -> Vec<String> {
        match self.analytes.get(key) {
            Some(analyte) => names_of(analyte),
            None => vec![key.to_owned()],
        }
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
