//! Failing cases: whose they are, what the regulators pull and acknowledge, service on the operators, the clocks,
//! and its notices, applications for re-inspection and objections (`workflow.md` 3, 10-13). [`state`] and [`clocks`] are pure.

pub mod actions;
pub mod acts;
pub mod alarm;
mod alarm_pages;
pub mod api;
mod authority;
mod calls;
pub mod clocks;
pub mod erasing;
pub mod feed;
pub mod handling;
pub mod handling_record;
mod law;
mod matter;
pub mod notice;
pub mod pages;
pub mod portal;
mod portal_pages;
pub mod published;
pub mod rapid;
mod rapid_pages;
pub mod rapid_pictures;
mod shown_clocks;
pub mod state;
pub mod store;
#[cfg(test)]
mod tests;
pub mod urgent;
mod urgent_pages;

use crate::domain::refusal::Problem;

pub const CURSOR_UNKNOWN: Problem = Problem::new("feed-cursor-unknown", 409);
pub const CASE_WRONG_STATE: Problem = Problem::new("case-wrong-state", 409);
/// The conclusion of a case fell: there is nothing to publish, and nothing to test again.
pub const CONCLUSION_FELL: Problem = Problem::new("case-conclusion-fell", 409);
/// Seen by an authority whose step it is not.
pub const OTHER_AUTHORITY: Problem = Problem::new("case-other-authority", 403);
pub const SERVICE_OTHER_AUTHORITY: Problem = Problem::new("case-service-other-authority", 403);
/// What is still owed or open to somebody before a case is handled and closed.
pub const UNACKNOWLEDGED: Problem = Problem::new("case-not-acknowledged", 409);
pub const UNSERVED: Problem = Problem::new("case-not-served", 409);
pub const PERIOD_RUNS: Problem = Problem::new("case-period-runs", 409);
pub const SERVED_ALREADY: Problem = Problem::new("case-served-already", 409);
pub const SERVED_IN_FUTURE: Problem = Problem::new("case-served-in-future", 422);
pub const SERVED_TOO_EARLY: Problem = Problem::new("case-served-too-early", 422);
pub const PARTY_ABSENT: Problem = Problem::new("case-party-absent", 409);
pub const APPLICATION_LATE: Problem = Problem::new("application-late", 409);
pub const APPLICATION_SECOND: Problem = Problem::new("application-second", 409);
pub const APPLICATION_MICROBIOLOGY: Problem = Problem::new("application-microbiology", 409);
pub const APPLICATION_NO_BACKUP: Problem = Problem::new("application-no-backup", 409);
pub const APPLICATION_BACKUP_EXPIRED: Problem = Problem::new("application-backup-expired", 409);
/// Farm produce of an agriculture department is tested again; its law knows no objections.
pub const APPLICATION_ONLY_RETEST: Problem = Problem::new("application-only-retest", 409);
pub const APPLICATION_DECIDED: Problem = Problem::new("application-decided", 409);
pub const PUBLISHED_ALREADY: Problem = Problem::new("case-published-already", 409);
pub const NOT_FOR_THE_PUBLIC: Problem = Problem::new("case-not-for-the-public", 409);
/// What the record of handling cannot say, and what it does not say yet.
pub const HANDLING_AMOUNTS: Problem = Problem::new("case-handling-amounts", 422);
pub const HANDLING_INCOMPLETE: Problem = Problem::new("case-handling-incomplete", 409);

/// What cannot be recorded of a re-inspection, an objection, a recall or a seizure.
pub const ACT_OUT_OF_PLACE: Problem = Problem::new("case-act-out-of-place", 409);
pub const ACT_IN_FUTURE: Problem = Problem::new("case-act-in-future", 422);
pub const ACT_TOO_EARLY: Problem = Problem::new("case-act-too-early", 422);
/// A limit that was missed is not made longer afterwards.
pub const LIMIT_OVER: Problem = Problem::new("case-limit-over", 409);

/// The authority was told of a finding of possible serious harm before.
pub const TOLD_ALREADY: Problem = Problem::new("urgent-finding-told", 409);

/// What stands against the re-test of a rapid test.
pub const RAPID_NEGATIVE: Problem = Problem::new("rapid-test-negative", 409);
pub const RAPID_ASKED: Problem = Problem::new("rapid-test-asked", 409);
pub const RAPID_LATE: Problem = Problem::new("rapid-test-late", 409);
pub const RAPID_RETESTED: Problem = Problem::new("rapid-test-retested", 409);
pub const RAPID_OTHER_SAMPLE: Problem = Problem::new("rapid-test-other-sample", 422);
pub const RAPID_PICTURE_KNOWN: Problem = Problem::new("rapid-picture-known", 409);
/// Its personal words are needed still, or are gone.
pub const RAPID_OPEN: Problem = Problem::new("rapid-test-open", 409);
pub const RAPID_ERASED: Problem = Problem::new("rapid-test-erased", 409);

/// Codes declared in this room, for the reference list.
pub const PROBLEMS: &[Problem] = &[
    CURSOR_UNKNOWN,
    CASE_WRONG_STATE,
    CONCLUSION_FELL,
    OTHER_AUTHORITY,
    SERVICE_OTHER_AUTHORITY,
    UNACKNOWLEDGED,
    UNSERVED,
    PERIOD_RUNS,
    SERVED_ALREADY,
    SERVED_IN_FUTURE,
    SERVED_TOO_EARLY,
    PARTY_ABSENT,
    APPLICATION_LATE,
    APPLICATION_SECOND,
    APPLICATION_MICROBIOLOGY,
    APPLICATION_NO_BACKUP,
    APPLICATION_BACKUP_EXPIRED,
    APPLICATION_ONLY_RETEST,
    APPLICATION_DECIDED,
    PUBLISHED_ALREADY,
    NOT_FOR_THE_PUBLIC,
    HANDLING_AMOUNTS,
    HANDLING_INCOMPLETE,
    ACT_OUT_OF_PLACE,
    ACT_IN_FUTURE,
    ACT_TOO_EARLY,
    LIMIT_OVER,
    TOLD_ALREADY,
    RAPID_NEGATIVE,
    RAPID_ASKED,
    RAPID_LATE,
    RAPID_RETESTED,
    RAPID_OTHER_SAMPLE,
    RAPID_PICTURE_KNOWN,
    RAPID_OPEN,
    RAPID_ERASED,
];
