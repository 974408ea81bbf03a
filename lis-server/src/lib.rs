//! Laboratory information system.

pub mod catalogue;
pub mod domain;
pub mod judgement;
