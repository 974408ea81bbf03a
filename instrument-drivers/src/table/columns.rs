//! Leaves of a tree as columns: each text has a place among those of its name.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::iter::successors;

use super::node::Node;
use super::rows::Row;

/// Cells of all rows of a path: 100,000 results with 50 columns.
pub(super) const MOST_CELLS: usize = 5_000_000;

/// Name, which of this name, text.
pub(super) type Column = (String, usize, String);
pub(super) type Columns = Vec<Column>;

/// An element that is a row, with its own leaves and those of the elements above.
pub(super) struct Found<'n> {
    pub node: &'n Node,
    pub columns: Columns,
    /// How many of the columns are its own leaves.
    pub own: usize,
}

/// Leaves are columns by their names; `None` where there would be too many.
pub(super) fn by_names(found: &[Found<'_>]) -> Option<Vec<Row>> {
    let mut order = Order::new(MOST_CELLS / found.len().max(1));
    // The row with the most leaves knows best how they stand.
    let mut longest_first: Vec<&Found<'_>> = found.iter().collect();
    longest_first.sort_by_key(|row| Reverse(row.columns.len()));
    for row in longest_first {
        order.take(&row.columns)?;
    }
    let names = order.names();
    let places = places_of(&names);
    let mut rows = vec![Row { number: 0, cells: names.iter().collect() }];
    for (index, row) in found.iter().enumerate() {
        let mut cells = vec![""; names.len()];
        for (name, nth, text) in &row.columns {
            cells[places[&(name.as_str(), *nth)]] = text;
        }
        rows.push(Row { number: index + 1, cells: cells.into_iter().collect() });
    }
    Some(rows)
}

/// Where each column stands, by name and number. A header counts the columns of one name from the left, so these
/// numbers are counted here, too: where rows contradict each other, the first text of a name is still the first from the
/// left.
fn places_of<'n>(names: &[&'n str]) -> HashMap<(&'n str, usize), usize> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let counted = names.iter().enumerate().map(|(place, name)| {
        let count = counts.entry(name).or_default();
        *count += 1;
        ((*name, *count), place)
    });
    counted.collect()
}

/// The columns as they stand beside each other: the leaves of one element together, also where some rows lack them.
struct Order<'n> {
    /// How many columns there may be.
    most: usize,
    /// Of each name and number its place in the two lists below.
    places: HashMap<(&'n str, usize), usize>,
    names: Vec<&'n str>,
    /// What stands behind each; behind the last one stands the front again.
    next: Vec<usize>,
}

/// The place before the first column; it has no name.
const FRONT: usize = 0;

impl<'n> Order<'n> {
    fn new(most: usize) -> Order<'n> {
        Order { most, places: HashMap::new(), names: vec![""], next: vec![FRONT] }
    }

    /// Takes the columns of a row. A new one stands directly behind the one that precedes it in this row. With it come
    /// all lower numbers of its name; `None` where there are too many.
    fn take(&mut self, columns: &'n [Column]) -> Option<()> {
        if columns.iter().all(|(name, nth, _)| self.places.contains_key(&(name.as_str(), *nth))) {
            return Some(());
        }
        // The place behind which the next one stands.
        let mut before = FRONT;
        // The name and number of the column that stands there.
        let mut last: Option<(&str, usize)> = None;
        // The place before the first leaf of the element of a name and number in this row.
        let mut starts: HashMap<(&str, usize), usize> = HashMap::new();
        for (name, nth, _) in columns {
            let is_missing = |lower: &usize| !self.places.contains_key(&(name.as_str(), *lower));
            let missing = (1..*nth).rev().take_while(is_missing).count();
            let outer = elements(name).nth(1).unwrap_or_default();
            let twin = last.filter(|(_, number)| number == nth && starts.contains_key(&(outer, *nth)));
            for lower in *nth - missing..*nth {
                // What the element of a lower number lacks stands there as here: behind the same leaf, or first.
                let behind = match twin {
                    Some((leaf, _)) => self.places[&(leaf, lower)],
                    None => elements(name).find_map(|element| starts.get(&(element, lower)).copied()).unwrap_or(before),
                };
                let place = self.insert(name, lower, behind);
                elements(name).for_each(|element| {
                    starts.entry((element, lower)).or_insert(behind);
                });
                if behind == before {
                    before = place;
                }
            }
            let known = self.places.get(&(name.as_str(), *nth)).copied();
            let place = known.unwrap_or_else(|| self.insert(name, *nth, before));
            elements(name).for_each(|element| {
                starts.entry((element, *nth)).or_insert(before);
            });
            before = place;
            last = Some((name.as_str(), *nth));
            if self.places.len() > self.most {
                return None;
            }
        }
        Some(())
    }

    fn insert(&mut self, name: &'n str, nth: usize, behind: usize) -> usize {
        let place = self.names.len();
        self.places.insert((name, nth), place);
        self.names.push(name);
        self.next.push(self.next[behind]);
        self.next[behind] = place;
        place
    }

    /// The names of the columns from the left.
    fn names(&self) -> Vec<&'n str> {
        let behind = |place: usize| Some(self.next[place]).filter(|next| *next != FRONT);
        successors(behind(FRONT), |place| behind(*place)).map(|place| self.names[place]).collect()
    }
}

/// A leaf and the elements around it, from the inside: `Result.Value.unit`, `Result.Value`, `Result`.
fn elements(name: &str) -> impl Iterator<Item = &str> {
    successors(Some(name), |inner| inner.rsplit_once('.').map(|(outer, _)| outer))
}

/// What stands above a row has its places behind those of all own leaves of that name: a row that lacks such a leaf never
/// has that of an element above in its place.
pub(super) fn set_behind_own(found: &mut [Found<'_>]) {
    let mut most: HashMap<String, usize> = HashMap::new();
    for row in found.iter_mut() {
        let own = &mut row.columns[..row.own];
        untangle(own);
        for (name, nth, _) in own.iter() {
            match most.get_mut(name) {
                Some(most) => *most = (*most).max(*nth),
                None => {
                    most.insert(name.clone(), *nth);
                }
            }
        }
    }
    for (name, nth, _) in found.iter_mut().flat_map(|row| &mut row.columns[row.own..]) {
        *nth += most.get(name.as_str()).copied().unwrap_or_default();
    }
}

/// Two texts never share a place: the later one takes the next number of its name.
pub(super) fn untangle(columns: &mut [Column]) {
    // Behind each place that is taken, the one to be looked at next: the first that may be free.
    let mut behind: HashMap<(&str, usize), usize> = HashMap::new();
    let mut passed = Vec::new();
    for (name, nth, _) in columns {
        let name = name.as_str();
        while let Some(next) = behind.get(&(name, *nth)) {
            passed.push(*nth);
            *nth = *next;
        }
        passed.push(*nth);
        behind.extend(passed.drain(..).map(|at| ((name, at), *nth + 1)));
    }
}
