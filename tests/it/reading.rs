//! What looking costs the database: every page and every answer of the API on the demonstrated laboratory, counted in
//! statements with the one that finds out who asks. A list costs no more because it is longer, a detail no more because
//! there is more of it, and no request takes more than a handful: a query for each row of a list is noticed here.

use std::collections::BTreeMap;
use std::io::Write;

use lis_server::server;
use lis_tests::{Client, Reply, TestLis, demonstrated};

use crate::browser::pages::{address, chart, pages, who};
use crate::budget::{PESTICIDES, PESTICIDES_BY, Staff};
use crate::guards::routes::things;

/// Statements of one request at most. A page of many parts (a sample, a worksheet) has one for each part; a list with a
/// query for each row is past this with one screen of rows.
const MOST: u64 = 25;

/// Requests that may take more, each with its reason.
const MORE_ALLOWED: &[(&str, &str)] = &[];

/// Files, which are typeset, read from the disk or made for an instrument: no lists.
const FILES: &[&str] = &["/pdf", "/sequence", "/subcontract-report", "/file"];

/// The password of everybody of the demonstration.
const PASSWORD: &str = "demo-laboratory";

/// Who asks, and for what.
type Asked = (&'static str, String);

/// Statements of each request.
type Costs = BTreeMap<Asked, u64>;

/// Everybody who has signed in so far.
struct Readers<'l> {
    lis: &'l TestLis,
    clients: BTreeMap<&'static str, Client>,
}

impl<'l> Readers<'l> {
    fn of(lis: &'l TestLis) -> Self {
        Self { lis, clients: BTreeMap::new() }
    }

    fn client(&mut self, username: &'static str) -> &Client {
        let lis = self.lis;
        self.clients.entry(username).or_insert_with(|| {
            let client = lis.client();
            if !username.is_empty() {
                client.sign_in(username, PASSWORD);
            }
            client
        })
    }

    /// An answer, and the statements of the request when it is made again: what the program reads once and keeps does not
    /// count.
    fn asked(&mut self, username: &'static str, path: &str) -> (Reply, u64) {
        let lis = self.lis;
        let client = self.client(username);
        let answer = client.get(path).expect(200);
        (answer, lis.reads(|| drop(client.get(path).expect(200))))
    }

    fn cost(&mut self, username: &'static str, path: &str) -> u64 {
        self.asked(username, path).1
    }

    /// What the same requests cost later. One that costs no more at once need not be made again.
    fn costs_later(&mut self, before: &Costs) -> Costs {
        let later = |(&(username, ref path), &known): (&Asked, &u64)| {
            let (lis, client) = (self.lis, self.client(username));
            let cost = lis.reads(|| drop(client.get(path).expect(200)));
            ((username, path.clone()), if cost <= known { cost } else { self.cost(username, path) })
        };
        before.iter().map(later).collect()
    }

    fn costs(&mut self, asked: &[Asked]) -> Costs {
        asked.iter().map(|&(username, ref path)| ((username, path.clone()), self.cost(username, path))).collect()
    }
}

/// Every page, and everything that programs ask for, by somebody who may.
fn everything(lis: &TestLis) -> Vec<Asked> {
    let shown =
        pages(lis).into_iter().flat_map(|(username, paths)| paths.into_iter().map(move |path| (username, path)));
    let mut asked: Vec<Asked> = shown.collect();
    let things = things(lis);
    for route in server::route_infos() {
        let is_answer = route.method == "GET" && route.path.starts_with("/api/v1/");
        if !is_answer || FILES.iter().any(|end| route.path.ends_with(end)) {
            continue;
        }
        let path = match route.path {
            // Without a question there is no answer.
            "/api/v1/limits" => {
                format!("{}?food=GB%202762:leafy-vegetables&analyte=pb&produced=2026-09-02", route.path)
            }
            "/api/v1/control-charts/points" => chart(lis).replace("/quality/charts/chart", route.path),
            _ => address(lis, &things, route.path),
        };
        asked.push((who(&route), path));
    }
    asked
}

/// Requests that cost more than before.
fn grown(before: &Costs, after: &Costs) -> Vec<String> {
    let line = |((username, path), before): (&Asked, &u64)| {
        let after = after.get(&(*username, path.clone()))?;
        (after > before).then(|| format!("{path} as {username:?}: {before} statements, then {after}"))
    };
    before.iter().filter_map(line).collect()
}

/// Requests that cost too much.
fn dear(costs: &Costs) -> Vec<String> {
    let too_much =
        |((_, path), cost): &(&Asked, &u64)| **cost > MOST && !MORE_ALLOWED.iter().any(|(allowed, _)| allowed == path);
    costs
        .iter()
        .filter(too_much)
        .map(|((username, path), cost)| format!("{path} as {username:?}: {cost} statements, {MOST} are allowed"))
        .collect()
}

#[test]
fn a_request_that_costs_more_is_noticed() {
    let of = |cost: u64| Costs::from([(("reviewer", "/reports".to_owned()), cost), (("", "/verify".to_owned()), 1)]);
    assert_eq!(grown(&of(4), &of(4)), Vec::<String>::new());
    assert_eq!(grown(&of(4), &of(7)), ["/reports as \"reviewer\": 4 statements, then 7"]);
    assert_eq!(dear(&of(25)), Vec::<String>::new());
    assert_eq!(dear(&of(26)), ["/reports as \"reviewer\": 26 statements, 25 are allowed"]);
}

demonstrated!(no_page_reads_more_in_a_fuller_laboratory, |lis: TestLis| {
    let asked = everything(&lis);
    let mut readers = Readers::of(&lis);
    let before = readers.costs(&asked);
    let mut dearest: Vec<_> = before.iter().map(|((_, path), cost)| (*cost, path.as_str())).collect();
    dearest.sort_unstable_by(|a, b| b.cmp(a));
    // Straight to the terminal: the test runner keeps what a passing test prints to itself.
    let _ = writeln!(std::io::stderr(), "statements of a request: {:?}", &dearest[..5]);
    assert_eq!(dear(&before), Vec::<String>::new());

    // Three samples of five items each, from the order to the authorized report.
    let samples = lis.rows("sample");
    Staff::of(&lis).play("fuller", 3, (&PESTICIDES[..5], PESTICIDES_BY));
    assert_eq!(lis.rows("sample"), samples + 3);
    assert_eq!(grown(&before, &readers.costs_later(&before)), Vec::<String>::new());
});

/// Where the newest sample, its report, its sheet and its last item are shown.
fn newest(lis: &TestLis) -> Vec<(&'static str, &'static str, i64)> {
    let last = |table: &str| lis.numbers(&format!("SELECT max(id) AS value FROM {table}"))[0];
    let (sample, report, sheet, item) = (last("sample"), last("report"), last("worksheet"), last("test_item"));
    vec![
        ("custodian", "/samples", sample),
        ("custodian", "/api/v1/samples", sample),
        ("bakery", "/portal/orders", sample),
        ("bakery", "/api/v1/orders", sample),
        ("reviewer", "/reports", report),
        ("reviewer", "/api/v1/reports", report),
        ("tester2", "/worksheets", sheet),
        ("tester2", "/api/v1/worksheets", sheet),
        ("checker", "/check", item),
    ]
}

demonstrated!(a_detail_reads_no_more_for_more_items, |lis: TestLis| {
    let mut readers = Readers::of(&lis);
    // Under the name of its kind: the two runs have other ids.
    let mut costs = |run: &str, items: usize| -> Costs {
        Staff::of(&lis).play(run, 1, (&PESTICIDES[..items], PESTICIDES_BY));
        let places = newest(&lis).into_iter();
        places
            .map(|(username, kind, id)| ((username, kind.to_owned()), readers.cost(username, &format!("{kind}/{id}"))))
            .collect()
    };
    let one = costs("one", 1);
    assert_eq!(grown(&one, &costs("twenty", 20)), Vec::<String>::new());
});

/// Routes of the API that take a limit, as its own document says: a new list is met without a word here.
fn limited(lis: &TestLis) -> Vec<String> {
    let document = lis.client().get("/api/v1/openapi.json").expect(200).json();
    let paths = document["paths"].as_object().expect("paths");
    let takes_limit = |path: &&String| {
        let parameters = document["paths"][path.as_str()]["get"]["parameters"].as_array();
        parameters.into_iter().flatten().any(|one| one["in"] == "query" && one["name"] == "limit")
    };
    paths.keys().filter(takes_limit).cloned().collect()
}

/// Rows of one answer that a program asks for.
const ROWS: usize = 50;

demonstrated!(a_list_reads_no_more_for_more_rows, |lis: TestLis| {
    let things = things(&lis);
    let infos = server::route_infos();
    let mut readers = Readers::of(&lis);
    let mut complaints = Vec::new();
    let mut compared = 0;
    for list in limited(&lis) {
        let route = infos.iter().find(|route| route.method == "GET" && route.path == list).expect("a route");
        let (username, path) = (who(route), address(&lis, &things, route.path));
        let (answer, whole) = readers.asked(username, &format!("{path}?limit={ROWS}"));
        // The rows of one thing (a message of an instrument) are part of what is said of it.
        let Some(rows) = answer.json()["items"].as_array().map(Vec::len) else { continue };
        // Row by row: not every row has everything that another one has. One that costs as much as all of them is enough.
        let mut dearest = 0;
        let mut after = String::new();
        for _ in 0..rows {
            let (page, cost) = readers.asked(username, &format!("{path}?limit=1{after}"));
            dearest = dearest.max(cost);
            if dearest >= whole {
                break;
            }
            let page = page.json();
            let next: String =
                url::form_urlencoded::byte_serialize(page["next"].as_str().unwrap_or_default().as_bytes()).collect();
            after = format!("&after={next}");
        }
        if rows >= 2 {
            compared += 1;
            if whole > dearest {
                complaints.push(format!("{path}: {whole} statements for {rows} rows, {dearest} for one"));
            }
        }
    }
    assert_eq!(complaints, Vec::<String>::new());
    // Of these the demonstration leaves two and more: campaigns' answers, deliveries, enterprises, messages of instruments,
    // items, orders, people, reports, samples, worksheets.
    assert!(compared >= 10, "only {compared} lists of two and more rows were compared");
});
