//! The list of sampling plans, one plan and the decision on it.

use actix_web::web;
use askama::Template;

use super::super::plans::{self, DecisionInput, PlanWithLines};
use super::super::state::PlanState;
use super::super::store::{self, PlanRow};
use super::{Before, PAGE_ROWS, name, next_page, people_of};
use crate::accounts::May;
use crate::accounts::actions::names_of;
use crate::accounts::role::ApprovePlans;
use crate::app::Lis;
use crate::domain::ids::PlanId;
use crate::domain::refusal::Outcome;
use crate::web::routes::Routes;
use crate::web::ui::{FormErrors, worded};
use crate::web::{Answer, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new().get("/plans", plans_page).get("/plans/{id}", plan).post("/plans/{id}/decision", decide_plan)
}

worded!(PlansPage);

#[derive(Template)]
#[template(path = "campaigns/pages/plans.html")]
struct PlansPage {
    ui: Ui,
    plans: Vec<(PlanRow, String)>,
    next: String,
}

async fn plans_page(_: May<ApprovePlans>, ui: Ui, lis: web::Data<Lis>, query: web::Query<Before>) -> Answer {
    let before = query.before;
    let (mut rows, names) = lis
        .db
        .read(move |conn| {
            let rows = store::plans(conn, before, PAGE_ROWS + 1)?;
            let names = names_of(conn, &people_of(rows.iter()))?;
            Ok((rows, names))
        })
        .await?;
    let next = next_page(&mut rows, "/plans", |row| row.id.0);
    let plans = rows.into_iter().map(|row| (row.clone(), name(&names, Some(row.drafted_by)))).collect();
    page(&PlansPage { ui, plans, next }, false)
}

worded!(PlanPage);

#[derive(Template)]
#[template(path = "campaigns/pages/plan.html")]
struct PlanPage {
    ui: Ui,
    with: PlanWithLines,
    drafted_by: String,
    approved_by: String,
    undecided: bool,
    once: String,
    reason: String,
    errors: FormErrors,
}

async fn plan_page(lis: &Lis, ui: Ui, id: PlanId) -> Outcome<PlanPage> {
    let (with, names) = lis
        .db
        .read(move |conn| {
            let with = plans::facts(conn, id)?;
            let names = names_of(conn, &people_of(std::iter::once(&with.plan)))?;
            Ok((with, names))
        })
        .await?;
    Ok(PlanPage {
        drafted_by: name(&names, Some(with.plan.drafted_by)),
        approved_by: name(&names, with.plan.approved_by),
        undecided: plans::state_of(&with.plan)? == PlanState::Draft,
        once: ui.once(),
        ui,
        with,
        reason: String::new(),
        errors: FormErrors::default(),
    })
}

async fn plan(_: May<ApprovePlans>, ui: Ui, lis: web::Data<Lis>, id: web::Path<PlanId>) -> Answer {
    page(&plan_page(&lis, ui, *id).await?, false)
}

async fn decide_plan(
    by: May<ApprovePlans>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<PlanId>,
    form: Form<DecisionInput>,
) -> Answer {
    let Form { input, request, seen } = form;
    let (id, seen) = (*id, seen.required()?);
    let actor = by.clone();
    let outcome = match input.checked() {
        Ok(facts) => refused(lis.command(&actor, &request, move |tx| plans::decide(tx, &by, id, seen, &facts)).await)?,
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(_) => Ok(see_other(&format!("/plans/{id}"), Some("done-plan-decided"))),
        Err(refusal) => {
            let mut shown = plan_page(&lis, ui, id).await?;
            shown.errors = FormErrors::of(&refusal, shown.ui.language);
            shown.reason = input.reason;
            refused_page(&shown, &refusal)
        }
    }
}
