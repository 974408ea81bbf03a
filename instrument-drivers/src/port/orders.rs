//! Orders that an instrument gets without asking: what its work list holds and it does not have yet, and what it has and is
//! wanted no more.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use crate::disk::dispatches::{Dispatches, Went};
use crate::disk::orders::{Sent, SentOrders};
use crate::disk::worklists::WorkLists;
use crate::profile::Profile;
use crate::profile::query::Change;
use crate::wire::astm_orders::OrderAction;
use crate::wire::written;
use crate::work::{Dispatch, WorkList};

/// After orders that were not delivered the instrument is left alone for so long.
const AGAIN_AFTER: Duration = Duration::from_secs(300);

/// The orders of one port.
pub struct Orders {
    profile: Arc<Profile>,
    lists: Arc<WorkLists>,
    sent: Arc<SentOrders>,
    dispatches: Arc<Dispatches>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    on_the_way: Option<OnTheWay>,
    /// The tag of the work list in which nothing waits that a person sent.
    looked: Option<String>,
    /// The tag of the work list in which nothing is new.
    settled: Option<String>,
    not_before: Option<Instant>,
}

/// A message that the instrument does not have yet.
struct OnTheWay {
    /// What it has when the message has arrived.
    then: Sent,
    /// A person sent it.
    dispatch: Option<i64>,
}

/// A message for the instrument, and what the log says of it.
pub struct Download {
    pub message: Vec<u8>,
    pub note: String,
}

impl Orders {
    /// `None` for a profile that does not say how orders are written.
    pub fn of(
        profile: &Arc<Profile>,
        lists: &Arc<WorkLists>,
        (sent, dispatches): (&Arc<SentOrders>, &Arc<Dispatches>),
    ) -> Option<Orders> {
        profile.query.as_ref().filter(|query| query.takes_orders())?;
        Some(Orders {
            profile: profile.clone(),
            lists: lists.clone(),
            sent: sent.clone(),
            dispatches: dispatches.clone(),
            state: Mutex::default(),
        })
    }

    /// What is to be sent now; nothing while a message is on its way.
    pub fn due(&self, instrument: &str, now: DateTime<Utc>, at: Instant) -> Option<Download> {
        let mut state = self.state();
        let tag = self.lists.tag_of(instrument)?;
        if state.on_the_way.is_some() {
            return None;
        }
        if state.looked.as_ref() != Some(&tag) {
            match self.dispatched(instrument, now) {
                Some((download, on_the_way)) => {
                    state.on_the_way = Some(on_the_way);
                    return Some(download);
                }
                None => state.looked = Some(tag.clone()),
            }
        }
        let waits = state.not_before.is_some_and(|from| at < from);
        if waits || state.settled.as_ref() == Some(&tag) {
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
        state.on_the_way = Some(OnTheWay { then, dispatch: None });
        Some(Download { message, note })
    }

    /// The first that a person sent and that has not been tried: all of it, whatever the instrument has.
    fn dispatched(&self, instrument: &str, now: DateTime<Utc>) -> Option<(Download, OnTheWay)> {
        let list = self.lists.of(instrument)?.list;
        let waits = |dispatch: &&Dispatch| !dispatch.samples.is_empty() && !self.dispatches.is_settled(dispatch.id);
        let dispatch = list.dispatches.iter().find(waits)?;
        let all = dispatch.samples.iter().map(|work| Change {
            label_code: &work.label_code,
            tests: work.tests.iter().collect(),
            action: OrderAction::New,
        });
        let changes: Vec<Change<'_>> = all.collect();
        let mut then = self.sent.of(instrument);
        for work in &dispatch.samples {
            then.entry(work.label_code.clone()).or_default().extend(work.tests.iter().cloned());
        }
        let note = format!("orders for {} samples, sent by a person", changes.len());
        let message = self.profile.query.as_ref()?.download(&changes, &written(now));
        Some((Download { message, note }, OnTheWay { then, dispatch: Some(dispatch.id) }))
    }

    /// The instrument has them; what is told of it.
    pub fn delivered(&self, instrument: &str, now: DateTime<Utc>) -> &'static str {
        let arrived = self.state().on_the_way.take();
        let by_a_person = arrived.as_ref().and_then(|arrived| arrived.dispatch);
        if let Some(arrived) = arrived {
            self.keep(instrument, arrived.then);
        }
        match by_a_person {
            Some(id) => {
                self.dispatches.settle(id, instrument, (Went::Delivered, ""), now);
                "the instrument has the orders that a person sent"
            }
            None => "the instrument has all orders of its work list",
        }
    }

    /// It does not. Those of the work list are made anew from what it holds then; those that a person sent are his to send
    /// again.
    pub fn not_delivered(&self, instrument: &str, why: &str, (now, at): (DateTime<Utc>, Instant)) {
        let mut state = self.state();
        match state.on_the_way.take().and_then(|lost| lost.dispatch) {
            Some(id) => self.dispatches.settle(id, instrument, (Went::Refused, why), now),
            None => state.not_before = Some(at + AGAIN_AFTER),
        }
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
        WorkList { instrument: "X-1".into(), samples: samples.iter().map(work).collect(), ..WorkList::default() }
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
