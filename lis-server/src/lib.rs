//! Laboratory information system.

pub mod pdf;
