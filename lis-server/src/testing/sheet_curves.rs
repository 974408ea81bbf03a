//! The calibration curves of a worksheet in memory: one for each analyte whose method reads by a curve.

use super::compute::in_unit;
use super::controls::Control;
use super::curves::{CurveAsked, Fitted};
use super::places::STANDARD;
use super::portions::number_problem;
use super::sheet::{Line, Sheet, failed};
use super::{CURVE_ABOVE, CURVE_BELOW, CURVE_LEVELS, CURVE_UNFIT};
use crate::catalogue::import::{CurveRule, READING};
use crate::domain::decimal::Decimal;
use crate::domain::ids::ResultEntryId;
use crate::domain::refusal::{Outcome, Reasons};
use crate::judgement::JudgementError;
use crate::judgement::curve::{CurvePoint, Side};
use crate::judgement::number::plain;
use crate::judgement::qc::QcVerdict;

/// The curve of one analyte, as far as its standards were measured.
pub struct SheetCurve {
    pub analyte: String,
    pub asked: CurveAsked,
    /// Labels of the standards, in the order of the points.
    pub labels: Vec<String>,
    /// The entries that it rests on.
    pub entries: Vec<ResultEntryId>,
}

impl Sheet {
    /// The curves of the sheet, in the order in which their analytes stand on it.
    pub fn curves(&self) -> Outcome<Vec<SheetCurve>> {
        let mut curves: Vec<SheetCurve> = Vec::new();
        for line in &self.lines {
            if !curves.iter().any(|curve| curve.analyte == line.analyte()) {
                curves.extend(self.curve_of(line)?);
            }
        }
        Ok(curves)
    }

    /// The curve that reads a line; `None` where its method reads by none.
    pub fn curve_of(&self, line: &Line) -> Outcome<Option<SheetCurve>> {
        let Some(rule) = &line.rule.curve else { return Ok(None) };
        let asked = CurveAsked { rule: rule.clone(), points: Vec::new() };
        let analyte = line.analyte().to_owned();
        let mut curve = SheetCurve { analyte, asked, labels: Vec::new(), entries: Vec::new() };
        for standard in self.lines.iter().filter(|other| is_standard_of(other, line.analyte())) {
            let (Some(x), Some(entry)) = (&standard.target.nominal, self.newest(standard.position.id, READING, 1))
            else {
                continue;
            };
            let signal = in_unit(&entry.value, &entry.unit, standard.unit_of(READING));
            let y = signal.and_then(|signal| signal_of(&signal)).map_err(|error| failed(standard, &error))?;
            curve.asked.points.push(CurvePoint { x: x.clone(), y });
            curve.labels.push(standard.position.label_code.clone());
            curve.entries.push(entry.id);
        }
        Ok(Some(curve))
    }

    /// A reason for every curve that cannot be fitted, and for every reading that its curve does not reach, with what is to
    /// be done. A sheet whose items were all cancelled is read no more.
    pub fn require_readable(&self, reasons: &mut Reasons) -> Outcome<()> {
        if self.is_abandoned() {
            return Ok(());
        }
        for curve in self.curves()? {
            let is_missing = |line: &Line| is_standard_of(line, &curve.analyte) && !self.missing(line).is_empty();
            if self.lines.iter().any(is_missing) {
                // Said of the empty cell already.
                continue;
            }
            let label = format!("{}-K", self.row.worksheet_no);
            if !curve.asked.has_levels() {
                let (given, needed) = (curve.asked.levels(), curve.asked.rule.levels);
                reasons.add(CURVE_LEVELS.with("analyte", &curve.analyte).with("given", given).with("needed", needed));
                continue;
            }
            match curve.asked.fitted() {
                Ok(fitted) => self.require_inside(&curve.analyte, &fitted, reasons),
                Err(why) => reasons.add(CURVE_UNFIT.with("label", label).with("why", why)),
            }
        }
        Ok(())
    }

    fn require_inside(&self, analyte: &str, curve: &Fitted<'_>, reasons: &mut Reasons) {
        let read = self.lines.iter().filter(|line| line.analyte() == analyte && line.position.kind != STANDARD);
        // A place whose item was cancelled is measured no more, wherever its signal lies.
        for line in read.filter(|line| !line.is_cancelled()) {
            for replicate in 1..=line.replicates() {
                let Some(entry) = self.newest(line.position.id, READING, replicate) else { continue };
                // Units differ only where the cell has one; a value that does not fit is found by the calculation.
                let Ok(signal) = in_unit(&entry.value, &entry.unit, line.unit_of(READING)) else { continue };
                let problem = match curve.outside(&signal) {
                    Some(Side::Above) => CURVE_ABOVE,
                    Some(Side::Below) if line.position.kind != "blank" => CURVE_BELOW,
                    Some(Side::Below) | None => continue,
                };
                let (low, high) = curve.curve.range();
                reasons.add(
                    problem
                        .with("label", line.position.label_code.as_str())
                        .with("value", &entry.value)
                        .with("low", plain(low))
                        .with("high", plain(high))
                        .with("unit", &curve.asked.rule.gives.unit)
                        .at(format!("v-{}-{READING}-{replicate}", line.position.id)),
                );
            }
        }
    }
}

fn is_standard_of(line: &Line, analyte: &str) -> bool {
    line.position.kind == STANDARD && line.analyte() == analyte
}

fn signal_of(typed: &str) -> Result<Decimal, JudgementError> {
    Decimal::parse(typed.trim()).map_err(|problem| number_problem(READING, problem))
}

/// A curve with its analyte.
///
/// # Errors
/// Why it cannot be fitted.
pub fn fitted(curve: &SheetCurve) -> Outcome<(&str, Fitted<'_>)> {
    let label = curve.labels.first().map_or(curve.analyte.as_str(), String::as_str);
    let fitted = curve.asked.fitted().map_err(|why| CURVE_UNFIT.with("label", label).with("why", why))?;
    Ok((curve.analyte.as_str(), fitted))
}

/// The verdict over a curve: |r| against what the method asks. `line`: the first of its standards.
pub fn curve_control(line: &Line, fitted: &Fitted<'_>) -> Control {
    let CurveRule { min_r, .. } = &fitted.asked.rule;
    Control {
        kind: "curve".to_owned(),
        label_code: line.position.label_code.clone(),
        analyte: line.analyte().to_owned(),
        found: fitted.curve.r().text(),
        expected: format!("≥ {min_r}"),
        figure: String::new(),
        allowed: String::new(),
        verdict: if fitted.is_accepted() { QcVerdict::Accept } else { QcVerdict::RejectBatch },
        exact: None,
        note: String::new(),
        rules: Vec::new(),
        limits_version: None,
        items: Vec::new(),
    }
}
