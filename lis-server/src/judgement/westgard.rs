//! Westgard rules on control charts (`quality.md` Q77-3), also across batches.
//!
//! "Beyond" is strict: exactly 2 s is inside, and a point on the mean breaks a run of ten.
//!
//! | Rule | Meaning | Action |
//! |---|---|---|
//! | 1-2s | one point beyond 2 s | warning |
//! | 1-3s | one point beyond 3 s | reject |
//! | 2-2s | two in a row beyond the same 2 s side | reject |
//! | R-4s | two in a row, one beyond +2 s and one beyond -2 s | reject |
//! | 4-1s | four in a row beyond the same 1 s side | reject |
//! | 10x | ten in a row on one side of the mean | reject |

use serde::{Deserialize, Serialize};

use super::number::{Ratio, whole};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WestgardRule {
    #[serde(rename = "1-2s")]
    OneBeyond2s,
    #[serde(rename = "1-3s")]
    OneBeyond3s,
    #[serde(rename = "2-2s")]
    TwoBeyond2s,
    #[serde(rename = "R-4s")]
    RangeBeyond4s,
    #[serde(rename = "4-1s")]
    FourBeyond1s,
    #[serde(rename = "10x")]
    TenOnOneSide,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ChartVerdict {
    Accept,
    Warn,
    Reject,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WestgardResult {
    /// The rules that hold at each point, in the order of the table.
    pub rules: Vec<Vec<WestgardRule>>,
    /// REJECT if any rejecting rule fired, else WARN if 1-2s fired, else ACCEPT.
    pub verdict: ChartVerdict,
}

/// Applies all rules to z-scores in the order of time. Adjacent points count as one run.
pub fn westgard(z: &[Ratio]) -> WestgardResult {
    let rules: Vec<Vec<WestgardRule>> = (1..=z.len()).map(|end| rules_at_end(&z[..end])).collect();
    let fired = || rules.iter().flatten();
    let verdict = if fired().any(|rule| *rule != WestgardRule::OneBeyond2s) {
        ChartVerdict::Reject
    } else if fired().next().is_some() {
        ChartVerdict::Warn
    } else {
        ChartVerdict::Accept
    };
    WestgardResult { rules, verdict }
}

/// The rules that hold at the last of these points.
fn rules_at_end(z: &[Ratio]) -> Vec<WestgardRule> {
    let last = |count: usize| z.len().checked_sub(count).map(|start| &z[start..]);
    let above = |border: i64| move |z: &Ratio| z > &whole(border);
    let below = |border: i64| move |z: &Ratio| z < &whole(-border);
    let one_side =
        |count, border| last(count).is_some_and(|run| run.iter().all(above(border)) || run.iter().all(below(border)));
    let opposite = last(2).is_some_and(|run| run.iter().any(above(2)) && run.iter().any(below(2)));
    let table = [
        (WestgardRule::OneBeyond2s, one_side(1, 2)),
        (WestgardRule::OneBeyond3s, one_side(1, 3)),
        (WestgardRule::TwoBeyond2s, one_side(2, 2)),
        (WestgardRule::RangeBeyond4s, opposite),
        (WestgardRule::FourBeyond1s, one_side(4, 1)),
        (WestgardRule::TenOnOneSide, one_side(10, 0)),
    ];
    table.into_iter().filter(|(_, holds)| *holds).map(|(rule, _)| rule).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::decimal::Decimal;

    fn check(z: &str, expected: &str, verdict: ChartVerdict) {
        let z: Vec<Ratio> = z.split(';').map(|z| Decimal::parse(z).unwrap().to_ratio()).collect();
        let result = westgard(&z);
        let name = |rule: &WestgardRule| serde_json::to_value(rule).unwrap().as_str().unwrap().to_owned();
        let point = |rules: &Vec<WestgardRule>| match rules.is_empty() {
            true => "-".to_owned(),
            false => rules.iter().map(name).collect::<Vec<_>>().join("+"),
        };
        let found = result.rules.iter().map(point).collect::<Vec<_>>().join(";");
        assert_eq!((found.as_str(), result.verdict), (expected, verdict));
    }

    #[test]
    fn rules_are_named_wherever_they_hold() {
        check("1.1;1.1;1.1;1.1;1.1", "-;-;-;4-1s;4-1s", ChartVerdict::Reject);
        check("-3.1;3.1", "1-2s+1-3s;1-2s+1-3s+R-4s", ChartVerdict::Reject);
        check("-2.1;-2.2;0", "1-2s;1-2s+2-2s;-", ChartVerdict::Reject);
        check("2.000001", "1-2s", ChartVerdict::Warn);
        check("2;-2;3;1;1", "-;-;1-2s;-;-", ChartVerdict::Warn);
    }

    // Requirement: Q77-3
    /// One series for each rule and for each of their borders.
    #[test]
    fn series_worked_out_by_hand() {
        use ChartVerdict::{Accept, Reject, Warn};
        for (z, rules, verdict) in [
            // In control.
            ("0.3;-0.8;1.1;0.2", "-;-;-;-", Accept),
            // Warning only: 1-2s never rejects by itself.
            ("0.3;2.4;0.1;-0.5", "-;1-2s;-;-", Warn),
            // Random or gross error: reject.
            ("0.4;3.2;0.2", "-;1-2s+1-3s;-", Reject),
            // Systematic error: reject.
            ("2.1;2.3;0.1", "1-2s;1-2s+2-2s;-", Reject),
            // Range within the run: reject (use for two control results of one run).
            ("2.2;-2.1;0.3", "1-2s;1-2s+R-4s;-", Reject),
            // Systematic shift: reject.
            ("1.2;1.5;1.1;1.8", "-;-;-;4-1s", Reject),
            // Ten on one side: reject.
            ("0.2;0.5;0.1;0.9;0.3;0.4;0.7;0.2;0.6;0.1", "-;-;-;-;-;-;-;-;-;10x", Reject),
            // A point exactly on the mean breaks the run of ten.
            ("0.2;0.5;0.1;0.9;0.0;0.4;0.7;0.2;0.6;0.1", "-;-;-;-;-;-;-;-;-;-", Accept),
            // Exactly 2 s is inside.
            ("2.0;2.0;0.1", "-;-;-", Accept),
            // Fourth point inside -1 s: no 4-1s.
            ("-1.1;-1.2;-1.3;-0.9", "-;-;-;-", Accept),
        ] {
            check(z, rules, verdict);
        }
    }
}
