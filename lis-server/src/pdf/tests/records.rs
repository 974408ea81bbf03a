//! What the laboratory's own records say, against expectations written by hand.

use super::samples::*;
use super::*;
use crate::pdf::documents::*;

#[test]
fn a_raw_record_keeps_what_was_corrected() {
    let pdf = typesetter().raw_record(&raw_record(), some_time()).expect("a record");
    if let Some(text) = text_of(&pdf) {
        assert_says(
            &text,
            &[
                "水分测定原始记录",
                "示例市产业园一号路8号",
                "检验批号：JY-2026-00012",
                "检验人检验员甲",
                "打印人校核员乙",
                "KOH-1氢氧化钾标准滴定溶液2026-11-272027-01-26",
                "R-101天平室2026-11-2708:30:00+08:0021.548检验员甲符合",
                "干燥箱OVEN-01",
                "482017593·水分",
                "称量瓶A1手工·检验员甲",
                "A7更正·检验员甲",
                "称量瓶编号抄错",
                "应得值：0.5±0.1",
                "y=0.002+0.01x",
                "0.9995/0.999",
                "STD-10.50.0120.498-0.40",
                "偏离说明称样量减半:样品不足",
                "30.0000-29.5000",
                "质控结果：不合格",
                "试剂空白偏高",
                "湿度超限",
                "校核482017593·水分校核员乙",
                "第1页共",
                "以下空白",
            ],
        );
    }
    let english = RawRecord { language: Language::En, ..raw_record() };
    let pdf = typesetter().raw_record(&english, some_time()).expect("a record");
    if let Some(text) = text_of(&pdf) {
        assert_says(
            &text,
            &["Worksheet JY-2026-00012", "Calculation and judgement", "Printed by 校核员乙", "Page 1 of"],
        );
        assert_silent(&text, &["检验批", "记录项"]);
    }
}

#[test]
fn a_sheet_without_anything_is_a_record_too() {
    let empty =
        RawRecord { title: "原始记录".into(), worksheet_no: "JY-2026-00013".into(), ..RawRecord::default() };
    let pdf = typesetter().raw_record(&empty, some_time()).expect("a record");
    if let Some(pages) = pages_of(&pdf) {
        assert_eq!(pages.len(), 1);
        assert_says(&pages[0], &["检验批号：JY-2026-00013", "观测数据"]);
        assert_silent(&pages[0], &["校准曲线", "质控结果", "环境记录"]);
    }
}

#[test]
fn a_quality_report_has_its_period_and_room_for_who_looks_it_through() {
    let pdf = typesetter().quality_report(&quality_report(), some_time()).expect("a report");
    if let Some(pages) = pages_of(&pdf) {
        assert_eq!(pages.len(), 1);
        assert_says(
            &pages[0],
            &[
                "质量报告",
                "统计期间：2026-11",
                "示例市共享食品检验实验室",
                "收到样品12",
                "GB5009.12-20233125.0",
                "仪器合格批数不合格批数%AAS-011150.0",
                "质控图规则1-3s1",
                "新登记不符合工作2",
                "PT-2026-01铅GB5009.12-2023-3不满意",
                "编制质量负责人丙2026-11-3010:00:00+08:00",
                "审核",
                "批准",
                "第1页共1页",
            ],
        );
    }
    let english = QualityReport { language: Language::En, proficiency: Vec::new(), ..quality_report() };
    let pdf = typesetter().quality_report(&english, some_time()).expect("a report");
    if let Some(text) = text_of(&pdf) {
        assert_says(&text, &["Quality Report", "Period: 2026-11", "Proficiency tests None", "Checked by"]);
        assert_silent(&text, &["统计", "审核"]);
    }
}

#[test]
fn a_validation_of_the_program_names_what_was_validated_and_who_signed() {
    let pdf = typesetter().program_validation(&program_validation(), some_time()).expect("a record");
    if let Some(pages) = pages_of(&pdf) {
        assert_eq!(pages.len(), 1);
        assert_says(
            &pages[0],
            &[
                "软件确认记录",
                "编号：3",
                "lis-server0.1.0",
                "0240",
                "limitsGB2762-2025",
                "flame_meter@2已验证FP-01FP-02与存储时一致",
                "own.jsonl",
                "题数120",
                "不一致题数0",
                "技术负责人技术负责人丁2026-11-3010:00:00+08:00",
            ],
        );
    }
    let english = ProgramValidation { language: Language::En, profiles: Vec::new(), ..program_validation() };
    let pdf = typesetter().program_validation(&english, some_time()).expect("a record");
    if let Some(text) = text_of(&pdf) {
        assert_says(&text, &["Validation of the Program", "Technical manager"]);
        assert_silent(&text, &["确认对象"]);
    }
}
