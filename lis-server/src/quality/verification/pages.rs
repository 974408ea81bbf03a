//! The page of verifications: those that there are, and for the technical manager the next one.

use actix_web::web;
use askama::Template;

use super::actions::{self, CONCLUSIONS, VerificationInput, VerificationView};
use super::api::{input_of, record_of, stored};
use crate::accounts::role::{ManageCatalogue, SeeBench};
use crate::accounts::{Actor, May};
use crate::app::Lis;
use crate::catalogue::actions::current;
use crate::db::Tx;
use crate::domain::ids::MethodVerificationId;
use crate::domain::refusal::{Outcome, Refusal};
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors, worded};
use crate::web::{Answer, Ui, Upload, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/catalogue/verifications", list)
        .post("/catalogue/verifications", keep)
        .get("/catalogue/verifications/{id}/file", file)
}

/// Rows on the page.
const PAGE_ROWS: i64 = 200;

#[derive(Template)]
#[template(path = "quality/verification/list.html")]
struct ListPage {
    ui: Ui,
    once: String,
    verifications: Vec<VerificationView>,
    may_keep: bool,
    methods: Vec<Choice>,
    conclusions: Vec<Choice>,
    input: VerificationInput,
    errors: FormErrors,
}

worded!(ListPage);

async fn list_page(
    lis: &Lis,
    ui: Ui,
    by: &Actor,
    input: VerificationInput,
    refusal: Option<&Refusal>,
) -> Outcome<ListPage> {
    let (verifications, catalogue) =
        lis.db.read(|conn| Ok((actions::verifications(conn, i64::MAX, PAGE_ROWS)?, current(conn)?))).await?;
    let choice = |value: &str, label: String| Choice { value: value.to_owned(), label, chosen: false };
    let methods = catalogue.methods.iter().map(|row| choice(&row.key, row.text())).collect();
    let word = |code: &&str| choice(code, ui.t(&format!("verification-{code}")));
    let conclusions = CONCLUSIONS.iter().map(word).collect();
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    let may_keep = May::<ManageCatalogue>::check(by).is_some();
    Ok(ListPage { once: ui.once(), verifications, may_keep, methods, conclusions, input, errors, ui })
}

async fn list(by: May<SeeBench>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    let performed_on = lis.clock.now().date_in_china().to_string();
    let input = VerificationInput { performed_on, ..VerificationInput::default() };
    page(&list_page(&lis, ui, &by, input, None).await?, false)
}

async fn keep(by: May<ManageCatalogue>, ui: Ui, lis: web::Data<Lis>, file: Upload) -> Answer {
    let (request, actor, who) = (file.request.clone(), by.clone(), by.clone());
    let input = input_of(&file);
    let outcome = match refused(stored(&lis, &input, file).await)? {
        Ok(facts) => {
            let work = move |tx: &mut Tx| actions::keep(tx, &who, &facts);
            refused(lis.command(&actor, &request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other("/catalogue/verifications", Some("done-method-verified"))),
        Err(refusal) => refused_page(&list_page(&lis, ui, &by, input, Some(&refusal)).await?, &refusal),
    }
}

async fn file(_: May<SeeBench>, lis: web::Data<Lis>, id: web::Path<MethodVerificationId>) -> Answer {
    record_of(&lis, *id).await
}
