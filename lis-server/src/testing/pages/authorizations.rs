//! Who is authorized for which method: the list, a new authorization, the end of one.

use actix_web::web;
use askama::Template;

use super::super::actions::{self, ACTIVITIES, AuthorizationInput, AuthorizationView};
use super::Pairs;
use crate::accounts::actions::people_with_roles;
use crate::accounts::role::ManageCatalogue;
use crate::accounts::{May, Role};
use crate::app::Lis;
use crate::db::Tx;
use crate::domain::ids::AuthorizationId;
use crate::domain::refusal::{Outcome, Refusal};
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors};
use crate::web::{Answer, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/authorizations", authorizations)
        .post("/authorizations", grant_authorization)
        .post("/authorizations/{id}/end", end_authorization)
}

#[derive(Template)]
#[template(path = "testing/pages/authorizations.html")]
struct AuthorizationsPage {
    ui: Ui,
    once: String,
    rows: Vec<AuthorizationView>,
    people: Vec<Choice>,
    activities: Vec<Choice>,
    input: AuthorizationInput,
    errors: FormErrors,
}

/// Who is authorized for methods.
const AUTHORIZED: &[Role] = &[Role::Sampler, Role::Tester, Role::Checker, Role::Reviewer, Role::Signatory];

async fn authorizations_page(
    lis: &Lis,
    ui: Ui,
    input: AuthorizationInput,
    refusal: Option<&Refusal>,
) -> Outcome<AuthorizationsPage> {
    let today = lis.clock.now().date_in_china();
    let (rows, people) = lis
        .db
        .read(move |conn| {
            let people = people_with_roles(conn, AUTHORIZED)?;
            Ok((actions::authorizations(conn, 0, 1000, today)?, people))
        })
        .await?;
    let people = people
        .into_iter()
        .map(|(id, name)| Choice { value: id.to_string(), chosen: id.to_string() == input.person_id, label: name })
        .collect();
    let activities = ACTIVITIES
        .iter()
        .map(|code| Choice { value: (*code).to_owned(), label: ui.t(&format!("activity-{code}")), chosen: false })
        .collect();
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    Ok(AuthorizationsPage { once: ui.once(), rows, people, activities, input, errors, ui })
}

async fn authorizations(_: May<ManageCatalogue>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    page(&authorizations_page(&lis, ui, AuthorizationInput::default(), None).await?, false)
}

async fn grant_authorization(
    by: May<ManageCatalogue>,
    ui: Ui,
    lis: web::Data<Lis>,
    form: Form<AuthorizationInput>,
) -> Answer {
    let Form { input, request, .. } = form;
    let actor = by.clone();
    let outcome = match input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| actions::grant_authorization(tx, &by, &facts);
            refused(lis.command(&actor, &request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other("/authorizations", Some("done-authorization-granted"))),
        Err(refusal) => refused_page(&authorizations_page(&lis, ui, input, Some(&refusal)).await?, &refusal),
    }
}

async fn end_authorization(
    by: May<ManageCatalogue>,
    lis: web::Data<Lis>,
    id: web::Path<AuthorizationId>,
    form: Form<Pairs>,
) -> Answer {
    let (id, seen) = (*id, form.seen.required()?);
    lis.db.write(move |tx| actions::end_authorization(tx, &by, id, seen)).await?;
    Ok(see_other("/authorizations", Some("done-authorization-ended")))
}
