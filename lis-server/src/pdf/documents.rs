//! What each document says. A capability fills one of these structs and hands it to the [`Typesetter`](super::Typesetter).
//!
//! Every text is already formatted by the caller: numbers as authorized, dates as `YYYY-MM-DD`, times in the laboratory's
//! zone. Nothing here is parsed or rounded again. `None` and empty text print as `/`. The printed words around the
//! data (labels, titles, statements) come from `labels.json` in the document's [`Language`].

mod records;

pub use records::{
    CountedControls, Figure, Proficiency, ProgramValidation, QualityReport, RawRecord, RecordedCell, RecordedControl,
    RecordedCurve, RecordedEntry, RecordedLot, RecordedPlace, RecordedPoint, RecordedReading, RecordedResult,
    RecordedSignature, RecordedWarning, ValidatedProfile,
};

use serde::{Deserialize, Serialize};

use super::{Code128, QrCode};

/// The language of the printed labels. Data stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    #[default]
    Zh,
    En,
}

/// The laboratory as it names itself on paper.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Laboratory {
    pub name: String,
    pub address: String,
    /// Telephone, post code, e-mail, in one line.
    pub contact: Option<String>,
}

/// A firm or an authority.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Party {
    pub name: String,
    pub address: Option<String>,
    /// Unified social credit code or licence number.
    pub licence: Option<String>,
    /// Person, telephone.
    pub contact: Option<String>,
}

/// A person's electronic signature.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Signature {
    pub name: String,
    /// 职务, for the signatory required by ISO/IEC 17025 7.8.2.1 o.
    pub position: Option<String>,
    /// Date and time of signing with its zone.
    pub signed_at: String,
}

/// 检验报告, `records.md` section 5 of the field's records; ISO/IEC 17025:2017 7.8.
#[derive(Clone, Debug, Serialize)]
pub struct TestReport {
    pub language: Language,
    pub kind: ReportKind,
    pub report_no: String,
    /// 监督抽检, 委托检验, …
    pub test_type: String,
    pub laboratory: Laboratory,
    /// When not the laboratory's address, for example a mobile laboratory (7.8.2.1 c).
    pub test_location: Option<String>,
    /// Marks that the laboratory may show. Printed only when [`TestReport::every_item_in_scope`].
    pub accreditations: Vec<Accreditation>,
    /// Who ordered the test; for supervision the authority.
    pub client: Party,
    pub sample: Sample,
    /// Supervision: where the sample was taken.
    pub sampled_unit: Option<Party>,
    /// 标称生产者.
    pub producer: Option<Party>,
    /// 第三方企业: who gave the order to produce, importer, dealer, platform.
    pub third_party: Option<Party>,
    /// When the laboratory took the sample itself (7.8.5).
    pub sampling: Option<Sampling>,
    pub received_on: String,
    pub tested_from: String,
    pub tested_to: String,
    pub issued_on: String,
    /// For which samples the results speak (7.8.2.1 l).
    pub responsibility: Responsibility,
    pub items: Vec<ReportItem>,
    /// Limit standards with their editions (7.8.6.2 b), one text each.
    pub judgement_basis: Vec<String>,
    /// `None`: results only.
    pub conclusion: Option<String>,
    /// Printed in bold; the wording itself says what fails.
    pub failed: bool,
    /// 7.8.6.2 c.
    pub decision_rule: Option<String>,
    /// 7.8.2.1 n, 7.8.3.1 a.
    pub deviations: Option<String>,
    /// 7.8.3.1 c, when asked for or when it affects conformity; per item see [`ReportItem::uncertainty`].
    pub uncertainty: Option<String>,
    /// 7.8.7, marked as such.
    pub opinion: Option<Opinion>,
    /// 更改报告 or 补充报告: which report it replaces or completes (7.8.8).
    pub amendment: Option<Amendment>,
    /// 主检, one for each person who tested.
    pub testers: Vec<Signature>,
    pub reviewer: Signature,
    /// 批准人, the authorized signatory.
    pub signatory: Signature,
    pub verification: Verification,
    /// Further statements after the fixed ones.
    pub statements: Vec<String>,
    pub remark: Option<String>,
    /// A line across the head of every page of a *copy*, for example `已被 BZ-2026-J-000001-G1 替代`. The
    /// issued file itself has none and never changes.
    pub stamp: Option<String>,
}

impl TestReport {
    /// Whether marks of accreditation may be shown: only if the laboratory is accredited for **every** item (CMA rule).
    pub fn every_item_in_scope(&self) -> bool {
        self.items.iter().all(|item| item.in_scope && item.subcontract.is_none())
    }
}

/// Decides the title.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportKind {
    /// 检验报告
    #[default]
    Original,
    /// 更改报告
    Amended,
    /// 补充报告
    Supplementary,
}

/// A mark: `CMA` or `CNAS` with its number.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Accreditation {
    pub mark: String,
    pub number: String,
}

/// The sample as on the sampling form (7.8.2.1 g).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Sample {
    pub sample_no: String,
    pub name: String,
    pub category: Option<String>,
    pub brand: Option<String>,
    pub spec: Option<String>,
    pub batch_no: Option<String>,
    pub production_date: Option<String>,
    /// What kind of date it is.
    pub date_kind: DateKind,
    pub shelf_life: Option<String>,
    pub grade: Option<String>,
    /// 执行标准/技术文件
    pub product_std: Option<String>,
    pub quantity: Option<String>,
    /// 样品状态: colour, odour, form, package.
    pub state: Option<String>,
    pub storage: Option<String>,
}

/// What the date on the label means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateKind {
    /// 生产日期
    #[default]
    Produced,
    /// 加工日期
    Processed,
    /// 购进日期
    Purchased,
    /// 保质期到期日
    Expiry,
}

/// How the laboratory took the sample.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Sampling {
    /// 抽样单编号
    pub form_no: String,
    /// 抽样方案 or implementing rules.
    pub plan: Option<String>,
    /// 抽样方式
    pub mode: Option<String>,
    /// 抽样地点
    pub place: Option<String>,
    /// 抽样基数
    pub lot_size: Option<String>,
    /// 抽样人, separated by the caller.
    pub samplers: String,
    pub sampled_on: String,
}

/// Which sentence limits what the report speaks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Responsibility {
    /// 仅对所检样品负责
    #[default]
    SampledByLaboratory,
    /// 仅对来样负责
    AsReceived,
}

/// One line of the result table. A document that was fixed before a field came has none of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReportItem {
    /// Key of the analyte in the catalogue, for programs that read the fixed document; it is not printed.
    pub analyte: String,
    pub name: String,
    pub unit: Option<String>,
    /// 技术要求: the limit, or the plan `n=5, c=2, m=10², M=10³`.
    pub requirement: Option<String>,
    /// 实测值 as authorized. Microbiology: all n values in order, each printed.
    pub results: Vec<String>,
    /// 判定依据 of this item alone, for the notice and the feed; the report prints those of all items together.
    pub basis: Option<String>,
    /// 单项判定; `None` when the item is not judged.
    pub verdict: Option<String>,
    /// Prints the verdict in bold.
    pub failed: bool,
    /// 检验依据: number, year, procedure.
    pub method: String,
    /// 检出限 with its unit.
    pub lod: Option<String>,
    /// With the item's result, when it belongs there (7.8.3.1 c).
    pub uncertainty: Option<String>,
    /// Whether the laboratory is accredited for item and method; if not the item is marked.
    pub in_scope: bool,
    /// Who tested it when another laboratory did (7.8.2.1 p).
    pub subcontract: Option<Subcontract>,
    /// How the verdict came about, for the annex; empty: the item is not in the annex.
    pub explain: Vec<String>,
}

/// The other laboratory.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Subcontract {
    pub name: String,
    /// Its accreditation number.
    pub accreditation: String,
}

/// 意见和解释.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Opinion {
    pub text: String,
    /// Who is authorized to give it.
    pub by: String,
}

/// What an amended report says about the old one.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Amendment {
    pub old_report_no: String,
    pub old_issued_on: String,
    /// What changed, one text each.
    pub changes: Vec<String>,
    pub reason: String,
}

/// How anyone can check the paper against the laboratory.
#[derive(Clone, Debug, Serialize)]
pub struct Verification {
    /// Opens the public check page.
    pub qr: QrCode,
    /// To be typed where there is no camera.
    pub code: String,
}

/// 检验结果通知书, `records.md` section 6. Issued by the authority, not the laboratory.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ResultNotice {
    pub language: Language,
    pub notice_no: String,
    /// 发出部门
    pub issued_by: String,
    pub issued_on: String,
    /// 送达单位: name, address, credit code.
    pub to_unit: Party,
    /// In which role it is told: 被抽样单位, 标称生产者, …
    pub to_role: String,
    pub sample: Sample,
    pub sampled_unit: Option<String>,
    pub producer: Option<String>,
    pub report_no: String,
    pub laboratory: String,
    pub failing_items: Vec<FailingItem>,
    /// 应履行的义务, one text each.
    pub duties: Vec<String>,
    /// 复检、异议的权利与期限, one text each with its last day.
    pub rights: Vec<String>,
    /// 备份样品保存地点
    pub backup_place: Option<String>,
    /// 备份样品保存期限
    pub backup_until: Option<String>,
    /// 送达时间; `None` leaves a line to be filled by hand.
    pub served_at: Option<String>,
    /// 送达方式; `None` leaves a line to be filled by hand.
    pub served_how: Option<String>,
    /// Answer of the unit, when it is already known.
    pub confirmed: Option<Confirmation>,
}

/// One failing item.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FailingItem {
    pub name: String,
    pub unit: Option<String>,
    pub results: Vec<String>,
    pub requirement: String,
    /// 判定依据
    pub basis: String,
}

/// 确认回执.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Confirmation {
    /// 无异议
    Accepted,
    /// 提出复检
    Reinspection,
    /// 提出异议
    Objection,
}

/// 拒收通知: why a sample was not accepted.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RejectionNote {
    pub language: Language,
    pub note_no: String,
    pub laboratory: Laboratory,
    pub sample_name: String,
    /// 抽样单编号 or 委托单号
    pub form_no: Option<String>,
    pub spec: Option<String>,
    pub batch_no: Option<String>,
    pub quantity: Option<String>,
    /// Who sent it.
    pub sender: Party,
    pub deliverer: Option<String>,
    /// 送达方式
    pub delivery: Option<String>,
    pub arrived_at: String,
    pub reasons: Vec<RejectionReason>,
    /// What happens to the goods and what the sender can do.
    pub handling: Option<String>,
    /// When and how the sender was told.
    pub told: Option<String>,
    pub rejected_on: String,
    pub custodian: Signature,
}

/// One reason, `R01` to `R13`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RejectionReason {
    pub code: String,
    pub text: String,
    /// What was seen.
    pub detail: Option<String>,
}

/// 双随机抽取记录: everything needed to repeat the draw.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DrawRecord {
    pub language: Language,
    pub record_no: String,
    /// Who ordered the draw.
    pub authority: String,
    pub task: String,
    pub drawn_at: String,
    pub drawn_by: String,
    /// Who watched.
    pub witnesses: Vec<String>,
    /// Name and version of the rule by which numbers become units.
    pub algorithm: String,
    pub seed: String,
    /// Where the seed comes from.
    pub seed_source: Option<String>,
    pub unit_list: DrawList,
    pub sampler_list: DrawList,
    pub weights: Vec<DrawWeight>,
    pub units: Vec<DrawnUnit>,
    pub samplers: Vec<DrawnSampler>,
    /// Kept out of the draw, with the reason.
    pub excluded: Vec<Exclusion>,
    pub signatures: Vec<Signature>,
}

/// The list from which was drawn, as it was.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DrawList {
    pub name: String,
    pub entries: usize,
    /// SHA-256 of the list, hexadecimal.
    pub sha256: String,
}

/// How often a group may come.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DrawWeight {
    pub group: String,
    pub weight: String,
    pub entries: usize,
    pub drawn: usize,
}

/// One drawn unit.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DrawnUnit {
    pub name: String,
    pub licence: Option<String>,
    pub region: Option<String>,
    pub group: Option<String>,
    /// The number that drew it.
    pub draw: String,
}

/// One drawn sampler.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DrawnSampler {
    pub name: String,
    pub certificate: Option<String>,
    pub draw: String,
    /// For which units.
    pub assigned_to: Option<String>,
}

/// Who could not be drawn.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Exclusion {
    pub name: String,
    pub reason: String,
}

/// Labels for containers, row by row.
#[derive(Clone, Debug, Default, Serialize)]
pub struct LabelSheet {
    pub language: Language,
    /// Title of the file; nothing of it is printed on a label.
    pub title: String,
    pub stock: LabelStock,
    /// Labels of the first sheet that are already used.
    pub skip: usize,
    pub labels: Vec<Label>,
}

/// What is in the printer.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LabelStock {
    /// A4 sheets, divided evenly inside the margins.
    Sheet { columns: u8, rows: u8, margin_x_mm: u8, margin_y_mm: u8 },
    /// A label printer: each label is a page.
    Roll { width_mm: u8, height_mm: u8 },
}

impl Default for LabelStock {
    /// 3 x 8 labels of 70 x 36 mm, the most common sheet.
    fn default() -> Self {
        Self::Sheet { columns: 3, rows: 8, margin_x_mm: 0, margin_y_mm: 4 }
    }
}

/// One label. Blind work starts here: it carries the label code and nothing that tells firm, brand or sample number.
#[derive(Clone, Debug, Serialize)]
pub struct Label {
    pub code: Code128,
    /// The code for people, for example in groups: `482 017 593 6`.
    pub text: String,
    /// Short lines: role of the part, storage. At most three fit on a label of 36 mm.
    pub lines: Vec<String>,
}
