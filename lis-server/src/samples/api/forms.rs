//! Sampling forms for programs: written on the spot, or imported from the national system's files.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::super::actions::{self, FormSaved, ImportMode, Imported};
use super::super::form::{Doubt, FormInput};
use super::super::import::Row;
use super::super::store;
use super::super::words::FormSource;
use super::created;
use crate::accounts::May;
use crate::accounts::role::{FillSamplingForms, ImportForms};
use crate::app::Lis;
use crate::domain::clock::Moment;
use crate::domain::ids::{FormId, SampleId};
use crate::domain::refusal::Outcome;
use crate::web::language::Language;
use crate::web::paging::{self, LIMIT, Listed};
use crate::web::problem::Said;
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Json, Ui, Upload};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/sampling-forms", written)
        .about("The forms that the caller wrote on the spot, newest first.")
        .gives::<Listed<WrittenView>>()
        .post("/api/v1/sampling-forms", write_form)
        .about("Stores a form written on the spot. The same client_uuid again changes nothing.")
        .creates::<FormSaved>()
        .post("/api/v1/sampling-form-imports", import)
        .about("Takes forms from a CSV or XLSX file in by a mapping, or shows what it would do.")
        .beside(&[("mapping", "Mapping of the columns, TOML; left out: the last one used.")])
        .gives::<ImportAnswer>()
        .creates::<Imported>()
}

/// A form written on the spot, with the UUID that its device made.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct WrittenForm {
    #[schema(value_type = String, format = "uuid")]
    client_uuid: uuid::Uuid,
    form: FormInput,
}

async fn write_form(by: May<FillSamplingForms>, lis: web::Data<Lis>, json: Json<WrittenForm>) -> Answer {
    let Json { input: WrittenForm { client_uuid, form }, request, .. } = json;
    let now = lis.clock.now();
    let check = move |conn: &mut crate::db::Conn| -> Outcome<_> {
        let catalogue = actions::catalogue(conn)?;
        Ok(actions::around(&catalogue, now, |around| form.checked(FormSource::OnSite, around))?)
    };
    let form = lis.db.read(check).await?;
    let (actor, uuid) = (by.clone(), client_uuid.to_string());
    let work = move |tx: &mut crate::db::Tx| actions::write_form(tx, &by, form.clone(), Some(&uuid));
    created(&lis.command(&actor, &request, work).await?)
}

/// A form that the caller wrote.
#[derive(Serialize, utoipa::ToSchema)]
struct WrittenView {
    form_id: FormId,
    sample_id: SampleId,
    form_no: String,
    client_uuid: Option<String>,
    sample_name: String,
    unit_name: String,
    /// How far its sample has come.
    sample_state: String,
    sampled_at: Option<Moment>,
    entered_at: Moment,
}

impl From<store::WrittenForm> for WrittenView {
    fn from(row: store::WrittenForm) -> Self {
        Self {
            form_id: row.form_id,
            sample_id: row.sample_id,
            form_no: row.form_no,
            client_uuid: row.client_uuid,
            sample_name: row.sample_name,
            unit_name: row.unit_name,
            sample_state: row.sample_state,
            sampled_at: row.sampled_at,
            entered_at: row.entered_at,
        }
    }
}

#[derive(Deserialize, utoipa::IntoParams)]
struct WrittenQuery {
    /// The `next` of the answer before.
    after: Option<i64>,
    /// Rows of the answer, 1 to 500; 50 unless said otherwise.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

async fn written(by: May<FillSamplingForms>, lis: web::Data<Lis>, query: Asked<WrittenQuery>) -> Answer {
    let (person, after, limit) = (by.person, query.after, paging::limit(query.limit, LIMIT)?);
    let rows = lis.db.read(move |conn| Ok(store::written_by(conn, person, after, limit + 1)?)).await?;
    Ok(HttpResponse::Ok().json(Listed::of(rows, limit, |row| row.form_id.to_string(), WrittenView::from)))
}

#[derive(Deserialize, utoipa::IntoParams)]
struct ImportQuery {
    /// `dry_run` shows, `all` takes all rows or none, `good` leaves the bad ones out.
    #[serde(default)]
    mode: String,
}

/// A dry run, or an import of a file that was imported before.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(untagged)]
enum ImportAnswer {
    DryRun(DryRunView),
    Already(Imported),
}

/// A file as a dry run shows it.
#[derive(Serialize, utoipa::ToSchema)]
struct DryRunView {
    rows: Vec<RowView>,
    /// When this very file was imported before.
    imported_at: Option<Moment>,
}

/// What a row would become, or why it would not.
#[derive(Serialize, utoipa::ToSchema)]
struct RowView {
    /// As a spreadsheet counts: the header is 1.
    row: u64,
    form_no: String,
    good: bool,
    reasons: Vec<RowReason>,
    /// What is doubtful about a good row; it is taken in all the same, and the doubt stays with its form.
    doubts: Vec<RowDoubt>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct RowDoubt {
    code: &'static str,
    detail: String,
}

#[derive(Serialize, utoipa::ToSchema)]
struct RowReason {
    code: &'static str,
    column: Option<String>,
    detail: String,
}

impl RowView {
    fn of(row: &Row, language: Language) -> Self {
        let reasons = row.form.as_ref().err().map(Vec::as_slice).unwrap_or_default();
        let said = reasons.iter().zip(Said::all(reasons, language)).map(|(reason, said)| RowReason {
            code: reason.problem.code,
            column: reason.place().map(|(_, column)| column.to_owned()),
            detail: said.sentence,
        });
        let doubt = |doubt: &Doubt| RowDoubt { code: doubt.code(), detail: language.said(&doubt.said()) };
        Self {
            row: row.number,
            form_no: row.input.form_no.clone(),
            good: row.is_good(),
            reasons: said.collect(),
            doubts: row.doubts().iter().map(doubt).collect(),
        }
    }
}

/// A file (`file`) and, if not the last one used, a mapping (`mapping`, TOML) as `multipart/form-data`.
async fn import(by: May<ImportForms>, ui: Ui, lis: web::Data<Lis>, query: Asked<ImportQuery>, file: Upload) -> Answer {
    let now = lis.clock.now();
    let mut mapping = file.text("mapping").to_owned();
    if mapping.trim().is_empty() {
        mapping = lis.db.read(actions::offered_mapping).await?;
    }
    if query.mode == "dry_run" {
        let run = lis.db.read(move |conn| actions::dry_run(conn, &file, &mapping, now)).await?;
        let rows = run.rows.iter().map(|row| RowView::of(row, ui.language)).collect();
        let shown = DryRunView { rows, imported_at: run.imported_at };
        return Ok(HttpResponse::Ok().json(ImportAnswer::DryRun(shown)));
    }
    let mode = ImportMode::parse(&query.mode)?;
    let done = lis.db.write(move |tx| actions::store_import(tx, &by, &file, &mapping, mode)).await?;
    Ok(if done.already {
        HttpResponse::Ok().json(ImportAnswer::Already(done))
    } else {
        HttpResponse::Created().json(done)
    })
}
