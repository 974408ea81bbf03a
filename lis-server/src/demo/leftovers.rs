//! What is left for the reader: one unfinished sample at each station.

use serde_json::json;

use super::bench::{self, Sheet, assign_items, cell, check_all};
use super::caller::{Deviation, Played, states};
use super::intake::{self, Sample, order, order_of};
use super::reporting;
use super::stage::Stage;

/// Stations behind the receipt, from the nearest to the end of the way to the farthest.
const STATIONS: [&str; 5] = ["authorization", "review", "check", "worksheet", "assignment"];

pub fn play(stage: &mut Stage) -> Played {
    stage.act("demo-act-leftovers");
    stage.set_clock("2026-11-27 09:00")?;
    let order_for = |stage: &Stage| order(stage, &order_of("大米", "milled-rice", "cd|GB 5009.15", ""));
    let mut samples = Vec::new();
    for _ in STATIONS {
        samples.push(intake::receive(stage, order_for(stage)?.id, 0)?);
    }
    let waiting = order_for(stage)?.form_no;
    let of = |station: &str| {
        let place = STATIONS.iter().position(|name| *name == station);
        place.and_then(|place| samples.get(place)).ok_or_else(|| Deviation(format!("there is no station {station}")))
    };
    let assigned: Vec<&str> = samples.iter().take(4).map(|sample| sample.label.as_str()).collect();
    states("assigned items", &assign_items(stage, &assigned, |_| "tester2")?, &4)?;
    for station in ["authorization", "review"] {
        let sheet = open(stage, of(station)?)?;
        fill(stage, &sheet, of(station)?)?;
    }
    states("checked items", &check_all(stage)?, &2)?;
    let compiled = reporting::of_state(stage, "compiling")?;
    let own = of("authorization")?.id;
    let first: Vec<_> = compiled.into_iter().filter(|report| report["sample_id"].as_i64() == Some(own)).collect();
    states("reports of the first sample", &first.len(), &1)?;
    reporting::review(stage, &first)?;
    let sheet = open(stage, of("check")?)?;
    fill(stage, &sheet, of("check")?)?;
    open(stage, of("worksheet")?)?;
    stage.note(
        "waiting",
        json!({
            "receipt": waiting, "assignment": of("assignment")?.number, "worksheet": of("worksheet")?.number,
            "check": of("check")?.number, "review": of("review")?.number, "authorization": of("authorization")?.number,
        }),
    );
    stage.tell("demo-left", &[("stations", &(STATIONS.len() + 1))]);
    Ok(())
}

fn open(stage: &Stage, sample: &Sample) -> Played<Sheet> {
    bench::open_sheet(stage, "tester2", &[&sample.label], &["cd"], &json!({}))
}

/// Values of a quiet day, typed because the instrument stands still.
fn fill(stage: &Stage, sheet: &Sheet, sample: &Sample) -> Played {
    let (blank, duplicate) = (format!("{}-B1", sheet.number), format!("{}-D1", sheet.number));
    let mut cells = Vec::new();
    for (label, reading) in [(&sample.label, "2.05"), (&duplicate, "2.11")] {
        cells.extend([
            cell(label, "cd", "reading", reading),
            cell(label, "cd", "volume", "10"),
            cell(label, "cd", "mass", "0.5000"),
        ]);
    }
    cells.push(cell(&blank, "cd", "reading", "0.01"));
    for cell in &mut cells {
        cell.reason = "仪器停机，读数手工录入";
    }
    sheet.type_in(stage, &cells)?;
    sheet.submit(stage)
}
