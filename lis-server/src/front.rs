//! The front desk: knows every capability and puts them together. Routes, menu, problem codes; nothing else does.

use crate::accounts::role::{PERMISSIONS, Role, allows};
use crate::domain::refusal::{self, Problem};
use crate::web::routes::{RouteInfo, Routes};
use crate::{accounts, campaigns, cases, spot_checks, web};

/// Every route of the program.
pub fn routes() -> Routes {
    Routes::new()
        .and(accounts::pages::routes())
        .and(accounts::api::routes())
        .and(crate::home::routes())
        .and(campaigns::pages::routes())
        .and(campaigns::api::routes())
        .and(spot_checks::pages::routes())
        .and(spot_checks::api::routes())
        .and(cases::pages::routes())
        .and(cases::api::routes())
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
    ("run_campaigns", "/campaigns", "menu-campaigns"),
    ("approve_plans", "/plans", "menu-plans"),
    ("draw_spot_checks", "/draws", "menu-draws"),
    ("read_failing_results", "/cases", "menu-cases"),
    ("use_portal", "/portal/cases", "menu-portal-cases"),
    ("manage_accounts", "/people", "menu-people"),
];

/// The places of the menu for somebody's roles.
pub fn menu_of(roles: &[Role]) -> Vec<(&'static str, &'static str)> {
    MENU.iter().filter(|(permission, ..)| allows(roles, permission)).map(|(_, href, key)| (*href, *key)).collect()
}

/// Every problem code that the program can answer with.
pub fn problems() -> Vec<Problem> {
    [
        refusal::PROBLEMS,
        accounts::PROBLEMS,
        campaigns::PROBLEMS,
        spot_checks::PROBLEMS,
        cases::PROBLEMS,
        web::csrf::PROBLEMS,
        web::reading::PROBLEMS,
        web::problem::PROBLEMS,
    ]
    .concat()
}
