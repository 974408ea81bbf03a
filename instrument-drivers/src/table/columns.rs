//! Leaves of a tree as columns: each text has a place among those of its name.

use std::collections::HashMap;

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
    let mut places: HashMap<(&str, usize), usize> = HashMap::new();
    let mut names: Vec<&str> = Vec::new();
    for (name, nth, _) in found.iter().flat_map(|row| &row.columns) {
        // The header counts columns of one name from the left, so they stand in the order of their numbers.
        for nth in (1..=*nth)
            .rev()
            .take_while(|nth| !places.contains_key(&(name.as_str(), *nth)))
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
        {
            places.insert((name, nth), names.len());
            names.push(name);
        }
    }
    if names.len().saturating_mul(found.len()) > MOST_CELLS {
        return None;
    }
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
