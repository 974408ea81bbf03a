//! `lis-server import KIND FILE`: a set of the catalogue, or what a laboratory that begins has
//! already (`imports/`).

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::Done;
use crate::accounts::Actor;
use crate::app::Lis;
use crate::catalogue::actions::{self, Kind};
use crate::catalogue::table::{Encoding, File};
use crate::config::Settings;
use crate::db::migrate;
use crate::domain::clock::SystemClock;
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::text::counted;
use crate::imports::lists::{Checked, LISTS, List};
use crate::server;
use crate::web::language::Language;

#[derive(Args, Debug)]
pub struct Import {
    /// What the table holds: a set of the catalogue, which it replaces, or a list of what the laboratory has, which it adds
    /// to. The page /imports tells the columns of each list.
    #[arg(value_parser = PossibleValuesParser::new(kinds()))]
    kind: String,
    /// CSV or XLSX with a header row.
    file: PathBuf,
    /// The CSV is in GB18030 (or GBK), not in UTF-8.
    #[arg(long)]
    gb18030: bool,
}

/// Beside the lists, which are added to what the laboratory has, a table replaces a set of the catalogue.
fn kinds() -> Vec<&'static str> {
    Kind::ALL.iter().map(|kind| kind.code()).chain(LISTS.iter().map(|list| list.code)).collect()
}

impl Import {
    pub fn run(self, settings: &Settings) -> Done {
        let config = settings.checked()?;
        migrate::require_current(&config.database)?;
        let lis = server::open(config, Arc::new(SystemClock), false)?;
        server::prepare(&lis)?;
        let bytes = std::fs::read(&self.file).map_err(|error| format!("{}: {error}", self.file.display()))?;
        let name = self.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let file = File { bytes: &bytes, name: &name, encoding: self.gb18030.then_some(Encoding::Gb18030) };
        if let Some(list) = List::parse(&self.kind) {
            // What was loaded is kept as it came.
            lis.files.put(&bytes)?;
            return add(&lis, &name, (list.read)(file, &lis.config.laboratory_code));
        }
        let kind = Kind::parse(&self.kind).ok_or_else(|| format!("{}: there is no such set", self.kind))?;
        replace(&lis, kind, file)
    }
}

/// Puts a new set of the catalogue in force.
fn replace(lis: &Lis, kind: Kind, file: File<'_>) -> Done {
    let catalogue = lis.db.read_now(actions::current)?;
    let imported = match actions::read(kind, file, &catalogue) {
        Ok(imported) => imported,
        Err(errors) => {
            for error in &errors {
                eprintln!("{error}");
            }
            return Err(format!("{}; nothing was imported", counted(errors.len(), "error")).into());
        }
    };
    let rows = imported.rows;
    let by = by();
    let set = lis.db.write_now(move |tx| actions::import(tx, &by, &imported))?;
    println!("{}: {} imported as set {set}; it is in force now", kind.code(), counted(rows, "row"));
    Ok(())
}

/// Adds rows to what the laboratory has, all or none.
fn add(lis: &Lis, name: &str, read: Result<Checked, Refusal>) -> Done {
    let rows = read.map_err(|refusal| say(name, &refusal))?;
    let by = by();
    match lis.db.write_now(move |tx| rows.keep(tx, &by)) {
        Ok(count) => {
            println!("{name}: {} imported", counted(count, "row"));
            Ok(())
        }
        Err(Fault::Refused(refusal)) => Err(say(name, &refusal).into()),
        Err(fault) => Err(fault.into()),
    }
}

fn by() -> Actor {
    Actor::system("command-line", "import")
}

/// Says every reason on the terminal, with its row and column; what is said at the end.
fn say(name: &str, refusal: &Refusal) -> String {
    for reason in &refusal.reasons {
        let sentence = Language::English.sentence(reason);
        match (reason.place(), &reason.field) {
            (Some((row, column)), _) => eprintln!("{name}, row {row}, column {column}: {sentence}"),
            (None, Some(field)) => eprintln!("{name}, {field}: {sentence}"),
            (None, None) => eprintln!("{name}: {sentence}"),
        }
    }
    format!("{}; nothing was imported", counted(refusal.reasons.len(), "error"))
}
