//! What comes a second time changes nothing: a file that was taken again, appended to or renamed; a message that an
//! instrument repeats; a new spool that begins from the start. A repeat is proven, never guessed:
//!
//! - the whole message has the bytes of an earlier one of the instrument, or begins with those of an earlier file;
//! - or an earlier reading of the same message has filed the row;
//! - or the row has the sample, analyte, value, unit and completion time of an earlier one.
//!
//! The same value is the same print and the same number: read by other marks, `1.234` says something new.
//!
//! A row that stood at the same place of an earlier file of the same name with the same value, without such a proof, may
//! be a repeat or a second determination: it is held for a person. Rows whose sample the profile itself wrote, because
//! the source names none (a balance, a meter), are never repeats: a balance prints the same weight twice because it lay there
//! twice.

use std::collections::HashSet;

use instrument_drivers::agent::MessageKind;
use sha2::{Digest, Sha256};

use super::state::ObservationState;
use super::store::{self, EarlierFile, EarlierRow, MessageRow, NewObservation};
use crate::db::Conn;
use crate::domain::ids::MessageId;
use crate::domain::refusal::Outcome;

/// The reason that such rows carry.
pub const DUPLICATE: &str = "duplicate";

/// Earlier files that one look compares with: more generations of one file than an instrument keeps open.
const FILES_MOST: i64 = 50;

/// The earlier message whose bytes this one repeats or continues.
pub fn repeated(conn: &mut Conn, message: &MessageRow, bytes: &[u8]) -> Outcome<Option<MessageId>> {
    if let Some(same) = store::same_bytes(conn, message)? {
        return Ok(Some(same));
    }
    if message.kind != MessageKind::File.code() {
        return Ok(None);
    }
    let earlier = store::earlier_files(conn, message, FILES_MOST)?;
    Ok(earlier.into_iter().find(|file| continues(bytes, file)).map(|file| file.id))
}

/// Whether bytes begin with those of an earlier file, which had at least one.
fn continues(bytes: &[u8], earlier: &EarlierFile) -> bool {
    let length = usize::try_from(earlier.byte_count).unwrap_or(usize::MAX);
    let beginning = bytes.get(..length).filter(|beginning| !beginning.is_empty());
    beginning.is_some_and(|beginning| hex::encode(Sha256::digest(beginning)) == earlier.sha256)
}

/// Sets aside the rows that came before, and holds those that may have; some rows of a message, none of which is filed yet.
/// `own` is what the profile itself writes where the source names no sample. At most one statement for every
/// [`store::SAMPLES_OF_A_STATEMENT`] samples.
pub fn mark(
    conn: &mut Conn,
    message: &MessageRow,
    (repeated, own): (Option<MessageId>, &[String]),
    rows: &mut [NewObservation],
) -> Outcome<()> {
    // Only what would be filed otherwise, and names a sample.
    let is_candidate = |row: &NewObservation| {
        let names_sample = !row.sample_ref.is_empty() && !own.contains(&row.sample_ref);
        row.waits_to_be_filed() && names_sample
    };
    let mut samples: Vec<&str> =
        rows.iter().filter(|row| is_candidate(row)).map(|row| row.sample_ref.as_str()).collect();
    // The rows of a sample stand together in most exports: few are left to be sorted.
    samples.dedup();
    samples.sort_unstable();
    samples.dedup();
    if samples.is_empty() {
        return Ok(());
    }
    let again = rows.iter().any(|row| row.reading_no > 1);
    let earlier = store::earlier_rows(conn, message, &samples, again)?;
    if earlier.is_empty() {
        return Ok(());
    }
    let is_proof = |row: &&EarlierRow| row.message_id == message.id || Some(row.message_id) == repeated;
    let proven: HashSet<RowKey> = earlier.iter().filter(is_proof).map(|row| placed(row, &row.source_place)).collect();
    let timed: HashSet<RowKey> =
        earlier.iter().filter(|row| !row.measured_at.is_empty()).map(|row| placed(row, &row.measured_at)).collect();
    let doubtful: HashSet<RowKey> = earlier
        .iter()
        .filter(|row| !message.file_name.is_empty() && row.file_name == message.file_name)
        .map(|row| placed(row, &row.source_place))
        .collect();
    for row in rows.iter_mut().filter(|row| is_candidate(row)) {
        let (place, time) = (key(row, &row.source_place), key(row, &row.measured_at));
        let is_repeat = proven.contains(&place) || !row.measured_at.is_empty() && timed.contains(&time);
        let is_doubtful = doubtful.contains(&place);
        if is_repeat {
            row.state = ObservationState::Ignored.code();
        }
        if is_repeat || is_doubtful {
            row.reason = DUPLICATE.to_owned();
        }
    }
    Ok(())
}

/// Sample, analyte, value, its number, unit, and what tells two equal values apart.
type RowKey<'r> = [&'r str; 6];

fn placed<'r>(row: &'r EarlierRow, apart: &'r str) -> RowKey<'r> {
    [&row.sample_ref, &row.analyte_ref, &row.value, row.number.as_deref().unwrap_or(""), &row.unit, apart]
}

fn key<'r>(row: &'r NewObservation, apart: &'r str) -> RowKey<'r> {
    [&row.sample_ref, &row.analyte_ref, &row.value, row.number.as_deref().unwrap_or(""), &row.unit, apart]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_continues_an_earlier_one_whose_bytes_it_begins_with() {
        let earlier = |text: &str| EarlierFile {
            id: MessageId(1),
            sha256: hex::encode(Sha256::digest(text)),
            byte_count: i64::try_from(text.len()).unwrap(),
        };
        assert!(continues(b"a,1\nb,2\n", &earlier("a,1\n")));
        assert!(continues(b"a,1\n", &earlier("a,1\n")));
        assert!(!continues(b"a,2\nb,2\n", &earlier("a,1\n")), "another beginning");
        assert!(!continues(b"a,1", &earlier("a,1\n")), "shorter than the earlier one");
        assert!(!continues(b"a,1\n", &earlier("")), "an empty file proves nothing");
    }
}
