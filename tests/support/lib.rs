//! What the whole-system tests share: one line starts the whole program with a fresh database on either kind, makes
//! people, and gives clients that know nothing but HTTP.
//!
//! ```text
//! both_databases!(a_person_signs_in, |lis: TestLis| {
//!     let li = lis.person("li", &[Role::Tester]);
//!     let page = lis.signed_in(&li).get("/").expect(200).page();
//!     assert!(page.text().contains("li"));
//! });
//! ```

pub mod client;
pub mod clock;
pub mod database;
mod demonstrated;
pub mod figures;
pub mod filling;
pub mod page;
pub mod program;
/// Shared with the tests of the drivers, which know nothing of this package.
#[path = "../../instrument-drivers/tests/support/running.rs"]
mod running;
pub mod system;

pub use client::{Client, Reply};
pub use clock::TestClock;
pub use database::{Database, FreshDatabase};
pub use demonstrated::demo_played_ahead;
pub use page::{Form, Page};
pub use program::Program;
pub use system::{PASSWORD, Person, TestLis};

/// A test on both databases: `NAME::sqlite` and `NAME::postgres`. Without a PostgreSQL the second half says so aloud.
#[macro_export]
macro_rules! both_databases {
    ($(#[$attribute:meta])* $name:ident, |$lis:ident: $system:ident| $body:block) => {
        $crate::both_databases!(@ start, $(#[$attribute])* $name, |$lis: $system| $body);
    };
    (@ $begin:ident, $(#[$attribute:meta])* $name:ident, |$lis:ident: $system:ident| $body:block) => {
        $(#[$attribute])*
        mod $name {
            #[allow(unused_imports, reason = "a test may use nothing of the module around it")]
            use super::*;

            fn check($lis: $system) $body

            #[test]
            fn sqlite() {
                check($system::$begin($crate::Database::Sqlite));
            }

            #[test]
            fn postgres() {
                if $crate::database::postgres_is_there(module_path!()) {
                    check($system::$begin($crate::Database::Postgres));
                }
            }
        }
    };
}

/// The same for a check that starts what it needs itself: it is told which kind of database.
#[macro_export]
macro_rules! on_both {
    ($name:ident, $check:expr) => {
        mod $name {
            use super::*;

            #[test]
            fn sqlite() {
                $check($crate::Database::Sqlite);
            }

            #[test]
            fn postgres() {
                if $crate::database::postgres_is_there(module_path!()) {
                    $check($crate::Database::Postgres);
                }
            }
        }
    };
}

/// As `both_databases!`, on a laboratory in which the demonstration has run; the test has a copy of it for itself.
#[macro_export]
macro_rules! demonstrated {
    ($(#[$attribute:meta])* $name:ident, |$lis:ident: $system:ident| $body:block) => {
        $crate::both_databases!(@ demonstrated, $(#[$attribute])* $name, |$lis: $system| $body);
    };
}
