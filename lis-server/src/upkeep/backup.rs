//! Backups of a running laboratory. A folder of backups holds `files/`, the stored files of all of them, each once under
//! its hash; and one folder a backup with the database, what lies beside it, and the manifest:
//!
//! ```text
//! backups/files/ab/ab12…
//! backups/lis-20261116-020000/lis.db  agent.toml  manifest.json
//! ```
//!
//! A backup appears whole, by renaming, when its log has been verified. Files are taken after the database, so that every
//! file that it names has been written.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::manifest::{FORMAT, Head, Manifest, Part, Stored};
use super::store;
use crate::audit::verify;
use crate::config::Config;
use crate::db::copy::CopyError;
use crate::db::migrate::{self, MigrateError};
use crate::db::snapshot::{self, SnapshotError};
use crate::db::{Conn, DatabaseAddress};
use crate::domain::clock::Moment;
use crate::domain::hash::sha256_of;
use crate::domain::refusal::{Fault, Outcome};
use crate::files::{FileError, Files, private, sync_directory};

/// In a folder of backups: the stored files of all of them.
pub const FILES: &str = "files";
/// In the folder of one backup.
pub const DATABASE: &str = "lis.db";
pub const MANIFEST: &str = "manifest.json";
/// Of the data directory, where they are there: the configuration of instruments on the server's own ports.
pub const BESIDE: &[&str] = &["agent.toml"];

const PREFIX: &str = "lis-";
/// The end of the name of a backup that is being written.
const UNFINISHED: &str = ".unfinished";
/// What a process that died has left of one is removed after a day: no backup takes that long.
const LEFTOVER_AGE: Duration = Duration::from_secs(24 * 3600);
/// Faults that an error names; it says how many there are.
const NAMED_MOST: usize = 20;

/// Why there is no backup, or why it is not brought back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("{path}: {source}", path = path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    #[error(transparent)]
    Copy(#[from] CopyError),
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    #[error(transparent)]
    Files(#[from] FileError),
    #[error("in the folder of the backups: {0}; move that file away and back up again")]
    Kept(FileError),
    #[error("the log: {0}")]
    Log(Fault),
    #[error("{0} is there already")]
    Exists(String),
    #[error("there is no laboratory in {0}; nothing was backed up")]
    Nothing(DatabaseAddress),
    #[error(
        "there is a laboratory in {0} already; a backup is brought back into an empty place, and nothing was changed"
    )]
    Occupied(DatabaseAddress),
    #[error("{path} is no manifest of a backup: {why}", path = path.display())]
    Manifest { path: PathBuf, why: String },
    #[error("the backup is damaged, and nothing was brought back:\n{}", named(.0))]
    Damaged(Vec<String>),
}

fn named(faults: &[String]) -> String {
    let mut lines: Vec<String> = faults.iter().take(NAMED_MOST).map(|fault| format!("  {fault}")).collect();
    if faults.len() > NAMED_MOST {
        lines.push(format!("  and {} more", faults.len() - NAMED_MOST));
    }
    lines.join("\n")
}

pub(super) fn at(path: &Path) -> impl Fn(io::Error) -> BackupError {
    let path = path.to_path_buf();
    move |source| BackupError::Io { path: path.clone(), source }
}

/// A backup that lies on the disk.
#[derive(Debug)]
pub struct Made {
    pub place: PathBuf,
    pub manifest: Manifest,
    /// Of `manifest.json`: whoever keeps it elsewhere knows the whole backup by it.
    pub manifest_sha256: String,
}

/// Backs a laboratory up into a folder of backups.
pub fn make(config: &Config, files: &Files, to: &Path, at_moment: Moment) -> Result<Made, BackupError> {
    if migrate::is_untouched(&config.database)? {
        return Err(BackupError::Nothing(config.database.clone()));
    }
    let name = format!("{PREFIX}{}", at_moment.in_china().format("%Y%m%d-%H%M%S"));
    let place = to.join(&name);
    if place.exists() {
        return Err(BackupError::Exists(place.display().to_string()));
    }
    let kept = Files::open(to.join(FILES))?;
    let unfinished = to.join(format!("{name}{UNFINISHED}"));
    private().create(&unfinished).map_err(at(&unfinished))?;
    let (manifest, manifest_sha256) = fill(config, (files, &kept), &unfinished, at_moment)?;
    fs::rename(&unfinished, &place).map_err(at(&place))?;
    sync_directory(to)?;
    Ok(Made { place, manifest, manifest_sha256 })
}

/// Writes the parts of a backup into its folder; the manifest and its hash.
fn fill(
    config: &Config,
    (files, kept): (&Files, &Files),
    folder: &Path,
    made_at: Moment,
) -> Result<(Manifest, String), BackupError> {
    let database = folder.join(DATABASE);
    snapshot::take(&config.database, &database)?;
    let look =
        |conn: &mut Conn| -> Outcome<(Head, Vec<(String, String)>)> { Ok((log_of(conn)?, store::named_files(conn)?)) };
    let (log, named) = snapshot::read(&DatabaseAddress::Sqlite(database.clone()), look).map_err(BackupError::Log)?;
    sync_file(&database)?;
    let (stored, lost) = keep_all(files, kept, named.into_iter().map(|(sha256, _)| sha256).collect())?;
    let mut beside = Vec::new();
    for name in BESIDE.iter().filter(|name| config.data.join(name).is_file()) {
        copy_file(&config.data.join(name), &folder.join(name))?;
        beside.push(Part::of(folder, name).map_err(at(&folder.join(name)))?);
    }
    let manifest = Manifest {
        format: FORMAT,
        program: concat!("lis-server ", env!("CARGO_PKG_VERSION")).to_owned(),
        made_at,
        database: Part::of(folder, DATABASE).map_err(at(&database))?,
        log,
        beside,
        files: stored,
        lost,
    };
    let path = folder.join(MANIFEST);
    let text = serde_json::to_vec_pretty(&manifest)
        .map_err(|error| BackupError::Manifest { path: path.clone(), why: error.to_string() })?;
    let mut file = File::create_new(&path).map_err(at(&path))?;
    file.write_all(&text).and_then(|()| file.sync_all()).map_err(at(&path))?;
    sync_directory(folder)?;
    Ok((manifest, sha256_of(&text)))
}

/// The head of a log that is whole.
pub(super) fn log_of(conn: &mut Conn) -> Outcome<Head> {
    Ok(verify::verify(conn)?.map_err(Fault::broken)?.into())
}

/// Keeps every file of the store, and says which of them, and of those that the database names, are lost.
fn keep_all(files: &Files, kept: &Files, named: Vec<String>) -> Result<(Vec<Stored>, Vec<String>), BackupError> {
    let mut names = files.names()?;
    names.extend(named);
    names.sort_unstable();
    names.dedup();
    let (mut stored, mut lost) = (Vec::new(), Vec::new());
    for sha256 in names {
        match keep(files, kept, &sha256) {
            Ok(bytes) => stored.push(Stored { sha256, bytes }),
            Err(BackupError::Files(FileError::Missing(_) | FileError::Damaged(_) | FileError::Name(_))) => {
                lost.push(sha256);
            }
            Err(error) => return Err(error),
        }
    }
    Ok((stored, lost))
}

/// Keeps a file unless an earlier backup has; how long it is.
fn keep(files: &Files, kept: &Files, sha256: &str) -> Result<u64, BackupError> {
    let bytes = files.byte_count(sha256)?;
    if kept.byte_count(sha256).is_ok_and(|there| there == bytes) {
        return Ok(bytes);
    }
    kept.put(&files.get(sha256)?).map_err(BackupError::Kept)?;
    Ok(bytes)
}

/// Removes all but the newest backups of a folder, and what was left of unfinished ones. Their stored files stay: the
/// laboratory removes none, so the newest backup names them too.
pub fn remove_old(folder: &Path, keep: usize) -> Result<usize, BackupError> {
    let (mut whole, mut removable) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        let path = entry.map_err(at(folder))?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if !name.starts_with(PREFIX) {
            continue;
        }
        if name.ends_with(UNFINISHED) {
            let age = fs::metadata(&path).and_then(|facts| facts.modified()).ok().and_then(|at| at.elapsed().ok());
            removable.extend(age.filter(|age| *age > LEFTOVER_AGE).map(|_| path));
        } else if path.join(MANIFEST).is_file() {
            whole.push(path);
        }
    }
    // Their names are times.
    whole.sort_unstable();
    whole.truncate(whole.len().saturating_sub(keep));
    let old = whole.len();
    for path in whole.into_iter().chain(removable) {
        fs::remove_dir_all(&path).map_err(at(&path))?;
    }
    Ok(old)
}

/// Copies a file durably. Not its rights: a backup may lie on a medium that cannot be written.
pub(super) fn copy_file(from: &Path, to: &Path) -> Result<(), BackupError> {
    let mut source = File::open(from).map_err(at(from))?;
    let mut target = File::create(to).map_err(at(to))?;
    io::copy(&mut source, &mut target).and_then(|_| target.sync_all()).map_err(at(to))
}

pub(super) fn sync_file(path: &Path) -> Result<(), BackupError> {
    File::options().write(true).open(path).and_then(|file| file.sync_all()).map_err(at(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::tests::laboratory;

    fn moment(text: &str) -> Moment {
        Moment::parse_in_china(text).unwrap()
    }

    /// `printf 报告 | sha256sum`
    const REPORT: &str = "1e8ddd10bafe5127a5c2c0862f147d855ea29aa8ab1c729d3f87d0eabead98e6";

    #[test]
    fn backups_share_their_files_and_old_ones_are_removed() {
        let (directory, lis) = laboratory();
        let to = directory.path().join("backups");
        lis.files.put("报告".as_bytes()).unwrap();
        let times = ["2026-11-16 02:00", "2026-11-17 02:00", "2026-11-18 02:00"];
        let made: Vec<Made> =
            times.iter().map(|time| make(&lis.config, &lis.files, &to, moment(time)).unwrap()).collect();
        assert!(made[0].place.ends_with("lis-20261116-020000"), "{:?}", made[0].place);
        for one in &made {
            assert_eq!(one.manifest.files, [Stored { sha256: REPORT.to_owned(), bytes: 6 }]);
            assert_eq!(sha256_of(&fs::read(one.place.join(MANIFEST)).unwrap()), one.manifest_sha256);
        }
        assert_eq!(Files::reading(to.join(FILES)).names().unwrap(), [REPORT]);
        let again = make(&lis.config, &lis.files, &to, moment(times[0])).unwrap_err();
        assert!(matches!(again, BackupError::Exists(_)), "{again}");

        assert_eq!(remove_old(&to, 2).unwrap(), 1);
        let there: Vec<bool> = made.iter().map(|one| one.place.exists()).collect();
        assert_eq!(there, [false, true, true]);
        assert_eq!(Files::reading(to.join(FILES)).get(REPORT).unwrap(), "报告".as_bytes());
    }

    #[test]
    fn a_lost_file_is_named_and_what_is_left_is_backed_up() {
        let (directory, lis) = laboratory();
        let to = directory.path().join("backups");
        lis.files.put("报告".as_bytes()).unwrap();
        let other = lis.files.put(b"another").unwrap();
        fs::write(directory.path().join("files").join(&other[..2]).join(&other), b"changed").unwrap();
        let missing = "0".repeat(64);
        let named = missing.clone();
        lis.db
            .write_now(move |tx| crate::files::name(tx, &named, 1, "application/pdf", "lost.pdf"))
            .expect("a file that the database names");
        let made = make(&lis.config, &lis.files, &to, moment("2026-11-16 02:00")).unwrap();
        let mut lost = vec![missing, other];
        lost.sort();
        assert_eq!(made.manifest.lost, lost);
        assert_eq!(made.manifest.files, [Stored { sha256: REPORT.to_owned(), bytes: 6 }]);
    }

    #[test]
    fn where_there_is_no_laboratory_nothing_is_backed_up() {
        let (directory, lis) = laboratory();
        let elsewhere = directory.path().join("elsewhere").join("lis.db");
        let config = Config { database: DatabaseAddress::Sqlite(elsewhere.clone()), ..(*lis.config).clone() };
        let to = directory.path().join("backups");
        let refused = make(&config, &lis.files, &to, moment("2026-11-16 02:00")).unwrap_err();
        assert!(matches!(refused, BackupError::Nothing(_)), "{refused}");
        assert!(!to.exists() && !elsewhere.exists());
    }
}
