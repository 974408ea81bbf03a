//! What is asked of everything that reads foreign bytes: no panic, no hang, and that what it promises holds for any bytes.
//!
//! One function per target. cargo-fuzz calls them from `fuzz_targets/` with inputs that it breeds; the ordinary tests
//! (`instrument-drivers/tests/reader_noise.rs`) call the same ones with random and damaged inputs, on stable.

use std::collections::VecDeque;
use std::io::Cursor;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use instrument_drivers::observation::Reading;
use instrument_drivers::profile::{Context, Profile, recognise, suggest};
use instrument_drivers::table::pieces::Source;
use instrument_drivers::table::rows::{Delimited, Delimiter, Row};
use instrument_drivers::table::split::Splitter;
use instrument_drivers::wire::astm_capture::{CaptureRules, sessions};
use instrument_drivers::wire::astm_frame::{Cutter, Framing, Quirks, Seen, seen_in};
use instrument_drivers::wire::astm_link::{AstmLink, Side, Tolerances};
use instrument_drivers::wire::astm_records::{self, Delimiters, Record};
use instrument_drivers::wire::lines::{LineLink, LineSettings, Unit};
use instrument_drivers::wire::mllp::MllpLink;
use instrument_drivers::wire::strip::Strip;
use instrument_drivers::wire::vidas::{self, VidasLink};
use instrument_drivers::wire::{Action, Link, hl7 as segments};
use regex::Regex;

/// ASTM frames: what is seen does not depend on how the bytes arrive, a frame is what it was when it is sent on, and
/// neither captures nor the link stumble.
pub fn frames(bytes: &[u8]) {
    let (length, bytes) = piece_length(bytes);
    for framing in [Framing::Standard, Framing::Plain] {
        let whole = seen(framing, [bytes]);
        assert_eq!(whole, seen(framing, bytes.chunks(length)));
        for one in whole {
            if let Seen::Frame(mut frame) = one {
                let _ = (frame.number(), frame.text(), frame.ends_record(), frame.checksum_good());
                let again = seen(framing, [&frame.encode()[..]]);
                // How it was closed is not sent on.
                frame.quirks = Quirks::default();
                assert_eq!(again, [Seen::Frame(frame)]);
            }
        }
    }
    for switches in 0..16u8 {
        let on = |bit: u8| switches & (1 << bit) != 0;
        let rules = CaptureRules {
            plain_frames: on(0),
            frame_numbers: on(1),
            token_log: on(2),
            strict: on(3),
            ..CaptureRules::default()
        };
        sessions(bytes, &rules);
    }
    let everything = Tolerances {
        frame_numbers: true,
        plain_frames: true,
        no_enq: true,
        no_terminator: true,
        ..Tolerances::harmless()
    };
    for tolerances in [Tolerances::default(), everything] {
        converse(&mut AstmLink::new(Side::Host, tolerances), bytes, length);
    }
}

/// ASTM records: a field is what stands between its delimiters, however many there are; escaping is undone.
pub fn records(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for (_, record) in astm_records::messages(&text).iter().flat_map(|message| &message.records) {
        for number in 0..FIELDS {
            let _ = (record.kind(), record.field(number), record.component(number, 2), record.repeats(number));
        }
    }
    let delimiters = Delimiters::of_header(&text).unwrap_or_default();
    let record = Record::parse(&text, delimiters);
    for number in 1..FIELDS {
        let expected = text.split(delimiters.field).nth(number - 1).unwrap_or("");
        assert_eq!(record.raw_field(number), expected);
        assert_eq!(record.field(number), astm_records::unescape(expected, &delimiters));
    }
    let usual = Delimiters::default();
    assert_eq!(astm_records::unescape(&astm_records::escape(&text, &usual), &usual), text);
}

/// Some more fields than are found at once.
const FIELDS: usize = 24;

/// HL7: whatever arrives, its acknowledgement is one message of two segments.
pub fn hl7(bytes: &[u8]) {
    let (length, bytes) = piece_length(bytes);
    for (delimiters, message) in segments::messages(&String::from_utf8_lossy(bytes)) {
        for segment in &message {
            for number in 0..segment.fields.len() + 2 {
                segments::unescape(segment.field(number), &delimiters);
            }
        }
    }
    let answer = segments::acknowledgement(bytes, "AA", "", 1, "20260310090000");
    let read = segments::messages(&answer);
    assert_eq!(read.iter().map(|(_, message)| message.len()).collect::<Vec<_>>(), [2], "{answer:?}");
    converse(&mut MllpLink::new(), bytes, length);
}

/// Lines of balances, meters and printers, and VIDAS messages.
pub fn lines(bytes: &[u8]) {
    let (length, bytes) = piece_length(bytes);
    let now = Instant::now();
    let strip = Strip { escapes: true, bit7: true };
    let block = LineSettings { message: Unit::Block, max_lines: Some(5), strip, ..LineSettings::default() };
    let pattern = |text| Some(Regex::new(text).expect("the pattern is good"));
    let framed = LineSettings { start: pattern("^A"), end: pattern("^Z"), ..block.clone() };
    for settings in [LineSettings::default(), block, framed] {
        converse(&mut LineLink::new(settings, now), bytes, length);
    }
    for message in vidas::messages(bytes) {
        let _ = vidas::fields(&message, |field| String::from_utf8_lossy(field).into_owned());
    }
    converse(&mut VidasLink::new(), bytes, length);
}

/// One reader of a table or of records; the last byte chooses it, so that a file can be an input as it is.
pub fn readers(bytes: &[u8]) {
    if let Some((chosen, bytes)) = bytes.split_last() {
        read_with(&PROFILES[usize::from(*chosen) % PROFILES.len()], bytes);
    }
}

/// Every shipped profile, and one for each format that none of them has.
pub static PROFILES: LazyLock<Vec<Profile>> = LazyLock::new(|| {
    let shipped = Profile::shipped().map(|name| Profile::load(name).expect("a shipped profile loads"));
    let written = [JSON, XML].map(|text| Profile::parse("fuzz", text).expect("the profile is good"));
    shipped.chain(written).collect()
});

const JSON: &str = "maturity = 'draft'\nsource = 'fuzz'\nformat = 'json'\ntree = { rows = 'samples.results' }\n[[table]]\n\
    sample = '{samples.id}'\nanalyte = '{name}'\nvalue = '{value}'\n";
const XML: &str = "maturity = 'draft'\nsource = 'fuzz'\nformat = 'xml'\ntree = { rows = 'run.sample.result' }\n[[table]]\n\
    sample = '{sample.id}'\nanalyte = '{name}'\nvalue = '{result}'\nunit = '{unit}'\n";

/// Reads bytes with a profile: soon, and no more comes out than can stand in them.
pub fn read_with(profile: &Profile, bytes: &[u8]) {
    let context = Context { file_name: Some("run-7.csv".into()), ..Context::default() };
    let reading = soon(&profile.name, bytes, || profile.read(bytes, &context));
    assert!(reading.observations.len() + reading.troubles.len() < MOST_ROWS, "{}", profile.name);
}

/// Values and troubles that an input of some kilobytes can hold, at most.
const MOST_ROWS: usize = 100_000;

/// A profile's text: its mistake is named, or it reads without stumbling.
pub fn profiles(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(profile) = soon("the text of a profile", bytes, || Profile::parse("fuzz", &text)) {
        SAMPLES.iter().for_each(|sample| read_with(&profile, sample.as_bytes()));
    }
}

/// A small source of each family.
pub const SAMPLES: [&str; 6] = [
    "Sample ID,Analyte,Result,Unit\nF26-1,Pb,0.12,mg/kg\nF26-1,Cd,<0.01,mg/kg\n",
    "Sample;Fat [%];Protein [%]\n\"M;1\";3,52;3,10\n\n[Results]\tx\ty\n",
    "{\"samples\":[{\"id\":\"F26-1\",\"results\":[{\"name\":\"Pb\",\"value\":0.12}]}]}",
    "<run><sample id=\"F26-1\"><result name=\"Pb\" unit=\"mg/kg\">0.12</result></sample></run>",
    "PK\u{3}\u{4}xl/workbook.xml",
    "H|\\^&\rO|1|F26-1||^^^Pb\rR|1|^^^Pb|0.12|mg/kg\rL|1|N\r",
];

/// Recognising a source and proposing a profile for it.
pub fn proposals(bytes: &[u8]) {
    let _ = soon("recognise", bytes, || recognise::best(bytes, &Context::default()).is_ok());
    let _ = soon("suggest", bytes, || suggest::suggest(bytes).is_ok());
}

/// Reading piece by piece gives what reading at once gives.
pub fn streaming(bytes: &[u8]) {
    let (length, bytes) = piece_length(&bytes[..bytes.len().min(LONGEST_STREAMED)]);
    let text = String::from_utf8_lossy(bytes);
    let by = |delimiter| Delimited { delimiter, quote: Some(b'"'), unquote_lines: false };
    let ways = [
        Some(by(Delimiter::Byte(b','))),
        Some(by(Delimiter::Blanks)),
        Some(by(Delimiter::Gaps)),
        Some(by(Delimiter::Text("||".into()))),
        None,
    ];
    for way in ways {
        assert_eq!(rows(&text, way.as_ref(), length), rows(&text, way.as_ref(), usize::MAX), "{way:?}");
    }
    for profile in STREAMED.iter() {
        let mut reading = Reading::default();
        profile.read_to(Source::File(&mut Cursor::new(bytes)), &Context::default(), &mut reading);
        assert_eq!(reading, profile.read(bytes, &Context::default()), "{}", profile.name);
    }
}

/// Bytes. Shorter than the first line that a splitter waits for, however it is cut.
const LONGEST_STREAMED: usize = 4000;

/// Formats of text, in encodings that are proven by looking at every byte.
static STREAMED: LazyLock<Vec<Profile>> = LazyLock::new(|| {
    [
        "text = { encoding = ['utf-8', 'gb18030'], delimiter = ',' }",
        "text = { encoding = ['utf-16le', 'windows-1252'], delimiter = ['tab', ';'] }",
    ]
    .map(|text| {
        let table = "[[table]]\nsample = '{Sample ID}'\nanalyte = '{Analyte}'\nvalue = '{Result}'\n";
        let text = format!("maturity = 'draft'\nsource = 'fuzz'\nformat = 'delimited'\n{text}\n{table}");
        Profile::parse("fuzz", &text).expect("the profile is good")
    })
    .into()
});

/// The rows of a text that comes in pieces of so many characters, each with its number.
fn rows(text: &str, rules: Option<&Delimited>, length: usize) -> Vec<(usize, Vec<String>)> {
    let mut rows = Vec::new();
    let mut splitter = Splitter::new(rules);
    let (mut left, mut rest) = (String::new(), text);
    loop {
        let at = rest.char_indices().nth(length).map_or(rest.len(), |(at, _)| at);
        left.push_str(&rest[..at]);
        rest = &rest[at..];
        let mut tell = |row: &Row| rows.push((row.number, row.cells.iter().map(String::from).collect()));
        let taken = splitter.feed(&left, rest.is_empty(), &mut tell);
        left.drain(..taken);
        if rest.is_empty() {
            return rows;
        }
    }
}

fn seen<'a>(framing: Framing, pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Seen> {
    let mut cutter = Cutter::new(framing);
    let mut all = Vec::new();
    for piece in pieces {
        seen_in(&mut cutter, piece, |one| all.push(one));
    }
    all
}

/// Feeds a link piece by piece, lets a second pass and ends the connection. The disk is full now and then.
fn converse(link: &mut dyn Link, bytes: &[u8], length: usize) {
    let now = Instant::now();
    let mut asked = 0u32;
    for piece in bytes.chunks(length) {
        let actions = link.received(now, piece);
        perform(link, now, actions, || {
            asked += 1;
            !asked.is_multiple_of(3)
        });
    }
    let later = now + Duration::from_secs(1);
    let actions = link.tick(later);
    perform(link, later, actions, || true);
    let end = now + Duration::from_secs(2);
    let actions = link.closed(end);
    perform(link, end, actions, || true);
}

fn perform(link: &mut dyn Link, now: Instant, actions: Vec<Action>, mut keep: impl FnMut() -> bool) {
    let mut queue = VecDeque::from(actions);
    while let Some(action) = queue.pop_front() {
        if let Action::Keep { .. } = action {
            assert!(queue.is_empty(), "Keep is the last action");
            queue.extend(link.kept(now, keep()));
        }
    }
}

/// The first byte says in pieces of how many bytes the others arrive.
fn piece_length(bytes: &[u8]) -> (usize, &[u8]) {
    match bytes {
        [first, rest @ ..] => (1 + usize::from(first % 32), rest),
        [] => (1, bytes),
    }
}

/// An unloaded machine needs some milliseconds; only a hang takes this long.
const HANG: Duration = Duration::from_secs(20);

fn soon<T>(what: &str, bytes: &[u8], work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    assert!(start.elapsed() < HANG, "{what} hangs on {bytes:?}");
    done
}
