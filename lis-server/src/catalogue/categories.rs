//! The food categories of each limit standard: a tree of classes, and groups that limit rows name.
//!
//! "新鲜蔬菜（芸薹类、叶菜除外）" is a group that covers the class 新鲜蔬菜 less two classes below it. A tree is valid only inside
//! its own standard and that standard's amendments (GB 2762 3.3).

use std::collections::HashMap;

use super::names::fold;

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
    by_id: HashMap<(String, String), usize>,
    by_name: HashMap<(String, String), usize>,
}

impl Categories {
    /// Indexes the rows. Each flaw (an unknown parent, a circle, a group inside a group, a name used twice in one tree)
    /// comes back as the row's index, the column and a sentence.
    pub fn new(rows: Vec<FoodCategory>) -> Result<Categories, Vec<(usize, &'static str, String)>> {
        let mut flaws = Vec::new();
        let mut by_id = HashMap::new();
        let mut by_name: HashMap<(String, String), usize> = HashMap::new();
        for (index, row) in rows.iter().enumerate() {
            if by_id
                .insert((row.tree.clone(), row.id.clone()), index)
                .is_some()
            {
                flaws.push((
                    index,
                    "id",
                    "an id that no other row of the tree has".to_string(),
                ));
            }
            if by_name
                .insert((row.tree.clone(), fold(&row.name_zh)), index)
                .is_some()
            {
                flaws.push((
                    index,
                    "name_zh",
                    "a name that no other row of the tree has".to_string(),
                ));
            }
        }
        // Other names come second: a category's own name always wins over another's alias.
        for (index, row) in rows.iter().enumerate() {
            for alias in row.aliases.iter().chain([&row.name_en, &row.id]) {
                let before = *by_name
                    .entry((row.tree.clone(), fold(alias)))
                    .or_insert(index);
                if before != index && row.aliases.contains(alias) {
                    flaws.push((
                        index,
                        "aliases",
                        format!("{alias} already means {}", rows[before].name_zh),
                    ));
                }
            }
        }
        let all = Categories {
            rows,
            by_id,
            by_name,
        };
        for (index, row) in all.rows.iter().enumerate() {
            let class = |id: &String| {
                all.get(&row.tree, id)
                    .is_some_and(|found| found.covers.is_empty())
            };
            if row.parent.as_ref().is_some_and(|parent| !class(parent)) {
                flaws.push((
                    index,
                    "parent",
                    "the id of a class of the same tree".to_string(),
                ));
            } else if all.path(row).is_none() {
                flaws.push((
                    index,
                    "parent",
                    "a parent that does not lie below its own child".to_string(),
                ));
            }
            if !row.covers.iter().all(class) {
                flaws.push((
                    index,
                    "covers",
                    "ids of classes of the same tree".to_string(),
                ));
            }
            let below = |id: &String| {
                class(id)
                    && row
                        .covers
                        .iter()
                        .any(|cover| cover != id && all.is_below(&row.tree, id, cover))
            };
            if !row.exceptions.iter().all(below) {
                flaws.push((
                    index,
                    "exceptions",
                    "ids of classes below the covered ones".to_string(),
                ));
            }
        }
        if flaws.is_empty() {
            Ok(all)
        } else {
            Err(flaws)
        }
    }

    pub fn rows(&self) -> &[FoodCategory] {
        &self.rows
    }

    pub fn get(&self, tree: &str, id: &str) -> Option<&FoodCategory> {
        self.by_id
            .get(&(tree.to_string(), id.to_string()))
            .map(|index| &self.rows[*index])
    }

    /// Finds a category of a tree by name, other name, English name or id.
    pub fn find(&self, tree: &str, name: &str) -> Option<&FoodCategory> {
        self.by_name
            .get(&(tree.to_string(), fold(name)))
            .map(|index| &self.rows[*index])
    }

    /// Whether the category `rule` of a limit holds for a food in `food`. Both must be of one tree.
    pub fn fit(&self, rule: &FoodCategory, food: &FoodCategory) -> Fit {
        if rule.tree != food.tree {
            return Fit::No;
        }
        let tree = rule.tree.as_str();
        let mut shallowest = usize::MAX;
        let mut finer: Vec<String> = Vec::new();
        for part in classes(food) {
            let covering = classes(rule).filter(|cover| self.is_below(tree, part, cover));
            let Some(depth) = covering.filter_map(|cover| self.depth(tree, cover)).max() else {
                return Fit::No;
            };
            if rule
                .exceptions
                .iter()
                .any(|exception| self.is_below(tree, part, exception))
            {
                return Fit::No;
            }
            shallowest = shallowest.min(depth);
            let open = rule
                .exceptions
                .iter()
                .filter(|exception| self.is_below(tree, exception, part));
            finer.extend(
                open.filter(|open| {
                    !food
                        .exceptions
                        .iter()
                        .any(|less| self.is_below(tree, open, less))
                })
                .cloned(),
            );
        }
        Fit::Yes {
            depth: shallowest,
            finer,
        }
    }

    /// Whether the class `id` is `above` itself or lies below it.
    fn is_below(&self, tree: &str, id: &str, above: &str) -> bool {
        let mut steps = 0;
        let mut current = Some(id);
        while let Some(id) = current {
            if id == above {
                return true;
            }
            steps += 1;
            current = self
                .get(tree, id)
                .and_then(|row| row.parent.as_deref())
                .filter(|_| steps <= self.rows.len());
        }
        false
    }

    fn depth(&self, tree: &str, id: &str) -> Option<usize> {
        self.path(self.get(tree, id)?)
    }

    /// How many classes lie above; `None` if the parents run in a circle.
    fn path(&self, row: &FoodCategory) -> Option<usize> {
        let mut depth = 0;
        let mut current = row;
        while let Some(parent) = current
            .parent
            .as_ref()
            .and_then(|parent| self.get(&row.tree, parent))
        {
            depth += 1;
            if depth > self.rows.len() {
                return None;
            }
            current = parent;
        }
        Some(depth)
    }
}

/// The classes that a category stands for: itself, or those that the group covers.
fn classes(category: &FoodCategory) -> impl Iterator<Item = &String> {
    let own = category.covers.is_empty().then_some(&category.id);
    own.into_iter().chain(&category.covers)
}
