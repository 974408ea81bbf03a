//! Samples on their way in: the sampler's form on a telephone, the custodian's receipt by scan.

use super::{PASSWORD, on_the_demonstration, one};

/// What the sampler types, by field; lists and dates are picked.
const TYPED: &[(&str, &str)] = &[
    ("ordering_name", "廊坊市市场监督管理局"),
    ("unit_name", "霸州示例粮油店"),
    ("unit_uscc", "91131081MA0DEM080E"),
    ("unit_address", "示例路 8 号"),
    ("contact", "店长"),
    ("phone", "13800000008"),
    ("sample_name", "大米"),
    ("unit_price", "6.80"),
    ("lot_size", "50"),
    ("lot_unit", "kg"),
    ("qty_total", "3.0"),
    ("qty_test", "2.0"),
    ("qty_backup", "1.0"),
    ("qty_unit", "kg"),
    ("seal_test_no", "J000901"),
    ("seal_backup_no", "B000901"),
    ("sampling_unit", "示例抽样单位"),
    ("sampler2", "抽样员乙"),
    ("unit_signed_by", "店长"),
];
const PICKED: &[(&str, &str)] = &[
    ("ordering_region", "1310"),
    ("unit_region", "131081102"),
    ("area_type", "countryside"),
    ("stage", "trade"),
    ("place", "trade_small_shop"),
    ("food_category", "milled-rice"),
    ("sample_source", "bought_in"),
    ("sample_attr", "ordinary"),
    ("goods_type", "processed"),
    ("packing", "loose"),
    ("date_kind", "purchased"),
    ("production_date", "2026-11-20"),
    ("form_state", "solid"),
    ("sampling_mode", "ordinary"),
    ("ship_deadline", "2026-11-30"),
];

#[test]
fn a_sampler_writes_a_form_that_survives_a_reload() {
    on_the_demonstration(module_path!(), async |_, browser| {
        browser.resize(390, 844).await;
        browser.sign_in("sampler1", PASSWORD).await;
        browser.shows("main", "目前没有待办事项").await;
        browser.open("/sampling-forms/new").await;
        for (name, text) in &TYPED[..3] {
            browser.fill(name, text).await;
        }
        // Leaving the page keeps the draft on the telephone; the first page tells of it.
        browser.open("/").await;
        browser.shows("main", "本机有一份未发送的抽样单").await;
        browser.picture("draft-left").await;
        browser.press("main [data-draft-left] a").await;
        browser.press("[data-draft-restore]").await;
        let kept = browser.told("return document.querySelector('[name=unit_name]').value").await;
        assert_eq!(kept, "霸州示例粮油店");
        for (name, text) in &TYPED[3..] {
            browser.fill(name, text).await;
        }
        for (name, value) in PICKED {
            browser.pick(name, value).await;
        }
        browser.choose("storage", "ambient").await;
        browser.press("main form button[type=submit]").await;
        browser.shows("main", "抽样单已提交").await;
        browser.open("/").await;
        browser.shows(".stations", "1 已封样、尚未送达的样品（我的）").await;
        assert_eq!(browser.told("return localStorage.length").await, 0, "the draft ends with the form");
        browser.press(".stations a").await;
        browser.shows("main table", "霸州示例粮油店").await;
        browser.shows("main table", "已封样").await;
    });
}

#[test]
fn a_custodian_receives_by_scan() {
    on_the_demonstration(module_path!(), async |lis, browser| {
        let form_no = one(
            lis,
            "SELECT form_no AS value FROM sampling_form JOIN sample ON sample.form_id = sampling_form.id \
             WHERE sample.state = 'sealed' AND client_id IS NOT NULL ORDER BY sample.id DESC",
        );
        browser.sign_in("custodian", PASSWORD).await;
        browser.shows(".stations", "待接收的样品").await;
        browser.scan(&form_no).await;
        browser.shows("h1", &form_no).await;
        browser.choose("delivery", "client").await;
        browser.fill("deliverer", "糕点厂司机").await;
        for line in ["form", "seal", "package", "state", "quantity", "shelf_life", "label"] {
            browser.choose(&format!("check_{line}"), "yes").await;
        }
        for line in ["units", "temperature"] {
            browser.choose(&format!("check_{line}"), "not_applicable").await;
        }
        browser.fill("state_text", "固体，包装完好，色泽正常").await;
        browser.fill("test_location", "A-1-9").await;
        browser.fill("backup_location", "B-2-9").await;
        browser.choose("decision", "accept").await;
        browser.press("main form button[type=submit]").await;
        browser.shows("main", "样品已接收").await;
        browser.shows("main", "A-1-9").await;
        let label = one(lis, "SELECT label_code AS value FROM part ORDER BY id DESC");
        // The label on the container leads back to the sample.
        browser.open("/").await;
        browser.scan(&label).await;
        browser.shows("main", "B-2-9").await;
    });
}
