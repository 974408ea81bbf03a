//! The form of a campaign: its window, its questions, and what it says about privacy.

use actix_web::web;
use askama::Template;
use serde::Deserialize;

use super::super::actions::{self, CampaignFacts, CampaignInput};
use super::super::questionnaire::{self, ChoiceInput, QuestionInput, Repeat};
use super::super::store::{self, CampaignRow};
use crate::accounts::May;
use crate::accounts::actions::regions;
use crate::accounts::pages::region_choices;
use crate::accounts::role::RunCampaigns;
use crate::app::Lis;
use crate::db::Tx;
use crate::domain::ids::CampaignId;
use crate::domain::input::Checker;
use crate::domain::refusal::{NOT_FOUND, Outcome, Refusal};
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors};
use crate::web::{Answer, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/campaigns/new", new_campaign)
        .post("/campaigns", create)
        .get("/campaigns/{id}/edit", edit)
        .post("/campaigns/{id}", change)
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

/// What was typed for a number of choices is none: below what is allowed, so that it is refused by its name.
const NO_NUMBER: i64 = -1;

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
                max_choices: match at(&self.question_max, index).as_str() {
                    "" => 1,
                    typed => typed.parse().unwrap_or(NO_NUMBER),
                },
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
        let line = |choice: &questionnaire::Choice| match choice.name_en.as_str() {
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
            repeat: if form.repeat == Repeat::Daily { "daily" } else { "once" }.to_owned(),
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
    refused_page(&shown, refusal)
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
