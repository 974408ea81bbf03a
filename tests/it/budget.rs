//! What one sample costs the database (design 4b): at most 40 statements and 6 commits for a sample with five items
//! through order, receipt, results, check, review and authorization, with every line of the log. Counted without BEGIN,
//! SAVEPOINT, COMMIT, the linker's and the idempotency row's; signing grants are open.

use lis_tests::{Client, Person, TestLis, demonstrated};
use serde_json::{Value, json};

const STATEMENTS_MOST: u64 = 40;
const COMMITS_MOST: u64 = 6;

/// A program of somebody of the demonstration.
fn program(lis: &TestLis, username: &str, scope: &str) -> Client {
    let id = lis.numbers(&format!("SELECT id AS value FROM person WHERE username = '{username}'"))[0];
    let person = Person { id, username: username.to_owned(), roles: Vec::new() };
    lis.api(&lis.token(&person, &[scope]))
}

/// A command that must succeed.
fn done(api: &Client, path: &str, version: Option<i64>, body: &Value) -> Value {
    let ask = api.send_json("POST", path, body).key(&format!("budget {path}"));
    let reply = match version {
        Some(version) => ask.seen(version).send(),
        None => ask.send(),
    };
    assert!((200..300).contains(&reply.status), "{path}: {}", reply.shown());
    reply.json()
}

const ITEMS: [&str; 5] = ["pb", "cd", "total-hg", "cr", "ni"];

demonstrated!(a_sample_of_five_items_costs_at_most_forty_statements, |lis: TestLis| {
    let (bakery, custodian) = (program(&lis, "bakery", "use_portal"), program(&lis, "custodian", "receive_samples"));
    let (manager, tester) = (program(&lis, "manager", "assign_items"), program(&lis, "tester2", "enter_results"));
    let (bench, checker) = (program(&lis, "tester2", "see_bench"), program(&lis, "checker", "check_items"));
    let (reviewer, signatory) =
        (program(&lis, "reviewer", "review_reports"), program(&lis, "signatory", "authorize_reports"));
    let mut spent: Vec<(&str, (u64, u64))> = Vec::new();

    let items: Vec<String> = ITEMS.iter().map(|analyte| format!("{analyte}|GB 5009.268")).collect();
    let order = json!({
        "sample_name": "大米", "food_category": "milled-rice", "brand": "示例", "spec": "5 kg", "batch_no": "1",
        "production_date": "2026-11-10", "producer_name": "示例", "packing": "prepacked", "form_state": "solid",
        "storage": ["ambient"], "quantity": "1.5", "unit": "kg", "backup_quantity": "0.5", "items": items,
        "decision_rule": "results_only", "contact": "联系人", "phone": "13800000001", "report_copies": "1",
        "signed_by": "联系人",
    });
    let mut ordered = Value::Null;
    spent.push(("order", lis.counted(|| ordered = done(&bakery, "/api/v1/orders", None, &order))));
    let sample = ordered["sample_id"].as_i64().expect("a sample");

    let receipt = json!({
        "arrived_at": "2026-11-27 09:00", "delivery": "client", "deliverer": "联系人", "check_form": "yes",
        "check_seal": "yes", "check_package": "yes", "check_state": "yes", "check_quantity": "yes",
        "check_units": "not_applicable", "check_temperature": "not_applicable", "check_shelf_life": "yes",
        "check_label": "yes", "state_text": "固体", "decision": "accept", "test_location": "A-1", "backup_location": "B-1",
    });
    let path = format!("/api/v1/samples/{sample}/receipts");
    spent.push(("receive", lis.counted(|| drop(done(&custodian, &path, Some(1), &receipt)))));

    // Assignment, the sheet and its values come from the bench and the instruments; the budget is of the other steps.
    let tester_id = lis.numbers("SELECT id AS value FROM person WHERE username = 'tester2'")[0];
    let own = lis.numbers(&format!("SELECT id AS value FROM test_item WHERE sample_id = {sample} ORDER BY id"));
    assert_eq!(own.len(), ITEMS.len());
    let wanted: Vec<Value> = own.iter().map(|id| json!({"item": id, "version": 1, "tester": tester_id})).collect();
    done(&manager, "/api/v1/assignments", None, &json!({"assignments": wanted}));
    let sheet = done(&tester, "/api/v1/worksheets", None, &json!({"items": own}))["id"].as_i64().expect("a sheet");
    let view = bench.get(&format!("/api/v1/worksheets/{sheet}")).expect(200).json();
    let mut entries = Vec::new();
    for position in view["positions"].as_array().expect("positions") {
        for cell in position["cells"].as_array().expect("cells") {
            let value = match (cell["field"].as_str(), position["kind"].as_str()) {
                (Some("mass"), _) => "0.5",
                (Some("volume"), _) => "50",
                (_, Some("blank")) => "0.01",
                _ => "3.01",
            };
            entries.push(json!({
                "position": position["id"], "field": cell["field"], "replicate": cell["replicate"], "value": value,
                "seen": 0, "reason": "budget", "uuid": format!("budget-{}", entries.len()),
            }));
        }
    }
    done(&tester, &format!("/api/v1/worksheets/{sheet}/entries"), None, &json!({"entries": entries}));

    let path = format!("/api/v1/worksheets/{sheet}/submission");
    let mut submitted = Value::Null;
    spent.push(("results", lis.counted(|| submitted = done(&tester, &path, Some(1), &json!({})))));
    assert_eq!((&submitted["state"], submitted["results"].as_array().map(Vec::len)), (&json!("submitted"), Some(5)));

    let versions =
        lis.numbers(&format!("SELECT version AS value FROM test_item WHERE sample_id = {sample} ORDER BY id"));
    let seen: Vec<Value> =
        own.iter().zip(&versions).map(|(id, version)| json!({"id": id, "version": version})).collect();
    spent.push(("check", lis.counted(|| drop(done(&checker, "/api/v1/checks", None, &json!({"items": seen}))))));

    let report = lis.numbers(&format!("SELECT id AS value FROM report WHERE sample_id = {sample}"))[0];
    let path = |step: &str| format!("/api/v1/reports/{report}/{step}");
    spent.push(("review", lis.counted(|| drop(done(&reviewer, &path("review"), Some(1), &json!({}))))));
    spent.push(("authorize", lis.counted(|| drop(done(&signatory, &path("authorize"), Some(2), &json!({}))))));

    let statements: u64 = spent.iter().map(|(_, (statements, _))| statements).sum();
    let commits: u64 = spent.iter().map(|(_, (_, commits))| commits).sum();
    eprintln!("{statements} statements, {commits} commits: {spent:?}");
    assert!(statements <= STATEMENTS_MOST, "{statements} statements: {spent:?}");
    assert!(commits <= COMMITS_MOST, "{commits} commits: {spent:?}");
});
