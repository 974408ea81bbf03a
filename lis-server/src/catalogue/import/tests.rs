//! Tables as people hand them in: good ones in three encodings and as workbooks, and bad ones of every kind.

use std::io::Write;
use std::path::Path;

use rust_xlsxwriter::{Formula, Workbook};

use super::*;
use crate::catalogue::reference::{ByLevel, LimitRow, LimitRule, Reference};
use crate::catalogue::table::Encoding;

const SHIPPED: &[u8] = include_bytes!("../../../assets/reference/limits.csv");

fn vocabulary() -> Vocabulary<'static> {
    Reference::shipped().expect("the shipped data is valid").vocabulary()
}

fn limits(bytes: &[u8]) -> Result<Vec<LimitRow>, Vec<RowError>> {
    read_limits(File::new("limits.csv", bytes), &vocabulary())
}

/// The errors of a table, each as a person sees it.
fn complaints(table: &str) -> Vec<String> {
    limits(table.as_bytes()).expect_err("a bad table").iter().map(ToString::to_string).collect()
}

fn grid(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
    reader.records().map(|row| row.expect("CSV").iter().map(str::to_string).collect()).collect()
}

fn csv_of(grid: &[Vec<String>]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in grid {
        writer.write_record(row).expect("written to memory");
    }
    writer.into_inner().expect("written to memory")
}

fn workbook_of(grid: &[Vec<String>]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, cells) in (0..).zip(grid) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write_string(row, column, cell).expect("inside the sheet");
        }
    }
    workbook.save_to_buffer().expect("written to memory")
}

/// The shipped table with one row more (512 rows of data) and a column's cell changed in three of them.
fn broken() -> Vec<Vec<String>> {
    let mut grid = grid(SHIPPED);
    let mut last = grid[511].clone();
    last[0] = "gb2762-2025/pb/once-more".to_string();
    grid.push(last);
    assert_eq!(grid.len(), 513, "a header and 512 rows");
    let column = |name: &str| grid[0].iter().position(|cell| cell == name).expect("a column");
    let (value, unit, valid_from) = (column("value"), column("unit"), column("valid_from"));
    // Spreadsheet rows 3, 100 and 513: indices are one less.
    grid[2][value] = "0,2".to_string();
    grid[99][unit] = "mg/kilo".to_string();
    grid[512][valid_from] = "2026-02-30".to_string();
    grid
}

#[test]
fn three_broken_rows_of_512_are_all_named_and_nothing_is_loaded() {
    let place =
        |error: &RowError| (error.row, error.column.clone().unwrap_or_default(), error.problem, error.found.clone());
    let expected = [
        (Some(3), "value".to_string(), Problem::NotDecimal, "0,2".to_string()),
        (Some(100), "unit".to_string(), Problem::NotAllowed, "mg/kilo".to_string()),
        (Some(513), "valid_from".to_string(), Problem::NotDate, "2026-02-30".to_string()),
    ];
    let csv = limits(&csv_of(&broken())).expect_err("three bad rows");
    assert_eq!(csv.iter().map(place).collect::<Vec<_>>(), expected);
    let xlsx = limits(&workbook_of(&broken())).expect_err("three bad rows");
    assert_eq!(xlsx.iter().map(place).collect::<Vec<_>>(), expected);
    assert_eq!(
        csv[0].to_string(),
        "limits.csv, row 3, column L (value): the value is not a plain decimal number: \"0,2\"; allowed: digits with at \
         most one point, for example 0.2"
    );
}

#[test]
fn a_workbook_reads_the_same_as_csv() {
    let from_csv = limits(SHIPPED).expect("shipped");
    assert_eq!(limits(&workbook_of(&grid(SHIPPED))).expect("the same"), from_csv);
}

#[test]
fn numbers_and_dates_of_a_workbook_become_text_once() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let shown = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
    let day = rust_xlsxwriter::ExcelDateTime::from_ymd(2026, 9, 2).unwrap();
    let header = ["standard", "food_category_zh", "analyte_zh", "kind", "value", "unit", "valid_from"];
    for (column, name) in (1..).zip(header) {
        sheet.write_string(2, column, name).unwrap();
    }
    for (column, text) in (1..).zip(["GB 2762-2025", "叶菜蔬菜", "铅（以Pb计）", "max"]) {
        sheet.write_string(3, column, text).unwrap();
    }
    sheet.write_number(3, 5, 0.000_05).unwrap();
    sheet.write_string(3, 6, "μg/kg").unwrap();
    sheet.write_datetime_with_format(3, 7, day, &shown).unwrap();
    let bytes = workbook.save_to_buffer().unwrap();
    let rows = limits(&bytes).expect("a good table that begins at B3");
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].key, "gb2762-2025/pb/leafy-vegetables");
    assert_eq!(rows[0].rule, LimitRule::Max(Decimal::parse("0.00005").unwrap()));
    assert_eq!(rows[0].unit, "µg/kg");
    assert_eq!(rows[0].valid_from.map(|day| day.to_string()).as_deref(), Some("2026-09-02"));
}

#[test]
fn a_formula_error_is_named_by_its_cell() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, name) in (0..).zip(["standard", "food_category_zh", "analyte_zh", "kind", "value", "unit"]) {
        sheet.write_string(0, column, name).unwrap();
        sheet.write_string(1, column, "x").unwrap();
    }
    sheet.write_formula(1, 4, Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
    let errors = limits(&workbook.save_to_buffer().unwrap()).expect_err("a bad cell");
    assert_eq!(
        (errors[0].row, errors[0].letter.as_deref(), errors[0].problem),
        (Some(2), Some("E"), Problem::FormulaError)
    );
}

#[test]
fn a_workbook_with_two_filled_sheets_is_refused() {
    let mut workbook = Workbook::new();
    for name in ["2025", "2026"] {
        workbook.add_worksheet().set_name(name).unwrap().write_string(0, 0, "standard").unwrap();
    }
    let errors = limits(&workbook.save_to_buffer().unwrap()).expect_err("which sheet?");
    assert_eq!(
        errors[0].to_string(),
        "limits.csv: the file cannot be read: \"2025, 2026\"; allowed: a workbook with one filled sheet"
    );
}

#[test]
fn the_encoding_is_marked_declared_or_proven_never_guessed() {
    let text = std::str::from_utf8(SHIPPED).unwrap();
    let expected = limits(SHIPPED).unwrap();
    let marked = format!("\u{FEFF}{text}");
    assert_eq!(limits(marked.as_bytes()).unwrap(), expected);
    // "⁻" of NO₂⁻ has a four-byte code, so this is GB18030 and not GBK.
    let (gb18030, _, _) = encoding_rs::GB18030.encode(text);
    let declared = File { encoding: Some(Encoding::Gb18030), ..File::new("limits.csv", &gb18030) };
    assert_eq!(read_limits(declared, &vocabulary()).unwrap(), expected);
    let with_mark = [&[0x84, 0x31, 0x95, 0x33][..], &gb18030].concat();
    assert_eq!(limits(&with_mark).unwrap(), expected);
    let errors = limits(&gb18030).expect_err("not UTF-8, and nobody said what");
    assert_eq!((errors.len(), errors[0].problem, errors[0].found.as_str()), (1, Problem::Encoding, "UTF-8"));
}

const HEAD: &str = "standard,food_category_zh,analyte_zh,kind,value,unit,n,c,m,M,cas\n";

#[test]
fn headers_must_fit() {
    assert_eq!(
        complaints(""),
        ["limits.csv: there is no header row; allowed: standard, food_category_zh, analyte_zh, kind, value, unit"]
    );
    assert_eq!(
        complaints("standard,food_category_zh,analyte_zh,kind,value\n"),
        ["limits.csv, row 1, column unit: the column is missing from the header"]
    );
    assert_eq!(
        complaints("standard,food_category_zh,analyte_zh,kind,value,unit,unit\n"),
        ["limits.csv, row 1, column G (unit): the column stands twice in the header"]
    );
    let unknown = complaints("standard,food_category_zh,analyte_zh,kind,value,unit,Value\n");
    assert!(
        unknown[0].starts_with("limits.csv, row 1, column G (Value): the column is not known; allowed: standard, "),
        "{unknown:?}"
    );
    assert_eq!(
        complaints("standard,food_category_zh,analyte_zh,kind,value,unit\nGB 1-2000,a,b,max,1\n"),
        ["limits.csv, row 2: the row does not have as many cells as the header: \"5\"; allowed: 6"]
    );
}

#[test]
fn a_row_with_a_cell_too_few_hides_no_other() {
    let head = "standard,food_category_zh,analyte_zh,kind,value,unit\n";
    let wrong = "GB 2762-2025,叶菜蔬菜,铅（以Pb计）,max,\"0,3\",mg/kg\n";
    assert_eq!(
        complaints(&format!("{head}{wrong}GB 1-2000,a,b,max,1\n{wrong}")),
        [
            "limits.csv, row 2, column E (value): the value is not a plain decimal number: \"0,3\"; allowed: digits with \
             at most one point, for example 0.2",
            "limits.csv, row 3: the row does not have as many cells as the header: \"5\"; allowed: 6",
            "limits.csv, row 4, column E (value): the value is not a plain decimal number: \"0,3\"; allowed: digits with \
             at most one point, for example 0.2",
        ]
    );
}

/// The columns and problems of one bad row.
fn check(row: &str, expected: &[(&str, Problem)]) {
    let errors = limits(format!("{HEAD}{row}\n").as_bytes()).expect_err(row);
    let found: Vec<(&str, Problem)> =
        errors.iter().map(|error| (error.column.as_deref().unwrap_or(""), error.problem)).collect();
    assert_eq!(found, expected, "{row}");
    assert!(errors.iter().all(|error| error.row == Some(2)));
}

#[test]
fn each_kind_of_limit_has_its_cells() {
    for good in [
        "GB 1-2000,食品,铅,max,0.2,mg/kg,,,,,",
        "GB 1-2000,食品,铅,min,0.4,g/100mL,,,,,7439-92-1",
        "GB 1-2000,食品,铅,range,-0.560~-0.500,℃,,,,,",
        "GB 1-2000,食品,铅,absent,ND,,,,,,",
        "GB 1-2000,食品,铅,gmp,,,,,,,",
        "GB 1-2000,食品,铅,microbiology,,/25g,5,0,0,,",
        "GB 1-2000,食品,铅,microbiology,,CFU/g,5,2,100,1000,",
    ] {
        assert_eq!(limits(format!("{HEAD}{good}\n").as_bytes()).map(|rows| rows.len()), Ok(1), "{good}");
    }
    check("GB 1-2000,食品,铅,,0.2,mg/kg,,,,,", &[("kind", Problem::Missing)]);
    check("GB 1-2000,食品,铅,maximum,0.2,mg/kg,,,,,", &[("kind", Problem::NotAllowed)]);
    check(
        ",,,max,0.2,mg/kg,,,,,",
        &[("standard", Problem::Missing), ("food_category_zh", Problem::Missing), ("analyte_zh", Problem::Missing)],
    );
    check("GB 1-2000,食品,铅,max,,mg/kg,,,,,", &[("value", Problem::Missing)]);
    check("GB 1-2000,食品,铅,max,1e3,mg/kg,,,,,", &[("value", Problem::NotDecimal)]);
    check("GB 1-2000,食品,铅,max,0.2,,,,,,", &[("unit", Problem::Missing)]);
    check("GB 1-2000,食品,铅,max,0.2,mg/kg,5,,,,", &[("n", Problem::MustBeEmpty)]);
    check("GB 1-2000,食品,铅,range,33~18,mg/kg,,,,,", &[("value", Problem::OutOfOrder)]);
    check("GB 1-2000,食品,铅,range,18-33,mg/kg,,,,,", &[("value", Problem::NotDecimal)]);
    check("GB 1-2000,食品,铅,absent,0,mg/kg,,,,,", &[("value", Problem::NotAllowed)]);
    check("GB 1-2000,食品,铅,gmp,1,mg/kg,,,,,", &[("value", Problem::MustBeEmpty)]);
    check("GB 1-2000,食品,铅,microbiology,,CFU/g,5,5,10,100,", &[("c", Problem::NotWhole)]);
    check("GB 1-2000,食品,铅,microbiology,,CFU/g,5,2,100,100,", &[("M", Problem::OutOfOrder)]);
    check("GB 1-2000,食品,铅,microbiology,,CFU/g,,2,100,1000,", &[("n", Problem::Missing), ("c", Problem::NotWhole)]);
    check("GB 1-2000,食品,铅,max,0.2,mg/kg,,,,,7439-92-2", &[("cas", Problem::CheckDigit)]);
}

#[test]
fn a_limit_written_with_a_sign_of_its_own_excludes_its_value() {
    let head = "standard,food_category_zh,analyte_zh,kind,value,unit,exclusive\n";
    let read = |row: &str| limits(format!("{head}GB 1-2000,食品,铅,{row}\n").as_bytes());
    let of = |row: &str| read(row).map(|rows| rows[0].exclusive);
    assert_eq!(of("max,10,mg/kg,yes"), Ok(true));
    assert_eq!(of("min,0.4,g/100mL,yes"), Ok(true));
    assert_eq!(of("max,10,mg/kg,no"), Ok(false));
    assert_eq!(of("max,10,mg/kg,"), Ok(false));
    for row in ["range,18~33,mg/kg,yes", "absent,ND,µg/kg,yes", "gmp,,,yes"] {
        let errors = read(row).expect_err(row);
        let found: Vec<_> = errors.iter().map(|error| (error.column.as_deref(), error.problem)).collect();
        assert_eq!(found, [(Some("exclusive"), Problem::MustBeEmpty)], "{row}");
    }
    let errors = read("max,10,mg/kg,<").expect_err("a sign is no answer");
    assert_eq!(errors[0].column.as_deref(), Some("exclusive"));
}

#[test]
fn the_same_limit_twice_is_named_with_its_first_row() {
    let row = "GB 2762-2025,叶菜蔬菜,铅（以Pb计）,max,0.3,mg/kg,,,,,\n";
    let errors = complaints(&format!("{HEAD}{row}{row}"));
    assert_eq!(
        errors,
        ["limits.csv, row 3, column key: the value was used in an earlier row; allowed: something else than in row 2"]
    );
}

#[test]
fn the_printed_columns_alone_give_the_same_keys() {
    // What a laboratory loads has names, not ids: they must lead to the same rows.
    let ours = ["key", "tree", "category", "analyte", "basis", "comparison", "screened_by"];
    let all = grid(SHIPPED);
    let kept: Vec<usize> = (0..all[0].len()).filter(|column| !ours.contains(&all[0][*column].as_str())).collect();
    let printed: Vec<Vec<String>> =
        all.iter().map(|row| kept.iter().map(|column| row[*column].clone()).collect()).collect();
    let keys = |rows: Vec<LimitRow>| -> Vec<String> { rows.into_iter().map(|row| row.key).collect() };
    assert_eq!(keys(limits(&csv_of(&printed)).expect("printed columns")), keys(limits(SHIPPED).expect("shipped")));
}

#[test]
fn the_starter_tables_of_the_domain_folder_are_readable() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/domain");
    let Ok(bytes) = std::fs::read(folder.join("limits.csv")) else {
        // Straight to the terminal: the test runner keeps what a passing test prints to itself.
        let _ = writeln!(std::io::stderr(), "SKIPPED the starter tables: {} is absent", folder.display());
        return;
    };
    let rows = limits(&bytes).expect("a good table");
    let shipped = limits(SHIPPED).expect("shipped");
    assert_eq!(rows.len(), shipped.len());
    for (row, ours) in rows.iter().zip(&shipped) {
        let same = LimitRow { basis: ours.basis, screened_by: ours.screened_by.clone(), ..row.clone() };
        assert_eq!(&same, ours);
    }
    let calendar = std::fs::read(folder.join("cn_calendar_exceptions.csv")).expect("beside the limits");
    let days = read_calendar(File::new("calendar.csv", &calendar)).expect("a good table");
    let ours = &Reference::shipped().expect("shipped").calendar;
    assert!(days.iter().zip(ours).all(|(day, ours)| (day.date, day.kind) == (ours.date, ours.kind)));
    assert_eq!(days.len(), ours.len());
}

#[test]
fn methods_and_calendar_name_their_bad_rows() {
    let methods = "standard,edition,title_zh,technique,significant,parallel,valid_from,valid_to\n\
                   GB 5009.12,2023,铅,GFAAS,<1 mg/kg:2;>=1 mg/kg:3,2,2026-01-01,2026-12-31\n\
                   GB 5009.12,23,铅,ICP-MS,two,0,2026-12-31,2026-01-01\n";
    let errors = read_methods(File::new("methods.csv", methods.as_bytes())).expect_err("a bad row");
    let mut columns: Vec<&str> = errors.iter().filter_map(|error| error.column.as_deref()).collect();
    columns.sort_unstable();
    assert_eq!(columns, ["edition", "parallel", "significant", "valid_to"]);
    assert!(errors.iter().all(|error| error.row == Some(3)));

    let calendar = "date,kind,name_zh\n2027-01-01,off,元旦\n2027-01-01,work,元旦\n2027-13-01,holiday,\n,off,元旦\n";
    let errors = read_calendar(File::new("calendar.csv", calendar.as_bytes())).expect_err("bad rows");
    let places: Vec<(Option<u64>, &str)> =
        errors.iter().map(|error| (error.row, error.column.as_deref().unwrap_or(""))).collect();
    assert_eq!(
        places,
        [(Some(3), "date"), (Some(4), "date"), (Some(4), "kind"), (Some(4), "name_zh"), (Some(5), "date")]
    );
}

#[test]
fn a_setting_by_level_rises_in_one_unit() {
    let read = |written: &str| {
        let head = "standard,edition,title_zh,technique,tolerance_percent";
        let methods = format!("{head}\nGB 5009.12,2023,铅,GFAAS,{written}\n");
        read_methods(File::new("methods.csv", methods.as_bytes())).map(|mut rows| rows.remove(0).tolerance_percent)
    };
    let d = |text: &str| Decimal::parse(text).unwrap();
    let below = vec![(d("0.1"), d("20")), (d("1"), d("15"))];
    let split = ByLevel::Split { unit: "mg/kg".to_owned(), below, from: d("10") };
    assert_eq!(read("<0.1 mg/kg:20;<1 mg/kg:15;>=1 mg/kg:10"), Ok(Some(split)));
    for wrong in [
        "<1 mg/kg:20;<0.1 mg/kg:15;>=0.1 mg/kg:10",
        "<0.1 mg/kg:20;<1 µg/kg:15;>=1 µg/kg:10",
        "<0.1 mg/kg:20;>=1 mg/kg:10",
        "<0.1 mg/kg:20",
        "<0.1 mg/kg:twenty;>=0.1 mg/kg:10",
    ] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_tree_with_flaws_is_refused() {
    let check = |rows: &str, expected: &[(u64, &str)]| {
        let table = format!("tree,id,parent,name_zh,name_en,aliases,covers,exceptions\n{rows}");
        let errors = read_food_categories(File::new("tree.csv", table.as_bytes())).expect_err(rows);
        let places: Vec<(u64, &str)> =
            errors.iter().map(|error| (error.row.unwrap(), error.column.as_deref().unwrap())).collect();
        assert_eq!(places, expected, "{rows}");
    };
    check("T,a,b,甲,A,,,\n", &[(2, "parent")]);
    check("T,a,b,甲,A,,,\nT,b,a,乙,B,,,\n", &[(2, "parent"), (3, "parent")]);
    check("T,a,,甲,A,,,\nT,a,,乙,B,,,\n", &[(3, "id")]);
    check("T,a,,甲,A,,,\nT,b,,甲,B,,,\n", &[(3, "name_zh")]);
    check("T,a,,甲,A,乙,,\nT,b,,乙,B,,,\n", &[(2, "aliases")]);
    check("T,a,,甲,A,,,\nT,b,,乙,B,,c,\n", &[(3, "covers")]);
    check("T,a,,甲,A,,,\nT,b,,乙,B,,,\nT,g,,丙,G,,a,b\n", &[(4, "exceptions")]);
    check("T,a,,甲,A,,,\nT,g,,乙,G,,a,\nT,h,,丙,H,,g,\n", &[(4, "covers")]);
}

mod noise {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_are_answered_and_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = limits(&bytes);
            let zip = [b"PK\x03\x04", &bytes[..]].concat();
            prop_assert!(limits(&zip).is_err());
        }

        #[test]
        fn no_row_is_lost(cells in proptest::collection::vec("[-0-9a-zA-Z .~ND]{0,6}", 11)) {
            let row: Vec<Vec<String>> = vec![HEAD.trim().split(',').map(str::to_string).collect(), cells.clone()];
            let filled = cells.iter().any(|cell| !cell.trim().is_empty());
            match limits(&csv_of(&row)) {
                Ok(rows) => prop_assert_eq!(rows.len(), usize::from(filled)),
                Err(errors) => prop_assert!(!errors.is_empty()),
            }
        }
    }
}
