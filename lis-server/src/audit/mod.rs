//! The append-only record of every change. An entry is written in the transaction of the change ([`Entry`],
//! `Tx::log`); the linker of the database room gives it a position in one chained log; `verify` walks the log, in the
//! database or in an export, without trusting the server; `standing` compares the tables with it.

pub mod api;
pub mod canonical;
pub mod chain;
mod entry;
pub mod erasure;
pub mod export;
pub mod history;
pub mod pages;
pub mod personal;
pub mod shown;
pub mod standing;
pub mod store;
pub mod verify;
pub mod words;

pub use entry::{Entry, entry_hash};
