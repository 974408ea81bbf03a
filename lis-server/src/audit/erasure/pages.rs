//! The page of erasures: what was done, and the next one.

use actix_web::web;
use askama::Template;

use super::{Erased, ErasureInput, ErasureView, GROUNDS, Kind};
use crate::accounts::May;
use crate::accounts::role::ErasePersonal;
use crate::app::Lis;
use crate::db::Tx;
use crate::domain::refusal::{Outcome, Refusal};
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors};
use crate::web::{Answer, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new().get("/erasure", list).post("/erasure", erase)
}

/// Erasures on the page, the newest.
const PAGE_ROWS: i64 = 100;

#[derive(Template)]
#[template(path = "audit/erasure/erasure.html")]
struct ErasurePage {
    ui: Ui,
    once: String,
    done: Vec<ErasureView>,
    kinds: Vec<Choice>,
    grounds: Vec<Choice>,
    input: ErasureInput,
    errors: FormErrors,
}

impl ErasurePage {
    fn kind_word(&self, code: &str) -> String {
        self.ui.t(&format!("erasure-kind-{}", code.replace('_', "-")))
    }

    fn ground_word(&self, code: &str) -> String {
        self.ui.t(&format!("erasure-ground-{code}"))
    }
}

async fn erasure_page(lis: &Lis, ui: Ui, input: ErasureInput, refusal: Option<&Refusal>) -> Outcome<ErasurePage> {
    let done = lis.db.read(|conn| super::erasures(conn, i64::MAX, PAGE_ROWS)).await?;
    let choice = |prefix: &str, code: &str| Choice {
        value: code.to_owned(),
        label: ui.t(&format!("{prefix}-{}", code.replace('_', "-"))),
        chosen: false,
    };
    let kinds = Kind::ALL.iter().map(|kind| choice("erasure-kind", kind.code())).collect();
    let grounds = GROUNDS.iter().map(|ground| choice("erasure-ground", ground)).collect();
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    Ok(ErasurePage { once: ui.once(), done, kinds, grounds, input, errors, ui })
}

async fn list(_: May<ErasePersonal>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    page(&erasure_page(&lis, ui, ErasureInput::default(), None).await?, false)
}

async fn erase(by: May<ErasePersonal>, ui: Ui, lis: web::Data<Lis>, form: Form<ErasureInput>) -> Answer {
    let Form { input, request, .. } = form;
    let (actor, today) = (by.clone(), lis.clock.now().date_in_china());
    let outcome = match input.checked() {
        Ok(facts) => {
            let named = facts.clone();
            match refused(lis.db.read(move |conn| super::subject(conn, &named, today)).await)? {
                Ok(subject) => {
                    let work = move |tx: &mut Tx| -> Outcome<Erased> { super::erase(tx, &by, &facts, subject) };
                    refused(lis.command(&actor, &request, work).await)?
                }
                Err(refusal) => Err(refusal),
            }
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(erased) => {
            let done = if erased.name_kept { "done-erased-name-kept" } else { "done-erased" };
            Ok(see_other("/erasure", Some(done)))
        }
        Err(refusal) => refused_page(&erasure_page(&lis, ui, input, Some(&refusal)).await?, &refusal),
    }
}
