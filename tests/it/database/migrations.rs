//! The migrations of both databases make the same tables, the program's schema describes them, and they go back.

use std::collections::{BTreeMap, BTreeSet};

use diesel::RunQueryDsl;
use lis_server::db::describe::{self, Column, Kind};
use lis_server::db::schema::TABLES;
use lis_server::db::{Conn, migrate};
use lis_tests::system::texts;
use lis_tests::{Database, FreshDatabase};

/// What a database holds, in words that are the same for both kinds.
#[derive(PartialEq, Eq, Debug)]
struct Description {
    columns: BTreeMap<String, Vec<Column>>,
    /// `table.column -> table.column`
    references: Vec<String>,
    /// `table (column, column)`: primary keys and unique constraints.
    unique: Vec<String>,
    /// Names of indexes that the migrations make.
    indexes: Vec<String>,
}

fn description(conn: &mut Conn) -> Description {
    let tables = describe::tables(conn).expect("the tables");
    let columns =
        tables.iter().map(|table| (table.clone(), describe::columns(conn, table).expect("the columns"))).collect();
    let (references, unique, indexes) = match conn {
        Conn::Sqlite(_) => (
            "SELECT m.name || '.' || f.\"from\" || ' -> ' || f.\"table\" || '.' || f.\"to\" AS value \
             FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'",
            "SELECT name || ' (' || columns || ')' AS value FROM ( \
               SELECT m.name, (SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_table_info(m.name) WHERE pk > 0 ORDER BY pk)) AS columns \
               FROM sqlite_master m WHERE m.type = 'table' AND m.name NOT LIKE '@_@_%' ESCAPE '@' AND m.name NOT LIKE 'sqlite%' \
               UNION SELECT m.name, (SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) \
               FROM sqlite_master m, pragma_index_list(m.name) i WHERE m.type = 'table' AND i.\"unique\" = 1 AND i.origin <> 'pk' \
               AND m.name NOT LIKE '@_@_%' ESCAPE '@')",
            "SELECT name AS value FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
        ),
        Conn::Postgres(_) => (
            "SELECT t.relname || '.' || a.attname || ' -> ' || r.relname || '.' || ra.attname AS value FROM pg_constraint c \
             JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class r ON r.oid = c.confrelid \
             JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) \
             JOIN pg_attribute ra ON ra.attrelid = c.confrelid AND ra.attnum = ANY (c.confkey) WHERE c.contype = 'f'",
            "SELECT t.relname || ' (' || (SELECT string_agg(a.attname, ', ' ORDER BY k.place) \
               FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, place) \
               JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number) || ')' AS value \
             FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace \
             WHERE i.indisunique AND n.nspname = current_schema() AND t.relname NOT LIKE '@_@_%' ESCAPE '@'",
            "SELECT i.relname::text AS value FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid \
             JOIN pg_namespace n ON n.oid = i.relnamespace WHERE n.nspname = current_schema() \
             AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = x.indexrelid AND c.contype IN ('p', 'u'))",
        ),
    };
    let mut sorted = |query: &str| {
        let mut found = texts(conn, query);
        found.sort();
        found
    };
    Description { references: sorted(references), unique: sorted(unique), indexes: sorted(indexes), columns }
}

/// The tables that the files of `schema/` declare, read from their text.
fn declared() -> BTreeMap<String, Vec<(String, Kind, bool)>> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../lis-server/src/db/schema");
    let files = std::fs::read_dir(folder).expect("the folder of the schema");
    let text: String = files
        .map(|file| std::fs::read_to_string(file.expect("a readable folder").path()).expect("a file of the schema"))
        .collect();
    let mut tables = BTreeMap::new();
    for block in text.split("diesel::table! {").skip(1) {
        let name = block.split('(').next().expect("a name").trim().to_owned();
        let inside = block.split_once('{').expect("columns").1.split('}').next().expect("an end");
        let columns = inside
            .lines()
            .filter_map(|line| line.trim().trim_end_matches(',').split_once(" -> "))
            .map(|(column, kind)| {
                let (kind, nullable) = match kind.strip_prefix("Nullable<") {
                    Some(inner) => (inner.trim_end_matches('>'), true),
                    None => (kind, false),
                };
                let kind = match kind {
                    "Text" => Kind::Text,
                    "BigInt" | "Integer" => Kind::Integer,
                    "Bool" => Kind::Boolean,
                    "Timestamp" => Kind::Timestamp,
                    "Date" => Kind::Date,
                    other => panic!("{name}.{column} is a {other}, which this guard does not know"),
                };
                (column.to_owned(), kind, nullable)
            })
            .collect();
        tables.insert(name, columns);
    }
    tables
}

/// Where the schema and a database differ.
fn differences(declared: &BTreeMap<String, Vec<(String, Kind, bool)>>, found: &Description) -> Vec<String> {
    let shown = |columns: &[(String, Kind, bool)]| format!("{columns:?}");
    let found: BTreeMap<String, Vec<(String, Kind, bool)>> = found
        .columns
        .iter()
        .map(|(table, columns)| (table.clone(), columns.iter().map(|c| (c.name.clone(), c.kind, c.nullable)).collect()))
        .collect();
    let tables = declared.keys().chain(found.keys()).collect::<BTreeSet<_>>();
    tables
        .into_iter()
        .filter(|table| declared.get(*table) != found.get(*table))
        .map(|table| {
            let of =
                |all: &BTreeMap<String, Vec<_>>| all.get(table).map_or("nothing".to_owned(), |columns| shown(columns));
            format!("{table}: the schema says {}, the migrations make {}", of(declared), of(&found))
        })
        .collect()
}

/// Where the two kinds of database differ.
fn out_of_step(ours: &Description, theirs: &Description) -> Vec<String> {
    let tables: BTreeSet<&String> = ours.columns.keys().chain(theirs.columns.keys()).collect();
    let columns = tables
        .into_iter()
        .filter(|table| ours.columns.get(*table) != theirs.columns.get(*table))
        .map(|table| format!("columns of {table}: {:?} and {:?}", ours.columns.get(table), theirs.columns.get(table)));
    let lists =
        [(&ours.references, &theirs.references), (&ours.unique, &theirs.unique), (&ours.indexes, &theirs.indexes)];
    let only = |a: &[String], b: &[String], side: &str| -> Vec<String> {
        a.iter().filter(|one| !b.contains(one)).map(|one| format!("{one} only on {side}")).collect()
    };
    let listed = lists
        .into_iter()
        .flat_map(|(ours, theirs)| [only(ours, theirs, "SQLite"), only(theirs, ours, "PostgreSQL")].concat());
    columns.chain(listed).collect()
}

fn check_schema(kind: Database) {
    let database = FreshDatabase::migrated(kind);
    let found = description(&mut database.connect());
    assert_eq!(differences(&declared(), &found), Vec::<String>::new());
    let mut listed: Vec<&str> = TABLES.to_vec();
    listed.sort_unstable();
    assert_eq!(
        found.columns.keys().map(String::as_str).collect::<Vec<_>>(),
        listed,
        "the list TABLES names every table"
    );

    let mut wrong = declared();
    wrong.get_mut("person").expect("a table")[3].2 = true;
    wrong.remove("region");
    assert_eq!(differences(&wrong, &found).len(), 2, "a wrong schema is noticed");
}

fn check_there_and_back(kind: Database) {
    let database = FreshDatabase::empty(kind);
    let applied = migrate::migrate(&database.address).expect("up");
    assert!(applied >= 9);
    let first = description(&mut database.connect());
    assert_eq!(migrate::revert_all(&database.address).expect("down"), applied);
    let mut conn = database.connect();
    assert_eq!(describe::tables(&mut conn).expect("the tables"), Vec::<String>::new());
    if matches!(conn, Conn::Postgres(_)) {
        let left = texts(
            &mut conn,
            "SELECT proname::text AS value FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname NOT LIKE 'diesel%'",
        );
        assert_eq!(left, Vec::<String>::new(), "functions go with the tables");
    }
    assert_eq!(migrate::migrate(&database.address).expect("up again"), applied);
    assert_eq!(description(&mut database.connect()), first);
    assert_eq!(migrate::migrate(&database.address).expect("nothing to do"), 0);
}

fn check_behind(kind: Database) {
    let database = FreshDatabase::empty(kind);
    let refused = || migrate::require_current(&database.address).expect_err("not as the program wants it").to_string();
    let empty = refused();
    assert!(
        empty.contains("is empty. `lis-server init --admin NAME`") && empty.contains("lis-server migrate"),
        "{empty}"
    );
    migrate::migrate(&database.address).expect("the tables");
    migrate::require_current(&database.address).expect("up to date");
    let newest = "(SELECT max(version) FROM __diesel_schema_migrations)";
    let forgotten = format!("DELETE FROM __diesel_schema_migrations WHERE version = {newest}");
    diesel::sql_query(forgotten).execute(&mut database.connect()).expect("as a program of before left it");
    let behind = refused();
    assert!(behind.contains("is 1 migration behind this program. Stop the other servers"), "{behind}");
    assert!(behind.contains("lis-server migrate"), "{behind}");
}

mod sqlite {
    use super::*;

    #[test]
    fn the_schema_is_what_the_migrations_make() {
        check_schema(Database::Sqlite);
    }

    #[test]
    fn migrations_go_there_and_back() {
        check_there_and_back(Database::Sqlite);
    }

    #[test]
    fn a_database_that_is_behind_is_refused_with_advice() {
        check_behind(Database::Sqlite);
    }
}

mod postgres {
    use std::sync::{Arc, Barrier};
    use std::time::{Duration, Instant};

    use diesel::connection::SimpleConnection;
    use lis_tests::database::postgres_is_there;

    use super::*;

    #[test]
    fn the_schema_is_what_the_migrations_make() {
        if postgres_is_there(module_path!()) {
            check_schema(Database::Postgres);
        }
    }

    #[test]
    fn migrations_go_there_and_back() {
        if postgres_is_there(module_path!()) {
            check_there_and_back(Database::Postgres);
        }
    }

    #[test]
    fn a_database_that_is_behind_is_refused_with_advice() {
        if postgres_is_there(module_path!()) {
            check_behind(Database::Postgres);
        }
    }

    #[test]
    fn both_kinds_hold_the_same() {
        if postgres_is_there(module_path!()) {
            let (ours, theirs) =
                (FreshDatabase::migrated(Database::Sqlite), FreshDatabase::migrated(Database::Postgres));
            let (ours, theirs) = (description(&mut ours.connect()), description(&mut theirs.connect()));
            assert_eq!(out_of_step(&ours, &theirs), Vec::<String>::new());
            assert_eq!(ours, theirs);
            assert!(ours.references.len() > 50 && ours.unique.len() > 50, "the queries find something");
        }
    }

    /// One database gets what the other does not: a column, a reference, a unique constraint, an index.
    #[test]
    fn migrations_out_of_step_are_noticed() {
        if postgres_is_there(module_path!()) {
            let (sqlite, postgres) =
                (FreshDatabase::migrated(Database::Sqlite), FreshDatabase::migrated(Database::Postgres));
            let ours = description(&mut sqlite.connect());
            let broken = [
                ("ALTER TABLE region ADD COLUMN remark TEXT", "columns of region"),
                ("ALTER TABLE region ALTER COLUMN name_en DROP NOT NULL", "columns of region"),
                ("ALTER TABLE session DROP CONSTRAINT session_person_id_fkey", "session.person_id -> person.id"),
                ("CREATE UNIQUE INDEX region_names ON region (name_zh)", "region (name_zh)"),
                ("CREATE INDEX only_here ON region (name_en)", "only_here"),
                ("CREATE TABLE only_here_too (id BIGINT PRIMARY KEY)", "columns of only_here_too"),
            ];
            for (statement, said) in broken {
                let theirs = postgres.copy();
                let mut conn = theirs.connect();
                conn.batch_execute(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
                let complaints = out_of_step(&ours, &description(&mut conn));
                assert!(complaints.iter().any(|complaint| complaint.contains(said)), "{statement}: {complaints:?}");
            }
        }
    }

    /// Two servers that start at once with `--migrate`: one waits for the other, and both find the tables in place.
    #[test]
    fn two_that_migrate_at_once_wait_for_each_other() {
        if postgres_is_there(module_path!()) {
            let database = FreshDatabase::empty(Database::Postgres);
            let held = Arc::new(Barrier::new(2));
            let mut other = database.connect();
            // The lock is somebody else's: nobody begins before it is free.
            let lock = |word: &str| format!("SELECT {word}({})", migrate::ADVISORY_LOCK);
            other.batch_execute(&lock("pg_advisory_lock")).expect("the lock");
            let applied: Vec<usize> = std::thread::scope(|scope| {
                let migrating: Vec<_> = (0..2)
                    .map(|_| {
                        let (held, address) = (held.clone(), database.address.clone());
                        scope.spawn(move || {
                            held.wait();
                            migrate::migrate(&address).expect("the migrations run")
                        })
                    })
                    .collect();
                wait_until(
                    &mut other,
                    "SELECT count(*) AS value FROM pg_locks WHERE locktype = 'advisory' \
                     AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
                    2,
                );
                assert_eq!(describe::tables(&mut other).expect("the tables"), Vec::<String>::new(), "nobody has begun");
                other.batch_execute(&lock("pg_advisory_unlock")).expect("the lock is given back");
                migrating.into_iter().map(|thread| thread.join().expect("no panic")).collect()
            });
            let all = migrate::migrate(&FreshDatabase::empty(Database::Sqlite).address).expect("up");
            assert_eq!(applied.iter().filter(|count| **count == all).count(), 1, "{applied:?}");
            assert_eq!(applied.iter().filter(|count| **count == 0).count(), 1, "{applied:?}");
            let heads = texts(&mut other, "SELECT log_id AS value FROM log_head");
            assert_eq!(heads.len(), 1, "the log has one identity");
        }
    }

    /// Looks again until a query gives the number: what is waited for is another thread's lock, and there is no bell.
    fn wait_until(conn: &mut Conn, query: &str, number: i64) {
        let until = Instant::now() + Duration::from_secs(20);
        let query = query.replace("count(*)", "count(*)::text");
        while texts(conn, &query) != [number.to_string()] {
            assert!(Instant::now() < until, "{query} does not become {number}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}
