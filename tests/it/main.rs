//! Whole-system tests: the program as its users meet it, on both databases. One file per room of the server; `guards/`
//! keeps rules that no single test shows.

mod accounts;
mod bad_input;
mod browser;
mod budget;
mod chain;
mod database;
mod durability;
mod guards;
mod log;
mod screening;
