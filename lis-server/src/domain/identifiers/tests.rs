//! Identifiers as people write them, right and wrong.

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

/// Check characters worked out by hand: GB 32100 (credit code), MOD 11,10 (food production licence, whose wrong check
/// digit is a warning and never blocks), EAN-13, CAS.
#[test]
fn check_characters() {
    use IdentifierKind::{Cas, Ean13, ScLicence, Uscc};
    use IdentifierVerdict::{Invalid, Valid, Warning};
    for (kind, text, expected) in [
        (Uscc, "91131000MA0ABCDE17", Valid),
        (Uscc, "92131081MA0FGHJK2T", Valid),
        (Uscc, "12131000401234567D", Valid),
        // Check character wrong.
        (Uscc, "91131000MA0ABCDE18", Invalid),
        // Letter I is not in the alphabet (I, O, S, V, Z excluded).
        (Uscc, "91131000IA0ABCDE17", Invalid),
        (Uscc, "91131000ma0abcde17", Valid),
        (ScLicence, "SC10613108100012", Valid),
        (ScLicence, "SC10113100001239", Valid),
        (ScLicence, "SC20113100000455", Valid),
        (ScLicence, "SC12713108103071", Valid),
        // Check digit wrong (MOD 11,10): a warning, never a block.
        (ScLicence, "SC10613108100013", Warning),
        // Shifted digits: shape is right, check digit is not.
        (ScLicence, "SC11061310810001", Warning),
        // First digit must be 1 (food) or 2 (additive).
        (ScLicence, "SC30613108100012", Invalid),
        (Ean13, "6901234567892", Valid),
        (Ean13, "6923456789012", Valid),
        (Ean13, "6976543210982", Valid),
        // Check digit wrong.
        (Ean13, "6901234567893", Invalid),
        (Cas, "7439-92-1", Valid),
        // Check digit wrong.
        (Cas, "7439-92-2", Invalid),
        (Cas, "007439-92-1", Invalid),
        (Cas, "0094-75-7", Invalid),
        (Cas, "94-75-7", Valid),
    ] {
        assert_eq!(verdict(kind, text), expected, "{kind:?} {text}");
    }
}
