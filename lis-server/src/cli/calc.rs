//! `lis-server calc`: one question per line on standard input, one answer per line on standard output.

use std::io::{stdin, stdout};
use std::sync::Arc;

use super::Done;
use crate::catalogue::actions;
use crate::config::Settings;
use crate::db::{DatabaseAddress, migrate};
use crate::domain::clock::SystemClock;
use crate::judgement::calc;
use crate::server;

/// With a laboratory's database its own catalogue answers, without one the catalogue that the program ships.
pub fn run(settings: &Settings) -> Done {
    let config = settings.checked()?;
    let has_database = match &config.database {
        DatabaseAddress::Sqlite(path) => path.exists(),
        DatabaseAddress::Postgres(_) => true,
    };
    let catalogue = if has_database {
        migrate::require_current(&config.database)?;
        let lis = server::open(config, Arc::new(SystemClock), false)?;
        lis.db.read_now(actions::current)?
    } else {
        Arc::new(actions::shipped()?)
    };
    calc::answer_lines(stdin().lock(), stdout().lock(), catalogue.as_ref())?;
    Ok(())
}
