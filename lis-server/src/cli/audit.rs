//! `lis-server audit verify` and `lis-server audit export`

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Subcommand;

use super::Done;
use crate::audit::{export, verify};
use crate::config::Settings;
use crate::db::migrate;
use crate::domain::clock::SystemClock;
use crate::server;

#[derive(Subcommand, Debug)]
pub enum Audit {
    /// Walk the log of the database, or an exported one, and say whether it is whole.
    Verify {
        /// An exported log; no database is needed.
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Write the log, one JSON object per line, to standard output.
    Export,
}

impl Audit {
    pub fn run(self, settings: &Settings) -> Done {
        match self {
            Self::Verify { file: Some(file) } => {
                let walk = export::verify_file(BufReader::new(File::open(&file)?))?;
                println!("{}: whole, {} entries, chain {}", file.display(), walk.position(), walk.chain_hash());
            }
            Self::Verify { file: None } => {
                let lis = opened(settings)?;
                let verified = lis.db.read_now(verify::verify)??;
                println!(
                    "log {}: whole, {} entries, {} waiting for a position, chain {}",
                    verified.log_id, verified.entries, verified.pending, verified.chain_hash
                );
            }
            Self::Export => {
                let lis = opened(settings)?;
                let mut out = BufWriter::new(std::io::stdout().lock());
                lis.db.read_now(|conn| export::export(conn, &mut out))?;
                out.flush()?;
            }
        }
        Ok(())
    }
}

fn opened(settings: &Settings) -> Result<crate::app::Lis, Box<dyn std::error::Error>> {
    let config = settings.checked()?;
    migrate::require_current(&config.database)?;
    Ok(server::open(config, Arc::new(SystemClock), false)?)
}
