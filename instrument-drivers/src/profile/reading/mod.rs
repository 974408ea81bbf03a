//! Follows the tables of a profile through the rows of a source: rows → observations.
//!
//! `engine` finds sections and cuts lines, `heading` finds headers, `values` the values, `scope` what references stand for.
//! What the tables are is in [`table`](super::table).

pub mod engine;
pub mod header;
mod heading;
mod joined;
pub mod known;
mod lost;
pub mod misfit;
mod names;
mod scope;
mod values;
