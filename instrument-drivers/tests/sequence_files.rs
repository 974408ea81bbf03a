//! The sequence file of every shipped profile that has one, as its instrument's software would take it: written by hand, byte for
//! byte.

use chrono::NaiveDateTime;
use instrument_drivers::observation::Role;
use instrument_drivers::profile::Profile;
use instrument_drivers::profile::worklist::{Run, RunPlace};

/// Profile, name of the file, its text; `↵` is CR LF. A blank, a sample with two tests, a reference material.
const EXPECTED: &[(&str, &str, &str)] = &[
    ("agilent_masshunter_area", "W2603-0007.csv", MASSHUNTER),
    ("agilent_masshunter_area_gb18030", "W2603-0007.csv", MASSHUNTER),
    ("agilent_masshunter_final_conc", "W2603-0007.csv", MASSHUNTER),
    ("agilent_masshunter_rt_comma", "W2603-0007.csv", MASSHUNTER),
    (
        "biorad_cfx",
        "W2603-0007.csv",
        "Row,Column,*Target Name,*Sample Name↵A,1,Pb,W2603-0007-B1↵A,2,Pb,300000006↵A,3,Cd,300000006↵A,4,Pb,W2603-0007-R1↵",
    ),
    (
        "lachat_quikchem",
        "W2603-0007.csv",
        "Cup Number,Sample ID,Sample Type↵1,W2603-0007-B1,Blank↵2,300000006,Unknown↵3,W2603-0007-R1,Check Standard↵",
    ),
    (
        "seal_aq2",
        "W2603-0007.csv",
        "Sample ID,Sample Details,Test Name↵W2603-0007-B1,W2603-0007 1,Pb↵300000006,W2603-0007 2,Pb↵\
         300000006,W2603-0007 3,Cd↵W2603-0007-R1,W2603-0007 4,Pb↵",
    ),
    (
        "thermo_chromeleon_metadata",
        "W2603-0007.wle",
        "[options]↵Application = Chromeleon↵Delete Worklist = No↵Rename On Error = No↵[file names]↵Sequence = W2603-0007↵\
         [1]↵Name=W2603-0007-B1↵Type=Blank↵Pos=1↵[2]↵Name=300000006↵Type=Unknown↵Pos=2↵\
         [3]↵Name=W2603-0007-R1↵Type=Validate↵Pos=3↵",
    ),
    (
        "thermo_xcalibur_quan",
        "W2603-0007.csv",
        "Bracket Type=4↵\
         Sample Type,File Name,Sample ID,Path,Instrument Method,Process Method,Position,Inj Vol,Comment,Sample Name↵\
         Blank,W2603-0007-B1,1,,,,1,,W2603-0007,W2603-0007-B1↵\
         Unknown,300000006,2,,,,2,,W2603-0007,300000006↵\
         QC,W2603-0007-R1,3,,,,3,,W2603-0007,W2603-0007-R1↵",
    ),
    ("waters_targetlynx_compound", "W2603-0007.csv", MASSLYNX),
    ("waters_targetlynx_sample", "W2603-0007.csv", MASSLYNX),
];

const MASSHUNTER: &str = "\u{feff}Sample Name,Barcode,Rack Code,Sample Position,Method,Data File,Sample Type,Level Name,Inj Vol (µL),Comment↵\
     W2603-0007-B1,W2603-0007-B1,,Vial 1,,W2603-0007-B1.d,Blank,,-1,W2603-0007↵\
     300000006,300000006,,Vial 2,,300000006.d,Sample,,-1,W2603-0007↵\
     W2603-0007-R1,W2603-0007-R1,,Vial 3,,W2603-0007-R1.d,QC,,-1,W2603-0007↵";

const MASSLYNX: &str = "FILE_NAME,FILE_TEXT,MS_FILE,MS_TUNE_FILE,INLET_FILE,SAMPLE_LOCATION,TYPE,ID,INJ_VOL,Index↵\
     W2603-0007-B1,W2603-0007 1,,,,1,Blank,W2603-0007-B1,,1↵\
     300000006,W2603-0007 2,,,,2,Analyte,300000006,,2↵\
     W2603-0007-R1,W2603-0007 4,,,,3,QC,W2603-0007-R1,,3↵";

fn place(place: i64, label: &str, kind: &str, role: Role, test: &str) -> RunPlace {
    RunPlace { place, label: label.into(), kind: kind.into(), role, test: test.into() }
}

#[test]
fn every_sequence_file_is_as_written_by_hand() {
    let places = [
        place(1, "W2603-0007-B1", "blank", Role::Blank, "Pb"),
        place(2, "300000006", "sample", Role::Sample, "Pb"),
        place(3, "300000006", "sample", Role::Sample, "Cd"),
        place(4, "W2603-0007-R1", "reference", Role::Control, "Pb"),
    ];
    let at = NaiveDateTime::parse_from_str("2026-03-10 09:20:00", "%Y-%m-%d %H:%M:%S").unwrap();
    let run = Run { worksheet: "W2603-0007", method: "GB 1", at, places: &places };
    let mut written = Vec::new();
    for name in Profile::shipped() {
        let profile = Profile::load(name).unwrap();
        let Some(rules) = &profile.worklist else { continue };
        let text = String::from_utf8(rules.write(&run).unwrap()).unwrap();
        written.push((name, rules.file_name(&run), text));
    }
    let names: Vec<&str> = written.iter().map(|(name, ..)| *name).collect();
    let expected: Vec<&str> = EXPECTED.iter().map(|(name, ..)| *name).collect();
    assert_eq!(names, expected, "every profile with a sequence file has one here");
    for ((name, file, text), (_, expected_file, expected)) in written.iter().zip(EXPECTED) {
        assert_eq!((file.as_str(), text.as_str()), (*expected_file, expected.replace('↵', "\r\n").as_str()), "{name}");
    }
}
