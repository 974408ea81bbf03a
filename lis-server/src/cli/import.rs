//! `lis-server import KIND FILE`

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::Done;
use crate::accounts::Actor;
use crate::catalogue::actions::{self, Kind};
use crate::catalogue::table::{Encoding, File};
use crate::config::Settings;
use crate::db::migrate;
use crate::domain::clock::SystemClock;
use crate::server;

#[derive(Args, Debug)]
pub struct Import {
    /// What the table holds.
    #[arg(value_parser = PossibleValuesParser::new(Kind::ALL.iter().map(|kind| kind.code())))]
    kind: String,
    /// CSV or XLSX with a header row.
    file: PathBuf,
    /// The CSV is in GB18030 (or GBK), not in UTF-8.
    #[arg(long)]
    gb18030: bool,
}

impl Import {
    pub fn run(self, settings: &Settings) -> Done {
        let config = settings.checked()?;
        migrate::require_current(&config.database)?;
        let lis = server::open(config, Arc::new(SystemClock), false)?;
        server::prepare(&lis)?;
        let bytes = std::fs::read(&self.file).map_err(|error| format!("{}: {error}", self.file.display()))?;
        let name = self.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let kind = Kind::parse(&self.kind).ok_or_else(|| format!("{}: there is no such set", self.kind))?;
        let catalogue = lis.db.read_now(actions::current)?;
        let file = File { bytes: &bytes, name: &name, encoding: self.gb18030.then_some(Encoding::Gb18030) };
        let imported = match actions::read(kind, file, &catalogue) {
            Ok(imported) => imported,
            Err(errors) => {
                for error in &errors {
                    eprintln!("{error}");
                }
                return Err(format!("{} errors; nothing was imported", errors.len()).into());
            }
        };
        let rows = imported.rows;
        let by = Actor::system("command-line", "import");
        let set = lis.db.write_now(move |tx| actions::import(tx, &by, &imported))?;
        println!("{}: {rows} rows imported as set {set}; it is in force now", kind.code());
        Ok(())
    }
}
