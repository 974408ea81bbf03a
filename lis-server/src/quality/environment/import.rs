//! Readings from a sensor's file or a spreadsheet (CSV or XLSX): columns bear the names of the fields, `room` is the code of a
//! room that is there. Every bad row is named; all rows are stored or none. A file that is taken twice changes nothing.

use super::actions::{ReadingFacts, RoomReadingInput, add_by_code};
use crate::accounts::Actor;
use crate::catalogue::refusing;
use crate::catalogue::table::File;
use crate::db::Tx;
use crate::domain::refusal::{FIELD_MISSING, Outcome, Reasons, Refusal};

const REQUIRED: &[&str] = &["room", "read_at"];
const OPTIONAL: &[&str] = &["temperature", "humidity", "sensor", "remark"];

/// Checked rows of a file: the row it came from, the code of the room, the reading.
pub struct ReadingRows(Vec<(u64, String, ReadingFacts)>);

/// Reads a list of readings.
///
/// # Errors
/// Every bad row with its number, column and rule.
pub fn read_environment(file: File<'_>) -> Result<ReadingRows, Refusal> {
    let (mut reasons, mut rows) = (Reasons::new(), Vec::new());
    if let Some(table) = refusing::opened(file, REQUIRED, OPTIONAL, &mut reasons) {
        for row in table.rows() {
            let cell = |column: &str| table.cell(row, column).to_owned();
            let input = RoomReadingInput {
                read_at: cell("read_at"),
                temperature: cell("temperature"),
                humidity: cell("humidity"),
                sensor: cell("sensor"),
                remark: cell("remark"),
            };
            let room = cell("room");
            reasons.add_if(room.is_empty(), || FIELD_MISSING.at("room").in_row(row.number));
            match input.checked() {
                Ok(facts) => rows.push((row.number, room, facts)),
                Err(refusal) => reasons.of_row(row.number, refusal),
            }
        }
    }
    reasons.none().map(|()| ReadingRows(rows))
}

/// Stores all readings or none; how many of them are new.
pub fn keep_environment(tx: &mut Tx, by: &Actor, rows: &ReadingRows) -> Outcome<usize> {
    let (mut reasons, mut new) = (Reasons::new(), 0);
    for (number, room, facts) in &rows.0 {
        new += usize::from(reasons.row(*number, add_by_code(tx, by, room, facts))?.unwrap_or(false));
    }
    reasons.none()?;
    Ok(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bad_row_is_named() {
        let text = "room,read_at,temperature,humidity\nB-101,2026-11-27 08:00,20.1,45\n,2026-11-27 08:00,20.1,45\n\
                    B-101,yesterday,20.1,45\nB-101,2026-11-27 08:00,\"20,1\",45\nB-101,2026-11-27 08:00,,\n";
        let Err(refusal) = read_environment(File::new("t.csv", text.as_bytes())) else { panic!("this is refused") };
        let named: Vec<_> =
            refusal.reasons.iter().map(|one| (one.field.as_deref().unwrap(), one.problem.code)).collect();
        assert_eq!(
            named,
            [
                ("rows[3].room", "field-missing"),
                ("rows[4].read_at", "field-invalid"),
                ("rows[5].temperature", "field-invalid"),
                ("rows[6].temperature", "reading-empty"),
            ]
        );
    }
}
