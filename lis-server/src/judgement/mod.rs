//! From raw value to verdict, exactly and repeatably (`judgement.md`, `quality.md` 7.7).
//!
//! Pure: no database, no clock, no page. Values are exact rationals inside and decimals at the edge; no binary floating
//! point occurs in this room. The typed functions are the product's; [`calc`] puts the same functions behind JSON lines,
//! and a [`record::JudgementRecord`] keeps the inputs of a judgement so that it can be replayed years later to the same
//! bytes.

pub mod basis;
pub mod calc;
pub mod claim;
pub mod concentration;
pub mod correction;
pub mod curve;
pub mod decision;
pub mod edition;
pub mod error;
pub mod explain;
pub mod formula;
pub mod item;
pub mod limit;
pub mod measured;
pub mod micro;
pub mod mpn;
pub mod number;
pub mod plates;
pub mod proportion;
pub mod qc;
pub mod record;
pub mod rounding;
pub mod sums;
pub mod units;
pub mod validation;
pub mod westgard;

#[cfg(test)]
mod guards;
#[cfg(test)]
mod vectors;
mod verdict;

pub use error::JudgementError;
pub use verdict::{Conclusion, Verdict, conclude};
