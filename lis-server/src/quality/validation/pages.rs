//! The pages of validation: the runs that there were, the form that takes a file, one run with its differences.

use actix_web::web;
use askama::Template;

use super::actions::{self, RunInFull, RunView};
use super::api::ask;
use crate::accounts::May;
use crate::accounts::role::ValidateProgram;
use crate::app::Lis;
use crate::domain::ids::ValidationRunId;
use crate::domain::refusal::Outcome;
use crate::web::routes::Routes;
use crate::web::ui::RowProblem;
use crate::web::{Answer, Ui, Upload, page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/quality/validation", list)
        .post("/quality/validation", run)
        .get("/quality/validation/{id}", one)
        .and(super::program_pages::routes())
}

/// Rows on the page.
const PAGE_ROWS: i64 = 100;

#[derive(Template)]
#[template(path = "quality/validation/list.html")]
struct ListPage {
    ui: Ui,
    runs: Vec<RunView>,
    /// What is wrong with the file that was sent.
    problems: Vec<RowProblem>,
    program: &'static str,
}

async fn list_page(lis: &Lis, ui: Ui, problems: Vec<RowProblem>) -> Outcome<ListPage> {
    let runs = lis.db.read(|conn| actions::runs(conn, i64::MAX, PAGE_ROWS)).await?;
    Ok(ListPage { ui, runs, problems, program: actions::PROGRAM })
}

async fn list(_: May<ValidateProgram>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    page(&list_page(&lis, ui, Vec::new()).await?, false)
}

async fn run(by: May<ValidateProgram>, ui: Ui, lis: web::Data<Lis>, file: Upload) -> Answer {
    match ask(&lis, file).await? {
        Ok(ran) => {
            let kept = lis.db.write(move |tx| actions::keep(tx, &by, &ran)).await?;
            Ok(see_other(&format!("/quality/validation/{}", kept.id), Some("done-validation-run")))
        }
        Err(refusal) => {
            let problems = RowProblem::all(&refusal.reasons, ui.language);
            page(&list_page(&lis, ui, problems).await?, true)
        }
    }
}

#[derive(Template)]
#[template(path = "quality/validation/one.html")]
struct OnePage {
    ui: Ui,
    found: RunInFull,
}

async fn one(_: May<ValidateProgram>, ui: Ui, lis: web::Data<Lis>, id: web::Path<ValidationRunId>) -> Answer {
    let id = *id;
    let found = lis.db.read(move |conn| actions::run_in_full(conn, id)).await?;
    page(&OnePage { ui, found }, false)
}
