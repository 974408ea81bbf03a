//! What is known while the tables of a profile are read, of one table for the next.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Variables by name; stored tables by name and key.
#[derive(Debug, Clone, Default)]
pub struct Known {
    pub variables: HashMap<String, String>,
    stored: HashMap<String, HashMap<String, Stored>>,
}

/// What a key stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stored {
    Value(String),
    /// Different values were stored under it, of which these are two: nothing says which is meant.
    Twofold(String, String),
}

impl Known {
    pub fn of(variables: HashMap<String, String>) -> Known {
        Known { variables, stored: HashMap::new() }
    }

    /// Keeps a value in a table under a key. The same value may come again.
    pub fn store(&mut self, table: &str, key: String, value: String) {
        match self.stored.entry(table.to_string()).or_default().entry(key) {
            Entry::Vacant(place) => {
                place.insert(Stored::Value(value));
            }
            Entry::Occupied(mut place) => {
                let one = match place.get() {
                    Stored::Value(one) if *one != value => one.clone(),
                    Stored::Value(_) | Stored::Twofold(..) => return,
                };
                place.insert(Stored::Twofold(one, value));
            }
        }
    }

    /// What a key stands for in a table.
    pub fn stored(&self, table: &str, key: &str) -> Option<&Stored> {
        self.stored.get(table)?.get(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_with_two_values_stands_for_neither() {
        let mut known = Known::default();
        for (key, value) in [("1", "A"), ("2", "C"), ("1", "B"), ("2", "C"), ("1", "A")] {
            known.store("names", key.into(), value.into());
        }
        assert_eq!(known.stored("names", "1"), Some(&Stored::Twofold("A".into(), "B".into())));
        assert_eq!(known.stored("names", "2"), Some(&Stored::Value("C".into())));
        assert_eq!(known.stored("names", "3"), None);
        assert_eq!(known.stored("units", "1"), None);
    }
}
