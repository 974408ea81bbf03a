//! One line of the log.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::canonical::canonical;
use crate::domain::clock::Moment;
use crate::domain::identifiers::RegionCode;

/// What happened to one object, by whom, why and what changed. Personal words in it are sealed first
/// ([`super::personal`]).
#[derive(Clone, Debug)]
pub struct Entry {
    /// `person:12`, `agent:3` or `system:jobs`.
    pub(super) actor: String,
    /// The role that allowed the act.
    pub(super) role: String,
    /// Where it was done: address and kind of program.
    pub(super) device: String,
    /// What caused it: a request, a job, a message.
    pub(super) cause: String,
    pub(super) object_kind: &'static str,
    pub(super) object_id: i64,
    pub(super) object_version: i64,
    pub(super) event: &'static str,
    pub(super) changes: Vec<(String, Value, Value)>,
    pub(super) regions: Vec<RegionCode>,
}

impl Entry {
    /// Made by an actor: `by.entry("sample", id.0, version, "sample-received")`.
    pub fn new(
        actor: String,
        role: String,
        device: String,
        cause: String,
        (object_kind, object_id, object_version): (&'static str, i64, i64),
        event: &'static str,
    ) -> Self {
        Self {
            actor,
            role,
            device,
            cause,
            object_kind,
            object_id,
            object_version,
            event,
            changes: Vec::new(),
            regions: Vec::new(),
        }
    }

    /// A field that changed from one value to another.
    pub fn change(mut self, field: impl Into<String>, old: impl Into<Value>, new: impl Into<Value>) -> Self {
        self.changes.push((field.into(), old.into(), new.into()));
        self
    }

    /// A field that got its first value.
    pub fn set(self, field: impl Into<String>, new: impl Into<Value>) -> Self {
        self.change(field, Value::Null, new)
    }

    /// Regions whose authorities learn of this entry (and those above them).
    pub fn concerning(mut self, regions: impl IntoIterator<Item = RegionCode>) -> Self {
        self.regions.extend(regions);
        self
    }

    /// The region codes as they stand in the column: sorted, each once, separated by a blank.
    pub(super) fn region_list(&self) -> String {
        let mut codes: Vec<&str> = self.regions.iter().map(RegionCode::as_str).collect();
        codes.sort_unstable();
        codes.dedup();
        codes.join(" ")
    }

    /// The exact text that is hashed.
    pub(super) fn body(&self, at: Moment) -> String {
        let changes: serde_json::Map<String, Value> =
            self.changes.iter().map(|(field, old, new)| (field.clone(), json!([old, new]))).collect();
        canonical(&json!({
            "actor": self.actor,
            "at": at.rfc3339(),
            "cause": self.cause,
            "changes": changes,
            "device": self.device,
            "event": self.event,
            "object": {"id": self.object_id, "kind": self.object_kind, "version": self.object_version},
            "regions": self.region_list(),
            "role": self.role,
        }))
    }
}

/// The leaf hash of RFC 6962: `SHA-256(0x00 ‖ body)`, as 64 hexadecimal digits.
pub fn entry_hash(body: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update([0_u8]);
    hasher.update(body.as_bytes());
    hex::encode(hasher.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_is_canonical_and_names_old_and_new() {
        let entry = Entry::new(
            "person:12".into(),
            "custodian".into(),
            "127.0.0.1".into(),
            "request:r1".into(),
            ("sample", 7, 2),
            "sample-received",
        )
        .change("state", "sealed", "accepted")
        .set("sample_no", "BZ2611-W-00001");
        let at = Moment::parse_rfc3339("2026-11-16T00:00:00Z").unwrap();
        assert_eq!(
            entry.body(at),
            r#"{"actor":"person:12","at":"2026-11-16T00:00:00.000Z","cause":"request:r1","changes":{"sample_no":[null,"BZ2611-W-00001"],"state":["sealed","accepted"]},"device":"127.0.0.1","event":"sample-received","object":{"id":7,"kind":"sample","version":2},"regions":"","role":"custodian"}"#
        );
    }

    /// Worked out with `printf '\0abc' | sha256sum`.
    #[test]
    fn the_hash_is_a_leaf_of_rfc_6962() {
        assert_eq!(entry_hash("abc"), "609f6e36d2405585188d5cfd761f407c7cc46a7d3f314c88270469dde315fcd1");
    }
}
