//! The project's own captures, read with the shipped profiles. What is expected was written by hand.

use std::path::Path;

use instrument_drivers::profile::{Context, Profile};

/// Name of the capture.
fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures").join(name)).unwrap()
}

/// Sample, analyte, value, unit; and how many troubles.
fn reads(name: &str, profile: &str, expected: &[&str], troubles: usize) {
    let reading = Profile::load(profile).unwrap().read(&bytes(name), &Context::default());
    let found: Vec<String> = reading
        .observations
        .iter()
        .map(|one| format!("{} {} {} {}", one.sample_id, one.analyte, one.value, one.unit).trim().to_string())
        .collect();
    assert_eq!(found, expected, "{name}: {:?}", reading.troubles);
    assert_eq!(reading.troubles.len(), troubles, "{name}: {:?}", reading.troubles);
}

#[test]
fn three_ways_to_send_the_same_astm_records() {
    let expected = ["F26-000301 ^^^Pb 0.087 mg/kg", "F26-000301 ^^^Cd <0.005 mg/kg", "F26-000302 ^^^Pb ----- mg/kg"];
    for name in ["analyser_frames.astm", "analyser_quirks.astm", "analyser_chunks.astm"] {
        reads(name, "generic_astm", &expected, 0);
    }
}

#[test]
fn hl7_and_vidas() {
    let expected = [
        "F26-000310 AFLA^Aflatoxin total 3.1 ug/kg",
        "F26-000310 DON^Deoxynivalenol <250 ug/kg",
        "F26-000311 GLUT^Gluten >^80 mg/kg",
    ];
    reads("elisa.hl7", "generic_hl7", &expected, 0);
    reads("immunoassay.vidas", "biomerieux_vidas", &["F26-000320 LMX 0.02", "F26-000321 SLM 2.31"], 0);
}

/// The profile's own encodings are UTF-8 and cp1252; the message says that it is in neither.
#[test]
fn an_hl7_message_names_its_character_set() {
    let text = "MSH|^~\\&|E|LAB|LIS|LAB|20260412090000||ORU^R01|M1|P|2.5|||||CHN|GB 18030-2000\rPID|1\r\
                OBR|1||F26-1|PB^铅\rOBX|1|NM|PB^铅||0.1|mg/kg|||||F\r";
    let (bytes, _, _) = encoding_rs::GB18030.encode(text);
    let reading = Profile::load("generic_hl7").unwrap().read(&bytes, &Context::default());
    assert_eq!(reading.troubles, []);
    assert_eq!(reading.observations[0].analyte, "PB^铅");
}

#[test]
fn balances_give_stable_weights_only() {
    let mt_sics = ["balance weight 1.2034 g", "balance weight -0.0002 g", "balance tare 0.0000 g"];
    reads("balance.mt_sics", "mettler_mt_sics", &mt_sics, 1);
    let sbi =
        ["balance weight 12.345 g", "balance weight 123.56 g", "balance pieces 253 pcs", "balance weight -0.0021 g"];
    reads("balance.sbi", "sartorius_sbi", &sbi, 1);
    let and = ["balance weight 00012.34 g", "balance pieces 00000123 PC", "balance weight -00000.02 kg"];
    reads("balance.and", "and_balance", &and, 1);
    reads("balance.ohaus", "ohaus_balance", &["balance weight 192.21 g", "balance weight 12.50 g"], 0);
    reads("balance.radwag", "radwag_balance", &["balance weight 12.345 g", "balance weight -0.500 kg"], 1);
}

#[test]
fn meters_give_every_reading_with_its_unit() {
    let orion =
        ["F26-000330 pH 4.61 pH", "F26-000330 mV 111.2 mV", "F26-000330 temperature 25.0 C", "F26-000330 slope 89.1 %"];
    reads("meter_orion.txt", "thermo_orion_star", &orion, 0);
    reads("meter_hanna.txt", "hanna_ph_meter", &["meter pH 4.610 pH", "meter mV 111.2 mV"], 1);
    let block = ["F26-000331 pH 4.61", "F26-000331 mV 111.2 mV", "F26-000331 Temperature 25.0 C"];
    reads("meter_block.txt", "meter_printer_block", &block, 0);
}

#[test]
fn every_pair_of_a_meter_s_record_is_part_of_the_result() {
    let profile = Profile::load("thermo_orion_star").unwrap();
    let read = |record: &str| -> Vec<String> {
        let reading = profile.read(record.as_bytes(), &Context::default());
        assert_eq!(reading.troubles, [], "{record}");
        let rows = reading.observations.into_iter();
        rows.map(|one| format!("{} {} {} {}", one.sample_id, one.analyte, one.value, one.unit)).collect()
    };
    // A conductivity without its temperature says nothing; a number as sample id is no value.
    let broken = "A215 COND,X10001,3.04,ABCDE,04/12/26\n  10:15:00,123,CH-2,COND,1413, uS/cm,25.0,C,#2\r\n";
    let whole = broken.replace('\n', "").replace('\r', "\r\n");
    for record in [broken, whole.as_str()] {
        assert_eq!(read(record), ["123 COND 1413 uS/cm", "123 temperature 25.0 C"], "{record}");
    }
    // No reading: what stands for it is no number, and nobody takes the temperature for it.
    let none = "  10:15:00,---,CH-1,pH,---,pH,25.0,C,#3\r\n";
    assert_eq!(read(none), ["meter pH --- pH", "meter temperature 25.0 C"]);
}

#[test]
fn captures_are_recognised_by_their_content() {
    for (name, profile) in [
        ("immunoassay.vidas", "biomerieux_vidas"),
        ("balance.mt_sics", "mettler_mt_sics"),
        ("balance.sbi", "sartorius_sbi"),
        ("balance.and", "and_balance"),
        ("meter_orion.txt", "thermo_orion_star"),
        ("meter_hanna.txt", "hanna_ph_meter"),
    ] {
        let best = instrument_drivers::profile::recognise::best(&bytes(name), &Context::default());
        assert_eq!(best.map(|profile| profile.name).ok().as_deref(), Some(profile), "{name}");
    }
}
