//! Queries of instruments, nothing else.

mod documents;
mod messages;
mod observations;
mod ports;
mod registry;

pub use documents::*;
pub use messages::*;
pub use observations::*;
pub use ports::*;
pub use registry::*;
