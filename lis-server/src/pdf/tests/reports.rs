//! What a test report says, against expectations written by hand.

use super::samples::*;
use super::*;
use crate::pdf::documents::*;

#[test]
fn a_report_says_everything_in_chinese() {
    let pdf = typesetter().test_report(&report(), some_time()).expect("a report");
    let Some(pages) = pages_of(&pdf) else { return };
    assert_eq!(pages.len(), 3, "cover, summary, results");
    assert_says(
        &pages[0],
        &[
            "检验报告",
            "CMA230000000001",
            "报告编号BZ-2026-J-000123",
            "样品名称小麦粉（特制一等）",
            "委托单位示例市市场监督管理局",
            "被抽样单位示例市好邻居超市有限公司",
            "标称生产者某某面粉有限公司",
            "检验类别监督抽检",
            "签发日期2026-11-20",
            "机构地址：示例市产业园一号路8号",
            "验证码8F3K-7Q2M",
            "第1页共3页",
        ],
    );
    assert_silent(&pages[0], &["更改", "替代"]);
    assert_says(
        &pages[1],
        &[
            "样品编号BZ2611-J-00123",
            "规格型号5kg/袋",
            "商标金穗",
            "加工日期2026-10-08",
            "样品批号20261008A",
            "保质期12个月",
            "质量等级特制一等",
            "GB/T1355-2021",
            "样品数量2袋（含备样1袋）",
            "储存条件常温、干燥",
            "样品状态固体，包装完好",
            "代码/许可证：91131000MA00000000联系方式：店长000-00000002",
            "地址：示例市某县中心街18号",
            "代码/许可证：SC10113100000000联系方式：/",
            "示例经销商",
            "抽样单编号XBJ26131000000000123ZX",
            "抽样日期2026-11-02",
            "抽样方式非无菌抽样",
            "抽样地点超市",
            "抽样基数40袋",
            "抽样人抽样员甲、抽样员乙",
            "抽样方案2026年实施细则",
            "到样日期2026-11-03",
            "检验日期2026-11-04至2026-11-18",
            "检验地点流动检验车2号",
            "1.GB2762-2025",
            "2.GB2761-2017",
            "判定规则全数值比较法，不考虑测量不确定度",
            "偏离说明/",
            "测量不确定度U=12%（k=2）",
            "呕吐毒素项目不符合GB2761-2017要求，检验结论为不合格。",
            "（检验检测专用章）",
            "备注本报告一式三份。",
            "主检（检验人）检验员甲检验员2026-11-2015:32:07+08:00",
            "主检（检验人）检验员乙检验员2026-11-2015:32:07+08:00",
            "审核审核员丙室主任2026-11-2015:32:07+08:00",
            "批准（授权签字人）签字人丁技术负责人2026-11-2015:32:07+08:00",
            "以上签名均为电子签名",
        ],
    );
    assert_says(
        &pages[2],
        &[
            "序号检验项目单位技术要求实测值单项判定检验依据检出限",
            "1铅（以Pb计）mg/kg≤0.20.045合格GB5009.12-20230.02",
            "2呕吐毒素μg/kg≤1000",
            "不合格GB5009.111-2016/",
            "不确定度：",
            "±150",
            "n=5,c=2",
            "1240",
            "1200",
            "3400",
            "<10",
            "8.0×10²",
            "2.1×10⁴",
            "意见和解释",
            "不属于检验结果",
            "建议核查原粮验收。",
            "提出人：签字人丁",
            "仅对所检样品负责",
            "不得部分复制",
            "异议请在七个工作日内提出。",
            "附件：单项计算与判定说明",
            "实测值0.045，限值≤0.2（GB2762-2025）。",
            "1240>1000，不合格。",
            "以下空白",
        ],
    );
    assert_silent(&pages[2], &["※", "◇", "△", "仅对来样负责"]);
}

#[test]
fn a_report_has_english_labels() {
    let document = TestReport { language: Language::En, ..report() };
    let pdf = typesetter().test_report(&document, some_time()).expect("a report");
    let Some(text) = text_of(&pdf) else { return };
    assert_says(
        &text,
        &[
            "Test Report",
            "Report No. BZ-2026-J-000123",
            "Labelled producer 某某面粉有限公司",
            "Processing date 2026-10-08",
            "2026-11-04 to 2026-11-18",
            "No. Item Unit Requirement Result Verdict Method LOD",
            "Authorized by (signatory)",
            "All signatures are electronic",
            "The results relate only to the items tested.",
            "End of document",
            "Page 3 of 3",
        ],
    );
    for label in ["检验报告", "样品名称", "以下空白", "第1页"] {
        assert_silent(&text, &[label]);
    }
}

#[test]
fn an_amended_report_names_the_old_one() {
    let amendment = Amendment {
        old_report_no: "BZ-2026-J-000123".into(),
        old_issued_on: "2026-11-20".into(),
        changes: vec!["批号由 1 更正为 2".into(), "抽样基数由 4 更正为 40".into()],
        reason: "录入错误".into(),
    };
    let amended = TestReport {
        kind: ReportKind::Amended,
        report_no: "BZ-2026-J-000123-G1".into(),
        amendment: Some(amendment),
        ..report()
    };
    let pdf = typesetter().test_report(&amended, some_time()).expect("a report");
    if let Some(text) = text_of(&pdf) {
        assert_says(
            &text,
            &[
                "更改报告",
                "报告编号：BZ-2026-J-000123-G1",
                "本报告替代2026-11-20签发的BZ-2026-J-000123号报告，原报告作废。",
                "1.批号由1更正为2",
                "2.抽样基数由4更正为40",
                "更改原因录入错误",
            ],
        );
    }
    let supplementary = TestReport { kind: ReportKind::Supplementary, ..amended };
    let pdf = typesetter().test_report(&supplementary, some_time()).expect("a report");
    if let Some(text) = text_of(&pdf) {
        assert_says(&text, &["补充报告", "是对2026-11-20签发的BZ-2026-J-000123号报告的补充"]);
        assert_silent(&text, &["作废"]);
    }
}

#[test]
fn marks_of_accreditation_need_every_item_in_scope() {
    let mixed = TestReport { items: [items(), out_of_scope_items()].concat(), ..report() };
    assert!(report().every_item_in_scope());
    assert!(!mixed.every_item_in_scope());
    let only_subcontracted = TestReport { items: vec![out_of_scope_items().remove(1)], ..report() };
    assert!(!only_subcontracted.every_item_in_scope());
    let pdf = typesetter().test_report(&mixed, some_time()).expect("a report");
    let Some(text) = text_of(&pdf) else { return };
    assert_silent(&text, &["CMA", "230000000001"]);
    assert_says(
        &text,
        &[
            "4※过氧化苯甲酰//未检出/GB/T22325-2008/",
            "5◇展青霉素//未检出/GB5009.185-2016/",
            "※不在资质认定能力范围内的项目：过氧化苯甲酰。",
            "◇展青霉素：由邻市检验中心（资质认定证书编号170000000000）检验。",
            "不具有对社会的证明作用",
        ],
    );
}

// Requirement: Q78-3
#[test]
fn an_entrusted_report_without_judgement_says_so() {
    let document = TestReport {
        test_type: "委托检验".into(),
        responsibility: Responsibility::AsReceived,
        sampled_unit: None,
        producer: None,
        third_party: None,
        sampling: None,
        conclusion: None,
        failed: false,
        judgement_basis: vec![],
        opinion: None,
        ..report()
    };
    let pdf = typesetter().test_report(&document, some_time()).expect("a report");
    let Some(text) = text_of(&pdf) else { return };
    assert_says(&text, &["仅提供检验数据，不作判定。", "仅对来样负责", "判定依据/"]);
    // What the client supplied is marked, what the laboratory itself says of the sample is not.
    assert_says(&text, &["规格型号△5kg/袋", "商标△金穗", "标注△的样品信息由委托单位提供"]);
    assert_says(&text, &["样品编号BZ2611-J-00123", "样品状态固体，包装完好"]);
    assert_silent(&text, &["被抽样单位", "标称生产者", "抽样单编号", "意见和解释", "第三方企业"]);
}

#[test]
fn a_copy_is_stamped_on_every_page() {
    let document = TestReport { stamp: Some("已被 BZ-2026-J-000123-G1 替代".into()), ..report() };
    let pdf = typesetter().test_report(&document, some_time()).expect("a report");
    let Some(pages) = pages_of(&pdf) else { return };
    for page in pages {
        assert_says(&page, &["已被BZ-2026-J-000123-G1替代"]);
    }
}

#[test]
fn two_hundred_items_repeat_the_head_and_lose_none() {
    let items = (1..=200).map(|n| ReportItem { name: format!("农药残留{n:03}号"), ..items().remove(0) }).collect();
    let pdf = typesetter().test_report(&TestReport { items, ..report() }, some_time()).expect("a report");
    let Some(pages) = pages_of(&pdf) else { return };
    let all = pages.concat();
    for n in 1..=200 {
        assert_says(&all, &[&format!("农药残留{n:03}号mg/kg≤0.20.045合格")]);
    }
    let result_pages: Vec<&String> = pages.iter().filter(|page| page.contains("号mg/kg≤0.20.045合格")).collect();
    assert_eq!(result_pages.len(), 5, "some forty rows on each page");
    for page in result_pages {
        assert_says(page, &["序号检验项目单位技术要求实测值单项判定检验依据检出限"]);
    }
    for (index, page) in pages.iter().enumerate() {
        assert_says(page, &[&format!("第{}页共{}页", index + 1, pages.len()), "报告编号：BZ-2026-J-000123"]);
    }
    assert_eq!(all.matches("以下空白").count(), 1);
    assert!(pages.last().is_some_and(|page| page.contains("以下空白")));
}
