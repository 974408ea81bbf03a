//! Compares what the tables say of the objects that matter with what the log says of them: whoever changes a state, a
//! conclusion or a verdict behind the program leaves no entry, so the two differ from then on.

use std::collections::HashMap;
use std::fmt;

use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;

use crate::db::Conn;
use crate::db::schema::{audit_entry, failing_case, report, result_version, sample, test_item, worksheet};
use crate::domain::refusal::{Fault, Outcome};

/// How the tables stand to the log.
#[derive(Serialize, Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// Objects that the log knows and that were compared.
    pub objects: usize,
    pub differences: Vec<Difference>,
}

/// One field of one object of which table and log say different things.
#[derive(Serialize, Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    pub table: &'static str,
    pub id: i64,
    /// `None`: the row itself is gone.
    pub field: Option<&'static str>,
    pub stored: String,
    pub logged: String,
}

impl Difference {
    /// Where it is, without what stands there: results are not for everybody who looks after the data.
    pub fn place(&self) -> String {
        match self.field {
            Some(field) => format!("{} {}: {field}", self.table, self.id),
            None => format!("{} {}", self.table, self.id),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, stored, logged, .. } = self;
        write!(f, "{}", self.place())?;
        match field {
            Some(_) => write!(f, " is {stored:?} in the table, the log says {logged:?}"),
            None => write!(f, " is not in the table, the log knows it"),
        }
    }
}

/// Objects compared at a time: three statements each, and a long log stays out of memory.
const PAGE: i64 = 1_000;

/// Compares samples, items with their results in force, worksheets, reports and cases. The log itself is verified by
/// [`super::verify`].
pub fn compared(conn: &mut Conn) -> Outcome<Standing> {
    let mut standing = Standing { objects: 0, differences: Vec::new() };
    for kind in KINDS {
        let mut last = 0;
        loop {
            let ids = ids_after(conn, kind.table, last)?;
            let (Some(first), Some(end)) = (ids.first().copied(), ids.last().copied()) else { break };
            let said = said_of(conn, kind.table, first, end)?;
            let rows: HashMap<i64, Row> = (kind.rows)(conn, first, end)?.into_iter().map(|row| (row.id, row)).collect();
            for id in &ids {
                if let Some(said) = said.get(id) {
                    standing.differences.extend(differences(kind.table, *id, rows.get(id), said));
                }
            }
            standing.objects += ids.len();
            last = end;
        }
    }
    Ok(standing)
}

/// A kind of object: its table, which is its name in the log too, and how its rows are read.
struct Kind {
    table: &'static str,
    rows: fn(&mut Conn, i64, i64) -> QueryResult<Vec<Row>>,
}

const KINDS: [Kind; 5] = [
    Kind { table: "sample", rows: samples },
    Kind { table: "test_item", rows: items },
    Kind { table: "worksheet", rows: worksheets },
    Kind { table: "report", rows: reports },
    Kind { table: "failing_case", rows: cases },
];

/// What a table says of an object, under the names that the entries use.
struct Row {
    id: i64,
    fields: Vec<(&'static str, String)>,
}

/// What the newest entries say of an object: its version, and each field that one of them set.
#[derive(Default)]
struct Said {
    version: i64,
    fields: HashMap<String, String>,
}

fn differences(table: &'static str, id: i64, row: Option<&Row>, said: &Said) -> Vec<Difference> {
    let Some(row) = row else {
        return vec![Difference { table, id, field: None, stored: String::new(), logged: said.version.to_string() }];
    };
    let version = said.version.to_string();
    let different = |(field, stored): &(&'static str, String)| {
        let logged = match *field {
            "version" => &version,
            other => said.fields.get(other)?,
        };
        let (stored, logged) = (stored.clone(), logged.clone());
        (stored != logged).then_some(Difference { table, id, field: Some(*field), stored, logged })
    };
    row.fields.iter().filter_map(different).collect()
}

/// The next objects of a kind that the log knows.
fn ids_after(conn: &mut Conn, kind: &str, last: i64) -> QueryResult<Vec<i64>> {
    audit_entry::table
        .filter(audit_entry::object_kind.eq(kind.to_owned()))
        .filter(audit_entry::object_id.gt(last))
        .select(audit_entry::object_id)
        .distinct()
        .order(audit_entry::object_id)
        .limit(PAGE)
        .load(conn)
}

/// What the log says of the objects of a kind. Entries of one object follow each other in order of their ids: each was
/// written by somebody who had seen the version before.
fn said_of(conn: &mut Conn, kind: &str, first: i64, last: i64) -> Outcome<HashMap<i64, Said>> {
    let entries: Vec<(i64, i64, String)> = audit_entry::table
        .filter(audit_entry::object_kind.eq(kind.to_owned()))
        .filter(audit_entry::object_id.between(first, last))
        .order((audit_entry::object_id, audit_entry::id))
        .select((audit_entry::object_id, audit_entry::object_version, audit_entry::body))
        .load(conn)?;
    let mut all: HashMap<i64, Said> = HashMap::new();
    for (id, version, body) in entries {
        let body: Value = serde_json::from_str(&body).map_err(Fault::broken)?;
        let said = all.entry(id).or_default();
        said.version = said.version.max(version);
        for (field, change) in body["changes"].as_object().into_iter().flatten() {
            said.fields.insert(field.clone(), text(&change[1]));
        }
    }
    Ok(all)
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn samples(conn: &mut Conn, first: i64, last: i64) -> QueryResult<Vec<Row>> {
    let rows: Vec<(i64, i64, String, Option<String>)> = sample::table
        .filter(sample::id.between(first, last))
        .select((sample::id, sample::version, sample::state, sample::sample_no))
        .load(conn)?;
    let row = |(id, version, state, number): (i64, i64, String, Option<String>)| Row {
        id,
        fields: vec![("version", version.to_string()), ("state", state), ("sample_no", number.unwrap_or_default())],
    };
    Ok(rows.into_iter().map(row).collect())
}

/// Id, version, state, verdict, method, result in force and what it says.
type ItemColumns = (i64, i64, String, String, String, Option<i64>, Option<String>);

fn items(conn: &mut Conn, first: i64, last: i64) -> QueryResult<Vec<Row>> {
    let rows: Vec<ItemColumns> = test_item::table
        .left_join(result_version::table.on(test_item::result_id.eq(result_version::id.nullable())))
        .filter(test_item::id.between(first, last))
        .select((
            test_item::id,
            test_item::version,
            test_item::state,
            test_item::verdict,
            test_item::method_standard,
            test_item::result_id,
            result_version::reported.nullable(),
        ))
        .load(conn)?;
    let row = |(id, version, state, verdict, method, result, reported): ItemColumns| Row {
        id,
        fields: vec![
            ("version", version.to_string()),
            ("state", state),
            ("verdict", verdict),
            ("method_standard", method),
            ("result", result.map(|id| id.to_string()).unwrap_or_default()),
            ("reported", reported.unwrap_or_default()),
        ],
    };
    Ok(rows.into_iter().map(row).collect())
}

fn worksheets(conn: &mut Conn, first: i64, last: i64) -> QueryResult<Vec<Row>> {
    let rows: Vec<(i64, i64, String)> = worksheet::table
        .filter(worksheet::id.between(first, last))
        .select((worksheet::id, worksheet::version, worksheet::state))
        .load(conn)?;
    let row = |(id, version, state): (i64, i64, String)| Row {
        id,
        fields: vec![("version", version.to_string()), ("state", state)],
    };
    Ok(rows.into_iter().map(row).collect())
}

/// Id, version, number, state, conclusion and the hash of the file.
type ReportColumns = (i64, i64, String, String, String, Option<String>);

fn reports(conn: &mut Conn, first: i64, last: i64) -> QueryResult<Vec<Row>> {
    let rows: Vec<ReportColumns> = report::table
        .filter(report::id.between(first, last))
        .select((
            report::id,
            report::version,
            report::report_no,
            report::state,
            report::conclusion,
            report::file_sha256,
        ))
        .load(conn)?;
    let row = |(id, version, number, state, conclusion, sha256): ReportColumns| Row {
        id,
        fields: vec![
            ("version", version.to_string()),
            ("report_no", number),
            ("state", state),
            ("conclusion", conclusion),
            ("file_sha256", sha256.unwrap_or_default()),
        ],
    };
    Ok(rows.into_iter().map(row).collect())
}

fn cases(conn: &mut Conn, first: i64, last: i64) -> QueryResult<Vec<Row>> {
    let rows: Vec<(i64, i64, String, String)> = failing_case::table
        .filter(failing_case::id.between(first, last))
        .select((failing_case::id, failing_case::version, failing_case::state, failing_case::publicity))
        .load(conn)?;
    let row = |(id, version, state, publicity): (i64, i64, String, String)| Row {
        id,
        fields: vec![("version", version.to_string()), ("state", state), ("publicity", publicity)],
    };
    Ok(rows.into_iter().map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(fields: &[(&'static str, &str)]) -> Row {
        Row { id: 7, fields: fields.iter().map(|(field, value)| (*field, (*value).to_owned())).collect() }
    }

    fn said(version: i64, fields: &[(&str, &str)]) -> Said {
        let fields = fields.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect();
        Said { version, fields }
    }

    #[test]
    fn what_no_entry_ever_set_is_not_compared() {
        let stored = row(&[("version", "3"), ("state", "issued"), ("conclusion", "pass")]);
        assert!(differences("report", 7, Some(&stored), &said(3, &[("state", "issued")])).is_empty());
    }

    #[test]
    fn a_difference_names_table_row_field_and_both_words() {
        let stored = row(&[("version", "4"), ("state", "issued"), ("conclusion", "pass")]);
        let logged = said(3, &[("state", "issued"), ("conclusion", "fail")]);
        let named: Vec<String> =
            differences("report", 7, Some(&stored), &logged).iter().map(ToString::to_string).collect();
        assert_eq!(
            named,
            [
                "report 7: version is \"4\" in the table, the log says \"3\"",
                "report 7: conclusion is \"pass\" in the table, the log says \"fail\"",
            ]
        );
        let gone: Vec<String> = differences("report", 7, None, &logged).iter().map(ToString::to_string).collect();
        assert_eq!(gone, ["report 7 is not in the table, the log knows it"]);
    }
}
