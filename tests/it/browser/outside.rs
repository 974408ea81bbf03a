//! Those outside: an enterprise that orders a test, a regulator who decides on an application.

use serde_json::json;

use super::{PASSWORD, on_the_demonstration};

#[test]
fn an_enterprise_orders_a_test_and_finds_its_report() {
    on_the_demonstration(module_path!(), async |_, browser| {
        browser.sign_in("bakery", PASSWORD).await;
        browser.shows(".stations", "近 30 天签发的报告").await;
        browser.open("/portal/orders/new").await;
        for (name, text) in [
            ("sample_name", "绿豆糕"),
            ("batch_no", "20261126"),
            ("quantity", "1.5"),
            ("unit", "kg"),
            ("backup_quantity", "0.5"),
        ] {
            browser.fill(name, text).await;
        }
        browser.pick("food_category", "pastry").await;
        browser.pick("production_date", "2026-11-26").await;
        browser.pick("expiry_date", "2027-05-26").await;
        browser.choose("packing", "prepacked").await;
        browser.choose("form_state", "solid").await;
        browser.choose("storage", "ambient").await;
        // Of some three hundred choices those are left that hold every word.
        browser.fill_at("#f-sift", "苯甲酸 5009.28").await;
        let left =
            "return [...document.querySelectorAll('#item-choices > :not([hidden]) input')].map((one) => one.value)";
        assert_eq!(browser.told(left).await, json!(["benzoic-acid|GB 5009.28"]));
        browser.choose("items", "benzoic-acid|GB 5009.28").await;
        browser.press("main form button[type=submit]").await;
        browser.shows("h1", "绿豆糕").await;
        browser.shows("main .page-head", "待送达").await;
        browser.open("/").await;
        browser.shows(".stations", "已下单、尚未送样的委托").await;
        browser.open("/portal").await;
        browser.shows("main", "BZ-2026-W-000001").await;
        browser.sees("main a[href$='/pdf']").await;
    });
}

#[test]
fn a_regulator_decides_on_an_application() {
    on_the_demonstration(module_path!(), async |_, browser| {
        browser.sign_in("ordering", PASSWORD).await;
        browser.open("/cases").await;
        browser.shows("main table", "任务下达地").await;
        browser.press("main table a").await;
        browser.shows("main", "结论撤销").await;
        browser.shows("main", "0.301").await;
        browser.fill_at("form[action*='/applications/'] [name=reason]", "结论已撤销，复检不再需要。").await;
        browser.press("form[action*='/applications/'] button[value=refused]").await;
        browser.shows("main", "不予受理").await;
        browser.shows("main", "结论已撤销，复检不再需要。").await;

        // The county next to it learns of nothing.
        browser.sign_in("neighbour", PASSWORD).await;
        browser.open("/cases").await;
        browser.shows("main", "暂无内容").await;
    });
}
