//! What a laboratory that begins has already, taken from its spreadsheets (`quality.md`, "Gates have modes"): every list by
//! one name, for the page, for programs and for the command line. A list is tried out first; every bad row is named; all
//! rows are loaded or none.

pub mod api;
mod bounds;
mod incoming;
pub mod lists;
pub mod pages;
mod series;
