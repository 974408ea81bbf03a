//! The controls of a worksheet in memory: what each gave, what it is compared with, the verdict over all of them.

use super::asking::method_asked;
use super::compute::{CURRENT, Portion};
use super::controls::{self, AMOUNT_MISSING, Control, Figure, SAMPLE_MISSING, SheetVerdict};
use super::curves::Fitted;
use super::places::STANDARD;
use super::portions::{PortionValue, portion_value};
use super::sheet::{Line, Sheet, failed};
use super::sheet_curves::{curve_control, fitted};
use super::taken::with_taken;
use crate::catalogue::Catalogue;
use crate::catalogue::import::{Evaluation, READING};
use crate::catalogue::reference::MethodRow;
use crate::domain::decimal::Decimal;
use crate::domain::ids::ItemId;
use crate::domain::refusal::Outcome;
use crate::judgement::curve::Side;
use crate::judgement::qc::QcVerdict;
use crate::judgement::{JudgementError, units};

/// Kind of a place on which a check standard stands.
const CHECK: &str = "check";

impl Sheet {
    /// The verdicts over all controls. Where every item was cancelled there is nothing that they could speak for.
    pub fn verdict(&self, catalogue: &Catalogue) -> Outcome<SheetVerdict> {
        if self.is_abandoned() {
            return Ok(SheetVerdict::of(Vec::new()));
        }
        let curves = self.curves()?;
        let fitted = curves.iter().map(fitted).collect::<Outcome<Vec<_>>>()?;
        let curve_of =
            |line: &Line| fitted.iter().find(|(analyte, _)| *analyte == line.analyte()).map(|(_, curve)| curve);
        let reckoned = |line: &Line| self.reckoned(line, curve_of(line), catalogue);
        let found = self.lines.iter().map(reckoned).collect::<Outcome<Vec<_>>>()?;
        let with_bracket =
            |line: &Line, control: Control| Control { items: self.bracket(line, &control.kind), ..control };
        let mut controls = Vec::new();
        for (analyte, curve) in &fitted {
            let first = self.lines.iter().find(|line| line.position.kind == STANDARD && line.analyte() == *analyte);
            controls.extend(first.map(|line| with_bracket(line, curve_control(line, curve))));
        }
        for (line, value) in self.lines.iter().zip(&found).filter(|(line, _)| line.position.kind != STANDARD) {
            let control = self.control(line, (value.as_ref(), curve_of(line)), &found, catalogue);
            let control = control.map_err(|error| failed(line, &error))?.map(|control| with_bracket(line, control));
            // A check whose samples were all cancelled speaks for nothing.
            controls.extend(control.filter(|control| control.kind != CHECK || !control.items.is_empty()));
        }
        Ok(SheetVerdict::of(controls))
    }

    /// The items that the control at a position speaks for.
    fn bracket(&self, line: &Line, kind: &str) -> Vec<i64> {
        if kind == CHECK {
            return self.beside_check(line);
        }
        let of_analyte = |other: &&Line| other.analyte() == line.analyte();
        let lines = self.items().into_iter().filter(of_analyte);
        let items: Vec<(ItemId, &str)> =
            lines.filter_map(|other| other.item.as_ref()).map(|item| (item.id, item.food.as_str())).collect();
        let alike = self.lines.iter().filter(of_analyte).filter(|other| other.position.kind == line.position.kind);
        let alike: Vec<ItemId> = alike.filter_map(|other| other.item.as_ref()).map(|item| item.id).collect();
        let own = line.item.as_ref().map(|item| item.id);
        controls::bracket(kind, own, &items, &alike).into_iter().map(|item| item.0).collect()
    }

    /// What a place gave; `None` where it is measured no more, or where its item was cancelled and what was entered by then
    /// cannot be reckoned, as outside of the curve: nobody measures it again.
    fn reckoned(
        &self,
        line: &Line,
        curve: Option<&Fitted<'_>>,
        catalogue: &Catalogue,
    ) -> Outcome<Option<PortionValue>> {
        if self.is_dropped(line) {
            return Ok(None);
        }
        match self.control_value(line, curve, catalogue) {
            Ok(value) => Ok(Some(value)),
            Err(_) if line.is_cancelled() => Ok(None),
            Err(error) => Err(failed(line, &error).into()),
        }
    }

    /// The items that a mid-point check speaks for.
    fn beside_check(&self, line: &Line) -> Vec<i64> {
        let alike = |kind: &str| -> Vec<&Line> {
            let of_kind = |other: &&Line| other.position.kind == kind && other.analyte() == line.analyte();
            self.lines.iter().filter(of_kind).collect()
        };
        let checks: Vec<i64> = alike(CHECK).into_iter().map(|other| other.position.place).collect();
        let live: Vec<ItemId> = self.items().into_iter().filter_map(|other| Some(other.item.as_ref()?.id)).collect();
        let place_of = |other: &Line| Some((other.position.place, other.item.as_ref()?.id));
        let measured = alike("sample").into_iter().filter_map(place_of);
        let measured: Vec<(i64, ItemId)> = measured.filter(|(_, item)| live.contains(item)).collect();
        let spoken = controls::beside_check(line.position.place, &checks, &measured);
        spoken.into_iter().map(|item| item.0).collect()
    }

    fn control_value(
        &self,
        line: &Line,
        curve: Option<&Fitted<'_>>,
        catalogue: &Catalogue,
    ) -> Result<PortionValue, JudgementError> {
        let (portion, _) = self.portion(line)?;
        let mut portion = with_taken(&portion, self.taken_of(line)).into_owned();
        if line.position.kind == "blank" && matches!(line.rule.evaluation, Evaluation::Formula { .. }) {
            // A blank has no portion of its own: it is reckoned on the portion that the LOD belongs to.
            let method = method_asked(catalogue, &self.row.method_key, line.analyte(), &line.rule.unit, line.food());
            for given in &mut portion.determinations {
                if let (Some(curve), Some(reading)) = (curve, given.get_mut(READING))
                    && curve.outside(reading) == Some(Side::Below)
                {
                    // Nothing can be read below the lowest standard.
                    "ND".clone_into(reading);
                }
                for input in &line.rule.inputs {
                    let nominal = match input.name.as_str() {
                        "mass" => method.portion_g.clone(),
                        "volume" => method.volume_ml.clone(),
                        _ => None,
                    };
                    let value =
                        nominal.map(|value| value.to_string()).or_else(|| self.first_entered(line, &input.name));
                    given.entry(input.name.clone()).or_insert_with(|| value.unwrap_or_else(|| "1".to_owned()));
                }
            }
        }
        let rules = (CURRENT, self.taken_of(line));
        // A check standard is read, not reckoned: what the instrument says, or its curve, stands against what the standard
        // holds. A standard of the curve is a signal.
        match line.position.kind.as_str() {
            CHECK => portion_value((&Evaluation::Direct, line.inputs()), &portion, curve, rules),
            STANDARD => portion_value((&Evaluation::Direct, line.inputs()), &portion, None, rules),
            _ => portion_value((&line.rule.evaluation, line.inputs()), &portion, curve, rules),
        }
    }

    /// What the first sample of the same analyte has in a field, entered or taken.
    fn first_entered(&self, line: &Line, field: &str) -> Option<String> {
        let samples =
            self.lines.iter().filter(|other| other.position.kind == "sample" && other.analyte() == line.analyte());
        let taken = |line: &Line| {
            self.taken_of(line).iter().find(|one| one.need.input == field).map(|one| one.value.to_string())
        };
        let entered = |line: &Line| self.newest(line.position.id, field, 1).map(|entry| entry.value.clone());
        samples.filter_map(|other| entered(other).or_else(|| taken(other))).next()
    }

    /// The verdict over a position; `None`: it is no control. A control that cannot be reckoned is no control that passed.
    fn control(
        &self,
        line: &Line,
        (value, curve): (Option<&PortionValue>, Option<&Fitted<'_>>),
        all: &[Option<PortionValue>],
        catalogue: &Catalogue,
    ) -> Result<Option<Control>, JudgementError> {
        let found = value.map_or("", |value| value.text.as_str());
        let control = |kind: &str, expected: String, figure: Figure, verdict: QcVerdict| {
            let control = Control {
                kind: kind.to_owned(),
                label_code: line.position.label_code.clone(),
                analyte: line.analyte().to_owned(),
                found: found.to_owned(),
                expected,
                figure: figure.text,
                allowed: figure.allowed,
                verdict,
                exact: None,
                note: String::new(),
                rules: Vec::new(),
                limits_version: None,
                items: Vec::new(),
            };
            let drawn = if control.draws_found() { value.and_then(PortionValue::number) } else { figure.exact };
            control.with_exact(drawn)
        };
        let without = |kind: &str, note: &str| Control {
            note: note.to_owned(),
            ..control(kind, String::new(), Figure::default(), QcVerdict::RejectBatch)
        };
        let Some(value) = value else {
            let kind = line.position.kind.as_str();
            return Ok(matches!(kind, "duplicate" | "spike").then(|| without(kind, SAMPLE_MISSING)));
        };
        let target = &line.target;
        let procedure = catalogue.method(&self.row.method_key);
        Ok(match line.position.kind.as_str() {
            "blank" => {
                let method =
                    method_asked(catalogue, &self.row.method_key, line.analyte(), &line.rule.unit, line.food());
                let factor = units::factor(&method.lod_unit, &line.rule.unit).ok();
                let lod = method
                    .lod
                    .zip(factor)
                    .and_then(|(lod, factor)| Decimal::from_ratio_finite(&(lod.to_ratio() * factor)));
                let lowest = self.lowest(line, all);
                let (expected, verdict) = controls::blank(&line.rule, value, lod.as_ref(), lowest);
                Some(control("blank", expected, Figure::default(), verdict))
            }
            kind @ "duplicate" => Some(match self.native(line, all) {
                Some(first) => {
                    let (figure, verdict) = controls::duplicate(procedure, &line.rule, first, value)?;
                    control(kind, first.text.clone(), figure, verdict)
                }
                None => without(kind, SAMPLE_MISSING),
            }),
            kind @ "spike" => Some(match (self.native(line, all), &target.added) {
                (Some(first), Some(added)) => {
                    let (figure, verdict) = controls::spike(&line.rule, first, value, added)?;
                    control(kind, format!("{} + {added}", first.text), figure, verdict)
                }
                (None, _) => without(kind, SAMPLE_MISSING),
                (Some(_), None) => without(kind, AMOUNT_MISSING),
            }),
            kind @ "reference" => Some(match (&target.certified, &target.uncertainty) {
                (Some(certified), Some(uncertainty)) => {
                    let (figure, verdict) = controls::reference(value, certified, uncertainty, target.sigma.as_ref())?;
                    control(kind, format!("{certified} ± {uncertainty}"), figure, verdict)
                }
                _ => without(kind, AMOUNT_MISSING),
            }),
            kind @ CHECK => Some(match &target.nominal {
                Some(nominal) => {
                    let (figure, verdict) = controls::mid_point(&line.rule, value, nominal)?;
                    control(kind, nominal.to_string(), figure, verdict)
                }
                None => without(kind, AMOUNT_MISSING),
            }),
            _ if line.is_cancelled() => None,
            _ => self
                .parallels(line, procedure, curve)?
                .map(|(figure, verdict)| control("parallel", String::new(), figure, verdict)),
        })
    }

    /// What the sample gave that a duplicate or a spike was taken from; `None` where it is measured no more.
    fn native<'v>(&self, line: &Line, all: &'v [Option<PortionValue>]) -> Option<&'v PortionValue> {
        let item = |line: &Line| line.item.as_ref().map(|item| item.id);
        let same = |other: &Line| other.position.kind == "sample" && item(other) == item(line);
        self.lines.iter().zip(all).filter(|(other, _)| same(other)).find_map(|(_, value)| value.as_ref())
    }

    /// Parallel determinations of a sample by a formula must agree; plates are not parallels in this sense.
    fn parallels(
        &self,
        line: &Line,
        procedure: Option<&MethodRow>,
        curve: Option<&Fitted<'_>>,
    ) -> Result<Option<(Figure, QcVerdict)>, JudgementError> {
        if line.rule.parallel < 2 || !matches!(line.rule.evaluation, Evaluation::Formula { .. } | Evaluation::Direct) {
            return Ok(None);
        }
        let (portion, _) = self.portion(line)?;
        let portion = with_taken(&portion, self.taken_of(line)).into_owned();
        let mut values = Vec::new();
        for given in portion.determinations {
            let one = Portion { label_code: String::new(), determinations: vec![given] };
            let rule = (&line.rule.evaluation, line.inputs());
            values.push(portion_value(rule, &one, curve, (CURRENT, self.taken_of(line)))?);
        }
        let furthest = controls::furthest(&values);
        furthest.map(|(low, high)| controls::duplicate(procedure, &line.rule, low, high)).transpose()
    }

    /// The lowest number among the samples of a blank's analyte.
    fn lowest<'v>(&self, line: &Line, all: &'v [Option<PortionValue>]) -> Option<&'v PortionValue> {
        let of_analyte = |other: &Line| other.position.kind == "sample" && other.analyte() == line.analyte();
        let samples = self.lines.iter().zip(all).filter(|(other, _)| of_analyte(other));
        let numbers = samples.filter_map(|(_, value)| Some((value.as_ref()?, value.as_ref()?.number()?)));
        numbers.min_by(|one, other| one.1.cmp(&other.1)).map(|(value, _)| value)
    }
}
