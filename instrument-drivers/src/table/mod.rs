//! Export files read by declared mapping: bytes → rows → observations.
//!
//! `text` decodes, `rows` cuts into cells with their places, `engine` finds sections and headers,
//! `values` the values. Nothing here
//! knows an instrument: that is the profile.

pub mod cut;
pub mod engine;
pub mod header;
pub mod markup;
pub mod rows;
mod scope;
pub mod text;
pub mod tree;
mod values;
pub mod workbook;
