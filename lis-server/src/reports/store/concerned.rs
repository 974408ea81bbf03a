//! Whom a sample and its report concern: its client, whoever was served its failing result, its region's regulator. Read
//! across rooms (decision 0012).

use diesel::prelude::*;

use super::ReportRow;
use super::gathered::SampleFacts;
use crate::accounts::Actor;
use crate::accounts::role::Role;
use crate::db::schema::{case_relation, case_service, failing_case, report, sample, sampling_form};
use crate::db::{Conn, cols};
use crate::domain::clock::Moment;
use crate::domain::ids::{EnterpriseId, FormId, SampleId};
use crate::domain::refusal::Outcome;
use crate::samples::SampleType;
use crate::web::language::Language;

/// The enterprises that were served the failing result of a sample.
pub fn served_enterprises(conn: &mut Conn, sample: SampleId) -> Outcome<Vec<EnterpriseId>> {
    let found: Vec<Option<EnterpriseId>> = case_service::table
        .inner_join(failing_case::table)
        .filter(failing_case::sample_id.eq(sample))
        .select(case_service::enterprise_id)
        .load(conn)?;
    Ok(found.into_iter().flatten().collect())
}

/// The samples whose failing result was served on an enterprise.
pub fn samples_served_on(conn: &mut Conn, enterprise: EnterpriseId) -> Outcome<Vec<SampleId>> {
    Ok(case_service::table
        .inner_join(failing_case::table)
        .filter(case_service::enterprise_id.eq(enterprise))
        .select(failing_case::sample_id)
        .load(conn)?)
}

/// Whether a regulator's region has to do with the failing case of a sample. What a client entrusted is his alone.
pub fn concerns_region(conn: &mut Conn, id: SampleId, region: &str) -> Outcome<bool> {
    let found: i64 = case_relation::table
        .inner_join(failing_case::table.inner_join(sample::table))
        .filter(sample::id.eq(id))
        .filter(sample::sample_type.ne(SampleType::Entrusted.code()))
        .filter(case_relation::region_code.like(format!("{region}%")))
        .count()
        .get_result(conn)?;
    Ok(found > 0)
}

/// Whether a person has to do with a sample as its client, as served enterprise, as the authority that ordered it or that its
/// failing case concerns.
pub fn concerns(conn: &mut Conn, who: &Actor, id: SampleId) -> Outcome<bool> {
    if let Some(enterprise) = who.enterprise.filter(|_| who.roles.contains(&Role::Enterprise)) {
        let own: i64 = sample::table
            .filter(sample::id.eq(id))
            .filter(sample::client_id.eq(enterprise))
            .count()
            .get_result(conn)?;
        return Ok(own > 0 || served_enterprises(conn, id)?.contains(&enterprise));
    }
    match &who.region {
        Some(region) if who.roles.contains(&Role::Regulator) => {
            Ok(is_ordered_by(conn, id, region.as_str())? || concerns_region(conn, id, region.as_str())?)
        }
        _ => Ok(false),
    }
}

/// Whether a region, or one below it, had a sample taken. A client's own order is nobody's sampling.
fn is_ordered_by(conn: &mut Conn, id: SampleId, region: &str) -> Outcome<bool> {
    let found: i64 = sample::table
        .inner_join(sampling_form::table)
        .filter(sample::id.eq(id))
        .filter(sample::sample_type.ne(SampleType::Entrusted.code()))
        .filter(sampling_form::ordering_region.like(format!("{region}%")))
        .count()
        .get_result(conn)?;
    Ok(found > 0)
}

/// A report with the sample's number, the form's number, and the names of the goods and of the unit.
pub type OrderedReport = (ReportRow, Option<String>, String, String, String);

/// Issued reports on samples that a region, or one below it, had taken, newest first, before an id (exclusive).
pub fn ordered_by(conn: &mut Conn, region: &str, before: Option<i64>, limit: i64) -> Outcome<Vec<OrderedReport>> {
    Ok(report::table
        .inner_join(sample::table.inner_join(sampling_form::table))
        .filter(sample::sample_type.ne(SampleType::Entrusted.code()))
        .filter(sampling_form::ordering_region.like(format!("{region}%")))
        .filter(report::issued_at.is_not_null())
        .filter(report::id.lt(before.unwrap_or(i64::MAX)))
        .order(report::id.desc())
        .limit(limit)
        .select((
            cols::<ReportRow>(),
            sample::sample_no,
            sampling_form::form_no,
            sampling_form::sample_name,
            sampling_form::unit_name,
        ))
        .load(conn)?)
}

/// A line of the portal: an enterprise's own entrusted sample.
#[derive(Queryable, Clone, Debug)]
pub struct OwnSample {
    pub id: SampleId,
    pub form_id: FormId,
    pub sample_no: Option<String>,
    pub sample_name: String,
    pub batch_no: String,
    pub state: String,
    pub arrived_at: Option<Moment>,
    pub due_on: Option<chrono::NaiveDate>,
    pub due_provisional: bool,
    pub created_at: Moment,
}

/// The samples that an enterprise entrusted, newest first, before an id (exclusive).
pub fn samples_of(conn: &mut Conn, client: EnterpriseId, before: Option<i64>, limit: i64) -> Outcome<Vec<OwnSample>> {
    let mut query = sample::table
        .inner_join(sampling_form::table)
        .filter(sample::client_id.eq(client))
        .order(sample::id.desc())
        .limit(limit)
        .select((
            sample::id,
            sample::form_id,
            sample::sample_no,
            sampling_form::sample_name,
            sampling_form::batch_no,
            sample::state,
            sample::arrived_at,
            sample::due_on,
            sample::due_provisional,
            sample::created_at,
        ))
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(sample::id.lt(before));
    }
    Ok(query.load(conn)?)
}

/// Whom a report is mailed to: the client, and for an amendment whoever was served; each address once.
pub fn recipients(conn: &mut Conn, facts: &SampleFacts, amends: bool) -> Outcome<Vec<(String, Language)>> {
    let mut found: Vec<(String, Language)> = Vec::new();
    let mut enterprises: Vec<EnterpriseId> = Vec::new();
    if let Some(client) = &facts.client {
        if !client.email.is_empty() {
            found.push((client.email.clone(), Language::parse(&client.language).unwrap_or_default()));
        }
        enterprises.push(client.id);
    }
    if amends {
        enterprises.extend(served_enterprises(conn, facts.id)?);
    }
    let contacts = crate::accounts::actions::contacts_of_enterprises(conn, &enterprises)?;
    found.extend(contacts.into_iter().map(|contact| (contact.email, contact.language)));
    let mut seen = std::collections::HashSet::new();
    found.retain(|(email, _)| seen.insert(email.to_lowercase()));
    Ok(found)
}
