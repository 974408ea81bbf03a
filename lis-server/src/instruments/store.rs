//! Queries of instruments, nothing else.

mod agents;
mod dispatches;
mod documents;
mod intake;
mod link_settings;
mod messages;
mod observations;
mod ports;
mod registry;

pub use agents::*;
pub use dispatches::*;
pub use documents::*;
pub use intake::*;
pub use link_settings::*;
pub use messages::*;
pub use observations::*;
pub use ports::*;
pub use registry::*;
