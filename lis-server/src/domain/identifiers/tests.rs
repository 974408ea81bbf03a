use std::path::PathBuf;

use super::*;

fn verdict(kind: IdentifierKind, text: &str) -> IdentifierVerdict {
    check(kind, text).verdict
}

#[test]
fn lower_case_and_full_width_are_normalised() {
    let checked = check(IdentifierKind::Uscc, "　９1131000ma0abcde17 ");
    assert_eq!(checked.verdict, IdentifierVerdict::Valid);
    assert_eq!(checked.normalized, "91131000MA0ABCDE17");
    assert_eq!(checked.problem, None);
    assert_eq!(CreditCode::parse("91131000ma0abcde17").unwrap().region(), "131000");
}

#[test]
fn problems_name_what_was_expected() {
    let problem = |kind, text| check(kind, text).problem.unwrap().to_string();
    assert!(problem(IdentifierKind::Uscc, "91131000MA0ABCDE18").contains("calculated is 7"));
    assert!(problem(IdentifierKind::Uscc, "91131000IA0ABCDE17").contains("letter I"));
    assert!(problem(IdentifierKind::ScLicence, "SC19913108100012").contains("01 to 31"));
    assert!(problem(IdentifierKind::Cas, "7439-92").contains("7439-92-1"));
}

#[test]
fn wrong_shapes_are_invalid() {
    use IdentifierKind::*;
    for (kind, text) in [
        (Uscc, ""),
        (Uscc, "9113100"),
        (Uscc, "91131000MA0ABCDE1７７"),
        (ScLicence, "SC1061310810001"),
        (ScLicence, "QS10613108100012"),
        (ScLicence, "SC10013108100012"),
        (JyLicence, "JY1131081"),
        (Ean13, "690123456789"),
        (Ean13, "69012345678AB"),
        (Cas, "1-92-1"),
        (Cas, "743992-1"),
        (Cas, "7439-9a-1"),
        (Telephone, "12345"),
        (Telephone, "2012345"),
        (Telephone, "abc"),
    ] {
        assert_eq!(verdict(kind, text), IdentifierVerdict::Invalid, "{kind:?} {text}");
    }
}

#[test]
fn a_business_licence_is_only_ever_doubted() {
    // Check digit by hand over 1131081000012: p runs 10, 2, 6, 7, 5, 10, 5, 1, 2, 4, 8, 5, 1, 6; 11 - 6 = 5.
    assert_eq!(verdict(IdentifierKind::JyLicence, "JY11310810000125"), IdentifierVerdict::Valid);
    assert_eq!(verdict(IdentifierKind::JyLicence, "jy11310810000120"), IdentifierVerdict::Warning);
    assert_eq!(verdict(IdentifierKind::JyLicence, "JY91310810000125"), IdentifierVerdict::Warning);
}

#[test]
fn telephones_are_stored_one_way() {
    let read = |text| Telephone::parse(text).unwrap().to_string();
    assert_eq!(read("138 0000 0000"), "13800000000");
    assert_eq!(read("+86 138-0000-0000"), "13800000000");
    assert_eq!(read("(0316)2000000"), "0316-2000000");
    assert_eq!(read("010-60000000"), "010-60000000");
    assert_eq!(read("0316-2000000-801"), "0316-2000000-801");
}

#[test]
fn invalid_text_cannot_enter_by_json() {
    assert!(serde_json::from_str::<CreditCode>("\"91131000MA0ABCDE18\"").is_err());
    assert_eq!(serde_json::from_str::<Ean13>("\"6901234567892\"").unwrap().as_str(), "6901234567892");
}

/// All rows of the shared vectors.
#[test]
fn identifier_vectors() {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/domain/identifier_vectors.csv");
    if !file.exists() {
        eprintln!("SKIPPED identifier_vectors: {} is absent", file.display());
        return;
    }
    let mut rows = 0;
    for row in csv::Reader::from_path(&file).unwrap().records() {
        let row = row.unwrap();
        let kind: IdentifierKind = serde_json::from_value(row[0].into()).unwrap();
        let checked = check(kind, &row[1]);
        let expected = match &row[2] {
            "valid" => IdentifierVerdict::Valid,
            "invalid" => IdentifierVerdict::Invalid,
            "warning" => IdentifierVerdict::Warning,
            "normalize" => {
                assert_eq!(checked.normalized, row[1].to_uppercase());
                IdentifierVerdict::Valid
            }
            other => panic!("unknown expectation {other}"),
        };
        assert_eq!(checked.verdict, expected, "{} {}", &row[0], &row[1]);
        rows += 1;
    }
    assert_eq!(rows, 20);
}
