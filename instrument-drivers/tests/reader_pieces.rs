//! A file that is read piece by piece gives what it gives when it is read at once, whatever its encoding.

use std::io::Cursor;

use instrument_drivers::observation::Reading;
use instrument_drivers::profile::{Context, Profile};
use instrument_drivers::table::pieces::Source;

const HEAD: &str = "maturity = \"draft\"\nsource = \"example\"\nformat = \"delimited\"\n";

fn profile(rest: &str) -> Profile {
    let fields = "sample = \"{样品}\"\nanalyte = \"{Analyte}\"\nvalue = \"{Result}\"\nunit = \"{@unit}\"\n";
    Profile::parse("p", &format!("{HEAD}{rest}\n[[find]]\nname = \"unit\"\nkey = \"Unit\"\n[[table]]\n{fields}"))
        .unwrap()
}

fn in_pieces(profile: &Profile, bytes: &[u8]) -> Reading {
    let mut reading = Reading::default();
    profile.read_to(Source::File(&mut Cursor::new(bytes)), &Context::default(), &mut reading);
    reading
}

/// Longer than several pieces, with a quoted cell of several lines, and with what the table needs at its very end.
fn export(rows: usize) -> String {
    let mut text = String::from("样品,Analyte,Result\r\n");
    for row in 0..rows {
        text.push_str(&format!("F26-{row:06},\"硝酸盐 {}\r\n(总)\",{}.{row:03}\r\n\r\n", row % 7, row % 9));
    }
    text + "Unit,mg/kg"
}

#[test]
fn every_encoding() {
    let text = export(20_000);
    let utf16 = |big: bool| -> Vec<u8> {
        let bytes = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
        text.encode_utf16().flat_map(bytes).collect()
    };
    for (encodings, bytes) in [
        ("'utf-8'", text.clone().into_bytes()),
        ("'utf-8'", format!("\u{feff}{text}\u{1a}\0\0").into_bytes()),
        ("'utf-8', 'gb18030'", encoding_rs::GB18030.encode(&text).0.into_owned()),
        ("'utf-16le'", utf16(false)),
        ("'utf-8'", [&[0xfe, 0xff][..], &utf16(true)].concat()),
    ] {
        let profile = profile(&format!("text = {{ encoding = [{encodings}], delimiter = ',' }}"));
        let whole = profile.read(&bytes, &Context::default());
        assert_eq!((whole.observations.len(), whole.troubles.len()), (20_000, 0), "{encodings}");
        assert_eq!((&*whole.observations[0].unit, &*whole.observations[19_999].position), ("mg/kg", "59999"));
        assert!(in_pieces(&profile, &bytes) == whole, "{encodings}");
    }
}

#[test]
fn chinese_words_that_are_right_in_utf_8_too() {
    let rows: String = (0..40_000).map(|row| format!("F26-{row:06},铅,0.{row:05}\r\n")).collect();
    let bytes = encoding_rs::GB18030.encode(&format!("Sample,Element,Result\r\n{rows}")).0.into_owned();
    let table = "[[table]]\nsample = '{Sample}'\nanalyte = '{Element}'\nvalue = '{Result}'";
    let profile = |encodings: &str| {
        let text = format!("{HEAD}text = {{ encoding = [{encodings}], delimiter = ',' }}\n{table}");
        Profile::parse("p", &text).unwrap()
    };
    let chinese = profile("'utf-8', 'gb18030'");
    let whole = chinese.read(&bytes, &Context::default());
    assert_eq!((whole.observations.len(), whole.troubles.len()), (40_000, 0));
    assert_eq!((&*whole.observations[0].analyte, &*whole.observations[39_999].analyte), ("铅", "铅"));
    assert!(in_pieces(&chinese, &bytes) == whole);
    // One character that only UTF-8 has, at the very end, and it is UTF-8.
    let other = [&bytes[..], "S,水,1\r\n".as_bytes()].concat();
    let whole = chinese.read(&other, &Context::default());
    assert_eq!((&*whole.observations[0].analyte, &*whole.observations[40_000].analyte), ("Ǧ", "水"));
    assert!(in_pieces(&chinese, &other) == whole);
}

#[test]
fn a_byte_of_another_encoding_at_the_end() {
    let bytes = [export(20_000).as_bytes(), b"\xb5"].concat();
    let profile = profile("text = { delimiter = ',' }");
    let whole = profile.read(&bytes, &Context::default());
    assert_eq!((whole.observations.len(), whole.troubles.len()), (0, 1));
    assert_eq!(in_pieces(&profile, &bytes), whole);
}

#[test]
fn what_needs_the_whole_file() {
    let text = export(5_000);
    for rest in [
        "text = { delimiter = [';', ','] }",
        "text = { delimiter = ',', unquote_lines = true }",
        "text = { delimiter = '样' }",
        "text = { delimiter = ',', quote = '' }",
    ] {
        let profile = profile(rest);
        assert_eq!(in_pieces(&profile, text.as_bytes()), profile.read(text.as_bytes(), &Context::default()), "{rest}");
    }
    let choose = "[table.choose]\ntake = \"highest\"\ngroup = \"{Analyte}\"\n";
    let chosen = format!(
        "{HEAD}text = {{ delimiter = ',' }}\n[[table]]\nsample = \"{{样品}}\"\nanalyte = \"{{Analyte}}\"\nvalue = \"{{Result}}\"\n{choose}"
    );
    let profile = Profile::parse("p", &chosen).unwrap();
    let reading = in_pieces(&profile, text.as_bytes());
    assert_eq!(reading.observations.iter().filter(|one| one.reportable).count(), 7);
    assert_eq!(reading, profile.read(text.as_bytes(), &Context::default()));
}

#[test]
fn a_quote_that_is_never_closed() {
    let text = export(10_000) + "\r\nF26-a,\"tube 5,1\r\n" + &"F26-b,Pb,2\r\n".repeat(100_000);
    let profile = profile("text = { delimiter = ',' }");
    let whole = profile.read(text.as_bytes(), &Context::default());
    assert_eq!((whole.observations.len(), whole.troubles.len()), (110_001, 1));
    // The header, three lines for each row, and the unit stand above it.
    assert_eq!((&*whole.troubles[0].position, whole.troubles[0].reason.code()), ("30003", "quote-open"));
    assert_eq!((&*whole.observations[10_000].analyte, &*whole.observations[10_000].value), ("\"tube 5", "1"));
    assert_eq!(in_pieces(&profile, text.as_bytes()), whole);
    // Told once, however often the source is read; and of a table that is turned round.
    let turned = format!(
        "{HEAD}text = {{ delimiter = ',' }}\ntranspose = true\n\
        [[table]]\nsample = '{{Sample}}'\nanalyte = 'Pb'\nvalue = '{{Pb}}'\n"
    );
    let reading = Profile::parse("p", &turned).unwrap().read(b"Sample,\"F26-1,F26-2\nPb,1,2\n", &Context::default());
    let read: Vec<_> = reading.observations.iter().map(|one| (&*one.sample_id, &*one.value)).collect();
    assert_eq!(read, [("\"F26-1", "1"), ("F26-2", "2")]);
    assert_eq!((reading.troubles.len(), &*reading.troubles[0].position), (1, "1"));
}

#[test]
fn one_row_longer_than_every_piece() {
    let text = format!("样品,Analyte,Result\nF26-1,\"{}\",1\nF26-2,Pb,2\nUnit,%\n", "long ".repeat(300_000));
    let profile = profile("text = { delimiter = ',' }");
    let reading = in_pieces(&profile, text.as_bytes());
    assert_eq!((reading.observations.len(), &*reading.observations[1].position), (2, "3"));
    assert_eq!(reading, profile.read(text.as_bytes(), &Context::default()));
    let endless = format!("样品,Analyte,Result\nF26-1,\"{}", "no closing mark\n".repeat(100_000));
    assert_eq!(in_pieces(&profile, endless.as_bytes()), profile.read(endless.as_bytes(), &Context::default()));
}
