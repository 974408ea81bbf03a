//! A piece of JSON or XML, with what stands in it.

/// An element or member.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Node {
    pub name: String,
    pub text: String,
    pub children: Vec<Node>,
    /// An attribute, or a member of JSON that is neither object nor list.
    pub plain: bool,
}

impl Node {
    pub(super) fn plain(name: &str, text: String) -> Node {
        Node { name: name.into(), text, plain: true, ..Node::default() }
    }
}

/// Deeper nesting than this is damage (or an attack), not an export.
pub(super) const MAX_DEPTH: usize = 64;
