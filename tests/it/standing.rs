//! What the tables say of samples, items, worksheets, reports and cases beside what the log says of them: a change
//! behind the program is named with its place.

use std::process::Command;

use lis_server::audit::standing::{self, Standing};
use lis_tests::{TestLis, demonstrated};

fn compared(lis: &TestLis) -> Standing {
    lis.app.db.read_now(standing::compared).expect("tables and log can be read")
}

demonstrated!(a_change_of_a_table_is_named_with_its_place, |lis: TestLis| {
    let whole = compared(&lis);
    assert!(whole.differences.is_empty(), "{:?}", whole.differences);
    let tables = ["sample", "test_item", "worksheet", "report", "failing_case"];
    let rows: i64 = tables.iter().map(|table| lis.rows(table)).sum();
    assert_eq!(i64::try_from(whole.objects).expect("a small number"), rows, "every one of them was compared");

    let of = |table: &str, which: &str| lis.numbers(&format!("SELECT min(id) AS value FROM {table} WHERE {which}"))[0];
    let (report, case) = (of("report", "report_no = 'BZ-2026-J-000001'"), of("failing_case", "state = 'reversed'"));
    let (sample, item) = (of("sample", "state = 'closed'"), of("test_item", "state = 'final' AND verdict = 'PASS'"));
    let version = lis.numbers(&format!("SELECT version AS value FROM report WHERE id = {report}"))[0];
    let number = lis.texts(&format!("SELECT sample_no AS value FROM sample WHERE id = {sample}")).concat();
    for (table, id, field, from, to) in [
        ("report", report, "conclusion", "fail", "pass"),
        ("report", report, "state", "replaced", "issued"),
        ("sample", sample, "state", "closed", "accepted"),
        ("sample", sample, "sample_no", number.as_str(), "another"),
        ("test_item", item, "state", "final", "calculated"),
        ("test_item", item, "verdict", "PASS", "FAIL"),
        ("failing_case", case, "state", "reversed", "open"),
    ] {
        lis.sql(&format!("UPDATE {table} SET {field} = '{to}' WHERE id = {id}")).expect("a row");
        let named: Vec<String> = compared(&lis).differences.iter().map(ToString::to_string).collect();
        assert_eq!(named, [format!("{table} {id}: {field} is {to:?} in the table, the log says {from:?}")]);
        lis.sql(&format!("UPDATE {table} SET {field} = '{from}' WHERE id = {id}")).expect("a row");
    }
    assert!(compared(&lis).differences.is_empty(), "all is as it was");

    // The command says it too, and does not end as if all were well.
    lis.verified().expect("the log itself is whole");
    lis.sql(&format!("UPDATE report SET conclusion = 'pass', version = 77 WHERE id = {report}")).expect("a row");
    let database = lis.stop();
    let verified = Command::new(env!("CARGO_BIN_EXE_lis-server-under-test"))
        .args(["audit", "verify"])
        .env("LIS_DATABASE_URL", database.url())
        .env("LIS_DATA", database.directory())
        .output()
        .expect("the program runs");
    let (out, error) = (String::from_utf8_lossy(&verified.stdout), String::from_utf8_lossy(&verified.stderr));
    assert_eq!(verified.status.code(), Some(1), "{out}{error}");
    assert!(out.contains(": whole, "), "the log was not touched: {out}");
    for said in [
        format!("report {report}: version is \"77\" in the table, the log says \"{version}\""),
        format!("report {report}: conclusion is \"pass\" in the table, the log says \"fail\""),
        "the tables differ from the log in 2 places".to_owned(),
    ] {
        assert!(error.contains(&said), "{said} is not in {error}");
    }
});
