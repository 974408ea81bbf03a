//! The laboratory's own records on paper: the raw record of a worksheet, the quality report of a month or a year, the
//! validation of the program.

use serde::Serialize;

use super::{Laboratory, Language};

/// 原始记录, ISO/IEC 17025:2017 7.5: what was observed, by whom, when and with what; what was changed stays readable.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RawRecord {
    pub language: Language,
    pub laboratory: Laboratory,
    /// As the form of the procedure is called.
    pub title: String,
    pub worksheet_no: String,
    /// Standard, edition, procedure.
    pub method: String,
    pub state: String,
    pub tester: String,
    pub opened_at: String,
    /// The instrument that the sheet was opened for.
    pub instrument: Option<String>,
    pub printed_at: String,
    pub printed_by: String,
    pub lots: Vec<RecordedLot>,
    /// What was read meanwhile in the rooms that the method makes demands on.
    pub rooms: Vec<RecordedReading>,
    /// What the sheet has once.
    pub conditions: Vec<RecordedCell>,
    pub places: Vec<RecordedPlace>,
    pub curves: Vec<RecordedCurve>,
    pub results: Vec<RecordedResult>,
    /// The verdict over all controls; `None` before there is one.
    pub controls_verdict: Option<String>,
    pub controls: Vec<RecordedControl>,
    /// Why the whole sheet was released, by whom and when.
    pub release: Option<String>,
    /// Warnings that the tester went past when he submitted the sheet.
    pub warnings: Vec<RecordedWarning>,
    pub signatures: Vec<RecordedSignature>,
}

/// A standard, reagent or solution that was used.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RecordedLot {
    pub code: String,
    pub name: String,
    pub used_on: String,
    pub expires_on: String,
}

/// A reading of a room.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RecordedReading {
    pub room: String,
    pub read_at: String,
    pub temperature: String,
    pub humidity: String,
    /// Person or sensor.
    pub by: String,
    /// Within or outside of the room's limits.
    pub within: String,
}

/// One field with everything that was ever entered into it, in its order: the last entry holds, those before it are
/// struck through.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RecordedCell {
    pub name: String,
    pub entries: Vec<RecordedEntry>,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct RecordedEntry {
    /// As typed or printed, with its unit.
    pub value: String,
    /// Typed, instrument or correction, and by whom or from where.
    pub source: String,
    pub at: String,
    pub reason: String,
}

/// One place of the sheet.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RecordedPlace {
    /// Number, label code, analyte, and what kind of control it is.
    pub title: String,
    /// What a control must give.
    pub target: Option<String>,
    pub cells: Vec<RecordedCell>,
}

/// A calibration curve.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RecordedCurve {
    pub analyte: String,
    pub equation: String,
    /// |r| beside the least that the method asks for.
    pub r: String,
    pub weight: String,
    pub verdict: String,
    /// Of the concentrations.
    pub unit: String,
    /// Drawn for paper: it carries its own style.
    pub svg: String,
    pub points: Vec<RecordedPoint>,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct RecordedPoint {
    pub label_code: String,
    pub nominal: String,
    pub signal: String,
    pub found: String,
    /// In percent of the nominal concentration.
    pub error: String,
}

/// A version of a result.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RecordedResult {
    /// Label code, analyte, number of the version.
    pub title: String,
    pub reported: String,
    pub verdict: String,
    /// Submitted, corrected, …, with the reason.
    pub cause: String,
    pub by: String,
    pub at: String,
    /// The approved deviation from the method.
    pub deviation: Option<String>,
    /// A later version holds instead.
    pub superseded: bool,
    /// The calculation and the judgement, one sentence each.
    pub steps: Vec<String>,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct RecordedControl {
    /// Its kind and label code.
    pub control: String,
    pub analyte: String,
    pub found: String,
    pub expected: String,
    /// Difference or recovery in percent.
    pub figure: String,
    /// With the rules of its chart, and why it could not be compared.
    pub verdict: String,
    /// Why what it holds was released, by whom and when.
    pub release: Option<String>,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct RecordedWarning {
    pub warnings: Vec<String>,
    pub reason: String,
    pub by: String,
    pub at: String,
}

/// Who did what on the record.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RecordedSignature {
    /// Tested, checked.
    pub meaning: String,
    /// Of which result.
    pub subject: String,
    pub name: String,
    pub at: String,
}

/// 质量报告 of a month or a year, an input of the management review (ISO/IEC 17025:2017 8.9).
#[derive(Clone, Debug, Default, Serialize)]
pub struct QualityReport {
    pub language: Language,
    pub laboratory: Laboratory,
    /// `2026-11` or `2026`.
    pub period: String,
    pub counted_at: String,
    /// Who had it made.
    pub made_by: String,
    pub work: Vec<Figure>,
    pub controls: Vec<CountedControls>,
    pub controls_by_instrument: Vec<CountedControls>,
    pub controls_by_person: Vec<CountedControls>,
    /// Points of control charts at which a rule held.
    pub chart_rules: Vec<Figure>,
    pub quality: Vec<Figure>,
    pub proficiency: Vec<Proficiency>,
}

/// A number with what it counts.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Figure {
    pub name: String,
    pub value: String,
}

/// Worksheets of a method, an instrument or a person by the verdict over their controls.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CountedControls {
    pub name: String,
    pub accepted: String,
    pub rejected: String,
    /// Rejected of all.
    pub percent: String,
}

/// A score of a proficiency test.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Proficiency {
    pub scheme: String,
    pub analyte: String,
    pub method: String,
    pub score: String,
    pub verdict: String,
}

/// 软件确认记录: the program as the technical manager validated it, ISO/IEC 17025:2017 7.11.2.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ProgramValidation {
    pub language: Language,
    pub laboratory: Laboratory,
    pub number: String,
    /// Name and version.
    pub program: String,
    /// Number of the newest migration.
    pub tables: String,
    /// SHA-256 over the sets in force.
    pub catalogue: String,
    /// Kind and name of each.
    pub sets: Vec<String>,
    pub profiles: Vec<ValidatedProfile>,
    pub run_file: String,
    pub run_sha256: String,
    pub run_questions: String,
    pub run_differing: String,
    pub run_at: String,
    pub run_by: String,
    pub remark: String,
    /// SHA-256 over what the signer saw.
    pub seen: String,
    pub signed_by: String,
    pub signed_at: String,
}

/// A profile of instruments in use.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ValidatedProfile {
    /// `NAME@NUMBER`, or the name of a shipped profile.
    pub reference: String,
    pub maturity: String,
    /// Codes of the instruments.
    pub instruments: String,
    /// What came of reading its example again.
    pub regression: String,
}
