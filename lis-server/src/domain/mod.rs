//! Shared ground that knows no capability, no web and no database: exact decimals, the working-day calendar,
//! identifiers with their check digits, and the normalisation of typed text.

pub mod calendar;
pub mod decimal;
pub mod identifiers;
pub mod text;
