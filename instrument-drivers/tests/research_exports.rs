//! Proposals for exports as software of research instruments writes them, invented here: names with underscores, nominal values
//! beside calculated ones, a file for each sample.

#[path = "support/proposed.rs"]
mod proposed;

/// Expected: sample, analyte, value, unit.
fn reads(text: &str, expected: &[&str]) {
    proposed::reads(text.as_bytes(), expected);
}

#[test]
fn underscores_are_blanks() {
    reads(
        "feature_name,raw_data_filename,batch,precursor_mz,area,concentration\n\
         DON,F26-1.mzML,1,297.1,15203,42.1\nT-2,F26-1.mzML,1,484.3,803,<2\n\
         DON,F26-2.mzML,1,297.1,9120,25.0\nT-2,F26-2.mzML,1,484.3,77,ND\n",
        &[
            "F26-1.mzML | DON | 42.1 | ",
            "F26-1.mzML | T-2 | <2 | ",
            "F26-2.mzML | DON | 25.0 | ",
            "F26-2.mzML | T-2 | ND | ",
        ],
    );
}

#[test]
fn what_was_calculated_goes_before_what_was_prepared() {
    reads(
        "Sample,Assay,Well,Concentration,Signal,Calc. Concentration\n\
         S1,AFB1,A1,5.0,2019,5.1\nF26-1,AFB1,A2,,1873,3.97\nF26-2,AFB1,A3,,120,<0.05\n",
        &["S1 | AFB1 | 5.1 | ", "F26-1 | AFB1 | 3.97 | ", "F26-2 | AFB1 | <0.05 | "],
    );
}

#[test]
fn a_unit_behind_the_name_of_the_value() {
    reads(
        "Sample,Well,Target,Conc. cp/uL,95%CI\nF26-1,A1,Lectin,177.6,8.7\nF26-1,A1,35S,3.85,1.1\n",
        &["F26-1 | Lectin | 177.6 | cp/uL", "F26-1 | 35S | 3.85 | cp/uL"],
    );
}

#[test]
fn keys_and_values_with_tabs_and_delimiters_between() {
    reads(
        "Counter: C2, bench 4\nSample ID:\tF26-7\nProtocol:\tyeast; 1.2\nTotal (cells/ml):\t1.12E+06\nViability (%):\t83.0\nDiameter (um):\t9.7\n",
        &["F26-7 | Total | 1.12E+06 | cells/ml", "F26-7 | Viability | 83.0 | %", "F26-7 | Diameter | 9.7 | um"],
    );
}

/// What was stored of every well is no part of the results, and would be 2,700 columns beside each of them.
#[test]
fn a_tree_with_much_beside_its_results() {
    let wells: String =
        (1..=300).map(|at| format!("<Well no=\"{at}\">{}</Well>", "<Bead n=\"7\"/>".repeat(8))).collect();
    let results: String = (1..=50)
        .map(|at| format!("<Sample id=\"F26-{at}\"><Result analyte=\"DON\" value=\"{at}.5\" unit=\"ug/kg\"/></Sample>"))
        .collect();
    let text = format!("<Run><Wells>{wells}</Wells><Samples>{results}</Samples></Run>");
    let expected: Vec<String> = (1..=50).map(|at| format!("F26-{at} | DON | {at}.5 | ug/kg")).collect();
    reads(&text, &expected.iter().map(String::as_str).collect::<Vec<_>>());
}
