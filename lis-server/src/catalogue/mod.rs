//! What the laboratory judges by: food categories, analytes, methods and limits, each with its edition and validity.
//!
//! `reference` holds the starter set that the program ships; `import` reads the laboratory's own tables in the same
//! shapes; `search` finds the limits that hold for a sample, `methods` the items, method editions and detection limits.
//! All of this is pure: no database, no web.

pub mod categories;
mod fields;
pub mod import;
pub mod methods;
pub mod names;
pub mod reference;
pub mod search;
pub mod table;
