//! JSON and XML exports as rows: one row per element of a path, its own leaves and those of its ancestors as columns.
//!
//! With `rows = "Run.Sample.Result"` the leaves of Result are columns under their plain names (`Value`, `Unit.Code`),
//! those of the elements above under `Sample.Id`, `Run.Date`. XML attributes are leaves like others. The second of several
//! children of one name is the second column of that name. `*` is a step of any name; `$key` is a row's own name, `*.$key`
//! the one above. `**` is any number of levels: rows may lie in each other, and the leaves of the nearest element of a
//! name are `..Sample.Id`, too. With `cells` the children of that name are the cells of a row instead, as in a sheet.
//! Several paths of rows are several sheets. Numbers of JSON are kept as they are written.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::iter::successors;

use super::columns::{Column, Columns, Found, MOST_CELLS, by_names, set_behind_own, untangle};
pub use super::json::from_json;
pub use super::node::Node;
pub use super::path::{ANY_DEPTH, steps};
use super::path::{Marks, first_places, is_on_way, nodes, places_below};
use super::rows::{Grid, Place, Row};
pub use super::xml::from_xml;
use crate::trouble::{self, Reason};

/// Which elements are rows, and what their cells are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paths {
    /// Each is a grid of its own, called by its path where there are several.
    pub rows: Vec<String>,
    /// Path of the cells within a row. Left out, the leaves are columns by their names.
    pub cells: Option<String>,
    /// Paths of the elements whose texts are the headings of `cells`; each is a row of the header.
    pub names: Vec<String>,
    /// Leaves that stand as columns before `cells`, by their names.
    pub beside: Vec<String>,
    /// Paths of lists within a row that belong together: one row for each of their items.
    pub lists: Vec<String>,
    /// Elements that are called by one of their leaves, and which.
    pub named: Vec<(String, String)>,
}

/// The rows of every path, with the column names as first row. Rows are counted on from path to path; row 1 is the first element.
///
/// # Errors
/// Rows and columns are more than any instrument writes: every row has names of its own, or there is no end of leaves above them.
pub fn grids(root: &Node, paths: &Paths) -> Result<Vec<Grid>, Reason> {
    grids_of(root, paths, None)
}

/// The same for who asks for leaves by their names: those that nobody asks for are left out where they are too many, as what a
/// method says of each compound, which would stand beside every result.
///
/// # Errors
/// As of [`grids`], of those that are asked for.
pub fn grids_with(root: &Node, paths: &Paths, wanted: &dyn Fn(&str) -> bool) -> Result<Vec<Grid>, Reason> {
    grids_of(root, paths, None).or_else(|_| grids_of(root, paths, Some(wanted)))
}

fn grids_of(root: &Node, paths: &Paths, wanted: Option<&dyn Fn(&str) -> bool>) -> Result<Vec<Grid>, Reason> {
    let called;
    let root = match paths.named.is_empty() {
        true => root,
        false => {
            let items: Vec<&str> = paths.lists.iter().filter_map(|list| list.rsplit('.').next()).collect();
            called = called_by_leaf(root.clone(), &paths.named, &items);
            &called
        }
    };
    let all: Vec<Vec<&str>> = paths.rows.iter().map(|path| steps(path)).collect();
    let marked: Vec<Option<Marks<'_>>> = all.iter().map(|path| Marks::of(root, path)).collect();
    // Beside cells stand those leaves alone that the profile names there.
    let is_beside = |leaf: &str| paths.beside.iter().any(|name| name == leaf);
    let wanted = if paths.cells.is_some() { Some(&is_beside as &dyn Fn(&str) -> bool) } else { wanted };
    let mut before = 0;
    let mut grids = Vec::new();
    for (at, path) in paths.rows.iter().enumerate() {
        let walked = |lists: &[String]| {
            let walk = Walk { lists, wanted, ..Walk::new(&all, &marked, at) };
            (walk.rows(root), walk.is_too_large())
        };
        let (mut found, mut is_too_large) = walked(&paths.lists);
        // Of several paths the lists are those of one; the rows of the others have none.
        if found.is_empty() && !is_too_large && all.len() > 1 {
            (found, is_too_large) = walked(&[]);
        }
        let rows = match &paths.cells {
            _ if is_too_large => None,
            None => by_names(&found),
            Some(cells) => Some(by_cells(root, paths, cells, &found)),
        };
        let too_large = || trouble::PATH_TOO_LARGE.with("path", path).with("most", MOST_CELLS.to_string());
        let mut rows = rows.ok_or_else(too_large)?;
        let data = rows.iter_mut().filter(|row| row.number > 0);
        data.for_each(|row| row.number += before);
        before += found.len();
        let name = if all.len() > 1 { path.clone() } else { String::new() };
        grids.push(Grid { name, place: Place::Record, rows });
    }
    Ok(grids)
}

/// The first rows of a path for who looks what stands there: of elements of one name below one element two show that there are
/// several, so that what a file says elsewhere of its thousand results is not put beside every row.
pub fn first_rows(root: &Node, path: &str, most_rows: usize) -> Option<Grid> {
    let all = [steps(path)];
    let marked = [Marks::of(root, &all[0])];
    let walk = Walk { most_rows, most_alike: 2, ..Walk::new(&all, &marked, 0) };
    let rows = by_names(&walk.rows(root)).filter(|_| !walk.is_too_large())?;
    Some(Grid { name: String::new(), place: Place::Record, rows })
}

/// Begins the names of the leaves of the nearest element of a name, where several lie in each other.
const NEAREST: &str = "..";

/// The tree in which these elements have the text of their leaf as name, and that leaf no longer. One that has a single leaf
/// beside it, as a key its value, has the text of that one, unless that is the only item of a list (`items`: their names).
pub fn called_by_leaf(mut node: Node, named: &[(String, String)], items: &[&str]) -> Node {
    node.children = node.children.into_iter().map(|child| called_by_leaf(child, named, items)).collect();
    let leaf = named.iter().find(|(element, _)| *element == node.name).map(|(_, leaf)| leaf);
    let at = leaf.and_then(|leaf| node.children.iter().position(|child| child.name == *leaf && !child.text.is_empty()));
    if let Some(at) = at {
        node.name = node.children.remove(at).text;
        if let ("", [only]) = (node.text.as_str(), &node.children[..])
            && only.children.is_empty()
            && !items.contains(&only.name.as_str())
        {
            node.text = only.text.clone();
            node.children.clear();
        }
    }
    node
}

/// Cells stand in a list, their names elsewhere.
fn by_cells(root: &Node, paths: &Paths, cells: &str, found: &[Found<'_>]) -> Vec<Row> {
    let texts_at =
        |node, path: &str| nodes(node, &steps(path)).into_iter().map(|node| node.text.as_str()).collect::<Vec<&str>>();
    let mut rows = Vec::new();
    for (level, names) in paths.names.iter().enumerate() {
        let beside = paths.beside.iter().map(|name| if level == 0 { name.as_str() } else { "" });
        rows.push(Row { number: 0, cells: beside.chain(texts_at(root, names)).collect() });
    }
    for (index, row) in found.iter().enumerate() {
        let leaf =
            |name: &String| row.columns.iter().find(|(own, ..)| own == name).map_or("", |(.., text)| text.as_str());
        let beside = paths.beside.iter().map(leaf);
        rows.push(Row { number: index + 1, cells: beside.chain(texts_at(row.node, cells)).collect() });
    }
    rows
}

/// Names of leaves that stand again and again between the elements on the way, and whether they are titles: the first
/// stands before all of these. What stands behind some of them may belong to either side, and is none's.
fn taking_turns<'n>(node: &'n Node, goes_on: &dyn Fn(&Node) -> bool) -> HashMap<&'n str, bool> {
    let (mut passed, mut turns) = (0, HashMap::new());
    let mut first: HashMap<&str, usize> = HashMap::new();
    for child in &node.children {
        if goes_on(child) {
            passed += 1;
        } else {
            let first = *first.entry(&child.name).or_insert(passed);
            if first < passed {
                turns.insert(child.name.as_str(), first == 0);
            }
        }
    }
    turns
}

/// An element on the way to the rows.
struct Step<'s, 'n> {
    node: &'n Node,
    /// Its name, or `*` where the path takes any.
    name: &'n str,
    any: bool,
    /// Its places in the path: several where `**` may be passed or left.
    places: Vec<usize>,
    /// It stands below a step `**`, where elements of one name lie in each other, and which of these it is from the outside.
    deep: bool,
    nth: usize,
    /// Where its leaves begin among those that stand above its rows.
    start: usize,
    up: Option<&'s Step<'s, 'n>>,
}

/// The way to the rows of one path.
struct Walk<'p> {
    path: &'p [&'p str],
    /// All paths: what lies on one of them is no leaf of the others.
    others: &'p [Vec<&'p str>],
    /// What this path finds, where it has `**`.
    marks: Option<&'p Marks<'p>>,
    /// The same of all paths.
    marked: &'p [Option<Marks<'p>>],
    lists: &'p [String],
    /// Which leaves become columns; all where nothing says so.
    wanted: Option<&'p dyn Fn(&str) -> bool>,
    /// Columns of the rows that were found.
    taken: Cell<usize>,
    /// Rows behind these are not looked for.
    most_rows: usize,
    /// Elements of one name below one element whose leaves become columns.
    most_alike: usize,
}

impl<'p> Walk<'p> {
    /// The way to all rows of the path at this place of several.
    fn new(all: &'p [Vec<&'p str>], marked: &'p [Option<Marks<'p>>], at: usize) -> Walk<'p> {
        Walk {
            path: &all[at],
            others: all,
            marks: marked[at].as_ref(),
            marked,
            lists: &[],
            wanted: None,
            taken: Cell::new(0),
            most_rows: usize::MAX,
            most_alike: usize::MAX,
        }
    }

    /// The rows, in the order in which they begin in the source.
    fn rows<'n>(&self, root: &'n Node) -> Vec<Found<'n>> {
        let mut found = Vec::new();
        let places = first_places(self.path);
        let top = Step { node: root, name: &root.name, any: false, places, deep: false, nth: 1, start: 0, up: None };
        self.on(&top, &mut Columns::new(), &mut found);
        if self.marks.is_some() {
            set_behind_own(&mut found);
        }
        found.iter_mut().for_each(|row| untangle(&mut row.columns));
        found
    }

    fn is_too_large(&self) -> bool {
        self.taken.get() > MOST_CELLS
    }

    /// Leaves out what nobody wants of the columns from here on. All of one name stay or go, so that they are counted as before.
    fn keep(&self, columns: &mut Columns, from: usize) {
        let Some(wanted) = self.wanted else { return };
        // What is wanted of the nearest element alone is kept of them all.
        let is_wanted = |name: &str| wanted(name) || (self.marks.is_some() && wanted(&format!("{NEAREST}{name}")));
        let mut at = 0;
        columns.retain(|(name, ..)| {
            at += 1;
            at <= from || is_wanted(name)
        });
    }

    fn on<'n>(&self, here: &Step<'_, 'n>, above: &mut Columns, found: &mut Vec<Found<'n>>) {
        if self.is_too_large() || found.len() >= self.most_rows {
            return;
        }
        let is_row = here.places.contains(&self.path.len());
        if is_row {
            self.take(here, above, found);
        }
        if self.marks.map_or(!is_row, |marks| marks.is_above_rows(here.node)) {
            self.below(here, above, found);
        }
    }

    /// An element that is a row.
    fn take<'n>(&self, here: &Step<'_, 'n>, above: &[Column], found: &mut Vec<Found<'n>>) {
        let above = self.above_row(here, above);
        for mut columns in self.row(here) {
            let own = columns.len();
            self.taken.set(self.taken.get() + own + above.len());
            columns.extend(above.iter().cloned());
            found.push(Found { node: here.node, columns, own });
        }
    }

    /// The elements on the way below one, with the leaves that stand above their rows.
    fn below<'n>(&self, here: &Step<'_, 'n>, above: &mut Columns, found: &mut Vec<Found<'n>>) {
        let before = above.len();
        if here.any {
            above.push((format!("{}.$key", here.name), 1, here.node.name.clone()));
        }
        let on_the_way = self.steps_from(here);
        let elements = here.node.children.iter().any(|child| !child.plain);
        let goes_on = |child: &Node| on_the_way.iter().any(|step| self.goes_on(step, child, elements));
        let turns = taking_turns(here.node, &goes_on);
        let prefix = format!("{}.", here.name);
        let no_leaf = |child: &Node| goes_on(child) || turns.contains_key(child.name.as_str());
        self.leaves(here.node, &prefix, 1, &no_leaf, &none, above);
        self.keep(above, before);
        let mut latest: Vec<&Node> = Vec::new();
        for child in &here.node.children {
            if let Some(is_title) = turns.get(child.name.as_str()) {
                latest.retain(|known| known.name != child.name);
                latest.extend(is_title.then_some(child));
            } else if let Some(next) = self.next(here, child, elements) {
                let own = above.len();
                latest.iter().for_each(|leaf| self.leaf_and_below(leaf, &prefix, 1, &none, above));
                self.keep(above, own);
                self.on(&Step { start: above.len(), ..next }, above, found);
                above.truncate(own);
            }
        }
        above.truncate(before);
    }

    /// The steps by which this path and those that came the same way go on from an element.
    fn steps_from(&self, here: &Step<'_, '_>) -> Vec<&str> {
        let mut steps = Vec::new();
        for at in here.places.iter().copied() {
            for other in self.others.iter().filter(|other| other.get(..at) == self.path.get(..at)) {
                let levels = if other.get(at) == Some(&ANY_DEPTH) { 2 } else { 1 };
                steps.extend(other.iter().skip(at).take(levels).copied());
            }
        }
        steps
    }

    /// Whether some path goes on into this child by this step; `**` only towards rows.
    fn goes_on(&self, step: &str, child: &Node, elements: bool) -> bool {
        match step {
            ANY_DEPTH => !child.plain && self.marked.iter().flatten().any(|marks| marks.passes(&child.name)),
            _ => is_on_way(step, child, elements),
        }
    }

    /// A child of an element on the way, where this path goes on into it.
    fn next<'s, 'n>(&self, here: &'s Step<'s, 'n>, child: &'n Node, elements: bool) -> Option<Step<'s, 'n>> {
        if self.marks.is_some_and(|marks| !marks.is_row(child) && !marks.is_above_rows(child)) {
            return None;
        }
        let places = places_below(self.path, &here.places, child, elements);
        if places.is_empty() {
            return None;
        }
        let takes = |step: &str| here.places.iter().any(|at| self.path.get(*at) == Some(&step));
        let any = takes("*") && is_on_way("*", child, elements);
        let name = if any { "*" } else { child.name.as_str() };
        let deep = here.deep || takes(ANY_DEPTH);
        let alike = || successors(Some(here), |step| step.up).filter(|step| step.name == name).count();
        let nth = if deep { 1 + alike() } else { 1 };
        Some(Step { node: child, name, any, places, deep, nth, start: 0, up: Some(here) })
    }

    /// The leaves above a row. Below `**` those of elements of one name are counted from the outside, and those of the
    /// nearest of them have a name of their own, too.
    fn above_row<'c>(&self, here: &Step<'_, '_>, above: &'c [Column]) -> Cow<'c, [Column]> {
        if self.marks.is_none() {
            return Cow::Borrowed(above);
        }
        let mut steps = Vec::new();
        let mut end = above.len();
        for step in successors(here.up, |step| step.up) {
            steps.push((step, &above[step.start..end]));
            end = step.start;
        }
        let mut columns = Columns::new();
        for (step, leaves) in steps.iter().rev() {
            columns.extend(leaves.iter().map(|(name, nth, text)| (name.clone(), step.nth.max(*nth), text.clone())));
        }
        let mut names: Vec<&str> = Vec::new();
        for (step, leaves) in steps.iter().filter(|(step, _)| step.deep) {
            if !names.contains(&step.name) {
                names.push(step.name);
                columns.extend(leaves.iter().map(|(name, nth, text)| (format!("{NEAREST}{name}"), *nth, text.clone())));
            }
        }
        self.keep(&mut columns, 0);
        Cow::Owned(columns)
    }

    /// The rows that an element is: one, or one for each item of its lists.
    fn row(&self, here: &Step<'_, '_>) -> Vec<Columns> {
        let mut columns = Columns::new();
        if !here.node.text.is_empty() {
            columns.push(("text".into(), 1, here.node.text.clone()));
        }
        if here.any {
            columns.push(("$key".into(), 1, here.node.name.clone()));
        }
        let lists: Vec<(&str, Vec<&Node>)> = self
            .lists
            .iter()
            .map(|path| (path.rfind('.').map_or("", |at| &path[..=at]), nodes(here.node, &steps(path))))
            .collect();
        let items: HashSet<*const Node> =
            lists.iter().flat_map(|(_, items)| items).map(|item| std::ptr::from_ref(*item)).collect();
        // Rows that lie in this one have their leaves for themselves.
        let is_row = |child: &Node| self.marks.is_some_and(|marks| marks.is_row(child));
        let is_item = |child: &Node| items.contains(&std::ptr::from_ref(child)) || is_row(child);
        self.leaves(here.node, "", 1, &is_item, &is_item, &mut columns);
        self.keep(&mut columns, 0);
        if lists.is_empty() {
            return vec![columns];
        }
        let count = lists.iter().map(|(_, items)| items.len()).max().unwrap_or(0);
        if count.saturating_mul(columns.len()) > MOST_CELLS {
            self.taken.set(MOST_CELLS + 1);
            return Vec::new();
        }
        let row = |at: usize| {
            let mut row = columns.clone();
            for (above, items) in &lists {
                items.get(at).into_iter().for_each(|item| self.leaf_and_below(item, above, 1, &is_row, &mut row));
            }
            self.keep(&mut row, columns.len());
            row
        };
        (0..count).map(row).collect()
    }

    /// Texts below a node, except in the children that a path goes on into, and except what stands `below` these. `nth`: which
    /// of its name the node above is, so that what belongs to one element stays together where another lacks it.
    fn leaves(
        &self,
        node: &Node,
        prefix: &str,
        nth: usize,
        except: Except<'_>,
        below: Except<'_>,
        columns: &mut Columns,
    ) {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for child in node.children.iter().filter(|child| !except(child)) {
            let count = counts.entry(&child.name).or_default();
            *count += 1;
            if *count <= self.most_alike {
                self.leaf_and_below(child, prefix, nth.max(*count), below, columns);
            }
        }
    }

    fn leaf_and_below(&self, node: &Node, prefix: &str, nth: usize, except: Except<'_>, columns: &mut Columns) {
        let name = format!("{prefix}{}", node.name);
        if !node.text.is_empty() || node.children.is_empty() {
            columns.push((name.clone(), nth, node.text.clone()));
        }
        self.leaves(node, &format!("{name}."), nth, except, except, columns);
    }
}

/// What is left out.
type Except<'e> = &'e dyn Fn(&Node) -> bool;

fn none(_: &Node) -> bool {
    false
}

#[cfg(test)]
#[path = "tree_tests.rs"]
mod tests;
