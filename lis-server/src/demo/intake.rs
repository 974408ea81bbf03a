//! Second act: forms, orders and receipt. Forms come from the national system and from the spot, orders from the portal; what
//! arrives is checked, accepted with labels and parts, or rejected.

use std::collections::BTreeMap;

use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};
use uuid::Uuid;

use super::caller::{Deviation, Played, states};
use super::choosing::Chosen;
use super::stage::{Stage, plain_text};
use crate::samples::import::SHIPPED;

/// A sample in the laboratory.
#[derive(Clone, Debug)]
pub struct Sample {
    pub id: i64,
    pub number: String,
    /// Code on the container that chemistry tests.
    pub label: String,
    /// Codes of all containers, microbiology included.
    pub labels: Vec<String>,
}

/// The samples that the later acts follow.
pub struct Taken {
    /// Pak choi: its lead fails at first.
    pub cabbage: Sample,
    /// Celery of the same batch of tests.
    pub celery: Sample,
    /// Rice, sampled on the spot.
    pub rice: Sample,
    /// Pastry, entrusted: microbiology.
    pub pastry: Sample,
}

pub fn play(stage: &mut Stage, chosen: &Chosen) -> Played<Taken> {
    stage.act("demo-act-intake");
    stage.set_clock("2026-11-17 09:00")?;
    let (cabbage, celery) = national_forms(stage)?;
    let rice = form_on_the_spot(stage, chosen)?;
    let pastry = order(stage, &pastry_order())?.id;
    stage.tell("demo-order", &[]);
    stage.set_clock("2026-11-17 14:00")?;
    let cabbage = receive(stage, cabbage, 0)?;
    let celery = receive(stage, celery, 0)?;
    let rice = receive(stage, rice, 0)?;
    let pastry = receive(stage, pastry, 5)?;
    let parts = cabbage.labels.len() + celery.labels.len() + rice.labels.len() + pastry.labels.len();
    states("containers with a label", &parts, &13)?;
    stage.tell("demo-received", &[("samples", &4), ("labels", &parts)]);
    rejected(stage)?;
    store(stage, &cabbage)?;
    for (name, sample) in [("cabbage", &cabbage), ("celery", &celery), ("rice", &rice), ("pastry", &pastry)] {
        stage.note(name, json!({"sample": sample.id, "sample_no": sample.number, "labels": sample.labels}));
    }
    Ok(Taken { cabbage, celery, rice, pastry })
}

/// What all forms of this script share, by the fields' names; words as the national system writes them.
const NATIONAL: &[(&str, &str)] = &[
    ("task_category", "监督抽检"),
    ("ordering_name", "霸州市市场监督管理局"),
    ("ordering_region", "131081"),
    ("area_type", "城市"),
    ("contact", "示例联系人"),
    ("phone", "13800000003"),
    ("stage", "流通"),
    ("sample_source", "外购"),
    ("sample_attr", "普通食品"),
    ("goods_type", "食用农产品"),
    ("packing", "散装"),
    ("date_kind", "购进日期"),
    ("production_date", "2026-11-15"),
    ("form_state", "固体"),
    ("storage", "常温"),
    ("unit_price", "3.50"),
    ("lot_size", "20"),
    ("lot_unit", "kg"),
    ("qty_total", "3.0"),
    ("qty_backup", "1.0"),
    ("qty_unit", "kg"),
    ("sampling_mode", "非无菌抽样"),
    ("ship_deadline", "2026-11-20"),
    ("ship_to", "共享食品检测实验室"),
    ("sampling_unit", "示例抽样单位"),
    ("sampler1", "抽样员甲"),
    ("sampler2", "抽样员乙"),
    ("sampled_at", "2026-11-16 15:30"),
];

const MARKET: &[(&str, &str)] = &[
    ("unit_name", "文安示例超市"),
    ("unit_uscc", "91131026MA0DEM03XE"),
    ("unit_address", "示例路 3 号"),
    ("unit_region", "131026100"),
    ("place", "超市"),
    ("producer_name", "大厂示例蔬菜种植合作社"),
    ("producer_address", "示例路 5 号"),
    ("producer_region", "131028"),
];

const STALL: &[(&str, &str)] = &[
    ("unit_name", "霸州示例菜场摊位乙"),
    ("unit_uscc", "91131081MA0DEM072K"),
    ("unit_address", "示例路 7 号"),
    ("unit_region", "131081101"),
    ("place", "农贸市场"),
];

/// One row of the export: number, name, class, unit, and the column that is wrong in the first try.
fn row(
    number: u32,
    name: &str,
    class: &str,
    unit: &[(&str, &str)],
    wrong: &[(&str, &str)],
) -> BTreeMap<String, String> {
    let mut row: BTreeMap<String, String> =
        NATIONAL.iter().chain(unit).map(|(field, word)| ((*field).to_owned(), (*word).to_owned())).collect();
    let own = [
        ("form_no", format!("XBJ2613108100000{number:04}")),
        ("sample_name", name.to_owned()),
        ("food_category", class.to_owned()),
        ("seal_test_no", format!("J{number:06}")),
        ("seal_backup_no", format!("B{number:06}")),
        ("batch_no", format!("2026-11-15-{number}")),
    ];
    row.extend(own.map(|(field, word)| (field.to_owned(), word)));
    row.extend(wrong.iter().map(|(field, word)| ((*field).to_owned(), (*word).to_owned())));
    row
}

/// The file as the national system exports it, with the columns of the mapping.
fn export(rows: &[BTreeMap<String, String>]) -> Played<Vec<u8>> {
    let mapping: toml::Table = SHIPPED.parse().map_err(|error| Deviation(format!("the shipped mapping: {error}")))?;
    let columns: Vec<(&String, &str)> = mapping["columns"]
        .as_table()
        .map(|table| table.iter().filter_map(|(field, column)| Some((field, column.as_str()?))).collect())
        .unwrap_or_default();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let failed = |error: rust_xlsxwriter::XlsxError| Deviation(format!("the export: {error}"));
    for (place, (field, column)) in (0_u16..).zip(&columns) {
        sheet.write_string(0, place, *column).map_err(failed)?;
        for (line, row) in (1_u32..).zip(rows) {
            sheet.write_string(line, place, row.get(*field).map_or("", String::as_str)).map_err(failed)?;
        }
    }
    book.save_to_buffer().map_err(failed)
}

fn national_forms(stage: &mut Stage) -> Played<(i64, i64)> {
    let good = || {
        vec![
            row(1, "小白菜", "leafy-vegetables-pak-choi", MARKET, &[]),
            row(2, "芹菜", "leafy-vegetables-celery", STALL, &[]),
        ]
    };
    let waiting = |wrong| row(3, "小白菜", "leafy-vegetables-pak-choi", STALL, wrong);
    let mut first = good();
    first.push(waiting(&[("production_date", "2026-11-18")]));
    let path = "/api/v1/sampling-form-imports?mode=";
    let program = stage.program("custodian")?;
    let dry = program.upload(&format!("{path}dry_run"), "抽样单导出.xlsx", &export(&first)?)?.done()?;
    let rows = dry.body["rows"].as_array().cloned().unwrap_or_default();
    let bad: Vec<&Value> = rows.iter().filter(|row| row["good"] == json!(false)).collect();
    let named: Vec<(&Value, &Value, &Value)> =
        bad.iter().map(|row| (&row["row"], &row["reasons"][0]["column"], &row["reasons"][0]["code"])).collect();
    let stated = (json!(4), json!("生产日期"), json!("produced-after-sampling"));
    states("the bad row of the dry run", &named, &vec![(&stated.0, &stated.1, &stated.2)])?;
    let mut mended = good();
    mended.push(waiting(&[]));
    let done = program.upload(&format!("{path}all"), "抽样单导出-改.xlsx", &export(&mended)?)?.done()?;
    states("imported forms", &done.number("imported")?, &3)?;
    let found = stage.by("custodian")?.get("/api/v1/samples?state=sealed&limit=100")?.done()?.items();
    let id_of = |number: &str| {
        let sample = found.iter().find(|sample| sample["form_no"] == number);
        sample.and_then(|sample| sample["id"].as_i64()).ok_or_else(|| Deviation(format!("{number} was not imported")))
    };
    let ids = (id_of("XBJ26131081000000001")?, id_of("XBJ26131081000000002")?);
    stage.tell("demo-imported", &[("row", &4), ("column", &"生产日期"), ("forms", &3)]);
    Ok(ids)
}

/// The rice of the plan is not sold by the units drawn, and one of the samplers drawn is away.
const DEVIATION: &str = "抽中单位均不经营大米，改抽同县粮油店；抽样员丙请假，由抽样员乙代替";

fn form_on_the_spot(stage: &mut Stage, chosen: &Chosen) -> Played<i64> {
    let form = json!({
        "task_category": "campaign", "ordering_name": "廊坊市市场监督管理局", "ordering_region": "1310",
        "draw_id": chosen.draw_id.to_string(),
        "plan_line_id": chosen.plan_line.to_string(), "unit_name": "霸州示例粮油店",
        "unit_uscc": "91131081MA0DEM080E", "unit_address": "示例路 8 号", "unit_region": "131081102",
        "area_type": "countryside", "contact": "店长", "phone": "13800000008", "stage": "trade",
        "place": "trade_small_shop", "sample_name": "大米", "food_category": "milled-rice",
        "sample_source": "bought_in", "sample_attr": "ordinary", "goods_type": "processed", "packing": "loose",
        "date_kind": "purchased", "production_date": "2026-11-02", "form_state": "solid", "storage": ["ambient"],
        "unit_price": "6.80", "lot_size": "50", "lot_unit": "kg", "qty_total": "3.0", "qty_test": "2.0",
        "qty_backup": "1.0", "qty_unit": "kg", "sampling_mode": "ordinary", "seal_test_no": "J000101",
        "seal_backup_no": "B000101", "ship_deadline": "2026-11-19", "ship_to": "共享食品检测实验室",
        "sampling_unit": "示例抽样单位", "sampler1": "抽样员甲", "sampler2": "抽样员乙", "unit_signed_by": "店长",
        "sampled_at": "2026-11-17 08:40",
    });
    let mut body = json!({"client_uuid": Uuid::new_v4().to_string(), "form": form});
    let sampler = stage.by("sampler1")?;
    // Another unit and another pair than the draw says are not passed over.
    let differs = ["draw-unit-differs", "draw-samplers-differ"];
    sampler.post("/api/v1/sampling-forms", &body)?.refused(&differs)?;
    body["form"]["draw_deviation"] = json!(DEVIATION);
    let written = sampler.post("/api/v1/sampling-forms", &body)?.done()?;
    // The telephone had no network and sends it again: nothing changes.
    let again = sampler.post("/api/v1/sampling-forms", &body)?.done()?;
    states("the form sent twice", &again.number("sample_id")?, &written.number("sample_id")?)?;
    let number = written.text("form_no")?;
    let id = written.number("sample_id")?;
    stage.tell("demo-form", &[("number", &number)]);
    Ok(id)
}

/// An order of the bakery for one item of a food.
pub fn order_of(name: &str, class: &str, item: &str, micro_units: &str) -> Value {
    json!({
        "sample_name": name, "food_category": class, "brand": "示例", "spec": "500 g", "production_date": "2026-11-10",
        "expiry_date": "2027-05-10", "batch_no": "20261110", "product_std": "", "producer_name": "霸州示例糕点厂",
        "packing": "prepacked", "form_state": "solid", "storage": ["ambient"], "quantity": "1.5", "unit": "kg",
        "backup_quantity": "0.5", "micro_units": micro_units, "items": [item], "decision_rule": "full_value",
        "contact": "糕点厂联系人", "phone": "13800000001", "report_copies": "1", "signed_by": "糕点厂联系人",
    })
}

fn pastry_order() -> Value {
    order_of("桃酥", "pastry", "aerobic-plate-count|GB 4789.2", "5")
}

/// An order that waits for its sample.
pub struct Ordered {
    /// Of the sample.
    pub id: i64,
    pub form_no: String,
}

/// The bakery orders through its portal.
pub fn order(stage: &Stage, order: &Value) -> Played<Ordered> {
    let placed = stage.by("bakery")?.post("/api/v1/orders", order)?.done()?;
    Ok(Ordered { id: placed.number("sample_id")?, form_no: placed.text("form_no")? })
}

/// A receipt record without complaints.
fn receipt(stage: &Stage, micro_units: u32) -> Value {
    let units = if micro_units > 0 { "yes" } else { "not_applicable" };
    let arrived = stage.lis.clock.now().in_china().format("%Y-%m-%d %H:%M").to_string();
    json!({
        "arrived_at": arrived, "delivery": "sampler", "deliverer": "抽样员甲", "check_form": "yes", "check_seal": "yes",
        "check_package": "yes", "check_state": "yes", "check_quantity": "yes", "check_units": units,
        "check_temperature": "not_applicable", "check_shelf_life": "yes", "check_label": "yes",
        "state_text": "固体，包装完好，色泽正常", "decision": "accept", "test_location": "A-1-1", "backup_location": "B-2-1",
        "micro_location": if micro_units > 0 { "M-1-1" } else { "" },
    })
}

/// The custodian accepts what arrived.
pub fn receive(stage: &Stage, id: i64, micro_units: u32) -> Played<Sample> {
    let body = receipt(stage, micro_units);
    let received = stage.by("custodian")?.post_on(&format!("/api/v1/samples/{id}/receipts"), 1, &body)?.done()?;
    let labels: Vec<String> = received.body["label_codes"]
        .as_array()
        .map(|codes| codes.iter().filter_map(|code| code.as_str().map(str::to_owned)).collect())
        .unwrap_or_default();
    let label = labels.first().cloned().ok_or_else(|| Deviation(format!("sample {id} has no label")))?;
    Ok(Sample { id, number: received.text("sample_no")?, label, labels })
}

fn rejected(stage: &mut Stage) -> Played {
    let Ordered { id, form_no } = order(stage, &order_of("桃酥", "pastry", "benzoic-acid|GB 5009.28", ""))?;
    let mut body = receipt(stage, 0);
    body["check_package"] = json!("no");
    body["check_package_note"] = json!("外包装破损，内袋渗漏");
    let path = format!("/api/v1/samples/{id}/receipts");
    // A failed check and "accept" do not go together.
    stage.by("custodian")?.post_on(&path, 1, &body)?.refused(&["checks-failed"])?;
    body["decision"] = json!("reject");
    body["reason_code"] = json!("R02");
    let done = stage.by("custodian")?.post_on(&path, 1, &body)?.done()?;
    states("the state of the rejected sample", &done.text("state")?.as_str(), &"rejected")?;
    let mails = stage.mails_to("bakery@lis.example", 1)?;
    let told = mails.last().map(|mail| plain_text(mail)).transpose()?.unwrap_or_default();
    states("the reason in the mail", &(told.contains("R02"), told.contains(&form_no)), &(true, true))?;
    stage.note("rejected", json!({"sample": id, "form_no": form_no, "state": "rejected", "reason_code": "R02"}));
    stage.tell("demo-rejected", &[("code", &"R02"), ("recipient", &"bakery@lis.example")]);
    Ok(())
}

/// The test part is split for two benches; the backup part moves to its cold store.
fn store(stage: &mut Stage, sample: &Sample) -> Played {
    let custodian = stage.by("custodian")?;
    let shown = custodian.get(&format!("/api/v1/samples/{}", sample.id))?.done()?;
    let parts = shown.body["parts"].as_array().cloned().unwrap_or_default();
    let part = |role: &str| {
        let found = parts.iter().find(|part| part["role"] == role);
        let id = found.and_then(|part| Some((part["id"].as_i64()?, part["version"].as_i64()?)));
        id.ok_or_else(|| Deviation(format!("there is no {role} part")))
    };
    let (test, version) = part("test")?;
    let split = json!({"quantities": ["0.5", "0.5"], "location": "A-1-2"});
    let made = custodian.post_on(&format!("/api/v1/parts/{test}/split"), version, &split)?.done()?;
    let codes = made.body["label_codes"].as_array().map_or(0, Vec::len);
    states("subsamples", &codes, &2)?;
    let (backup, version) = part("backup")?;
    let moved = json!({"event": "move", "holder_id": "", "location": "B-3-7"});
    custodian.post_on(&format!("/api/v1/parts/{backup}/custody"), version, &moved)?.done()?;
    stage.tell("demo-stored", &[("subsamples", &codes), ("location", &"B-3-7")]);
    Ok(())
}
