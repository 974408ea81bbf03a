//! Tables whose rows are written once: the database itself refuses to change or delete them, whatever the program
//! tries.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection;
use lis_server::db::Conn;
use lis_tests::filling::fill_every_table;
use lis_tests::system::texts;
use lis_tests::{Database, FreshDatabase};

use super::none;

/// Written by hand: the log, results and what stands behind them, decisions, signatures, files.
const APPEND_ONLY: &[&str] = &[
    "audit_entry",
    "calibration",
    "calibration_confirmation",
    "calibration_file",
    "campaign_rejection",
    "campaign_response",
    "case_acknowledgement",
    "case_act",
    "case_event",
    "case_handling",
    "case_notice",
    "case_service",
    "catalogue_set",
    "chart_limits",
    "check_confirmation",
    "competence_record",
    "custody_event",
    "declaration",
    "dispatch_outcome",
    "draw_sampler",
    "draw_unit",
    "erasure",
    "evidence_link",
    "feed_index",
    "form_import",
    "form_picture",
    "gate_confirmation",
    "gate_setting",
    "instrument_dispatch",
    "instrument_profile",
    "instrument_status",
    "instrument_upkeep",
    "link_settings",
    "log_link",
    "lot_receipt",
    "message_content",
    "message_reading",
    "order_review",
    "qc_control_release",
    "method_verification",
    "part_use",
    "program_validation",
    "qc_release",
    "qc_verdict",
    "random_draw",
    "rapid_picture",
    "rejection_note",
    "report_confirmation",
    "result_entry",
    "result_version",
    "retention_event",
    "room_limits",
    "room_reading",
    "room_separation",
    "sample_receipt",
    "signature",
    "stored_file",
    "subcontract",
    "subcontract_consent",
    "transfer_check",
    "upkeep_action",
    "upkeep_run",
    "validation_run",
    "westgard_setting",
];

fn triggered(conn: &mut Conn) -> BTreeSet<String> {
    let query = match conn {
        Conn::Sqlite(_) => {
            "SELECT DISTINCT tbl_name AS value FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%append-only%'"
        }
        Conn::Postgres(_) => {
            "SELECT DISTINCT c.relname::text AS value FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid \
             JOIN pg_proc p ON p.oid = t.tgfoid WHERE p.proname = 'refuse_change'"
        }
    };
    texts(conn, query).into_iter().collect()
}

/// Tables of the list that let a row be changed or deleted, and tables with triggers that the list lacks.
fn complaints(conn: &mut Conn, listed: &[&str]) -> Vec<String> {
    let mut complaints = Vec::new();
    for table in listed {
        let column = lis_server::db::describe::columns(conn, table).expect("its columns").remove(0).name;
        let mut attempts = vec![format!("UPDATE {table} SET {column} = {column}"), format!("DELETE FROM {table}")];
        if matches!(conn, Conn::Postgres(_)) {
            attempts.push(format!("TRUNCATE {table} CASCADE"));
        }
        for attempt in attempts {
            match attempt_and_take_back(conn, &attempt) {
                Ok(()) => complaints.push(format!("{table} allows {attempt}: a trigger must refuse it")),
                Err(why) if why.contains("append-only") => {}
                Err(why) => complaints.push(format!("{attempt} is refused for another reason: {why}")),
            }
        }
    }
    let listed: BTreeSet<String> = listed.iter().map(|table| (*table).to_owned()).collect();
    let extra = triggered(conn).difference(&listed).cloned().collect::<Vec<_>>();
    complaints.extend(extra.into_iter().map(|table| format!("{table} is append-only but not in the guard's list")));
    complaints
}

fn attempt_and_take_back(conn: &mut Conn, statement: &str) -> Result<(), String> {
    conn.batch_execute("BEGIN").expect("a transaction");
    let done = conn.batch_execute(statement);
    conn.batch_execute("ROLLBACK").expect("the transaction ends");
    done.map_err(|error| error.to_string())
}

fn check(kind: Database) {
    let database = FreshDatabase::migrated(kind);
    let mut conn = database.connect();
    fill_every_table(&mut conn);
    none(complaints(&mut conn, APPEND_ONLY));

    // Broken on purpose: a trigger is dropped, a table is forgotten.
    conn.batch_execute(match kind {
        Database::Sqlite => "DROP TRIGGER signature_no_update",
        Database::Postgres => "DROP TRIGGER signature_no_change ON signature",
    })
    .expect("the trigger is there");
    let found = complaints(&mut conn, APPEND_ONLY);
    assert!(found.iter().any(|c| c.starts_with("signature allows UPDATE signature")), "{found:?}");
    let forgotten: Vec<&str> = APPEND_ONLY.iter().copied().filter(|table| *table != "log_link").collect();
    let found = complaints(&mut conn, &forgotten);
    assert!(found.contains(&"log_link is append-only but not in the guard's list".to_owned()), "{found:?}");
}

mod what_is_written_once_stays {
    #[test]
    fn sqlite() {
        super::check(lis_tests::Database::Sqlite);
    }

    #[test]
    fn postgres() {
        if lis_tests::database::postgres_is_there(module_path!()) {
            super::check(lis_tests::Database::Postgres);
        }
    }
}
