//! When instruments were last heard. A status tells it from the first moment on, also after the agent was started again.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::message::MessageKind;
use super::record::Head;

/// Of the line of an instrument, and of its folders.
#[derive(Debug, Default)]
pub struct Heard(HashMap<String, [Option<DateTime<Utc>>; 2]>);

impl Heard {
    /// Messages and files count; halves are no messages.
    pub fn insert(&mut self, head: &Head) {
        if matches!(head.kind, MessageKind::Message | MessageKind::File) {
            let file = head.kind == MessageKind::File;
            self.0.entry(head.instrument.clone()).or_default()[usize::from(file)] = Some(head.received_at);
        }
    }

    pub fn last(&self, instrument: &str, in_folder: bool) -> Option<DateTime<Utc>> {
        self.0.get(instrument)?[usize::from(in_folder)]
    }
}
