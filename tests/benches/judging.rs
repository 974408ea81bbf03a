//! How many items are judged a minute on one core, from texts to verdict and printed value, and what a part of it costs; then
//! a mixed load as a laboratory has it, each judgement with its record and its reasoning in words.
//!
//! ```sh
//! cargo bench -p lis-tests --bench judging
//! ```
//! The aim is a million verdicts a minute and core. Times depend on the machine; compare the ratios.

use std::hint::black_box;
use std::time::{Duration, Instant};

use lis_server::domain::decimal::Decimal;
use lis_server::judgement::explain::Lang;
use lis_server::judgement::item::judge;
use lis_server::judgement::limit::{Bound, LimitRule, MethodFacts};
use lis_server::judgement::measured::{Measured, MeasuredValue};
use lis_server::judgement::micro::MicroPlan;
use lis_server::judgement::number::Factor;
use lis_server::judgement::record::{self, Question, Sources};
use lis_server::judgement::rounding::{Digits, to_digits};
use lis_server::judgement::sums::SumPart;
use lis_tests::figures;

/// Verdicts of one round.
const ROUND: usize = 50_000;
/// Verdicts a minute and core that the design asks for.
const AIM_PER_MINUTE: f64 = 1_000_000.0;

fn main() {
    let values = values();
    let limits: Vec<LimitRule> = ["0.2", "0.05", "1.0", "10", "0.005"]
        .iter()
        .map(|limit| LimitRule::new(Bound::parse("max", Some(limit)).expect("a limit"), Some("mg/kg")))
        .collect();
    let digits = Digits::Significant(2);
    let method =
        MethodFacts { lod: Some(decimal("0.0002")), loq: Some(decimal("0.0005")), digits: Some(digits.clone()) };

    let reading = timed(|| {
        for text in &values {
            black_box(MeasuredValue::parse(text).expect("a value"));
        }
    });
    let rounding = timed(|| {
        for text in &values {
            black_box(to_digits(&decimal(text).to_ratio(), &digits).expect("a rounded value"));
        }
    });
    let judging = timed(|| {
        for (text, limit) in values.iter().zip(limits.iter().cycle()) {
            let value = MeasuredValue::parse(text).expect("a value");
            let measured = Measured::new(value, Some("mg/kg"));
            black_box(judge(&measured, limit, &method).expect("a verdict"));
        }
    });

    let recording = timed(|| {
        for (place, text) in values.iter().enumerate() {
            let question = mixed(place, text, &limits[0], &method);
            let record = record::judge(question, Sources::default()).expect("a verdict");
            black_box((record.explain(Lang::Zh), record.bytes()));
        }
    });

    println!("{:<28}{:>12}{:>10}", "", "us a value", "ratio");
    for (name, time) in [
        ("reading the text", reading),
        ("and rounding it", rounding),
        ("judging the item", judging),
        ("mixed load with records", recording),
    ] {
        let each = time.as_secs_f64() * 1e6 / ROUND as f64;
        println!("{name:<28}{each:>12.2}{:>10.2}", time.as_secs_f64() / reading.as_secs_f64());
    }
    for (name, time) in [("plain verdicts", judging), ("mixed load with records", recording)] {
        let per_minute = ROUND as f64 / time.as_secs_f64() * 60.0;
        println!("{name}, verdicts a minute on one core: {}", figures::at_least(AIM_PER_MINUTE, per_minute));
    }
}

/// One of five questions in turn: a value to be converted, one that needs more digits beside its limit, nothing detected, five
/// units against a plan, a residue of two parts.
fn mixed(place: usize, text: &str, limit: &LimitRule, method: &MethodFacts) -> Question {
    let value = |text: &str| MeasuredValue::parse(text).expect("a value");
    let item = |text: &str, unit: &str| Question::Item {
        measured: Measured::new(value(text), Some(unit)),
        limit: limit.clone(),
        method: method.clone(),
    };
    match place % 5 {
        0 => item(text, "µg/kg"),
        // 0.2001 to 0.2049 against 0.2: two figures would show 0.20.
        1 => item(&format!("0.20{:02}", 1 + place % 49), "mg/kg"),
        2 => item("ND", "mg/kg"),
        3 => {
            let plan = MicroPlan { n: 5, c: 2, m: decimal("10000"), maximum: Some(decimal("100000")) };
            Question::Plan { plan, units: [text, "<10", "900", "9500", "10000"].map(|unit| Some(value(unit))).into() }
        }
        _ => {
            let factor = Some(Factor::parse("221.26/237.25").expect("a factor"));
            let parts = vec![
                SumPart { value: value("ND"), lod: Some(decimal("0.005")), factor: None, exact: None },
                SumPart { value: value(text), lod: None, factor, exact: None },
            ];
            Question::Sum { parts, limit: Some(decimal("0.02")) }
        }
    }
}

fn decimal(text: &str) -> Decimal {
    Decimal::parse(text).expect("a decimal")
}

/// The best of some rounds: the others met a hiccup of the machine.
fn timed(round: impl Fn()) -> Duration {
    const ROUNDS: usize = 5;
    (0..ROUNDS)
        .map(|_| {
            let began = Instant::now();
            round();
            began.elapsed()
        })
        .min()
        .unwrap_or_default()
}

/// Values of one to seven digits with up to eight decimals, the same on every machine (Knuth's generator, MMIX).
fn values() -> Vec<String> {
    let mut state = 20_261_129_u64;
    let mut next = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    (0..ROUND)
        .map(|_| {
            let digits = next(9_999_999) + 1;
            let decimals = next(9) as usize;
            let text = format!("{digits:0>width$}", width = decimals + 1);
            let (whole, fraction) = text.split_at(text.len() - decimals);
            if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
        })
        .collect()
}
