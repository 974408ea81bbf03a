//! Recall (收回): issued reports are withdrawn, by their signatory or because they stand on a result which does not hold.
//! Their check pages say so from that moment on; who got the report is told by one mail, the authorities by one event of
//! their feed.

use super::actions::{require, wrong_state};
use super::document::Letterhead;
use super::state::ReportEvent;
use super::store::{self, ReportRow, concerned, gathered};
use crate::accounts::role::ManageQuality;
use crate::accounts::{Actor, May};
use crate::cases::actions as cases;
use crate::config::Config;
use crate::db::Tx;
use crate::domain::ids::ReportId;
use crate::domain::refusal::{Fact, Outcome, Reasons};
use crate::mail::{self, NewMail};

/// Who recalls, as the mails say it.
pub struct Recaller {
    letterhead: Letterhead,
    laboratory: String,
}

impl Recaller {
    pub fn of(config: &Config) -> Self {
        Self { letterhead: Letterhead::of(config), laboratory: config.laboratory_name.clone() }
    }
}

/// Withdraws issued reports; all or none.
///
/// # Errors
/// `report-wrong-state` names every report that cannot be withdrawn.
pub fn recall(
    tx: &mut Tx,
    by: &May<ManageQuality>,
    recaller: &Recaller,
    ids: &[ReportId],
    reason: &str,
) -> Outcome<()> {
    let reports = store::reports(tx.conn, ids)?;
    let mut reasons = Reasons::new();
    for report in &reports {
        let state = report.state();
        reasons.add_if(state.after(ReportEvent::Withdraw).is_none(), || wrong_state(&report.report_no, state));
    }
    reasons.none()?;
    for report in &reports {
        withdraw_and_tell(tx, by, recaller, report, reason)?;
    }
    Ok(())
}

/// Withdraws a report at the version that was seen, and tells whom it concerns.
pub(super) fn withdraw_and_tell(
    tx: &mut Tx,
    by: &Actor,
    recaller: &Recaller,
    report: &ReportRow,
    reason: &str,
) -> Outcome<()> {
    let state = report.state();
    let next = state.after(ReportEvent::Withdraw).ok_or_else(|| wrong_state(&report.report_no, state))?;
    require(store::set_state(tx.conn, report.id, report.version, next)?)?;
    let entry = by.entry("report", report.id.0, report.version + 1, "report-withdrawn");
    tx.log(entry.change("state", report.state.as_str(), next.code()).set("reason", reason));
    queue_mails(tx, recaller, report, reason)?;
    cases::report_recalled(tx, by, report.sample_id, report.id)
}

/// To everybody who got the report, and to who was served a failing result that rests on it.
fn queue_mails(tx: &mut Tx, recaller: &Recaller, report: &ReportRow, reason: &str) -> Outcome<()> {
    let sample = gathered::sample_facts(tx.conn, report.sample_id)?;
    let recipients = concerned::recipients(tx.conn, &sample, true)?;
    let mails: Vec<NewMail> = recipients
        .into_iter()
        .map(|(recipient, language)| {
            let facts = [
                ("number", report.report_no.clone()),
                ("reason", reason.to_owned()),
                ("sample", sample.sample_name.clone()),
                ("batch", sample.batch_no.clone()),
                ("link", recaller.letterhead.verification_url(&report.verification_code)),
                ("laboratory", recaller.laboratory.clone()),
            ];
            let facts = facts.map(|(name, text)| (name, Fact::Text(text)));
            NewMail {
                key: format!("report:{}:recalled:{}", report.id, recipient.to_lowercase()),
                subject: language.text_with("mail-report-recalled-subject", &facts),
                body: language.text_with("mail-report-recalled-body", &facts),
                recipient,
                language,
                attachment: None,
                about: ("report", report.id.0),
            }
        })
        .collect();
    mail::queue_all(tx, &mails)?;
    Ok(())
}
