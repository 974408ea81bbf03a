//! Queries of samples, nothing else; those of their parts stand in `store/parts.rs`, those of reviews, of pictures, of
//! notes of rejection, of stays in rooms, of what was used and of what waits beside it.

mod notes;
mod parts;
mod pictures;
mod references;
mod reviews;
mod stays;
mod uses;
mod waiting;

pub use notes::*;
pub use parts::*;
pub use pictures::*;
pub use references::*;
pub use reviews::*;
pub use stays::*;
pub use uses::*;
pub use waiting::*;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::facts::SampleFacts;
use super::state::SampleState;
use super::words::{FormSource, SampleType};
use crate::db::schema::{form_import, sample, sample_receipt, sampling_form};
use crate::db::{Conn, cols, each, in_pieces};
use crate::domain::clock::Moment;
use crate::domain::identifiers::RegionCode;
use crate::domain::ids::{DrawId, EnterpriseId, FormId, ImportId, PersonId, PlanLineId, SampleId};
use crate::domain::refusal::{Fault, Outcome};

#[derive(Queryable, Selectable)]
#[diesel(table_name = sample)]
struct SampleRow {
    id: SampleId,
    version: i64,
    sample_no: Option<String>,
    sample_type: String,
    state: String,
    hold_reason: String,
    client_id: Option<EnterpriseId>,
    arrived_at: Option<Moment>,
    accepted_at: Option<Moment>,
    due_on: Option<NaiveDate>,
    due_provisional: bool,
    created_at: Moment,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = sampling_form)]
struct FormRow {
    id: FormId,
    form_no: String,
    ordering_name: String,
    ordering_region: Option<String>,
    unit_id: Option<EnterpriseId>,
    unit_name: String,
    unit_region: Option<String>,
    producer_id: Option<EnterpriseId>,
    producer_name: String,
    producer_region: Option<String>,
    platform_region: Option<String>,
    sample_name: String,
    food_category: String,
    production_date: Option<NaiveDate>,
    expiry_date: Option<NaiveDate>,
    batch_no: String,
    sampled_at: Option<Moment>,
    document: String,
    entered_by: PersonId,
}

fn facts((row, form): (SampleRow, FormRow)) -> Outcome<SampleFacts> {
    let broken = |what: &str| Fault::broken(format!("sample {} has an unreadable {what}", row.id));
    let region =
        |code: Option<String>| code.map(|code| RegionCode::parse(&code)).transpose().map_err(|_| broken("region"));
    let mut document: super::SamplingForm = serde_json::from_str(&form.document).map_err(Fault::broken)?;
    document.form_no.clone_from(&form.form_no);
    Ok(SampleFacts {
        sample_type: SampleType::parse(&row.sample_type).ok_or_else(|| broken("type"))?,
        state: SampleState::parse(&row.state).ok_or_else(|| broken("state"))?,
        ordering_region: region(form.ordering_region)?,
        unit_region: region(form.unit_region)?,
        producer_region: region(form.producer_region)?,
        platform_region: region(form.platform_region)?,
        id: row.id,
        version: row.version,
        sample_no: row.sample_no,
        hold_reason: row.hold_reason,
        form_id: form.id,
        form_no: form.form_no,
        form: document,
        ordering_name: form.ordering_name,
        unit_id: form.unit_id,
        unit_name: form.unit_name,
        producer_id: form.producer_id,
        producer_name: form.producer_name,
        client_id: row.client_id,
        sample_name: form.sample_name,
        food_category: form.food_category,
        production_date: form.production_date,
        expiry_date: form.expiry_date,
        batch_no: form.batch_no,
        sampled_at: form.sampled_at,
        arrived_at: row.arrived_at,
        accepted_at: row.accepted_at,
        due_on: row.due_on,
        due_provisional: row.due_provisional,
        entered_by: form.entered_by,
        created_at: row.created_at,
    })
}

fn one(found: QueryResult<(SampleRow, FormRow)>) -> Outcome<Option<SampleFacts>> {
    found.optional()?.map(facts).transpose()
}

pub fn sample(conn: &mut Conn, id: SampleId) -> Outcome<Option<SampleFacts>> {
    let joined = sample::table.inner_join(sampling_form::table).filter(sample::id.eq(id));
    one(joined.select((cols::<SampleRow>(), cols::<FormRow>())).first(conn))
}

pub fn samples(conn: &mut Conn, ids: &[SampleId]) -> Outcome<Vec<SampleFacts>> {
    let joined = sample::table.inner_join(sampling_form::table);
    let found: Vec<(SampleRow, FormRow)> = joined
        .filter(sample::id.eq_any(ids.iter().map(|id| id.0)))
        .order(sample::id)
        .select((cols::<SampleRow>(), cols::<FormRow>()))
        .load(conn)?;
    found.into_iter().map(facts).collect()
}

pub fn by_form(conn: &mut Conn, id: FormId) -> Outcome<Option<SampleFacts>> {
    let joined = sample::table.inner_join(sampling_form::table).filter(sampling_form::id.eq(id));
    one(joined.select((cols::<SampleRow>(), cols::<FormRow>())).first(conn))
}

/// By form number or sample number.
pub fn by_number(conn: &mut Conn, number: &str) -> Outcome<Option<SampleFacts>> {
    let joined = sample::table
        .inner_join(sampling_form::table)
        .filter(sampling_form::form_no.eq(number).or(sample::sample_no.eq(number)));
    one(joined.select((cols::<SampleRow>(), cols::<FormRow>())).first(conn))
}

/// State and version, for a step.
pub fn progress(conn: &mut Conn, id: SampleId) -> QueryResult<Option<(i64, String, String)>> {
    sample::table.find(id.0).select((sample::version, sample::state, sample::hold_reason)).first(conn).optional()
}

/// What decides how long the parts of a sample are kept.
pub fn kind_and_expiry(conn: &mut Conn, id: SampleId) -> QueryResult<Option<(String, Option<NaiveDate>)>> {
    sample::table
        .inner_join(sampling_form::table)
        .filter(sample::id.eq(id))
        .select((sample::sample_type, sampling_form::expiry_date))
        .first(conn)
        .optional()
}

/// Moves those of the samples on that are in a state: their ids, new versions and reasons of a hold, in order of id.
pub fn move_all(
    conn: &mut Conn,
    ids: &[SampleId],
    from: SampleState,
    to: SampleState,
) -> QueryResult<Vec<(SampleId, i64, String)>> {
    let rows = sample::table.filter(sample::id.eq_any(ids.iter().map(|id| id.0))).filter(sample::state.eq(from.code()));
    let mut moved: Vec<(SampleId, i64, String)> = diesel::update(rows)
        .set((sample::state.eq(to.code()), sample::version.eq(sample::version + 1)))
        .returning((sample::id, sample::version, sample::hold_reason))
        .get_results(conn)?;
    moved.sort_unstable_by_key(|(id, ..)| *id);
    Ok(moved)
}

/// What a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of the goods' or unit's name, or a whole form or sample number.
    pub text: String,
    pub state: String,
    pub sample_type: String,
    /// Orders of one enterprise only.
    pub client: Option<EnterpriseId>,
    /// Forms of one person only.
    pub entered_by: Option<PersonId>,
    /// Only those that still wait for receipt.
    pub to_receive: bool,
    /// Only these.
    pub among: Option<Vec<SampleId>>,
    /// Ids below this one; 0: from the newest.
    pub before: i64,
}

/// Newest first.
pub fn list(conn: &mut Conn, filter: &Filter, limit: i64) -> Outcome<Vec<SampleFacts>> {
    let mut query = sample::table.inner_join(sampling_form::table).into_boxed();
    if filter.before > 0 {
        query = query.filter(sample::id.lt(filter.before));
    }
    if !filter.text.is_empty() {
        let escaped = filter.text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let part = format!("%{escaped}%");
        query = query.filter(
            sampling_form::sample_name
                .like(part.clone())
                .escape('\\')
                .or(sampling_form::unit_name.like(part).escape('\\'))
                .or(sampling_form::form_no.eq(filter.text.clone()))
                .or(sample::sample_no.eq(filter.text.clone())),
        );
    }
    if !filter.state.is_empty() {
        query = query.filter(sample::state.eq(filter.state.clone()));
    }
    if !filter.sample_type.is_empty() {
        query = query.filter(sample::sample_type.eq(filter.sample_type.clone()));
    }
    if let Some(client) = filter.client {
        query = query.filter(sample::client_id.eq(client.0));
    }
    if let Some(person) = filter.entered_by {
        query = query.filter(sampling_form::entered_by.eq(person.0));
    }
    if let Some(among) = &filter.among {
        query = query.filter(sample::id.eq_any(among.iter().map(|id| id.0)));
    }
    if filter.to_receive {
        query = query.filter(sample::state.eq_any([SampleState::Sealed.code(), SampleState::Arrived.code()]));
    }
    let rows: Vec<(SampleRow, FormRow)> =
        query.order(sample::id.desc()).limit(limit).select((cols::<SampleRow>(), cols::<FormRow>())).load(conn)?;
    rows.into_iter().map(facts).collect()
}

#[derive(Insertable)]
#[diesel(table_name = sampling_form, treat_none_as_default_value = false)]
pub struct NewForm {
    pub version: i64,
    pub form_no: String,
    pub source: &'static str,
    pub client_uuid: Option<String>,
    pub import_id: Option<ImportId>,
    pub plan_line_id: Option<PlanLineId>,
    pub draw_id: Option<DrawId>,
    pub task_category: &'static str,
    pub ordering_name: String,
    pub ordering_region: Option<String>,
    pub unit_id: Option<EnterpriseId>,
    pub unit_name: String,
    pub unit_region: Option<String>,
    pub producer_id: Option<EnterpriseId>,
    pub producer_name: String,
    pub producer_region: Option<String>,
    pub platform_region: Option<String>,
    pub sample_name: String,
    pub food_category: String,
    pub production_date: Option<NaiveDate>,
    pub expiry_date: Option<NaiveDate>,
    pub batch_no: String,
    pub sampled_at: Option<Moment>,
    pub document: String,
    pub done_at: Moment,
    pub entered_at: Moment,
    pub entered_by: PersonId,
}

/// Inserts a form; `None` when its client UUID or its number is there already.
pub fn insert_form(conn: &mut Conn, row: &NewForm) -> QueryResult<Option<FormId>> {
    each!(conn, c => diesel::insert_into(sampling_form::table)
        .values(row)
        .on_conflict_do_nothing()
        .returning(sampling_form::id)
        .get_result(c)
        .optional())
}

/// Forms of one statement: 27 values each, below the limits of both databases.
const FORMS_OF_A_STATEMENT: usize = 500;

pub fn insert_forms(conn: &mut Conn, rows: &[NewForm]) -> QueryResult<()> {
    for rows in rows.chunks(FORMS_OF_A_STATEMENT) {
        each!(conn, c => diesel::insert_into(sampling_form::table).values(rows).execute(c))?;
    }
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = sample, treat_none_as_default_value = false)]
pub struct NewSample {
    pub version: i64,
    pub form_id: FormId,
    pub sample_type: &'static str,
    pub state: &'static str,
    pub hold_reason: &'static str,
    pub client_id: Option<EnterpriseId>,
    pub due_provisional: bool,
    pub created_at: Moment,
}

pub fn insert_sample(conn: &mut Conn, row: &NewSample) -> QueryResult<SampleId> {
    diesel::insert_into(sample::table).values(row).returning(sample::id).get_result(conn)
}

pub fn insert_samples(conn: &mut Conn, rows: &[NewSample]) -> QueryResult<()> {
    for rows in rows.chunks(FORMS_OF_A_STATEMENT) {
        each!(conn, c => diesel::insert_into(sample::table).values(rows).execute(c))?;
    }
    Ok(())
}

/// The forms of an import with their samples' ids: form id, number, sample id if it has one already.
pub fn forms_of_import(conn: &mut Conn, import: ImportId) -> QueryResult<Vec<(FormId, String, Option<SampleId>)>> {
    sampling_form::table
        .left_join(sample::table)
        .filter(sampling_form::import_id.eq(import))
        .order(sampling_form::id)
        .select((sampling_form::id, sampling_form::form_no, sample::id.nullable()))
        .load(conn)
}

/// A form that somebody wrote, as a list shows it.
#[derive(Queryable, Clone, Debug)]
pub struct WrittenForm {
    pub form_id: FormId,
    pub sample_id: SampleId,
    pub form_no: String,
    pub client_uuid: Option<String>,
    pub sample_name: String,
    pub unit_name: String,
    pub sample_state: String,
    pub sampled_at: Option<Moment>,
    pub entered_at: Moment,
}

/// The forms that a person wrote on the spot, newest first, before an id (exclusive).
pub fn written_by(conn: &mut Conn, person: PersonId, before: Option<i64>, limit: i64) -> QueryResult<Vec<WrittenForm>> {
    sampling_form::table
        .inner_join(sample::table)
        .filter(sampling_form::entered_by.eq(person))
        .filter(sampling_form::source.eq(FormSource::OnSite.code()))
        .filter(sampling_form::id.lt(before.unwrap_or(i64::MAX)))
        .order(sampling_form::id.desc())
        .limit(limit)
        .select((
            sampling_form::id,
            sample::id,
            sampling_form::form_no,
            sampling_form::client_uuid,
            sampling_form::sample_name,
            sampling_form::unit_name,
            sample::state,
            sampling_form::sampled_at,
            sampling_form::entered_at,
        ))
        .load(conn)
}

/// Form and sample of a client UUID or a form number.
pub fn form_of(
    conn: &mut Conn,
    client_uuid: Option<&str>,
    form_no: &str,
) -> QueryResult<Option<(FormId, Option<String>)>> {
    let mut query = sampling_form::table.into_boxed();
    query = match client_uuid {
        Some(uuid) => query
            .filter(sampling_form::client_uuid.eq(uuid.to_owned()).or(sampling_form::form_no.eq(form_no.to_owned()))),
        None => query.filter(sampling_form::form_no.eq(form_no.to_owned())),
    };
    query.order(sampling_form::id).select((sampling_form::id, sampling_form::client_uuid)).first(conn).optional()
}

/// Those of the numbers that are taken.
pub fn taken_numbers(conn: &mut Conn, numbers: &[String]) -> QueryResult<Vec<String>> {
    in_pieces(numbers, |numbers| {
        let query = sampling_form::table.filter(sampling_form::form_no.eq_any(numbers));
        query.select(sampling_form::form_no).load(conn)
    })
}

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = form_import)]
pub struct ImportRow {
    pub mapping: String,
    pub imported_at: Moment,
}

#[derive(Insertable)]
#[diesel(table_name = form_import, treat_none_as_default_value = false)]
pub struct NewImport<'a> {
    pub file_name: &'a str,
    pub sha256: &'a str,
    pub mapping: &'a str,
    pub row_count: i64,
    pub imported_by: PersonId,
    pub imported_at: Moment,
}

pub fn insert_import(conn: &mut Conn, row: &NewImport) -> QueryResult<ImportId> {
    diesel::insert_into(form_import::table).values(row).returning(form_import::id).get_result(conn)
}

pub fn import_of(conn: &mut Conn, sha256: &str) -> QueryResult<Option<ImportRow>> {
    form_import::table.filter(form_import::sha256.eq(sha256)).select(cols::<ImportRow>()).first(conn).optional()
}

/// The newest import: its mapping is offered again.
pub fn last_import(conn: &mut Conn) -> QueryResult<Option<ImportRow>> {
    form_import::table.order(form_import::id.desc()).select(cols::<ImportRow>()).first(conn).optional()
}

/// What a receipt changes on the sample.
#[derive(AsChangeset)]
#[diesel(table_name = sample)]
pub struct Received<'a> {
    pub sample_no: Option<&'a str>,
    pub state: &'static str,
    pub hold_reason: &'a str,
    pub arrived_at: Option<Moment>,
    pub accepted_at: Option<Moment>,
    pub due_on: Option<NaiveDate>,
    pub due_provisional: bool,
    /// What was not as it should be, and where the client's consent is found; empty: nothing.
    pub departure: &'a str,
    pub departure_consent: &'a str,
}

/// Changes a sample that is still at the version that was seen.
pub fn set_received(conn: &mut Conn, id: SampleId, seen: i64, change: &Received) -> QueryResult<bool> {
    let at = sample::table.filter(sample::id.eq(id)).filter(sample::version.eq(seen));
    Ok(diesel::update(at).set((change, sample::version.eq(seen + 1))).execute(conn)? == 1)
}

pub fn set_state(conn: &mut Conn, id: SampleId, seen: i64, state: SampleState, hold: &str) -> QueryResult<bool> {
    let at = sample::table.filter(sample::id.eq(id)).filter(sample::version.eq(seen));
    let change = (sample::state.eq(state.code()), sample::hold_reason.eq(hold), sample::version.eq(seen + 1));
    Ok(diesel::update(at).set(change).execute(conn)? == 1)
}

#[derive(Insertable)]
#[diesel(table_name = sample_receipt, treat_none_as_default_value = false)]
pub struct NewReceipt<'a> {
    pub receipt_no: &'a str,
    pub sample_id: SampleId,
    pub decision: &'static str,
    pub reason_code: &'static str,
    pub reason_text: &'a str,
    pub document: String,
    pub custodian_id: PersonId,
    pub arrived_at: Moment,
    pub received_at: Moment,
}

pub fn insert_receipt(conn: &mut Conn, row: &NewReceipt) -> QueryResult<()> {
    diesel::insert_into(sample_receipt::table).values(row).execute(conn)?;
    Ok(())
}

/// One receipt of a sample: number, decision, reason, document, custodian, time.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = sample_receipt)]
pub struct ReceiptRow {
    pub receipt_no: String,
    pub decision: String,
    pub reason_code: String,
    pub reason_text: String,
    pub document: String,
    pub custodian_id: PersonId,
    pub received_at: Moment,
}

/// Newest first.
pub fn receipts(conn: &mut Conn, id: SampleId) -> QueryResult<Vec<ReceiptRow>> {
    let query = sample_receipt::table.filter(sample_receipt::sample_id.eq(id)).order(sample_receipt::id.desc());
    query.select(cols::<ReceiptRow>()).load(conn)
}
