//! The settings as a page, for the administrator: what is in force, where it comes from, what it means; and which program
//! runs on which database. Nothing is changed here: settings belong to the machine on which the server runs.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Serialize;

use crate::accounts::role::{ManageAccounts, May};
use crate::app::Lis;
use crate::config::in_force::Setting;
use crate::db::{DatabaseAddress, log_position, pending_entries};
use crate::domain::refusal::Outcome;
use crate::web::routes::Routes;
use crate::web::{Answer, Ui, page};

pub fn routes() -> Routes {
    Routes::new()
        .get("/settings", settings)
        .get("/api/v1/settings", list)
        .about("Version, kind of database, position of the log, and every setting in force; passwords are masked.")
        .gives::<SettingsView>()
}

/// Of the build.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The log's newest position, and how many entries wait for one.
async fn log(lis: &Lis) -> Outcome<(i64, i64)> {
    lis.db.read(|conn| Ok((log_position(conn)?, pending_entries(conn)?))).await
}

#[derive(Template)]
#[template(path = "settings/settings.html")]
struct SettingsPage {
    ui: Ui,
    version: &'static str,
    database: &'static str,
    position: i64,
    /// What waits for a position, said; empty: nothing does.
    pending: String,
    lines: Vec<Line>,
}

/// A setting in the page's language.
struct Line {
    name: String,
    option: String,
    value: String,
    source: String,
    meaning: String,
}

impl Line {
    fn of(setting: &Setting, ui: &Ui) -> Self {
        Self {
            name: setting.name.clone(),
            option: setting.option.clone(),
            value: setting.value.clone(),
            source: ui.t(&setting.source.word()),
            // The marks of literal words belong to the command line and the reference.
            meaning: ui.t(&setting.word()).replace('`', ""),
        }
    }
}

async fn settings(_: May<ManageAccounts>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    let (position, pending) = log(&lis).await?;
    let lines = lis.config.in_force.iter().map(|setting| Line::of(setting, &ui)).collect();
    let database = match lis.config.database {
        DatabaseAddress::Sqlite(_) => "SQLite",
        DatabaseAddress::Postgres(_) => "PostgreSQL",
    };
    let pending = if pending > 0 { ui.t1("settings-log-pending", "count", pending) } else { String::new() };
    page(&SettingsPage { ui, version: VERSION, database, position, pending, lines }, false)
}

/// What runs, and how it is set.
#[derive(Serialize, utoipa::ToSchema)]
struct SettingsView {
    version: &'static str,
    /// `sqlite` or `postgres`.
    database: &'static str,
    /// Position of the log's newest entry; 0: there is none.
    log_position: i64,
    /// Entries of the log that wait for their position.
    log_pending: i64,
    settings: Vec<SettingView>,
}

/// One setting as it is in force.
#[derive(Serialize, utoipa::ToSchema)]
struct SettingView {
    /// Its environment variable.
    name: String,
    /// Its option on the command line.
    option: String,
    /// Without the passwords of addresses; empty: not set.
    value: String,
    /// `command_line`, `environment`, `default` or `demonstration`.
    source: &'static str,
    /// In English.
    meaning: String,
}

impl From<&Setting> for SettingView {
    fn from(setting: &Setting) -> Self {
        Self {
            name: setting.name.clone(),
            option: setting.option.clone(),
            value: setting.value.clone(),
            source: setting.source.code(),
            meaning: setting.meaning.clone(),
        }
    }
}

async fn list(_: May<ManageAccounts>, lis: web::Data<Lis>) -> Answer {
    let (log_position, log_pending) = log(&lis).await?;
    let settings = lis.config.in_force.iter().map(SettingView::from).collect();
    let database = lis.config.database.kind();
    Ok(HttpResponse::Ok().json(SettingsView { version: VERSION, database, log_position, log_pending, settings }))
}
