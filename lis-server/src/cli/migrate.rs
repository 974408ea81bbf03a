//! `lis-server migrate`

use std::sync::Arc;

use super::Done;
use crate::config::Settings;
use crate::db::migrate;
use crate::domain::clock::SystemClock;
use crate::domain::text::counted;
use crate::files::private_directory;
use crate::server;

pub fn run(settings: &Settings) -> Done {
    let config = settings.checked()?;
    private_directory(&config.data)?;
    match migrate::migrate(&config.database)? {
        0 => println!("{}: up to date", config.database),
        applied => println!("{}: {} applied", config.database, counted(applied, "migration")),
    }
    // Opening stores the reference data that the program ships.
    server::open(config, Arc::new(SystemClock), false)?;
    Ok(())
}
