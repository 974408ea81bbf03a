//! What is done to the registry.

use serde::{Deserialize, Serialize};

pub use super::import::{Imported, read as read_import};
pub use super::store::Filter;
use super::store::{self, EnterpriseChange, EnterpriseRow, NewEnterprise};
use super::{ENTERPRISE_KNOWN, EnterpriseFacts, GRADES, Stage};
use crate::accounts::May;
use crate::accounts::actions::unknown_regions;
use crate::accounts::role::ManageEnterprises;
use crate::audit::personal::Sealer;
use crate::db::{Conn, Tx};
use crate::domain::identifiers::{BusinessLicence, CreditCode, ProductionLicence, RegionCode, Telephone};
use crate::domain::ids::EnterpriseId;
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_INVALID, Fault, NOT_FOUND, Outcome, Reasons, Refusal, STALE_VERSION};
use crate::domain::text;
use crate::web::language::Language;

/// Longest texts, in characters (`records.md` 2).
const NAME_MOST: usize = 120;
const LICENCE_MOST: usize = 32;
const VENUE_MOST: usize = 40;
const ADDRESS_MOST: usize = 200;
const CONTACT_MOST: usize = 40;
const EMAIL_MOST: usize = 120;

/// A unit as a form, a program or a row of an import describes it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EnterpriseInput {
    pub name: String,
    /// 统一社会信用代码, 18 characters; empty for a small unit without one.
    pub uscc: String,
    /// SC or JY licence, or the registration of a small unit.
    pub licence_no: String,
    /// `production`, `trade` or `catering`.
    pub stage: String,
    pub venue: String,
    pub address: String,
    /// Statistical code of the county (6 digits) or township (9).
    pub region_code: String,
    pub contact: String,
    pub phone: String,
    pub email: String,
    /// `zh-CN` or `en`.
    pub language: String,
    /// A (lowest) to D, or empty.
    pub risk_grade: String,
    /// A (most important) to D, or empty.
    pub baobao_tier: String,
    /// Left out by a program: active.
    pub active: Option<String>,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct Enterprise {
    pub name: String,
    pub uscc: Option<CreditCode>,
    pub licence_no: String,
    pub stage: Stage,
    pub venue: String,
    pub address: String,
    pub region: RegionCode,
    pub contact: String,
    pub phone: String,
    pub email: String,
    pub language: Language,
    pub risk_grade: String,
    pub baobao_tier: String,
    pub active: bool,
}

impl EnterpriseInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<Enterprise, Refusal> {
        let mut check = Checker::new();
        let name = check.text("name", &self.name, NAME_MOST);
        let uscc = check.optional_identifier("uscc", &self.uscc, "expected-uscc", CreditCode::parse);
        let licence_no = check_licence(&mut check, "licence_no", &self.licence_no);
        let stage = check.parsed("stage", &self.stage, "expected-stage", Stage::parse);
        let venue = check.optional_text("venue", &self.venue, VENUE_MOST);
        let address = check.text("address", &self.address, ADDRESS_MOST);
        let region =
            check.parsed("region_code", &self.region_code, "expected-region", |code| RegionCode::parse(code).ok());
        let contact = check.optional_text("contact", &self.contact, CONTACT_MOST);
        let phone = check.optional_identifier("phone", &self.phone, "expected-telephone", Telephone::parse);
        let email = check.optional_text("email", &self.email, EMAIL_MOST);
        check.add_if(!email.is_empty() && email.parse::<lettre::Address>().is_err(), || {
            FIELD_INVALID.at("email").with_word("expected", "expected-email")
        });
        let language = check.optional("language", &self.language, "expected-language", Language::parse);
        let risk_grade = check.optional("risk_grade", &self.risk_grade, "expected-grade", grade);
        let baobao_tier = check.optional("baobao_tier", &self.baobao_tier, "expected-grade", grade);
        let active = check.switch("active", self.active.as_deref());
        let checked = stage.zip(region).map(|(stage, region)| Enterprise {
            name,
            uscc,
            licence_no,
            stage,
            venue,
            address,
            region,
            contact,
            phone: phone.map(String::from).unwrap_or_default(),
            email,
            language: language.unwrap_or_default(),
            risk_grade: risk_grade.unwrap_or_default(),
            baobao_tier: baobao_tier.unwrap_or_default(),
            active,
        });
        check.done(checked)
    }
}

fn grade(text: &str) -> Option<String> {
    GRADES.contains(&text).then(|| text.to_owned())
}

/// A licence number: `SC…` and `JY…` must have their shape (a doubtful check digit is only a warning,
/// [`super::licence_doubt`]); anything else is a provincial registration and free text.
pub fn check_licence(check: &mut Checker, field: &str, given: &str) -> String {
    let code = text::code(given).to_ascii_uppercase();
    if code.starts_with("SC") {
        let licence = check.optional_identifier(field, &code, "expected-sc-licence", ProductionLicence::parse);
        return licence.map(String::from).unwrap_or_default();
    }
    if code.starts_with("JY") {
        let licence = check.optional_identifier(field, &code, "expected-jy-licence", BusinessLicence::parse);
        return licence.map(String::from).unwrap_or_default();
    }
    check.optional_text(field, given, LICENCE_MOST)
}

/// What a change of the registry answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EnterpriseSaved {
    pub id: i64,
    pub version: i64,
    /// Whether the licence number is doubtful: stored, but a person should compare it with the original.
    pub licence_doubtful: bool,
}

/// Registers a unit.
pub fn create(tx: &mut Tx, by: &May<ManageEnterprises>, facts: &Enterprise) -> Outcome<EnterpriseSaved> {
    require_free(tx, None, facts)?;
    let id = store::insert(tx.conn, &new_row(facts, tx.now))?;
    let sealer = Sealer::create(tx, &subject(id))?;
    tx.log(
        by.entry("enterprise", id.0, 1, "enterprise-created")
            .set("name", facts.name.as_str())
            .set("uscc", facts.uscc.as_ref().map(CreditCode::as_str))
            .set("licence_no", facts.licence_no.as_str())
            .set("stage", facts.stage.code())
            .set("venue", facts.venue.as_str())
            .set("address", facts.address.as_str())
            .set("region_code", facts.region.as_str())
            .set("contact", sealer.seal(&facts.contact))
            .set("phone", sealer.seal(&facts.phone))
            .set("email", sealer.seal(&facts.email))
            .set("risk_grade", facts.risk_grade.as_str())
            .set("baobao_tier", facts.baobao_tier.as_str())
            .set("active", facts.active),
    );
    Ok(saved(id, 1, facts))
}

fn saved(id: EnterpriseId, version: i64, facts: &Enterprise) -> EnterpriseSaved {
    EnterpriseSaved { id: id.0, version, licence_doubtful: super::licence_doubt(&facts.licence_no).is_some() }
}

fn subject(id: EnterpriseId) -> String {
    format!("enterprise:{id}")
}

/// A known region and a credit code that nobody else has, both at once.
fn require_free(tx: &mut Tx, own: Option<EnterpriseId>, facts: &Enterprise) -> Outcome<()> {
    let mut reasons = Reasons::new();
    reasons.extend(unknown_regions(tx.conn, &[("region_code", &facts.region)])?);
    if let Some(uscc) = &facts.uscc {
        let holders = store::registered(tx.conn, &[uscc.as_str().to_owned()])?;
        if let Some((holder, _)) = holders.into_iter().find(|(id, _)| Some(*id) != own) {
            reasons.add(ENTERPRISE_KNOWN.with("uscc", uscc).with("id", holder).at("uscc"));
        }
    }
    Ok(reasons.none()?)
}

pub(super) fn new_row(facts: &Enterprise, now: crate::domain::clock::Moment) -> NewEnterprise<'_> {
    NewEnterprise {
        version: 1,
        name: &facts.name,
        uscc: facts.uscc.as_ref().map(CreditCode::as_str),
        licence_no: &facts.licence_no,
        stage: facts.stage.code(),
        venue: &facts.venue,
        address: &facts.address,
        region_code: facts.region.as_str(),
        contact: &facts.contact,
        phone: &facts.phone,
        email: &facts.email,
        language: facts.language.code(),
        risk_grade: &facts.risk_grade,
        baobao_tier: &facts.baobao_tier,
        active: facts.active,
        created_at: now,
    }
}

/// Changes a unit that was seen at a version.
pub fn change(
    tx: &mut Tx,
    by: &May<ManageEnterprises>,
    id: EnterpriseId,
    seen: i64,
    facts: &Enterprise,
) -> Outcome<EnterpriseSaved> {
    let before = store::one(tx.conn, id)?.ok_or(NOT_FOUND)?;
    require_free(tx, Some(id), facts)?;
    let row = EnterpriseChange {
        name: &facts.name,
        uscc: facts.uscc.as_ref().map(CreditCode::as_str),
        licence_no: &facts.licence_no,
        stage: facts.stage.code(),
        venue: &facts.venue,
        address: &facts.address,
        region_code: facts.region.as_str(),
        contact: &facts.contact,
        phone: &facts.phone,
        email: &facts.email,
        language: facts.language.code(),
        risk_grade: &facts.risk_grade,
        baobao_tier: &facts.baobao_tier,
        active: facts.active,
    };
    if !store::change(tx.conn, id, seen, &row)? {
        let refusal = Refusal::from(STALE_VERSION.with("version", before.version));
        return Err(refusal.with_current(serde_json::json!({"id": id, "version": before.version})).into());
    }
    log_change(tx, by, id, seen + 1, &before, facts)?;
    Ok(saved(id, seen + 1, facts))
}

fn log_change(
    tx: &mut Tx,
    by: &May<ManageEnterprises>,
    id: EnterpriseId,
    version: i64,
    before: &EnterpriseRow,
    facts: &Enterprise,
) -> Outcome<()> {
    let mut entry = by.entry("enterprise", id.0, version, "enterprise-changed");
    let open = [
        ("name", before.name.as_str(), facts.name.as_str()),
        ("uscc", before.uscc.as_deref().unwrap_or_default(), facts.uscc.as_ref().map_or("", CreditCode::as_str)),
        ("licence_no", &before.licence_no, &facts.licence_no),
        ("stage", &before.stage, facts.stage.code()),
        ("venue", &before.venue, &facts.venue),
        ("address", &before.address, &facts.address),
        ("region_code", &before.region_code, facts.region.as_str()),
        ("language", &before.language, facts.language.code()),
        ("risk_grade", &before.risk_grade, &facts.risk_grade),
        ("baobao_tier", &before.baobao_tier, &facts.baobao_tier),
    ];
    for (field, old, new) in open.into_iter().filter(|(_, old, new)| old != new) {
        entry = entry.change(field, old, new);
    }
    if before.active != facts.active {
        entry = entry.change("active", before.active, facts.active);
    }
    let personal = [
        ("contact", &before.contact, &facts.contact),
        ("phone", &before.phone, &facts.phone),
        ("email", &before.email, &facts.email),
    ];
    if personal.iter().any(|(_, old, new)| old != new) {
        // A unit from an import gets its key with its first personal change.
        let sealer = match Sealer::load(tx.conn, &subject(id))? {
            Some(sealer) => sealer,
            None => Sealer::create(tx, &subject(id))?,
        };
        for (field, old, new) in personal.into_iter().filter(|(_, old, new)| old != new) {
            entry = entry.change(field, sealer.seal(old), sealer.seal(new));
        }
    }
    tx.log(entry);
    Ok(())
}

/// One unit, as other rooms know it.
pub fn facts(conn: &mut Conn, id: EnterpriseId) -> Outcome<EnterpriseFacts> {
    facts_from(store::one(conn, id)?.ok_or(NOT_FOUND)?)
}

/// Several units by one query; unknown ids are left out.
pub fn facts_of(conn: &mut Conn, ids: &[EnterpriseId]) -> Outcome<Vec<EnterpriseFacts>> {
    store::several(conn, ids)?.into_iter().map(facts_from).collect()
}

/// The active units of a region and below it, in order of id: the population of a draw.
pub fn active_in_region(conn: &mut Conn, region: &RegionCode) -> Outcome<Vec<EnterpriseFacts>> {
    store::active_in_region(conn, region.as_str())?.into_iter().map(facts_from).collect()
}

/// Units with one of these credit codes or licence numbers, by one query.
pub fn by_identifiers(conn: &mut Conn, usccs: &[String], licences: &[String]) -> Outcome<Vec<EnterpriseFacts>> {
    if usccs.is_empty() && licences.is_empty() {
        return Ok(Vec::new());
    }
    store::by_identifiers(conn, usccs, licences)?.into_iter().map(facts_from).collect()
}

/// A part of the registry in order of id.
pub fn list(conn: &mut Conn, filter: &Filter, limit: i64) -> Outcome<Vec<EnterpriseFacts>> {
    store::list(conn, filter, limit)?.into_iter().map(facts_from).collect()
}

/// Stores the checked rows of an import, all of them or none.
pub fn import(tx: &mut Tx, by: &May<ManageEnterprises>, import: &Imported) -> Outcome<usize> {
    super::import::keep(tx, by, import)
}

fn facts_from(row: EnterpriseRow) -> Outcome<EnterpriseFacts> {
    let broken = |what: &str| Fault::broken(format!("enterprise {} has an unreadable {what}", row.id));
    Ok(EnterpriseFacts {
        uscc: row.uscc.as_deref().map(CreditCode::parse).transpose().map_err(|_| broken("credit code"))?,
        stage: Stage::parse(&row.stage).ok_or_else(|| broken("stage"))?,
        region: RegionCode::parse(&row.region_code).map_err(|_| broken("region"))?,
        language: Language::parse(&row.language).unwrap_or_default(),
        id: row.id,
        version: row.version,
        name: row.name,
        licence_no: row.licence_no,
        venue: row.venue,
        address: row.address,
        contact: row.contact,
        phone: row.phone,
        email: row.email,
        risk_grade: row.risk_grade,
        baobao_tier: row.baobao_tier,
        active: row.active,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> EnterpriseInput {
        EnterpriseInput {
            name: "示例蔬菜合作社".into(),
            uscc: "91131000ma0abcde17".into(),
            licence_no: "SC10613108100013".into(),
            stage: "production".into(),
            address: "示例路 1 号".into(),
            region_code: "131081".into(),
            phone: "０３１６２００００００".into(),
            risk_grade: "B".into(),
            ..EnterpriseInput::default()
        }
    }

    #[test]
    fn a_doubtful_licence_is_kept_and_codes_are_normalised() {
        let facts = good().checked().unwrap();
        assert_eq!(facts.uscc.unwrap().as_str(), "91131000MA0ABCDE17");
        assert_eq!(facts.phone, "0316-2000000");
        assert!(super::super::licence_doubt(&facts.licence_no).is_some());
        assert!(super::super::licence_doubt("SC10613108100012").is_none());
        assert!(super::super::licence_doubt("霸州小作坊登记 12 号").is_none());
    }

    #[test]
    fn every_wrong_identifier_has_its_own_reason() {
        let input = EnterpriseInput {
            uscc: "91131000MA0ABCDE18".into(),
            licence_no: "SC30613108100012".into(),
            risk_grade: "E".into(),
            ..good()
        };
        let refusal = input.checked().unwrap_err();
        let named: Vec<_> = refusal.reasons.iter().map(|r| (r.field.as_deref().unwrap(), r.problem.code)).collect();
        assert_eq!(
            named,
            [("uscc", "check-character"), ("licence_no", "field-invalid"), ("risk_grade", "field-invalid")]
        );
    }
}
