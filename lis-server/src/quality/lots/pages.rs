//! The pages of the lots: the list, for who keeps them the next lot and the day of opening, and one lot with its family.

use actix_web::web;
use askama::Template;

use super::actions::{self, KINDS, LotInput, LotView, OpeningInput};
use super::receipts::{self, ReceiptInput, ReceiptView};
use super::tracing::{Family, Relative, family};
use crate::accounts::role::{KeepLots, SeeBench};
use crate::accounts::{Actor, May};
use crate::app::Lis;
use crate::db::Tx;
use crate::domain::ids::LotId;
use crate::domain::refusal::{Outcome, Refusal};
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors, worded};
use crate::web::{Answer, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/lots", lots)
        .post("/lots", add)
        .get("/lots/{id}", lot)
        .post("/lots/{id}/opening", open)
        .post("/lots/{id}/receipt", check_receipt)
}

/// Rows on the page.
const PAGE_ROWS: i64 = 200;

#[derive(Template)]
#[template(path = "quality/lots/lots.html")]
struct LotsPage {
    ui: Ui,
    once: String,
    lots: Vec<LotView>,
    may_keep: bool,
    kinds: Vec<Choice>,
    today: String,
    input: LotInput,
    errors: FormErrors,
}

worded!(LotsPage);

async fn lots_page(lis: &Lis, ui: Ui, by: &Actor, input: LotInput, refusal: Option<&Refusal>) -> Outcome<LotsPage> {
    let today = lis.clock.now().date_in_china();
    let lots = lis.db.read(move |conn| actions::lots(conn, i64::MAX, PAGE_ROWS, today)).await?;
    let kind = |code: &&str| Choice {
        value: (*code).to_owned(),
        label: ui.t(&format!("lot-kind-{}", code.replace('_', "-"))),
        chosen: false,
    };
    let kinds = KINDS.iter().map(kind).collect();
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    let (may_keep, today) = (May::<KeepLots>::check(by).is_some(), today.to_string());
    Ok(LotsPage { once: ui.once(), lots, may_keep, kinds, today, input, errors, ui })
}

async fn lots(by: May<SeeBench>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    let input = LotInput { received_on: lis.clock.now().date_in_china().to_string(), ..LotInput::default() };
    page(&lots_page(&lis, ui, &by, input, None).await?, false)
}

#[derive(Template)]
#[template(path = "quality/lots/lot.html")]
struct LotPage {
    ui: Ui,
    lot: LotView,
    /// What it was made of and what was made of it, each with how it is related.
    rows: Vec<(String, Relative)>,
    receipts: Vec<ReceiptView>,
    may_check: bool,
    decisions: Vec<Choice>,
    input: ReceiptInput,
    errors: FormErrors,
    once: String,
}

worded!(LotPage);

async fn lot_page(
    lis: &Lis,
    ui: Ui,
    by: &Actor,
    id: LotId,
    (input, refusal): (ReceiptInput, Option<&Refusal>),
) -> Outcome<LotPage> {
    let today = lis.clock.now().date_in_china();
    let Family { lot, made_of, made_into, receipts } = lis.db.read(move |conn| family(conn, id, today)).await?;
    let above = made_of.into_iter().map(|one| (ui.t("lot-parents"), one));
    let below = made_into.into_iter().map(|one| (ui.t("lot-made-into"), one));
    let rows = above.chain(below).collect();
    let decision =
        |code: &str| Choice { value: code.to_owned(), label: ui.t(&format!("lot-decision-{code}")), chosen: false };
    let decisions = ["accept", "reject"].map(decision).to_vec();
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    let may_check = May::<KeepLots>::check(by).is_some();
    Ok(LotPage { once: ui.once(), lot, rows, receipts, may_check, decisions, input, errors, ui })
}

async fn lot(by: May<SeeBench>, ui: Ui, lis: web::Data<Lis>, id: web::Path<LotId>) -> Answer {
    page(&lot_page(&lis, ui, &by, *id, (ReceiptInput::default(), None)).await?, false)
}

async fn check_receipt(
    by: May<KeepLots>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<LotId>,
    form: Form<ReceiptInput>,
) -> Answer {
    let Form { input, request, seen } = form;
    let (id, seen, actor, who) = (*id, seen.required()?, by.clone(), by.clone());
    let outcome = match input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| receipts::check_receipt(tx, &who, id, seen, &facts);
            refused(lis.command(&actor, &request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other(&format!("/lots/{id}"), Some("done-lot-saved"))),
        Err(refusal) => refused_page(&lot_page(&lis, ui, &by, id, (input, Some(&refusal))).await?, &refusal),
    }
}

async fn add(by: May<KeepLots>, ui: Ui, lis: web::Data<Lis>, form: Form<LotInput>) -> Answer {
    let Form { input, request, .. } = form;
    let (actor, who) = (by.clone(), by.clone());
    let outcome = match input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| actions::add_lot(tx, &who, &facts);
            refused(lis.command(&actor, &request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other("/lots", Some("done-lot-saved"))),
        Err(refusal) => refused_page(&lots_page(&lis, ui, &by, input, Some(&refusal)).await?, &refusal),
    }
}

async fn open(
    by: May<KeepLots>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<LotId>,
    form: Form<OpeningInput>,
) -> Answer {
    let (id, seen, actor, who) = (*id, form.seen.required()?, by.clone(), by.clone());
    let outcome = match form.input.checked() {
        Ok(on) => {
            let work = move |tx: &mut Tx| actions::open_lot(tx, &who, id, seen, on);
            refused(lis.command(&actor, &form.request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other("/lots", Some("done-lot-saved"))),
        Err(refusal) => {
            let shown = lots_page(&lis, ui, &by, LotInput::default(), Some(&refusal)).await?;
            refused_page(&shown, &refusal)
        }
    }
}
