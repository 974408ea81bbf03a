//! Profiles for programs: proposed, corrected, read, saved, trusted.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::actions::{self, ProfileInput, ProfileSaved};
use super::example::ExampleRun;
use super::named::{self, Offered};
use super::pages::{aside, of_shipped};
use super::store::{self, ProfileRow};
use super::workbench::{self, Change, KeySet, Pointing, Preview, RoleWord, Said, Settings};
use crate::accounts::May;
use crate::accounts::role::{ManageInstruments, RepairReadings};
use crate::app::Lis;
use crate::domain::clock::Moment;
use crate::domain::ids::ProfileId;
use crate::domain::refusal::{NOT_FOUND, Outcome};
use crate::web::language::Language;
use crate::web::paging::Listed;
use crate::web::routes::Routes;
use crate::web::{Answer, Json, Nothing, Ui, Upload, versioned};
use instrument_drivers::profile::Profile;

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/profiles", list)
        .about("Profiles that an instrument may be given: the laboratory's own versions, then the shipped ones.")
        .gives::<Listed<ProfileHead>>()
        .post("/api/v1/profiles", save)
        .about("Saves the next version of a profile with its example. It never changes afterwards.")
        .keyed()
        .creates::<ProfileSaved>()
        .get("/api/v1/profiles/examples", examples)
        .about("Reads every stored example with its profile and compares all rows.")
        .gives::<Listed<ExampleRun>>()
        .post("/api/v1/profiles/proposals", propose)
        .about("Keeps an export as an example and proposes a profile for it, with how sure each choice is and why.")
        .repeatable()
        .gives::<Proposed>()
        .post("/api/v1/profiles/preview", preview)
        .about("Corrects a profile by what is pointed at or set, and reads its example. Nothing is saved.")
        .gives::<Proposed>()
        .get("/api/v1/profiles/{id}", one)
        .about("One version of a profile of the laboratory's own, with its text.")
        .gives::<ProfileView>()
        .post("/api/v1/profiles/{id}/promote", promote)
        .about("Makes a draft a candidate, or a candidate proven, if its example still reads as stored.")
        .versioned()
        .gives::<ProfileSaved>()
}

/// A profile as the list names it.
#[derive(Serialize, utoipa::ToSchema)]
struct ProfileHead {
    /// What an instrument's `profile` names: `NAME@NUMBER`, or the name of a shipped profile.
    reference: String,
    title: String,
    /// `draft`, `candidate` or `proven`.
    maturity: &'static str,
    /// Whether it came with the program.
    shipped: bool,
    /// Of a version of the laboratory's own.
    id: Option<ProfileId>,
}

async fn list(_: May<RepairReadings>, lis: web::Data<Lis>) -> Answer {
    let heads = aside(&lis, |lis| {
        let (offered, ids) = lis.db.read_now(|conn| {
            let rows = store::all(conn)?;
            let ids: Vec<(String, ProfileId)> =
                rows.into_iter().map(|(row, _)| (named::reference(&row.name, row.version_no), row.id)).collect();
            Ok((named::offered(conn)?, ids))
        })?;
        let head = |Offered { reference, title, maturity }: Offered| {
            let id = ids.iter().find(|(own, _)| *own == reference).map(|(_, id)| *id);
            match maturity {
                Some(maturity) => ProfileHead { reference, title, maturity: maturity.code(), shipped: false, id },
                None => {
                    let profile = Profile::load(&reference).ok();
                    let maturity = profile.as_ref().map_or("draft", |profile| of_shipped(profile).code());
                    let title = profile.map(|profile| profile.title).unwrap_or_default();
                    ProfileHead { reference, title, maturity, shipped: true, id }
                }
            }
        };
        Ok(offered.into_iter().map(head).collect())
    })
    .await?;
    Ok(HttpResponse::Ok().json(Listed::whole(heads)))
}

/// A version of a profile.
#[derive(Serialize, utoipa::ToSchema)]
struct ProfileView {
    id: ProfileId,
    version: i64,
    /// What an instrument's `profile` names.
    reference: String,
    name: String,
    version_no: i64,
    title: String,
    /// `draft`, `candidate`, `proven`, or `replaced`: a draft that nobody used when a newer version came.
    maturity: String,
    toml: String,
    /// SHA-256 of the example.
    example: String,
    file_name: String,
    /// Rows of the example.
    rows: i64,
    /// What it was made from; empty: from the example alone.
    based_on: String,
    made_by: String,
    made_at: Moment,
}

async fn one(_: May<RepairReadings>, lis: web::Data<Lis>, id: web::Path<ProfileId>) -> Answer {
    let id = *id;
    let (row, made_by) = lis.db.read(move |conn| store::one(conn, id)?.ok_or_else(|| NOT_FOUND.into())).await?;
    let reference = named::reference(&row.name, row.version_no);
    let ProfileRow { version, name, version_no, title, maturity, toml, based_on, made_at, .. } = row;
    let (example, file_name, rows) = (row.example_sha256, row.example_name, row.row_count);
    let view = ProfileView {
        id,
        version,
        reference,
        name,
        version_no,
        title,
        maturity,
        toml,
        example,
        file_name,
        rows,
        based_on,
        made_by,
        made_at,
    };
    versioned(HttpResponse::Ok(), version, &view)
}

/// A profile in the making, with what its example reads as.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = ProfileProposed)]
struct Proposed {
    /// SHA-256 of the example: names it in the steps that follow.
    example: String,
    file_name: String,
    toml: String,
    /// The program's own choices; what was changed since is marked.
    findings: Vec<Said>,
    preview: Preview,
}

fn proposed(example: String, file_name: String, toml: String, bytes: &[u8], language: Language) -> Outcome<Proposed> {
    let findings = workbench::said(workbench::propose(bytes), &toml);
    let preview = workbench::preview(&toml, bytes, &file_name)?.worded(language);
    Ok(Proposed { example, file_name, toml, findings, preview })
}

async fn propose(_: May<RepairReadings>, ui: Ui, lis: web::Data<Lis>, file: Upload) -> Answer {
    let language = ui.language;
    let answer = aside(&lis, move |lis| {
        let example = lis.files.put(&file.bytes)?;
        let toml = workbench::propose(&file.bytes).toml;
        proposed(example, file.file_name.clone(), toml, &file.bytes, language)
    });
    Ok(HttpResponse::Ok().json(answer.await?))
}

/// What is corrected in a profile in the making. The keys first, then the settings, then where columns begin, then the place, then
/// the roles.
#[derive(Clone, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = ProfileCorrection)]
struct CorrectionInput {
    /// SHA-256 of the example, as the proposal answered.
    example: String,
    file_name: String,
    toml: String,
    set: Vec<KeySet>,
    settings: Option<Settings>,
    /// Characters of a line at which its columns begin, counted from 0; empty: lines are whole.
    cut: Option<Vec<usize>>,
    point: Option<Pointing>,
    /// What the texts of the column of types mean; those that are left out stay.
    roles: Vec<RoleWord>,
}

async fn preview(_: May<RepairReadings>, ui: Ui, lis: web::Data<Lis>, json: Json<CorrectionInput>) -> Answer {
    let language = ui.language;
    let CorrectionInput { example, file_name, mut toml, set, settings, cut, point, roles } = json.input;
    let answer = aside(&lis, move |lis| {
        let bytes = actions::example(lis, &example)?;
        let keys = Some(set).filter(|set| !set.is_empty()).map(Change::Keys);
        let roles = Some(roles).filter(|roles| !roles.is_empty()).map(Change::Roles);
        let steps = [keys, settings.map(Change::Settings), cut.map(Change::Places), point.map(Change::Point), roles];
        for change in steps.into_iter().flatten() {
            toml = workbench::changed(&toml, &bytes, &change)?;
        }
        proposed(example, file_name, toml, &bytes, language)
    });
    Ok(HttpResponse::Ok().json(answer.await?))
}

async fn save(by: May<RepairReadings>, lis: web::Data<Lis>, json: Json<ProfileInput>) -> Answer {
    let request = json.keyed()?.clone();
    let input = json.input;
    let ready = aside(&lis, move |lis| actions::ready(lis, &input)).await?;
    let actor = by.clone();
    let saved: ProfileSaved = lis.command(&actor, &request, move |tx| actions::save(tx, &by, &ready)).await?;
    versioned(HttpResponse::Created(), saved.version, &saved)
}

async fn promote(
    by: May<ManageInstruments>,
    lis: web::Data<Lis>,
    id: web::Path<ProfileId>,
    json: Json<Nothing>,
) -> Answer {
    let (id, seen) = (*id, json.seen.required()?);
    let run = aside(&lis, move |lis| actions::run(lis, id)).await?;
    let actor = by.clone();
    let saved: ProfileSaved =
        lis.command(&actor, &json.request, move |tx| actions::promote(tx, &by, id, seen, &run)).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}

async fn examples(_: May<RepairReadings>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    let runs = aside(&lis, actions::run_all).await?;
    let runs = runs.into_iter().map(|run| run.worded(ui.language));
    Ok(HttpResponse::Ok().json(Listed::whole(runs.collect())))
}
