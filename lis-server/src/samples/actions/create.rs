//! How samples are born: a form written on the spot, an order of an enterprise. (Imports: `import.rs`.)

use serde::{Deserialize, Serialize};

use super::super::form::SamplingForm;
use super::super::order::OrderInput;
use super::super::state::SampleState;
use super::super::store::{self, NewForm, NewSample};
use super::super::{FORM_NO_TAKEN, numbers};
use super::located::Located;
use super::references::References;
use super::repeated::Batches;
use super::samplers::{Samplers, beside_the_draw};
use crate::accounts::actions::unknown_regions;
use crate::accounts::role::{FillSamplingForms, UsePortal};
use crate::accounts::{Actor, May};
use crate::db::{Tx, series};
use crate::domain::clock::Moment;
use crate::domain::hash::sha256_of;
use crate::domain::identifiers::RegionCode;
use crate::domain::ids::{EnterpriseId, FormId, ImportId};
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome, Reason, Reasons};
use crate::enterprises::{self, EnterpriseFacts};

/// What a new form answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FormSaved {
    pub form_id: i64,
    pub sample_id: i64,
    pub form_no: String,
    pub version: i64,
    /// What is doubtful about it and was not refused: `shelf_life_contradicts`, `outside_region` and so on.
    #[serde(default)]
    pub doubts: Vec<String>,
}

fn codes(form: &SamplingForm) -> Vec<String> {
    form.doubts.iter().map(|doubt| doubt.code().to_owned()).collect()
}

/// Stores a form written on the spot. The same client UUID again changes nothing and answers as before. 9 statements, one
/// more when the laboratory gives the form its number, one where it says its position, one for the line of a plan and four for
/// the draw that it names.
pub fn write_form(
    tx: &mut Tx,
    by: &May<FillSamplingForms>,
    mut form: SamplingForm,
    client_uuid: Option<&str>,
) -> Outcome<FormSaved> {
    let registry = registry(tx, std::slice::from_ref(&form))?;
    let samplers = Samplers::read(tx.conn, tx.now.date_in_china())?;
    let mut reasons = Reasons::new();
    reasons.extend(region_reasons(tx, &form)?);
    reasons.extend(samplers.of_writer(&mut form, by));
    reasons.extend(References::of(tx.conn, std::iter::once(&form))?.reasons(&form));
    reasons.none()?;
    // Who was sent can only be compared once it is known who that was.
    let unit = unit_of(&registry, &form).map(|unit| unit.id);
    reasons = Reasons::new();
    reasons.extend(beside_the_draw(tx.conn, &form, unit)?);
    reasons.none()?;
    Batches::of(tx.conn, std::iter::once(&form))?.doubt(&mut form);
    Located::of(tx.conn, std::iter::once(&form))?.doubt(&mut form);
    let given = !form.form_no.is_empty();
    if !given {
        if let Some(uuid) = client_uuid
            && let Some((id, Some(_))) = store::form_of(tx.conn, Some(uuid), "")?
        {
            return earlier(tx, id);
        }
        let series = numbers::on_site_series(tx.now.date_in_china());
        form.form_no = numbers::form_number(&series, series::take(tx, &series, 1)?);
    }
    let done_at = form.sampled_at.unwrap_or(tx.now);
    let row = new_form(tx.now, by, &form, &registry, done_at, client_uuid.map(str::to_owned), None)?;
    let Some(form_id) = store::insert_form(tx.conn, &row)? else {
        let found = store::form_of(tx.conn, client_uuid, &form.form_no)?;
        return match (found, client_uuid) {
            (Some((id, Some(uuid))), Some(own)) if uuid == own => earlier(tx, id),
            _ => Err(FORM_NO_TAKEN.with("form_no", &form.form_no).at("form_no").into()),
        };
    };
    born(tx, by, form_id, &form, None, "sample-form-written")
}

fn earlier(tx: &mut Tx, id: FormId) -> Outcome<FormSaved> {
    let sample = store::by_form(tx.conn, id)?.ok_or(NOT_FOUND)?;
    let doubts = codes(&sample.form);
    Ok(FormSaved { form_id: id.0, sample_id: sample.id.0, form_no: sample.form_no, version: sample.version, doubts })
}

/// An enterprise orders a test: the portal's own action. 5 statements.
pub fn submit_order(
    tx: &mut Tx,
    by: &May<UsePortal>,
    mut form: SamplingForm,
    client: EnterpriseId,
) -> Outcome<FormSaved> {
    let series = numbers::order_series(tx.now.date_in_china());
    form.form_no = numbers::form_number(&series, series::take(tx, &series, 1)?);
    let mut row = new_form(tx.now, by, &form, &[], tx.now, None, None)?;
    row.unit_id = Some(client);
    let form_id =
        store::insert_form(tx.conn, &row)?.ok_or_else(|| Fault::from(FORM_NO_TAKEN.with("form_no", &form.form_no)))?;
    born(tx, by, form_id, &form, Some(client), "sample-ordered")
}

/// Checks an order against the catalogue and the registry.
pub fn order(
    conn: &mut crate::db::Conn,
    client: EnterpriseId,
    input: &OrderInput,
    now: Moment,
) -> Outcome<SamplingForm> {
    let facts = enterprises::actions::facts(conn, client)?;
    let catalogue = super::catalogue(conn)?;
    Ok(super::around(&catalogue, now, |around| input.checked(&facts, around, &catalogue))?)
}

/// The sample of a new form, sealed and on its way.
fn born(
    tx: &mut Tx,
    by: &Actor,
    form_id: FormId,
    form: &SamplingForm,
    client: Option<EnterpriseId>,
    event: &'static str,
) -> Outcome<FormSaved> {
    let id = store::insert_sample(tx.conn, &new_sample(tx.now, form_id, form, client))?;
    let mut entry = by
        .entry("sample", id.0, 1, event)
        .set("form_no", form.form_no.as_str())
        .set("state", SampleState::Sealed.code())
        .set("sample_name", form.sample_name.as_str())
        .set("document_sha256", document_hash(form)?);
    if let Some(draw) = form.draw_id {
        entry = entry.set("draw", draw.0).set("draw_deviation", form.draw_deviation.as_str());
    }
    tx.log(entry);
    let (form_no, doubts) = (form.form_no.clone(), codes(form));
    Ok(FormSaved { form_id: form_id.0, sample_id: id.0, form_no, version: 1, doubts })
}

/// The form names people and their telephones, so the log keeps its hash and not its text; the row itself is never changed.
pub(super) fn document_hash(form: &SamplingForm) -> Outcome<String> {
    let text = serde_json::to_string(form).map_err(Fault::broken)?;
    Ok(sha256_of(text.as_bytes()))
}

pub(super) fn new_sample(now: Moment, form_id: FormId, form: &SamplingForm, client: Option<EnterpriseId>) -> NewSample {
    NewSample {
        version: 1,
        form_id,
        sample_type: form.task_category.sample_type().code(),
        state: SampleState::Sealed.code(),
        hold_reason: "",
        client_id: client,
        due_provisional: false,
        created_at: now,
    }
}

/// Reasons for the regions of a form that nobody knows. One query.
fn region_reasons(tx: &mut Tx, form: &SamplingForm) -> Outcome<Vec<Reason>> {
    unknown_regions(tx.conn, &regions_of(form))
}

/// The regions that a form names, with their fields.
pub(super) fn regions_of(form: &SamplingForm) -> Vec<(&'static str, &RegionCode)> {
    let named = [
        ("ordering_region", &form.ordering_region),
        ("unit_region", &form.unit_region),
        ("producer_region", &form.producer_region),
        ("online_platform_region", &form.online_platform_region),
    ];
    named.into_iter().filter_map(|(field, region)| region.as_ref().map(|region| (field, region))).collect()
}

/// The registered units that forms name by credit code or licence. One query.
pub(super) fn registry(tx: &mut Tx, forms: &[SamplingForm]) -> Outcome<Vec<EnterpriseFacts>> {
    let usccs: Vec<String> = forms.iter().filter_map(|form| form.unit_uscc.as_ref().map(ToString::to_string)).collect();
    let producers = forms.iter().map(|form| &form.producer_licence).filter(|licence| !licence.is_empty());
    let licences: Vec<String> = producers.cloned().collect();
    enterprises::actions::by_identifiers(tx.conn, &usccs, &licences)
}

/// The registered unit that was sampled.
fn unit_of<'a>(registry: &'a [EnterpriseFacts], form: &SamplingForm) -> Option<&'a EnterpriseFacts> {
    registry.iter().find(|unit| unit.uscc.is_some() && unit.uscc == form.unit_uscc)
}

pub(super) fn new_form(
    now: Moment,
    by: &Actor,
    form: &SamplingForm,
    registry: &[EnterpriseFacts],
    done_at: Moment,
    client_uuid: Option<String>,
    import: Option<ImportId>,
) -> Outcome<NewForm> {
    let unit = unit_of(registry, form);
    let producer = registry.iter().find(|unit| !unit.licence_no.is_empty() && unit.licence_no == form.producer_licence);
    let code = |region: Option<&RegionCode>| region.map(|region| region.as_str().to_owned());
    // A maker whose region the form leaves out has that of the registry: it decides who learns of a failing result.
    let producer_region = form.producer_region.as_ref().or(producer.map(|unit| &unit.region));
    Ok(NewForm {
        version: 1,
        form_no: form.form_no.clone(),
        source: form.source.code(),
        client_uuid,
        import_id: import,
        plan_line_id: form.plan_line_id,
        draw_id: form.draw_id,
        task_category: form.task_category.code(),
        ordering_name: form.ordering_name.clone(),
        ordering_region: code(form.ordering_region.as_ref()),
        unit_id: unit.map(|unit| unit.id),
        unit_name: form.unit_name.clone(),
        unit_region: code(form.unit_region.as_ref()),
        producer_id: producer.map(|unit| unit.id),
        producer_name: form.producer_name.clone(),
        producer_region: code(producer_region),
        platform_region: code(form.online_platform_region.as_ref()),
        sample_name: form.sample_name.clone(),
        food_category: form.food_category.clone(),
        production_date: form.production_date,
        // Whoever asks how long the goods keep reads this column: retention, cases, receipt.
        expiry_date: form.last_day(),
        batch_no: form.batch_no.clone(),
        sampled_at: form.sampled_at,
        document: serde_json::to_string(form).map_err(Fault::broken)?,
        done_at,
        entered_at: now,
        entered_by: by.person,
    })
}
