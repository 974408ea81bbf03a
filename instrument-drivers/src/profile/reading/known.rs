//! What is known while the tables of a profile are read, of one table for the next.

use std::collections::HashMap;

/// Variables by name; stored tables by name and key.
#[derive(Debug, Clone, Default)]
pub struct Known {
    pub variables: HashMap<String, String>,
    pub stored: HashMap<String, HashMap<String, String>>,
}
