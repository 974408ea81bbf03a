//! Pages of the campaign's officer and of the plan's approver.

use std::collections::HashMap;

use actix_web::web;
use askama::Template;
use serde::Deserialize;

use super::actions::{self, CampaignFacts, CampaignInput};
use super::plans::{self, DecisionInput, PlanInput, PlanWithLines};
use super::poll;
use super::questionnaire::{ChoiceInput, QuestionInput};
use super::state::{CampaignState, PlanState};
use super::store::{self, CampaignRow, PlanRow};
use super::tally::{Counts, Tally};
use super::validity::Rejection;
use crate::accounts::May;
use crate::accounts::actions::{names_of, regions};
use crate::accounts::role::{ApprovePlans, DrawSpotChecks, RunCampaigns};
use crate::app::Lis;
use crate::db::Tx;
use crate::domain::ids::{CampaignId, PersonId, PlanId, ResponseId};
use crate::domain::input::Checker;
use crate::domain::refusal::{NOT_FOUND, Outcome, Refusal};
use crate::enterprises::pages::region_choices;
use crate::spot_checks;
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors, worded};
use crate::web::{Answer, Form, Ui, page, refused, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/campaigns", campaigns)
        .get("/campaigns/new", new_campaign)
        .post("/campaigns", create)
        .get("/campaigns/{id}", campaign)
        .get("/campaigns/{id}/edit", edit)
        .post("/campaigns/{id}", change)
        .post("/campaigns/{id}/open", open)
        .post("/campaigns/{id}/close", close)
        .get("/campaigns/{id}/responses", responses)
        .post("/campaigns/{id}/responses/{response}/reject", reject)
        .post("/campaigns/{id}/plans", draft_plan)
        .post("/campaigns/{id}/plans/{plan}/venues", draw_venues)
        .get("/plans", plans_page)
        .get("/plans/{id}", plan)
        .post("/plans/{id}/decision", decide_plan)
        .and(poll::routes())
}

/// Rows on one page of a list.
const PAGE_ROWS: i64 = 50;

#[derive(Deserialize)]
struct Before {
    before: Option<i64>,
}

/// Cuts a list that was read one row too long; the address of the next page.
fn next_page<T>(rows: &mut Vec<T>, path: &str, id: impl Fn(&T) -> i64) -> String {
    let more = i64::try_from(rows.len()).unwrap_or(0) > PAGE_ROWS;
    rows.truncate(usize::try_from(PAGE_ROWS).unwrap_or(usize::MAX));
    rows.last().filter(|_| more).map(|last| format!("{path}?before={}", id(last))).unwrap_or_default()
}

worded!(CampaignsPage);

#[derive(Template)]
#[template(path = "campaigns/pages/campaigns.html")]
struct CampaignsPage {
    ui: Ui,
    campaigns: Vec<CampaignRow>,
    next: String,
}

async fn campaigns(_: May<RunCampaigns>, ui: Ui, lis: web::Data<Lis>, query: web::Query<Before>) -> Answer {
    let before = query.before;
    let mut campaigns = lis.db.read(move |conn| Ok(store::campaigns(conn, before, PAGE_ROWS + 1)?)).await?;
    let next = next_page(&mut campaigns, "/campaigns", |row| row.id.0);
    page(&CampaignsPage { ui, campaigns, next }, false)
}

/// Blank question blocks at the end of the form: it works without script, so there is no "add" button.
const BLANK_QUESTIONS: usize = 3;

/// The form: questions as columns of repeated fields, choices one per line as `中文 | English`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct CampaignForm {
    title_zh: String,
    title_en: String,
    region_code: String,
    opens_at: String,
    closes_at: String,
    min_seconds: String,
    repeat: String,
    privacy_zh: String,
    privacy_en: String,
    question_zh: Vec<String>,
    question_en: Vec<String>,
    question_max: Vec<String>,
    question_required: Vec<String>,
    question_choices: Vec<String>,
}

impl CampaignForm {
    fn checked(&self) -> Result<CampaignFacts, Refusal> {
        let mut check = Checker::new();
        let min_seconds = check.optional("min_seconds", &self.min_seconds, "expected-whole-number", |t| t.parse().ok());
        check.done(Some(()))?;
        self.input(min_seconds.unwrap_or(0)).checked()
    }

    fn input(&self, min_seconds: i64) -> CampaignInput {
        let at = |list: &[String], index: usize| list.get(index).map(|text| text.trim().to_owned()).unwrap_or_default();
        let questions = (0..self.question_zh.len())
            .map(|index| QuestionInput {
                text_zh: at(&self.question_zh, index),
                text_en: at(&self.question_en, index),
                required: at(&self.question_required, index) == "yes",
                max_choices: at(&self.question_max, index).parse().unwrap_or(1),
                choices: at(&self.question_choices, index).lines().filter_map(choice_line).collect(),
            })
            .filter(|question| !(question.text_zh.is_empty() && question.choices.is_empty()))
            .collect();
        CampaignInput {
            title_zh: self.title_zh.clone(),
            title_en: self.title_en.clone(),
            region_code: self.region_code.clone(),
            opens_at: self.opens_at.clone(),
            closes_at: self.closes_at.clone(),
            min_seconds,
            repeat: self.repeat.clone(),
            privacy_zh: self.privacy_zh.clone(),
            privacy_en: self.privacy_en.clone(),
            questions,
        }
    }

    fn of(row: &CampaignRow) -> Outcome<Self> {
        let form = actions::questionnaire(row)?;
        let local = |at: crate::domain::clock::Moment| at.in_china().format("%Y-%m-%dT%H:%M").to_string();
        let line = |choice: &super::questionnaire::Choice| match choice.name_en.as_str() {
            "" => choice.name_zh.clone(),
            english => format!("{} | {english}", choice.name_zh),
        };
        Ok(Self {
            title_zh: row.title_zh.clone(),
            title_en: row.title_en.clone(),
            region_code: row.region_code.clone(),
            opens_at: local(row.opens_at),
            closes_at: local(row.closes_at),
            min_seconds: form.min_seconds.to_string(),
            repeat: if form.repeat == super::questionnaire::Repeat::Daily { "daily" } else { "once" }.to_owned(),
            question_zh: form.questions.iter().map(|question| question.text_zh.clone()).collect(),
            question_en: form.questions.iter().map(|question| question.text_en.clone()).collect(),
            question_max: form.questions.iter().map(|question| question.max_choices.to_string()).collect(),
            question_required: form
                .questions
                .iter()
                .map(|question| if question.required { "yes" } else { "no" }.to_owned())
                .collect(),
            question_choices: form
                .questions
                .iter()
                .map(|question| question.choices.iter().map(line).collect::<Vec<_>>().join("\n"))
                .collect(),
            privacy_zh: form.privacy_zh,
            privacy_en: form.privacy_en,
        })
    }

    /// The blocks as shown: those filled in, then blank ones.
    fn blocks(&self) -> Vec<QuestionBlock> {
        let at = |list: &[String], index: usize| list.get(index).cloned().unwrap_or_default();
        let filled = (0..self.question_zh.len()).filter(|index| {
            !at(&self.question_zh, *index).is_empty() || !at(&self.question_choices, *index).is_empty()
        });
        let mut blocks: Vec<QuestionBlock> = filled
            .map(|index| QuestionBlock {
                zh: at(&self.question_zh, index),
                en: at(&self.question_en, index),
                max: at(&self.question_max, index),
                required: at(&self.question_required, index) == "yes",
                choices: at(&self.question_choices, index),
            })
            .collect();
        let blank = || QuestionBlock { max: "1".to_owned(), required: true, ..QuestionBlock::default() };
        blocks.extend((0..BLANK_QUESTIONS).map(|_| blank()));
        blocks
    }
}

fn choice_line(line: &str) -> Option<ChoiceInput> {
    let (zh, en) = line.split_once('|').unwrap_or((line, ""));
    let (zh, en) = (zh.trim(), en.trim());
    (!zh.is_empty() || !en.is_empty()).then(|| ChoiceInput { name_zh: zh.to_owned(), name_en: en.to_owned() })
}

#[derive(Default)]
struct QuestionBlock {
    zh: String,
    en: String,
    max: String,
    required: bool,
    choices: String,
}

#[derive(Template)]
#[template(path = "campaigns/pages/form.html")]
struct FormPage {
    ui: Ui,
    /// 0 for a new campaign.
    id: i64,
    version: i64,
    once: String,
    form: CampaignForm,
    blocks: Vec<QuestionBlock>,
    regions: Vec<Choice>,
    repeats: Vec<Choice>,
    errors: FormErrors,
}

async fn form_page(lis: &Lis, ui: Ui, (id, version): (i64, i64), form: CampaignForm) -> Outcome<FormPage> {
    let regions = lis.db.read(regions).await?;
    let repeats = ["once", "daily"].map(|value| Choice {
        value: value.to_owned(),
        label: ui.t(&format!("repeat-{value}")),
        chosen: false,
    });
    Ok(FormPage {
        regions: region_choices(&ui, &regions, &form.region_code),
        repeats: repeats.into(),
        once: ui.once(),
        blocks: form.blocks(),
        ui,
        id,
        version,
        form,
        errors: FormErrors::default(),
    })
}

async fn new_campaign(_: May<RunCampaigns>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    let form = CampaignForm { min_seconds: "10".to_owned(), repeat: "once".to_owned(), ..CampaignForm::default() };
    page(&form_page(&lis, ui, (0, 0), form).await?, false)
}

async fn create(by: May<RunCampaigns>, ui: Ui, lis: web::Data<Lis>, form: Form<CampaignForm>) -> Answer {
    let Form { input, request, .. } = form;
    let actor = by.clone();
    let outcome = match input.checked() {
        Ok(facts) => refused(lis.command(&actor, &request, move |tx| actions::create(tx, &by, &facts)).await)?,
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(saved) => Ok(see_other(&format!("/campaigns/{}", saved.id), Some("done-campaign-saved"))),
        Err(refusal) => form_again(&lis, ui, (0, 0), input, &refusal).await,
    }
}

async fn form_again(lis: &Lis, ui: Ui, of: (i64, i64), input: CampaignForm, refusal: &Refusal) -> Answer {
    let mut shown = form_page(lis, ui, of, input).await?;
    shown.errors = FormErrors::of(refusal, shown.ui.language);
    page(&shown, true)
}

async fn edit(_: May<RunCampaigns>, ui: Ui, lis: web::Data<Lis>, id: web::Path<CampaignId>) -> Answer {
    let id = *id;
    let row = lis.db.read(move |conn| store::campaign(conn, id)?.ok_or_else(|| NOT_FOUND.into())).await?;
    let form = CampaignForm::of(&row)?;
    page(&form_page(&lis, ui, (id.0, row.version), form).await?, false)
}

async fn change(
    by: May<RunCampaigns>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<CampaignId>,
    form: Form<CampaignForm>,
) -> Answer {
    let Form { input, request, seen } = form;
    let (id, seen) = (*id, seen.required()?);
    let actor = by.clone();
    let outcome = match input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| actions::change(tx, &by, id, seen, &facts);
            refused(lis.command(&actor, &request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(_) => Ok(see_other(&format!("/campaigns/{id}"), Some("done-campaign-saved"))),
        Err(refusal) => form_again(&lis, ui, (id.0, seen), input, &refusal).await,
    }
}

/// A plan as shown under its campaign.
struct PlanShown {
    with: PlanWithLines,
    drafted_by: String,
    approved_by: String,
    approved: bool,
    draws: Vec<(i64, String)>,
}

worded!(CampaignPage);

#[derive(Template)]
#[template(path = "campaigns/pages/campaign.html")]
struct CampaignPage {
    ui: Ui,
    row: CampaignRow,
    state: CampaignState,
    once: String,
    counts: Counts,
    reasons: Vec<(String, i64)>,
    tally: Option<Tally>,
    plans: Vec<PlanShown>,
    input: PlanInput,
    errors: FormErrors,
}

async fn campaign_page(lis: &Lis, ui: Ui, id: CampaignId) -> Outcome<CampaignPage> {
    let (row, counts, plans, names, draws) = lis
        .db
        .read(move |conn| {
            let row = store::campaign(conn, id)?.ok_or(NOT_FOUND)?;
            let counts = actions::counts(conn, id)?;
            let plans = plans::of_campaign(conn, id)?;
            let names = names_of(conn, &people_of(plans.iter().map(|with| &with.plan)))?;
            let ids: Vec<PlanId> = plans.iter().map(|with| with.plan.id).collect();
            let draws = spot_checks::actions::draws_of_plans(conn, &ids)?;
            Ok((row, counts, plans, names, draws))
        })
        .await?;
    let plans = plans
        .into_iter()
        .map(|with| PlanShown {
            drafted_by: name(&names, Some(with.plan.drafted_by)),
            approved_by: name(&names, with.plan.approved_by),
            approved: with.plan.state == PlanState::Approved.code(),
            draws: draws
                .iter()
                .filter(|(plan, ..)| *plan == with.plan.id)
                .map(|(_, draw, no)| (draw.0, no.clone()))
                .collect(),
            with,
        })
        .collect();
    Ok(CampaignPage {
        state: actions::state_of(&row)?,
        once: ui.once(),
        reasons: counts.reasons.iter().map(|(code, count)| (ui.t(&actions::reason_word(code)), *count)).collect(),
        tally: actions::frozen_tally(&row)?,
        ui,
        row,
        counts,
        plans,
        input: PlanInput { batches: "50".to_owned(), floor_batches: "2".to_owned(), ..PlanInput::default() },
        errors: FormErrors::default(),
    })
}

fn people_of<'a>(plans: impl Iterator<Item = &'a PlanRow>) -> Vec<PersonId> {
    plans.flat_map(|plan| [Some(plan.drafted_by), plan.approved_by]).flatten().collect()
}

fn name(names: &HashMap<PersonId, String>, person: Option<PersonId>) -> String {
    person.and_then(|person| names.get(&person)).cloned().unwrap_or_default()
}

async fn campaign(_: May<RunCampaigns>, ui: Ui, lis: web::Data<Lis>, id: web::Path<CampaignId>) -> Answer {
    page(&campaign_page(&lis, ui, *id).await?, false)
}

/// The campaign's page again, with what was refused.
async fn campaign_again(lis: &Lis, ui: Ui, id: CampaignId, input: Option<PlanInput>, refusal: &Refusal) -> Answer {
    let mut shown = campaign_page(lis, ui, id).await?;
    shown.errors = FormErrors::of(refusal, shown.ui.language);
    shown.input = input.unwrap_or(shown.input);
    page(&shown, true)
}

type Empty = Form<Vec<(String, String)>>;

async fn open(by: May<RunCampaigns>, ui: Ui, lis: web::Data<Lis>, id: web::Path<CampaignId>, form: Empty) -> Answer {
    let (id, seen) = (*id, form.seen.required()?);
    let actor = by.clone();
    let opened = lis.command(&actor, &form.request, move |tx| actions::open(tx, &by, id, seen)).await;
    match refused(opened)? {
        Ok(_) => Ok(see_other(&format!("/campaigns/{id}"), Some("done-campaign-opened"))),
        Err(refusal) => campaign_again(&lis, ui, id, None, &refusal).await,
    }
}

async fn close(by: May<RunCampaigns>, ui: Ui, lis: web::Data<Lis>, id: web::Path<CampaignId>, form: Empty) -> Answer {
    let (id, seen) = (*id, form.seen.required()?);
    let actor = by.clone();
    let closed = lis.command(&actor, &form.request, move |tx| actions::close(tx, &by, id, seen)).await;
    match refused(closed)? {
        Ok(_) => Ok(see_other(&format!("/campaigns/{id}"), Some("done-campaign-closed"))),
        Err(refusal) => campaign_again(&lis, ui, id, None, &refusal).await,
    }
}

async fn draft_plan(
    by: May<RunCampaigns>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<CampaignId>,
    form: Form<PlanInput>,
) -> Answer {
    let Form { input, request, .. } = form;
    let id = *id;
    let actor = by.clone();
    let outcome = match input.checked() {
        Ok(facts) => refused(lis.command(&actor, &request, move |tx| plans::draft(tx, &by, id, &facts)).await)?,
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(_) => Ok(see_other(&format!("/campaigns/{id}"), Some("done-plan-drafted"))),
        Err(refusal) => campaign_again(&lis, ui, id, Some(input), &refusal).await,
    }
}

async fn draw_venues(
    by: May<DrawSpotChecks>,
    ui: Ui,
    lis: web::Data<Lis>,
    path: web::Path<(CampaignId, PlanId)>,
    form: Form<spot_checks::actions::VenueInput>,
) -> Answer {
    let (campaign, plan) = *path;
    let Form { input, request, .. } = form;
    let actor = by.clone();
    let outcome = match input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| {
                let row = plans::require_approved(tx.conn, plan)?;
                let campaign = row.campaign_id.and_then(|id| store::campaign(tx.conn, id).transpose()).transpose()?;
                let region = campaign.ok_or(NOT_FOUND)?.region_code;
                spot_checks::actions::draw_venues(tx, &by, plan, &region, &facts)
            };
            refused(lis.command(&actor, &request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(saved) => Ok(see_other(&format!("/draws/{}", saved.id), Some("done-drawn"))),
        Err(refusal) => campaign_again(&lis, ui, campaign, None, &refusal).await,
    }
}

struct ResponseLine {
    id: i64,
    received_at: String,
    seconds_taken: i64,
    answers: String,
    reasons: Vec<String>,
}

#[derive(Template)]
#[template(path = "campaigns/pages/responses.html")]
struct ResponsesPage {
    ui: Ui,
    id: CampaignId,
    title: String,
    /// Answers may still be rejected.
    running: bool,
    lines: Vec<ResponseLine>,
    rejections: Vec<Choice>,
    next: String,
}

async fn responses(
    _: May<RunCampaigns>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<CampaignId>,
    query: web::Query<Before>,
) -> Answer {
    let (id, before) = (*id, query.before);
    let (row, mut rows) = lis
        .db
        .read(move |conn| {
            let row = store::campaign(conn, id)?.ok_or(NOT_FOUND)?;
            Ok((row, store::responses(conn, id, before, PAGE_ROWS + 1)?))
        })
        .await?;
    let next = next_page(&mut rows, &format!("/campaigns/{id}/responses"), |(row, _)| row.id.0);
    let form = actions::questionnaire(&row)?;
    let lines = rows
        .into_iter()
        .map(|(row, rejection)| ResponseLine {
            id: row.id.0,
            received_at: row.received_at.to_string(),
            seconds_taken: row.seconds_taken,
            answers: in_words(&ui, &form, &row.answers),
            reasons: row
                .invalid_reason
                .split(' ')
                .filter(|code| !code.is_empty())
                .chain(rejection.as_deref())
                .map(|code| ui.t(&actions::reason_word(code)))
                .collect(),
        })
        .collect();
    let rejections = Rejection::ALL
        .iter()
        .map(|reason| Choice { value: reason.code().to_owned(), label: ui.t(&reason.word()), chosen: false })
        .collect();
    let running = actions::state_of(&row)? == CampaignState::Open;
    let title = ui.pick(&row.title_zh, &row.title_en).to_owned();
    page(&ResponsesPage { ui, id, title, running, lines, rejections, next }, false)
}

/// What was chosen, by name; what the questionnaire does not know as it came.
fn in_words(ui: &Ui, form: &super::questionnaire::Questionnaire, answers: &str) -> String {
    let answers: super::questionnaire::Answers = serde_json::from_str(answers).unwrap_or_default();
    let said = answers.iter().flat_map(|(key, chosen)| {
        let question = form.question(key);
        chosen.iter().map(move |one| {
            let choice = question.and_then(|question| question.choices.iter().find(|choice| choice.key == *one));
            choice.map_or(one.as_str(), |choice| ui.pick(&choice.name_zh, &choice.name_en)).to_owned()
        })
    });
    said.collect::<Vec<_>>().join("; ")
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RejectInput {
    reason: String,
}

async fn reject(
    by: May<RunCampaigns>,
    lis: web::Data<Lis>,
    path: web::Path<(CampaignId, ResponseId)>,
    form: Form<RejectInput>,
) -> Answer {
    let (id, response) = *path;
    let reason = checked_rejection(&form.input.reason)?;
    lis.db.write(move |tx| actions::reject(tx, &by, id, response, reason)).await?;
    Ok(see_other(&format!("/campaigns/{id}/responses"), Some("done-response-rejected")))
}

pub(super) fn checked_rejection(code: &str) -> Result<Rejection, Refusal> {
    let mut check = Checker::new();
    let reason = check.parsed("reason", code, "expected-reason", Rejection::parse);
    check.done(reason)
}

worded!(PlansPage);

#[derive(Template)]
#[template(path = "campaigns/pages/plans.html")]
struct PlansPage {
    ui: Ui,
    plans: Vec<(PlanRow, String)>,
    next: String,
}

async fn plans_page(_: May<ApprovePlans>, ui: Ui, lis: web::Data<Lis>, query: web::Query<Before>) -> Answer {
    let before = query.before;
    let (mut rows, names) = lis
        .db
        .read(move |conn| {
            let rows = store::plans(conn, before, PAGE_ROWS + 1)?;
            let names = names_of(conn, &people_of(rows.iter()))?;
            Ok((rows, names))
        })
        .await?;
    let next = next_page(&mut rows, "/plans", |row| row.id.0);
    let plans = rows.into_iter().map(|row| (row.clone(), name(&names, Some(row.drafted_by)))).collect();
    page(&PlansPage { ui, plans, next }, false)
}

worded!(PlanPage);

#[derive(Template)]
#[template(path = "campaigns/pages/plan.html")]
struct PlanPage {
    ui: Ui,
    with: PlanWithLines,
    drafted_by: String,
    approved_by: String,
    undecided: bool,
    once: String,
    reason: String,
    errors: FormErrors,
}

async fn plan_page(lis: &Lis, ui: Ui, id: PlanId) -> Outcome<PlanPage> {
    let (with, names) = lis
        .db
        .read(move |conn| {
            let with = plans::facts(conn, id)?;
            let names = names_of(conn, &people_of(std::iter::once(&with.plan)))?;
            Ok((with, names))
        })
        .await?;
    Ok(PlanPage {
        drafted_by: name(&names, Some(with.plan.drafted_by)),
        approved_by: name(&names, with.plan.approved_by),
        undecided: plans::state_of(&with.plan)? == PlanState::Draft,
        once: ui.once(),
        ui,
        with,
        reason: String::new(),
        errors: FormErrors::default(),
    })
}

async fn plan(_: May<ApprovePlans>, ui: Ui, lis: web::Data<Lis>, id: web::Path<PlanId>) -> Answer {
    page(&plan_page(&lis, ui, *id).await?, false)
}

async fn decide_plan(
    by: May<ApprovePlans>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<PlanId>,
    form: Form<DecisionInput>,
) -> Answer {
    let Form { input, request, seen } = form;
    let (id, seen) = (*id, seen.required()?);
    let actor = by.clone();
    let outcome = match input.checked() {
        Ok(facts) => refused(lis.command(&actor, &request, move |tx| plans::decide(tx, &by, id, seen, &facts)).await)?,
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(_) => Ok(see_other(&format!("/plans/{id}"), Some("done-plan-decided"))),
        Err(refusal) => {
            let mut shown = plan_page(&lis, ui, id).await?;
            shown.errors = FormErrors::of(&refusal, shown.ui.language);
            shown.reason = input.reason;
            page(&shown, true)
        }
    }
}
