//! Laboratory information system.
