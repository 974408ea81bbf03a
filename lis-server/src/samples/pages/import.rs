//! Import of forms: a file and a mapping, a dry run that names every bad row, then all rows or only the good ones.

use actix_web::web;
use askama::Template;
use serde::Deserialize;

use super::super::actions::{self, DryRun, ImportMode, Imported};
use crate::accounts::May;
use crate::accounts::role::ImportForms;
use crate::app::Lis;
use crate::domain::refusal::{Fault, Outcome, Refusal};
use crate::web::routes::Routes;
use crate::web::ui::RowProblem;
use crate::web::{Answer, Form, Ui, Upload, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/sampling-forms/import", form)
        .post("/sampling-forms/import", try_out)
        .post("/sampling-forms/import/{sha256}", store)
}

/// A row as the dry run shows it.
struct RowLine {
    number: u64,
    form_no: String,
    sample_name: String,
    unit_name: String,
    problems: Vec<RowProblem>,
    /// What is doubtful about a good row and is kept with its form.
    doubts: Vec<String>,
}

#[derive(Template)]
#[template(path = "samples/pages/import.html")]
struct ImportPage {
    ui: Ui,
    mapping: String,
    /// What is wrong with the file or the mapping as a whole.
    problems: Vec<RowProblem>,
    run: Option<Run>,
}

struct Run {
    file_name: String,
    sha256: String,
    imported_at: String,
    rows: Vec<RowLine>,
    good: usize,
    bad: usize,
    counts: String,
    once: String,
}

fn empty(ui: Ui, mapping: String) -> ImportPage {
    ImportPage { ui, mapping, problems: Vec::new(), run: None }
}

async fn form(_: May<ImportForms>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    let mapping = lis.db.read(actions::offered_mapping).await?;
    page(&empty(ui, mapping), false)
}

async fn try_out(_: May<ImportForms>, ui: Ui, lis: web::Data<Lis>, file: Upload) -> Answer {
    let mut mapping = file.text("mapping").to_owned();
    if mapping.trim().is_empty() {
        mapping = lis.db.read(actions::offered_mapping).await?;
    }
    shown(&lis, ui, file, mapping, None).await
}

/// The dry run of a file, which is kept for the step that follows.
async fn shown(lis: &web::Data<Lis>, ui: Ui, file: Upload, mapping: String, stored: Option<&Refusal>) -> Answer {
    let now = lis.clock.now();
    let (own, text) = (lis.clone(), mapping.clone());
    let run = tokio::task::spawn_blocking(move || -> Outcome<(Upload, Outcome<DryRun>)> {
        own.files.put(&file.bytes)?;
        let run = own.db.read_now(|conn| actions::dry_run(conn, &file, &text, now));
        Ok((file, run))
    });
    let (file, run) = run.await.map_err(Fault::broken)??;
    let mut shown = empty(ui, mapping);
    match refused(run)? {
        Ok(run) => shown.run = Some(run_view(&shown.ui, &file, run)),
        Err(refusal) => shown.problems = RowProblem::all(&refusal.reasons, shown.ui.language),
    }
    match stored {
        Some(refusal) => refused_page(&shown, refusal),
        None => page(&shown, !shown.problems.is_empty()),
    }
}

fn run_view(ui: &Ui, file: &Upload, run: DryRun) -> Run {
    let bad = run.rows.iter().filter(|row| !row.is_good()).count();
    Run {
        file_name: file.file_name.clone(),
        sha256: file.sha256.clone(),
        imported_at: run.imported_at.map(|at| at.to_string()).unwrap_or_default(),
        good: run.rows.len() - bad,
        counts: ui.t2("import-counts", ("good", run.rows.len() - bad), ("bad", bad)),
        bad,
        rows: run
            .rows
            .into_iter()
            .map(|row| RowLine {
                number: row.number,
                form_no: row.input.form_no.clone(),
                sample_name: row.input.sample_name.clone(),
                unit_name: row.input.unit_name.clone(),
                doubts: row.doubts().iter().map(|doubt| ui.language.said(&doubt.said())).collect(),
                problems: row.form.err().map(|reasons| RowProblem::all(&reasons, ui.language)).unwrap_or_default(),
            })
            .collect(),
        once: ui.once(),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct StoreInput {
    file_name: String,
    mapping: String,
    mode: String,
}

async fn store(
    by: May<ImportForms>,
    ui: Ui,
    lis: web::Data<Lis>,
    sha256: web::Path<String>,
    form: Form<StoreInput>,
) -> Answer {
    let Form { input, request, .. } = form;
    let mode = ImportMode::parse(&input.mode)?;
    let (own, hash) = (lis.clone(), sha256.into_inner());
    let kept = tokio::task::spawn_blocking(move || {
        let bytes = own.files.named_by_address(&hash)?;
        Ok::<Upload, Fault>(Upload::kept(input.file_name, hash, bytes))
    });
    let file = std::sync::Arc::new(kept.await.map_err(Fault::broken)??);
    let (actor, own, mapping) = (by.clone(), file.clone(), input.mapping.clone());
    let work = move |tx: &mut crate::db::Tx| actions::store_import(tx, &by, &own, &mapping, mode);
    let outcome: Result<Imported, _> = refused(lis.command(&actor, &request, work).await)?;
    match outcome {
        Ok(done) if done.already => Ok(see_other("/sampling-forms/import", Some("done-forms-already"))),
        Ok(_) => Ok(see_other("/sampling-forms/import", Some("done-forms-imported"))),
        // Something was stored meanwhile: the dry run again, as it would be now.
        Err(refusal) => {
            let again = Upload::kept(file.file_name.clone(), file.sha256.clone(), file.bytes.clone());
            shown(&lis, ui, again, input.mapping, Some(&refusal)).await
        }
    }
}
