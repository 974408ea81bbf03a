//! Mapping a code: what would become of the held rows, before and after, and the deed.

use std::collections::HashMap;

use actix_web::web;
use askama::Template;

use super::super::actions::{self, KINDS, MappingFacts, MappingInput, MappingPreview};
use super::super::store::{self, InstrumentRow};
use super::super::{MAPPING_PREVIEW_STALE, findings, flags};
use super::reason_text;
use crate::accounts::May;
use crate::accounts::role::RepairReadings;
use crate::app::Lis;
use crate::db::{Conn, Tx};
use crate::domain::ids::MessageId;
use crate::domain::refusal::{Fact, NOT_FOUND, Outcome, Refusal};
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors};
use crate::web::{Answer, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new().get("/inbox/{id}/map", preview).post("/inbox/{id}/map", map_code)
}

#[derive(Template)]
#[template(path = "instruments/pages/mapping.html")]
struct MappingPage {
    ui: Ui,
    once: String,
    /// The message that the person came from.
    message: MessageId,
    instrument: InstrumentRow,
    input: MappingInput,
    kinds: Vec<Choice>,
    /// What a word of this kind may be mapped to; empty: any text.
    targets: Vec<Choice>,
    /// `None`: the mapping is not whole, or not right.
    shown: Option<MappingPreview>,
    /// What the code would stand for, and what it stands for now.
    target: String,
    target_before: String,
    /// What the analytes of the cells are called, by their keys.
    analytes: HashMap<String, Fact>,
    errors: FormErrors,
}

impl MappingPage {
    fn counts(&self, shown: &MappingPreview) -> String {
        self.ui.t2("mapping-counts", ("tried", shown.tried), ("filed", shown.filed))
    }

    fn reason(&self, reason: &str) -> String {
        reason_text(&self.ui, reason)
    }

    fn analyte(&self, key: &str) -> String {
        self.analytes.get(key).map_or_else(|| key.to_owned(), |name| self.ui.language.said(name))
    }
}

/// What a mapping would do, as far as it can be told: without one the empty form.
async fn mapping_page(
    lis: &Lis,
    ui: Ui,
    message: MessageId,
    input: MappingInput,
    refusal: Option<&Refusal>,
) -> Outcome<MappingPage> {
    let now = lis.clock.now();
    // What is wrong with the fields is said already by the refusal.
    let facts = input.checked().ok();
    let (instrument, shown, said) = lis
        .db
        .read(move |conn| {
            let instrument = instrument_of(conn, message)?;
            let kind = facts.as_ref().map(|facts| facts.kind.clone()).unwrap_or_default();
            let shown = facts.map(|facts| actions::preview_mapping(conn, instrument.id, &facts, now));
            let mut said = |target: &str| actions::target_said(conn, &kind, target);
            let said = match &shown {
                Some(Ok(shown)) => {
                    let targets = (said(&shown.target)?, said(&shown.target_before)?);
                    Some((targets, actions::analytes_foreseen(conn, shown)?))
                }
                _ => None,
            };
            Ok((instrument, shown, said))
        })
        .await?;
    let (shown, unknown) = match shown {
        Some(shown) => match refused(shown)? {
            Ok(shown) => (Some(shown), None),
            Err(refusal) => (None, Some(refusal)),
        },
        None => (None, None),
    };
    let errors = refusal.or(unknown.as_ref()).map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    let choices = |codes: &[&str], prefix: &str, chosen: &str| -> Vec<Choice> {
        let choice = |code: &&str| Choice {
            value: (*code).to_owned(),
            label: ui.t(&format!("{prefix}-{}", code.replace('_', "-"))),
            chosen: *code == chosen,
        };
        codes.iter().map(choice).collect()
    };
    let kinds = choices(KINDS, "mapping-kind", &input.kind);
    let targets = match input.kind.as_str() {
        findings::KIND => choices(findings::TARGETS, "finding", &input.target),
        flags::KIND => choices(flags::TARGETS, "flag", &input.target),
        _ => Vec::new(),
    };
    let ((target, target_before), analytes) = match said {
        Some(((target, before), names)) => ((ui.language.said(&target), ui.language.said(&before)), names),
        None => Default::default(),
    };
    Ok(MappingPage {
        once: ui.once(),
        message,
        instrument,
        input,
        kinds,
        targets,
        shown,
        target,
        target_before,
        analytes,
        errors,
        ui,
    })
}

fn instrument_of(conn: &mut Conn, message: MessageId) -> Outcome<InstrumentRow> {
    let message = store::message(conn, message)?.ok_or(NOT_FOUND)?;
    Ok(store::instrument_by_code(conn, &message.instrument_code)?.ok_or(NOT_FOUND)?)
}

async fn preview(
    _: May<RepairReadings>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<MessageId>,
    query: web::Query<MappingInput>,
) -> Answer {
    let input = query.into_inner();
    let asked = [&input.kind, &input.source, &input.target].iter().any(|text| !text.is_empty());
    let wrong = if asked { input.checked().err() } else { None };
    let found = mapping_page(&lis, ui, *id, input, wrong.as_ref()).await?;
    // An analyte that the catalogue does not have is refused by the preview itself.
    let is_refused = asked && found.shown.is_none();
    page(&found, is_refused)
}

/// Maps what was previewed. When something else would happen by now, or nothing was previewed, the preview is shown again.
async fn map_code(
    by: May<RepairReadings>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<MessageId>,
    form: Form<MappingInput>,
) -> Answer {
    let (id, actor) = (*id, by.clone());
    let outcome = match form.input.checked() {
        Ok(MappingFacts { preview: None, .. }) => Err(MAPPING_PREVIEW_STALE.into()),
        Ok(facts) => {
            let work = move |tx: &mut Tx| {
                let instrument = instrument_of(tx.conn, id)?;
                actions::map_code(tx, &by, instrument.id, &facts)
            };
            refused(lis.command(&actor, &form.request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(_) => Ok(see_other(&format!("/inbox/{id}"), Some("done-code-mapped"))),
        Err(refusal) => refused_page(&mapping_page(&lis, ui, id, form.input, Some(&refusal)).await?, &refusal),
    }
}
