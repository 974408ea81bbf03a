//! How long a document takes, in milliseconds and as a ratio to the usual report.
//!
//! ```sh
//! cargo bench -p lis-tests --bench report_pdf                  # release
//! cargo bench -p lis-tests --bench report_pdf --profile dev    # as in tests
//! ```
//! A release report of 12 items should stay under 300 ms: the aim. Milliseconds depend on the machine; compare the ratios.

use std::time::{Duration, Instant};

use lis_server::pdf::documents::*;
use lis_server::pdf::{Code128, Options, PdfError, QrCode, Typesetter};
use lis_tests::figures;

/// A usual report from a release build, in milliseconds.
const AIM_MS: f64 = 300.0;

fn main() -> Result<(), PdfError> {
    let started = Instant::now();
    let typesetter = Typesetter::new(&Options::default())?;
    let made = started.elapsed();
    let first = timed(|| typesetter.test_report(&report("BZ-2026-J-000000", 12)?, now()))?;

    // Every document has another number, as in real work: nothing but the shared parts can be remembered.
    let usual = median(|round| typesetter.test_report(&report(&format!("BZ-2026-J-{round:06}"), 12)?, now()))?;
    let long = median(|round| typesetter.test_report(&report(&format!("BZ-2026-W-{round:06}"), 200)?, now()))?;
    let labels = median(|round| typesetter.label_sheet(&labels(round)?, now()))?;

    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    println!("{:<34}{:>10}{:>10}", "", "ms", "ratio");
    for (name, time) in [
        ("making the typesetter", made),
        ("first report, 12 items", first),
        ("next report, 12 items (median)", usual),
        ("report, 200 items (median)", long),
        ("sheet of 24 labels (median)", labels),
    ] {
        println!("{name:<34}{:>10.1}{:>10.2}", ms(time), ms(time) / ms(usual));
    }
    println!("next report, milliseconds: {}", figures::at_most(AIM_MS, ms(usual)));
    Ok(())
}

/// Rounds for a median: enough to step over a hiccup of the machine.
const ROUNDS: usize = 9;

fn median(mut work: impl FnMut(usize) -> Result<Vec<u8>, PdfError>) -> Result<Duration, PdfError> {
    let mut times = (1..=ROUNDS).map(|round| timed(|| work(round))).collect::<Result<Vec<_>, _>>()?;
    times.sort_unstable();
    Ok(times[ROUNDS / 2])
}

fn timed(work: impl FnOnce() -> Result<Vec<u8>, PdfError>) -> Result<Duration, PdfError> {
    let started = Instant::now();
    let pdf = work()?;
    assert!(pdf.starts_with(b"%PDF"));
    Ok(started.elapsed())
}

/// A fixed time, of whatever type the typesetter takes.
fn now<T: std::str::FromStr>() -> T
where
    T::Err: std::fmt::Debug,
{
    "2026-11-20T07:32:07Z".parse().expect("a valid time")
}

fn report(report_no: &str, items: usize) -> Result<TestReport, PdfError> {
    let signature =
        |name: &str| Signature { name: name.into(), position: None, signed_at: "2026-11-20 15:32:07 +08:00".into() };
    let party = |name: &str| Party {
        name: name.into(),
        address: Some("示例市某县中心街 18 号".into()),
        licence: Some("91131000MA00000000".into()),
        contact: Some("000-00000002".into()),
    };
    let item = |index: usize| ReportItem {
        name: format!("检验项目 {index}"),
        unit: Some("mg/kg".into()),
        requirement: Some("≤0.2".into()),
        results: vec![format!("0.0{index}")],
        verdict: Some("合格".into()),
        method: "GB 5009.12-2023 第一法".into(),
        lod: Some("0.02".into()),
        in_scope: true,
        explain: vec![format!("实测值 0.0{index}，限值 ≤0.2，全数值比较法：合格。")],
        ..ReportItem::default()
    };
    Ok(TestReport {
        language: Language::Zh,
        kind: ReportKind::Original,
        report_no: report_no.into(),
        test_type: "监督抽检".into(),
        laboratory: Laboratory {
            name: "示例市共享食品检验实验室".into(),
            address: "示例市产业园一号路 8 号".into(),
            contact: None,
        },
        test_location: None,
        accreditations: vec![Accreditation { mark: "CMA".into(), number: "230000000001".into() }],
        client: party("示例市市场监督管理局"),
        sample: Sample { sample_no: "BZ2611-J-00123".into(), name: "小麦粉".into(), ..Sample::default() },
        sampled_unit: Some(party("示例市好邻居超市有限公司")),
        producer: Some(party("某某面粉有限公司")),
        third_party: None,
        sampling: None,
        received_on: "2026-11-03".into(),
        tested_from: "2026-11-04".into(),
        tested_to: "2026-11-18".into(),
        issued_on: "2026-11-20".into(),
        responsibility: Responsibility::SampledByLaboratory,
        items: (1..=items).map(item).collect(),
        judgement_basis: vec!["GB 2762-2025《食品安全国家标准 食品中污染物限量》".into()],
        conclusion: Some("经抽样检验，所检项目符合 GB 2762-2025 要求。".into()),
        failed: false,
        decision_rule: Some("全数值比较法，不考虑测量不确定度".into()),
        deviations: None,
        uncertainty: None,
        opinion: None,
        amendment: None,
        testers: vec![signature("检验员甲")],
        reviewer: signature("审核员丙"),
        signatory: signature("签字人丁"),
        verification: Verification {
            qr: QrCode::of(format!("https://lis.example/r/{report_no}"))?,
            code: "8F3K-7Q2M".into(),
        },
        statements: vec![],
        remark: None,
        stamp: None,
    })
}

fn labels(round: usize) -> Result<LabelSheet, PdfError> {
    let label = |index: usize| {
        let code = format!("{:010}", round * 1000 + index);
        Ok(Label {
            code: Code128::of(code.clone())?, text: code, lines: vec!["检验样".into(), "冷藏 0–4 ℃".into()]
        })
    };
    Ok(LabelSheet {
        language: Language::Zh,
        title: "容器标签".into(),
        stock: LabelStock::default(),
        skip: 0,
        labels: (0..24).map(label).collect::<Result<_, PdfError>>()?,
    })
}
