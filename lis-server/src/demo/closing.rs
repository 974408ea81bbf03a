//! The last words: who can sign in and what he opens first, what anybody can open, where files and mails lie.

use super::devices::EXPORTS;
use super::people;
use super::stage::Stage;
use crate::web::language::Language;

/// The table of accounts and addresses, and how the demonstration goes on.
pub fn words(stage: &Stage, seconds: f64) -> String {
    let mut text =
        stage.say("demo-accounts", &[("password", &people::PASSWORD), ("signing", &people::SIGNING_PASSWORD)]);
    let separator = match stage.language {
        Language::Chinese => "、",
        Language::English => ", ",
    };
    for person in stage.people.values() {
        let role = |role: &&str| stage.language.text(&format!("role-{}", role.replace('_', "-")));
        let roles: Vec<String> = person.roles.iter().map(role).collect();
        let opens = person.roles.first().map_or("/", |role| first_page(role));
        text += &format!("\n  {:<10} {opens:<16} {} ({})", person.username, person.name, roles.join(separator));
    }
    text += &format!("\n\n{}", stage.language.text("demo-public"));
    for (path, what) in public(stage) {
        text += &format!("\n  {}{path}  {what}", stage.base);
    }
    let exports = stage.lis.config.data.join(EXPORTS);
    text += &format!("\n\n{}", stage.say("demo-exports", &[("folder", &exports.display())]));
    if let Some(folder) = stage.mails.folder() {
        text += &format!("\n{}", stage.say("demo-mails", &[("folder", &folder.display())]));
    }
    let seconds = format!("{seconds:.1}");
    for line in [
        stage.say("demo-clock", &[("at", &stage.lis.clock.now())]),
        stage.say("demo-later", &[]),
        stage.say("demo-done", &[("steps", &stage.steps()), ("seconds", &seconds), ("address", &stage.base)]),
    ] {
        text += &format!("\n{line}");
    }
    text
}

/// Where somebody of a role finds his work.
fn first_page(role: &str) -> &'static str {
    match role {
        "administrator" => "/people",
        "campaign_officer" => "/campaigns",
        "plan_approver" => "/plans",
        "sampler" => "/sampling-forms",
        "custodian" => "/receipt",
        "tester" => "/worksheets",
        "checker" => "/check",
        "reviewer" | "signatory" => "/reports",
        "quality_officer" => "/quality",
        "technical_manager" => "/assignment",
        "regulator" => "/cases",
        "enterprise" => "/portal",
        _ => "/",
    }
}

/// What is open to everybody, and what each of them is.
fn public(stage: &Stage) -> [(String, String); 6] {
    let kept = |name: &str| stage.notes.get(name).cloned().unwrap_or_default();
    let (campaign, report) = (kept("campaign"), kept("report"));
    let text = |field: &str| report[field].as_str().map(str::to_owned).unwrap_or_default();
    let campaign = campaign.as_i64().unwrap_or_default();
    let what = |key: &str| stage.language.text(key);
    [
        ("/polls".to_owned(), what("demo-public-polls")),
        (format!("/poll/{campaign}/results"), what("demo-public-poll-results")),
        ("/published-results".to_owned(), what("demo-public-published")),
        (
            format!("/verify/{}", text("verification_code")),
            stage.say("demo-public-verify", &[("number", &text("number"))]),
        ),
        ("/api".to_owned(), what("demo-public-api")),
        ("/api/v1/failing-results".to_owned(), what("demo-public-feed")),
    ]
}
