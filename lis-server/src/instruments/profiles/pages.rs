//! Pages of profiles: the list, one version, the examples read again; the workbench is in `pages/making.rs`.

mod making;

use actix_web::web;
use askama::Template;
use instrument_drivers::profile::Profile;

use super::actions;
use super::example::ExampleRun;
use super::named;
use super::state::{Maturity, MaturityEvent};
use super::store::{self, ProfileRow};
use crate::accounts::May;
use crate::accounts::role::{ManageInstruments, RepairReadings};
use crate::app::Lis;
use crate::domain::ids::ProfileId;
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome};
use crate::web::language::Language;
use crate::web::routes::Routes;
use crate::web::ui::{FormErrors, worded};
use crate::web::{Answer, Failure, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/profiles", list)
        .get("/profiles/examples", examples)
        .get("/profiles/{id}", one)
        .post("/profiles/{id}/promote", promote)
        .and(making::routes())
}

/// Work with files and examples, beside the threads that answer.
pub(super) async fn aside<T: Send + 'static>(
    lis: &web::Data<Lis>,
    work: impl FnOnce(&Lis) -> Outcome<T> + Send + 'static,
) -> Outcome<T> {
    let own = lis.clone();
    tokio::task::spawn_blocking(move || work(&own)).await.map_err(Fault::broken)?
}

struct OwnLine {
    row: ProfileRow,
    maker: String,
    reference: String,
    /// Codes of the instruments that name this version.
    users: String,
}

struct ShippedLine {
    name: &'static str,
    title: String,
    made: String,
    maturity: String,
}

fn own_lines(rows: Vec<(ProfileRow, String)>, users: &[(String, String)]) -> Vec<OwnLine> {
    let line = |(row, maker): (ProfileRow, String)| {
        let reference = named::reference(&row.name, row.version_no);
        let codes = users.iter().filter(|(profile, _)| *profile == reference).map(|(_, code)| code.as_str());
        OwnLine { users: codes.collect::<Vec<_>>().join(" "), row, maker, reference }
    };
    rows.into_iter().map(line).collect()
}

fn shipped_lines(language: Language) -> Vec<ShippedLine> {
    let load = |name: &'static str| Some((name, Profile::load(name).ok()?));
    let line = |(name, profile): (&'static str, Profile)| ShippedLine {
        name,
        maturity: of_shipped(&profile).code().to_owned(),
        made: made(&profile, language),
        title: language.pick(&profile.title_zh, &profile.title).to_owned(),
    };
    Profile::shipped().filter_map(load).map(line).collect()
}

/// Maker and model; of a format that anybody may write what it is for, which a Chinese title says.
fn made(profile: &Profile, language: Language) -> String {
    match (profile.maker == ANY_MAKER, language) {
        (true, Language::Chinese) => language.text("profiles-any-maker"),
        (true, Language::English) => profile.model.clone(),
        (false, _) => format!("{} {}", profile.maker, profile.model).trim().to_owned(),
    }
}

/// What a profile for a format calls its maker.
const ANY_MAKER: &str = "any";

/// The maturity that a shipped profile says of itself.
pub(super) fn of_shipped(profile: &Profile) -> Maturity {
    match profile.maturity {
        instrument_drivers::profile::Maturity::Draft => Maturity::Draft,
        instrument_drivers::profile::Maturity::Candidate => Maturity::Candidate,
        instrument_drivers::profile::Maturity::Proven => Maturity::Proven,
    }
}

#[derive(Template)]
#[template(path = "instruments/profiles/pages/list.html")]
struct ListPage {
    ui: Ui,
    own: Vec<OwnLine>,
    shipped: Vec<ShippedLine>,
}
worded!(ListPage);

async fn list(_: May<RepairReadings>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    let (rows, users) = lis.db.read(|conn| Ok((store::all(conn)?, store::users(conn)?))).await?;
    let language = ui.language;
    let shipped = aside(&lis, move |_| Ok(shipped_lines(language))).await?;
    page(&ListPage { ui, own: own_lines(rows, &users), shipped }, false)
}

#[derive(Template)]
#[template(path = "instruments/profiles/pages/one.html")]
struct OnePage {
    ui: Ui,
    line: OwnLine,
    versions: Vec<OwnLine>,
    run: ExampleRun,
    may_change: bool,
    may_promote: bool,
    once: String,
    errors: FormErrors,
}
worded!(OnePage);

async fn one(by: May<RepairReadings>, ui: Ui, lis: web::Data<Lis>, id: web::Path<ProfileId>) -> Answer {
    let may_change = May::<ManageInstruments>::check(&by).is_some();
    let shown = one_page(ui, &lis, *id, may_change, FormErrors::default()).await?;
    page(&shown, false)
}

async fn one_page(
    ui: Ui,
    lis: &web::Data<Lis>,
    id: ProfileId,
    may_change: bool,
    errors: FormErrors,
) -> Result<OnePage, Failure> {
    let (rows, users) = lis.db.read(|conn| Ok((store::all(conn)?, store::users(conn)?))).await?;
    let run = aside(lis, move |lis| actions::run(lis, id)).await?.worded(ui.language);
    let lines = own_lines(rows, &users);
    let (mut this, others): (Vec<OwnLine>, Vec<OwnLine>) = lines.into_iter().partition(|line| line.row.id == id);
    let line = this.pop().ok_or(NOT_FOUND)?;
    let versions = others.into_iter().filter(|other| other.row.name == line.row.name).collect();
    let next = Maturity::parse(&line.row.maturity).and_then(|maturity| maturity.after(MaturityEvent::Promote));
    let may_promote = may_change && next.is_some();
    Ok(OnePage { once: ui.once(), line, versions, run, may_change, may_promote, errors, ui })
}

async fn promote(
    by: May<ManageInstruments>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<ProfileId>,
    form: Form<Vec<(String, String)>>,
) -> Answer {
    let (id, seen) = (*id, form.seen.required()?);
    let run = aside(&lis, move |lis| actions::run(lis, id)).await?;
    let actor = by.clone();
    let work = move |tx: &mut crate::db::Tx| actions::promote(tx, &by, id, seen, &run);
    match refused(lis.command(&actor, &form.request, work).await)? {
        Ok(_) => Ok(see_other(&format!("/profiles/{id}"), Some("done-profile-promoted"))),
        Err(refusal) => {
            let errors = FormErrors::of(&refusal, ui.language);
            refused_page(&one_page(ui, &lis, id, true, errors).await?, &refusal)
        }
    }
}

#[derive(Template)]
#[template(path = "instruments/profiles/pages/examples.html")]
struct ExamplesPage {
    ui: Ui,
    runs: Vec<ExampleRun>,
}

async fn examples(_: May<RepairReadings>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    let runs = aside(&lis, actions::run_all).await?;
    let runs = runs.into_iter().map(|run| run.worded(ui.language)).collect();
    page(&ExamplesPage { ui, runs }, false)
}
