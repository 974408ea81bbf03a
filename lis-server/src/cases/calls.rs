//! What this room asks of others, in one place: direct queries on the tables of `samples`, `testing`, `reports`,
//! `enterprises` and `mail`, and the shipped catalogue.

use std::sync::OnceLock;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::accounts::actions::contacts_of_enterprise;
use crate::catalogue::reference::{AnalyteKind, Reference};
use crate::db::schema::{part, plan_line, report, result_version, sample, sampling_form, sampling_plan, test_item};
use crate::db::{Conn, Tx};
use crate::domain::calendar::{CalendarException, WorkingCalendar};
use crate::domain::clock::Moment;
use crate::domain::ids::{CampaignId, EnterpriseId, ReportId, SampleId};
use crate::domain::refusal::{Fact, Fault, Outcome};
use crate::mail::{self, NewMail};

/// The working calendar. (`catalogue::actions::current`.)
pub fn calendar() -> Outcome<&'static WorkingCalendar> {
    static MADE: OnceLock<WorkingCalendar> = OnceLock::new();
    if let Some(made) = MADE.get() {
        return Ok(made);
    }
    let shipped = Reference::shipped().map_err(|_| Fault::broken("the shipped reference data cannot be read"))?;
    let rows = shipped.calendar.iter().map(|day| CalendarException { date: day.date, kind: day.kind });
    let made = WorkingCalendar::new(rows).map_err(Fault::broken)?;
    Ok(MADE.get_or_init(|| made))
}

/// What a case shows of its sample. (`samples::actions::facts_of`.)
#[derive(Queryable, Clone, Debug)]
pub struct SampleShown {
    pub id: SampleId,
    pub sample_no: Option<String>,
    pub form_no: String,
    pub sample_name: String,
    pub batch_no: String,
    pub production_date: Option<NaiveDate>,
    pub expiry_date: Option<NaiveDate>,
    pub sampled_at: Option<Moment>,
    pub ordering_name: String,
    pub ordering_region: Option<String>,
    pub unit_id: Option<EnterpriseId>,
    pub unit_name: String,
    pub unit_region: Option<String>,
    pub producer_id: Option<EnterpriseId>,
    pub producer_name: String,
    pub producer_region: Option<String>,
    pub platform_region: Option<String>,
}

pub fn samples(conn: &mut Conn, ids: &[SampleId]) -> QueryResult<Vec<SampleShown>> {
    sample::table
        .inner_join(sampling_form::table)
        .filter(sample::id.eq_any(ids.iter().map(|id| id.0)))
        .select((
            sample::id,
            sample::sample_no,
            sampling_form::form_no,
            sampling_form::sample_name,
            sampling_form::batch_no,
            sampling_form::production_date,
            sampling_form::expiry_date,
            sampling_form::sampled_at,
            sampling_form::ordering_name,
            sampling_form::ordering_region,
            sampling_form::unit_id,
            sampling_form::unit_name,
            sampling_form::unit_region,
            sampling_form::producer_id,
            sampling_form::producer_name,
            sampling_form::producer_region,
            sampling_form::platform_region,
        ))
        .load(conn)
}

/// A report as a case names it. (`reports::actions::facts`.)
#[derive(Queryable, Clone, Debug)]
pub struct ReportShown {
    pub id: ReportId,
    pub sample_id: SampleId,
    pub report_no: String,
    pub verification_code: String,
    pub issued_at: Option<Moment>,
    pub file_sha256: Option<String>,
}

pub fn reports(conn: &mut Conn, ids: &[ReportId]) -> QueryResult<Vec<ReportShown>> {
    report::table
        .filter(report::id.eq_any(ids.iter().map(|id| id.0)))
        .select((
            report::id,
            report::sample_id,
            report::report_no,
            report::verification_code,
            report::issued_at,
            report::file_sha256,
        ))
        .load(conn)
}

/// One version of one item's result. (`testing::actions::items_of`, which knows the newest only.)
#[derive(Queryable, Clone, Debug)]
pub struct ResultShown {
    pub sample_id: SampleId,
    pub item_id: i64,
    pub seq: i64,
    pub analyte: String,
    pub analyte_zh: String,
    pub analyte_en: String,
    pub limit_standards: String,
    pub limit_key: String,
    pub unit: String,
    pub reported: String,
    pub verdict: String,
    pub record: String,
    pub at: Moment,
}

/// All results of samples, by item and version: a report shows those that stood when it was issued.
pub fn results(conn: &mut Conn, samples: &[SampleId]) -> QueryResult<Vec<ResultShown>> {
    test_item::table
        .inner_join(result_version::table.on(result_version::item_id.eq(test_item::id)))
        .filter(test_item::sample_id.eq_any(samples.iter().map(|id| id.0)))
        .order((test_item::sample_id, test_item::seq, result_version::version_no))
        .select((
            test_item::sample_id,
            test_item::id,
            test_item::seq,
            test_item::analyte,
            test_item::analyte_zh,
            test_item::analyte_en,
            test_item::limit_standards,
            result_version::limit_key,
            result_version::unit,
            result_version::reported,
            result_version::verdict,
            result_version::record,
            result_version::at,
        ))
        .load(conn)
}

/// The limit in words, as the catalogue names its row; the stored key when the row is the laboratory's own.
pub fn limit_text(key: &str) -> String {
    let row = Reference::shipped().ok().and_then(|shipped| shipped.limits.iter().find(|row| row.key == key));
    match row {
        Some(row) => format!("{} {} {}", row.rule.kind(), row.rule.value(), row.unit).trim().to_owned(),
        None => key.to_owned(),
    }
}

pub fn is_microbiology(analyte: &str) -> bool {
    Reference::shipped()
        .ok()
        .and_then(|shipped| shipped.analytes.get(analyte))
        .is_some_and(|analyte| analyte.kind == AnalyteKind::Microbiology)
}

/// Where backup parts are: sample, place, quantity, unit, retention, kept until.
pub type Backup = (SampleId, String, String, String, String, Option<NaiveDate>);

pub fn backups(conn: &mut Conn, samples: &[SampleId]) -> QueryResult<Vec<Backup>> {
    part::table
        .filter(part::sample_id.eq_any(samples.iter().map(|id| id.0)))
        .filter(part::role.eq("backup"))
        .order(part::id)
        .select((part::sample_id, part::location, part::quantity, part::unit, part::retention, part::keep_until))
        .load(conn)
}

/// Samples of a campaign's plans.
pub fn samples_of_campaign(conn: &mut Conn, campaign: CampaignId) -> QueryResult<Vec<SampleId>> {
    sample::table
        .inner_join(sampling_form::table)
        .inner_join(plan_line::table.on(sampling_form::plan_line_id.eq(plan_line::id.nullable())))
        .inner_join(sampling_plan::table.on(sampling_plan::id.eq(plan_line::plan_id)))
        .filter(sampling_plan::campaign_id.eq(campaign))
        .select(sample::id)
        .load(conn)
}

/// Tells an enterprise's people by mail, each in his language, once per key. The texts are
/// `mail-TEXT-subject` and `mail-TEXT-body` with the fact `case`.
pub fn tell(tx: &mut Tx, key: &str, enterprise: EnterpriseId, text: &str, case_no: &str, about: i64) -> Outcome<()> {
    let facts = [("case", Fact::from(case_no))];
    let mails: Vec<NewMail> = contacts_of_enterprise(tx.conn, enterprise)?
        .into_iter()
        .map(|contact| NewMail {
            key: format!("{key}:{}", contact.person),
            subject: contact.language.text_with(&format!("mail-{text}-subject"), &facts),
            body: contact.language.text_with(&format!("mail-{text}-body"), &facts),
            recipient: contact.email,
            language: contact.language,
            attachment: None,
            about: ("failing_case", about),
        })
        .collect();
    mail::queue_all(tx, &mails)?;
    Ok(())
}
