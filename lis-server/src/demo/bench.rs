//! Third act: the benches. Items go to authorized people and onto worksheets with controls; instruments deliver their
//! values through the drivers; what no instrument measures is typed.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::caller::{Deviation, Played, states};
use super::devices::{self, Devices};
use super::intake::Taken;
use super::own_limits;
use super::stage::Stage;

/// A worksheet with its positions by label code and kind.
pub struct Sheet {
    pub id: i64,
    pub number: String,
    tester: &'static str,
}

/// What the benches leave.
pub struct Tested {
    /// The sheet that the correction mends.
    pub lead: Sheet,
    /// They go on being read.
    pub devices: Devices,
}

pub fn play(stage: &mut Stage, taken: &Taken) -> Played<Tested> {
    stage.act("demo-act-bench");
    stage.set_clock("2026-11-18 08:30")?;
    let mut devices = devices::connect(stage)?;
    own_limits::load(stage)?;
    assign(stage, taken)?;
    let lead = metals(stage, taken, &mut devices)?;
    residues(stage, taken, &devices)?;
    rice(stage, taken, &mut devices)?;
    pastry(stage, taken)?;
    check(stage)?;
    Ok(Tested { lead, devices })
}

/// Items that wait for a tester, by label code.
fn waiting(stage: &Stage) -> Played<Vec<Value>> {
    Ok(stage.by("manager")?.get("/api/v1/assignments?limit=500")?.done()?.items())
}

/// Assigns the items of these containers: by analyte to one tester or the other.
pub fn assign_items(stage: &Stage, labels: &[&str], tester_of: impl Fn(&str) -> &'static str) -> Played<usize> {
    let mut assignments = Vec::new();
    for item in waiting(stage)? {
        let (label, analyte) = (item["label_code"].as_str(), item["analyte"].as_str().unwrap_or_default());
        if label.is_some_and(|label| labels.contains(&label)) {
            let tester = stage.person(tester_of(analyte))?.id;
            assignments.push(json!({"item": item["id"], "version": item["version"], "tester": tester}));
        }
    }
    let body = json!({"assignments": assignments});
    stage.by("manager")?.post("/api/v1/assignments", &body)?.done()?;
    Ok(assignments.len())
}

fn assign(stage: &mut Stage, taken: &Taken) -> Played {
    let items = waiting(stage)?;
    let first = items.first().ok_or_else(|| Deviation("nothing waits for a tester".to_owned()))?;
    let late = stage.person("tester3")?.id;
    let body = json!({"assignments": [{"item": first["id"], "version": first["version"], "tester": late}]});
    let said = stage.by("manager")?.post("/api/v1/assignments", &body)?.refused(&["authorization-expired"])?;
    stage.tell("demo-assignment-refused", &[("reason", &said)]);
    let micro = taken.pastry.labels.get(2).map_or("", String::as_str);
    let labels = [&taken.cabbage.label, &taken.celery.label, &taken.rice.label, micro];
    let assigned = assign_items(stage, &labels, |analyte| match analyte {
        "pb" | "cd" | "aerobic-plate-count" => "tester1",
        _ => "tester2",
    })?;
    // Six items of pak choi and the three metabolites of fipronil, five of celery and the two of phorate, two of rice, one of
    // pastry.
    states("assigned items", &assigned, &19)?;
    stage.tell("demo-assigned", &[("items", &assigned)]);
    Ok(())
}

/// Opens a worksheet for a tester's assigned items of some analytes and containers.
pub fn open_sheet(
    stage: &Stage,
    tester: &'static str,
    labels: &[&str],
    analytes: &[&str],
    more: &Value,
) -> Played<Sheet> {
    let items = stage.by(tester)?.get("/api/v1/items?state=assigned&limit=500")?.done()?.items();
    let wanted = |item: &&Value| {
        let (label, analyte) = (item["label_code"].as_str(), item["analyte"].as_str());
        label.is_some_and(|label| labels.contains(&label)) && analyte.is_some_and(|key| analytes.contains(&key))
    };
    let ids: Vec<i64> = items.iter().filter(wanted).filter_map(|item| item["id"].as_i64()).collect();
    let mut body = json!({"items": ids});
    if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
        body.extend(more.clone());
    }
    let opened = stage.by(tester)?.post("/api/v1/worksheets", &body)?.done()?;
    Ok(Sheet { id: opened.number("id")?, number: opened.text("worksheet_no")?, tester })
}

impl Sheet {
    /// The sheet as its tester sees it now.
    pub fn view(&self, stage: &Stage) -> Played<Value> {
        Ok(stage.by(self.tester)?.get(&format!("/api/v1/worksheets/{}", self.id))?.done()?.body)
    }

    /// Id of the position of a container's analyte, or of a control.
    pub fn position(&self, view: &Value, label: &str, analyte: &str) -> Played<i64> {
        let positions = view["positions"].as_array().cloned().unwrap_or_default();
        let found = positions.iter().find(|one| one["label_code"] == label && one["analyte"] == analyte);
        let id = found.and_then(|one| one["id"].as_i64());
        id.ok_or_else(|| Deviation(format!("{} has no place for {label} {analyte}", self.number)))
    }

    /// Types values: container, analyte, input, determination, value, why it is typed.
    pub fn type_in(&self, stage: &Stage, cells: &[Cell]) -> Played {
        let view = self.view(stage)?;
        let entries: Vec<Value> = cells
            .iter()
            .map(|cell| {
                let position = self.position(&view, &cell.label, cell.analyte)?;
                Ok(json!({
                    "position": position, "field": cell.field, "replicate": cell.replicate, "value": cell.value,
                    "seen": 0, "reason": cell.reason, "uuid": Uuid::now_v7().to_string(),
                }))
            })
            .collect::<Played<_>>()?;
        let path = format!("/api/v1/worksheets/{}/entries", self.id);
        let saved = stage.by(self.tester)?.post(&path, &json!({"entries": entries}))?.done()?;
        states(&format!("values typed on {}", self.number), &saved.number("saved")?, &(cells.len() as i64))
    }

    /// Waits until the instruments have filled so many cells.
    pub fn arrived(&self, stage: &Stage, count: usize) -> Played {
        stage.until(&format!("{count} values of instruments on {}", self.number), |stage| {
            let view = self.view(stage)?;
            let positions = view["positions"].as_array().cloned().unwrap_or_default();
            let cells = positions.iter().flat_map(|one| one["cells"].as_array().cloned().unwrap_or_default());
            let found = cells.filter(|cell| cell["source"] == "instrument").count();
            Ok((found >= count).then_some(()))
        })
    }

    /// Calculates and judges; the controls must be good.
    pub fn submit(&self, stage: &Stage) -> Played {
        let version = self.view(stage)?["version"].as_i64().unwrap_or_default();
        let path = format!("/api/v1/worksheets/{}/submission", self.id);
        let done = stage.by(self.tester)?.post_on(&path, version, &json!({}))?.done()?;
        states(&format!("the state of {}", self.number), &done.text("state")?.as_str(), &"submitted")
    }
}

/// One typed value.
pub struct Cell {
    pub label: String,
    pub analyte: &'static str,
    pub field: &'static str,
    pub replicate: i64,
    pub value: String,
    pub reason: &'static str,
}

/// A typed value of the first determination.
pub fn cell(label: &str, analyte: &'static str, field: &'static str, value: &str) -> Cell {
    Cell { label: label.to_owned(), analyte, field, replicate: 1, value: value.to_owned(), reason: "" }
}

/// Reported value and verdict of every item of a sheet, by container and analyte.
fn outcomes(stage: &Stage, sheet: &Sheet) -> Played<BTreeMap<(String, String), (String, String)>> {
    let items = stage.by("checker")?.get("/api/v1/items?state=calculated&limit=500")?.done()?.items();
    let own = items.iter().filter(|item| item["worksheet_id"].as_i64() == Some(sheet.id));
    let text = |item: &Value, field: &str| item[field].as_str().unwrap_or_default().to_owned();
    Ok(own
        .map(|item| {
            let place = (text(item, "label_code"), text(item, "analyte"));
            (place, (text(item, "reported"), text(item, "verdict")))
        })
        .collect())
}

/// What must come out: container, analyte, reported value, verdict.
fn come_out(stage: &Stage, sheet: &Sheet, stated: &[(&str, &str, &str, &str)]) -> Played {
    let found = outcomes(stage, sheet)?;
    for (label, analyte, reported, verdict) in stated {
        let place = ((*label).to_owned(), (*analyte).to_owned());
        let outcome = found.get(&place).cloned().unwrap_or_default();
        let stated = ((*reported).to_owned(), (*verdict).to_owned());
        states(&format!("{analyte} of {label} on {}", sheet.number), &outcome, &stated)?;
    }
    states(&format!("items of {}", sheet.number), &found.len(), &stated.len())
}

/// What a checker sees beside the value of a sheet's item: of one container's analyte.
fn evidence(stage: &Stage, sheet: &Sheet, label: &str, analyte: &str) -> Played<Value> {
    let items = stage.by("checker")?.get("/api/v1/items?state=calculated&limit=500")?.done()?.items();
    let item = items.iter().find(|item| {
        item["worksheet_id"].as_i64() == Some(sheet.id) && item["label_code"] == label && item["analyte"] == analyte
    });
    let id = item.and_then(|item| item["id"].as_i64());
    let id = id.ok_or_else(|| Deviation(format!("{analyte} of {label} is not calculated")))?;
    Ok(stage.by("checker")?.get(&format!("/api/v1/items/{id}/evidence"))?.done()?.body)
}

/// The verdict over each control of a sheet: its kind, the container, difference or recovery in percent. All accepted.
pub fn controls(stage: &Stage, sheet: &Sheet, of: (&str, &str), stated: &[(&str, &str, &str)]) -> Played {
    let shown = evidence(stage, sheet, of.0, of.1)?;
    let listed = shown["qc"]["controls"].as_array().cloned().unwrap_or_default();
    let text = |control: &Value, field: &str| control[field].as_str().unwrap_or_default().to_owned();
    let fields = ["kind", "label_code", "figure", "verdict"];
    let found: Vec<[String; 4]> = listed.iter().map(|control| fields.map(|field| text(control, field))).collect();
    let stated: Vec<[String; 4]> =
        stated.iter().map(|(kind, label, figure)| [*kind, *label, *figure, "ACCEPT"].map(str::to_owned)).collect();
    states(&format!("the controls of {}", sheet.number), &found, &stated)
}

/// The row that decided: the edition in force on the production date.
fn judged_by(stage: &Stage, sheet: &Sheet, of: (&str, &str), stated: (&str, &str, &str)) -> Played {
    let shown = evidence(stage, sheet, of.0, of.1)?;
    let asked = &shown["record"]["asked"];
    let found = [&asked["produced_on"], &asked["limit"]["standard"], &shown["results"][0]["limit_key"]];
    let found = found.map(|field| field.as_str().unwrap_or_default());
    states(&format!("production date, edition and row of {}", of.1), &found, &[stated.0, stated.1, stated.2])
}

/// Lead and cadmium of the vegetables: masses from the balance, readings from the file of the spectrometer. The blank of
/// lead is typed, and its digits change places: 0.12 for 0.21. Nobody sees it before the last act.
fn metals(stage: &mut Stage, taken: &Taken, devices: &mut Devices) -> Played<Sheet> {
    let (cabbage, celery) = (taken.cabbage.label.as_str(), taken.celery.label.as_str());
    let lead = open_sheet(
        stage,
        "tester1",
        &[cabbage, celery],
        &["pb"],
        &json!({
            "instrument_id": devices.aas, "spike_added": "0.2",
        }),
    )?;
    let cadmium = open_sheet(stage, "tester1", &[cabbage, celery], &["cd"], &json!({"instrument_id": devices.aas}))?;
    stage.tell("demo-sheets", &[("lead", &lead.number), ("cadmium", &cadmium.number)]);

    // One weighing serves both digestions of the pak choi.
    let position = lead.position(&lead.view(stage)?, cabbage, "pb")?;
    let aim = json!({"position": position, "field": "mass", "replicate": 1});
    let scale = format!("/api/v1/instruments/{}/capture-target", devices.scale);
    stage.by("tester1")?.post(&scale, &aim)?.done()?;
    devices.weigh("0.5023")?;
    lead.arrived(stage, 1)?;
    cadmium.arrived(stage, 1)?;
    stage.tell("demo-weighed", &[("value", &"0.5023 g"), ("label", &cabbage)]);

    let (blank, duplicate) = (format!("{}-B1", lead.number), format!("{}-D1", lead.number));
    let spike = format!("{}-S-pb", lead.number);
    let mut typed = vec![
        Cell { reason: "空白单独测定，读数手工录入", ..cell(&blank, "pb", "reading", "0.12") },
        cell(cabbage, "pb", "volume", "10"),
        cell(celery, "pb", "volume", "10"),
        cell(celery, "pb", "mass", "0.4987"),
    ];
    for (label, mass) in [(&duplicate, "0.5011"), (&spike, "0.5010")] {
        typed.extend([cell(label, "pb", "volume", "10"), cell(label, "pb", "mass", mass)]);
    }
    lead.type_in(stage, &typed)?;
    let second = format!("{}-D1", cadmium.number);
    cadmium.type_in(
        stage,
        &[
            cell(cabbage, "cd", "volume", "10"),
            cell(celery, "cd", "volume", "10"),
            cell(celery, "cd", "mass", "0.4987"),
            cell(&second, "cd", "volume", "10"),
            cell(&second, "cd", "mass", "0.5011"),
        ],
    )?;
    let file = format!(
        "Sample ID,Sample Type,Analyte,Concentration,Unit\n{cabbage},Sample,Pb,15.24,µg/L\n{celery},Sample,Pb,4.51,µg/L\n\
         {duplicate},Sample,Pb,15.31,µg/L\n{spike},Sample,Pb,24.82,µg/L\n{}-B1,Blank,Cd,0.02,µg/L\n\
         {cabbage},Sample,Cd,0.61,µg/L\n{celery},Sample,Cd,0.55,µg/L\n{second},Sample,Cd,0.60,µg/L\n",
        cadmium.number
    );
    devices.export(devices::AAS, "20261118-metals.csv", file.as_bytes())?;
    lead.arrived(stage, 5)?;
    cadmium.arrived(stage, 5)?;
    stage.tell("demo-long-file", &[("values", &8)]);
    lead.submit(stage)?;
    cadmium.submit(stage)?;
    // (15.24 - 0.12) x 10 / 502.3 = 0.30101…; (4.51 - 0.12) x 10 / 498.7 = 0.08802…; the limit of leafy vegetables is 0.3.
    come_out(stage, &lead, &[(cabbage, "pb", "0.301", "FAIL"), (celery, "pb", "0.088", "PASS")])?;
    // GB 2762-2025 came into force on 2026-09-02; before that day the row of the 2022 edition decides.
    let edition = ("2026-11-15", "GB 2762-2025", "gb2762-2025/pb/leafy-vegetables");
    judged_by(stage, &lead, (cabbage, "pb"), edition)?;
    // Blank 0.12 x 10 / 500 = 0.0024, below the LOD of 0.02. Duplicate (15.31 - 0.12) x 10 / 501.1 = 0.30313…: 0.70 % of
    // the mean apart. Spike ((24.82 - 0.12) x 10 / 501.0 - 0.30101…) / 0.2 = 95.999… %.
    let stated = [("blank", blank.as_str(), ""), ("duplicate", &duplicate, "0.70"), ("spike", &spike, "96.00")];
    controls(stage, &lead, (cabbage, "pb"), &stated)?;
    // (0.61 - 0.02) x 10 / 502.3 = 0.011745…; (0.55 - 0.02) x 10 / 498.7 = 0.010627…
    come_out(stage, &cadmium, &[(cabbage, "cd", "0.012", "PASS"), (celery, "cd", "0.011", "PASS")])?;
    // (0.60 - 0.02) x 10 / 501.1 = 0.011574…: 1.47 % of the mean apart.
    let blank = format!("{}-B1", cadmium.number);
    controls(stage, &cadmium, (cabbage, "cd"), &[("blank", &blank, ""), ("duplicate", &second, "1.47")])?;
    stage.tell("demo-lead", &[("value", &"0.301"), ("limit", &"0.3")]);
    Ok(lead)
}

/// Residues of pesticides: one file with a column for each, decimal commas, most of them not detected. Fipronil and phorate are
/// judged with their metabolites, which have no limits of their own.
fn residues(stage: &mut Stage, taken: &Taken, devices: &Devices) -> Played {
    let (cabbage, celery) = (taken.cabbage.label.as_str(), taken.celery.label.as_str());
    let liquid =
        ["fipronil", "fipronil-desulfinyl", "fipronil-sulfone", "fipronil-sulfide", "imidacloprid", "acetamiprid"];
    let many = open_sheet(stage, "tester2", &[cabbage], &liquid, &json!({"instrument_id": devices.gcms}))?;
    let phosphorus = ["chlorpyrifos", "phorate", "phorate-sulfoxide", "phorate-sulfone", "omethoate"];
    let gas = open_sheet(stage, "tester2", &[cabbage, celery], &phosphorus, &json!({"instrument_id": devices.gcms}))?;
    let columns = [
        "Chlorpyrifos",
        "Phorate",
        "Phorate sulfoxide",
        "Phorate sulfone",
        "Omethoate",
        "Fipronil",
        "Fipronil desulfinyl",
        "Fipronil sulfone",
        "Fipronil sulfide",
        "Imidacloprid",
        "Acetamiprid",
    ];
    let columns = columns.map(|name| format!("{name} [mg/kg]")).join(";");
    let file = format!(
        "Sample;Type;{columns}\n{cabbage};Sample;ND;;;;;ND;ND;ND;ND;0,032;ND\n{celery};Sample;ND;ND;ND;ND;ND;;;;;;\n"
    );
    devices.export(devices::GCMS, "20261118-residues.csv", file.as_bytes())?;
    many.arrived(stage, 6)?;
    gas.arrived(stage, 6)?;
    stage.tell("demo-wide-file", &[("values", &12)]);
    many.submit(stage)?;
    gas.submit(stage)?;
    come_out(
        stage,
        &many,
        &[
            (cabbage, "fipronil", "ND", "PASS"),
            (cabbage, "fipronil-desulfinyl", "ND", "NO_LIMIT"),
            (cabbage, "fipronil-sulfone", "ND", "NO_LIMIT"),
            (cabbage, "fipronil-sulfide", "ND", "NO_LIMIT"),
            (cabbage, "imidacloprid", "0.032", "PASS"),
            (cabbage, "acetamiprid", "ND", "PASS"),
        ],
    )?;
    come_out(
        stage,
        &gas,
        &[
            (cabbage, "chlorpyrifos", "ND", "PASS"),
            (celery, "chlorpyrifos", "ND", "PASS"),
            (celery, "phorate", "ND", "PASS"),
            (celery, "phorate-sulfoxide", "ND", "NO_LIMIT"),
            (celery, "phorate-sulfone", "ND", "NO_LIMIT"),
            (celery, "omethoate", "ND", "PASS"),
        ],
    )?;
    stage.tell("demo-residues", &[("found", &"0.032"), ("not_detected", &11)]);
    Ok(())
}

/// Rice: aflatoxin over the serial line, where one frame is damaged and sent again; cadmium in a file of GB18030 that
/// names the analyte in a way the laboratory has not seen before.
fn rice(stage: &mut Stage, taken: &Taken, devices: &mut Devices) -> Played {
    let label = taken.rice.label.as_str();
    let toxin = open_sheet(stage, "tester2", &[label], &["aflatoxin-b1"], &json!({"instrument_id": devices.lcms}))?;
    let duplicate = format!("{}-D1", toxin.number);
    let mut typed = Vec::new();
    for place in [label, &duplicate] {
        typed.extend([cell(place, "aflatoxin-b1", "volume", "4"), cell(place, "aflatoxin-b1", "mass", "5.00")]);
    }
    toxin.type_in(stage, &typed)?;
    let mut records = vec!["H|\\^&|||LCMS^DEMO|||||||P|E 1394-97|20261118101500".to_owned()];
    let blank = format!("{}-B1", toxin.number);
    let read = [(blank.clone(), "0.00"), (label.to_owned(), "1.13"), (duplicate.clone(), "1.15")];
    for (number, (place, value)) in (1..).zip(&read) {
        records.push(format!("P|{number}"));
        records.push(format!("O|1|{place}||^^^AFB1|R"));
        records.push(format!("R|1|^^^AFB1|{value}|ng/mL||N||F||||20261118101500"));
    }
    records.push("L|1|N".to_owned());
    let sent = devices.analyse(records)?;
    states("messages delivered and frames sent again", &(sent.delivered, sent.resent), &(1, 1))?;
    toxin.arrived(stage, 3)?;
    stage.tell("demo-serial", &[("values", &3)]);
    toxin.submit(stage)?;
    // 1.13 x 4 / 5 = 0.904 µg/kg; the limit of rice is 10 µg/kg.
    come_out(stage, &toxin, &[(label, "aflatoxin-b1", "0.904", "PASS")])?;
    // 0.904 and 1.15 x 4 / 5 = 0.92: 1.75 % of the mean apart.
    let stated = [("blank", blank.as_str(), ""), ("duplicate", &duplicate, "1.75")];
    controls(stage, &toxin, (label, "aflatoxin-b1"), &stated)?;

    let cadmium = open_sheet(stage, "tester1", &[label], &["cd"], &json!({"instrument_id": devices.afs}))?;
    let duplicate = format!("{}-D1", cadmium.number);
    let mut typed = Vec::new();
    for (place, mass) in [(label, "0.5000"), (&duplicate, "0.5004")] {
        typed.extend([cell(place, "cd", "volume", "10"), cell(place, "cd", "mass", mass)]);
    }
    cadmium.type_in(stage, &typed)?;
    let text = format!(
        "样品编号,样品类型,检测项目,结果,单位,备注\r\n{}-B1,空白,镉元素,0.02,µg/L,\r\n{label},样品,镉元素,3.25,µg/L,\r\n\
         {duplicate},样品,镉元素,3.31,µg/L,\r\n",
        cadmium.number
    );
    // GB18030 has no micro sign; software in Chinese writes the Greek letter.
    let text = text.replace('µ', "μ");
    let (bytes, _, lossy) = encoding_rs::GB18030.encode(&text);
    states("characters that GB18030 lacks", &lossy, &false)?;
    devices.export(devices::AFS, "镉-20261118.csv", &bytes)?;
    let stated = ["unknown_analyte"; 3];
    let rows = stage.until("held rows", |stage| {
        let rows = devices::held(stage, devices.afs)?;
        Ok((rows.len() == 3).then_some(rows))
    })?;
    let reasons: Vec<&str> = rows.iter().filter_map(|row| row["reason"].as_str()).collect();
    states("why the rows are held", &reasons.as_slice(), &stated.as_slice())?;
    let mapping = json!({"kind": "analyte", "source": "镉元素", "target": "cd"});
    let path = format!("/api/v1/instruments/{}/mappings", devices.afs);
    let replayed = stage.by("tester1")?.post(&path, &mapping)?.done()?;
    states("rows filed after the mapping", &replayed.number("filed")?, &3)?;
    stage.tell("demo-mapped", &[("source", &"镉元素"), ("rows", &3)]);
    cadmium.submit(stage)?;
    // (3.25 - 0.02) x 10 / 500 = 0.0646; the limit of rice is 0.2.
    come_out(stage, &cadmium, &[(label, "cd", "0.065", "PASS")])?;
    // 0.0646 and (3.31 - 0.02) x 10 / 500.4 = 0.06574…: 1.76 % of the mean apart.
    let blank = format!("{}-B1", cadmium.number);
    controls(stage, &cadmium, (label, "cd"), &[("blank", &blank, ""), ("duplicate", &duplicate, "1.76")])
}

/// Plates of five units at 1:10, 1:100 and 1:1000, two each.
const PLATES: [[&str; 6]; 5] = [
    // Both plates of 1:100 and none of 1:1000 lie within 30 to 300: 131 x 100.
    ["TNTC", "TNTC", "128", "134", "12", "15"],
    ["45", "51", "4", "6", "0", "0"],
    ["38", "42", "3", "5", "0", "0"],
    ["61", "57", "7", "5", "1", "0"],
    ["33", "35", "2", "4", "0", "0"],
];

/// Microbiology: plate counts are typed; five units under a plan of three classes.
fn pastry(stage: &mut Stage, taken: &Taken) -> Played {
    let units: Vec<&str> = taken.pastry.labels.iter().skip(2).map(String::as_str).collect();
    let count = "aerobic-plate-count";
    let sheet = open_sheet(stage, "tester1", &units, &[count], &json!({}))?;
    let fields = ["count_1", "count_1", "count_2", "count_2", "count_3", "count_3"];
    let mut typed = Vec::new();
    for (label, plates) in units.iter().zip(PLATES) {
        for (place, (field, value)) in fields.into_iter().zip(plates).enumerate() {
            let replicate = if place % 2 == 0 { 1 } else { 2 };
            typed.push(Cell { replicate, ..cell(label, count, field, value) });
        }
    }
    let blank = format!("{}-B1", sheet.number);
    for (place, field) in fields.into_iter().enumerate() {
        let replicate = if place % 2 == 0 { 1 } else { 2 };
        typed.push(Cell { replicate, ..cell(&blank, count, field, "0") });
    }
    sheet.type_in(stage, &typed)?;
    sheet.submit(stage)?;
    // 13,000, 480, 400, 590 and 340 CFU/g against n=5 c=2 m=10,000 M=100,000: one unit between m and M.
    let found = outcomes(stage, &sheet)?;
    let verdicts: Vec<&str> = found.values().map(|(_, verdict)| verdict.as_str()).collect();
    states("the verdict of the plan", &verdicts.as_slice(), &["PASS"].as_slice())?;
    let first = units.first().copied().unwrap_or_default();
    controls(stage, &sheet, (first, count), &[("blank", &blank, "")])?;
    stage.tell("demo-plates", &[("units", &5)]);
    Ok(())
}

/// The checker signs every calculated item.
pub fn check(stage: &mut Stage) -> Played {
    stage.set_clock("2026-11-18 16:00")?;
    let checked = check_all(stage)?;
    states("checked items", &checked, &19)?;
    stage.tell("demo-checked", &[("items", &checked)]);
    Ok(())
}

/// Signs what waits for the check; how many items that were.
pub fn check_all(stage: &Stage) -> Played<usize> {
    stage.sign_as("checker", "checked")?;
    let items = stage.by("checker")?.get("/api/v1/items?state=calculated&limit=500")?.done()?.items();
    let seen: Vec<Value> = items.iter().map(|item| json!({"id": item["id"], "version": item["version"]})).collect();
    stage.by("checker")?.post("/api/v1/checks", &json!({"items": seen}))?.done()?;
    Ok(seen.len())
}
