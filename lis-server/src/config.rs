//! Settings: each declared once here, with its environment variable, its default and its meaning; checked at start;
//! explained by `lis-server check-config`. The reference page is generated from the same declarations.

use std::path::PathBuf;

use clap::Args;

use crate::db::DatabaseAddress;

/// Everything that can be set, as given on the command line or in the environment.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// Directory of the laboratory's data: database, files, keys, spool.
    #[arg(long = "data", env = "LIS_DATA", default_value = "lis-data", value_name = "DIR", global = true)]
    pub data: PathBuf,

    /// Database address: `sqlite:PATH` or `postgres://…`; unset: `lis.db` in the data directory.
    #[arg(long, env = "LIS_DATABASE_URL", value_name = "URL", global = true)]
    pub database_url: Option<String>,

    /// Database connections that read at the same time (on PostgreSQL as many again write).
    #[arg(long, env = "LIS_DATABASE_CONNECTIONS", default_value_t = 8, value_name = "NUMBER", global = true)]
    pub database_connections: u32,

    /// Name of the laboratory, on pages and reports.
    #[arg(long, env = "LIS_LABORATORY_NAME", default_value = "共享食品检测实验室", value_name = "TEXT", global = true)]
    pub laboratory_name: String,

    /// Session cookies are sent over HTTPS only. Switch off only on a machine without a network.
    #[arg(long, env = "LIS_SECURE_COOKIES", default_value_t = false, value_name = "BOOL", action = clap::ArgAction::Set, global = true)]
    pub secure_cookies: bool,
}

/// The settings, checked.
#[derive(Clone, Debug)]
pub struct Config {
    pub data: PathBuf,
    pub database: DatabaseAddress,
    pub database_connections: u32,
    pub laboratory_name: String,
    pub secure_cookies: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{0}")]
    Database(#[from] crate::db::UnknownAddress),
    #[error("LIS_DATABASE_CONNECTIONS is {0}; it must be from 1 to 200.")]
    Connections(u32),
    #[error("LIS_LABORATORY_NAME is empty; reports need the laboratory's name.")]
    NameMissing,
}

/// More connections than this help no server and exhaust PostgreSQL's default of 100 twice over.
const CONNECTIONS_MOST: u32 = 200;

impl Settings {
    pub fn checked(&self) -> Result<Config, ConfigError> {
        let database = match &self.database_url {
            Some(url) => DatabaseAddress::parse(url)?,
            None => DatabaseAddress::Sqlite(self.data.join("lis.db")),
        };
        if !(1..=CONNECTIONS_MOST).contains(&self.database_connections) {
            return Err(ConfigError::Connections(self.database_connections));
        }
        let laboratory_name = self.laboratory_name.trim().to_owned();
        if laboratory_name.is_empty() {
            return Err(ConfigError::NameMissing);
        }
        Ok(Config {
            data: self.data.clone(),
            database,
            database_connections: self.database_connections,
            laboratory_name,
            secure_cookies: self.secure_cookies,
        })
    }
}
