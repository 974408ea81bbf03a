//! Pointing at cells: a proposal, one word of a person, and the rows that come out.

use super::*;
use crate::profile::suggest::{Hints, NotUnderstood, suggest, suggest_with};
use crate::profile::{Context, Cutting, Profile};

/// Rows as `sample | analyte | value | unit`.
fn rows(profile: &str, file: &str) -> Vec<String> {
    let profile = Profile::parse("test", profile).unwrap_or_else(|error| panic!("{error}\n{profile}"));
    let reading = profile.read(file.as_bytes(), &Context::default());
    assert_eq!(reading.troubles, Vec::new());
    let row = |one: crate::observation::Observation| {
        [one.sample_id, one.analyte, one.value, one.unit].join(" | ").trim_end_matches([' ', '|']).to_string()
    };
    reading.observations.into_iter().map(row).collect()
}

/// The profile after a cell was pointed at.
fn pointed(profile: &str, file: &str, row: usize, column: usize, meaning: Meaning) -> Result<String, String> {
    let read = Profile::parse("test", profile).unwrap();
    let survey = read.survey(file.as_bytes(), &Context::default());
    let grids = read.cells(file.as_bytes(), 100).unwrap();
    let header = survey.headers.first().map(|(_, row)| *row);
    let at = Pointed { grid: &grids[0], header, row, column };
    point(profile, &at, meaning).map_err(|why| why.to_string())
}

const LONG: &str =
    "Run 7\n\nBottle,Label,Analyte,Raw,Result,Unit,Note\n1,F1,Pb,10,0.10,mg/kg,a\n2,F2,Pb,20,0.20,mg/kg,b\n";

#[test]
fn the_sample_is_in_another_column() {
    let proposal = suggest(LONG.as_bytes()).unwrap().toml;
    let corrected = pointed(&proposal, LONG, 4, 1, Meaning::Sample).unwrap();
    assert_eq!(rows(&corrected, LONG), ["F1 | Pb | 0.10 | mg/kg", "F2 | Pb | 0.20 | mg/kg"]);
    let raw = pointed(&corrected, LONG, 3, 3, Meaning::Value).unwrap();
    assert_eq!(rows(&raw, LONG), ["F1 | Pb | 10 | mg/kg", "F2 | Pb | 20 | mg/kg"]);
    let without_unit = pointed(&raw, LONG, 0, 5, Meaning::NotRead).unwrap();
    assert_eq!(rows(&without_unit, LONG), ["F1 | Pb | 10", "F2 | Pb | 20"]);
    let why = pointed(&raw, LONG, 0, 1, Meaning::NotRead).unwrap_err();
    assert!(why.starts_with("the sample is read from here"), "{why}");
}

#[test]
fn what_each_column_is_read_as() {
    let proposal = suggest(LONG.as_bytes()).unwrap().toml;
    let corrected = pointed(&proposal, LONG, 0, 1, Meaning::Sample).unwrap();
    let grids = Profile::parse("test", &corrected).unwrap().cells(LONG.as_bytes(), 100).unwrap();
    let read = columns(&corrected, &grids[0], Some(3));
    assert_eq!(read[..6], [None, Some("sample"), Some("analyte"), None, Some("value"), Some("unit")]);
}

const WIDE: &str =
    "Lot,Label,Shelf,Fat [%],Protein [%],Remark\nL1,M1,3,3.5,3.1,0\nL1,M2,4,3.6,2.9,0\nMean,,,3.55,3.0,\n";

#[test]
fn columns_of_analytes_have_edges() {
    let proposal = suggest(WIDE.as_bytes()).unwrap().toml;
    let sample = pointed(&proposal, WIDE, 2, 1, Meaning::Sample).unwrap();
    let first = pointed(&sample, WIDE, 1, 3, Meaning::FirstAnalyte).unwrap();
    let last = pointed(&first, WIDE, 1, 4, Meaning::LastAnalyte).unwrap();
    let unit = pointed(&last, WIDE, 1, 3, Meaning::Unit).unwrap();
    let ended = pointed(&unit, WIDE, 4, 0, Meaning::EndLine).unwrap();
    let expected = ["M1 | Fat | 3.5 | %", "M1 | Protein | 3.1 | %", "M2 | Fat | 3.6 | %", "M2 | Protein | 2.9 | %"];
    assert_eq!(rows(&ended, WIDE), expected);
    let less = pointed(&ended, WIDE, 0, 4, Meaning::NotRead).unwrap();
    assert_eq!(rows(&less, WIDE), ["M1 | Fat | 3.5 | %", "M2 | Fat | 3.6 | %"]);
    let again = pointed(&less, WIDE, 0, 4, Meaning::Value).unwrap();
    assert_eq!(rows(&again, WIDE), expected);
}

#[test]
fn a_text_above_the_table_is_the_sample_of_all() {
    let file = "Vessel:,K9\n\nElement,Result,Unit\nPb,0.1,mg/kg\nCd,0.2,mg/kg\n";
    let proposal = suggest(file.as_bytes()).unwrap().toml;
    let corrected = pointed(&proposal, file, 1, 1, Meaning::Sample).unwrap();
    assert_eq!(rows(&corrected, file), ["K9 | Pb | 0.1 | mg/kg", "K9 | Cd | 0.2 | mg/kg"]);
}

#[test]
fn a_header_is_where_a_person_says() {
    let file = "Page,Result\nName,Lead\nF1,0.1\nF2,0.2\n";
    let hints = Hints { header: Some(2), ..Hints::default() };
    let proposal = suggest_with(file.as_bytes(), &hints).unwrap();
    assert!(proposal.findings.iter().any(|one| one.what == "header" && one.sure == 100));
    assert_eq!(rows(&proposal.toml, file), ["F1 | Lead | 0.1", "F2 | Lead | 0.2"]);
    let nothing = Hints { header: Some(99), ..Hints::default() };
    assert!(suggest_with(file.as_bytes(), &nothing).is_err());
}

#[test]
fn the_encoding_and_the_delimiter_are_what_a_person_says() {
    let file = "Sample;Pb, total;Cd\nF1;0,1;0,2\nF2;0,3;0,4\n";
    let hints = Hints { delimiter: Some(";".into()), encoding: Some("windows-1252".into()), ..Hints::default() };
    let proposal = suggest_with(file.as_bytes(), &hints).unwrap();
    assert_eq!(rows(&proposal.toml, file)[..2], ["F1 | Pb, total | 0,1", "F1 | Cd | 0,2"]);
    let unknown = Hints { delimiter: Some("§".into()), ..Hints::default() };
    assert!(suggest_with(file.as_bytes(), &unknown).unwrap_err().to_string().contains("none of the delimiters"));
}

/// Columns at characters 0, 8 and 14.
const FIXED: &str = "SAMPLE    Fe  UNIT\nS1        0.5 mg/l\nS2       12.0 mg/l\n";

#[test]
fn columns_at_places_are_pointed_at_like_others() {
    let profile = "maturity = 'draft'\nsource = 'x'\nformat = 'lines'\n[[table]]\ncut = [0, 8, 14]\nsample = '{#3}'\n\
                   analyte = 'Fe'\nvalue = '{#2}'\nonly = [{ matches = '^S[0-9]' }]\n";
    let sample = pointed(profile, FIXED, 2, 0, Meaning::Sample).unwrap();
    let unit = pointed(&sample, FIXED, 0, 2, Meaning::Unit).unwrap();
    assert_eq!(rows(&unit, FIXED), ["S1 | Fe | 0.5 | mg/l", "S2 | Fe | 12.0 | mg/l"]);
    assert_eq!(Profile::parse("test", profile).unwrap().cutting(), Cutting::Places);
}

#[test]
fn columns_of_a_ruler_are_pointed_at_like_others() {
    let file =
        "Run 7\nTime    Amount  Name\n-------|-------|-----\n 8.33    531.2   Glyoxylate\n 9.92    1.95    Glycolate\n";
    let profile = "maturity = 'draft'\nsource = 'x'\nformat = 'lines'\n[[table]]\nruler = true\nsample = 'F1'\n\
                   analyte = '{#3}'\nvalue = '{#1}'\n";
    let value = pointed(profile, file, 4, 1, Meaning::Value).unwrap();
    assert_eq!(rows(&value, file), ["F1 | Glyoxylate | 531.2", "F1 | Glycolate | 1.95"]);
    // Without a ruler, places or a delimiter a line is one cell.
    let whole = profile.replace("ruler = true\n", "");
    assert_eq!(Profile::parse("test", &whole).unwrap().cutting(), Cutting::Whole);
}

#[test]
fn records_have_no_columns() {
    let why =
        point("format = \"astm\"\n", &Pointed { grid: &empty(), header: None, row: 1, column: 0 }, Meaning::Sample);
    assert!(why.unwrap_err().to_string().contains("no columns"));
}

fn empty() -> Grid {
    Grid { name: String::new(), place: crate::table::rows::Place::Line, rows: Vec::new() }
}

const TYPED: &str = "maturity = 'draft'\nsource = 'x'\nformat = 'delimited'\ntext = { delimiter = ',' }\n[[table]]\n\
                     sample = '{Bottle}'\nanalyte = 'Pb'\nvalue = '{Result}'\n";
const TYPES: &str = "Bottle,Art,Result\n1,Probe,0.10\n2,QC mid,0.50\n3,BLK,zu klein\n4,Std 1,Zu Klein\n5,Leer,0.00\n";

/// Samples with the roles of their rows.
fn roles_of(profile: &str) -> Vec<String> {
    let reading = Profile::parse("test", profile).unwrap().read(TYPES.as_bytes(), &Context::default());
    assert_eq!(reading.troubles, Vec::new());
    reading.observations.iter().map(|one| format!("{} {}", one.sample_id, one.role.name())).collect()
}

#[test]
fn the_texts_of_a_column_of_types_are_roles() {
    let pointed_at = pointed(TYPED, TYPES, 2, 1, Meaning::Role).unwrap();
    assert_eq!(roles_of(&pointed_at), ["1 sample", "2 control", "3 blank", "4 standard", "5 sample"]);
    let grids = Profile::parse("test", &pointed_at).unwrap().cells(TYPES.as_bytes(), 100).unwrap();
    let words: Vec<(String, String)> = role_words(&pointed_at, &grids[0], Some(1)).into_iter().collect();
    let word = |word: &str, role: &str| (word.to_string(), role.to_string());
    let expected = [
        word("BLK", "blank"),
        word("Leer", "sample"),
        word("Probe", "sample"),
        word("QC mid", "control"),
        word("Std 1", "standard"),
    ];
    assert_eq!(words, expected);
    // What the program does not know, a person says; nothing else changes.
    let said = set_roles(&pointed_at, &[word("Leer", "blank")]).unwrap();
    assert_eq!(roles_of(&said), ["1 sample", "2 control", "3 blank", "4 standard", "5 blank"]);
    assert_eq!(columns(&said, &grids[0], Some(1))[1], Some("role"));
    assert!(role_words(TYPED, &grids[0], Some(1)).is_empty());
    let why = set_roles(TYPED, &[word("Leer", "blank")]).unwrap_err();
    assert_eq!(why.code(), "no-column-of-types");
    let gone = pointed(&said, TYPES, 0, 1, Meaning::NotRead).unwrap();
    assert_eq!(roles_of(&gone)[1], "2 sample");
}

#[test]
fn names_of_samples_are_no_types() {
    let lines: String = (1..=25).map(|at| format!("F{at},0.1\n")).collect();
    let file = format!("Bottle,Result\n{lines}");
    let why = pointed(TYPED, &file, 0, 0, Meaning::Role).unwrap_err();
    assert!(why.starts_with("25 different texts stand in this column"), "{why}");
}

#[test]
fn a_text_in_place_of_a_number_means_what_a_person_says() {
    use crate::observation::Qualifier;
    let qualifiers = |profile: &str| -> Vec<Option<Qualifier>> {
        let reading = Profile::parse("test", profile).unwrap().read(TYPES.as_bytes(), &Context::default());
        reading.observations.iter().map(|one| one.qualifier).collect()
    };
    assert_eq!(qualifiers(TYPED)[2..4], [Some(Qualifier::Text), Some(Qualifier::Text)]);
    let said = pointed(TYPED, TYPES, 4, 2, Meaning::NotDetected).unwrap();
    assert_eq!(qualifiers(&said)[2..4], [Some(Qualifier::NotDetected), Some(Qualifier::NotDetected)]);
    assert_eq!(qualifiers(&said)[0], None);
    // Said anew of the other writing, it is one marker still.
    let anew = pointed(&said, TYPES, 5, 2, Meaning::BelowQuantification).unwrap();
    assert_eq!(qualifiers(&anew)[2..4], [Some(Qualifier::BelowQuantification), Some(Qualifier::BelowQuantification)]);
    assert!(!anew.contains("not_detected"), "{anew}");
    // A table's own markers come first, so they give way.
    let own = format!("{TYPED}numbers = {{ markers = {{ 'zu klein' = 'invalid' }} }}\n");
    let over = pointed(&own, TYPES, 4, 2, Meaning::OverRange).unwrap();
    assert_eq!(qualifiers(&over)[2], Some(Qualifier::OverRange));
    for (row, column) in [(0, 2), (1, 2)] {
        let why = pointed(TYPED, TYPES, row, column, Meaning::Missing).unwrap_err();
        assert!(why.starts_with("point at a cell below the names"), "{why}");
    }
}

#[test]
fn samples_that_stand_across_are_turned() {
    let file = "Sample;M1;M2\nFat;3,52;3,60\nProtein;3,10;2,98\n";
    let hints = Hints { turned: true, ..Hints::default() };
    let proposal = suggest_with(file.as_bytes(), &hints).unwrap();
    assert!(proposal.toml.contains("transpose = true\n"), "{}", proposal.toml);
    let expected = ["M1 | Fat | 3,52", "M1 | Protein | 3,10", "M2 | Fat | 3,60", "M2 | Protein | 2,98"];
    assert_eq!(rows(&proposal.toml, file), expected);
    let why = suggest_with(b"H|\\^&|||X\nP|1\nO|1|F1\nR|1|^^^Pb|1|mg/L\n", &hints).unwrap_err();
    assert_eq!(why, NotUnderstood::NotTurnable);
}
