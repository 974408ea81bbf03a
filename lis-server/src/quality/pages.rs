//! Pages of the quality officer: held worksheets and non-conforming work.

use std::collections::HashMap;

use actix_web::web;
use askama::Template;

use super::actions::{self, CloseInput, WorkView};
use crate::accounts::May;
use crate::accounts::role::ManageQuality;
use crate::app::Lis;
use crate::db::Tx;
use crate::domain::ids::{WorkId, WorksheetId};
use crate::domain::refusal::{Outcome, Refusal};
use crate::testing::actions::{ListedSheet, ReleaseInput, failed_controls, release, worksheets};
use crate::testing::controls::Control;
use crate::testing::state::WorksheetState;
use crate::web::routes::Routes;
use crate::web::ui::FormErrors;
use crate::web::{Answer, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/quality", overview)
        .post("/quality/worksheets/{id}/release", release_sheet)
        .get("/quality/work/{id}", work)
        .post("/quality/work/{id}/close", close)
}

/// Rows on the page.
const PAGE_ROWS: i64 = 100;

#[derive(Template)]
#[template(path = "quality/pages/overview.html")]
struct OverviewPage {
    ui: Ui,
    once: String,
    /// With the controls that failed.
    held: Vec<(ListedSheet, Vec<Control>)>,
    works: Vec<WorkView>,
    input: ReleaseInput,
    errors: FormErrors,
}

async fn overview_page(lis: &Lis, ui: Ui, input: ReleaseInput, refusal: Option<&Refusal>) -> Outcome<OverviewPage> {
    let (held, works) = lis
        .db
        .read(|conn| {
            let held = worksheets(conn, &[WorksheetState::Held.code()], i64::MAX, PAGE_ROWS)?;
            let rows: Vec<_> = held.iter().map(|sheet| &sheet.row).collect();
            let mut failed: HashMap<WorksheetId, Vec<Control>> = failed_controls(conn, &rows)?.into_iter().collect();
            let with = |sheet: ListedSheet| {
                let controls = failed.remove(&sheet.row.id).unwrap_or_default();
                (sheet, controls)
            };
            let held: Vec<(ListedSheet, Vec<Control>)> = held.into_iter().map(with).collect();
            Ok((held, actions::works(conn, i64::MAX, PAGE_ROWS)?))
        })
        .await?;
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    Ok(OverviewPage { once: ui.once(), held, works, input, errors, ui })
}

async fn overview(_: May<ManageQuality>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    page(&overview_page(&lis, ui, ReleaseInput::default(), None).await?, false)
}

async fn release_sheet(
    by: May<ManageQuality>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<WorksheetId>,
    form: Form<ReleaseInput>,
) -> Answer {
    let (id, seen, actor) = (*id, form.seen.required()?, by.clone());
    let outcome = match form.input.checked() {
        Ok(texts) => {
            let work = move |tx: &mut Tx| release(tx, &by, id, seen, &texts);
            refused(lis.command(&actor, &form.request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other("/quality", Some("done-worksheet-released"))),
        Err(refusal) => refused_page(&overview_page(&lis, ui, form.input, Some(&refusal)).await?, &refusal),
    }
}

#[derive(Template)]
#[template(path = "quality/pages/work.html")]
struct WorkPage {
    ui: Ui,
    once: String,
    work: WorkView,
    errors: FormErrors,
}

async fn work_page(lis: &Lis, ui: Ui, id: WorkId, refusal: Option<&Refusal>) -> Outcome<WorkPage> {
    let work = lis.db.read(move |conn| actions::work(conn, id)).await?;
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    Ok(WorkPage { once: ui.once(), work, errors, ui })
}

async fn work(_: May<ManageQuality>, ui: Ui, lis: web::Data<Lis>, id: web::Path<WorkId>) -> Answer {
    page(&work_page(&lis, ui, *id, None).await?, false)
}

async fn close(
    by: May<ManageQuality>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<WorkId>,
    form: Form<CloseInput>,
) -> Answer {
    let (id, seen, actor) = (*id, form.seen.required()?, by.clone());
    let outcome = match form.input.checked() {
        Ok(action) => {
            let work = move |tx: &mut Tx| actions::close_work(tx, &by, id, seen, &action);
            refused(lis.command(&actor, &form.request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other(&format!("/quality/work/{id}"), Some("done-work-closed"))),
        Err(refusal) => refused_page(&work_page(&lis, ui, id, Some(&refusal)).await?, &refusal),
    }
}
