//! Every page of the program, opened by somebody who may see it: in both languages, as wide as a desk's screen and as narrow
//! as a telephone. Each is answered 200, nothing reaches beyond the window, and no Chinese page shows a text that has no
//! translation. With `LIS_SCREENSHOTS` each page is saved.

use lis_server::accounts::role::PERMISSIONS;
use lis_server::server;
use lis_server::web::routes::RouteInfo;
use lis_tests::TestLis;

use super::driver::Browser;
use super::{PASSWORD, on_the_demonstration, one};
use crate::guards::routes::{Things, filled, things};

/// Somebody of the demonstration for each role.
const PEOPLE: &[(&str, &str)] = &[
    ("campaign_officer", "officer"),
    ("plan_approver", "approver"),
    ("sampler", "sampler1"),
    ("custodian", "custodian"),
    ("tester", "tester2"),
    ("checker", "checker"),
    ("reviewer", "reviewer"),
    ("signatory", "signatory"),
    ("quality_officer", "quality"),
    ("technical_manager", "manager"),
    ("administrator", "admin"),
    ("enterprise", "bakery"),
    ("regulator", "ordering"),
];

/// No pages: answers for programs, files, parts of pages, addresses that lead on.
const NO_PAGES: &[&str] = &["/api/", "/health/", "/metrics", "/language/", "/scan", "/signing"];
const NO_PAGES_ENDS: &[&str] = &["/pdf", "/file", "/live", "/labels", "/sequence"];

/// Width of a telephone on which everything must be usable, in CSS pixels.
const NARROW: u32 = 360;
const WIDE: u32 = 1280;
const HIGH: u32 = 1000;

/// The username of somebody who may open a route and see what [`address`] puts into it; empty: nobody has to sign in.
pub(crate) fn who(route: &RouteInfo) -> &'static str {
    if route.path.contains("/portal/cases/") {
        return "market";
    }
    let roles = PERMISSIONS.iter().find(|(code, _)| *code == route.gate).map(|(_, roles)| *roles);
    match (route.gate, roles) {
        ("anyone", _) => "",
        (_, Some(roles)) => {
            let role = roles[0].code();
            PEOPLE.iter().find(|(code, _)| *code == role).map_or("", |(_, username)| *username)
        }
        _ => "reviewer",
    }
}

/// A path with its variables filled in by what the demonstration left.
pub(crate) fn address(lis: &TestLis, things: &Things, path: &str) -> String {
    if path == "/quality/charts/chart" {
        return chart(lis);
    }
    let somebody = one(lis, "SELECT CAST(min(id) AS TEXT) AS value FROM person");
    filled(&path.replace("/people/{id}", &format!("/people/{somebody}")), things)
}

/// A chart has no id, its address says what it is about: the first one that the list leads to.
pub(crate) fn chart(lis: &TestLis) -> String {
    let browser = lis.client();
    browser.sign_in("quality", PASSWORD);
    let list = browser.get("/quality/charts").expect(200).page();
    list.attribute("main a[href^='/quality/charts/chart?']", "href").expect("a chart of the demonstration")
}

/// Pages by the username who looks at them; empty: nobody has signed in.
pub(crate) fn pages(lis: &TestLis) -> Vec<(&'static str, Vec<String>)> {
    let things: Things = things(lis);
    let mut pages: Vec<(&str, Vec<String>)> = vec![("", Vec::new())];
    pages.extend(PEOPLE.iter().map(|(_, username)| (*username, vec!["/".to_owned()])));
    pages.push(("market", vec!["/".to_owned(), "/portal/cases".to_owned()]));
    for route in server::route_infos().iter().filter(|route| route.method == "GET" && route.path != "/") {
        let no_page = NO_PAGES.iter().any(|start| route.path.starts_with(start))
            || NO_PAGES_ENDS.iter().any(|end| route.path.ends_with(end));
        if no_page {
            continue;
        }
        let username = who(route);
        let place = pages.iter_mut().find(|(name, _)| *name == username).expect("somebody of the demonstration");
        place.1.push(address(lis, &things, route.path));
    }
    let message = one(lis, "SELECT CAST(max(message_id) AS TEXT) AS value FROM observation WHERE state = 'filed'");
    let row = one(lis, &format!("SELECT CAST(min(id) AS TEXT) AS value FROM observation WHERE message_id = {message}"));
    let report = one(lis, "SELECT CAST(min(id) AS TEXT) AS value FROM report");
    let sheet = one(lis, "SELECT CAST(min(id) AS TEXT) AS value FROM worksheet");
    let profile = crate::steps::a_profile(lis);
    let full: [(&str, String); 7] = [
        ("tester2", "/catalogue?food=%E5%8F%B6%E8%8F%9C%E8%94%AC%E8%8F%9C&analyte=pb".to_owned()),
        ("tester2", format!("/worksheets/{sheet}")),
        ("tester2", format!("/profiles/new?from={profile}")),
        ("reviewer", format!("/evidence/{message}?row={row}")),
        ("reviewer", format!("/reports/{report}")),
        ("quality", "/log".to_owned()),
        ("", "/verify/0000-0000-0000".to_owned()),
    ];
    for (username, path) in full {
        pages.iter_mut().find(|(name, _)| *name == username).expect("somebody of the demonstration").1.push(path);
    }
    pages
}

/// What is wrong with the page that is shown.
const LOOK: &str = r#"
    const found = [];
    const root = document.documentElement;
    const status = performance.getEntriesByType("navigation")[0].responseStatus;
    if (status !== 200) found.push(`is answered ${status}`);
    if (root.scrollWidth > root.clientWidth) {
        const far = [...document.querySelectorAll("main *, header *, nav *, footer *")]
            .filter((one) => one.getBoundingClientRect().right > root.clientWidth + 1 && !one.closest(".table-wrap, .raw"))
            .map((one) => one.tagName.toLowerCase() + (one.className ? "." + one.className : "")).slice(0, 3);
        found.push(`is ${root.scrollWidth - root.clientWidth} px wider than the window: ${far.join(", ")}`);
    }
    if (document.querySelectorAll("h1").length !== 1) found.push("has not one heading");
    if (root.lang === "zh-CN") {
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
            const node = walker.currentNode;
            const hidden = node.parentElement.closest("code, .code, kbd, script, style, textarea, [lang=en], dd, td, .raw");
            if (hidden) continue;
            for (const word of node.data.split(/\s+/)) {
                if (/^[a-z]+(-[a-z0-9]+)+$/.test(word)) found.push(`shows the key ${word}`);
            }
            if (/[A-Za-z]{2,}( [A-Za-z]{2,}){2,}/.test(node.data)) found.push(`speaks English: ${node.data.trim().slice(0, 60)}`);
        }
    }
    return found;
"#;

/// What is wrong with a page in the language that the browser has: loaded at the first width, seen at each.
async fn look(browser: &Browser, language: &str, path: &str, widths: &[u32]) -> Vec<String> {
    let mut complaints = Vec::new();
    let name: String = path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    browser.resize(widths[0], HIGH).await;
    browser.open(path).await;
    for width in widths {
        if *width != widths[0] {
            browser.resize(*width, HIGH).await;
        }
        let found = browser.told(LOOK).await;
        let found: Vec<String> = serde_json::from_value(found).expect("a list of texts");
        complaints.extend(found.into_iter().map(|what| format!("{path} in {language} at {width} px {what}")));
        browser.picture(&format!("{}-{language}-{width}", name.trim_matches('-'))).await;
    }
    complaints
}

#[test]
fn every_page_is_whole_in_both_languages() {
    on_the_demonstration(module_path!(), async |lis, browser| {
        let mut complaints = Vec::new();
        for (username, paths) in pages(lis) {
            browser.resize(WIDE, HIGH).await;
            if !username.is_empty() {
                browser.sign_in(username, PASSWORD).await;
            }
            // The language is chosen once for all pages.
            for (language, widths) in [("en", &[WIDE][..]), ("zh-CN", &[WIDE, NARROW])] {
                browser.open_in(language, "/verify").await;
                assert_eq!(browser.told("return document.documentElement.lang").await, language);
                for path in &paths {
                    let found = look(browser, language, path, widths).await;
                    complaints.extend(found.into_iter().map(|said| format!("{username}: {said}")));
                }
            }
        }
        assert!(complaints.is_empty(), "{} complaints:\n  {}", complaints.len(), complaints.join("\n  "));
    });
}
