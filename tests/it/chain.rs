//! The whole chain, as the demonstration left it: what people see of it afterwards.

use std::process::Command;

use lis_tests::{TestLis, demonstrated};

/// A browser of somebody of the demonstration.
fn signed_in(lis: &TestLis, username: &str) -> lis_tests::Client {
    let client = lis.client();
    client.sign_in(username, "demo-laboratory");
    client
}

// Requirement: Q75-2, Q78-6
demonstrated!(a_replaced_report_still_says_what_it_said, |lis: TestLis| {
    let reviewer = signed_in(&lis, "reviewer");
    let id = |number: &str| lis.numbers(&format!("SELECT id AS value FROM report WHERE report_no = '{number}'"))[0];
    let (old, new) = (id("BZ-2026-J-000001"), id("BZ-2026-J-000001-G1"));

    let page = reviewer.get(&format!("/reports/{old}")).expect(200).page().text();
    assert!(page.contains("0.301") && page.contains("≤0.3"), "{page}");
    let page = reviewer.get(&format!("/reports/{new}")).expect(200).page().text();
    assert!(page.contains("0.30 ") && !page.contains("0.301 mg"), "{page}");

    let text = |report: i64| {
        let bytes = reviewer.get(&format!("/reports/{report}/pdf")).expect(200).body;
        let folder = tempfile::tempdir().expect("a temporary directory");
        let path = folder.path().join("report.pdf");
        std::fs::write(&path, bytes).expect("a file");
        let output = Command::new("pdftotext").arg("-layout").arg(&path).arg("-").output().expect("pdftotext runs");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let printed = text(old);
    for said in ["BZ-2026-J-000001", "0.301", "≤0.3", "GB 2762-2025", "GB 5009.12-2023", "小白菜"] {
        assert!(printed.contains(said), "{said} is not on the old report:\n{printed}");
    }
    let printed = text(new);
    for said in ["BZ-2026-J-000001-G1", "0.301", "0.30", "GB 2762-2025"] {
        assert!(printed.contains(said), "{said} is not on the new report:\n{printed}");
    }
});

demonstrated!(work_waits_at_every_station, |lis: TestLis| {
    let stations = [
        ("custodian", "/receipt"),
        ("manager", "/assignment"),
        ("tester2", "/worksheets"),
        ("checker", "/check"),
        ("reviewer", "/reports?state=compiling"),
        ("signatory", "/reports?state=reviewed"),
        ("quality", "/quality"),
    ];
    for (username, href) in stations {
        let page = signed_in(&lis, username).get("/").expect(200).page();
        let found = page.all("a").iter().any(|link| link.value().attr("href") == Some(href));
        assert!(found, "nothing waits for {username} at {href}");
    }
    // He reviewed the only report that is reviewed: it waits for somebody else.
    let own = signed_in(&lis, "reviewer").get("/").expect(200).page();
    let links: Vec<_> = own.all("main a").iter().filter_map(|link| link.value().attr("href")).collect();
    assert!(!links.contains(&"/reports?state=reviewed"), "{links:?}");
});
