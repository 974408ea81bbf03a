//! The page of the accredited scope: its lines, and for the technical manager the next one and the end of one.

use actix_web::web;
use askama::Template;

use super::actions::{self, ScopeInput, ScopeView};
use super::state::SCHEMES;
use crate::accounts::role::{ManageCatalogue, SeeReports};
use crate::accounts::{Actor, May};
use crate::app::Lis;
use crate::catalogue::actions::current;
use crate::db::Tx;
use crate::domain::ids::ScopeId;
use crate::domain::refusal::{Outcome, Refusal};
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors};
use crate::web::{Answer, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new().get("/scope", lines).post("/scope", add).post("/scope/{id}/end", end)
}

/// Rows on the page: a large annex.
const PAGE_ROWS: i64 = 1000;

#[derive(Template)]
#[template(path = "quality/scope/scope.html")]
struct ScopePage {
    ui: Ui,
    once: String,
    lines: Vec<ScopeView>,
    may_change: bool,
    schemes: Vec<Choice>,
    input: ScopeInput,
    errors: FormErrors,
}

async fn scope_page(lis: &Lis, ui: Ui, by: &Actor, input: ScopeInput, refusal: Option<&Refusal>) -> Outcome<ScopePage> {
    let today = lis.clock.now().date_in_china();
    let (mut lines, catalogue) =
        lis.db.read(move |conn| Ok((actions::lines(conn, i64::MAX, PAGE_ROWS, today)?, current(conn)?))).await?;
    // Analytes and foods are written by their keys or their names; the page says what they are called.
    for analyte in lines.iter_mut().flat_map(|line| &mut line.analytes) {
        let (chinese, english) = catalogue.analyte_name(analyte);
        *analyte = ui.pick(chinese, english).to_owned();
    }
    for food in lines.iter_mut().flat_map(|line| &mut line.food_categories) {
        *food = ui.language.said(&catalogue.food_name(food));
    }
    let scheme = |code: &&str| Choice {
        value: (*code).to_owned(),
        label: ui.t(&format!("scheme-{}", code.to_lowercase())),
        chosen: false,
    };
    let schemes = SCHEMES.iter().map(scheme).collect();
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    let may_change = May::<ManageCatalogue>::check(by).is_some();
    Ok(ScopePage { once: ui.once(), lines, may_change, schemes, input, errors, ui })
}

async fn lines(by: May<SeeReports>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    let input = ScopeInput { valid_from: lis.clock.now().date_in_china().to_string(), ..ScopeInput::default() };
    page(&scope_page(&lis, ui, &by, input, None).await?, false)
}

async fn add(by: May<ManageCatalogue>, ui: Ui, lis: web::Data<Lis>, form: Form<ScopeInput>) -> Answer {
    let Form { input, request, .. } = form;
    let (actor, who) = (by.clone(), by.clone());
    let outcome = match input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| actions::add_line(tx, &who, &facts);
            refused(lis.command(&actor, &request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other("/scope", Some("done-scope-saved"))),
        Err(refusal) => refused_page(&scope_page(&lis, ui, &by, input, Some(&refusal)).await?, &refusal),
    }
}

async fn end(
    by: May<ManageCatalogue>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<ScopeId>,
    form: Form<Vec<(String, String)>>,
) -> Answer {
    let (id, seen, actor, who) = (*id, form.seen.required()?, by.clone(), by.clone());
    let work = move |tx: &mut Tx| actions::end_line(tx, &who, id, seen);
    match refused(lis.command(&actor, &form.request, work).await)? {
        Ok(_) => Ok(see_other("/scope", Some("done-scope-saved"))),
        Err(refusal) => {
            refused_page(&scope_page(&lis, ui, &by, ScopeInput::default(), Some(&refusal)).await?, &refusal)
        }
    }
}
