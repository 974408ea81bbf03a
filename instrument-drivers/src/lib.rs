//! Instrument drivers: from the bytes of a laboratory instrument to observations, without programming.
//!
//! - [`profile`] is the language that describes an instrument; [`profile::Profile::read`] turns bytes into a [`observation::Reading`].
//! - [`wire`] holds the serial and network protocols as pure state machines: bytes and time in, actions out.
//! - [`table`] reads export files (delimited text, fixed width, spreadsheets, JSON, XML) as rows.
//! - [`work`] is what goes the other way: what an instrument is to do.
//! - [`port`] is the only part that opens ports and watches folders; [`disk`] keeps every byte, [`agent`] forwards it.
//!
//! Measured values stay text as printed, beside their exact decimal. No binary floating point touches them.

#![forbid(unsafe_code)]

pub mod agent;
pub mod cli;
pub mod clock;
pub mod disk;
pub mod marker;
pub mod number;
pub mod number_rules;
pub mod observation;
pub mod port;
pub mod profile;
pub mod table;
pub mod trouble;
pub mod unit;
pub mod wire;
pub mod work;
