//! The laboratory's own tables: a file is tried out, every bad row is named, and only a table without one is loaded, whole.

use actix_web::web;
use askama::Template;

use super::super::actions::{self, Imported, Kind};
use super::super::incoming::{About, ENCODINGS, read};
use super::super::store::SetRow;
use crate::accounts::May;
use crate::accounts::role::ManageCatalogue;
use crate::app::Lis;
use crate::domain::refusal::{Fault, Outcome, Refusal};
use crate::web::routes::Routes;
use crate::web::ui::{Choice, RowProblem};
use crate::web::{Answer, Form, Ui, Upload, page, refused, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/catalogue/import", form)
        .post("/catalogue/import", try_out)
        .post("/catalogue/import/{sha256}", load)
}

#[derive(Template)]
#[template(path = "catalogue/pages/import.html")]
struct ImportPage {
    ui: Ui,
    about: About,
    kinds: Vec<Choice>,
    encodings: Vec<Choice>,
    problems: Vec<RowProblem>,
    /// The file is good and may be loaded.
    run: Option<Run>,
}

impl ImportPage {
    fn tables(&self) -> &'static [Kind] {
        Kind::ALL
    }

    /// What the header of a table may say.
    fn columns(&self, kind: &Kind) -> Vec<&'static str> {
        actions::columns(*kind)
    }
}

/// A table in which nothing is wrong.
struct Run {
    sha256: String,
    rows: usize,
    /// The set that it would replace.
    now: Option<SetRow>,
    once: String,
}

fn empty(ui: Ui, about: About) -> ImportPage {
    let kinds =
        Kind::ALL.iter().map(|kind| Choice { value: kind.code().to_owned(), label: ui.t(&kind.word()), chosen: false });
    let encodings = ENCODINGS.iter().map(|code| Choice {
        value: (*code).to_owned(),
        label: ui.t(&format!("encoding-{code}")),
        chosen: false,
    });
    ImportPage { kinds: kinds.collect(), encodings: encodings.collect(), about, problems: Vec::new(), run: None, ui }
}

async fn form(_: May<ManageCatalogue>, ui: Ui) -> Answer {
    page(&empty(ui, About { encoding: "utf-8".to_owned(), ..About::default() }), false)
}

async fn try_out(_: May<ManageCatalogue>, ui: Ui, lis: web::Data<Lis>, file: Upload) -> Answer {
    let about = About {
        kind: file.text("kind").to_owned(),
        encoding: file.text("encoding").to_owned(),
        file_name: file.file_name.clone(),
    };
    shown(&lis, ui, about, file.bytes).await
}

/// The dry run of a file, which is kept for the step that follows.
async fn shown(lis: &web::Data<Lis>, ui: Ui, about: About, bytes: Vec<u8>) -> Answer {
    let (own, what) = (lis.clone(), about.clone());
    let run = tokio::task::spawn_blocking(move || -> Outcome<(String, Result<(Imported, Option<SetRow>), Refusal>)> {
        let sha256 = own.files.put(&bytes)?;
        let catalogue = own.db.read_now(actions::current)?;
        let read = read(&what, &bytes, &catalogue);
        Ok((sha256, read.map(|table| (table, catalogue.set(&what.kind).cloned()))))
    });
    let (sha256, read) = run.await.map_err(Fault::broken)??;
    let mut shown = empty(ui, about);
    match read {
        Ok((table, now)) => shown.run = Some(Run { sha256, rows: table.rows, now, once: shown.ui.once() }),
        Err(refusal) => shown.problems = RowProblem::all(&refusal.reasons, shown.ui.language),
    }
    let wrong = shown.run.is_none();
    page(&shown, wrong)
}

async fn load(
    by: May<ManageCatalogue>,
    ui: Ui,
    lis: web::Data<Lis>,
    sha256: web::Path<String>,
    form: Form<About>,
) -> Answer {
    let Form { input: about, request, .. } = form;
    let (own, what) = (lis.clone(), about.clone());
    let kept = tokio::task::spawn_blocking(move || -> Outcome<(Vec<u8>, Result<Imported, Refusal>)> {
        let bytes = own.files.named_by_address(&sha256)?;
        let catalogue = own.db.read_now(actions::current)?;
        let read = read(&what, &bytes, &catalogue);
        Ok((bytes, read))
    });
    let (bytes, read) = kept.await.map_err(Fault::broken)??;
    let outcome = match read {
        Ok(table) => {
            let actor = by.clone();
            refused(lis.command(&actor, &request, move |tx| actions::import(tx, &by, &table)).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other("/catalogue/sets", Some("done-catalogue-imported"))),
        // The catalogue that the table refers to has changed meanwhile: the dry run again, as it would be now.
        Err(_) => shown(&lis, ui, about, bytes).await,
    }
}
