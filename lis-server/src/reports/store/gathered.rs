//! What a report gathers from the tables of other rooms: read only, by one statement each (decision 0012).

use diesel::prelude::*;
use serde_json::Value;

use super::ReportRow;
use crate::accounts::signing::Meaning;
use crate::db::schema::{
    enterprise, nonconforming_item, nonconforming_work, person, person_authorization, plan_line, qc_control_release,
    qc_release, qc_verdict, report, result_version, sample, sampling_form, sampling_plan, signature, signing_grant,
    test_item, worksheet,
};
use crate::db::{Conn, cols};
use crate::domain::clock::Moment;
use crate::domain::ids::{EnterpriseId, GrantId, ItemId, PersonId, ReportId, ResultId, SampleId};
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome};
use crate::judgement::Verdict;
use crate::testing::actions::Deviation;
use crate::testing::controls::SheetVerdict;

/// A sample with its form and its client.
#[derive(Clone, Debug)]
pub struct SampleFacts {
    pub id: SampleId,
    pub version: i64,
    pub sample_no: String,
    pub sample_type: String,
    pub state: String,
    pub form_version: i64,
    pub form_no: String,
    /// Number and title of the plan that it was taken for; empty: of none.
    pub plan: String,
    /// The whole form, fields as in `records.md` 2.
    pub form: Value,
    pub ordering_name: String,
    pub unit_name: String,
    pub producer_name: String,
    pub sample_name: String,
    pub food_category: String,
    pub production_date: Option<chrono::NaiveDate>,
    pub expiry_date: Option<chrono::NaiveDate>,
    pub batch_no: String,
    pub sampled_at: Option<Moment>,
    pub arrived_at: Option<Moment>,
    pub accepted_at: Option<Moment>,
    /// What was not as it should be at receipt, and where the client's consent to the test is found; empty: nothing.
    pub departure: String,
    pub departure_consent: String,
    pub client: Option<Client>,
}

impl SampleFacts {
    /// A field of the form as text; `None` when it is empty.
    pub fn field(&self, name: &str) -> Option<String> {
        let text = match self.form.get(name)? {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            Value::Array(list) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("、"),
            Value::Null | Value::Bool(_) | Value::Object(_) => return None,
        };
        (!text.is_empty()).then_some(text)
    }

    pub fn is_entrusted(&self) -> bool {
        self.sample_type == "entrusted"
    }
}

/// The enterprise that entrusted a sample.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = enterprise)]
pub struct Client {
    pub id: EnterpriseId,
    pub name: String,
    pub uscc: Option<String>,
    pub address: String,
    pub contact: String,
    pub phone: String,
    pub email: String,
    pub language: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = sample)]
struct SampleRow {
    id: SampleId,
    version: i64,
    sample_no: Option<String>,
    sample_type: String,
    state: String,
    arrived_at: Option<Moment>,
    accepted_at: Option<Moment>,
    departure: String,
    departure_consent: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = sampling_form)]
struct FormRow {
    version: i64,
    form_no: String,
    ordering_name: String,
    unit_name: String,
    producer_name: String,
    sample_name: String,
    food_category: String,
    production_date: Option<chrono::NaiveDate>,
    expiry_date: Option<chrono::NaiveDate>,
    batch_no: String,
    sampled_at: Option<Moment>,
    document: String,
}

/// The facts of a sample, by one statement.
pub fn sample_facts(conn: &mut Conn, id: SampleId) -> Outcome<SampleFacts> {
    let found: Option<(SampleRow, FormRow, Option<Client>)> = sample::table
        .inner_join(sampling_form::table)
        .left_join(enterprise::table)
        .filter(sample::id.eq(id))
        .select((cols::<SampleRow>(), cols::<FormRow>(), cols::<Option<Client>>()))
        .first(conn)
        .optional()?;
    let (sample, form, client) = found.ok_or(NOT_FOUND)?;
    facts(conn, sample, form, client)
}

/// One statement more where the form names the line of a plan.
fn facts(conn: &mut Conn, sample: SampleRow, form: FormRow, client: Option<Client>) -> Outcome<SampleFacts> {
    let document: Value = serde_json::from_str(&form.document).map_err(Fault::broken)?;
    let plan = document["plan_line_id"].as_i64().map(|line| plan_of(conn, line)).transpose()?;
    Ok(SampleFacts {
        plan: plan.unwrap_or_default(),
        id: sample.id,
        version: sample.version,
        sample_no: sample.sample_no.unwrap_or_default(),
        sample_type: sample.sample_type,
        state: sample.state,
        form_version: form.version,
        form_no: form.form_no,
        form: document,
        ordering_name: form.ordering_name,
        unit_name: form.unit_name,
        producer_name: form.producer_name,
        sample_name: form.sample_name,
        food_category: form.food_category,
        production_date: form.production_date,
        expiry_date: form.expiry_date,
        batch_no: form.batch_no,
        sampled_at: form.sampled_at,
        arrived_at: sample.arrived_at,
        accepted_at: sample.accepted_at,
        departure: sample.departure,
        departure_consent: sample.departure_consent,
        client,
    })
}

/// Number and title of the plan that a line belongs to.
fn plan_of(conn: &mut Conn, line: i64) -> QueryResult<String> {
    let query = plan_line::table.inner_join(sampling_plan::table).filter(plan_line::id.eq(line));
    let (number, title): (String, String) = query.select((sampling_plan::plan_no, sampling_plan::title)).first(conn)?;
    Ok(format!("{number} {title}"))
}

/// A report on its way to a signature.
pub struct ToSign {
    pub report: ReportRow,
    pub sample: SampleFacts,
    /// The reviewer's name, and the hash of what he signed at this version of the report.
    pub reviewer: Option<String>,
    pub reviewed_hash: Option<String>,
    /// The signer's open grants and what each signs.
    grants: Vec<(GrantId, String)>,
    /// The methods (`*`: a whole field) whose results the signer may authorize on the day.
    pub field: Vec<String>,
}

impl ToSign {
    /// The signer's newest open grant of a meaning.
    pub fn grant(&self, meaning: Meaning) -> Option<GrantId> {
        self.grants.iter().filter(|(_, of)| of == meaning.code()).map(|(grant, _)| *grant).max()
    }
}

/// Who wants to sign a report, and when: a grant is open in real time, an authorization is valid on a day.
pub struct Signer {
    pub person: PersonId,
    pub real: Moment,
    pub today: chrono::NaiveDate,
}

/// A report with its sample, its reviewer's signature, and what a signer may do, by one statement.
pub fn to_sign(conn: &mut Conn, id: ReportId, signer: &Signer) -> Outcome<Option<ToSign>> {
    let reviewed = signature::object_kind
        .eq("report")
        .and(signature::object_id.eq(report::id))
        .and(signature::object_version.eq(report::version))
        .and(signature::meaning.eq("reviewed"));
    let open = signing_grant::person_id.eq(signer.person).and(signing_grant::expires_at.gt(signer.real));
    let valid = person_authorization::person_id
        .eq(signer.person)
        .and(person_authorization::activity.eq("authorize"))
        .and(person_authorization::valid_from.le(signer.today))
        .and(person_authorization::valid_until.ge(signer.today));
    type Able = (Option<(GrantId, String)>, Option<String>);
    type Line = (ReportRow, SampleRow, FormRow, Option<Client>, Option<String>, Option<String>, Able);
    let lines: Vec<Line> = report::table
        .inner_join(sample::table.inner_join(sampling_form::table).left_join(enterprise::table))
        .left_join(person::table.on(report::reviewer_id.eq(person::id.nullable())))
        .left_join(signature::table.on(reviewed))
        .left_join(signing_grant::table.on(open))
        .left_join(person_authorization::table.on(valid))
        .filter(report::id.eq(id))
        .select((
            cols::<ReportRow>(),
            cols::<SampleRow>(),
            cols::<FormRow>(),
            cols::<Option<Client>>(),
            person::name.nullable(),
            signature::object_hash.nullable(),
            ((signing_grant::id, signing_grant::meaning).nullable(), person_authorization::method_standard.nullable()),
        ))
        .load(conn)?;
    // One line for each pair of an open grant and a valid authorization; the rest is the same on all of them.
    let grants = lines.iter().filter_map(|line| line.6.0.clone()).collect();
    let field = lines.iter().filter_map(|line| line.6.1.clone()).collect();
    let Some((report, sample, form, client, reviewer, reviewed_hash, _)) = lines.into_iter().next() else {
        return Ok(None);
    };
    Ok(Some(ToSign { report, sample: facts(conn, sample, form, client)?, reviewer, reviewed_hash, grants, field }))
}

/// An item with the result in force.
#[derive(Clone, Debug)]
pub struct ItemFacts {
    pub id: ItemId,
    pub version: i64,
    pub sample_id: SampleId,
    /// Key of the analyte.
    pub analyte: String,
    pub analyte_zh: String,
    pub analyte_en: String,
    /// Standard number without edition.
    pub method_standard: String,
    pub method_key: String,
    pub unit: String,
    pub state: String,
    pub tester_id: Option<PersonId>,
    /// Whoever it was assigned to, whose sheet it is on, and who made the result in force: submitted, corrected or decided it.
    pub worked_on_by: [Option<PersonId>; 3],
    pub tester_name: String,
    pub checker_name: String,
    pub result_id: Option<ResultId>,
    pub reported: String,
    pub verdict: Verdict,
    /// Everything that a replay needs.
    pub record: Value,
    /// The approved deviation from the method.
    pub deviation: Option<Deviation>,
    pub tested_from: Option<Moment>,
    pub tested_to: Option<Moment>,
    /// Every control of its worksheet passed or was released.
    pub qc_ok: bool,
    /// The non-conforming work that holds it, by its number.
    pub held_by: Option<String>,
}

impl ItemFacts {
    pub fn is_checked(&self) -> bool {
        matches!(self.state.as_str(), "checked" | "final")
    }

    /// Whether a person had a hand in its result: he signs no report with it.
    pub fn is_work_of(&self, person: PersonId) -> bool {
        self.worked_on_by.contains(&Some(person))
    }

    /// Whether nobody tests it: its result is calculated from those of other items.
    pub fn is_derived(&self) -> bool {
        self.record["asked"]["evaluation"]["by"] == "proportion"
    }

    /// Whether it stands on the report: a sum of proportions does where two of its group were found.
    pub fn is_reported(&self) -> bool {
        self.record["answered"]["judgement"]["answer"]["reportable"] != false
    }

    /// Whether another laboratory tested it.
    pub fn is_subcontracted(&self) -> bool {
        self.record["subcontract"].is_object()
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = test_item)]
struct ItemRow {
    id: ItemId,
    version: i64,
    sample_id: SampleId,
    analyte: String,
    analyte_zh: String,
    analyte_en: String,
    method_standard: String,
    method_key: String,
    unit: String,
    state: String,
    tester_id: Option<PersonId>,
    result_id: Option<ResultId>,
    verdict: String,
    deviation: String,
}

diesel::alias!(person as tester: TesterAlias, person as checker: CheckerAlias);

/// The latest verdict over the controls of a worksheet: its version, its code, whether it was released, its record, the place
/// of a control that was released by itself.
type Control = (Option<i64>, Option<String>, Option<i64>, Option<String>, Option<i64>);
type Names = (Option<String>, Option<String>);
/// When something was made, and by whom.
type MadeBy = Option<(Moment, PersonId)>;
type ItemLine = (ItemRow, Option<String>, Option<String>, MadeBy, MadeBy, Names, Control, Option<String>);

/// Nobody holds or changes the items of a sample before this write ends: what is held leaves with no report. SQLite has
/// one writer anyway.
pub fn lock_items(conn: &mut Conn, sample: SampleId) -> QueryResult<()> {
    if let Conn::Postgres(c) = conn {
        test_item::table
            .filter(test_item::sample_id.eq(sample))
            .order(test_item::id)
            .select(test_item::id)
            .for_update()
            .load::<i64>(c)?;
    }
    Ok(())
}

/// The items of samples in the order of their numbers, cancelled ones left out, by one statement.
pub fn items_of(conn: &mut Conn, samples: &[SampleId]) -> Outcome<Vec<ItemFacts>> {
    // An affected item is free again when it has another result than the one that was doubted.
    let still_doubted = nonconforming_item::effect
        .ne("affected")
        .or(nonconforming_item::old_result_id.is_null())
        .or(nonconforming_item::old_result_id.eq(test_item::result_id));
    let holds =
        nonconforming_item::item_id.eq(test_item::id).and(nonconforming_item::on_hold.eq(true)).and(still_doubted);
    let lines: Vec<ItemLine> = test_item::table
        .left_join(result_version::table.on(test_item::result_id.eq(result_version::id.nullable())))
        .left_join(worksheet::table.on(test_item::worksheet_id.eq(worksheet::id.nullable())))
        .left_join(qc_verdict::table.on(test_item::worksheet_id.eq(qc_verdict::worksheet_id.nullable())))
        .left_join(qc_release::table.on(qc_verdict::id.eq(qc_release::qc_verdict_id)))
        .left_join(qc_control_release::table.on(qc_verdict::id.eq(qc_control_release::qc_verdict_id)))
        .left_join(nonconforming_item::table.on(holds))
        .left_join(nonconforming_work::table.on(nonconforming_item::work_id.eq(nonconforming_work::id)))
        .left_join(tester.on(test_item::tester_id.eq(tester.field(person::id).nullable())))
        .left_join(checker.on(test_item::checker_id.eq(checker.field(person::id).nullable())))
        .filter(test_item::sample_id.eq_any(samples.iter().map(|id| id.0)))
        .filter(test_item::state.ne("cancelled"))
        .order((test_item::sample_id, test_item::seq, qc_verdict::version_no))
        .select((
            cols::<ItemRow>(),
            result_version::reported.nullable(),
            result_version::record.nullable(),
            (worksheet::created_at, worksheet::tester_id).nullable(),
            (result_version::at, result_version::person_id).nullable(),
            (tester.field(person::name).nullable(), checker.field(person::name).nullable()),
            (
                qc_verdict::version_no.nullable(),
                qc_verdict::verdict.nullable(),
                qc_release::id.nullable(),
                qc_verdict::record.nullable(),
                qc_control_release::place.nullable(),
            ),
            nonconforming_work::work_no.nullable(),
        ))
        .load(conn)?;
    let mut items: Vec<ItemFacts> = Vec::new();
    // One line for each control of a verdict that was released by itself.
    let (mut judged, mut places): (Option<(ItemId, Option<i64>)>, Vec<i64>) = (None, Vec::new());
    for (row, reported, record, sheet, made, names, (control_no, control, released, controls, place), held_by) in lines
    {
        if judged != Some((row.id, control_no)) {
            (judged, places) = (Some((row.id, control_no)), Vec::new());
        }
        places.extend(place);
        // Without a worksheet there is nothing to control; a worksheet without a verdict is not judged yet. A control that
        // failed holds what it speaks for.
        let spared = || {
            let verdict = controls.as_deref().and_then(|text| serde_json::from_str::<SheetVerdict>(text).ok());
            verdict.is_some_and(|verdict| !verdict.holds(row.id, &places))
        };
        let passed = control.as_deref() == Some("accept") || released.is_some() || spared();
        let qc_ok = sheet.is_none() || control_no.is_some() && passed;
        if let Some(last) = items.last_mut()
            && last.id == row.id
        {
            // A later control of the same worksheet, or another work that holds the item.
            last.qc_ok = qc_ok;
            last.held_by = last.held_by.take().max(held_by);
            continue;
        }
        let record: Value = record.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        // Another laboratory had it from the day on which it was sent to the day of its report.
        let away = |field: &str| {
            let day = record["subcontract"][field].as_str()?;
            Moment::parse_in_china(&format!("{day} 00:00"))
        };
        items.push(ItemFacts {
            id: row.id,
            version: row.version,
            sample_id: row.sample_id,
            analyte: row.analyte,
            analyte_zh: row.analyte_zh,
            analyte_en: row.analyte_en,
            method_standard: row.method_standard,
            method_key: row.method_key,
            unit: row.unit,
            state: row.state,
            tester_id: row.tester_id,
            worked_on_by: [row.tester_id, sheet.map(|(_, person)| person), made.map(|(_, person)| person)],
            tester_name: names.0.unwrap_or_default(),
            checker_name: names.1.unwrap_or_default(),
            result_id: row.result_id,
            reported: reported.unwrap_or_default(),
            verdict: verdict_of(&row.verdict),
            tested_from: sheet.map(|(at, _)| at).or_else(|| away("sent_on")),
            // A decision about a verdict came after the test.
            tested_to: away("reported_on")
                .or_else(|| record["decision"]["tested_at"].as_str().and_then(Moment::parse_rfc3339))
                .or(made.map(|(at, _)| at)),
            record,
            deviation: Deviation::of(&row.deviation),
            qc_ok,
            held_by,
        });
    }
    Ok(items)
}

fn verdict_of(code: &str) -> Verdict {
    let known = [Verdict::Pass, Verdict::Fail, Verdict::NoLimit, Verdict::Review, Verdict::Block];
    known.into_iter().find(|verdict| verdict.name().eq_ignore_ascii_case(code)).unwrap_or(Verdict::Incomplete)
}
