//! What the laboratory judges by: food categories, analytes, methods and limits, each with its edition and validity.
//!
//! `reference` holds the starter set that the program ships; `import` reads the laboratory's own tables in the same
//! shapes; `search` finds the limits and the method edition that hold for a sample. All of it is pure: no database, no web.

pub mod categories;
mod fields;
pub mod import;
pub mod names;
pub mod reference;
pub mod search;

pub mod table;
