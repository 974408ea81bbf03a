//! Paths in a tree: which elements their steps go to, and what stands on the way of a path of any depth.

use std::collections::HashSet;
use std::ptr;

use super::node::Node;

/// A step that stands for any number of levels, also for none. It stands before the name of an element.
pub const ANY_DEPTH: &str = "**";

/// The steps of a path; the root needs none.
pub fn steps(path: &str) -> Vec<&str> {
    path.split('.').filter(|step| !step.is_empty() && *step != "$").collect()
}

fn goes_to(step: &str, node: &Node) -> bool {
    step == "*" || step == node.name
}

/// Whether a path goes on into this child. Where `*` meets elements, the plain values beside them say something of them all.
pub(super) fn is_on_way(step: &str, child: &Node, elements: bool) -> bool {
    goes_to(step, child) && !(step == "*" && elements && child.plain)
}

/// All elements at a path, in the order of the source.
pub(super) fn nodes<'n>(node: &'n Node, steps: &[&str]) -> Vec<&'n Node> {
    match steps.split_first() {
        None => vec![node],
        Some((step, rest)) => {
            let fitting = node.children.iter().filter(|child| goes_to(step, child));
            fitting.flat_map(|child| nodes(child, rest)).collect()
        }
    }
}

/// The places of a path at which the root stands: each is the number of the step that its children have to take.
pub(super) fn first_places(path: &[&str]) -> Vec<usize> {
    let mut places = Vec::new();
    add_place(path, 0, &mut places);
    places
}

/// The places at which a child of an element stands; none where no path goes on into it. `elements`: not all children are
/// plain. An element at the end of the path is a row.
pub(super) fn places_below(path: &[&str], places: &[usize], child: &Node, elements: bool) -> Vec<usize> {
    let mut below = Vec::new();
    // Where elements lie in each other, `null` says that there are none within this one.
    if child.plain && child.text.is_empty() && path.contains(&ANY_DEPTH) {
        return below;
    }
    for at in places {
        match path.get(*at).copied() {
            Some(ANY_DEPTH) if child.plain => {}
            Some(ANY_DEPTH) => add_place(path, *at, &mut below),
            Some(step) if is_on_way(step, child, elements) => add_place(path, at + 1, &mut below),
            _ => {}
        }
    }
    below
}

/// A place once; at `**` the step behind it may be taken at once.
fn add_place(path: &[&str], at: usize, places: &mut Vec<usize>) {
    if !places.contains(&at) {
        places.push(at);
    }
    if path.get(at) == Some(&ANY_DEPTH) && !places.contains(&(at + 1)) {
        places.push(at + 1);
    }
}

/// What a path with `**` finds in a tree, from one pass over it.
#[derive(Debug, Default)]
pub(super) struct Marks<'n> {
    rows: HashSet<*const Node>,
    /// Elements below which rows stand.
    above: HashSet<*const Node>,
    /// Names of those that `**` passes. An element of such a name says nothing of the one around it, whether or not there
    /// are rows in this one, too.
    passed: HashSet<&'n str>,
}

impl<'n> Marks<'n> {
    /// `None` where the path has a depth of its own.
    pub(super) fn of(root: &'n Node, path: &[&str]) -> Option<Marks<'n>> {
        if !path.contains(&ANY_DEPTH) {
            return None;
        }
        let mut marks = Marks::default();
        marks.add_below(root, path, &first_places(path));
        Some(marks)
    }

    pub(super) fn is_row(&self, node: &Node) -> bool {
        self.rows.contains(&ptr::from_ref(node))
    }

    pub(super) fn is_above_rows(&self, node: &Node) -> bool {
        self.above.contains(&ptr::from_ref(node))
    }

    /// Whether `**` passes elements of this name on its way to rows.
    pub(super) fn passes(&self, name: &str) -> bool {
        self.passed.contains(name)
    }

    /// Whether rows stand below the node.
    fn add_below(&mut self, node: &'n Node, path: &[&str], places: &[usize]) -> bool {
        let elements = node.children.iter().any(|child| !child.plain);
        let at_any_depth = places.iter().any(|at| path.get(*at) == Some(&ANY_DEPTH));
        let mut found = false;
        for child in &node.children {
            let below = places_below(path, places, child, elements);
            if below.is_empty() {
                continue;
            }
            if below.contains(&path.len()) {
                self.rows.insert(ptr::from_ref(child));
                found = true;
            }
            if self.add_below(child, path, &below) {
                found = true;
                if at_any_depth {
                    self.passed.insert(&child.name);
                }
            }
        }
        if found {
            self.above.insert(ptr::from_ref(node));
        }
        found
    }
}
