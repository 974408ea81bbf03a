//! Pages of the regulators: the list, the case and what is done with it. The operator's: `portal_pages.rs`.

use actix_web::web;
use askama::Template;
use serde::Deserialize;

use super::actions::{self, region_of};
use super::acts::{self, ActInput};
use super::authority;
use super::clocks::RecallLimits;
use super::feed::{self, FeedItem};
use super::handling::{self, DecideInput, ServiceInput};
use super::handling_record::{self, HandlingEntry, HandlingInput};
use super::matter::{acts_in, next_of};
use super::notice as notices;
use super::shown_clocks::{ClockShown, choices, shown_clocks};
use super::state::{Act, CaseEvent, CaseState, Party, Relation};
use super::store::{self, ActRow, ApplicationRow, CaseRow, ClockRow, Filter, ServiceRow};
use crate::accounts::actions::{RegionRow, regions};
use crate::accounts::extract::SignedIn;
use crate::accounts::pages::region_name;
use crate::accounts::role::{HandleCases, ReadFailingResults};
use crate::accounts::{Actor, May, PASSWORD_MUST_CHANGE};
use crate::app::Lis;
use crate::domain::identifiers::RegionCode;
use crate::domain::ids::{ApplicationId, CaseEventId, CaseId};
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome, Refusal};
use crate::web::answer::pdf;
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors, worded};
use crate::web::{Answer, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/cases", cases)
        .get("/cases/{id}", case)
        .post("/cases/{id}/events/{event}/acknowledge", acknowledge)
        .post("/cases/{id}/service", serve)
        .post("/cases/{id}/applications/{application}", decide)
        .post("/cases/{id}/applications/{application}/acts", act_of_application)
        .post("/cases/{id}/acts", act)
        .post("/cases/{id}/handling", record_handling)
        .post("/cases/{id}/step", advance)
        .get("/notices/{id}/pdf", notice)
        .and(super::portal_pages::routes())
        .and(super::alarm_pages::routes())
        .and(super::urgent_pages::routes())
        .and(super::rapid_pages::routes())
        .and(super::published::routes())
}

const PAGE_ROWS: i64 = 50;

#[derive(Deserialize, Clone, Default)]
#[serde(default)]
struct ListQuery {
    state: String,
    relation: String,
    overdue: String,
    before: Option<i64>,
}

struct CaseLine {
    case: CaseRow,
    /// What was sampled, and at whose place.
    sample: String,
    unit: String,
    relations: Vec<String>,
    clocks: Vec<ClockShown>,
}

#[derive(Template)]
#[template(path = "cases/pages/cases.html")]
struct CasesPage {
    ui: Ui,
    query: ListQuery,
    lines: Vec<CaseLine>,
    states: Vec<Choice>,
    relations: Vec<Choice>,
    next: String,
}
worded!(CasesPage);

async fn cases(by: May<ReadFailingResults>, ui: Ui, lis: web::Data<Lis>, query: web::Query<ListQuery>) -> Answer {
    let region = region_of(&by)?;
    let query = query.into_inner();
    let now = lis.clock.now();
    let filter = Filter {
        state: Some(query.state.clone()).filter(|state| CaseState::parse(state).is_some()),
        relation: Some(query.relation.clone()).filter(|relation| Relation::parse(relation).is_some()),
        overdue_on: (query.overdue == "yes").then(|| now.date_in_china()),
    };
    let (before, code) = (query.before, region.as_str().to_owned());
    let (mut rows, samples, relations, clocks, regions) = lis
        .db
        .read(move |conn| {
            let rows = store::cases_of_region(conn, &code, &filter, before, PAGE_ROWS + 1)?;
            let ids: Vec<CaseId> = rows.iter().map(|row| row.id).collect();
            let samples: Vec<_> = rows.iter().map(|row| row.sample_id).collect();
            let samples = store::shown::samples(conn, &samples)?;
            Ok((rows, samples, store::relations_of(conn, &ids)?, store::clocks_of(conn, &ids)?, regions(conn)?))
        })
        .await?;
    let more = i64::try_from(rows.len()).unwrap_or(0) > PAGE_ROWS;
    rows.truncate(usize::try_from(PAGE_ROWS).unwrap_or(usize::MAX));
    let next = rows.last().filter(|_| more).map(|last| {
        format!("/cases?state={}&relation={}&overdue={}&before={}", query.state, query.relation, query.overdue, last.id)
    });
    let lines = rows
        .into_iter()
        .map(|case| {
            let open: Vec<ClockRow> =
                clocks.iter().filter(|row| row.case_id == case.id && row.ended_at.is_none()).cloned().collect();
            let seen = relations
                .iter()
                .filter(|row| row.case_id == case.id && row.region_code.starts_with(region.as_str()))
                .map(|row| {
                    let name = region_name(&ui, &regions, &row.region_code);
                    format!("{} {name}", ui.t(&format!("relation-{}", row.relation.replace('_', "-"))))
                });
            let sample = samples.iter().find(|one| one.id == case.sample_id);
            CaseLine {
                sample: sample.map(|one| one.sample_name.clone()).unwrap_or_default(),
                unit: sample.map(|one| one.unit_name.clone()).unwrap_or_default(),
                relations: seen.collect(),
                clocks: shown_clocks(&ui, &open, None, now),
                case,
            }
        })
        .collect();
    let states = choices(&ui, CaseState::ALL.iter().map(|state| (state.code(), state.word())));
    let relations = choices(&ui, Relation::ALL.iter().map(|one| (one.code(), one.word())));
    page(&CasesPage { ui, query, lines, states, relations, next: next.unwrap_or_default() }, false)
}

/// An application, or recall and seizure of the case itself: what was done, and what may be recorded next.
struct MatterLine {
    application: Option<ApplicationRow>,
    /// Where its acts are sent.
    action: String,
    done: Vec<ActRow>,
    /// Empty: nothing, or not by the caller.
    next: Vec<Choice>,
    /// An agreed day belongs to one of them.
    agrees: bool,
}

fn matter(
    ui: &Ui,
    case: &CaseRow,
    application: Option<ApplicationRow>,
    acts: &[ActRow],
    directs: bool,
) -> Outcome<MatterLine> {
    let of = application.as_ref().map(|row| row.id);
    let next = next_of(case, application.as_ref(), &acts_in(acts, of)?)?;
    let next = if directs { next } else { Vec::new() };
    Ok(MatterLine {
        action: match of {
            Some(of) => format!("/cases/{}/applications/{of}/acts", case.id),
            None => format!("/cases/{}/acts", case.id),
        },
        done: acts.iter().filter(|row| row.application_id == of).cloned().collect(),
        agrees: next.contains(&Act::ConclusionAgreed),
        next: choices(ui, next.iter().map(|act| (act.code(), act.word()))),
        application,
    })
}

/// A service, and whether its notice is set.
struct ServiceLine {
    row: ServiceRow,
    notice: bool,
}

#[derive(Template)]
#[template(path = "cases/pages/case.html")]
struct CasePage {
    ui: Ui,
    case: CaseRow,
    once: String,
    /// The caller's own.
    own: RegionCode,
    events: Vec<FeedItem>,
    regions: Vec<RegionRow>,
    /// The conclusion fell: nothing is decided in substance any more, applications only end.
    fell: bool,
    /// The caller's authority decides about the case.
    directs: bool,
    /// What it may do with the case as it stands.
    steps: Vec<Choice>,
    clocks: Vec<ClockShown>,
    services: Vec<ServiceLine>,
    /// The applications, then recall and seizure.
    matters: Vec<MatterLine>,
    /// Whom the caller's authority may still serve.
    parties: Vec<Choice>,
    service: ServiceInput,
    /// What was recorded, the newest first.
    handling: Vec<HandlingEntry>,
    /// The form of the next entry; `None`: the case is not handled, or not by the caller.
    record: Option<HandlingInput>,
    errors: FormErrors,
}
worded!(CasePage);

impl CasePage {
    fn can_serve(&self) -> bool {
        let state = CaseState::parse(&self.case.state);
        !self.parties.is_empty() && state.is_some_and(|state| state.after(CaseEvent::Serve).is_some())
    }

    /// Whether a relation of the caller's own waits for his acknowledgement. An authority above has none.
    fn is_to_acknowledge(&self, item: &FeedItem) -> bool {
        item.relations.iter().any(|one| one.acknowledged_at.is_none() && actions::is_own(&self.own, &one.region_code))
    }

    fn region(&self, code: &str) -> String {
        region_name(&self.ui, &self.regions, code)
    }
}

/// The steps of the authority that decides about a case.
fn steps_of(ui: &Ui, case: &CaseRow, fell: bool) -> Vec<Choice> {
    let Some(state) = CaseState::parse(&case.state) else { return Vec::new() };
    let publish = (!fell && case.publicity != "published").then_some("publish");
    let handle = state.after(CaseEvent::Handle).map(|_| "handle");
    let close = state.after(CaseEvent::Close).map(|_| "close");
    choices(ui, [publish, handle, close].into_iter().flatten().map(|step| (step, format!("case-{step}"))))
}

async fn case_page(lis: &Lis, ui: Ui, by: &Actor, id: CaseId) -> Outcome<CasePage> {
    let region = region_of(by)?;
    let (own_region, base) = (region.clone(), lis.config.public_url.clone());
    let now = lis.clock.now();
    let (case, own, events, fell, clocks, services, (applications, acts, handling), regions) = lis
        .db
        .read(move |conn| {
            let case = store::case(conn, id)?.ok_or(NOT_FOUND)?;
            let own = actions::visible(conn, id, &region)?;
            let mut events = store::events_of(conn, &[id])?;
            events.reverse();
            let items = feed::items_of(conn, &region, &events, &base)?;
            let clocks = store::clocks_of(conn, &[id])?;
            let (services, applications) = (store::services_of(conn, &[id])?, store::applications_of(conn, &[id])?);
            let ids: Vec<i64> = services.iter().map(|row| row.id).collect();
            let set = store::notices_of(conn, &ids)?;
            let with_notice =
                |row: ServiceRow| ServiceLine { notice: set.iter().any(|notice| notice.service_id == row.id), row };
            let services: Vec<ServiceLine> = services.into_iter().map(with_notice).collect();
            let fell = actions::fell_at(conn, id)?;
            let handling = handling_record::entries(conn, id)?;
            let acts = store::acts_of(conn, id)?;
            Ok((case, own, items, fell, clocks, services, (applications, acts, handling), regions(conn)?))
        })
        .await?;
    let directs = authority::directs(&own);
    let to_serve = Party::ALL.iter().filter(|party| {
        authority::serves(&own, **party) && !services.iter().any(|line| line.row.party == party.code())
    });
    let of_case = applications.into_iter().map(Some).chain([None]);
    let matters =
        of_case.map(|application| matter(&ui, &case, application, &acts, directs)).collect::<Outcome<Vec<_>>>()?;
    Ok(CasePage {
        once: ui.once(),
        steps: if directs { steps_of(&ui, &case, fell.is_some()) } else { Vec::new() },
        record: (directs && case.state == CaseState::Handling.code()).then(|| HandlingInput::after(handling.first())),
        clocks: shown_clocks(&ui, &clocks, fell, now),
        parties: choices(&ui, to_serve.map(|party| (party.code(), party.word()))),
        fell: fell.is_some(),
        directs,
        ui,
        case,
        own: own_region,
        events,
        regions,
        services,
        matters,
        service: ServiceInput::default(),
        handling,
        errors: FormErrors::default(),
    })
}

async fn case(by: May<ReadFailingResults>, ui: Ui, lis: web::Data<Lis>, id: web::Path<CaseId>) -> Answer {
    page(&case_page(&lis, ui, &by, *id).await?, false)
}

/// The notice of a service, for whom it concerns; for everybody else there is none.
async fn notice(by: SignedIn, lis: web::Data<Lis>, id: web::Path<i64>) -> Answer {
    if by.session.password_must_change {
        return Err(PASSWORD_MUST_CHANGE.into());
    }
    notice_file(&lis, by.actor, *id).await
}

pub(super) async fn notice_file(lis: &Lis, who: Actor, service: i64) -> Answer {
    let (row, notice_no) = lis.db.read(move |conn| notices::of_service(conn, &who, service)).await?;
    let files = lis.files.clone();
    let bytes = web::block(move || files.get(&row.file_sha256)).await.map_err(Fault::broken)?;
    Ok(pdf(bytes.map_err(Fault::from)?, &format!("{notice_no}.pdf")))
}

type Empty = Form<Vec<(String, String)>>;

async fn acknowledge(
    by: May<ReadFailingResults>,
    lis: web::Data<Lis>,
    path: web::Path<(CaseId, CaseEventId)>,
    form: Empty,
) -> Answer {
    let (id, event) = *path;
    let actor = by.clone();
    lis.command(&actor, &form.request, move |tx| actions::acknowledge(tx, &by, event, &[])).await?;
    Ok(see_other(&format!("/cases/{id}"), Some("done-acknowledged")))
}

/// The case again with what was refused, or on to it.
async fn answer<T>(
    lis: &Lis,
    ui: Ui,
    by: &Actor,
    id: CaseId,
    outcome: Result<T, Refusal>,
    service: Option<ServiceInput>,
) -> Answer {
    match outcome {
        Ok(_) => Ok(see_other(&format!("/cases/{id}"), Some("done-case-saved"))),
        Err(refusal) => {
            let mut shown = case_page(lis, ui, by, id).await?;
            shown.errors = FormErrors::of(&refusal, shown.ui.language);
            shown.service = service.unwrap_or_default();
            refused_page(&shown, &refusal)
        }
    }
}

async fn serve(
    by: May<HandleCases>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<CaseId>,
    form: Form<ServiceInput>,
) -> Answer {
    let Form { input, request, seen } = form;
    let (id, seen, actor) = (*id, seen.required()?, by.clone());
    let outcome = match input.checked() {
        Ok(facts) => {
            refused(lis.command(&actor, &request, move |tx| handling::serve(tx, &by, id, seen, &facts)).await)?
        }
        Err(refusal) => Err(refusal),
    };
    answer(&lis, ui, &actor, id, outcome, Some(input)).await
}

async fn record_handling(
    by: May<HandleCases>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<CaseId>,
    form: Form<HandlingInput>,
) -> Answer {
    let Form { input, request, seen } = form;
    let (id, seen, actor) = (*id, seen.required()?, by.clone());
    let outcome = match input.checked() {
        Ok(stated) => {
            let work = move |tx: &mut crate::db::Tx| handling_record::record(tx, &by, id, seen, &stated);
            refused(lis.command(&actor, &request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(_) => Ok(see_other(&format!("/cases/{id}"), Some("done-case-saved"))),
        Err(refusal) => {
            let mut shown = case_page(&lis, ui, &actor, id).await?;
            shown.errors = FormErrors::of(&refusal, shown.ui.language);
            shown.record = shown.record.map(|_| input);
            refused_page(&shown, &refusal)
        }
    }
}

async fn decide(
    by: May<HandleCases>,
    ui: Ui,
    lis: web::Data<Lis>,
    path: web::Path<(CaseId, ApplicationId)>,
    form: Form<DecideInput>,
) -> Answer {
    let (id, application) = *path;
    let Form { input, request, seen } = form;
    let (seen, actor) = (seen.required()?, by.clone());
    let outcome = match input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut crate::db::Tx| handling::decide(tx, &by, id, application, seen, &facts);
            refused(lis.command(&actor, &request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    answer(&lis, ui, &actor, id, outcome, None).await
}

async fn act_of_application(
    by: May<HandleCases>,
    ui: Ui,
    lis: web::Data<Lis>,
    path: web::Path<(CaseId, ApplicationId)>,
    form: Form<ActInput>,
) -> Answer {
    let (id, application) = *path;
    record_act(by, ui, &lis, id, Some(application), form).await
}

async fn act(by: May<HandleCases>, ui: Ui, lis: web::Data<Lis>, id: web::Path<CaseId>, form: Form<ActInput>) -> Answer {
    record_act(by, ui, &lis, *id, None, form).await
}

async fn record_act(
    by: May<HandleCases>,
    ui: Ui,
    lis: &Lis,
    id: CaseId,
    of: Option<ApplicationId>,
    form: Form<ActInput>,
) -> Answer {
    let Form { input, request, seen } = form;
    let (seen, recall, actor) = (seen.required()?, RecallLimits::of(&lis.config), by.clone());
    let outcome = match input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut crate::db::Tx| acts::record(tx, &by, id, of, seen, (&facts, recall));
            refused(lis.command(&actor, &request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    answer(lis, ui, &actor, id, outcome, None).await
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct StepInput {
    /// `handle`, `close` or `publish`.
    step: String,
}

async fn advance(
    by: May<HandleCases>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<CaseId>,
    form: Form<StepInput>,
) -> Answer {
    let (id, seen, actor) = (*id, form.seen.required()?, by.clone());
    let event = match form.input.step.as_str() {
        "handle" => Some(CaseEvent::Handle),
        "close" => Some(CaseEvent::Close),
        "publish" => None,
        _ => return Err(NOT_FOUND.into()),
    };
    let work = move |tx: &mut crate::db::Tx| match event {
        Some(event) => handling::advance(tx, &by, id, seen, event),
        None => actions::publish(tx, &by, id, seen),
    };
    let outcome = refused(lis.command(&actor, &form.request, work).await)?;
    answer(&lis, ui, &actor, id, outcome, None).await
}
