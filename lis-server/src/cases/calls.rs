//! What this room asks of others: the catalogue in force, the mails; and what it shows of them.

use std::sync::Arc;

use serde::Deserialize;

use super::store::CaseRow;
pub use super::store::shown::{
    AnalyteShown, ReportShown, SampleShown, analytes, backups, documents, form_document, reports, samples,
    samples_of_campaign,
};
use crate::accounts::Actor;
use crate::accounts::actions::contacts_of_enterprises;
use crate::catalogue::Catalogue;
use crate::catalogue::actions::current;
use crate::catalogue::reference::AnalyteKind;
use crate::db::{Conn, Tx};
use crate::domain::ids::{EnterpriseId, SampleId};
use crate::domain::refusal::{Fact, Fault, Outcome};
use crate::mail::{self, NewMail};
use crate::quality::opening::open_on_overturned;
pub use crate::samples::actions::content_type_of;
use crate::samples::words::Department;

/// The catalogue in force, for its calendar.
pub fn catalogue(conn: &mut Conn) -> Outcome<Arc<Catalogue>> {
    current(conn)
}

/// What a case reads of the form of its sample.
#[derive(Deserialize)]
struct Ordered {
    #[serde(default)]
    ordering_department: Option<Department>,
}

/// Of which department the authority is that ordered the sampling.
pub fn department(conn: &mut Conn, sample: SampleId) -> Outcome<Department> {
    let document = form_document(conn, sample)?;
    let ordered: Ordered = serde_json::from_str(&document).map_err(Fault::broken)?;
    Ok(ordered.ordering_department.unwrap_or(Department::MarketSupervision))
}

/// Whether an analyte is counted or detected by growth: such results are never re-inspected (`workflow.md` 11).
pub fn is_microbiology(catalogue: &Catalogue, analyte: &str) -> bool {
    catalogue.analytes.get(analyte).is_some_and(|analyte| analyte.kind == AnalyteKind::Microbiology)
}

/// Opens non-conforming work on a conclusion that an authority overturned, for the laboratory's quality officer.
pub fn open_overturned(tx: &mut Tx, by: &Actor, case: &CaseRow, reason: &str) -> Outcome<()> {
    open_on_overturned(tx, by, &case.case_no, (case.sample_id, case.report_id), reason).map(|_| ())
}

/// Tells the people of enterprises by mail, each in his language, once per key. The texts are
/// `mail-TEXT-subject` and `mail-TEXT-body` with the fact `case`.
pub fn tell(
    tx: &mut Tx,
    key: &str,
    enterprises: &[EnterpriseId],
    text: &str,
    case_no: &str,
    about: i64,
) -> Outcome<()> {
    tell_with(tx, key, enterprises, text, (case_no, about), None)
}

/// The same with a stored file: its SHA-256 and the name it goes under.
pub fn tell_with(
    tx: &mut Tx,
    key: &str,
    enterprises: &[EnterpriseId],
    text: &str,
    (case_no, about): (&str, i64),
    attachment: Option<(&str, &str)>,
) -> Outcome<()> {
    let facts = [("case", Fact::from(case_no))];
    let mails: Vec<NewMail> = contacts_of_enterprises(tx.conn, enterprises)?
        .into_iter()
        .map(|contact| NewMail {
            key: format!("{key}:{}", contact.person),
            subject: contact.language.text_with(&format!("mail-{text}-subject"), &facts),
            body: contact.language.text_with(&format!("mail-{text}-body"), &facts),
            recipient: contact.email,
            language: contact.language,
            attachment: attachment.map(|(sha256, name)| (sha256.to_owned(), name.to_owned())),
            about: ("failing_case", about),
        })
        .collect();
    mail::queue_all(tx, &mails)?;
    Ok(())
}
