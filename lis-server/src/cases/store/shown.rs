//! What a case shows of its sample, report and results: tables of other rooms, read only, by one statement each
//! (decision 0012).

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::Conn;
use crate::db::schema::{part, plan_line, report, sample, sampling_form, sampling_plan, test_item};
use crate::domain::clock::Moment;
use crate::domain::ids::{CampaignId, EnterpriseId, ReportId, SampleId};

/// What a case shows of its sample.
#[derive(Queryable, Clone, Debug)]
pub struct SampleShown {
    pub id: SampleId,
    pub sample_no: Option<String>,
    pub sample_type: String,
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
            sample::sample_type,
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

/// The form of a sample as it was written.
pub fn form_document(conn: &mut Conn, of: SampleId) -> QueryResult<String> {
    let joined = sample::table.inner_join(sampling_form::table).filter(sample::id.eq(of));
    joined.select(sampling_form::document).first(conn)
}

/// A report as a case names it.
#[derive(Queryable, Clone, Debug)]
pub struct ReportShown {
    pub id: ReportId,
    pub sample_id: SampleId,
    pub report_no: String,
    pub verification_code: String,
    pub issued_at: Option<Moment>,
    pub file_sha256: Option<String>,
    pub amends_id: Option<ReportId>,
    pub amendment_reason: String,
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
            report::amends_id,
            report::amendment_reason,
        ))
        .load(conn)
}

/// The documents of reports as their signatories fixed them.
pub fn documents(conn: &mut Conn, ids: &[ReportId]) -> QueryResult<Vec<(ReportId, String)>> {
    report::table.filter(report::id.eq_any(ids.iter().map(|id| id.0))).select((report::id, report::document)).load(conn)
}

/// What is tested of a sample, with its names.
#[derive(Queryable, Clone, Debug)]
pub struct AnalyteShown {
    pub sample_id: SampleId,
    pub analyte: String,
    pub zh: String,
    pub en: String,
}

pub fn analytes(conn: &mut Conn, samples: &[SampleId]) -> QueryResult<Vec<AnalyteShown>> {
    test_item::table
        .filter(test_item::sample_id.eq_any(samples.iter().map(|id| id.0)))
        .order((test_item::sample_id, test_item::seq))
        .select((test_item::sample_id, test_item::analyte, test_item::analyte_zh, test_item::analyte_en))
        .load(conn)
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
