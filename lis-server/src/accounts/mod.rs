//! Accounts: people, roles, regions, sessions, tokens, signing grants.
//!
//! A person signs in with a password and gets a session; a program gets a token that carries its person's rights,
//! narrowed by scopes. What a role may do stands in one table ([`role`]); who acts stands in every signature
//! ([`May`]). Sessions, tokens and lock-outs run on the machine's time, never on a scripted one. A person whose password
//! somebody else set signs nothing until a second one has released it ([`releasing`]).

pub mod actions;
pub mod actor;
pub mod api;
mod bounds;
pub mod confirming;
mod contacts;
pub mod doors;
pub mod erasing;
pub mod extract;
mod named;
pub mod pace;
pub mod pages;
mod regions;
pub mod releasing;
pub mod role;
pub mod secrets;
pub mod session;
pub mod signing;
pub mod signing_pages;
pub mod store;
mod tokens;
pub mod waiting;

pub use actor::{Actor, Entrance};
pub use role::{May, Permission, Role};

use crate::domain::refusal::Problem;

pub const USERNAME_TAKEN: Problem = Problem::new("username-taken", 409);
pub const ROLE_UNKNOWN: Problem = Problem::new("role-unknown", 422);
pub const ROLE_MISSING: Problem = Problem::new("role-missing", 422);
pub const ROLES_CONFLICT: Problem = Problem::new("roles-conflict", 422);
pub const REGION_UNKNOWN: Problem = Problem::new("region-unknown", 422);
pub const REGION_MISSING: Problem = Problem::new("region-missing", 422);
pub const ENTERPRISE_MISSING: Problem = Problem::new("enterprise-missing", 422);
pub const ENTERPRISE_UNKNOWN: Problem = Problem::new("enterprise-unknown", 422);
pub const LAST_ADMINISTRATOR: Problem = Problem::new("last-administrator", 409);
pub const SIGN_IN_FAILED: Problem = Problem::new("sign-in-failed", 401);
pub const SIGN_IN_NEEDED: Problem = Problem::new("sign-in-needed", 401);
pub const SIGN_IN_LOCKED: Problem = Problem::new("sign-in-locked", 429);
pub const PASSWORD_WRONG: Problem = Problem::new("password-wrong", 422);
pub const SIGNING_PASSWORD_UNSET: Problem = Problem::new("signing-password-unset", 409);
pub const SIGNING_PASSWORD_SAME: Problem = Problem::new("signing-password-same", 422);
pub const GRANT_MISSING: Problem = Problem::new("signing-grant-missing", 403);
pub const SCOPE_UNKNOWN: Problem = Problem::new("scope-unknown", 422);
pub const PERSON_INACTIVE: Problem = Problem::new("person-inactive", 409);
pub const PASSWORD_MUST_CHANGE: Problem = Problem::new("password-must-change", 403);
pub const TOO_MANY_REQUESTS: Problem = Problem::new("too-many-requests", 429);
/// Of the doors that stand open to everybody, for one address.
pub const TOO_MANY_FROM_ADDRESS: Problem = Problem::new("too-many-from-address", 429);
/// Somebody else set the person's password; he signs nothing until it is released.
pub const SIGNING_HELD: Problem = Problem::new("signing-held", 409);
pub const SIGNING_NOT_HELD: Problem = Problem::new("signing-not-held", 409);
/// Nobody releases himself.
pub const SIGNING_OWN_RELEASE: Problem = Problem::new("signing-own-release", 409);
/// The person has not changed the password that somebody else knows.
pub const SIGNING_FIRST_PASSWORD: Problem = Problem::new("signing-first-password", 409);
/// What is known of the person was erased.
pub const PERSON_ERASED: Problem = Problem::new("person-erased", 409);
/// Who still has an account in use is not erased.
pub const PERSON_ACTIVE: Problem = Problem::new("person-active", 409);

/// Codes declared in this room, for the reference list.
pub const PROBLEMS: &[Problem] = &[
    USERNAME_TAKEN,
    ROLE_UNKNOWN,
    ROLE_MISSING,
    ROLES_CONFLICT,
    REGION_UNKNOWN,
    REGION_MISSING,
    ENTERPRISE_MISSING,
    ENTERPRISE_UNKNOWN,
    LAST_ADMINISTRATOR,
    SIGN_IN_FAILED,
    SIGN_IN_NEEDED,
    SIGN_IN_LOCKED,
    PASSWORD_WRONG,
    SIGNING_PASSWORD_UNSET,
    SIGNING_PASSWORD_SAME,
    GRANT_MISSING,
    SCOPE_UNKNOWN,
    PERSON_INACTIVE,
    PASSWORD_MUST_CHANGE,
    TOO_MANY_REQUESTS,
    TOO_MANY_FROM_ADDRESS,
    SIGNING_HELD,
    SIGNING_NOT_HELD,
    SIGNING_OWN_RELEASE,
    SIGNING_FIRST_PASSWORD,
    PERSON_ERASED,
    PERSON_ACTIVE,
    secrets::PASSWORD_TOO_SHORT,
    secrets::PASSWORD_TOO_LONG,
    secrets::PASSWORD_TOO_COMMON,
];
