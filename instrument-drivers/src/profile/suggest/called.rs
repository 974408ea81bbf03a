//! Columns found by how they are usually called.

use super::units::is_ratio;
use super::words::{VALUE, plain};

/// The column with the most preferred name.
pub fn find_word(names: &[String], words: &[&str]) -> Option<usize> {
    find_word_where(names, words, |_| true)
}

/// The column with the most preferred name for which more is true.
pub fn find_word_where(names: &[String], words: &[&str], fits: impl Fn(usize) -> bool) -> Option<usize> {
    words.iter().find_map(|word| (0..names.len()).find(|at| plain(&names[*at]) == *word && fits(*at)))
}

/// The column of results: by its usual name, else by a name that goes on behind it (`Conc. [ug/l]`, `浓度(mg/L)`, `Conc. cp/uL`).
pub fn find_value(names: &[String], fits: impl Fn(usize) -> bool) -> Option<usize> {
    let begins = |name: &str, word: &str| {
        plain(name).strip_prefix(word).is_some_and(|rest| {
            rest.trim_start().starts_with(['(', '[', '（']) || (rest.starts_with(' ') && is_ratio(rest.trim_start()))
        })
    };
    let at =
        |word: &str, is: &dyn Fn(&str, &str) -> bool| (0..names.len()).find(|at| is(&names[*at], word) && fits(*at));
    VALUE.iter().find_map(|word| at(word, &|name, word| plain(name) == word).or_else(|| at(word, &begins)))
}
