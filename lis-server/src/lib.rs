//! Laboratory information system of a shared food-testing laboratory: the web pages, the API, the background jobs and
//! the command line are one program. `ARCHITECTURE.md` is the map of the rooms.

pub mod accounts;
pub mod app;
pub mod audit;
pub mod catalogue;
pub mod cli;
pub mod config;
pub mod db;
pub mod domain;
pub mod front;
mod home;
pub mod judgement;
pub mod pdf;
pub mod server;
pub mod web;
