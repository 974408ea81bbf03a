//! Questions of an instrument ("what is to be done with this sample?") and their answers, from the work list that the agent
//! holds. What is on it is answered at once; for anything else the server is asked first, as long as an instrument waits.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use crate::disk::worklists::{Held, WorkLists};
use crate::profile::Profile;
use crate::profile::query::{Asked, Wants};
use crate::wire::written;
use crate::work::WorkList;

/// For a sample that is not on the list the server gets so long; then the answer is that nothing is known. Analysers wait
/// 10 s and longer for the ENQ of an answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// The questions of one port.
pub struct Questions {
    profile: Arc<Profile>,
    lists: Arc<WorkLists>,
    open: Mutex<Vec<Open>>,
}

/// A question that is not answered yet.
struct Open {
    asked: Asked,
    /// The round of fetching that it waits for; `None`: everything that it asks for is known.
    round: Option<u64>,
    until: Instant,
}

/// The messages for the instrument, and what the log says of them.
pub struct Answered {
    pub messages: Vec<Vec<u8>>,
    pub note: String,
}

impl Questions {
    /// `None` for a profile that does not say how the instrument asks.
    pub fn of(profile: &Arc<Profile>, lists: &Arc<WorkLists>) -> Option<Questions> {
        profile.query.as_ref()?;
        Some(Questions { profile: profile.clone(), lists: lists.clone(), open: Mutex::default() })
    }

    /// A message has been stored; the questions in it wait for their answers from now on.
    pub fn heard(&self, instrument: &str, message: &[u8]) {
        for asked in self.profile.asked(message) {
            match asked.wants {
                Wants::Nothing => self.forget(),
                Wants::Orders | Wants::Other => {
                    let known = self.lists.of(instrument).is_some_and(|held| asked.is_known(&held.list));
                    let round = (!known && asked.wants == Wants::Orders).then(|| self.lists.ask());
                    self.open().push(Open { asked, round, until: Instant::now() + PATIENCE });
                }
            }
        }
    }

    /// The instrument is gone, or takes its question back.
    pub fn forget(&self) {
        self.open().clear();
    }

    /// The answers that can be given now.
    pub fn answers(&self, instrument: &str, now: DateTime<Utc>) -> Vec<Answered> {
        let mut open = self.open();
        let at = Instant::now();
        let is_due = |one: &Open| one.round.is_none_or(|round| self.lists.is_done(round)) || at >= one.until;
        let (due, waiting): (Vec<Open>, Vec<Open>) = std::mem::take(&mut *open).into_iter().partition(is_due);
        *open = waiting;
        due.into_iter().filter_map(|one| self.answer(instrument, &one.asked, now)).collect()
    }

    fn answer(&self, instrument: &str, asked: &Asked, now: DateTime<Utc>) -> Option<Answered> {
        let held = self.lists.of(instrument);
        let empty = WorkList::default();
        let list = held.as_ref().map_or(&empty, |held| &held.list);
        let answer = self.profile.query.as_ref()?.answer(asked, list, &written(now));
        let note = format!(
            "question for {}: {}, {}{}",
            asked.names(),
            match answer.orders {
                0 => "nothing known".to_owned(),
                orders => format!("orders for {orders} samples"),
            },
            age(held.as_ref(), now),
            unnamed(asked, list),
        );
        Some(Answered { messages: answer.messages, note })
    }

    fn open(&self) -> MutexGuard<'_, Vec<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn age(held: Option<&Held>, now: DateTime<Utc>) -> String {
    match held {
        Some(held) => format!("by the work list of {} s ago", (now - held.at).num_seconds().max(0)),
        None => "the server has never told a work list".to_owned(),
    }
}

/// What was left out because nobody has said what the instrument calls it.
fn unnamed(asked: &Asked, list: &WorkList) -> String {
    let work = asked.samples.iter().filter_map(|(sample, _)| list.of(sample));
    let names: Vec<&str> = work.flat_map(|work| work.unnamed.iter().map(String::as_str)).collect();
    if names.is_empty() {
        String::new()
    } else {
        format!("; no code of the instrument is mapped for {}", names.join(", "))
    }
}
