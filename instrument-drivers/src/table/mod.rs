//! Export files read by declared mapping: bytes → rows → observations.
//!
//! `text` decodes, `pieces` reads a file of any length a piece at a time, `split` cuts into rows, `engine` finds sections
//! and headers, `values` the values. Nothing here knows an instrument: that is the profile.

pub mod cells;
pub mod charset;
pub mod cut;
pub mod engine;
mod entity;
pub mod header;
mod joined;
pub mod json;
pub mod markup;
mod mhtml;
pub mod pieces;
pub mod rows;
mod scope;
pub mod split;
pub mod text;
pub mod tree;
mod values;
pub mod workbook;
pub mod xml;
