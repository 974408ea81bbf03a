//! Every example of `docs/reference/profile-language.md` is true; every shipped profile loads; mistakes are named.

#[path = "support/other_way.rs"]
mod other_way;
#[path = "support/workbook.rs"]
mod workbook;

use std::path::Path;

use instrument_drivers::observation::{Qualifier, Role};
use instrument_drivers::profile::{Context, Profile, suggest};
use proptest::prelude::*;

fn blocks(text: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in text.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(kind)) => open = Some((kind.to_string(), String::new())),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some((_, body)), None) => {
                body.push_str(line);
                body.push('\n');
            }
            (None, None) => {}
        }
    }
    blocks
}

/// `encoding=utf-16le file=run.csv`: what the words behind a fence say.
fn word<'a>(info: &'a str, key: &str) -> Option<&'a str> {
    info.split_whitespace().find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
}

/// Bytes of an example: `→` is a tab, pictures of control bytes are these bytes; `encoding` and `bom` say how it is stored; `workbook` makes an XLSX of `[Sheet]` lines
/// and rows of cells.
fn bytes_of(info: &str, body: &str) -> Vec<u8> {
    let signs = [('→', "\t"), ('␂', "\u{2}"), ('␃', "\u{3}"), ('␝', "\u{1d}"), ('␞', "\u{1e}")];
    let text = signs.into_iter().fold(body.to_string(), |text, (sign, byte)| text.replace(sign, byte));
    if info.split_whitespace().any(|word| word == "workbook") {
        return workbook::of(&text);
    }
    let label = word(info, "encoding").unwrap_or("utf-8");
    let bom = info.split_whitespace().any(|word| word == "bom");
    let text = if bom { format!("\u{feff}{text}") } else { text };
    match label {
        "utf-16le" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "utf-16be" => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        label => {
            let (bytes, _, lost) = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap().encode(&text);
            assert!(!lost, "{label} cannot hold {text}");
            bytes.into_owned()
        }
    }
}

/// Sample, analyte, value, unit, and the further columns that an example names.
fn printed(one: &instrument_drivers::observation::Observation, info: &str) -> String {
    let mut cells = vec![one.sample_id.clone(), one.analyte.clone(), one.value.clone(), one.unit.clone()];
    let members = serde_json::to_value(one).unwrap();
    for name in info.split_whitespace().skip(1) {
        let name = if name == "line" { "position" } else { name };
        cells.push(match &members[name] {
            serde_json::Value::Null => String::new(),
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        });
    }
    cells.join(" | ").trim_end().to_string()
}

#[test]
fn every_example_of_the_reference_is_true() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/profile-language.md");
    let blocks = blocks(&std::fs::read_to_string(path).unwrap());
    let (mut checked, mut wrong) = (0, Vec::new());
    for triple in blocks.chunks(3) {
        let [(toml, profile), (source, body), (result, expected)] = triple else { panic!("blocks come in threes") };
        let kind = |info: &str| info.split_whitespace().next().unwrap_or_default().to_string();
        assert_eq!(toml, "toml");
        let profile = match Profile::parse("example", profile) {
            Ok(profile) => profile,
            Err(error) => {
                wrong.push(format!("{error}\n{profile}"));
                continue;
            }
        };
        let other_way = match (kind(source).as_str(), kind(result).as_str()) {
            ("source", "result") => None,
            ("worklist", "file") => Some(other_way::sequence_file(&profile, source, body)),
            ("query", "answer") => Some(other_way::answer(&profile, body)),
            other => panic!("{other:?} is no example"),
        };
        if let Some(found) = other_way {
            let expected = format!("{}{expected}", result.split_once(' ').map_or("", |(_, name)| name));
            if found != expected {
                wrong.push(format!("{body}found\n{found}"));
            }
            checked += 1;
            continue;
        }
        let context = Context { file_name: word(source, "file").map(String::from), ..Context::default() };
        let reading = profile.read(&bytes_of(source, body), &context);
        let found: Vec<String> = reading.observations.iter().map(|one| printed(one, result)).collect();
        let expected: Vec<&str> = expected.lines().map(str::trim_end).collect();
        let troubles: usize = word(source, "troubles").map_or(0, |count| count.parse().unwrap());
        if found != expected || reading.troubles.len() != troubles {
            wrong.push(format!("{body}found\n{}\n{:?}", found.join("\n"), reading.troubles));
        }
        checked += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(checked >= 100, "only {checked} examples");
}

#[test]
fn every_shipped_profile_loads() {
    let mut count = 0;
    for name in Profile::shipped() {
        let profile = Profile::load(name).unwrap_or_else(|error| panic!("{error}"));
        assert!(!profile.title.is_empty() && !profile.source.is_empty(), "{name}: title and source are needed");
        assert!(!profile.title_zh.is_empty(), "{name}: a Chinese title is needed");
        // Nothing that is not text of this source makes a reader panic.
        for noise in [&b""[..], b"\xff\xfe\x00", b"a,b\n\x02\x03", &[0x1e; 300]] {
            profile.read(noise, &Context::default());
        }
        count += 1;
    }
    assert!(count >= 60, "{count}");
}

fn fails(text: &str, expected: &[&str]) {
    let error = Profile::parse("mine", text).expect_err("the profile is wrong").to_string();
    for part in expected {
        assert!(error.contains(part), "'{part}' is not in: {error}");
    }
}

#[test]
fn mistakes_are_found_when_loading_and_named() {
    let head = "maturity = 'draft'\nsource = 's'\n";
    fails("maturity = 'good'\nsource = 's'\nformat = 'lines'", &["maturity", "draft", "candidate", "proven"]);
    fails(&format!("{head}format = 'csv'"), &["format", "csv", "delimited"]);
    fails(&format!("{head}format = 'lines'"), &["[[table]]"]);
    fails(&format!("{head}format = 'delimited'\n[[table]]\nsample='a'\nanalyte='b'\nvalue='c'"), &["text.delimiter"]);
    fails(&format!("{head}format = 'lines'\n[[table]]\nsampel='a'"), &["sampel", "expected one of"]);
    fails(&format!("{head}format = 'lines'\n[[table]]\nsample='a'\nanalyte='b'"), &["table 1.value is missing"]);
    fails(
        &format!("{head}format = 'lines'\n[[table]]\nline='('\nsample='a'\nanalyte='b'\nvalue='c'"),
        &["table 1.line", "regular expression"],
    );
    fails(
        &format!("{head}format = 'lines'\n[[table]]\nline='(?P<a>x)'\nsample='{{b}}'\nanalyte='b'\nvalue='c'"),
        &["{b}", "groups are a"],
    );
    fails(&format!("{head}format = 'astm'\n[text]\nencoding = 'latin'\n"), &["text.encoding", "latin", "utf-8"]);
    fails(&format!("{head}format = 'astm'\n[link]\nprotocol = 'astm'\ntolerate = ['all']"), &["all", "frame_numbers"]);
    fails(
        &format!(
            "{head}format = 'lines'\n[numbers]\ndecimal_mark = ';'\n[[table]]\nsample='a'\nanalyte='b'\nvalue='c'"
        ),
        &["decimal_mark"],
    );
    let table = |more: &str| format!("{head}format = 'lines'\n[[table]]\nsample='a'\nanalyte='b'\nvalue='c'\n{more}");
    fails(&table("choose = { take = 'last', of = '{#1}' }"), &["table 1.choose.of", "highest"]);
    fails(&table("choose = { take = 'best' }"), &["best", "first", "last", "highest", "lowest"]);
    fails(&table("numbers = { decimal_mark = ['.', ','], thousands = ' ' }"), &["table 1.numbers.thousands"]);
    fails(&table("numbers = { thousands = '.' }"), &["table 1.numbers.thousands", "not the decimal mark"]);
    fails(&table("only = [{ cell = '{#1}' }]"), &["table 1.only", "above", "any"]);
    fails(&table("only = [{ above = 'much' }]"), &["table 1.only.above", "much"]);
    fails(&table("only = [{ above = 0.5 }]"), &["a decimal as a text"]);
    fails(&table("unit = { from = '{#1}', to = '$1' }"), &["table 1.unit.to", "pattern"]);
    fails(&table("unit = '{~(}'"), &["table 1.unit", "regular expression"]);
    fails(&table("dilution_applied = 3"), &["true, false, or an expression"]);
    fails(
        &format!(
            "{head}format = 'delimited'\ntext = {{ delimiter = '' }}\n[[table]]\nsample='a'\nanalyte='b'\nvalue='c'"
        ),
        &["text.delimiter"],
    );
}

#[test]
fn the_three_general_tables() {
    let read = |name: &str, bytes: &[u8]| Profile::load(name).unwrap().read(bytes, &Context::default());
    let long = read("generic_long_table", b"Sample ID,Sample Type,Analyte,Concentration,Unit,Flag\nF26-1,Sample,Pb,0.52,mg/kg,H\nBLK,Blank,Pb,<0.01,mg/kg,\n");
    assert_eq!(long.troubles, []);
    assert_eq!((long.observations[0].role, long.observations[0].number.as_deref()), (Role::Sample, Some("0.52")));
    assert_eq!((long.observations[1].role, long.observations[1].qualifier), (Role::Blank, Some(Qualifier::Below)));
    assert_eq!(long.observations[1].position, "3");

    let wide = read(
        "generic_wide_table",
        "Sample;Type;Lead [mg/kg];Cadmium [mg/kg]\nF26-1;Sample;0,52;0,010\nF26-2;Sample;1.5;\n".as_bytes(),
    );
    let first = &wide.observations[0];
    assert_eq!(
        (first.analyte.as_str(), first.value.as_str(), first.unit.as_str(), first.number.as_deref()),
        ("Lead", "0,52", "mg/kg", Some("0.52"))
    );
    // A decimal point where a comma is declared is shown, not guessed.
    assert_eq!(wide.observations[2].number, None);
    assert!(wide.troubles[0].reason.to_string().contains("1.5"), "{:?}", wide.troubles);
    assert_eq!(wide.troubles[0].position, "3");

    let text =
        "样品编号,样品类型,检测项目,结果,单位,备注\r\nF26-1,样品,铅,0.52,mg/kg,\r\nQC-1,质控,铅,0.49,mg/kg,合格\r\n";
    let (bytes, _, _) = encoding_rs::GB18030.encode(text);
    let chinese = read("generic_gb18030_table", &bytes);
    assert_eq!(chinese.troubles, []);
    assert_eq!((chinese.observations[0].analyte.as_str(), chinese.observations[1].role), ("铅", Role::Control));
    assert_eq!(chinese.observations[1].flag, "合格");
}

#[test]
fn numbers_in_components_and_the_range_that_counts() {
    let read = |name: &str, bytes: &[u8]| Profile::load(name).unwrap().read(bytes, &Context::default());
    let phadia = read(
        "phadia_prime",
        b"H|\\^&|||Phadia.Prime^1\nP|1\nO|1|B7^N||^^^t2\nR|1|^^^t2^sIgE|9.34^^^^|kUA/l\nR|2|^^^t3^sIgE|Examine^^^^|kUA/l\nL|1\n",
    );
    assert_eq!(phadia.troubles, []);
    let read_as = |one: &instrument_drivers::observation::Observation| (one.value.clone(), one.number.clone());
    assert_eq!(read_as(&phadia.observations[0]), ("9.34^^^^".into(), Some("9.34".into())));
    assert_eq!(phadia.observations[1].qualifier, Some(Qualifier::Text));

    let flame = read(
        "flame_aas_sections",
        "Méthode: Au 1 (Flamme),,,\nU1,OVER,,mg/L\nU2,0.4,,mg/L\nMéthode: Au 2 (Flamme),,,\nU1,1.5,,mg/L\nU2,0.5,,mg/L\n".as_bytes(),
    );
    let counts: Vec<_> = flame.observations.iter().map(|one| (one.value.as_str(), one.reportable)).collect();
    assert_eq!(counts, [("OVER", false), ("0.4", true), ("1.5", true), ("0.5", false)]);
}

#[test]
fn a_balance_tells_overload_and_files_stable_weights_only() {
    let profile = Profile::load("mettler_mt_sics").unwrap();
    let reading =
        profile.read(b"S D     129.07 g\r\nS S     100.00 g\r\nS +\r\nS S     2.5 kg\r\nES\r\n", &Context::default());
    let weights: Vec<_> = reading.observations.iter().map(|one| (one.value.as_str(), one.unit.as_str())).collect();
    assert_eq!(weights, [("100.00", "g"), ("2.5", "kg")]);
    assert_eq!(reading.troubles.len(), 2);
    assert!(reading.troubles[0].reason.to_string().contains("overload"));
    assert!(reading.troubles[1].reason.to_string().contains("did not understand"));
}

/// Nothing that a balance says instead of a weight is passed over.
#[test]
fn what_a_balance_says_instead_of_a_weight_is_a_trouble() {
    for (profile, lines) in [
        ("mettler_mt_sics", &["S S Error 10b", "ES", "ET", "EL", "S I", "T -", "Z I", "S L"][..]),
        (
            "sartorius_sbi",
            &["Stat       Err 54     ", "      Err 54", "ERR 101", "Stat          L     ", "      H     "],
        ),
        ("and_balance", &["OL,+9999999E+19", "EC,E01", "LAB-1,2026/03/10,09:15:00,OL,+9999999E+19"]),
        ("ohaus_balance", &["ES", "Err 8.3"]),
        ("radwag_balance", &["S I", "S E", "ES"]),
    ] {
        for line in lines {
            check_lines(profile, &format!("{line}\r\n"), &[], 1);
        }
    }
}

#[test]
fn a_weight_without_a_unit_and_one_with_an_id_in_front_are_read() {
    check_lines("mettler_mt_sics", "S S     100.00\r\nS D     101.00\r\n", &[("weight", "100.00", "")], 0);
    check_lines(
        "and_balance",
        "LAB-0123,No.012,2026/03/10,09:15:00,ST,+00123.45,  g\r\nST;+00123,45;  g\r\nUS;+00123,40;  g\r\n\
         LAB-0123;2026/03/10;09:15:00;QT;+00000012; PC\r\n",
        &[("weight", "00123.45", "g"), ("weight", "00123,45", "g"), ("pieces", "00000012", "PC")],
        0,
    );
    let comma = Profile::load("and_balance").unwrap().read(b"ST;+00123,45;  g\r\n", &Context::default());
    assert_eq!(comma.observations[0].number.as_deref(), Some("123.45"));
}

/// A ninth digit, brackets and legends move what stands beside the weight.
#[test]
fn a_weight_is_read_wherever_it_leaves_room() {
    check_lines(
        "sartorius_sbi",
        "+ 123.45678g  \r\n-123.45678 g  \r\nN     + 1234.5678kg \r\n+ 123.45678   \r\n+[  123.56]g  \r\n [  123.56] g  \r\n1st\r\n",
        &[
            ("weight", "123.45678", "g"),
            ("weight", "-123.45678", "g"),
            ("weight", "1234.5678", "kg"),
            ("weight", "123.56", "g"),
            ("weight", "123.56", "g"),
        ],
        0,
    );
    let bracketed = Profile::load("sartorius_sbi").unwrap().read(b"+[  123.56]g  \r\n", &Context::default());
    assert_eq!(bracketed.observations[0].flag, "last digit not verified");
    // Printed at an interval and stable; the sum of several weights is none of them.
    check_lines(
        "ohaus_balance",
        "    176.30 g   00:00:15\r\n    176.31 g ? 00:00:30\r\n   1250.00 g   TOTAL\r\n     12.50 g   G\r\n",
        &[("weight", "176.30", "g"), ("total", "1250.00", "g"), ("gross weight", "12.50", "g")],
        0,
    );
    // Answers to S and SI: accepted, stable, swinging; then too much.
    check_lines(
        "radwag_balance",
        "S A\r\nS     -      8.5 g  \r\nSI ? -      8.5 g  \r\nSI         12.345 g  \r\n",
        &[("weight", "-8.5", "g"), ("weight", "12.345", "g")],
        0,
    );
    check_lines("radwag_balance", "S   ^ +     220.0 g  \r\n", &[], 1);
}

fn check_lines(profile: &str, lines: &str, expected: &[(&str, &str, &str)], troubles: usize) {
    let reading = Profile::load(profile).unwrap().read(lines.as_bytes(), &Context::default());
    let found: Vec<_> =
        reading.observations.iter().map(|one| (one.analyte.as_str(), one.value.as_str(), one.unit.as_str())).collect();
    assert_eq!(found, expected, "{profile}");
    assert_eq!(reading.troubles.len(), troubles, "{profile}: {:?}", reading.troubles);
}

/// The lines of the makers' manuals.
#[test]
fn balances_and_meters_file_stable_readings_with_their_unit() {
    check_lines(
        "sartorius_sbi",
        "+   123.56 g  \r\n-   0.0021 g  \r\n+    123.5    \r\nN     +   123.56 g  \r\nQnt   +      253 pcs\r\nStat          H     \r\n+   123.5[6] g\r\n",
        &[
            ("weight", "123.56", "g"),
            ("weight", "-0.0021", "g"),
            ("weight", "123.56", "g"),
            ("pieces", "253", "pcs"),
            ("weight", "123.56", "g"),
        ],
        1,
    );
    check_lines(
        "and_balance",
        "ST,+00123.45  g\r\nUS,-00000.12  g\r\nOL,+9999999E+19\r\nQT,+00000123 PC\r\n",
        &[("weight", "00123.45", "g"), ("pieces", "00000123", "PC")],
        1,
    );
    check_lines(
        "ohaus_balance",
        "    192.21 g\r\n      0.01 g ?\r\n    176.30 g ? 00:00:15\r\n",
        &[("weight", "192.21", "g")],
        0,
    );
    check_lines(
        "thermo_orion_star",
        "GETMEAS         \r\n\r\n\rA215 pH,X51250,3.04,ABCDE,12/07/23\n  09:30:40,---,CH-1,pH,4.61,pH,111.2, mV,25.0,C,89.1,%,M100,#1\r\n\r>",
        &[("pH", "4.61", "pH"), ("mV", "111.2", "mV"), ("temperature", "25.0", "C"), ("slope", "89.1", "%")],
        0,
    );
}

/// The profiles of the reference: together they use every key of the language.
fn examples() -> Vec<Profile> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/profile-language.md");
    let blocks = blocks(&std::fs::read_to_string(path).unwrap());
    let profiles = blocks.iter().filter(|(kind, _)| kind == "toml");
    profiles.map(|(_, text)| Profile::parse("example", text).unwrap()).collect()
}

/// Text that looks like exports gone wrong: names of columns, numbers, quotes, delimiters, line ends, control bytes.
fn export_noise() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        "[ -~]{0,6}".prop_map(String::into_bytes),
        prop::sample::select(vec![
            "Sample ID",
            "Well",
            "Results",
            "Layout",
            "Signal 1: A,",
            "----|-----|",
            "[Results]",
            "H|\\^&|||",
            "O|1|A||^^^X",
            "R|1|^^^X|1|",
            "MSH|^~\\&|",
            "OBX|1|NM|a||1",
            "\u{2}1H|",
            "\u{3}",
            "\u{1e}ci",
            "\u{1d}",
            "<0.01",
            "1,234.5",
            "样品编号",
            "ND",
            "{",
            "}",
            "[",
            "]",
            "\"",
            "<table><tr><td>",
            "</td>",
            "Sample",
            "-----  -----",
            "1.2×10^3",
            "key: 5",
            "{\"samples\": [[1], {\"a\": 2}]}",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        prop::sample::select(vec![",", ";", "\t", "\n", "\r\n", "\r", "|"]).prop_map(|text| text.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn noise_never_makes_a_reader_panic(bytes in export_noise()) {
        thread_local!(static ALL: Vec<Profile> = Profile::shipped().map(|name| Profile::load(name).unwrap()).chain(examples()).collect());
        ALL.with(|all| {
            for profile in all {
                let reading = profile.read(&bytes, &Context { file_name: Some("x.csv".into()), ..Context::default() });
                for one in reading.observations {
                    // A qualifier and a number never stand together.
                    assert!(one.number.is_none() || one.qualifier.is_none());
                }
            }
        });
        let _ = suggest::suggest(&bytes);
    }
}
