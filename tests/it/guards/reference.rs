//! Reference pages that are made from the program: `docs/reference/{routes,permissions,problems,settings}.md`. A test
//! compares them with the program; `LIS_WRITE_REFERENCE=1 cargo test -p lis-tests reference` writes them anew.

use std::fmt::Write;

use clap::{Args, Command};
use lis_server::accounts::role::PERMISSIONS;
use lis_server::config::Settings;
use lis_server::web::language::Language;
use lis_server::web::routes::RouteInfo;
use lis_server::{front, server};

use super::{none, root};

/// The variable that makes the test write instead of compare.
const WRITE: &str = "LIS_WRITE_REFERENCE";

/// Name of the file and its text.
fn pages() -> Vec<(&'static str, String)> {
    vec![
        ("routes.md", routes(&server::route_infos())),
        ("permissions.md", permissions()),
        ("problems.md", problems()),
        ("settings.md", settings()),
    ]
}

fn head(title: &str, about: &str) -> String {
    format!(
        "# {title}\n\n{about}\n\nMade from the program: `{WRITE}=1 cargo test -p lis-tests reference` writes this page.\n\n"
    )
}

fn routes(routes: &[RouteInfo]) -> String {
    let mut page = head(
        "Routes",
        "Every address that the server answers, and who may come in: `anyone`, `signed_in`, or a permission\n\
         (`permissions.md` says which roles have it).",
    );
    page += "| Method | Path | Gate |\n|---|---|---|\n";
    for route in routes {
        let _ = writeln!(page, "| {} | `{}` | {} |", route.method, route.path, route.gate);
    }
    page
}

fn permissions() -> String {
    let mut page = head(
        "Permissions",
        "What each permission is called on pages, and the roles that have it. A token names permissions as its scopes.",
    );
    page += "| Permission | In English | 中文 | Roles |\n|---|---|---|---|\n";
    for (code, roles) in PERMISSIONS {
        let key = format!("permission-{}", code.replace('_', "-"));
        let roles: Vec<&str> = roles.iter().map(|role| role.code()).collect();
        let (en, zh) = (Language::English.text(&key), Language::Chinese.text(&key));
        let _ = writeln!(page, "| {code} | {en} | {zh} | {} |", roles.join(", "));
    }
    page
}

fn problems() -> String {
    let mut page = head(
        "Problem codes",
        "Stable codes of refusals: `type` of a problem document is `/problems/CODE`. Names in braces are facts that the\n\
         sentence fills in.",
    );
    page += "| Code | Status | Title | 中文 |\n|---|---|---|---|\n";
    let mut problems = front::problems();
    problems.sort_by_key(|problem| problem.code);
    for problem in problems {
        let key = format!("problem-{}-title", problem.code);
        let (en, zh) = (Language::English.text(&key), Language::Chinese.text(&key));
        let _ = writeln!(page, "| {} | {} | {en} | {zh} |", problem.code, problem.status);
    }
    page
}

fn settings() -> String {
    let mut page =
        head("Settings", "Each can be given on the command line or in the environment; the command line wins.");
    page += "| Environment | Option | Default | Meaning |\n|---|---|---|---|\n";
    let command = Settings::augment_args(Command::new("lis-server"));
    for arg in command.get_arguments() {
        let environment = arg.get_env().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let defaults: Vec<String> =
            arg.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
        let meaning = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(
            page,
            "| `{environment}` | `--{}` | {} | {meaning} |",
            arg.get_long().unwrap_or_default(),
            defaults.join(" ")
        );
    }
    page
}

/// The first line where a page and the program differ.
fn difference(name: &str, written: &str, made: &str) -> Option<String> {
    if written == made {
        return None;
    }
    let advice = format!("`{WRITE}=1 cargo test -p lis-tests reference` writes it anew");
    let mut lines = written.lines().zip(made.lines()).enumerate();
    Some(match lines.find(|(_, (old, new))| old != new) {
        Some((at, (old, new))) => {
            format!("docs/reference/{name}, line {}: {old:?} stands there, the program says {new:?}; {advice}", at + 1)
        }
        None => format!("docs/reference/{name} is shorter or longer than what the program says; {advice}"),
    })
}

#[test]
fn the_reference_says_what_the_program_does() {
    let folder = root().join("docs/reference");
    let mut complaints = Vec::new();
    for (name, made) in pages() {
        let path = folder.join(name);
        if std::env::var_os(WRITE).is_some() {
            std::fs::write(&path, &made).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        complaints.extend(difference(name, &written, &made));
    }
    none(complaints);
}

#[test]
fn a_reference_that_is_behind_is_noticed() {
    let now = routes(&server::route_infos());
    let mut more = server::route_infos();
    more.push(RouteInfo { path: "/zzz", method: "GET".to_owned(), gate: "anyone" });
    assert!(difference("routes.md", &now, &routes(&more)).is_some_and(|said| said.contains("shorter or longer")));
    let changed = now.replace("manage_accounts", "anyone");
    assert!(difference("routes.md", &changed, &now).is_some_and(|said| said.contains("line ")));
    assert_eq!(difference("routes.md", &now, &now), None);
}
