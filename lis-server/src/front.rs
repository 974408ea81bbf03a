//! The front desk: knows every capability and puts them together. Routes, menu, problem codes; nothing else does.

use crate::accounts::role::{PERMISSIONS, Role, allows};
use crate::domain::refusal::{self, Problem};
use crate::web::routes::{RouteInfo, Routes};
use crate::{accounts, jobs, mail, publication, reports, web};

/// Every route of the program.
pub fn routes() -> Routes {
    Routes::new()
        .and(accounts::pages::routes())
        .and(accounts::api::routes())
        .and(accounts::signing_pages::routes())
        .and(reports::pages::routes())
        .and(reports::api::routes())
        .and(reports::verify::routes())
        .and(publication::portal::routes())
        .and(mail::pages::routes())
        .and(crate::home::routes())
}

/// The list of routes for the reference and the guard tests.
pub fn route_infos() -> Vec<RouteInfo> {
    routes().infos()
}

/// Routes that enterprises, regulators and the public use, for an address of their own.
pub fn is_public(route: &RouteInfo) -> bool {
    const SHARED: &[&str] = &["anyone", "signed_in"];
    SHARED.contains(&route.gate)
        || PERMISSIONS.iter().any(|(code, roles)| *code == route.gate && roles.iter().any(|role| !role.is_laboratory()))
}

/// The menu: permission, address, message key. A place is shown to those who have the permission.
const MENU: &[(&str, &str, &str)] = &[
    ("see_reports", "/reports", "menu-reports"),
    ("use_portal", "/portal", "menu-portal"),
    ("watch_deliveries", "/deliveries", "menu-deliveries"),
    ("manage_accounts", "/people", "menu-people"),
];

/// The places of the menu for somebody's roles.
pub fn menu_of(roles: &[Role]) -> Vec<(&'static str, &'static str)> {
    MENU.iter().filter(|(permission, ..)| allows(roles, permission)).map(|(_, href, key)| (*href, *key)).collect()
}

/// What is done for each kind of job.
pub const JOBS: &[(&str, jobs::Work)] = &[(reports::issue::JOB, reports::issue::run)];

/// Every problem code that the program can answer with.
pub fn problems() -> Vec<Problem> {
    [
        refusal::PROBLEMS,
        accounts::PROBLEMS,
        mail::PROBLEMS,
        reports::PROBLEMS,
        web::csrf::PROBLEMS,
        web::reading::PROBLEMS,
        web::problem::PROBLEMS,
    ]
    .concat()
}
