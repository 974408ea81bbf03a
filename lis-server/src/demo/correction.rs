//! Sixth act: an error found after issue. The blank of lead was typed with its digits exchanged.

use serde_json::{Value, json};
use uuid::Uuid;

use super::bench::{self, Tested, check_all};
use super::caller::{Caller, Deviation, Played, states};
use super::cases::{CONCERNED, acknowledge, pull};
use super::intake::Taken;
use super::reporting::{self, Issued, says, standing};
use super::stage::Stage;

pub fn play(stage: &mut Stage, taken: &Taken, tested: &Tested, old: &Issued) -> Played {
    stage.act("demo-act-correction");
    stage.set_clock("2026-11-26 09:00")?;
    let sheet = &tested.lead;
    let position = sheet.position(&sheet.view(stage)?, &format!("{}-B1", sheet.number), "pb")?;
    let body = json!({
        "position": position, "field": "reading", "replicate": 1, "value": "0.21", "seen": 1,
        "reason": "空白读数录入时数字颠倒：原始记录为 0.21", "uuid": Uuid::now_v7().to_string(),
    });
    let path = format!("/api/v1/worksheets/{}/corrections", sheet.id);
    let done = stage.by("tester1")?.post(&path, &body)?.done()?;
    let count = |field: &str| done.body[field].as_array().map_or(0, Vec::len);
    states("results calculated again, reports to replace", &(count("results"), count("reports")), &(2, 2))?;
    let work = done.number("work")?;
    let listed = stage.by("quality")?.get(&format!("/api/v1/nonconforming-work/{work}"))?.done()?;
    // (15.24 - 0.21) x 10 / 502.3 = 0.29922…: within the limit of 0.3. (4.51 - 0.21) x 10 / 498.7 = 0.08622…
    let stated = [
        [taken.cabbage.number.as_str(), "0.301", "FAIL", "0.30", "PASS"],
        [taken.celery.number.as_str(), "0.088", "PASS", "0.086", "PASS"],
    ];
    affected(&listed.body, &stated)?;
    let number = listed.text("work_no")?;
    // The blank is still good: 0.21 x 10 / 500 = 0.0042. Duplicate and spike move with it: 0.30133… against 0.29922…
    // is 0.70 % apart, the spike's 0.49121… recovers 95.996… %.
    let of = |kind: &str| format!("{}-{kind}", sheet.number);
    let (blank, duplicate, spike) = (of("B1"), of("D1"), of("S-pb"));
    let stated = [("blank", blank.as_str(), ""), ("duplicate", &duplicate, "0.70"), ("spike", &spike, "96.00")];
    bench::controls(stage, sheet, (&taken.cabbage.label, "pb"), &stated)?;
    stage.tell("demo-corrected", &[("old", &"0.12"), ("new", &"0.21"), ("work", &number), ("samples", &2)]);

    states("items to check again", &check_all(stage)?, &2)?;
    stage.mails_gone()?;
    let before = stage.mails.messages().len();
    let waiting = reporting::of_state(stage, "compiling")?;
    states("new reports", &waiting.len(), &2)?;
    reporting::review(stage, &waiting)?;
    reporting::authorize(stage)?;
    let cabbage = reporting::issued(stage, &taken.cabbage, "pass")?;
    let celery = reporting::issued(stage, &taken.celery, "pass")?;
    states("the new number", &cabbage.number, &format!("{}-G1", old.cabbage.number))?;
    states("the new number", &celery.number, &format!("{}-G1", old.celery.number))?;
    let shown = standing(stage, &old.cabbage, "replaced")?;
    states("the successor on the old code", &shown["replaced_by"]["report_no"], &json!(cabbage.number))?;
    standing(stage, &cabbage, "valid")?;
    for (new, old, was, is) in
        [(&cabbage, &old.cabbage, "0.301(不合格)", "0.30(合格)"), (&celery, &old.celery, "0.088(合格)", "0.086(合格)")]
    {
        let printed = stage.by("reviewer")?.download(&format!("/api/v1/reports/{}/pdf", new.id))?;
        let (replaces, changed) =
            (format!("本报告替代 2026-11-19 签发的 {} 号报告", old.number), format!("由 {was} 更改为 {is}"));
        says(stage, &printed, &[&new.number, &replaces, &changed, "空白读数录入时数字颠倒"])?;
    }
    stage.tell("demo-replaced", &[("old", &old.cabbage.number), ("new", &cabbage.number)]);

    for (name, _) in CONCERNED {
        let items = pull(stage, name)?;
        let events: Vec<&str> = items.iter().filter_map(|item| item["event"].as_str()).collect();
        states(&format!("events for {name}"), &events.as_slice(), &["reversed"].as_slice())?;
        let item = items.first().ok_or_else(|| Deviation("the feed is empty".to_owned()))?;
        acknowledge(stage, name, item)?;
        states(&format!("events for {name} afterwards"), &pull(stage, name)?.len(), &0)?;
    }
    states("events for the neighbouring county", &pull(stage, "neighbour")?.len(), &0)?;
    // Counted when nothing waits any more. The stall was never told of its old report, so only the served operator hears.
    stage.mails_gone()?;
    let told: Vec<String> = stage.mails.messages().into_iter().skip(before).flat_map(|mail| mail.to).collect();
    states("mails about the new reports", &told.as_slice(), &["market@lis.example".to_owned()].as_slice())?;
    stage.tell("demo-reversed", &[("authorities", &CONCERNED.len())]);
    stage.note("replaced", json!({"old": old.cabbage.number, "new": cabbage.number}));
    let page = Caller::nobody(&stage.base).download(&format!("/verify/{}", old.cabbage.code))?;
    states(
        "the new number on the page of the old code",
        &String::from_utf8_lossy(&page).contains(&cabbage.number),
        &true,
    )
}

/// Samples that the non-conforming work names, each with reported value and verdict before and after.
fn affected(work: &Value, stated: &[[&str; 5]]) -> Played {
    let mut listed = work["affected"].as_array().cloned().unwrap_or_default();
    listed.sort_by_key(|item| item["sample_id"].as_i64());
    let fields = ["sample_no", "old_reported", "old_verdict", "new_reported", "new_verdict"];
    let found: Vec<[&str; 5]> =
        listed.iter().map(|item| fields.map(|field| item[field].as_str().unwrap_or_default())).collect();
    states("samples and values of the non-conforming work", &found.as_slice(), &stated)
}
