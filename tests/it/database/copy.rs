//! Moving a laboratory to the other kind of database and back: every table, every value.

use lis_server::accounts::Role;
use lis_server::db::copy::{CopyError, copy};
use lis_server::db::schema::TABLES;
use lis_server::db::{Conn, describe};
use lis_tests::database::postgres_is_there;
use lis_tests::filling::{ROWS, fill_every_table};
use lis_tests::system::texts;
use lis_tests::{Database, FreshDatabase, TestLis};

/// Every row of every table as text, in order.
pub fn everything(conn: &mut Conn) -> Vec<String> {
    let mut all = Vec::new();
    for table in TABLES {
        let columns = describe::columns(conn, table).expect("the columns");
        let shown: Vec<String> = columns
            .iter()
            .map(|column| match (column.kind, &conn) {
                (describe::Kind::Boolean, Conn::Postgres(_)) => {
                    format!("coalesce(CASE WHEN {} THEN '1' ELSE '0' END, '∅')", column.name)
                }
                (describe::Kind::Timestamp, Conn::Postgres(_)) => {
                    format!("coalesce(to_char({}, 'YYYY-MM-DD HH24:MI:SS.MS'), '∅')", column.name)
                }
                _ => format!("coalesce(CAST({} AS TEXT), '∅')", column.name),
            })
            .collect();
        let query = format!("SELECT {} AS value FROM {table} ORDER BY 1", shown.join(" || '|' || "));
        all.extend(texts(conn, &query).into_iter().map(|row| format!("{table}: {row}")));
    }
    all
}

mod postgres {
    use super::*;

    #[test]
    fn a_laboratory_moves_there_and_back_with_every_value() {
        if !postgres_is_there(module_path!()) {
            return;
        }
        let first = FreshDatabase::migrated(Database::Sqlite);
        fill_every_table(&mut first.connect());
        let second = FreshDatabase::empty(Database::Postgres);
        let copied = copy(&first.address, &second.address).expect("copied to PostgreSQL");
        for table in &copied {
            let expected = match table.name.as_str() {
                "log_head" => 1,
                "audit_pending" => 0,
                _ => ROWS,
            };
            assert_eq!(table.rows, expected, "{}", table.name);
        }
        assert_eq!(copied.len(), TABLES.len());
        let third = FreshDatabase::empty(Database::Sqlite);
        copy(&second.address, &third.address).expect("copied back");
        let (before, there, back) =
            (everything(&mut first.connect()), everything(&mut second.connect()), everything(&mut third.connect()));
        assert_eq!(before, there);
        assert_eq!(before, back);
        assert!(
            before.iter().any(|row| row.contains("t1 ' 铅𠮷")) && before.iter().any(|row| row.contains('∅')),
            "hard values are there"
        );
    }

    #[test]
    fn a_moved_laboratory_goes_on_where_it_was() {
        if !postgres_is_there(module_path!()) {
            return;
        }
        let lis = TestLis::start(Database::Sqlite);
        let admin = lis.person("admin", &[Role::Administrator]);
        let whole = lis.verified().expect("the log is whole");
        let source = lis.stop();
        let target = FreshDatabase::empty(Database::Postgres);
        copy(&source.address, &target.address).expect("copied");
        let moved = TestLis::on(target);
        assert_eq!(moved.verified(), Ok(whole.clone()), "the same log, with its identity");
        let client = moved.signed_in(&admin);
        let form =
            client.form("/people/new", "/people").set("username", "wang").set("name", "王").tick("roles", "tester");
        client.send(&form).expect(200);
        let log = moved.verified().expect("the log goes on");
        assert_eq!((log.log_id, log.entries), (whole.log_id, whole.entries + 2));
    }
}

/// A filled target and a source with waiting entries are refused; nothing changes.
fn check_refusals(kind: Database) {
    let (source, target) = (FreshDatabase::migrated(kind), FreshDatabase::migrated(Database::Sqlite));
    fill_every_table(&mut target.connect());
    let before = everything(&mut target.connect());
    match copy(&source.address, &target.address) {
        Err(refused @ CopyError::NotEmpty { .. }) => {
            assert!(refused.to_string().contains("Copy into an empty database"), "{refused}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(everything(&mut target.connect()), before);

    let mut conn = source.connect();
    fill_every_table(&mut conn);
    diesel::connection::SimpleConnection::batch_execute(&mut conn, "INSERT INTO audit_pending (entry_id) VALUES (1)")
        .expect("a row");
    let empty = FreshDatabase::empty(Database::Sqlite);
    let refused = copy(&source.address, &empty.address).expect_err("an entry waits");
    assert!(refused.to_string().contains("wait for their position"), "{refused}");

    let bare = FreshDatabase::empty(kind);
    let refused = copy(&bare.address, &empty.address).expect_err("no laboratory");
    assert!(refused.to_string().contains("is empty"), "{refused}");
}

mod refusals {
    #[test]
    fn sqlite() {
        super::check_refusals(lis_tests::Database::Sqlite);
    }

    #[test]
    fn postgres() {
        if lis_tests::database::postgres_is_there(module_path!()) {
            super::check_refusals(lis_tests::Database::Postgres);
        }
    }
}
