//! Export files as rows: bytes → text or tree → rows of cells.
//!
//! `text` decodes, `pieces` reads a file of any length a piece at a time, `split` cuts into rows, `tree` makes rows of JSON
//! and XML, `workbook` of sheets whose `extent` is bounded as what is `packed` in their file is, and whose
//! `formulas` need their results. Nothing here knows what a row means: that is the profile.

mod biff;
pub mod cells;
pub mod charset;
mod columns;
pub mod cut;
mod entity;
pub mod extent;
mod formulas;
pub mod json;
pub mod markup;
mod mhtml;
mod node;
mod packed;
mod path;
pub mod pieces;
pub mod rows;
mod shared;
pub mod split;
mod stored;
mod sylk;
pub mod text;
pub mod tree;
pub mod workbook;
pub mod xml;
