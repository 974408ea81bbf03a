//! An enterprise's orders: the list with its progress, one order, a new one.

use actix_web::web;
use askama::Template;
use serde::Deserialize;

use super::super::actions::{self, Filter, FormSaved, OrderReview};
use super::super::facts::SampleFacts;
use super::super::order::{OrderInput, OrderedItem};
use super::super::rejection;
use super::super::words::{DecisionRule, FormState, Packing, Storage, YesNo};
use super::review::{ReviewLine, review_lines};
use super::{Line, PAGE_ROWS, SampleState, Step, choices, lines, way};
use crate::accounts::May;
use crate::accounts::role::UsePortal;
use crate::app::Lis;
use crate::domain::ids::{EnterpriseId, SampleId};
use crate::domain::refusal::{NOT_FOUND, Outcome, Refusal};
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors};
use crate::web::{Answer, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/portal/orders", list)
        .post("/portal/orders", submit)
        .get("/portal/orders/new", new)
        .get("/portal/orders/{id}", one)
        .post("/portal/orders/{id}/withdraw", withdraw)
}

/// The enterprise of the person; without one there is nothing to see.
pub(in crate::samples) fn own(by: &May<UsePortal>) -> Outcome<EnterpriseId> {
    by.enterprise.ok_or_else(|| NOT_FOUND.into())
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Query {
    before: i64,
}

#[derive(Template)]
#[template(path = "samples/pages/orders.html")]
struct OrdersPage {
    ui: Ui,
    lines: Vec<Line>,
    next: String,
    shown: String,
}

async fn list(by: May<UsePortal>, ui: Ui, lis: web::Data<Lis>, query: web::Query<Query>) -> Answer {
    let filter = Filter { client: Some(own(&by)?), before: query.before, ..Filter::default() };
    let mut found = lis.db.read(move |conn| actions::list(conn, &filter, PAGE_ROWS + 1)).await?;
    let more = found.len() as i64 > PAGE_ROWS;
    found.truncate(PAGE_ROWS as usize);
    let next = match found.last() {
        Some(last) if more => format!("/portal/orders?before={}", last.id),
        _ => String::new(),
    };
    let shown = ui.t1("list-shown", "count", found.len());
    let mut lines = lines(&ui, found);
    for line in &mut lines {
        let state = told(line.facts.state);
        (line.state, line.state_word) = (state.code(), state_word(&ui, state));
    }
    page(&OrdersPage { lines, next, shown, ui }, false)
}

/// The state as told outside: that all results are there is not told before the report is issued.
fn told(state: SampleState) -> SampleState {
    if state == SampleState::Tested { SampleState::Testing } else { state }
}

/// A state in the client's words: what counts as sealed is still with him, and is to be delivered.
fn state_word(ui: &Ui, state: SampleState) -> String {
    match state {
        SampleState::Sealed => ui.t("portal-sample-sealed"),
        SampleState::Closed => ui.t("portal-sample-closed"),
        state => ui.t(&state.word()),
    }
}

#[derive(Template)]
#[template(path = "samples/pages/order.html")]
struct OrderPage {
    ui: Ui,
    sample: SampleFacts,
    state: &'static str,
    state_word: String,
    way: Vec<Step>,
    items: Vec<String>,
    reviews: Vec<ReviewLine>,
    may_withdraw: bool,
    /// Why it was rejected; empty when it was not.
    rejection: String,
    /// The note about it is set.
    noted: bool,
    once: String,
}

async fn one(by: May<UsePortal>, ui: Ui, lis: web::Data<Lis>, id: web::Path<SampleId>) -> Answer {
    let (client, id) = (own(&by)?, *id);
    let (sample, receipts, reviews, catalogue, noted) = lis
        .db
        .read(move |conn| {
            let sample = actions::own_order(conn, client, id)?;
            let reviews: Vec<OrderReview> = actions::reviews(conn, id)?;
            let noted = sample.state == SampleState::Rejected && rejection::is_set(conn, id)?;
            Ok((sample, actions::receipts(conn, id)?, reviews, actions::catalogue(conn)?, noted))
        })
        .await?;
    let rejection = receipts.iter().find(|receipt| receipt.decision == "reject").map_or_else(String::new, |receipt| {
        let reason = ui.t(&format!("reject-reason-{}", receipt.reason_code));
        format!("{} {reason} {}", receipt.reason_code, receipt.reason_text)
    });
    let contract = sample.form.contract.as_ref();
    let items = contract.map_or_else(Vec::new, |contract| {
        let name = |key: &str| catalogue.analyte_name(key, ui.language);
        let item = |item: &OrderedItem| {
            let claim = item.label_claim.as_ref().map(|claim| format!(" · {} {claim}", ui.t("item-label-claim")));
            let factor = item.limit_factor.as_ref().map(|stated| format!(" · {} {stated}", ui.t("item-limit-factor")));
            let beside = [claim, factor].into_iter().flatten().collect::<String>();
            format!("{} {}{beside}", name(&item.analyte), item.method_standard)
        };
        contract.items.iter().map(item).collect()
    });
    let state = told(sample.state);
    let order = OrderPage {
        state: state.code(),
        state_word: state_word(&ui, state),
        way: way(&ui, state),
        items,
        reviews: review_lines(&ui, reviews),
        may_withdraw: sample.state == SampleState::Sealed,
        rejection,
        noted,
        once: ui.once(),
        sample,
        ui,
    };
    page(&order, false)
}

#[derive(Template)]
#[template(path = "samples/pages/order_form.html")]
struct OrderFormPage {
    ui: Ui,
    input: OrderInput,
    categories: Vec<Choice>,
    items: Vec<Choice>,
    packings: Vec<Choice>,
    form_states: Vec<Choice>,
    storages: Vec<Choice>,
    rules: Vec<Choice>,
    yes_no: Vec<Choice>,
    once: String,
    errors: FormErrors,
}

async fn shown(lis: &Lis, ui: Ui, input: OrderInput) -> Outcome<OrderFormPage> {
    let catalogue = lis.db.read(actions::catalogue).await?;
    let category = |one: crate::samples::offered::Category| Choice {
        label: ui.pick(&one.zh, &one.en).to_owned(),
        value: one.code,
        chosen: false,
    };
    let item = |(value, zh, en): (String, String, String)| Choice {
        chosen: input.items.contains(&value),
        label: ui.pick(&zh, &en).to_owned(),
        value,
    };
    let mut storages = choices(&ui, Storage::LIST, Storage::CODES);
    for one in &mut storages {
        one.chosen = input.storage.contains(&one.value);
    }
    Ok(OrderFormPage {
        categories: catalogue.categories().into_iter().map(category).collect(),
        items: catalogue.items().into_iter().map(item).collect(),
        packings: choices(&ui, Packing::LIST, Packing::CODES),
        form_states: choices(&ui, FormState::LIST, FormState::CODES),
        storages,
        rules: choices(&ui, DecisionRule::LIST, DecisionRule::CODES),
        yes_no: choices(&ui, YesNo::LIST, YesNo::CODES),
        once: ui.once(),
        errors: FormErrors::default(),
        input,
        ui,
    })
}

async fn new(by: May<UsePortal>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    let client = own(&by)?;
    let facts = lis.db.read(move |conn| crate::enterprises::actions::facts(conn, client)).await?;
    let input = OrderInput {
        contact: facts.contact,
        phone: facts.phone,
        report_copies: "1".to_owned(),
        decision_rule: DecisionRule::FullValue.code().to_owned(),
        signed_by: by.name.clone(),
        ..OrderInput::default()
    };
    page(&shown(&lis, ui, input).await?, false)
}

async fn submit(by: May<UsePortal>, ui: Ui, lis: web::Data<Lis>, form: Form<OrderInput>) -> Answer {
    let client = own(&by)?;
    let Form { input, request, .. } = form;
    let (typed, now) = (input.clone(), lis.clock.now());
    let checked = lis.db.read(move |conn| actions::order(conn, client, &typed, now)).await;
    let outcome: Result<FormSaved, Refusal> = match refused(checked)? {
        Ok(order) => {
            let (actor, who) = (by.clone(), by.clone());
            let work = move |tx: &mut crate::db::Tx| actions::submit_order(tx, &who, order.clone(), client);
            refused(lis.command(&actor, &request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(saved) => Ok(see_other(&format!("/portal/orders/{}", saved.sample_id), Some("done-order-submitted"))),
        Err(refusal) => {
            let mut form = shown(&lis, ui, input).await?;
            form.errors = FormErrors::of(&refusal, form.ui.language);
            refused_page(&form, &refusal)
        }
    }
}

async fn withdraw(
    by: May<UsePortal>,
    lis: web::Data<Lis>,
    id: web::Path<SampleId>,
    form: Form<Vec<(String, String)>>,
) -> Answer {
    let (client, id, seen) = (own(&by)?, *id, form.seen.required()?);
    let actor = by.clone();
    let work = move |tx: &mut crate::db::Tx| actions::withdraw_order(tx, &by, client, id, seen);
    lis.command(&actor, &form.request, work).await?;
    Ok(see_other(&format!("/portal/orders/{id}"), Some("done-order-withdrawn")))
}
