//! First act: why samples exist. A "you order, we test" campaign becomes a plan; a double-random spot check draws units
//! and samplers.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::caller::{Caller, Deviation, Played, states};
use super::stage::Stage;

/// What the later acts need of this one.
pub struct Chosen {
    pub draw_id: i64,
    /// The plan's line of rice.
    pub plan_line: i64,
}

pub fn play(stage: &mut Stage) -> Played<Chosen> {
    stage.act("demo-act-choosing");
    stage.set_clock("2026-11-16 08:00")?;
    let campaign = questionnaires(stage)?;
    let plan_line = plan(stage, campaign)?;
    let draw_id = spot_check(stage)?;
    Ok(Chosen { draw_id, plan_line })
}

/// One voter: telephone, choice, and how many seconds he reads. An empty choice leaves the question open.
type Vote = (&'static str, &'static str, i64);

/// Ten answers count: five for leafy vegetables, three for pastry, two for rice.
const VALID: &[Vote] = &[
    ("13900000001", "c1", 60),
    ("13900000002", "c1", 60),
    ("13900000003", "c1", 60),
    ("13900000004", "c1", 60),
    ("13900000005", "c1", 60),
    ("13900000006", "c2", 60),
    ("13900000007", "c2", 60),
    ("13900000008", "c2", 60),
    ("13900000009", "c3", 60),
    ("13900000010", "c3", 60),
];

/// Three do not: a voter who comes twice, one who leaves the question open, one who is faster than anybody reads.
const INVALID: &[(Vote, &[&str])] = &[
    (("13900000001", "c2", 60), &["duplicate_voter"]),
    (("13900000011", "", 60), &["required_missing"]),
    (("13900000012", "c3", 1), &["too_fast"]),
];

fn questionnaires(stage: &mut Stage) -> Played<i64> {
    let choice = |zh: &str, en: &str| json!({"name_zh": zh, "name_en": en});
    let body = json!({
        "title_zh": "2026 年冬季你点我检", "title_en": "You order, we test: winter 2026", "region_code": "131081",
        "opens_at": "2026-11-16 08:00", "closes_at": "2026-11-16 18:00", "min_seconds": 10, "repeat": "once",
        "privacy_zh": "电话号码只用于判断是否重复投票，不以明文保存。",
        "privacy_en": "Telephone numbers only tell repeated votes apart; they are not stored in clear.",
        "questions": [{
            "text_zh": "您最想检测哪类食品？", "text_en": "Which food should be tested?", "required": true, "max_choices": 1,
            "choices": [
                choice("叶菜类蔬菜", "Leafy vegetables"), choice("糕点", "Pastry"), choice("大米", "Milled rice"),
            ],
        }],
    });
    let officer = stage.by("officer")?;
    let id = officer.post("/api/v1/campaigns", &body)?.done()?.number("id")?;
    let opened = officer.post_on(&format!("/api/v1/campaigns/{id}/open"), 1, &json!({}))?.done()?;
    let version = opened.number("version")?;
    let public = Caller::nobody(&stage.base);
    for vote in VALID {
        let received = cast(stage, &public, id, vote)?;
        states("a valid answer", &received["valid"], &json!(true))?;
    }
    for (vote, reasons) in INVALID {
        let received = cast(stage, &public, id, vote)?;
        states("an answer that does not count", &received["reasons"], &json!(reasons))?;
    }
    stage.tell("demo-answers", &[("valid", &VALID.len()), ("invalid", &INVALID.len())]);

    let closed = stage.by("officer")?.post_on(&format!("/api/v1/campaigns/{id}/close"), version, &json!({}))?.done()?;
    let counts = &closed.body["counts"];
    states(
        "answers of the tally",
        &json!([counts["received"], counts["valid"], counts["invalid"]]),
        &json!([13, 10, 3]),
    )?;
    let hash = closed.text("tally_hash")?;
    stage.tell("demo-tally", &[("hash", &&hash[..12])]);
    stage.note("campaign", id);
    Ok(id)
}

/// Opens the questionnaire, reads for a while, answers.
fn cast(stage: &Stage, public: &Caller, campaign: i64, (telephone, choice, seconds): &Vote) -> Played<Value> {
    let shown = public.get(&format!("/api/v1/polls/{campaign}"))?.done()?;
    let ticket = shown.text("ticket")?;
    stage.clock.advance(chrono::TimeDelta::seconds(*seconds));
    let answers = if choice.is_empty() { json!({}) } else { json!({"q1": [choice]}) };
    let body = json!({"client_uuid": Uuid::new_v4().to_string(), "telephone": telephone, "ticket": ticket, "answers": answers});
    Ok(public.post(&format!("/api/v1/polls/{campaign}/responses"), &body)?.done()?.body)
}

/// Eleven batches, at least one for each class: 1 + 8 × 5/10, 1 + 8 × 3/10, 1 + 8 × 2/10 leave one batch over, and the
/// largest remainder is that of rice (1.6).
const BATCHES: [i64; 3] = [5, 3, 3];

fn plan(stage: &mut Stage, campaign: i64) -> Played<i64> {
    let input = json!({"title": "2026 年冬季你点我检抽样计划", "batches": "11", "floor_batches": "1"});
    let drafted = stage.by("officer")?.post(&format!("/api/v1/campaigns/{campaign}/plans"), &input)?.done()?;
    let (id, number) = (drafted.number("id")?, drafted.text("plan_no")?);
    let witness = json!({"kind": "consumer", "name": "示例消费者", "consented_on": "2026-11-16", "consent": "签字"});
    stage.by("officer")?.post(&format!("/api/v1/campaigns/{campaign}/witnesses"), &witness)?.done()?;
    let approve = json!({"decision": "approve", "reason": ""});
    let path = format!("/api/v1/plans/{id}");
    // Whoever drafts a plan has no say in its approval: for him the decision does not exist.
    stage.by("officer")?.post_on(&format!("{path}/decision"), 1, &approve)?.refused(&["not-found"])?;
    let approver = stage.by("approver")?;
    let shown = approver.get(&path)?.done()?;
    let lines = shown.body["lines"].as_array().cloned().unwrap_or_default();
    let batches: Vec<i64> = lines.iter().filter_map(|line| line["batches"].as_i64()).collect();
    states("batches of the plan", &batches.as_slice(), &BATCHES.as_slice())?;
    approver.post_on(&format!("{path}/decision"), 1, &approve)?.done()?;
    stage.tell("demo-plan", &[("number", &number), ("vegetables", &5), ("pastry", &3), ("rice", &3)]);
    let rice = lines.iter().find(|line| line["category"] == "大米").and_then(|line| line["id"].as_i64());
    rice.ok_or_else(|| Deviation("the plan has no line of rice".to_owned()))
}

/// Weights of the risk grades, A lowest to D highest; `-` is a unit that nobody graded.
const WEIGHTS: [(&str, i64); 5] = [("-", 1), ("A", 1), ("B", 2), ("C", 4), ("D", 8)];
/// Who is drawn by the seed below, with `sha256sum` and a pencil: the rules stand in `spot_checks/draw.rs`, the weights of
/// the twelve units in the order of their registration are 2 4 2 8 1 1 8 4 2 8 1 1.
const UNITS: [&str; 4] = ["霸州示例菜场摊位乙", "大厂示例蔬菜种植合作社", "霸州示例菜场摊位甲", "文安示例菜店"];
const SAMPLERS: [&str; 2] = ["抽样员丙", "抽样员甲"];

fn spot_check(stage: &mut Stage) -> Played<i64> {
    let input = json!({
        "task": "2026 年 11 月双随机抽查", "region_code": "1310", "units": "4", "samplers": "2", "seed": "2026-11-16 20:00 开奖号码 0512",
    });
    let officer = stage.by("officer")?;
    let drawn = officer.post("/api/v1/draws", &input)?.done()?;
    let count = |field: &str| drawn.body[field].as_array().map_or(0, Vec::len);
    states("units and samplers of the draw", &(count("units"), count("samplers")), &(4, 2))?;
    let (id, number) = (drawn.number("id")?, drawn.text("draw_no")?);
    let record = officer.get(&format!("/api/v1/draws/{id}"))?.done()?.body["record"].clone();
    states("the weights of the draw", &record["weights"], &json!(BTreeMap::from(WEIGHTS)))?;
    states("the units drawn", &names_drawn(&record["lots"][0])?.as_slice(), &UNITS.as_slice())?;
    states("the samplers drawn", &names_drawn(&record["lots"][1])?.as_slice(), &SAMPLERS.as_slice())?;
    let again = officer.get(&format!("/api/v1/draws/{id}/repeat"))?.done()?;
    states("the draw repeated from its record", &again.body["same"], &json!(true))?;
    let paper = officer.download(&format!("/draws/{id}/pdf"))?;
    states("the record on paper", &paper.starts_with(b"%PDF"), &true)?;
    stage.tell("demo-draw", &[("number", &number)]);
    stage.note("draw", id);
    Ok(id)
}

/// Names of those who were drawn from a list of the record, in their order. Each stands in the list with the weight of
/// its group; samplers have none and are equally likely.
fn names_drawn(lot: &Value) -> Played<Vec<&str>> {
    let list = lot["list"].as_array().map(Vec::as_slice).unwrap_or_default();
    for entry in list {
        let group = entry[2].as_str().unwrap_or_default();
        let stated = match group {
            "" => 1,
            group => WEIGHTS.iter().find(|(name, _)| *name == group).map_or(0, |(_, weight)| *weight),
        };
        states(&format!("the weight of {}", entry[1]), &entry[3], &json!(stated))?;
    }
    let picked = lot["picked"].as_array().map(Vec::as_slice).unwrap_or_default();
    let name = |one: &Value| list.iter().find(|entry| entry[0] == one["id"]).and_then(|entry| entry[1].as_str());
    picked.iter().map(|one| name(one).ok_or_else(|| Deviation(format!("{one} is not in the list")))).collect()
}
