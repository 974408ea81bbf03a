//! Reference pages that are made from the program: `docs/reference/{routes,permissions,problems,settings,states}.md`. A
//! test compares them with the program; `LIS_WRITE_REFERENCE=1 cargo test -p lis-tests reference` writes them anew.

use std::fmt::Write;

use clap::Command;
use lis_server::accounts::role::PERMISSIONS;
use lis_server::config::in_force::declared;
use lis_server::domain::states::{Named, StateTable};
use lis_server::web::language::Language;
use lis_server::web::routes::RouteInfo;
use lis_server::{cli, front, server};

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
        ("states.md", states(&front::state_tables())),
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
    page += "| Environment | Option | Of | Default | Meaning |\n|---|---|---|---|---|\n";
    page += &settings_of(&cli::command());
    page
}

/// The same list that `check-config` and the page `/settings` show.
fn settings_of(command: &Command) -> String {
    let mut lines = String::new();
    for (task, arg) in declared(command) {
        let of = if task.is_empty() { "every command".to_owned() } else { format!("`{task}`") };
        let defaults: Vec<String> =
            arg.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
        let _ = writeln!(
            lines,
            "| `{}` | `--{}` | {of} | {} | {} |",
            arg.get_env().map(|name| name.to_string_lossy()).unwrap_or_default(),
            arg.get_long().unwrap_or_default(),
            defaults.join(" "),
            arg.get_help().map(ToString::to_string).unwrap_or_default()
        );
    }
    lines
}

fn states(tables: &[StateTable]) -> String {
    let mut page = head(
        "States",
        "Every kind of thing that moves from state to state, its states, and the steps that are possible; no other step is.\n\
         A step that leads to its own state is allowed there and changes something else.",
    );
    let both = |named: &Named| {
        let (en, zh) = (Language::English.text(&named.word), Language::Chinese.text(&named.word));
        format!("| `{}` | {en} | {zh} |", named.code)
    };
    for table in tables {
        let (en, zh) = (Language::English.text(table.entity), Language::Chinese.text(table.entity));
        let _ = writeln!(page, "## {en} · {zh}\n\n| State | In English | 中文 |\n|---|---|---|");
        for state in &table.states {
            let _ = writeln!(page, "{}", both(state));
        }
        page += "\n| From | Step | In English | 中文 | To |\n|---|---|---|---|---|\n";
        for step in &table.steps {
            let _ = writeln!(page, "| `{}` {} `{}` |", step.from.code, both(&step.event), step.to.code);
        }
        page += "\n";
    }
    page.truncate(page.trim_end().len());
    page + "\n"
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

#[test]
fn every_state_and_step_has_a_word_in_both_languages() {
    let tables = front::state_tables();
    none(without_word(&tables));
    let mut wordless = tables[0].clone();
    wordless.states.push(Named::new("lost", "campaign-lost"));
    assert_eq!(
        without_word(&[wordless]),
        ["lost: campaign-lost has no text in zh-CN", "lost: campaign-lost has no text in en"]
    );
}

fn without_word(tables: &[StateTable]) -> Vec<String> {
    let named = tables.iter().flat_map(|table| {
        let steps = table.steps.iter().map(|step| step.event.clone());
        table.states.iter().cloned().chain(steps).chain([Named::new(table.entity, table.entity)])
    });
    named
        .flat_map(|named| Language::ALL.iter().map(move |language| (named.clone(), *language)))
        .filter(|(named, language)| !language.knows(&named.word))
        .map(|(named, language)| format!("{}: {} has no text in {}", named.code, named.word, language.code()))
        .collect()
}

/// States, steps and settings are looked for by name: a table or a command that nobody lists would be missed in silence.
#[test]
fn the_reference_knows_every_table_and_every_setting() {
    let declared: Vec<String> = super::server_sources(&["state.rs"])
        .iter()
        .flat_map(|source| source.text.lines().map(str::to_owned).collect::<Vec<_>>())
        .filter(|line| line.contains("fn after(self") || line.contains("fn may_become(self"))
        .collect();
    let listed = front::state_tables().len();
    assert_eq!(declared.len(), listed, "tables in state.rs files, and in front::state_tables()");
    let settings = settings();
    for name in ["LIS_DATA", "LIS_LISTEN`", "LIS_LISTEN_PUBLIC", "LIS_LOG`", "LIS_LOG_FORMAT"] {
        assert!(settings.contains(name), "{name} is not listed");
    }
}
