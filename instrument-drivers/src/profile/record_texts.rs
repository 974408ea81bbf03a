//! What the references of a profile stand for at one result of a message.

use std::borrow::Cow;

use super::expr::Scope;
use crate::number::NumberRules;

/// For each reference of the rules, its text.
pub struct Texts<'a> {
    pub texts: &'a [Cow<'a, str>],
    pub numbers: &'a NumberRules,
}

impl Scope for Texts<'_> {
    fn get(&self, id: usize) -> &str {
        &self.texts[id]
    }

    fn numbers(&self) -> &NumberRules {
        self.numbers
    }

    fn lookup(&self, _table: &str, _key: &str) -> Option<&str> {
        None
    }
}
