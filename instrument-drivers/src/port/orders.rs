//! Orders that an instrument gets without asking: what its work list holds and it does not have yet, and what it has and is
//! wanted no more.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use crate::agent::orders::{Sent, SentOrders};
use crate::agent::worklists::WorkLists;
use crate::profile::Profile;
use crate::profile::query::Change;
use crate::wire::astm_orders::OrderAction;
use crate::wire::written;
use crate::work::WorkList;

/// After orders that were not delivered the instrument is left alone for so long.
const AGAIN_AFTER: Duration = Duration::from_secs(300);

/// The orders of one port.
pub struct Orders {
    profile: Arc<Profile>,
    lists: Arc<WorkLists>,
    sent: Arc<SentOrders>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// What the instrument has when the message that is on its way has arrived.
    on_the_way: Option<Sent>,
    /// The tag of the work list in which nothing is new.
    settled: Option<String>,
    not_before: Option<Instant>,
}

/// A message for the instrument, and what the log says of it.
pub struct Download {
    pub message: Vec<u8>,
    pub note: String,
}

impl Orders {
    /// `None` for a profile that does not say how orders are written.
    pub fn of(profile: &Arc<Profile>, lists: &Arc<WorkLists>, sent: &Arc<SentOrders>) -> Option<Orders> {
        profile.query.as_ref().filter(|query| query.takes_orders())?;
        Some(Orders { profile: profile.clone(), lists: lists.clone(), sent: sent.clone(), state: Mutex::default() })
    }

    /// What is to be sent now; nothing while a message is on its way.
    pub fn due(&self, instrument: &str, now: DateTime<Utc>, at: Instant) -> Option<Download> {
        let mut state = self.state();
        let tag = self.lists.tag_of(instrument)?;
        let waits = state.not_before.is_some_and(|from| at < from);
        if state.on_the_way.is_some() || waits || state.settled.as_ref() == Some(&tag) {
            return None;
        }
        let list = self.lists.of(instrument)?.list;
        let (changes, then) = changes(&list, &self.sent.of(instrument));
        if changes.is_empty() {
            state.settled = Some(tag);
            self.keep(instrument, then);
            return None;
        }
        let of = |action| changes.iter().filter(|change| change.action == action).count();
        let note = format!("orders for {} samples, {} taken back", of(OrderAction::New), of(OrderAction::Cancel));
        let message = self.profile.query.as_ref()?.download(&changes, &written(now));
        state.on_the_way = Some(then);
        Some(Download { message, note })
    }

    /// The instrument has them.
    pub fn delivered(&self, instrument: &str) {
        if let Some(sent) = self.state().on_the_way.take() {
            self.keep(instrument, sent);
        }
    }

    /// It does not; they are made anew from what the work list holds then.
    pub fn not_delivered(&self, at: Instant) {
        let mut state = self.state();
        (state.on_the_way, state.not_before) = (None, Some(at + AGAIN_AFTER));
    }

    fn keep(&self, instrument: &str, sent: Sent) {
        if let Err(error) = self.sent.set(instrument, sent) {
            tracing::warn!(
                "Which orders the instrument has cannot be stored; after a restart it gets them again: {error}"
            );
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the instrument is to be told, and what it has then. A test that left the list was measured: it is forgotten, so that
/// its repetition is ordered again.
fn changes<'l>(list: &'l WorkList, sent: &Sent) -> (Vec<Change<'l>>, Sent) {
    let (mut changes, mut then) = (Vec::new(), Sent::new());
    for work in &list.samples {
        let has = sent.get(&work.label_code).cloned().unwrap_or_default();
        let new = work.tests.iter().filter(|test| !has.contains(*test));
        let taken_back = work.cancelled.iter().filter(|test| has.contains(*test));
        for (action, tests) in
            [(OrderAction::New, new.collect::<Vec<&String>>()), (OrderAction::Cancel, taken_back.collect())]
        {
            if !tests.is_empty() {
                changes.push(Change { label_code: &work.label_code, tests, action });
            }
        }
        if !work.tests.is_empty() {
            then.insert(work.label_code.clone(), work.tests.iter().cloned().collect());
        }
    }
    (changes, then)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::work::Work;

    /// Label, tests that wait, tests that were cancelled.
    fn list(samples: &[(&str, &[&str], &[&str])]) -> WorkList {
        let texts = |texts: &[&str]| texts.iter().map(|text| text.to_string()).collect();
        let work = |(label, tests, cancelled): &(&str, &[&str], &[&str])| Work {
            label_code: label.to_string(),
            tests: texts(tests),
            cancelled: texts(cancelled),
            ..Work::default()
        };
        WorkList { instrument: "X-1".into(), samples: samples.iter().map(work).collect() }
    }

    fn told(list: &WorkList, sent: &mut Sent) -> Vec<String> {
        let (changes, then) = changes(list, sent);
        *sent = then;
        let words = |tests: &[&String]| tests.iter().map(|test| test.as_str()).collect::<Vec<_>>().join(" ");
        changes.iter().map(|one| format!("{:?} {} {}", one.action, one.label_code, words(&one.tests))).collect()
    }

    #[test]
    fn every_order_is_sent_once_and_taken_back_when_it_is_cancelled() {
        let mut sent = Sent::new();
        let both = list(&[("100", &["Pb", "Cd"], &[]), ("200", &["Pb"], &[])]);
        assert_eq!(told(&both, &mut sent), ["New 100 Pb Cd", "New 200 Pb"]);
        assert_eq!(told(&both, &mut sent), [] as [&str; 0]);
        // A test is added; one that the instrument has is cancelled, one that it never had as well.
        let changed = list(&[("100", &["Pb", "As"], &["Cd", "Hg"]), ("200", &["Pb"], &[])]);
        assert_eq!(told(&changed, &mut sent), ["New 100 As", "Cancel 100 Cd"]);
        assert_eq!(told(&changed, &mut sent), [] as [&str; 0]);
        // Measured, and ordered once more for a repetition.
        assert_eq!(told(&list(&[("200", &["Pb"], &[])]), &mut sent), [] as [&str; 0]);
        assert_eq!(told(&changed, &mut sent), ["New 100 Pb As"]);
    }
}
