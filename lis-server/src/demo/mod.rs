//! What the demonstration brings along so that it needs nothing from the machine.

pub mod smtp_receiver;
