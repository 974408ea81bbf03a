//! Guards over this room: no binary floating point in its source, and rounding that an independent implementation
//! agrees with.

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::{Command, Stdio};

use num_bigint::BigInt;

use super::rounding::{to_interval, to_significant};
use crate::domain::decimal::Decimal;

/// Binary floating point must not enter this room.
#[test]
fn no_binary_floating_point() {
    let room = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/judgement");
    let forbidden = [32, 64].map(|bits| format!("f{bits}"));
    let mut files = 0;
    let mut folders = vec![room];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let source = std::fs::read_to_string(&path).unwrap();
            let words = source.split(|c: char| !c.is_alphanumeric() && c != '_');
            let found =
                words.clone().find(|word| forbidden.iter().any(|f| word == f || word.ends_with(&format!("_{f}"))));
            assert_eq!(found, None, "{} uses binary floating point; use Ratio", path.display());
            files += 1;
        }
    }
    assert!(files > 20, "only {files} files were seen: the scan looks in the wrong place");
}

/// Values that are compared; `LIS_SOAK_ROUNDINGS` asks for more (`tests/soak/README.md`).
const ROUNDINGS: usize = 1_000_000;
/// Values of one question to Python: enough to forget its start, few enough to keep.
const BLOCK: usize = 25_000;

/// Pseudo-random values are rounded here and by Python's `decimal`; both must print the same.
///
/// Python is asked for the multiple of the interval and for the significant figures; it shares no code with this room.
#[test]
fn python_rounds_the_same() {
    let asked = std::env::var("LIS_SOAK_ROUNDINGS");
    let count = asked.map_or(ROUNDINGS, |text| text.parse().expect("LIS_SOAK_ROUNDINGS is a number"));
    if Command::new("python3").arg("--version").output().is_err() {
        // Straight to the terminal: the test runner keeps what a passing test prints to itself.
        let _ =
            writeln!(std::io::stderr(), "SKIPPED python_rounds_the_same: there is no python3 (tests/run installs it)");
        return;
    }
    let blocks = count.div_ceil(BLOCK);
    let workers = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let compared = |first: usize| -> usize {
        let own = (first..blocks).step_by(workers);
        own.map(|block| compare_with_python(&cases(block, BLOCK.min(count - block * BLOCK)))).sum()
    };
    let all: usize = std::thread::scope(|scope| {
        let running: Vec<_> = (0..workers).map(|first| scope.spawn(move || compared(first))).collect();
        running.into_iter().map(|worker| worker.join().unwrap()).sum()
    });
    assert_eq!(all, count);
}

/// How many were compared.
fn compare_with_python(cases: &[Case]) -> usize {
    let python = Command::new("python3").args(["-c", ORACLE]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut python = python.unwrap();
    let mut questions = String::new();
    for case in cases {
        questions.push_str(&format!("{} {} {}\n", case.x, case.interval, case.figures));
    }
    let mut input = python.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(questions.as_bytes()));
    let output = python.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let answers = String::from_utf8(output.stdout).unwrap();
    let mut compared = 0;
    for (case, expected) in cases.iter().zip(answers.lines()) {
        let x = case.x.to_ratio();
        let interval = to_interval(&x, &case.interval).unwrap().value;
        let figures = to_significant(&x, case.figures).value;
        assert_eq!(
            format!("{interval} {figures}"),
            expected,
            "{} at {} and {} figures",
            case.x,
            case.interval,
            case.figures
        );
        compared += 1;
    }
    compared
}

struct Case {
    x: Decimal,
    interval: Decimal,
    figures: u32,
}

/// A linear congruential generator (Knuth, MMIX): the same cases on every machine, others in every block.
fn cases(block: usize, count: usize) -> Vec<Case> {
    let mut state = 20_261_123_u64 + block as u64;
    let mut next = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut case = || {
        // Few digits make ties frequent; ties are what implementations disagree about.
        let digits = 10_i64.pow(1 + next(7) as u32);
        let unscaled = next(digits as u64) as i64 - digits / 2;
        let x = Decimal::from_scaled(&BigInt::from(unscaled), next(9) as usize);
        let unit = [1, 2, 5][next(3) as usize];
        let interval = Decimal::from_scaled(&BigInt::from(unit), next(7) as usize);
        Case { x, interval, figures: 1 + next(5) as u32 }
    };
    (0..count).map(|_| case()).collect()
}

/// `round` of the contract: decimals of the interval, or exactly n figures; zero is `0`.
const ORACLE: &str = r#"
import sys
from decimal import Decimal, ROUND_HALF_EVEN, getcontext
getcontext().prec = 60
getcontext().rounding = ROUND_HALF_EVEN
def shown(value):
    return '0' if value == 0 else format(value, 'f')
def to_interval(x, interval):
    multiple = (x / interval).quantize(Decimal(1))
    return shown((multiple * interval).quantize(interval))
def to_figures(x, figures):
    if x == 0:
        return '0'
    for _ in range(2):
        place = Decimal(1).scaleb(x.adjusted() - figures + 1)
        x, before = x.quantize(place), x
        if x.adjusted() == before.adjusted():
            break
    return shown(x)
out = []
for line in sys.stdin:
    x, interval, figures = line.split()
    x = Decimal(x)
    out.append(to_interval(x, Decimal(interval)) + ' ' + to_figures(x, int(figures)))
print('\n'.join(out))
"#;
