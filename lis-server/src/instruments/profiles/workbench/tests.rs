//! The workbench: a proposal, what a person corrects, and what comes out.

use instrument_drivers::profile::correction;

use super::*;
use crate::web::language::Language;

/// Reads the labels as samples.
const LONG: &str = "maturity = 'draft'\nsource = 'x'\nformat = 'delimited'\n[text]\ndelimiter = ';'\n[[table]]\n\
                    sample = '{Label}'\nanalyte = 'Cd'\nvalue = '{Result}'\n";

const FILE: &[u8] = b"Run;Monday\n\nBottle;Label;Result;Unit\n1;F1;0,10;mg/kg\n2;F2;<0,05;mg/kg\n";

fn point_at(toml: &str, row: usize, column: usize, means: &str) -> Result<String, Refusal> {
    let at = Pointing { sheet: 0, row, column, means: means.to_owned() };
    changed(toml, FILE, &Change::Point(at))
}

#[test]
fn a_click_changes_what_is_read_and_the_finding_says_so() {
    let proposal = propose(FILE);
    let first = preview(&proposal.toml, FILE, "run.csv").unwrap();
    assert_eq!(first.settings.delimiter, ";");
    assert_eq!(first.sheets[0].header, Some(3));
    let corrected = point_at(&proposal.toml, 0, 0, "sample").unwrap();
    let read = preview(&corrected, FILE, "run.csv").unwrap();
    let samples: Vec<&str> = read.rows.iter().map(|row| row.sample.as_str()).collect();
    assert_eq!((read.found, samples), (2, vec!["1", "2"]));
    assert_eq!(read.sheets[0].columns[0].read_as, "sample");
    let rows: Vec<bool> = read.sheets[0].rows.iter().map(|row| row.read).collect();
    assert_eq!(rows, [false, false, false, true, true]);
    let sample = said(propose(FILE), &corrected).into_iter().find(|one| one.what == "sample").unwrap();
    assert!(sample.corrected);
}

#[test]
fn what_cannot_be_is_refused_at_its_field() {
    let toml = propose(FILE).toml;
    let field = |refused: Result<String, Refusal>| refused.unwrap_err().reasons[0].field.clone().unwrap();
    assert_eq!(field(point_at(&toml, 1, 0, "colour")), "means");
    assert_eq!(field(point_at(&toml, 0, 0, "skip_line")), "cell");
    let strange = Settings { decimal_mark: "x".to_owned(), ..settings(&toml, FILE) };
    assert_eq!(field(changed(&toml, FILE, &Change::Settings(strange))), "decimal_mark");
    let elsewhere = Settings { sheet: "Daten".to_owned(), ..settings(&toml, FILE) };
    assert_eq!(field(changed(&toml, FILE, &Change::Settings(elsewhere))), "sheet");
    let invalid = preview("format = 7", FILE, "run.csv").unwrap_err();
    assert_eq!(invalid.reasons[0].problem, PROFILE_INVALID);
}

#[test]
fn what_is_not_understood_is_said_in_both_languages() {
    let text = |line| NotUnderstood::NoText { encoding: "UTF-8", line, why: "y".to_owned() };
    let all = [
        NotUnderstood::NoTable,
        NotUnderstood::NoDelimiter,
        NotUnderstood::UnknownDelimiter { told: "§".to_owned() },
        NotUnderstood::UnknownEncoding { told: "utf-9".to_owned(), why: "y".to_owned() },
        NotUnderstood::NoRows,
        NotUnderstood::NoNumbers,
        NotUnderstood::NotTurnable,
        NotUnderstood::TooLargeToTurn("y".to_owned()),
        text(Some(2)),
        text(None),
        NotUnderstood::NoWorkbook("y".to_owned()),
        NotUnderstood::NoProfile("y".to_owned()),
    ];
    for why in &all {
        for language in Language::ALL {
            let said = language.said(&not_understood(why));
            assert!(!said.starts_with("profile-not-understood"), "{said}");
        }
    }
    let said = Language::Chinese.said(&not_understood(&all[2]));
    assert_eq!(said, "“§”不是可选的分隔符；可选：tab  ;  ,  |  gaps");
}

#[test]
fn why_a_correction_means_nothing_is_said_in_both_languages() {
    for kind in correction::ALL {
        let why = kind.facts().fold(trouble::Reason::from(*kind), |why, name| why.with(name, "sample"));
        let refusal = not_so("cell")(why);
        for language in Language::ALL {
            let said = language.sentence(&refusal.reasons[0]);
            assert!(!said.contains("profile-"), "{said}");
        }
    }
    let told = point_at(LONG, 0, 1, "not_read").unwrap_err();
    assert_eq!(Language::Chinese.sentence(&told.reasons[0]), "不能这样更正：“样品”取自该列，请先另选一列");
    let told = point_at(LONG, 1, 9, "sample").unwrap_err();
    let said = "不能这样更正：没有行号为 1、列号为 9（列号从 0 起）的单元格";
    assert_eq!(Language::Chinese.sentence(&told.reasons[0]), said);
}

#[test]
fn a_correction_that_loses_the_table_says_why() {
    let toml = propose(FILE).toml;
    let given = Settings { encoding: "utf-9".to_owned(), ..settings(&toml, FILE) };
    let refused = changed(&toml, FILE, &Change::Settings(given)).unwrap_err();
    let [reason] = &refused.reasons[..] else { panic!("{refused:?}") };
    assert_eq!(reason.field.as_deref(), Some("encoding"));
    assert!(Language::Chinese.sentence(reason).contains("没有名为“utf-9”的编码"), "{reason:?}");
}

#[test]
fn what_cannot_be_read_is_said_in_the_language_of_the_person() {
    let toml = "maturity = 'draft'\nsource = 'x'\nformat = 'delimited'\n[text]\ndelimiter = ';'\n[numbers]\n\
                decimal_mark = ','\n[[table]]\nsample = '{Label}'\nanalyte = 'Cd'\nvalue = '{Result}'\n";
    let read = preview(toml, b"Label;Result\nF1;0,10\nF2;0,0,5\n", "run.csv").unwrap().worded(Language::Chinese);
    let said =
        "3：“0,0,5”不符合读取配置声明的写法：小数点为“,”，没有千位分隔符；如果该仪器这样书写数值，请在读取配置中声明";
    assert_eq!((read.trouble_count, read.troubles), (1, vec![said.to_owned()]));
    assert_eq!((read.trouble_codes[0].place.as_str(), read.trouble_codes[0].code), ("3", "number-not-as-declared"));
}

#[test]
fn another_delimiter_is_another_proposal() {
    let toml = propose(FILE).toml;
    let given = Settings { delimiter: ",".to_owned(), ..settings(&toml, FILE) };
    let changed = changed(&toml, FILE, &Change::Settings(given));
    assert!(changed.is_err() || settings(&changed.unwrap(), FILE).delimiter == ",");
}

#[test]
fn lines_are_shown_whole_until_the_profile_says_where_columns_begin() {
    let file = b"SAMPLE    Fe  UNIT\nS1        0.5 mg/l\nS2       12.0 mg/l\n";
    let of = |cut: &str| {
        format!(
            "maturity = 'draft'\nsource = 'x'\nformat = 'lines'\n[[table]]\n{cut}sample = '{{#1}}'\nanalyte = 'Fe'\n\
             value = '{{#2}}'\n"
        )
    };
    let whole = preview(&of(""), file, "run.txt").unwrap();
    assert!(whole.whole_lines && whole.sheets[0].columns.len() == 1);
    let places = of("cut = [0, 8, 14]\n");
    let cut = preview(&places, file, "run.txt").unwrap();
    assert!(!cut.whole_lines);
    assert_eq!(cut.sheets[0].rows[1].cells, ["S1", "0.5", "mg/l"]);
    let at = |row, column, means: &str| {
        changed(&places, file, &Change::Point(Pointing { sheet: 0, row, column, means: means.to_owned() }))
    };
    let unit = at(2, 2, "unit").unwrap();
    assert_eq!(preview(&unit, file, "run.txt").unwrap().sheets[0].columns[2].read_as, "unit");
    assert_eq!(at(1, 0, "header").unwrap_err().reasons[0].field.as_deref(), Some("cell"));
}

#[test]
fn columns_begin_where_a_character_is_clicked() {
    let file = b"LAUF 8\n01M-1      Cd      2.05ug/L\n02K 17     Cd      2.11ug/L\n";
    let step = |toml: &str, change: Change| changed(toml, file, &change).unwrap();
    let shown = |toml: &str| preview(toml, file, "run.txt").unwrap();
    let proposed = propose(file).toml;
    let text = shown(&proposed).places.expect("a text");
    assert_eq!((text.lines.len(), text.width, text.cut.len()), (3, 27, 0));
    let cut = [2, 11, 19, 23].iter().fold(proposed, |toml, place| step(&toml, Change::Place(*place)));
    assert_eq!(shown(&cut).places.unwrap().cut, [0, 2, 11, 19, 23]);
    assert_eq!(shown(&cut).sheets[0].rows[1].cells, ["01", "M-1", "Cd", "2.05", "ug/L"]);
    // What was pointed at follows its column when another one is joined, and apart again.
    let point = |toml: &str, column: usize, means: &str| {
        step(toml, Change::Point(Pointing { sheet: 0, row: 2, column, means: means.to_owned() }))
    };
    let pointed = [(1, "sample"), (2, "analyte"), (3, "value"), (4, "unit")];
    let pointed = pointed.iter().fold(cut, |toml, (column, means)| point(&toml, *column, means));
    let read = |toml: &str| -> Vec<String> {
        let rows = shown(toml).rows.into_iter();
        rows.map(|row| [row.sample, row.analyte, row.value, row.unit].join(" ")).collect()
    };
    assert_eq!(read(&pointed), ["M-1 Cd 2.05 ug/L", "K 17 Cd 2.11 ug/L"]);
    let joined = step(&pointed, Change::Place(2));
    assert_eq!(read(&joined), ["01M-1 Cd 2.05 ug/L", "02K 17 Cd 2.11 ug/L"]);
    assert_eq!(shown(&step(&joined, Change::Places(Vec::new()))).places.unwrap().cut, [] as [usize; 0]);
    // Chinese characters take two places, as printers set them.
    let chinese = "样品一    0.5\n".as_bytes();
    let cut = changed(&propose(chinese).toml, chinese, &Change::Place(10)).unwrap();
    assert_eq!(preview(&cut, chinese, "run.txt").unwrap().sheets[0].rows[0].cells, ["样品一", "0.5"]);
}

#[test]
fn what_is_not_understood_can_be_pointed_at() {
    let proposal = propose(b"nothing\n");
    assert_eq!((proposal.findings[0].what, proposal.findings[0].sure), ("shape", 0));
    assert!(parsed(&proposal.toml).is_ok(), "{}", proposal.toml);
    // Rows of a tree are pointed at as rows of a tree, never as lines of text.
    let tree = br#"{"log": [{"a": "x", "b": "y", "c": "v"}, {"a": "z", "b": "w", "c": "u"}]}"#;
    let proposal = propose(tree);
    assert_eq!((proposal.findings[0].what, proposal.findings[0].sure), ("shape", 0));
    assert!(proposal.toml.contains("format = \"json\"\n\n[tree]\nrows = \"log\"\n"), "{}", proposal.toml);
    let shown = preview(&proposal.toml, tree, "run.json").unwrap();
    assert!(shown.sheets[0].rows.iter().any(|row| row.cells == ["x", "y", "v"]));
}

#[test]
fn a_table_is_turned_round_and_back() {
    let file = b"Sample;M1;M2\nFat;3,52;3,60\nProtein;3,10;2,98\n";
    let shaped = |toml: &str, bytes: &[u8], shape: &str| {
        let given = Settings { shape: shape.to_owned(), ..settings(toml, bytes) };
        changed(toml, bytes, &Change::Settings(given))
    };
    let turned = shaped(&propose(file).toml, file, TRANSPOSED).unwrap();
    let read = preview(&turned, file, "run.csv").unwrap();
    assert_eq!((read.settings.shape.as_str(), read.found, read.trouble_count), (TRANSPOSED, 4, 0));
    assert_eq!(read.sheets[0].rows[1].cells, ["M1", "3,52", "3,10"]);
    assert_eq!(read.sheets[0].rows.iter().map(|row| row.read).collect::<Vec<_>>(), [false, true, true]);
    let back = shaped(&turned, file, "").unwrap();
    assert_eq!(settings(&back, file).shape, "");
    let refused = shaped(&turned, file, "sideways").unwrap_err();
    assert_eq!(refused.reasons[0].field.as_deref(), Some("shape"));
    // Not understood, it is turned all the same, to be pointed at.
    let words = b"one line\tof words\n";
    let turned = shaped(&propose(words).toml, words, TRANSPOSED).unwrap();
    let rows: Vec<Vec<String>> =
        preview(&turned, words, "run.txt").unwrap().sheets.remove(0).rows.into_iter().map(|row| row.cells).collect();
    assert_eq!(rows, [["one line"], ["of words"]]);
}
