//! What the agent keeps on its own disk: every message until the server has it, what is to be done, and what was sent. A
//! program that ends at any moment goes on from here.

pub mod dispatches;
mod file;
pub mod names;
pub mod orders;
pub mod spool;
pub mod worklists;

pub use file::sha256;
