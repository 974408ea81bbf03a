//! Who acts: a signed-in person, a program with a token, an agent beside an instrument, or the system itself.

use crate::audit::Entry;
use crate::domain::identifiers::RegionCode;
use crate::domain::ids::{EnterpriseId, PersonId};
use crate::web::language::Language;

use super::role::Role;

/// Where an actor came in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Entrance {
    Session,
    Token,
    System,
}

/// Someone who acts, with what the log needs to know of him.
#[derive(Clone, Debug)]
pub struct Actor {
    pub person: PersonId,
    pub name: String,
    pub roles: Vec<Role>,
    pub region: Option<RegionCode>,
    pub enterprise: Option<EnterpriseId>,
    pub language: Language,
    pub entrance: Entrance,
    /// Address and program, as far as they are known.
    pub device: String,
    /// The request, job or message that made this happen.
    pub cause: String,
    acting: Option<Role>,
}

/// The id of nobody: the system acts.
const SYSTEM: PersonId = PersonId(0);

impl Actor {
    pub fn person(person: PersonId, name: String, roles: Vec<Role>, language: Language, entrance: Entrance) -> Self {
        Self {
            person,
            name,
            roles,
            region: None,
            enterprise: None,
            language,
            entrance,
            device: String::new(),
            cause: String::new(),
            acting: None,
        }
    }

    /// The program itself: jobs, the agent's messages, the command line on the server.
    pub fn system(device: &str, cause: impl Into<String>) -> Self {
        Self {
            device: device.to_owned(),
            cause: cause.into(),
            ..Self::person(SYSTEM, device.to_owned(), Vec::new(), Language::Chinese, Entrance::System)
        }
    }

    pub fn with_origin(mut self, device: impl Into<String>, cause: impl Into<String>) -> Self {
        self.device = device.into();
        self.cause = cause.into();
        self
    }

    pub(super) fn acting_as(&self, role: Role) -> Self {
        Self { acting: Some(role), ..self.clone() }
    }

    /// As the log and the idempotency keys name the actor.
    pub fn code(&self) -> String {
        match self.entrance {
            Entrance::System => format!("system:{}", self.device),
            Entrance::Session | Entrance::Token => format!("person:{}", self.person),
        }
    }

    /// A log entry made by this actor about one version of one object.
    pub fn entry(&self, object_kind: &'static str, object_id: i64, object_version: i64, event: &'static str) -> Entry {
        Entry::new(
            self.code(),
            self.acting.map_or("system", Role::code).to_owned(),
            self.device.clone(),
            self.cause.clone(),
            (object_kind, object_id, object_version),
            event,
        )
    }

    pub fn is_laboratory(&self) -> bool {
        self.roles.iter().any(|role| role.is_laboratory())
    }
}
