//! Pages of testing: authorizations, assignment, worksheets, the check.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::actions::{
    self, ACTIVITIES, Assignment, AuthorizationInput, AuthorizationView, CellView, CorrectionInput, Coverage,
    EntryInput, Evidence, ItemSeen, OpenInput, PositionView, RepeatInput, SheetView, TEST, WaitingItem,
};
use super::api::bench_of;
use super::compute::LimitAsked;
use super::state::{ItemState, WorksheetState};
use super::store::{ItemFilter, WorksheetRow};
use crate::accounts::actions::people_with_role;
use crate::accounts::role::{AssignItems, CheckItems, EnterResults, ManageCatalogue, SeeBench};
use crate::accounts::signing::{Meaning, open_grant};
use crate::accounts::{May, Role};
use crate::app::Lis;
use crate::catalogue::actions::current;
use crate::db::Tx;
use crate::domain::ids::{AuthorizationId, ItemId, PersonId, WorksheetId};
use crate::domain::refusal::{Outcome, Refusal};
use crate::judgement::explain::Lang;
use crate::web::language::Language;
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors};
use crate::web::{Answer, Form, Ui, page, refused, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/authorizations", authorizations)
        .post("/authorizations", grant_authorization)
        .post("/authorizations/{id}/end", end_authorization)
        .get("/assignment", assignment)
        .post("/assignment", assign)
        .get("/worksheets", worksheets)
        .post("/worksheets", open_worksheet)
        .get("/worksheets/{id}", worksheet)
        .get("/worksheets/{id}/live", worksheet_live)
        .post("/worksheets/{id}/entries", save_entries)
        .post("/worksheets/{id}/submission", submit)
        .post("/worksheets/{id}/corrections", correct)
        .get("/check", to_check)
        .post("/check", check)
        .get("/check/{id}", item)
        .post("/check/{id}/repeat", order_repeat)
}

type Pairs = Vec<(String, String)>;

/// Rows on one page of a list.
const PAGE_ROWS: i64 = 100;

fn field<'p>(pairs: &'p Pairs, name: &str) -> &'p str {
    pairs.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
}

// ── Authorizations ──

#[derive(Template)]
#[template(path = "testing/pages/authorizations.html")]
struct AuthorizationsPage {
    ui: Ui,
    once: String,
    rows: Vec<AuthorizationView>,
    people: Vec<Choice>,
    activities: Vec<Choice>,
    input: AuthorizationInput,
    errors: FormErrors,
}

async fn authorizations_page(
    lis: &Lis,
    ui: Ui,
    input: AuthorizationInput,
    refusal: Option<&Refusal>,
) -> Outcome<AuthorizationsPage> {
    let today = lis.clock.now().date_in_china();
    let (rows, people) = lis
        .db
        .read(move |conn| {
            let mut people = BTreeMap::new();
            for role in [Role::Sampler, Role::Tester, Role::Checker, Role::Reviewer, Role::Signatory] {
                people.extend(people_with_role(conn, role)?);
            }
            Ok((actions::authorizations(conn, 0, 1000, today)?, people))
        })
        .await?;
    let people = people
        .into_iter()
        .map(|(id, name)| Choice { value: id.to_string(), chosen: id.to_string() == input.person_id, label: name })
        .collect();
    let activities = ACTIVITIES
        .iter()
        .map(|code| Choice { value: (*code).to_owned(), label: ui.t(&format!("activity-{code}")), chosen: false })
        .collect();
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    Ok(AuthorizationsPage { once: ui.once(), rows, people, activities, input, errors, ui })
}

async fn authorizations(_: May<ManageCatalogue>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    page(&authorizations_page(&lis, ui, AuthorizationInput::default(), None).await?, false)
}

async fn grant_authorization(
    by: May<ManageCatalogue>,
    ui: Ui,
    lis: web::Data<Lis>,
    form: Form<AuthorizationInput>,
) -> Answer {
    let Form { input, request, .. } = form;
    let actor = by.clone();
    let outcome = match input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| actions::grant_authorization(tx, &by, &facts);
            refused(lis.command(&actor, &request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other("/authorizations", Some("done-authorization-granted"))),
        Err(refusal) => page(&authorizations_page(&lis, ui, input, Some(&refusal)).await?, true),
    }
}

async fn end_authorization(
    by: May<ManageCatalogue>,
    lis: web::Data<Lis>,
    id: web::Path<AuthorizationId>,
    form: Form<Pairs>,
) -> Answer {
    let (id, seen) = (*id, form.seen.required()?);
    lis.db.write(move |tx| actions::end_authorization(tx, &by, id, seen)).await?;
    Ok(see_other("/authorizations", Some("done-authorization-ended")))
}

// ── Assignment ──

#[derive(Deserialize, Default)]
#[serde(default)]
struct MethodQuery {
    method: String,
}

struct AssignmentGroup {
    method: String,
    /// Testers, those without a valid authorization marked.
    testers: Vec<Choice>,
    items: Vec<WaitingItem>,
}

#[derive(Template)]
#[template(path = "testing/pages/assignment.html")]
struct AssignmentPage {
    ui: Ui,
    once: String,
    method: String,
    groups: Vec<AssignmentGroup>,
    /// Chosen tester by item, after a refusal.
    chosen: BTreeMap<i64, String>,
    errors: FormErrors,
}

async fn assignment_page(
    lis: &Lis,
    ui: Ui,
    method: String,
    chosen: BTreeMap<i64, String>,
    refusal: Option<&Refusal>,
) -> Outcome<AssignmentPage> {
    let today = lis.clock.now().date_in_china();
    let filter = ItemFilter {
        states: vec![ItemState::Planned.code(), ItemState::RepeatOrdered.code(), ItemState::Assigned.code()],
        method_standard: (!method.is_empty()).then(|| method.clone()),
        ..ItemFilter::default()
    };
    let (items, testers, coverage) = lis
        .db
        .read(move |conn| {
            Ok((
                actions::waiting_items(conn, &filter, PAGE_ROWS * 5)?,
                people_with_role(conn, Role::Tester)?,
                Coverage::of_all(conn, TEST, today)?,
            ))
        })
        .await?;
    let mut by_method: BTreeMap<String, Vec<WaitingItem>> = BTreeMap::new();
    for item in items {
        by_method.entry(item.method_standard.clone()).or_default().push(item);
    }
    let groups = by_method
        .into_iter()
        .map(|(method, items)| AssignmentGroup {
            testers: testers
                .iter()
                .map(|(id, name)| {
                    let valid = coverage.require(*id, name, &method).is_ok();
                    let label =
                        if valid { name.clone() } else { format!("{name} · {}", ui.t("assignment-not-authorized")) };
                    Choice { value: id.to_string(), label, chosen: valid }
                })
                .collect(),
            method,
            items,
        })
        .collect();
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    Ok(AssignmentPage { once: ui.once(), method, groups, chosen, errors, ui })
}

impl AssignmentPage {
    fn is_chosen(&self, item: &i64, tester: &str) -> bool {
        self.chosen.get(item).is_some_and(|chosen| chosen == tester)
    }
}

async fn assignment(_: May<AssignItems>, ui: Ui, lis: web::Data<Lis>, query: web::Query<MethodQuery>) -> Answer {
    page(&assignment_page(&lis, ui, query.into_inner().method, BTreeMap::new(), None).await?, false)
}

/// Fields `tester-ITEM-VERSION` with the id of a tester; an empty one leaves the item.
async fn assign(by: May<AssignItems>, ui: Ui, lis: web::Data<Lis>, form: Form<Pairs>) -> Answer {
    let wanted: Vec<Assignment> = form
        .input
        .iter()
        .filter_map(|(name, value)| {
            let (item, version) = name.strip_prefix("tester-")?.split_once('-')?;
            Some(Assignment {
                item: item.parse().ok()?,
                version: version.parse().ok()?,
                tester: value.parse().ok()?,
                method_key: String::new(),
            })
        })
        .collect();
    let chosen = wanted.iter().map(|one| (one.item, one.tester.to_string())).collect();
    let method = field(&form.input, "method").to_owned();
    let actor = by.clone();
    let done = lis.command(&actor, &form.request, move |tx| actions::assign(tx, &by, &wanted)).await;
    match refused(done)? {
        Ok(_) => Ok(see_other("/assignment", Some("done-assigned"))),
        Err(refusal) => page(&assignment_page(&lis, ui, method, chosen, Some(&refusal)).await?, true),
    }
}

// ── Worksheets ──

#[derive(Template)]
#[template(path = "testing/pages/worksheets.html")]
struct WorksheetsPage {
    ui: Ui,
    once: String,
    /// Assigned items of this tester by procedure.
    mine: Vec<(String, Vec<WaitingItem>)>,
    sheets: Vec<(WorksheetRow, String)>,
    input: OpenInput,
    errors: FormErrors,
}

async fn worksheets_page(
    lis: &Lis,
    ui: Ui,
    me: PersonId,
    input: OpenInput,
    refusal: Option<&Refusal>,
) -> Outcome<WorksheetsPage> {
    let filter = ItemFilter {
        states: vec![ItemState::Assigned.code(), ItemState::RepeatOrdered.code()],
        tester: Some(me),
        ..ItemFilter::default()
    };
    let states: Vec<&'static str> = WorksheetState::ALL.iter().map(|state| state.code()).collect();
    let (items, sheets) = lis
        .db
        .read(move |conn| {
            let items = actions::waiting_items(conn, &filter, PAGE_ROWS * 2)?;
            Ok((items, actions::worksheets(conn, &states, i64::MAX, PAGE_ROWS)?))
        })
        .await?;
    let mut mine: BTreeMap<String, Vec<WaitingItem>> = BTreeMap::new();
    for item in items {
        mine.entry(item.method_key.clone()).or_default().push(item);
    }
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    Ok(WorksheetsPage { once: ui.once(), mine: mine.into_iter().collect(), sheets, input, errors, ui })
}

async fn worksheets(by: May<SeeBench>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    page(&worksheets_page(&lis, ui, by.person, OpenInput::default(), None).await?, false)
}

async fn open_worksheet(by: May<EnterResults>, ui: Ui, lis: web::Data<Lis>, form: Form<Pairs>) -> Answer {
    let items = form.input.iter().filter(|(name, _)| name == "items").filter_map(|(_, value)| value.parse().ok());
    let text = |name: &str| field(&form.input, name).to_owned();
    let input = OpenInput {
        items: items.collect(),
        instrument_id: text("instrument_id").parse().ok(),
        spike_added: text("spike_added"),
        certified: text("certified"),
        uncertainty: text("uncertainty"),
    };
    let (actor, me) = (by.clone(), by.person);
    let outcome = match input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| actions::open_worksheet(tx, &by, &facts);
            refused(lis.command(&actor, &form.request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(opened) => Ok(see_other(&format!("/worksheets/{}", opened.id), Some("done-worksheet-opened"))),
        Err(refusal) => page(&worksheets_page(&lis, ui, me, input, Some(&refusal)).await?, true),
    }
}

#[derive(Template)]
#[template(path = "testing/pages/worksheet.html")]
struct WorksheetPage {
    ui: Ui,
    once: String,
    sheet: SheetView,
    /// May type here.
    own: bool,
    fields: Vec<(String, i64, String)>,
    /// What was typed and not saved, by cell.
    typed: BTreeMap<String, String>,
    reason: String,
    errors: FormErrors,
}

impl WorksheetPage {
    fn of(ui: Ui, sheet: SheetView, me: PersonId, typed: BTreeMap<String, String>, refusal: Option<&Refusal>) -> Self {
        let mut fields: Vec<(String, i64, String)> = Vec::new();
        for cell in sheet.positions.iter().flat_map(|position| &position.cells) {
            if !fields.iter().any(|(name, replicate, _)| *name == cell.field && *replicate == cell.replicate) {
                fields.push((cell.field.clone(), cell.replicate, cell.unit.clone()));
            }
        }
        let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
        Self {
            once: ui.once(),
            own: sheet.tester_id == me.0,
            reason: typed.get("reason").cloned().unwrap_or_default(),
            fields,
            typed,
            errors,
            sheet,
            ui,
        }
    }

    fn is_open(&self) -> bool {
        self.sheet.state == WorksheetState::Open.code()
    }

    fn cell<'p>(&self, position: &'p PositionView, field: &str, replicate: &i64) -> Option<&'p CellView> {
        position.cells.iter().find(|cell| cell.field == field && cell.replicate == *replicate)
    }

    fn typed(&self, name: &str) -> &str {
        self.typed.get(name).map_or("", String::as_str)
    }

    fn word(&self, field: &str) -> String {
        self.ui.t(&format!("input-{}", field.replace('_', "-")))
    }

    fn uuid(&self) -> String {
        uuid::Uuid::now_v7().to_string()
    }
}

async fn sheet_page(
    lis: &Lis,
    ui: Ui,
    me: PersonId,
    id: WorksheetId,
    typed: BTreeMap<String, String>,
    refusal: Option<&Refusal>,
) -> Outcome<WorksheetPage> {
    let sheet = lis.db.read(move |conn| actions::sheet_view(conn, id)).await?;
    Ok(WorksheetPage::of(ui, sheet, me, typed, refusal))
}

async fn worksheet(by: May<SeeBench>, ui: Ui, lis: web::Data<Lis>, id: web::Path<WorksheetId>) -> Answer {
    page(&sheet_page(&lis, ui, by.person, *id, BTreeMap::new(), None).await?, false)
}

#[derive(Template)]
#[template(path = "testing/pages/grid.html")]
struct GridPart {
    p: WorksheetPage,
    ui: Ui,
}

/// The grid alone, for values that arrive while the page is open.
async fn worksheet_live(by: May<SeeBench>, ui: Ui, lis: web::Data<Lis>, id: web::Path<WorksheetId>) -> Answer {
    let p = sheet_page(&lis, ui, by.person, *id, BTreeMap::new(), None).await?;
    page(&GridPart { ui: p.ui.clone(), p }, false)
}

/// Cells `v-POSITION-FIELD-REPLICATE` with what was typed, `s-…` with the entry number that was seen, `u-…` with the
/// sender's id of the entry; one `reason` for all.
fn typed_entries(pairs: &Pairs) -> Vec<EntryInput> {
    let reason = field(pairs, "reason");
    let cells = pairs.iter().filter(|(name, value)| name.starts_with("v-") && !value.trim().is_empty());
    cells
        .filter_map(|(name, value)| {
            let cell = name.strip_prefix("v-")?;
            let (position, rest) = cell.split_once('-')?;
            let (input, replicate) = rest.rsplit_once('-')?;
            Some(EntryInput {
                position: position.parse().ok()?,
                field: input.to_owned(),
                replicate: replicate.parse().ok()?,
                value: value.clone(),
                seen: field(pairs, &format!("s-{cell}")).parse().unwrap_or(0),
                reason: reason.to_owned(),
                uuid: field(pairs, &format!("u-{cell}")).to_owned(),
            })
        })
        .collect()
}

async fn save_entries(
    by: May<EnterResults>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<WorksheetId>,
    form: Form<Pairs>,
) -> Answer {
    let (id, actor, me) = (*id, by.clone(), by.person);
    let entries = typed_entries(&form.input);
    let catalogue = lis.db.read(current).await?;
    let work = move |tx: &mut Tx| actions::save_entries(tx, &by, &catalogue, id, &entries);
    match refused(lis.command(&actor, &form.request, work).await)? {
        Ok(_) => Ok(see_other(&format!("/worksheets/{id}"), Some("done-values-saved"))),
        Err(refusal) => {
            let typed = form.input.into_iter().collect();
            page(&sheet_page(&lis, ui, me, id, typed, Some(&refusal)).await?, true)
        }
    }
}

async fn submit(
    by: May<EnterResults>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<WorksheetId>,
    form: Form<Pairs>,
) -> Answer {
    let (id, seen, actor, me) = (*id, form.seen.required()?, by.clone(), by.person);
    let (catalogue, coverage) = bench_of(&lis, me).await?;
    let work = move |tx: &mut Tx| actions::submit(tx, &by, &catalogue, &coverage, id, seen);
    match refused(lis.command(&actor, &form.request, work).await)? {
        Ok(done) if done.state == WorksheetState::Held.code() => {
            Ok(see_other(&format!("/worksheets/{id}"), Some("done-worksheet-held")))
        }
        Ok(_) => Ok(see_other(&format!("/worksheets/{id}"), Some("done-worksheet-submitted"))),
        Err(refusal) => page(&sheet_page(&lis, ui, me, id, BTreeMap::new(), Some(&refusal)).await?, true),
    }
}

async fn correct(
    by: May<EnterResults>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<WorksheetId>,
    form: Form<Pairs>,
) -> Answer {
    let (id, actor, me) = (*id, by.clone(), by.person);
    // The cell is chosen from a list as POSITION-FIELD-REPLICATE-ENTRY.
    let cell = field(&form.input, "cell").to_owned();
    let mut parts = cell.rsplitn(3, '-');
    let seen = parts.next().and_then(|text| text.parse().ok()).unwrap_or(0);
    let replicate = parts.next().and_then(|text| text.parse().ok()).unwrap_or(0);
    let (position, name) = parts.next().and_then(|rest| rest.split_once('-')).unwrap_or_default();
    let input = CorrectionInput {
        position: position.parse().unwrap_or(0),
        field: name.to_owned(),
        replicate,
        value: field(&form.input, "value").to_owned(),
        seen,
        reason: field(&form.input, "reason").to_owned(),
        uuid: field(&form.input, "uuid").to_owned(),
    };
    let outcome = match input.checked() {
        Ok(entry) => {
            let catalogue = lis.db.read(current).await?;
            let work = move |tx: &mut Tx| actions::correct_entry(tx, &by, &catalogue, id, &entry);
            refused(lis.command(&actor, &form.request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other(&format!("/worksheets/{id}"), Some("done-corrected"))),
        Err(refusal) => {
            let typed = form.input.into_iter().collect();
            page(&sheet_page(&lis, ui, me, id, typed, Some(&refusal)).await?, true)
        }
    }
}

// ── Check ──

#[derive(Template)]
#[template(path = "testing/pages/check.html")]
struct CheckPage {
    ui: Ui,
    once: String,
    items: Vec<WaitingItem>,
    chosen: Vec<i64>,
    errors: FormErrors,
}

async fn check_page(lis: &Lis, ui: Ui, chosen: Vec<i64>, refusal: Option<&Refusal>) -> Outcome<CheckPage> {
    let filter = ItemFilter { states: vec![ItemState::Calculated.code()], ..ItemFilter::default() };
    let items = lis.db.read(move |conn| actions::waiting_items(conn, &filter, PAGE_ROWS)).await?;
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    Ok(CheckPage { once: ui.once(), items, chosen, errors, ui })
}

async fn to_check(_: May<CheckItems>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    page(&check_page(&lis, ui, Vec::new(), None).await?, false)
}

/// Boxes `items` as ID:VERSION; with the signing password a grant is opened first.
async fn check(by: May<CheckItems>, ui: Ui, lis: web::Data<Lis>, form: Form<Pairs>) -> Answer {
    let wanted: Vec<ItemSeen> = form
        .input
        .iter()
        .filter(|(name, _)| name == "items")
        .filter_map(|(_, value)| {
            let (id, version) = value.split_once(':')?;
            Some(ItemSeen { id: id.parse().ok()?, version: version.parse().ok()? })
        })
        .collect();
    let chosen = wanted.iter().map(|one| one.id).collect();
    let actor = by.clone();
    let password = field(&form.input, "signing_password");
    let opened = if password.is_empty() {
        Ok(())
    } else {
        refused(open_grant(&lis, &actor, Meaning::Checked, password).await)?.map(|_| ())
    };
    let outcome = match opened {
        Ok(()) => {
            let real = lis.clock.real();
            let work = move |tx: &mut Tx| actions::check(tx, &by, &wanted, real);
            refused(lis.command(&actor, &form.request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other("/check", Some("done-checked"))),
        Err(refusal) => page(&check_page(&lis, ui, chosen, Some(&refusal)).await?, true),
    }
}

#[derive(Template)]
#[template(path = "testing/pages/item.html")]
struct ItemPage {
    ui: Ui,
    once: String,
    found: Evidence,
    /// The calculation and judgement, one sentence a line.
    steps: Vec<String>,
    notes: Vec<String>,
    limit: String,
    limit_key: String,
    may_check: bool,
    errors: FormErrors,
}

async fn item_page(lis: &Lis, ui: Ui, id: ItemId, refusal: Option<&Refusal>) -> Outcome<ItemPage> {
    let found = lis.db.read(move |conn| actions::evidence(conn, id)).await?;
    let lang = if ui.language == Language::English { Lang::En } else { Lang::Zh };
    let (mut steps, mut notes, mut limit, mut limit_key) = (Vec::new(), Vec::new(), String::new(), String::new());
    if let Some(record) = &found.record {
        let judged = record.answered.calculations.iter().chain([&record.answered.judgement]);
        steps = judged.flat_map(|one| one.steps()).map(|step| step.text(lang)).collect();
        notes = record.answered.notes.iter().map(|note| ui.t(&format!("note-{note}"))).collect();
        if let LimitAsked::Row(row) = &record.asked.limit {
            limit = format!("{} {}", row.standard, row.text);
            limit_key = row.key.clone();
        }
    }
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    let may_check = found.item.state == ItemState::Calculated.code();
    Ok(ItemPage { once: ui.once(), found, steps, notes, limit, limit_key, may_check, errors, ui })
}

impl ItemPage {
    /// File and place that an entry of an instrument came from.
    fn source_of(&self, entry: &super::store::EntryRow) -> String {
        let source = self.found.sources.iter().find(|source| Some(source.observation) == entry.observation_id);
        source
            .map(|source| {
                format!("{} {} {} #{}", source.instrument_code, source.file_name, source.source_place, source.message)
            })
            .unwrap_or_default()
    }
}

async fn item(_: May<SeeBench>, ui: Ui, lis: web::Data<Lis>, id: web::Path<ItemId>) -> Answer {
    page(&item_page(&lis, ui, *id, None).await?, false)
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
        Err(refusal) => page(&item_page(&lis, ui, id, Some(&refusal)).await?, true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_is_read_cell_by_cell() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let pairs = vec![
            pair("v-7-reading-1", "5.62"),
            pair("s-7-reading-1", "2"),
            pair("u-7-reading-1", "abc"),
            pair("v-7-mass-1", "  "),
            pair("v-8-count_1-2", "13"),
            pair("reason", "instrument is being serviced"),
        ];
        let entries = typed_entries(&pairs);
        let shown: Vec<_> = entries
            .iter()
            .map(|one| {
                (one.position, one.field.as_str(), one.replicate, one.value.as_str(), one.seen, one.uuid.as_str())
            })
            .collect();
        assert_eq!(shown, [(7, "reading", 1, "5.62", 2, "abc"), (8, "count_1", 2, "13", 0, "")]);
        assert!(entries.iter().all(|one| one.reason == "instrument is being serviced"));
    }
}
