//! The agent that the server hosts for instruments on its own ports: the same agent as beside any instrument, with the
//! database instead of the network behind it.
//!
//! Several processes may share one database and one configuration. Each port is claimed by a row with a lease, all ports of
//! a configuration or none; who has them runs the agent and renews, the others look again until the lease ends.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use chrono::TimeDelta;
use instrument_drivers::agent::{
    Acknowledged, Agent, AgentConfig, AgentStatus, Fetched, RunningAgent, SpooledMessage, Upstream, UpstreamError,
};
use tracing::{info, warn};

use super::actions::{self, Batch};
use super::store;
use crate::accounts::Actor;
use crate::app::Lis;
use crate::domain::refusal::{Fault, Outcome, Refusal};
use crate::web::language::Language;

/// A process that does not renew for so long is taken for dead, and another opens its ports.
const LEASE_S: i64 = 60;
/// Three chances to renew before the lease ends.
const LOOK_EVERY: Duration = Duration::from_secs(20);

/// Delivers into the database of this server.
struct OwnDatabase {
    lis: Lis,
    agent: String,
    /// How the agent stood before the next batch.
    status: Mutex<Option<AgentStatus>>,
    /// Rows that wait for a person, by instrument, as they were behind the last batch.
    held: Mutex<BTreeMap<String, i64>>,
}

impl OwnDatabase {
    fn status(&self) -> std::sync::MutexGuard<'_, Option<AgentStatus>> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn counts(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, i64>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn store(&self, messages: Vec<SpooledMessage>) -> Result<Acknowledged, UpstreamError> {
        let batch = Arc::new(Batch { agent: self.agent.clone(), messages, status: self.status().take() });
        let by = Actor::system("agent", format!("agent:{}", self.agent));
        let real = self.lis.clock.real();
        let kept = batch.clone();
        match self.lis.db.write_now(move |tx| actions::deliver_own(tx, &by, &kept, real)) {
            Ok(highest_seq) => {
                if let Ok(held) = self.lis.db.read_now(|conn| actions::held_of_batch(conn, &batch)) {
                    self.counts().extend(held);
                }
                Ok(Acknowledged { highest_seq })
            }
            Err(Fault::Refused(refusal)) => Err(match actions::stored_before_hole(&refusal) {
                Some(stored) => UpstreamError::Hole { stored },
                None if actions::is_of_a_copy(&refusal) => UpstreamError::Copied(said(&refusal)),
                None => UpstreamError::Refused(said(&refusal)),
            }),
            Err(fault) => Err(UpstreamError::Unreachable(fault.to_string())),
        }
    }
}

impl Upstream for OwnDatabase {
    fn deliver(&self, batch: &[SpooledMessage]) -> Result<Acknowledged, UpstreamError> {
        let stored = self.store(batch.to_vec())?;
        self.lis.bell.ring();
        Ok(stored)
    }

    fn report(&self, status: &AgentStatus) {
        *self.status() = Some(status.clone());
    }

    fn announce(&self, status: &AgentStatus) -> Result<(), UpstreamError> {
        self.report(status);
        self.store(Vec::new()).map(|_| ())
    }

    fn held(&self, instrument: &str) -> Option<u64> {
        self.counts().get(instrument).and_then(|count| u64::try_from(*count).ok())
    }

    fn work_list(&self, instrument: &str, known: Option<&str>) -> Result<Fetched, UpstreamError> {
        let lists = self.lis.db.read_now(|conn| actions::work_lists(conn, Some(instrument))).map_err(not_taken)?;
        Ok(Fetched::of(lists.into_iter().next().unwrap_or_default(), known))
    }
}

fn not_taken(fault: Fault) -> UpstreamError {
    match fault {
        Fault::Refused(refusal) => UpstreamError::Refused(said(&refusal)),
        fault => UpstreamError::Unreachable(fault.to_string()),
    }
}

/// Why a batch is refused, in the agent's own language.
fn said(refusal: &Refusal) -> String {
    let sentences = refusal.reasons.iter().map(|reason| Language::English.sentence(reason));
    sentences.collect::<Vec<_>>().join(" ")
}

/// Reads the configuration of the server's own ports (`agent.toml` in the data directory) and hosts the agent.
/// `None` when the laboratory has no such file.
pub fn start(lis: &Lis, config: &Path) -> Result<Option<HostedAgent>, String> {
    if !config.exists() {
        return Ok(None);
    }
    let config = AgentConfig::load(config).map_err(|error| error.to_string())?;
    HostedAgent::start(lis, config).map(Some)
}

/// An agent in this process, or waiting until another process gives up its ports. Dropping it stops it and lets the ports go.
pub struct HostedAgent {
    claim: Arc<Claim>,
    stop: Arc<Stop>,
    keeper: Option<JoinHandle<()>>,
}

impl HostedAgent {
    /// Claims the ports and starts the agent; a configuration that cannot work is refused at once.
    pub fn start(lis: &Lis, config: AgentConfig) -> Result<Self, String> {
        let claim = Arc::new(Claim::new(lis, config));
        claim.look()?;
        let stop = Arc::new(Stop::default());
        let keeper = {
            let (claim, stop) = (claim.clone(), stop.clone());
            std::thread::Builder::new().name("ports".into()).spawn(move || {
                while !stop.asked_within(LOOK_EVERY) {
                    if let Err(error) = claim.look() {
                        warn!(%error, "The server's own ports are not served");
                    }
                }
            })
        };
        Ok(Self { claim, stop, keeper: Some(keeper.map_err(|error| error.to_string())?) })
    }

    /// Whether this process has the ports.
    pub fn is_serving(&self) -> bool {
        self.claim.running().is_some()
    }

    /// How the agent stands; `None` while another process has the ports.
    pub fn status(&self) -> Option<AgentStatus> {
        self.claim.running().as_ref().map(RunningAgent::status)
    }
}

impl Drop for HostedAgent {
    fn drop(&mut self) {
        self.stop.ask();
        if let Some(keeper) = self.keeper.take()
            && keeper.join().is_err()
        {
            warn!("The thread that keeps the ports had panicked");
        }
        self.claim.let_go();
    }
}

/// The ports of one configuration, and the agent that runs while they are ours.
struct Claim {
    lis: Lis,
    config: AgentConfig,
    ports: Vec<String>,
    /// Ours alone: a row with another token is somebody else's.
    token: String,
    agent: Mutex<Option<RunningAgent>>,
}

impl Claim {
    fn new(lis: &Lis, config: AgentConfig) -> Self {
        Self {
            lis: lis.clone(),
            ports: config.ports.iter().map(|port| format!("{} {}", port.instrument, port.place())).collect(),
            config,
            token: uuid::Uuid::new_v4().to_string(),
            agent: Mutex::new(None),
        }
    }

    fn running(&self) -> std::sync::MutexGuard<'_, Option<RunningAgent>> {
        self.agent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Claims or renews; starts the agent when the ports became ours and stops it when they are ours no longer.
    fn look(&self) -> Result<(), String> {
        let mine = self.claimed().map_err(|fault| fault.to_string());
        let mut running = self.running();
        match (mine, running.is_some()) {
            (Ok(true), false) => {
                let agent = self.config.agent.clone();
                let upstream =
                    OwnDatabase { lis: self.lis.clone(), agent, status: Mutex::default(), held: Mutex::default() };
                let clock = self.lis.clock.clone();
                let agent = Agent::start_with_clock(
                    self.config.clone(),
                    Arc::new(upstream),
                    Arc::new(move || clock.now().utc()),
                );
                *running = Some(agent.map_err(|error| error.to_string())?);
                Ok(())
            }
            (Ok(false), true) => {
                warn!("Another process has taken the ports of this server; they are closed here");
                *running = None;
                Ok(())
            }
            (Ok(false), false) => {
                info!("Another process serves the ports of this configuration");
                Ok(())
            }
            (Ok(true), true) => Ok(()),
            // The database is away for a moment: the agent goes on into its spool, which is what it is for.
            (Err(error), _) => Err(error),
        }
    }

    fn claimed(&self) -> Outcome<bool> {
        let real = self.lis.clock.real();
        let until = real.plus(TimeDelta::seconds(LEASE_S));
        let (ports, holder, token) = (self.ports.clone(), self.config.agent.clone(), self.token.clone());
        self.lis.db.write_now(move |tx| Ok(store::claim_ports(tx.conn, &ports, (&holder, &token), real, until)?))
    }

    fn let_go(&self) {
        *self.running() = None;
        let token = self.token.clone();
        if let Err(fault) = self.lis.db.write_now(move |tx| Ok(store::release_ports(tx.conn, &token)?)) {
            warn!(%fault, "The ports stay claimed until their lease ends");
        }
    }
}

/// Asks a thread to stop without letting it sleep on.
#[derive(Default)]
struct Stop {
    asked: AtomicBool,
    lock: Mutex<()>,
    bell: Condvar,
}

impl Stop {
    fn ask(&self) {
        self.asked.store(true, Ordering::SeqCst);
        let _held = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.bell.notify_all();
    }

    fn asked_within(&self, span: Duration) -> bool {
        let held = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.bell.wait_timeout_while(held, span, |()| !self.asked.load(Ordering::SeqCst));
        drop(waited);
        self.asked.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::super::agents::{self, Measure};
    use super::super::link_settings;
    use super::*;
    use crate::server::tests::laboratory;

    fn config(folder: &Path, agent: &str) -> AgentConfig {
        let exports = folder.join("exports");
        std::fs::create_dir_all(&exports).unwrap();
        let text = format!(
            "agent = \"{agent}\"\nspool = \"{spool}\"\n[[port]]\ninstrument = \"AAS-01\"\nprofile = \"generic_long_table\"\n\
             folder = {{ path = \"{exports}\" }}\n",
            spool = folder.join(format!("spool-{agent}")).display(),
            exports = exports.display(),
        );
        let file = folder.join(format!("{agent}.toml"));
        std::fs::write(&file, text).unwrap();
        AgentConfig::load(&file).unwrap()
    }

    #[test]
    fn a_refusal_reaches_the_agent_in_words() {
        let refusal = Refusal::from(super::super::MESSAGES_DIFFER.with("seq", 7).with("stored", 9).at("[0].seq"));
        let said = said(&refusal);
        assert!(said.contains('7') && !said.contains("Reason {") && !said.contains("problem-"), "{said}");
    }

    #[test]
    fn a_port_has_one_process_and_the_next_one_takes_over() {
        let (directory, lis) = laboratory();
        let first = HostedAgent::start(&lis, config(directory.path(), "one")).unwrap();
        assert!(first.is_serving());
        let second = HostedAgent::start(&lis, config(directory.path(), "two")).unwrap();
        assert!(!second.is_serving(), "two processes on one port");
        second.claim.look().unwrap();
        assert!(!second.is_serving(), "renewed by the first");
        drop(first);
        second.claim.look().unwrap();
        assert!(second.is_serving(), "the ports were let go");
    }

    /// The export folder of one instrument is watched by two processes, each its own part.
    #[test]
    fn ports_of_one_instrument_are_claimed_one_by_one() {
        let (directory, lis) = laboratory();
        let two_folders = |agent: &str, patterns: &[&str]| {
            let mut config = config(directory.path(), agent);
            let port = config.ports.remove(0);
            config.ports.extend(patterns.iter().map(|pattern| {
                let mut port = port.clone();
                port.folder.iter_mut().for_each(|folder| folder.pattern = (*pattern).to_owned());
                port
            }));
            config
        };
        let first = HostedAgent::start(&lis, two_folders("one", &["*.csv", "*.pdf"])).unwrap();
        assert!(first.is_serving(), "both ports of the instrument");
        let second = HostedAgent::start(&lis, two_folders("two", &["*.pdf"])).unwrap();
        assert!(!second.is_serving(), "the port of the PDF files is taken");
        let third = HostedAgent::start(&lis, two_folders("three", &["*.txt"])).unwrap();
        assert!(third.is_serving(), "nobody has this one");
    }

    /// It reports within a second or two; a loaded machine gets longer.
    #[test]
    fn the_hosted_agent_is_heard_before_it_has_a_message() {
        let (directory, lis) = laboratory();
        let _agent = HostedAgent::start(&lis, config(directory.path(), "one")).unwrap();
        let measure = Measure::new(lis.clock.real(), &lis.config);
        let until = Instant::now() + Duration::from_secs(20);
        loop {
            let heard = lis.db.read_now(|conn| agents::heard(conn, measure)).unwrap();
            if let [one] = &heard[..] {
                assert_eq!((one.row.agent.as_str(), one.row.instrument_code.as_str()), ("one", "AAS-01"));
                assert!(one.is_connected() && one.row.port.starts_with("folder "), "{one:?}");
                let kept = lis.db.read_now(|conn| link_settings::history(conn, "AAS-01")).unwrap();
                assert_eq!((kept.len(), kept[0].ports[0].profile.as_str()), (1, "generic_long_table"));
                return;
            }
            assert!(Instant::now() < until, "the agent says nothing");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    #[test]
    fn a_lease_that_was_not_renewed_passes_on_and_the_late_one_stops() {
        let (directory, lis) = laboratory();
        let first = HostedAgent::start(&lis, config(directory.path(), "one")).unwrap();
        let second = HostedAgent::start(&lis, config(directory.path(), "two")).unwrap();
        // The first process hangs longer than its lease lasts.
        let past = lis.clock.real().plus(TimeDelta::seconds(-1));
        let token = first.claim.token.clone();
        let aged = lis.db.write_now(move |tx| Ok(store::set_lease_end(tx.conn, &token, past)?)).unwrap();
        assert_eq!(aged, 1);
        second.claim.look().unwrap();
        assert!(second.is_serving());
        first.claim.look().unwrap();
        assert!(!first.is_serving(), "it came back too late");
    }
}
