//! Documents to test with. All names are invented.

use crate::pdf::documents::*;
use crate::pdf::{Code128, QrCode};
use chrono::{DateTime, TimeZone, Utc};

pub(super) fn some_time() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 20, 7, 32, 7).single().expect("a valid time")
}

fn some(text: &str) -> Option<String> {
    Some(text.to_string())
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| text.to_string()).collect()
}

fn signature(name: &str, position: &str) -> Signature {
    Signature { name: name.into(), position: some(position), signed_at: "2026-11-20 15:32:07 +08:00".into() }
}

fn laboratory() -> Laboratory {
    Laboratory {
        name: "示例市共享食品检验实验室".into(),
        address: "示例市产业园一号路 8 号".into(),
        contact: some("000-00000000"),
    }
}

fn sample() -> Sample {
    Sample {
        sample_no: "BZ2611-J-00123".into(),
        name: "小麦粉（特制一等）".into(),
        category: some("粮食加工品/小麦粉/通用小麦粉"),
        brand: some("金穗"),
        spec: some("5 kg/袋"),
        batch_no: some("20261008A"),
        production_date: some("2026-10-08"),
        date_kind: DateKind::Processed,
        shelf_life: some("12 个月"),
        grade: some("特制一等"),
        product_std: some("GB/T 1355-2021"),
        quantity: some("2 袋（含备样 1 袋）"),
        state: some("固体，包装完好"),
        storage: some("常温、干燥"),
    }
}

fn unit() -> Party {
    Party {
        name: "示例市好邻居超市有限公司".into(),
        address: some("示例市某县中心街 18 号"),
        licence: some("91131000MA00000000"),
        contact: some("店长 000-00000002"),
    }
}

/// Four items: one passes, one fails, one is microbiological, one is subcontracted and one out of scope.
pub(super) fn items() -> Vec<ReportItem> {
    let item = |name: &str, unit: &str, requirement: &str, results: &[&str], method: &str| ReportItem {
        name: name.into(),
        unit: some(unit),
        requirement: some(requirement),
        results: texts(results),
        verdict: some("合格"),
        method: method.into(),
        in_scope: true,
        ..ReportItem::default()
    };
    vec![
        ReportItem {
            lod: some("0.02"),
            explain: texts(&["实测值 0.045，限值 ≤0.2（GB 2762-2025）。", "0.045 ≤ 0.2，合格。"]),
            ..item("铅（以Pb计）", "mg/kg", "≤0.2", &["0.045"], "GB 5009.12-2023")
        },
        ReportItem {
            verdict: some("不合格"),
            failed: true,
            uncertainty: some("±150"),
            explain: texts(&["1240 > 1000，不合格。"]),
            ..item("呕吐毒素", "μg/kg", "≤1000", &["1240"], "GB 5009.111-2016")
        },
        item(
            "菌落总数",
            "CFU/g",
            "n=5, c=2, m=10⁴, M=10⁵",
            &["1200", "3400", "<10", "8.0×10²", "2.1×10⁴"],
            "GB 4789.2-2022",
        ),
    ]
}

pub(super) fn out_of_scope_items() -> Vec<ReportItem> {
    vec![
        ReportItem {
            name: "过氧化苯甲酰".into(),
            results: texts(&["未检出"]),
            method: "GB/T 22325-2008".into(),
            in_scope: false,
            ..ReportItem::default()
        },
        ReportItem {
            name: "展青霉素".into(),
            results: texts(&["未检出"]),
            method: "GB 5009.185-2016".into(),
            in_scope: true,
            subcontract: Some(Subcontract { name: "邻市检验中心".into(), accreditation: "170000000000".into() }),
            ..ReportItem::default()
        },
    ]
}

pub(super) fn report() -> TestReport {
    TestReport {
        language: Language::Zh,
        kind: ReportKind::Original,
        report_no: "BZ-2026-J-000123".into(),
        test_type: "监督抽检".into(),
        laboratory: laboratory(),
        test_location: some("流动检验车 2 号"),
        accreditations: vec![Accreditation { mark: "CMA".into(), number: "230000000001".into() }],
        client: Party {
            name: "示例市市场监督管理局".into(), contact: some("抽检科 000-00000001"), ..Party::default()
        },
        sample: sample(),
        sampled_unit: Some(unit()),
        producer: Some(Party {
            name: "某某面粉有限公司".into(),
            licence: some("SC10113100000000"),
            ..Party::default()
        }),
        third_party: Some(Party { name: "示例经销商".into(), ..Party::default() }),
        sampling: Some(Sampling {
            form_no: "XBJ26131000000000123ZX".into(),
            plan: some("2026 年实施细则"),
            mode: some("非无菌抽样"),
            place: some("超市"),
            lot_size: some("40 袋"),
            samplers: "抽样员甲、抽样员乙".into(),
            sampled_on: "2026-11-02".into(),
        }),
        received_on: "2026-11-03".into(),
        tested_from: "2026-11-04".into(),
        tested_to: "2026-11-18".into(),
        issued_on: "2026-11-20".into(),
        responsibility: Responsibility::SampledByLaboratory,
        items: items(),
        judgement_basis: texts(&["GB 2762-2025", "GB 2761-2017"]),
        conclusion: some("经抽样检验，呕吐毒素项目不符合 GB 2761-2017 要求，检验结论为不合格。"),
        failed: true,
        decision_rule: some("全数值比较法，不考虑测量不确定度"),
        deviations: None,
        uncertainty: some("U=12%（k=2）"),
        opinion: Some(Opinion { text: "建议核查原粮验收。".into(), by: "签字人丁".into() }),
        amendment: None,
        testers: vec![signature("检验员甲", "检验员"), signature("检验员乙", "检验员")],
        reviewer: signature("审核员丙", "室主任"),
        signatory: signature("签字人丁", "技术负责人"),
        verification: Verification {
            qr: QrCode::of("https://lis.example/r/8F3K-7Q2M").expect("short text"),
            code: "8F3K-7Q2M".into(),
        },
        statements: texts(&["异议请在七个工作日内提出。"]),
        remark: some("本报告一式三份。"),
        stamp: None,
    }
}

pub(super) fn notice() -> ResultNotice {
    ResultNotice {
        language: Language::Zh,
        notice_no: "示市监检告〔2026〕15号".into(),
        issued_by: "示例市市场监督管理局".into(),
        issued_on: "2026-11-23".into(),
        to_unit: unit(),
        to_role: "被抽样单位".into(),
        sample: sample(),
        sampled_unit: some("示例市好邻居超市有限公司"),
        producer: some("某某面粉有限公司"),
        report_no: "BZ-2026-J-000123".into(),
        laboratory: "示例市共享食品检验实验室".into(),
        failing_items: vec![FailingItem {
            name: "呕吐毒素".into(),
            unit: some("μg/kg"),
            results: texts(&["1240"]),
            requirement: "≤1000".into(),
            basis: "GB 2761-2017".into(),
        }],
        duties: texts(&["停止销售并封存。", "召回已售出的食品。"]),
        rights: texts(&["可于 2026-12-02 前提出复检申请。", "可于 2026-12-02 前提出异议。"]),
        backup_place: some("实验室样品库"),
        backup_until: some("2027-05-20"),
        served_at: some("2026-11-24 09:15"),
        served_how: some("直接送达"),
        confirmed: Some(Confirmation::Objection),
    }
}

pub(super) fn rejection() -> RejectionNote {
    RejectionNote {
        language: Language::Zh,
        note_no: "JS-2026-00017".into(),
        laboratory: laboratory(),
        sample_name: "冷冻虾仁".into(),
        form_no: some("XBJ26131000000000200"),
        spec: some("1 kg/袋"),
        batch_no: None,
        quantity: some("3 袋"),
        sender: Party {
            name: "示例县市场监督管理局".into(), contact: some("000-00000003"), ..Party::default()
        },
        deliverer: some("抽样员甲"),
        delivery: some("抽样人员送达"),
        arrived_at: "2026-11-05 10:20".into(),
        reasons: vec![
            RejectionReason { code: "R02".into(), text: "封条破损".into(), detail: some("检样封条撕裂") },
            RejectionReason {
                code: "R05".into(), text: "运输温度超出要求".into(), detail: some("到样时 -6.5 ℃")
            },
        ],
        handling: some("退回，重新抽样。"),
        told: some("2026-11-05 10:45，电话"),
        rejected_on: "2026-11-05".into(),
        custodian: signature("样品管理员戊", "样品管理员"),
    }
}

pub(super) fn draw() -> DrawRecord {
    DrawRecord {
        language: Language::Zh,
        record_no: "CJ-2026-0009".into(),
        authority: "示例市市场监督管理局".into(),
        task: "第四季度监督抽检".into(),
        drawn_at: "2026-10-12 09:00:00".into(),
        drawn_by: "经办人己".into(),
        witnesses: texts(&["监督员庚", "监督员辛"]),
        algorithm: "weighted-draw 1".into(),
        seed: "4b1f0c9d2a7788e6".into(),
        seed_source: some("公开开奖号码"),
        unit_list: DrawList {
            name: "经营单位名录".into(),
            entries: 64098,
            sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
        },
        sampler_list: DrawList {
            name: "抽样人员名录".into(),
            entries: 31,
            sha256: "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752".into(),
        },
        weights: vec![DrawWeight { group: "D".into(), weight: "8".into(), entries: 2098, drawn: 1 }],
        units: vec![DrawnUnit {
            name: "示例食品店".into(),
            licence: some("JY11310000000000"),
            region: some("某县"),
            group: some("D"),
            draw: "0x0004d5".into(),
        }],
        samplers: vec![DrawnSampler {
            name: "抽样员甲".into(),
            certificate: some("CY-0001"),
            draw: "0x00a1b2".into(),
            assigned_to: some("1"),
        }],
        excluded: vec![Exclusion { name: "抽样员丙".into(), reason: "与单位有亲属关系".into() }],
        signatures: vec![signature("经办人己", "科员")],
    }
}

pub(super) fn labels(count: usize) -> LabelSheet {
    LabelSheet {
        language: Language::Zh,
        title: "容器标签".into(),
        stock: LabelStock::default(),
        skip: 0,
        labels: (0..count)
            .map(|index| Label {
                code: Code128::of(format!("48201759{index:02}")).expect("digits"),
                text: format!("482 017 59{index:02}"),
                lines: texts(&["检验样", "冷藏 0–4 ℃"]),
            })
            .collect(),
    }
}

pub(super) fn raw_record() -> RawRecord {
    let entry = |value: &str, source: &str, reason: &str| RecordedEntry {
        value: value.into(),
        source: source.into(),
        at: "2026-11-27 09:12:33 +08:00".into(),
        reason: reason.into(),
    };
    let cell = |name: &str, entries: Vec<RecordedEntry>| RecordedCell { name: name.into(), entries };
    RawRecord {
        language: Language::Zh,
        laboratory: laboratory(),
        title: "水分测定原始记录".into(),
        worksheet_no: "JY-2026-00012".into(),
        method: "GB 5009.3-2016 第一法".into(),
        state: "由质控暂扣".into(),
        tester: "检验员甲".into(),
        opened_at: "2026-11-27 08:00:00 +08:00".into(),
        instrument: some("AAS-01 原子吸收"),
        printed_at: "2026-11-28 08:00:00 +08:00".into(),
        printed_by: "校核员乙".into(),
        lots: vec![RecordedLot {
            code: "KOH-1".into(),
            name: "氢氧化钾标准滴定溶液".into(),
            used_on: "2026-11-27".into(),
            expires_on: "2027-01-26".into(),
        }],
        rooms: vec![RecordedReading {
            room: "R-101 天平室".into(),
            read_at: "2026-11-27 08:30:00 +08:00".into(),
            temperature: "21.5".into(),
            humidity: "48".into(),
            by: "检验员甲".into(),
            within: "符合".into(),
        }],
        conditions: vec![cell("干燥箱", vec![entry("OVEN-01", "手工 · 检验员甲", "")])],
        places: vec![
            RecordedPlace {
                title: "1 · 482017593 · 水分".into(),
                target: None,
                cells: vec![
                    cell(
                        "称量瓶",
                        vec![
                            entry("A1", "手工 · 检验员甲", ""),
                            entry("A7", "更正 · 检验员甲", "称量瓶编号抄错"),
                        ],
                    ),
                    cell("干燥后", Vec::new()),
                ],
            },
            RecordedPlace { title: "2 · 质控样".into(), target: some("0.5 ± 0.1"), cells: Vec::new() },
        ],
        curves: vec![RecordedCurve {
            analyte: "铅".into(),
            equation: "y = 0.002 + 0.01 x".into(),
            r: "0.9995 / 0.999".into(),
            weight: "1/x".into(),
            verdict: "合格".into(),
            unit: "μg/L".into(),
            svg: "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 10 10\"><circle cx=\"5\" cy=\"5\" r=\"2\"/></svg>"
                .into(),
            points: vec![RecordedPoint {
                label_code: "STD-1".into(),
                nominal: "0.5".into(),
                signal: "0.012".into(),
                found: "0.498".into(),
                error: "-0.40".into(),
            }],
        }],
        results: vec![RecordedResult {
            title: "482017593 · 水分 · 1".into(),
            reported: "10.0 g/100g".into(),
            verdict: "合格".into(),
            cause: "提交".into(),
            by: "检验员甲".into(),
            at: "2026-11-27 12:00:00 +08:00".into(),
            deviation: some("称样量减半: 样品不足"),
            superseded: true,
            steps: texts(&["(30.0000 - 29.5000) × 100 / 5.0000 = 10", "10 ≤ 14，合格。"]),
        }],
        controls_verdict: some("不合格"),
        controls: vec![RecordedControl {
            control: "空白 BLK-1".into(),
            analyte: "铅".into(),
            found: "0.001".into(),
            expected: "< 0.0005".into(),
            figure: String::new(),
            verdict: "不合格".into(),
            release: some("试剂空白偏高 → 更换硝酸"),
        }],
        release: None,
        warnings: vec![RecordedWarning {
            warnings: texts(&["湿度超限"]),
            reason: "急件".into(),
            by: "检验员甲".into(),
            at: "2026-11-27 12:00:00 +08:00".into(),
        }],
        signatures: vec![RecordedSignature {
            meaning: "校核".into(),
            subject: "482017593 · 水分".into(),
            name: "校核员乙".into(),
            at: "2026-11-27 15:00:00 +08:00".into(),
        }],
    }
}

pub(super) fn quality_report() -> QualityReport {
    let figure = |name: &str, value: &str| Figure { name: name.into(), value: value.into() };
    let counted = |name: &str, accepted: &str, rejected: &str, percent: &str| CountedControls {
        name: name.into(),
        accepted: accepted.into(),
        rejected: rejected.into(),
        percent: percent.into(),
    };
    QualityReport {
        language: Language::Zh,
        laboratory: laboratory(),
        period: "2026-11".into(),
        counted_at: "2026-11-30 10:00:00 +08:00".into(),
        made_by: "质量负责人丙".into(),
        work: vec![figure("收到样品", "12")],
        controls: vec![counted("GB 5009.12-2023", "3", "1", "25.0")],
        controls_by_instrument: vec![counted("AAS-01", "1", "1", "50.0")],
        controls_by_person: Vec::new(),
        chart_rules: vec![figure("质控图规则 1-3s", "1")],
        quality: vec![figure("新登记不符合工作", "2")],
        proficiency: vec![Proficiency {
            scheme: "PT-2026-01".into(),
            analyte: "铅".into(),
            method: "GB 5009.12-2023".into(),
            score: "-3".into(),
            verdict: "不满意".into(),
        }],
    }
}

pub(super) fn program_validation() -> ProgramValidation {
    ProgramValidation {
        language: Language::Zh,
        laboratory: laboratory(),
        number: "3".into(),
        program: "lis-server 0.1.0".into(),
        tables: "0240".into(),
        catalogue: "ab".repeat(32),
        sets: vec!["limits GB 2762-2025".into(), "methods 2026".into()],
        profiles: vec![ValidatedProfile {
            reference: "flame_meter@2".into(),
            maturity: "已验证".into(),
            instruments: "FP-01 FP-02".into(),
            regression: "与存储时一致".into(),
        }],
        run_file: "own.jsonl".into(),
        run_sha256: "cd".repeat(32),
        run_questions: "120".into(),
        run_differing: "0".into(),
        run_at: "2026-11-29 09:00:00 +08:00".into(),
        run_by: "质量负责人丙".into(),
        remark: String::new(),
        seen: "ef".repeat(32),
        signed_by: "技术负责人丁".into(),
        signed_at: "2026-11-30 10:00:00 +08:00".into(),
    }
}
