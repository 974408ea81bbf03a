//! Pages of quality: held worksheets and the list of non-conforming work, opening work, one work and its steps.

use std::collections::HashMap;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::actions::{self, Offered, WorkView};
use super::handling::{
    self, ClassifyInput, CloseInput, CorrectiveActionInput, EffectInput, EvaluateInput, RecallInput, WorkSaved,
};
use super::opening::{self, WorkInput};
use super::state::{Effect, Risk, Subject};
use crate::accounts::May;
use crate::accounts::role::{ManageQuality, OpenWork};
use crate::app::Lis;
use crate::db::Tx;
use crate::domain::ids::{WorkId, WorksheetId};
use crate::domain::refusal::{Outcome, Refusal};
use crate::reports::actions::Recaller;
use crate::testing::actions::{ListedSheet, ReleaseInput, failed_controls, release, worksheets};
use crate::testing::controls::Control;
use crate::testing::state::WorksheetState;
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors};
use crate::web::{Answer, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/quality", overview)
        .post("/quality/worksheets/{id}/release", release_sheet)
        .get("/quality/work/new", new_work)
        .post("/quality/work", open)
        .get("/quality/work/{id}", work)
        .post("/quality/work/{id}/classification", classify)
        .post("/quality/work/{id}/hold", hold)
        .post("/quality/work/{id}/evaluation", evaluate)
        .post("/quality/work/{id}/recall", recall)
        .post("/quality/work/{id}/resumption", resume)
        .post("/quality/work/{id}/corrective-action", correct)
        .post("/quality/work/{id}/effect-check", check_effect)
        .post("/quality/work/{id}/close", close)
}

/// Rows on the page.
const PAGE_ROWS: i64 = 100;

#[derive(Template)]
#[template(path = "quality/pages/overview.html")]
struct OverviewPage {
    ui: Ui,
    once: String,
    /// With the controls that hold them, and their places.
    held: Vec<(ListedSheet, Vec<(i64, Control)>)>,
    works: Vec<WorkView>,
    input: ReleaseInput,
    errors: FormErrors,
}

impl OverviewPage {
    /// Whether the form of a control, by its place on its sheet, is the one that came back. What was sent for a control that
    /// the sheet does not have is shown in its first form.
    fn came_back(&self, sheet: &WorksheetId, place: &i64) -> bool {
        let controls = self.held.iter().filter(|(held, _)| held.row.id == *sheet).flat_map(|(_, controls)| controls);
        let places: Vec<i64> = controls.map(|(place, _)| *place).collect();
        let sent = places.iter().find(|place| place.to_string() == self.input.control.trim()).or(places.first());
        self.ui.came_back(&format!("/quality/worksheets/{sheet}/release")) && sent == Some(place)
    }
}

fn errors_of(ui: &Ui, refusal: Option<&Refusal>) -> FormErrors {
    refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default()
}

async fn overview_page(lis: &Lis, ui: Ui, input: ReleaseInput, refusal: Option<&Refusal>) -> Outcome<OverviewPage> {
    let (held, works) = lis
        .db
        .read(|conn| {
            let held = worksheets(conn, &[WorksheetState::Held.code()], i64::MAX, PAGE_ROWS)?;
            let rows: Vec<_> = held.iter().map(|sheet| &sheet.row).collect();
            let mut failed: HashMap<WorksheetId, Vec<(i64, Control)>> =
                failed_controls(conn, &rows)?.into_iter().collect();
            let with = |sheet: ListedSheet| {
                let controls = failed.remove(&sheet.row.id).unwrap_or_default();
                (sheet, controls)
            };
            let held: Vec<(ListedSheet, Vec<(i64, Control)>)> = held.into_iter().map(with).collect();
            Ok((held, actions::works(conn, i64::MAX, PAGE_ROWS)?))
        })
        .await?;
    Ok(OverviewPage { once: ui.once(), held, works, input, errors: errors_of(&ui, refusal), ui })
}

async fn overview(_: May<ManageQuality>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    page(&overview_page(&lis, ui, ReleaseInput::default(), None).await?, false)
}

async fn release_sheet(
    by: May<ManageQuality>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<WorksheetId>,
    form: Form<ReleaseInput>,
) -> Answer {
    let (id, seen, actor) = (*id, form.seen.required()?, by.clone());
    let outcome = match form.input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| release(tx, &by, id, seen, &facts);
            refused(lis.command(&actor, &form.request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other("/quality", Some("done-worksheet-released"))),
        Err(refusal) => refused_page(&overview_page(&lis, ui, form.input, Some(&refusal)).await?, &refusal),
    }
}

/// Codes as choices with their names.
pub(super) fn choices(ui: &Ui, prefix: &str, codes: &[&str]) -> Vec<Choice> {
    let choice =
        |code: &&str| Choice { value: (*code).to_owned(), label: ui.t(&format!("{prefix}-{code}")), chosen: false };
    codes.iter().map(choice).collect()
}

#[derive(Template)]
#[template(path = "quality/pages/open.html")]
struct OpenPage {
    ui: Ui,
    once: String,
    subjects: Vec<Choice>,
    risks: Vec<Choice>,
    instruments: Vec<Choice>,
    lots: Vec<Choice>,
    methods: Vec<Choice>,
    people: Vec<Choice>,
    input: WorkInput,
    errors: FormErrors,
}

fn risks(ui: &Ui) -> Vec<Choice> {
    choices(ui, "work-risk", &[Risk::Low, Risk::Medium, Risk::High].map(Risk::code))
}

async fn open_page(lis: &Lis, ui: Ui, input: WorkInput, refusal: Option<&Refusal>) -> Outcome<OpenPage> {
    let Offered { instruments, lots, methods, people } = lis.db.read(actions::offered).await?;
    let named = |list: Vec<(i64, String)>| -> Vec<Choice> {
        list.into_iter().map(|(id, label)| Choice { value: id.to_string(), label, chosen: false }).collect()
    };
    let opened_here = [Subject::Instrument, Subject::Lot, Subject::Person].map(Subject::code);
    Ok(OpenPage {
        once: ui.once(),
        subjects: choices(&ui, "work-subject", &opened_here),
        risks: risks(&ui),
        instruments: named(instruments),
        lots: named(lots),
        methods: methods.into_iter().map(|name| Choice { value: name.clone(), label: name, chosen: false }).collect(),
        people: named(people),
        input,
        errors: errors_of(&ui, refusal),
        ui,
    })
}

/// What the page was opened about.
#[derive(Deserialize, Default)]
#[serde(default)]
struct About {
    /// Id of a lot.
    lot: String,
}

async fn new_work(_: May<OpenWork>, ui: Ui, lis: web::Data<Lis>, about: web::Query<About>) -> Answer {
    let lot_id = about.into_inner().lot;
    let subject = if lot_id.is_empty() { String::new() } else { Subject::Lot.code().to_owned() };
    let input = WorkInput { subject, lot_id, ..WorkInput::default() };
    page(&open_page(&lis, ui, input, None).await?, false)
}

async fn open(by: May<OpenWork>, ui: Ui, lis: web::Data<Lis>, form: Form<WorkInput>) -> Answer {
    let actor = by.clone();
    let outcome = match form.input.checked() {
        Ok(found) => {
            let work = move |tx: &mut Tx| opening::open(tx, &by, &found);
            refused(lis.command(&actor, &form.request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        // What it lists is for the quality officer; a tester knows samples by their labels only.
        Ok(opened) if May::<ManageQuality>::check(&actor).is_some() => {
            Ok(see_other(&format!("/quality/work/{}", opened.id), Some("done-work-opened")))
        }
        Ok(_) => Ok(see_other("/quality/work/new", Some("done-work-opened"))),
        Err(refusal) => refused_page(&open_page(&lis, ui, form.input, Some(&refusal)).await?, &refusal),
    }
}

/// What had been typed into the form of a step that came back.
#[derive(Default)]
struct Typed {
    classification: ClassifyInput,
    evaluation: EvaluateInput,
    recall: RecallInput,
    correction: CorrectiveActionInput,
    effect: EffectInput,
    close: CloseInput,
}

#[derive(Template)]
#[template(path = "quality/pages/work.html")]
struct WorkPage {
    ui: Ui,
    once: String,
    work: WorkView,
    risks: Vec<Choice>,
    effects: Vec<Choice>,
    answers: Vec<Choice>,
    typed: Typed,
    errors: FormErrors,
}

impl WorkPage {
    /// A verdict in words; nothing where there is none.
    fn verdict(&self, code: &str) -> String {
        if code.is_empty() {
            String::new()
        } else {
            self.ui.t(&format!("verdict-{}", code.to_lowercase().replace('_', "-")))
        }
    }
}

async fn work_page(lis: &Lis, ui: Ui, id: WorkId, typed: Typed, refusal: Option<&Refusal>) -> Outcome<WorkPage> {
    let work = lis.db.read(move |conn| actions::work(conn, id)).await?;
    Ok(WorkPage {
        once: ui.once(),
        risks: risks(&ui),
        effects: choices(&ui, "work-effect", &[Effect::None, Effect::Affected].map(Effect::code)),
        answers: choices(&ui, "yes-no", &["yes", "no"]),
        work,
        typed,
        errors: errors_of(&ui, refusal),
        ui,
    })
}

async fn work(_: May<ManageQuality>, ui: Ui, lis: web::Data<Lis>, id: web::Path<WorkId>) -> Answer {
    page(&work_page(&lis, ui, *id, Typed::default(), None).await?, false)
}

/// The page after a step: the work with a word about it, or the form with what was wrong.
async fn after(lis: &Lis, ui: Ui, id: WorkId, outcome: Result<WorkSaved, Refusal>, typed: Typed) -> Answer {
    match outcome {
        Ok(_) => Ok(done(id)),
        Err(refusal) => refused_page(&work_page(lis, ui, id, typed, Some(&refusal)).await?, &refusal),
    }
}

fn done(id: WorkId) -> HttpResponse {
    see_other(&format!("/quality/work/{id}"), Some("done-work-saved"))
}

async fn hold(
    by: May<ManageQuality>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<WorkId>,
    form: Form<Vec<(String, String)>>,
) -> Answer {
    let (id, seen, actor) = (*id, form.seen.required()?, by.clone());
    let step = move |tx: &mut Tx| handling::hold(tx, &by, id, seen);
    let outcome = refused(lis.command(&actor, &form.request, step).await)?;
    after(&lis, ui, id, outcome, Typed::default()).await
}

async fn classify(
    by: May<ManageQuality>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<WorkId>,
    form: Form<ClassifyInput>,
) -> Answer {
    let (id, seen, actor) = (*id, form.seen.required()?, by.clone());
    let outcome = match form.input.checked() {
        Ok(risk) => {
            let step = move |tx: &mut Tx| handling::classify(tx, &by, id, seen, risk);
            refused(lis.command(&actor, &form.request, step).await)?
        }
        Err(refusal) => Err(refusal),
    };
    after(&lis, ui, id, outcome, Typed { classification: form.input, ..Typed::default() }).await
}

async fn evaluate(
    by: May<ManageQuality>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<WorkId>,
    form: Form<EvaluateInput>,
) -> Answer {
    let (id, seen, actor) = (*id, form.seen.required()?, by.clone());
    let outcome = match form.input.checked() {
        Ok(found) => {
            let step = move |tx: &mut Tx| handling::evaluate(tx, &by, id, seen, &found);
            refused(lis.command(&actor, &form.request, step).await)?
        }
        Err(refusal) => Err(refusal),
    };
    after(&lis, ui, id, outcome, Typed { evaluation: form.input, ..Typed::default() }).await
}

async fn recall(
    by: May<ManageQuality>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<WorkId>,
    form: Form<RecallInput>,
) -> Answer {
    let (id, seen, actor) = (*id, form.seen.required()?, by.clone());
    let outcome = match form.input.checked() {
        Ok(reason) => {
            let recaller = Recaller::of(&lis.config);
            let step = move |tx: &mut Tx| handling::recall_reports(tx, &by, &recaller, (id, seen), &reason);
            refused(lis.command(&actor, &form.request, step).await)?
        }
        Err(refusal) => Err(refusal),
    };
    after(&lis, ui, id, outcome, Typed { recall: form.input, ..Typed::default() }).await
}

async fn resume(
    by: May<ManageQuality>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<WorkId>,
    form: Form<Vec<(String, String)>>,
) -> Answer {
    let (id, seen, actor) = (*id, form.seen.required()?, by.clone());
    let step = move |tx: &mut Tx| handling::resume(tx, &by, id, seen);
    let outcome = refused(lis.command(&actor, &form.request, step).await)?;
    after(&lis, ui, id, outcome, Typed::default()).await
}

async fn correct(
    by: May<ManageQuality>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<WorkId>,
    form: Form<CorrectiveActionInput>,
) -> Answer {
    let (id, seen, actor) = (*id, form.seen.required()?, by.clone());
    let outcome = match form.input.checked() {
        Ok(correction) => {
            let step = move |tx: &mut Tx| handling::correct(tx, &by, id, seen, &correction);
            refused(lis.command(&actor, &form.request, step).await)?
        }
        Err(refusal) => Err(refusal),
    };
    after(&lis, ui, id, outcome, Typed { correction: form.input, ..Typed::default() }).await
}

async fn check_effect(
    by: May<ManageQuality>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<WorkId>,
    form: Form<EffectInput>,
) -> Answer {
    let (id, seen, actor) = (*id, form.seen.required()?, by.clone());
    let outcome = match form.input.checked() {
        Ok(effect) => {
            let step = move |tx: &mut Tx| handling::check_effect(tx, &by, id, seen, &effect);
            refused(lis.command(&actor, &form.request, step).await)?
        }
        Err(refusal) => Err(refusal),
    };
    after(&lis, ui, id, outcome, Typed { effect: form.input, ..Typed::default() }).await
}

async fn close(
    by: May<ManageQuality>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<WorkId>,
    form: Form<CloseInput>,
) -> Answer {
    let (id, seen, actor) = (*id, form.seen.required()?, by.clone());
    let outcome = match form.input.checked() {
        Ok(action) => {
            let step = move |tx: &mut Tx| handling::close_work(tx, &by, id, seen, &action);
            refused(lis.command(&actor, &form.request, step).await)?
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(_) => Ok(see_other(&format!("/quality/work/{id}"), Some("done-work-closed"))),
        outcome => after(&lis, ui, id, outcome, Typed { close: form.input, ..Typed::default() }).await,
    }
}
