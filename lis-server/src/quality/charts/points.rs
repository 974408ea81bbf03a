//! Points, limits and rules of a chart, pure and exact.

use serde::{Deserialize, Serialize};

use super::rules::RuleSettings;
use crate::domain::clock::Moment;
use crate::domain::decimal::Decimal;
use crate::domain::ids::WorksheetId;
use crate::judgement::number::{Ratio, fixed, plain, square_root, sum, whole};
use crate::judgement::rounding::to_significant;
use crate::judgement::westgard::{ChartVerdict, WestgardRule, westgard};
use crate::testing::controls::Control;

/// What one chart is about.
#[derive(
    Clone,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
    utoipa::IntoParams,
)]
#[serde(default, deny_unknown_fields)]
pub struct ChartKey {
    /// Key of the method's procedure.
    pub method: String,
    /// Key of the analyte.
    pub analyte: String,
    /// blank, duplicate, parallel, spike, reference
    pub kind: String,
    /// Of a reference material what it must give; else empty.
    pub material: String,
}

impl ChartKey {
    /// The chart of a control.
    pub fn of(method: &str, control: &Control) -> Self {
        let material = if control.kind == REFERENCE { control.expected.clone() } else { String::new() };
        Self { method: method.to_owned(), analyte: control.analyte.clone(), kind: control.kind.clone(), material }
    }
}

const REFERENCE: &str = "reference";

/// What is drawn of a control: what was found of blanks and reference materials, else the difference or recovery in
/// percent; exactly, and as it is shown. `None`: not detected, or no number.
pub fn charted(control: &Control) -> Option<(Ratio, Decimal)> {
    let shown = Decimal::parse(control.drawn()).ok()?;
    let exact = control.exact.as_ref().map_or_else(|| shown.to_ratio(), |exact| exact.value().clone());
    Some((exact, shown))
}

/// One control in time.
#[derive(Clone, Debug)]
pub struct Point {
    pub worksheet: WorksheetId,
    pub worksheet_no: String,
    pub at: Moment,
    pub value: Ratio,
    /// The value as it is shown.
    pub shown: Decimal,
}

/// Mean and standard deviation, frozen at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    pub version: i64,
    pub mean: Decimal,
    pub sd: Decimal,
    /// Points that they rest on.
    pub count: i64,
    pub at: Moment,
}

/// A point with the limits of its time.
#[derive(Clone, Debug)]
pub struct JudgedPoint {
    pub point: Point,
    /// `(value - mean) / sd`, exactly; nothing before the first limits.
    pub z: Option<Ratio>,
    /// Those that hold and are looked at.
    pub rules: Vec<WestgardRule>,
    pub verdict: ChartVerdict,
}

/// Runs so far that make limits worth freezing (`quality.md` Q77-3).
pub const POINTS_LEAST: usize = 20;
/// Figures that a frozen mean and standard deviation keep.
const FIGURES: u32 = 6;
/// Decimals of a z-score that is shown.
const Z_DECIMALS: usize = 4;

/// Mean and standard deviation (n - 1) of points; `None` when all are equal or there are fewer than two.
pub fn statistics(points: &[Point]) -> Option<(Decimal, Decimal)> {
    let values: Vec<Ratio> = points.iter().map(|point| point.value.clone()).collect();
    if values.len() < 2 {
        return None;
    }
    let count = i64::try_from(values.len()).ok()?;
    let mean = sum(&values) / whole(count);
    let squares: Vec<Ratio> = values.iter().map(|value| (value - &mean) * (value - &mean)).collect();
    let sd = square_root(&(sum(&squares) / whole(count - 1)))?.value;
    let kept = |value: &Ratio| to_significant(value, FIGURES).value;
    let sd = kept(&sd);
    (!sd.is_zero()).then(|| (kept(&mean), sd))
}

/// Points in order of time, each with its z-score, the rules that hold at it and what these did in charts of the method at
/// its time. Runs do not cross a change of limits.
pub fn judged(points: Vec<Point>, limits: &[Limits], (settings, method): (&RuleSettings, &str)) -> Vec<JudgedPoint> {
    let mut judged: Vec<JudgedPoint> = Vec::with_capacity(points.len());
    let mut run: Vec<Ratio> = Vec::new();
    let mut version = 0;
    for point in points {
        let of_then = limits.iter().rev().find(|limits| limits.at <= point.at);
        let Some(of_then) = of_then else {
            judged.push(JudgedPoint { point, z: None, rules: Vec::new(), verdict: ChartVerdict::Accept });
            continue;
        };
        if of_then.version != version {
            version = of_then.version;
            run.clear();
        }
        let z = z_score(&point.value, of_then);
        run.push(z.clone());
        let held = westgard(&run).rules.pop().unwrap_or_default();
        let (rules, verdict) = settings.judged(method, held, point.at);
        judged.push(JudgedPoint { point, z: Some(z), rules, verdict });
    }
    judged
}

/// `(value - mean) / sd`.
fn z_score(value: &Ratio, limits: &Limits) -> Ratio {
    (value - limits.mean.to_ratio()) / limits.sd.to_ratio()
}

impl JudgedPoint {
    /// Its z-score as it is shown; the rules look at the exact one.
    pub fn z_text(&self) -> Option<String> {
        self.z.as_ref().map(|z| fixed(z, Z_DECIMALS))
    }
}

/// The name of a rule as charts print it.
pub fn rule_name(rule: WestgardRule) -> &'static str {
    match rule {
        WestgardRule::OneBeyond2s => "1-2s",
        WestgardRule::OneBeyond3s => "1-3s",
        WestgardRule::TwoBeyond2s => "2-2s",
        WestgardRule::RangeBeyond4s => "R-4s",
        WestgardRule::FourBeyond1s => "4-1s",
        WestgardRule::TenOnOneSide => "10x",
    }
}

/// A border of a chart in text: mean plus so many standard deviations.
pub fn border(limits: &Limits, deviations: i64) -> Ratio {
    limits.mean.to_ratio() + limits.sd.to_ratio() * whole(deviations)
}

/// A value of a chart as it is printed beside it.
pub fn printed(value: &Ratio) -> String {
    plain(&to_significant(value, FIGURES).value.to_ratio())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    fn moment(minute: u32) -> Moment {
        Moment::new(chrono::DateTime::from_timestamp(1_790_000_000 + i64::from(minute) * 60, 0).unwrap())
    }

    fn points(values: &[&str]) -> Vec<Point> {
        let of = |(place, value): (usize, &&str)| Point {
            worksheet: WorksheetId(place as i64),
            worksheet_no: format!("W{place}"),
            at: moment(place as u32),
            value: d(value).to_ratio(),
            shown: d(value),
        };
        values.iter().enumerate().map(of).collect()
    }

    fn limits(version: i64, mean: &str, sd: &str, minute: u32) -> Limits {
        Limits { version, mean: d(mean), sd: d(sd), count: 20, at: moment(minute) }
    }

    #[test]
    fn mean_and_standard_deviation_of_a_sample() {
        // 2, 4, 4, 4, 5, 5, 7, 9: mean 5, sum of squares 32, 32 / 7 = 4.5714…, its root 2.13809
        let found = statistics(&points(&["2", "4", "4", "4", "5", "5", "7", "9"])).unwrap();
        assert_eq!((found.0.as_str(), found.1.as_str()), ("5.00000", "2.13809"));
        assert!(statistics(&points(&["5", "5", "5"])).is_none(), "no spread");
        assert!(statistics(&points(&["5"])).is_none());
    }

    // Requirement: Q77-3
    #[test]
    fn rules_hold_across_worksheets_and_not_across_limits() {
        let judged = judged(
            points(&["100", "105", "105", "105", "105", "109", "109"]),
            &[limits(1, "100", "4", 1), limits(2, "105", "4", 5)],
            (&RuleSettings::default(), "m"),
        );
        let z: Vec<Option<String>> = judged.iter().map(JudgedPoint::z_text).collect();
        // The first point is older than any limits; the fifth is the last of the first limits.
        assert_eq!(z[0], None);
        assert_eq!(z[1].as_deref(), Some("1.2500"));
        let rules: Vec<Vec<&str>> =
            judged.iter().map(|one| one.rules.iter().map(|rule| rule_name(*rule)).collect()).collect();
        assert_eq!(rules[4], ["4-1s"], "four in a row beyond 1 s");
        assert!(rules[5].is_empty(), "new limits begin a new run: {rules:?}");
        assert_eq!(judged[4].verdict, ChartVerdict::Reject);
    }

    #[test]
    fn a_point_on_a_border_is_inside() {
        let rules = |value: &str| {
            let one = judged(points(&[value]), &[limits(1, "1", "0.3", 0)], (&RuleSettings::default(), "m")).remove(0);
            (one.z_text().unwrap_or_default(), one.rules.iter().map(|rule| rule_name(*rule)).collect::<Vec<_>>())
        };
        assert_eq!(rules("1.6"), ("2.0000".to_owned(), vec![]));
        assert_eq!(rules("0.4"), ("-2.0000".to_owned(), vec![]));
        // 0.60001 / 0.3 = 2.0000333…: beyond, however it is shown.
        assert_eq!(rules("1.60001"), ("2.0000".to_owned(), vec!["1-2s"]));
        assert_eq!(rules("0.39999"), ("-2.0000".to_owned(), vec!["1-2s"]));
        // 0.7 / 0.3 = 2.33333…
        assert_eq!(rules("1.7").0, "2.3333");
    }

    #[test]
    fn a_point_beside_the_mean_counts_on_its_side() {
        // z = 0.000033…, shown as 0.0000: ten of them lie on one side.
        let ten = points(&["1.00001"; 10]);
        let judged = judged(ten, &[limits(1, "1", "0.3", 0)], (&RuleSettings::default(), "m"));
        assert_eq!(judged[9].z_text().as_deref(), Some("0.0000"));
        assert_eq!(judged[9].rules, [WestgardRule::TenOnOneSide]);
        assert!(judged[8].rules.is_empty());
    }

    #[test]
    fn a_recovery_is_charted_as_it_was_calculated() {
        // 120.004 % is shown as 120.00 and lies beyond 2 s of 100 ± 10.
        let of_limits = limits(1, "100", "10", 0);
        let control = control("spike", "0.24", "120.00").with_exact(Some(d("120.004").to_ratio()));
        let (value, shown) = charted(&control).unwrap();
        assert_eq!((&value, shown.as_str()), (&d("120.004").to_ratio(), "120.00"));
        let point = Point { value, shown, ..points(&["0"]).remove(0) };
        let judged = judged(vec![point], &[of_limits], (&RuleSettings::default(), "m"));
        assert_eq!(judged[0].rules, [WestgardRule::OneBeyond2s]);
        let stored: Control = serde_json::from_str(&serde_json::to_string(&control).unwrap()).unwrap();
        assert_eq!(stored, control);
    }

    fn control(kind: &str, found: &str, figure: &str) -> Control {
        Control {
            kind: kind.into(),
            label_code: String::new(),
            analyte: "pb".into(),
            found: found.into(),
            expected: "0.54 ± 0.04".into(),
            figure: figure.into(),
            allowed: String::new(),
            verdict: crate::judgement::qc::QcVerdict::Accept,
            exact: None,
            note: String::new(),
            rules: Vec::new(),
            limits_version: None,
            items: Vec::new(),
        }
    }

    #[test]
    fn what_is_drawn_of_a_control() {
        let shown = |control: Control| charted(&control).map(|(_, shown)| shown.to_string());
        assert_eq!(shown(control("blank", "0.002", "")).as_deref(), Some("0.002"));
        assert_eq!(shown(control("blank", "ND", "")), None);
        assert_eq!(shown(control("spike", "0.287", "96.50")).as_deref(), Some("96.50"));
        assert_eq!(ChartKey::of("m", &control("reference", "0.55", "0.01")).material, "0.54 ± 0.04");
        assert_eq!(ChartKey::of("m", &control("spike", "0.287", "96.50")).material, "");
    }
}
