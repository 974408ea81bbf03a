//! The agent beside the instruments: keeps every byte on its own disk, then forwards it.
//!
//! `instrument-agent` runs it as a program; the server hosts the same agent in-process with its own [`Upstream`].

pub mod config;
pub mod forward;
pub mod http;
pub mod page;
pub mod reporter;
pub mod status;
pub mod upstream;

use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use chrono::Utc;

use crate::clock::{Clock, sleep};
use crate::disk::dispatches::{Dispatches, Ways};
pub use crate::disk::dispatches::{Settled, Went};
use crate::disk::orders::SentOrders;
pub use crate::disk::spool::{self, MessageKind, Spool, SpoolError, SpooledMessage, Withheld};
pub use crate::disk::worklists::Fetched;
use crate::disk::worklists::WorkLists;
use crate::port::board::Board;
pub use crate::port::board::PortStatus;
use crate::port::orders::Orders;
use crate::port::questions::Questions;
pub use crate::port::settings::PortSettings;
use crate::port::{self, Desk, Outgoing, Reason, ToSend};
use crate::profile::{Profile, ProfileError};
use crate::work::WorkList;
pub use config::{AgentConfig, FolderConfig, PortConfig, SerialConfig};
pub use http::{Delivery, HttpUpstream, WireMessage};
use reporter::Reporter;
pub use status::AgentStatus;
pub use upstream::{Acknowledged, Upstream, UpstreamError};

#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    #[error("{0}")]
    Config(String),
    #[error("port '{instrument}': {source}")]
    Profile { instrument: String, source: ProfileError },
    #[error(transparent)]
    Spool(#[from] SpoolError),
    #[error("status_address {address} cannot be listened on: {source}")]
    Page { address: String, source: std::io::Error },
    #[error("a thread cannot be started: {0}")]
    Thread(std::io::Error),
}

pub struct Agent;

impl Agent {
    /// Starts one thread per port, one that forwards, and one that keeps the work lists of instruments that ask. Mistakes of
    /// the configuration are found before any port opens; a port that cannot be opened is retried and shown in the status.
    pub fn start(config: AgentConfig, upstream: Arc<dyn Upstream>) -> Result<RunningAgent, AgentError> {
        Agent::start_with_clock(config, upstream, Arc::new(Utc::now))
    }

    /// The same with a clock of the caller's.
    pub fn start_with_clock(
        config: AgentConfig,
        upstream: Arc<dyn Upstream>,
        clock: Clock,
    ) -> Result<RunningAgent, AgentError> {
        config.check().map_err(AgentError::Config)?;
        let mut profiles = Vec::new();
        for port in &config.ports {
            let profile = Profile::load(&port.profile)
                .map_err(|source| AgentError::Profile { instrument: port.instrument.clone(), source })?;
            if port.poll.is_some() && !profile.can_be_polled() {
                return Err(AgentError::Config(format!(
                    "port '{}': poll belongs to instruments that print lines; {} speaks another protocol",
                    port.instrument, profile.name
                )));
            }
            if port.send_orders && !profile.query.as_ref().is_some_and(|query| query.takes_orders()) {
                return Err(AgentError::Config(format!(
                    "port '{}': send_orders needs a profile with a [query] that says how orders are written, and not an answer alone; {} has none",
                    port.instrument, profile.name
                )));
            }
            profiles.push(Arc::new(profile));
        }
        let (spool, notes) = Spool::open(&config.spool, clock())?;
        for note in notes {
            tracing::warn!("{note}");
        }
        let spool = Arc::new(spool);
        let board = Arc::new(Board::default());
        let stop = Arc::new(AtomicBool::new(false));
        let dispatches = Arc::new(Dispatches::open(&config.spool));
        let reporter = Arc::new(Reporter {
            agent: config.agent.clone(),
            spool: spool.clone(),
            board: board.clone(),
            dispatches: dispatches.clone(),
            upstream: upstream.clone(),
            clock: clock.clone(),
            started_at: clock(),
        });
        let mut running = RunningAgent {
            reporter: reporter.clone(),
            stop: stop.clone(),
            outgoing: HashMap::new(),
            threads: Vec::new(),
        };
        let lists = Arc::new(WorkLists::open(&config.spool));
        let sent = Arc::new(SentOrders::open(&config.spool));
        let mut asking: Vec<String> = Vec::new();
        let mut ways: BTreeMap<String, Ways> = BTreeMap::new();
        for (port, profile) in config.ports.iter().cloned().zip(profiles) {
            // A folder asks nothing, and nothing is sent to it: both belong to the line of the instrument.
            let questions = if port.folder.is_none() { Questions::of(&profile, &lists) } else { None };
            let orders = if port.send_orders { Orders::of(&profile, &lists, (&sent, &dispatches)) } else { None };
            let way = ways.entry(port.instrument.clone()).or_default();
            way.orders |= orders.is_some();
            way.folder = way.folder.take().or_else(|| port.sequence_folder.clone());
            let told = questions.is_some() || orders.is_some() || port.sequence_folder.is_some();
            if told && !asking.contains(&port.instrument) {
                asking.push(port.instrument.clone());
            }
            let outgoing = running.outgoing.entry(port.instrument.clone()).or_default().clone();
            let settings = PortSettings::of(&port, &profile);
            let last = spool.last_message_at(&port.instrument, port.folder.is_some());
            board.port(&port.instrument, &port.place(), |status| {
                status.settings = Some(settings);
                status.last_message_at = last;
            });
            let desk = Desk {
                instrument: port.instrument.clone(),
                place: port.place(),
                spool: spool.clone(),
                board: board.clone(),
                stop: stop.clone(),
                clock: clock.clone(),
                outgoing,
                sending: AtomicBool::new(false),
                questions,
                orders,
            };
            running.spawn(&format!("port {}", port.instrument), move || {
                supervised(&desk.stop.clone(), || port::run(&port, &profile, &desk), || {
                    desk.status(|status| status.connected = false);
                    desk.failed("the program made a mistake while it served the port, which is opened anew; tell its makers");
                });
            })?;
        }
        if !asking.is_empty() {
            let (upstream, clock, stop) = (upstream.clone(), clock.clone(), stop.clone());
            running.spawn("work lists", move || {
                let look = |list: &WorkList| {
                    if let Some(ways) = ways.get(&list.instrument) {
                        dispatches.look(list, ways, clock());
                    }
                };
                let ask = |instrument: &str, known: Option<&str>| {
                    upstream.work_list(instrument, known).map_err(|error| error.to_string())
                };
                let stopping: &AtomicBool = &stop;
                supervised(stopping, || lists.run(&asking, &ask, (&clock, stopping), &look), || {});
            })?;
        }
        let keep = Duration::from_secs(u64::from(config.keep_days) * 24 * 3600);
        {
            let (reporter, stop) = (reporter.clone(), stop.clone());
            running.spawn("forward", move || {
                supervised(&stop, || forward::run(&reporter, &upstream, &stop), || {});
            })?;
        }
        if let Some(address) = &config.status_address {
            let page =
                page::Page::bind(address).map_err(|source| AgentError::Page { address: address.clone(), source })?;
            let stop = stop.clone();
            running.spawn("page", move || supervised(&stop, || page.serve(&reporter, &stop), || {}))?;
        }
        running.spawn("prune", move || {
            let prune = || {
                while !stop.load(Ordering::Relaxed) {
                    if let Err(error) = spool.prune(keep, clock()) {
                        tracing::warn!("Old spool segments cannot be removed: {error}");
                    }
                    sleep(PRUNE_EVERY, &stop);
                }
            };
            supervised(&stop, prune, || {});
        })?;
        Ok(running)
    }
}

/// Runs a thread's body until it ends, and again after a panic: one mistake must not leave a port or the forwarding dead for
/// the years that an agent runs. `broken` says it where people look.
fn supervised(stop: &AtomicBool, body: impl Fn(), broken: impl Fn()) {
    while catch_unwind(AssertUnwindSafe(&body)).is_err() {
        tracing::error!("A thread of the agent has panicked and begins anew");
        broken();
        sleep(BEGIN_ANEW_AFTER, stop);
        if stop.load(Ordering::Relaxed) {
            return;
        }
    }
}

/// Pause before a thread that panicked begins anew.
const BEGIN_ANEW_AFTER: Duration = Duration::from_secs(1);

/// Whole segments become old slowly; once an hour is enough.
const PRUNE_EVERY: Duration = Duration::from_secs(3600);

/// A running agent. Dropping it stops it.
pub struct RunningAgent {
    reporter: Arc<Reporter>,
    stop: Arc<AtomicBool>,
    outgoing: HashMap<String, Outgoing>,
    threads: Vec<JoinHandle<()>>,
}

impl RunningAgent {
    pub fn status(&self) -> AgentStatus {
        self.reporter.status()
    }

    /// Offers everything that was withheld once more, as new messages. Returns how many.
    pub fn resend_withheld(&self) -> std::io::Result<usize> {
        self.reporter.spool.resend_withheld((self.reporter.clock)())
    }

    /// Queues a message for an instrument: ASTM records each ended by CR, an HL7 message, a balance command.
    pub fn send(&self, instrument: &str, message: &[u8]) -> Result<(), String> {
        let outgoing =
            self.outgoing.get(instrument).ok_or_else(|| format!("there is no port for instrument '{instrument}'"))?;
        let queued = ToSend { message: message.to_vec(), reason: Reason::Command };
        outgoing.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push_back(queued);
        Ok(())
    }

    /// Stops all threads and waits for them. What is not forwarded stays in the spool.
    pub fn stop(mut self) {
        self.halt();
    }

    fn halt(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.reporter.spool.wake();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("A thread of the agent had panicked");
            }
        }
    }

    fn spawn(&mut self, name: &str, body: impl FnOnce() + Send + 'static) -> Result<(), AgentError> {
        let thread = std::thread::Builder::new().name(name.to_string()).spawn(body).map_err(AgentError::Thread)?;
        self.threads.push(thread);
        Ok(())
    }
}

impl Drop for RunningAgent {
    fn drop(&mut self) {
        self.halt();
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn a_thread_that_panics_begins_anew_until_it_ends_or_is_stopped() {
        let (runs, told) = (Cell::new(0), Cell::new(0));
        let stop = AtomicBool::new(false);
        let body = || {
            runs.set(runs.get() + 1);
            assert!(runs.get() == 2, "the first run fails");
        };
        supervised(&stop, body, || told.set(told.get() + 1));
        assert_eq!((runs.get(), told.get()), (2, 1));
        stop.store(true, Ordering::Relaxed);
        supervised(&stop, || panic!("every run fails"), || told.set(told.get() + 1));
        assert_eq!(told.get(), 2);
    }
}
