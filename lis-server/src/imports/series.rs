//! Where the running numbers go on: a laboratory that moves here continues its own. Columns: what is numbered, the year or
//! month, the next number.

use chrono::{Datelike, NaiveDate};

use crate::accounts::Actor;
use crate::catalogue::refusing;
use crate::catalogue::table::{File, Row, Table};
use crate::db::{Tx, series};
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_MISSING, Outcome, Reasons, Refusal};
use crate::reports::number;
use crate::samples::numbers;
use crate::samples::words::SampleType;

pub const REQUIRED: &[&str] = &["series", "period", "next"];
pub const OPTIONAL: &[&str] = &["type"];

/// What is numbered: by month, by year; of samples and reports by type as well.
const MONTHLY: &[&str] = &[SAMPLE, "receipt", "order", "on_site", "worksheet", "nonconforming"];
const YEARLY: &[&str] = &[REPORT, "plan", "draw", "case", "notice", "complaint"];
const SAMPLE: &str = "sample";
const REPORT: &str = "report";

/// Highest number that a series can go on at: a form's serial has eight digits.
const NEXT_MOST: i64 = 99_999_999;

/// Checked rows of a file, each with the row it came from.
pub struct SeriesRows(Vec<(u64, Start)>);

#[derive(Debug, PartialEq, Eq)]
struct Start {
    name: String,
    next: i64,
}

/// Reads where series go on; the names of some bear the laboratory's code.
///
/// # Errors
/// Every bad row with its number, column and rule.
pub fn read_series(file: File<'_>, laboratory: &str) -> Result<SeriesRows, Refusal> {
    let (mut reasons, mut rows) = (Reasons::new(), Vec::new());
    if let Some(table) = refusing::opened(file, REQUIRED, OPTIONAL, &mut reasons) {
        for row in table.rows() {
            match start(&table, row, laboratory) {
                Ok(one) => rows.push((row.number, one)),
                Err(refusal) => reasons.of_row(row.number, refusal),
            }
        }
    }
    reasons.none().map(|()| SeriesRows(rows))
}

fn start(table: &Table, row: &Row, laboratory: &str) -> Result<Start, Refusal> {
    let cell = |column: &str| table.cell(row, column).to_owned();
    let mut check = Checker::new();
    let known = |text: &str| MONTHLY.iter().chain(YEARLY).copied().find(|code| *code == text);
    let series = check.parsed("series", &cell("series"), "expected-series", known);
    let of_month = series.is_some_and(|code| MONTHLY.contains(&code));
    let expected = if of_month { "expected-month" } else { "expected-year" };
    let period = check.parsed("period", &cell("period"), expected, |text| first_day(text, of_month));
    let next = check.whole("next", &cell("next"), 1, NEXT_MOST);
    let kind = check.optional("type", &cell("type"), "expected-sample-type", SampleType::parse);
    let needs_type = series.is_some_and(|code| [SAMPLE, REPORT].contains(&code));
    check.add_if(needs_type && cell("type").trim().is_empty(), || FIELD_MISSING.at("type"));
    let name = series.zip(period).and_then(|(code, on)| name_of(code, laboratory, on, kind));
    check.done(name.zip(next).map(|(name, next)| Start { name, next }))
}

/// The first day of `2026-11` or of `2026`.
fn first_day(period: &str, of_month: bool) -> Option<NaiveDate> {
    let (length, day) = if of_month { (7, format!("{period}-01")) } else { (4, format!("{period}-01-01")) };
    NaiveDate::parse_from_str(&day, "%Y-%m-%d").ok().filter(|_| period.len() == length)
}

/// The name under which a room takes its numbers.
fn name_of(code: &str, laboratory: &str, on: NaiveDate, kind: Option<SampleType>) -> Option<String> {
    Some(match code {
        SAMPLE => numbers::sample_series(laboratory, on, kind?),
        REPORT => number::series_name(&number::series(laboratory, on.year(), kind?.letter())),
        "receipt" => numbers::receipt_series(laboratory, on),
        "order" => numbers::order_series(on),
        "on_site" => numbers::on_site_series(on),
        "worksheet" | "nonconforming" => format!("{code}-{}", on.format("%y%m")),
        _ => format!("{code}-{}", on.format("%Y")),
    })
}

/// Lets the series go on; how many of them did not stand there already.
pub fn keep_series(tx: &mut Tx, by: &Actor, rows: &SeriesRows) -> Outcome<usize> {
    let (mut reasons, mut new) = (Reasons::new(), 0);
    for (number, one) in &rows.0 {
        let started = series::start(tx, &one.name, one.next);
        if reasons.row(*number, started)? == Some(true) {
            let entry = by.entry("number_series", 0, 1, "series-started");
            tx.log(entry.set("series", one.name.as_str()).set("next", one.next));
            new += 1;
        }
    }
    reasons.none()?;
    Ok(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(rows: &str) -> Result<Vec<Start>, Refusal> {
        let text = format!("series,period,next,type\n{rows}");
        read_series(File::new("series.csv", text.as_bytes()), "BZ")
            .map(|rows| rows.0.into_iter().map(|(_, start)| start).collect())
    }

    #[test]
    fn a_series_bears_the_name_under_which_its_numbers_are_taken() {
        let rows = "sample,2026-11,124,supervision\nreport,2026,31,entrusted\nreceipt,2026-11,2,\norder,2026-11,9,\n\
                    on_site,2026-11,5,\nworksheet,2026-11,41,\nnonconforming,2026-12,3,\ncomplaint,2026,7,\n";
        let named: Vec<(String, i64)> = read(rows).unwrap().into_iter().map(|one| (one.name, one.next)).collect();
        let stated = [
            ("BZ2611-J", 124),
            ("report:BZ-2026-W", 31),
            ("BZ2611-R", 2),
            ("WT2611", 9),
            ("XC2611", 5),
            ("worksheet-2611", 41),
            ("nonconforming-2612", 3),
            ("complaint-2026", 7),
        ];
        assert_eq!(named, stated.map(|(name, next)| (name.to_owned(), next)));
    }

    #[test]
    fn every_bad_row_is_named() {
        let refusal = read("sample,2026-11,0,\ninvoice,2026,1,\nplan,2026-11,1,\nreport,2026,x,gift\n").unwrap_err();
        let named: Vec<_> =
            refusal.reasons.iter().map(|one| (one.field.as_deref().unwrap(), one.problem.code)).collect();
        assert_eq!(
            named,
            [
                ("rows[2].next", "field-invalid"),
                ("rows[2].type", "field-missing"),
                ("rows[3].series", "field-invalid"),
                ("rows[4].period", "field-invalid"),
                ("rows[5].next", "field-invalid"),
                ("rows[5].type", "field-invalid"),
            ]
        );
    }
}
