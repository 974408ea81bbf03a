//! The people, units and programs of the demonstration laboratory: invented, one for each role.

use serde_json::{Value, json};

use super::caller::{Caller, Deviation, Played};
use super::stage::{Person, Stage};
use crate::accounts::actions::{self, PersonInput, TokenInput};
use crate::accounts::{Actor, May, Role, secrets};
use crate::domain::ids::PersonId;

/// Passwords of everybody: printed at the end, and good for nothing else.
pub const PASSWORD: &str = "demo-laboratory";
pub const SIGNING_PASSWORD: &str = "demo-signature";

/// Username, name, roles, region.
type Line = (&'static str, &'static str, &'static [&'static str], &'static str);

const STAFF: &[Line] = &[
    ("admin", "管理员", &["administrator"], ""),
    ("officer", "组织员甲", &["campaign_officer"], ""),
    ("approver", "审批员乙", &["plan_approver"], ""),
    ("sampler1", "抽样员甲", &["sampler"], ""),
    ("sampler2", "抽样员乙", &["sampler"], ""),
    ("sampler3", "抽样员丙", &["sampler"], ""),
    ("custodian", "样品管理员丁", &["custodian"], ""),
    ("tester1", "检验员甲", &["tester"], ""),
    ("tester2", "检验员乙", &["tester"], ""),
    ("tester3", "检验员丙", &["tester"], ""),
    ("checker", "校核员戊", &["checker"], ""),
    ("reviewer", "审核员己", &["reviewer", "signatory"], ""),
    ("signatory", "授权签字人庚", &["signatory"], ""),
    ("quality", "质量负责人辛", &["quality_officer"], ""),
    ("manager", "技术负责人壬", &["technical_manager"], ""),
    ("city", "市局监管员", &["regulator"], "1310"),
    ("ordering", "霸州局监管员", &["regulator"], "131081"),
    ("sampled", "文安局监管员", &["regulator"], "131026"),
    ("maker", "大厂局监管员", &["regulator"], "131028"),
    ("neighbour", "广阳局监管员", &["regulator"], "131003"),
];

/// Accounts of firms: username, name, the unit's credit code.
const FIRMS: &[(&str, &str, &str)] =
    &[("bakery", "糕点厂联系人", "91131081MA0DEM013G"), ("market", "超市联系人", "91131026MA0DEM03XE")];

/// Who may do what: username, activity, first and last day. All for every method.
const AUTHORIZATIONS: &[(&str, &str, &str, &str)] = &[
    ("sampler1", "sample", "2026-01-01", "2027-12-31"),
    ("sampler2", "sample", "2026-01-01", "2027-12-31"),
    ("sampler3", "sample", "2026-01-01", "2027-12-31"),
    ("tester1", "test", "2026-01-01", "2027-12-31"),
    ("tester2", "test", "2026-01-01", "2027-12-31"),
    ("tester3", "test", "2025-01-01", "2026-11-10"),
    ("checker", "check", "2026-01-01", "2027-12-31"),
    ("signatory", "authorize", "2026-01-01", "2027-12-31"),
];

/// Makes all accounts, so that everybody can sign in with the passwords above.
pub fn engage(stage: &mut Stage) -> Played {
    let hashed = |password: &str| secrets::hash_password(password).map_err(|fault| Deviation(fault.to_string()));
    let (password, signing) = (hashed(PASSWORD)?, hashed(SIGNING_PASSWORD)?);
    for (username, name, roles, region) in STAFF {
        let id = make(stage, username, name, roles, region, None, (&password, &signing))?;
        admit(stage, (id, username, name, roles))?;
    }
    register_units(stage)?;
    for (username, name, uscc) in FIRMS {
        let unit = unit_of(stage, uscc)?;
        let id = make(stage, username, name, &["enterprise"], "", Some(unit), (&password, &signing))?;
        admit(stage, (id, username, name, &["enterprise"]))?;
    }
    for (username, activity, from, until) in AUTHORIZATIONS {
        let body = json!({
            "person_id": stage.person(username)?.id.to_string(), "method_standard": "*", "activity": activity,
            "valid_from": from, "valid_until": until,
        });
        stage.by("manager")?.post("/api/v1/authorizations", &body)?.done()?;
    }
    issue_tokens(stage)?;
    stage.tell("demo-people", &[("people", &stage.people.len()), ("units", &UNITS.len())]);
    Ok(())
}

/// Programs: whose rights they have, and which of them.
const PROGRAMS: &[(&str, &[&str])] = &[
    ("city", &["read_failing_results"]),
    ("ordering", &["read_failing_results"]),
    ("sampled", &["read_failing_results"]),
    ("maker", &["read_failing_results"]),
    ("neighbour", &["read_failing_results"]),
    ("bakery", &["use_portal"]),
    ("manager", &["deliver_messages", "manage_catalogue"]),
    ("custodian", &["import_forms"]),
];

/// Makes a token for each program: of the people outside, of an agent beside an instrument and the import of tables, of the
/// forms' import.
fn issue_tokens(stage: &mut Stage) -> Played {
    let real = stage.lis.clock.real();
    for (username, scopes) in PROGRAMS {
        let input = TokenInput {
            purpose: "demonstration".to_owned(),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            expires_on: String::new(),
        };
        let facts = input.checked().map_err(|refusal| Deviation(format!("{username}: {refusal:?}")))?;
        let (token, of) = (secrets::new_token(), PersonId(stage.person(username)?.id));
        let hash = secrets::token_hash(&token);
        let mut admin = Actor::system("demo", "tokens of the demonstration");
        admin.roles = vec![Role::Administrator];
        let by = May::check(&admin).ok_or_else(|| Deviation("no administrator".to_owned()))?;
        let made = stage.lis.db.write_now(move |tx| actions::create_token(tx, &by, of, &facts, &hash, real));
        made.map_err(|fault| Deviation(format!("{username}: {fault}")))?;
        stage.tokens.insert((*username).to_owned(), token);
    }
    Ok(())
}

/// Signs somebody in and keeps him for the script.
fn admit(stage: &mut Stage, who: (i64, &'static str, &'static str, &'static [&'static str])) -> Played {
    let (id, username, name, roles) = who;
    let caller = Caller::nobody(&stage.base).signed_in(username, PASSWORD)?;
    stage.people.insert(username, Person { id, username, name, roles: roles.to_vec(), caller });
    Ok(())
}

/// An account whose first password counts as changed: the reader has to sign in with it.
fn make(
    stage: &Stage,
    username: &str,
    name: &str,
    roles: &[&str],
    region: &str,
    enterprise: Option<i64>,
    (password, signing): (&str, &str),
) -> Played<i64> {
    let input = PersonInput {
        username: username.to_owned(),
        name: name.to_owned(),
        email: format!("{username}@lis.example"),
        language: stage.language.code().to_owned(),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        region_code: region.to_owned(),
        enterprise_id: enterprise,
        ..PersonInput::default()
    };
    let facts = input.checked().map_err(|refusal| Deviation(format!("{username}: {refusal:?}")))?;
    let (password, signing) = (password.to_owned(), signing.to_owned());
    let made = stage.lis.db.write_now(move |tx| {
        let by = Actor::system("demo", "people of the demonstration");
        actions::create_ready(tx, &by, &facts, &password, &signing)
    });
    made.map(|id| id.0).map_err(|fault| Deviation(format!("{username}: {fault}")))
}

/// Units: name, credit code, region, stage, risk grade, venue.
const UNITS: &[(&str, &str, &str, &str, &str, &str)] = &[
    ("霸州示例糕点厂", "91131081MA0DEM013G", "131081100", "production", "B", ""),
    ("霸州示例菜场摊位甲", "91131081MA0DEM021B", "131081101", "trade", "C", "示例农贸市场"),
    ("文安示例超市", "91131026MA0DEM03XE", "131026100", "trade", "B", ""),
    ("文安示例菜店", "91131026MA0DEM048E", "131026101", "trade", "D", ""),
    ("大厂示例蔬菜种植合作社", "91131028MA0DEM0566", "131028", "production", "A", ""),
    ("广阳示例批发行", "91131003MA0DEM064R", "131003", "trade", "A", ""),
    ("霸州示例菜场摊位乙", "91131081MA0DEM072K", "131081101", "trade", "D", "示例农贸市场"),
    ("霸州示例粮油店", "91131081MA0DEM080E", "131081102", "trade", "C", ""),
    ("文安示例食堂", "91131026MA0DEM099N", "131026102", "catering", "B", ""),
    ("霸州示例熟食店", "91131081MA0DEM101Y", "131081103", "trade", "D", ""),
    ("霸州示例面馆", "91131081MA0DEM11XN", "131081104", "catering", "A", ""),
    ("霸州示例便利店", "91131081MA0DEM128N", "131081105", "trade", "A", ""),
];

/// Enters the units into the registry.
fn register_units(stage: &Stage) -> Played {
    for (number, (name, uscc, region, kind, grade, venue)) in UNITS.iter().enumerate() {
        let body = json!({
            "name": name, "uscc": uscc, "stage": kind, "venue": venue, "address": format!("示例路 {} 号", number + 1),
            "region_code": region, "contact": "示例联系人", "phone": format!("138000000{number:02}"),
            "email": format!("unit{}@lis.example", number + 1), "language": stage.language.code(),
            "risk_grade": grade, "baobao_tier": "",
        });
        stage.by("officer")?.post("/api/v1/enterprises", &body)?.done()?;
    }
    Ok(())
}

/// The id of a unit by its credit code.
pub fn unit_of(stage: &Stage, uscc: &str) -> Played<i64> {
    let units = stage.by("officer")?.get("/api/v1/enterprises?limit=100")?.done()?.items();
    let found = units.iter().find(|unit| unit["uscc"] == uscc).and_then(|unit: &Value| unit["id"].as_i64());
    found.ok_or_else(|| Deviation(format!("{uscc} is not registered")))
}
