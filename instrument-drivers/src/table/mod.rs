//! Export files read by declared mapping: bytes → rows → observations.
//!
//! `text` decodes, `rows` cuts into cells with their places, `engine` finds sections, headers and values. Nothing here
//! knows an instrument: that is the profile.

pub mod engine;
pub mod header;
pub mod rows;
pub mod text;
pub mod tree;
pub mod workbook;
