//! Traps of exports that must be told, or read rightly, and that no example of the reference can show: an input, a profile, and
//! what is read, by hand.

mod support;

use instrument_drivers::profile::{Context, Profile};
use instrument_drivers::wire::vidas;
use support::trap::{HEAD, check, read, refused};

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

#[test]
fn a_vidas_message_with_several_results_is_left_to_a_person() {
    let several = [("mt", "rsl"), ("ci", "S1"), ("rt", "LMX"), ("qn", "0.02"), ("rt", "SLM"), ("qn", "2.31")];
    let one = [("mt", "rsl"), ("ci", "S2"), ("rt", "LMX"), ("qn", ""), ("qn", "0.03")];
    let bytes = [vidas::encode(&several), vidas::encode(&one)].concat();
    let told = &["record 1: the tag rt stands again"];
    check("format = 'vidas'\n", &bytes, &["S2 | LMX | 0.03 | 0.03"], told);
    // What is left aside is not looked into.
    let skip = "format = 'vidas'\n[records]\nskip = [{ matches = 'rtSLM' }]\n";
    check(skip, &bytes, &["S2 | LMX | 0.03 | 0.03"], &[]);
}

/// A pattern that cuts a value chooses no rows.
#[test]
fn a_value_that_its_pattern_does_not_fit_is_told() {
    let head = "format = 'delimited'\ntext = { delimiter = ',' }\n";
    let table = |fields: &str| format!("[[table]]\nsample = '{{Id}}'\nanalyte = 'Pb'\n{fields}\n");
    let cut = "value = { from = '{Pb}', pattern = '^([\\d.]+) mg' }";
    let source = b"Id,Pb,Old\nS1,0.5 mg,\nS2,<0.01 mg,7\nS3,ND,\nS4,,\n";
    let given = "S1 | Pb | 0.5 | 0.5";
    let told = ["3: the pattern of value does not fit '<0.01 mg'", "4: the pattern of value does not fit 'ND'"];
    check(&format!("{head}{}", table(cut)), source, &[given], &told);
    // The row of an empty value stays.
    let rows = format!("{head}{}", table(&format!("{cut}\nempty = 'row'")));
    check(&rows, source, &[given, "S2 | Pb |  | -", "S3 | Pb |  | -", "S4 | Pb |  | -"], &told);
    let only = format!("{head}{}", table(&format!("{cut}\nonly = [{{ cell = '{{Pb}}', matches = ' mg$' }}]")));
    check(&only, source, &[given], &told[..1]);
    // One way of several is enough, in one table or in two.
    let ways = "value = [{ from = '{Pb}', pattern = '^([\\d.]+) mg' }, '{Old}']";
    check(&format!("{head}{}", table(ways)), source, &[given, "S2 | Pb | 7 | 7"], &told[1..]);
    let below = table("value = { from = '{Pb}', pattern = '^(<.*) mg' }");
    let (rows, troubles) = read(&format!("{head}{}{below}", table(cut)), source);
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert!(rows.contains(&given.to_string()) && rows[1].starts_with("S2 | Pb | <0.01 | "), "{rows:?}");
    assert_eq!(troubles, [told[1]]);
    // A table of other cells of the row says nothing of these.
    let other = table("value = '{Old}'");
    check(&format!("{head}{}{other}", table(cut)), source, &[given, "S2 | Pb | 7 | 7"], &told);
}

#[test]
fn a_part_that_its_pattern_does_not_fit_is_told() {
    let profile = "format = 'delimited'\ntext = { delimiter = ',' }\n[[table]]\nsample = '{Id}'\n\
         analyte = { from = '{@part}', pattern = '^(\\w+)' }\nvalue = '{Results}'\npart_value = '=(.*)$'\n\
         split_values = ';'\n";
    let told = &["2: the pattern of part_value does not fit 'K:3'"];
    check(profile, b"Id,Results\nS1,Na=140;K:3;\nS2,\n", &["S1 | Na | 140 | 140"], told);
}

#[test]
fn a_component_that_its_pattern_does_not_fit_is_told() {
    let profile = "format = 'hl7'\n[records]\nvalue = { from = '{OBX.5}', pattern = '^([\\d.]+) mg' }\n";
    let message = "MSH|^~\\&|A|B|C|D|20260310||ORU^R01|1|P|2.3.1\rPID|1\rOBR|1||S1\r\
         OBX|1|ST|Pb||0.5 mg||||||F\rOBX|2|ST|Cd||ND||||||F\r";
    let rows = &["S1 | Pb | 0.5 | 0.5", "S1 | Cd |  | -"];
    check(profile, message.as_bytes(), rows, &["record 5: the pattern of value does not fit 'ND'"]);
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
    // Numbers may be values: the name stands there, and nothing says that they are headings.
    let numbers = &["the row at 2 has them, but beside them no heading that is a word"];
    check(&after, b"Run 3,,\nSample,1,2\nA,0.1,0.2\n", &[], numbers);
    let named = format!("{after}header = {{ names = ['1'] }}\n");
    check(&named, b"Sample,1,2\nA,0.1,0.2\n", &["A | 1 | 0.1 | 0.1", "A | 2 | 0.2 | 0.2"], &[]);
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
