//! The front desk: knows every capability and puts them together. Routes, menu, problem codes; nothing else does.

use crate::accounts::role::{PERMISSIONS, Role, allows};
use crate::domain::refusal::{self, Problem};
use crate::web::routes::{RouteInfo, Routes};
use crate::{accounts, catalogue, quality, testing, web};

/// Every route of the program.
pub fn routes() -> Routes {
    Routes::new()
        .and(accounts::pages::routes())
        .and(accounts::api::routes())
        .and(catalogue::pages::routes())
        .and(catalogue::api::routes())
        .and(testing::pages::routes())
        .and(testing::api::routes())
        .and(quality::pages::routes())
        .and(quality::api::routes())
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
    ("assign_items", "/assignment", "menu-assignment"),
    ("see_bench", "/worksheets", "menu-worksheets"),
    ("check_items", "/check", "menu-check"),
    ("manage_quality", "/quality", "menu-quality"),
    ("manage_catalogue", "/authorizations", "menu-authorizations"),
    ("see_bench", "/catalogue", "menu-catalogue"),
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
        catalogue::PROBLEMS,
        testing::PROBLEMS,
        quality::PROBLEMS,
        web::csrf::PROBLEMS,
        web::reading::PROBLEMS,
        web::problem::PROBLEMS,
    ]
    .concat()
}
