//! Proposals for exports as such software writes them, invented here: what is read without any correction.

use instrument_drivers::observation::{Observation, Reading};
use instrument_drivers::profile::{Context, Profile, suggest};

fn read(bytes: &[u8]) -> (Vec<String>, String) {
    let proposal = suggest::suggest(bytes).unwrap();
    let reading = proposal.profile.read(bytes, &Context::default());
    assert_eq!(reading.troubles, [], "{}", proposal.toml);
    let print = |one: &Observation| format!("{} | {} | {} | {}", one.sample_id, one.analyte, one.value, one.unit);
    (reading.observations.iter().map(print).collect(), proposal.toml)
}

fn check(text: &str, expected: &[&str]) {
    let (found, toml) = read(text.as_bytes());
    assert_eq!(found, expected, "{toml}");
}

#[test]
fn atomic_fluorescence_in_gb18030_with_titles_pairs_of_columns_and_a_sum() {
    let text = "北京某某仪器 AFS-9800 测量报告\r\n操作者：,张工,,,日期：,2026-03-10\r\n\r\n\
        序号,样品名称,样品编号,As,,Hg,\r\n,,,荧光强度,浓度(ug/L),荧光强度,浓度(ug/L)\r\n\
        1,空白,BLK-1,102.3,0.01,55.1,<0.02\r\n2,大米,F26-0001,822.1,2.33,80.2,0.12\r\n合计,,,,2.34,,0.12\r\n";
    let (bytes, _, _) = encoding_rs::GB18030.encode(text);
    let (found, toml) = read(&bytes);
    assert_eq!(
        found,
        [
            "BLK-1 | As | 0.01 | ug/L",
            "BLK-1 | Hg | <0.02 | ug/L",
            "F26-0001 | As | 2.33 | ug/L",
            "F26-0001 | Hg | 0.12 | ug/L"
        ],
        "{toml}"
    );
    let reading = suggest::suggest(&bytes).unwrap().profile.read(&bytes, &Context::default());
    let roles: Vec<&str> = reading.observations.iter().map(|one| one.role.name()).collect();
    assert_eq!(roles, ["blank", "blank", "sample", "sample"]);
}

#[test]
fn a_few_chinese_words_are_neither_odd_signs_nor_japanese() {
    for (text, expected) in [
        (
            "Sample,铅,铜,锌\nF26-1,0.12,1.2,3.4\n",
            &["F26-1 | 铅 | 0.12 | ", "F26-1 | 铜 | 1.2 | ", "F26-1 | 锌 | 3.4 | "][..],
        ),
        (
            "Sample ID;Method;Result;Unit\nF26-1;粗蛋白;7,09;%\n空白;粗蛋白;0,02;%\n",
            &["F26-1 | 粗蛋白 | 7,09 | %", "空白 | 粗蛋白 | 0,02 | %"][..],
        ),
    ] {
        let (bytes, _, _) = encoding_rs::GB18030.encode(text);
        let (found, toml) = read(&bytes);
        assert_eq!(found, expected, "{toml}");
        assert!(toml.contains("encoding = \"gb18030\""), "{toml}");
    }
}

#[test]
fn mass_spectrometer_with_titles_above_groups() {
    check(
        "Sample,,,,208  Pb  [ He ],,111  Cd  [ He ],\r\n,Acq. Date-Time,Type,Sample Name,Conc. [ ug/l ],Conc. RSD,Conc. [ ug/l ],Conc. RSD\r\n\
         002SMPL.d,2026-03-10 10:05,Sample,F26-0001,12.512,1.2,0.051,3.3\r\n003SMPL.d,2026-03-10 10:09,Sample,F26-0002,<0.010,N/A,1.201,0.9\r\n",
        &[
            "F26-0001 | 208  Pb  [ He ] | 12.512 | ug/l",
            "F26-0001 | 111  Cd  [ He ] | 0.051 | ug/l",
            "F26-0002 | 208  Pb  [ He ] | <0.010 | ug/l",
            "F26-0002 | 111  Cd  [ He ] | 1.201 | ug/l",
        ],
    );
}

#[test]
fn chromatography_in_sections_with_the_sample_above() {
    check(
        "[Header]\r\nApplication Name\tLabSolutions\r\n[Sample Information]\r\nSample Name\tJuice 7\r\n[Peak Table(PDA-Ch1)]\r\n# of Peaks\t2\r\n\
         Peak#\tR.Time\tArea\tHeight\r\n1\t4.1\t1000\t90\r\n[Compound Results(PDA-Ch1)]\r\n# of IDs\t2\r\nID#\tName\tR.Time\tArea\tConc.\tUnit\r\n\
         1\tBenzoic acid\t4.1\t1000\t0.123\tmg/L\r\n2\tSorbic acid\t5.1\t2000\t0.456\tmg/L\r\n[Chromatogram]\r\n0.0\t12\r\n",
        &["Juice 7 | Benzoic acid | 0.123 | mg/L", "Juice 7 | Sorbic acid | 0.456 | mg/L"],
    );
}

#[test]
fn several_files_in_one_each_with_its_own_sample() {
    let one = |id: &str, value: &str| {
        format!(
            "[Header]\r\n应用程序名称\tLabSolutions\r\n[样品信息]\r\n样品名\t{id}\r\n[峰表(检测器A-Ch1)]\r\n峰数\t2\r\n\
             峰号\t保留时间\t面积\t高度\r\n1\t3.21\t1234\t100\r\n2\t4.51\t234\t20\r\n[化合物结果(检测器A-Ch1)]\r\nID数\t2\r\n\
             ID#\t名称\t保留时间\t面积\t浓度\t单位\r\n1\t苯甲酸\t3.21\t1234\t{value}\tmg/L\r\n2\t山梨酸\t4.51\t234\t0.045\tmg/L\r\n"
        )
    };
    check(
        &(one("F26-1", "1.234") + &one("F26-2", "0.034")),
        &[
            "F26-1 | 苯甲酸 | 1.234 | mg/L",
            "F26-1 | 山梨酸 | 0.045 | mg/L",
            "F26-2 | 苯甲酸 | 0.034 | mg/L",
            "F26-2 | 山梨酸 | 0.045 | mg/L",
        ],
    );
    let (_, toml) = read((one("F26-1", "1.234") + &one("F26-2", "0.034")).as_bytes());
    assert!(toml.contains("before_section = true"), "{toml}");
}

#[test]
fn results_in_groups_under_chinese_titles() {
    check(
        "样品,,,,敌敌畏 方法,敌敌畏 结果,,毒死蜱 方法,毒死蜱 结果,\r\n,名称,数据文件,类型,RT,RT,计算浓度,RT,RT,计算浓度\r\n\
         ,STD-1,001.d,校正,5.1,5.11,0.98,7.2,7.21,1.02\r\n,F26-1,002.d,样品,5.1,5.12,<0.10,7.2,7.22,12.51\r\n",
        &[
            "001.d | 敌敌畏 | 0.98 | ",
            "001.d | 毒死蜱 | 1.02 | ",
            "002.d | 敌敌畏 | <0.10 | ",
            "002.d | 毒死蜱 | 12.51 | ",
        ],
    );
}

#[test]
fn one_column_of_numbers_below_titles_that_name_analytes() {
    check(
        "Worksheet;cereals\nLine;Pb283\nNo.;Name;Type;Conc.1;Unit\n1;F26-1;Sample;1.235;ug/L\n2;F26-2;Sample;<0.1;ug/L\n\
         Line;Cd228\nNo.;Name;Type;Conc.1;Unit\n1;F26-1;Sample;0.101;ug/L\n2;F26-2;Sample;0.250;ug/L\n",
        &[
            "F26-1 | Pb283 | 1.235 | ug/L",
            "F26-2 | Pb283 | <0.1 | ug/L",
            "F26-1 | Cd228 | 0.101 | ug/L",
            "F26-2 | Cd228 | 0.250 | ug/L",
        ],
    );
}

#[test]
fn a_printed_report_with_gaps_and_a_block_per_sample() {
    let block = |id: &str, pb: &str, cd: &str| {
        format!(
            "Sample ID: {id}\nSample Date: March 10\n\nConcentration Results\n   Analyte   Mass   Conc. Mean     Report Unit\n   \
             Pb        208          {pb}        ppb\n   Cd        111         {cd}        ppb\n\n"
        )
    };
    check(
        &(block("F26-0001", "0.523", "-0.003") + &block("F26-0002", "3.523", "0.103")),
        &[
            "F26-0001 | Pb | 0.523 | ppb",
            "F26-0001 | Cd | -0.003 | ppb",
            "F26-0002 | Pb | 3.523 | ppb",
            "F26-0002 | Cd | 0.103 | ppb",
        ],
    );
}

#[test]
fn a_ruler_with_two_header_lines() {
    check(
        "Data File C:\\data\\7.D\nSample Name: Juice\n\nSignal 1: FID\n\nRetTime    Amount    Name\n [min]    [ng/ul]\n-------|----------|-----------\n  8.335  531.23458 Glycolate\n  \
         9.925 1.95262e-4 Succinate\n\nTotals :  1.0\n",
        &["Juice | Glycolate | 531.23458 | ng/ul", "Juice | Succinate | 1.95262e-4 | ng/ul"],
    );
}

#[test]
fn a_unit_in_brackets_of_the_heading_is_no_part_of_the_analyte() {
    let wide = [
        "F26-0001 | Pb | 0.10 | mg/kg",
        "F26-0001 | Cd | <0.01 | mg/kg",
        "F26-0002 | Pb | 0.20 | mg/kg",
        "F26-0002 | Cd | 0.05 | mg/kg",
    ];
    check("Sample,Pb (mg/kg),Cd (mg/kg)\nF26-0001,0.10,<0.01\nF26-0002,0.20,0.05\n", &wide);
    check(
        "样品编号,铅(mg/kg),水分（%）\nF26-0001,0.10,12.5\nF26-0002,0.20,13.1\n",
        &[
            "F26-0001 | 铅 | 0.10 | mg/kg",
            "F26-0001 | 水分 | 12.5 | %",
            "F26-0002 | 铅 | 0.20 | mg/kg",
            "F26-0002 | 水分 | 13.1 | %",
        ],
    );
    check(
        "Parameter,F26-0001,F26-0002\nPb (mg/kg),0.10,0.20\nCd (mg/kg),<0.01,0.05\n",
        &[wide[0], wide[2], wide[1], wide[3]],
    );
    // What stands in brackets and is no unit belongs to the name.
    check(
        "Sample,Pb (total),Pb (free)\nF26-0001,0.10,0.05\n",
        &["F26-0001 | Pb (total) | 0.10 | ", "F26-0001 | Pb (free) | 0.05 | "],
    );
}

#[test]
fn samples_across() {
    check(
        "Amino acid,Unit,F26-0001,F26-0002\nAsp,g/100g,1.02,1.1\nThr,g/100g,0.51,ND\n",
        &[
            "F26-0001 | Asp | 1.02 | g/100g",
            "F26-0002 | Asp | 1.1 | g/100g",
            "F26-0001 | Thr | 0.51 | g/100g",
            "F26-0002 | Thr | ND | g/100g",
        ],
    );
}

#[test]
fn a_first_line_that_names_the_delimiter() {
    let text = "sep=;\r\nSample;Test;Result;Unit\r\nF26-1;Pb;0,12;mg/kg\r\nF26-2;Pb;0,31;mg/kg\r\n";
    let expected = ["F26-1 | Pb | 0,12 | mg/kg", "F26-2 | Pb | 0,31 | mg/kg"];
    check(text, &expected);
    let proposal = suggest::suggest(text.as_bytes()).unwrap();
    let said = proposal.findings.iter().find(|finding| finding.what == "delimiter").unwrap();
    assert_eq!((said.choice.as_str(), said.sure), (";", 100));
    // The next export may come without that line.
    let bare = proposal.profile.read(text.split_once('\n').unwrap().1.as_bytes(), &Context::default());
    assert_eq!((bare.observations.len(), bare.troubles.len()), (2, 0), "{}", proposal.toml);
}

#[test]
fn records_with_delimiters_of_their_own() {
    for header in ["H|\\^&|||X", "H|@^\\|||X", "H|\\\\^&|||X", "H|\\^&"] {
        let text = format!("{header}\rP|1\rO|1|F26-1||Pb\rR|1|Pb|0.12|mg/kg\rL|1|N\r");
        let (found, toml) = read(text.as_bytes());
        assert_eq!(found, ["F26-1 | Pb | 0.12 | mg/kg"], "{header}: {toml}");
        assert!(toml.contains("format = \"astm\""), "{header}: {toml}");
    }
    // Rows of a plate and words begin with H, too.
    let table = "Hours|Sample|Pb\n1|F26-1|0.5\n2|F26-2|0.7\nH|0.1|5.5|1\n";
    assert!(!suggest::suggest(table.as_bytes()).unwrap().toml.contains("astm"));
}

#[test]
fn a_plate_with_its_layout() {
    check(
        "Names,1,2,3\nA,STD0,S1,S2\nB,STD1,S1,S2\n\nOD450,1,2,3\nA,0.05,0.9,0.3\nB,1.8,OVER,0.31\n",
        &[
            "STD0 | OD450 | 0.05 | ",
            "S1 | OD450 | 0.9 | ",
            "S2 | OD450 | 0.3 | ",
            "STD1 | OD450 | 1.8 | ",
            "S1 | OD450 | OVER | ",
            "S2 | OD450 | 0.31 | ",
        ],
    );
}

#[test]
fn decimal_commas_with_thousands() {
    let text = "Probe;Parameter;Messwert;Einheit\r\nM-1;Fett;3,52;%\r\nM-2;Eiweiß;1.234,5;mg/kg\r\n";
    let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(text);
    let proposal = suggest::suggest(&bytes).unwrap();
    let reading = proposal.profile.read(&bytes, &Context::default());
    let numbers: Vec<Option<&str>> = reading.observations.iter().map(|one| one.number.as_deref()).collect();
    assert_eq!(numbers, [Some("3.52"), Some("1234.5")], "{}", proposal.toml);
    assert_eq!(reading.observations[1].analyte, "Eiweiß");
}

#[test]
fn blocks_of_keys_and_values() {
    check(
        "Sample ID: F26-0001\nMode: pH\nResult: 4.52 pH\nTemp: 25.0 C\n\nSample ID: F26-0002\nMode: pH\nResult: 3.99 pH\nTemp: 24.8 C\n",
        &[
            "F26-0001 | Result | 4.52 | pH",
            "F26-0001 | Temp | 25.0 | C",
            "F26-0002 | Result | 3.99 | pH",
            "F26-0002 | Temp | 24.8 | C",
        ],
    );
}

#[test]
fn a_block_mixes_colons_and_equals_signs() {
    check(
        "Sample ID = F26-0001\nResult: 4.52 pH\nTemp = 25.0 C\n\nSample ID = F26-0002\nResult: 3.99 pH\nTemp = 24.8 C\n",
        &[
            "F26-0001 | Result | 4.52 | pH",
            "F26-0001 | Temp | 25.0 | C",
            "F26-0002 | Result | 3.99 | pH",
            "F26-0002 | Temp | 24.8 | C",
        ],
    );
}

#[test]
fn a_line_of_dashes_is_no_sample() {
    let expected =
        ["F26-0001 | Pb | 0.10 | ", "F26-0001 | Cd | 0.20 | ", "F26-0002 | Pb | 0.11 | ", "F26-0002 | Cd | 0.21 | "];
    for ruler in ["---------    -----   -----", "=========    =====   =====", "----------------------------"] {
        let rows = "F26-0001     0.10    0.20\nF26-0002     0.11    0.21\n";
        check(&format!("Sample ID    Pb      Cd\n{ruler}\n{rows}{ruler}\n"), &expected);
    }
    // One more kind of line that is left out.
    check(
        "Sample\tAnalyte\tResult\tUnit\n------\t-------\t------\t----\nF26-0001\tPb\t0.10\tmg/kg\nF26-0002\tPb\t0.20\tmg/kg\nMean\t\t0.15\t\n",
        &["F26-0001 | Pb | 0.10 | mg/kg", "F26-0002 | Pb | 0.20 | mg/kg"],
    );
}

#[test]
fn json_with_results_below_their_samples() {
    check(
        r#"{"run": 7, "samples": [
            {"id": "F26-0001", "results": [
                {"analyte": "Pb", "value": 0.10, "unit": "mg/kg"}, {"analyte": "Cd", "value": "<0.01", "unit": "mg/kg"}]},
            {"id": "F26-0002", "results": [{"analyte": "Pb", "value": 0.20, "unit": "mg/kg"}]}]}"#,
        &["F26-0001 | Pb | 0.10 | mg/kg", "F26-0001 | Cd | <0.01 | mg/kg", "F26-0002 | Pb | 0.20 | mg/kg"],
    );
}

#[test]
fn json_lists_of_objects() {
    check(
        r#"[{"sampleId": "F26-0001", "testName": "Fat", "result": 3.52, "resultUnit": "%"},
            {"sampleId": "F26-0002", "testName": "Fat", "result": null, "resultUnit": "%"}]"#,
        &["F26-0001 | Fat | 3.52 | %", "F26-0002 | Fat |  | %"],
    );
    // One object per line, one analyte per member.
    check(
        "{\"Sample\": \"F26-0001\", \"Pb\": 0.10, \"Cd\": 0.02}\n{\"Sample\": \"F26-0002\", \"Pb\": 0.20, \"Cd\": 0.04}\n",
        &["F26-0001 | Pb | 0.10 | ", "F26-0001 | Cd | 0.02 | ", "F26-0002 | Pb | 0.20 | ", "F26-0002 | Cd | 0.04 | "],
    );
}

#[test]
fn xml_with_repeated_elements() {
    check(
        "<?xml version=\"1.0\"?><Export><Sample Id=\"F26-0001\"><Result Name=\"Pb\" Unit=\"mg/kg\">0.10</Result>\
         <Result Name=\"Cd\" Unit=\"mg/kg\">&lt;0.01</Result></Sample><Sample Id=\"F26-0002\">\
         <Result Name=\"Pb\" Unit=\"mg/kg\">0.20</Result></Sample></Export>",
        &["F26-0001 | Pb | 0.10 | mg/kg", "F26-0001 | Cd | <0.01 | mg/kg", "F26-0002 | Pb | 0.20 | mg/kg"],
    );
    check(
        "<run><rows><row><sample>F26-0001</sample><element>Pb</element><result>0.10</result></row>\
         <row><sample>F26-0002</sample><element>Pb</element><result>0.20</result></row></rows></run>",
        &["F26-0001 | Pb | 0.10 | ", "F26-0002 | Pb | 0.20 | "],
    );
}

#[test]
fn columns_are_named_as_they_stand_in_the_file() {
    let shape = |text: &str| {
        let findings = suggest::suggest(text.as_bytes()).unwrap().findings;
        findings.into_iter().find(|one| one.what == "shape").unwrap().why
    };
    let long = "Label,Analyte,Result,Unit\nF1,Pb,0.10,mg/kg\nF2,Pb,0.20,mg/kg\n";
    assert_eq!(shape(long), "the columns of analyte and value: Analyte, Result");
}

#[test]
fn where_a_text_is_none_of_its_encoding_is_told() {
    let hints = suggest::Hints { encoding: Some("utf-8".into()), ..suggest::Hints::default() };
    let why = suggest::suggest_with(b"Sample,Pb\nF1,0.1\nF\xff,0.2\n", &hints).unwrap_err();
    assert_eq!(why.code(), "no-text-in-line");
    assert_eq!(why.facts(), [("encoding", "UTF-8".to_string()), ("line", "3".to_string())]);
}

#[test]
fn a_tree_that_is_not_understood_stays_a_tree() {
    let text = br#"{"log": [{"a": "x", "b": "y"}, {"a": "z", "b": "w"}]}"#;
    assert_eq!(suggest::suggest(text).unwrap_err(), suggest::NotUnderstood::NoRows);
    assert_eq!(suggest::tree_rows(text), Some(("json", "log".to_string())));
    assert_eq!(suggest::tree_rows(b"[{\"a\": 1}, {\"a\""), Some(("json", "item".to_string())), "cut off");
    assert_eq!(suggest::tree_rows(b"[Header]\nName\tX\n"), None);
}

#[test]
fn typed_lines_without_a_header() {
    check(
        "0\t2026-03-10\tfile\tv1\n40\tF26-1\tGLU\tmmol/L\t2.45\n40\tF26-1\tLAC\tg/L\t< 0.02\n40\tF26-2\tGLU\tmmol/L\t3.10\n",
        &["F26-1 | GLU | 2.45 | mmol/L", "F26-1 | LAC | < 0.02 | g/L", "F26-2 | GLU | 3.10 | mmol/L"],
    );
}

#[test]
fn names_that_look_like_markers_are_elements_in_a_header() {
    check("Label,Na,Nd\nS1,1.5,2.5\n", &["S1 | Na | 1.5 | ", "S1 | Nd | 2.5 | "]);
}

#[test]
fn unknown_texts_among_numbers_are_shown_to_the_person() {
    let proposal = suggest::suggest(b"Sample,Pb\nS1,1.5\nS2,X\nS3,0.2\nS4,X\nS5,0.4\n").unwrap();
    let markers = proposal.findings.iter().find(|finding| finding.what == "markers").unwrap();
    assert!(markers.choice.contains("X (2 times)") && proposal.toml.contains("\"X\" = \"text\""), "{}", proposal.toml);
}

#[test]
fn titles_between_rows_without_a_header() {
    check(
        "Method: Au 1,,,\nU1,OVER,mg/L,0.5\nU2,1.5,mg/L,0.5\nU3,OVER,mg/L,0.5\n\nMethod: Au 2,,,\nU1,2.25,mg/L,0.25\n",
        &["U1 | Au 1 | 0.5 | mg/L", "U2 | Au 1 | 0.5 | mg/L", "U3 | Au 1 | 0.5 | mg/L", "U1 | Au 2 | 0.25 | mg/L"],
    );
}

/// What a profile by hand reads of the same source.
fn by_hand(toml: &str, text: &str) -> Vec<String> {
    let toml = format!("maturity = \"draft\"\nsource = \"test\"\n{toml}");
    let reading = Profile::parse("by_hand", &toml).unwrap().read(text.as_bytes(), &Context::default());
    assert_eq!(reading.troubles, []);
    printed_with_roles(&reading)
}

fn printed_with_roles(reading: &Reading) -> Vec<String> {
    let print = |one: &Observation| {
        format!("{} | {} | {} | {} | {}", one.sample_id, one.analyte, one.value, one.unit, one.role.name())
    };
    reading.observations.iter().map(print).collect()
}

#[test]
fn groups_of_columns_with_the_compound_in_the_line_above() {
    let rows = "STD 1,,Standard,1203,3.21,1.02,803,4.02,0.98\nF26-0001,,Unknown,5203,3.22,4.31,12,4.03,<0.10\n";
    let names = "Sample Name,Sample ID,Sample Type,Area,RT,Calculated Concentration (ng/mL),Area,RT,Calculated Concentration (ng/mL)\n";
    let expected = [
        "STD 1 | AFB1 | 1.02 | ng/mL",
        "STD 1 | AFG1 | 0.98 | ng/mL",
        "F26-0001 | AFB1 | 4.31 | ng/mL",
        "F26-0001 | AFG1 | <0.10 | ng/mL",
    ];
    // Above the first column of each group, and above every one.
    let first = format!(",,,AFB1,,,AFG1,,\n{names}{rows}");
    check(&first, &expected);
    check(&format!(",,,AFB1,AFB1,AFB1,AFG1,AFG1,AFG1\n{names}{rows}"), &expected);
    let toml = r#"
        format = "delimited"
        text = { delimiter = "," }

        [[table]]
        sample = "{Sample Name}"
        analyte = "{@head1}"
        unit = { from = "{@head2}", pattern = '\((.*)\)$' }
        header = { rows = 2, fill = true }
        role = { from = "{Sample Type}", map = { "Standard" = "standard" }, default = "sample" }
        columns = { where = [{ cell = "{@head2}", matches = "^Calculated Concentration" }] }
    "#;
    assert_eq!(
        by_hand(toml, &first),
        [
            "STD 1 | AFB1 | 1.02 | ng/mL | standard",
            "STD 1 | AFG1 | 0.98 | ng/mL | standard",
            "F26-0001 | AFB1 | 4.31 | ng/mL | sample",
            "F26-0001 | AFG1 | <0.10 | ng/mL | sample",
        ]
    );
}

#[test]
fn a_title_above_each_column_of_results() {
    check(
        ",AFB1,AFG1\nSample Name,Result,Result\nF26-0001,0.52,<0.10\nF26-0002,0.61,0.22\n",
        &[
            "F26-0001 | AFB1 | 0.52 | ",
            "F26-0001 | AFG1 | <0.10 | ",
            "F26-0002 | AFB1 | 0.61 | ",
            "F26-0002 | AFG1 | 0.22 | ",
        ],
    );
}

#[test]
fn the_title_of_the_compound_stands_above_those_of_its_ions() {
    check(
        ",AFB1,,,,AFG1,,,\n,Quantifier,,Qualifier,,Quantifier,,Qualifier,\n\
         Sample Name,Area,Conc.,Area,Conc.,Area,Conc.,Area,Conc.\n\
         F26-0001,5203,4.31,1203,4.40,12,0.10,8,0.11\nF26-0002,4203,3.31,1003,3.40,22,0.20,18,0.21\n",
        &[
            "F26-0001 | AFB1 | 4.31 | ",
            "F26-0001 | AFG1 | 0.10 | ",
            "F26-0002 | AFB1 | 3.31 | ",
            "F26-0002 | AFG1 | 0.20 | ",
        ],
    );
}

#[test]
fn a_line_above_the_names_is_no_analyte_where_every_row_names_its_own() {
    let expected = ["F26-0001 | AFB1 | 4.31 | ng/mL", "F26-0002 | AFB1 | 0.12 | ng/mL"];
    // The title of it all, at either end of its line.
    for title in ["Quantitation Results,,,", ",,Quantitation Results,", "Batch 7,,Quantitation Results,"] {
        check(
            &format!(
                "{title}\nSample Name,Component Name,Area,Calculated Concentration (ng/mL)\n\
                 F26-0001,AFB1,5203,4.31\nF26-0002,AFB1,120,0.12\n"
            ),
            &expected,
        );
    }
    // Titles above groups whose names are alike, and which hold no results.
    check(
        "Sample,,Component,,Result,\nName,No,Name,No,Conc.,Unit\nF26-0001,11,AFB1,3,4.31,ng/mL\n\
         F26-0002,12,AFB1,3,0.12,ng/mL\n",
        &expected,
    );
}

/// As TargetLynx writes it: the method with its compounds before the samples, results as attributes of the peaks.
const QUANDATASET: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<QUANDATASET version="1.0"><GROUPDATA count="1"><GROUP id="1" name="AF">
<METHODDATA><COMPOUND id="1" name="AFB1" units="ug/kg"/><COMPOUND id="2" name="AFG1" units="ug/kg"/></METHODDATA>
<SAMPLELISTDATA count="3">
<SAMPLE id="1" name="STD_1" type="Standard" sampleid="">
<COMPOUND id="1" name="AFB1"><PEAK id="1" foundrt="4.10" area="1203.1" analconc="1.02"><ISPEAK area="5012.2"/></PEAK></COMPOUND>
<COMPOUND id="2" name="AFG1"><PEAK id="1" foundrt="4.60" area="803.5" analconc="0.98"><ISPEAK area="5012.2"/></PEAK></COMPOUND>
</SAMPLE>
<SAMPLE id="2" name="F26-0001" type="Analyte" sampleid="">
<COMPOUND id="1" name="AFB1"><PEAK id="1" foundrt="4.11" area="2203.1" analconc="2.31"><ISPEAK area="5010.2"/></PEAK></COMPOUND>
<COMPOUND id="2" name="AFG1"><PEAK id="1" foundrt="" area="" analconc=""><ISPEAK area="5010.2"/></PEAK></COMPOUND>
</SAMPLE>
<SAMPLE id="3" name="BLK_1" type="Blank" sampleid="">
<COMPOUND id="1" name="AFB1"><PEAK id="1" foundrt="4.10" area="3.1" analconc="0.01"><ISPEAK area="5011.2"/></PEAK></COMPOUND>
<COMPOUND id="2" name="AFG1"><PEAK id="1" foundrt="4.61" area="2.2" analconc="0.02"><ISPEAK area="5011.2"/></PEAK></COMPOUND>
</SAMPLE>
</SAMPLELISTDATA></GROUP></GROUPDATA></QUANDATASET>"#;

#[test]
fn peaks_below_compounds_below_samples_that_are_counted_too() {
    let expected = [
        "STD_1 | AFB1 | 1.02 |  | standard",
        "STD_1 | AFG1 | 0.98 |  | standard",
        "F26-0001 | AFB1 | 2.31 |  | sample",
        "F26-0001 | AFG1 |  |  | sample",
        "BLK_1 | AFB1 | 0.01 |  | blank",
        "BLK_1 | AFG1 | 0.02 |  | blank",
    ];
    let proposal = suggest::suggest(QUANDATASET.as_bytes()).unwrap();
    let reading = proposal.profile.read(QUANDATASET.as_bytes(), &Context::default());
    assert_eq!(reading.troubles, [], "{}", proposal.toml);
    assert_eq!(printed_with_roles(&reading), expected, "{}", proposal.toml);
    let toml = r#"
        format = "xml"
        tree = { rows = "QUANDATASET.GROUPDATA.GROUP.SAMPLELISTDATA.SAMPLE.COMPOUND.PEAK" }

        [[table]]
        sample = "{SAMPLE.name}"
        analyte = "{COMPOUND.name}"
        value = "{analconc}"
        role = { from = "{SAMPLE.type}", map = { "Standard" = "standard", "Blank" = "blank" }, default = "sample" }
        empty = "row"
    "#;
    assert_eq!(by_hand(toml, QUANDATASET), expected);
}

/// 30 samples of 300 compounds, of each of which the method says what would be two columns of every row.
#[test]
fn a_long_export_with_its_method_is_read_by_who_names_the_leaves() {
    let method: String = (1..=300).map(|at| format!("<COMPOUND name=\"C{at}\" units=\"ug/kg\"/>")).collect();
    let peaks: String =
        (1..=300).map(|at| format!("<COMPOUND name=\"C{at}\"><PEAK analconc=\"{at}.5\"/></COMPOUND>")).collect();
    let samples: String = (1..=30).map(|at| format!("<SAMPLE name=\"S{at}\">{peaks}</SAMPLE>")).collect();
    let text = format!("<Q><METHODDATA>{method}</METHODDATA>{samples}</Q>");
    let profile = |sample: &str| {
        let toml = format!(
            "maturity = \"draft\"\nsource = \"test\"\nformat = \"xml\"\ntree = {{ rows = \"Q.SAMPLE.COMPOUND.PEAK\" }}\n\
             [[table]]\nsample = \"{sample}\"\nanalyte = \"{{COMPOUND.name}}\"\nvalue = \"{{analconc}}\"\n"
        );
        Profile::parse("by_hand", &toml).unwrap().read(text.as_bytes(), &Context::default())
    };
    let reading = profile("{SAMPLE.name}");
    assert_eq!(reading.troubles, []);
    let read = printed_with_roles(&reading);
    assert_eq!((read.len(), read[0].as_str()), (9000, "S1 | C1 | 1.5 |  | sample"));
    assert_eq!(read[8999], "S30 | C300 | 300.5 |  | sample");
    // Who asks for places asks for all of them.
    let refused = profile("{#1}");
    assert!(refused.observations.is_empty() && refused.troubles[0].reason.to_string().contains("cells together"));
}
