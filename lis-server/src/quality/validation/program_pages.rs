//! The page of the validation of the program: how it stands, what was signed, and for the technical manager the signature.

use actix_web::web;
use askama::Template;
use serde::Deserialize;

use super::paper;
use super::program::{self, SignedView, SigningInput, Standing};
use super::program_api::{read_standing, signed};
use crate::accounts::role::{ManageCatalogue, ValidateProgram};
use crate::accounts::signing::{Meaning, open_grant};
use crate::accounts::{Actor, May};
use crate::app::Lis;
use crate::domain::ids::ProgramValidationId;
use crate::domain::refusal::{FIELD_INVALID, Outcome, Refusal};
use crate::web::routes::Routes;
use crate::web::ui::{FormErrors, worded};
use crate::web::{Answer, Form, Ui, page, pdf, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/quality/validation/program", shown)
        .post("/quality/validation/program", sign)
        .get("/quality/validation/program/{id}/pdf", printed)
}

/// Signed validations on the page.
const PAGE_ROWS: i64 = 100;

#[derive(Template)]
#[template(path = "quality/validation/program.html")]
struct ProgramPage {
    ui: Ui,
    once: String,
    standing: Standing,
    signed: Vec<SignedView>,
    may_sign: bool,
    input: SigningForm,
    errors: FormErrors,
}

worded!(ProgramPage);

impl ProgramPage {
    fn set(&self, set: &str) -> String {
        program::set_in_words(self.ui.language, set)
    }

    /// The run that is proposed, or what was typed and came back.
    fn run(&self) -> String {
        if !self.input.run.is_empty() {
            return self.input.run.clone();
        }
        self.standing.run.map(|id| id.to_string()).unwrap_or_default()
    }
}

async fn program_page(
    lis: &web::Data<Lis>,
    ui: Ui,
    by: &Actor,
    input: SigningForm,
    refusal: Option<&Refusal>,
) -> Outcome<ProgramPage> {
    let standing = read_standing(lis).await?;
    let signed = lis.db.read(|conn| program::all_signed(conn, i64::MAX, PAGE_ROWS)).await?;
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    let may_sign = May::<ManageCatalogue>::check(by).is_some();
    Ok(ProgramPage { once: ui.once(), standing, signed, may_sign, input, errors, ui })
}

async fn shown(by: May<ValidateProgram>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    page(&program_page(&lis, ui, &by, SigningForm::default(), None).await?, false)
}

/// The page's form: the validation, and the signing password where no grant is open.
#[derive(Deserialize, Default)]
#[serde(default)]
struct SigningForm {
    run: String,
    seen: String,
    remark: String,
    signing_password: String,
}

impl SigningForm {
    fn read(&self) -> Result<SigningInput, Refusal> {
        let run = self.run.trim().parse();
        let run = run.map_err(|_| FIELD_INVALID.at("run").with_word("expected", "expected-validation-run"))?;
        Ok(SigningInput { run, seen: self.seen.clone(), remark: self.remark.clone() })
    }
}

async fn sign(by: May<ManageCatalogue>, ui: Ui, lis: web::Data<Lis>, form: Form<SigningForm>) -> Answer {
    let (input, actor) = (form.input, by.clone());
    let checked = match input.read().and_then(|input| input.checked()) {
        Ok(facts) if !input.signing_password.is_empty() => {
            refused(open_grant(&lis, &actor, Meaning::Validated, &input.signing_password).await)?.map(|_| facts)
        }
        checked => checked,
    };
    let outcome = match checked {
        Ok(facts) => refused(signed(&lis, by, &form.request, facts).await)?.map(|_| ()),
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other("/quality/validation/program", Some("done-program-validated"))),
        Err(refusal) => refused_page(&program_page(&lis, ui, &actor, input, Some(&refusal)).await?, &refusal),
    }
}

async fn printed(_: May<ValidateProgram>, ui: Ui, lis: web::Data<Lis>, id: web::Path<ProgramValidationId>) -> Answer {
    on_paper(&lis, &ui, *id).await
}

/// A signed validation as a PDF.
pub(super) async fn on_paper(lis: &Lis, ui: &Ui, id: ProgramValidationId) -> Answer {
    let found = lis.db.read(move |conn| program::signed_in_full(conn, id)).await?;
    Ok(pdf(paper::printed(lis, found, ui.language).await?, &format!("program-validation-{id}.pdf")))
}
