//! From the fixed document to the issued file: the job that prints, stores and issues.

use serde_json::Value;
use tracing::warn;

use super::actions;
use super::document::Letterhead;
use super::state::{ReportEvent, ReportState};
use super::store::gathered::{self, ItemFacts};
use super::store::{self, ReportRow, concerned};
use crate::accounts::Actor;
use crate::app::Lis;
use crate::cases::actions::{self as cases, IssuedReport};
use crate::db::Tx;
use crate::domain::ids::{JobId, ReportId};
use crate::domain::refusal::{Fact, Fault, NOT_FOUND, Outcome, Reason};
use crate::files;
use crate::mail::{self, NewMail};
use crate::pdf::Template;
use crate::quality::gates::actions as gates;
use crate::quality::gates::state::{Gate, Mode};
use crate::samples::actions as samples;
use crate::samples::state::SampleEvent;

/// The kind of job, and the beginning of its key.
pub const JOB: &str = "report-issue";

const PDF: &str = "application/pdf";

/// Prints an authorized report and issues it, unless something was found against its items since. A second run makes the same file and finds the report issued.
pub fn run(lis: &Lis, job: JobId, payload: &Value) -> Outcome<()> {
    let id: ReportId = serde_json::from_value(payload["report"].clone()).map_err(Fault::broken)?;
    let (report, document) = lis.db.read_now(|conn| {
        let report = store::report(conn, id)?.ok_or(NOT_FOUND)?;
        let document = match report.state() {
            ReportState::Authorized => Some(actions::fixed_document(conn, id)?),
            _ => None,
        };
        Ok((report, document))
    })?;
    let (Some(document), Some(authorized_at)) = (document, report.authorized_at) else {
        return Ok(());
    };
    let bytes = lis.typesetter.render(Template::TestReport, &document, authorized_at.utc()).map_err(Fault::broken)?;
    let sha256 = lis.files.put(&bytes)?;
    let letterhead = Letterhead::of(&lis.config);
    let laboratory = lis.config.laboratory_name.clone();
    let by = Actor::system("jobs", format!("job:{job}"));
    lis.db.write_now(move |tx| issue(tx, &by, &letterhead, &laboratory, id, &sha256, bytes.len()))
}

fn issue(
    tx: &mut Tx,
    by: &Actor,
    letterhead: &Letterhead,
    laboratory: &str,
    id: ReportId,
    sha256: &str,
    byte_count: usize,
) -> Outcome<()> {
    let report = store::report(tx.conn, id)?.ok_or(NOT_FOUND)?;
    let Some(next) = report.state().after(ReportEvent::Issue) else {
        return Ok(());
    };
    gathered::lock_items(tx.conn, report.sample_id)?;
    let items = gathered::items_of(tx.conn, &[report.sample_id])?;
    let mut against = actions::content_reasons(&items);
    against.extend(held(tx, &items)?);
    if !against.is_empty() {
        return stop(tx, by, &report, &against);
    }
    let file_name = format!("{}.pdf", report.report_no);
    files::name(tx, sha256, byte_count, PDF, &file_name)?;
    if !store::set_issued(tx.conn, id, report.version, sha256, tx.now)? {
        return Err(Fault::broken("the report was changed while it was issued"));
    }
    let entry = by.entry("report", id.0, report.version + 1, "report-issued");
    tx.log(
        entry
            .change("state", report.state.as_str(), next.code())
            .set("file_sha256", sha256)
            .set("conclusion", report.conclusion.as_str()),
    );
    let old = match report.amends_id {
        Some(old) => replace(tx, by, old, &report)?,
        None => None,
    };
    queue_mails(tx, letterhead, laboratory, &report, old.as_ref(), (sha256, &file_name))?;
    close_sample(tx, by, &report)?;
    let issued = IssuedReport {
        report_id: id,
        report_no: report.report_no.clone(),
        sample_id: report.sample_id,
        conclusion: report.conclusion.clone(),
        amends: report.amends_id,
        issued_at: tx.now,
    };
    cases::report_issued(tx, by, &issued)
}

/// Items that a failed control holds, where that blocks on the day; where it only warns the signers went past it.
fn held(tx: &mut Tx, items: &[ItemFacts]) -> Outcome<Option<Reason>> {
    let Some(reason) = actions::held_by_controls(items) else { return Ok(None) };
    let mode = gates::settings(tx.conn)?.mode(Gate::Controls, tx.now.date_in_china());
    Ok((mode == Mode::Block).then_some(reason))
}

/// Between the signature and the file something was found against its items: non-conforming work holds them, or one is not
/// checked any more. Nothing leaves; the report goes back to its reviewer, who sees what stands against it, and is signed
/// again when that is settled.
fn stop(tx: &mut Tx, by: &Actor, report: &ReportRow, against: &[Reason]) -> Outcome<()> {
    let Some(next) = report.state().after(ReportEvent::Stop) else {
        return Ok(());
    };
    if !store::set_stopped(tx.conn, report.id, report.version, next)? {
        return Err(Fault::broken("the report was changed while its issue was stopped"));
    }
    let codes: Vec<&str> = against.iter().map(|reason| reason.problem.code).collect();
    warn!(report = report.report_no, reasons = codes.join(" "), "A report is not issued and goes back to its reviewer");
    let entry = by.entry("report", report.id.0, report.version + 1, "report-issue-stopped");
    let entry = entry.change("state", report.state.as_str(), next.code());
    tx.log(entry.change("conclusion", report.conclusion.as_str(), "").set("reason", codes.join(" ")));
    Ok(())
}

/// The sample has its report: its way is at its end, and its parts are kept for their time from today on. An amendment
/// finds it closed.
fn close_sample(tx: &mut Tx, by: &Actor, report: &ReportRow) -> Outcome<()> {
    samples::progress_all(tx, by, &[report.sample_id], SampleEvent::Close)?;
    samples::conclude(tx, by, report.sample_id, tx.now.date_in_china(), report.conclusion != "fail")
}

/// The report that was amended is replaced from this moment on.
fn replace(tx: &mut Tx, by: &Actor, old: ReportId, new: &ReportRow) -> Outcome<Option<ReportRow>> {
    let old = store::report(tx.conn, old)?.ok_or(NOT_FOUND)?;
    if let Some(next) = old.state().after(ReportEvent::Replace) {
        if !store::set_state(tx.conn, old.id, old.version, next)? {
            return Err(Fault::broken("the replaced report was changed while its successor was issued"));
        }
        let entry = by.entry("report", old.id.0, old.version + 1, "report-replaced");
        tx.log(entry.change("state", old.state.as_str(), next.code()).set("by_report", new.id.0));
    }
    Ok(Some(old))
}

fn queue_mails(
    tx: &mut Tx,
    letterhead: &Letterhead,
    laboratory: &str,
    report: &ReportRow,
    old: Option<&ReportRow>,
    (sha256, file_name): (&str, &str),
) -> Outcome<()> {
    let sample = gathered::sample_facts(tx.conn, report.sample_id)?;
    let recipients = concerned::recipients(tx.conn, &sample, old.is_some())?;
    let mails: Vec<NewMail> = recipients
        .into_iter()
        .map(|(recipient, language)| {
            let facts = [
                ("number", report.report_no.clone()),
                ("old", old.map(|old| old.report_no.clone()).unwrap_or_default()),
                ("reason", report.amendment_reason.clone()),
                ("sample", sample.sample_name.clone()),
                ("batch", sample.batch_no.clone()),
                ("link", letterhead.verification_url(&report.verification_code)),
                ("laboratory", laboratory.to_owned()),
            ];
            let facts = facts.map(|(name, text)| (name, Fact::Text(text)));
            let what = if old.is_some() { "replaced" } else { "issued" };
            NewMail {
                key: format!("report:{}:{what}:{}", report.id, recipient.to_lowercase()),
                subject: language.text_with(&format!("mail-report-{what}-subject"), &facts),
                body: language.text_with(&format!("mail-report-{what}-body"), &facts),
                recipient,
                language,
                attachment: Some((sha256.to_owned(), file_name.to_owned())),
                about: ("report", report.id.0),
            }
        })
        .collect();
    mail::queue_all(tx, &mails)?;
    Ok(())
}
