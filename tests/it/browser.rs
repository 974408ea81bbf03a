//! The pages in a real browser: Chromium through its driver. `tests/run` sets `LIS_TEST_BROWSER`; without it these
//! tests say that they did not run. With `LIS_SCREENSHOTS=DIR` every page that a test visits is saved there, in both
//! languages, for a person to look at.
//!
//! One test for each kind of person, on a copy of the demonstrated laboratory: signs in, does the main task, sees the
//! effect.

mod bench;
mod campaigns;
mod driver;
mod goods;
mod inbox;
mod offices;
mod outside;
pub(crate) mod pages;
mod places;
mod profiles;
mod reports;
mod sending;

use lis_tests::{Database, TestLis};

use driver::{Browser, browser_is_there, in_browser};

/// Passwords of everybody in the demonstration.
const PASSWORD: &str = "demo-laboratory";
const SIGNING_PASSWORD: &str = "demo-signature";

/// Runs a test in a browser on a copy of the demonstrated laboratory, if browser tests are wanted.
fn on_the_demonstration(test: &str, act: impl AsyncFnOnce(&TestLis, &Browser)) {
    if browser_is_there(test) {
        let lis = TestLis::demonstrated(Database::Sqlite);
        in_browser(&lis, test.rsplit("::").next().unwrap_or(test), async |browser| act(&lis, browser).await);
    }
}

/// The first text of a query on the laboratory.
fn one(lis: &TestLis, query: &str) -> String {
    lis.texts(query).into_iter().next().unwrap_or_else(|| panic!("{query} finds nothing"))
}
