//! The front desk: knows every capability and puts them together. Routes, menu, problem codes; nothing else does.

use crate::accounts::role::{PERMISSIONS, Role, allows};
use crate::domain::refusal::{self, Problem};
use crate::web::routes::{RouteInfo, Routes};
use crate::{accounts, campaigns, catalogue, instruments, jobs, mail, quality, spot_checks, testing, web};

/// Every route of the program.
pub fn routes() -> Routes {
    Routes::new()
        .and(accounts::pages::routes())
        .and(accounts::api::routes())
        .and(accounts::signing_pages::routes())
        .and(crate::audit::pages::routes())
        .and(catalogue::pages::routes())
        .and(catalogue::api::routes())
        .and(instruments::pages::routes())
        .and(instruments::api::routes())
        .and(mail::pages::routes())
        .and(campaigns::pages::routes())
        .and(campaigns::api::routes())
        .and(spot_checks::pages::routes())
        .and(spot_checks::api::routes())
        .and(testing::pages::routes())
        .and(testing::api::routes())
        .and(quality::pages::routes())
        .and(quality::api::routes())
        .and(crate::home::routes())
}

/// Routes that enterprises, regulators and the public use, for an address of their own.
pub fn is_public(route: &RouteInfo) -> bool {
    const SHARED: &[&str] = &["anyone", "signed_in"];
    SHARED.contains(&route.gate)
        || PERMISSIONS.iter().any(|(code, roles)| *code == route.gate && roles.iter().any(|role| !role.is_laboratory()))
}

/// The menu: permission, address, message key. A place is shown to those who have the permission.
const MENU: &[(&str, &str, &str)] = &[
    ("assign_items", "/assignment", "menu-assignment"),
    ("see_bench", "/worksheets", "menu-worksheets"),
    ("check_items", "/check", "menu-check"),
    ("manage_quality", "/quality", "menu-quality"),
    ("manage_catalogue", "/authorizations", "menu-authorizations"),
    ("see_bench", "/catalogue", "menu-catalogue"),
    ("repair_readings", "/inbox", "menu-inbox"),
    ("see_bench", "/instruments", "menu-instruments"),
    ("watch_deliveries", "/deliveries", "menu-deliveries"),
    ("manage_accounts", "/people", "menu-people"),
    ("read_log", "/log", "menu-log"),
    ("run_campaigns", "/campaigns", "menu-campaigns"),
    ("approve_plans", "/plans", "menu-plans"),
    ("draw_spot_checks", "/draws", "menu-draws"),
];

/// The places of the menu for somebody's roles.
pub fn menu_of(roles: &[Role]) -> Vec<(&'static str, &'static str)> {
    MENU.iter().filter(|(permission, ..)| allows(roles, permission)).map(|(_, href, key)| (*href, *key)).collect()
}

/// What the background threads look after, each on a thread of its own.
pub const QUEUES: &[(&str, jobs::Look)] =
    &[("jobs", jobs::run_one), ("mail", mail::send_one), ("messages", instruments::reader::read_some)];

/// What is done for each kind of job.
pub const JOBS: &[(&str, jobs::Work)] = &[];

/// Every problem code that the program can answer with.
pub fn problems() -> Vec<Problem> {
    [
        refusal::PROBLEMS,
        accounts::PROBLEMS,
        catalogue::PROBLEMS,
        instruments::PROBLEMS,
        mail::PROBLEMS,
        campaigns::PROBLEMS,
        spot_checks::PROBLEMS,
        testing::PROBLEMS,
        quality::PROBLEMS,
        web::csrf::PROBLEMS,
        web::reading::PROBLEMS,
        web::problem::PROBLEMS,
    ]
    .concat()
}
