//! Traps of exports that must be told, or read rightly, and that no example of the reference can show: an input, a profile, and
//! what is read, by hand.

use std::io::{Cursor, Write};

use instrument_drivers::profile::{Context, Profile};
use instrument_drivers::wire::vidas;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const HEAD: &str = "maturity = 'draft'\nsource = 'example'\n";

/// `sample | analyte | value | number`, and the troubles with their positions.
fn read(profile: &str, bytes: &[u8]) -> (Vec<String>, Vec<String>) {
    let profile = Profile::parse("trap", &format!("{HEAD}{profile}")).unwrap();
    let reading = profile.read(bytes, &Context::default());
    // What is shown to the person who makes a profile is what is read.
    let survey = profile.survey(bytes, &Context::default());
    assert_eq!(survey.reading, reading);
    let rows = reading.observations.iter().map(|one| {
        let number = one.number.as_deref().unwrap_or("-");
        format!("{} | {} | {} | {number}", one.sample_id, one.analyte, one.value)
    });
    let troubles = reading.troubles.iter().map(|trouble| format!("{}: {}", trouble.position, trouble.reason));
    (rows.collect(), troubles.collect())
}

/// `troubles`: what each of them says somewhere.
fn check(profile: &str, bytes: &[u8], rows: &[&str], troubles: &[&str]) {
    let (found, told) = read(profile, bytes);
    assert_eq!(found, rows, "{profile}{told:?}");
    assert_eq!(told.len(), troubles.len(), "{told:?}");
    for (told, part) in told.iter().zip(troubles) {
        assert!(told.contains(part), "'{part}' is not in: {told}");
    }
}

fn refused(profile: &str, parts: &[&str]) {
    let error = Profile::parse("trap", &format!("{HEAD}{profile}")).expect_err("the profile is wrong").to_string();
    for part in parts {
        assert!(error.contains(part), "'{part}' is not in: {error}");
    }
}

#[test]
fn a_decimal_mark_that_was_declared_to_part_thousands() {
    let profile = "format = 'delimited'\ntext = { delimiter = ';' }\nnumbers = { decimal_mark = ',', thousands = '.' }\n\
         [[table]]\nsample = '{Id}'\nanalyte = 'Pb'\nvalue = '{Pb}'\n";
    check(
        profile,
        b"Id;Pb\nS1;0.045\nS2;1.045\nS3;0,5\n",
        &["S1 | Pb | 0.045 | -", "S2 | Pb | 1.045 | 1045", "S3 | Pb | 0,5 | 0.5"],
        &["2: '0.045' is not a number"],
    );
}

#[test]
fn a_row_keeps_its_number_whatever_is_left_aside_before_it() {
    let profile = |which: &str| {
        format!(
            "format = 'delimited'\ntext = {{ delimiter = ',' }}\n[[table]]\nsample = '{{Id}}'\nanalyte = 'Pb'\nvalue = '{{Pb}}'\n{which}\n"
        )
    };
    let source = b"Id,Pb\nS1,1\nS2,2\n\nS3,3\n";
    check(&profile("skip = [{ cell = '{@row}', is = '2' }]"), source, &["S1 | Pb | 1 | 1", "S3 | Pb | 3 | 3"], &[]);
    check(&profile("only = [{ cell = '{@row}', is = '3' }]"), source, &["S3 | Pb | 3 | 3"], &[]);
    check(&profile("stop = [{ cell = '{@row}', above = 1 }]"), source, &["S1 | Pb | 1 | 1"], &[]);
}

#[test]
fn an_empty_value_is_not_the_next_key() {
    let profile = |more: &str| {
        format!(
            "format = 'delimited'\ntext = {{ delimiter = ',' }}\n[[find]]\nname = 'id'\nkey = 'Sample ID'\n{more}\n\
             [[table]]\nsample = '{{@id}}'\nanalyte = '{{Test}}'\nvalue = '{{Result}}'\n"
        )
    };
    let told = &["no sample for the value '0.5'"];
    check(&profile(""), "Sample ID：,,Operator：,Li\nTest,Result\nPb,0.5\n".as_bytes(), &[], told);
    check(&profile("next_only = true"), b"Sample ID,,Operator,Li\nTest,Result\nPb,0.5\n", &[], told);
    check(&profile("next_only = true"), b"Sample ID:,F26-1\nTest,Result\nPb,0.5\n", &["F26-1 | Pb | 0.5 | 0.5"], &[]);
    refused(&profile("").replace("key = 'Sample ID'", "line = 'x'\nnext_only = true"), &["find 1.next_only", "key"]);
}

#[test]
fn values_are_no_headings() {
    let profile = "format = 'delimited'\ntext = { delimiter = ',' }\n[[table]]\nsample = '{#1}'\nanalyte = '{@head}'\n\
         columns = { after = '#1' }\n";
    let rows = ["S1 | Fat | 3.5 | 3.5", "S1 | Protein | 3.1 | 3.1"];
    check(profile, b"Report 7,,\n,Fat,Protein\nS1,3.5,3.1\n", &rows, &[]);
    check(profile, b"S1,3.5,3.1\nS2,3.6,3.2\n", &[], &["no header row was found with the columns {@head}"]);
    refused(&profile.replace("{@head}", "{#2@next}"), &["table 1.analyte", "{#3}"]);
}

#[test]
fn two_delimiters_that_both_fit() {
    let profile = "format = 'delimited'\ntext = { delimiter = [',', ';'] }\nnumbers = { decimal_mark = ',' }\n\
         [[table]]\nsample = '{#1}'\nanalyte = 'Pb'\nvalue = '{#2}'\n";
    check(profile, b"F26-1;0,52\n", &["F26-1;0 | Pb | 52 | 52"], &["delimiters ',' and ';'"]);
    check(profile, b"F26-1;0,52\nF26-2;3\n", &["F26-1 | Pb | 0,52 | 0.52", "F26-2 | Pb | 3 | 3"], &[]);
    check(profile, b"F26-1;52\n", &["F26-1 | Pb | 52 | 52"], &[]);
}

#[test]
fn line_ends_and_marks_of_files_put_together() {
    let profile = "format = 'delimited'\ntext = { delimiter = ',' }\n\
         [[table]]\nsample = '{Sample}'\nanalyte = 'Pb'\nvalue = '{Pb}'\nblank_ends = true\nheader = { repeat = true }\n";
    let rows = ["S1 | Pb | 0.5 | 0.5", "S2 | Pb | 0.6 | 0.6"];
    check(profile, b"Report\r\r\n\r\r\nSample,Pb\r\r\nS1,0.5\r\r\nS2,0.6\r\r\n\r\r\nMean,0.55\r\r\n", &rows, &[]);
    let marked = "\u{feff}Sample,Pb\r\nS1,0.5\r\n\u{1a}\u{feff}Sample,Pb\r\nS2,0.6\r\n\u{1a}";
    check(profile, marked.as_bytes(), &rows, &[]);
    check(&profile.replace("','", "'gaps'"), marked.replace(',', "  ").as_bytes(), &rows, &[]);
}

#[test]
fn damaged_texts() {
    let profile = |encodings: &str, lossy: bool| {
        format!(
            "format = 'delimited'\ntext = {{ encoding = [{encodings}], delimiter = ',', lossy = {lossy} }}\n\
             [[table]]\nsample = '{{样品}}'\nanalyte = 'Pb'\nvalue = '{{铅}}'\n"
        )
    };
    // 样品,铅 / F26-1白 and half a character,0.52 / F26-2,0.10
    let half = b"\xd1\xf9\xc6\xb7,\xc7\xa6\nF26-1\xb0\xd7\xb2,0.52\nF26-2,0.10\n";
    let place = "the bytes are not UTF-8 or gb18030: in line 2 the byte B2";
    check(&profile("'utf-8', 'gb18030'", false), half, &[], &[place]);
    let rows = ["F26-1白\u{fffd} | Pb | 0.52 | 0.52", "F26-2 | Pb | 0.10 | 0.10"];
    check(&profile("'utf-8', 'gb18030'", true), half, &rows, &["2: some bytes"]);
    let stray = ["样品,铅\nS".as_bytes(), b"\xb5,1\n"].concat();
    check(&profile("'utf-8', 'windows-1252'", false), &stray, &[], &["lossy = true"]);
    check(&profile("'utf-8', 'windows-1252'", true), &stray, &["S\u{fffd} | Pb | 1 | 1"], &["2: some bytes"]);
    check(&profile("'utf-8'", false), "样品,铅\nS1\0\0\0,0.5\n".as_bytes(), &["S1 | Pb | 0.5 | 0.5"], &[]);
}

/// A file is read in pieces, and must come to the same as its bytes.
#[test]
fn a_damaged_file_is_refused_as_its_bytes_are() {
    let profile = format!(
        "{HEAD}format = 'delimited'\ntext = {{ encoding = ['utf-8', 'windows-1252'], delimiter = ',' }}\n\
         [[table]]\nsample = '{{#1}}'\nanalyte = 'Pb'\nvalue = '{{#2}}'\n"
    );
    let profile = Profile::parse("trap", &profile).unwrap();
    let stray = ["水,1\nS".as_bytes(), b"\xb5,2\nS3\0\0,3\n"].concat();
    for bytes in [&stray[..], b"\xb5g,1\nS3\0\0,3\n"] {
        let mut reading = instrument_drivers::observation::Reading::default();
        let mut file = std::io::Cursor::new(bytes.to_vec());
        let source = instrument_drivers::table::pieces::Source::File(&mut file);
        profile.read_to(source, &Context::default(), &mut reading);
        assert_eq!(reading, profile.read(bytes, &Context::default()));
    }
}

#[test]
fn a_text_that_runs_over_its_column() {
    let profile = "format = 'lines'\n[[table]]\ncut = 'header'\nsample = '{Sample}'\nanalyte = '{Test}'\nvalue = '{Result}'\n\
         unit = '{Unit}'\nstop = [{ matches = '^Printed' }]\n";
    check(
        profile,
        b"Sample  Test    Result  Unit\nF26-1   Pb         0.5  ppm\nF26-2   Hydroxybenzoate 1  ppm\nPrinted by the software of the maker\n",
        &["F26-1 | Pb | 0.5 | 0.5"],
        &["3: a text runs over its column"],
    );
    refused(&profile.replace("unit =", "header = { rows = 2 }\nunit ="), &["table 1.cut", "one row"]);
}

#[test]
fn lines_that_go_on_belong_to_their_section() {
    let profile = "format = 'lines'\n[[table]]\nline = '^ *(?P<a>[A-Za-z]+) (?P<v>[\\d.]+)(?P<more> .*)?$'\nsample = '{@s}'\n\
         analyte = '{a} {more}'\nvalue = '{v}'\njoin_lines = [{ indented = true }]\nsection = { start = [{ matches = '^Sample (?P<s>.*)' }] }\n";
    check(
        profile,
        b"Sample S1\nLead 0.5\n   total\nSample S2\nZinc 0.6\n   dissolved\n",
        &["S1 | Lead total | 0.5 | 0.5", "S2 | Zinc dissolved | 0.6 | 0.6"],
        &[],
    );
    let profile = "format = 'lines'\n[[table]]\ncut = 'header'\nsample = '{Id}'\nanalyte = '{Test}'\nvalue = '{Result}'\n\
         blank_ends = true\njoin_lines = [{ cell = '{Id}{Result}', empty = true }]\n";
    check(
        profile,
        b"Report\nId    Test    Result\nS1    Benzoic    0.5\n      acid\n\nS2    Lead       0.6\n      total\n",
        &["S1 | Benzoic acid | 0.5 | 0.5"],
        &[],
    );
}

#[test]
fn tables_with_store_are_read_first() {
    let profile = "format = 'delimited'\ntext = { delimiter = ',' }\n\
         [[table]]\nsample = '{Id}'\nanalyte = '{Test}'\nvalue = '{Result}'\nunit = { from = '{Test}', lookup = 'units' }\n\
         only = [{ cell = '{Result}', number = true }]\n\
         [[table]]\nstore = { name = 'units', key = '{#1}', value = '{#2}' }\nsection = { start = [{ is = 'Units' }] }\n";
    let profile = Profile::parse("trap", &format!("{HEAD}{profile}")).unwrap();
    let reading = profile.read(b"Id,Test,Result\nS1,Pb,0.5\nUnits\nPb,mg/kg\n", &Context::default());
    let units: Vec<&str> = reading.observations.iter().map(|one| one.unit.as_str()).collect();
    assert_eq!((units, reading.troubles), (vec!["mg/kg"], vec![]));
}

/// A key that would be passed over, or contradicts another one, is told.
#[test]
fn keys_that_nothing_would_read() {
    let table = |more: &str| {
        format!("format = 'lines'\n[[table]]\nsample = '{{#1}}'\nanalyte = 'Pb'\nvalue = '{{#2}}'\n{more}\n")
    };
    for (more, parts) in [
        ("store = { name = 'x', key = '{#1}', value = '{#2}' }", &["table 1.sample", "store"][..]),
        ("header = { rows = 7 }", &["table 1.header.rows", "7", "5"]),
        ("header = { rows = 0 }", &["table 1.header.rows", "0"]),
        ("header = { fill = true }", &["table 1.header.fill", "rows = 2"]),
        ("header = { down = true }", &["table 1.header.down", "rows = 2"]),
        ("header = { pages = true }", &["table 1.header.pages", "repeat"]),
        ("header = { given = ['A'], matches = [{ is = 'A' }] }", &["table 1.header.matches", "given"]),
        ("columns = { from = 'A', after = 'B' }", &["table 1.columns.after", "from"]),
        ("columns = { to = 'A', before = 'B' }", &["table 1.columns.before", "to"]),
        ("columns = { every = 0 }", &["table 1.columns.every"]),
        ("columns = { names = ['Pb'] }", &["table 1.columns.names", "'Pb'", "header"]),
        ("cut = [0, 14, 8]", &["table 1.cut", "ascend"]),
        ("cut = [0, 8]\nruler = true", &["table 1.cut", "ruler"]),
        ("line = '(?P<a>x)'\ncut = [0, 8]", &["table 1.cut", "line"]),
        ("wide = true", &["table 1.wide", "cut"]),
        ("section = { include_start = true }", &["table 1.section.include_start", "start"]),
        ("section = { keep_header = true }", &["table 1.section.keep_header", "blocks"]),
        ("[[table.find]]\nname = 'x'\nkey = 'X'\nbefore_section = true", &["table 1.find.before_section", "section"]),
        // `$1_` is the group `1_`.
        ("unit = { from = '{#3}', pattern = '(\\d)(\\d)', to = '$1_$2' }", &["table 1.unit.to", "$1_", "${1}"]),
        ("unit = { from = '{#3}', pattern = '(\\d)', to = '$2' }", &["table 1.unit.to", "$2"]),
        ("unit = { from = '{#3}', pattern = '(?<a>\\d)', to = '$b' }", &["table 1.unit.to", "$b"]),
    ] {
        refused(&table(more), parts);
    }
    for (head, parts) in [
        ("text = { delimiter = ',' }", &["text.delimiter", "\"lines\"", "delimited"][..]),
        ("text = { quote = '' }", &["text.quote", "delimited"]),
        ("workbook = { sheets = 'A' }", &["workbook", "\"lines\""]),
        ("tree = { rows = 'a' }", &["tree", "json, xml"]),
        ("[[find]]\nname = 'x'\nat = 'A1'\nsheet = 'Info'", &["find.sheet", "workbook"]),
        ("[[find]]\nname = 'x'\nat = 'A1'\nbefore_section = true", &["find.before_section", "[[table.find]]"]),
    ] {
        refused(&table("").replacen('\n', &format!("\n{head}\n"), 1), parts);
    }
    refused("format = 'astm'\ntranspose = true\n", &["transpose", "\"astm\""]);
    for (key, parts) in [
        ("sample = '{@stam}'", &["'@stam'", "@stem"][..]),
        ("sample = '{#3}'", &["{#1}", "tables"]),
        ("unit = { from = '{R.5}', lookup = 'units' }", &["lookup 'units'"]),
        ("sample = { from = '{O.3}', carry = true }", &["carry"]),
        ("skip = [{ cells = 3 }]", &["@cells"]),
        ("sample = '{O.4.0}'", &["{O.4.0}", "not a field"]),
    ] {
        refused(&format!("format = 'astm'\n[records]\n{key}\n"), parts);
    }
    let tree = "format = 'json'\ntree = { rows = 'a', named = 'Field' }\n[[table]]\nsample = '{a}'\nanalyte = 'b'\nvalue = '{c}'\n";
    refused(tree, &["tree.named", "Field.Name"]);
    for good in [
        "unit = { from = '{#3}', pattern = '(\\d)(\\d)', to = '${1}_$2 $$ $0' }",
        "unit = { from = '{#3}', pattern = '(?<a>\\d)', to = '$a-' }",
    ] {
        Profile::parse("trap", &format!("{HEAD}{}", table(good))).unwrap();
    }
}

#[test]
fn any_depth_stands_before_the_name_of_an_element_that_is_a_row() {
    let tree = |keys: &str| {
        format!("format = 'json'\ntree = {{ {keys} }}\n[[table]]\nsample = '{{a}}'\nanalyte = 'b'\nvalue = '{{c}}'\n")
    };
    for (keys, parts) in [
        ("rows = 'a.**'", &["tree.rows", "'a.**'", "**.Peak"][..]),
        ("rows = ['b', '**.*.a']", &["tree.rows", "'**.*.a'", "**.Peak"]),
        ("rows = '**.**.a'", &["tree.rows", "'**.**.a'", "**.Peak"]),
        ("rows = '**.a', lists = ['b', '**.c']", &["tree.lists", "tree.rows alone"]),
        ("rows = 'a', named = '**.Field.Name'", &["tree.named", "tree.rows alone"]),
        ("rows = 'a', cells = '**.c'", &["tree.cells", "tree.rows alone"]),
        ("rows = 'a', cells = 'c', names = '**.n'", &["tree.names", "tree.rows alone"]),
        ("rows = 'a', cells = 'c', beside = ['**.n']", &["tree.beside", "tree.rows alone"]),
    ] {
        refused(&tree(keys), parts);
    }
    for good in ["rows = '**.a'", "rows = 'S.**.G.**.a'", "rows = '**.a.*'", "rows = '**.a', lists = ['b.c']"] {
        Profile::parse("trap", &format!("{HEAD}{}", tree(good))).unwrap();
    }
}

#[test]
fn a_whole_vidas_message_can_be_skipped() {
    let message = |code| vidas::encode(&[("mt", "rsl"), ("si", "S1"), ("rt", code), ("qn", "0.5"), ("ql", "Positive")]);
    let bytes = [message("LMO"), message("QCX")].concat();
    let profile = "format = 'vidas'\n[records]\nskip = [{ matches = 'rtQC' }]\n";
    let read = Profile::parse("trap", &format!("{HEAD}{profile}")).unwrap().read(&bytes, &Context::default());
    let analytes: Vec<&str> = read.observations.iter().map(|one| one.analyte.as_str()).collect();
    assert_eq!(analytes, ["LMO"], "{:?}", read.troubles);
}

/// Which row was taken for the header by the person, and what it lacks, is the first that is asked.
#[test]
fn the_nearest_row_is_named_where_no_header_is() {
    let profile = "format = 'delimited'\ntext = { delimiter = ',' }\n\
         [[table]]\nsample = '{Sample}'\nanalyte = '{Test}'\nvalue = '{Conc.}'\nunit = '{Unit?}'\n";
    check(
        profile,
        b"Report,Sample\n\nSample,Test,Conc\nF26-1,Pb,0.5\n",
        &[],
        &["table 1: no header row was found with the columns Sample, Test, Conc.; the row at 3 has all but Conc."],
    );
    let columns = format!("{profile}header = {{ matches = [{{ cell = '{{#1}}', is = 'No.' }}] }}\n");
    check(
        &columns,
        b"Sample,Test,Conc.\nF26-1,Pb,0.5\n",
        &[],
        &["no header row was found with the columns Sample, Test, Conc.; the row at 1 has them, but not what else"],
    );
    let wide = "format = 'delimited'\ntext = { delimiter = ',' }\n[[table]]\nsample = '{#1}'\nanalyte = '{@head}'\n";
    // Where the columns of values begin is a name that a header needs.
    let after = format!("{wide}columns = {{ after = 'Sample' }}\n");
    check(&after, b"Id,Pb\nF26-1,0.5\n", &[], &["no header row was found with the columns Sample"]);
    let unmet =
        format!("{wide}header = {{ matches = [{{ cell = '{{#1}}', is = 'No.' }}] }}\ncolumns = {{ after = '#1' }}\n");
    check(&unmet, b"Id,Pb\nF26-1,0.5\n", &[], &["no header row was found; header.matches"]);
}

/// A few bytes can ask for more cells than there is memory.
#[test]
fn small_files_that_would_be_very_large_tables() {
    let turned = "format = 'delimited'\ntext = { delimiter = ',' }\ntranspose = true\n\
         [[table]]\nsample = '{Id}'\nanalyte = 'Pb'\nvalue = '{Pb}'\n";
    let ragged = format!("Id,S1\nPb,0.5\n{}{}x\n", "x\n".repeat(4000), ",".repeat(4000));
    check(turned, ragged.as_bytes(), &[], &["too large to be turned round"]);
    let section = turned.replace("transpose = true\n", "").replace("[[table]]", "[[table]]\ntranspose = true");
    check(
        &section,
        ragged.as_bytes(),
        &[],
        &["1: a table of 4001 columns and 4003 rows is too large", "no header row was found"],
    );
    let tree =
        "format = 'json'\ntree = { rows = 'item' }\n[[table]]\nsample = '{Id}'\nanalyte = 'Pb'\nvalue = '{Pb}'\n";
    let members: Vec<String> = (0..3000).map(|at| format!("{{\"a{at}\": 1}}")).collect();
    // Of too many leaves those alone are kept that the profile names: here none.
    check(
        tree,
        format!("[{}]", members.join(",")).as_bytes(),
        &[],
        &["no header row was found with the columns Id, Pb"],
    );
    // The last place of a sheet is written, and nothing else far from the first.
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, texts) in [["Id", "Pb"], ["S1", "0.5"]].iter().enumerate() {
        for (column, text) in texts.iter().enumerate() {
            sheet.write(row as u32, column as u16, *text).unwrap();
        }
    }
    sheet.write(1_048_575, 16_383, "end").unwrap();
    let profile = "format = 'workbook'\n[[table]]\nsample = '{Id}'\nanalyte = 'Pb'\nvalue = '{Pb}'\n";
    check(profile, &workbook.save_to_buffer().unwrap(), &["S1 | Pb | 0.5 | 0.5"], &[]);
}

#[test]
fn names_that_nothing_gives() {
    let table = |more: &str| {
        format!("format = 'lines'\n[[table]]\nsample = '{{#1}}'\nanalyte = 'Pb'\nvalue = '{{#2}}'\n{more}\n")
    };
    refused(
        &table("role = { from = '{#3}', map = { 'U' = 'smaple' }, default = 'sample' }"),
        &["table 1.role", "smaple", "control"],
    );
    refused(&table("role = { from = '{#3}', when = [{ matches = 'B', then = 'blnk' }] }"), &["table 1.role", "blnk"]);
    refused(&table("role = 'sampel'"), &["table 1.role", "sampel"]);
    refused(&table("unit = { from = '{#3}', lookup = 'units' }"), &["table 1", "lookup 'units'", "store"]);
    refused(&table("unit = '{@nosuchvar}'"), &["table 1", "'nosuchvar'", "@sheet"]);
    refused(&table("[[table.find]]\nname = 'x'\nat = 'A1'\nsheet = 'Info'"), &["table 1.find.sheet"]);
    // What may come out empty, and is asked of the next step, is no mistake.
    for good in [
        "role = [{ from = '{#3}', map = { 'B' = 'blank' }, default = '' }, 'sample']",
        "unit = '{@u}{@section}{@folder}'\nsection = { start = [{ matches = '^(?P<u>mg)' }] }",
    ] {
        Profile::parse("trap", &format!("{HEAD}{}", table(good))).unwrap();
    }
}

#[test]
fn a_trouble_of_several_conditions() {
    let profile = |when: &str| {
        format!(
            "format = 'delimited'\ntext = {{ delimiter = ',' }}\n\
             [[table]]\nsample = '{{Id}}'\nanalyte = 'Pb'\nvalue = '{{Pb}}'\n\
             [[table.trouble]]\nwhen = {when}\nsay = 'measured again'\n"
        )
    };
    let source = b"Id,Pb\nS1,ND\nB1,ND\nS2,3\n";
    check(
        &profile("{ cell = '{Pb}', is = 'ND' }"),
        source,
        &["S2 | Pb | 3 | 3"],
        &["2: measured again", "3: measured again"],
    );
    check(
        &profile("[{ cell = '{Pb}', is = 'ND' }, { cell = '{Id}', matches = '^S' }]"),
        source,
        &["B1 | Pb | ND | -", "S2 | Pb | 3 | 3"],
        &["2: measured again"],
    );
    refused(&profile("[]"), &["table 1.trouble.when", "needs a condition"]);
    refused(&profile("5"), &["a list of conditions"]);
    refused(&profile("{ cell = '{Pb}', equals = 'ND' }"), &["equals"]);
    refused(&profile("[{ cell = '{Pb}', equals = 'ND' }]"), &["equals"]);
}

#[test]
fn an_expression_within_from() {
    refused(
        "format = 'lines'\n[[table]]\nsample = 'x'\nanalyte = 'Pb'\nvalue = { from = { from = '{#1}' } }\n",
        &["from (a text or a list of texts)"],
    );
}

#[test]
fn a_sample_without_a_name_behind_one_that_has_one() {
    let profile = "format = 'delimited'\ntext = { delimiter = ',' }\n\
         [[table]]\nsample = '{@id}'\nanalyte = '{Test}'\nvalue = '{Result}'\n\
         section = { start = [{ is = '[R]' }], end = [{ empty = true }] }\n\
         [[table.find]]\nname = 'id'\nkey = 'Sample'\nbefore_section = true\n";
    let source = b"Sample,F1\n[R]\nTest,Result\nPb,1\n\nSample:,\n[R]\nTest,Result\nPb,2\n\n[R]\nTest,Result\nPb,3\n";
    check(profile, source, &["F1 | Pb | 1 | 1"], &["no sample for the value '2'", "no sample for the value '3'"]);
    // Of a whole source the last sample counts, and that one has no name.
    let whole = "format = 'delimited'\ntext = { delimiter = ',' }\n\
         [[find]]\nname = 'id'\nkey = 'Sample'\nrepeat = true\n\
         [[table]]\nsample = ['{@id}', 'none']\nanalyte = 'Pb'\nvalue = '{Pb}'\n";
    check(whole, b"Sample,F1\nSample,\nPb,\n1,\n", &["none | Pb | 1 | 1"], &[]);
    check(whole, b"Sample,\nSample,F2\nPb,\n1,\n", &["F2 | Pb | 1 | 1"], &[]);
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
