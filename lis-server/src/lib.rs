//! Laboratory information system.

pub mod domain;
pub mod judgement;
