//! Reports in the browser: the reviewer beside the raw data, the signatory, the issued paper.

use lis_server::front::QUEUES;
use lis_server::jobs::run_until_idle;

use super::{PASSWORD, SIGNING_PASSWORD, on_the_demonstration, one};

#[test]
fn a_reviewer_compares_with_the_raw_data_and_signs() {
    on_the_demonstration(module_path!(), async |lis, browser| {
        browser.sign_in("reviewer", PASSWORD).await;
        browser.shows(".stations", "1 待审核的报告").await;
        let issued = one(lis, "SELECT CAST(id AS TEXT) AS value FROM report WHERE report_no = 'BZ-2026-J-000001'");
        browser.open(&format!("/reports/{issued}")).await;
        browser.shows("main", "0.301").await;
        browser.press("main a[href^='/evidence/']").await;
        browser.sees(".raw li.shown mark").await;

        browser.open("/reports?state=compiling").await;
        browser.press("main table a").await;
        browser.shows("main", "编制中").await;
        browser.open_grant(SIGNING_PASSWORD).await;
        browser.picture("to-review").await;
        browser.press("form[action$='/review'] button").await;
        browser.shows("main", "已审核").await;
    });
}

#[test]
fn a_signatory_authorizes_and_the_report_is_issued() {
    on_the_demonstration(module_path!(), async |lis, browser| {
        browser.sign_in("signatory", PASSWORD).await;
        browser.shows(".stations", "1 待批准的报告").await;
        browser.press(".stations a").await;
        browser.press("main table a").await;
        let report = browser.path().await;
        browser.open_grant(SIGNING_PASSWORD).await;
        browser.press("form[action$='/authorize'] button").await;
        browser.shows("main", "已批准，正在生成文件").await;
        // On a thread that may wait for the database.
        std::thread::scope(|scope| scope.spawn(|| run_until_idle(&lis.app, QUEUES)).join())
            .expect("it is done")
            .expect("the report is made");
        browser.open(&report).await;
        browser.shows("main", "已签发").await;
        browser.sees("main a[href$='/pdf']").await;
        // What the public is told of it.
        browser.press("main a[href^='/verify/']").await;
        browser.shows("main", "报告有效").await;
    });
}
