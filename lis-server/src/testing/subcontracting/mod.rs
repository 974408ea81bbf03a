//! Subcontracting (分包): items that another laboratory tests (ISO/IEC 17025 6.6, 7.1.1, 7.8.2.1 p).
//!
//! Who may test for this laboratory stands in a register, and whoever ordered the test agrees to it. The item leaves the
//! benches until the other laboratory's report comes; its result is judged by the same rules as any other, checked by
//! somebody else than who entered it, and marked on the report.
//!
//! `register` keeps the other laboratories, `consent` what the client or the authority said, `sending` is the way out and
//! back, `receiving` the result, `shown` what pages and programs see of it.

pub mod actions;
pub mod api;
mod consent;
pub mod pages;
mod receiving;
mod register;
mod sending;
mod shown;
mod store;
