//! The forms of the pages on the demonstrated laboratory, as somebody who may: each is opened as a browser does, filled
//! in with valid values, and sent with each of its fields in turn left out, too long, with control characters, with bytes
//! that are no UTF-8, with dates that are none. The page comes back and names the field with everything else as it was typed,
//! and nothing has changed.

use std::collections::BTreeMap;

use lis_server::db::DatabaseAddress;
use lis_tests::{Client, Form, Page, Reply, TestLis, demonstrated};

use super::commands::{fingerprint, signed_in};
use super::said::{Names, language_of};
use crate::steps::{House, text};

/// One form.
struct Sheet {
    by: &'static str,
    page: String,
    action: String,
    /// Valid values of fields that the page does not fill in itself.
    filled: &'static [(&'static str, &'static str)],
    /// Fields that must be there.
    required: &'static [&'static str],
    /// Choices of a list of boxes: not held back by their length alone.
    opaque: &'static [&'static str],
}

/// Fields that every form carries.
const FRAME: &[&str] = &["csrf", "once", "version"];
/// Fields that a form has for another of its buttons, or for values that this one does not enter.
const ELSEWHERE: &[(&str, &str)] = &[("/entries", "balance"), ("/entries", "reason"), ("/entries", "made_at")];

fn sheets(lis: &TestLis) -> Vec<Sheet> {
    let one = |query: &str| lis.numbers(&format!("SELECT ({query}) AS value"))[0];
    let sheet = |by: &'static str, page: String, action: String| Sheet {
        by,
        page,
        action,
        filled: &[],
        required: &[],
        opaque: &[],
    };
    let waiting = one("SELECT max(form_id) FROM sample WHERE client_id IS NOT NULL AND state = 'sealed'");
    let sample = one("SELECT max(sample_id) FROM sample_receipt");
    let campaign = one("SELECT max(id) FROM campaign");
    let open = one("SELECT max(id) FROM worksheet WHERE state = 'open'");
    let item = one("SELECT max(id) FROM test_item WHERE state = 'calculated'");
    let report = one("SELECT max(id) FROM report WHERE state = 'reviewed'");
    let work = one("SELECT max(id) FROM nonconforming_work WHERE state = 'resumed'");
    let instrument = one("SELECT max(id) FROM instrument");
    let firm = one("SELECT max(id) FROM enterprise");
    vec![
        Sheet {
            filled: &[
                ("sample_name", "桃酥"),
                ("food_category", "pastry"),
                ("production_date", "2026-11-10"),
                ("packing", "prepacked"),
                ("form_state", "solid"),
                ("storage", "ambient"),
                ("quantity", "1.5"),
                ("unit", "kg"),
                ("items", "benzoic-acid|GB 5009.28"),
                ("decision_rule", "full_value"),
                ("contact", "联系人"),
                ("phone", "13800000001"),
                ("report_copies", "1"),
                ("signed_by", "联系人"),
                ("expiry_date", "2027-05-10"),
                ("wanted_on", "2026-12-20"),
            ],
            required: &[
                "sample_name",
                "food_category",
                "packing",
                "form_state",
                "storage",
                "quantity",
                "unit",
                "items",
                "decision_rule",
                "contact",
                "phone",
                "report_copies",
                "signed_by",
            ],
            ..sheet("bakery", "/portal/orders/new".into(), "/portal/orders".into())
        },
        Sheet {
            filled: &[
                ("task_category", "supervision"),
                ("ordering_name", "霸州市市场监督管理局"),
                ("ordering_region", "131081"),
                ("unit_name", "霸州示例粮油店"),
                ("unit_uscc", "91131081MA0DEM080E"),
                ("unit_address", "示例路 8 号"),
                ("unit_region", "131081102"),
                ("area_type", "countryside"),
                ("contact", "店长"),
                ("phone", "13800000008"),
                ("stage", "trade"),
                ("place", "trade_small_shop"),
                ("sample_name", "大米"),
                ("food_category", "milled-rice"),
                ("sample_source", "bought_in"),
                ("sample_attr", "ordinary"),
                ("goods_type", "processed"),
                ("packing", "loose"),
                ("production_date", "2026-11-02"),
                ("form_state", "solid"),
                ("storage", "ambient"),
                ("unit_price", "6.80"),
                ("lot_size", "50"),
                ("lot_unit", "kg"),
                ("qty_total", "3.0"),
                ("qty_backup", "1.0"),
                ("qty_unit", "kg"),
                ("sampling_mode", "ordinary"),
                ("seal_test_no", "J1"),
                ("seal_backup_no", "B1"),
                ("ship_deadline", "2026-11-30"),
                ("sampling_unit", "示例抽样单位"),
                ("sampler2", "抽样员乙"),
                ("unit_signed_by", "店长"),
                ("sampled_at", "2026-11-26T08:40"),
            ],
            required: &[
                "task_category",
                "ordering_name",
                "unit_name",
                "stage",
                "sample_name",
                "food_category",
                "storage",
                "unit_price",
                "qty_total",
                "sampler1",
                "sampler2",
                "sampled_at",
                "ship_deadline",
                "seal_backup_no",
            ],
            opaque: &["client_uuid"],
            ..sheet("sampler1", "/sampling-forms/new".into(), "/sampling-forms/new".into())
        },
        Sheet {
            filled: &[
                ("delivery", "client"),
                ("deliverer", "联系人"),
                ("check_form", "yes"),
                ("check_seal", "yes"),
                ("check_package", "yes"),
                ("check_state", "yes"),
                ("check_quantity", "yes"),
                ("check_units", "not_applicable"),
                ("check_temperature", "not_applicable"),
                ("check_shelf_life", "yes"),
                ("check_label", "yes"),
                ("state_text", "完好"),
                ("decision", "accept"),
                ("test_location", "A-1-1"),
                ("backup_location", "B-1-1"),
            ],
            required: &["arrived_at", "delivery", "deliverer", "check_seal", "state_text", "decision", "test_location"],
            ..sheet("custodian", format!("/receipt/{waiting}"), format!("/receipt/{waiting}"))
        },
        sheet("custodian", format!("/samples/{sample}"), format!("/samples/{sample}/hold")),
        Sheet {
            filled: &[
                ("title_zh", "第二轮"),
                ("region_code", "131081"),
                ("opens_at", "2026-11-27T08:00"),
                ("closes_at", "2026-11-28T18:00"),
                ("privacy_zh", "只用于计票。"),
            ],
            required: &["title_zh", "region_code", "opens_at", "closes_at", "privacy_zh"],
            opaque: &["questions", "min_seconds", "repeat"],
            ..sheet("officer", "/campaigns/new".into(), "/campaigns".into())
        },
        Sheet {
            filled: &[("title", "第二个计划"), ("batches", "9"), ("floor_batches", "1")],
            required: &["title", "batches", "floor_batches"],
            ..sheet("officer", format!("/campaigns/{campaign}"), format!("/campaigns/{campaign}/plans"))
        },
        Sheet {
            filled: &[("task", "第二次抽查"), ("region_code", "1310"), ("units", "1")],
            required: &["task", "region_code", "units"],
            ..sheet("officer", "/draws/new".into(), "/draws".into())
        },
        Sheet {
            filled: &[
                ("name", "霸州示例冷饮店"),
                ("stage", "trade"),
                ("address", "示例路 99 号"),
                ("region_code", "131081101"),
                ("email", "unit99@lis.example"),
                ("phone", "13800000099"),
                ("licence_no", "JY11310810000129"),
            ],
            required: &["name", "stage", "address", "region_code"],
            ..sheet("officer", "/enterprises/new".into(), "/enterprises".into())
        },
        Sheet {
            required: &["name", "stage", "address", "region_code"],
            opaque: &["active"],
            ..sheet("officer", format!("/enterprises/{firm}"), format!("/enterprises/{firm}"))
        },
        Sheet {
            filled: &[
                ("person_id", "8"),
                ("method_standard", "*"),
                ("activity", "test"),
                ("valid_from", "2026-11-20"),
                ("valid_until", "2027-11-19"),
            ],
            required: &["person_id", "method_standard", "activity", "valid_from", "valid_until"],
            ..sheet("manager", "/authorizations".into(), "/authorizations".into())
        },
        Sheet {
            filled: &[
                ("code", "ICP-09"),
                ("name", "ICP-MS"),
                ("profile", "generic_long_table"),
                ("status", "qualified"),
                ("calibrated_until", "2027-06-30"),
                ("minimum_weight_g", "0.020"),
            ],
            required: &["code", "name", "status"],
            ..sheet("manager", "/instruments/new".into(), "/instruments".into())
        },
        Sheet {
            required: &["code", "name"],
            ..sheet("manager", format!("/instruments/{instrument}"), format!("/instruments/{instrument}"))
        },
        Sheet {
            filled: &[
                ("spike_added", "0.2"),
                ("certified", "0.21"),
                ("uncertainty", "0.02"),
                ("sigma", "0.01"),
                ("nominal", "20"),
            ],
            required: &["uncertainty"],
            ..sheet("tester2", "/worksheets".into(), "/worksheets".into())
        },
        Sheet {
            filled: &[("reason", "仪器停机")],
            opaque: &["once"],
            ..sheet("tester2", format!("/worksheets/{open}"), format!("/worksheets/{open}/entries"))
        },
        Sheet { required: &["reason"], ..sheet("checker", format!("/check/{item}"), format!("/check/{item}/repeat")) },
        Sheet {
            required: &["reason"],
            ..sheet("signatory", format!("/reports/{report}"), format!("/reports/{report}/send-back"))
        },
        Sheet {
            required: &["action"],
            ..sheet("quality", format!("/quality/work/{work}"), format!("/quality/work/{work}/close"))
        },
        Sheet {
            filled: &[
                ("root_cause", "读数未经第二人核对"),
                ("corrective_action", "空白读数由两人核对"),
                ("due_on", "2026-12-31"),
            ],
            required: &["root_cause", "corrective_action", "due_on"],
            ..sheet("quality", format!("/quality/work/{work}"), format!("/quality/work/{work}/corrective-action"))
        },
        Sheet {
            filled: &[
                ("provider", "示例能力验证提供者"),
                ("scheme", "PT-2026-01"),
                ("analyte", "镉"),
                ("matrix", "大米粉"),
                ("method", "GB 5009.15"),
                ("unit", "mg/kg"),
                ("assigned_value", "0.250"),
                ("sigma_pt", "0.020"),
                ("own_result", "0.262"),
                ("reported_on", "2026-11-20"),
            ],
            required: &[
                "provider",
                "scheme",
                "analyte",
                "matrix",
                "method",
                "unit",
                "assigned_value",
                "sigma_pt",
                "own_result",
                "reported_on",
            ],
            ..sheet("quality", "/quality/proficiency".into(), "/quality/proficiency".into())
        },
        Sheet {
            filled: &[
                ("kind", "person"),
                ("method", "GB 5009.15"),
                ("analyte", "镉"),
                ("unit", "mg/kg"),
                ("first", "检验员甲"),
                ("second", "检验员乙"),
                ("allowed_difference", "0.020"),
                ("due_on", "2026-12-20"),
            ],
            required: &["kind", "method", "analyte", "unit", "first", "second", "allowed_difference", "due_on"],
            ..sheet("quality", "/quality/comparisons".into(), "/quality/comparisons".into())
        },
        Sheet {
            filled: &[
                ("complainant", "示例企业"),
                ("contact", "13800000009"),
                ("content", "报告送达迟于约定日期"),
                ("received_at", "2026-11-26T09:00"),
            ],
            required: &["complainant", "contact", "content", "received_at"],
            ..sheet("quality", "/complaints".into(), "/complaints".into())
        },
        Sheet {
            filled: &[("username", "newcomer"), ("name", "癸"), ("roles", "tester"), ("email", "new@lis.example")],
            required: &["username", "name", "roles"],
            opaque: &["enterprise_id"],
            ..sheet("admin", "/people/new".into(), "/people".into())
        },
    ]
}

/// Where the forms are sent to.
pub(super) fn addresses(lis: &TestLis) -> Vec<String> {
    sheets(lis).into_iter().map(|sheet| sheet.action).collect()
}

/// What a value may not be, and what that is called; `{V}` stands for the value that is there.
const WRONG: &[(&str, &str)] =
    &[("control character", "a%07b"), ("NUL", "a%00b"), ("no UTF-8", "a%FF%FEb"), ("half a character", "%E9%93")];
/// Whether everything is sent here, or only what a database has to do with: what a rule stops before either of them is asked
/// is stopped on both alike.
pub(super) fn takes_all(lis: &TestLis) -> bool {
    matches!(lis.database.address, DatabaseAddress::Sqlite(_))
}

/// Those of them that a database has to do with. What is no text is stopped before either of them; PostgreSQL alone takes
/// no NUL, so that one is sent there too.
pub(super) fn wrong_on(lis: &TestLis) -> &'static [(&'static str, &'static str)] {
    if takes_all(lis) { WRONG } else { &WRONG[1..2] }
}
const NO_DATES: &[(&str, &str)] = &[("no day", "2026-02-30"), ("no year", "99999-01-01"), ("a word", "tomorrow")];

fn encoded(form: &Form, but: &str, value: Option<&str>) -> Vec<u8> {
    let one = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let kept = form
        .pairs()
        .iter()
        .filter(|(name, _)| name != but)
        .map(|(name, value)| format!("{}={}", one(name), one(value)));
    let wrong = value.map(|value| format!("{}={value}", one(but)));
    kept.chain(wrong).collect::<Vec<_>>().join("&").into_bytes()
}

/// What is wrong with the page that comes back.
pub(super) fn wrong_page(reply: &Reply, page: &Page, field: &str) -> Option<String> {
    if !(400..=428).contains(&reply.status) {
        return Some(format!("answered {}: {}", reply.status, reply.shown()));
    }
    let beside = !page.error_at(field).is_empty();
    let above =
        page.all("[data-kind=problem] a").iter().any(|link| link.value().attr("href") == Some(&format!("#f-{field}")));
    let named = page.texts("[data-kind=problem] li code").iter().any(|name| name == field);
    // Fields of a question are repeated; the refusal counts them: `questions.0.text_zh`.
    let counted = field.starts_with("question_") && !page.all("[data-kind=problem] a[href^='#f-questions']").is_empty();
    (!(beside || above || named || counted)).then(|| format!("{field} is not named: {}", reply.shown()))
}

/// What of a form is gone from the page that refused it: every other field is there as it was typed, in the form or, where the
/// refusal is a page of its own, in its list.
fn lost(page: &Page, action: &str, sent: &Form, but: &str) -> Option<String> {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_back = page.all("form").iter().any(|form| form.value().attr("action") == Some(action));
    let (back, listed) = (is_back.then(|| page.form(action)), page.text());
    let is_gone = |(name, value): &&(String, String)| {
        let value = words(value);
        let kept = match &back {
            Some(form) => form.values(name).iter().any(|kept| words(kept) == value),
            None => listed.contains(&value),
        };
        // The key of a cell's entry is drawn anew with the page.
        let framed = FRAME.contains(&name.as_str()) || name.starts_with("u-");
        name != but && !framed && !value.is_empty() && !kept
    };
    sent.pairs().iter().find(is_gone).map(|(name, value)| format!("{name} is gone: {value}"))
}

fn attack(lis: &TestLis, client: &Client, sheet: &Sheet, names: &Names, complaints: &mut Vec<String>) -> usize {
    let mut form = client.form(&sheet.page, &sheet.action);
    for (name, value) in sheet.filled {
        form = form.set(name, value);
    }
    let mut fields: Vec<String> =
        form.pairs().iter().map(|(name, _)| name.clone()).filter(|name| !FRAME.contains(&name.as_str())).collect();
    // What a cell that stays empty was seen to hold is not read.
    fields.retain(|name| !name.starts_with("s-") && !name.starts_with("u-"));
    fields.retain(|name| !ELSEWHERE.iter().any(|(action, field)| sheet.action.ends_with(action) && name == field));
    fields.dedup();
    let mut sent = 0;
    for name in &fields {
        let mut wrong: Vec<(&str, Option<String>)> = Vec::new();
        if takes_all(lis) && sheet.required.contains(&name.as_str()) {
            wrong.push(("missing", None));
        }
        let text = form.value(name).unwrap_or_default();
        wrong.extend(
            wrong_on(lis)
                .iter()
                .filter(|(what, _)| !sheet.opaque.contains(&name.as_str()) || what.contains("UTF-8") || *what == "NUL")
                .map(|(what, value)| (*what, Some((*value).to_owned()))),
        );
        if takes_all(lis) && !sheet.opaque.contains(&name.as_str()) {
            wrong.push(("too long", Some("%E9%95%BF".repeat(10_000))));
        }
        if text.len() >= 10 && text.starts_with("20") && text.as_bytes()[4] == b'-' {
            wrong.extend(NO_DATES.iter().map(|(what, value)| (*what, Some((*value).to_owned()))));
        }
        for (what, value) in wrong {
            let body = encoded(&form, name, value.as_deref());
            let asked = language_of(sent);
            let ask = client.ask("POST", &sheet.action).header("sec-fetch-site", "same-origin");
            let ask = ask.in_language(asked.code()).form_body(body.clone());
            sent += 1;
            let complaint = match ask.try_send() {
                Ok(reply) => {
                    let page = reply.page();
                    wrong_page(&reply, &page, name)
                        .or_else(|| names.wrong_page(&page, asked, &body))
                        .or_else(|| lost(&page, &sheet.action, &form, name))
                }
                Err(error) => Some(format!("no answer: {error}")),
            };
            complaints.extend(complaint.map(|why| format!("{} by {}: {name}: {what}: {why}", sheet.action, sheet.by)));
        }
    }
    sent
}

demonstrated!(every_field_of_every_form_is_checked, |lis: TestLis| {
    // An item that waits for a worksheet, so that its form is on the page.
    let house = House::of(&lis);
    let waiting = house.items("manager", "/api/v1/assignments?limit=500");
    house.assign(&text(&waiting[0]["label_code"]), "tester2");
    let names = Names::of(&lis);
    let (mut clients, mut complaints, mut sent) = (BTreeMap::new(), Vec::new(), 0);
    let mut before = fingerprint(&lis);
    for sheet in sheets(&lis) {
        let client: &Client = clients.entry(sheet.by).or_insert_with(|| signed_in(&lis, sheet.by));
        sent += attack(&lis, client, &sheet, &names, &mut complaints);
        let after = fingerprint(&lis);
        if before != after {
            let changed = after.iter().filter(|(table, now)| before.get(*table) != Some(now));
            complaints.push(format!(
                "{} by {}: something was changed: {:?}",
                sheet.action,
                sheet.by,
                changed.collect::<Vec<_>>()
            ));
        }
        before = after;
    }
    assert!(complaints.is_empty(), "{} of {sent} answers:\n{}", complaints.len(), complaints.join("\n"));
    // On SQLite five and more to a field, on PostgreSQL one and the days that are none.
    let least = if takes_all(&lis) { 400 } else { 150 };
    assert!(sent > least, "only {sent} hostile forms were sent");
});
