//! Pages of subcontracting: one item with everything that decides who tests it, the items at other laboratories, the
//! register.

use actix_web::web;
use askama::Template;

use super::super::actions::{self as items, ItemMethodInput, ItemReasonInput};
use super::super::ordering::may_change_method;
use super::super::state::{ItemEvent, ItemState};
use super::actions::{
    self, ConsentInput, Handling, ResultInput, SendingInput, SentItem, SubcontractorInput, SubcontractorView,
};
use super::api::{report_of, result_of, stored};
use crate::accounts::May;
use crate::accounts::role::{AssignItems, KeepSubcontractors, SeeEvidence};
use crate::app::Lis;
use crate::db::Tx;
use crate::domain::ids::{ItemId, SubcontractorId};
use crate::domain::refusal::{Outcome, Refusal};
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors};
use crate::web::{Answer, Form, Ui, Upload, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/assignment/{id}", item)
        .post("/assignment/{id}/consent", record_consent)
        .post("/assignment/{id}/subcontract", subcontract)
        .post("/assignment/{id}/take-back", take_back)
        .post("/assignment/{id}/result", receive_result)
        .post("/assignment/{id}/cancel", cancel)
        .post("/assignment/{id}/method", change_method)
        .get("/check/{id}/subcontract-report/file", report)
        .get("/subcontracted", sent)
        .get("/subcontractors", register)
        .post("/subcontractors", add)
        .get("/subcontractors/{id}", one)
        .post("/subcontractors/{id}", change)
}

/// Rows on a page.
const PAGE_ROWS: i64 = 500;

/// What was typed into the form of a step that came back.
#[derive(Default)]
struct Typed {
    consent: ConsentInput,
    sending: SendingInput,
    result: ResultInput,
    method: ItemMethodInput,
}

/// A step of an item: the last part of its address, and the message key of what was done.
#[derive(Clone, Copy)]
struct Step {
    name: &'static str,
    done: &'static str,
}

const CONSENT: Step = Step { name: "consent", done: "done-subcontract-consent" };
const SEND: Step = Step { name: "subcontract", done: "done-subcontracted" };
const TAKE_BACK: Step = Step { name: "take-back", done: "done-taken-back" };
const RESULT: Step = Step { name: "result", done: "done-subcontract-result" };
const METHOD: Step = Step { name: "method", done: "done-item-method" };
const CANCEL: Step = Step { name: "cancel", done: "done-item-cancelled" };

#[derive(Template)]
#[template(path = "testing/subcontracting/item.html")]
struct ItemPage {
    ui: Ui,
    once: String,
    found: Handling,
    /// Label codes of the item's container and of the one that was sent.
    label: String,
    sent_label: String,
    party: String,
    subcontractors: Vec<Choice>,
    parts: Vec<Choice>,
    answers: Vec<Choice>,
    can_send: bool,
    can_take_back: bool,
    can_receive: bool,
    can_cancel: bool,
    /// A client ordered it, and nobody has begun.
    can_change_method: bool,
    typed: Typed,
    /// Name of the step that was refused.
    step: &'static str,
    errors: FormErrors,
}

impl ItemPage {
    /// What is wrong with a field of a step's form.
    fn error(&self, step: &str, field: &str) -> String {
        if self.step == step { self.errors.at(field) } else { String::new() }
    }
}

async fn item_page(
    lis: &Lis,
    ui: Ui,
    id: ItemId,
    typed: Typed,
    refusal: Option<(Step, &Refusal)>,
) -> Outcome<ItemPage> {
    let today = lis.clock.now().date_in_china();
    let found = lis.db.read(move |conn| actions::handling(conn, id, today)).await?;
    let state = ItemState::parse(&found.item.state);
    let possible = |event: ItemEvent| state.is_some_and(|state| state.after(event).is_ok());
    let label_of = |part| {
        let part = found.parts.iter().find(|one| Some(one.id) == part);
        part.map(|one| one.label_code.as_str().to_owned()).unwrap_or_default()
    };
    let choice = |value: String, label: String| Choice { value, label, chosen: false };
    let subcontractors = found.subcontractors.iter().filter(|one| one.valid);
    let subcontractors =
        subcontractors.map(|one| choice(one.id.to_string(), format!("{} · {}", one.name, one.accreditation_no)));
    let parts = found.parts.iter().map(|part| {
        let code = part.label_code.as_str().to_owned();
        choice(code.clone(), format!("{code} · {}", ui.t(&part.role.word())))
    });
    let party = if found.sample.client_id.is_some() { "client" } else { "authority" };
    Ok(ItemPage {
        once: ui.once(),
        label: label_of(found.item.part_id),
        sent_label: label_of(found.sent.as_ref().map(|sent| sent.part_id)),
        party: ui.t(&format!("subcontract-party-{party}")),
        subcontractors: subcontractors.collect(),
        parts: parts.collect(),
        answers: vec![choice("yes".to_owned(), ui.t("yes-no-yes")), choice("no".to_owned(), ui.t("yes-no-no"))],
        can_send: possible(ItemEvent::Subcontract),
        can_take_back: possible(ItemEvent::TakeBack),
        can_receive: possible(ItemEvent::ReceiveResult),
        can_cancel: possible(ItemEvent::Cancel),
        can_change_method: found.sample.client_id.is_some() && state.is_some_and(may_change_method),
        typed,
        step: refusal.map_or("", |(step, _)| step.name),
        errors: refusal.map(|(_, refusal)| FormErrors::of(refusal, ui.language)).unwrap_or_default(),
        found,
        ui,
    })
}

async fn item(_: May<AssignItems>, ui: Ui, lis: web::Data<Lis>, id: web::Path<ItemId>) -> Answer {
    page(&item_page(&lis, ui, *id, Typed::default(), None).await?, false)
}

/// The item after a step, or its page again with every reason.
async fn after(lis: &Lis, ui: Ui, id: ItemId, step: Step, outcome: Result<(), Refusal>, typed: Typed) -> Answer {
    match outcome {
        Ok(()) => Ok(see_other(&format!("/assignment/{id}"), Some(step.done))),
        Err(refusal) => refused_page(&item_page(lis, ui, id, typed, Some((step, &refusal))).await?, &refusal),
    }
}

/// What a person says of the consent belongs to the item's sample.
async fn record_consent(
    by: May<AssignItems>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<ItemId>,
    form: Form<ConsentInput>,
) -> Answer {
    let (id, actor) = (*id, by.clone());
    let Form { input, request, .. } = form;
    let today = lis.clock.now().date_in_china();
    let sample = lis.db.read(move |conn| Ok(actions::handling(conn, id, today)?.sample.id)).await?;
    let outcome = match input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| actions::record_consent(tx, &by, sample, &facts);
            refused(lis.command(&actor, &request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    after(&lis, ui, id, CONSENT, outcome, Typed { consent: input, ..Typed::default() }).await
}

async fn subcontract(
    by: May<AssignItems>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<ItemId>,
    form: Form<SendingInput>,
) -> Answer {
    let (id, seen, actor) = (*id, form.seen.required()?, by.clone());
    let Form { input, request, .. } = form;
    let outcome = match input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| actions::subcontract(tx, &by, id, seen, &facts);
            refused(lis.command(&actor, &request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    after(&lis, ui, id, SEND, outcome, Typed { sending: input, ..Typed::default() }).await
}

async fn take_back(
    by: May<AssignItems>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<ItemId>,
    form: Form<ItemReasonInput>,
) -> Answer {
    let (id, seen, actor) = (*id, form.seen.required()?, by.clone());
    let Form { input, request, .. } = form;
    let outcome = match input.checked() {
        Ok(reason) => {
            let work = move |tx: &mut Tx| actions::take_back(tx, &by, id, seen, &reason);
            refused(lis.command(&actor, &request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    after(&lis, ui, id, TAKE_BACK, outcome, Typed::default()).await
}

async fn cancel(
    by: May<AssignItems>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<ItemId>,
    form: Form<ItemReasonInput>,
) -> Answer {
    let (id, seen, actor) = (*id, form.seen.required()?, by.clone());
    let Form { input, request, .. } = form;
    let outcome = match input.checked() {
        Ok(reason) => {
            let work = move |tx: &mut Tx| items::cancel(tx, &by, id, seen, &reason);
            refused(lis.command(&actor, &request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    after(&lis, ui, id, CANCEL, outcome, Typed::default()).await
}

async fn change_method(
    by: May<AssignItems>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<ItemId>,
    form: Form<ItemMethodInput>,
) -> Answer {
    let (id, seen, actor) = (*id, form.seen.required()?, by.clone());
    let Form { input, request, .. } = form;
    let outcome = match input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| items::change_method(tx, &by, id, seen, &facts);
            refused(lis.command(&actor, &request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    after(&lis, ui, id, METHOD, outcome, Typed { method: input, ..Typed::default() }).await
}

/// The other laboratory's report with its result.
async fn receive_result(
    by: May<AssignItems>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<ItemId>,
    file: Upload,
) -> Answer {
    let (id, seen, request, actor) = (*id, file.seen.required()?, file.request.clone(), by.clone());
    let typed = result_of(&file);
    let outcome = match refused(stored(&lis, &typed, file).await)? {
        Ok(report) => {
            let work = move |tx: &mut Tx| actions::receive_result(tx, &by, id, seen, &report);
            refused(lis.command(&actor, &request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    after(&lis, ui, id, RESULT, outcome, Typed { result: typed, ..Typed::default() }).await
}

async fn report(_: May<SeeEvidence>, lis: web::Data<Lis>, id: web::Path<ItemId>) -> Answer {
    report_of(&lis, *id).await
}

#[derive(Template)]
#[template(path = "testing/subcontracting/list.html")]
struct ListPage {
    ui: Ui,
    items: Vec<SentItem>,
}

/// Items at other laboratories.
async fn sent(_: May<AssignItems>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    let items = lis.db.read(|conn| actions::sent_items(conn, 0, PAGE_ROWS)).await?;
    page(&ListPage { ui, items }, false)
}

#[derive(Template)]
#[template(path = "testing/subcontracting/register.html")]
struct RegisterPage {
    ui: Ui,
    once: String,
    subcontractors: Vec<SubcontractorView>,
    input: SubcontractorInput,
    errors: FormErrors,
}

async fn register_page(
    lis: &Lis,
    ui: Ui,
    input: SubcontractorInput,
    refusal: Option<&Refusal>,
) -> Outcome<RegisterPage> {
    let today = lis.clock.now().date_in_china();
    let subcontractors = lis.db.read(move |conn| actions::subcontractors(conn, 0, PAGE_ROWS, today)).await?;
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    Ok(RegisterPage { once: ui.once(), subcontractors, input, errors, ui })
}

async fn register(_: May<KeepSubcontractors>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    let evaluated_on = lis.clock.now().date_in_china().to_string();
    let input = SubcontractorInput { evaluated_on, ..SubcontractorInput::default() };
    page(&register_page(&lis, ui, input, None).await?, false)
}

async fn add(by: May<KeepSubcontractors>, ui: Ui, lis: web::Data<Lis>, form: Form<SubcontractorInput>) -> Answer {
    let actor = by.clone();
    let Form { input, request, .. } = form;
    let outcome = match input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| actions::add_subcontractor(tx, &by, &facts);
            refused(lis.command(&actor, &request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other("/subcontractors", Some("done-subcontractor-saved"))),
        Err(refusal) => refused_page(&register_page(&lis, ui, input, Some(&refusal)).await?, &refusal),
    }
}

#[derive(Template)]
#[template(path = "testing/subcontracting/subcontractor.html")]
struct OnePage {
    ui: Ui,
    once: String,
    subcontractor: SubcontractorView,
    input: SubcontractorInput,
    errors: FormErrors,
}

async fn one_page(
    lis: &Lis,
    ui: Ui,
    id: SubcontractorId,
    typed: Option<SubcontractorInput>,
    refusal: Option<&Refusal>,
) -> Outcome<OnePage> {
    let today = lis.clock.now().date_in_china();
    let subcontractor = lis.db.read(move |conn| actions::subcontractor(conn, id, today)).await?;
    let as_it_is = || SubcontractorInput {
        name: subcontractor.name.clone(),
        accreditation_no: subcontractor.accreditation_no.clone(),
        methods: subcontractor.methods.clone(),
        valid_until: subcontractor.valid_until.to_string(),
        evaluated_on: today.to_string(),
    };
    let input = typed.unwrap_or_else(as_it_is);
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    Ok(OnePage { once: ui.once(), input, subcontractor, errors, ui })
}

async fn one(_: May<KeepSubcontractors>, ui: Ui, lis: web::Data<Lis>, id: web::Path<SubcontractorId>) -> Answer {
    page(&one_page(&lis, ui, *id, None, None).await?, false)
}

async fn change(
    by: May<KeepSubcontractors>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<SubcontractorId>,
    form: Form<SubcontractorInput>,
) -> Answer {
    let (id, seen, actor) = (*id, form.seen.required()?, by.clone());
    let Form { input, request, .. } = form;
    let outcome = match input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| actions::change_subcontractor(tx, &by, id, seen, &facts);
            refused(lis.command(&actor, &request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other("/subcontractors", Some("done-subcontractor-saved"))),
        Err(refusal) => refused_page(&one_page(&lis, ui, id, Some(input), Some(&refusal)).await?, &refusal),
    }
}
