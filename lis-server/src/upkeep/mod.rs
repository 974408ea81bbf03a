//! What keeps a laboratory's data: backups and bringing them back; and what the program looks at by itself every night
//! (ISO/IEC 17025 7.11.3): stored files and instruments' messages against their hashes, the log, the daily backup, the
//! server's clock. Each look is kept with what it found; a failure waits until a person says what was done.
//!
//! Looks run on the machine's time, also while a script moves the laboratory's.

pub mod actions;
pub mod api;
pub mod backup;
mod checks;
pub mod clock;
pub mod manifest;
pub mod pages;
pub mod restore;
mod store;
mod time_source;
pub mod watch;

use serde::{Deserialize, Serialize};

use crate::domain::refusal::Problem;
use crate::web::language::Language;

/// Nothing was found, so there is nothing to be done about it.
pub const RUN_GOOD: Problem = Problem::new("upkeep-run-good", 409);

/// Codes declared here.
pub const PROBLEMS: &[Problem] = &[RUN_GOOD];

/// What is looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Stored files and instruments' messages against their hashes.
    Files,
    /// The chain of the log, and its root.
    Log,
    Backup,
    /// The server's clock against others.
    Clock,
}

impl Kind {
    pub const fn code(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Log => "log",
            Self::Backup => "backup",
            Self::Clock => "clock",
        }
    }
}

/// One thing that a look found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = UpkeepFinding)]
pub struct Finding {
    /// A code such as `file-missing`, `file-damaged`, `backup-made`, `log-root`.
    pub what: String,
    /// A hash and a name, a place, a root, a sentence of the program.
    pub about: String,
}

impl Finding {
    fn new(what: &str, about: impl ToString) -> Self {
        Self { what: what.to_owned(), about: about.to_string() }
    }

    /// Its sentence; what it was kept as where there is none, because the log outlives the program that wrote it.
    pub fn said(&self, language: Language) -> String {
        let key = format!("upkeep-found-{}", self.what);
        if language.knows(&key) {
            language.text_with(&key, &[("about", self.about.as_str().into())])
        } else {
            format!("{} {}", self.what, self.about)
        }
    }
}
