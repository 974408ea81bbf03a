//! The rules that keep the house quiet (design 3): who may know whom, where SQL stands, how long a file may be. Text
//! scans: crude, quick, and with every exception named.

use super::{Source, floats, none, server_sources, sources};

/// The code of a file: without comment lines and without what follows `#[cfg(test)]`; of a file of tests none.
fn code(source: &Source) -> String {
    if source.path.ends_with("tests.rs") || source.path.contains("/tests/") {
        return String::new();
    }
    let until_tests = source.text.split("#[cfg(test)]").next().unwrap_or_default();
    until_tests.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
}

fn server_code() -> Vec<Source> {
    server_sources(&[".rs"])
}

/// The folder of a room below `lis-server/src`: `accounts`, `db`, or the file itself.
fn room(path: &str) -> &str {
    let inside = path.strip_prefix("lis-server/src/").unwrap_or(path);
    inside.split('/').next().unwrap_or(inside)
}

/// Binary floating point where measured values, limits and verdicts pass: judgement, testing, quality, the catalogue, and
/// what the drivers observe.
fn floating_point(files: &[Source]) -> Vec<String> {
    /// File, why.
    const EXCEPTIONS: &[(&str, &str)] = &[
        ("instrument-drivers/src/table/stored.rs", "a spreadsheet stores doubles; here they become text, once"),
        ("instrument-drivers/src/table/workbook.rs", "a spreadsheet stores doubles; here they become text, once"),
        ("instrument-drivers/src/cli/mod.rs", "how fast a recording is replayed"),
        ("instrument-drivers/src/cli/simulate.rs", "how fast a recording is replayed"),
        ("instrument-drivers/src/port/record.rs", "how fast a recording is replayed"),
    ];
    const ROOMS: &[&str] = &["judgement", "testing", "quality", "catalogue"];
    let carries_values = |file: &&Source| {
        let driver = file.path.starts_with("instrument-drivers/src/");
        (driver || ROOMS.contains(&room(&file.path))) && !EXCEPTIONS.iter().any(|(path, _)| *path == file.path)
    };
    files
        .iter()
        .filter(carries_values)
        .filter(|file| {
            let code = code(file);
            let names = |word: &str| ["f32", "f64"].iter().any(|f| word == *f || word.ends_with(&format!("_{f}")));
            words(&code).any(names) || !floats::literals(&code).is_empty()
        })
        .map(|file| format!("{} uses binary floating point; use exact rationals", file.path))
        .collect()
}

/// `state.rs`, `judgement/` and `domain/` know neither the web nor the database.
fn impure(files: &[Source]) -> Vec<String> {
    /// How a moment, an id and a database fault pass through diesel stands beside their types.
    const TYPES: &[&str] =
        &["lis-server/src/domain/clock.rs", "lis-server/src/domain/ids.rs", "lis-server/src/domain/refusal.rs"];
    let pure = files.iter().filter(|file| {
        file.path.ends_with("/state.rs")
            || file.path.contains("/state/")
            || ["judgement", "domain"].contains(&room(&file.path))
    });
    pure.flat_map(|file| {
        let code = code(file);
        let knows = |name: &str| words(&code).any(|word| word == name);
        let mut forbidden = vec!["actix_web"];
        if !TYPES.contains(&file.path.as_str()) {
            forbidden.push("diesel");
        }
        forbidden
            .into_iter()
            .filter(|name| knows(name))
            .map(|name| format!("{} knows {name}; pure rules know neither the web nor the database", file.path))
            .collect::<Vec<_>>()
    })
    .collect()
}

/// A capability calls another's actions or types, never its store.
fn foreign_stores(files: &[Source]) -> Vec<String> {
    /// File, whose store, why.
    const EXCEPTIONS: &[(&str, &str)] = &[
        // The first administrator is made when there is nobody yet who could be allowed to.
        ("lis-server/src/cli/init.rs", "accounts"),
        // The write door itself puts entries into the log.
        ("lis-server/src/db/writer.rs", "audit"),
    ];
    let mut complaints = Vec::new();
    for file in files {
        for other in stores_named(&code(file)) {
            let own = room(&file.path) == other;
            let excepted = EXCEPTIONS.contains(&(file.path.as_str(), other.as_str()));
            if !own && !excepted {
                complaints.push(format!("{} uses the store of {other}; call its actions instead", file.path));
            }
        }
    }
    complaints
}

/// Rooms whose store is named: `crate::room::store`, `use crate::room::{…, store, …}`, `room::store::`.
fn stores_named(code: &str) -> Vec<String> {
    let flat: String = code.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut found = Vec::new();
    for (at, path) in flat.match_indices("::store") {
        // `schema::stored_file`, `actions::store_import`: another word that begins like it.
        if flat[at + path.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let word: String = flat[..at].chars().rev().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        found.push(word.chars().rev().collect::<String>());
    }
    for (at, start) in flat.match_indices("crate::") {
        let path = &flat[at + start.len()..];
        let Some((room, rest)) = path.split_once("::{") else { continue };
        let list = rest.split('}').next().unwrap_or_default();
        if room.chars().all(|c| c.is_alphanumeric() || c == '_') && list.split(',').any(|name| name.trim() == "store") {
            found.push(room.to_owned());
        }
    }
    found.retain(|room| !["super", "self", "crate", ""].contains(&room.as_str()));
    found.sort();
    found.dedup();
    found
}

/// SQL lives in `db/` and in `store.rs` (or `store/`).
fn strayed_sql(files: &[Source]) -> Vec<String> {
    /// File, why.
    const EXCEPTIONS: &[(&str, &str)] = &[
        ("lis-server/src/app.rs", "the row that makes a command repeatable belongs to the command"),
        ("lis-server/src/audit/history.rs", "one statement that every room's page shares"),
        ("lis-server/src/audit/personal.rs", "one table, three statements, next to the cipher"),
        ("lis-server/src/files.rs", "one table, two statements, next to the files on the disk"),
        ("lis-server/src/audit/standing.rs", "compares tables of several rooms with the log and trusts no other code"),
        ("lis-server/src/audit/verify.rs", "walks the log page by page and trusts no other code"),
    ];
    files
        .iter()
        .filter(|file| {
            let at_home = room(&file.path) == "db"
                || file.path.ends_with("/store.rs")
                || file.path.contains("/store/")
                || EXCEPTIONS.iter().any(|(path, _)| *path == file.path);
            !at_home && code(file).contains("use diesel::prelude")
        })
        .map(|file| format!("{} writes queries; they belong into store.rs", file.path))
        .collect()
}

/// The shared ground knows of the capabilities who may and what is logged; what else it needs it is given.
fn upward(files: &[Source]) -> Vec<String> {
    const GROUND: &[&str] = &["domain", "db", "web", "mail", "jobs", "files", "upkeep", "pdf"];
    const KNOWN: &[&str] = &["accounts", "audit", "app", "config"];
    /// File, room, why.
    const EXCEPTIONS: &[(&str, &str, &str)] = &[(
        "lis-server/src/upkeep/clock.rs",
        "instruments",
        "the clocks beside the instruments are compared on a page, every minute and in the figures; handing them over takes more",
    )];
    let is_ground = |room: &str| GROUND.contains(&room.trim_end_matches(".rs"));
    let mut complaints = Vec::new();
    for file in files.iter().filter(|file| is_ground(room(&file.path))) {
        let code = code(file);
        let mut known: Vec<&str> = code
            .split("crate::")
            .skip(1)
            .filter_map(|rest| words(rest).next())
            .filter(|room| !room.is_empty())
            .collect();
        known.sort_unstable();
        known.dedup();
        let excepted =
            |other: &str| EXCEPTIONS.iter().any(|(path, room, _)| (*path, *room) == (file.path.as_str(), other));
        let strangers = known.into_iter().filter(|room| !is_ground(room) && !KNOWN.contains(room) && !excepted(room));
        complaints.extend(strangers.map(|room| format!("{} knows {room}; let it be given what it needs", file.path)));
    }
    complaints
}

/// No file beyond 700 lines; 500 is the aim.
fn overlong(files: &[Source]) -> Vec<String> {
    const MOST: usize = 700;
    files
        .iter()
        .filter_map(|file| {
            let lines = file.text.lines().count();
            (lines > MOST).then(|| format!("{} has {lines} lines; {MOST} are a mistake, 500 the aim", file.path))
        })
        .collect()
}

fn all_sources() -> Vec<Source> {
    let endings = &[".rs", ".html", ".js", ".css", ".typ"];
    ["lis-server/src", "lis-server/assets", "instrument-drivers", "tests"]
        .iter()
        .flat_map(|folder| sources(folder, endings))
        .collect()
}

#[test]
fn the_house_is_quiet() {
    let code = server_code();
    assert!(code.len() > 50, "the source was found");
    let drivers = sources("instrument-drivers/src", &[".rs"]);
    assert!(drivers.len() > 30, "the source of the drivers was found");
    none(
        [
            floating_point(&[code.clone(), drivers].concat()),
            impure(&code),
            foreign_stores(&code),
            strayed_sql(&code),
            upward(&code),
            overlong(&all_sources()),
        ]
        .concat(),
    );
}

/// One file that breaks one rule.
fn breaking(path: &str, text: &str) -> Vec<Source> {
    vec![Source { path: path.to_owned(), text: text.to_owned() }]
}

#[test]
fn every_broken_rule_is_noticed() {
    let file = breaking("lis-server/src/judgement/x.rs", "fn mean() -> f64 { 0.5_f64 }");
    assert_eq!(floating_point(&file).len(), 1);
    let file = breaking("instrument-drivers/src/number.rs", "let x: f64 = text.parse()?;");
    assert_eq!(floating_point(&file).len(), 1);
    assert_eq!(floating_point(&breaking("lis-server/src/judgement/x.rs", "// f64 would round\nfn x() {}")).len(), 0);
    // A double without its name.
    let file = breaking("lis-server/src/catalogue/x.rs", "fn x(cell: &Data) -> bool { cell == 0.0 }");
    assert_eq!(floating_point(&file).len(), 1);

    let file = breaking("lis-server/src/samples/state.rs", "use diesel::prelude::*;\nuse actix_web::web;");
    assert_eq!(impure(&file).len(), 2);
    assert_eq!(
        impure(&breaking("lis-server/src/domain/clock.rs", "use diesel::sql_types;\nuse actix_web::web;")).len(),
        1
    );

    for text in [
        "let row = crate::accounts::store::person(conn, id)?;",
        "use crate::accounts::{Actor,\n    store};",
        "use crate::accounts; fn f() { accounts::store::people(conn) }",
    ] {
        assert_eq!(foreign_stores(&breaking("lis-server/src/samples/actions.rs", text)).len(), 1, "{text}");
        assert_eq!(foreign_stores(&breaking("lis-server/src/accounts/actions.rs", text)).len(), 0, "{text}");
    }
    assert_eq!(foreign_stores(&breaking("lis-server/src/samples/actions.rs", "use super::store;")).len(), 0);

    assert_eq!(strayed_sql(&breaking("lis-server/src/samples/actions.rs", "use diesel::prelude::*;")).len(), 1);
    assert_eq!(strayed_sql(&breaking("lis-server/src/samples/store.rs", "use diesel::prelude::*;")).len(), 0);

    let file = breaking("lis-server/src/jobs/runner.rs", "use crate::front::QUEUES;\nuse crate::accounts::May;");
    assert_eq!(upward(&file), ["lis-server/src/jobs/runner.rs knows front; let it be given what it needs"]);
    assert_eq!(upward(&breaking("lis-server/src/files.rs", "fn x() { crate::reports::y() }")).len(), 1);
    assert_eq!(upward(&breaking("lis-server/src/reports/x.rs", "use crate::front::QUEUES;")).len(), 0);

    assert_eq!(overlong(&breaking("lis-server/src/samples/pages.rs", &"x\n".repeat(701))).len(), 1);
    assert_eq!(overlong(&breaking("lis-server/src/samples/pages.rs", &"x\n".repeat(700))).len(), 0);
}
