//! Bringing a backup back: into an empty place only, after every part of it was compared with the manifest, and done only
//! when the log that was brought back is whole and the one that the manifest names.

use std::fs;
use std::path::{Path, PathBuf};

use super::backup::{BESIDE, BackupError, DATABASE, FILES, MANIFEST, at, copy_file, log_of};
use super::manifest::{FORMAT, Manifest, Part};
use crate::config::Config;
use crate::db::{DatabaseAddress, copy, migrate, snapshot};
use crate::domain::refusal::Fault;
use crate::files::{FileError, Files, private_directory, sync_directory};

/// The database while it is looked at; it gets its name when it is right.
const RESTORING: &str = "lis.db.restoring";
/// The end of the name of what is brought back and not yet in force.
const ASIDE: &str = ".restored";

/// Brings the backup of a folder back; says what it holds.
pub fn restore(from: &Path, config: &Config) -> Result<Manifest, BackupError> {
    if !migrate::is_untouched(&config.database)? || has_companions(&config.database) {
        return Err(BackupError::Occupied(config.database.clone()));
    }
    let from = fs::canonicalize(from).map_err(at(from))?;
    let manifest = read(&from.join(MANIFEST))?;
    let kept = Files::reading(from.parent().unwrap_or(&from).join(FILES));
    let faults = faults(&from, &manifest, &kept);
    if !faults.is_empty() {
        return Err(BackupError::Damaged(faults));
    }
    private_directory(&config.data)?;
    let files = Files::open(config.data.join(FILES))?;
    for stored in &manifest.files {
        files.put(&kept.get(&stored.sha256)?)?;
    }
    for part in &manifest.beside {
        copy_file(&from.join(&part.name), &config.data.join(aside(part)))?;
    }
    // The database last: a laboratory that is there is there whole.
    bring_database(&from.join(DATABASE), &manifest, config)?;
    Ok(manifest)
}

/// What a part that lay beside the database is called when it is brought back. Under its own name it would open the ports of the
/// instruments with the next start, and a rehearsal would take from them what belongs to the laboratory.
pub fn aside(part: &Part) -> String {
    format!("{}{ASIDE}", part.name)
}

/// Whether what a SQLite database leaves when its server is killed lies there: it would be taken for the new one's.
fn has_companions(database: &DatabaseAddress) -> bool {
    let DatabaseAddress::Sqlite(path) = database else { return false };
    ["-wal", "-journal"].iter().any(|end| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        Path::new(&name).exists()
    })
}

fn read(path: &Path) -> Result<Manifest, BackupError> {
    let unreadable = |why: String| BackupError::Manifest { path: path.to_owned(), why };
    let bytes = fs::read(path).map_err(at(path))?;
    let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|error| unreadable(error.to_string()))?;
    if manifest.format != FORMAT {
        return Err(unreadable(format!("its format is {}, this program reads {FORMAT}", manifest.format)));
    }
    if manifest.beside.iter().any(|part| !BESIDE.contains(&part.name.as_str())) || manifest.database.name != DATABASE {
        return Err(unreadable("it names parts that no backup has".to_owned()));
    }
    Ok(manifest)
}

/// Every part that is not as the manifest names it.
fn faults(folder: &Path, manifest: &Manifest, kept: &Files) -> Vec<String> {
    let part = |expected: &Part| match Part::of(folder, &expected.name) {
        Ok(found) if found == *expected => None,
        Ok(_) => Some(format!("{} has another content than the manifest says", expected.name)),
        Err(error) => Some(format!("{}: {error}", expected.name)),
    };
    let parts = std::iter::once(&manifest.database).chain(&manifest.beside).filter_map(part);
    let files = manifest.files.iter().filter_map(|stored| match kept.get(&stored.sha256) {
        Ok(bytes) if bytes.len() as u64 == stored.bytes => None,
        Ok(_) => Some(format!("file {}: another length than the manifest says", stored.sha256)),
        Err(FileError::Missing(_)) => Some(format!("file {}: it is missing", stored.sha256)),
        Err(FileError::Damaged(_)) => Some(format!("file {}: its content has another SHA-256", stored.sha256)),
        Err(error) => Some(error.to_string()),
    });
    parts.chain(files).collect()
}

fn bring_database(from: &Path, manifest: &Manifest, config: &Config) -> Result<(), BackupError> {
    let unfinished = match &config.database {
        DatabaseAddress::Sqlite(path) => path.with_file_name(RESTORING),
        DatabaseAddress::Postgres(_) => config.data.join(RESTORING),
    };
    let folder = unfinished.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.map_or_else(|| PathBuf::from("."), Path::to_owned);
    private_directory(&folder)?;
    copy_file(from, &unfinished)?;
    let address = DatabaseAddress::Sqlite(unfinished.clone());
    require_log(&address, manifest)?;
    match &config.database {
        DatabaseAddress::Sqlite(path) => {
            fs::rename(&unfinished, path).map_err(at(path))?;
            sync_directory(&folder)?;
        }
        DatabaseAddress::Postgres(_) => {
            // A backup of an older program is brought up to date before its rows are moved.
            migrate::migrate(&address)?;
            copy::copy(&address, &config.database)?;
            require_log(&config.database, manifest)?;
            fs::remove_file(&unfinished).map_err(at(&unfinished))?;
        }
    }
    Ok(())
}

/// The log is whole, and the one of the manifest.
fn require_log(address: &DatabaseAddress, manifest: &Manifest) -> Result<(), BackupError> {
    let log = snapshot::read(address, log_of).map_err(BackupError::Log)?;
    if log == manifest.log {
        return Ok(());
    }
    let other = format!("it ends at position {}, the manifest says {}", log.position, manifest.log.position);
    Err(BackupError::Log(Fault::broken(other)))
}
