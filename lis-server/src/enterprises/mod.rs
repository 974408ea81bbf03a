//! Enterprises: the registry of food units (企业名录). A unit has a credit code or, when it is too small to have one, a
//! registration of its province; a region, which decides whose results it sees; a risk grade and a responsibility tier,
//! two scales that run in opposite directions and are never mixed (`workflow.md` 5.1).

pub mod actions;
pub mod api;
pub mod erasing;
mod import;
pub mod pages;
mod store;

use serde::{Deserialize, Serialize};

use crate::domain::identifiers::{BusinessLicence, CreditCode, IdentifierProblem, ProductionLicence, RegionCode};
use crate::domain::ids::EnterpriseId;
use crate::domain::refusal::Problem;
use crate::web::language::Language;

pub const ENTERPRISE_KNOWN: Problem = Problem::new("enterprise-known", 409);
pub const ROW_REPEATED: Problem = Problem::new("enterprise-row-repeated", 422);
pub const IMPORT_EMPTY: Problem = Problem::new("enterprise-import-empty", 422);

/// Codes declared in this room.
pub const PROBLEMS: &[Problem] = &[ENTERPRISE_KNOWN, ROW_REPEATED, IMPORT_EMPTY];

/// What a unit does with food (抽样环节).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Production,
    Trade,
    Catering,
}

impl Stage {
    pub const ALL: &[Self] = &[Self::Production, Self::Trade, Self::Catering];

    pub fn code(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Trade => "trade",
            Self::Catering => "catering",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|stage| stage.code() == code)
    }
}

/// Grades of both scales. Risk: A lowest. Tier: A most important.
pub const GRADES: [&str; 4] = ["A", "B", "C", "D"];

/// A food unit as other rooms know it.
#[derive(Clone, Debug)]
pub struct EnterpriseFacts {
    pub id: EnterpriseId,
    pub version: i64,
    pub name: String,
    pub uscc: Option<CreditCode>,
    /// SC or JY licence, or the registration of a small unit; empty when there is none.
    pub licence_no: String,
    pub stage: Stage,
    /// Kind of place, free text (超市, 农贸市场, 快餐店): the strata of a draw.
    pub venue: String,
    pub address: String,
    pub region: RegionCode,
    pub contact: String,
    pub phone: String,
    pub email: String,
    pub language: Language,
    /// A (lowest) to D, or empty.
    pub risk_grade: String,
    /// A (most important) to D, or empty.
    pub baobao_tier: String,
    pub active: bool,
}

/// What is odd about a licence number without being refused: its check digit, or an unusual first digit. The algorithm was
/// not yet tried on real licences, so a person decides (`records.md` 1).
pub fn licence_doubt(licence_no: &str) -> Option<IdentifierProblem> {
    match ProductionLicence::parse(licence_no) {
        Ok(licence) => licence.doubt(),
        Err(_) => BusinessLicence::parse(licence_no).ok()?.doubt(),
    }
}
