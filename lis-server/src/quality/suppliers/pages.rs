//! Pages of the suppliers: the register with the next entry, and one supplier with its next evaluation.

use actix_web::web;
use askama::Template;

use super::actions::{self, PROVIDES, SupplierInput, SupplierView};
use crate::accounts::May;
use crate::accounts::role::KeepSuppliers;
use crate::app::Lis;
use crate::db::Tx;
use crate::domain::ids::SupplierId;
use crate::domain::refusal::{Outcome, Refusal};
use crate::quality::pages::choices;
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors, worded};
use crate::web::{Answer, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/suppliers", register)
        .post("/suppliers", add)
        .get("/suppliers/{id}", one)
        .post("/suppliers/{id}", change)
}

/// Rows on the page.
const PAGE_ROWS: i64 = 500;

#[derive(Template)]
#[template(path = "quality/suppliers/register.html")]
struct RegisterPage {
    ui: Ui,
    once: String,
    suppliers: Vec<SupplierView>,
    provides: Vec<Choice>,
    input: SupplierInput,
    errors: FormErrors,
}

worded!(RegisterPage);

async fn register_page(lis: &Lis, ui: Ui, input: SupplierInput, refusal: Option<&Refusal>) -> Outcome<RegisterPage> {
    let today = lis.clock.now().date_in_china();
    let suppliers = lis.db.read(move |conn| actions::suppliers(conn, 0, PAGE_ROWS, today)).await?;
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    let provides = choices(&ui, "supplies", PROVIDES);
    Ok(RegisterPage { once: ui.once(), suppliers, provides, input, errors, ui })
}

async fn register(_: May<KeepSuppliers>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    let today = lis.clock.now().date_in_china().to_string();
    let input = SupplierInput { approved_from: today.clone(), evaluated_on: today, ..SupplierInput::default() };
    page(&register_page(&lis, ui, input, None).await?, false)
}

async fn add(by: May<KeepSuppliers>, ui: Ui, lis: web::Data<Lis>, form: Form<SupplierInput>) -> Answer {
    let actor = by.clone();
    let Form { input, request, .. } = form;
    let outcome = match input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| actions::add_supplier(tx, &by, &facts);
            refused(lis.command(&actor, &request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other("/suppliers", Some("done-supplier-saved"))),
        Err(refusal) => refused_page(&register_page(&lis, ui, input, Some(&refusal)).await?, &refusal),
    }
}

#[derive(Template)]
#[template(path = "quality/suppliers/supplier.html")]
struct OnePage {
    ui: Ui,
    once: String,
    supplier: SupplierView,
    provides: Vec<Choice>,
    input: SupplierInput,
    errors: FormErrors,
}

async fn one_page(
    lis: &Lis,
    ui: Ui,
    id: SupplierId,
    typed: Option<SupplierInput>,
    refusal: Option<&Refusal>,
) -> Outcome<OnePage> {
    let today = lis.clock.now().date_in_china();
    let supplier = lis.db.read(move |conn| actions::supplier(conn, id, today)).await?;
    let as_it_is = || SupplierInput {
        name: supplier.name.clone(),
        provides: supplier.provides.clone(),
        approved_from: supplier.approved_from.to_string(),
        approved_until: supplier.approved_until.to_string(),
        evaluated_on: today.to_string(),
        evaluation: supplier.evaluation.clone(),
    };
    let input = typed.unwrap_or_else(as_it_is);
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    let provides = choices(&ui, "supplies", PROVIDES);
    Ok(OnePage { once: ui.once(), provides, input, supplier, errors, ui })
}

async fn one(_: May<KeepSuppliers>, ui: Ui, lis: web::Data<Lis>, id: web::Path<SupplierId>) -> Answer {
    page(&one_page(&lis, ui, *id, None, None).await?, false)
}

async fn change(
    by: May<KeepSuppliers>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<SupplierId>,
    form: Form<SupplierInput>,
) -> Answer {
    let (id, seen, actor) = (*id, form.seen.required()?, by.clone());
    let Form { input, request, .. } = form;
    let outcome = match input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| actions::change_supplier(tx, &by, id, seen, &facts);
            refused(lis.command(&actor, &request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other("/suppliers", Some("done-supplier-saved"))),
        Err(refusal) => refused_page(&one_page(&lis, ui, id, Some(input), Some(&refusal)).await?, &refusal),
    }
}
