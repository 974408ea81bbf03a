//! "You order, we test" (你点我检): the public says what should be tested. A questionnaire is open for a while, every
//! answer is kept, the tally is frozen at closing, and a plan is made from it (`workflow.md` 4).
//!
//! The rules are pure: [`questionnaire`], [`validity`], [`tally`], [`apportion`], [`state`].

pub mod actions;
pub mod api;
pub mod apportion;
pub mod pages;
pub mod plans;
pub mod poll;
pub mod questionnaire;
pub mod state;
pub mod store;
pub mod tally;
mod tickets;
pub mod validity;
pub mod waiting;
pub mod witnesses;

use crate::domain::refusal::Problem;

pub const CAMPAIGN_WRONG_STATE: Problem = Problem::new("campaign-wrong-state", 409);
pub const CAMPAIGN_WINDOW_EMPTY: Problem = Problem::new("campaign-window-empty", 422);
pub const QUESTIONS_MISSING: Problem = Problem::new("campaign-questions-missing", 422);
pub const CHOICES_TWICE: Problem = Problem::new("campaign-choices-twice", 422);
pub const POLL_NOT_STARTED: Problem = Problem::new("poll-ticket-invalid", 422);
/// Each showing of a questionnaire gives one answer.
pub const POLL_TICKET_USED: Problem = Problem::new("poll-ticket-used", 409);
pub const RESPONSE_INVALID_ALREADY: Problem = Problem::new("response-invalid-already", 409);
pub const PLAN_TOO_FEW_BATCHES: Problem = Problem::new("plan-too-few-batches", 422);
pub const PLAN_NO_VOTES: Problem = Problem::new("plan-no-votes", 409);
pub const PLAN_WRONG_STATE: Problem = Problem::new("plan-wrong-state", 409);
pub const PLAN_OWN_DRAFT: Problem = Problem::new("plan-own-draft", 409);
/// Another plan of the campaign is approved.
pub const PLAN_NOT_THE_ONLY: Problem = Problem::new("plan-not-the-only", 409);
pub const CONSENT_IN_FUTURE: Problem = Problem::new("witness-consent-in-future", 422);
pub const CONSENT_WITHDRAWN: Problem = Problem::new("witness-consent-withdrawn", 409);

/// Codes declared in this room, for the reference list.
pub const PROBLEMS: &[Problem] = &[
    CAMPAIGN_WRONG_STATE,
    CAMPAIGN_WINDOW_EMPTY,
    QUESTIONS_MISSING,
    CHOICES_TWICE,
    POLL_NOT_STARTED,
    POLL_TICKET_USED,
    RESPONSE_INVALID_ALREADY,
    PLAN_TOO_FEW_BATCHES,
    PLAN_NO_VOTES,
    PLAN_WRONG_STATE,
    PLAN_OWN_DRAFT,
    PLAN_NOT_THE_ONLY,
    CONSENT_IN_FUTURE,
    CONSENT_WITHDRAWN,
];
