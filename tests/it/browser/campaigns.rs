//! "You order, we test" in the browser: the officer and the approver, and the public.

use chrono::TimeDelta;
use lis_tests::TestLis;
use serde_json::json;

use super::{PASSWORD, on_the_demonstration, one};
use crate::steps::House;

#[test]
fn a_campaign_becomes_a_plan_that_somebody_else_approves() {
    on_the_demonstration(module_path!(), async |_, browser| {
        browser.sign_in("officer", PASSWORD).await;
        browser.open("/campaigns/new").await;
        browser.fill("title_zh", "2026 年腊月你点我检").await;
        browser.fill("title_en", "You order, we test: December 2026").await;
        browser.pick("region_code", "131081").await;
        browser.pick("repeat", "once").await;
        browser.pick("opens_at", "2026-11-27T08:00").await;
        browser.pick("closes_at", "2026-12-04T18:00").await;
        browser.fill("min_seconds", "10").await;
        browser.fill("privacy_zh", "电话号码只用于判断是否重复投票。").await;
        browser.fill("question_zh", "您最想检测哪类食品？").await;
        // Typed by a machine, a line that ends with Enter is what a barcode scanner sends.
        browser.pick("question_choices", "糕点 | Pastry\n大米 | Milled rice").await;
        browser.press("form[action='/campaigns'] button[type=submit]").await;
        browser.shows("h1", "2026 年腊月你点我检").await;
        browser.press("form[action$='/open'] button").await;
        browser.shows("main", "活动已开放").await;

        browser.press("a[href$='/responses/new']").await;
        for (telephone, choice) in [("13900000021", "c1"), ("13900000022", "c1"), ("13900000023", "c2")] {
            browser.choose("q1", choice).await;
            browser.fill("telephone", telephone).await;
            browser.fill("seconds_taken", "60").await;
            browser.submit("main form button[type=submit]").await;
            browser.shows("main", "已保存，请录入下一份").await;
        }
        browser.choose("q1", "c2").await;
        browser.fill("seconds_taken", "60").await;
        browser.press("main form button[type=submit]").await;
        browser.shows("main", "答卷已保存，但不计票").await;
        browser.shows("main", "没有手机号").await;
        browser.picture("paper").await;

        browser.press("nav.crumbs a[href^='/campaigns/']").await;
        browser.press("form[action$='/close'] button").await;
        browser.shows("main", "活动已结束，统计已冻结").await;
        browser.fill("title", "2026 年腊月抽检计划").await;
        browser.fill("batches", "6").await;
        browser.fill("floor_batches", "1").await;
        browser.press("form[action$='/plans'] button[type=submit]").await;
        // One for each; four are left: 4 x 2/3 and 4 x 1/3 give 2 and 1, and the larger remainder is that of pastry.
        browser.shows("main", "糕点 2 4").await;
        browser.shows("main", "大米 1 2").await;

        browser.sign_in("approver", PASSWORD).await;
        browser.shows(".stations", "1 待审批的抽样计划").await;
        browser.press(".stations a").await;
        browser.press("main table a").await;
        browser.shows("h1", "草稿").await;
        browser.press("button[name=decision][value=approve]").await;
        browser.shows("h1", "已批准").await;
    });
}

/// A campaign that is open, made by the officer's program.
fn open_campaign(lis: &TestLis) -> i64 {
    let house = House::of(lis);
    let choice = |zh: &str| json!({"name_zh": zh, "name_en": ""});
    let body = json!({
        "title_zh": "您想检什么", "title_en": "", "region_code": "131081", "opens_at": "2026-11-27 08:00",
        "closes_at": "2026-12-04 18:00", "min_seconds": 10, "repeat": "once", "privacy_zh": "只用于计票。", "privacy_en": "",
        "questions": [{"text_zh": "您最想检测哪类食品？", "text_en": "", "required": true, "max_choices": 1,
            "choices": [choice("糕点"), choice("大米")]}],
    });
    let id = house.done("officer", "/api/v1/campaigns", &body)["id"].as_i64().expect("an id");
    house.done_on("officer", &format!("/api/v1/campaigns/{id}/open"), 1, &json!({}));
    id
}

#[test]
fn the_public_votes_and_sees_results_and_reports() {
    on_the_demonstration(module_path!(), async |lis, browser| {
        let id = open_campaign(lis);
        browser.open(&format!("/language/zh-CN?back=/poll/{id}")).await;
        browser.picture("poll").await;
        browser.choose("q1", "c1").await;
        browser.fill("telephone", "139 0000 0031").await;
        lis.clock.advance(TimeDelta::seconds(60));
        browser.press("main form button[type=submit]").await;
        browser.shows("main", "谢谢，您的答卷有效").await;
        browser.press("main .notice a[href$='/results']").await;
        browser.shows("main", "活动结束后公布票数").await;

        // The demonstration's campaign is closed: 13 answers, 10 of them count, five of these for leafy vegetables.
        let closed = one(lis, "SELECT CAST(min(id) AS TEXT) AS value FROM campaign");
        browser.open(&format!("/poll/{closed}/results")).await;
        let figures = browser.text("main").await.split_whitespace().collect::<Vec<_>>().join(" ");
        for said in ["收到 13", "有效 10", "无效 3", "1. 叶菜类蔬菜 5"] {
            assert!(figures.contains(said), "{said} is not on the page: {figures}");
        }

        let code = |number: &str| {
            one(lis, &format!("SELECT verification_code AS value FROM report WHERE report_no = '{number}'"))
        };
        browser.open("/verify").await;
        browser.fill("code", &code("BZ-2026-J-000001")).await;
        browser.press("main form button[type=submit]").await;
        browser.shows("main", "报告已被替代").await;
        browser.picture("replaced").await;
        browser.press("main a[href^='/verify/']").await;
        browser.shows("main", "报告有效").await;
        browser.shows("main", "BZ-2026-J-000001-G1").await;
    });
}
