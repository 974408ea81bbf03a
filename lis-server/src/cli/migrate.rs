//! `lis-server migrate`

use super::Done;
use crate::config::Settings;
use crate::db::migrate;

pub fn run(settings: &Settings) -> Done {
    let config = settings.checked()?;
    std::fs::create_dir_all(&config.data)?;
    match migrate::migrate(&config.database)? {
        0 => println!("{}: up to date", config.database),
        applied => println!("{}: {applied} migrations applied", config.database),
    }
    Ok(())
}
