//! Where a choice of columns begins or ends.

use super::Columns;
use crate::profile::comparing::{regex, squeeze};
use crate::profile::condition::OneOrMany;
use crate::profile::reading::header::Header;
use crate::profile::reference::Title;

/// A column at an edge, which belongs to the choice or not.
#[derive(Debug, Clone)]
pub enum Edge {
    /// `#3`, from 1.
    Number(usize),
    /// `Mean`, `Mean#2`, `~^Mean`. A column that is itself called as it is written comes first.
    Column { written: String, title: Title, nth: usize },
}

impl Edge {
    /// Each of the edges of a key; the pattern of one may be none.
    pub fn compile_all(edges: Option<&OneOrMany>, key: &str) -> Result<Vec<Edge>, String> {
        edges.map(OneOrMany::list).unwrap_or_default().iter().map(|text| Edge::compile(text, key)).collect()
    }

    fn compile(text: &str, key: &str) -> Result<Edge, String> {
        let counted = text.rsplit_once('#').and_then(|(name, digits)| Some((name, digits.parse::<usize>().ok()?)));
        if let Some(("", number)) = counted {
            return Ok(Edge::Number(number));
        }
        let (title, nth) = match (text.strip_prefix('~'), counted) {
            (Some(pattern), _) => (Title::Pattern(regex(pattern, key)?), 1),
            (None, Some((name, nth))) if nth > 0 => (Title::Name(squeeze(name)), nth),
            (None, _) => (Title::Name(squeeze(text)), 1),
        };
        Ok(Edge::Column { written: text.to_string(), title, nth })
    }

    /// The column, from 0.
    pub fn place(&self, header: Option<&Header>) -> Option<usize> {
        match self {
            Edge::Number(number) => number.checked_sub(1),
            Edge::Column { written, title, nth } => {
                let header = header?;
                header.named(written).or_else(|| header.column(title, *nth))
            }
        }
    }

    /// As the profile calls it.
    pub fn written(&self) -> Option<&str> {
        match self {
            Edge::Number(_) => None,
            Edge::Column { written, .. } => Some(written),
        }
    }
}

impl Columns {
    /// Some edge is a name, which only a header has.
    pub(super) fn has_named_edge(&self) -> bool {
        let edges = [&self.from, &self.to, &self.after, &self.before];
        edges.into_iter().flatten().any(|edge| edge.written().is_some())
    }
}
