//! Words that every room uses: ids, moments, decimals, identifiers, refusals. Pure: knows neither the web nor how
//! the database is reached (the newtypes only say how they are written in a column).

pub mod calendar;
pub mod clock;
pub mod deadline;
pub mod decimal;
pub mod hash;
pub mod identifiers;
pub mod ids;
pub mod input;
pub mod position;
pub mod refusal;
pub mod states;
pub mod text;
