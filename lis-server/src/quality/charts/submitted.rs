//! The points that the controls of a worksheet add to their charts, judged when it is submitted: by the limits that are
//! frozen, across the worksheets before it (`quality.md` Q77-3).

use super::actions::{limits_of, points_of};
use super::points::{ChartKey, Limits, Point, charted, judged, rule_name};
use super::rules::RuleSettings;
use super::store;
use super::switching::settings;
use crate::db::Conn;
use crate::domain::clock::Moment;
use crate::domain::ids::WorksheetId;
use crate::domain::refusal::{NOT_FOUND, Outcome};
use crate::judgement::qc::QcVerdict;
use crate::judgement::westgard::ChartVerdict;
use crate::testing::controls::{Control, SheetVerdict, WESTGARD};

/// The frozen limits of a method's charts, oldest first, and what the Westgard rules do there.
#[derive(Clone, Debug, Default)]
pub struct MethodLimits {
    rows: Vec<store::LimitsRow>,
    rules: RuleSettings,
}

impl MethodLimits {
    /// Of the method of a worksheet. One statement, and one more where a chart of the method has limits.
    pub fn of(conn: &mut Conn, worksheet: WorksheetId) -> Outcome<Self> {
        let rows = store::limits_of_worksheet(conn, worksheet)?;
        let rules = if rows.is_empty() { RuleSettings::default() } else { settings(conn)? };
        Ok(Self { rows, rules })
    }

    fn chart(&self, key: &ChartKey) -> Outcome<Vec<Limits>> {
        limits_of(&self.rows, key)
    }
}

/// Worksheets of the method that are looked back at: far more than the ten points that a run can have.
const LOOKED_BACK: i64 = 200;

/// Who submits what, when.
pub struct Submitted<'s> {
    pub worksheet: WorksheetId,
    pub worksheet_no: &'s str,
    pub method: &'s str,
    pub at: Moment,
}

/// Adds what the charts say to the verdict over a worksheet's controls: a rule that rejects is a control that failed. One
/// statement where a chart of the method has limits, otherwise none.
pub fn judge(
    conn: &mut Conn,
    submitted: &Submitted<'_>,
    limits: &MethodLimits,
    verdict: SheetVerdict,
) -> Outcome<SheetVerdict> {
    let mut controls = verdict.controls;
    let mut keys: Vec<ChartKey> = Vec::new();
    for control in controls.iter().filter(|control| charted(control).is_some()) {
        let key = ChartKey::of(submitted.method, control);
        if !keys.contains(&key) && !limits.chart(&key)?.is_empty() {
            keys.push(key);
        }
    }
    if keys.is_empty() {
        return Ok(SheetVerdict::of(controls));
    }
    let mut before = store::verdicts(conn, Some(submitted.method), LOOKED_BACK)?;
    // A worksheet that is corrected gives its point anew.
    before.retain(|row| row.worksheet != submitted.worksheet);
    let before = points_of(before)?;
    for key in &keys {
        let own: Vec<usize> = places_of(&controls, submitted.method, key);
        let mut points: Vec<Point> =
            before.iter().filter(|(of, _)| of == key).map(|(_, point)| point.clone()).collect();
        points.extend(own.iter().filter_map(|place| point_of(&controls[*place], submitted)));
        let own_limits = limits.chart(key)?;
        let judged = judged(points, &own_limits, (&limits.rules, submitted.method));
        let version = own_limits.last().map(|limits| limits.version).ok_or(NOT_FOUND)?;
        for (place, one) in own.iter().rev().zip(judged.iter().rev()) {
            let control = &mut controls[*place];
            control.rules = one.rules.iter().map(|rule| rule_name(*rule).to_owned()).collect();
            control.limits_version = Some(version);
            // It passed for itself and not in the series.
            if one.verdict == ChartVerdict::Reject && control.verdict == QcVerdict::Accept {
                control.verdict = QcVerdict::RejectBatch;
                WESTGARD.clone_into(&mut control.note);
            }
        }
    }
    Ok(SheetVerdict::of(controls))
}

fn places_of(controls: &[Control], method: &str, key: &ChartKey) -> Vec<usize> {
    let of_chart = |control: &Control| charted(control).is_some() && ChartKey::of(method, control) == *key;
    controls.iter().enumerate().filter(|(_, control)| of_chart(control)).map(|(place, _)| place).collect()
}

fn point_of(control: &Control, submitted: &Submitted<'_>) -> Option<Point> {
    let (value, shown) = charted(control)?;
    let (worksheet, worksheet_no) = (submitted.worksheet, submitted.worksheet_no.to_owned());
    Some(Point { worksheet, worksheet_no, at: submitted.at, value, shown })
}
