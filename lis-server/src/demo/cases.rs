//! Fifth act: the failing case. The regulators concerned pull it once and acknowledge, the operator is served and applies in
//! time.

use serde_json::{Value, json};

use super::caller::{Deviation, Played, states};
use super::reporting::{Issued, says};
use super::stage::Stage;

/// Authorities concerned by the pak choi, with their relation to it.
pub const CONCERNED: [(&str, &str); 3] = [("ordering", "ordering"), ("sampled", "sampled_at"), ("maker", "maker_at")];

pub fn play(stage: &mut Stage, issued: &Issued) -> Played {
    stage.act("demo-act-case");
    let mut case_id = 0;
    let mut case_no = String::new();
    for (name, relation) in CONCERNED {
        let items = pull(stage, name)?;
        states(&format!("failing results for {name}"), &items.len(), &1)?;
        let item = items.first().ok_or_else(|| Deviation("the feed is empty".to_owned()))?;
        states("the report of the failing result", &item["report_no"], &json!(issued.cabbage.number))?;
        states("the relation", &item["relations"][0]["relation"], &json!(relation))?;
        states(
            "the result",
            &(&item["items"][0]["analyte"], &item["items"][0]["result"]),
            &(&json!("pb"), &json!("0.301")),
        )?;
        acknowledge(stage, name, item)?;
        case_id = item["case_id"].as_i64().unwrap_or_default();
        case_no = item["case_no"].as_str().unwrap_or_default().to_owned();
    }
    states("failing results for the neighbouring county", &pull(stage, "neighbour")?.len(), &0)?;
    stage.tell("demo-pulled", &[("case", &case_no), ("authorities", &CONCERNED.len())]);

    stage.set_clock("2026-11-19 15:00")?;
    let service = json!({"party": "sampled_unit", "served_at": "2026-11-19 14:30", "how": "直接送达"});
    let ordering = stage.by("ordering")?;
    let version = version_of(stage, case_id)?;
    ordering.post_on(&format!("/api/v1/cases/{case_id}/services"), version, &service)?.done()?;
    let mails = stage.mails_to("market@lis.example", 1)?;
    let attached = mails.last().is_some_and(|mail| mail.contains("application/pdf"));
    states("the notice attached to the mail", &attached, &true)?;
    // T7: seven working days from Thursday 19 November end on Monday 30.
    deadline(stage, case_id, "2026-11-30")?;
    let own = stage.by("market")?.get(&format!("/api/v1/portal/cases/{case_id}"))?.done()?;
    let notice = own.body["service"]["id"].as_i64().unwrap_or_default();
    let notice = stage.by("market")?.download(&format!("/api/v1/portal/notices/{notice}/pdf"))?;
    says(stage, &notice, &["小白菜", "0.301", "≤0.3", "GB 2762-2025", &issued.cabbage.number, "2026-11-30"])?;
    stage.tell("demo-served", &[("due", &"2026-11-30")]);

    stage.set_clock("2026-11-25 10:00")?;
    let application = json!({"kind": "reinspection", "ground": "对铅的检验结果有异议，申请用备份样品复检。"});
    stage.by("market")?.post(&format!("/api/v1/portal/cases/{case_id}/applications"), &application)?.done()?;
    // T8: five working days from Wednesday 25 November end on Wednesday 2 December.
    deadline(stage, case_id, "2026-12-02")?;
    stage.tell("demo-applied", &[("due", &"2026-12-02")]);
    stage.note("case", json!({"id": case_id, "case_no": case_no}));
    Ok(())
}

/// What an authority has not pulled yet; its program keeps the cursor.
pub fn pull(stage: &mut Stage, name: &str) -> Played<Vec<Value>> {
    let path = match stage.cursors.get(name) {
        Some(cursor) => format!("/api/v1/failing-results?after={cursor}"),
        None => "/api/v1/failing-results".to_owned(),
    };
    let page = stage.program(name)?.get(&path)?.done()?;
    let next = page.text("next")?;
    stage.cursors.insert(name.to_owned(), next);
    Ok(page.items())
}

pub fn acknowledge(stage: &Stage, name: &str, item: &Value) -> Played {
    let path = format!("/api/v1/failing-results/{}/acknowledgement", item["event_id"]);
    let done = stage.program(name)?.post(&path, &json!({}))?.done()?;
    states(&format!("relations that {name} acknowledged"), &done.body["relations"].as_array().map_or(0, Vec::len), &1)
}

fn version_of(stage: &Stage, case: i64) -> Played<i64> {
    let cases = stage.by("ordering")?.get("/api/v1/cases")?.done()?.items();
    let found = cases.iter().find(|one| one["id"].as_i64() == Some(case)).and_then(|one| one["version"].as_i64());
    found.ok_or_else(|| Deviation(format!("case {case} is not in the list")))
}

/// The day must stand on the page that the operator sees.
fn deadline(stage: &Stage, case: i64, day: &str) -> Played {
    let page = stage.by("market")?.download(&format!("/portal/cases/{case}"))?;
    states(&format!("{day} on the operator's page"), &String::from_utf8_lossy(&page).contains(day), &true)
}
