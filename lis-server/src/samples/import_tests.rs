use super::*;
use crate::domain::calendar::WorkingCalendar;
use crate::domain::clock::Moment;

const MAPPING: &str = r#"
encoding = "utf-8"
dates = ["%Y/%m/%d"]
times = ["%Y/%m/%d %H:%M"]
ignored = ["序号"]
[columns]
form_no = "抽样单编号"
unit_uscc = "信用代码"
stage = "环节"
place = "地点"
storage = "储存"
production_date = "生产日期"
sampled_at = "抽样时间"
qty_total = "数量"
sampler2 = "抽样人2"
[values.stage]
"流通" = "trade"
[values.place]
"其他（流通）" = "trade_other"
[values.storage]
"冷藏" = "chilled"
"避光" = "dark"
[fixed]
task_category = "supervision"
ordering_name = "示例监管局"
ordering_region = "131081"
unit_name = "示例超市"
unit_address = "路"
unit_region = "131081"
area_type = "city"
contact = "店长"
phone = "13800000000"
sample_name = "小白菜"
food_category = "leafy-vegetables-pak-choi"
sample_source = "bought_in"
sample_attr = "ordinary"
goods_type = "farm_produce"
packing = "loose"
form_state = "solid"
unit_price = "3"
lot_size = "20"
lot_unit = "kg"
qty_backup = "1"
qty_unit = "kg"
sampling_mode = "ordinary"
seal_test_no = "F1"
seal_backup_no = "F2"
ship_deadline = "2026-11-18"
ship_to = "示例实验室"
sampling_unit = "示例抽样单位"
sampler1 = "抽样员甲"
"#;

const HEAD: &str = "序号,抽样单编号,信用代码,环节,地点,储存,生产日期,抽样时间,数量,抽样人2\n";
const GOOD: &str =
    "1,XBJ26131081000000001,91131000MA0ABCDE17,流通,其他(流通),冷藏、避光,2026/11/15,2026/11/16 09:30,３,抽样员乙\n";

fn rows(text: &str) -> Result<Vec<Row>, Refusal> {
    rows_by(MAPPING, text)
}

fn rows_by(mapping: &str, text: &str) -> Result<Vec<Row>, Refusal> {
    let mapping = Mapping::parse(mapping)?;
    let calendar = WorkingCalendar::default();
    let category = |name: &str| Some(name.to_owned());
    let analyte = |name: &str| (name == "pb" || name == "铅").then(|| "pb".to_owned());
    let now = Moment::parse_in_china("2026-11-17 08:00").unwrap();
    read(
        "forms.csv",
        text.as_bytes(),
        &mapping,
        &Circumstances { now, calendar: &calendar, category: &category, analyte: &analyte },
    )
}

fn named(row: &Row) -> Vec<(String, &'static str)> {
    let reasons = row.form.as_ref().err().cloned().unwrap_or_default();
    reasons.into_iter().map(|reason| (reason.field.unwrap_or_default(), reason.problem.code)).collect()
}

#[test]
fn words_dates_and_widths_are_translated() {
    let rows = rows(&format!("{HEAD}{GOOD}")).unwrap();
    assert_eq!(named(&rows[0]), []);
    let form = rows[0].form.as_ref().unwrap();
    assert_eq!(form.place.unwrap().code(), "trade_other");
    assert_eq!(form.production_date.unwrap().to_string(), "2026-11-15");
    assert_eq!(form.sampled_at.unwrap().to_string(), "2026-11-16 09:30:00 +08:00");
    assert_eq!(form.qty_total.as_ref().unwrap().as_str(), "3");
    assert_eq!(form.storage.len(), 2);
}

#[test]
fn a_bad_row_is_named_with_their_column_and_the_others_stay_good() {
    let bad = "2,XBJ26131081000000002,91131000MA0ABCDE18,批发,其他(流通),冷藏,2026/11/17,2026/11/16 09:30,3,抽样员甲\n";
    let rows = rows(&format!("{HEAD}{GOOD}{bad}")).unwrap();
    assert!(rows[0].is_good());
    assert_eq!(
        named(&rows[1]),
        [
            ("rows[3].环节".to_owned(), "mapping-value"),
            ("rows[3].信用代码".to_owned(), "check-character"),
            ("rows[3].生产日期".to_owned(), "produced-after-sampling"),
            ("rows[3].抽样人2".to_owned(), "samplers-same"),
        ]
    );
}

#[test]
fn a_row_with_a_cell_too_few_is_one_bad_row_among_the_others() {
    let short = "2,XBJ26131081000000002,91131000MA0ABCDE17\n";
    let bad = GOOD.replace("000000001", "000000003").replace("ABCDE17", "ABCDE18");
    let rows = rows(&format!("{HEAD}{GOOD}{short}{bad}")).unwrap();
    assert!(rows[0].is_good());
    assert_eq!(named(&rows[1]), [("rows[3].".to_owned(), "table-cell")]);
    assert_eq!(named(&rows[2]), [("rows[4].信用代码".to_owned(), "check-character")]);
    assert_eq!(rows.len(), 3);
}

#[test]
fn a_number_that_stands_twice_makes_the_later_row_bad() {
    let rows = rows(&format!("{HEAD}{GOOD}{GOOD}")).unwrap();
    assert!(rows[0].is_good());
    assert_eq!(named(&rows[1]), [("rows[3].抽样单编号".to_owned(), "form-no-repeated")]);
}

#[test]
fn a_strange_table_or_mapping_is_refused_as_a_whole() {
    let refused = rows("抽样单编号,颜色\n1,2\n").unwrap_err();
    assert!(refused.reasons.iter().all(|reason| reason.problem.code == "table-cell"));
    assert_eq!(rows(HEAD).unwrap_err().reasons[0].problem.code, "import-empty");
    for wrong in ["", "x = 1", "[columns]\ncolour = \"颜色\"", "encoding = \"utf-16\"\n[columns]"] {
        assert_eq!(Mapping::parse(wrong).unwrap_err().reasons[0].problem.code, "mapping-invalid", "{wrong}");
    }
}

#[test]
fn the_shipped_mapping_is_valid_and_its_codes_are_known() {
    let mapping = Mapping::parse(SHIPPED).unwrap();
    for (field, words) in &mapping.values {
        let codes: &[&str] = match fields::field(field).map(|field| field.kind) {
            Some(Kind::Choice(_, codes)) => codes,
            _ => crate::samples::words::Storage::CODES,
        };
        for code in words.values() {
            assert!(codes.contains(&code.as_str()), "{field}: {code}");
        }
    }
}

#[test]
fn a_column_that_may_be_missing_is_read_where_it_is_there() {
    let mapping = MAPPING.replace("[values.stage]", "[optional]\nlabel_claims = \"明示值\"\n[values.stage]");
    let claims = |text: &str| rows_by(&mapping, text).unwrap().remove(0).form.unwrap().label_claims;
    assert!(claims(&format!("{HEAD}{GOOD}")).is_empty());
    let with = format!("{},明示值\n{},铅|<=0.1 mg/kg；\n", HEAD.trim_end(), GOOD.trim_end());
    let found = claims(&with);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].analyte.as_str(), found[0].claim.to_string().as_str()), ("pb", "≤0.1 mg/kg"));
    assert!(rows(&with).is_err(), "a column that the mapping names nowhere");
}
