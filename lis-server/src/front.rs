//! The front desk: knows every capability and puts them together. Routes, menu, problem codes; nothing else does.

use crate::accounts::role::{PERMISSIONS, Role, allows};
use crate::domain::refusal::{self, Problem};
use crate::web::routes::{RouteInfo, Routes};
use crate::{accounts, web};

/// Every route of the program.
pub fn routes() -> Routes {
    Routes::new()
        .and(accounts::pages::routes())
        .and(accounts::api::routes())
        .and(crate::audit::pages::routes())
        .and(crate::home::routes())
}

/// Routes that enterprises, regulators and the public use, for an address of their own.
pub fn is_public(route: &RouteInfo) -> bool {
    const SHARED: &[&str] = &["anyone", "signed_in"];
    SHARED.contains(&route.gate)
        || PERMISSIONS.iter().any(|(code, roles)| *code == route.gate && roles.iter().any(|role| !role.is_laboratory()))
}

/// The menu: permission, address, message key. A place is shown to those who have the permission.
const MENU: &[(&str, &str, &str)] = &[("manage_accounts", "/people", "menu-people"), ("read_log", "/log", "menu-log")];

/// The places of the menu for somebody's roles.
pub fn menu_of(roles: &[Role]) -> Vec<(&'static str, &'static str)> {
    MENU.iter().filter(|(permission, ..)| allows(roles, permission)).map(|(_, href, key)| (*href, *key)).collect()
}

/// Every problem code that the program can answer with.
pub fn problems() -> Vec<Problem> {
    [refusal::PROBLEMS, accounts::PROBLEMS, web::csrf::PROBLEMS, web::reading::PROBLEMS, web::problem::PROBLEMS]
        .concat()
}
