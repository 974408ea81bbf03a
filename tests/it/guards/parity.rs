//! Programs can do what pages can: beside every action of a page stands the call of the API that does the same, for the
//! same people, or the reason why no program needs it. The table is written by hand: a new action does not pass until
//! somebody has decided.

use std::collections::{BTreeMap, BTreeSet};

use lis_server::server;
use lis_server::web::routes::RouteInfo;

use super::none;

/// What a program does instead of a page's action.
#[derive(Clone, Copy)]
enum Instead {
    /// This call, or several that together do the same.
    Calls(&'static [&'static str]),
    /// Nothing, for this reason.
    Page(&'static str),
}
use Instead::{Calls, Page};

/// Every action of a page (`POST`), and what else pages give that a program wants: files, lists.
const TABLE: &[(&str, Instead)] = &[
    (
        "POST /account/password",
        Page(
            "A person changes it at a screen; whoever lost it gets a new first one by POST /api/v1/people/{id}/password.",
        ),
    ),
    (
        "POST /account/signing-password",
        Page("Only the person himself sets it, at a screen; a program signs under a grant that it opens with it."),
    ),
    ("POST /assignment", Calls(&["POST /api/v1/assignments"])),
    ("POST /assignment/{id}/cancel", Calls(&["POST /api/v1/items/{id}/cancellation"])),
    ("POST /assignment/{id}/consent", Calls(&["POST /api/v1/samples/{id}/subcontract-consent"])),
    ("POST /assignment/{id}/method", Calls(&["POST /api/v1/items/{id}/method"])),
    ("POST /assignment/{id}/result", Calls(&["POST /api/v1/items/{id}/subcontract-result"])),
    ("POST /assignment/{id}/subcontract", Calls(&["POST /api/v1/items/{id}/subcontract"])),
    ("POST /assignment/{id}/take-back", Calls(&["POST /api/v1/items/{id}/take-back"])),
    ("POST /authorizations", Calls(&["POST /api/v1/authorizations"])),
    ("POST /authorizations/{id}/end", Calls(&["POST /api/v1/authorizations/{id}/end"])),
    ("GET /controlled-documents", Calls(&["GET /api/v1/controlled-documents"])),
    ("POST /controlled-documents", Calls(&["POST /api/v1/controlled-documents"])),
    ("POST /controlled-documents/{id}/decision", Calls(&["POST /api/v1/controlled-documents/{id}/decision"])),
    ("GET /controlled-documents/{id}/file", Calls(&["GET /api/v1/controlled-documents/{id}/file"])),
    ("POST /campaigns", Calls(&["POST /api/v1/campaigns"])),
    ("POST /campaigns/{id}", Calls(&["PUT /api/v1/campaigns/{id}"])),
    ("POST /campaigns/{id}/close", Calls(&["POST /api/v1/campaigns/{id}/close"])),
    ("POST /campaigns/{id}/open", Calls(&["POST /api/v1/campaigns/{id}/open"])),
    ("POST /campaigns/{id}/plans", Calls(&["POST /api/v1/campaigns/{id}/plans"])),
    ("POST /campaigns/{id}/plans/{plan}/venues", Calls(&["POST /api/v1/plans/{id}/venues"])),
    ("POST /campaigns/{id}/responses", Calls(&["POST /api/v1/campaigns/{id}/responses"])),
    (
        "POST /campaigns/{id}/responses/{response}/reject",
        Calls(&["POST /api/v1/campaigns/{id}/responses/{response}/rejection"]),
    ),
    ("POST /rapid-tests", Calls(&["POST /api/v1/rapid-tests"])),
    ("POST /rapid-tests/{id}/application", Calls(&["POST /api/v1/rapid-tests/{id}/application"])),
    ("POST /rapid-tests/{id}/retest", Calls(&["POST /api/v1/rapid-tests/{id}/retest"])),
    ("POST /rapid-tests/{id}/handling", Calls(&["POST /api/v1/rapid-tests/{id}/handling"])),
    ("POST /rapid-tests/{id}/pictures", Calls(&["POST /api/v1/rapid-tests/{id}/pictures"])),
    ("GET /rapid-tests/{id}/pictures/{picture}/file", Calls(&["GET /api/v1/rapid-tests/{id}/pictures/{picture}/file"])),
    ("POST /quality/urgent-findings", Calls(&["POST /api/v1/urgent-findings"])),
    ("POST /quality/urgent-findings/{id}/telling", Calls(&["POST /api/v1/urgent-findings/{id}/telling"])),
    ("POST /campaigns/{id}/witnesses", Calls(&["POST /api/v1/campaigns/{id}/witnesses"])),
    (
        "POST /campaigns/{id}/witnesses/{witness}/withdrawal",
        Calls(&["POST /api/v1/campaigns/{id}/witnesses/{witness}/withdrawal"]),
    ),
    (
        "POST /cases/{id}/applications/{application}",
        Calls(&["POST /api/v1/cases/{id}/applications/{application}/decision"]),
    ),
    (
        "POST /cases/{id}/applications/{application}/acts",
        Calls(&["POST /api/v1/cases/{id}/applications/{application}/acts"]),
    ),
    ("POST /cases/{id}/acts", Calls(&["POST /api/v1/cases/{id}/acts"])),
    ("POST /cases/{id}/events/{event}/acknowledge", Calls(&["POST /api/v1/failing-results/{event}/acknowledgement"])),
    ("POST /cases/{id}/handling", Calls(&["POST /api/v1/cases/{id}/handling-records"])),
    ("POST /cases/{id}/service", Calls(&["POST /api/v1/cases/{id}/services"])),
    (
        "POST /cases/{id}/step",
        Calls(&[
            "POST /api/v1/cases/{id}/handling",
            "POST /api/v1/cases/{id}/closing",
            "POST /api/v1/cases/{id}/publication",
        ]),
    ),
    ("GET /catalogue/editions", Calls(&["GET /api/v1/coming-editions"])),
    ("POST /catalogue/import", Calls(&["POST /api/v1/catalogue-imports"])),
    ("POST /catalogue/import/{sha256}", Calls(&["POST /api/v1/catalogue-imports"])),
    ("GET /catalogue/sets", Calls(&["GET /api/v1/catalogue-sets", "GET /api/v1/catalogue-completeness"])),
    ("GET /catalogue/sets/{id}/file", Calls(&["GET /api/v1/catalogue-sets/{id}/file"])),
    ("GET /catalogue/verifications", Calls(&["GET /api/v1/method-verifications"])),
    ("POST /catalogue/verifications", Calls(&["POST /api/v1/method-verifications"])),
    ("GET /catalogue/verifications/{id}/file", Calls(&["GET /api/v1/method-verifications/{id}/file"])),
    ("POST /check", Calls(&["POST /api/v1/checks"])),
    ("POST /check/{id}/decision", Calls(&["POST /api/v1/items/{id}/decision"])),
    ("POST /check/{id}/deviation", Calls(&["POST /api/v1/items/{id}/deviation"])),
    ("POST /check/{id}/limit-factor", Calls(&["POST /api/v1/items/{id}/limit-factor"])),
    ("POST /check/{id}/repeat", Calls(&["POST /api/v1/items/{id}/repeat"])),
    ("GET /check/{id}/subcontract-report/file", Calls(&["GET /api/v1/items/{id}/subcontract-report"])),
    ("GET /check/{id}/traceability", Calls(&["GET /api/v1/items/{id}/traceability"])),
    ("POST /complaints", Calls(&["POST /api/v1/complaints"])),
    ("POST /complaints/{id}/acknowledgement", Calls(&["POST /api/v1/complaints/{id}/acknowledgement"])),
    ("POST /complaints/{id}/decision", Calls(&["POST /api/v1/complaints/{id}/decision"])),
    ("POST /complaints/{id}/outcome", Calls(&["POST /api/v1/complaints/{id}/outcome"])),
    ("POST /competence", Calls(&["POST /api/v1/competence-records"])),
    (
        "POST /declaration",
        Page("A person declares it himself, at a screen, in the words that he was shown; a program declares nothing."),
    ),
    ("GET /deliveries", Calls(&["GET /api/v1/deliveries", "GET /api/v1/jobs"])),
    ("POST /deliveries/jobs/{id}/retry", Calls(&["POST /api/v1/jobs/{id}/retry"])),
    ("POST /deliveries/mails/{id}/retry", Calls(&["POST /api/v1/deliveries/{id}/retry"])),
    ("POST /disposal/dispose", Calls(&["POST /api/v1/disposal/disposals"])),
    ("POST /disposal/keep", Calls(&["POST /api/v1/disposal/keeps"])),
    ("POST /disposal/release", Calls(&["POST /api/v1/disposal/releases"])),
    ("POST /draws", Calls(&["POST /api/v1/draws"])),
    ("GET /draws/{id}/pdf", Calls(&["GET /api/v1/draws/{id}/pdf"])),
    ("POST /enterprises", Calls(&["POST /api/v1/enterprises"])),
    ("POST /enterprises/import", Calls(&["POST /api/v1/enterprise-imports"])),
    ("POST /enterprises/{id}", Calls(&["PUT /api/v1/enterprises/{id}"])),
    ("GET /environment", Calls(&["GET /api/v1/rooms"])),
    ("POST /environment", Calls(&["POST /api/v1/rooms"])),
    ("GET /environment/{id}", Calls(&["GET /api/v1/rooms/{id}"])),
    ("POST /environment/{id}", Calls(&["PUT /api/v1/rooms/{id}"])),
    ("POST /environment/{id}/readings", Calls(&["POST /api/v1/rooms/{id}/readings"])),
    ("POST /excursions/{id}", Calls(&["POST /api/v1/excursions/{id}/handling"])),
    ("POST /erasure", Calls(&["POST /api/v1/erasures"])),
    ("GET /evidence/{id}", Calls(&["GET /api/v1/evidence/{id}"])),
    ("GET /evidence/{id}/file", Calls(&["GET /api/v1/evidence/{id}"])),
    ("GET /imports", Calls(&["GET /api/v1/region-boxes"])),
    ("POST /imports", Calls(&["POST /api/v1/list-imports"])),
    ("POST /imports/{sha256}", Calls(&["POST /api/v1/list-imports"])),
    ("POST /inbox/{id}/document", Calls(&["POST /api/v1/instrument-messages/{id}/document"])),
    ("POST /inbox/{id}/document/withdrawal", Calls(&["POST /api/v1/instrument-messages/{id}/document/withdrawal"])),
    ("GET /inbox/{id}/map", Calls(&["POST /api/v1/instruments/{id}/mappings/preview"])),
    ("POST /inbox/{id}/map", Calls(&["POST /api/v1/instruments/{id}/mappings"])),
    ("GET /inbox/{id}/readings", Calls(&["GET /api/v1/instrument-messages/{id}"])),
    ("POST /inbox/{id}/read-again", Calls(&["POST /api/v1/instrument-messages/{id}/read-again"])),
    ("POST /inbox/{id}/set-aside/{observation}", Calls(&["POST /api/v1/observations/{id}/set-aside"])),
    ("GET /instruments", Calls(&["GET /api/v1/instruments"])),
    ("POST /instruments", Calls(&["POST /api/v1/instruments"])),
    ("POST /instruments/{id}", Calls(&["PUT /api/v1/instruments/{id}"])),
    ("POST /instruments/{id}/calibrations", Calls(&["POST /api/v1/instruments/{id}/calibrations"])),
    (
        "POST /instruments/{id}/calibrations/{calibration}/confirmation",
        Calls(&["POST /api/v1/instruments/{id}/calibrations/{calibration}/confirmation"]),
    ),
    (
        "GET /instruments/{id}/calibrations/{calibration}/file",
        Calls(&["GET /api/v1/instruments/{id}/calibrations/{calibration}/file"]),
    ),
    (
        "POST /instruments/{id}/calibrations/{calibration}/file",
        Calls(&["POST /api/v1/instruments/{id}/calibrations/{calibration}/file"]),
    ),
    ("GET /instruments/{id}/history", Calls(&["GET /api/v1/instruments/{id}/history"])),
    ("POST /instruments/{id}/upkeep", Calls(&["POST /api/v1/instruments/{id}/upkeep"])),
    ("POST /instruments/{id}/status", Calls(&["POST /api/v1/instruments/{id}/status"])),
    ("POST /instruments/{id}/replay", Calls(&["POST /api/v1/instruments/{id}/replay"])),
    ("GET /log", Calls(&["GET /api/v1/log"])),
    ("GET /lots", Calls(&["GET /api/v1/lots"])),
    ("POST /lots", Calls(&["POST /api/v1/lots"])),
    ("GET /lots/{id}", Calls(&["GET /api/v1/lots/{id}"])),
    ("POST /lots/{id}/receipt", Calls(&["POST /api/v1/lots/{id}/receipt"])),
    ("POST /lots/{id}/opening", Calls(&["POST /api/v1/lots/{id}/opening"])),
    ("POST /parts/{id}/custody", Calls(&["POST /api/v1/parts/{id}/custody"])),
    ("POST /parts/{id}/split", Calls(&["POST /api/v1/parts/{id}/split"])),
    ("POST /people", Calls(&["POST /api/v1/people"])),
    ("POST /people/{id}", Calls(&["PUT /api/v1/people/{id}"])),
    ("POST /people/{id}/password", Calls(&["POST /api/v1/people/{id}/password"])),
    ("POST /people/{id}/tokens", Calls(&["POST /api/v1/people/{id}/tokens"])),
    ("POST /people/{id}/tokens/{token}/revoke", Calls(&["DELETE /api/v1/people/{id}/tokens/{token}"])),
    ("GET /pictures/{form}", Calls(&["GET /api/v1/sampling-forms/{id}/pictures"])),
    ("POST /pictures/{form}", Calls(&["POST /api/v1/sampling-forms/{id}/pictures"])),
    ("GET /pictures/{form}/{picture}/file", Calls(&["GET /api/v1/sampling-forms/{id}/pictures/{picture}/file"])),
    ("POST /plans/{id}/decision", Calls(&["POST /api/v1/plans/{id}/decision"])),
    ("POST /poll/{id}", Calls(&["POST /api/v1/polls/{id}/responses"])),
    ("POST /portal/cases/{id}", Calls(&["POST /api/v1/portal/cases/{id}/applications"])),
    ("POST /portal/orders", Calls(&["POST /api/v1/orders"])),
    ("POST /portal/orders/{id}/withdraw", Calls(&["POST /api/v1/orders/{id}/withdraw"])),
    ("GET /profiles", Calls(&["GET /api/v1/profiles"])),
    ("POST /profiles", Calls(&["POST /api/v1/profiles"])),
    ("POST /profiles/correct", Calls(&["POST /api/v1/profiles/preview"])),
    ("GET /profiles/examples", Calls(&["GET /api/v1/profiles/examples"])),
    ("POST /profiles/new", Calls(&["POST /api/v1/profiles/proposals"])),
    ("GET /profiles/{id}", Calls(&["GET /api/v1/profiles/{id}"])),
    ("POST /profiles/{id}/promote", Calls(&["POST /api/v1/profiles/{id}/promote"])),
    ("POST /quality/charts/limits", Calls(&["POST /api/v1/control-charts/limits"])),
    ("GET /quality/charts/rules", Calls(&["GET /api/v1/control-charts/rules"])),
    ("POST /quality/charts/rules", Calls(&["POST /api/v1/control-charts/rules"])),
    ("GET /quality/gates", Calls(&["GET /api/v1/gates"])),
    ("POST /quality/gates", Calls(&["POST /api/v1/gates"])),
    ("POST /quality/comparisons", Calls(&["POST /api/v1/comparisons"])),
    ("POST /quality/comparisons/{id}/result", Calls(&["POST /api/v1/comparisons/{id}/result"])),
    ("POST /quality/proficiency", Calls(&["POST /api/v1/proficiency-rounds"])),
    ("POST /quality/proficiency/{id}/work", Calls(&["POST /api/v1/proficiency-rounds/{id}/nonconforming-work"])),
    ("GET /quality/report", Calls(&["GET /api/v1/quality-report"])),
    ("GET /quality/report/pdf", Calls(&["GET /api/v1/quality-report/pdf"])),
    ("POST /quality/transfers/{id}", Calls(&["POST /api/v1/transfers/{id}/comparison"])),
    ("POST /upkeep/{id}/action", Calls(&["POST /api/v1/upkeep-runs/{id}/actions"])),
    ("POST /quality/validation", Calls(&["POST /api/v1/validation-runs"])),
    ("GET /quality/validation/program", Calls(&["GET /api/v1/program-standing", "GET /api/v1/program-validations"])),
    ("POST /quality/validation/program", Calls(&["POST /api/v1/program-validations"])),
    ("GET /quality/validation/program/{id}/pdf", Calls(&["GET /api/v1/program-validations/{id}/pdf"])),
    ("GET /quality/validation/{id}", Calls(&["GET /api/v1/validation-runs/{id}"])),
    ("POST /quality/work", Calls(&["POST /api/v1/nonconforming-work"])),
    ("POST /quality/work/{id}/classification", Calls(&["POST /api/v1/nonconforming-work/{id}/classification"])),
    ("POST /quality/work/{id}/close", Calls(&["POST /api/v1/nonconforming-work/{id}/close"])),
    ("POST /quality/work/{id}/corrective-action", Calls(&["POST /api/v1/nonconforming-work/{id}/corrective-action"])),
    ("POST /quality/work/{id}/effect-check", Calls(&["POST /api/v1/nonconforming-work/{id}/effect-check"])),
    ("POST /quality/work/{id}/evaluation", Calls(&["POST /api/v1/nonconforming-work/{id}/evaluation"])),
    ("POST /quality/work/{id}/hold", Calls(&["POST /api/v1/nonconforming-work/{id}/hold"])),
    ("POST /quality/work/{id}/recall", Calls(&["POST /api/v1/nonconforming-work/{id}/recall"])),
    ("POST /quality/work/{id}/resumption", Calls(&["POST /api/v1/nonconforming-work/{id}/resumption"])),
    ("POST /quality/worksheets/{id}/release", Calls(&["POST /api/v1/worksheets/{id}/release"])),
    ("POST /receipt/{form}", Calls(&["POST /api/v1/samples/{id}/receipts"])),
    ("POST /reports/{id}/authorize", Calls(&["POST /api/v1/reports/{id}/authorize"])),
    ("POST /reports/{id}/opinion", Calls(&["POST /api/v1/reports/{id}/opinion"])),
    ("POST /reports/{id}/return-item", Calls(&["POST /api/v1/reports/{id}/return-item"])),
    ("POST /reports/{id}/review", Calls(&["POST /api/v1/reports/{id}/review"])),
    ("POST /reports/{id}/send-back", Calls(&["POST /api/v1/reports/{id}/send-back"])),
    ("POST /reports/{id}/withdraw", Calls(&["POST /api/v1/reports/{id}/withdraw"])),
    ("POST /samples/{id}/hold", Calls(&["POST /api/v1/samples/{id}/hold"])),
    ("POST /samples/{id}/order-items", Calls(&["POST /api/v1/samples/{id}/order-items"])),
    ("GET /samples/{id}/labels", Calls(&["GET /api/v1/samples/{id}/labels"])),
    ("POST /samples/{id}/withdraw", Calls(&["POST /api/v1/samples/{id}/withdraw"])),
    ("POST /separations", Calls(&["POST /api/v1/separations"])),
    ("POST /sampling-forms/import", Calls(&["POST /api/v1/sampling-form-imports"])),
    ("POST /sampling-forms/import/{sha256}", Calls(&["POST /api/v1/sampling-form-imports"])),
    ("POST /sampling-forms/new", Calls(&["POST /api/v1/sampling-forms"])),
    ("GET /scope", Calls(&["GET /api/v1/accredited-scope"])),
    ("POST /scope", Calls(&["POST /api/v1/accredited-scope"])),
    ("POST /scope/{id}/end", Calls(&["POST /api/v1/accredited-scope/{id}/end"])),
    ("POST /sign-in", Page("A program does not sign in: it sends its token with every request.")),
    (
        "POST /sign-out",
        Page("A program has no session; its token is revoked by DELETE /api/v1/people/{id}/tokens/{token}."),
    ),
    ("POST /signing", Calls(&["POST /api/v1/signing-grants"])),
    ("POST /signing-releases/{id}", Calls(&["POST /api/v1/people/{id}/signing-release"])),
    ("GET /subcontracted", Calls(&["GET /api/v1/subcontracted-items"])),
    ("GET /subcontractors", Calls(&["GET /api/v1/subcontractors"])),
    ("POST /subcontractors", Calls(&["POST /api/v1/subcontractors"])),
    ("POST /subcontractors/{id}", Calls(&["PUT /api/v1/subcontractors/{id}"])),
    ("GET /suppliers", Calls(&["GET /api/v1/suppliers"])),
    ("POST /suppliers", Calls(&["POST /api/v1/suppliers"])),
    ("POST /suppliers/{id}", Calls(&["PUT /api/v1/suppliers/{id}"])),
    ("POST /verify/{code}", Calls(&["POST /api/v1/verify/{code}"])),
    ("POST /worksheets", Calls(&["POST /api/v1/worksheets"])),
    ("POST /worksheets/{id}/aim", Calls(&["POST /api/v1/instruments/{id}/capture-target"])),
    ("POST /worksheets/{id}/corrections", Calls(&["POST /api/v1/worksheets/{id}/corrections"])),
    ("POST /worksheets/{id}/dispatches", Calls(&["POST /api/v1/worksheets/{id}/dispatches"])),
    ("POST /worksheets/{id}/entries", Calls(&["POST /api/v1/worksheets/{id}/entries"])),
    ("POST /worksheets/{id}/lots", Calls(&["POST /api/v1/worksheets/{id}/lots"])),
    ("GET /worksheets/{id}/record", Calls(&["GET /api/v1/worksheets/{id}/record"])),
    ("GET /worksheets/{id}/record/pdf", Calls(&["GET /api/v1/worksheets/{id}/record/pdf"])),
    ("GET /worksheets/{id}/sequence", Calls(&["GET /api/v1/worksheets/{id}/sequence"])),
    ("POST /worksheets/{id}/submission", Calls(&["POST /api/v1/worksheets/{id}/submission"])),
];

/// Where table and routes differ: actions without a line, lines without a route, calls that there are not, calls that are
/// for other people than the page, reasons that say nothing.
fn complaints(routes: &[RouteInfo], table: &[(&str, Instead)]) -> Vec<String> {
    let gates: BTreeMap<String, &str> =
        routes.iter().map(|route| (format!("{} {}", route.method, route.path), route.gate)).collect();
    let lines: BTreeSet<&str> = table.iter().map(|(page, _)| *page).collect();
    let mut complaints: Vec<String> = gates
        .keys()
        .filter(|name| name.starts_with("POST /") && !name.starts_with("POST /api/"))
        .filter(|name| !lines.contains(name.as_str()))
        .map(|name| {
            format!(
                "{name} has no line in tests/it/guards/parity.rs: name the call of the API that does the same, or say \
                 why no program needs one."
            )
        })
        .collect();
    if lines.len() < table.len() {
        complaints.push("a page stands twice in the table".to_owned());
    }
    for (page, instead) in table {
        let Some(gate) = gates.get(*page) else {
            complaints.push(format!("{page} is in the table but no route"));
            continue;
        };
        match instead {
            Page(reason) if reason.len() < REASON_LEAST => complaints.push(format!("{page} has no call and no reason")),
            Page(_) => {}
            Calls([]) => complaints.push(format!("{page} names no call")),
            Calls(calls) => complaints.extend(calls.iter().filter_map(|call| wrong(page, gate, call, &gates))),
        }
    }
    complaints
}

/// Shorter than any reason that says something, in bytes.
const REASON_LEAST: usize = 20;

/// What is wrong with a call that a page names.
fn wrong(page: &str, gate: &str, call: &str, gates: &BTreeMap<String, &str>) -> Option<String> {
    if !call.contains(" /api/v1/") {
        return Some(format!("{page}: {call} is no call of the API"));
    }
    match gates.get(call) {
        None => Some(format!("{page}: there is no {call}")),
        Some(other) if *other != gate => Some(format!("{page} is for {gate}, {call} for {other}")),
        Some(_) => None,
    }
}

#[test]
fn every_action_of_a_page_has_its_call() {
    none(complaints(&server::route_infos(), TABLE));
}

#[test]
fn an_action_without_its_call_is_noticed() {
    let mut routes = server::route_infos();
    routes.push(RouteInfo { path: "/samples/{id}/burn", method: "POST".to_owned(), gate: "receive_samples" });
    routes.retain(|route| route.path != "/api/v1/jobs/{id}/retry");
    let aim = routes.iter_mut().find(|route| route.path == "/api/v1/instruments/{id}/capture-target");
    aim.expect("the call of the balance").gate = "manage_instruments";
    let said = complaints(&routes, TABLE);
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(said[0].starts_with("POST /samples/{id}/burn has no line"), "{said:?}");
    assert_eq!(said[1], "POST /deliveries/jobs/{id}/retry: there is no POST /api/v1/jobs/{id}/retry");
    let other = "POST /api/v1/instruments/{id}/capture-target for manage_instruments";
    assert_eq!(said[2], format!("POST /worksheets/{{id}}/aim is for enter_results, {other}"));

    let table: &[(&str, Instead)] = &[
        ("POST /draws", Calls(&[])),
        ("POST /draws", Calls(&["POST /campaigns"])),
        ("POST /gone", Calls(&["POST /api/v1/draws"])),
        ("POST /sign-in", Page("")),
    ];
    let said = complaints(&server::route_infos(), table);
    assert_eq!(
        said[said.len() - 5..],
        [
            "a page stands twice in the table",
            "POST /draws names no call",
            "POST /draws: POST /campaigns is no call of the API",
            "POST /gone is in the table but no route",
            "POST /sign-in has no call and no reason",
        ]
    );
}
