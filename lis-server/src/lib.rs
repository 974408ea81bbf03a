//! Laboratory information system of a shared food-testing laboratory: the web pages, the API, the background jobs and
//! the command line are one program. `ARCHITECTURE.md` is the map of the rooms.

pub mod accounts;
pub mod app;
pub mod audit;
pub mod campaigns;
pub mod cases;
pub mod catalogue;
pub mod cli;
pub mod config;
pub mod db;
pub mod demo;
pub mod domain;
pub mod enterprises;
pub mod files;
pub mod front;
mod home;
pub mod imports;
pub mod instruments;
pub mod jobs;
pub mod judgement;
pub mod mail;
pub mod memory;
pub mod pdf;
pub mod publication;
pub mod quality;
pub mod reports;
pub mod samples;
pub mod server;
mod settings;
pub mod spot_checks;
pub mod testing;
pub mod upkeep;
pub mod web;
