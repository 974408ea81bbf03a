//! The server's clock against others (`quality.md` Q711-8): time limits are legal, and times of receipt are evidence. The
//! program keeps no time service of its own; it asks the one that the laboratory names, and compares what it hears anyway: the
//! clock of the database server, and the clocks of the computers beside the instruments.

use chrono::TimeDelta;

use super::checks::Looked;
use super::{Finding, store, time_source};
use crate::app::Lis;
use crate::db::Conn;
use crate::domain::clock::Moment;
use crate::domain::refusal::Outcome;
use crate::instruments::agents::clock_differences_ms;

/// The clock of a single computer may be its own fault; so many together say that it is the server's.
const AGENTS_LEAST: usize = 3;
/// A time source that is silent for longer is no source any more; a network that is mended meanwhile is nobody's work.
const SILENT_MOST: TimeDelta = TimeDelta::hours(1);
/// What agents say is good to a second.
const AGENT_GRAIN_MS: i64 = 1_000;

/// Milliseconds by which other clocks are ahead of the server's.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
struct Differences {
    /// Of the laboratory's time source.
    source: Option<i64>,
    database: Option<i64>,
    agents: Vec<i64>,
}

impl Differences {
    /// Half of the agents are at least as far off, to the same side; `None`: there are too few.
    fn of_agents(&self) -> Option<i64> {
        if self.agents.len() < AGENTS_LEAST {
            return None;
        }
        let mut sorted = self.agents.clone();
        sorted.sort_unstable();
        let (lower, upper) = (sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
        if (lower < 0) != (upper < 0) {
            return Some(0);
        }
        Some(if lower.abs() < upper.abs() { lower } else { upper })
    }

    fn findings(&self, tolerance_ms: i64) -> Vec<Finding> {
        let source = self.source.filter(|ms| ms.abs() > tolerance_ms);
        let source = source.map(|ms| Finding::new("clock-source", seconds(ms)));
        let database = self.database.filter(|ms| ms.abs() > tolerance_ms);
        let agents = self.of_agents().filter(|ms| ms.abs() > tolerance_ms + AGENT_GRAIN_MS);
        let database = database.map(|ms| Finding::new("clock-database", seconds(ms)));
        let agents = agents.map(|ms| Finding::new("clock-agents", seconds(ms)));
        source.into_iter().chain(database).chain(agents).collect()
    }

    /// Where no other clock is there, what so few computers that none of them decides say together: a person looks which it is.
    fn doubt(&self, tolerance_ms: i64) -> Option<i64> {
        let nearest = self.agents.iter().copied().min_by_key(|ms| ms.abs())?;
        let is_alone = self.database.is_none() && self.agents.len() < AGENTS_LEAST;
        let agree = self.agents.iter().all(|ms| (*ms < 0) == (nearest < 0));
        (is_alone && agree && nearest.abs() > tolerance_ms + AGENT_GRAIN_MS).then_some(nearest)
    }

    /// The one that is farthest off.
    fn worst(&self) -> i64 {
        [self.database, self.of_agents()].into_iter().flatten().max_by_key(|ms| ms.abs()).unwrap_or_default()
    }
}

/// Seconds with sign and three decimals.
fn seconds(ms: i64) -> String {
    let sign = if ms < 0 { '-' } else { '+' };
    format!("{sign}{}.{:03}", ms.abs() / 1_000, ms.abs() % 1_000)
}

/// What others say at a moment of the server's clock.
fn differences(conn: &mut Conn, real: impl Fn() -> Moment) -> Outcome<Differences> {
    let asked = real();
    let told = store::time_of_database(conn)?;
    let answered = real();
    // The answer was given half-way.
    let database = told.map(|told| told.millis() - (asked.millis() + answered.millis()) / 2);
    Ok(Differences { source: None, database, agents: clock_differences_ms(conn, answered)? })
}

/// Compares the clock now; good while it is within the laboratory's tolerance, and where there is nothing to compare with.
pub(super) fn compared(lis: &Lis) -> Outcome<Looked> {
    let mut found = lis.db.read_now(|conn| differences(conn, || lis.clock.real()))?;
    let silent = lis.config.time_source.as_deref().and_then(|address| ask_source(lis, address, &mut found));
    let tolerance_ms = i64::from(lis.config.clock_tolerance_s) * 1_000;
    let count = usize::from(found.source.is_some()) + usize::from(found.database.is_some()) + found.agents.len();
    let mut findings = found.findings(tolerance_ms);
    findings.extend(silent);
    Ok(Looked::failing(count, findings))
}

/// Adds what the time source says; what is found when it has said nothing for too long.
fn ask_source(lis: &Lis, address: &str, found: &mut Differences) -> Option<Finding> {
    let answer = time_source::ahead_ms(address, || lis.clock.real());
    let silent_for = lis.watch.silent_for(answer.is_ok(), lis.clock.real());
    match answer {
        Ok(ms) => {
            found.source = Some(ms);
            None
        }
        Err(why) => {
            (silent_for >= SILENT_MOST).then(|| Finding::new("clock-source-silent", format!("{address}: {why}")))
        }
    }
}

/// What the page says of the clock where no time source is set.
#[derive(Clone, Default, Debug)]
pub(super) struct Doubt {
    /// Seconds by which the one or two computers that are heard are ahead of the server, where that is a warning; empty: it is
    /// none.
    pub seconds: String,
    /// The clock is compared with nothing.
    pub alone: bool,
}

/// Whether a person has to look at the clock, which no time source is set for.
pub(super) fn doubted(conn: &mut Conn, real: Moment, tolerance_s: u32) -> Outcome<Doubt> {
    let found = differences(conn, || real)?;
    let doubt = found.doubt(i64::from(tolerance_s) * 1_000);
    Ok(Doubt { seconds: doubt.map(seconds).unwrap_or_default(), alone: found == Differences::default() })
}

/// For the figures: milliseconds by which the others are ahead of the server's clock, of those that differ most.
pub fn worst_difference_ms(conn: &mut Conn, real: Moment) -> Outcome<i64> {
    Ok(differences(conn, || real)?.worst())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(database: Option<i64>, agents: &[i64]) -> Vec<String> {
        let found = Differences { source: None, database, agents: agents.to_vec() }.findings(1_000);
        found.into_iter().map(|one| format!("{} {}", one.what, one.about)).collect()
    }

    // Requirement: Q711-8
    #[test]
    fn more_than_a_second_is_an_alarm_in_both_directions() {
        assert_eq!(said(Some(1_000), &[]), Vec::<String>::new());
        assert_eq!(said(Some(1_001), &[]), ["clock-database +1.001"]);
        assert_eq!(said(Some(-90_250), &[]), ["clock-database -90.250"]);
        assert_eq!(said(None, &[]), Vec::<String>::new());
    }

    // Requirement: Q711-8
    #[test]
    fn the_time_source_needs_nobody_beside_it() {
        let said = |ms: i64| Differences { source: Some(ms), ..Differences::default() }.findings(1_000);
        assert_eq!(said(1_000), Vec::<Finding>::new());
        assert_eq!(said(-1_000), Vec::<Finding>::new());
        assert_eq!(said(1_001), [Finding::new("clock-source", "+1.001")]);
        assert_eq!(said(-1_001), [Finding::new("clock-source", "-1.001")]);
    }

    /// Agents are good to a second: with the second that is allowed, two.
    #[test]
    fn one_computer_is_wrong_alone_and_most_of_them_say_that_the_server_is() {
        assert_eq!(said(None, &[60_000, 59_000]), Vec::<String>::new(), "two may both be wrong");
        assert_eq!(said(None, &[60_000, 0, 1_000]), Vec::<String>::new(), "one is");
        assert_eq!(said(None, &[60_000, 61_000, 0]), ["clock-agents +60.000"]);
        assert_eq!(said(None, &[-2_001, -3_000, -2_500]), ["clock-agents -2.500"]);
        assert_eq!(said(None, &[2_000, 2_000, 2_000]), Vec::<String>::new());
        assert_eq!(said(None, &[-9_000, -9_000, 9_000, 9_000]), Vec::<String>::new(), "they do not agree");
        assert_eq!(
            said(None, &[9_000, 8_000, 7_000, 0]),
            ["clock-agents +7.000"],
            "the nearer of the two in the middle"
        );
    }

    #[test]
    fn few_computers_alone_are_a_warning_when_they_agree() {
        let doubt =
            |database, agents: &[i64]| Differences { source: None, database, agents: agents.to_vec() }.doubt(1_000);
        assert_eq!(doubt(None, &[]), None);
        assert_eq!(doubt(None, &[2_000]), None, "within what is allowed and heard");
        assert_eq!(doubt(None, &[-2_001]), Some(-2_001));
        assert_eq!(doubt(None, &[60_000, 59_000]), Some(59_000));
        assert_eq!(doubt(None, &[60_000, -59_000]), None);
        assert_eq!(doubt(None, &[60_000, 0]), None);
        assert_eq!(doubt(None, &[60_000, 60_000, 60_000]), None, "they decide");
        assert_eq!(doubt(Some(0), &[60_000]), None, "the database knows better");
    }

    #[test]
    fn the_figure_is_the_one_that_is_farthest_off() {
        let worst = |database, agents: &[i64]| Differences { source: None, database, agents: agents.to_vec() }.worst();
        assert_eq!(worst(None, &[]), 0);
        assert_eq!(worst(Some(-40), &[5_000, 5_000, 5_000]), 5_000);
        assert_eq!(worst(Some(-40), &[5_000]), -40);
    }
}
