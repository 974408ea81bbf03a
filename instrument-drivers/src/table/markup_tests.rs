//! Workbooks written as text, read leniently.

use super::*;

fn cells(text: &str) -> Vec<(String, usize, Vec<String>)> {
    let row = |name: &str, row: &Row| (name.to_string(), row.number, row.cells.iter().map(String::from).collect());
    grids(text, |_| true).iter().flat_map(|grid| grid.rows.iter().map(|one| row(&grid.name, one))).collect()
}

fn check(text: &str, expected: &[(&str, usize, &[&str])]) {
    let expected: Vec<(String, usize, Vec<String>)> = expected
        .iter()
        .map(|(name, number, cells)| (name.to_string(), *number, cells.iter().map(|c| c.to_string()).collect()))
        .collect();
    assert_eq!(cells(text), expected);
}

#[test]
fn spreadsheet_xml() {
    let text = r#"<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Worksheet ss:Name="Run &amp; 1"><Table ss:ExpandedColumnCount="3">
<Row><Cell ss:MergeAcross="1"><Data ss:Type="String">Title</Data></Cell><Cell><Data>x</Data></Cell></Row>
<Row ss:Index="4"><Cell ss:Index="2"><Data ss:Type="Number">0.10</Data></Cell><Cell/></Row>
</Table></Worksheet></Workbook>"#;
    assert!(decode(text.as_bytes(), &[Charset::utf_8()]).is_some());
    check(text, &[("Run & 1", 1, &["Title", "", "x"]), ("Run & 1", 4, &["", "0.10", ""])]);
}

#[test]
fn pages_with_tables() {
    let text = "<html><head><meta charset=gb2312><style>td{}</style></head><table border=1><tr><th colspan=2>结果<td>a<br>b\
                <tr><td><0.01</td><td>&nbsp;5 &micro;g</td></table><p>x</p><TABLE><TR><TD>1</TABLE>";
    check(
        text,
        &[
            ("Table1", 1, &["结果", "", "a b"]),
            ("Table1", 2, &["<0.01", "5 µg"]),
            ("Table2", 0, &["x"]),
            ("Table2", 1, &["1"]),
        ],
    );
    let (bytes, _, _) = encoding_rs::GBK.encode(text);
    assert!(decode(&bytes, &[Charset::utf_8()]).is_some_and(|text| text.contains("结果")));
    assert_eq!(decode(b"a,b\n<table>", &[Charset::utf_8()]), None);
    assert_eq!(decode(b"<?xml version='1.0'?><Run/>", &[Charset::utf_8()]), None);
}

#[test]
fn cells_that_cover_rows_below() {
    check(
        "<table><tr><td rowspan=2>F26-1<td>Pb<td rowspan=3>x</tr><tr><td>Cd</tr><tr><td>F26-2<td>Pb</tr>\
         <tr><td>F26-3<td>As<td>y</table><table><tr><td>1</table>",
        &[
            ("Table1", 1, &["F26-1", "Pb", "x"]),
            ("Table1", 2, &["", "Cd"]),
            ("Table1", 3, &["F26-2", "Pb"]),
            ("Table1", 4, &["F26-3", "As", "y"]),
            ("Table2", 1, &["1"]),
        ],
    );
    check(
        "<table><tr><th rowspan=2 colspan=2>No<th colspan=2>Pb</tr><tr><th>Conc<th>RSD</tr><tr><td>1<td>F<td>2<td>3</table>",
        &[
            ("Table1", 1, &["No", "", "Pb", ""]),
            ("Table1", 2, &["", "", "Conc", "RSD"]),
            ("Table1", 3, &["1", "F", "2", "3"]),
        ],
    );
    // Excel itself says where the next cell stands.
    let row = |cells: &str| format!("<Row>{cells}</Row>");
    let text = [
        "<Workbook><Worksheet ss:Name=\"R\"><Table>".to_string(),
        row("<Cell ss:MergeDown=\"1\"><Data>S</Data></Cell><Cell><Data>Pb</Data></Cell>"),
        row("<Cell ss:Index=\"2\"><Data>Cd</Data></Cell>"),
        row("<Cell><Data>T</Data></Cell>"),
    ];
    check(&text.concat(), &[("R", 1, &["S", "Pb"]), ("R", 2, &["", "Cd"]), ("R", 3, &["T"])]);
}

#[test]
fn a_table_goes_on_behind_one_in_a_cell() {
    check(
        "<table><tr><th>Sample<th>Pb<th>Unit</tr><tr><td>F26-1<td rowspan=2>0.5<td>x</tr>\
         <tr><td>F26-2<td>y <table><tr><td rowspan=2>legend<td>a</td></tr><tr><td>b<table><tr><td>deep</table></table> z</td></tr>\
         <tr><td>F26-3</td><td>0.7</td><td>x</td></tr></table><p>Next<table><tr><td>1</table>",
        &[
            ("Table1", 1, &["Sample", "Pb", "Unit"]),
            ("Table1", 2, &["F26-1", "0.5", "x"]),
            ("Table1", 3, &["F26-2", "", "y z"]),
            ("Table1", 4, &["F26-3", "0.7", "x"]),
            ("Table2", 1, &["legend", "a"]),
            ("Table2", 2, &["", "b"]),
            ("Table3", 1, &["deep"]),
            ("Table4", 0, &["z"]),
            ("Table4", 0, &["Next"]),
            ("Table4", 1, &["1"]),
        ],
    );
    // Tables that a page lays out in the cells of another one, with their titles; the last ones are not closed.
    check(
        "<table><tr><td><h2>A</h2><table><tr><td>1</table><h2>B</h2><table><tr><td>2</table><td><table><tr><td>3",
        &[
            ("Table1", 1, &["A B", ""]),
            ("Table2", 1, &["1"]),
            ("Table3", 0, &["B"]),
            ("Table3", 1, &["2"]),
            ("Table4", 1, &["3"]),
        ],
    );
    // Behind a cell that is closed, a table can only be the next one.
    check(
        "<table><tr><td>1</td></tr><table><tr><td>2</td></tr></table>",
        &[("Table1", 1, &["1"]), ("Table2", 1, &["2"])],
    );
}

#[test]
fn text_that_a_page_hides_is_no_part_of_a_value() {
    for (cell, value) in [
        ("0.6<span style=\"display:none\">7</span>", "0.6"),
        ("<span style='color:red; DISPLAY : none;'>old</span>0.6", "0.6"),
        ("0.6<span hidden>7<b>8</b><span>9</span>10</span> mg", "0.6 mg"),
        ("0.6<div hidden=\"\">7<sup>2</sup></div><div>mg</div>", "0.6 mg"),
        ("<p hidden>old<p hidden>older<p>0.6", "0.6"),
        ("0.6<span hidden>7", "0.6"),
        // Elements without an end, and what only speaks of hiding.
        ("<input type=\"hidden\" hidden>0.6<br hidden>mg", "0.6 mg"),
        ("<span class=\"is hidden\" aria-hidden=true>0.6</span>", "0.6"),
        ("<span style=\"display:inline\">0.6</span>", "0.6"),
    ] {
        check(&format!("<table><tr><td>{cell}<td>x</table>"), &[("Table1", 1, &[value, "x"])]);
    }
    // Cells and rows keep their places, and what stands in them.
    check(
        "<table><tr hidden><td>1<td style=\"display:none\">2</td><td>3<div hidden><table><tr><td>4</table>5</div>6</table>",
        &[("Table1", 1, &["1", "2", "3 6"]), ("Table2", 1, &["4"])],
    );
}

#[test]
fn text_between_tables_is_above_the_next_one() {
    check(
        "<html><title>Page</title><body><h2>Sample F26-1</h2>Lot <b>7</b><br>x<table><caption>Metals</caption><tr><td>1</table>\
         <p>Sample F26-2<table> <tr> <td>2</table>",
        &[
            ("Table1", 0, &["Sample F26-1"]),
            ("Table1", 0, &["Lot 7"]),
            ("Table1", 0, &["x"]),
            ("Table1", 0, &["Metals"]),
            ("Table1", 1, &["1"]),
            ("Table2", 0, &["Sample F26-2"]),
            ("Table2", 1, &["2"]),
        ],
    );
    check("<table><tr><td>1.2&times;10<sup>3</sup>", &[("Table1", 1, &["1.2×10^3"])]);
}

#[test]
fn numbers_with_more_digits_than_they_hold() {
    for (written, read) in [
        ("0.1000000000000000055", "0.1"),
        ("0.10000000000000001", "0.1"),
        ("1.2E-3", "0.0012"),
        ("-0E0", "0"),
        ("0.10", "0.10"),
        ("123456789012345", "123456789012345"),
        ("ND", "ND"),
    ] {
        let text = format!("<Workbook><Worksheet ss:Name=\"R\"><Row><Cell><Data ss:Type=\"Number\">{written}</Data>");
        check(&text, &[("R", 1, &[read])]);
    }
    check("<Workbook><Worksheet ss:Name=\"R\"><Row><Cell><Data ss:Type=\"String\">1E5</Data>", &[("R", 1, &["1E5"])]);
}

#[test]
fn damage_does_no_harm() {
    for text in
        ["<", "<table", "<table><tr><td", "<table><tr ss:Index=99999999999999999999><td>x", "&&&#xffffffff;<td>"]
    {
        cells(text);
    }
    let wide = grids("<table><tr><td colspan=999999999>x", |_| true);
    assert!(wide[0].rows[0].cells.len() <= MOST_COLUMNS + 1);
}
