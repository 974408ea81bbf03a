//! `lis-server copy --from URL --to URL`

use clap::Args;

use super::Done;
use crate::config::Settings;
use crate::db::{DatabaseAddress, copy};

#[derive(Args, Debug)]
pub struct Copy {
    /// The database that holds the laboratory.
    #[arg(long, value_name = "URL")]
    from: String,
    /// An empty database.
    #[arg(long, value_name = "URL")]
    to: String,
}

impl Copy {
    pub fn run(self, _: &Settings) -> Done {
        let from = DatabaseAddress::parse(&self.from)?;
        let to = DatabaseAddress::parse(&self.to)?;
        for table in copy::copy(&from, &to)? {
            println!("{:<24} {:>10} rows, equal", table.name, table.rows);
        }
        println!("{to} holds the laboratory of {from}");
        Ok(())
    }
}
