//! The front desk: knows every capability and puts them together. Routes, menu, problem codes; nothing else does.

use crate::accounts::role::{PERMISSIONS, Role, allows};
use crate::domain::refusal::{self, Problem};
use crate::web::routes::{RouteInfo, Routes};
use crate::{
    accounts, campaigns, cases, catalogue, enterprises, instruments, jobs, mail, publication, quality, reports,
    samples, spot_checks, testing, web,
};

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
        .and(reports::pages::routes())
        .and(reports::api::routes())
        .and(reports::verify::routes())
        .and(publication::portal::routes())
        .and(mail::pages::routes())
        .and(campaigns::pages::routes())
        .and(campaigns::api::routes())
        .and(spot_checks::pages::routes())
        .and(spot_checks::api::routes())
        .and(testing::pages::routes())
        .and(testing::api::routes())
        .and(quality::pages::routes())
        .and(quality::api::routes())
        .and(enterprises::pages::routes())
        .and(enterprises::api::routes())
        .and(samples::routes())
        .and(cases::pages::routes())
        .and(cases::api::routes())
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
    ("see_samples", "/samples", "menu-samples"),
    ("receive_samples", "/receipt", "menu-receipt"),
    ("import_forms", "/sampling-forms/import", "menu-import-forms"),
    ("fill_sampling_forms", "/sampling-forms/new", "menu-sampling-form"),
    ("use_portal", "/portal/orders", "menu-orders"),
    ("manage_enterprises", "/enterprises", "menu-enterprises"),
    ("see_reports", "/reports", "menu-reports"),
    ("use_portal", "/portal", "menu-portal"),
    ("read_failing_results", "/cases", "menu-cases"),
    ("use_portal", "/portal/cases", "menu-portal-cases"),
    ("manage_accounts", "/people", "menu-people"),
];

/// The places of the menu for somebody's roles.
pub fn menu_of(roles: &[Role]) -> Vec<(&'static str, &'static str)> {
    MENU.iter().filter(|(permission, ..)| allows(roles, permission)).map(|(_, href, key)| (*href, *key)).collect()
}

/// What the background threads look after, each on a thread of its own.
pub const QUEUES: &[(&str, jobs::Look)] =
    &[("jobs", jobs::run_one), ("mail", mail::send_one), ("messages", instruments::reader::read_some)];

/// What is done for each kind of job.
pub const JOBS: &[(&str, jobs::Work)] = &[(reports::issue::JOB, reports::issue::run)];

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
        catalogue::refusing::PROBLEMS,
        enterprises::PROBLEMS,
        samples::PROBLEMS,
        reports::PROBLEMS,
        cases::PROBLEMS,
        web::csrf::PROBLEMS,
        web::reading::PROBLEMS,
        web::problem::PROBLEMS,
    ]
    .concat()
}
