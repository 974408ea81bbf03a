//! The front desk: knows every capability and puts them together. Routes, menu, problem codes; nothing else does.

use crate::accounts::Actor;
use crate::accounts::role::{PERMISSIONS, Role, allows};
use crate::db::Conn;
use crate::domain::clock::Moment;
use crate::domain::refusal::{self, Outcome, Problem};
use crate::domain::states::StateTable;
use crate::web::routes::{RouteInfo, Routes};
use crate::web::ui::MenuPlaces;
use crate::{
    accounts, campaigns, cases, catalogue, db, enterprises, imports, instruments, jobs, mail, publication, quality,
    reports, samples, spot_checks, testing, upkeep, web,
};

/// Every route of the program.
pub fn routes() -> Routes {
    Routes::new()
        .and(accounts::pages::routes())
        .and(accounts::api::routes().of_room("accounts", accounts::PROBLEMS))
        .and(accounts::signing_pages::routes())
        .and(crate::audit::pages::routes())
        .and(crate::audit::api::routes().of_room("audit", &[]))
        .and(crate::audit::erasure::pages::routes())
        .and(crate::audit::erasure::api::routes().of_room("audit", crate::audit::erasure::PROBLEMS))
        .and(catalogue::pages::routes())
        .and(catalogue::api::routes().of_room("catalogue", catalogue::PROBLEMS))
        .and(instruments::pages::routes())
        .and(instruments::api::routes().of_room("instruments", instruments::PROBLEMS))
        .and(reports::pages::routes())
        .and(reports::api::routes().of_room("reports", reports::PROBLEMS))
        .and(reports::verify::routes().of_room("reports", &[]))
        .and(publication::portal::routes().of_room("publication", &[]))
        .and(publication::authority::routes().of_room("publication", &[]))
        .and(mail::pages::routes().of_room("mail", mail::PROBLEMS))
        .and(campaigns::pages::routes())
        .and(campaigns::api::routes().of_room("campaigns", campaigns::PROBLEMS))
        .and(spot_checks::pages::routes())
        .and(spot_checks::api::routes().of_room("spot_checks", spot_checks::PROBLEMS))
        .and(testing::pages::routes())
        .and(testing::api::routes().of_room("testing", testing::PROBLEMS))
        .and(quality::pages::routes())
        .and(quality::api::routes().of_room("quality", quality::PROBLEMS))
        .and(quality::gates::pages::routes())
        .and(quality::gates::api::routes().of_room("quality", quality::gates::PROBLEMS))
        .and(quality::scope::pages::routes())
        .and(quality::scope::api::routes().of_room("quality", quality::scope::PROBLEMS))
        .and(quality::environment::pages::routes())
        .and(quality::environment::api::routes().of_room("quality", quality::environment::PROBLEMS))
        .and(quality::competence::pages::routes())
        .and(quality::competence::api::routes().of_room("quality", quality::competence::PROBLEMS))
        .and(quality::lots::pages::routes())
        .and(quality::lots::api::routes().of_room("quality", quality::lots::PROBLEMS))
        .and(quality::suppliers::pages::routes())
        .and(quality::suppliers::api::routes().of_room("quality", quality::suppliers::PROBLEMS))
        .and(quality::documents::pages::routes())
        .and(quality::documents::api::routes().of_room("quality", quality::documents::PROBLEMS))
        .and(quality::charts::pages::routes())
        .and(quality::charts::api::routes().of_room("quality", quality::charts::PROBLEMS))
        .and(quality::proficiency::pages::routes())
        .and(quality::proficiency::api::routes().of_room("quality", quality::proficiency::PROBLEMS))
        .and(quality::comparisons::pages::routes())
        .and(quality::comparisons::api::routes().of_room("quality", quality::comparisons::PROBLEMS))
        .and(quality::complaints::pages::routes())
        .and(quality::complaints::api::routes().of_room("quality", quality::complaints::PROBLEMS))
        .and(quality::validation::pages::routes())
        .and(quality::validation::api::routes().of_room("quality", quality::validation::PROBLEMS))
        .and(quality::transfers::pages::routes())
        .and(quality::transfers::api::routes().of_room("quality", quality::transfers::PROBLEMS))
        .and(quality::verification::pages::routes())
        .and(quality::verification::api::routes().of_room("quality", quality::verification::PROBLEMS))
        .and(quality::figures::pages::routes())
        .and(quality::figures::api::routes().of_room("quality", &[]))
        .and(enterprises::pages::routes())
        .and(enterprises::api::routes().of_room("enterprises", enterprises::PROBLEMS))
        .and(samples::routes().of_room("samples", samples::PROBLEMS))
        .and(cases::pages::routes())
        .and(cases::api::routes().of_room("cases", cases::PROBLEMS))
        .and(upkeep::pages::routes())
        .and(upkeep::api::routes().of_room("upkeep", upkeep::PROBLEMS))
        .and(imports::pages::routes())
        .and(imports::api::routes().of_room("imports", db::series::PROBLEMS))
        .and(crate::settings::routes().of_room("settings", &[]))
        .and(crate::home::routes())
}

/// Routes that enterprises, regulators and the public use, for an address of their own.
pub fn is_public(route: &RouteInfo) -> bool {
    const SHARED: &[&str] = &["anyone", "signed_in"];
    SHARED.contains(&route.gate)
        || PERMISSIONS.iter().any(|(code, roles)| *code == route.gate && roles.iter().any(|role| !role.is_laboratory()))
}

/// A place of the menu: permission, address, message key. It is shown to those who have the permission.
type Place = (&'static str, &'static str, &'static str);

/// The menu in its groups, in the order of a sample's way, each with the message key of its name.
const MENU: &[(&str, &[Place])] = &[
    (
        "menu-group-sampling",
        &[
            ("run_campaigns", "/campaigns", "menu-campaigns"),
            ("approve_plans", "/plans", "menu-plans"),
            ("draw_spot_checks", "/draws", "menu-draws"),
            ("fill_sampling_forms", "/sampling-forms/new", "menu-sampling-form"),
            ("fill_sampling_forms", "/sampling-forms", "menu-own-forms"),
            ("fill_sampling_forms", "/rapid-tests", "menu-rapid-tests"),
            ("import_forms", "/sampling-forms/import", "menu-import-forms"),
            ("manage_enterprises", "/enterprises", "menu-enterprises"),
        ],
    ),
    (
        "menu-group-samples",
        &[
            ("receive_samples", "/receipt", "menu-receipt"),
            ("see_samples", "/samples", "menu-samples"),
            ("see_samples", "/disposal", "menu-disposal"),
        ],
    ),
    (
        "menu-group-testing",
        &[
            ("assign_items", "/assignment", "menu-assignment"),
            ("assign_items", "/subcontracted", "menu-subcontracted"),
            ("see_bench", "/worksheets", "menu-worksheets"),
            ("repair_readings", "/inbox", "menu-inbox"),
            ("check_items", "/check", "menu-check"),
            ("decide_verdicts", "/doubts", "menu-doubts"),
        ],
    ),
    (
        "menu-group-reports",
        &[
            ("see_reports", "/reports", "menu-reports"),
            ("read_failing_results", "/cases", "menu-cases"),
            ("read_ordered_reports", "/ordered-reports", "menu-ordered-reports"),
            ("use_portal", "/portal/orders", "menu-orders"),
            ("use_portal", "/portal", "menu-portal"),
            ("use_portal", "/portal/cases", "menu-portal-cases"),
        ],
    ),
    (
        "menu-group-quality",
        &[
            ("manage_quality", "/quality", "menu-quality"),
            ("open_work", "/quality/work/new", "menu-open-work"),
            ("see_bench", "/quality/charts", "menu-charts"),
            ("see_bench", "/quality/gates", "menu-gates"),
            ("manage_quality", "/quality/proficiency", "menu-proficiency"),
            ("manage_quality", "/quality/comparisons", "menu-comparisons"),
            ("compare_transfers", "/quality/transfers", "menu-transfers"),
            ("handle_complaints", "/complaints", "menu-complaints"),
            ("see_quality_report", "/quality/report", "menu-quality-report"),
        ],
    ),
    (
        "menu-group-equipment",
        &[
            ("see_bench", "/instruments", "menu-instruments"),
            ("see_bench", "/lots", "menu-lots"),
            ("see_bench", "/environment", "menu-environment"),
        ],
    ),
    (
        "menu-group-people",
        &[
            ("manage_accounts", "/people", "menu-people"),
            ("keep_competence", "/competence", "menu-competence"),
            ("manage_catalogue", "/authorizations", "menu-authorizations"),
            ("release_signing", "/signing-releases", "menu-signing-releases"),
            ("keep_subcontractors", "/subcontractors", "menu-subcontractors"),
            ("keep_suppliers", "/suppliers", "menu-suppliers"),
        ],
    ),
    (
        "menu-group-references",
        &[
            ("see_bench", "/catalogue", "menu-catalogue"),
            ("see_reports", "/scope", "menu-scope"),
            ("read_documents", "/controlled-documents", "menu-controlled"),
        ],
    ),
    (
        "menu-group-system",
        &[
            ("validate_program", "/quality/validation", "menu-validation"),
            ("import_lists", "/imports", "menu-imports"),
            ("watch_deliveries", "/deliveries", "menu-deliveries"),
            ("manage_accounts", "/settings", "menu-settings"),
            ("watch_upkeep", "/upkeep", "menu-upkeep"),
            ("read_log", "/log", "menu-log"),
            ("erase_personal", "/erasure", "menu-erasure"),
        ],
    ),
];

/// The menu of whoever has not signed in: what stands open to everybody. Address, message key.
const OPEN_PLACES: &[(&str, &str)] =
    &[("/polls", "polls-title"), ("/published-results", "published-title"), ("/verify", "verify-title")];

pub fn open_menu() -> Vec<MenuPlaces> {
    vec![("menu-group-open", OPEN_PLACES.to_vec())]
}

/// The places of the menu for somebody's roles; groups of which he sees nothing are left out.
pub fn menu_of(roles: &[Role]) -> Vec<MenuPlaces> {
    let shown = |(permission, href, key): &Place| allows(roles, permission).then_some((*href, *key));
    let of_group = |(group, places): &(&'static str, &[Place])| -> MenuPlaces {
        (*group, places.iter().filter_map(shown).collect())
    };
    MENU.iter().map(of_group).filter(|(_, places)| !places.is_empty()).collect()
}

/// A station at which work waits: permission, address, message key, how much waits there for somebody.
type Station = (&'static str, &'static str, &'static str, Count);

/// How the work of a station is counted; each by one statement.
enum Count {
    Of(fn(&mut Conn, &Actor) -> Outcome<i64>),
    /// At a moment of the laboratory's clock: deadlines.
    At(fn(&mut Conn, &Actor, Moment) -> Outcome<i64>),
    /// The same, some days ahead: reminders.
    Ahead(fn(&mut Conn, &Actor, Moment, u32) -> Outcome<i64>),
    /// At a moment of the machine's clock: locks.
    Real(fn(&mut Conn, &Actor, Moment) -> Outcome<i64>),
}

/// The stations, in the order of a sample's way.
const STATIONS: &[Station] = &[
    ("open_work", "/declaration", "work-declaration", Count::At(quality::competence::declaring::count_own_missing)),
    ("run_campaigns", "/campaigns", "work-campaigns-open", Count::Of(campaigns::waiting::open)),
    ("run_campaigns", "/campaigns", "work-campaigns-unplanned", Count::Of(campaigns::waiting::unplanned)),
    ("approve_plans", "/plans", "work-plans", Count::Of(campaigns::plans::count_to_decide)),
    ("fill_sampling_forms", "/sampling-forms", "work-own-forms", Count::Of(samples::actions::count_own_under_way)),
    ("fill_sampling_forms", "/rapid-tests?waiting=true", "work-rapid-asked", Count::Of(cases::rapid::count_asked)),
    ("use_portal", "/portal/orders", "work-orders", Count::Of(samples::actions::count_orders_to_send)),
    ("receive_samples", "/receipt", "work-receipt", Count::Of(samples::actions::count_to_receive)),
    ("see_samples", "/samples?due=half", "work-t2-half", Count::At(samples::actions::count_half_due)),
    ("see_samples", "/samples?due=most", "work-t2-most", Count::At(samples::actions::count_most_due)),
    ("see_samples", "/samples?due=over", "work-t2-over", Count::At(samples::actions::count_over_due)),
    ("receive_samples", "/backup-handovers", "work-backups", Count::At(cases::alarm::count_backups)),
    ("receive_samples", "/backup-handovers", "work-backups-urgent", Count::At(cases::alarm::count_backups_urgent)),
    ("receive_samples", "/backup-handovers", "work-backups-over", Count::At(cases::alarm::count_backups_over)),
    ("assign_items", "/assignment", "work-assignment", Count::Of(testing::waiting::to_assign)),
    ("assign_items", "/subcontracted", "work-subcontracted", Count::Of(testing::waiting::subcontracted)),
    ("enter_results", "/worksheets", "work-items", Count::Of(testing::waiting::to_test)),
    ("enter_results", "/worksheets", "work-worksheets", Count::Of(testing::waiting::open_sheets)),
    ("repair_readings", "/inbox?state=held", "work-inbox", Count::Of(instruments::actions::count_held)),
    ("check_items", "/check", "work-check", Count::Of(testing::waiting::to_check)),
    ("decide_verdicts", "/doubts", "work-doubts", Count::Of(testing::waiting::to_decide)),
    ("manage_quality", "/quality", "work-held", Count::Of(testing::waiting::held_sheets)),
    ("manage_quality", "/quality", "work-nonconforming", Count::Of(quality::actions::count_open)),
    ("manage_quality", "/quality/urgent-findings", "work-t5-open", Count::At(cases::urgent::count_open)),
    ("manage_quality", "/quality/urgent-findings", "work-t5-over", Count::At(cases::urgent::count_over)),
    ("manage_quality", "/quality/unacknowledged", "work-t4-half", Count::At(cases::alarm::count_half)),
    ("manage_quality", "/quality/unacknowledged", "work-t4-most", Count::At(cases::alarm::count_most)),
    ("manage_quality", "/quality/unacknowledged", "work-t4-over", Count::At(cases::alarm::count_over)),
    (
        "keep_documents",
        "/controlled-documents",
        "work-controlled",
        Count::Of(quality::documents::actions::count_to_decide),
    ),
    ("manage_quality", "/excursions", "work-excursions", Count::Of(quality::environment::excursions::count_unhandled)),
    (
        "manage_quality",
        "/competence",
        "work-authorizations-ending",
        Count::Ahead(quality::competence::actions::count_ending),
    ),
    (
        "manage_quality",
        "/competence",
        "work-competence-overdue",
        Count::At(quality::competence::actions::count_overdue),
    ),
    (
        "manage_quality",
        "/quality/comparisons",
        "work-comparisons-overdue",
        Count::At(quality::comparisons::actions::count_overdue),
    ),
    (
        "manage_catalogue",
        "/catalogue/editions",
        "work-editions-coming",
        Count::Ahead(catalogue::editions::count_coming),
    ),
    ("release_signing", "/signing-releases", "work-signing-held", Count::Of(accounts::releasing::count_held)),
    (
        "manage_catalogue",
        "/quality/validation/program",
        "work-unvalidated",
        Count::Of(quality::validation::program::count_unvalidated),
    ),
    ("handle_complaints", "/complaints", "work-complaints", Count::Of(quality::complaints::actions::count_open)),
    ("review_reports", "/reports?state=compiling", "work-review", Count::Of(reports::actions::count_to_review)),
    (
        "authorize_reports",
        "/reports?state=reviewed",
        "work-authorization",
        Count::Of(reports::actions::count_to_authorize),
    ),
    ("use_portal", "/portal", "work-new-reports", Count::At(reports::actions::count_new_to_client)),
    ("use_portal", "/portal/cases", "work-deadlines", Count::At(cases::portal::count_deadlines)),
    ("read_failing_results", "/cases", "work-cases", Count::Of(cases::actions::count_to_acknowledge)),
    ("handle_cases", "/cases", "work-serving", Count::Of(cases::actions::count_to_serve)),
    ("handle_cases", "/cases", "work-limits-half", Count::At(cases::actions::count_half)),
    ("handle_cases", "/cases", "work-limits-most", Count::At(cases::actions::count_most)),
    ("handle_cases", "/cases?overdue=yes", "work-limits-over", Count::At(cases::actions::count_over)),
    ("handle_cases", "/cases", "work-applications", Count::Of(cases::actions::count_applications)),
    ("watch_deliveries", "/deliveries?state=failed", "work-mails", Count::Of(mail::count_failed)),
    ("watch_deliveries", "/deliveries", "work-jobs", Count::Of(|conn, _| jobs::count_failed(conn))),
    ("watch_upkeep", "/upkeep", "work-upkeep", Count::Of(upkeep::actions::count_open)),
    (
        "manage_accounts",
        "/people?waiting=first-password",
        "work-first-passwords",
        Count::Of(accounts::waiting::first_passwords),
    ),
    ("manage_accounts", "/people?waiting=locked", "work-locked", Count::Real(accounts::waiting::locked)),
];

/// When work is counted: the laboratory's time, the machine's, and how many days ahead reminders look.
#[derive(Clone, Copy)]
pub struct Asked {
    pub now: Moment,
    pub real: Moment,
    pub days_ahead: u32,
}

/// What waits for somebody: address, message key, how much. Stations where nothing waits are left out.
pub fn work_of(conn: &mut Conn, by: &Actor, at: Asked) -> Outcome<Vec<(&'static str, &'static str, i64)>> {
    let mut work = Vec::new();
    for (permission, href, key, count) in STATIONS {
        if allows(&by.roles, permission) {
            let waiting = match count {
                Count::Of(count) => count(conn, by)?,
                Count::At(count) => count(conn, by, at.now)?,
                Count::Ahead(count) => count(conn, by, at.now, at.days_ahead)?,
                Count::Real(count) => count(conn, by, at.real)?,
            };
            if waiting > 0 {
                work.push((*href, *key, waiting));
            }
        }
    }
    Ok(work)
}

/// A figure that is counted when it is asked for, at a moment of the machine's clock: name, help, how.
pub type Figure = (&'static str, &'static str, fn(&mut Conn, Moment) -> Outcome<i64>);

/// How much waits in the program's queues. None of the figures carries a name, a sample or a value.
pub const FIGURES: &[Figure] = &[
    ("log_pending_entries", "Entries of the log without a position", |conn, _| Ok(crate::db::pending_entries(conn)?)),
    ("jobs_waiting", "Background jobs that are not done", |conn, _| jobs::count_waiting(conn)),
    ("mails_waiting", "Mails that are not sent", |conn, _| mail::count_waiting(conn)),
    ("instrument_rows_held", "Rows of instruments that wait for a person", |conn, _| {
        instruments::actions::count_held_rows(conn)
    }),
    (
        "failing_results_half",
        "Failing results not acknowledged by the ordering authority, half of T4 gone",
        |conn, now| cases::alarm::count(conn, now, "clock-half"),
    ),
    (
        "failing_results_urgent",
        "Failing results not acknowledged by the ordering authority, 80 % of T4 gone",
        |conn, now| cases::alarm::count(conn, now, "clock-most"),
    ),
    ("failing_results_overdue", "Failing results not acknowledged by the ordering authority, T4 over", |conn, now| {
        cases::alarm::count(conn, now, "clock-over")
    }),
    ("agents_silent", "Agents of instruments of which nothing is heard", instruments::agents::count_silent),
    (
        "upkeep_failures",
        "Checks, backups and clocks that failed and wait for an action",
        upkeep::actions::count_failures,
    ),
    (
        "backup_age_seconds",
        "Seconds since the newest good daily backup; -1: there is none",
        upkeep::actions::backup_age_s,
    ),
    (
        "clock_difference_milliseconds",
        "By how much the clock of the database or of most agents is ahead of the server's",
        upkeep::clock::worst_difference_ms,
    ),
    ("agent_messages_waiting", "Messages that wait with agents", instruments::agents::count_backlog),
];

/// The transition tables of the program, in the order of a sample's way.
pub fn state_tables() -> Vec<StateTable> {
    [
        campaigns::state::tables(),
        samples::state::tables(),
        testing::state::tables(),
        instruments::state::tables(),
        reports::state::tables(),
        cases::state::tables(),
        quality::state::tables(),
        mail::state::tables(),
        jobs::state::tables(),
    ]
    .concat()
}

/// What the background threads look after, each on a thread of its own.
pub const QUEUES: &[jobs::Queue] = &[
    ("jobs", |lis| jobs::run_one(lis, JOBS)),
    ("mail", mail::send_one),
    ("messages", instruments::reader::read_some),
    ("upkeep", upkeep::watch::look),
    ("keys", upkeep::watch::forget),
];

/// What is done for each kind of job.
const JOBS: &[jobs::Work] = &[
    (reports::issue::JOB, reports::issue::run),
    (cases::notice::JOB, cases::notice::run),
    (samples::rejection::JOB, samples::rejection::run),
];

/// Every problem code that the program can answer with.
pub fn problems() -> Vec<Problem> {
    [
        refusal::PROBLEMS,
        accounts::PROBLEMS,
        crate::audit::erasure::PROBLEMS,
        catalogue::PROBLEMS,
        instruments::PROBLEMS,
        mail::PROBLEMS,
        jobs::PROBLEMS,
        campaigns::PROBLEMS,
        spot_checks::PROBLEMS,
        testing::PROBLEMS,
        quality::PROBLEMS,
        quality::charts::PROBLEMS,
        quality::gates::PROBLEMS,
        quality::lots::PROBLEMS,
        quality::suppliers::PROBLEMS,
        quality::documents::PROBLEMS,
        quality::scope::PROBLEMS,
        quality::environment::PROBLEMS,
        quality::competence::PROBLEMS,
        instruments::equipment::PROBLEMS,
        quality::proficiency::PROBLEMS,
        quality::comparisons::PROBLEMS,
        quality::complaints::PROBLEMS,
        quality::validation::PROBLEMS,
        quality::transfers::PROBLEMS,
        quality::verification::PROBLEMS,
        catalogue::refusing::PROBLEMS,
        db::series::PROBLEMS,
        enterprises::PROBLEMS,
        samples::PROBLEMS,
        reports::PROBLEMS,
        cases::PROBLEMS,
        upkeep::PROBLEMS,
        web::csrf::PROBLEMS,
        web::reading::PROBLEMS,
        web::problem::PROBLEMS,
    ]
    .concat()
}
