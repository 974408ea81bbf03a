//! Whole-system tests: the program as its users meet it, on both databases. One file per room of the server; `guards/`
//! keeps rules that no single test shows.

// A sampling form is one JSON document of more fields than the default allows.
#![recursion_limit = "256"]

mod accounts;
mod agents;
mod backups;
mod bad_input;
mod browser;
mod budget;
mod calc;
mod calculations;
mod campaigns;
mod cases;
mod catalogue;
mod chain;
mod command_line;
mod competence;
mod database;
mod deciding;
mod demonstration;
mod deviation;
mod disposal;
mod durability;
mod environment;
mod equipment;
mod gate_modes;
mod gates;
mod guards;
mod imports;
mod instruments;
mod intake;
mod log;
mod mail;
mod observation;
mod opinions;
mod orders;
mod portal;
mod proficiency;
mod profiles;
mod programs;
mod quality;
mod raw_records;
mod reading;
mod records;
mod repair;
mod reports;
mod samples;
mod scope;
mod screening;
mod settings;
mod spot_checks;
mod steps;
mod subcontracting;
mod suppliers;
mod testing;
mod traceability;
mod transfers;
mod uncertainty;
mod upkeep;
mod validation;
mod verification;
mod westgard;
mod work_lists;
