//! What is done to accounts. Passwords arrive hashed: hashing is slow and never happens inside a write.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::actor::Actor;
use super::regions::require_region;
use super::role::{ManageAccounts, May, Role};
use super::store::{self, NewPersonRow, PersonChange, PersonRow};
use super::{
    ENTERPRISE_MISSING, ENTERPRISE_UNKNOWN, LAST_ADMINISTRATOR, PASSWORD_WRONG, PERSON_ERASED, REGION_MISSING,
    ROLE_MISSING, ROLE_UNKNOWN, ROLES_CONFLICT, SIGNING_HELD, SIGNING_PASSWORD_SAME, USERNAME_TAKEN, secrets,
};
use crate::audit::personal::Sealer;
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::identifiers::{CreditCode, RegionCode};
use crate::domain::ids::{EnterpriseId, PersonId};
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_INVALID, Fault, NOT_FOUND, Outcome, Reasons, Refusal, STALE_VERSION};
use crate::web::language::Language;

pub use super::bounds::{BoundedRegion, all_bounded, bound_region, bounded_regions};
pub use super::contacts::{
    Contact, contacts_of, contacts_of_enterprises, contacts_of_region, ids_of_mailed, names_of, people_with_role,
    people_with_roles,
};
pub use super::named::Usernames;
pub use super::regions::{RegionRow, ShippedRegion, ensure_regions, regions, unknown_regions};
pub use super::tokens::{TokenFacts, TokenInput, create_token, revoke_token};

/// Longest texts, in characters, as in the record forms (`records.md` 2).
pub const USERNAME_MOST: usize = 32;
const NAME_MOST: usize = 40;
const EMAIL_MOST: usize = 120;
const PHONE_MOST: usize = 20;

/// A person as a form or a program describes him.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PersonInput {
    pub username: String,
    pub name: String,
    pub email: String,
    pub phone: String,
    /// `zh-CN` or `en`.
    pub language: String,
    pub roles: Vec<String>,
    /// Statistical code of 2, 4, 6 or 9 digits; needed for a regulator.
    pub region_code: String,
    pub enterprise_id: Option<i64>,
    /// The firm as people name it, instead of its id: unified social credit code, or `#` and the id. Needed, one way or the
    /// other, for an enterprise.
    pub enterprise: String,
    /// Left out by a program: active.
    pub active: Option<String>,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct PersonFacts {
    pub username: String,
    pub name: String,
    pub email: String,
    pub phone: String,
    pub language: Language,
    pub roles: Vec<Role>,
    pub region: Option<RegionCode>,
    pub enterprise: Option<NamedFirm>,
    pub active: bool,
}

/// How a firm was named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NamedFirm {
    /// By the field of its own, `enterprise_id`.
    Id(EnterpriseId),
    /// `#12` where a code is asked for.
    Number(EnterpriseId),
    Code(CreditCode),
}

impl NamedFirm {
    fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix('#') {
            Some(id) => id.parse().ok().map(|id| Self::Number(EnterpriseId(id))),
            None => CreditCode::parse(text).ok().map(Self::Code),
        }
    }
}

impl fmt::Display for NamedFirm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) | Self::Number(id) => write!(f, "#{id}"),
            Self::Code(code) => code.fmt(f),
        }
    }
}

impl PersonInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<PersonFacts, Refusal> {
        let mut check = Checker::new();
        let username = check
            .parsed("username", &self.username, "expected-username", |text| is_username(text).then(|| text.to_owned()));
        let name = check.text("name", &self.name, NAME_MOST);
        let email = check.optional_text("email", &self.email, EMAIL_MOST);
        check.add_if(!email.is_empty() && email.parse::<lettre::Address>().is_err(), || {
            FIELD_INVALID.at("email").with_word("expected", "expected-email")
        });
        let phone = check.optional_text("phone", &self.phone, PHONE_MOST);
        let language = check.optional("language", &self.language, "expected-language", Language::parse);
        let roles = check_roles(&mut check, &self.roles);
        let region =
            check.optional("region_code", &self.region_code, "expected-region", |text| RegionCode::parse(text).ok());
        let is_regulator = roles.contains(&Role::Regulator);
        check.add_if(is_regulator && self.region_code.trim().is_empty(), || REGION_MISSING.at("region_code"));
        let named = check.optional("enterprise", &self.enterprise, "expected-firm", NamedFirm::parse);
        let enterprise = named.or(self.enterprise_id.map(|id| NamedFirm::Id(EnterpriseId(id))));
        let is_nameless = enterprise.is_none() && self.enterprise.trim().is_empty();
        check.add_if(roles.contains(&Role::Enterprise) && is_nameless, || ENTERPRISE_MISSING.at("enterprise"));
        let active = check.switch("active", self.active.as_deref());
        check.done(username.map(|username| PersonFacts {
            username,
            name,
            email,
            phone,
            language: language.unwrap_or(Language::Chinese),
            roles,
            region,
            enterprise,
            active,
        }))
    }
}

/// Lower-case letters, digits, dot, hyphen and underscore, beginning with a letter: easy to say and to type anywhere.
fn is_username(text: &str) -> bool {
    text.len() <= USERNAME_MOST
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_'))
}

/// An administrator sees no results and signs nothing, an enterprise and a regulator stand outside the laboratory:
/// none of these goes with another role.
fn check_roles(check: &mut Checker, codes: &[String]) -> Vec<Role> {
    let mut roles = Vec::new();
    for code in codes.iter().filter(|code| !code.is_empty()) {
        match Role::parse(code) {
            Some(role) if roles.contains(&role) => {}
            Some(role) => roles.push(role),
            None => check.add(ROLE_UNKNOWN.with("role", code).at("roles")),
        }
    }
    check.add_if(roles.is_empty(), || ROLE_MISSING.at("roles"));
    let alone = [Role::Administrator, Role::Enterprise, Role::Regulator];
    if let Some(role) = roles.iter().find(|role| alone.contains(role))
        && roles.len() > 1
    {
        check.add(ROLES_CONFLICT.reason().with_word("role", role.word()).at("roles"));
    }
    roles.sort_unstable();
    roles
}

/// What a change of a person answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PersonSaved {
    pub id: i64,
    pub version: i64,
}

/// Creates a person with a first password that he must change.
pub fn create_person(
    tx: &mut Tx,
    by: &May<ManageAccounts>,
    facts: &PersonFacts,
    password_hash: &str,
) -> Outcome<PersonSaved> {
    let saved = insert_person(tx, facts, password_hash, true)?;
    let sealer = Sealer::create(tx, &subject(saved.id))?;
    log_person(tx, by, &saved, "person-created", facts, &sealer);
    Ok(saved)
}

/// The first administrator of an empty database, made on the command line of the server.
pub fn create_first_administrator(
    tx: &mut Tx,
    by: &Actor,
    facts: &PersonFacts,
    password_hash: &str,
) -> Outcome<PersonSaved> {
    let saved = insert_person(tx, facts, password_hash, true)?;
    let sealer = Sealer::create(tx, &subject(saved.id))?;
    log_person(tx, by, &saved, "person-created", facts, &sealer);
    Ok(saved)
}

fn insert_person(tx: &mut Tx, facts: &PersonFacts, password_hash: &str, must_change: bool) -> Outcome<PersonSaved> {
    require_free_username(tx, &facts.username)?;
    require_region(tx, facts.region.as_ref())?;
    let enterprise_id = registered_firm(tx.conn, facts.enterprise.as_ref())?;
    let id = store::insert_person(
        tx.conn,
        &NewPersonRow {
            version: 1,
            username: &facts.username,
            name: &facts.name,
            email: &facts.email,
            phone: &facts.phone,
            language: facts.language.code(),
            region_code: facts.region.as_ref().map(RegionCode::as_str),
            enterprise_id,
            active: facts.active,
            password_hash,
            password_must_change: must_change,
            failed_logins: 0,
            created_at: tx.now,
        },
    )?;
    store::add_roles(tx.conn, id, &facts.roles)?;
    Ok(PersonSaved { id: id.0, version: 1 })
}

fn require_free_username(tx: &mut Tx, username: &str) -> Outcome<()> {
    match store::person_by_username(tx.conn, username)? {
        Some(_) => Err(USERNAME_TAKEN.with("username", username).at("username").into()),
        None => Ok(()),
    }
}

/// A firm as the form of a person shows it.
pub fn firm_of(conn: &mut Conn, id: EnterpriseId) -> Outcome<String> {
    Ok(store::code_of_enterprise(conn, id)?.unwrap_or_else(|| format!("#{id}")))
}

fn registered_firm(conn: &mut Conn, named: Option<&NamedFirm>) -> Outcome<Option<EnterpriseId>> {
    let (found, text, field) = match named {
        None => return Ok(None),
        Some(firm @ (NamedFirm::Id(id) | NamedFirm::Number(id))) => {
            let field = if matches!(firm, NamedFirm::Id(_)) { "enterprise_id" } else { "enterprise" };
            (store::enterprise_exists(conn, *id)?.then_some(*id), id.to_string(), field)
        }
        Some(NamedFirm::Code(code)) => {
            (store::enterprise_by_code(conn, code.as_str())?, code.to_string(), "enterprise")
        }
    };
    match found {
        Some(id) => Ok(Some(id)),
        None => Err(ENTERPRISE_UNKNOWN.with("enterprise", text).at(field).into()),
    }
}

fn subject(person: i64) -> String {
    format!("person:{person}")
}

fn role_list(roles: &[Role]) -> String {
    roles.iter().map(|role| role.code()).collect::<Vec<_>>().join(" ")
}

fn log_person(tx: &mut Tx, by: &Actor, saved: &PersonSaved, event: &'static str, facts: &PersonFacts, sealer: &Sealer) {
    tx.log(
        by.entry("person", saved.id, saved.version, event)
            .set("username", facts.username.as_str())
            .set("name", sealer.seal(&facts.name))
            .set("email", sealer.seal(&facts.email))
            .set("phone", sealer.seal(&facts.phone))
            .set("language", facts.language.code())
            .set("roles", role_list(&facts.roles))
            .set("region_code", facts.region.as_ref().map(RegionCode::as_str))
            .set("enterprise", facts.enterprise.as_ref().map(|named| named.to_string()))
            .set("active", facts.active),
    );
}

/// Changes what an administrator may change. A username stays for ever: signatures and papers carry it.
pub fn change_person(
    tx: &mut Tx,
    by: &May<ManageAccounts>,
    id: PersonId,
    seen: i64,
    facts: &PersonFacts,
) -> Outcome<PersonSaved> {
    let before = store::person(tx.conn, id)?.ok_or(NOT_FOUND)?;
    if before.erased_at.is_some() {
        return Err(PERSON_ERASED.into());
    }
    require_region(tx, facts.region.as_ref())?;
    let enterprise_id = registered_firm(tx.conn, facts.enterprise.as_ref())?;
    let roles_before = store::roles_of(tx.conn, id)?;
    let was_administrator = before.active && roles_before.contains(&Role::Administrator);
    let stays_administrator = facts.active && facts.roles.contains(&Role::Administrator);
    if was_administrator && !stays_administrator && store::other_administrators(tx.conn, id)? == 0 {
        return Err(LAST_ADMINISTRATOR.into());
    }
    let change = PersonChange {
        name: &facts.name,
        email: &facts.email,
        phone: &facts.phone,
        language: facts.language.code(),
        region_code: facts.region.as_ref().map(RegionCode::as_str),
        enterprise_id,
        active: facts.active,
    };
    require_seen(store::change_person(tx.conn, id, seen, &change)?, &before, &roles_before)?;
    if roles_before != facts.roles {
        store::replace_roles(tx.conn, id, &facts.roles)?;
    }
    if before.active && !facts.active || roles_before != facts.roles {
        // Rights that were taken away end now, not with the session.
        store::end_sessions_of(tx.conn, id)?;
    }
    let saved = PersonSaved { id: id.0, version: seen + 1 };
    log_change(tx, by, &saved, &before, &roles_before, (facts, enterprise_id))?;
    Ok(saved)
}

fn log_change(
    tx: &mut Tx,
    by: &Actor,
    saved: &PersonSaved,
    before: &PersonRow,
    roles_before: &[Role],
    (facts, enterprise): (&PersonFacts, Option<EnterpriseId>),
) -> Outcome<()> {
    let mut entry = by.entry("person", saved.id, saved.version, "person-changed");
    let firm = |id: Option<EnterpriseId>| id.map(|id| id.to_string()).unwrap_or_default();
    let open = [
        ("language", before.language.clone(), facts.language.code().to_owned()),
        ("roles", role_list(roles_before), role_list(&facts.roles)),
        ("active", before.active.to_string(), facts.active.to_string()),
        ("enterprise_id", firm(before.enterprise_id), firm(enterprise)),
        (
            "region_code",
            before.region_code.clone().unwrap_or_default(),
            facts.region.as_ref().map(|region| region.as_str().to_owned()).unwrap_or_default(),
        ),
    ];
    for (field, old, new) in open.into_iter().filter(|(_, old, new)| old != new) {
        entry = entry.change(field, old, new);
    }
    let personal = [
        ("name", &before.name, &facts.name),
        ("email", &before.email, &facts.email),
        ("phone", &before.phone, &facts.phone),
    ];
    if personal.iter().any(|(_, old, new)| old != new)
        && let Some(sealer) = Sealer::load(tx.conn, &subject(saved.id))?
    {
        for (field, old, new) in personal.into_iter().filter(|(_, old, new)| old != new) {
            entry = entry.change(field, sealer.seal(old), sealer.seal(new));
        }
    }
    tx.log(entry);
    Ok(())
}

/// Refuses a change that came too late, with the person as he stands there now.
fn require_seen(changed: bool, current: &PersonRow, roles: &[Role]) -> Outcome<()> {
    if changed {
        return Ok(());
    }
    let refusal = Refusal::from(STALE_VERSION.with("version", current.version));
    let view = PersonView::of(current.clone(), roles.iter().map(|role| role.code().to_owned()).collect());
    Err(refusal.with_current(serde_json::to_value(view).map_err(Fault::broken)?).into())
}

/// A person as programs see him.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PersonView {
    pub id: i64,
    pub version: i64,
    pub username: String,
    pub name: String,
    pub email: String,
    pub phone: String,
    pub language: String,
    pub roles: Vec<String>,
    pub region_code: Option<String>,
    pub enterprise_id: Option<i64>,
    pub active: bool,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Moment,
}

impl PersonView {
    pub fn of(row: PersonRow, roles: Vec<String>) -> Self {
        Self {
            roles,
            id: row.id.0,
            version: row.version,
            username: row.username,
            name: row.name,
            email: row.email,
            phone: row.phone,
            language: row.language,
            region_code: row.region_code,
            enterprise_id: row.enterprise_id.map(|id| id.0),
            active: row.active,
            created_at: row.created_at,
        }
    }
}

/// Gives a person a new first password and ends his sessions and open grants. Whoever has chosen a password before signs
/// nothing until a second person has released him ([`super::releasing`]): the administrator knows the new one. Who never
/// came has nothing to be protected yet; what he may sign is given him by the technical manager, method by method.
pub fn reset_password(
    tx: &mut Tx,
    by: &May<ManageAccounts>,
    id: PersonId,
    seen: i64,
    password_hash: &str,
    real: Moment,
) -> Outcome<PersonSaved> {
    let before = store::person(tx.conn, id)?.ok_or(NOT_FOUND)?;
    if before.erased_at.is_some() {
        return Err(PERSON_ERASED.into());
    }
    let roles = store::roles_of(tx.conn, id)?;
    require_seen(store::set_password(tx.conn, id, seen, password_hash, true)?, &before, &roles)?;
    let holds = before.signing_held || before.signing_hash.is_some() || !before.password_must_change;
    if holds {
        store::hold_signing(tx.conn, id)?;
    }
    store::end_sessions_of(tx.conn, id)?;
    store::end_grants(tx.conn, id, real)?;
    tx.log(by.entry("person", id.0, seen + 1, "password-reset").set("signing_held", holds));
    Ok(PersonSaved { id: id.0, version: seen + 1 })
}

/// A person's own new password; the old one was checked by the caller against `seen_hash`.
pub fn change_own_password(tx: &mut Tx, by: &Actor, seen_hash: &str, new_hash: &str) -> Outcome<()> {
    let me = store::person(tx.conn, by.person)?.ok_or(NOT_FOUND)?;
    if me.password_hash != seen_hash {
        return Err(PASSWORD_WRONG.at("current_password").into());
    }
    store::set_password(tx.conn, me.id, me.version, new_hash, false)?;
    tx.log(by.entry("person", me.id.0, me.version + 1, "password-changed"));
    Ok(())
}

/// A person's own signing password; it must differ from the password of the account. The old ones were checked by the
/// caller against `seen`, the person as he stood there then.
pub fn set_signing_password(tx: &mut Tx, by: &Actor, seen: &PersonRow, signing_hash: &str) -> Outcome<()> {
    let me = store::person(tx.conn, by.person)?.ok_or(NOT_FOUND)?;
    let mut reasons = Reasons::new();
    reasons.add_if(me.password_hash != seen.password_hash, || PASSWORD_WRONG.at("current_password"));
    reasons.add_if(me.signing_hash != seen.signing_hash, || PASSWORD_WRONG.at("current_signing_password"));
    reasons.add_if(me.signing_held, || SIGNING_HELD.at("signing_password"));
    reasons.none()?;
    store::set_signing_hash(tx.conn, me.id, me.version, signing_hash)?;
    tx.log(by.entry("person", me.id.0, me.version + 1, "signing-password-set"));
    Ok(())
}

/// Whether a person's own new password may be used; `current` is that of the account.
pub fn check_own_password(me: &PersonRow, current: &str, new: &str, field: &'static str) -> Reasons {
    let mut reasons = Reasons::new();
    if let Err(refusal) = secrets::check_new_password(new, &me.username, field) {
        reasons.extend(refusal.reasons);
    }
    reasons.add_if(field == "signing_password" && new == current, || SIGNING_PASSWORD_SAME.at(field));
    reasons
}

/// Whether the laboratory has any account.
pub fn anybody(conn: &mut Conn) -> Outcome<bool> {
    Ok(!store::people(conn, store::Listed::All, None, 1)?.is_empty())
}

/// A person whose passwords count as chosen already: for the accounts that a demonstration or a test signs in with.
pub fn create_ready(tx: &mut Tx, by: &Actor, facts: &PersonFacts, password: &str, signing: &str) -> Outcome<PersonId> {
    let saved = create_first_administrator(tx, by, facts, password)?;
    let id = PersonId(saved.id);
    store::set_password(tx.conn, id, saved.version, password, false)?;
    store::set_signing_hash(tx.conn, id, saved.version + 1, signing)?;
    Ok(id)
}
