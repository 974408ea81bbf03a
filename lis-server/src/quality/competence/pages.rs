//! Pages of competence: what is due, the records of everybody or of one person, the next record; and the declaration that
//! everybody of the laboratory makes once.

use actix_web::web;
use askama::Template;
use serde::Deserialize;

use super::actions::{self, CompetenceDue, CompetenceInput, CompetenceView};
use super::declaring::{self, DeclarationInput};
use super::state::{KINDS, RESULTS};
use crate::accounts::extract::SignedIn;
use crate::accounts::role::KeepCompetence;
use crate::accounts::{Actor, May, PASSWORD_MUST_CHANGE};
use crate::app::Lis;
use crate::db::Tx;
use crate::domain::clock::Moment;
use crate::domain::ids::PersonId;
use crate::domain::refusal::{NOT_FOUND, Outcome, Refusal};
use crate::quality::proficiency::actions::{self as proficiency, RoundView};
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors, worded};
use crate::web::{Answer, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/competence", records)
        .post("/competence", add)
        .get("/declaration", declaration)
        .post("/declaration", declare)
}

/// Rows on the page.
const PAGE_ROWS: i64 = 200;

/// Whose records.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Filter {
    person: Option<i64>,
}

#[derive(Template)]
#[template(path = "quality/competence/competence.html")]
struct CompetencePage {
    ui: Ui,
    once: String,
    due: CompetenceDue,
    records: Vec<CompetenceView>,
    /// Rounds of proficiency tests in which the person tested; none while nobody is chosen.
    rounds: Vec<RoundView>,
    people: Vec<Choice>,
    kinds: Vec<Choice>,
    results: Vec<Choice>,
    input: CompetenceInput,
    errors: FormErrors,
}

worded!(CompetencePage);

async fn competence_page(
    lis: &Lis,
    ui: Ui,
    of: Option<PersonId>,
    input: CompetenceInput,
    refusal: Option<&Refusal>,
) -> Outcome<CompetencePage> {
    let (today, days) = (lis.clock.now().date_in_china(), lis.config.competence_reminder_days);
    let (due, records, rounds, people) = lis
        .db
        .read(move |conn| {
            let records = actions::records(conn, of, i64::MAX, PAGE_ROWS)?;
            let rounds = match of {
                Some(_) => proficiency::rounds(conn, of, i64::MAX, PAGE_ROWS)?,
                None => Vec::new(),
            };
            Ok((actions::due(conn, today, days)?, records, rounds, actions::people(conn)?))
        })
        .await?;
    let choices = |list: &[&str], prefix: &str| -> Vec<Choice> {
        let choice = |code: &&str| Choice {
            value: (*code).to_owned(),
            label: ui.t(&format!("{prefix}-{}", code.replace('_', "-"))),
            chosen: false,
        };
        list.iter().map(choice).collect()
    };
    let (kinds, results) = (choices(KINDS, "competence-kind"), choices(RESULTS, "competence-result"));
    let person = |(id, name): (PersonId, String)| Choice { value: id.to_string(), label: name, chosen: false };
    let people = people.into_iter().map(person).collect();
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    Ok(CompetencePage { once: ui.once(), due, records, rounds, people, kinds, results, input, errors, ui })
}

async fn records(_: May<KeepCompetence>, ui: Ui, lis: web::Data<Lis>, query: web::Query<Filter>) -> Answer {
    let of = query.person.map(PersonId);
    let input = CompetenceInput {
        person_id: of.map(|id| id.to_string()).unwrap_or_default(),
        performed_on: lis.clock.now().date_in_china().to_string(),
        ..CompetenceInput::default()
    };
    page(&competence_page(&lis, ui, of, input, None).await?, false)
}

async fn add(by: May<KeepCompetence>, ui: Ui, lis: web::Data<Lis>, form: Form<CompetenceInput>) -> Answer {
    let Form { input, request, .. } = form;
    let actor = by.clone();
    let outcome = match input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| actions::add_record(tx, &by, &facts);
            refused(lis.command(&actor, &request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other("/competence", Some("done-competence-recorded"))),
        Err(refusal) => refused_page(&competence_page(&lis, ui, None, input, Some(&refusal)).await?, &refusal),
    }
}

#[derive(Template)]
#[template(path = "quality/competence/declaration.html")]
struct DeclarationPage {
    ui: Ui,
    once: String,
    declared_at: Option<Moment>,
    errors: FormErrors,
}

/// Somebody of the laboratory; for everybody else there is no such page.
fn require_laboratory(by: SignedIn) -> Outcome<Actor> {
    if !by.actor.is_laboratory() {
        return Err(NOT_FOUND.into());
    }
    if by.session.password_must_change {
        return Err(PASSWORD_MUST_CHANGE.into());
    }
    Ok(by.actor)
}

async fn declaration_page(lis: &Lis, ui: Ui, by: &Actor, refusal: Option<&Refusal>) -> Outcome<DeclarationPage> {
    let who = by.clone();
    let declared_at = lis.db.read(move |conn| declaring::declared_at(conn, &who)).await?;
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    Ok(DeclarationPage { once: ui.once(), declared_at, errors, ui })
}

async fn declaration(by: SignedIn, ui: Ui, lis: web::Data<Lis>) -> Answer {
    let by = require_laboratory(by)?;
    page(&declaration_page(&lis, ui, &by, None).await?, false)
}

async fn declare(by: SignedIn, ui: Ui, lis: web::Data<Lis>, form: Form<DeclarationInput>) -> Answer {
    let actor = require_laboratory(by)?;
    match form.input.checked() {
        Ok(()) => {
            let (who, wording) = (actor.clone(), ui.t("declaration-wording"));
            lis.command(&actor, &form.request, move |tx| declaring::declare(tx, &who, &wording)).await?;
            Ok(see_other("/", Some("done-declared")))
        }
        Err(refusal) => refused_page(&declaration_page(&lis, ui, &actor, Some(&refusal)).await?, &refusal),
    }
}
