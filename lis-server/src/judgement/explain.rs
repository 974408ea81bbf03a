//! The reasoning of a judgement as a person would write it.
//!
//! Every judgement leaves [`Step`]s: a key with named arguments. Pages translate the keys; [`Step::text`] writes them
//! in plain Chinese or English for the grid, the review and the annex of the report.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::decimal::Decimal;

use super::Verdict;
use super::decision::GuardedVerdict;
use super::number::SIGNIFICANT_DIGITS;
use super::rounding;

/// One sentence of the reasoning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub key: StepKey,
    pub args: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    Zh,
    En,
}

impl Step {
    pub fn new<const N: usize>(key: StepKey, args: [(&str, String); N]) -> Self {
        Self { key, args: args.into_iter().map(|(name, value)| (name.to_owned(), value)).collect() }
    }

    /// The sentence, with its arguments in place.
    pub fn text(&self, lang: Lang) -> String {
        let (zh, en) = if self.has_no_limit() { NO_LIMIT } else { self.key.templates() };
        let template = match lang {
            Lang::Zh => zh,
            Lang::En => en,
        };
        self.filled(template, lang)
    }

    /// Such a step is kept with the unit of what was measured: there is nothing that it would be the unit of.
    fn has_no_limit(&self) -> bool {
        self.key == StepKey::Limit && self.args.get("limit").is_some_and(String::is_empty)
    }

    /// One pass, so that braces inside an argument stay what they are.
    fn filled(&self, template: &str, lang: Lang) -> String {
        let mut parts = template.split('{');
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}').unwrap_or((part, ""));
            match self.argument(name, lang) {
                Some(value) => text.push_str(&value),
                None => text.push_str(&format!("{{{name}}}")),
            }
            text.push_str(rest);
        }
        text
    }

    /// An argument as a person would write it. Kept are the names that the formula has for its inputs, and of a verdict its
    /// code beside the Chinese word.
    fn argument(&self, name: &str, lang: Lang) -> Option<Cow<'_, str>> {
        let value = self.args.get(name)?;
        Some(match (self.key, name) {
            (StepKey::FormulaIs, "formula") => Cow::Owned(with_names(value, lang)),
            (StepKey::FormulaInput, "name") => Cow::Borrowed(input_name(value, lang)),
            (StepKey::VerdictIs | StepKey::GuardedIs, "en") => Cow::Borrowed(verdict_in_english(value)),
            _ => written(value),
        })
    }
}

/// [`StepKey::Limit`] where there is none.
const NO_LIMIT: (&str, &str) = ("限值：无", "Limit: none");

/// What the inputs of formulas are called: as formulas write them, in Chinese, in English. An input of a laboratory's own
/// formula that is not here is called as it is written.
pub const INPUTS: &[(&str, &str, &str)] = &[
    ("reading", "读数", "reading"),
    ("blank", "空白", "blank"),
    ("mass", "称样量", "mass"),
    ("volume", "定容体积", "volume"),
    ("dilution", "稀释倍数", "dilution"),
    ("concentration", "滴定液浓度", "concentration"),
    ("mass_before", "干燥前质量", "mass before"),
    ("mass_after", "干燥后质量", "mass after"),
    ("moisture", "水分", "moisture"),
    ("fat", "脂肪", "fat"),
];

fn input_name(name: &str, lang: Lang) -> &str {
    match (INPUTS.iter().find(|(input, ..)| *input == name), lang) {
        (Some((_, chinese, _)), Lang::Zh) => chinese,
        (Some((.., english)), Lang::En) => english,
        (None, _) => name,
    }
}

/// What the code of a verdict says.
fn verdict_in_english(code: &str) -> &str {
    let simple = Verdict::ALL.iter().find(|verdict| verdict.name() == code).map(|verdict| verdict.en());
    let guarded = || GuardedVerdict::ALL.iter().find(|verdict| verdict.name() == code).map(|verdict| verdict.en());
    simple.or_else(guarded).unwrap_or(code)
}

/// A formula with the names of its inputs.
fn with_names(formula: &str, lang: Lang) -> String {
    let (mut text, mut rest) = (String::new(), formula);
    let is_of_name = |c: char| c.is_alphanumeric() || c == '_';
    while let Some(first) = rest.chars().next() {
        let same = |c: char| is_of_name(c) == is_of_name(first);
        let (part, after) = rest.split_at(rest.find(|c: char| !same(c)).unwrap_or(rest.len()));
        text.push_str(if is_of_name(first) { input_name(part, lang) } else { part });
        rest = after;
    }
    text
}

/// A number that was cut only far behind its last meaningful figure is written with 12 of them: what a curve gave, the mean
/// of three.
fn written(value: &str) -> Cow<'_, str> {
    match Decimal::parse(value) {
        Ok(number) if value.len() > LONGEST_WRITTEN => {
            Cow::Owned(rounding::to_significant(&number.to_ratio(), SIGNIFICANT_DIGITS).value.into())
        }
        _ => Cow::Borrowed(value),
    }
}

/// Longest number in a sentence, in characters; nothing that is typed or printed is longer.
pub const LONGEST_WRITTEN: usize = 36;

/// The whole reasoning, one sentence a line.
pub fn explain(steps: &[Step], lang: Lang) -> String {
    steps.iter().map(|step| step.text(lang)).collect::<Vec<_>>().join("\n")
}

/// Keys and both texts in one table, so that none can be forgotten.
macro_rules! step_keys {
    ($($key:ident: $zh:literal, $en:literal;)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum StepKey { $($key,)* }

        impl StepKey {
            pub const ALL: &[StepKey] = &[$(StepKey::$key,)*];

            /// Chinese and English, with `{names}` for the arguments.
            pub fn templates(self) -> (&'static str, &'static str) {
                match self { $(StepKey::$key => ($zh, $en),)* }
            }
        }
    };
}

step_keys! {
    Result: "测定结果：{value} {unit}", "Result: {value} {unit}";
    Converted: "换算：{value} {from} × {factor} = {result} {to}", "Converted: {value} {from} × {factor} = {result} {to}";
    Governs: "同时适用 {others}；{standard} 最严，据此判定", "{others} holds too; {standard} is the strictest and governs";
    StandardsDisagree: "同时适用 {others}，与 {standard} 不一致：强制性标准（GB、DBS）之间从严；推荐性、行业、团体和企业标准只约束明示执行者，以哪个为准由人员确定", "{others} holds too and says otherwise than {standard}: of mandatory standards (GB, DBS) the strictest governs; recommended, trade, group and enterprise standards bind those who name them, and a person decides which governs";
    LabelClaim: "产品明示值：{claim}", "Label claim: {claim}";
    LimitOf: "限值依据 {standard}：{limit}", "Limit of {standard}: {limit}";
    Limit: "限值：{limit} {unit}", "Limit: {limit} {unit}";
    LimitScaled: "限值折算：{limit} × {times} = {result}", "Limit scaled: {limit} × {times} = {result}";
    FactorStated: "浓缩（脱水）倍数 {times}，依据：{basis}", "Concentration factor {times}, by {basis}";
    PortionUsed: "方法检出限 {lod}、定量限 {loq} 对应 {method}；本次用 {used}，折算后检出限 {lod_used}、定量限 {loq_used}", "The method's LOD {lod} and LOQ {loq} are for {method}; used were {used}: LOD {lod_used}, LOQ {loq_used}";
    DetectionLimits: "检出限 {lod}，定量限 {loq}", "LOD {lod}, LOQ {loq}";
    FullValue: "按全数值比较法比较，不修约", "Compared by full value, not rounded";
    RoundedValue: "按修约值比较法：{value} 修约为 {rounded}", "Compared by rounded value: {value} is rounded to {rounded}";
    Reported: "报告值：{reported}", "Reported: {reported}";
    DigitsAdded: "按方法位数为 {plain}，与判定不一致，增加位数报告 {reported}", "The method's figures give {plain}, which would contradict the verdict; digits are added: {reported}";
    Inside: "{compared} 符合限值 {limit}", "{compared} is within the limit {limit}";
    Outside: "{compared} 不符合限值 {limit}", "{compared} is outside the limit {limit}";
    NotDetectedConforms: "未检出，检出限 {lod} 不高于限值 {limit}", "Not detected, and the LOD {lod} is not above the limit {limit}";
    NotDetectedBelowMinimum: "未检出，检出限 {lod} 不高于最小值 {limit}，低于要求", "Not detected, and the LOD {lod} is not above the minimum {limit}: the value is too low";
    MethodTooWeak: "检出限 {lod} 高于限值 {limit}，该方法不能证明符合，应改用其他方法", "The LOD {lod} is above the limit {limit}: the method cannot show conformity; choose another one";
    LodMissing: "未给出检出限，不能判断方法是否适用", "No LOD is given, so it is not known whether the method can see the limit";
    NotDetectedBelowLoq: "未检出，定量限 {loq} 不高于限值 {limit}（未给出检出限）", "Not detected, and the LOQ {loq} is not above the limit {limit}; no LOD is given";
    DetectedAboveMinimum: "低于定量限 {loq}，但已检出，检出限 {lod} 不低于最小值 {limit}", "Below the LOQ {loq} and detected, and the LOD {lod} is not below the minimum {limit}";
    BelowLoqConforms: "低于定量限 {loq}，且定量限不高于限值 {limit}", "Below the LOQ {loq}, which is not above the limit {limit}";
    BelowLoqBelowMinimum: "低于定量限 {loq}，且定量限不高于最小值 {limit}，低于要求", "Below the LOQ {loq}, which is not above the minimum {limit}: the value is too low";
    LimitBelowLoq: "限值 {limit} 位于检出限与定量限 {loq} 之间，须用定量限更低的方法复核", "The limit {limit} lies below the LOQ {loq}: a method with a lower LOQ is needed before a conclusion";
    CensoredInside: "{compared} 必然符合限值 {limit}", "{compared} is within the limit {limit} in every case";
    CensoredOutside: "{compared} 必然不符合限值 {limit}", "{compared} is outside the limit {limit} in every case";
    CensoredUnknown: "{compared} 与限值 {limit} 的关系不能确定", "{compared} can lie on either side of the limit {limit}";
    AbsentConforms: "未检出，符合不得检出（使用）的要求", "Not detected, as required";
    AbsentFound: "检出 {compared}，不符合不得检出的要求", "{compared} was found; it must not be detected";
    AbsentUnconfirmed: "检出 {compared}，须确证后判定", "{compared} was found; it must be confirmed before it fails";
    AbsentBelowLoq: "检出但低于定量限 {loq}，须确证后判定", "Detected below the LOQ {loq}; it must be confirmed before it fails";
    UseToBeExplained: "检出 {compared}，须排除带入与本底后判定", "{compared} was found; carry-over and natural background must be looked into";
    UseProven: "检出 {compared}，已排除带入与本底", "{compared} was found, and carry-over and natural background are excluded";
    CarryOverShown: "检出 {compared}，已证明为带入或本底", "{compared} was found and shown to be carry-over or natural background";
    NoNumericLimit: "无数值限量，不判定", "No numeric limit, no verdict";
    VerdictIs: "单项判定：{zh}", "Verdict: {en}";
    PlanGiven: "采样方案 n={n}，c={c}，m={m}，M={M}", "Sampling plan n={n}, c={c}, m={m}, M={M}";
    PlanUnits: "各单元结果：{units}", "Units: {units}";
    PlanIncomplete: "仅有 {found} 个有效单元，方案要求 {n} 个", "Valid units: {found}; the plan needs {n}";
    PlanCounts: "大于 m 且不大于 M 的单元 {over_m} 个（允许 {c} 个），大于 M 的单元 {over_M} 个", "Units above m and not above M: {over_m} ({c} allowed); above M: {over_M}";
    PlanUncertain: "有单元只知范围，不能确定其与 m、M 的关系，须检更低（高）稀释度", "Some units are only known as a range and could change the verdict; another dilution is needed";
    FormulaIs: "公式：{formula}", "Formula: {formula}";
    FormulaInput: "{name} = {value}", "{name} = {value}";
    FormulaResult: "计算结果：{value}", "Calculated: {value}";
    ParallelsMean: "平行测定 {values}，平均值 {mean}", "Parallel determinations {values}; mean {mean}";
    ParallelsMixed: "平行测定 {values} 不全为数值，取最大者 {mean}，须人工复核", "Parallel determinations {values} are not all numbers: the largest, {mean}, is taken, and a person looks at it";
    SumBounds: "合计下限（未检出计 0）{lower}，上限（未检出计检出限）{upper}", "Sum with ND as 0: {lower}; with ND as LOD: {upper}";
    SumPart: "{value} × {factor}", "{value} × {factor}";
    SumBoundsDiffer: "合计的上下限判定不一致，须复核", "The two bounds of the sum give different verdicts";
    ResidueAlone: "残留物按其定义还包括{zh}，本结果未加和：合计可能高于本结果，仅凭本结果不能判定", "By its definition the residue includes {en} too, which are not added here: the sum may be higher, and this result alone decides nothing";
    ResidueFailsAlone: "残留物按其定义还包括{zh}，本结果未加和：合计不会低于本结果，不符合的判定成立", "By its definition the residue includes {en} too, which are not added here: the sum is never less, and what fails alone fails";
    RatioShare: "{zh}：{value} ÷ 最大使用量 {max}", "{en}: {value} ÷ {max}";
    RatioSum: "各占最大使用量比例之和 {sum}（{fraction}），限值 1", "Sum of found over maximum: {sum} ({fraction}), limit 1";
    RatioNotReported: "该组仅检出一种，比例之和不报告", "Only one of the group was found: the sum is not reported";
    TotalConforms: "总量 {total} 不高于形态限值 {limit}，无须测定形态", "The total {total} is not above the limit {limit} of the species: the second test is not needed";
    SpeciesNeeded: "总量 {total} 高于形态限值 {limit}，须测定形态", "The total {total} is above the limit {limit} of the species: the species must be measured";
    SpeciesJudged: "按形态含量 {species} 判定，限值 {limit}", "Judged on the species {species}, limit {limit}";
    CurveFitted: "校准曲线：{curve}，r = {r}", "Calibration curve: {curve}, r = {r}";
    CurveRead: "响应值 {signal} 对应 {x}", "Signal {signal} is read as {x}";
    CurveRefused: "响应值 {signal} 超出标准曲线范围，须稀释后重测", "Signal {signal} lies outside the range of the standards; dilute and measure again";
    WithUncertainty: "{value}，限值 {limit}，真值高于限值的概率 {p_over}，简单接受判定错误的概率 {p_false}", "{value}, limit {limit}; probability that the true value lies above the limit {p_over}, that the verdict by simple acceptance is false {p_false}";
    Corrected: "按 {source} 修正：{reading} {sign} {amount} = {value} {unit}", "Corrected by {source}: {reading} {sign} {amount} = {value} {unit}";
    TubesSeen: "每管检样量 {amounts} g（mL），阳性管数 {tubes}", "Amount in a tube {amounts} g (mL), positive tubes {tubes}";
    MostProbable: "查最可能数检索表：{value}，95 % 可信限 {low} 至 {high}", "Table of most probable numbers: {value}, 95 % confidence limits {low} to {high}";
    PlatesSeen: "平板菌落数（每皿检样量 g（mL）：菌落数）{plates}", "Colonies (g (mL) of sample on a plate: colonies) {plates}";
    PlatesCounted: "菌落数在 {range} CFU 的平板用于计数", "Plates with {range} CFU are counted";
    GuardedIs: "按保护带判定：{zh}", "With guard band: {en}";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_are_written_with_twelve_figures() {
        // 1/3 and 2/3 to forty figures.
        let of = |value: String| Step::new(StepKey::CurveRead, [("signal", "0.1".into()), ("x", value)]).text(Lang::En);
        assert_eq!(of(format!("0.{}", "3".repeat(40))), "Signal 0.1 is read as 0.333333333333");
        assert_eq!(of(format!("0.{}7", "6".repeat(39))), "Signal 0.1 is read as 0.666666666667");
        assert_eq!(of("0.3333333333333333333".into()), "Signal 0.1 is read as 0.3333333333333333333");
    }

    #[test]
    fn arguments_take_their_place_in_both_languages() {
        let step = Step::new(StepKey::Outside, [("compared", "0.2049".into()), ("limit", "0.2".into())]);
        assert_eq!(step.text(Lang::En), "0.2049 is outside the limit 0.2");
        assert_eq!(step.text(Lang::Zh), "0.2049 不符合限值 0.2");
        assert_eq!(
            serde_json::to_string(&step).unwrap(),
            r#"{"key":"outside","args":{"compared":"0.2049","limit":"0.2"}}"#
        );
    }

    #[test]
    fn braces_in_an_argument_stay() {
        let step = Step::new(StepKey::Result, [("value", "{unit}".into()), ("unit", "mg/kg".into())]);
        assert_eq!(step.text(Lang::En), "Result: {unit} mg/kg");
    }

    #[test]
    fn where_there_is_no_limit_no_unit_is_said() {
        let limit = |limit: &str| Step::new(StepKey::Limit, [("limit", limit.into()), ("unit", "mg/kg".into())]);
        assert_eq!(limit("≤ 0.2").text(Lang::Zh), "限值：≤ 0.2 mg/kg");
        assert_eq!([limit("").text(Lang::Zh), limit("").text(Lang::En)], ["限值：无", "Limit: none"]);
        assert_eq!(
            serde_json::to_string(&limit("")).unwrap(),
            r#"{"key":"limit","args":{"limit":"","unit":"mg/kg"}}"#,
            "what is kept stays"
        );
    }

    #[test]
    fn inputs_of_formulas_have_names() {
        let formula =
            Step::new(StepKey::FormulaIs, [("formula", "mean(reading-blank)*x_1/(mass_before*0.1269)".into())]);
        assert_eq!(formula.text(Lang::Zh), "公式：mean(读数-空白)*x_1/(干燥前质量*0.1269)");
        assert_eq!(formula.text(Lang::En), "Formula: mean(reading-blank)*x_1/(mass before*0.1269)");
        let input = |name: &str| Step::new(StepKey::FormulaInput, [("name", name.into()), ("value", "0.5023".into())]);
        assert_eq!(input("mass").text(Lang::Zh), "称样量 = 0.5023");
        assert_eq!(input("x_1").text(Lang::Zh), "x_1 = 0.5023");
        assert_eq!(serde_json::to_value(input("mass")).unwrap()["args"]["name"], "mass", "what is kept stays");
    }

    #[test]
    fn a_verdict_is_said_in_words_and_kept_as_its_code() {
        let said = |key, zh: &str, code: &str| {
            let step = Step::new(key, [("zh", zh.to_owned()), ("en", code.to_owned())]);
            assert_eq!(step.args["en"], code, "what is kept stays");
            (step.text(Lang::Zh), step.text(Lang::En))
        };
        let of = |zh: &str, en: &str| (zh.to_owned(), en.to_owned());
        assert_eq!(said(StepKey::VerdictIs, "符合", "PASS"), of("单项判定：符合", "Verdict: conforms"));
        assert_eq!(said(StepKey::VerdictIs, "不判定", "NO_LIMIT"), of("单项判定：不判定", "Verdict: not judged"));
        assert_eq!(
            said(StepKey::GuardedIs, "有条件不符合", "CONDITIONAL_FAIL"),
            of("按保护带判定：有条件不符合", "With guard band: conditionally does not conform")
        );
        // An additive may be called so.
        let share = Step::new(StepKey::RatioShare, ["zh", "en", "value", "max"].map(|name| (name, "PASS".to_owned())));
        assert_eq!(share.text(Lang::En), "PASS: PASS ÷ PASS");
    }

    /// Both languages must say the same: they use the same arguments (names that exist in both languages excepted).
    #[test]
    fn both_languages_use_the_same_arguments() {
        let names = |text: &str| {
            let mut names: Vec<String> =
                text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).map(str::to_owned).collect();
            names.sort();
            names
        };
        let names_things = |key: &&StepKey| {
            matches!(
                key,
                StepKey::VerdictIs
                    | StepKey::GuardedIs
                    | StepKey::RatioShare
                    | StepKey::ResidueAlone
                    | StepKey::ResidueFailsAlone
            )
        };
        for key in StepKey::ALL.iter().filter(|key| !names_things(key)) {
            let (zh, en) = key.templates();
            assert_eq!(names(zh), names(en), "{key:?}");
        }
    }
}
