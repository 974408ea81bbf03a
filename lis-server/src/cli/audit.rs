//! `lis-server audit verify` and `lis-server audit export`

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Subcommand;

use super::Done;
use crate::audit::export;
use crate::audit::standing::{self, Standing};
use crate::audit::verify::{self, Root};
use crate::config::Settings;
use crate::db::migrate;
use crate::domain::clock::SystemClock;
use crate::domain::text::counted;
use crate::server;

#[derive(Subcommand, Debug)]
pub enum Audit {
    /// Walk the log of the database, or an exported one, and say whether it is whole; in the database also whether
    /// samples, items, worksheets, reports and cases stand as their newest entries say.
    Verify {
        /// An exported log; no database is needed.
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
        /// A root that was kept elsewhere, as the page *Upkeep* and its mails name it: the log must pass it.
        #[arg(long, value_name = "POSITION:HASH")]
        root: Option<Root>,
    },
    /// Write the log, one JSON object per line, to standard output.
    Export,
}

impl Audit {
    pub fn run(self, settings: &Settings) -> Done {
        match self {
            Self::Verify { file: Some(file), root } => {
                let walk = export::verify_file_past(BufReader::new(File::open(&file)?), root)?;
                println!("{}: whole, {}, chain {}", file.display(), entries(walk.position()), walk.chain_hash());
            }
            Self::Verify { file: None, root } => {
                let lis = opened(settings)?;
                let (verified, standing) =
                    lis.db.read_now(|conn| Ok((verify::verify_past(conn, root)?, standing::compared(conn)?)))?;
                let verified = verified?;
                println!(
                    "log {}: whole, {}, {} waiting for a position, chain {}",
                    verified.log_id,
                    entries(verified.entries),
                    verified.pending,
                    verified.chain_hash
                );
                say(&standing)?;
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

/// How many entries.
fn entries(count: i64) -> String {
    if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") }
}

/// Differences that are named; whoever changed more than these gets their number.
const NAMED: usize = 50;

/// Says how the tables stand to the log.
fn say(standing: &Standing) -> Done {
    let Standing { objects, differences } = standing;
    if differences.is_empty() {
        println!("tables: {objects} samples, items, worksheets, reports and cases stand as the log says");
        return Ok(());
    }
    for difference in differences.iter().take(NAMED) {
        eprintln!("{difference}");
    }
    let places = counted(differences.len(), "place");
    Err(format!("the tables differ from the log in {places}; they were changed behind the program").into())
}

fn opened(settings: &Settings) -> Result<crate::app::Lis, Box<dyn std::error::Error>> {
    let config = settings.checked()?;
    migrate::require_current(&config.database)?;
    Ok(server::open(config, Arc::new(SystemClock), false)?)
}
