//! `lis-server calc`: one question per line on standard input, one answer per line on standard output.

use std::io::{stdin, stdout};
use std::sync::Arc;

use clap::Args;

use super::Done;
use crate::catalogue::actions;
use crate::config::Settings;
use crate::db::migrate;
use crate::domain::clock::SystemClock;
use crate::judgement::calc;
use crate::server;

#[derive(Args, Debug)]
pub struct Calc {
    /// Limits and calendar of the laboratory's database instead of those that the program ships.
    #[arg(long)]
    laboratory: bool,
}

impl Calc {
    /// Needs no database unless it is asked for the laboratory's own catalogue.
    pub fn run(self, settings: &Settings) -> Done {
        let catalogue = if self.laboratory {
            let config = settings.checked()?;
            migrate::require_current(&config.database)?;
            let lis = server::open(config, Arc::new(SystemClock), false)?;
            lis.db.read_now(actions::current)?
        } else {
            Arc::new(actions::shipped()?)
        };
        calc::answer_lines(stdin().lock(), stdout().lock(), catalogue.as_ref())?;
        Ok(())
    }
}
