//! Charts: which there are, one with its points and limits, and the freezing of limits.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use super::points::{ChartKey, JudgedPoint, Limits, POINTS_LEAST, Point, charted, judged, rule_name, statistics};
use super::store::{self, NewLimits, VerdictRow};
use super::switching::settings;
use super::{CHART_NO_SPREAD, CHART_TOO_FEW};
use crate::accounts::May;
use crate::accounts::actions::names_of;
use crate::accounts::role::ManageQuality;
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::decimal::Decimal;
use crate::domain::input::Checker;
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome, Refusal};
use crate::testing::controls::SheetVerdict;

/// Worksheets looked at for the list: about a year of a laboratory.
const LOOKED_AT: i64 = 2_000;
/// Points of one chart: what a screen shows apart.
const POINTS_MOST: usize = 120;

/// One line of the list.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct ChartView {
    #[serde(flatten)]
    pub key: ChartKey,
    pub points: usize,
    /// Of the newest point: accept, warn, reject; empty without limits.
    pub verdict: String,
    #[schema(value_type = String, format = DateTime)]
    pub last_at: Moment,
}

/// Every chart that has points, by method, analyte and kind. Three statements.
pub fn charts(conn: &mut Conn) -> Outcome<Vec<ChartView>> {
    let mut by_key: BTreeMap<ChartKey, Vec<Point>> = BTreeMap::new();
    for (key, point) in points_of(store::verdicts(conn, None, LOOKED_AT)?)? {
        by_key.entry(key).or_default().push(point);
    }
    let mut methods: Vec<String> = by_key.keys().map(|key| key.method.clone()).collect();
    // The keys are in order of method.
    methods.dedup();
    let rows = store::limits(conn, &methods)?;
    let settings = settings(conn)?;
    by_key
        .into_iter()
        .map(|(key, points)| {
            let own = limits_of(&rows, &key)?;
            let count = points.len();
            let last_at = points.last().map(|point| point.at).ok_or(NOT_FOUND)?;
            let newest = judged(points, &own, (&settings, &key.method)).pop();
            let verdict = newest.filter(|one| one.z.is_some()).map(|one| one.verdict);
            let verdict = verdict.map(|verdict| format!("{verdict:?}").to_lowercase()).unwrap_or_default();
            Ok(ChartView { key, points: count, verdict, last_at })
        })
        .collect()
}

/// Points of a span of time (without its end) at which a Westgard rule held, by the name of the rule; what came before it is
/// looked at for runs that reach into it. Four statements.
pub fn rules_fired(conn: &mut Conn, (from, to): (Moment, Moment)) -> Outcome<Vec<(String, i64)>> {
    let mut by_key: BTreeMap<ChartKey, Vec<Point>> = BTreeMap::new();
    for (key, point) in points_of(store::verdicts_of_span(conn, (from, to), LOOKED_AT)?)? {
        by_key.entry(key).or_default().push(point);
    }
    let mut methods: Vec<String> = by_key.keys().map(|key| key.method.clone()).collect();
    methods.dedup();
    let rows = store::limits(conn, &methods)?;
    let settings = settings(conn)?;
    let mut fired: BTreeMap<&'static str, i64> = BTreeMap::new();
    for (key, points) in by_key {
        let judged = judged(points, &limits_of(&rows, &key)?, (&settings, &key.method));
        let inside = judged.iter().filter(|one| one.point.at >= from && one.point.at < to);
        for rule in inside.flat_map(|one| &one.rules) {
            *fired.entry(rule_name(*rule)).or_default() += 1;
        }
    }
    Ok(fired.into_iter().map(|(rule, count)| (rule.to_owned(), count)).collect())
}

/// A version of a chart's limits, for people.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct ChartLimitsView {
    pub version: i64,
    pub mean: String,
    pub sd: String,
    pub points: i64,
    pub by: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Moment,
}

/// One point, for people and programs.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct PointView {
    pub worksheet_id: i64,
    pub worksheet_no: String,
    pub value: String,
    /// `(value - mean) / sd`; nothing before the first limits.
    pub z: Option<String>,
    /// Westgard rules that hold at the point and are not switched off: 1-2s, 1-3s, 2-2s, R-4s, 4-1s, 10x.
    pub rules: Vec<&'static str>,
    #[schema(value_type = String, format = DateTime)]
    pub at: Moment,
}

/// A chart with everything on it.
pub struct Chart {
    pub key: ChartKey,
    pub points: Vec<JudgedPoint>,
    /// Oldest first.
    pub limits: Vec<Limits>,
    pub history: Vec<ChartLimitsView>,
}

impl Chart {
    pub fn point_views(&self) -> Vec<PointView> {
        let view = |one: &JudgedPoint| PointView {
            worksheet_id: one.point.worksheet.0,
            worksheet_no: one.point.worksheet_no.clone(),
            value: one.point.shown.to_string(),
            z: one.z_text(),
            rules: one.rules.iter().map(|rule| rule_name(*rule)).collect(),
            at: one.point.at,
        };
        self.points.iter().map(view).collect()
    }
}

/// One chart; the newest points in order of time. Four statements.
pub fn chart(conn: &mut Conn, key: &ChartKey) -> Outcome<Chart> {
    let points = own_points(conn, key)?;
    if points.is_empty() {
        return Err(NOT_FOUND.into());
    }
    let rows = store::limits(conn, std::slice::from_ref(&key.method))?;
    let limits = limits_of(&rows, key)?;
    let people: Vec<_> = rows.iter().map(|row| row.person_id).collect();
    let names = names_of(conn, &people)?;
    let view = |row: &store::LimitsRow| ChartLimitsView {
        version: row.version_no,
        mean: row.mean.clone(),
        sd: row.sd.clone(),
        points: row.point_count,
        by: names.get(&row.person_id).cloned().unwrap_or_default(),
        at: row.at,
    };
    let history = rows.iter().rev().filter(|row| store::is_of(row, key)).map(view).collect();
    let points = judged(points, &limits, (&settings(conn)?, &key.method));
    Ok(Chart { key: key.clone(), points, limits, history })
}

fn own_points(conn: &mut Conn, key: &ChartKey) -> Outcome<Vec<Point>> {
    let all = points_of(store::verdicts(conn, Some(&key.method), LOOKED_AT)?)?;
    let mut own: Vec<Point> = all.into_iter().filter(|(of, _)| of == key).map(|(_, point)| point).collect();
    own.drain(..own.len().saturating_sub(POINTS_MOST));
    Ok(own)
}

/// The controls of verdicts as points, oldest first; of a corrected worksheet the newest verdict alone.
pub(super) fn points_of(newest_first: Vec<VerdictRow>) -> Outcome<Vec<(ChartKey, Point)>> {
    let mut seen = HashSet::new();
    let mut points = Vec::new();
    for row in newest_first {
        if !seen.insert(row.worksheet) {
            continue;
        }
        let verdict: SheetVerdict = serde_json::from_str(&row.record).map_err(Fault::broken)?;
        for control in verdict.controls.iter().rev() {
            let Some((value, shown)) = charted(control) else { continue };
            let (worksheet, worksheet_no) = (row.worksheet, row.worksheet_no.clone());
            let point = Point { worksheet, worksheet_no, at: row.at, value, shown };
            points.push((ChartKey::of(&row.method_key, control), point));
        }
    }
    points.reverse();
    Ok(points)
}

pub(super) fn limits_of(rows: &[store::LimitsRow], key: &ChartKey) -> Outcome<Vec<Limits>> {
    let number = |text: &str| Decimal::parse(text).map_err(Fault::broken);
    let limits = |row: &store::LimitsRow| {
        Ok(Limits {
            version: row.version_no,
            mean: number(&row.mean)?,
            sd: number(&row.sd)?,
            count: row.point_count,
            at: row.at,
        })
    };
    rows.iter().filter(|row| store::is_of(row, key)).map(limits).collect()
}

/// Which chart gets new limits, and why.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FreezeInput {
    pub method: String,
    pub analyte: String,
    pub kind: String,
    pub material: String,
    pub reason: String,
}

impl FreezeInput {
    pub fn key(&self) -> ChartKey {
        ChartKey {
            method: self.method.clone(),
            analyte: self.analyte.clone(),
            kind: self.kind.clone(),
            material: self.material.clone(),
        }
    }

    /// # Errors
    /// When the reason is missing or too long.
    pub fn checked(&self) -> Result<(ChartKey, String), Refusal> {
        let mut check = Checker::new();
        let reason = check.text("reason", &self.reason, REASON_MOST);
        check.done(Some((self.key(), reason)))
    }
}

/// Longest reason, in characters.
const REASON_MOST: usize = 500;

/// What was frozen.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Frozen {
    pub version: i64,
    pub mean: String,
    pub sd: String,
    pub points: i64,
}

/// Freezes mean and standard deviation of the chart's points so far as its next version; older points keep theirs.
pub fn freeze(tx: &mut Tx, by: &May<ManageQuality>, key: &ChartKey, reason: &str) -> Outcome<Frozen> {
    let points = own_points(tx.conn, key)?;
    if points.is_empty() {
        return Err(NOT_FOUND.into());
    }
    if points.len() < POINTS_LEAST {
        return Err(CHART_TOO_FEW.with("points", points.len()).with("least", POINTS_LEAST).into());
    }
    let Some((mean, sd)) = statistics(&points) else {
        return Err(CHART_NO_SPREAD.with("points", points.len()).into());
    };
    let before = store::limits(tx.conn, std::slice::from_ref(&key.method))?;
    let version = before.iter().filter(|row| store::is_of(row, key)).map(|row| row.version_no).max().unwrap_or(0) + 1;
    let count = i64::try_from(points.len()).map_err(Fault::broken)?;
    let basis: Vec<&str> = points.iter().map(|point| point.worksheet_no.as_str()).collect();
    let row = NewLimits {
        method_key: &key.method,
        analyte: &key.analyte,
        kind: &key.kind,
        material: &key.material,
        version_no: version,
        mean: mean.as_str(),
        sd: sd.as_str(),
        point_count: count,
        basis: basis.join(" "),
        reason,
        person_id: by.person,
        at: tx.now,
    };
    let id = store::insert_limits(tx.conn, &row)?;
    tx.log(
        by.entry("chart_limits", id, version, "limits-frozen")
            .set("method_key", key.method.as_str())
            .set("analyte", key.analyte.as_str())
            .set("kind", key.kind.as_str())
            .set("mean", mean.as_str())
            .set("sd", sd.as_str())
            .set("reason", reason),
    );
    Ok(Frozen { version, mean: mean.to_string(), sd: sd.to_string(), points: count })
}
