//! Proposals for exports as mainstream software writes them, invented here in four languages: all of them are read without a
//! correction.

use encoding_rs::{Encoding, GB18030, UTF_8, WINDOWS_1252};
use instrument_drivers::profile::{Context, suggest};

#[path = "support/proposed.rs"]
mod proposed;

/// Lines of `text` as the software writes them in this encoding; `→` is a tab. Expected: sample, analyte, value, unit.
fn reads(encoding: &'static Encoding, text: &[&str], expected: &[&str]) {
    let text = (text.join("\r\n") + "\r\n").replace('→', "\t");
    let (bytes, _, lost) = encoding.encode(&text);
    assert!(!lost);
    proposed::reads(&bytes, expected);
}

#[test]
fn sample_names_where_the_ids_are_empty() {
    reads(
        UTF_8,
        &[
            "Sample Name→Sample ID→Sample Type→File Name→Analyte Peak Name→Analyte Peak Area (counts)→Analyte Retention Time (min)→Calculated Concentration (ng/mL)→Accuracy (%)",
            "STD1→→Standard→d1.wiff→AFB1→1203→3.21→1.02→102.0",
            "F26-1→→Unknown→d1.wiff→AFB1→5203→3.22→4.31→N/A",
            "F26-2→→Unknown→d1.wiff→AFB1→0→0.00→No Peak→N/A",
        ],
        &["STD1 | AFB1 | 1.02 | ng/mL", "F26-1 | AFB1 | 4.31 | ng/mL", "F26-2 | AFB1 | No Peak | ng/mL"],
    );
}

#[test]
fn a_theoretical_amount_is_no_result() {
    reads(
        UTF_8,
        &[
            "Sample Name,Sample Type,Compound,Theoretical Amt,Calculated Amt,Units,Area,Actual RT,Flags",
            "CAL1,Cal Std,Melamine,0.05,0.0512,mg/kg,10233,2.11,",
            "F26-1,Unknown,Melamine,N/A,0.231,mg/kg,50233,2.12,",
            "F26-2,Unknown,Melamine,N/A,N/F,mg/kg,N/F,N/F,",
        ],
        &["CAL1 | Melamine | 0.0512 | mg/kg", "F26-1 | Melamine | 0.231 | mg/kg", "F26-2 | Melamine | N/F | mg/kg"],
    );
}

#[test]
fn values_headed_by_their_unit_in_blocks() {
    reads(
        UTF_8,
        &[
            "Quantify Compound Summary Report",
            "",
            "Compound 1:  Deoxynivalenol",
            "",
            "→Name→Type→Std. Conc→RT→Area→IS Area→Response→Flags→ug/kg→%Dev",
            "1→250310_001→Standard→50.00→3.21→1203.1→5012.2→12.0→bb→49.8→-0.4",
            "2→F26-1→Analyte→→3.22→2203.1→5010.2→22.0→bb→91.2→",
            "3→F26-2→Analyte→→→→5011.1→→→→",
            "",
            "Compound 2:  Zearalenone",
            "",
            "→Name→Type→Std. Conc→RT→Area→IS Area→Response→Flags→ug/kg→%Dev",
            "1→250310_001→Standard→50.00→5.21→2203.1→5012.2→22.0→bb→50.1→0.2",
            "2→F26-1→Analyte→→5.22→203.1→5010.2→2.0→bb→4.6→",
        ],
        &[
            "250310_001 | Deoxynivalenol | 49.8 | ug/kg",
            "F26-1 | Deoxynivalenol | 91.2 | ug/kg",
            "F26-2 | Deoxynivalenol |  | ug/kg",
            "250310_001 | Zearalenone | 50.1 | ug/kg",
            "F26-1 | Zearalenone | 4.6 | ug/kg",
        ],
    );
}

#[test]
fn german_names_and_thousands() {
    reads(
        WINDOWS_1252,
        &[
            "Proben-ID;Substanz;RT [min];Fläche;Konzentration;Einheit",
            "F26-1;Ethanol;2,31;12034;1.203,5;mg/l",
            "F26-1;Methanol;1,91;1034;0,5;mg/l",
            "F26-2;Ethanol;2,31;2034;203,5;mg/l",
        ],
        &["F26-1 | Ethanol | 1.203,5 | mg/l", "F26-1 | Methanol | 0,5 | mg/l", "F26-2 | Ethanol | 203,5 | mg/l"],
    );
}

#[test]
fn french_names_and_elements_that_look_like_markers() {
    reads(
        WINDOWS_1252,
        &[
            "Échantillon;Élément;Masse;Teneur;Unité;RSD",
            "F26-1;Na;23;1250,3;mg/kg;1,2",
            "F26-1;Pb;208;0,052;mg/kg;2,2",
            "F26-2;Na;23;980,1;mg/kg;0,9",
            "F26-2;Pb;208;< 0,01;mg/kg;",
        ],
        &[
            "F26-1 | Na | 1250,3 | mg/kg",
            "F26-1 | Pb | 0,052 | mg/kg",
            "F26-2 | Na | 980,1 | mg/kg",
            "F26-2 | Pb | < 0,01 | mg/kg",
        ],
    );
}

#[test]
fn one_element_with_its_absorbance_and_two_contents() {
    reads(
        GB18030,
        &[
            "原子吸收分光光度计测定报告",
            "测定元素：,铅,波长：,283.3nm",
            "序号,样品编号,吸光度,浓度(μg/L),RSD(%),含量(mg/kg)",
            "1,空白,0.0012,0.01,5.1,",
            "2,F26-1,0.1021,4.12,1.1,0.103",
            "3,F26-2,0.0521,2.05,1.3,0.051",
        ],
        &["F26-1 | 含量 | 0.103 | mg/kg", "F26-2 | 含量 | 0.051 | mg/kg"],
    );
}

#[test]
fn a_titrator_names_its_method() {
    reads(
        WINDOWS_1252,
        &[
            "Proben-ID;Methode;Einwaage;Ergebnis;Einheit;Datum",
            "F26-1;Säuregrad;10,012;5,21;%;10.03.2026",
            "F26-2;Säuregrad;10,101;4,98;%;10.03.2026",
        ],
        &["F26-1 | Säuregrad | 5,21 | %", "F26-2 | Säuregrad | 4,98 | %"],
    );
}

#[test]
fn weights_and_volumes_are_no_results() {
    reads(
        UTF_8,
        &[
            "样品号,方法,样品量(g),滴定体积(mL),结果,单位",
            "F26-1,过氧化值,5.012,0.512,0.102,g/100g",
            "F26-2,过氧化值,5.101,0.312,0.061,g/100g",
        ],
        &["F26-1 | 过氧化值 | 0.102 | g/100g", "F26-2 | 过氧化值 | 0.061 | g/100g"],
    );
}

#[test]
fn a_plate_list_with_tasks() {
    reads(
        UTF_8,
        &[
            "孔位,样本名称,任务,目标,荧光,Ct值",
            "A1,F26-1,UNKNOWN,沙门氏菌,FAM,24.51",
            "A2,F26-2,UNKNOWN,沙门氏菌,FAM,Undetermined",
            "A3,NTC,NTC,沙门氏菌,FAM,",
        ],
        &["F26-1 | 沙门氏菌 | 24.51 | ", "F26-2 | 沙门氏菌 | Undetermined | ", "NTC | 沙门氏菌 |  | "],
    );
}

#[test]
fn wells_without_a_sample_are_called_by_their_content() {
    reads(
        UTF_8,
        &[
            "Well,Fluor,Target,Content,Sample,Cq,SQ Mean",
            "A01,FAM,invA,Unkn,F26-1,24.51,NaN",
            "A02,FAM,invA,NTC,,NaN,NaN",
            "A03,FAM,invA,Pos Ctrl,,21.2,NaN",
        ],
        &["F26-1 | invA | 24.51 | ", "NTC | invA | NaN | ", "Pos Ctrl | invA | 21.2 | "],
    );
}

#[test]
fn units_above_the_names() {
    reads(
        UTF_8,
        &["Results", ",,mg/kg,ug/kg", "Sample,Date,Pb,Cd", "F26-1,2026-03-10,0.512,12.1", "F26-2,2026-03-10,0.102,<5"],
        &[
            "F26-1 | Pb | 0.512 | mg/kg",
            "F26-1 | Cd | 12.1 | ug/kg",
            "F26-2 | Pb | 0.102 | mg/kg",
            "F26-2 | Cd | <5 | ug/kg",
        ],
    );
}

#[test]
fn compounds_with_areas_and_a_unit_in_the_heading() {
    reads(
        GB18030,
        &[
            "样品名称→组分名→保留时间(min)→峰面积→峰高→含量(mg/L)",
            "F26-1→氟离子→3.12→12.1→3.2→0.512",
            "F26-1→氯离子→4.32→112.1→33.2→12.3",
            "F26-2→氟离子→3.13→10.1→3.0→0.421",
        ],
        &["F26-1 | 氟离子 | 0.512 | mg/L", "F26-1 | 氯离子 | 12.3 | mg/L", "F26-2 | 氟离子 | 0.421 | mg/L"],
    );
}

#[test]
fn lines_in_quotation_marks_as_a_whole() {
    reads(
        UTF_8,
        &[
            "\"Sample ID,Test,Result,Unit\"",
            "\"F26-1,\"\"Nitrite, total\"\",0.12,mg/L\"",
            "\"F26-2,\"\"Nitrite, total\"\",0.31,mg/L\"",
        ],
        &["F26-1 | Nitrite, total | 0.12 | mg/L", "F26-2 | Nitrite, total | 0.31 | mg/L"],
    );
}

#[test]
fn two_plates_of_one_reader() {
    reads(
        UTF_8,
        &[
            "Absorbance 450,,,",
            ",1,2,3",
            "A,0.051,1.210,0.912",
            "B,1.812,1.201,0.922",
            "",
            "Concentration ng/mL,,,",
            ",1,2,3",
            "A,0,2.51,1.22",
            "B,5,2.49,1.24",
        ],
        &[
            "A1 | Absorbance 450 | 0.051 | ",
            "A2 | Absorbance 450 | 1.210 | ",
            "A3 | Absorbance 450 | 0.912 | ",
            "B1 | Absorbance 450 | 1.812 | ",
            "B2 | Absorbance 450 | 1.201 | ",
            "B3 | Absorbance 450 | 0.922 | ",
            "A1 | Concentration ng/mL | 0 | ",
            "A2 | Concentration ng/mL | 2.51 | ",
            "A3 | Concentration ng/mL | 1.22 | ",
            "B1 | Concentration ng/mL | 5 | ",
            "B2 | Concentration ng/mL | 2.49 | ",
            "B3 | Concentration ng/mL | 1.24 | ",
        ],
    );
}

#[test]
fn a_lone_micro_sign() {
    reads(
        WINDOWS_1252,
        &["Sample;Analyte;Result;Unit", "F26-1;Cadmium;12,1;µg/kg", "F26-2;Cadmium;8,2;µg/kg"],
        &["F26-1 | Cadmium | 12,1 | µg/kg", "F26-2 | Cadmium | 8,2 | µg/kg"],
    );
}

#[test]
fn powers_of_ten() {
    reads(
        UTF_8,
        &[
            "样品编号,检测项目,结果,单位",
            "F26-1,菌落总数,1.4×10^4,CFU/g",
            "F26-2,菌落总数,3.2×10^3,CFU/g",
            "F26-3,菌落总数,<10,CFU/g",
        ],
        &[
            "F26-1 | 菌落总数 | 1.4×10^4 | CFU/g",
            "F26-2 | 菌落总数 | 3.2×10^3 | CFU/g",
            "F26-3 | 菌落总数 | <10 | CFU/g",
        ],
    );
}

#[test]
fn minutes_are_no_minimum() {
    reads(
        UTF_8,
        &[
            "Sample,Parameter,Unit,Value",
            "F26-1,Development time,min,4.2",
            "F26-1,Stability,min,8.1",
            "F26-2,Development time,min,3.9",
        ],
        &[
            "F26-1 | Development time | 4.2 | min",
            "F26-1 | Stability | 8.1 | min",
            "F26-2 | Development time | 3.9 | min",
        ],
    );
}

#[test]
fn json_with_names_that_say_sample() {
    reads(
        UTF_8,
        &[
            "{\"instrument\":\"X\",\"samples\":[{\"sampleName\":\"F26-1\",\"results\":[{\"compound\":\"AFB1\",\"concentration\":1.2,\"unit\":\"ug/kg\"},{\"compound\":\"AFB2\",\"concentration\":0.2,\"unit\":\"ug/kg\"}]},{\"sampleName\":\"F26-2\",\"results\":[{\"compound\":\"AFB1\",\"concentration\":0.4,\"unit\":\"ug/kg\"}]}]}",
        ],
        &["F26-1 | AFB1 | 1.2 | ug/kg", "F26-1 | AFB2 | 0.2 | ug/kg", "F26-2 | AFB1 | 0.4 | ug/kg"],
    );
}

#[test]
fn first_cells_left_blank_in_a_printed_report() {
    reads(
        UTF_8,
        &[
            "Sample Report",
            "Date: 2026-03-10",
            "",
            "Sample ID    Element    Result    Unit",
            "F26-1        Pb          0.512    mg/kg",
            "             Cd         <0.010    mg/kg",
            "F26-2        Pb         12.512    mg/kg",
            "             Cd          0.031    mg/kg",
        ],
        &[
            "F26-1 | Pb | 0.512 | mg/kg",
            "F26-1 | Cd | <0.010 | mg/kg",
            "F26-2 | Pb | 12.512 | mg/kg",
            "F26-2 | Cd | 0.031 | mg/kg",
        ],
    );
}

#[test]
fn units_behind_the_names() {
    reads(
        UTF_8,
        &[
            "Injection,Sample Name,Level,Acetone ppm,Ethanol ppm,Methanol ppm",
            "1,F26-1,,12.1,5.1,0.2",
            "2,F26-2,,11.0,4.8,<0.1",
        ],
        &[
            "F26-1 | Acetone | 12.1 | ppm",
            "F26-1 | Ethanol | 5.1 | ppm",
            "F26-1 | Methanol | 0.2 | ppm",
            "F26-2 | Acetone | 11.0 | ppm",
            "F26-2 | Ethanol | 4.8 | ppm",
            "F26-2 | Methanol | <0.1 | ppm",
        ],
    );
}

#[test]
fn xml_with_samples_that_have_a_numbered_id() {
    let one = |id: &str, results: &str| format!("<Sample><ID1>{id}</ID1><Results>{results}</Results></Sample>");
    let result =
        |name: &str, value: &str| format!("<Result><Name>{name}</Name><Value>{value}</Value><Unit>%</Unit></Result>");
    let first = one("F26-1", &(result("R1", "5.21") + &result("R2", "NaN")));
    let text = format!("<LabX><Task>{first}{}</Task></LabX>", one("F26-2", &result("R1", "6.0")));
    reads(UTF_8, &[&text], &["F26-1 | R1 | 5.21 | %", "F26-1 | R2 | NaN | %", "F26-2 | R1 | 6.0 | %"]);
}

#[test]
fn a_log_of_a_line_with_times_and_directions() {
    reads(
        UTF_8,
        &[
            "2026-03-10 09:12:03.111 RX <ENQ>",
            "2026-03-10 09:12:03.113 TX <ACK>",
            "2026-03-10 09:12:03.120 RX <STX>H|\\^&|||X<CR>P|1<CR>O|1|F26-9<CR>",
            "2026-03-10 09:12:03.125 RX R|1|SO2F|32|mg/L<CR>L|1|N<CR><ETX>",
            "2026-03-10 09:12:03.130 TX <ACK>",
            "2026-03-10 09:12:03.131 RX <EOT>",
        ],
        &["F26-9 | SO2F | 32 | mg/L"],
    );
}

#[test]
fn markers_and_versions_are_no_thousands() {
    reads(
        UTF_8,
        &[
            "Sample,Analyte,Result,Unit,Version",
            "F26-1,Pb,0.512,mg/kg,3.08.01",
            "F26-1,Cd,n.d.,mg/kg,3.08.01",
            "F26-2,Pb,1.203,mg/kg,3.08.01",
        ],
        &["F26-1 | Pb | 0.512 | mg/kg", "F26-1 | Cd | n.d. | mg/kg", "F26-2 | Pb | 1.203 | mg/kg"],
    );
    let text = "Sample,Analyte,Result\nF26-1,Pb,0.512\nF26-1,Cd,n.d.\nF26-2,Pb,1.203\n";
    let reading = suggest::suggest(text.as_bytes()).unwrap().profile.read(text.as_bytes(), &Context::default());
    let numbers: Vec<Option<&str>> = reading.observations.iter().map(|one| one.number.as_deref()).collect();
    assert_eq!(numbers, [Some("0.512"), None, Some("1.203")]);
}

#[test]
fn merged_cells_are_carried_where_no_other_column_names_the_row() {
    reads(
        UTF_8,
        &["Sample,Well,Test,Result", "F26-1,A1,Pb,0.5", ",A2,Cd,0.1", "F26-2,A3,Pb,0.6"],
        &["F26-1 | Pb | 0.5 | ", "A2 | Cd | 0.1 | ", "F26-2 | Pb | 0.6 | "],
    );
    reads(
        UTF_8,
        &["Sample,Type,Test,Result", "F26-1,Unknown,Pb,0.5", ",Unknown,Cd,0.1", "F26-2,Unknown,Pb,0.6"],
        &["F26-1 | Pb | 0.5 | ", "F26-1 | Cd | 0.1 | ", "F26-2 | Pb | 0.6 | "],
    );
}

#[test]
fn texts_by_which_the_rows_of_a_sample_differ_are_analytes() {
    reads(
        GB18030,
        &[
            "样品名→受检物→保留时间→响应→浓度→单位",
            "F26-1→毒死蜱→12.31→1203→0.021→mg/kg",
            "F26-1→甲胺磷→3.31→0→N.D.→mg/kg",
            "F26-2→毒死蜱→12.32→2203→0.041→mg/kg",
        ],
        &["F26-1 | 毒死蜱 | 0.021 | mg/kg", "F26-1 | 甲胺磷 | N.D. | mg/kg", "F26-2 | 毒死蜱 | 0.041 | mg/kg"],
    );
}

#[test]
fn peaks_that_have_names() {
    reads(
        UTF_8,
        &[
            "Sample Name,F26-1",
            "",
            "Peak,RT,Area,Amount,Units",
            "Glucose,3.12,1203.1,0.512,g/L",
            "Na,4.32,112.1,0.031,g/L",
        ],
        &["F26-1 | Glucose | 0.512 | g/L", "F26-1 | Na | 0.031 | g/L"],
    );
    // Numbers of peaks name nothing.
    reads(
        UTF_8,
        &["Sample,Peak,RT,Name,Amount", "F26-1,1,3.12,Glucose,0.512", "F26-1,2,4.32,Fructose,0.031"],
        &["F26-1 | Glucose | 0.512 | ", "F26-1 | Fructose | 0.031 | "],
    );
}

#[test]
fn what_was_expected_and_how_it_was_diluted_is_no_result() {
    reads(
        UTF_8,
        &[
            "Sample,Compound,Calc. Conc,Exp. Conc,Dil",
            "STD 1,Atrazine,1.02,1.00,1",
            "F26-1,Atrazine,0.231,,10",
            "F26-2,Atrazine,<0.05,,10",
        ],
        &["STD 1 | Atrazine | 1.02 | ", "F26-1 | Atrazine | 0.231 | ", "F26-2 | Atrazine | <0.05 | "],
    );
    reads(
        UTF_8,
        &["Sample,Pb,Cd,Nominal Conc.,Dil.", "F26-1,0.51,0.12,0.5,10", "F26-2,0.32,<0.01,0.3,10"],
        &["F26-1 | Pb | 0.51 | ", "F26-1 | Cd | 0.12 | ", "F26-2 | Pb | 0.32 | ", "F26-2 | Cd | <0.01 | "],
    );
}

#[test]
fn units_below_the_names() {
    reads(
        UTF_8,
        &["样品编号,铅,镉,总砷", "单位,mg/kg,mg/kg,mg/kg", "F26-1,0.051,0.012,<0.01", "F26-2,0.032,0.009,0.02"],
        &[
            "F26-1 | 铅 | 0.051 | mg/kg",
            "F26-1 | 镉 | 0.012 | mg/kg",
            "F26-1 | 总砷 | <0.01 | mg/kg",
            "F26-2 | 铅 | 0.032 | mg/kg",
            "F26-2 | 镉 | 0.009 | mg/kg",
            "F26-2 | 总砷 | 0.02 | mg/kg",
        ],
    );
}

#[test]
fn cells_that_do_not_stand_below_their_names_are_not_read() {
    // Between `As` and 75 are two blanks, between their names is one: every value would be one too far to the left.
    let text = "Analyte Mass    Conc. Mean    Conc. SD    Unit\nAs       75     0.512         0.01        ug/L\nCd       111    0.103         0.02        ug/L\n";
    let read =
        suggest::suggest(text.as_bytes()).map(|proposal| proposal.profile.read(text.as_bytes(), &Context::default()));
    let values: Vec<String> = read.into_iter().flat_map(|reading| reading.observations).map(|one| one.value).collect();
    assert!(values.iter().all(|value| value != "75" && value != "111"), "{values:?}");
}
