//! How many items are judged a minute on one core, from texts to verdict and printed value, and what a part of it costs.
//!
//! ```sh
//! cargo bench -p lis-tests --bench judging
//! ```
//! The aim is a million verdicts a minute and core. Times depend on the machine; compare the ratios.

use std::hint::black_box;
use std::time::{Duration, Instant};

use lis_server::domain::decimal::Decimal;
use lis_server::judgement::item::judge;
use lis_server::judgement::limit::{Bound, LimitRule, MethodFacts};
use lis_server::judgement::measured::{Measured, MeasuredValue};
use lis_server::judgement::rounding::{Digits, to_digits};

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
    let decimal = |text: &str| Decimal::parse(text).expect("a decimal");
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

    let per_minute = ROUND as f64 / judging.as_secs_f64() * 60.0;
    println!("{:<28}{:>12}{:>10}", "", "us a value", "ratio");
    for (name, time) in [("reading the text", reading), ("and rounding it", rounding), ("judging the item", judging)] {
        let each = time.as_secs_f64() * 1e6 / ROUND as f64;
        println!("{name:<28}{each:>12.2}{:>10.2}", time.as_secs_f64() / reading.as_secs_f64());
    }
    println!("{per_minute:.0} verdicts a minute on one core: {:.1} of the aim", per_minute / AIM_PER_MINUTE);
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
