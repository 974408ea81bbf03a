//! Opening a spool after whatever happened: torn ends are set aside, loss starts a new stream.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::heard::Heard;
use super::message::MessageKind;
use super::record::{Scan, read_record};
use super::segments::{create_segment, segment_path, segments};
use super::state::{Place, State};
use super::taken::TakenFiles;
use super::withheld;
use crate::disk::file::{sync_folder, write_replacing};

pub struct Recovered {
    pub state: State,
    pub open_pieces: Vec<(String, Vec<u8>)>,
}

/// The state of the stream, and what had to be done, in words.
pub fn recover(folder: &Path) -> io::Result<(Recovered, Vec<String>)> {
    let mut notes = Vec::new();
    let known = fs::read_to_string(folder.join(STREAM)).ok().and_then(|text| text.trim().parse::<Uuid>().ok());
    let mut found = segments(folder)?;
    // A new stream is numbered from 1, so what is there cannot keep its numbers.
    let is_nameless = known.is_none() && !found.is_empty();
    let stream = match known {
        Some(stream) => stream,
        None if is_nameless => Uuid::nil(),
        None => new_stream(folder)?,
    };
    if found.is_empty() {
        create_segment(folder, 1)?;
        found = segments(folder)?;
    }
    let pruned = read_number(&folder.join("pruned"));
    let mut next_seq = pruned + 1;
    let mut index = BTreeMap::new();
    let mut taken = TakenFiles::load(&folder.join("taken"));
    let mut heard = Heard::default();
    let mut pieces: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut damaged = is_nameless;
    let mut gone: Vec<u64> = Vec::new();
    let last = found.last().map_or(1, |(number, _)| *number);
    for (number, path) in &found {
        let scan = Scan::of(path)?;
        // Its removal was written down and did not come about any more.
        let highest = scan.heads.iter().map(|(head, _)| head.seq).max().unwrap_or(0);
        if *number != last && (1..=pruned).contains(&highest) {
            fs::remove_file(path)?;
            gone.push(*number);
            continue;
        }
        for (head, offset) in &scan.heads {
            if head.seq == 0 {
                continue;
            }
            // A file from a folder of the instrument ends no message of its line.
            if head.kind != MessageKind::File {
                pieces.remove(&head.instrument);
            }
            damaged |= head.seq != next_seq;
            next_seq = head.seq + 1;
            index.insert(head.seq, Place { segment: *number, offset: *offset });
            taken.insert(head);
            heard.insert(head);
        }
        for (instrument, bytes) in scan.pieces {
            pieces.entry(instrument).or_default().extend(bytes);
        }
        if scan.good_bytes < scan.total_bytes {
            let torn = folder.join(format!("torn-{number:08}-{}", scan.good_bytes));
            copy_tail(path, scan.good_bytes, &torn)?;
            let file = OpenOptions::new().write(true).open(path)?;
            file.set_len(scan.good_bytes)?;
            file.sync_all()?;
            notes.push(format!(
                "the last {} bytes of {} are no whole record (a torn write); they are kept in {}",
                scan.total_bytes - scan.good_bytes,
                path.display(),
                torn.display()
            ));
            damaged |= *number != last;
        }
    }
    found.retain(|(number, _)| !gone.contains(number));
    if damaged {
        notes.push(match is_nameless {
            true => "the stream's identity was lost; the spool goes on as a new stream".into(),
            false => "records of the spool are missing; what is left goes on as a new stream".into(),
        });
        return Ok((renumber(folder, &found, pieces, (taken, heard))?, notes));
    }
    let acknowledged = fs::read_to_string(folder.join("acknowledged"))
        .ok()
        .and_then(|text| {
            let (of, number) = text.trim().split_once(' ')?;
            (of == stream.to_string()).then(|| number.parse::<u64>().ok()).flatten()
        })
        .unwrap_or(0)
        .max(pruned)
        .min(next_seq - 1);
    let mut segment = OpenOptions::new().read(true).write(true).open(segment_path(folder, last))?;
    let segment_bytes = segment.seek(SeekFrom::End(0))?;
    let state = State {
        stream,
        segment,
        segment_bytes,
        segment_first: last,
        index,
        next_seq,
        acknowledged,
        taken,
        heard,
        withheld: withheld::load(folder)?,
        durable_bytes: segment_bytes,
        broken: false,
    };
    Ok((Recovered { state, open_pieces: pieces.into_iter().collect() }, notes))
}

/// Numbers everything on the disk anew, as another stream. What was taken and heard is not looked for.
pub fn begin_anew(folder: &Path) -> io::Result<State> {
    let nothing = (TakenFiles::default(), Heard::default());
    Ok(renumber(folder, &segments(folder)?, BTreeMap::new(), nothing)?.state)
}

/// After loss: everything that is readable is numbered anew in new segments, as a new stream; the old ones stay beside them.
/// The old name goes first: whenever this breaks off, the next start finds none and does it once more.
fn renumber(
    folder: &Path,
    found: &[(u64, PathBuf)],
    pieces: BTreeMap<String, Vec<u8>>,
    (taken, heard): (TakenFiles, Heard),
) -> io::Result<Recovered> {
    match fs::remove_file(folder.join(STREAM)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => sync_folder(folder)?,
    }
    // Of the new numbers none was ever pruned.
    write_replacing(&folder.join("pruned"), b"0\n")?;
    let first = found.last().map_or(1, |(number, _)| number + 1);
    let segment = create_segment(folder, first)?;
    let mut state = State {
        stream: Uuid::nil(),
        segment,
        segment_bytes: 0,
        segment_first: first,
        index: BTreeMap::new(),
        next_seq: 1,
        acknowledged: 0,
        taken,
        heard,
        withheld: withheld::load(folder)?,
        durable_bytes: 0,
        broken: false,
    };
    for (_, path) in found {
        let mut reader = io::BufReader::new(File::open(path)?);
        while let Some((mut head, body, _)) = read_record(&mut reader)? {
            if head.seq > 0 {
                head.seq = state.next_seq;
                let place = state.append(folder, &head, &body)?;
                state.index.insert(head.seq, place);
                state.next_seq += 1;
            }
        }
        // Its copies are on the disk before it is no longer looked at.
        state.sync()?;
        fs::rename(path, path.with_extension("old"))?;
    }
    state.stream = new_stream(folder)?;
    Ok(Recovered { state, open_pieces: pieces.into_iter().collect() })
}

/// The file with the stream's UUID.
const STREAM: &str = "stream";

fn new_stream(folder: &Path) -> io::Result<Uuid> {
    let stream = Uuid::new_v4();
    write_replacing(&folder.join(STREAM), format!("{stream}\n").as_bytes())?;
    Ok(stream)
}

fn copy_tail(from: &Path, offset: u64, to: &Path) -> io::Result<()> {
    let mut source = File::open(from)?;
    source.seek(SeekFrom::Start(offset))?;
    let mut target = File::create(to)?;
    io::copy(&mut source, &mut target)?;
    target.sync_all()
}

fn read_number(path: &Path) -> u64 {
    fs::read_to_string(path).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}
