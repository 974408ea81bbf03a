//! The database's two doors, its migrations, and moving a laboratory from one kind to the other.

pub mod copy;
mod doors;
mod migrations;
