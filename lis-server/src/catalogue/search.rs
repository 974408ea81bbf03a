//! Which limits hold for a sample.
//!
//! A limit holds when its standard's newest edition in force on the **production date** has a row for the analyte and for
//! the food's category or one above it (`judgement.md` 2 and 3).

use std::collections::HashMap;

use chrono::{Datelike, NaiveDate};

use super::categories::{Categories, Condition, Fit, FoodCategory};
use super::names::{fold, split_edition};
use super::reference::{Analytes, Completeness, LimitRow, Reference, Standard};

/// Limits with everything that is needed to find them. The laboratory's catalogue and the shipped one are searched alike.
#[derive(Debug)]
pub struct LimitCatalogue<'a> {
    categories: &'a Categories,
    analytes: &'a Analytes,
    completeness: &'a [Completeness],
    limits: &'a [LimitRow],
    /// Row indices by the analyte's key and by each name printed with the row.
    by_analyte: HashMap<String, Vec<usize>>,
    /// By number (`GB 2762`), from the register of standards and from the rows.
    editions: HashMap<&'a str, Vec<Edition<'a>>>,
}

#[derive(Debug)]
struct Edition<'a> {
    standard: &'a str,
    year: Option<i32>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
}

/// The food of a sample.
#[derive(Debug, Clone, Copy)]
pub enum Food<'a> {
    /// A category's name, looked up in each standard's own tree.
    Named(&'a str),
    /// Tree and id, as the implementing rules give them; other trees do not take part.
    Placed { tree: &'a str, category: &'a str },
}

impl<'a> Food<'a> {
    /// `tree:category` where the tree knows it, otherwise a name.
    pub fn of(categories: &Categories, food: &'a str) -> Self {
        match food.split_once(':').filter(|(tree, id)| categories.get(tree, id).is_some()) {
            Some((tree, category)) => Self::Placed { tree, category },
            None => Self::Named(food),
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub struct LimitQuery<'a> {
    /// Numbers of the standards to judge by (`GB 2762`); empty: all of the catalogue.
    pub standards: &'a [&'a str],
    pub food: Food<'a>,
    /// Name, alias, CAS number or key. A name that may mean several analytes finds the rows of all.
    pub analyte: &'a str,
    pub produced: NaiveDate,
}

/// The answer to a query.
#[derive(Debug)]
pub struct LimitSearch<'a> {
    /// Most specific first, equals by standard and key.
    pub rows: Vec<FoundLimit<'a>>,
    /// Whether every standard asked is declared complete for the production date. Only then does a missing row say
    /// something; otherwise the item is REVIEW.
    pub complete: bool,
}

/// A limit row that holds, with what is still open about it.
#[derive(Debug)]
pub struct FoundLimit<'a> {
    pub row: &'a LimitRow,
    /// Depth of the covering class in its tree.
    pub depth: usize,
    /// Must be confirmed for the sample before the row may be used.
    pub condition: Option<&'a Condition>,
    /// The food's category is wider than the row's exceptions: if the food is one of these, the row does not hold.
    pub finer: Vec<&'a FoodCategory>,
}

impl FoundLimit<'_> {
    /// Whether the row holds without a further question to a person.
    pub fn is_certain(&self) -> bool {
        self.condition.is_none() && self.finer.is_empty()
    }
}

impl<'a> LimitSearch<'a> {
    /// The most specific rows of each standard: those by which the sample is judged. More than one row of a standard
    /// remains when the analyte's name meant several or when two rows are equally specific.
    pub fn governing(&self) -> Vec<&FoundLimit<'a>> {
        let same = |a: &LimitRow, b: &LimitRow| {
            a.analyte == b.analyte && split_edition(&a.standard).0 == split_edition(&b.standard).0
        };
        let beaten = |found: &&FoundLimit<'a>| {
            self.rows.iter().any(|other| same(other.row, found.row) && other.depth > found.depth && other.is_certain())
        };
        self.rows.iter().filter(|found| !beaten(found)).collect()
    }

    /// Whether the search proves that there is no limit. Without that an empty answer means "look it up".
    pub fn proves_absence(&self) -> bool {
        self.rows.is_empty() && self.complete
    }
}

impl<'a> LimitCatalogue<'a> {
    pub fn new(
        categories: &'a Categories,
        analytes: &'a Analytes,
        standards: &'a [Standard],
        completeness: &'a [Completeness],
        limits: &'a [LimitRow],
    ) -> Self {
        let mut by_analyte: HashMap<String, Vec<usize>> = HashMap::new();
        let mut editions: HashMap<&str, Vec<Edition<'_>>> = HashMap::new();
        for known in standards {
            let edition =
                Edition { standard: &known.standard, year: known.edition, from: known.valid_from, to: known.valid_to };
            editions.entry(&known.number).or_default().push(edition);
        }
        for (index, row) in limits.iter().enumerate() {
            let printed = [&row.analyte_zh, &row.analyte_en].into_iter().map(|name| fold(name));
            let cas = row.cas.as_ref().map(|cas| cas.as_str().to_string());
            for name in printed.chain(cas).chain([row.analyte.clone()]).filter(|name| !name.is_empty()) {
                let rows = by_analyte.entry(name).or_default();
                if rows.last() != Some(&index) {
                    rows.push(index);
                }
            }
            let (number, year) = split_edition(&row.standard);
            let known = editions.entry(number).or_default();
            if !known.iter().any(|edition| edition.standard == row.standard) {
                known.push(Edition { standard: &row.standard, year, from: row.valid_from, to: row.valid_to });
            }
        }
        LimitCatalogue { categories, analytes, completeness, limits, by_analyte, editions }
    }

    pub fn shipped(reference: &'a Reference) -> Self {
        let Reference { categories, analytes, standards, completeness, limits, .. } = reference;
        LimitCatalogue::new(categories, analytes, standards, completeness, limits)
    }

    /// The limits that hold for the query.
    pub fn search(&self, query: &LimitQuery<'_>) -> LimitSearch<'a> {
        let numbers: Vec<&str> =
            if query.standards.is_empty() { self.editions.keys().copied().collect() } else { query.standards.to_vec() };
        let in_force: HashMap<&str, &Edition<'a>> = numbers
            .iter()
            .filter_map(|number| Some((*number, self.edition_in_force(number, query.produced)?)))
            .collect();
        let mut rows: Vec<FoundLimit<'a>> = Vec::new();
        let mut sought = HashMap::new();
        for row in self.rows_of(query.analyte) {
            let governs =
                in_force.get(split_edition(&row.standard).0).is_some_and(|edition| edition.standard == row.standard);
            if governs
                && holds_on(row.valid_from, row.valid_to, query.produced)
                && let Some(found) = self.fitting(row, query.food, &mut sought)
            {
                rows.push(found);
            }
        }
        rows.sort_by(|a, b| {
            let order = |found: &FoundLimit<'a>| (std::cmp::Reverse(found.depth), found.condition.is_some());
            order(a)
                .cmp(&order(b))
                .then_with(|| a.row.standard.cmp(&b.row.standard))
                .then_with(|| a.row.key.cmp(&b.row.key))
        });
        let complete = !numbers.is_empty()
            && numbers.iter().all(|number| {
                in_force.get(number).is_some_and(|edition| self.is_complete(number, edition, query.produced))
            });
        LimitSearch { rows, complete }
    }

    /// Rows for every analyte that the name may mean, each once, in the catalogue's order.
    fn rows_of(&self, analyte: &str) -> impl Iterator<Item = &'a LimitRow> {
        let keys = self.analytes.find(analyte).map(|found| found.key.clone());
        let mut indices: Vec<usize> =
            keys.chain([fold(analyte)]).filter_map(|name| self.by_analyte.get(&name)).flatten().copied().collect();
        indices.sort_unstable();
        indices.dedup();
        let limits = self.limits;
        indices.into_iter().map(move |index| &limits[index])
    }

    /// The newest edition whose day has come and whose time has not passed. One whose first day is not known counts from
    /// the beginning of its year.
    fn edition_in_force(&self, number: &str, on: NaiveDate) -> Option<&Edition<'a>> {
        let editions = self.editions.get(number)?.iter();
        let begun = editions.filter(|edition| {
            let year = edition.from.is_some() || edition.year.is_none_or(|year| year <= on.year());
            year && holds_on(edition.from, edition.to, on)
        });
        begun.max_by_key(|edition| edition.from.or_else(|| NaiveDate::from_ymd_opt(edition.year?, 1, 1)))
    }

    fn is_complete(&self, number: &str, edition: &Edition<'_>, on: NaiveDate) -> bool {
        let mut declared = self
            .completeness
            .iter()
            .filter(|row| {
                row.standard == number && row.edition == edition.year && holds_on(row.valid_from, row.valid_to, on)
            })
            .peekable();
        declared.peek().is_some() && declared.all(|row| row.complete)
    }

    /// Whether the row's category holds for the food. `sought` remembers what the food is in each tree.
    fn fitting<'s>(
        &self,
        row: &'a LimitRow,
        food: Food<'_>,
        sought: &mut HashMap<&'s str, Option<&'a FoodCategory>>,
    ) -> Option<FoundLimit<'a>>
    where
        'a: 's,
    {
        let in_tree = *sought.entry(&row.tree).or_insert_with(|| match food {
            Food::Named(name) => self.categories.find(&row.tree, name),
            Food::Placed { tree, category } if tree == row.tree => self.categories.get(tree, category),
            Food::Placed { .. } => None,
        });
        let Some(rule) = self.categories.get(&row.tree, &row.category) else {
            // A category outside the tree holds for exactly its own name.
            let same = match food {
                Food::Named(name) => {
                    [&row.food_category_zh, &row.food_category_en].iter().any(|own| fold(own) == fold(name))
                }
                Food::Placed { tree, category } => row.tree == tree && row.category == category,
            };
            return same.then_some(FoundLimit { row, depth: usize::MAX, condition: None, finer: Vec::new() });
        };
        match self.categories.fit(rule, in_tree?) {
            Fit::No => None,
            Fit::Yes { depth, finer } => {
                let finer = finer.iter().filter_map(|id| self.categories.get(&row.tree, id)).collect();
                Some(FoundLimit { row, depth, condition: rule.condition.as_ref(), finer })
            }
        }
    }
}

/// Whether a day lies in a period whose ends both count and may be open.
pub(super) fn holds_on(from: Option<NaiveDate>, to: Option<NaiveDate>, on: NaiveDate) -> bool {
    from.is_none_or(|from| from <= on) && to.is_none_or(|to| on <= to)
}

#[cfg(test)]
mod tests;
