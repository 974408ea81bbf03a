//! Drawing: units and samplers of a spot check, venues of a plan.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::draw::ALGORITHM;
use super::record::{Excluded, Listed, Lot, Record, Repeated, repeat};
use super::store::{self, DrawRow, NewDraw};
use super::{DRAW_NO_VENUES, DRAW_REGION_UNKNOWN, DRAW_TOO_FEW_SAMPLERS, DRAW_TOO_FEW_UNITS, calls};
use crate::accounts::May;
use crate::accounts::role::DrawSpotChecks;
use crate::db::{Conn, Tx, series};
use crate::domain::hash::sha256_of;
use crate::domain::identifiers::RegionCode;
use crate::domain::ids::{DrawId, EnterpriseId, PersonId, PlanId};
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_INVALID, Fault, NOT_FOUND, Outcome, Reasons, Refusal};

/// Longest task and seed, in characters.
const TASK_MOST: usize = 120;
const SEED_MOST: usize = 100;
/// Units of one draw; a city inspects some thousands a year.
const UNITS_MOST: i64 = 5_000;
/// Heaviest group: a thousand times the lightest.
const WEIGHT_MOST: i64 = 1_000;
/// Ten years of rest are for ever.
const COOLDOWN_MOST: i64 = 3_650;
/// People on one visit: at least two (`workflow.md` 2).
const SAMPLERS_LEAST: i64 = 2;
const SAMPLERS_MOST: i64 = 10;

/// Risk grades with their default weights: A lowest to D highest (`workflow.md` 5.1). A unit that nobody graded yet has
/// the group `-` and is drawn like the lowest: leaving it out would hide it.
pub const GROUPS: [(&str, u32); 5] = [("A", 1), ("B", 2), ("C", 4), ("D", 8), ("-", 1)];

/// A spot check as asked for. Empty numbers take the defaults.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DrawInput {
    pub task: String,
    pub region_code: String,
    /// Units to draw.
    pub units: String,
    /// Samplers to draw, 2 or more; default 2.
    pub samplers: String,
    pub weight_a: String,
    pub weight_b: String,
    pub weight_c: String,
    pub weight_d: String,
    pub weight_ungraded: String,
    /// Units drawn within so many days stay out; default 180.
    pub cooldown_days: String,
    /// Samplers who were at a drawn unit on its last so many visits stay out; default 1.
    pub last_visits: String,
    /// Samplers who declared a relation to somebody in the list.
    pub declared: Vec<i64>,
    /// For example a public lottery's number; empty: made by the program.
    pub seed: String,
}

#[derive(Clone, Debug)]
pub struct DrawFacts {
    pub task: String,
    pub region: RegionCode,
    pub units: usize,
    pub samplers: usize,
    pub weights: BTreeMap<String, u32>,
    pub cooldown_days: i64,
    pub last_visits: usize,
    pub declared: BTreeSet<i64>,
    pub seed: Seed,
}

/// Where the draw begins.
#[derive(Clone, Debug)]
pub struct Seed {
    pub text: String,
    pub entered: bool,
}

impl Seed {
    /// The seed as entered, or 32 random hexadecimal digits.
    pub fn checked(check: &mut Checker, typed: &str) -> Self {
        let text = check.optional_text("seed", typed, SEED_MOST);
        if text.is_empty() {
            let bytes: [u8; 16] = rand::random();
            return Self { text: hex::encode(bytes), entered: false };
        }
        Self { text, entered: true }
    }

    fn source(&self) -> String {
        if self.entered { "entered" } else { "generated" }.to_owned()
    }
}

impl DrawInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<DrawFacts, Refusal> {
        let mut check = Checker::new();
        let task = check.text("task", &self.task, TASK_MOST);
        let region =
            check.parsed("region_code", &self.region_code, "expected-region", |text| RegionCode::parse(text).ok());
        let units = check.whole("units", &self.units, 1, UNITS_MOST);
        let mut number = |field: &str, typed: &str, default: i64, least: i64, most: i64| {
            if typed.trim().is_empty() { default } else { check.whole(field, typed, least, most).unwrap_or(default) }
        };
        let samplers = number("samplers", &self.samplers, SAMPLERS_LEAST, SAMPLERS_LEAST, SAMPLERS_MOST);
        let cooldown_days = number("cooldown_days", &self.cooldown_days, 180, 0, COOLDOWN_MOST);
        let last_visits = number("last_visits", &self.last_visits, 1, 0, 100);
        let typed = [
            ("weight_a", &self.weight_a),
            ("weight_b", &self.weight_b),
            ("weight_c", &self.weight_c),
            ("weight_d", &self.weight_d),
            ("weight_ungraded", &self.weight_ungraded),
        ];
        let weights = GROUPS
            .iter()
            .zip(typed)
            .map(|((group, default), (field, typed))| {
                let weight = number(field, typed, i64::from(*default), 0, WEIGHT_MOST);
                ((*group).to_owned(), u32::try_from(weight).unwrap_or(*default))
            })
            .collect();
        let seed = Seed::checked(&mut check, &self.seed);
        check.done(region.zip(units).map(|(region, units)| DrawFacts {
            task,
            region,
            units: usize::try_from(units).unwrap_or(1),
            samplers: usize::try_from(samplers).unwrap_or(2),
            weights,
            cooldown_days,
            last_visits: usize::try_from(last_visits).unwrap_or(1),
            declared: self.declared.iter().copied().collect(),
            seed,
        }))
    }
}

/// What a draw answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DrawSaved {
    pub id: i64,
    pub draw_no: String,
    pub seed: String,
    /// Enterprises in the order they were drawn.
    pub units: Vec<i64>,
    /// People in the order they were drawn.
    pub samplers: Vec<i64>,
}

/// The group of a unit: its risk grade, or `-`.
fn group(grade: &str) -> &str {
    if GROUPS.iter().any(|(group, _)| *group == grade) { grade } else { "-" }
}

/// The units' half of the draw: active units of the region without those drawn lately, by weight of their risk grade.
pub fn draw_units(conn: &mut Conn, facts: &DrawFacts, now: crate::domain::clock::Moment) -> Outcome<Lot> {
    let since = now.plus(TimeDelta::days(-facts.cooldown_days));
    let resting: BTreeSet<i64> = match facts.cooldown_days {
        0 => BTreeSet::new(),
        _ => store::units_drawn_since(conn, since)?.into_iter().collect(),
    };
    let list = calls::active_units(conn, &facts.region)?
        .into_iter()
        .filter(|(id, ..)| !resting.contains(id))
        .map(|(id, name, grade, ..)| {
            let group = group(&grade).to_owned();
            let weight = facts.weights.get(&group).copied().unwrap_or(0);
            Listed(id, name, group, weight)
        })
        .collect();
    Lot::drawn(&facts.seed.text, "units".to_owned(), list, facts.units)
}

/// The samplers' half: those who may sample today, were not at a drawn unit lately and declared no relation; each
/// equally likely.
pub fn draw_samplers(
    conn: &mut Conn,
    facts: &DrawFacts,
    units: &[i64],
    now: crate::domain::clock::Moment,
) -> Outcome<(Lot, Vec<Excluded>)> {
    let (people, qualified) = calls::samplers(conn, now.date_in_china())?;
    if facts.declared.iter().any(|id| !people.iter().any(|(person, _)| person.0 == *id)) {
        return Err(FIELD_INVALID.at("declared").with_word("expected", "expected-samplers").into());
    }
    let visited = recent_visitors(&store::visits(conn, units)?, facts.last_visits);
    let (mut list, mut excluded) = (Vec::new(), Vec::new());
    for (person, name) in people {
        let reason = if facts.declared.contains(&person.0) {
            Some("declared")
        } else if visited.contains(&person.0) {
            Some("visited_before")
        } else if !qualified.contains(&person) {
            Some("not_authorized")
        } else {
            None
        };
        match reason {
            None => list.push(Listed(person.0, name, String::new(), 1)),
            Some(reason) => {
                excluded.push(Excluded { label: "samplers".to_owned(), id: person.0, name, reason: reason.to_owned() })
            }
        }
    }
    Ok((Lot::drawn(&facts.seed.text, "samplers".to_owned(), list, facts.samplers)?, excluded))
}

/// Who was at a unit on one of its last `last` visits. Visits come newest first: unit, draw, sampler.
fn recent_visitors(visits: &[(i64, i64, i64)], last: usize) -> BTreeSet<i64> {
    let mut draws_of: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    let mut visitors = BTreeSet::new();
    for (unit, draw, person) in visits {
        let draws = draws_of.entry(*unit).or_default();
        if !draws.contains(draw) {
            draws.push(*draw);
        }
        if draws.len() <= last {
            visitors.insert(*person);
        }
    }
    visitors
}

/// A double-random draw: units by weight, samplers by lot, one record.
///
/// # Errors
/// Every reason at once: unknown region, too few units, too few samplers.
pub fn draw_spot_check(tx: &mut Tx, by: &May<DrawSpotChecks>, facts: &DrawFacts) -> Outcome<DrawSaved> {
    require_region(tx, &facts.region)?;
    let units = draw_units(tx.conn, facts, tx.now)?;
    let drawn: Vec<i64> = units.picked.iter().map(|picked| picked.id).collect();
    let (samplers, excluded) = draw_samplers(tx.conn, facts, &drawn, tx.now)?;
    let mut reasons = Reasons::new();
    reasons.add_if(drawn.len() < facts.units, || {
        DRAW_TOO_FEW_UNITS.with("wanted", facts.units).with("there", drawn.len()).at("units")
    });
    reasons.add_if(samplers.picked.len() < facts.samplers, || {
        DRAW_TOO_FEW_SAMPLERS
            .with("wanted", facts.samplers)
            .with("there", samplers.picked.len())
            .with("excluded", excluded.len())
            .at("samplers")
    });
    reasons.none()?;
    let record = Record {
        algorithm: ALGORITHM.to_owned(),
        task: facts.task.clone(),
        region_code: facts.region.as_str().to_owned(),
        seed: facts.seed.text.clone(),
        seed_source: facts.seed.source(),
        weights: facts.weights.clone(),
        cooldown_days: facts.cooldown_days,
        lots: vec![units, samplers],
        excluded,
    };
    keep(tx, by, "spot_check", None, &record)
}

fn require_region(tx: &mut Tx, region: &RegionCode) -> Outcome<()> {
    match calls::region_names(tx.conn, region.as_str())? {
        Some(_) => Ok(()),
        None => Err(DRAW_REGION_UNKNOWN.with("region", region.as_str()).at("region_code").into()),
    }
}

/// Stores a draw. Every lot but the samplers' is of enterprises.
fn keep(
    tx: &mut Tx,
    by: &May<DrawSpotChecks>,
    kind: &'static str,
    plan: Option<PlanId>,
    record: &Record,
) -> Outcome<DrawSaved> {
    let of_samplers = |lot: &&Lot| lot.label == "samplers";
    let ids = |lot: &Lot| lot.picked.iter().map(|picked| picked.id).collect::<Vec<_>>();
    let units: Vec<i64> = record.lots.iter().filter(|lot| !of_samplers(lot)).flat_map(ids).collect();
    let samplers: Vec<i64> = record.lots.iter().filter(of_samplers).flat_map(ids).collect();
    let year = tx.now.in_china().format("%Y").to_string();
    let serial = series::take(tx, &format!("draw-{year}"), 1)?;
    let draw_no = format!("CJ-{year}-{serial:04}");
    let text = record.text()?;
    let row = NewDraw {
        draw_no: &draw_no,
        kind,
        plan_id: plan,
        region_code: &record.region_code,
        seed: &record.seed,
        list_hash: &record.list_hash(),
        record: &text,
        drawn_by: by.person,
        drawn_at: tx.now,
    };
    let id = store::insert(tx.conn, &row, &units, &samplers)?;
    tx.log(
        by.entry("random_draw", id.0, 1, "drawn")
            .set("draw_no", draw_no.as_str())
            .set("kind", kind)
            .set("algorithm", record.algorithm.as_str())
            .set("seed", record.seed.as_str())
            .set("list_sha256", record.list_hash())
            .set("record_sha256", sha256_of(text.as_bytes()))
            .set("units", units.clone())
            .set("samplers", samplers.clone()),
    );
    Ok(DrawSaved { id: id.0, draw_no, seed: record.seed.clone(), units, samplers })
}

/// Venues of a plan as asked for.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct VenueInput {
    /// Venues to draw in every stratum.
    pub per_stratum: String,
    pub seed: String,
}

#[derive(Clone, Debug)]
pub struct VenueFacts {
    pub per_stratum: usize,
    pub seed: Seed,
}

impl VenueInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<VenueFacts, Refusal> {
        let mut check = Checker::new();
        let per_stratum = check.whole("per_stratum", &self.per_stratum, 1, 100);
        let seed = Seed::checked(&mut check, &self.seed);
        check.done(per_stratum.map(|count| VenueFacts { per_stratum: usize::try_from(count).unwrap_or(1), seed }))
    }
}

/// Digits of a county's code: strata are counties.
const COUNTY_DIGITS: usize = 6;

/// Draws venues for an approved plan: inside every stratum of county and kind of venue each unit is equally likely
/// (`workflow.md` 4.6). The caller has seen that the plan is approved.
pub fn draw_venues(
    tx: &mut Tx,
    by: &May<DrawSpotChecks>,
    plan: PlanId,
    region: &str,
    facts: &VenueFacts,
) -> Outcome<DrawSaved> {
    let region = RegionCode::parse(region).map_err(Fault::broken)?;
    let mut strata: BTreeMap<(String, String), Vec<Listed>> = BTreeMap::new();
    for (id, name, _, code, venue) in calls::active_units(tx.conn, &region)? {
        if venue.is_empty() {
            continue;
        }
        let county = code.get(..COUNTY_DIGITS).unwrap_or(&code).to_owned();
        let listed = Listed(id, name, format!("{county} {venue}"), 1);
        strata.entry((county, venue)).or_default().push(listed);
    }
    if strata.is_empty() {
        return Err(DRAW_NO_VENUES.with("region", region.as_str()).into());
    }
    let lots = strata
        .into_iter()
        .map(|((county, venue), list)| {
            Lot::drawn(&facts.seed.text, format!("venues {county} {venue}"), list, facts.per_stratum)
        })
        .collect::<Outcome<Vec<Lot>>>()?;
    let record = Record {
        algorithm: ALGORITHM.to_owned(),
        task: format!("plan {plan}"),
        region_code: region.as_str().to_owned(),
        seed: facts.seed.text.clone(),
        seed_source: facts.seed.source(),
        weights: BTreeMap::new(),
        cooldown_days: 0,
        lots,
        excluded: Vec::new(),
    };
    keep(tx, by, "venues", Some(plan), &record)
}

/// The draws made for plans: plan, draw, number.
pub fn draws_of_plans(conn: &mut Conn, plans: &[PlanId]) -> Outcome<Vec<(PlanId, DrawId, String)>> {
    let rows = store::draws_of_plans(conn, plans)?;
    Ok(rows.into_iter().filter_map(|(plan, draw, no)| Some((plan?, draw, no))).collect())
}

/// What a draw says about a visit.
pub struct Drawn {
    pub draw_no: String,
    /// Whether the unit asked for was drawn.
    pub has_unit: bool,
    /// Empty: only venues were drawn.
    pub samplers: Vec<PersonId>,
}

/// A draw as the form of a visit is compared with it; `None`: there is none of that id. Three queries.
pub fn drawn(conn: &mut Conn, id: DrawId, unit: Option<EnterpriseId>) -> Outcome<Option<Drawn>> {
    let Some(draw_no) = store::number(conn, id)? else { return Ok(None) };
    let has_unit = match unit {
        Some(unit) => store::drew_unit(conn, id, unit.0)?,
        None => false,
    };
    let samplers = store::samplers_of(conn, id)?.into_iter().map(PersonId).collect();
    Ok(Some(Drawn { draw_no, has_unit, samplers }))
}

/// A stored draw with its record.
pub fn stored(conn: &mut Conn, id: DrawId) -> Outcome<(DrawRow, Record)> {
    let row = store::draw(conn, id)?.ok_or(NOT_FOUND)?;
    let record = serde_json::from_str(&row.record).map_err(Fault::broken)?;
    Ok((row, record))
}

/// Draws again from the stored record and compares.
pub fn repeated(conn: &mut Conn, id: DrawId) -> Outcome<(DrawRow, Record, Repeated)> {
    let (row, record) = stored(conn, id)?;
    let mut again = repeat(&record)?;
    again.same = again.same && record.seed == row.seed && record.list_hash() == row.list_hash;
    Ok((row, record, again))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_visits_of_a_unit_count() {
        // Newest first. Unit 1: draw 9 by 5 and 6, draw 4 by 7 and 8. Unit 2: draw 3 by 7 and 9.
        let visits = [(1, 9, 5), (1, 9, 6), (1, 4, 7), (1, 4, 8), (2, 3, 7), (2, 3, 9)];
        assert_eq!(recent_visitors(&visits, 1), BTreeSet::from([5, 6, 7, 9]));
        assert_eq!(recent_visitors(&visits, 2), BTreeSet::from([5, 6, 7, 8, 9]));
        assert_eq!(recent_visitors(&visits, 0), BTreeSet::new());
    }

    #[test]
    fn weights_have_defaults_and_can_be_changed() {
        let input = DrawInput {
            task: "抽查".into(),
            region_code: "131000".into(),
            units: "5".into(),
            weight_d: "20".into(),
            weight_a: "0".into(),
            ..DrawInput::default()
        };
        let facts = input.checked().unwrap();
        let weights: Vec<u32> = ["A", "B", "C", "D", "-"].map(|group| facts.weights[group]).into();
        assert_eq!(weights, [0, 2, 4, 20, 1]);
        assert_eq!((facts.region.as_str(), facts.samplers, facts.cooldown_days), ("1310", 2, 180));
        assert!(!facts.seed.entered && facts.seed.text.len() == 32);
    }

    #[test]
    fn a_single_sampler_is_refused() {
        let input = DrawInput { samplers: "1".into(), units: "0".into(), ..DrawInput::default() };
        let refusal = input.checked().unwrap_err();
        let fields: Vec<_> = refusal.reasons.iter().filter_map(|reason| reason.field.as_deref()).collect();
        assert_eq!(fields, ["task", "region_code", "units", "samplers"]);
    }
}
