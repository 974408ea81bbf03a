//! `lis-server import KIND FILE`: a set of the catalogue, or what a laboratory that begins has
//! already: equipment, calibrations, lots, accredited scope, rooms and their readings, what its people have learned and may do.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};

use super::Done;
use crate::accounts::Actor;
use crate::app::Lis;
use crate::catalogue::actions::{self, Kind};
use crate::catalogue::table::{Encoding, File};
use crate::config::Settings;
use crate::db::Tx;
use crate::db::migrate;
use crate::domain::clock::SystemClock;
use crate::domain::refusal::{Fault, Outcome, Refusal};
use crate::instruments::equipment::import as equipment;
use crate::quality::competence::import as competence;
use crate::quality::environment::import as environment;
use crate::quality::lots::import as lots;
use crate::quality::scope::import as scope;
use crate::server;
use crate::testing::actions as testing;
use crate::web::language::Language;

#[derive(Args, Debug)]
pub struct Import {
    /// What the table holds.
    #[arg(value_parser = PossibleValuesParser::new(kinds()))]
    kind: String,
    /// CSV or XLSX with a header row.
    file: PathBuf,
    /// The CSV is in GB18030 (or GBK), not in UTF-8.
    #[arg(long)]
    gb18030: bool,
}

/// What is added to what the laboratory has; every other table replaces a set of the catalogue.
const EQUIPMENT: &str = "equipment";
const CALIBRATIONS: &str = "calibrations";
const LOTS: &str = "lots";
const SCOPE: &str = "scope";
const ROOMS: &str = "rooms";
const ENVIRONMENT: &str = "environment";
const COMPETENCE: &str = "competence";
const AUTHORIZATIONS: &str = "authorizations";

fn kinds() -> Vec<PossibleValue> {
    let added = [
        PossibleValue::new(EQUIPMENT).help("Instruments and other equipment"),
        PossibleValue::new(CALIBRATIONS).help("Calibrations and intermediate checks of equipment"),
        PossibleValue::new(LOTS).help("Standards, reagents and solutions"),
        PossibleValue::new(SCOPE).help("Lines of the accredited scope"),
        PossibleValue::new(ROOMS).help("Rooms, fridges and incubators with their limits"),
        PossibleValue::new(ENVIRONMENT).help("Readings of temperature and humidity"),
        PossibleValue::new(COMPETENCE).help("Education, training, supervision and evaluation of people"),
        PossibleValue::new(AUTHORIZATIONS).help("Who may do what by which method"),
    ];
    Kind::ALL.iter().map(|kind| PossibleValue::new(kind.code())).chain(added).collect()
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
        match self.kind.as_str() {
            EQUIPMENT => add(&lis, &name, equipment::read_equipment(file), equipment::keep_equipment),
            CALIBRATIONS => add(&lis, &name, equipment::read_calibrations(file), equipment::keep_calibrations),
            LOTS => add(&lis, &name, lots::read_lots(file), lots::keep_lots),
            SCOPE => add(&lis, &name, scope::read_scope(file), scope::keep_scope),
            ROOMS => add(&lis, &name, environment::read_rooms(file), environment::keep_rooms),
            ENVIRONMENT => add(&lis, &name, environment::read_environment(file), environment::keep_environment),
            COMPETENCE => add(&lis, &name, competence::read_competence(file), competence::keep_competence),
            AUTHORIZATIONS => add(&lis, &name, testing::read_authorizations(file), testing::keep_authorizations),
            code => {
                let kind = Kind::parse(code).ok_or_else(|| format!("{code}: there is no such set"))?;
                replace(&lis, kind, file)
            }
        }
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
            return Err(format!("{} errors; nothing was imported", errors.len()).into());
        }
    };
    let rows = imported.rows;
    let by = by();
    let set = lis.db.write_now(move |tx| actions::import(tx, &by, &imported))?;
    println!("{}: {rows} rows imported as set {set}; it is in force now", kind.code());
    Ok(())
}

/// Adds rows to what the laboratory has, all or none.
fn add<R: Send + 'static>(
    lis: &Lis,
    name: &str,
    read: Result<R, Refusal>,
    keep: fn(&mut Tx, &Actor, &R) -> Outcome<usize>,
) -> Done {
    let rows = read.map_err(|refusal| say(name, &refusal))?;
    let by = by();
    match lis.db.write_now(move |tx| keep(tx, &by, &rows)) {
        Ok(count) => {
            println!("{name}: {count} rows imported");
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
    format!("{} errors; nothing was imported", refusal.reasons.len())
}
