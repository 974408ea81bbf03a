//! What keeps a laboratory's data: backups and bringing them back.

pub mod backup;
pub mod manifest;
pub mod restore;
mod store;
