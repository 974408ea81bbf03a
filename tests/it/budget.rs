//! What one sample costs the database (design 4b): at most 40 statements and 6 commits for a sample with five items
//! through order, receipt, results, check, review and authorization, with every line of the log; and no step costs more
//! because there are more items or samples. Counted without BEGIN, SAVEPOINT, COMMIT, the linker's and the idempotency
//! row's; signing grants are open.

use lis_tests::{Client, Person, TestLis, demonstrated};
use serde_json::{Value, json};

use crate::steps::House;

const STATEMENTS_MOST: u64 = 40;
const COMMITS_MOST: u64 = 6;

/// The steps that the budget is for. Assignment and the sheet come from the bench; `results` saves every value and submits.
const BUDGETED: &[&str] = &["order", "receive", "results", "check", "review", "authorize"];

/// Elements that one digestion and one run of the ICP-MS give.
const ELEMENTS: &[&str] = &["pb", "cd", "total-hg", "cr", "ni"];
const ELEMENTS_BY: &str = "GB 5009.268";

/// Pesticides of one extraction, each a residue of its own.
pub(crate) const PESTICIDES: &[&str] = &[
    "procymidone",
    "carbendazim",
    "abamectin",
    "etoxazole",
    "chlorpyrifos",
    "clothianidin",
    "thiamethoxam",
    "difenoconazole",
    "phoxim",
    "omethoate",
    "acephate",
    "acetamiprid",
    "dinotefuran",
    "propiconazole",
    "dichlorvos",
    "cyromazine",
    "fenthion",
    "pyraclostrobin",
    "dimethomorph",
    "tebuconazole",
];
pub(crate) const PESTICIDES_BY: &str = "GB 23200.121";

/// Statements and commits of each step.
pub(crate) type Spent = Vec<(&'static str, (u64, u64))>;

/// Programs of the people of the demonstration who do the work.
pub(crate) struct Staff<'l> {
    lis: &'l TestLis,
    tester_id: i64,
    bakery: Client,
    custodian: Client,
    manager: Client,
    tester: Client,
    bench: Client,
    checker: Client,
    reviewer: Client,
    signatory: Client,
}

impl<'l> Staff<'l> {
    pub(crate) fn of(lis: &'l TestLis) -> Self {
        let id =
            |username: &str| lis.numbers(&format!("SELECT id AS value FROM person WHERE username = '{username}'"))[0];
        let program = |username: &str, scope: &str| {
            let person = Person { id: id(username), username: username.to_owned(), roles: Vec::new() };
            lis.api(&lis.token(&person, &[scope]))
        };
        let house = House::of(lis);
        for (username, meaning) in [("checker", "checked"), ("reviewer", "reviewed"), ("signatory", "authorized")] {
            house.sign(username, meaning);
        }
        Self {
            lis,
            tester_id: id("tester2"),
            bakery: program("bakery", "use_portal"),
            custodian: program("custodian", "receive_samples"),
            manager: program("manager", "assign_items"),
            tester: program("tester2", "enter_results"),
            bench: program("tester2", "see_bench"),
            checker: program("checker", "check_items"),
            reviewer: program("reviewer", "review_reports"),
            signatory: program("signatory", "authorize_reports"),
        }
    }

    /// Samples of some items each go all the way together; the costs of a step that is made once for each sample are those
    /// of the last one.
    pub(crate) fn play(&self, run: &str, samples: usize, (analytes, method): (&[&str], &str)) -> Spent {
        let mut spent = Spent::new();
        let mut own: Vec<i64> = Vec::new();
        let mut last = 0;
        for number in 1..=samples {
            let (order, receipt) = (order_of(analytes, method), receipt());
            let mut ordered = Value::Null;
            let ordering = self
                .lis
                .counted(|| ordered = done(&self.bakery, "/api/v1/orders", &format!("{run}-{number}"), None, &order));
            last = ordered["sample_id"].as_i64().expect("a sample");
            let path = format!("/api/v1/samples/{last}/receipts");
            let receiving = self.lis.counted(|| drop(done(&self.custodian, &path, run, Some(1), &receipt)));
            own.extend(self.items(last).into_iter().map(|(id, _)| id));
            spent.retain(|(step, _)| !["order", "receive"].contains(step));
            spent.extend([("order", ordering), ("receive", receiving)]);
        }
        assert_eq!(own.len(), samples * analytes.len());

        let wanted: Vec<Value> =
            own.iter().map(|id| json!({"item": id, "version": 1, "tester": self.tester_id})).collect();
        let wanted = json!({"assignments": wanted});
        spent.push((
            "assign",
            self.lis.counted(|| drop(done(&self.manager, "/api/v1/assignments", run, None, &wanted))),
        ));
        let mut sheet = Value::Null;
        let chosen = json!({"items": own});
        let opening = self.lis.counted(|| sheet = done(&self.tester, "/api/v1/worksheets", run, None, &chosen));
        spent.push(("open", opening));
        let sheet = sheet["id"].as_i64().expect("a sheet");
        let values = self.values_of(sheet);
        let path = format!("/api/v1/worksheets/{sheet}/submission");
        let mut submitted = Value::Null;
        spent.push(("results", self.lis.counted(|| submitted = done(&self.tester, &path, run, Some(1), &values))));
        assert_eq!(submitted["state"], json!("submitted"));
        assert_eq!(submitted["results"].as_array().map(Vec::len), Some(own.len()));

        let seen: Vec<Value> = self
            .lis
            .numbers("SELECT DISTINCT sample_id AS value FROM test_item ORDER BY sample_id DESC")
            .into_iter()
            .take(samples)
            .flat_map(|sample| self.items(sample))
            .map(|(id, version)| json!({"id": id, "version": version}))
            .collect();
        let mut checked = Value::Null;
        let items = json!({"items": seen});
        spent.push(("check", self.lis.counted(|| checked = done(&self.checker, "/api/v1/checks", run, None, &items))));
        assert_eq!(checked["samples_done"], json!(samples));

        let report = self.lis.numbers(&format!("SELECT id AS value FROM report WHERE sample_id = {last}"))[0];
        let path = |step: &str| format!("/api/v1/reports/{report}/{step}");
        let reviewing = || drop(done(&self.reviewer, &path("review"), run, Some(1), &json!({})));
        spent.push(("review", self.lis.counted(reviewing)));
        let authorizing = || drop(done(&self.signatory, &path("authorize"), run, Some(2), &json!({})));
        spent.push(("authorize", self.lis.counted(authorizing)));
        spent
    }

    /// Ids and versions of a sample's items.
    fn items(&self, sample: i64) -> Vec<(i64, i64)> {
        let column = |name: &str| {
            self.lis.numbers(&format!("SELECT {name} AS value FROM test_item WHERE sample_id = {sample} ORDER BY id"))
        };
        column("id").into_iter().zip(column("version")).collect()
    }

    /// A value for every cell of a sheet.
    fn values_of(&self, sheet: i64) -> Value {
        let view = self.bench.get(&format!("/api/v1/worksheets/{sheet}")).expect(200).json();
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
                    "seen": 0, "reason": "budget", "uuid": format!("budget-{sheet}-{}", entries.len()),
                }));
            }
        }
        json!({"entries": entries})
    }
}

/// A command that must succeed.
fn done(api: &Client, path: &str, run: &str, version: Option<i64>, body: &Value) -> Value {
    let ask = api.send_json("POST", path, body).key(&format!("{run}{path}"));
    let reply = match version {
        Some(version) => ask.seen(version).send(),
        None => ask.send(),
    };
    assert!((200..300).contains(&reply.status), "{path}: {}", reply.shown());
    reply.json()
}

fn order_of(analytes: &[&str], method: &str) -> Value {
    let items: Vec<String> = analytes.iter().map(|analyte| format!("{analyte}|{method}")).collect();
    json!({
        "sample_name": "大米", "food_category": "milled-rice", "brand": "示例", "spec": "5 kg", "batch_no": "1",
        "production_date": "2026-11-10", "producer_name": "示例", "packing": "prepacked", "form_state": "solid",
        "storage": ["ambient"], "quantity": "1.5", "unit": "kg", "backup_quantity": "0.5", "items": items,
        "decision_rule": "results_only", "contact": "联系人", "phone": "13800000001", "report_copies": "1",
        "signed_by": "联系人",
    })
}

fn receipt() -> Value {
    json!({
        "arrived_at": "2026-11-27 09:00", "delivery": "client", "deliverer": "联系人", "check_form": "yes",
        "check_seal": "yes", "check_package": "yes", "check_state": "yes", "check_quantity": "yes",
        "check_units": "not_applicable", "check_temperature": "not_applicable", "check_shelf_life": "yes",
        "check_label": "yes", "state_text": "固体", "decision": "accept", "test_location": "A-1", "backup_location": "B-1",
    })
}

demonstrated!(a_sample_of_five_items_costs_at_most_forty_statements, |lis: TestLis| {
    let mut spent = Staff::of(&lis).play("five", 1, (ELEMENTS, ELEMENTS_BY));
    spent.retain(|(step, _)| BUDGETED.contains(step));
    assert_eq!(spent.len(), BUDGETED.len());
    let statements: u64 = spent.iter().map(|(_, (statements, _))| statements).sum();
    let commits: u64 = spent.iter().map(|(_, (_, commits))| commits).sum();
    eprintln!("{statements} statements, {commits} commits: {spent:?}");
    assert!(statements <= STATEMENTS_MOST, "{statements} statements: {spent:?}");
    assert!(commits <= COMMITS_MOST, "{commits} commits: {spent:?}");
});

demonstrated!(no_step_costs_more_for_more_items_or_samples, |lis: TestLis| {
    let staff = Staff::of(&lis);
    let five = staff.play("five", 1, (&PESTICIDES[..5], PESTICIDES_BY));
    let twenty = staff.play("twenty", 1, (PESTICIDES, PESTICIDES_BY));
    assert_eq!(five, twenty, "20 items cost what 5 cost");
    let three_samples = staff.play("samples", 3, (&PESTICIDES[..5], PESTICIDES_BY));
    assert_eq!(five, three_samples, "3 samples on one sheet cost what 1 costs");
});
