//! Pages of upkeep: what the program looked at by itself, and one look with what was done about it.

use actix_web::web;
use askama::Template;

use super::Finding;
use super::actions::{self, ActionInput, RunView};
use super::clock::{self, Doubt};
use crate::accounts::May;
use crate::accounts::role::WatchUpkeep;
use crate::app::Lis;
use crate::db::Tx;
use crate::domain::ids::UpkeepRunId;
use crate::domain::refusal::{Outcome, Refusal};
use crate::web::routes::Routes;
use crate::web::ui::FormErrors;
use crate::web::{Answer, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new().get("/upkeep", list).get("/upkeep/{id}", one).post("/upkeep/{id}/action", act)
}

/// Rows on the page: a month of nights.
const PAGE_ROWS: i64 = 100;

#[derive(Template)]
#[template(path = "upkeep/pages/list.html")]
struct ListPage {
    ui: Ui,
    runs: Vec<RunView>,
    /// Whether this server looks by itself, and whether it backs up.
    looks: bool,
    backs_up: bool,
    /// Where no time source is set.
    clock: Doubt,
}

impl ListPage {
    fn found(&self, one: &Finding) -> String {
        one.said(self.ui.language)
    }
}

async fn list(_: May<WatchUpkeep>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    let (real, tolerance_s) = (lis.clock.real(), lis.config.clock_tolerance_s);
    let has_source = lis.config.time_source.is_some();
    let (runs, clock) = lis
        .db
        .read(move |conn| {
            let clock = if has_source { Doubt::default() } else { clock::doubted(conn, real, tolerance_s)? };
            Ok((actions::runs(conn, i64::MAX, PAGE_ROWS)?, clock))
        })
        .await?;
    let (looks, backs_up) = (lis.config.upkeep_hour.is_some(), lis.config.backup_to.is_some());
    page(&ListPage { ui, runs, looks, backs_up, clock }, false)
}

#[derive(Template)]
#[template(path = "upkeep/pages/one.html")]
struct OnePage {
    ui: Ui,
    once: String,
    run: RunView,
    input: ActionInput,
    errors: FormErrors,
}

impl OnePage {
    fn found(&self, one: &Finding) -> String {
        one.said(self.ui.language)
    }
}

async fn one_page(
    lis: &Lis,
    ui: Ui,
    id: UpkeepRunId,
    input: ActionInput,
    refusal: Option<&Refusal>,
) -> Outcome<OnePage> {
    let run = lis.db.read(move |conn| actions::run(conn, id)).await?;
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    Ok(OnePage { once: ui.once(), run, input, errors, ui })
}

async fn one(_: May<WatchUpkeep>, ui: Ui, lis: web::Data<Lis>, id: web::Path<UpkeepRunId>) -> Answer {
    page(&one_page(&lis, ui, *id, ActionInput::default(), None).await?, false)
}

async fn act(
    by: May<WatchUpkeep>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<UpkeepRunId>,
    form: Form<ActionInput>,
) -> Answer {
    let (id, actor) = (*id, by.clone());
    let outcome = match form.input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| actions::act(tx, &by, id, &facts);
            refused(lis.command(&actor, &form.request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(_) => Ok(see_other(&format!("/upkeep/{id}"), Some("done-upkeep-action"))),
        Err(refusal) => refused_page(&one_page(&lis, ui, id, form.input, Some(&refusal)).await?, &refusal),
    }
}
