//! A stored result is what its rules give, whoever asks and whichever version: `lis-server replay` and the evidence beside a
//! value name one that was changed past the doors.

use diesel::connection::SimpleConnection;
use lis_server::db::Conn;
use lis_tests::{TestLis, demonstrated};
use serde_json::Value;

use crate::calculations::evidence;
use crate::command_line::{printed, refused, run};
use crate::steps::House;

/// Says the other verdict in the record of a version, past the triggers that keep it.
fn falsify(conn: &mut Conn, version: i64, from: &str, to: &str) {
    let open = match conn {
        Conn::Sqlite(_) => "DROP TRIGGER IF EXISTS result_version_no_update",
        Conn::Postgres(_) => "ALTER TABLE result_version DISABLE TRIGGER USER",
    };
    let change = format!(
        "UPDATE result_version SET record = replace(record, '\"verdict\":\"{from}\"', '\"verdict\":\"{to}\"') \
         WHERE id = {version}"
    );
    for statement in [open, change.as_str()] {
        conn.batch_execute(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
}

demonstrated!(a_record_that_was_changed_past_the_doors_differs, |lis: TestLis| {
    // The first version of an item, of one that was judged again where there is such.
    let version = lis.numbers(
        "SELECT r.id AS value FROM result_version r WHERE r.version_no = 1 AND r.verdict = 'PASS' \
         AND r.record LIKE '%\"verdict\":\"PASS\"%' AND r.record NOT LIKE '%\"verdict\":\"FAIL\"%' \
         ORDER BY (SELECT count(*) FROM result_version o WHERE o.item_id = r.item_id) DESC, r.id",
    )[0];
    let item = lis.numbers(&format!("SELECT item_id AS value FROM result_version WHERE id = {version}"))[0];
    let of_item = format!("FROM sample s JOIN test_item i ON i.sample_id = s.id WHERE i.id = {item}");
    let sample = lis.texts(&format!("SELECT s.sample_no AS value {of_item}")).concat();
    let versions = lis.rows("result_version");
    let house = House::of(&lis);
    let said = |house: &House| -> Vec<Value> {
        let found = evidence(house, item);
        found["results"].as_array().expect("versions").iter().map(|one| one["reproduces"].clone()).collect()
    };
    assert!(said(&house).iter().all(|one| one == true), "{:?}", said(&house));

    falsify(&mut lis.database.connect(), version, "PASS", "FAIL");
    let mut after = said(&house);
    assert_eq!(after.pop(), Some(Value::Bool(false)), "the oldest stands last");
    assert!(after.iter().all(|one| one == true), "{after:?}");

    drop(house);
    let database = lis.stop();
    let error = refused(&run(&database, &["replay"]));
    let named = format!("sample {sample}, item {item} (");
    assert!(error.contains(&named) && error.contains("), version 1: its rules give another record"), "{error}");
    assert!(error.contains(&format!("1 of {versions} versions of results are not what their rules give")), "{error}");

    falsify(&mut database.connect(), version, "FAIL", "PASS");
    let out = printed(&run(&database, &["replay"]));
    assert!(out.contains(&format!("results: {versions} versions, each one byte for byte")), "{out}");
});
