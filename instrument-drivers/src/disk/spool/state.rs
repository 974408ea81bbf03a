//! The open segment of a spool and what it is known to hold; messages are written to its end.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

use uuid::Uuid;

use super::heard::Heard;
use super::record::{Head, encode_record};
use super::segments::create_segment;
use super::taken::TakenFiles;
use super::withheld::Withheld;

#[derive(Debug)]
pub struct State {
    /// To which the numbers belong.
    pub stream: Uuid,
    pub segment: File,
    pub segment_bytes: u64,
    pub segment_first: u64,
    /// Where each message that is still to be forwarded, or still on disk, stands.
    pub index: BTreeMap<u64, Place>,
    pub next_seq: u64,
    pub acknowledged: u64,
    pub taken: TakenFiles,
    pub heard: Heard,
    pub withheld: Vec<Withheld>,
    /// Bytes known to be on the disk; a failed sync goes back to here.
    pub durable_bytes: u64,
    pub broken: bool,
}

#[derive(Debug, Clone, Copy)]
pub struct Place {
    pub segment: u64,
    pub offset: u64,
}

/// A new segment begins beyond this: small enough to delete soon, large enough to be few. 8 MiB.
const SEGMENT_BYTES: u64 = 8 << 20;

impl State {
    pub fn append(&mut self, folder: &Path, head: &Head, bytes: &[u8]) -> io::Result<Place> {
        if self.broken {
            self.repair()?;
        }
        if self.segment_bytes > SEGMENT_BYTES {
            self.sync()?;
            let number = self.segment_first + 1;
            self.segment = create_segment(folder, number)?;
            (self.segment_first, self.segment_bytes, self.durable_bytes) = (number, 0, 0);
        }
        let record = encode_record(head, bytes)?;
        let place = Place { segment: self.segment_first, offset: self.segment_bytes };
        if let Err(error) = self.segment.write_all(&record) {
            // A full disk: take back the half record. If even that fails, the next append tries again.
            let end = SeekFrom::Start(self.segment_bytes);
            let taken_back = self.segment.set_len(self.segment_bytes).and_then(|()| self.segment.seek(end));
            self.broken = taken_back.is_err();
            return Err(error);
        }
        self.segment_bytes += record.len() as u64;
        Ok(place)
    }

    pub fn sync(&mut self) -> io::Result<()> {
        let synced = self.segment.sync_data();
        match synced {
            Ok(()) => self.durable_bytes = self.segment_bytes,
            // Nobody knows what of it is on the disk: go back to what is.
            Err(_) => self.broken = true,
        }
        synced
    }

    pub fn repair(&mut self) -> io::Result<()> {
        self.segment.set_len(self.durable_bytes)?;
        self.segment.sync_data()?;
        self.segment.seek(SeekFrom::Start(self.durable_bytes))?;
        self.segment_bytes = self.durable_bytes;
        self.broken = false;
        Ok(())
    }
}
