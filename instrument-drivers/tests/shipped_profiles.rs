//! Every shipped profile reads a capture that was invented for it, in the layout, the headings and the encoding of its instrument;
//! what is read stands beside the capture, written by hand. `captures/README.md` says how.

#[path = "support/workbook.rs"]
mod workbook;

use std::path::{Path, PathBuf};

use instrument_drivers::observation::{Observation, Role};
use instrument_drivers::profile::{Context, Profile, recognise};

/// Instruments on a line: `captures.rs` reads with these, from bytes as the line carries them.
const ON_A_LINE: &[&str] = &[
    "and_balance",
    "biomerieux_vidas",
    "generic_astm",
    "generic_hl7",
    "hanna_ph_meter",
    "meter_printer_block",
    "mettler_mt_sics",
    "ohaus_balance",
    "radwag_balance",
    "sartorius_sbi",
    "thermo_orion_star",
];

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// Every capture with the name of its profile.
fn captures() -> Vec<(String, PathBuf)> {
    let files = std::fs::read_dir(tests().join("captures/profiles")).unwrap().map(|entry| entry.unwrap().path());
    let captures = files.filter(|path| path.extension().is_some_and(|extension| extension != "rows"));
    let mut captures: Vec<(String, PathBuf)> =
        captures.map(|path| (path.file_stem().unwrap().to_str().unwrap().to_string(), path)).collect();
    captures.sort();
    captures
}

fn bytes(path: &Path) -> Vec<u8> {
    if path.extension().is_some_and(|extension| extension == "sheets") {
        return workbook::of(&std::fs::read_to_string(path).unwrap());
    }
    std::fs::read(path).unwrap()
}

/// Sample, analyte, value, unit, and what is not as usual.
fn printed(one: &Observation) -> String {
    let mut cells = vec![one.sample_id.clone(), one.analyte.clone(), one.value.clone(), one.unit.clone()];
    if one.role != Role::Sample {
        cells.push(one.role.name().to_string());
    }
    if !one.reportable {
        cells.push("not reportable".to_string());
    }
    if let Some(number) = one.number.as_ref().filter(|number| **number != one.value) {
        cells.push(format!("= {number}"));
    }
    for (word, looked_up, whole) in
        [("for", &one.match_sample, &one.sample_id), ("as", &one.match_analyte, &one.analyte)]
    {
        if looked_up != whole {
            cells.push(format!("{word} {looked_up}"));
        }
    }
    cells.join(" | ").trim_end().to_string()
}

#[test]
fn every_capture_reads_as_written_beside_it() {
    for (name, path) in captures() {
        let reading = Profile::load(&name).unwrap().read(&bytes(&path), &Context::default());
        let mut found: Vec<String> = reading.observations.iter().map(printed).collect();
        found.extend(reading.troubles.iter().map(|trouble| format!("! {trouble}")));
        let beside = path.with_extension("rows");
        let rows = std::fs::read_to_string(&beside).unwrap_or_else(|error| panic!("{}: {error}", beside.display()));
        let expected: Vec<&str> = rows.lines().collect();
        assert_eq!(found, expected, "{name}");
    }
}

/// Which result column of the same software is meant is the laboratory's choice.
#[test]
fn every_capture_is_recognised_by_its_content() {
    for (name, path) in captures() {
        let named = Profile::load(&name).unwrap();
        let found = recognise::best(&bytes(&path), &Context::default())
            .unwrap_or_else(|nearest| panic!("{name}: none is recognised; nearest {}", nearest.join(", ")));
        let same = found.name == name || (&found.maker, &found.model) == (&named.maker, &named.model);
        assert!(same, "{name}: recognised as {}", found.name);
    }
}

#[test]
fn what_a_shipped_profile_says_it_says_in_chinese_too() {
    for name in Profile::shipped() {
        let text = Profile::shipped_text(name).unwrap();
        let lacking = text.lines().find(|line| line.contains(" say = ") && !line.contains(" say_zh = "));
        assert_eq!(lacking, None, "{name}");
    }
}

#[test]
fn every_shipped_profile_has_a_capture() {
    let captures = captures();
    let on_a_line = std::fs::read_to_string(tests().join("captures.rs")).unwrap();
    for name in Profile::shipped() {
        let here = captures.iter().any(|(profile, _)| profile == name);
        let there = ON_A_LINE.contains(&name);
        assert!(here || there, "{name}: put a capture of it into tests/captures/profiles, see its README");
        assert!(!(here && there), "{name} has a capture: take it from ON_A_LINE");
        assert!(!there || on_a_line.contains(&format!("\"{name}\"")), "{name}: captures.rs does not read with it");
    }
    for (name, path) in &captures {
        assert!(Profile::shipped().any(|shipped| shipped == name), "{}: no profile is called {name}", path.display());
    }
}

/// Software of other versions, or other methods of the same one, writes other columns.
#[test]
fn other_layouts_of_the_same_software() {
    let cedex = "0\t2026-06-01 13:04:06\t#ARC-FILE#\t1.1a\t2026-06-01\t2026-06-01\tCEDEX BIO HT\t100231\t5.0.0.1103\tlab\r\n\
        40\t2026-06-01 12:01:51\tGLC2B\t\t\tF26-000474\tSAM\tg/L\t \t  4.12\t  0.20110\tR\r\n\
        40\t2026-06-01 12:02:20\tLAC2B\t\t\tQC H\tCTL\tg/L\t< TEST RNG\t< 0.016\t  0.00110\tR\r\n";
    let nanodrop = "Plate ID\tWell \tSample ID\tUser ID\tDate \tTime \tConc. \tUnits \tA260 \tConc. Factor (ng/ul)\r\n\
        \tA1\tF26-000459\tDefault\t5/24/2026\t9:02 AM\t48.12\tng/ul\t0.962\t50.00\r\n\r\n\
        Sample  ID\tCurve Type\tRef  conc\tRef Abs\tStd 1 conc\tStd 1 Abs.\r\nF26-000459\tInterp\t\t\t\t\r\n";
    let chromeleon = "Injection Information:\r\nInjection\tF26-000435\r\nInjection Volume (µl)\t25.0\r\n\r\n\
        Chromatogram Data:\r\nTime (min)\tStep (s)\tValue (nC)\r\n0.000000\tn.a.\t-0.089600\r\n";
    for (name, text, expected) in [
        ("thermo_chromeleon_metadata", chromeleon, &["F26-000435 | Injection Volume (µl) | 25.0 |"][..]),
        (
            "roche_cedex_bioht",
            cedex,
            &["F26-000474 | GLC2B | 4.12 | g/L", "QC H | LAC2B | < 0.016 | g/L | control"][..],
        ),
        ("thermo_nanodrop_8000", nanodrop, &["A1 F26-000459 | Conc. | 48.12 | ng/ul | for F26-000459"][..]),
    ] {
        let found = recognise::best(text.as_bytes(), &Context::default());
        assert!(found.is_ok_and(|found| found.name == name), "{name}");
        let reading = Profile::load(name).unwrap().read(text.as_bytes(), &Context::default());
        assert_eq!(reading.observations.iter().map(printed).collect::<Vec<_>>(), expected, "{name}");
        assert_eq!(reading.troubles, [], "{name}");
    }
}
