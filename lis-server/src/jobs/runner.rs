//! The threads that empty the queues, each on its own, so that a slow mail server holds back no report.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tracing::error;

use crate::app::Lis;
use crate::domain::refusal::{Fault, Outcome};

/// How often a queue is looked at without being called: repeats that became due, and what another process queued.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Rung after a command: there may be work. Each waiting thread hears every ring.
#[derive(Clone, Default, Debug)]
pub struct Bell(Arc<(Mutex<u64>, Condvar)>);

impl Bell {
    pub fn ring(&self) {
        let (count, heard) = &*self.0;
        *count.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        heard.notify_all();
    }

    /// Waits until the bell has rung since `seen`, or for a while.
    fn wait(&self, seen: &mut u64, most: Duration) {
        let (count, heard) = &*self.0;
        let count = count.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, _) =
            heard.wait_timeout_while(count, most, |now| *now == *seen).unwrap_or_else(PoisonError::into_inner);
        *seen = *count;
    }
}

/// The running threads.
pub struct Runner {
    stop: Arc<AtomicBool>,
    bell: Bell,
    threads: Vec<JoinHandle<()>>,
}

/// A queue by its name, and one look at it: `true` when something was done, so that it is worth looking again at once.
pub type Queue = (&'static str, Look);
type Look = fn(&Lis) -> Outcome<bool>;

impl Runner {
    pub fn start(lis: &Lis, queues: &[Queue]) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let mut threads = Vec::new();
        for (name, look) in queues.iter().copied() {
            let (lis, stop) = (lis.clone(), stop.clone());
            let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || empty(&lis, look, &stop))?;
            threads.push(thread);
        }
        Ok(Self { stop, bell: lis.bell.clone(), threads })
    }

    /// Lets what runs come to its end and stops.
    pub fn stop(self) {
        self.stop.store(true, Ordering::SeqCst);
        self.bell.ring();
        for thread in self.threads {
            // A thread that panicked has said so; its leases end by themselves.
            let _ = thread.join();
        }
    }
}

fn empty(lis: &Lis, look: Look, stop: &AtomicBool) {
    let mut seen = 0;
    while !stop.load(Ordering::SeqCst) {
        match look(lis) {
            // What was done may have queued something for the others: a report its mail.
            Ok(true) => lis.bell.ring(),
            Ok(false) => lis.bell.wait(&mut seen, LOOK_EVERY),
            Err(fault) => {
                error!(%fault, "A queue could not be worked on");
                lis.bell.wait(&mut seen, LOOK_EVERY);
            }
        }
    }
}

/// A demonstration or a test that makes work for itself for ever is a mistake.
const RUNS_MOST: usize = 10_000;

/// Does everything that is due now, on the calling thread, and says how many runs that took. Repeats that are due later
/// are left in the queue.
pub fn run_until_idle(lis: &Lis, queues: &[Queue]) -> Outcome<usize> {
    for runs in 0..RUNS_MOST {
        let mut worked = false;
        for (_, look) in queues {
            worked |= look(lis)?;
        }
        if !worked {
            return Ok(runs);
        }
    }
    Err(Fault::broken(format!("the queues are not empty after {RUNS_MOST} runs")))
}
