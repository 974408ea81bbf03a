//! Files by content: each lies under the SHA-256 of its bytes in `DIR/files` and is never changed. A file is written,
//! fsynced and renamed before the transaction that names it (design 4b), so that a row never names a file that a power
//! cut could take away; a file without a row is harmless.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use diesel::prelude::*;

use crate::db::schema::stored_file;
use crate::db::{Conn, Tx, cols, each};
use crate::domain::clock::Moment;
use crate::domain::hash::sha256_of;
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome};

/// A leftover of a process that died while writing is removed after a day: no upload takes that long.
const LEFTOVER_AGE: Duration = Duration::from_secs(24 * 3600);

/// The place for files of one laboratory. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Files {
    root: Arc<PathBuf>,
}

/// Why a file cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("{0:?} is not the SHA-256 of a file: it has 64 lower-case hexadecimal digits")]
    Name(String),
    #[error("the file {0} is not in the store; restore it from a backup")]
    Missing(String),
    #[error("the file {0} was changed on the disk: its content has another SHA-256; restore it from a backup")]
    Damaged(String),
    #[error("{path}: {source}", path = path.display())]
    Io { path: PathBuf, source: io::Error },
}

impl From<FileError> for Fault {
    fn from(error: FileError) -> Self {
        Fault::broken(error)
    }
}

impl Files {
    /// Opens the store in a directory, which is made when it is not there.
    pub fn open(root: PathBuf) -> Result<Self, FileError> {
        let writing = root.join(WRITING);
        private_directory(&writing)?;
        sync_directory(&root)?;
        remove_leftovers(&writing)?;
        Ok(Self { root: Arc::new(root) })
    }

    /// A store that is only read: nothing is made in its directory.
    pub fn reading(root: PathBuf) -> Self {
        Self { root: Arc::new(root) }
    }

    /// Stores bytes durably and says their SHA-256 (64 hexadecimal digits). The same bytes again change nothing.
    pub fn put(&self, bytes: &[u8]) -> Result<String, FileError> {
        let sha256 = sha256_of(bytes);
        let place = self.place(&sha256)?;
        if place.exists() {
            // Never overwritten: what lies there must be right.
            self.get(&sha256)?;
            return Ok(sha256);
        }
        let directory = place.parent().unwrap_or(&self.root);
        if !directory.exists() {
            private_directory(directory)?;
            sync_directory(&self.root)?;
        }
        let unfinished = self.root.join(WRITING).join(uuid::Uuid::new_v4().to_string());
        let mut file = File::create_new(&unfinished).map_err(at(&unfinished))?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(at(&unfinished))?;
        // Two processes that store the same content at once rename the same bytes onto each other.
        fs::rename(&unfinished, &place).map_err(at(&place))?;
        sync_directory(directory)?;
        Ok(sha256)
    }

    /// The bytes of a file, compared with their name.
    pub fn get(&self, sha256: &str) -> Result<Vec<u8>, FileError> {
        let place = self.place(sha256)?;
        let bytes = fs::read(&place).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => FileError::Missing(sha256.to_owned()),
            _ => FileError::Io { path: place.clone(), source },
        })?;
        if sha256_of(&bytes) == sha256 { Ok(bytes) } else { Err(FileError::Damaged(sha256.to_owned())) }
    }

    /// The bytes of a file that an address names. One that names no kept file is nobody's.
    ///
    /// # Errors
    /// `not-found`.
    pub fn named_by_address(&self, sha256: &str) -> Outcome<Vec<u8>> {
        self.get(sha256).map_err(|error| match error {
            FileError::Name(_) | FileError::Missing(_) => NOT_FOUND.into(),
            other => other.into(),
        })
    }

    /// How long a file is; its content is not read.
    pub fn byte_count(&self, sha256: &str) -> Result<u64, FileError> {
        let place = self.place(sha256)?;
        match fs::metadata(&place) {
            Ok(facts) => Ok(facts.len()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(FileError::Missing(sha256.to_owned())),
            Err(source) => Err(FileError::Io { path: place, source }),
        }
    }

    /// The names of the files that lie here, in order. Where no store was made yet there are none.
    pub fn names(&self) -> Result<Vec<String>, FileError> {
        let mut names = Vec::new();
        if !self.root.is_dir() {
            return Ok(names);
        }
        for folder in entries(&self.root)? {
            if folder.ends_with(WRITING) || !folder.is_dir() {
                continue;
            }
            let found = entries(&folder)?.into_iter().filter_map(|path| path.file_name()?.to_str().map(str::to_owned));
            names.extend(found.filter(|name| is_hash(name)));
        }
        names.sort_unstable();
        Ok(names)
    }

    /// 256 folders, so that no folder grows beyond what people and backups can list.
    fn place(&self, sha256: &str) -> Result<PathBuf, FileError> {
        if is_hash(sha256) {
            Ok(self.root.join(&sha256[..2]).join(sha256))
        } else {
            Err(FileError::Name(sha256.to_owned()))
        }
    }
}

/// Hexadecimal digits of a SHA-256.
const SHA256_DIGITS: usize = 64;
/// Where files lie until they are complete; on the same disk, so that renaming is one step.
const WRITING: &str = "writing";

fn is_hash(name: &str) -> bool {
    let hexadecimal = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    name.len() == SHA256_DIGITS && name.chars().all(hexadecimal)
}

/// What lies in a directory.
fn entries(directory: &Path) -> Result<Vec<PathBuf>, FileError> {
    let entries = fs::read_dir(directory).map_err(at(directory))?;
    entries.map(|entry| entry.map(|entry| entry.path()).map_err(at(directory))).collect()
}

fn at(path: &Path) -> impl Fn(io::Error) -> FileError {
    let path = path.to_path_buf();
    move |source| FileError::Io { path: path.clone(), source }
}

/// Makes a directory and those above it, where they are not there, for the account of the program alone: what a laboratory keeps
/// is nobody else's to read. One that is there stays as it is. Windows gives it the rights of the folder above.
pub(crate) fn private_directory(path: &Path) -> Result<(), FileError> {
    private().recursive(true).create(path).map_err(at(path))
}

/// What makes such a directory.
pub(crate) fn private() -> DirBuilder {
    #[cfg_attr(not(unix), allow(unused_mut))]
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, OWNER_ONLY);
    builder
}

/// Reads, writes and enters: the owner; nobody else anything.
#[cfg(unix)]
const OWNER_ONLY: u32 = 0o700;

/// Makes a new name in a directory durable. Windows has no such call and needs none.
pub(crate) fn sync_directory(path: &Path) -> Result<(), FileError> {
    if cfg!(unix) { File::open(path).and_then(|directory| directory.sync_all()).map_err(at(path)) } else { Ok(()) }
}

fn remove_leftovers(writing: &Path) -> Result<(), FileError> {
    for entry in fs::read_dir(writing).map_err(at(writing))? {
        let path = entry.map_err(at(writing))?.path();
        let age = fs::metadata(&path).and_then(|facts| facts.modified()).ok().and_then(|time| time.elapsed().ok());
        if age.is_some_and(|age| age > LEFTOVER_AGE) {
            fs::remove_file(&path).map_err(at(&path))?;
        }
    }
    Ok(())
}

/// What the database knows of a file.
#[derive(Queryable, Selectable, Insertable, Clone, PartialEq, Eq, Debug)]
#[diesel(table_name = stored_file, treat_none_as_default_value = false)]
pub struct StoredFile {
    pub sha256: String,
    pub byte_count: i64,
    pub content_type: String,
    /// The name it is downloaded under.
    pub file_name: String,
    pub created_at: Moment,
}

/// Names a file in the database after [`Files::put`]; the same content keeps the name it got first.
pub fn name(tx: &mut Tx, sha256: &str, byte_count: usize, content_type: &str, file_name: &str) -> Outcome<()> {
    let row = StoredFile {
        sha256: sha256.to_owned(),
        byte_count: i64::try_from(byte_count).map_err(Fault::broken)?,
        content_type: content_type.to_owned(),
        file_name: file_name.to_owned(),
        created_at: tx.now,
    };
    each!(tx.conn, c => diesel::insert_into(stored_file::table).values(&row).on_conflict_do_nothing().execute(c))?;
    Ok(())
}

/// The row of a file.
pub fn row(conn: &mut Conn, sha256: &str) -> Outcome<Option<StoredFile>> {
    Ok(stored_file::table.find(sha256).select(cols::<StoredFile>()).first(conn).optional()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf 报告 | sha256sum`
    const REPORT: &str = "1e8ddd10bafe5127a5c2c0862f147d855ea29aa8ab1c729d3f87d0eabead98e6";

    fn store() -> (tempfile::TempDir, Files) {
        let directory = tempfile::tempdir().unwrap();
        let files = Files::open(directory.path().join("files")).unwrap();
        (directory, files)
    }

    #[test]
    fn a_file_comes_back_under_the_hash_of_its_bytes() {
        let (directory, files) = store();
        let name = files.put("报告".as_bytes()).unwrap();
        assert_eq!(name, REPORT);
        assert_eq!(files.get(REPORT).unwrap(), "报告".as_bytes());
        assert_eq!(files.put("报告".as_bytes()).unwrap(), REPORT, "again: nothing changes");
        assert!(directory.path().join("files").join(&REPORT[..2]).join(REPORT).is_file());
        assert_eq!(fs::read_dir(directory.path().join("files").join(WRITING)).unwrap().count(), 0);
        assert_eq!(files.names().unwrap(), [REPORT]);
        assert_eq!(files.byte_count(REPORT).unwrap(), 6);
        let reading = Files::reading(directory.path().join("elsewhere"));
        assert_eq!(reading.names().unwrap(), Vec::<String>::new());
        assert!(!directory.path().join("elsewhere").exists(), "looking makes nothing");
    }

    // Requirement: Q711-4
    #[test]
    fn a_torn_or_changed_file_is_found_and_never_overwritten() {
        let (directory, files) = store();
        let name = files.put(b"a whole report").unwrap();
        let place = directory.path().join("files").join(&name[..2]).join(&name);
        fs::write(&place, b"a whole rep").unwrap();
        assert!(matches!(files.get(&name), Err(FileError::Damaged(_))));
        assert!(matches!(files.put(b"a whole report"), Err(FileError::Damaged(_))));
        assert_eq!(fs::read(&place).unwrap(), b"a whole rep", "evidence stays as it was found");
    }

    #[test]
    fn what_a_dying_process_left_is_not_a_file() {
        let (directory, files) = store();
        let torn = directory.path().join("files").join(WRITING).join("torn");
        fs::write(&torn, "报").unwrap();
        assert!(matches!(files.get(REPORT), Err(FileError::Missing(_))));
        let long_ago = std::time::SystemTime::now() - Duration::from_secs(25 * 3600);
        File::options().write(true).open(&torn).unwrap().set_modified(long_ago).unwrap();
        Files::open(directory.path().join("files")).unwrap();
        assert!(!torn.exists());
    }

    #[test]
    fn only_hashes_are_names() {
        let (_directory, files) = store();
        for wrong in ["", "../../etc/passwd", &"A".repeat(64), &"0".repeat(63)] {
            assert!(matches!(files.get(wrong), Err(FileError::Name(_))), "{wrong}");
        }
    }
}
