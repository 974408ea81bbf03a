//! Pages of transfers: what is drawn in a month, and one value beside its raw record.

use actix_web::web;
use askama::Template;
use serde::Deserialize;

use super::actions::{self, ComparisonInput, Draw, OUTCOMES, TransferView};
use super::api::{drawn, month};
use crate::accounts::May;
use crate::accounts::role::CompareTransfers;
use crate::app::Lis;
use crate::db::Tx;
use crate::domain::ids::ResultEntryId;
use crate::domain::refusal::{Outcome, Refusal};
use crate::quality::pages::choices;
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors};
use crate::web::{Answer, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/quality/transfers", list)
        .get("/quality/transfers/{id}", one)
        .post("/quality/transfers/{id}", compare)
}

/// Rows on the page.
const PAGE_ROWS: i64 = 100;

#[derive(Deserialize, Default)]
#[serde(default)]
struct PageQuery {
    period: String,
    after: Option<i64>,
}

#[derive(Template)]
#[template(path = "quality/transfers/list.html")]
struct ListPage {
    ui: Ui,
    period: String,
    draw: Draw,
    transfers: Vec<TransferView>,
    /// Where the list goes on; empty: it does not.
    next: String,
    shown: String,
}

async fn list(_: May<CompareTransfers>, ui: Ui, lis: web::Data<Lis>, query: web::Query<PageQuery>) -> Answer {
    let month = month(&lis, &query.period)?;
    let (after, own) = (query.after.unwrap_or_default(), lis.clone());
    let (draw, transfers) = lis.db.read(move |conn| drawn(conn, &own, month, after, PAGE_ROWS)).await?;
    let period = month.text();
    let last = transfers.last().map(|one| one.id.0);
    let next = match last.filter(|last| draw.chosen.last().is_some_and(|end| end > last)) {
        Some(last) => format!("/quality/transfers?period={period}&after={last}"),
        None => String::new(),
    };
    let shown = ui.t1("transfers-shown", "count", transfers.len());
    page(&ListPage { period, draw, transfers, next, shown, ui }, false)
}

#[derive(Template)]
#[template(path = "quality/transfers/one.html")]
struct OnePage {
    ui: Ui,
    once: String,
    transfer: TransferView,
    outcomes: Vec<Choice>,
    input: ComparisonInput,
    errors: FormErrors,
}

async fn one_page(
    lis: &Lis,
    ui: Ui,
    id: ResultEntryId,
    input: ComparisonInput,
    refusal: Option<&Refusal>,
) -> Outcome<OnePage> {
    let transfer = lis.db.read(move |conn| actions::transfer(conn, id)).await?;
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    Ok(OnePage { once: ui.once(), transfer, outcomes: choices(&ui, "transfer", OUTCOMES), input, errors, ui })
}

async fn one(_: May<CompareTransfers>, ui: Ui, lis: web::Data<Lis>, id: web::Path<ResultEntryId>) -> Answer {
    page(&one_page(&lis, ui, *id, ComparisonInput::default(), None).await?, false)
}

async fn compare(
    by: May<CompareTransfers>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<ResultEntryId>,
    form: Form<ComparisonInput>,
) -> Answer {
    let (id, actor) = (*id, by.clone());
    let outcome = match form.input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| actions::compare(tx, &by, id, &facts);
            refused(lis.command(&actor, &form.request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(_) => Ok(see_other(&format!("/quality/transfers/{id}"), Some("done-transfer-compared"))),
        Err(refusal) => refused_page(&one_page(&lis, ui, id, form.input, Some(&refusal)).await?, &refusal),
    }
}
