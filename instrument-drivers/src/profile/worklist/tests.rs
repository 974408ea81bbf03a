//! Sequence files, line by line as an instrument would take them.

use super::*;

const HEAD: &str = "maturity = \"draft\"\nsource = \"example\"\nfile_name = \"{worksheet}.txt\"\n";

fn rules(text: &str) -> Result<WorklistRules, String> {
    toml::from_str::<WorklistToml>(&format!("{HEAD}{text}")).map_err(|error| error.to_string())?.compile()
}

fn place(place: i64, label: &str, kind: &str, role: Role, test: &str) -> RunPlace {
    RunPlace { place, label: label.into(), kind: kind.into(), role, test: test.into() }
}

fn written(text: &str, places: &[RunPlace]) -> Result<Vec<u8>, WorklistError> {
    let at = NaiveDateTime::parse_from_str("2026-03-10 09:20:00", "%Y-%m-%d %H:%M:%S").unwrap();
    let run = Run { worksheet: "W2603-0007", method: "GB 1", at, places };
    let rules = rules(text).unwrap();
    assert_eq!(rules.file_name(&run), "W2603-0007.txt");
    rules.write(&run)
}

fn places() -> [RunPlace; 3] {
    [
        place(1, "W2603-0007-B1", "blank", Role::Blank, "Pb"),
        place(2, "300000006", "sample", Role::Sample, "Pb"),
        place(3, "300000006", "sample", Role::Sample, "Cd"),
    ]
}

const COLUMNS: &str =
    "[[column]]\nname = \"Name\"\nvalue = \"{label}\"\n[[column]]\nname = \"Tests\"\nvalue = \"{tests}\"\n";

#[test]
fn a_container_is_one_line_and_a_delimiter_in_a_text_is_quoted() {
    let text = String::from_utf8(written(&format!("delimiter = \",\"\n{COLUMNS}"), &places()).unwrap()).unwrap();
    assert_eq!(text, "Name,Tests\r\nW2603-0007-B1,Pb\r\n300000006,\"Pb,Cd\"\r\n");
    let refused = written(&format!("delimiter = \",\"\nquote = \"\"\n{COLUMNS}"), &places());
    assert_eq!(refused, Err(WorklistError::Unfit { column: "Tests".into(), text: "Pb,Cd".into() }));
}

#[test]
fn columns_of_fixed_width_and_a_tray() {
    let text = "header = false\nline_end = \"lf\"\nlines = \"test\"\nstandards = [\"STD1\"]\nfirst_vial = 2\n\
                tray = { rows = [\"A\", \"B\"], columns = 3 }\n\
                [[column]]\nname = \"place\"\nwidth = 3\nvalue = \"{row}{column}\"\n\
                [[column]]\nname = \"label\"\nwidth = 14\nvalue = \"{label}\"\n\
                [[column]]\nname = \"test\"\nwidth = 4\nright = true\nvalue = \"{test}\"\n";
    let file = String::from_utf8(written(text, &places()).unwrap()).unwrap();
    assert_eq!(file, "A2 STD1              \nA3 W2603-0007-B1   Pb\nB1 300000006       Pb\nB2 300000006       Cd\n");
    let full = written(&text.replace("columns = 3", "columns = 2"), &places());
    assert_eq!(full, Err(WorklistError::TrayFull { places: 3, lines: 4 }));
    let narrow = written(&text.replace("width = 14", "width = 9"), &places());
    assert_eq!(narrow, Err(WorklistError::Unfit { column: "label".into(), text: "W2603-0007-B1".into() }));
}

#[test]
fn the_instrument_s_encoding_is_written_or_the_text_refused() {
    let columns =
        "delimiter = \"tab\"\nheader = false\nline_end = \"lf\"\n[[column]]\nname = \"型号\"\nvalue = \"{tests}\"\n";
    let lead = [place(1, "1", "sample", Role::Sample, "铅")];
    // GB 18030 of 铅 is C7 A6, its UTF-16 is U+94C5.
    assert_eq!(written(&format!("encoding = \"gb18030\"\n{columns}"), &lead).unwrap(), b"\xc7\xa6\n");
    let wide = written(&format!("encoding = \"utf-16le\"\nbom = true\n{columns}"), &lead).unwrap();
    assert_eq!(wide, b"\xff\xfe\xc5\x94\n\0");
    let western = written(&format!("encoding = \"windows-1252\"\n{columns}"), &lead);
    assert_eq!(western, Err(WorklistError::Unfit { column: "型号".into(), text: "铅".into() }));
}

#[test]
fn mistakes_are_named() {
    let column = |value: &str| format!("[[column]]\nname = \"a\"\nvalue = \"{value}\"\n");
    for (text, named) in [
        ("column = []".to_owned(), "at least one"),
        (format!("delimiter = \",\"\n{}", column("{firm}")), "a place of a worksheet has"),
        (format!("delimiter = \",\"\n{}", column("{test}")), "lines = \"test\""),
        (format!("delimiter = \",\"\n{}", column("{row}")), "worklist.tray"),
        (format!("delimiter = \",\"\nbefore = [\"{{label}}\"]\n{}", column("{label}")), "worklist.before"),
        (column("{label}"), "has a width"),
        (format!("delimiter = \",\"\nbom = true\nencoding = \"gb18030\"\n{}", column("{label}")), "worklist.bom"),
        (format!("delimiter = \",\"\nline_end = \"none\"\n{}", column("{label}")), "worklist.line_end"),
        (format!("delimiter = \",\"\nquote_all = true\nquote = \"\"\n{}", column("{label}")), "worklist.quote"),
    ] {
        let error = rules(&text).unwrap_err();
        assert!(error.contains(named), "{text}: {error}");
    }
}
