//! The check: items that wait for it, one item with its evidence, the order to repeat.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;

use super::super::actions::{
    self, Checking, DecisionInput, Deviation, DeviationInput, Evidence, FactorVersion, ItemSeen, LimitFactorInput,
    RepeatInput, ToCheck, VERDICTS, WaitingItem, factor_versions,
};
use super::super::compute::LimitAsked;
use super::super::concentrating;
use super::super::deviating::is_open;
use super::super::established::FINDINGS;
use super::super::state::{ItemEvent, ItemState};
use super::super::store::{EntryRow, ItemFilter, SourceRow};
use super::super::waiting::states_to_decide;
use super::{PAGE_ROWS, Pairs, field, unreadable};
use crate::accounts::role::{CheckItems, DecideVerdicts, ManageCatalogue, SeeBench};
use crate::accounts::signing::{Meaning, open_grant};
use crate::accounts::{Actor, May};
use crate::app::Lis;
use crate::catalogue::{Catalogue, actions as catalogue};
use crate::db::Tx;
use crate::domain::ids::ItemId;
use crate::domain::refusal::{Outcome, Reasons, Refusal};
use crate::judgement::Verdict;
use crate::judgement::explain::Lang;
use crate::judgement::measured::CarryOver;
use crate::web::language::Language;
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors};
use crate::web::{Answer, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/check", to_check)
        .post("/check", check)
        .get("/check/{id}", item)
        .post("/check/{id}/repeat", order_repeat)
        .post("/check/{id}/decision", decide)
        .post("/check/{id}/deviation", deviate)
        .post("/check/{id}/limit-factor", state_factor)
        .get("/doubts", doubts)
}

#[derive(Template)]
#[template(path = "testing/pages/check.html")]
struct CheckPage {
    ui: Ui,
    once: String,
    items: Vec<ToCheck>,
    /// Checked, and not yet in an authorized report: each can still be ordered again.
    checked: Vec<WaitingItem>,
    chosen: Vec<i64>,
    /// Why the checker goes past warnings, as it was typed.
    confirmation: String,
    errors: FormErrors,
}

async fn check_page(
    lis: &Lis,
    ui: Ui,
    (chosen, confirmation): (Vec<i64>, String),
    refusal: Option<&Refusal>,
) -> Outcome<CheckPage> {
    let of = |state: ItemState| ItemFilter { states: vec![state.code()], ..ItemFilter::default() };
    let (to_check, checked) = (of(ItemState::Calculated), of(ItemState::Checked));
    let (items, checked) = lis
        .db
        .read(move |conn| {
            let items = actions::to_check(conn, &to_check, PAGE_ROWS)?;
            Ok((items, actions::waiting_items(conn, &checked, PAGE_ROWS)?))
        })
        .await?;
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    Ok(CheckPage { once: ui.once(), items, checked, chosen, confirmation, errors, ui })
}

async fn to_check(_: May<CheckItems>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    page(&check_page(&lis, ui, (Vec::new(), String::new()), None).await?, false)
}

/// Boxes `items` as ID:VERSION; with the signing password a grant is opened first. A `confirmation` goes past warnings.
async fn check(by: May<CheckItems>, ui: Ui, lis: web::Data<Lis>, form: Form<Pairs>) -> Answer {
    let mut reasons = Reasons::new();
    let mut wanted: Vec<ItemSeen> = Vec::new();
    for (_, value) in form.input.iter().filter(|(name, _)| name == "items") {
        let seen = value.split_once(':').and_then(|(id, version)| Some((id.parse().ok()?, version.parse().ok()?)));
        match seen {
            Some((id, version)) => wanted.push(ItemSeen { id, version }),
            None => reasons.add(unreadable("items")),
        }
    }
    let chosen = wanted.iter().map(|one| one.id).collect();
    let actor = by.clone();
    let password = field(&form.input, "signing_password");
    let opened = match reasons.none() {
        Ok(()) if !password.is_empty() => {
            refused(open_grant(&lis, &actor, Meaning::Checked, password).await)?.map(|_| ())
        }
        read => read,
    };
    let typed = field(&form.input, "confirmation").to_owned();
    let outcome = match opened.and_then(|()| actions::confirmed(&typed)) {
        Ok(confirmation) => {
            let real = lis.clock.real();
            let before = lis.db.read(move |conn| Checking::of(conn, confirmation)).await?;
            let work = move |tx: &mut Tx| actions::check(tx, &by, &before, &wanted, real);
            refused(lis.command(&actor, &form.request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other("/check", Some("done-checked"))),
        Err(refusal) => refused_page(&check_page(&lis, ui, (chosen, typed), Some(&refusal)).await?, &refusal),
    }
}

#[derive(Template)]
#[template(path = "testing/pages/item.html")]
struct ItemPage {
    ui: Ui,
    once: String,
    found: Evidence,
    catalogue: Arc<Catalogue>,
    /// The calculation and judgement, one sentence a line.
    steps: Vec<String>,
    notes: Vec<String>,
    limit: String,
    limit_key: String,
    /// The viewer checks items: the list of them is his.
    checks: bool,
    /// What he can do with the item as it stands.
    may_check: bool,
    may_repeat: bool,
    may_decide: bool,
    /// The verdict stands; only a factor of its limit can be decided.
    may_scale: bool,
    verdicts: Vec<Choice>,
    findings: Vec<Choice>,
    /// What was typed about the verdict and refused.
    typed: DecisionInput,
    /// The approved deviation from the method, and the next one.
    deviation: Option<Deviation>,
    may_deviate: bool,
    deviating: DeviationInput,
    /// The factors that were stated for the product, oldest first, and the next one.
    factors: Vec<FactorVersion>,
    may_state_factor: bool,
    stating: LimitFactorInput,
    errors: FormErrors,
}

async fn item_page(
    lis: &Lis,
    ui: Ui,
    who: &Actor,
    id: ItemId,
    typed: DecisionInput,
    refusal: Option<&Refusal>,
) -> Outcome<ItemPage> {
    let (found, catalogue) =
        lis.db.read(move |conn| Ok((actions::evidence(conn, id)?, catalogue::current(conn)?))).await?;
    let lang = if ui.language == Language::English { Lang::En } else { Lang::Zh };
    let (mut steps, mut notes, mut limit, mut limit_key) = (Vec::new(), Vec::new(), String::new(), String::new());
    if let Some(record) = &found.record {
        steps = record.reasoning().iter().map(|step| step.text(lang)).collect();
        // Once somebody has decided nothing is left to be looked at.
        let open = record.answered.notes.iter().filter(|_| record.decision.is_none());
        notes = open.map(|note| ui.t(&format!("note-{note}"))).collect();
        if let LimitAsked::Row(row) = &record.asked.limit {
            limit = record.limit_named();
            limit_key = row.key.clone();
        }
    }
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    let checks = May::<CheckItems>::check(who).is_some();
    let state = ItemState::parse(&found.item.state);
    let possible = |event: ItemEvent| state.is_some_and(|state| state.after(event).is_ok());
    let undecided = found.record.as_ref().is_some_and(|record| record.verdict() == Verdict::Review);
    let scalable = found.record.as_ref().is_some_and(|record| {
        let compared = matches!(record.verdict(), Verdict::Pass | Verdict::Fail);
        compared && record.decision.is_none() && record.asked.can_be_scaled()
    });
    let decides = May::<DecideVerdicts>::check(who).is_some() && possible(ItemEvent::Decide);
    let standing = found.record.as_ref().filter(|_| possible(ItemEvent::Recompute));
    let restatable = standing.is_some_and(|record| record.decision.is_none() && record.asked.can_be_scaled());
    let verdict = |(code, verdict): &(&str, Verdict)| Choice {
        value: (*code).to_owned(),
        label: ui.t(&verdict.word()),
        chosen: false,
    };
    let finding = |(code, ..): &(&str, bool, CarryOver)| Choice {
        value: (*code).to_owned(),
        label: ui.t(&format!("established-{}", code.replace('_', "-"))),
        chosen: false,
    };
    Ok(ItemPage {
        once: ui.once(),
        steps,
        notes,
        limit,
        limit_key,
        checks,
        may_check: checks && possible(ItemEvent::Check),
        may_repeat: checks && !found.item.derived && possible(ItemEvent::OrderRepeat),
        may_decide: decides && undecided,
        may_scale: decides && scalable,
        verdicts: VERDICTS.iter().map(verdict).collect(),
        findings: FINDINGS.iter().map(finding).collect(),
        typed,
        deviation: Deviation::of(&found.item.deviation),
        may_deviate: May::<ManageCatalogue>::check(who).is_some() && state.is_some_and(is_open),
        deviating: DeviationInput::default(),
        factors: factor_versions(&found.item.limit_factor),
        may_state_factor: May::<DecideVerdicts>::check(who).is_some()
            && !found.item.derived
            && (restatable || state.is_some_and(concentrating::is_open)),
        stating: LimitFactorInput::default(),
        errors,
        found,
        catalogue,
        ui,
    })
}

impl ItemPage {
    /// The name of a control's analyte.
    fn analyte<'p>(&'p self, key: &'p str) -> &'p str {
        let (chinese, english) = self.catalogue.analyte_name(key);
        self.ui.pick(chinese, english)
    }

    /// The message that an entry of an instrument came in.
    fn source_of(&self, entry: &EntryRow) -> Option<&SourceRow> {
        self.found.sources.iter().find(|source| Some(source.observation) == entry.observation_id)
    }

    /// It was read with a profile that is a draft.
    fn is_of_draft(&self, source: &SourceRow) -> bool {
        self.found.drafts.contains(&(source.message, source.reading_no))
    }
}

async fn item(by: May<SeeBench>, ui: Ui, lis: web::Data<Lis>, id: web::Path<ItemId>) -> Answer {
    page(&item_page(&lis, ui, &by, *id, DecisionInput::default(), None).await?, false)
}

async fn order_repeat(
    by: May<CheckItems>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<ItemId>,
    form: Form<RepeatInput>,
) -> Answer {
    let (id, seen, actor) = (*id, form.seen.required()?, by.clone());
    let outcome = match form.input.checked() {
        Ok(reason) => {
            let work = move |tx: &mut Tx| actions::order_repeat(tx, &by, id, seen, &reason);
            refused(lis.command(&actor, &form.request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok::<HttpResponse, _>(see_other("/check", Some("done-repeat-ordered"))),
        Err(refusal) => {
            let typed = DecisionInput::default();
            refused_page(&item_page(&lis, ui, &actor, id, typed, Some(&refusal)).await?, &refusal)
        }
    }
}

async fn decide(
    by: May<DecideVerdicts>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<ItemId>,
    form: Form<DecisionInput>,
) -> Answer {
    let (id, seen, actor) = (*id, form.seen.required()?, by.clone());
    let Form { input, request, .. } = form;
    let outcome = match input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| actions::decide(tx, &by, id, seen, &facts);
            refused(lis.command(&actor, &request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other("/doubts", Some("done-verdict-decided"))),
        Err(refusal) => refused_page(&item_page(&lis, ui, &actor, id, input, Some(&refusal)).await?, &refusal),
    }
}

async fn deviate(
    by: May<ManageCatalogue>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<ItemId>,
    form: Form<DeviationInput>,
) -> Answer {
    let (id, seen, actor) = (*id, form.seen.required()?, by.clone());
    let Form { input, request, .. } = form;
    let outcome = match input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| actions::deviate(tx, &by, id, seen, &facts);
            refused(lis.command(&actor, &request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other(&format!("/check/{id}"), Some("done-deviation-approved"))),
        Err(refusal) => {
            let mut shown = item_page(&lis, ui, &actor, id, DecisionInput::default(), Some(&refusal)).await?;
            shown.deviating = input;
            refused_page(&shown, &refusal)
        }
    }
}

async fn state_factor(
    by: May<DecideVerdicts>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<ItemId>,
    form: Form<LimitFactorInput>,
) -> Answer {
    let (id, seen, actor) = (*id, form.seen.required()?, by.clone());
    let Form { input, request, .. } = form;
    let outcome = match input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| actions::state_factor(tx, &by, id, seen, &facts);
            refused(lis.command(&actor, &request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other(&format!("/check/{id}"), Some("done-factor-stated"))),
        Err(refusal) => {
            let mut shown = item_page(&lis, ui, &actor, id, DecisionInput::default(), Some(&refusal)).await?;
            shown.stating = input;
            refused_page(&shown, &refusal)
        }
    }
}

#[derive(Template)]
#[template(path = "testing/pages/doubts.html")]
struct DoubtsPage {
    ui: Ui,
    items: Vec<WaitingItem>,
}

/// Verdicts that the rules leave open.
async fn doubts(_: May<DecideVerdicts>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    let filter =
        ItemFilter { states: states_to_decide(), verdict: Some(Verdict::Review.name()), ..ItemFilter::default() };
    let items = lis.db.read(move |conn| actions::waiting_items(conn, &filter, PAGE_ROWS)).await?;
    page(&DoubtsPage { items, ui }, false)
}
