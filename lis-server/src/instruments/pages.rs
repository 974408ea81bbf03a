//! Pages of instruments: the list, the inbox, one message with its raw bytes beside what was read, mapping a code; the
//! evidence that everybody else may look at.

mod documents;
mod evidence;
mod mapping;
mod readings;
mod rows;

use actix_web::web;
use askama::Template;
use serde::Deserialize;

use self::rows::RowQuery;
use super::actions::{self, InstrumentInput, STATUSES, SetAsideInput};
use super::agents::{self, Heard, Measure};
use super::evidence::{Piece, RawLine};
use super::profiles::named::{self, Offered};
use super::state::{MessageState, ObservationState};
use super::store::{self, InstrumentRow, LinkRow, MessageRow, ObservationRow, ReadingRow};
use super::{damaged, findings, flags};
use crate::accounts::May;
use crate::accounts::role::{ManageInstruments, RepairReadings, SeeBench};
use crate::app::Lis;
use crate::db::Conn;
use crate::domain::clock::Moment;
use crate::domain::ids::{InstrumentId, MessageId, ObservationId};
use crate::domain::refusal::{Fact, NOT_FOUND, Outcome};
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors};
use crate::web::{Answer, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/instruments", list)
        .get("/instruments/new", new_form)
        .post("/instruments", create)
        .get("/instruments/{id}", one)
        .post("/instruments/{id}", change)
        .post("/instruments/{id}/replay", replay)
        .get("/inbox", inbox)
        .get("/inbox/{id}", message)
        .post("/inbox/{id}/set-aside/{observation}", set_aside)
        .and(mapping::routes())
        .and(readings::routes())
        .and(documents::routes())
        .and(evidence::routes())
        .and(super::equipment::pages::routes())
        .and(super::profiles::pages::routes())
}

/// Messages on one page of the inbox.
const PAGE_ROWS: i64 = 50;

struct InstrumentLine {
    row: InstrumentRow,
    /// Its profile is a draft.
    draft: bool,
    last: Option<Moment>,
    held: i64,
    heard: Option<Heard>,
}

#[derive(Template)]
#[template(path = "instruments/pages/list.html")]
struct ListPage {
    ui: Ui,
    lines: Vec<InstrumentLine>,
    may_change: bool,
    /// Profiles are made, and held rows repaired, by the same people.
    may_repair: bool,
}

async fn list(by: May<SeeBench>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    let measure = Measure::new(lis.clock.real(), &lis.config);
    let (rows, last, held, heard) = lis
        .db
        .read(move |conn| {
            let heard = agents::heard(conn, measure)?;
            let rows = store::instruments(conn)?.into_iter();
            let rows = rows.map(|row| Ok((named::is_draft(conn, &row.profile)?, row))).collect::<Outcome<Vec<_>>>()?;
            Ok((rows, store::last_messages(conn)?, store::held_counts(conn)?, heard))
        })
        .await?;
    let lines = rows
        .into_iter()
        .map(|(draft, row)| InstrumentLine {
            draft,
            last: last.iter().find(|(code, _)| *code == row.code).and_then(|(_, at)| *at),
            held: held.iter().find(|(code, _)| *code == row.code).map_or(0, |(_, count)| *count),
            heard: heard.iter().find(|heard| heard.row.instrument_code == row.code).cloned(),
            row,
        })
        .collect();
    let may_change = May::<ManageInstruments>::check(&by).is_some();
    let may_repair = May::<RepairReadings>::check(&by).is_some();
    page(&ListPage { ui, lines, may_change, may_repair }, false)
}

#[derive(Template)]
#[template(path = "instruments/pages/one.html")]
struct OnePage {
    ui: Ui,
    /// 0 for a new instrument.
    id: i64,
    version: i64,
    once: String,
    input: InstrumentInput,
    profiles: Vec<Choice>,
    statuses: Vec<Choice>,
    /// Its profile, where that is a draft.
    drafts: Vec<String>,
    /// Rows of its messages that wait for a person.
    held: i64,
    errors: FormErrors,
    /// What the agent last said of the instrument as it is stored.
    heard: Option<Heard>,
}

async fn one_page(
    ui: Ui,
    lis: &Lis,
    (id, version): (i64, i64),
    input: InstrumentInput,
    errors: FormErrors,
) -> Outcome<OnePage> {
    let measure = Measure::new(lis.clock.real(), &lis.config);
    let profile = input.profile.clone();
    let (offered, drafts, held, heard) = lis
        .db
        .read(move |conn| {
            let drafts = if named::is_draft(conn, &profile)? { vec![profile] } else { Vec::new() };
            let (held, heard) = match store::instrument(conn, InstrumentId(id))? {
                Some(row) => (store::count_held_of(conn, &row.code)?, agents::heard_of(conn, &row.code, measure)?),
                None => (0, None),
            };
            Ok((named::offered(conn)?, drafts, held, heard))
        })
        .await?;
    // What the instrument has stays to choose, even when a newer version has replaced it.
    let kept = Some(&input.profile).filter(|own| !own.is_empty() && offered.iter().all(|one| one.reference != **own));
    let kept = kept.map(|own| Choice { value: own.clone(), label: own.clone(), chosen: true });
    let choice = |Offered { reference, title, maturity }: Offered| Choice {
        label: match maturity {
            Some(maturity) => format!("{reference} · {title} · {}", ui.t(&maturity.word())),
            None => reference.clone(),
        },
        chosen: reference == input.profile,
        value: reference,
    };
    let profiles = kept.into_iter().chain(offered.into_iter().map(choice)).collect();
    let statuses = STATUSES
        .iter()
        .map(|status| Choice {
            value: (*status).to_owned(),
            label: ui.t(&format!("instrument-{status}")),
            chosen: *status == input.status,
        })
        .collect();
    Ok(OnePage { once: ui.once(), id, version, input, profiles, statuses, drafts, held, errors, heard, ui })
}

/// The profile that a new instrument is to have.
#[derive(Deserialize, Default)]
#[serde(default)]
struct NewInstrument {
    profile: String,
}

async fn new_form(_: May<ManageInstruments>, ui: Ui, lis: web::Data<Lis>, query: web::Query<NewInstrument>) -> Answer {
    let profile = query.into_inner().profile;
    let input = InstrumentInput { status: "qualified".to_owned(), profile, ..InstrumentInput::default() };
    page(&one_page(ui, &lis, (0, 0), input, FormErrors::default()).await?, false)
}

async fn create(by: May<ManageInstruments>, ui: Ui, lis: web::Data<Lis>, form: Form<InstrumentInput>) -> Answer {
    let Form { input, request, .. } = form;
    let actor = by.clone();
    let outcome = match input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut crate::db::Tx| actions::create_instrument(tx, &by, &facts);
            refused(lis.command(&actor, &request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(_) => Ok(see_other("/instruments", Some("done-instrument-saved"))),
        Err(refusal) => {
            let errors = FormErrors::of(&refusal, ui.language);
            refused_page(&one_page(ui, &lis, (0, 0), input, errors).await?, &refusal)
        }
    }
}

async fn one(_: May<ManageInstruments>, ui: Ui, lis: web::Data<Lis>, id: web::Path<InstrumentId>) -> Answer {
    let id = *id;
    let row = lis.db.read(move |conn| store::instrument(conn, id)?.ok_or_else(|| NOT_FOUND.into())).await?;
    let input = InstrumentInput {
        minimum_weight_g: row.minimum_weight_g.unwrap_or_default(),
        software: row.software,
        location: row.location,
        manual: row.manual,
        code: row.code,
        name: row.name,
        maker: row.maker,
        model: row.model,
        serial_no: row.serial_no,
        profile: row.profile,
        status: row.status,
        calibrated_until: row.calibrated_until.map(|date| date.to_string()).unwrap_or_default(),
    };
    page(&one_page(ui, &lis, (id.0, row.version), input, FormErrors::default()).await?, false)
}

async fn change(
    by: May<ManageInstruments>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<InstrumentId>,
    form: Form<InstrumentInput>,
) -> Answer {
    let Form { mut input, request, seen } = form;
    let (id, seen) = (*id, seen.required()?);
    // The form leaves out what changes by its own steps.
    let row = lis.db.read(move |conn| store::instrument(conn, id)?.ok_or_else(|| NOT_FOUND.into())).await?;
    input.status = row.status;
    input.calibrated_until = row.calibrated_until.map(|date| date.to_string()).unwrap_or_default();
    let actor = by.clone();
    let outcome = match input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut crate::db::Tx| actions::change_instrument(tx, &by, id, seen, &facts);
            refused(lis.command(&actor, &request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(_) => Ok(see_other("/instruments", Some("done-instrument-saved"))),
        Err(refusal) => {
            let errors = FormErrors::of(&refusal, ui.language);
            refused_page(&one_page(ui, &lis, (id.0, seen), input, errors).await?, &refusal)
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct InboxFilter {
    state: String,
    instrument: String,
    before: Option<i64>,
}

#[derive(Template)]
#[template(path = "instruments/pages/inbox.html")]
struct InboxPage {
    ui: Ui,
    messages: Vec<MessageRow>,
    states: Vec<Choice>,
    instrument: String,
    next: String,
}

async fn inbox(_: May<RepairReadings>, ui: Ui, lis: web::Data<Lis>, query: web::Query<InboxFilter>) -> Answer {
    let filter = query.into_inner();
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let (state, code, before) = (given(&filter.state), given(&filter.instrument), filter.before.map(MessageId));
    let mut messages = lis
        .db
        .read(move |conn| Ok(store::messages(conn, state.as_deref(), code.as_deref(), before, PAGE_ROWS + 1)?))
        .await?;
    let more = messages.len() as i64 > PAGE_ROWS;
    messages.truncate(PAGE_ROWS as usize);
    let next = match messages.last() {
        Some(last) if more => {
            format!("/inbox?state={}&instrument={}&before={}", filter.state, filter.instrument, last.id)
        }
        _ => String::new(),
    };
    let states = MessageState::ALL
        .iter()
        .map(|state| Choice {
            value: state.code().to_owned(),
            label: ui.t(&format!("message-{}", state.code())),
            chosen: state.code() == filter.state,
        })
        .collect();
    page(&InboxPage { ui, messages, states, instrument: filter.instrument, next }, false)
}

struct ObservationLine {
    row: ObservationRow,
    reason: String,
    is_held: bool,
    /// The kind of an unknown code that a mapping would help, and the code.
    mappable: Option<&'static str>,
    source: String,
    /// The first row that a mapping would help: a key leads to it.
    is_first: bool,
}

#[derive(Template)]
#[template(path = "instruments/pages/message.html")]
struct MessagePage {
    ui: Ui,
    message: MessageRow,
    instrument: String,
    /// Id and profile of the instrument; `None`: there is none of this code.
    reads_with: Option<(InstrumentId, String)>,
    /// Each time that the message was read, oldest first.
    readings: Vec<ReadingRow>,
    raw: Vec<RawLine>,
    cut: bool,
    lines: Vec<ObservationLine>,
    /// Only the rows of one state are shown.
    is_filtered: bool,
    /// Addresses of the pages of rows: this one, the one before, the next.
    here: String,
    previous: String,
    next: String,
    /// How many rows are shown.
    count: String,
    /// The row whose place is marked.
    row: Option<ObservationId>,
    /// Words of the instrument, each with what it stands for.
    mappings: Vec<(String, String)>,
    is_document: bool,
    /// What the document is evidence of.
    links: Vec<LinkRow>,
    /// Drafts that it was read with.
    drafts: Vec<String>,
    errors: FormErrors,
}

impl MessagePage {
    fn is_shown(&self, id: &ObservationId) -> bool {
        self.row == Some(*id)
    }
}

async fn message(
    _: May<RepairReadings>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<MessageId>,
    query: web::Query<RowQuery>,
) -> Answer {
    let shown = message_page(ui, &lis, *id, query.into_inner(), FormErrors::default()).await?;
    page(&shown, false)
}

async fn message_page(
    ui: Ui,
    lis: &Lis,
    id: MessageId,
    query: RowQuery,
    errors: FormErrors,
) -> Result<MessagePage, crate::web::Failure> {
    let row = query.row;
    let (shown, readings, mappings, words) = lis
        .db
        .read(move |conn| {
            let shown = evidence::shown(conn, id, &query)?;
            let (mappings, words) = match &shown.instrument {
                Some(instrument) => (said_mappings(conn, instrument.id)?, named::words(conn, &instrument.profile)?),
                None => Default::default(),
            };
            Ok((shown, store::readings(conn, id)?, mappings, words))
        })
        .await?;
    let evidence::Shown { message, instrument, rows, raw, cut, is_document, links, drafts } = shown;
    let place = format!("/inbox/{id}");
    let (here, previous, next) = (rows.here(&place), rows.previous(&place), rows.next(&place));
    let (is_filtered, count) = (rows.state.is_some(), ui.t1("list-shown", "count", rows.rows.len()));
    let mut has_first = false;
    let lines = rows
        .rows
        .into_iter()
        .map(|row| {
            let is_held = row.state == ObservationState::Held.code();
            let mappable = match row.reason.as_str() {
                "unknown_analyte" => Some("analyte"),
                "unknown_unit" => Some("unit"),
                "unknown_sample" => Some("sample"),
                "unknown_finding" => Some(findings::KIND),
                "unknown_flag" => Some(flags::KIND),
                _ => None,
            };
            let source = match mappable {
                Some("analyte") => row.analyte_ref.clone(),
                Some("unit") => row.unit.clone(),
                Some(findings::KIND) => findings::word(&row, words.findings.as_ref()).to_owned(),
                Some(flags::KIND) => row.flag.clone(),
                _ => row.sample_ref.clone(),
            };
            let mappable = mappable.filter(|_| is_held);
            let is_first = mappable.is_some() && !has_first;
            has_first |= is_first;
            ObservationLine { reason: reason_text(&ui, &row.reason), is_held, mappable, source, is_first, row }
        })
        .collect();
    let reads_with = instrument.as_ref().map(|one| (one.id, one.profile.clone()));
    let instrument =
        instrument.map_or_else(|| message.instrument_code.clone(), |one| format!("{} {}", one.code, one.name));
    Ok(MessagePage {
        message,
        instrument,
        reads_with,
        readings,
        raw,
        cut,
        lines,
        is_filtered,
        here,
        previous,
        next,
        count,
        row,
        mappings: mappings.into_iter().map(|(source, target)| (source, ui.language.said(&target))).collect(),
        is_document,
        links,
        drafts,
        errors,
        ui,
    })
}

/// The words that were mapped for an instrument, each with what it stands for.
fn said_mappings(conn: &mut Conn, instrument: InstrumentId) -> Outcome<Vec<(String, Fact)>> {
    let mappings = store::mappings(conn, instrument)?;
    mappings
        .into_iter()
        .map(|(kind, source, target)| Ok((source, actions::target_said(conn, &kind, &target)?)))
        .collect()
}

fn reason_text(ui: &Ui, reason: &str) -> String {
    let word = |kind: &str| ui.t(&format!("held-{}", kind.replace('_', "-")));
    match reason.split_once(':') {
        Some((kind, detail)) => {
            let detail = damaged::why(reason).map_or_else(|| detail.into(), |why| damaged::said(&why));
            ui.language.text_with("held-because", &[("held", word(kind).into()), ("why", detail)])
        }
        None if reason.is_empty() => String::new(),
        None => word(reason),
    }
}

/// The message that the person came from; without one the held rows of the instrument are shown.
#[derive(Deserialize, Default)]
#[serde(default)]
struct ReplayForm {
    message: Option<MessageId>,
}

async fn replay(
    by: May<RepairReadings>,
    lis: web::Data<Lis>,
    id: web::Path<InstrumentId>,
    form: Form<ReplayForm>,
) -> Answer {
    let (id, actor) = (*id, by.clone());
    let work = move |tx: &mut crate::db::Tx| {
        let instrument = store::instrument(tx.conn, id)?.ok_or(NOT_FOUND)?;
        actions::replay(tx, &by, id).map(|_| instrument.code)
    };
    let code: String = lis.command(&actor, &form.request, work).await?;
    let to = match form.input.message {
        Some(message) => format!("/inbox/{message}"),
        None => {
            let code: String = url::form_urlencoded::byte_serialize(code.as_bytes()).collect();
            format!("/inbox?state=held&instrument={code}")
        }
    };
    Ok(see_other(&to, Some("done-held-replayed")))
}

async fn set_aside(
    by: May<RepairReadings>,
    ui: Ui,
    lis: web::Data<Lis>,
    path: web::Path<(MessageId, ObservationId)>,
    form: Form<SetAsideInput>,
) -> Answer {
    let ((message, observation), actor) = (*path, by.clone());
    let outcome = match form.input.checked() {
        Ok(why) => {
            let work = move |tx: &mut crate::db::Tx| actions::set_aside(tx, &by, observation, &why);
            refused(lis.command(&actor, &form.request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    documents::answer_at(ui, &lis, (message, Some(observation)), outcome, "done-set-aside").await
}
