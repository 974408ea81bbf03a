//! The quality report of a month or a year (`quality.md` Q77-6 and the inputs of the management review, clause 8.9): every
//! number is counted from the records when it is asked for, each by one statement.

pub mod actions;
pub mod api;
pub mod pages;
mod paper;
pub mod period;
mod store;
