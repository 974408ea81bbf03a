//! Proposals for exports in which something else looks like the table: parameters, a map of the plate, peaks without a name. The
//! exports are invented here, and read without a correction.

#[path = "support/proposed.rs"]
mod proposed;

use instrument_drivers::profile::{Context, suggest};

/// Lines of the export, `→` for a tab. Expected: sample, analyte, value, unit.
fn reads(lines: &[&str], expected: &[&str]) {
    let text = (lines.join("\n") + "\n").replace('→', "\t");
    proposed::reads(text.as_bytes(), expected);
}

#[test]
fn a_plate_between_its_parameters_and_a_map_that_nobody_filled_in() {
    reads(
        &[
            "Background information",
            "Plate,Label,Result,Signal",
            "1,A450,0,295000",
            "",
            "A450 channel 1",
            ",01,02,03",
            "A,0.150,0.085,1.850",
            "B,0.100,OVER,1.000",
            "",
            "Plate map",
            ",01,02,03",
            "A,-,-,-",
            "B,-,-,-",
        ],
        &[
            "A01 | A450 channel 1 | 0.150 | ",
            "A02 | A450 channel 1 | 0.085 | ",
            "A03 | A450 channel 1 | 1.850 | ",
            "B01 | A450 channel 1 | 0.100 | ",
            "B02 | A450 channel 1 | OVER | ",
            "B03 | A450 channel 1 | 1.000 | ",
        ],
    );
}

#[test]
fn where_a_row_stands_is_not_what_was_measured() {
    reads(
        &[
            "Plate Position,Sample Name,Row,Concentration (mg/ml),A280",
            "A1,Water,A,0.01,0.02",
            "B1,F26-1,B,0.84,0.85",
            "A2,F26-1,A,0.86,0.87",
        ],
        &[
            "Water | Concentration | 0.01 | mg/ml",
            "F26-1 | Concentration | 0.84 | mg/ml",
            "F26-1 | Concentration | 0.86 | mg/ml",
        ],
    );
}

#[test]
fn a_column_of_samples_that_is_empty_but_for_its_heading() {
    let block = |number: &str, first: &str, second: &str| {
        [
            format!("Compound {number}"),
            String::new(),
            "→Name→Sample Text→Area→Type→Conc.".to_string(),
            format!("1→F26-1→→5.9→Analyte→{first}"),
            format!("2→F26-2→→9.3→Analyte→{second}"),
            String::new(),
        ]
    };
    let lines = [block("1:  Catechin", "0.51", "0.80"), block("2:  Epicatechin", "1.20", "1.31")].concat();
    let lines: Vec<&str> =
        ["Quantify Compound Summary Report", ""].into_iter().chain(lines.iter().map(String::as_str)).collect();
    reads(
        &lines,
        &[
            "F26-1 | Catechin | 0.51 | ",
            "F26-2 | Catechin | 0.80 | ",
            "F26-1 | Epicatechin | 1.20 | ",
            "F26-2 | Epicatechin | 1.31 | ",
        ],
    );
}

#[test]
fn an_element_for_each_value_with_its_unit() {
    reads(
        &[
            r#"{"runs": [{"sample": "F26-1", "batch": 3, "fat": {"value": 3.52, "unit": "%"}, "lactose": {"value": 4.7, "unit": "g/kg"}},"#,
            r#"{"sample": "F26-2", "batch": 3, "fat": {"value": 3.1, "unit": "%"}, "lactose": {"value": "<0.1", "unit": "g/kg"}}]}"#,
        ],
        &[
            "F26-1 | fat | 3.52 | %",
            "F26-1 | lactose | 4.7 | g/kg",
            "F26-2 | fat | 3.1 | %",
            "F26-2 | lactose | <0.1 | g/kg",
        ],
    );
}

#[test]
fn peaks_without_a_name_above_the_compounds() {
    reads(
        &[
            "[Header]",
            "Application Name→LabSolutions",
            "[Sample Information]",
            "Sample Name→Juice 7",
            "",
            "[Peak Table(Detector A)]",
            "# of Peaks→2",
            "Peak#→R.Time→Area→Conc.→Name",
            "1→4.1→1000→0.000→",
            "2→5.3→2000→0.000→",
            "",
            "[Compound Results(Detector A)]",
            "# of IDs→2",
            "ID#→Name→R.Time→Area→Conc.",
            "1→Glucose→4.1→1000→0.123",
            "2→Fructose→5.1→2000→0.456",
            "",
            "[LC Chromatogram(Detector A)]",
            "0.0→12",
        ],
        &["Juice 7 | Glucose | 0.123 | ", "Juice 7 | Fructose | 0.456 | "],
    );
}

#[test]
fn units_above_a_ruler_stand_for_names() {
    // No key of the proposal may stand twice: it would be no profile.
    reads(
        &[
            "Sample Name: Juice",
            "",
            " [min]    [ng/ul]",
            "-------|----------|-----------",
            "  8.335  531.23458 Glycolate",
            "  9.925 1.95262e-4 Succinate",
            "",
        ],
        &["Juice | [ng/ul] | 531.23458 | ng/ul", "Juice | [ng/ul] | 1.95262e-4 | ng/ul"],
    );
    reads(
        &[
            "Sample ID: F26-1",
            "",
            "Test      Result     Unit",
            "          [mg/l]",
            "---------|----------|------",
            "Pb        531.23458  mg/l",
            "Cd        1.95262e-4 mg/l",
            "",
        ],
        &["F26-1 | Pb | 531.23458 | mg/l", "F26-1 | Cd | 1.95262e-4 | mg/l"],
    );
}

#[test]
fn one_chinese_word_in_a_text_of_plain_letters() {
    // 批, 空白 and 镉 in GB18030, which alone look like Hebrew, Korean and Cyrillic; µ in windows-1252.
    let cases: [(&[u8], &str); 4] =
        [(b"\xc5\xfa", "批"), (b"\xbf\xd5\xb0\xd7", "空白"), (b"\xef\xd3", "镉"), (b"5 \xb5m", "5 µm")];
    for (word, expected) in cases {
        let text = [&b"Sample ID,Analyte,Result,Unit\nF26-1 "[..], word, b",Pb,0.5,ug/L\nF26-2,Cd,1.5,ug/L\n"].concat();
        let proposal = suggest::suggest(&text).unwrap();
        let reading = proposal.profile.read(&text, &Context::default());
        let samples: Vec<&str> = reading.observations.iter().map(|one| one.sample_id.as_str()).collect();
        assert_eq!(samples, [format!("F26-1 {expected}").as_str(), "F26-2"], "{}", proposal.toml);
    }
}

#[test]
fn sections_of_all_channels_belong_together() {
    let names = "ID#\tName\tR.Time\tArea\tConc.\tUnit";
    reads(
        &[
            "[Header]",
            "Application Name\tLabSolutions",
            "[Sample Information]",
            "Sample Name\tJuice 7",
            "[Peak Table(PDA-Ch1)]",
            "Peak#\tR.Time\tArea\tHeight",
            "1\t4.1\t1000\t90",
            "[Compound Results(PDA-Ch1)]",
            "# of IDs\t2",
            names,
            "1\tBenzoic acid\t4.1\t1000\t0.123\tmg/L",
            "2\tSorbic acid\t5.1\t2000\t0.456\tmg/L",
            "[Compound Results(PDA-Ch2)]",
            "# of IDs\t1",
            names,
            "1\tSaccharin\t6.1\t1500\t0.789\tmg/L",
            "[Compound Results(PDA-Ch3)]",
            "# of IDs\t0",
            "[Chromatogram(PDA-Ch1)]",
            "0.0\t12",
        ],
        &[
            "Juice 7 | Benzoic acid | 0.123 | mg/L",
            "Juice 7 | Sorbic acid | 0.456 | mg/L",
            "Juice 7 | Saccharin | 0.789 | mg/L",
        ],
    );
}
