//! What the other documents say, against expectations written by hand; codes are scanned.

use super::samples::*;
use super::*;
use crate::pdf::documents::*;

#[test]
fn a_notice_tells_result_duties_and_rights() {
    let pdf = typesetter().result_notice(&notice(), some_time()).expect("a notice");
    if let Some(pages) = pages_of(&pdf) {
        assert_eq!(pages.len(), 1);
        assert_says(
            &pages[0],
            &[
                "检验结果通知书",
                "编号：示市监检告〔2026〕15号",
                "示例市好邻居超市有限公司：",
                "作为被抽样单位的下列食品",
                "91131000MA00000000",
                "样品名称小麦粉（特制一等）",
                "商标金穗",
                "规格型号5kg/袋",
                "质量等级特制一等",
                "加工日期2026-10-08",
                "样品批号20261008A",
                "报告编号BZ-2026-J-000123",
                "1呕吐毒素μg/kg1240≤1000GB2761-2017",
                "1.停止销售并封存。",
                "2.召回已售出的食品。",
                "2.可于2026-12-02前提出异议。",
                "实验室样品库",
                "2027-05-20",
                "送达时间2026-11-2409:15",
                "送达方式直接送达",
                "□对检验结果无异议□提出复检申请■提出异议",
                "（印章）",
                "以下空白",
            ],
        );
    }
    let english = ResultNotice { language: Language::En, served_at: None, confirmed: None, ..notice() };
    let pdf = typesetter().result_notice(&english, some_time()).expect("a notice");
    if let Some(text) = text_of(&pdf) {
        assert_says(
            &text,
            &["Notice of Test Result", "Served on", "□ We object", "Kept until 2027-05-20", "Page 1 of 1"],
        );
        assert_silent(&text, &["送达回证", "■"]);
    }
}

#[test]
fn a_rejection_note_gives_the_reasons() {
    let pdf = typesetter().rejection_note(&rejection(), some_time()).expect("a note");
    if let Some(pages) = pages_of(&pdf) {
        assert_eq!(pages.len(), 1);
        assert_says(
            &pages[0],
            &[
                "样品拒收通知",
                "编号：JS-2026-00017",
                "示例县市场监督管理局：",
                "样品名称冷冻虾仁",
                "XBJ26131000000000200",
                "样品批号/",
                "R02封条破损检样封条撕裂",
                "R05运输温度超出要求到样时-6.5℃",
                "样品处理退回，重新抽样。",
                "2026-11-0510:45，电话",
                "样品管理员戊",
                "拒收日期2026-11-05",
                "以下空白",
            ],
        );
    }
    let english = RejectionNote { language: Language::En, ..rejection() };
    let pdf = typesetter().rejection_note(&english, some_time()).expect("a note");
    if let Some(text) = text_of(&pdf) {
        assert_says(&text, &["Sample Rejection Note", "Code Reason What was seen", "Rejected on 2026-11-05"]);
        assert_silent(&text, &["拒收"]);
    }
}

#[test]
fn a_draw_record_can_be_repeated_from_paper() {
    let pdf = typesetter().draw_record(&draw(), some_time()).expect("a record");
    if let Some(text) = text_of(&pdf) {
        assert_says(
            &text,
            &[
                "双随机抽取记录",
                "编号：CJ-2026-0009",
                "随机种子4b1f0c9d2a7788e6",
                "监督员庚、监督员辛",
                "抽取规则weighted-draw1",
                "64098",
                "D820981",
                "1示例食品店JY11310000000000某县D0x0004d5",
                "1抽样员甲CY-00010x00a1b21",
                "1抽样员丙与单位有亲属关系",
                "经办人己科员",
                "以下空白",
            ],
        );
    }
    // A digest that was broken into two lines is still one word for whoever copies it.
    let Some(text) = run("pdftotext", &[], &pdf, &["-"]) else {
        return;
    };
    let joined: String = text.split_whitespace().collect();
    assert_says(&joined, &["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]);
    let english = DrawRecord { language: Language::En, ..draw() };
    let pdf = typesetter().draw_record(&english, some_time()).expect("a record");
    if let Some(text) = text_of(&pdf) {
        assert_says(&text, &["Double-Random Draw Record", "监督员庚, 监督员辛", "Excluded from the draw"]);
        assert_silent(&text, &["抽中", "种子"]);
    }
}

#[test]
fn labels_fill_sheets_and_rolls() {
    let count = |sheet: &LabelSheet| {
        let pdf = typesetter().label_sheet(sheet, some_time()).expect("labels");
        pages_of(&pdf).map(|pages| pages.iter().map(|page| page.matches("检验样").count()).collect::<Vec<_>>())
    };
    let Some(full) = count(&labels(24)) else {
        return;
    };
    assert_eq!(full, [24]);
    assert_eq!(count(&labels(25)), Some(vec![24, 1]));
    assert_eq!(count(&LabelSheet { skip: 23, ..labels(3) }), Some(vec![1, 2]));
    let roll = LabelSheet { stock: LabelStock::Roll { width_mm: 60, height_mm: 40 }, ..labels(3) };
    assert_eq!(count(&roll), Some(vec![1, 1, 1]));
    let pdf = typesetter().label_sheet(&labels(1), some_time()).expect("labels");
    assert_eq!(text_of(&pdf).as_deref(), Some("4820175900检验样冷藏0–4℃"), "nothing else is on a label");
}

/// A scanner reads what was asked for: rendered by poppler, decoded by zbar, which knows nothing of this program.
#[test]
fn codes_can_be_scanned() {
    let scan = |pdf: &[u8]| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (file, picture) = (folder.path().join("codes.pdf"), folder.path().join("codes"));
        fs::write(&file, pdf).expect("writable");
        let drawn = Command::new("pdftoppm")
            .args(["-r", "300", "-gray", "-singlefile"])
            .args([&file, &picture])
            .output()
            .is_ok_and(|output| output.status.success());
        let read = Command::new("zbarimg").arg("-q").arg(picture.with_extension("pgm")).output();
        match read {
            Ok(read) if drawn => Some(String::from_utf8(read.stdout).expect("UTF-8")),
            _ => {
                skipped("codes_can_be_scanned", "pdftoppm or zbarimg is not installed");
                None
            }
        }
    };
    let Some(read) = scan(&typesetter().label_sheet(&labels(2), some_time()).expect("labels")) else {
        return;
    };
    let mut lines: Vec<&str> = read.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["CODE-128:4820175900", "CODE-128:4820175901"]);
    let read = scan(&typesetter().test_report(&report(), some_time()).expect("a report"));
    assert_eq!(read.as_deref(), Some("QR-Code:https://lis.example/r/8F3K-7Q2M\n"));
}
