//! `lis-server check-config`

use super::Done;
use crate::config::Settings;

pub fn run(settings: &Settings) -> Done {
    let config = settings.checked()?;
    println!("data directory        {}", config.data.display());
    println!("database              {}", config.database);
    println!("database connections  {}", config.database_connections);
    println!("laboratory name       {}", config.laboratory_name);
    println!("secure cookies        {}", config.secure_cookies);
    Ok(())
}
