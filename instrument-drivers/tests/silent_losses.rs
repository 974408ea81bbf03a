//! What once went lost or stood in the wrong place without a word: it is read rightly, or told.

mod support;

use std::io::{Cursor, Write};

use support::trap::{check, read};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

#[test]
fn a_header_stands_again_without_being_declared() {
    let wide = |more: &str| {
        format!(
            "format = 'delimited'\ntext = {{ delimiter = ',' }}\n[[table]]\nsample = '{{Sample}}'\nanalyte = '{{@head}}'\n\
             columns = {{ after = 'Sample' }}\n{more}\n"
        )
    };
    let source = b"Sample,Pb,Cd\na,1,2\nSample,Cd,Pb\nb,3,4\n";
    let rows = &["a | Pb | 1 | 1", "a | Cd | 2 | 2", "b | Cd | 3 | 3", "b | Pb | 4 | 4"];
    check(&wide(""), source, rows, &[]);
    check(&wide("header = { repeat = true }"), source, rows, &[]);
    // The profile leaves the header aside; the order counts all the same.
    check(&wide("skip = [{ cell = '{Sample}', is = 'Sample' }]"), source, rows, &[]);
    // A condition on the header may hold for the first order alone.
    check(&wide("header = { repeat = true, matches = [{ cell = '{#2}', is = 'Pb' }] }"), source, rows, &[]);
    check(&wide("stop = [{ cell = '{Sample}', is = 'Sample' }]"), source, &rows[..2], &[]);
    check(
        &wide(""),
        b"Sample,Pb,Cd\na,1,2\n Sample ,Pb,Cd,\nb,3,4\n",
        &[rows[0], rows[1], "b | Pb | 3 | 3", "b | Cd | 4 | 4"],
        &[],
    );
    // One text is another, or stands twice: no header.
    let other = &["a | Pb | 1 | 1", "a | Cd | 2 | 2", "Sample | Pb | Pb | -", "Sample | Cd | Pb | -"];
    check(&wide(""), b"Sample,Pb,Cd\na,1,2\nSample,Pb,Pb\n", other, &[]);
    let long = "format = 'delimited'\ntext = { delimiter = ',' }\n[[table]]\nsample = '{Sample}'\nanalyte = '{Test}'\nvalue = '{Result}'\n";
    let source = b"Sample,Test,Result\na,Pb,1\nSample,Result,Test\na,3,Cd\n";
    check(long, source, &["a | Pb | 1 | 1", "a | Cd | 3 | 3"], &[]);
}

#[test]
fn a_header_that_is_left_aside_carries_on() {
    let profile = |more: &str| {
        format!(
            "format = 'delimited'\ntext = {{ delimiter = ',' }}\n[[table]]\nsample = {{ from = '{{Sample}}', carry = true }}\n\
             analyte = '{{Test}}'\nvalue = '{{Result}}'\n{more}\n"
        )
    };
    let source = b"Sample,Test,Result\nF1,Pb,1\nSample,Test,Result\n,Cd,2\n";
    let skip = "skip = [{ cell = '{Sample}', is = 'Sample' }]";
    check(&profile(skip), source, &["F1 | Pb | 1 | 1", "F1 | Cd | 2 | 2"], &[]);
    check(&profile(""), source, &["F1 | Pb | 1 | 1"], &["4: no sample for the value '2' of 'Cd'"]);
}

#[test]
fn numbers_alone_are_no_header_again() {
    let profile = "format = 'delimited'\ntext = { delimiter = ',' }\n[[table]]\nsample = 'plate {@head}'\nanalyte = 'A'\n\
         header = { matches = [{ cell = '{#1}', is = '1' }] }\ncolumns = { from = '#1' }\n";
    check(profile, b"1,2\n2,1\n", &["plate 1 | A | 2 | 2", "plate 2 | A | 1 | 1"], &[]);
}

#[test]
fn a_section_without_the_header_that_others_have() {
    let profile = |more: &str| {
        format!(
            "format = 'delimited'\ntext = {{ delimiter = ',' }}\n[[table]]\nsample = '{{Sample}}'\nanalyte = '{{@el}}'\nvalue = '{{Conc}}'\n\
             section = {{ start = [{{ matches = '^Element (?P<el>.*)' }}], end = [{{ empty = true }}] }}\n{more}\n"
        )
    };
    let told = "the section that begins here has no header row with the columns Sample, Conc; its rows are not read";
    let lead = "Element Pb\nSample,Conc\na,1\n\n";
    let cadmium = "Element Cd\nSample,Conc.\na,2\n";
    let at = |line: usize| format!("{line}: {told}");
    let check =
        |more: &str, source: String, rows: &[&str], told: &[&str]| check(&profile(more), source.as_bytes(), rows, told);
    check("", format!("{lead}{cadmium}"), &["a | Pb | 1 | 1"], &[at(5).as_str()]);
    check("", format!("{cadmium}\n{lead}"), &["a | Pb | 1 | 1"], &[at(1).as_str()]);
    check("optional = true", format!("{lead}{cadmium}"), &["a | Pb | 1 | 1"], &[]);
    // Nothing in it looks like a row of results.
    check("", format!("{lead}Element Cd\nnot measured\n"), &["a | Pb | 1 | 1"], &[]);
    check("", format!("{lead}Element Cd\nremark,see page two\n"), &["a | Pb | 1 | 1"], &[]);
    // Where no section has one, that is told, once.
    check("", cadmium.to_string(), &[], &["no header row was found with the columns Sample, Conc"]);
}

#[test]
fn a_row_with_more_cells_than_its_header() {
    let profile = |delimiter: &str, sample: &str| {
        format!(
            "format = 'delimited'\ntext = {{ delimiter = '{delimiter}' }}\n[[table]]\nsample = '{{{sample}}}'\nanalyte = '{{@head}}'\n\
             columns = {{ after = '{sample}' }}\n"
        )
    };
    let told = "2: the row has more cells than its header: 5 and 4";
    let rows = &[
        "F1 | Pb | 0 | 0",
        "F1 | Cd | 52 | 52",
        "F1 | Zn | 1 | 1",
        "F2 | Pb | 12 | 12",
        "F2 | Cd | 3 | 3",
        "F2 | Zn | 7 | 7",
    ];
    check(&profile(",", "Sample"), b"Sample,Pb,Cd,Zn\nF1,0,52,1,1\nF2,12,3,7,,\n", rows, &[told]);
    // Columns without a name are known to be in this source.
    check(&profile(",", "Sample"), b"Sample,Pb,,Cd\nF1,0,,52,x\n", &["F1 | Pb | 0 | 0", "F1 | Cd | 52 | 52"], &[]);
    let blanks = b"No Name Pb Cd\n1 F26 1 0.1\n2 F 26 1 0.1\n";
    let rows = &["F26 | Pb | 1 | 1", "F26 | Cd | 0.1 | 0.1", "F | Pb | 26 | 26", "F | Cd | 1 | 1"];
    check(&profile("blanks", "Name"), blanks, rows, &["3: the row has more cells than its header: 5 and 4"]);
}

#[test]
fn a_sheet_without_the_header_that_others_have() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    for (name, heading) in [("Pb", "Amount"), ("Cd", "Calc Amt")] {
        let sheet = workbook.add_worksheet().set_name(name).unwrap();
        sheet.write_row(0, 0, ["Sample", heading]).unwrap();
        sheet.write_string(1, 0, "a").unwrap().write_number(1, 1, 0.5).unwrap();
    }
    let bytes = workbook.save_to_buffer().unwrap();
    let table = "[[table]]\nsample = '{Sample}'\nanalyte = '{@sheet}'\nvalue = '{Amount}'\n";
    let named = format!("format = 'workbook'\nworkbook = {{ sheets = '^(Pb|Cd)$' }}\n{table}");
    let told = "Cd!A1: the section that begins here has no header row with the columns Sample, Amount";
    check(&named, &bytes, &["a | Pb | 0.5 | 0.5"], &[told]);
    check(&format!("format = 'workbook'\n{table}"), &bytes, &["a | Pb | 0.5 | 0.5"], &[]);
    check(&format!("{named}optional = true\n"), &bytes, &["a | Pb | 0.5 | 0.5"], &[]);
}

/// An XLSX with the sheets `Results` and `Notes`, from the rows as they are written in them.
fn xlsx(results: &str, notes: &str) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let relations = |list: &[(&str, &str)]| {
        let list = list.iter().enumerate().map(|(at, (kind, target))| {
            format!("<Relationship Id=\"r{at}\" Type=\"{office}/{kind}\" Target=\"{target}\"/>")
        });
        let list: String = list.collect();
        let package = "http://schemas.openxmlformats.org/package/2006/relationships";
        format!("<Relationships xmlns=\"{package}\">{list}</Relationships>")
    };
    let sheet = |rows: &str| format!("<worksheet xmlns=\"{main}\"><sheetData>{rows}</sheetData></worksheet>");
    let book = format!(
        "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets><sheet name=\"Results\" sheetId=\"1\" r:id=\"r0\"/>\
         <sheet name=\"Notes\" sheetId=\"2\" r:id=\"r1\"/></sheets></workbook>"
    );
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in [
        ("_rels/.rels", relations(&[("officeDocument", "xl/workbook.xml")])),
        ("xl/workbook.xml", book),
        (
            "xl/_rels/workbook.xml.rels",
            relations(&[("worksheet", "worksheets/sheet1.xml"), ("worksheet", "worksheets/sheet2.xml")]),
        ),
        ("xl/worksheets/sheet1.xml", sheet(results)),
        ("xl/worksheets/sheet2.xml", sheet(notes)),
    ] {
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn a_formula_without_its_result_is_told() {
    let profile = "format = 'workbook'\nworkbook = { sheets = '^Results$' }\n\
         [[table]]\nsample = '{Id}'\nanalyte = 'Pb'\nvalue = '{Pb}'\n";
    let text = |at: &str, text: &str| format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let row = |number: usize, cell: &str| {
        let id = text(&format!("A{number}"), &format!("S{number}"));
        format!("<row r=\"{number}\">{id}{cell}</row>")
    };
    let head = format!("<row r=\"1\">{}{}</row>", text("A1", "Id"), text("B1", "Pb"));
    let missing = "<row r=\"1\"><c r=\"A1\"><f>B1*2</f></c></row>";
    // Calculated; calculated to an empty text; drawn, and nothing in it.
    let whole = [
        head,
        row(2, "<c r=\"B2\"><f>C2*2</f><v>0.5</v></c>"),
        row(3, "<c r=\"B3\" t=\"str\"><f>IF(C3=0,\"\")</f><v></v></c>"),
        row(4, "<c r=\"B4\" s=\"1\"/>"),
    ];
    // The other sheet, on which one is missing, is not read.
    check(profile, &xlsx(&whole.concat(), missing), &["S2 | Pb | 0.5 | 0.5"], &[]);
    let one = whole.concat() + &row(5, "<c r=\"B5\"><f>C5*2</f></c>");
    let told = "Results!B5: the cell holds a formula whose result is not in the file (such cells in this sheet: 1)";
    check(profile, &xlsx(&one, missing), &["S2 | Pb | 0.5 | 0.5"], &[told]);
    let three = one
        + &row(6, "<c r=\"B6\"><f t=\"shared\" ref=\"B6:B7\" si=\"0\">C6*2</f><v/></c>")
        + &row(7, "<c r=\"B7\"><f t=\"shared\" si=\"0\"/><v></v></c>");
    check(profile, &xlsx(&three, ""), &["S2 | Pb | 0.5 | 0.5"], &["Results!B5: the cell holds a formula"]);
    assert!(read(profile, &xlsx(&three, "")).1[0].contains("(such cells in this sheet: 3)"));
}

#[test]
fn a_key_that_stands_for_two_things_stands_for_neither() {
    let profile = |sample: &str| {
        format!(
            "format = 'delimited'\ntext = {{ delimiter = ',' }}\n\
             [[table]]\nstore = {{ name = 'names', key = '{{No}}', value = '{{Name}}' }}\n\
             section = {{ start = [{{ is = 'Names' }}], end = [{{ is = 'Results' }}] }}\n\
             [[table]]\nsample = {sample}\nanalyte = 'Pb'\nvalue = '{{Pb}}'\n\
             section = {{ start = [{{ is = 'Results' }}] }}\n"
        )
    };
    let source = b"Names\nNo,Name\n1,A\n2,C\n1,B\n2,C\nResults\nNo,Pb\n2,0.2\n1,0.1\n,0.3\n2,0.4\n1,\n";
    let told = "10: key '1' of 'names' stands for 'A' and for 'B'";
    check(
        &profile("{ from = '{No}', lookup = 'names' }"),
        source,
        &["C | Pb | 0.2 | 0.2", "C | Pb | 0.4 | 0.4"],
        &[told, "11: no sample for the value '0.3'"],
    );
    // A row that goes on below does not belong to the sample before.
    check(
        &profile("{ from = '{No}', lookup = 'names', carry = true }"),
        source,
        &["C | Pb | 0.2 | 0.2", "C | Pb | 0.4 | 0.4"],
        &[told, "11: no sample for the value '0.3'"],
    );
    // What else a sample may be called is no way out.
    check(
        &profile("[{ from = '{No}', lookup = 'names' }, 'No. {No}']"),
        source,
        &["C | Pb | 0.2 | 0.2", "No. | Pb | 0.3 | 0.3", "C | Pb | 0.4 | 0.4"],
        &[told, "13: key '1'"],
    );
}
