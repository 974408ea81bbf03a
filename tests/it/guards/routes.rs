//! Every route × every role, nobody, and a program whose token lacks the scope, against the table `routes.csv`, which
//! is written by hand. Each route is asked with real ids and an empty form or document: what the table says is the
//! answer to that.
//!
//! Columns: `roles` are those that may come in, separated by blanks (`all`: everybody); `allowed` is the status that
//! these get, `others` that of every other signed-in person, `nobody` without signing in, `token` with a token that
//! has the scope `read_log` alone. Signing out stands last, because it ends the session that the others need.

use std::collections::BTreeSet;

use lis_server::accounts::Role;
use lis_server::accounts::actions::PersonInput;
use lis_server::server;
use lis_server::web::routes::RouteInfo;
use lis_tests::{Client, Database, Person, TestLis, demonstrated};

use super::none;

const TABLE: &str = include_str!("routes.csv");

#[derive(Clone, Debug)]
struct Line {
    method: String,
    path: String,
    /// `None`: everybody.
    roles: Option<Vec<Role>>,
    allowed: u16,
    /// `None`: there are no others.
    others: Option<u16>,
    nobody: u16,
    token: u16,
}

fn table(text: &str) -> Vec<Line> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.records().map(|record| line(&record.expect("a line of the table"))).collect()
}

fn line(record: &csv::StringRecord) -> Line {
    let status = |column: usize| record[column].parse().unwrap_or_else(|_| panic!("{record:?}: column {column}"));
    let role = |code| Role::parse(code).unwrap_or_else(|| panic!("{record:?}: there is no role {code}"));
    Line {
        method: record[0].to_owned(),
        path: record[1].to_owned(),
        roles: (&record[2] != "all").then(|| record[2].split(' ').map(role).collect()),
        allowed: status(3),
        others: (&record[4] != "-").then(|| status(4)),
        nobody: status(5),
        token: status(6),
    }
}

/// Routes without a line and lines without a route.
fn unmatched(routes: &[RouteInfo], table: &[Line]) -> Vec<String> {
    let routes: BTreeSet<(String, String)> =
        routes.iter().map(|route| (route.method.clone(), route.path.to_owned())).collect();
    let lines: BTreeSet<(String, String)> = table.iter().map(|line| (line.method.clone(), line.path.clone())).collect();
    let missing = routes.difference(&lines).map(|(method, path)| {
        format!(
            "{method} {path} has no line in tests/it/guards/routes.csv. Write one: who may come in, and what everybody \
             else is answered (docs: the head of tests/it/guards/routes.rs)."
        )
    });
    let left = lines.difference(&routes).map(|(method, path)| format!("{method} {path} is in the table but no route."));
    missing.chain(left).collect()
}

/// What the routes are asked about, and who asks.
struct World<'a> {
    lis: &'a TestLis,
    target: Person,
    things: Things,
    askers: Vec<(String, Option<Role>, Client, Option<String>)>,
}

impl<'a> World<'a> {
    fn new(lis: &'a TestLis) -> Self {
        let target = lis.person("target", &[Role::Tester]);
        // Somebody else set his password: there is something to be released.
        lis.sql(&format!("UPDATE person SET signing_held = TRUE WHERE id = {}", target.id)).expect("held");
        let mut askers = vec![("nobody".to_owned(), None, lis.client(), None)];
        // Goods and cases of the demonstration are the asking firm's.
        let firm = lis.numbers("SELECT enterprise_id AS value FROM person WHERE username = 'market'")[0];
        lis.sql(&format!("UPDATE sample SET client_id = {firm} WHERE client_id IS NOT NULL")).expect("own orders");
        for role in Role::ALL {
            let person = lis.person_as(&PersonInput {
                username: format!("the-{}", role.code().replace('_', "-")),
                name: role.code().to_owned(),
                language: "en".to_owned(),
                roles: vec![role.code().to_owned()],
                region_code: if *role == Role::Regulator { "131081".to_owned() } else { String::new() },
                enterprise_id: (*role == Role::Enterprise).then_some(firm),
                ..PersonInput::default()
            });
            let client = lis.signed_in(&person);
            let csrf = client.form("/account", "/account/password").value("csrf").map(str::to_owned);
            askers.push((role.code().to_owned(), Some(*role), client, csrf));
        }
        let owner = lis.person("owner", &[Role::Administrator]);
        let token = lis.token(&owner, &["read_log"]);
        askers.push(("token".to_owned(), None, lis.api(&token), None));
        Self { lis, target, things: things(lis), askers }
    }

    /// The path with its variables filled in by things that exist.
    fn address(&self, path: &str) -> String {
        let mut path = path.replace("{language}", "en");
        if path.contains("{token}") {
            self.lis.token(&self.target, &["read_log"]);
            let newest = self.lis.numbers("SELECT max(id) AS value FROM api_token")[0];
            path = path.replace("{token}", &newest.to_string());
        }
        if ["/people", "/api/v1/people", "/signing-releases"].iter().any(|room| path.starts_with(room)) {
            path = path.replace("{id}", &self.target.id.to_string());
        }
        filled(&path, &self.things)
    }

    /// Where the answers differ from the table.
    fn differences(&self, table: &[Line]) -> Vec<String> {
        let mut differences = Vec::new();
        for line in table {
            for (name, role, client, csrf) in &self.askers {
                let expected = match (name.as_str(), role, &line.roles) {
                    ("nobody", ..) => Some(line.nobody),
                    ("token", ..) => Some(line.token),
                    (_, Some(role), Some(roles)) if !roles.contains(role) => line.others,
                    _ => Some(line.allowed),
                };
                let Some(expected) = expected else {
                    differences.push(format!("{} {}: who are the others?", line.method, line.path));
                    continue;
                };
                let status = ask(client, &line.method, &self.address(&line.path), csrf.as_deref());
                if status != expected {
                    differences.push(format!(
                        "{} {} as {name}: answered {status}, the table says {expected}",
                        line.method, line.path
                    ));
                }
            }
        }
        differences
    }
}

/// Asks with an empty form (with the token that the session's forms carry) or an empty document.
fn ask(client: &Client, method: &str, path: &str, csrf: Option<&str>) -> u16 {
    let ask = client.ask(method, path);
    let ask = match (method, path.starts_with("/api/")) {
        ("GET", _) => ask,
        (_, true) => ask.header("sec-fetch-site", "same-origin").json(&serde_json::json!({})),
        (_, false) => {
            let csrf = csrf.map_or_else(String::new, |csrf| format!("csrf={csrf}"));
            ask.header("sec-fetch-site", "same-origin").form_body(csrf)
        }
    };
    ask.send().status
}

#[test]
fn every_route_has_a_line_and_every_line_a_route() {
    none(unmatched(&server::route_infos(), &table(TABLE)));
}

#[test]
fn a_route_without_a_line_is_noticed() {
    let (mut routes, mut lines) = (server::route_infos(), table(TABLE));
    let before = unmatched(&routes, &lines).len();
    routes.push(RouteInfo { path: "/secrets", method: "GET".to_owned(), gate: "anyone" });
    let complaints = unmatched(&routes, &lines);
    assert_eq!(complaints.len(), before + 1);
    assert!(complaints.iter().any(|said| said.starts_with("GET /secrets has no line in")), "{complaints:?}");
    lines[0].path = "/gone".to_owned();
    assert_eq!(unmatched(&routes, &lines).len(), before + 3, "a line of no route, and a route that lost its line");
}

/// What stands for the variables of paths: the beginning of the paths, the variable, its value.
pub(crate) type Things = Vec<(&'static str, &'static str, String)>;

/// One of everything that the demonstration left, and what it leaves none of: a profile, a round of a proficiency test, a
/// comparison, a complaint, another laboratory, a document, a signed validation, a verification of a method, a room that lay outside its
/// limits, a line of the accredited scope, a check that failed, a finding of possible serious harm.
pub(crate) fn things(lis: &TestLis) -> Things {
    crate::steps::a_profile(lis);
    crate::steps::a_round(lis);
    crate::steps::a_comparison(lis);
    crate::steps::a_complaint(lis);
    crate::steps::a_subcontractor(lis);
    crate::steps::a_supplier(lis);
    crate::steps::a_document(lis);
    crate::steps::a_room(lis);
    crate::steps::an_excursion(lis);
    crate::steps::a_scope_line(lis);
    crate::steps::a_program_validation(lis);
    crate::steps::a_failed_check(lis);
    crate::steps::a_verification(lis);
    crate::steps::an_urgent_finding(lis);
    crate::steps::a_rapid_test(lis);
    let thing = |(path, variable, query): &(&'static str, &'static str, &str)| {
        let found = lis.texts(&format!("SELECT CAST(({query}) AS TEXT) AS value"));
        (*path, *variable, found.into_iter().next().unwrap_or_default())
    };
    THINGS.iter().map(thing).collect()
}

/// A path with its variables filled in.
pub(crate) fn filled(path: &str, things: &Things) -> String {
    let mut path = path.to_owned();
    let asked = path.replacen("/api/v1", "", 1);
    for (beginning, variable, value) in things {
        if asked.starts_with(beginning) && path.contains(variable) {
            path = path.replace(variable, value);
        }
    }
    assert!(!path.contains('{'), "{path}: tests/it/guards/routes.rs does not know this variable yet");
    path
}

/// The beginning of the paths, the variable, a query for its value; of several lines the first that fits holds.
const THINGS: &[(&str, &str, &str)] = &[
    ("/assignment", "{id}", "SELECT max(id) FROM test_item"),
    ("/authorizations", "{id}", "SELECT max(id) FROM person_authorization"),
    ("/campaigns", "{id}", "SELECT max(id) FROM campaign"),
    ("/campaigns", "{response}", "SELECT max(id) FROM campaign_response"),
    ("/campaigns", "{witness}", "SELECT max(id) FROM campaign_witness"),
    ("/campaigns", "{plan}", "SELECT max(id) FROM sampling_plan"),
    ("/cases", "{id}", "SELECT max(id) FROM failing_case"),
    ("/cases", "{event}", "SELECT max(id) FROM case_event"),
    ("/cases", "{application}", "SELECT max(id) FROM case_application"),
    ("/failing-results", "{event}", "SELECT max(id) FROM case_event"),
    ("/catalogue/import", "{sha256}", "SELECT max(sha256) FROM form_import"),
    ("/catalogue/sets", "{id}", "SELECT max(id) FROM catalogue_set"),
    ("/catalogue-sets", "{id}", "SELECT max(id) FROM catalogue_set"),
    ("/check", "{id}", "SELECT max(item_id) FROM result_version"),
    ("/items", "{id}", "SELECT max(item_id) FROM result_version"),
    ("/deliveries/jobs", "{id}", "SELECT max(id) FROM job"),
    ("/deliveries", "{id}", "SELECT max(id) FROM mail"),
    ("/draws", "{id}", "SELECT max(id) FROM random_draw"),
    ("/enterprises", "{id}", "SELECT max(id) FROM enterprise"),
    ("/evidence", "{id}", "SELECT max(id) FROM instrument_message"),
    ("/instrument-messages", "{id}", "SELECT max(id) FROM instrument_message"),
    ("/observations", "{id}", "SELECT max(id) FROM observation"),
    ("/inbox", "{id}", "SELECT max(id) FROM instrument_message"),
    ("/inbox", "{observation}", "SELECT max(id) FROM observation"),
    ("/imports", "{sha256}", "SELECT max(sha256) FROM form_import"),
    ("/instruments", "{id}", "SELECT max(id) FROM instrument"),
    ("/instruments", "{calibration}", "SELECT coalesce(max(id), 0) FROM calibration"),
    ("/jobs", "{id}", "SELECT max(id) FROM job"),
    ("/nonconforming-work", "{id}", "SELECT max(id) FROM nonconforming_work"),
    ("/quality/urgent-findings", "{id}", "SELECT max(id) FROM urgent_finding"),
    ("/urgent-findings", "{id}", "SELECT max(id) FROM urgent_finding"),
    ("/rapid-tests", "{id}", "SELECT max(id) FROM rapid_test"),
    ("/rapid-tests", "{picture}", "SELECT 0"),
    ("/quality/worksheets", "{id}", "SELECT max(id) FROM worksheet"),
    ("/quality/proficiency", "{id}", "SELECT max(id) FROM proficiency_round"),
    ("/proficiency-rounds", "{id}", "SELECT max(id) FROM proficiency_round"),
    ("/quality/comparisons", "{id}", "SELECT max(id) FROM comparison"),
    ("/comparisons", "{id}", "SELECT max(id) FROM comparison"),
    ("/complaints", "{id}", "SELECT max(id) FROM complaint"),
    ("/quality/transfers", "{id}", "SELECT max(id) FROM result_entry WHERE observation_id IS NOT NULL"),
    ("/transfers", "{id}", "SELECT max(id) FROM result_entry WHERE observation_id IS NOT NULL"),
    ("/catalogue/verifications", "{id}", "SELECT max(id) FROM method_verification"),
    ("/method-verifications", "{id}", "SELECT max(id) FROM method_verification"),
    ("/quality/validation/program", "{id}", "SELECT max(id) FROM program_validation"),
    ("/quality/validation", "{id}", "SELECT max(id) FROM validation_run"),
    ("/program-validations", "{id}", "SELECT max(id) FROM program_validation"),
    ("/validation-runs", "{id}", "SELECT max(id) FROM validation_run"),
    ("/quality", "{id}", "SELECT max(id) FROM nonconforming_work"),
    ("/lots", "{id}", "SELECT max(id) FROM lot"),
    ("/scope", "{id}", "SELECT max(id) FROM accredited_scope"),
    ("/accredited-scope", "{id}", "SELECT max(id) FROM accredited_scope"),
    ("/environment", "{id}", "SELECT max(id) FROM room"),
    ("/rooms", "{id}", "SELECT max(id) FROM room"),
    ("/excursions", "{id}", "SELECT max(id) FROM room_excursion"),
    ("/parts", "{id}", "SELECT max(id) FROM part"),
    ("/plans", "{id}", "SELECT max(id) FROM sampling_plan"),
    ("/profiles", "{id}", "SELECT max(id) FROM instrument_profile"),
    ("/poll", "{id}", "SELECT max(id) FROM campaign"),
    ("/controlled-documents", "{id}", "SELECT max(id) FROM controlled_document"),
    ("/suppliers", "{id}", "SELECT max(id) FROM supplier"),
    ("/subcontractors", "{id}", "SELECT max(id) FROM subcontractor"),
    ("/portal/cases", "{id}", "SELECT max(id) FROM failing_case"),
    ("/notices", "{id}", "SELECT max(service_id) FROM case_notice"),
    ("/portal/notices", "{id}", "SELECT max(service_id) FROM case_notice"),
    ("/rejection-notes", "{id}", "SELECT max(sample_id) FROM sample_receipt WHERE decision = 'reject'"),
    ("/portal/rejection-notes", "{id}", "SELECT max(sample_id) FROM sample_receipt WHERE decision = 'reject'"),
    ("/portal/orders", "{id}", "SELECT max(id) FROM sample WHERE client_id IS NOT NULL"),
    ("/orders", "{id}", "SELECT max(id) FROM sample WHERE client_id IS NOT NULL"),
    (
        "/portal/reports",
        "{id}",
        "SELECT max(report.id) FROM report JOIN sample ON sample.id = sample_id WHERE report.state = 'issued' AND client_id IS NOT NULL",
    ),
    (
        "/ordered-reports",
        "{id}",
        "SELECT max(report.id) FROM report JOIN sample ON sample.id = sample_id JOIN sampling_form ON sampling_form.id = form_id \
         WHERE report.issued_at IS NOT NULL AND sample_type <> 'entrusted' AND ordering_region LIKE '131081%'",
    ),
    ("/receipt", "{form}", "SELECT max(form_id) FROM sample WHERE state = 'sealed'"),
    (
        "/reports",
        "{id}",
        "SELECT max(report.id) FROM report JOIN sample ON sample.id = sample_id WHERE report.state = 'issued' AND client_id IS NOT NULL",
    ),
    ("/samples", "{id}", "SELECT max(id) FROM sample WHERE sample_no IS NOT NULL"),
    ("/pictures", "{form}", "SELECT max(form_id) FROM sample WHERE sample_no IS NOT NULL"),
    ("/pictures", "{picture}", "SELECT 0"),
    ("/sampling-forms", "{id}", "SELECT max(form_id) FROM sample WHERE sample_no IS NOT NULL"),
    ("/sampling-forms", "{picture}", "SELECT 0"),
    ("/sampling-forms/import", "{sha256}", "SELECT max(sha256) FROM form_import"),
    ("/upkeep", "{id}", "SELECT max(id) FROM upkeep_run WHERE NOT good"),
    ("/verify", "{code}", "SELECT max(verification_code) FROM report WHERE state = 'issued'"),
    ("/worksheets", "{id}", "SELECT max(id) FROM worksheet"),
];

// Who may is settled before the database is asked: once is enough.
// Requirement: Q711-1
#[test]
fn everybody_is_let_in_where_the_table_says_and_nowhere_else() {
    let lis = TestLis::demonstrated(Database::Sqlite);
    none(World::new(&lis).differences(&table(TABLE)));
}

demonstrated!(nobody_sees_what_is_another_s, |lis: TestLis| {
    let world = World::new(&lis);
    let sign_in = |username: &str| {
        let client = lis.client();
        client.sign_in(username, "demo-laboratory");
        client
    };
    let (firm, county) = (sign_in("bakery"), sign_in("neighbour"));
    for path in [
        "/portal/cases/{id}",
        "/portal/orders/{id}",
        "/api/v1/orders/{id}",
        "/api/v1/portal/reports/{id}/pdf",
        "/reports/{id}/pdf",
        "/notices/{id}/pdf",
        "/rejection-notes/{id}/pdf",
    ] {
        assert_eq!(firm.get(&world.address(path)).status, 404, "{path} of another firm");
    }
    for path in ["/cases/{id}", "/reports/{id}/pdf", "/notices/{id}/pdf", "/rejection-notes/{id}/pdf"] {
        assert_eq!(county.get(&world.address(path)).status, 404, "{path} of another county");
    }
});

#[test]
fn a_wrong_line_is_noticed() {
    let lis = TestLis::demonstrated(Database::Sqlite);
    let wrong = "method,path,roles,allowed,others,nobody,token\nGET,/people,administrator tester,200,404,303,403\n";
    let complaints = World::new(&lis).differences(&table(wrong));
    assert_eq!(complaints, ["GET /people as tester: answered 404, the table says 200"]);
}
