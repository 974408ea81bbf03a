//! What a backup says of itself: every part with its length and its hash, and where the log stood.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::audit::verify::Verified;
use crate::domain::clock::Moment;

/// Of the layout of backups.
pub const FORMAT: u32 = 1;

/// The parts of one backup.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct Manifest {
    pub format: u32,
    /// Name and version of the program that made it.
    pub program: String,
    pub made_at: Moment,
    pub database: Part,
    pub log: Head,
    /// Files of the data directory that lie beside the database.
    pub beside: Vec<Part>,
    pub files: Vec<Stored>,
    /// Files that the laboratory's store should have and had no more: missing, or changed on the disk.
    pub lost: Vec<String>,
}

/// A file of a backup's own folder.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct Part {
    pub name: String,
    pub bytes: u64,
    pub sha256: String,
}

/// A file of the store, which lies under its hash.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct Stored {
    pub sha256: String,
    pub bytes: u64,
}

/// Where the log stood.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct Head {
    pub log_id: String,
    pub position: i64,
    pub chain_hash: String,
}

impl From<Verified> for Head {
    fn from(log: Verified) -> Self {
        Self { log_id: log.log_id, position: log.entries, chain_hash: log.chain_hash }
    }
}

/// Read at a time: keeps a database of any size out of memory.
const BUFFER_BYTES: usize = 1 << 20;

impl Part {
    /// A file as it lies in a folder now.
    pub fn of(folder: &Path, name: &str) -> io::Result<Self> {
        let mut file = File::open(folder.join(name))?;
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; BUFFER_BYTES];
        let mut bytes = 0;
        loop {
            let count = file.read(&mut buffer)?;
            if count == 0 {
                break;
            }
            hasher.update(&buffer[..count]);
            bytes += count as u64;
        }
        Ok(Self { name: name.to_owned(), bytes, sha256: hex::encode(hasher.finalize()) })
    }
}
