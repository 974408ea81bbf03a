//! What is stated of single items of a sample, a line each: `analyte|…`. What its label claims, by which factor it is
//! concentrated.

use super::ITEM_REPEATED;
use crate::domain::input::Checker;

/// A field of such lines.
pub(super) struct Lines<'a> {
    pub field: &'a str,
    pub text: &'a str,
    /// Characters of all of them.
    pub most: usize,
    /// What parts them.
    pub ends: &'a [char],
    /// The message of what a line looks like.
    pub expected: &'static str,
}

impl Lines<'_> {
    /// Names as they were written, each once, with what is stated of them.
    pub fn read<T>(&self, check: &mut Checker, read: impl Fn(&str) -> Option<T>) -> Vec<(String, T)> {
        let text = check.optional_lines(self.field, self.text, self.most);
        let mut all: Vec<(String, T)> = Vec::new();
        for line in text.split(self.ends).map(str::trim).filter(|line| !line.is_empty()) {
            let (name, stated) = line.split_once(['|', '｜']).unwrap_or((line, ""));
            let name = name.trim();
            match read(stated.trim()).filter(|_| !name.is_empty()) {
                None => check.invalid(self.field, self.expected),
                Some(_) if all.iter().any(|(known, _)| known == name) => {
                    check.add(ITEM_REPEATED.with("item", name).at(self.field));
                }
                Some(stated) => all.push((name.to_owned(), stated)),
            }
        }
        all
    }
}
