//! The disposal list: parts that nothing obliges to keep, the custodian's release, the approval of somebody else.

use actix_web::web;
use askama::Template;
use serde::Deserialize;

use super::super::actions::{self, PartSeen, RetentionInput, ToDispose};
use super::super::state::Retention;
use super::super::words::DisposalMethod;
use super::{PAGE_ROWS, choices};
use crate::accounts::actions::names_of;
use crate::accounts::role::{ApproveDisposal, ReceiveSamples, SeeSamples};
use crate::accounts::{Actor, May};
use crate::app::Lis;
use crate::domain::refusal::{Outcome, Refusal};
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors};
use crate::web::{Answer, Form, Ui, page, paging, refused, refused_page, see_other};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/disposal", list)
        .post("/disposal/release", release)
        .post("/disposal/keep", keep)
        .post("/disposal/dispose", dispose)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ListQuery {
    after: i64,
}

struct Line {
    to_dispose: ToDispose,
    role: String,
    retention: String,
    released_by: String,
    /// Whether the reader may do anything with it.
    can_choose: bool,
}

#[derive(Template)]
#[template(path = "samples/pages/disposal.html")]
struct DisposalPage {
    ui: Ui,
    once: String,
    lines: Vec<Line>,
    methods: Vec<Choice>,
    may_release: bool,
    may_dispose: bool,
    /// Parts ticked in a form that came back.
    ticked: Vec<i64>,
    remark: String,
    method: String,
    next: String,
    errors: FormErrors,
}

impl DisposalPage {
    fn is_ticked(&self, id: &i64) -> bool {
        self.ticked.contains(id)
    }

    /// For whom may keep parts after all.
    fn remark_hint(&self) -> String {
        if self.may_release { self.ui.t("disposal-remark-hint") } else { String::new() }
    }
}

async fn shown(lis: &Lis, ui: Ui, by: &Actor, after: i64) -> Outcome<DisposalPage> {
    let today = lis.clock.now().date_in_china();
    let (mut found, names) = lis
        .db
        .read(move |conn| {
            let found = actions::disposal_list(conn, today, after, PAGE_ROWS + 1)?;
            let people: Vec<_> = found.iter().filter_map(|line| line.released_by).collect();
            let names = names_of(conn, &people)?;
            Ok((found, names))
        })
        .await?;
    let more = paging::cut(&mut found, PAGE_ROWS);
    let last = found.last().map(|line| line.part.id).filter(|_| more);
    let (may_release, may_dispose) =
        (May::<ReceiveSamples>::check(by).is_some(), May::<ApproveDisposal>::check(by).is_some());
    let line = |to_dispose: ToDispose| Line {
        can_choose: {
            let is_released = to_dispose.part.retention == Retention::Released;
            // While a case is open what was proposed before can only be kept again.
            let proposes = may_release && (is_released || !to_dispose.case_open);
            let approves = may_dispose && is_released && !to_dispose.case_open;
            proposes || (approves && to_dispose.released_by != Some(by.person))
        },
        role: ui.t(&to_dispose.part.role.word()),
        retention: ui.t(&to_dispose.part.retention.word()),
        released_by: to_dispose.released_by.and_then(|id| names.get(&id).cloned()).unwrap_or_default(),
        to_dispose,
    };
    Ok(DisposalPage {
        once: ui.once(),
        lines: found.into_iter().map(line).collect(),
        methods: choices(&ui, DisposalMethod::LIST, DisposalMethod::CODES),
        may_release,
        may_dispose,
        ticked: Vec::new(),
        remark: String::new(),
        method: String::new(),
        next: last.map(|id| format!("/disposal?after={id}")).unwrap_or_default(),
        errors: FormErrors::default(),
        ui,
    })
}

async fn list(by: May<SeeSamples>, ui: Ui, lis: web::Data<Lis>, query: web::Query<ListQuery>) -> Answer {
    page(&shown(&lis, ui, &by, query.after).await?, false)
}

/// Fields `part` with `ID-VERSION` of each ticked part, `method`, `remark`.
fn input_of(pairs: &[(String, String)]) -> RetentionInput {
    let mut input = RetentionInput::default();
    for (name, value) in pairs {
        match name.as_str() {
            "part" => {
                let seen =
                    value.split_once('-').and_then(|(id, version)| Some((id.parse().ok()?, version.parse().ok()?)));
                input.parts.extend(seen.map(|(id, version)| PartSeen { id, version }));
            }
            "method" => input.method.clone_from(value),
            "remark" => input.remark.clone_from(value),
            _ => {}
        }
    }
    input
}

async fn answered(lis: &Lis, ui: Ui, by: &Actor, input: RetentionInput, outcome: Result<(), Refusal>) -> Answer {
    match outcome {
        Ok(()) => Ok(see_other("/disposal", Some("done-disposal"))),
        Err(refusal) => {
            let mut list = shown(lis, ui, by, 0).await?;
            list.errors = FormErrors::of(&refusal, list.ui.language);
            list.ticked = input.parts.iter().map(|part| part.id).collect();
            list.remark = input.remark;
            list.method = input.method;
            refused_page(&list, &refusal)
        }
    }
}

type Pairs = Vec<(String, String)>;

async fn release(by: May<ReceiveSamples>, ui: Ui, lis: web::Data<Lis>, form: Form<Pairs>) -> Answer {
    let input = input_of(&form.input);
    let (actor, who, wanted) = (by.clone(), by.clone(), input.clone());
    let done = lis.command(&actor, &form.request, move |tx| actions::release(tx, &who, &wanted)).await;
    answered(&lis, ui, &by, input, refused(done)?.map(|_| ())).await
}

async fn keep(by: May<ReceiveSamples>, ui: Ui, lis: web::Data<Lis>, form: Form<Pairs>) -> Answer {
    let input = input_of(&form.input);
    let (actor, who, wanted) = (by.clone(), by.clone(), input.clone());
    let done = lis.command(&actor, &form.request, move |tx| actions::keep_again(tx, &who, &wanted)).await;
    answered(&lis, ui, &by, input, refused(done)?.map(|_| ())).await
}

async fn dispose(by: May<ApproveDisposal>, ui: Ui, lis: web::Data<Lis>, form: Form<Pairs>) -> Answer {
    let input = input_of(&form.input);
    let (actor, who, wanted) = (by.clone(), by.clone(), input.clone());
    let done = lis.command(&actor, &form.request, move |tx| actions::dispose(tx, &who, &wanted)).await;
    answered(&lis, ui, &by, input, refused(done)?.map(|_| ())).await
}
