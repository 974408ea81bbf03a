//! The food categories of each limit standard: a tree of classes, and groups that limit rows name.
//!
//! "新鲜蔬菜（芸薹类、叶菜除外）" is a group that covers the class 新鲜蔬菜 less two classes below it. A tree is valid only inside
//! its own standard and that standard's amendments (GB 2762 3.3).

use std::collections::HashMap;

use super::names::fold;
use crate::domain::refusal::Fact;

/// A class (`covers` is empty) or a group of classes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoodCategory {
    /// The standard whose tree this is, without edition: `GB 2762`.
    pub tree: String,
    /// Stable inside the tree: a word, or the standard's own code (`04.02.02.03`).
    pub id: String,
    pub parent: Option<String>,
    pub name_zh: String,
    pub name_en: String,
    pub aliases: Vec<String>,
    /// Of a group: the classes it covers, each with everything below.
    pub covers: Vec<String>,
    /// Of a group: classes below the covered ones to which it does not apply.
    pub exceptions: Vec<String>,
    pub condition: Option<Condition>,
    pub verified: bool,
}

/// What must be true of a sample beside its category, e.g. "only in tinplate containers".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    pub zh: String,
    pub en: String,
}

/// Whether a category that a rule names holds for the category of a food.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fit {
    /// It does not.
    No,
    /// It does. `depth` of the class that covers the food: the deeper, the more specific. `finer`: ids of excepted
    /// classes below the food's category; if the food belongs to one of them the rule does not hold after all.
    Yes { depth: usize, finer: Vec<String> },
}

/// All trees, indexed. Build it with `Categories::new`, which checks them.
#[derive(Debug)]
pub struct Categories {
    rows: Vec<FoodCategory>,
    /// Beside each row, what it names as positions in `rows`.
    nodes: Vec<Node>,
    trees: HashMap<String, Tree>,
}

#[derive(Debug, Default)]
struct Node {
    parent: Option<usize>,
    /// Classes above it.
    depth: usize,
    /// The classes it stands for: itself, or those that the group covers.
    classes: Vec<usize>,
    exceptions: Vec<usize>,
}

#[derive(Debug, Default)]
struct Tree {
    by_id: HashMap<String, usize>,
    by_name: HashMap<String, usize>,
}

/// What is wrong with a row: its index, the column, and what would be right.
pub type Flaw = (usize, &'static str, Fact);

impl Categories {
    /// Indexes the rows and checks them: no unknown parent, no circle, no group inside a group, no name twice in a tree.
    pub fn new(rows: Vec<FoodCategory>) -> Result<Categories, Vec<Flaw>> {
        let mut flaws = Vec::new();
        let trees = index_names(&rows, &mut flaws);
        let mut all = Categories { nodes: rows.iter().map(|_| Node::default()).collect(), rows, trees };
        all.link(&mut flaws);
        if flaws.is_empty() { Ok(all) } else { Err(flaws) }
    }

    /// Resolves parents, depths, covered and excepted classes.
    fn link(&mut self, flaws: &mut Vec<Flaw>) {
        let mut flaw = |index, column, right: &str| flaws.push((index, column, Fact::word(right)));
        for index in 0..self.rows.len() {
            let row = &self.rows[index];
            let parent = row.parent.as_ref().map(|id| self.class(&row.tree, id));
            if parent == Some(None) {
                flaw(index, "parent", "expected-class-of-tree");
            }
            self.nodes[index].parent = parent.flatten();
        }
        // A path that is longer than there are rows runs in a circle.
        let count = self.rows.len();
        let depths: Vec<usize> = (0..count).map(|index| self.above(index).take(count + 1).count() - 1).collect();
        for (index, depth) in depths.into_iter().enumerate() {
            if depth == count {
                flaw(index, "parent", "expected-parent-above");
                self.nodes[index].parent = None;
            }
            self.nodes[index].depth = depth;
        }
        for index in 0..self.rows.len() {
            let row = &self.rows[index];
            let resolve =
                |ids: &[String]| -> Option<Vec<usize>> { ids.iter().map(|id| self.class(&row.tree, id)).collect() };
            let classes = if row.covers.is_empty() { Some(vec![index]) } else { resolve(&row.covers) };
            if classes.is_none() {
                flaw(index, "covers", "expected-classes-of-tree");
            }
            let classes = classes.unwrap_or_default();
            let below =
                |exception: &usize| classes.iter().any(|class| class != exception && self.is_below(*exception, *class));
            let exceptions = resolve(&row.exceptions).filter(|exceptions| exceptions.iter().all(below));
            if exceptions.is_none() {
                flaw(index, "exceptions", "expected-classes-below");
            }
            self.nodes[index].exceptions = exceptions.unwrap_or_default();
            self.nodes[index].classes = classes;
        }
    }

    pub fn rows(&self) -> &[FoodCategory] {
        &self.rows
    }

    pub fn get(&self, tree: &str, id: &str) -> Option<&FoodCategory> {
        self.position(tree, id).map(|index| &self.rows[index])
    }

    /// Finds a category of a tree by name, other name, English name or id.
    pub fn find(&self, tree: &str, name: &str) -> Option<&FoodCategory> {
        self.trees.get(tree)?.by_name.get(&fold(name)).map(|index| &self.rows[*index])
    }

    /// What a name means in each tree that knows it.
    pub fn in_trees(&self, name: &str) -> impl Iterator<Item = &FoodCategory> {
        let name = fold(name);
        let found = self.trees.values().filter_map(move |tree| tree.by_name.get(&name));
        found.map(|index| &self.rows[*index])
    }

    /// A category with everything above it, from the food to the root: ids of one tree.
    pub fn upwards(&self, tree: &str, id: &str) -> Vec<&str> {
        let from = self.position(tree, id);
        from.map(|index| self.above(index).map(|above| self.rows[above].id.as_str()).collect()).unwrap_or_default()
    }

    /// Whether the category `rule` of a limit holds for a food in `food`. Both must be of one tree.
    pub fn fit(&self, rule: &FoodCategory, food: &FoodCategory) -> Fit {
        let of = |category: &FoodCategory| self.position(&category.tree, &category.id);
        let (Some(rule), Some(food)) = (of(rule), of(food)) else {
            return Fit::No;
        };
        let (rule, food) = (&self.nodes[rule], &self.nodes[food]);
        let mut depth = usize::MAX;
        let mut finer = Vec::new();
        for part in &food.classes {
            let covering = rule.classes.iter().filter(|class| self.is_below(*part, **class));
            let Some(deepest) = covering.map(|class| self.nodes[*class].depth).max() else {
                return Fit::No;
            };
            if rule.exceptions.iter().any(|exception| self.is_below(*part, *exception)) {
                return Fit::No;
            }
            depth = depth.min(deepest);
            for exception in rule.exceptions.iter().filter(|exception| self.is_below(**exception, *part)) {
                if !food.exceptions.iter().any(|less| self.is_below(*exception, *less)) {
                    finer.push(self.rows[*exception].id.clone());
                }
            }
        }
        Fit::Yes { depth, finer }
    }

    fn position(&self, tree: &str, id: &str) -> Option<usize> {
        self.trees.get(tree)?.by_id.get(id).copied()
    }

    fn class(&self, tree: &str, id: &str) -> Option<usize> {
        self.position(tree, id).filter(|index| self.rows[*index].covers.is_empty())
    }

    /// The category itself and all above it, upwards.
    fn above(&self, index: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(index), |index| self.nodes[*index].parent)
    }

    /// Whether a class is `class` itself or lies below it.
    fn is_below(&self, index: usize, class: usize) -> bool {
        self.above(index).any(|above| above == class)
    }
}

/// Ids and names of each tree. A category's own name wins over what another is also called.
fn index_names(rows: &[FoodCategory], flaws: &mut Vec<Flaw>) -> HashMap<String, Tree> {
    let mut trees: HashMap<String, Tree> = HashMap::new();
    for (index, row) in rows.iter().enumerate() {
        let tree = trees.entry(row.tree.clone()).or_default();
        if *tree.by_id.entry(row.id.clone()).or_insert(index) != index {
            flaws.push((index, "id", Fact::word("expected-free-id")));
        }
        if *tree.by_name.entry(fold(&row.name_zh)).or_insert(index) != index {
            flaws.push((index, "name_zh", Fact::word("expected-free-name")));
        }
    }
    for (index, row) in rows.iter().enumerate() {
        let tree = trees.entry(row.tree.clone()).or_default();
        for alias in &row.aliases {
            let first = *tree.by_name.entry(fold(alias)).or_insert(index);
            if first != index {
                let named = Fact::named(rows[first].name_zh.as_str(), rows[first].name_en.as_str());
                let facts = [("alias", alias.into()), ("name", named)];
                flaws.push((index, "aliases", Fact::sentence("expected-other-aliases", facts)));
            }
        }
    }
    // English names and ids come last and may be shared: the first keeps them.
    for (index, row) in rows.iter().enumerate() {
        let tree = trees.entry(row.tree.clone()).or_default();
        for name in [&row.name_en, &row.id] {
            tree.by_name.entry(fold(name)).or_insert(index);
        }
    }
    trees
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `id parent covers exceptions`, lists with commas, `-` for nothing.
    fn tree(rows: &[&str]) -> Categories {
        let list =
            |text: &str| -> Vec<String> { text.split(',').filter(|id| *id != "-").map(str::to_string).collect() };
        let row = |text: &&str| {
            let [id, parent, covers, exceptions] = text.split(' ').collect::<Vec<_>>()[..] else { panic!("{text}") };
            FoodCategory {
                tree: "T".into(),
                id: id.into(),
                parent: Some(parent.to_string()).filter(|parent| parent != "-"),
                name_zh: id.into(),
                name_en: id.into(),
                aliases: Vec::new(),
                covers: list(covers),
                exceptions: list(exceptions),
                condition: None,
                verified: false,
            }
        };
        Categories::new(rows.iter().map(row).collect()).expect("a good tree")
    }

    #[test]
    fn a_rule_fits_what_lies_below_it_and_not_what_it_excepts() {
        let all = tree(&[
            "food - - -",
            "vegetables food - -",
            "leafy vegetables - -",
            "spinach leafy - -",
            "roots vegetables - -",
            "fruit food - -",
            "not-leafy food vegetables leafy",
            "leafy-and-fruit food leafy,fruit -",
            "leafy-and-roots food leafy,roots -",
            "roots-and-leafy food roots,leafy -",
            "food-and-leafy food food,leafy -",
        ]);
        let fit = |rule: &str, food: &str| all.fit(all.get("T", rule).unwrap(), all.get("T", food).unwrap());
        let yes = |depth, finer: &[&str]| Fit::Yes { depth, finer: finer.iter().map(ToString::to_string).collect() };
        assert_eq!(fit("vegetables", "spinach"), yes(1, &[]));
        assert_eq!(fit("vegetables", "fruit"), Fit::No);
        assert_eq!(fit("spinach", "leafy"), Fit::No);
        assert_eq!(fit("not-leafy", "roots"), yes(1, &[]));
        assert_eq!(fit("not-leafy", "spinach"), Fit::No);
        assert_eq!(fit("not-leafy", "vegetables"), yes(1, &["leafy"]));
        assert_eq!(fit("not-leafy", "not-leafy"), yes(1, &[]));
        assert_eq!(fit("leafy-and-fruit", "spinach"), yes(2, &[]));
        assert_eq!(fit("leafy-and-fruit", "leafy-and-roots"), Fit::No);
        assert_eq!(fit("vegetables", "leafy-and-roots"), yes(1, &[]));
        // Leafy vegetables are covered at depth 2, fruit and roots only as food: the weaker counts, in either order.
        assert_eq!(fit("food-and-leafy", "leafy"), yes(2, &[]));
        assert_eq!(fit("food-and-leafy", "leafy-and-roots"), yes(0, &[]));
        assert_eq!(fit("food-and-leafy", "roots-and-leafy"), yes(0, &[]));
    }

    #[test]
    fn a_category_is_found_by_each_name_in_its_own_tree() {
        let all = tree(&["food - - -"]);
        assert_eq!(all.find("T", "FOOD").map(|found| found.id.as_str()), Some("food"));
        assert_eq!(all.find("U", "food"), None);
    }
}
