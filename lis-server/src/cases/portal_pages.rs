//! Pages of the operator: the cases in which he was served, his application.

use actix_web::web;
use askama::Template;

use super::actions;
use super::notice::{self as notices, Told};
use super::portal::{self, ApplyInput, PortalCase};
use super::shown_clocks::{ClockShown, choices, shown_clocks};
use super::state::Kind;
use crate::accounts::May;
use crate::accounts::role::UsePortal;
use crate::app::Lis;
use crate::domain::ids::CaseId;
use crate::domain::refusal::{NOT_FOUND, Outcome, Refusal};
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors, worded};
use crate::web::{Answer, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/portal/cases", portal_cases)
        .get("/portal/cases/{id}", portal_case)
        .post("/portal/cases/{id}", apply)
}

#[derive(Template)]
#[template(path = "cases/pages/portal_cases.html")]
struct PortalCasesPage {
    ui: Ui,
    cases: Vec<PortalCase>,
}
worded!(PortalCasesPage);

async fn portal_cases(by: May<UsePortal>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    let enterprise = by.enterprise.ok_or(NOT_FOUND)?;
    let cases = lis.db.read(move |conn| portal::of_enterprise(conn, enterprise)).await?;
    page(&PortalCasesPage { ui, cases }, false)
}

#[derive(Template)]
#[template(path = "cases/pages/portal_case.html")]
struct PortalCasePage {
    ui: Ui,
    shown: PortalCase,
    told: Told,
    duties: Vec<String>,
    rights: Vec<String>,
    clocks: Vec<ClockShown>,
    /// What may be applied for today; after a refusal everything, so that the form comes back filled in.
    kinds: Vec<Choice>,
    /// What may not, with the reasons.
    closed: Vec<(String, String)>,
    once: String,
    input: ApplyInput,
    errors: FormErrors,
}
worded!(PortalCasePage);

async fn portal_page(lis: &Lis, ui: Ui, by: &May<UsePortal>, id: CaseId) -> Outcome<PortalCasePage> {
    let enterprise = by.enterprise.ok_or(NOT_FOUND)?;
    let now = lis.clock.now();
    let (told, kinds, fell, shown) = lis
        .db
        .read(move |conn| {
            let shown = portal::case_of(conn, enterprise, id)?;
            let kinds = portal::kinds(conn, &shown, now.date_in_china())?;
            Ok((notices::told(conn, &shown)?, kinds, actions::fell_at(conn, id)?, shown))
        })
        .await?;
    let open = kinds.iter().filter(|(_, against)| against.is_none());
    let said = |refusal: &Refusal| -> String {
        let sentences: Vec<String> = refusal.reasons.iter().map(|reason| ui.language.sentence(reason)).collect();
        sentences.join(ui.pick("", " "))
    };
    let closed =
        kinds.iter().filter_map(|(kind, against)| Some((ui.t(&kind.word()), said(against.as_ref()?)))).collect();
    Ok(PortalCasePage {
        clocks: shown_clocks(&ui, &shown.clocks, fell, now),
        kinds: choices(&ui, open.map(|(kind, _)| (kind.code(), kind.word()))),
        closed,
        duties: if fell.is_some() { Vec::new() } else { notices::duties(&shown.service.party, ui.language) },
        rights: if fell.is_some() { Vec::new() } else { notices::rights(&told, ui.language) },
        told,
        once: ui.once(),
        ui,
        shown,
        input: ApplyInput::default(),
        errors: FormErrors::default(),
    })
}

async fn portal_case(by: May<UsePortal>, ui: Ui, lis: web::Data<Lis>, id: web::Path<CaseId>) -> Answer {
    page(&portal_page(&lis, ui, &by, *id).await?, false)
}

async fn apply(
    by: May<UsePortal>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<CaseId>,
    form: Form<ApplyInput>,
) -> Answer {
    let Form { input, request, .. } = form;
    let (id, who) = (*id, by.clone());
    let outcome = match input.checked() {
        Ok(facts) => refused(lis.command(&who, &request, move |tx| portal::apply(tx, &by, id, &facts)).await)?,
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(_) => Ok(see_other(&format!("/portal/cases/{id}"), Some("done-applied"))),
        Err(refusal) => {
            let mut shown = portal_page(&lis, ui, &who, id).await?;
            shown.errors = FormErrors::of(&refusal, shown.ui.language);
            shown.kinds = choices(&shown.ui, Kind::ALL.iter().map(|kind| (kind.code(), kind.word())));
            shown.input = input;
            refused_page(&shown, &refusal)
        }
    }
}
