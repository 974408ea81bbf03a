//! Documents of instruments: the PDF of a chromatogram is evidence beside the values, never a source of values. Whose it is,
//! its name says; nothing else is looked at and nothing is guessed. Pure, but for the question whom a name means.

use std::collections::BTreeSet;

use instrument_drivers::agent::MessageKind;

use super::calls;
use super::store::{self, InstrumentRow, LinkRow};
use crate::db::Conn;
use crate::domain::ids::ItemId;
use crate::domain::refusal::{Fault, Outcome};

/// What a row is called that stands for a whole document.
pub const ROLE: &str = "document";

/// What happened between a document and an item.
pub const LINKED: &str = "linked";
pub const WITHDRAWN: &str = "withdrawn";

/// How the bytes of a PDF begin.
const PDF: &[u8] = b"%PDF-";

/// Whether a message is a document: a whole file whose bytes say so, whatever it is called.
pub fn is_document(kind: &str, bytes: &[u8]) -> bool {
    kind == MessageKind::File.code() && bytes.starts_with(PDF)
}

/// Why a document waits for a person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Held {
    /// Its name holds no label code of the laboratory.
    UnknownSample,
    /// Its name holds several.
    SeveralSamples,
    /// Nothing of the sample is on the instrument.
    NotOnWorksheet,
    /// A person took it back: its name is not asked again.
    Withdrawn,
}

impl Held {
    pub fn code(self) -> &'static str {
        match self {
            Self::UnknownSample => "document_unknown_sample",
            Self::SeveralSamples => "document_several_samples",
            Self::NotOnWorksheet => "document_not_on_worksheet",
            Self::Withdrawn => "document_withdrawn",
        }
    }
}

/// Whose a document is: the container, and its items that are on the instrument.
pub struct Owner {
    pub label: String,
    pub items: Vec<ItemId>,
}

/// The owner that a document's name tells, or why none is certain.
pub fn owner_by_name(
    conn: &mut Conn,
    instrument: &InstrumentRow,
    history: &[LinkRow],
    names: &[String],
) -> Outcome<Result<Owner, Held>> {
    if was_withdrawn(history) {
        return Ok(Err(Held::Withdrawn));
    }
    owner(conn, instrument, names)
}

/// Whether a person took a document back: its name is not asked again.
pub fn was_withdrawn(history: &[LinkRow]) -> bool {
    history.iter().any(|row| row.event == WITHDRAWN)
}

/// The owner among label codes, of which exactly one must be known, or why none is certain.
pub fn owner(conn: &mut Conn, instrument: &InstrumentRow, names: &[String]) -> Outcome<Result<Owner, Held>> {
    let owner = owners(conn, instrument, &[names.to_vec()])?.pop();
    owner.ok_or_else(|| Fault::broken("a document was lost"))
}

/// The same of many documents, in their order, by as many queries as for one.
pub fn owners(conn: &mut Conn, instrument: &InstrumentRow, names: &[Vec<String>]) -> Outcome<Vec<Result<Owner, Held>>> {
    let mut asked: Vec<String> = names.concat();
    asked.sort_unstable();
    asked.dedup();
    let known: BTreeSet<String> = calls::known_labels(conn, &asked)?.into_iter().collect();
    let label_of = |names: &Vec<String>| -> Result<String, Held> {
        let mut known: Vec<&String> = names.iter().filter(|name| known.contains(*name)).collect();
        known.sort_unstable();
        known.dedup();
        match known.as_slice() {
            [] => Err(Held::UnknownSample),
            [label] => Ok((*label).clone()),
            _ => Err(Held::SeveralSamples),
        }
    };
    let labels: Vec<Result<String, Held>> = names.iter().map(label_of).collect();
    let mut certain: Vec<String> = labels.iter().flatten().cloned().collect();
    certain.sort_unstable();
    certain.dedup();
    let items = store::items_on(conn, &certain, instrument.id, &instrument.code)?;
    let owner = |label: String| match items.get(&label) {
        Some(items) if !items.is_empty() => Ok(Owner { label, items: items.clone() }),
        _ => Err(Held::NotOnWorksheet),
    };
    Ok(labels.into_iter().map(|label| label.and_then(owner)).collect())
}

/// The links that hold: of a document and an item the newest row counts.
pub fn standing(rows: &[LinkRow]) -> Vec<LinkRow> {
    let mut standing: Vec<LinkRow> = Vec::new();
    for row in rows {
        standing.retain(|known| (known.message_id, known.item_id) != (row.message_id, row.item_id));
        if row.event == LINKED {
            standing.push(row.clone());
        }
    }
    standing
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::Moment;
    use crate::domain::ids::MessageId;

    #[test]
    fn a_document_is_told_by_its_bytes() {
        assert!(is_document("file", b"%PDF-1.7\n%\xe2\xe3"));
        assert!(!is_document("file", b"Sample;Result\n1;%PDF-\n"));
        assert!(!is_document("partial", b"%PDF-1.7"), "a part is evidence of nothing");
    }

    #[test]
    fn what_was_withdrawn_holds_again_only_by_a_new_link() {
        let row = |message: i64, item: i64, event: &str| LinkRow {
            message_id: MessageId(message),
            item_id: ItemId(item),
            label_code: "4711000018".into(),
            event: event.into(),
            instrument_code: "HPLC-01".into(),
            received_at: Moment::parse_rfc3339("2026-11-18T02:00:00Z").unwrap(),
        };
        let held = |rows: &[LinkRow]| -> Vec<(i64, i64)> {
            standing(rows).iter().map(|row| (row.message_id.0, row.item_id.0)).collect()
        };
        let mut rows = vec![row(1, 7, LINKED), row(1, 8, LINKED), row(2, 7, LINKED), row(1, 7, WITHDRAWN)];
        assert_eq!(held(&rows), [(1, 8), (2, 7)]);
        rows.push(row(1, 7, LINKED));
        assert_eq!(held(&rows), [(1, 8), (2, 7), (1, 7)]);
    }
}
