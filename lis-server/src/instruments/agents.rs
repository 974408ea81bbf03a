//! What agents say of themselves: that they live, what waits with them, whether their ports are open, by how much their
//! clocks are off.
//!
//! It is a reading of the weather, no data: it is written over by the next report and leaves no entry in the log, because
//! nothing that the laboratory decides rests on it. What an agent *brings* stands in the log, message by message, and so does
//! how its ports are set up ([`super::link_settings`]).

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use instrument_drivers::agent::forward::REPORT_EVERY;
use instrument_drivers::agent::http::{CODE_MOST, is_name};
use instrument_drivers::agent::{AgentStatus, PortStatus};

use super::store::{self, AgentPortRow};
use crate::config::Config;
use crate::db::Conn;
use crate::domain::clock::Moment;
use crate::domain::refusal::Outcome;

/// An agent is silent when it has left out so many reports.
const REPORTS_MISSED: u32 = 3;
/// An agent that has said nothing for so many days was taken away: the figures no longer count it.
const FORGOTTEN_DAYS: i64 = 30;
/// Ports of one agent that are kept: more than a computer has.
const PORTS_MOST: usize = 100;
/// Characters of an error or a port that are kept.
const TEXT_MOST: usize = 300;

/// Whether an instrument can be heard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    Connected,
    /// The agent lives; the port is closed, the folder away, or the instrument has not called.
    PortClosed,
    /// The agent has said nothing for [`REPORTS_MISSED`] reports.
    Silent,
}

impl Standing {
    fn of(row: &AgentPortRow, real: Moment) -> Self {
        match (is_silent(row, real), row.connected) {
            (true, _) => Self::Silent,
            (false, true) => Self::Connected,
            (false, false) => Self::PortClosed,
        }
    }

    pub fn code(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::PortClosed => "port_closed",
            Self::Silent => "silent",
        }
    }
}

fn is_silent(row: &AgentPortRow, real: Moment) -> bool {
    let longest = TimeDelta::from_std(REPORT_EVERY * REPORTS_MISSED).unwrap_or(TimeDelta::MAX);
    real.since(row.reported_at) > longest
}

/// By what reports are judged: the machine's time, and what the laboratory allows.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    pub real: Moment,
    /// By which the clocks may differ.
    pub clock_tolerance: TimeDelta,
}

impl Measure {
    pub fn new(real: Moment, config: &Config) -> Self {
        Self { real, clock_tolerance: TimeDelta::seconds(i64::from(config.agent_clock_tolerance_s)) }
    }
}

/// The last report about an instrument, judged.
#[derive(Clone, Debug)]
pub struct Heard {
    pub row: AgentPortRow,
    pub standing: Standing,
    /// The clocks differ by more than the laboratory allows: times of receipt are wrong by as much.
    pub clock_wrong: bool,
}

impl Heard {
    fn of(row: AgentPortRow, measure: Measure) -> Self {
        let off = row.clock_difference_ms.unwrap_or_default();
        let clock_wrong = off.unsigned_abs() > measure.clock_tolerance.num_milliseconds().unsigned_abs();
        Self { standing: Standing::of(&row, measure.real), clock_wrong, row }
    }

    /// Whole seconds by which the agent's clock is ahead, with its sign; empty while nobody knows. It is good to a second.
    pub fn clock_s(&self) -> String {
        self.row.clock_difference_ms.map(|ms| format!("{:+}", ms / 1000)).unwrap_or_default()
    }

    pub fn is_silent(&self) -> bool {
        self.standing == Standing::Silent
    }

    pub fn is_connected(&self) -> bool {
        self.standing == Standing::Connected
    }
}

/// The last report about each instrument, by its code.
pub fn heard(conn: &mut Conn, measure: Measure) -> Outcome<Vec<Heard>> {
    let mut newest: Vec<AgentPortRow> = Vec::new();
    for row in store::agent_ports(conn)? {
        // An instrument that was moved to another agent is where it was heard last.
        if !newest.iter().any(|known| known.instrument_code == row.instrument_code) {
            newest.push(row);
        }
    }
    Ok(newest.into_iter().map(|row| Heard::of(row, measure)).collect())
}

/// The last report about one instrument.
pub fn heard_of(conn: &mut Conn, code: &str, measure: Measure) -> Outcome<Option<Heard>> {
    Ok(heard(conn, measure)?.into_iter().find(|heard| heard.row.instrument_code == code))
}

/// The newest report of each agent that is still counted.
fn agents(conn: &mut Conn, real: Moment) -> Outcome<Vec<AgentPortRow>> {
    let mut newest: Vec<AgentPortRow> = Vec::new();
    for row in store::agent_ports(conn)? {
        let counted = real.since(row.reported_at) <= TimeDelta::days(FORGOTTEN_DAYS);
        if counted && !newest.iter().any(|known| known.agent == row.agent) {
            newest.push(row);
        }
    }
    Ok(newest)
}

/// Agents that are silent, for the figures.
pub fn count_silent(conn: &mut Conn, real: Moment) -> Outcome<i64> {
    let silent = agents(conn, real)?.iter().filter(|row| is_silent(row, real)).count();
    Ok(i64::try_from(silent).unwrap_or(i64::MAX))
}

/// Messages that wait with agents, as these last said, for the figures.
pub fn count_backlog(conn: &mut Conn, real: Moment) -> Outcome<i64> {
    Ok(agents(conn, real)?.iter().fold(0, |sum: i64, row| sum.saturating_add(row.backlog)))
}

/// Milliseconds by which the clocks of the agents that are heard now are ahead of the server's.
pub fn clock_differences_ms(conn: &mut Conn, real: Moment) -> Outcome<Vec<i64>> {
    let heard = agents(conn, real)?;
    Ok(heard.iter().filter(|row| !is_silent(row, real)).filter_map(|row| row.clock_difference_ms).collect())
}

/// Keeps what an agent says of itself. A report is never refused: what does not fit is cut, so that no message is held up
/// by it. `came` messages came with it and wait no more: it was made before them, and the next one is a minute away.
pub fn keep(conn: &mut Conn, agent: &str, status: &AgentStatus, came: usize, real: Moment) -> Outcome<()> {
    let waiting = status.backlog.saturating_sub(u64::try_from(came).unwrap_or(u64::MAX));
    let backlog = i64::try_from(waiting).unwrap_or(i64::MAX);
    for (code, ports) in by_instrument(status) {
        store::set_agent_port(conn, AgentPortRow { backlog, ..row(agent, status, (code, &ports), real) })?;
    }
    Ok(())
}

/// The ports of a report by the code of their instrument; what is no code is left out.
pub(super) fn by_instrument(status: &AgentStatus) -> BTreeMap<&str, Vec<&PortStatus>> {
    let mut instruments: BTreeMap<&str, Vec<&PortStatus>> = BTreeMap::new();
    for port in status.ports.iter().filter(|port| is_name(&port.instrument, CODE_MOST)).take(PORTS_MOST) {
        instruments.entry(&port.instrument).or_default().push(port);
    }
    instruments
}

/// An instrument with several ports is heard when all of them are open.
fn row(agent: &str, status: &AgentStatus, (code, ports): (&str, &[&PortStatus]), real: Moment) -> AgentPortRow {
    let joined = |text: fn(&PortStatus) -> Option<&str>| {
        let texts: Vec<&str> = ports.iter().filter_map(|port| text(port)).collect();
        cut(Some(&texts.join("; ")))
    };
    AgentPortRow {
        agent: agent.to_owned(),
        instrument_code: code.to_owned(),
        reported_at: real,
        program_version: cut(Some(&status.version)),
        port: joined(|port| Some(port.port.as_str())),
        connected: ports.iter().all(|port| port.connected),
        last_message_at: ports.iter().filter_map(|port| port.last_message_at.and_then(plausible)).max(),
        port_error: joined(|port| port.error.as_deref()),
        forward_error: cut(status.forward_error.as_ref()),
        backlog: i64::try_from(status.backlog).unwrap_or(i64::MAX),
        withheld: i64::try_from(status.withheld_count).unwrap_or(i64::MAX),
        clock_difference_ms: status.clock_difference_ms,
    }
}

/// One line of printable text, not longer than is kept.
pub(super) fn cut(text: Option<&String>) -> String {
    let printable = |c: char| if c.is_control() { ' ' } else { c };
    text.map(|text| text.chars().take(TEXT_MOST).map(printable).collect()).unwrap_or_default()
}

/// A time that both databases can hold.
fn plausible(at: DateTime<Utc>) -> Option<Moment> {
    (1..=9999).contains(&at.year()).then(|| Moment::new(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        Moment::parse_rfc3339(text).unwrap()
    }

    fn heard_at(reported: &str, now: &str, clock_difference_ms: Option<i64>) -> Heard {
        let row = AgentPortRow {
            agent: "bench".to_owned(),
            instrument_code: "AAS-01".to_owned(),
            reported_at: at(reported),
            program_version: "0.1.0".to_owned(),
            port: "serial COM3".to_owned(),
            connected: true,
            last_message_at: None,
            port_error: String::new(),
            forward_error: String::new(),
            backlog: 0,
            withheld: 0,
            clock_difference_ms,
        };
        Heard::of(row, Measure { real: at(now), clock_tolerance: TimeDelta::seconds(30) })
    }

    /// A report every 60 s; three of them missed are 180 s.
    #[test]
    fn an_agent_is_silent_after_three_missed_reports() {
        let reported = "2026-11-16T00:00:00Z";
        assert_eq!(heard_at(reported, "2026-11-16T00:03:00Z", None).standing, Standing::Connected);
        assert_eq!(heard_at(reported, "2026-11-16T00:03:01Z", None).standing, Standing::Silent);
        // The server's clock was set back: nobody is silent because of that.
        assert_eq!(heard_at(reported, "2026-11-15T00:00:00Z", None).standing, Standing::Connected);
    }

    #[test]
    fn a_clock_is_wrong_beyond_the_tolerance_in_both_directions() {
        let now = "2026-11-16T00:00:00Z";
        for (ms, wrong, shown) in
            [(30_000, false, "+30"), (30_001, true, "+30"), (-30_001, true, "-30"), (-400, false, "+0")]
        {
            let heard = heard_at(now, now, Some(ms));
            assert_eq!((heard.clock_wrong, heard.clock_s().as_str()), (wrong, shown), "{ms}");
        }
        let unknown = heard_at(now, now, None);
        assert_eq!((unknown.clock_wrong, unknown.clock_s().as_str()), (false, ""));
    }

    #[test]
    fn an_instrument_with_two_ports_is_heard_when_both_are_open() {
        let port = |port: &str, connected, error: Option<&str>| PortStatus {
            instrument: "GC-1".to_owned(),
            port: port.to_owned(),
            connected,
            error: error.map(str::to_owned),
            ..PortStatus::default()
        };
        let now = at("2026-11-16T00:00:00Z");
        let ports = vec![port("folder A", true, None), port("folder B", false, Some("gone"))];
        let status = AgentStatus {
            agent: "bench".to_owned(),
            version: "0.1.0".to_owned(),
            stream: uuid::Uuid::nil(),
            last_seq: 0,
            backlog: 0,
            forward_error: None,
            clock_difference_ms: None,
            withheld_count: 0,
            withheld: Vec::new(),
            ports,
            dispatches: Vec::new(),
            started_at: None,
            at: now.utc(),
        };
        let both: Vec<&PortStatus> = status.ports.iter().collect();
        let kept = row("bench", &status, ("GC-1", &both), now);
        assert_eq!(
            (kept.port.as_str(), kept.connected, kept.port_error.as_str()),
            ("folder A; folder B", false, "gone")
        );
        assert!(row("bench", &status, ("GC-1", &both[..1]), now).connected);
    }

    #[test]
    fn texts_are_cut_and_times_beyond_the_calendar_left_out() {
        let long = "x\n".repeat(400);
        assert_eq!(cut(Some(&long)), "x ".repeat(150));
        assert_eq!(plausible(DateTime::<Utc>::MAX_UTC), None);
        assert_eq!(plausible(at("2026-11-16T00:00:00Z").utc()), Some(at("2026-11-16T00:00:00Z")));
    }
}
