//! One record of a segment: a JSON head and bytes, with a SHA-256 over both.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::message::MessageKind;

#[derive(Debug, Serialize, Deserialize)]
pub struct Head {
    /// 0 for a piece.
    pub seq: u64,
    pub instrument: String,
    pub kind: MessageKind,
    pub received_at: DateTime<Utc>,
    pub sha256: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// Time of the last change of a file, whole milliseconds: a renamed file keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<DateTime<Utc>>,
}

const MAGIC: &[u8; 4] = b"SPL1";
/// Magic, two lengths; the digest stands at the end.
const FRAME_BYTES: u64 = 4 + 4 + 4;
const DIGEST_BYTES: u64 = 32;
/// A head is a few hundred bytes; more is damage.
const MAX_HEAD_BYTES: u64 = 1 << 16;

pub fn encode_record(head: &Head, bytes: &[u8]) -> io::Result<Vec<u8>> {
    let head = serde_json::to_vec(head).map_err(io::Error::other)?;
    let too_long = |_| io::Error::other("a message is longer than 4 GiB");
    let mut record = Vec::with_capacity(bytes.len() + head.len() + 48);
    record.extend_from_slice(MAGIC);
    record.extend_from_slice(&u32::try_from(head.len()).map_err(too_long)?.to_be_bytes());
    record.extend_from_slice(&u32::try_from(bytes.len()).map_err(too_long)?.to_be_bytes());
    record.extend_from_slice(&head);
    record.extend_from_slice(bytes);
    let digest = Sha256::digest(&record);
    record.extend_from_slice(&digest);
    Ok(record)
}

/// `None` when what stands there is not a whole, unchanged record.
pub fn read_record(file: &mut impl Read) -> io::Result<Option<(Head, Vec<u8>, u64)>> {
    let mut frame = [0u8; FRAME_BYTES as usize];
    if read_fully(file, &mut frame)? < frame.len() || &frame[..4] != MAGIC {
        return Ok(None);
    }
    let length = |at: usize| u64::from(u32::from_be_bytes([frame[at], frame[at + 1], frame[at + 2], frame[at + 3]]));
    let (head_bytes, body_bytes) = (length(4), length(8));
    if head_bytes > MAX_HEAD_BYTES {
        return Ok(None);
    }
    let rest = head_bytes + body_bytes + DIGEST_BYTES;
    let mut bytes = Vec::new();
    file.take(rest).read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < rest {
        return Ok(None);
    }
    let digest = bytes.split_off((head_bytes + body_bytes) as usize);
    let expected = Sha256::new().chain_update(frame).chain_update(&bytes).finalize();
    if digest != expected[..] {
        return Ok(None);
    }
    let body = bytes.split_off(head_bytes as usize);
    let Ok(head) = serde_json::from_slice(&bytes) else {
        return Ok(None);
    };
    Ok(Some((head, body, FRAME_BYTES + rest)))
}

fn read_fully(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..])? {
            0 => break,
            count => filled += count,
        }
    }
    Ok(filled)
}

/// All records of one segment up to the first that is damaged.
pub struct Scan {
    pub heads: Vec<(Head, u64)>,
    pub pieces: Vec<(String, Vec<u8>)>,
    pub good_bytes: u64,
    pub total_bytes: u64,
}

impl Scan {
    /// Pieces are kept in memory only until their message arrives.
    pub fn of(path: &Path) -> io::Result<Scan> {
        let file = File::open(path)?;
        let total_bytes = file.metadata()?.len();
        let mut reader = io::BufReader::new(file);
        let mut scan = Scan { heads: Vec::new(), pieces: Vec::new(), good_bytes: 0, total_bytes };
        while let Some((head, body, length)) = read_record(&mut reader)? {
            if head.seq == 0 {
                scan.pieces.push((head.instrument.clone(), body));
            } else if head.kind != MessageKind::File {
                scan.pieces.retain(|(instrument, _)| *instrument != head.instrument);
            }
            scan.heads.push((head, scan.good_bytes));
            scan.good_bytes += length;
        }
        Ok(scan)
    }
}
