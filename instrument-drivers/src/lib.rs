//! Instrument drivers.
