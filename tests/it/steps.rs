//! What the people of the demonstration do, step by step, through the API with their sessions: for tests that need a
//! sample at a certain station.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};

use lis_server::domain::clock::Clock;
use lis_server::upkeep::{Kind, watch};
use lis_tests::{Client, Person, Reply, TestLis};
use serde_json::{Value, json};

const PASSWORD: &str = "demo-laboratory";
pub const SIGNING_PASSWORD: &str = "demo-signature";

/// A laboratory after the demonstration, and the people who have signed in so far.
pub struct House<'l> {
    pub lis: &'l TestLis,
    clients: RefCell<BTreeMap<String, Rc<Client>>>,
}

/// A received sample.
#[derive(Clone, Debug)]
pub struct Sample {
    pub id: i64,
    pub number: String,
    /// Codes of its containers; the first is what chemistry tests.
    pub labels: Vec<String>,
}

impl Sample {
    pub fn label(&self) -> &str {
        &self.labels[0]
    }
}

/// An open worksheet.
#[derive(Clone, Debug)]
pub struct Sheet {
    pub id: i64,
    pub number: String,
    pub tester: String,
}

impl<'l> House<'l> {
    pub fn of(lis: &'l TestLis) -> Self {
        Self { lis, clients: RefCell::default() }
    }

    /// Somebody of the demonstration, signed in.
    pub fn by(&self, username: &str) -> Rc<Client> {
        let mut clients = self.clients.borrow_mut();
        let client = clients.entry(username.to_owned()).or_insert_with(|| {
            let client = self.lis.client();
            let form = client.form("/sign-in", "/sign-in").set("username", username).set("password", PASSWORD);
            client.send(&form).expect(303);
            Rc::new(client)
        });
        client.clone()
    }

    /// A program with its token from `demo.json`.
    pub fn program(&self, name: &str) -> Client {
        self.lis.api(self.lis.demo()["tokens"][name].as_str().expect("a token of the demonstration"))
    }

    pub fn person(&self, username: &str) -> i64 {
        self.lis.numbers(&format!("SELECT id AS value FROM person WHERE username = '{username}'"))[0]
    }

    #[track_caller]
    pub fn get(&self, username: &str, path: &str) -> Value {
        self.by(username).get(path).expect(200).json()
    }

    #[track_caller]
    pub fn items(&self, username: &str, path: &str) -> Vec<Value> {
        self.by(username).get(path).expect(200).items()
    }

    /// A command, whatever its answer.
    pub fn ask(&self, username: &str, path: &str, body: &Value) -> Reply {
        self.by(username).command(path, body).send()
    }

    /// A command on what was seen at a version, whatever its answer.
    pub fn ask_on(&self, username: &str, path: &str, version: i64, body: &Value) -> Reply {
        self.by(username).command(path, body).seen(version).send()
    }

    #[track_caller]
    pub fn done(&self, username: &str, path: &str, body: &Value) -> Value {
        good(self.ask(username, path, body))
    }

    #[track_caller]
    pub fn done_on(&self, username: &str, path: &str, version: i64, body: &Value) -> Value {
        good(self.ask_on(username, path, version, body))
    }

    /// The administrator gives somebody other roles; that ends his sessions.
    pub fn give_roles(&self, username: &str, roles: &[&str]) {
        let path = format!("/api/v1/people/{}", self.person(username));
        let admin = self.by("admin");
        let person = admin.get(&path).expect(200);
        let body = json!({"username": username, "name": person.json()["name"], "roles": roles});
        let changed = admin.send_json("PUT", &path, &body).header("sec-fetch-site", "same-origin");
        changed.key(&uuid()).seen(person.version()).send().expect(200);
        self.clients.borrow_mut().remove(username);
    }

    /// Opens a signing grant.
    pub fn sign(&self, username: &str, meaning: &str) {
        let body = json!({"meaning": meaning, "signing_password": SIGNING_PASSWORD});
        self.done(username, "/api/v1/signing-grants", &body);
    }

    /// Somebody's program that may make profiles.
    pub fn profile_maker(&self, username: &str) -> Client {
        let (id, username) = (self.person(username), username.to_owned());
        let person = Person { id, username, roles: Vec::new() };
        // A token waits for the database, which no thread that drives a browser may.
        let lis = self.lis;
        let make = || lis.token(&person, &["repair_readings"]);
        let token = std::thread::scope(|scope| scope.spawn(make).join()).expect("a token");
        lis.api(&token)
    }

    /// A profile made from an export by pointing at the column of samples; what saving answered.
    pub fn profile(&self, name: &str, file_name: &str, file: &[u8], sample_column: usize) -> Value {
        let api = self.profile_maker("tester2");
        let proposal = api.upload("/api/v1/profiles/proposals", file_name, file).send().expect(200).json();
        let point = json!({"sheet": 0, "row": 0, "column": sample_column, "means": "sample"});
        let body = json!({
            "example": proposal["example"], "file_name": file_name, "toml": proposal["toml"], "point": point,
        });
        let corrected = api.command("/api/v1/profiles/preview", &body).send().expect(200).json();
        let body = json!({
            "name": name, "title": "火焰光度计", "toml": corrected["toml"], "example": proposal["example"],
            "file_name": file_name, "based_on": "",
        });
        api.command("/api/v1/profiles", &body).send().expect(201).json()
    }

    /// A form written on the spot; the sample's id.
    pub fn write_form(&self, form: &Value) -> i64 {
        let body = json!({"client_uuid": uuid(), "form": form});
        number(&self.done("sampler1", "/api/v1/sampling-forms", &body), "sample_id")
    }

    /// The bakery orders; the sample's id.
    pub fn order(&self, order: &Value) -> i64 {
        number(&self.done("bakery", "/api/v1/orders", order), "sample_id")
    }

    pub fn receive(&self, id: i64) -> Sample {
        self.receive_with(id, &json!({}))
    }

    /// The same with some fields of the receipt changed.
    pub fn receive_with(&self, id: i64, changes: &Value) -> Sample {
        let body = with(receipt(), changes);
        let received = self.done_on("custodian", &format!("/api/v1/samples/{id}/receipts"), 1, &body);
        let labels = received["label_codes"].as_array().expect("labels").iter().map(text).collect();
        Sample { id, number: text(&received["sample_no"]), labels }
    }

    /// Gives every waiting item of a container to a tester; how many there were.
    pub fn assign(&self, label: &str, tester: &str) -> usize {
        let waiting = self.items("manager", "/api/v1/assignments?limit=500");
        let tester = self.person(tester);
        let chosen: Vec<Value> = waiting
            .iter()
            .filter(|item| item["label_code"] == label)
            .map(|item| json!({"item": item["id"], "version": item["version"], "tester": tester}))
            .collect();
        self.done("manager", "/api/v1/assignments", &json!({"assignments": chosen}));
        chosen.len()
    }

    /// A worksheet for one analyte of a container.
    pub fn open(&self, tester: &str, label: &str, analyte: &str) -> Sheet {
        let items = self.items(tester, "/api/v1/items?state=assigned&limit=500");
        let wanted = |item: &&Value| item["label_code"] == label && item["analyte"] == analyte;
        let ids: Vec<i64> = items.iter().filter(wanted).map(|item| number(item, "id")).collect();
        let opened = self.done(tester, "/api/v1/worksheets", &json!({"items": ids}));
        Sheet { id: number(&opened, "id"), number: text(&opened["worksheet_no"]), tester: tester.to_owned() }
    }

    pub fn sheet(&self, sheet: &Sheet) -> Value {
        self.get(&sheet.tester, &format!("/api/v1/worksheets/{}", sheet.id))
    }

    /// The bodies of typed values: container, analyte, input, value.
    pub fn entries(&self, sheet: &Sheet, cells: &[(&str, &str, &str, &str)]) -> Value {
        let view = self.sheet(sheet);
        let positions = view["positions"].as_array().expect("positions");
        let entry = |(label, analyte, field, value): &(&str, &str, &str, &str)| {
            let place = positions.iter().find(|one| one["label_code"] == *label && one["analyte"] == *analyte);
            let place = place.unwrap_or_else(|| panic!("{} has no place for {label} {analyte}", sheet.number));
            json!({
                "position": place["id"], "field": field, "replicate": 1, "value": value, "seen": 0,
                "reason": "仪器停机，读数手工录入", "uuid": uuid(),
            })
        };
        json!({"entries": cells.iter().map(entry).collect::<Vec<_>>()})
    }

    pub fn type_in(&self, sheet: &Sheet, cells: &[(&str, &str, &str, &str)]) {
        let body = self.entries(sheet, cells);
        self.done(&sheet.tester, &format!("/api/v1/worksheets/{}/entries", sheet.id), &body);
    }

    /// Calculates and judges; the state of the sheet afterwards.
    pub fn submit(&self, sheet: &Sheet) -> String {
        let version = number(&self.sheet(sheet), "version");
        let path = format!("/api/v1/worksheets/{}/submission", sheet.id);
        text(&self.done_on(&sheet.tester, &path, version, &json!({}))["state"])
    }

    /// The checker signs what is calculated of a container; how many items that were.
    pub fn check(&self, label: &str) -> usize {
        self.sign("checker", "checked");
        let items = self.items("checker", "/api/v1/items?state=calculated&limit=500");
        let seen: Vec<Value> = items
            .iter()
            .filter(|item| item["label_code"] == label)
            .map(|item| json!({"id": item["id"], "version": item["version"]}))
            .collect();
        self.done("checker", "/api/v1/checks", &json!({"items": seen}));
        seen.len()
    }

    /// The newest report of a sample.
    pub fn report(&self, sample: i64) -> Value {
        let reports = self.items("reviewer", "/api/v1/reports");
        let own = reports.into_iter().filter(|report| report["sample_id"] == sample);
        own.max_by_key(|report| number(report, "id")).unwrap_or_else(|| panic!("sample {sample} has no report"))
    }

    /// Review, authorization, and the file that a background thread makes; the issued report.
    pub fn issue(&self, sample: i64) -> Value {
        for (username, meaning, step) in [("reviewer", "reviewed", "review"), ("signatory", "authorized", "authorize")]
        {
            self.sign(username, meaning);
            let report = self.report(sample);
            let path = format!("/api/v1/reports/{}/{step}", report["id"]);
            self.done_on(username, &path, number(&report, "version"), &json!({}));
        }
        self.lis.work();
        let report = self.report(sample);
        assert_eq!(report["state"], "issued", "{report}");
        report
    }

    /// Cadmium of rice on a sheet of its own: (reading - 0.01) x 10 / 500 mg/kg; the limit is 0.2.
    pub fn measure_cadmium(&self, label: &str, tester: &str, reading: &str) -> Sheet {
        let sheet = self.open(tester, label, "cd");
        let (blank, duplicate) = (format!("{}-B1", sheet.number), format!("{}-D1", sheet.number));
        let mut cells = vec![(blank.as_str(), "cd", "reading", "0.01")];
        for place in [label, &duplicate] {
            cells.extend([(place, "cd", "reading", reading), (place, "cd", "volume", "10")]);
            cells.push((place, "cd", "mass", "0.5000"));
        }
        self.type_in(&sheet, &cells);
        assert_eq!(self.submit(&sheet), "submitted");
        sheet
    }

    /// A report on entrusted rice for the bakery, issued.
    pub fn entrusted_report(&self, reading: &str) -> (Sample, Value) {
        let sample = self.receive(self.order(&rice_order()));
        self.assign(sample.label(), "tester2");
        self.measure_cadmium(sample.label(), "tester2", reading);
        self.check(sample.label());
        let report = self.issue(sample.id);
        (sample, report)
    }

    /// Rice of the supermarket in Wen'an, made in Dachang, ordered by Bazhou: cadmium 0.4998 mg/kg fails.
    pub fn failing_case(&self) -> (Sample, Value) {
        let sample = self.receive(self.write_form(&market_rice()));
        self.assign(sample.label(), "tester2");
        self.measure_cadmium(sample.label(), "tester2", "25.00");
        let toxin = self.open("tester2", sample.label(), "aflatoxin-b1");
        let (blank, duplicate) = (format!("{}-B1", toxin.number), format!("{}-D1", toxin.number));
        let mut cells = vec![(blank.as_str(), "aflatoxin-b1", "reading", "0.00")];
        for place in [sample.label(), &duplicate] {
            cells.push((place, "aflatoxin-b1", "reading", "1.13"));
            cells.extend([(place, "aflatoxin-b1", "volume", "4"), (place, "aflatoxin-b1", "mass", "5.00")]);
        }
        self.type_in(&toxin, &cells);
        assert_eq!(self.submit(&toxin), "submitted");
        assert_eq!(self.check(sample.label()), 2);
        let report = self.issue(sample.id);
        assert_eq!(report["conclusion"], "fail");
        (sample, report)
    }
}

#[track_caller]
fn good(reply: Reply) -> Value {
    assert!((200..300).contains(&reply.status), "{}", reply.shown());
    if reply.body.is_empty() { Value::Null } else { reply.json() }
}

#[track_caller]
pub fn number(value: &Value, field: &str) -> i64 {
    value[field].as_i64().unwrap_or_else(|| panic!("no number {field} in {value}"))
}

#[track_caller]
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// An id that no client made before.
pub fn uuid() -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    format!("00000000-0000-4000-8000-{:012x}", NUMBER.fetch_add(1, Ordering::SeqCst))
}

/// A version of a profile, made if there is none: the demonstration leaves none.
pub fn a_profile(lis: &TestLis) -> i64 {
    let newest = || lis.numbers("SELECT id AS value FROM instrument_profile ORDER BY id DESC");
    if newest().is_empty() {
        let file = "Bottle,Label,Analyte,Result,Unit\n1,F1,Pb,0.10,mg/kg\n2,F2,Pb,0.20,mg/kg\n";
        House::of(lis).profile("flame_meter", "run-1.csv", file.as_bytes(), 1);
    }
    newest()[0]
}

/// An unsatisfactory round of a proficiency test, recorded if there is none: (0.190 - 0.250) / 0.020 = -3.
pub fn a_round(lis: &TestLis) -> i64 {
    let newest = || lis.numbers("SELECT id AS value FROM proficiency_round ORDER BY id DESC");
    if newest().is_empty() {
        House::of(lis).done("quality", "/api/v1/proficiency-rounds", &round("0.190"));
    }
    newest()[0]
}

/// A round for cadmium with an own result; the assigned value is 0.250, its standard deviation 0.020 mg/kg.
pub fn round(own: &str) -> Value {
    json!({
        "provider": "示例能力验证提供者", "scheme": "PT-2026-01", "analyte": "镉", "matrix": "大米粉",
        "method": "GB 5009.15", "unit": "mg/kg", "assigned_value": "0.250", "sigma_pt": "0.020", "own_result": own,
        "reported_on": "2026-11-20",
    })
}

/// An edition of a controlled document that the technical manager brought, if there is none.
pub fn a_document(lis: &TestLis) -> i64 {
    let newest = || lis.numbers("SELECT id AS value FROM controlled_document ORDER BY id DESC");
    if newest().is_empty() {
        bring_document(&House::of(lis), "manager", &[], DOCUMENT).expect(201);
    }
    newest()[0]
}

/// A controlled document.
pub const DOCUMENT: &[u8] = b"%PDF-1.7 how samples are received";

/// Sends an edition of a document as a page does that calls the API; later fields take the place of earlier ones.
pub fn bring_document(house: &House, username: &str, changes: &[(&str, &str)], file: &[u8]) -> Reply {
    let client = house.by(username);
    let csrf = client.form("/account", "/account/password").value("csrf").expect("a token").to_owned();
    let usual = [
        ("csrf", csrf.as_str()),
        ("number", "SOP-017"),
        ("edition", "A/0"),
        ("title_zh", "样品接收程序"),
        ("title_en", "Receipt of samples"),
        ("kind", "sop"),
        ("valid_from", "2026-01-01"),
    ];
    let kept = usual.into_iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    let fields: Vec<(&str, &str)> = kept.chain(changes.iter().copied()).collect();
    client.upload_beside("/api/v1/controlled-documents", &fields, "document.pdf", file).key(&uuid()).send()
}

/// A supplier of the register, added if there is none.
pub fn a_supplier(lis: &TestLis) -> i64 {
    let newest = || lis.numbers("SELECT id AS value FROM supplier ORDER BY id DESC");
    if newest().is_empty() {
        House::of(lis).done("quality", "/api/v1/suppliers", &supplier("示例试剂公司"));
    }
    newest()[0]
}

/// A supplier of materials who is approved this year.
pub fn supplier(name: &str) -> Value {
    json!({
        "name": name, "provides": "materials", "approved_from": "2026-01-01", "approved_until": "2026-12-31",
        "evaluated_on": "2026-01-05", "evaluation": "资质齐全，三批次验收合格",
    })
}

/// A calibration and its instrument, written down if there is none.
pub fn a_calibration(lis: &TestLis) -> (i64, i64) {
    let newest = || lis.numbers("SELECT id AS value FROM calibration ORDER BY id DESC");
    if newest().is_empty() {
        let house = House::of(lis);
        let id = lis.numbers("SELECT max(id) AS value FROM instrument")[0];
        let version = number(&house.get("manager", &format!("/api/v1/instruments/{id}/history")), "version");
        let body = json!({
            "kind": "calibration", "certificate_no": "示例 0", "performed_by": "示例计量院", "performed_on": "2026-11-02",
            "next_due": "2027-11-01", "result": "qualified",
        });
        house.done_on("manager", &format!("/api/v1/instruments/{id}/calibrations"), version, &body);
    }
    let record = newest()[0];
    let of = format!("SELECT instrument_id AS value FROM calibration WHERE id = {record}");
    (lis.numbers(&of)[0], record)
}

/// A planned comparison, planned if there is none.
pub fn a_comparison(lis: &TestLis) -> i64 {
    let newest = || lis.numbers("SELECT id AS value FROM comparison ORDER BY id DESC");
    if newest().is_empty() {
        House::of(lis).done("quality", "/api/v1/comparisons", &comparison());
    }
    newest()[0]
}

/// Two people test cadmium in one rice flour; their results may be 0.020 mg/kg apart.
pub fn comparison() -> Value {
    json!({
        "kind": "person", "method": "GB 5009.15", "analyte": "镉", "unit": "mg/kg", "first": "检验员甲",
        "second": "检验员乙", "allowed_difference": "0.020", "due_on": "2026-12-20",
    })
}

/// Another laboratory of the register, added if there is none.
pub fn a_subcontractor(lis: &TestLis) -> i64 {
    let newest = || lis.numbers("SELECT id AS value FROM subcontractor ORDER BY id DESC");
    if newest().is_empty() {
        House::of(lis).done("quality", "/api/v1/subcontractors", &subcontractor());
    }
    newest()[0]
}

/// A laboratory that may test by every method.
pub fn subcontractor() -> Value {
    json!({
        "name": "邻市检验中心", "accreditation_no": "170000000000", "methods": "*", "valid_until": "2027-12-31",
        "evaluated_on": "2026-11-20",
    })
}

/// A complaint, taken if there is none.
pub fn a_complaint(lis: &TestLis) -> i64 {
    let newest = || lis.numbers("SELECT id AS value FROM complaint ORDER BY id DESC");
    if newest().is_empty() {
        House::of(lis).done("quality", "/api/v1/complaints", &complaint(""));
    }
    newest()[0]
}

/// A validation run, made if there is none.
pub fn a_validation_run(lis: &TestLis) -> i64 {
    let newest = || lis.numbers("SELECT id AS value FROM validation_run ORDER BY id DESC");
    if newest().is_empty() {
        let question = r#"{"id":"r1","ask":{"op":"round","x":"1.25","interval":"0.1"},"expect":{"value":"1.2"}}"#;
        validate(&House::of(lis), "quality", "own.jsonl", question).expect(201);
    }
    newest()[0]
}

/// A check of the files that found one changed on the disk, made if there is none. Nothing rests on that file.
pub fn a_failed_check(lis: &TestLis) -> i64 {
    let newest = || lis.numbers("SELECT id AS value FROM upkeep_run WHERE NOT good ORDER BY id DESC");
    if newest().is_empty() {
        let folder = lis.database.directory().join("files").join("00");
        std::fs::create_dir_all(&folder).expect("a folder of the store");
        std::fs::write(folder.join("0".repeat(64)), "changed").expect("a file of the store");
        let day = lis.clock.now().date_in_china();
        watch::run(&lis.app, Kind::Files, day).expect("a check").expect("the first of its day");
    }
    newest()[0]
}

/// Sends a validation file as a page does that calls the API.
pub fn validate(house: &House, username: &str, file_name: &str, text: &str) -> Reply {
    let client = house.by(username);
    let csrf = client.form("/account", "/account/password").value("csrf").expect("a token").to_owned();
    client.upload_beside("/api/v1/validation-runs", &[("csrf", &csrf)], file_name, text.as_bytes()).send()
}

/// A verification of the method of cadmium, kept if there is none.
pub fn a_verification(lis: &TestLis) -> i64 {
    let newest = || lis.numbers("SELECT id AS value FROM method_verification ORDER BY id DESC");
    if newest().is_empty() {
        verify_method(&House::of(lis), "manager", &[], RECORD).expect(201);
    }
    newest()[0]
}

/// A record of a verification.
pub const RECORD: &[u8] = b"%PDF-1.4 record of a verification";

/// Sends a verification of the method of cadmium as a page does that calls the API; later fields take the place of earlier
/// ones.
pub fn verify_method(house: &House, username: &str, changes: &[(&str, &str)], record: &[u8]) -> Reply {
    let client = house.by(username);
    let csrf = client.form("/account", "/account/password").value("csrf").expect("a token").to_owned();
    let usual = [
        ("csrf", csrf.as_str()),
        ("method", "gb5009.15-2023/gfaas"),
        ("performed_on", "2026-11-20"),
        ("performed_by", "检验员乙"),
        ("recovery", "92 % ~ 105 %"),
        ("lod", "0.001 mg/kg"),
        ("conclusion", "suitable"),
    ];
    let kept = usual.into_iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    let fields: Vec<(&str, &str)> = kept.chain(changes.iter().copied()).collect();
    client.upload_beside("/api/v1/method-verifications", &fields, "record.pdf", record).key(&uuid()).send()
}

/// A room with limits that no method demands, added if there is none.
pub fn a_room(lis: &TestLis) -> i64 {
    let newest = || lis.numbers("SELECT id AS value FROM room ORDER BY id DESC");
    if newest().is_empty() {
        House::of(lis).done("manager", "/api/v1/rooms", &room("A-100", ""));
    }
    newest()[0]
}

/// A time in which a room lay outside its limits, over and not handled, made if there is none.
pub fn an_excursion(lis: &TestLis) -> i64 {
    let newest = || lis.numbers("SELECT id AS value FROM room_excursion ORDER BY id DESC");
    if newest().is_empty() {
        let (house, path) = (House::of(lis), format!("/api/v1/rooms/{}/readings", a_room(lis)));
        for (at, temperature) in [("2026-11-25 08:00", "30.0"), ("2026-11-25 09:00", "20.0")] {
            let body = json!({"read_at": at, "temperature": temperature, "humidity": "45"});
            house.done("tester2", &path, &body);
        }
    }
    newest()[0]
}

/// A room from 15 to 25 degrees and at most 65 per cent, as some methods demand.
pub fn room(code: &str, methods: &str) -> Value {
    json!({
        "code": code, "name": "天平室", "temperature_least": "15", "temperature_most": "25", "humidity_least": "",
        "humidity_most": "65", "methods": methods, "instruments": "",
    })
}

/// A line of the accredited scope, added if there is none.
pub fn a_scope_line(lis: &TestLis) -> i64 {
    let newest = || lis.numbers("SELECT id AS value FROM accredited_scope ORDER BY id DESC");
    if newest().is_empty() {
        House::of(lis).done("manager", "/api/v1/accredited-scope", &scope_line("铅", "GB 5009.12"));
    }
    newest()[0]
}

/// A line of the certificate of CMA.
pub fn scope_line(analytes: &str, method: &str) -> Value {
    json!({
        "scheme": "CMA", "certificate_no": "230000000001", "analytes": analytes, "method_standard": method,
        "procedure": "", "food_categories": "milled-rice", "restrictions": "", "valid_from": "2026-01-01",
        "valid_until": "2031-12-31",
    })
}

/// A complaint about a report, or about none.
pub fn complaint(report_no: &str) -> Value {
    json!({
        "complainant": "示例企业", "contact": "13800000009", "report_no": report_no, "sample_no": "",
        "content": "报告送达迟于约定日期", "received_at": "2026-11-26 09:00",
    })
}

/// A receipt without complaints.
pub fn receipt() -> Value {
    json!({
        "arrived_at": "2026-11-27 08:30", "delivery": "sampler", "deliverer": "抽样员甲", "check_form": "yes",
        "check_seal": "yes", "check_package": "yes", "check_state": "yes", "check_quantity": "yes",
        "check_units": "not_applicable", "check_temperature": "not_applicable", "check_shelf_life": "yes",
        "check_label": "yes", "state_text": "固体，包装完好", "decision": "accept", "test_location": "A-2-1",
        "backup_location": "B-2-2", "micro_location": "",
    })
}

/// An entrusted order for cadmium in rice.
pub fn rice_order() -> Value {
    json!({
        "sample_name": "大米", "food_category": "milled-rice", "brand": "金穗", "spec": "500 g",
        "production_date": "2026-11-10", "expiry_date": "2027-05-10", "batch_no": "20261110", "product_std": "",
        "producer_name": "霸州示例糕点厂", "packing": "prepacked", "form_state": "solid", "storage": ["ambient"],
        "quantity": "1.5", "unit": "kg", "backup_quantity": "0.5", "micro_units": "", "items": ["cd|GB 5009.15"],
        "decision_rule": "full_value", "contact": "糕点厂联系人", "phone": "13800000001", "report_copies": "1",
        "signed_by": "糕点厂联系人",
    })
}

/// A supervision form: rice of the supermarket, with its maker.
pub fn market_rice() -> Value {
    let goods = json!({
        "task_category": "supervision", "ordering_name": "霸州市市场监督管理局", "ordering_region": "131081",
        "unit_name": "文安示例超市", "unit_uscc": "91131026MA0DEM03XE", "unit_address": "示例路 3 号",
        "unit_region": "131026100", "area_type": "city", "contact": "示例联系人", "phone": "13800000003",
        "stage": "trade", "place": "trade_supermarket", "sample_name": "大米", "food_category": "milled-rice",
        "sample_source": "bought_in", "sample_attr": "ordinary", "goods_type": "processed", "packing": "loose",
        "date_kind": "purchased", "production_date": "2026-11-02", "form_state": "solid", "storage": ["ambient"],
        "unit_price": "6.80", "lot_size": "50", "lot_unit": "kg", "qty_total": "3.0", "qty_test": "2.0",
        "qty_backup": "1.0", "qty_unit": "kg", "sampling_mode": "ordinary", "seal_test_no": "J000201",
        "seal_backup_no": "B000201", "ship_deadline": "2026-11-30", "ship_to": "共享食品检测实验室",
        "sampling_unit": "示例抽样单位", "sampler1": "抽样员甲", "sampler2": "抽样员乙", "unit_signed_by": "店长",
        "sampled_at": "2026-11-26 15:30",
    });
    let maker = json!({
        "producer_name": "大厂示例蔬菜种植合作社", "producer_address": "示例路 5 号", "producer_region": "131028",
    });
    with(goods, &maker)
}

/// The same with some fields changed.
pub fn with(mut body: Value, changes: &Value) -> Value {
    body.as_object_mut().expect("an object").extend(changes.as_object().expect("an object").clone());
    body
}
