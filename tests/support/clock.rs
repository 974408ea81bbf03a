//! Two clocks in one: the laboratory's, moved by the test, and the machine's, which a test may push ahead.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::TimeDelta;
use lis_server::domain::clock::{Clock, Moment, ScriptedClock, SystemClock};

/// The laboratory's time of a test begins here, as in the demonstration.
const START: &str = "2026-11-16T00:00:00Z";

/// The clock of a [`crate::TestLis`].
pub struct TestClock {
    laboratory: Arc<ScriptedClock>,
    real_ahead_ms: AtomicI64,
}

impl Default for TestClock {
    fn default() -> Self {
        let start = Moment::parse_rfc3339(START).expect("a valid time");
        Self { laboratory: Arc::new(ScriptedClock::starting_at(start)), real_ahead_ms: AtomicI64::new(0) }
    }
}

impl TestClock {
    /// Moves the laboratory's time: records, deadlines, reports.
    pub fn advance(&self, by: TimeDelta) {
        self.laboratory.advance(by);
    }

    /// The laboratory's half, for a script that moves it.
    pub fn script(&self) -> Arc<ScriptedClock> {
        self.laboratory.clone()
    }

    /// Sets the laboratory's time.
    pub fn set(&self, to: Moment) {
        self.laboratory.set(to);
    }

    /// Pushes the machine's time ahead: sessions, tokens, lock-outs.
    pub fn advance_real(&self, by: TimeDelta) {
        self.real_ahead_ms.fetch_add(by.num_milliseconds(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Moment {
        self.laboratory.now()
    }

    fn real(&self) -> Moment {
        SystemClock.real().plus(TimeDelta::milliseconds(self.real_ahead_ms.load(Ordering::SeqCst)))
    }
}
