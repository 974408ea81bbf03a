//! Errors of a table as reasons of a refusal, so that pages say them in both languages.

use super::table::{File, Problem as Wrong, RowError, Table};
use crate::domain::refusal::{Problem, Reason, Reasons};

pub const TABLE_CELL: Problem = Problem::new("table-cell", 422);
/// A table has a header and nothing below it.
pub const TABLE_EMPTY: Problem = Problem::new("table-empty", 422);
/// A row has the key of an earlier one.
pub const ROW_REPEATED: Problem = Problem::new("row-repeated", 422);

/// Codes declared here.
pub const PROBLEMS: &[Problem] = &[TABLE_CELL, TABLE_EMPTY, ROW_REPEATED];

/// Reads a table whose rows another room checks; what is wrong with the table itself, and rows of another shape than its
/// header, are added to the reasons.
pub fn opened(file: File<'_>, required: &[&str], optional: &[&str], reasons: &mut Reasons) -> Option<Table> {
    let mut misshapen = Vec::new();
    match Table::read(file, required, optional, &mut misshapen) {
        Ok(table) => {
            reasons.add_if(table.rows().is_empty() && misshapen.is_empty(), || TABLE_EMPTY.at("file"));
            reasons.extend(misshapen.iter().map(reason));
            Some(table)
        }
        Err(errors) => {
            reasons.extend(errors.iter().map(reason));
            None
        }
    }
}

/// The same error with its place; the sentence of its kind stands under `table-<code>`.
pub fn reason(error: &RowError) -> Reason {
    let word = format!("table-{}", error.problem.code().replace('_', "-"));
    let is_of_header = matches!(error.problem, Wrong::UnknownColumn | Wrong::RepeatedColumn | Wrong::MissingColumn);
    let found = error.column.as_ref().filter(|_| is_of_header).unwrap_or(&error.found);
    // The sentence ends before it when nothing can be said of what is allowed.
    let allowed = if error.names_allowed() { error.allowed.clone() } else { "none".into() };
    let reason = TABLE_CELL.with("found", found).with("allowed", allowed).with_word("rule", word);
    match (error.row, &error.column) {
        (Some(row), column) => reason.at(column.clone().unwrap_or_default()).in_row(row),
        (None, Some(column)) => reason.at(column),
        (None, None) => reason.at("file"),
    }
}
