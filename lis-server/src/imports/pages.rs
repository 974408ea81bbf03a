//! The lists with their columns: a file is tried out, every bad row is named, and only a list without one is loaded, whole.

use actix_web::web;
use askama::Template;

use super::incoming::{About, ENCODINGS, read};
use super::lists::{Checked, LISTS, List, load};
use crate::accounts::actions::{BoundedRegion, all_bounded};
use crate::accounts::role::ImportLists;
use crate::accounts::{Actor, May};
use crate::app::Lis;
use crate::domain::refusal::{Fault, Outcome, Refusal};
use crate::web::routes::Routes;
use crate::web::ui::{Choice, RowProblem};
use crate::web::{Answer, Form, Ui, Upload, page, refused, see_other};

pub fn routes() -> Routes {
    Routes::new().get("/imports", form).post("/imports", try_out).post("/imports/{sha256}", take)
}

#[derive(Template)]
#[template(path = "imports/imports.html")]
struct ImportsPage {
    ui: Ui,
    about: About,
    lists: &'static [List],
    kinds: Vec<Choice>,
    encodings: Vec<Choice>,
    problems: Vec<RowProblem>,
    /// Regions with their boxes, which are shown nowhere else.
    boxes: Vec<BoundedRegion>,
    /// The file is good and may be loaded.
    run: Option<Run>,
}

/// A list in which nothing is wrong.
struct Run {
    sha256: String,
    /// Rows that are not there yet.
    rows: usize,
    once: String,
}

impl ImportsPage {
    fn word(&self, list: &List) -> String {
        self.ui.t(&list.word())
    }

    fn text(&self, list: &List) -> String {
        self.ui.t(&format!("{}-text", list.word()))
    }
}

async fn empty(lis: &Lis, ui: Ui, about: About) -> Outcome<ImportsPage> {
    let boxes = lis.db.read(all_bounded).await?;
    let kind = |list: &List| Choice { value: list.code.to_owned(), label: ui.t(&list.word()), chosen: false };
    let encoding =
        |code: &&str| Choice { value: (*code).to_owned(), label: ui.t(&format!("encoding-{code}")), chosen: false };
    let (kinds, encodings) = (LISTS.iter().map(kind).collect(), ENCODINGS.iter().map(encoding).collect());
    Ok(ImportsPage { lists: LISTS, kinds, encodings, about, problems: Vec::new(), boxes, run: None, ui })
}

async fn form(_: May<ImportLists>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    let about = About { encoding: "utf-8".to_owned(), ..About::default() };
    page(&empty(&lis, ui, about).await?, false)
}

async fn try_out(by: May<ImportLists>, ui: Ui, lis: web::Data<Lis>, file: Upload) -> Answer {
    let about = About {
        kind: file.text("kind").trim().to_owned(),
        encoding: file.text("encoding").to_owned(),
        file_name: file.file_name.clone(),
    };
    shown(&lis, ui, &by, about, file.bytes).await
}

/// The dry run of a file, which is kept for the step that follows.
async fn shown(lis: &web::Data<Lis>, ui: Ui, by: &Actor, about: About, bytes: Vec<u8>) -> Answer {
    let (own, who, what) = (lis.clone(), by.clone(), about.clone());
    let run = tokio::task::spawn_blocking(move || -> Outcome<(String, Result<usize, Refusal>)> {
        let sha256 = own.files.put(&bytes)?;
        let tried = match read(&what, &bytes, &own.config.laboratory_code) {
            Ok(list) => refused(list.try_out(&own, who))?,
            Err(refusal) => Err(refusal),
        };
        Ok((sha256, tried))
    });
    let (sha256, tried) = run.await.map_err(Fault::broken)??;
    let mut shown = empty(lis, ui, about).await?;
    match tried {
        Ok(rows) => shown.run = Some(Run { sha256, rows, once: shown.ui.once() }),
        Err(refusal) => shown.problems = RowProblem::all(&refusal.reasons, shown.ui.language),
    }
    let wrong = shown.run.is_none();
    page(&shown, wrong)
}

async fn take(
    by: May<ImportLists>,
    ui: Ui,
    lis: web::Data<Lis>,
    sha256: web::Path<String>,
    form: Form<About>,
) -> Answer {
    let Form { input: about, request, .. } = form;
    let (own, what) = (lis.clone(), about.clone());
    let kept = tokio::task::spawn_blocking(move || -> Outcome<(Vec<u8>, Result<Checked, Refusal>)> {
        let bytes = own.files.named_by_address(&sha256)?;
        let list = read(&what, &bytes, &own.config.laboratory_code);
        Ok((bytes, list))
    });
    let (bytes, read) = kept.await.map_err(Fault::broken)??;
    let (actor, kind) = (by.clone(), about.kind.clone());
    let outcome = match read {
        Ok(list) => {
            let work = move |tx: &mut crate::db::Tx| load(tx, &by, &kind, &list);
            refused(lis.command(&actor, &request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other("/imports", Some("done-list-loaded"))),
        // What the list names has changed meanwhile: the dry run again, as it would be now.
        Err(_) => shown(&lis, ui, &actor, about, bytes).await,
    }
}
