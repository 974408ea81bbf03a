//! Pages of comparisons: the list with the form that plans one, and one of them with the form of its result.

use actix_web::web;
use askama::Template;

use super::actions::{self, ComparisonInput, ComparisonResultInput, ComparisonView, KINDS};
use crate::accounts::May;
use crate::accounts::role::ManageQuality;
use crate::app::Lis;
use crate::db::Tx;
use crate::domain::ids::ComparisonId;
use crate::domain::refusal::{Outcome, Refusal};
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors, worded};
use crate::web::{Answer, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/quality/comparisons", list)
        .post("/quality/comparisons", plan)
        .get("/quality/comparisons/{id}", one)
        .post("/quality/comparisons/{id}/result", record)
}

/// Rows on the page.
const PAGE_ROWS: i64 = 200;

#[derive(Template)]
#[template(path = "quality/comparisons/list.html")]
struct ListPage {
    ui: Ui,
    once: String,
    comparisons: Vec<ComparisonView>,
    kinds: Vec<Choice>,
    input: ComparisonInput,
    errors: FormErrors,
}

worded!(ListPage);

async fn list_page(lis: &Lis, ui: Ui, input: ComparisonInput, refusal: Option<&Refusal>) -> Outcome<ListPage> {
    let today = lis.clock.now().date_in_china();
    let comparisons = lis.db.read(move |conn| actions::comparisons(conn, i64::MAX, PAGE_ROWS, today)).await?;
    let choice = |kind: &&str| Choice {
        value: (*kind).to_owned(),
        label: ui.t(&format!("comparison-kind-{}", kind.replace('_', "-"))),
        chosen: false,
    };
    let kinds = KINDS.iter().map(choice).collect();
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    Ok(ListPage { once: ui.once(), comparisons, kinds, input, errors, ui })
}

async fn list(_: May<ManageQuality>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    page(&list_page(&lis, ui, ComparisonInput::default(), None).await?, false)
}

async fn plan(by: May<ManageQuality>, ui: Ui, lis: web::Data<Lis>, form: Form<ComparisonInput>) -> Answer {
    let actor = by.clone();
    let outcome = match form.input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| actions::plan(tx, &by, &facts);
            refused(lis.command(&actor, &form.request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(_) => Ok(see_other("/quality/comparisons", Some("done-comparison-planned"))),
        Err(refusal) => refused_page(&list_page(&lis, ui, form.input, Some(&refusal)).await?, &refusal),
    }
}

#[derive(Template)]
#[template(path = "quality/comparisons/one.html")]
struct OnePage {
    ui: Ui,
    once: String,
    comparison: ComparisonView,
    input: ComparisonResultInput,
    errors: FormErrors,
}

worded!(OnePage);

async fn one_page(
    lis: &Lis,
    ui: Ui,
    id: ComparisonId,
    input: ComparisonResultInput,
    refusal: Option<&Refusal>,
) -> Outcome<OnePage> {
    let today = lis.clock.now().date_in_china();
    let comparison = lis.db.read(move |conn| actions::comparison(conn, id, today)).await?;
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    Ok(OnePage { once: ui.once(), comparison, input, errors, ui })
}

async fn one(_: May<ManageQuality>, ui: Ui, lis: web::Data<Lis>, id: web::Path<ComparisonId>) -> Answer {
    let input = ComparisonResultInput {
        performed_on: lis.clock.now().date_in_china().to_string(),
        ..ComparisonResultInput::default()
    };
    page(&one_page(&lis, ui, *id, input, None).await?, false)
}

async fn record(
    by: May<ManageQuality>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<ComparisonId>,
    form: Form<ComparisonResultInput>,
) -> Answer {
    let (id, seen, actor) = (*id, form.seen.required()?, by.clone());
    let outcome = match form.input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| actions::record(tx, &by, id, seen, &facts);
            refused(lis.command(&actor, &form.request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(_) => Ok(see_other(&format!("/quality/comparisons/{id}"), Some("done-comparison-recorded"))),
        Err(refusal) => refused_page(&one_page(&lis, ui, id, form.input, Some(&refusal)).await?, &refusal),
    }
}
