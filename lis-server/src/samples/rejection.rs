//! The note of a rejection (拒收通知, `workflow.md` 6): refuse, state the reason in writing and tell whoever sent the sample. A
//! job sets it after the receipt, keeps it and sends it.

use serde_json::{Value, json};

use super::facts::SampleFacts;
use super::receipt::Receipt;
use super::store::{self, NewNote, RejectionRow};
use super::words::{CheckAnswer, SampleType};
use crate::accounts::actions::{Contact, contacts_of, contacts_of_enterprises, contacts_of_region, names_of};
use crate::accounts::role::{ReadFailingResults, SeeSamples, UsePortal};
use crate::accounts::{Actor, May};
use crate::app::Lis;
use crate::audit::canonical::canonical;
use crate::db::{Conn, Tx};
use crate::domain::ids::{JobId, SampleId};
use crate::domain::refusal::{Fact, Fault, NOT_FOUND, Outcome};
use crate::enterprises::actions as enterprises;
use crate::files;
use crate::jobs;
use crate::mail::{self, NewMail};
use crate::pdf::documents::{Laboratory, Party, RejectionNote, RejectionReason, Signature};
use crate::web::language::Language;

/// The kind of job, and the beginning of its key.
pub const JOB: &str = "rejection-note";

const PDF: &str = "application/pdf";

/// Has the note of a rejection set and sent.
pub(super) fn queue(tx: &mut Tx, receipt_no: &str) -> Outcome<()> {
    jobs::queue(tx, JOB, &format!("{JOB}:{receipt_no}"), &json!({"receipt": receipt_no}))?;
    Ok(())
}

/// Sets the note of a rejection, keeps it and queues the mails that bring it. A second run finds it kept.
pub fn run(lis: &Lis, job: JobId, payload: &Value) -> Outcome<()> {
    let receipt_no: String = serde_json::from_value(payload["receipt"].clone()).map_err(Fault::broken)?;
    let Some(rejected) = lis.db.read_now(|conn| rejected(conn, &receipt_no))? else {
        return Ok(());
    };
    let note = filled(&rejected, lis.letterhead());
    let at = rejected.row.received_at.utc();
    let bytes = lis.typesetter.rejection_note(&note, at).map_err(Fault::broken)?;
    let sha256 = lis.files.put(&bytes)?;
    let document = canonical(&serde_json::to_value(&note).map_err(Fault::broken)?);
    let by = Actor::system("jobs", format!("job:{job}"));
    lis.db.write_now(move |tx| keep(tx, &by, &rejected, &document, (&sha256, bytes.len())))
}

/// What a note is made of.
struct Rejected {
    row: RejectionRow,
    receipt: Receipt,
    sample: SampleFacts,
    custodian: String,
    /// Who is told: the client who ordered, else the ordering authority and the sampler who wrote the form.
    contacts: Vec<Contact>,
    language: Language,
}

/// `None`: it is kept already.
fn rejected(conn: &mut Conn, receipt_no: &str) -> Outcome<Option<Rejected>> {
    let row = store::rejection(conn, receipt_no)?.ok_or(NOT_FOUND)?;
    if store::note_of(conn, row.id)?.is_some() {
        return Ok(None);
    }
    let receipt: Receipt = serde_json::from_str(&row.document).map_err(Fault::broken)?;
    let sample = store::sample(conn, row.sample_id)?.ok_or(NOT_FOUND)?;
    let client = sample.client_id.filter(|_| sample.sample_type == SampleType::Entrusted);
    let (mut contacts, language) = match client {
        Some(client) => (contacts_of_enterprises(conn, &[client])?, enterprises::facts(conn, client)?.language),
        None => {
            let mut contacts = contacts_of(conn, &[sample.entered_by])?;
            if let Some(region) = &sample.ordering_region {
                contacts.extend(contacts_of_region(conn, region)?);
            }
            (contacts, Language::default())
        }
    };
    contacts.dedup_by(|a, b| a.email == b.email);
    let custodian = names_of(conn, &[row.custodian_id])?.remove(&row.custodian_id).unwrap_or_default();
    Ok(Some(Rejected { row, receipt, sample, custodian, contacts, language }))
}

fn filled(rejected: &Rejected, laboratory: Laboratory) -> RejectionNote {
    let Rejected { row, receipt, sample, custodian, contacts, language } = rejected;
    let (language, form) = (*language, &sample.form);
    let given = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
    let received_on = row.received_at.date_in_china().to_string();
    RejectionNote {
        language: language.into(),
        note_no: row.receipt_no.clone(),
        laboratory,
        sample_name: sample.sample_name.clone(),
        form_no: given(&sample.form_no),
        spec: given(&form.spec),
        batch_no: given(&sample.batch_no),
        quantity: form.qty_total.as_ref().map(|total| format!("{total} {}", form.qty_unit).trim().to_owned()),
        sender: Party {
            name: sample.ordering_name.clone(),
            contact: given(&format!("{} {}", form.contact, form.phone)).filter(|_| sample.client_id.is_some()),
            ..Party::default()
        },
        deliverer: given(&receipt.deliverer),
        delivery: Some(language.text(&receipt.delivery.word())),
        arrived_at: receipt.arrived_at.to_string(),
        reasons: reasons(receipt, language),
        handling: Some(language.text("rejection-handling")),
        told: (!contacts.is_empty())
            .then(|| language.text_with("rejection-told", &[("date", Fact::Text(received_on.clone()))])),
        rejected_on: received_on,
        custodian: Signature {
            name: custodian.clone(),
            position: Some(language.text("role-custodian")),
            signed_at: row.received_at.to_string(),
        },
    }
}

/// The reason that was given, then every line of the checklist that failed.
fn reasons(receipt: &Receipt, language: Language) -> Vec<RejectionReason> {
    let given = receipt.reason.map(|reason| RejectionReason {
        code: reason.code().to_owned(),
        text: language.text(&reason.word()),
        detail: (!receipt.reason_text.is_empty()).then(|| receipt.reason_text.clone()),
    });
    let failed = receipt.checks.iter().filter(|line| line.answer == CheckAnswer::No).map(|line| RejectionReason {
        code: String::new(),
        text: language.text(&format!("rejection-check-{}", line.check.replace('_', "-"))),
        detail: (!line.note.is_empty()).then(|| line.note.clone()),
    });
    given.into_iter().chain(failed).collect()
}

fn keep(tx: &mut Tx, by: &Actor, rejected: &Rejected, document: &str, file: (&str, usize)) -> Outcome<()> {
    let (row, (sha256, byte_count)) = (&rejected.row, file);
    if store::note_of(tx.conn, row.id)?.is_some() {
        return Ok(());
    }
    let file_name = format!("{}.pdf", row.receipt_no);
    files::name(tx, sha256, byte_count, PDF, &file_name)?;
    store::insert_note(tx.conn, &NewNote { receipt_id: row.id, document, file_sha256: sha256, created_at: tx.now })?;
    let told = tell(tx, rejected, (sha256, &file_name))?;
    let sample = &rejected.sample;
    tx.log(
        by.entry("sample", sample.id.0, sample.version, "sample-rejection-told")
            .set("receipt_no", row.receipt_no.as_str())
            .set("file_sha256", sha256)
            .set("told", told),
    );
    Ok(())
}

/// Queues the mails with the note; says to how many.
fn tell(tx: &mut Tx, rejected: &Rejected, (sha256, file_name): (&str, &str)) -> Outcome<usize> {
    let Rejected { row, receipt, sample, .. } = rejected;
    let reason = receipt.reason.map(|reason| reason.word()).unwrap_or_default();
    let mails: Vec<NewMail> = rejected
        .contacts
        .iter()
        .map(|contact| {
            let facts: [(&'static str, Fact); 6] = [
                ("form_no", sample.form_no.as_str().into()),
                ("sample", sample.sample_name.as_str().into()),
                ("receipt_no", row.receipt_no.as_str().into()),
                ("reason", Fact::word(&reason)),
                ("code", receipt.reason.map_or("", |reason| reason.code()).into()),
                ("text", receipt.reason_text.as_str().into()),
            ];
            NewMail {
                key: format!("sample-rejected:{}:{}", row.receipt_no, contact.email),
                recipient: contact.email.clone(),
                language: contact.language,
                subject: contact.language.text_with("mail-rejected-subject", &facts),
                body: contact.language.text_with("mail-rejected-body", &facts),
                attachment: Some((sha256.to_owned(), file_name.to_owned())),
                about: ("sample", sample.id.0),
            }
        })
        .collect();
    mail::queue_all(tx, &mails)?;
    Ok(mails.len())
}

/// The note of a sample's rejection and its number, for whom it concerns: the laboratory, the client who ordered, the sampler
/// who wrote the form, the authority that ordered and those above it.
///
/// # Errors
/// `not-found` for everybody else, and before it is set.
pub(super) fn of_sample(conn: &mut Conn, who: &Actor, id: SampleId) -> Outcome<(String, String)> {
    let sample = store::sample(conn, id)?.ok_or(NOT_FOUND)?;
    let is_client =
        May::<UsePortal>::check(who).is_some() && sample.client_id.is_some_and(|client| who.enterprise == Some(client));
    let is_authority =
        May::<ReadFailingResults>::check(who).is_some()
            && sample.ordering_region.as_ref().zip(who.region.as_ref()).is_some_and(|(ordering, own)| {
                sample.client_id.is_none() && ordering.as_str().starts_with(own.as_str())
            });
    let is_sampler = sample.client_id.is_none() && sample.entered_by == who.person;
    if May::<SeeSamples>::check(who).is_none() && !is_client && !is_authority && !is_sampler {
        return Err(NOT_FOUND.into());
    }
    let row = store::rejection_of(conn, id)?.ok_or(NOT_FOUND)?;
    let sha256 = store::note_of(conn, row.id)?.ok_or(NOT_FOUND)?;
    Ok((sha256, row.receipt_no))
}

/// Whether the note of a sample's rejection is set.
pub(super) fn is_set(conn: &mut Conn, id: SampleId) -> Outcome<bool> {
    Ok(match store::rejection_of(conn, id)? {
        Some(row) => store::note_of(conn, row.id)?.is_some(),
        None => false,
    })
}
