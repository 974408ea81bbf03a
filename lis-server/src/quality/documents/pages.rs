//! The page of controlled documents: what is in force and what was before, and for those who keep them the next edition and
//! the decision on one that somebody else brought.

use actix_web::web;
use askama::Template;

use super::actions::{self, DocumentDecisionInput, DocumentInput, DocumentView, KINDS};
use super::api::{file_of, input_of, stored};
use crate::accounts::role::{KeepDocuments, ReadDocuments, SeeBench};
use crate::accounts::{Actor, May};
use crate::app::Lis;
use crate::db::Tx;
use crate::domain::ids::ControlledDocumentId;
use crate::domain::refusal::{Outcome, Refusal};
use crate::quality::pages::choices;
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors, worded};
use crate::web::{Answer, Form, Ui, Upload, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/controlled-documents", register)
        .post("/controlled-documents", bring)
        .post("/controlled-documents/{id}/decision", decide)
        .get("/controlled-documents/{id}/file", file)
}

/// Editions on the page: those of many years.
const PAGE_ROWS: i64 = 2_000;

#[derive(Template)]
#[template(path = "quality/documents/register.html")]
struct RegisterPage {
    ui: Ui,
    once: String,
    /// Id of who looks.
    me: i64,
    documents: Vec<DocumentView>,
    may_keep: bool,
    /// The page of the catalogue's sets is open to the viewer.
    sees_catalogue: bool,
    kinds: Vec<Choice>,
    input: DocumentInput,
    errors: FormErrors,
}

worded!(RegisterPage);

async fn register_page(
    lis: &Lis,
    ui: Ui,
    by: &Actor,
    input: DocumentInput,
    refusal: Option<&Refusal>,
) -> Outcome<RegisterPage> {
    let today = lis.clock.now().date_in_china();
    let documents = lis.db.read(move |conn| actions::register(conn, PAGE_ROWS, today)).await?;
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    let may_keep = May::<KeepDocuments>::check(by).is_some();
    let sees_catalogue = May::<SeeBench>::check(by).is_some();
    let (kinds, me) = (choices(&ui, "document-kind", KINDS), by.person.0);
    Ok(RegisterPage { once: ui.once(), me, documents, may_keep, sees_catalogue, kinds, input, errors, ui })
}

async fn register(by: May<ReadDocuments>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    let valid_from = lis.clock.now().date_in_china().to_string();
    let input = DocumentInput { valid_from, ..DocumentInput::default() };
    page(&register_page(&lis, ui, &by, input, None).await?, false)
}

async fn bring(by: May<KeepDocuments>, ui: Ui, lis: web::Data<Lis>, file: Upload) -> Answer {
    let (request, actor, who) = (file.request.clone(), by.clone(), by.clone());
    let input = input_of(&file);
    let outcome = match refused(stored(&lis, &input, file).await)? {
        Ok(facts) => {
            let work = move |tx: &mut Tx| actions::bring(tx, &who, &facts);
            refused(lis.command(&actor, &request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other("/controlled-documents", Some("done-document-brought"))),
        Err(refusal) => refused_page(&register_page(&lis, ui, &by, input, Some(&refusal)).await?, &refusal),
    }
}

async fn decide(
    by: May<KeepDocuments>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<ControlledDocumentId>,
    form: Form<DocumentDecisionInput>,
) -> Answer {
    let (id, seen, actor, who) = (*id, form.seen.required()?, by.clone(), by.clone());
    let outcome = match form.input.checked() {
        Ok(said) => {
            let work = move |tx: &mut Tx| actions::decide(tx, &who, id, seen, &said);
            refused(lis.command(&actor, &form.request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other("/controlled-documents", Some("done-document-decided"))),
        Err(refusal) => {
            let input = DocumentInput::default();
            refused_page(&register_page(&lis, ui, &by, input, Some(&refusal)).await?, &refusal)
        }
    }
}

async fn file(_: May<ReadDocuments>, lis: web::Data<Lis>, id: web::Path<ControlledDocumentId>) -> Answer {
    file_of(&lis, *id).await
}
