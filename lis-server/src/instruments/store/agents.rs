//! Queries of what agents last said of themselves, nothing else.

use diesel::prelude::*;

use crate::db::schema::agent_port;
use crate::db::{Conn, cols, each};
use crate::domain::clock::Moment;

/// What an agent last said of one of its instruments, and of itself.
#[derive(Queryable, Selectable, Insertable, AsChangeset, Clone, Debug)]
#[diesel(table_name = agent_port, primary_key(agent, instrument_code))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct AgentPortRow {
    pub agent: String,
    pub instrument_code: String,
    /// When it was said, by the server's clock.
    pub reported_at: Moment,
    pub program_version: String,
    pub port: String,
    pub connected: bool,
    /// By the agent's clock.
    pub last_message_at: Option<Moment>,
    pub port_error: String,
    pub forward_error: String,
    /// Messages of the whole agent that wait for the server.
    pub backlog: i64,
    /// Messages of the whole agent that the server did not take.
    pub withheld: i64,
    /// Milliseconds by which the agent's clock is ahead of the server's.
    pub clock_difference_ms: Option<i64>,
}

/// Writes a report over the one before. When the last message came stays known where the agent does not know it any more.
pub fn set_agent_port(conn: &mut Conn, mut row: AgentPortRow) -> QueryResult<()> {
    if row.last_message_at.is_none() {
        row.last_message_at = last_message_at(conn, &row.agent, &row.instrument_code)?;
    }
    let row = &row;
    each!(conn, c => diesel::insert_into(agent_port::table)
        .values(row)
        .on_conflict((agent_port::agent, agent_port::instrument_code))
        .do_update()
        .set(row)
        .execute(c))?;
    Ok(())
}

fn last_message_at(conn: &mut Conn, agent: &str, instrument: &str) -> QueryResult<Option<Moment>> {
    let known: Option<Option<Moment>> =
        agent_port::table.find((agent, instrument)).select(agent_port::last_message_at).first(conn).optional()?;
    Ok(known.flatten())
}

/// The last reports of all agents, the newest first.
pub fn agent_ports(conn: &mut Conn) -> QueryResult<Vec<AgentPortRow>> {
    agent_port::table
        .order((agent_port::reported_at.desc(), agent_port::agent, agent_port::instrument_code))
        .select(cols::<AgentPortRow>())
        .load(conn)
}
