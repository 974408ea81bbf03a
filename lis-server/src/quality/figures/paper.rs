//! The quality report on paper: every number that the page shows.

use super::actions::{NamedCount, QcCount, QualityReport};
use crate::app::Lis;
use crate::domain::refusal::{Fact, Fault, Outcome};
use crate::pdf::documents::{self as paper, CountedControls, Figure, Laboratory, Proficiency};
use crate::web::language::Language;

/// The report as a PDF; `made_by`: who had it counted.
pub async fn printed(lis: &Lis, report: QualityReport, made_by: String, language: Language) -> Outcome<Vec<u8>> {
    let (typesetter, letterhead) = (lis.typesetter.clone(), lis.letterhead());
    let set = tokio::task::spawn_blocking(move || {
        let document = filled(&report, letterhead, made_by, language);
        typesetter.quality_report(&document, report.counted_at.utc()).map_err(Fault::broken)
    });
    set.await.map_err(Fault::broken)?
}

/// The name of its file.
pub fn file_name(report: &QualityReport) -> String {
    format!("quality-report-{}.pdf", report.period)
}

/// A name of a list in a language.
pub fn word(language: Language, prefix: &str, name: &str) -> String {
    let name = name.to_lowercase().replace('_', "-");
    language.text(&format!("{prefix}-{}", if name.is_empty() { "open" } else { name.as_str() }))
}

fn filled(report: &QualityReport, laboratory: Laboratory, made_by: String, language: Language) -> paper::QualityReport {
    paper::QualityReport {
        language: language.into(),
        laboratory,
        period: report.period.clone(),
        counted_at: report.counted_at.to_string(),
        made_by,
        work: work(report, language),
        controls: report
            .qc
            .iter()
            .map(|one| counted(&one.method, (one.accepted, one.rejected), &one.rejected_percent))
            .collect(),
        controls_by_instrument: report.qc_by_instrument.iter().map(of_count).collect(),
        controls_by_person: report.qc_by_person.iter().map(of_count).collect(),
        chart_rules: chart_rules(report, language),
        quality: quality(report, language),
        proficiency: report
            .proficiency
            .iter()
            .map(|one| Proficiency {
                scheme: one.scheme.clone(),
                analyte: one.analyte.clone(),
                method: one.method.clone(),
                score: one.z_score.clone(),
                verdict: word(language, "proficiency", &one.verdict),
            })
            .collect(),
    }
}

fn of_count(one: &QcCount) -> CountedControls {
    counted(&one.name, (one.accepted, one.rejected), &one.rejected_percent)
}

fn counted(name: &str, (accepted, rejected): (i64, i64), percent: &str) -> CountedControls {
    CountedControls {
        name: name.to_owned(),
        accepted: accepted.to_string(),
        rejected: rejected.to_string(),
        percent: percent.to_owned(),
    }
}

fn figure(name: String, count: i64) -> Figure {
    Figure { name, value: count.to_string() }
}

/// The parts of a number: `Items: conforms`.
fn parts<'r>(
    counts: &'r [NamedCount],
    whole: &'r str,
    prefix: &'r str,
    language: Language,
) -> impl Iterator<Item = Figure> + 'r {
    counts.iter().map(move |one| figure(format!("{whole}: {}", word(language, prefix, &one.name)), one.count))
}

fn work(report: &QualityReport, language: Language) -> Vec<Figure> {
    let named = |key: &str, count: i64| figure(language.text(key), count);
    let days = |key: &str, days: &String| Figure { name: language.text(key), value: days.clone() };
    let turnaround = &report.turnaround;
    let mut figures = vec![
        named("figures-samples-received", report.samples_received),
        named("figures-samples-rejected", report.samples_rejected),
    ];
    figures.extend(parts(&report.items, &language.text("figures-items"), "report-verdict", language));
    figures.extend([
        named("figures-reports", turnaround.reports),
        days("figures-median-days", &turnaround.median_days),
        days("figures-longest-days", &turnaround.longest_days),
        named("figures-late", turnaround.late),
        named("figures-amendments", report.amendments),
        named("figures-withdrawn", report.withdrawn),
    ]);
    figures
}

/// Where no rule held, that is said too.
fn chart_rules(report: &QualityReport, language: Language) -> Vec<Figure> {
    if report.chart_rules.is_empty() {
        return vec![figure(language.text("figures-chart-rules"), 0)];
    }
    let named = |one: &NamedCount| language.text_with("figures-chart-rule", &[("rule", Fact::Text(one.name.clone()))]);
    report.chart_rules.iter().map(|one| figure(named(one), one.count)).collect()
}

fn quality(report: &QualityReport, language: Language) -> Vec<Figure> {
    let opened = language.text("figures-works-opened");
    let complaints = language.text("complaints-title");
    let mut figures = vec![figure(opened.clone(), report.works_opened_count())];
    figures.extend(parts(&report.works_opened, &opened, "work-subject", language));
    figures.push(figure(language.text("figures-works-closed"), report.works_closed));
    figures.push(figure(complaints.clone(), report.complaints_count()));
    figures.extend(parts(&report.complaints, &complaints, "complaint-decision", language));
    figures.extend([
        figure(language.text("figures-overdue-calibrations"), report.overdue_calibrations),
        figure(language.text("figures-authorizations-due"), report.authorizations_due),
        figure(language.text("figures-transfers"), report.transfers),
        figure(language.text("figures-transfers-compared"), report.transfers_compared),
        figure(language.text("figures-transfers-different"), report.transfers_different),
    ]);
    figures
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::Moment;
    use crate::quality::figures::actions::{PtScore, QcOfMethod, Turnaround};

    fn report() -> QualityReport {
        let one = |name: &str, count| NamedCount { name: name.into(), count };
        QualityReport {
            period: "2026-11".into(),
            counted_at: Moment::parse_in_china("2026-11-30 10:00").unwrap(),
            samples_received: 12,
            samples_rejected: 1,
            items: vec![one("FAIL", 2), one("PASS", 30)],
            turnaround: Turnaround { reports: 10, median_days: "3.2".into(), longest_days: "9.0".into(), late: 1 },
            amendments: 0,
            withdrawn: 0,
            qc: vec![QcOfMethod {
                method: "GB 5009.12".into(),
                accepted: 2,
                rejected: 1,
                rejected_percent: "33.3".into(),
            }],
            qc_by_instrument: vec![QcCount {
                name: "AAS-01".into(),
                accepted: 1,
                rejected: 1,
                rejected_percent: "50.0".into(),
            }],
            qc_by_person: Vec::new(),
            chart_rules: Vec::new(),
            works_opened: vec![one("entry", 2), one("lot", 1)],
            works_closed: 1,
            complaints: vec![one("", 1)],
            proficiency: vec![PtScore {
                scheme: "PT-2026-01".into(),
                analyte: "pb".into(),
                method: "GB 5009.12".into(),
                z_score: "-3".into(),
                verdict: "unsatisfactory".into(),
            }],
            overdue_calibrations: 4,
            authorizations_due: 2,
            transfers: 9,
            transfers_compared: 5,
            transfers_different: 0,
        }
    }

    #[test]
    fn every_number_of_the_page_is_on_the_paper() {
        let filled = filled(&report(), Laboratory::default(), "Li".into(), Language::English);
        let said = |figures: &[Figure]| -> Vec<String> {
            figures.iter().map(|one| format!("{} = {}", one.name, one.value)).collect()
        };
        assert_eq!(filled.counted_at, "2026-11-30 10:00:00 +08:00");
        assert_eq!(
            said(&filled.work)[..5],
            [
                "Samples received = 12",
                "Of these, rejected = 1",
                "Items: Non-conforming = 2",
                "Items: Conforming = 30",
                "First reports issued = 10"
            ]
        );
        assert_eq!(filled.work.len(), 10);
        assert_eq!(said(&filled.chart_rules), ["Chart rules violated = 0"]);
        assert_eq!(said(&filled.quality)[0], "Non-conforming work opened = 3");
        assert!(said(&filled.quality).contains(&"Authorizations due = 2".to_owned()));
        assert_eq!(filled.quality.len(), 11);
        assert_eq!(filled.controls_by_instrument[0].percent, "50.0");
        assert_eq!((filled.controls[0].percent.as_str(), filled.proficiency[0].score.as_str()), ("33.3", "-3"));
    }
}
