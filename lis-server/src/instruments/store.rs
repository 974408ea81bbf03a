//! Queries of instruments, nothing else.

mod agents;
mod messages;
mod observations;
mod ports;
mod registry;

pub use agents::*;
pub use messages::*;
pub use observations::*;
pub use ports::*;
pub use registry::*;
