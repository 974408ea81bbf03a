//! Results of residues that were made before anybody asked what belongs to the residue and was not measured.

use diesel::connection::SimpleConnection;
use lis_server::db::Conn;
use lis_tests::{TestLis, demonstrated};
use serde_json::json;

use crate::calculations::{CARBOFURAN_ALONE, CARBOFURAN_WHOLE, METABOLITE, assigned, evidence, goods, load_formulas};
use crate::steps::{House, number};

/// Makes the stored record of an item one of the edition before, as the program before wrote it: past the triggers that keep it.
fn aged(lis: &TestLis, item: i64) {
    let mut conn = lis.database.connect();
    let open = match &conn {
        Conn::Sqlite(_) => "DROP TRIGGER result_version_no_update",
        Conn::Postgres(_) => "ALTER TABLE result_version DISABLE TRIGGER USER",
    };
    let change = format!(
        "UPDATE result_version SET record = replace(record, '\"record\":6', '\"record\":5') WHERE item_id = {item}"
    );
    for statement in [open, change.as_str()] {
        conn.batch_execute(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
}

// 0.012 of 0.02 mg/kg: by the compound alone it conforms, and nobody had asked for its metabolite.
demonstrated!(a_result_of_before_stands_until_it_is_judged_again, |lis: TestLis| {
    let house = House::of(&lis);
    load_formulas(&lis, "gb23200.112-2018/", &[CARBOFURAN_WHOLE, METABOLITE]);
    let sample = goods(&house, "GB 2763:chilli", &["carbofuran|GB 23200.112"]);
    let id = assigned(&house, &sample, "carbofuran");
    let sheet = house.open("tester2", sample.label(), "carbofuran");
    house.type_in(&sheet, &[(sample.label(), "carbofuran", "reading", "0.012")]);
    assert_eq!(house.submit(&sheet), "submitted");
    aged(&lis, id);
    load_formulas(&lis, "gb23200.112-2018/", &[CARBOFURAN_ALONE, METABOLITE]);
    let before = evidence(&house, id);
    assert_eq!((&before["record"]["record"], &before["results"][0]["verdict"]), (&json!(5), &json!("PASS")));
    assert_eq!(before["reproduces"], true, "{before}");

    // Its factor is stated: it is judged again, by what is known now.
    let items = house.items("checker", "/api/v1/items?state=calculated&limit=500");
    let own = items.iter().find(|item| number(item, "id") == id).expect("the item");
    let factor = json!({"times": "1", "basis": "包装标示", "reason": "复核：未浓缩"});
    house.done_on("manager", &format!("/api/v1/items/{id}/limit-factor"), number(own, "version"), &factor);
    let after = evidence(&house, id);
    assert_eq!((&after["record"]["record"], &after["results"][0]["verdict"]), (&json!(6), &json!("REVIEW")));
    assert_eq!(after["record"]["asked"]["unadded"][0]["en"], "3-Hydroxycarbofuran");
    assert_eq!(after["record"]["answered"]["notes"], json!(["residue-alone"]));
    assert_eq!(
        (&after["reproduces"], &after["results"][1]["verdict"]),
        (&json!(true), &json!("PASS")),
        "the old one stays"
    );
});
