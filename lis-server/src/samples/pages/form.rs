//! The sampling form on the sampler's telephone. The device keeps the draft (`save-draft.js`) and makes the UUID that lets
//! the form be sent twice without harm; without script the page does both by its hidden fields. Beside it the list of what the
//! sampler has sent.

use actix_web::web;
use askama::Template;
use serde::Deserialize;

use super::super::actions::{self, Filter, FormSaved};
use super::super::draft_of;
use super::super::form::FormInput;
use super::super::form::fields::{FIELDS, GROUPS, Kind};
use super::super::words::{FormSource, Storage, TaskCategory};
use super::{Line, PAGE_ROWS, choices, lines};
use crate::accounts::May;
use crate::accounts::pages::region_choices;
use crate::accounts::role::FillSamplingForms;
use crate::app::Lis;
use crate::cases::rapid;
use crate::domain::ids::PersonId;
use crate::domain::refusal::{FIELD_INVALID, Outcome, Refusal};
use crate::web::paging;
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors};
use crate::web::{Answer, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/sampling-forms", own_forms)
        .get("/sampling-forms/new", new)
        .post("/sampling-forms/new", write)
        .get("/sampling-forms/written", written)
}

/// A field as the page shows it.
pub(super) struct FieldView {
    name: &'static str,
    label: String,
    /// `text tel lines date moment number select`.
    kind: &'static str,
    value: String,
    error: String,
    options: Vec<Choice>,
    required: bool,
}

struct GroupView {
    name: &'static str,
    legend: String,
    fields: Vec<FieldView>,
}

#[derive(Template)]
#[template(path = "samples/pages/form.html")]
struct FormPage {
    ui: Ui,
    groups: Vec<GroupView>,
    storage: Vec<Choice>,
    draft: String,
    client_uuid: String,
    errors: FormErrors,
}

async fn shown(
    lis: &Lis,
    ui: Ui,
    person: PersonId,
    input: &FormInput,
    uuid: String,
    errors: FormErrors,
) -> Outcome<FormPage> {
    let (regions, catalogue) =
        lis.db.read(|conn| Ok((crate::accounts::actions::regions(conn)?, actions::catalogue(conn)?))).await?;
    let categories: Vec<Choice> = catalogue
        .categories()
        .into_iter()
        .map(|one| Choice { label: ui.pick(&one.zh, &one.en).to_owned(), value: one.code, chosen: false })
        .collect();
    let view = |field: &super::super::form::fields::Field| FieldView {
        label: ui.t(&format!("form-{}", field.name.replace('_', "-"))),
        kind: match field.kind {
            Kind::Text(_) if field.name.ends_with("phone") => "tel",
            Kind::Text(_) => "text",
            Kind::Lines(_) => "lines",
            Kind::Date => "date",
            Kind::Moment => "moment",
            Kind::Decimal | Kind::Whole => "number",
            Kind::Choice(..) | Kind::Region | Kind::Category => "select",
        },
        value: input.get(field.name),
        error: errors.at(field.name),
        options: match field.kind {
            Kind::Choice(list, codes) => choices(&ui, list, codes),
            Kind::Region => region_choices(&ui, &regions, ""),
            Kind::Category => categories.clone(),
            _ => Vec::new(),
        },
        required: field.required,
        name: field.name,
    };
    let groups = GROUPS
        .iter()
        .map(|name| GroupView {
            name,
            legend: ui.t(&format!("form-group-{name}")),
            fields: FIELDS.iter().filter(|field| field.group == *name).map(view).collect(),
        })
        .collect();
    let mut storage = choices(&ui, Storage::LIST, Storage::CODES);
    for one in &mut storage {
        one.chosen = input.storage.contains(&one.value);
    }
    Ok(FormPage { groups, storage, draft: draft_of(person), client_uuid: uuid, errors, ui })
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct NewQuery {
    /// The rapid test whose finding the sample confirms. Its number and not its words: addresses are kept by browsers.
    rapid_test: Option<i64>,
}

async fn new(by: May<FillSamplingForms>, ui: Ui, lis: web::Data<Lis>, query: web::Query<NewQuery>) -> Answer {
    let now = lis.clock.now().in_china();
    let mut input = FormInput {
        sampled_at: now.format("%Y-%m-%dT%H:%M").to_string(),
        sampler1: by.name.clone(),
        task_category: "supervision".to_owned(),
        ship_to: ui.laboratory().to_owned(),
        ..FormInput::default()
    };
    if let Some(id) = query.rapid_test {
        let who = by.clone();
        let known = lis.db.read(move |conn| rapid::known_of(conn, &who, id)).await?;
        input.task_category = TaskCategory::RapidTestConfirmation.code().to_owned();
        (input.unit_name, input.unit_address, input.sample_name) = (known.unit_name, known.place, known.product);
    }
    let uuid = ui.once();
    page(&shown(&lis, ui, by.person, &input, uuid, FormErrors::default()).await?, false)
}

async fn write(by: May<FillSamplingForms>, ui: Ui, lis: web::Data<Lis>, form: Form<Vec<(String, String)>>) -> Answer {
    let Form { input: pairs, request, .. } = form;
    let mut input = FormInput::default();
    let mut uuid = String::new();
    for (name, value) in pairs {
        match name.as_str() {
            "client_uuid" => uuid = value,
            "storage" => input.storage.push(value),
            name => {
                if !input.set(name, value) {
                    return Err(FIELD_INVALID.at(name).with_word("expected", "expected-known-field").into());
                }
            }
        }
    }
    let now = lis.clock.now();
    let (typed, person) = (input.clone(), by.person);
    let checked = lis
        .db
        .read(move |conn| {
            let catalogue = actions::catalogue(conn)?;
            Ok(actions::around(&catalogue, now, |around| typed.checked(FormSource::OnSite, around))?)
        })
        .await;
    let known_uuid = uuid::Uuid::parse_str(&uuid).ok().map(|uuid| uuid.to_string());
    let outcome: Result<FormSaved, Refusal> = match refused(checked)? {
        Ok(form) => {
            let actor = by.clone();
            let work = move |tx: &mut crate::db::Tx| actions::write_form(tx, &by, form.clone(), known_uuid.as_deref());
            refused(lis.command(&actor, &request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(saved) => {
            let to = format!("/sampling-forms/written?no={}", saved.form_no);
            Ok(see_other(&to, Some("done-form-written")))
        }
        Err(refusal) => {
            let errors = FormErrors::of(&refusal, ui.language);
            refused_page(&shown(&lis, ui, person, &input, uuid, errors).await?, &refusal)
        }
    }
}

#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    no: String,
}

#[derive(Template)]
#[template(path = "samples/pages/written.html")]
struct WrittenPage {
    ui: Ui,
    no: String,
    draft: String,
    /// What was doubtful about the form.
    doubts: Vec<String>,
}

/// What the sampler sees after sending: the number, what was doubtful, and the end of the draft on his device.
async fn written(by: May<FillSamplingForms>, ui: Ui, lis: web::Data<Lis>, query: web::Query<Written>) -> Answer {
    let no: String =
        query.into_inner().no.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(32).collect();
    let number = no.clone();
    let found = lis.db.read(move |conn| actions::by_number(conn, &number)).await?;
    let own = found.filter(|sample| sample.entered_by == by.person);
    let doubts = own.map(|sample| super::doubts(&ui, &sample)).unwrap_or_default();
    page(&WrittenPage { no, draft: draft_of(by.person), doubts, ui }, false)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Before {
    before: i64,
}

#[derive(Template)]
#[template(path = "samples/pages/own_forms.html")]
struct OwnFormsPage {
    ui: Ui,
    lines: Vec<Line>,
    next: String,
    shown: String,
}

/// What a sampler has sent, newest first, and how far each sample is.
async fn own_forms(by: May<FillSamplingForms>, ui: Ui, lis: web::Data<Lis>, query: web::Query<Before>) -> Answer {
    let filter = Filter { entered_by: Some(by.person), before: query.before, ..Filter::default() };
    let mut found = lis.db.read(move |conn| actions::list(conn, &filter, PAGE_ROWS + 1)).await?;
    let more = paging::cut(&mut found, PAGE_ROWS);
    let next = match found.last() {
        Some(last) if more => format!("/sampling-forms?before={}", last.id),
        _ => String::new(),
    };
    let shown = ui.t1("list-shown", "count", found.len());
    page(&OwnFormsPage { lines: lines(&ui, found), next, shown, ui }, false)
}
