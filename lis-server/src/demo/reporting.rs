//! Fourth act: reports. Reviewed and authorized by two people who tested none of it, printed, published, mailed.

use std::io::{ErrorKind, Write};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::caller::{Deviation, Played, states};
use super::intake::{Sample, Taken};
use super::stage::Stage;
use crate::domain::hash::sha256_of;

/// An issued report.
#[derive(Clone, Debug)]
pub struct Report {
    pub id: i64,
    pub number: String,
    pub code: String,
}

/// Reports of the samples, in their order.
pub struct Issued {
    pub cabbage: Report,
    pub celery: Report,
}

pub fn play(stage: &mut Stage, taken: &Taken) -> Played<Issued> {
    stage.act("demo-act-reports");
    stage.set_clock("2026-11-19 09:00")?;
    let waiting = of_state(stage, "compiling")?;
    states("reports that wait for the review", &waiting.len(), &4)?;
    review(stage, &waiting)?;
    stage.tell("demo-reviewed", &[("reports", &waiting.len())]);

    // The reviewer is a signatory as well, but not of this field, not of what he reviewed, and he has not signed.
    let first = of_state(stage, "reviewed")?;
    let (id, version) = place(first.first())?;
    let path = format!("/api/v1/reports/{id}/authorize");
    let stated = ["signatory-reviewed", "outside-signatory-field", "signing-grant-missing"];
    let said = stage.by("reviewer")?.post_on(&path, version, &json!({}))?.refused(&stated)?;
    stage.tell("demo-authorization-refused", &[("reason", &said)]);

    authorize(stage)?;
    let cabbage = issued(stage, &taken.cabbage, "fail")?;
    let celery = issued(stage, &taken.celery, "pass")?;
    issued(stage, &taken.rice, "pass")?;
    let pastry = issued(stage, &taken.pastry, "pass")?;
    let printed = stage.by("reviewer")?.download(&format!("/api/v1/reports/{}/pdf", cabbage.id))?;
    says(stage, &printed, &[&cabbage.number, "小白菜", "0.301", "≤0.3", "GB 2762-2025", "检验结论为不合格"])?;
    stage.tell("demo-issued", &[("reports", &4), ("number", &cabbage.number)]);

    let own = stage.by("bakery")?.get("/api/v1/portal/reports")?.done()?.items();
    let numbers: Vec<&str> = own.iter().filter_map(|report| report["report_no"].as_str()).collect();
    states("reports in the bakery's portal", &numbers.as_slice(), &[pastry.number.as_str()].as_slice())?;
    let bytes = stage.by("bakery")?.download(&format!("/api/v1/portal/reports/{}/pdf", pastry.id))?;
    says(stage, &bytes, &[&pastry.number, "桃酥"])?;
    let sha256 = sha256_of(&bytes);
    states("the hash of the file", &own[0]["file_sha256"], &json!(sha256))?;
    let mails = stage.mails_to("bakery@lis.example", 2)?;
    let attached = mails.last().is_some_and(|mail| mail.contains("application/pdf"));
    states("the report attached to the mail", &attached, &true)?;
    stage.tell("demo-published", &[("number", &pastry.number), ("recipient", &"bakery@lis.example")]);
    standing(stage, &pastry, "valid")?;
    let path = write(stage, &pastry.number, &bytes)?;
    stage.note(
        "report",
        json!({"number": pastry.number, "pdf": path, "sha256": sha256, "verification_code": pastry.code}),
    );
    Ok(Issued { cabbage, celery })
}

/// Writes a report beside `demo.json`; where it is.
fn write(stage: &Stage, number: &str, pdf: &[u8]) -> Played<String> {
    let failed = |error: std::io::Error| Deviation(format!("{number}.pdf: {error}"));
    let path = std::path::absolute(stage.lis.config.data.join(format!("{number}.pdf"))).map_err(failed)?;
    std::fs::write(&path, pdf).map_err(failed)?;
    Ok(path.display().to_string())
}

/// All reports for `demo.json`, oldest first, with the files of those that have one.
pub fn kept(stage: &Stage) -> Played<Vec<Value>> {
    let by = stage.by("reviewer")?;
    let mut reports = by.get("/api/v1/reports?limit=500")?.done()?.items();
    reports.sort_by_key(|report| report["id"].as_i64());
    reports
        .iter()
        .map(|report| {
            let number = report["report_no"].as_str().unwrap_or_default();
            let pdf = match report["file_sha256"].as_str() {
                Some(sha256) => {
                    let bytes = by.download(&format!("/api/v1/reports/{}/pdf", report["id"]))?;
                    states(&format!("the hash of {number}"), &sha256_of(&bytes).as_str(), &sha256)?;
                    Some(write(stage, number, &bytes)?)
                }
                None => None,
            };
            Ok(json!({
                "number": number, "sample_no": report["sample_no"], "state": report["state"],
                "conclusion": report["conclusion"], "verification_code": report["verification_code"],
                "pdf": pdf, "sha256": report["file_sha256"],
            }))
        })
        .collect()
}

/// What a PDF says, white space apart, where `pdftotext` is there to read it; elsewhere the reader is told that nothing
/// but its hash is compared.
pub fn says(stage: &Stage, pdf: &[u8], stated: &[&str]) -> Played {
    states("the beginning of a PDF", &pdf.starts_with(b"%PDF"), &true)?;
    let Some(text) = text_of(pdf, "pdftotext")? else {
        // Past the capture of a test: what is left out is said aloud there as well. Nobody at the other end is no fault.
        let _ = writeln!(std::io::stderr(), "{}", stage.language.text("demo-text-skipped"));
        return Ok(());
    };
    for words in stated {
        states(&format!("{words:?} in the PDF"), &text.contains(&dense(words)), &true)?;
    }
    Ok(())
}

/// The text of a PDF without white space, as a program reads it; `None` where there is no such program.
fn text_of(pdf: &[u8], program: &str) -> Played<Option<String>> {
    let failed = |error: std::io::Error| Deviation(format!("{program}: {error}"));
    let run = Command::new(program).args(["-", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut reader = match run {
        Ok(reader) => reader,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    if let Some(mut input) = reader.stdin.take() {
        input.write_all(pdf).map_err(failed)?;
    }
    let output = reader.wait_with_output().map_err(failed)?;
    Ok(Some(dense(&String::from_utf8_lossy(&output.stdout))))
}

fn dense(text: &str) -> String {
    text.split_whitespace().collect()
}

/// Reports in a state.
pub fn of_state(stage: &Stage, state: &str) -> Played<Vec<Value>> {
    Ok(stage.by("reviewer")?.get(&format!("/api/v1/reports?state={state}"))?.done()?.items())
}

/// Id and version of a listed report.
fn place(report: Option<&Value>) -> Played<(i64, i64)> {
    let found = report.and_then(|report| Some((report["id"].as_i64()?, report["version"].as_i64()?)));
    found.ok_or_else(|| Deviation("a report is missing".to_owned()))
}

/// The reviewer signs these reports.
pub fn review(stage: &Stage, reports: &[Value]) -> Played {
    stage.sign_as("reviewer", "reviewed")?;
    for report in reports {
        let (id, version) = place(Some(report))?;
        stage.by("reviewer")?.post_on(&format!("/api/v1/reports/{id}/review"), version, &json!({}))?.done()?;
    }
    Ok(())
}

/// The signatory signs every reviewed report.
pub fn authorize(stage: &Stage) -> Played {
    stage.sign_as("signatory", "authorized")?;
    for report in of_state(stage, "reviewed")? {
        let (id, version) = place(Some(&report))?;
        stage.by("signatory")?.post_on(&format!("/api/v1/reports/{id}/authorize"), version, &json!({}))?.done()?;
    }
    Ok(())
}

/// Waits until the newest report of a sample is issued with this conclusion.
pub fn issued(stage: &Stage, sample: &Sample, conclusion: &str) -> Played<Report> {
    let report = stage.until(&format!("the report of {}", sample.number), |stage| {
        let reports = stage.by("reviewer")?.get("/api/v1/reports?state=issued")?.done()?.items();
        Ok(reports.into_iter().find(|report| report["sample_id"].as_i64() == Some(sample.id)))
    })?;
    states(&format!("the conclusion of {}", sample.number), &report["conclusion"], &json!(conclusion))?;
    let text = |field: &str| report[field].as_str().unwrap_or_default().to_owned();
    Ok(Report { id: place(Some(&report))?.0, number: text("report_no"), code: text("verification_code") })
}

/// What the code on a report says to anybody who scans it.
pub fn standing(stage: &Stage, report: &Report, stated: &str) -> Played<Value> {
    let found = super::caller::Caller::nobody(&stage.base).get(&format!("/api/v1/verify/{}", report.code))?.done()?;
    states(&format!("the code of {}", report.number), &found.text("standing")?.as_str(), &stated)?;
    Ok(found.body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_reader_is_told_apart_from_one_that_reads() {
        assert_eq!(text_of(b"%PDF", "there-is-no-such-program").unwrap(), None);
        // Gives back what it gets.
        assert_eq!(text_of("检验 结论\n合格".as_bytes(), "cat").unwrap().as_deref(), Some("检验结论合格"));
    }
}
