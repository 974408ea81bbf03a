//! Nothing that takes something is left out: every POST of the program is in one of the lists of this folder, or is exempt
//! for a reason that stands here.

use lis_server::server;
use lis_tests::{TestLis, demonstrated};

use super::{forms, imports, questions, sent};

/// Routes that no list attacks, each with its reason.
const EXEMPT: &[(&str, &str)] =
    &[("/profiles/new", "any file may be an instrument's: those that are none are in tests/it/profiles.rs")];

/// Whether an address is one of a route: its variables stand for anything.
fn fits(route: &str, address: &str) -> bool {
    let (route, address): (Vec<&str>, Vec<&str>) = (route.split('/').collect(), address.split('/').collect());
    route.len() == address.len()
        && route.iter().zip(&address).all(|(part, given)| part.starts_with('{') || part == given)
}

/// The route that an address leads to: of those that it fits the one with the fewest variables.
fn route_of<'r>(routes: &[&'r str], address: &str) -> Option<&'r str> {
    let address = address.split('?').next().unwrap_or_default();
    routes.iter().copied().filter(|route| fits(route, address)).min_by_key(|route| route.matches('{').count())
}

/// Routes that no address leads to and that are not exempt, and addresses that lead to none.
pub fn unattacked(routes: &[&str], attacked: &[String], exempt: &[(&str, &str)]) -> Vec<String> {
    let reached: Vec<&str> = attacked.iter().filter_map(|address| route_of(routes, address)).collect();
    let left = routes
        .iter()
        .filter(|route| !reached.contains(route) && !exempt.iter().any(|(exempt, _)| exempt == *route))
        .map(|route| format!("POST {route} is attacked by no list of tests/it/bad_input"));
    let lost = attacked
        .iter()
        .filter(|address| route_of(routes, address).is_none())
        .map(|address| format!("{address} is no POST of the program"));
    let idle = exempt
        .iter()
        .filter(|(route, _)| reached.contains(route) || !routes.contains(route))
        .map(|(route, _)| format!("{route} needs no exemption"));
    left.chain(lost).chain(idle).collect()
}

/// Every POST of the program: of the API, or of the pages.
pub fn posts(of_api: bool) -> Vec<&'static str> {
    let infos = server::route_infos();
    let wanted = infos.iter().filter(|route| route.method == "POST" && route.path.starts_with("/api/") == of_api);
    wanted.map(|route| route.path).collect()
}

demonstrated!(every_form_of_every_page_is_attacked, |lis: TestLis| {
    let mut attacked = forms::addresses(&lis);
    attacked.extend(sent::sent(&lis).into_iter().map(|form| form.action));
    attacked.extend(imports::PAGES.iter().map(|(_, address, _)| (*address).to_owned()));
    let routes = posts(false);
    assert!(routes.len() > 60, "{routes:?}");
    assert_eq!(unattacked(&routes, &attacked, EXEMPT), Vec::<String>::new());
});

/// What the lists of the API attack beside the commands, which say themselves what they tried.
pub fn beside_commands() -> Vec<String> {
    let files = imports::PROGRAMS.iter().map(|address| (*address).to_owned());
    files.chain([questions::ADDRESS.to_owned()]).collect()
}

#[test]
fn a_form_that_nobody_attacks_is_noticed() {
    let routes = ["/things", "/things/{id}", "/things/new", "/things/{id}/parts/{part}"];
    let attacked = |addresses: &[&str]| -> Vec<String> { addresses.iter().map(|one| (*one).to_owned()).collect() };
    let all = attacked(&["/things", "/things/7", "/things/new?x=1", "/things/7/parts/8"]);
    assert_eq!(unattacked(&routes, &all, &[]), Vec::<String>::new());

    // `/things/new` fits `/things/{id}` as well, and is another route.
    let some = attacked(&["/things", "/things/new", "/things/7/parts/8", "/gone"]);
    assert_eq!(
        unattacked(&routes, &some, &[]),
        ["POST /things/{id} is attacked by no list of tests/it/bad_input", "/gone is no POST of the program"]
    );
    let some = attacked(&["/things", "/things/new", "/things/7/parts/8"]);
    assert_eq!(unattacked(&routes, &some, &[("/things/{id}", "a reason")]), Vec::<String>::new());
    assert_eq!(unattacked(&routes, &all, &[("/things/{id}", "a reason")]), ["/things/{id} needs no exemption"]);
}
