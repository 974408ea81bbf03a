//! Sending a worksheet to its instrument: as orders through the line, or as a sequence file into the folder of the instrument's
//! software. What is sent is fixed when it is sent; the agent beside the instrument delivers it and says how it went.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use instrument_drivers::agent::{PortSettings, Settled, Went};
use instrument_drivers::work::{Dispatch, DispatchedFile};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::actions::may_have_come;
use super::store::{self, DispatchRow, NewDispatch, OutcomeRow};
use super::worklists::{self, SheetToRun};
use super::{DISPATCH_NO_WAY, DISPATCH_NOTHING_OPEN, agents, calls};
use crate::accounts::Actor;
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::ids::{DispatchId, InstrumentId, PersonId, WorksheetId};
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome};

/// Of one worksheet that are shown, and of all open ones that are looked through for those that wait.
const SHOWN_MOST: i64 = 20;
const OPEN_MOST: i64 = 1_000;

/// How a worksheet goes to its instrument.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// Through its line.
    Orders,
    /// Into the folder of its software.
    File,
}

impl Way {
    const ALL: [Self; 2] = [Self::Orders, Self::File];

    pub fn code(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::File => "file",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.code() == code)
    }

    fn is_of(self, port: &PortSettings) -> bool {
        match self {
            Self::Orders => port.send_orders,
            Self::File => port.sequence_folder.is_some(),
        }
    }
}

/// The ways that the agents of an instrument last said they have.
pub fn ways(conn: &mut Conn, code: &str) -> Outcome<Vec<Way>> {
    let rows = store::link_settings(conn, &[code.to_owned()])?;
    let mut agents: BTreeSet<&str> = BTreeSet::new();
    let newest = rows.iter().rev().filter(|row| agents.insert(&row.agent));
    let ports: Vec<PortSettings> =
        newest.flat_map(|row| serde_json::from_str::<Vec<PortSettings>>(&row.ports).unwrap_or_default()).collect();
    Ok(Way::ALL.into_iter().filter(|way| ports.iter().any(|port| way.is_of(port))).collect())
}

/// Sends what is to be measured of a worksheet. The same that waits already is not sent twice.
///
/// # Errors
/// `dispatch-no-way`, `dispatch-nothing-open`; what the instrument has no name for; what the format of the file refuses.
pub fn send(
    tx: &mut Tx,
    by: &Actor,
    (worksheet, instrument): (WorksheetId, InstrumentId),
    way: Way,
    sheet: &SheetToRun<'_>,
) -> Outcome<DispatchId> {
    let instrument = store::instrument(tx.conn, instrument)?.ok_or(NOT_FOUND)?;
    if !ways(tx.conn, &instrument.code)?.contains(&way) {
        let word = format!("dispatch-way-{}", way.code());
        return Err(DISPATCH_NO_WAY.with("instrument", &instrument.code).with_word("way", word).at("way").into());
    }
    let (file_name, content) = match way {
        Way::Orders => {
            let samples = worklists::orders_of(tx.conn, &instrument, sheet)?;
            if samples.is_empty() {
                return Err(DISPATCH_NOTHING_OPEN.with("worksheet", sheet.worksheet_no).into());
            }
            (String::new(), serde_json::to_string(&samples).map_err(Fault::broken)?)
        }
        Way::File => {
            let file = worklists::sequence_file(tx.conn, instrument.id, sheet, tx.now)?;
            (file.name, BASE64.encode(&file.bytes))
        }
    };
    let earlier = store::dispatches(tx.conn, &[worksheet], SHOWN_MOST)?;
    let outcomes = outcomes_of(tx.conn, &earlier)?;
    let same = |row: &&DispatchRow| row.way == way.code() && row.file_name == file_name && row.content == content;
    if let Some(row) = earlier.iter().find(same).filter(|row| !outcomes.contains_key(&row.id)) {
        return Ok(row.id);
    }
    let sha256 = hex::encode(Sha256::digest(content.as_bytes()));
    let row = NewDispatch {
        worksheet_id: worksheet,
        instrument_id: instrument.id,
        way: way.code(),
        file_name,
        content,
        requested_by: by.person,
        requested_at: tx.now,
    };
    let id = store::insert_dispatch(tx.conn, &row)?;
    tx.log(
        by.entry("instrument_dispatch", id.0, 1, "worksheet-sent")
            .set("worksheet", sheet.worksheet_no)
            .set("instrument", instrument.code.as_str())
            .set("way", way.code())
            .set("file_name", row.file_name.as_str())
            .set("sha256", sha256.as_str()),
    );
    Ok(id)
}

/// What waits at instruments, oldest first. Of a sheet that was submitted meanwhile nothing is sent any more.
pub fn waiting(conn: &mut Conn, instruments: &[InstrumentId]) -> Outcome<BTreeMap<InstrumentId, Vec<Dispatch>>> {
    let open = calls::open_sheets(conn, instruments)?;
    let rows = if open.is_empty() { Vec::new() } else { store::dispatches(conn, &open, OPEN_MOST)? };
    let outcomes = outcomes_of(conn, &rows)?;
    let mut waiting: BTreeMap<InstrumentId, Vec<Dispatch>> = BTreeMap::new();
    for row in rows.into_iter().rev().filter(|row| !outcomes.contains_key(&row.id)) {
        waiting.entry(row.instrument_id).or_default().push(on_its_way(row)?);
    }
    Ok(waiting)
}

fn on_its_way(row: DispatchRow) -> Outcome<Dispatch> {
    let id = row.id.0;
    Ok(match Way::parse(&row.way) {
        Some(Way::File) => {
            let file = DispatchedFile { name: row.file_name, bytes: row.content };
            Dispatch { id, file: Some(file), ..Dispatch::default() }
        }
        Some(Way::Orders) => {
            let samples = serde_json::from_str(&row.content).map_err(Fault::broken)?;
            Dispatch { id, samples, ..Dispatch::default() }
        }
        None => return Err(Fault::broken("unknown way of a dispatch")),
    })
}

fn outcomes_of(conn: &mut Conn, rows: &[DispatchRow]) -> Outcome<BTreeMap<DispatchId, OutcomeRow>> {
    if rows.is_empty() {
        return Ok(BTreeMap::new());
    }
    let ids: Vec<DispatchId> = rows.iter().map(|row| row.id).collect();
    Ok(store::outcomes(conn, &ids)?.into_iter().map(|row| (row.dispatch_id, row)).collect())
}

/// Keeps what an agent says of how it went; its first word counts. What is not of this laboratory's instruments is left out.
pub fn keep(tx: &mut Tx, by: &Actor, agent: &str, said: &[Settled]) -> Outcome<()> {
    if said.is_empty() {
        return Ok(());
    }
    let ids: Vec<DispatchId> = said.iter().map(|one| DispatchId(one.id)).collect();
    let rows = store::dispatches_by_id(tx.conn, &ids)?;
    let known = outcomes_of(tx.conn, &rows)?;
    let instruments = store::instruments(tx.conn)?;
    let mut outcomes: Vec<OutcomeRow> = Vec::new();
    for row in rows.iter().filter(|row| !known.contains_key(&row.id)) {
        let Some(one) = said.iter().find(|one| one.id == row.id.0) else { continue };
        if !instruments.iter().any(|known| known.id == row.instrument_id && known.code == one.instrument) {
            continue;
        }
        let at = Moment::new(one.at);
        let outcome = OutcomeRow {
            dispatch_id: row.id,
            state: state_code(one.state).to_owned(),
            agent: agent.to_owned(),
            detail: agents::cut(Some(&one.detail)),
            at: if may_have_come(at, tx.now) { at } else { tx.now },
        };
        tx.log(
            by.entry("instrument_dispatch", row.id.0, 2, "dispatch-settled")
                .set("instrument", one.instrument.as_str())
                .set("state", outcome.state.as_str())
                .set("agent", agent)
                .set("detail", outcome.detail.as_str()),
        );
        outcomes.push(outcome);
    }
    if !outcomes.is_empty() {
        store::insert_outcomes(tx.conn, &outcomes)?;
    }
    Ok(())
}

fn state_code(went: Went) -> &'static str {
    match went {
        Went::Delivered => "delivered",
        Went::Refused => "refused",
    }
}

/// What was sent of a worksheet.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = InstrumentDispatchView)]
pub struct DispatchView {
    pub id: i64,
    /// `orders` or `file`.
    pub way: String,
    /// Of a file.
    pub file_name: String,
    pub requested_by: String,
    #[schema(value_type = String, format = DateTime)]
    pub requested_at: Moment,
    /// `waiting`; `delivered` (acknowledged by the instrument, or in its folder), `refused`; `lapsed`: the sheet was submitted
    /// before.
    pub state: String,
    /// When that was known, by the agent's clock; it is not: null.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub settled_at: Option<Moment>,
    /// Why it was refused, or where the file lies.
    pub detail: String,
}

/// What was sent of a worksheet, the newest first.
pub fn sent_of(conn: &mut Conn, worksheet: WorksheetId, is_open: bool) -> Outcome<Vec<DispatchView>> {
    let rows = store::dispatches(conn, &[worksheet], SHOWN_MOST)?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let outcomes = outcomes_of(conn, &rows)?;
    let people: Vec<PersonId> = rows.iter().map(|row| row.requested_by).collect();
    let names = calls::names_of(conn, &people)?;
    let still = if is_open { "waiting" } else { "lapsed" };
    let view = |row: DispatchRow| {
        let outcome = outcomes.get(&row.id);
        DispatchView {
            id: row.id.0,
            requested_by: names.get(&row.requested_by).cloned().unwrap_or_default(),
            requested_at: row.requested_at,
            state: outcome.map_or(still, |outcome| outcome.state.as_str()).to_owned(),
            settled_at: outcome.map(|outcome| outcome.at),
            detail: outcome.map(|outcome| outcome.detail.clone()).unwrap_or_default(),
            way: row.way,
            file_name: row.file_name,
        }
    };
    Ok(rows.into_iter().map(view).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_one_that_a_port_has() {
        let port = |send_orders, folder: Option<&str>| PortSettings {
            send_orders,
            sequence_folder: folder.map(str::to_owned),
            ..PortSettings::default()
        };
        assert!(Way::Orders.is_of(&port(true, None)) && !Way::Orders.is_of(&port(false, Some("in"))));
        assert!(Way::File.is_of(&port(false, Some("in"))) && !Way::File.is_of(&port(true, None)));
        assert_eq!(
            (Way::parse("file"), Way::parse("orders"), Way::parse("fax")),
            (Some(Way::File), Some(Way::Orders), None)
        );
    }
}
