//! Queries of instruments, nothing else.

mod messages;
mod observations;
mod ports;
mod registry;

pub use messages::*;
pub use observations::*;
pub use ports::*;
pub use registry::*;
