//! How the ports of an instrument are set up (`quality.md` Q64-8): line, protocol, profile, as its agent reports them beside
//! its messages. A change is a new row, so that the settings that a value came through can be said for ever.

use instrument_drivers::agent::{AgentStatus, PortSettings, PortStatus};
use serde::Serialize;

use super::actions::may_have_come;
use super::agents;
use super::store::{self, LinkSettingsRow, NewLinkSettings};
use crate::accounts::Actor;
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::ids::MessageId;
use crate::domain::refusal::Outcome;

/// Keeps what an agent says of its ports where that is news. It holds from the moment from which the agent ran with it; where
/// its clock cannot be right, from now on. Agents from before they said it leave everything as it is. One statement while
/// nothing changes. `real` is the machine's time.
pub fn keep(tx: &mut Tx, by: &Actor, agent: &str, status: &AgentStatus, real: Moment) -> Outcome<()> {
    let reported = agents::by_instrument(status).into_iter();
    let said: Vec<(&str, String)> = reported.filter_map(|(code, ports)| Some((code, document(&ports)?))).collect();
    if said.is_empty() {
        return Ok(());
    }
    let codes: Vec<String> = said.iter().map(|(code, _)| (*code).to_owned()).collect();
    let known = store::link_settings(tx.conn, &codes)?;
    let program_version = agents::cut(Some(&status.version));
    let newest = |code: &str| known.iter().rfind(|row| row.agent == agent && row.instrument_code == code);
    let is_news = |(code, ports): &&(&str, String)| {
        newest(code).is_none_or(|row| row.ports != *ports || row.program_version != program_version)
    };
    let started = status.started_at.map(Moment::new);
    let likely = started.filter(|at| [tx.now, real].iter().any(|now| may_have_come(*at, *now)));
    let valid_from = likely.unwrap_or(tx.now);
    let row = |(code, ports): &(&str, String)| NewLinkSettings {
        agent: agent.to_owned(),
        instrument_code: (*code).to_owned(),
        program_version: program_version.clone(),
        ports: ports.clone(),
        valid_from,
        reported_at: tx.now,
    };
    let rows: Vec<NewLinkSettings> = said.iter().filter(is_news).map(row).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let ids = store::insert_link_settings(tx.conn, &rows)?;
    for (id, code) in ids {
        let Some(row) = rows.iter().find(|row| row.instrument_code == code) else { continue };
        let entry = by
            .entry("link_settings", id.0, 1, "link-settings-reported")
            .set("agent", agent)
            .set("instrument", code.as_str())
            .set("program_version", program_version.as_str())
            .set("valid_from", valid_from.rfc3339());
        tx.log(match newest(&code) {
            Some(before) => entry.change("ports", before.ports.as_str(), row.ports.as_str()),
            None => entry.set("ports", row.ports.as_str()),
        });
    }
    Ok(())
}

/// The ports of an instrument as they are kept; `None`: the agent does not say how they are set up.
fn document(ports: &[&PortStatus]) -> Option<String> {
    let told: Vec<PortSettings> = ports.iter().filter_map(|port| port.settings.as_ref()).map(cut).collect();
    if told.is_empty() { None } else { serde_json::to_string(&told).ok() }
}

/// The same settings with no text longer than is kept.
fn cut(settings: &PortSettings) -> PortSettings {
    let text = |text: &String| agents::cut(Some(text));
    PortSettings {
        kind: text(&settings.kind),
        place: text(&settings.place),
        parity: settings.parity.as_ref().map(text),
        flow: settings.flow.as_ref().map(text),
        protocol: text(&settings.protocol),
        profile: text(&settings.profile),
        profile_sha256: text(&settings.profile_sha256),
        sequence_folder: settings.sequence_folder.as_ref().map(text),
        ..settings.clone()
    }
}

/// How the ports of an instrument were set up from a moment on.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct LinkSettingsView {
    pub id: i64,
    pub agent: String,
    /// Of the agent's program, which cuts the bytes of a line into messages.
    pub program_version: String,
    #[schema(value_type = String, format = DateTime)]
    pub valid_from: Moment,
    #[schema(value_type = String, format = DateTime)]
    pub reported_at: Moment,
    pub ports: Vec<PortSettingsView>,
}

/// One port.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct PortSettingsView {
    /// serial, tcp_listen, tcp_connect, folder
    pub kind: String,
    /// Device, address, or folder with the pattern of its files.
    pub place: String,
    pub baud: Option<u32>,
    pub data_bits: Option<u8>,
    /// none, even, odd; empty: it is no serial line.
    pub parity: String,
    pub stop_bits: Option<u8>,
    /// none, software, hardware; empty: it is no serial line.
    pub flow: String,
    /// astm, vidas, lines, mllp, file
    pub protocol: String,
    /// Name of the shipped profile, or path of the file.
    pub profile: String,
    /// The instrument is sent orders that it did not ask for.
    pub send_orders: bool,
    /// Where its software takes sequence files; empty: nowhere.
    pub sequence_folder: String,
    /// Of the profile's text.
    pub profile_sha256: String,
}

/// What a port can be, each a message key `link-kind-CODE`.
const KINDS: &[&str] = &["serial", "tcp_listen", "tcp_connect", "folder"];

impl PortSettingsView {
    fn of(settings: PortSettings) -> Self {
        Self {
            kind: settings.kind,
            place: settings.place,
            baud: settings.baud,
            data_bits: settings.data_bits,
            parity: settings.parity.unwrap_or_default(),
            stop_bits: settings.stop_bits,
            flow: settings.flow.unwrap_or_default(),
            protocol: settings.protocol,
            profile: settings.profile,
            send_orders: settings.send_orders,
            sequence_folder: settings.sequence_folder.unwrap_or_default(),
            profile_sha256: settings.profile_sha256,
        }
    }

    /// A newer agent may have a kind that this program has no word for.
    pub fn has_word(&self) -> bool {
        KINDS.contains(&self.kind.as_str())
    }

    /// A serial line as people write it, `19200 7E2 RTS/CTS`; empty: it is none.
    pub fn serial(&self) -> String {
        let (Some(baud), Some(data), Some(stop)) = (self.baud, self.data_bits, self.stop_bits) else {
            return String::new();
        };
        let parity = match self.parity.as_str() {
            "even" => 'E',
            "odd" => 'O',
            _ => 'N',
        };
        let flow = match self.flow.as_str() {
            "software" => " XON/XOFF",
            "hardware" => " RTS/CTS",
            _ => "",
        };
        format!("{baud} {data}{parity}{stop}{flow}")
    }

    /// The port in one line, for a list.
    pub fn line(&self) -> String {
        let parts = [self.place.clone(), self.serial(), self.protocol.clone(), self.profile.clone()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
    }
}

impl From<LinkSettingsRow> for LinkSettingsView {
    fn from(row: LinkSettingsRow) -> Self {
        let ports: Vec<PortSettings> = serde_json::from_str(&row.ports).unwrap_or_default();
        Self {
            id: row.id.0,
            agent: row.agent,
            program_version: row.program_version,
            valid_from: row.valid_from,
            reported_at: row.reported_at,
            ports: ports.into_iter().map(PortSettingsView::of).collect(),
        }
    }
}

/// Everything that was said of an instrument, newest first.
pub fn history(conn: &mut Conn, code: &str) -> Outcome<Vec<LinkSettingsView>> {
    let rows = store::link_settings(conn, &[code.to_owned()])?;
    Ok(rows.into_iter().rev().map(LinkSettingsView::from).collect())
}

/// What stood between an instrument and the rows of one reading of a message.
#[derive(Clone, Debug)]
pub struct CameThrough {
    pub message: MessageId,
    /// In force when the agent took the message; `None`: the agent said nothing of them.
    pub settings: Option<LinkSettingsView>,
    /// With its version, where it is one of the laboratory's own.
    pub profile: String,
}

/// What messages came through, by one of their readings. Three statements.
pub fn came_through(conn: &mut Conn, readings: &[(MessageId, i64)]) -> Outcome<Vec<CameThrough>> {
    let messages: Vec<MessageId> = readings.iter().map(|(message, _)| *message).collect();
    let origins = store::origins(conn, &messages)?;
    let mut codes: Vec<String> = origins.iter().map(|(_, _, code, _)| code.clone()).collect();
    codes.sort_unstable();
    codes.dedup();
    let rows = store::link_settings(conn, &codes)?;
    let profiles = store::profiles_read_with(conn, &messages)?;
    let through = |&(message, reading): &(MessageId, i64)| {
        let origin = origins.iter().find(|(id, ..)| *id == message);
        let settings = origin.and_then(|(_, agent, code, at)| in_force(&rows, (agent.as_str(), code.as_str()), *at));
        let profile = profiles.iter().find(|(id, number, _)| *id == message && *number == reading);
        CameThrough {
            message,
            settings: settings.cloned().map(LinkSettingsView::from),
            profile: profile.map(|(.., name)| name.clone()).unwrap_or_default(),
        }
    };
    Ok(readings.iter().map(through).collect())
}

/// What an agent ran with at a moment, as it said last.
fn in_force<'r>(rows: &'r [LinkSettingsRow], (agent, code): (&str, &str), at: Moment) -> Option<&'r LinkSettingsRow> {
    rows.iter().rfind(|row| row.agent == agent && row.instrument_code == code && row.valid_from <= at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::LinkSettingsId;

    fn at(text: &str) -> Moment {
        Moment::parse_rfc3339(text).unwrap()
    }

    // Requirement: Q64-8
    #[test]
    fn a_message_came_through_what_its_own_agent_ran_with_then() {
        let row = |id: i64, agent: &str, valid_from: &str| LinkSettingsRow {
            id: LinkSettingsId(id),
            agent: agent.into(),
            instrument_code: "AAS-01".into(),
            program_version: "0.1.0".into(),
            ports: "[]".into(),
            valid_from: at(valid_from),
            reported_at: at(valid_from),
        };
        let rows = [
            row(1, "bench", "2026-11-16T00:00:00Z"),
            row(2, "bench", "2026-11-18T00:00:00Z"),
            row(3, "other", "2026-11-17T00:00:00Z"),
        ];
        let of = |agent: &str, moment: &str| in_force(&rows, (agent, "AAS-01"), at(moment)).map(|row| row.id.0);
        assert_eq!(of("bench", "2026-11-15T23:59:59Z"), None, "nobody has said");
        assert_eq!(of("bench", "2026-11-16T00:00:00Z"), Some(1));
        assert_eq!(of("bench", "2026-11-17T12:00:00Z"), Some(1), "the other one is another computer's");
        assert_eq!(of("bench", "2026-11-18T00:00:00Z"), Some(2));
        assert_eq!(of("other", "2026-11-18T00:00:00Z"), Some(3));
        assert_eq!(in_force(&rows, ("bench", "AAS-02"), at("2026-11-18T00:00:00Z")).map(|row| row.id.0), None);
    }

    #[test]
    fn a_serial_line_is_written_as_people_write_it() {
        let settings = PortSettings {
            kind: "serial".into(),
            place: "COM3".into(),
            baud: Some(19_200),
            data_bits: Some(7),
            parity: Some("even".into()),
            stop_bits: Some(2),
            flow: Some("hardware".into()),
            protocol: "astm".into(),
            profile: "generic_astm".into(),
            ..PortSettings::default()
        };
        let line = |settings: &PortSettings| PortSettingsView::of(settings.clone()).line();
        assert_eq!(line(&settings), "COM3 · 19200 7E2 RTS/CTS · astm · generic_astm");
        let folder = PortSettings {
            kind: "folder".into(),
            place: "/exports/*.csv".into(),
            protocol: "file".into(),
            profile: "generic_long_table".into(),
            ..PortSettings::default()
        };
        assert_eq!(line(&folder), "/exports/*.csv · file · generic_long_table");
    }
}
