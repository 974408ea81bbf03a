//! How fast bytes become records and values: `cargo bench -p lis-tests --bench reading`, of some only with
//! ` -- astm csv xlsx long` behind it.
//!
//! Prints megabytes per second of one core, and ratios to the plain libraries over the same bytes in the same run; and how
//! much memory the program takes for an export of 200 MB. Figures of a busy machine are low, ratios hold.

use std::hint::black_box;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use instrument_drivers::observation::{Seen, Sink, Trouble};
use instrument_drivers::profile::{Context, Profile};
use instrument_drivers::table::pieces::Source;
use instrument_drivers::table::rows::{Delimited, Delimiter};
use instrument_drivers::table::split::each_delimited;
use instrument_drivers::wire::astm_capture::{CaptureRules, sessions};
use instrument_drivers::wire::astm_frame::frames_of;
use instrument_drivers::wire::astm_records;
use lis_tests::figures::{at_least, at_most};

/// Each measurement repeats its work for so long; the fastest pass counts.
const MEASURE: Duration = Duration::from_secs(2);

fn main() -> std::io::Result<()> {
    let only: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let wanted = |name: &str| only.is_empty() || only.iter().any(|word| word == name);
    wanted("astm").then(astm);
    wanted("csv").then(delimited);
    wanted("xlsx").then(workbook);
    if wanted("long") { long_export() } else { Ok(()) }
}

/// Takes what is delivered and keeps nothing.
#[derive(Default)]
struct Taker {
    observations: usize,
}

impl Sink for Taker {
    fn observation(&mut self, one: Seen<'_>) {
        black_box(&one);
        self.observations += 1;
    }

    fn trouble(&mut self, trouble: Trouble) {
        panic!("the made up source is good: {trouble}");
    }
}

/// Megabytes per second of the fastest pass.
fn rate(bytes: usize, mut work: impl FnMut()) -> f64 {
    let (start, mut best) = (Instant::now(), Duration::MAX);
    while start.elapsed() < MEASURE {
        let pass = Instant::now();
        work();
        best = best.min(pass.elapsed());
    }
    bytes as f64 / 1e6 / best.as_secs_f64()
}

fn astm() {
    let mut session = vec![5u8];
    let mut records = String::from("H|\\^&|||MULTI^LAB1^3.2|||||LIS||P|LIS2-A2|20260310091500\rP|1\r");
    for sample in 0..40 {
        records.push_str(&format!("O|{sample}|F26-{sample:06}||^^^SO2F\\^^^SO2T|R||||||||||WINE\r"));
        for result in 0..10 {
            records.push_str(&format!(
                "R|{result}|^^^EL{result}|0.{sample:03}{result}|mg/kg||N||F||OP1||20260310091412\r"
            ));
        }
    }
    records.push_str("L|1|N\r");
    for frame in frames_of(records.as_bytes(), 240) {
        session.extend(frame.encode());
    }
    session.push(4);
    let bytes = session.repeat(40);
    let frames = rate(bytes.len(), || {
        black_box(sessions(&bytes, &CaptureRules::default()));
    });
    let decoded = rate(bytes.len(), || {
        for session in sessions(&bytes, &CaptureRules::default()) {
            let text = String::from_utf8_lossy(&session.text);
            let messages = astm_records::messages(&text);
            // Fields are found when they are asked for; here those of a result.
            for (_, record) in messages.iter().flat_map(|message| &message.records) {
                if record.kind() == 'R' {
                    black_box([3, 4, 5, 7, 13].map(|number| record.field(number)));
                }
            }
        }
    });
    let profile = Profile::load("generic_astm").expect("a shipped profile loads");
    let observed = delivered(&profile, &bytes);
    println!("ASTM frames with check sums        {frames:8.0} MB/s");
    println!(
        "ASTM frames, records, fields       {decoded:8.0} MB/s, {}; ratio to frames {:.2}",
        at_least(200.0, decoded),
        decoded / frames
    );
    println!("ASTM to observations               {observed:8.0} MB/s, ratio to frames {:.2}", observed / frames);
}

/// Megabytes per second that become observations, handed on one by one.
fn delivered(profile: &Profile, bytes: &[u8]) -> f64 {
    rate(bytes.len(), || {
        let mut taker = Taker::default();
        profile.read_to(Source::Bytes(bytes), &Context::default(), &mut taker);
        assert!(taker.observations > 0, "the made up source holds values");
    })
}

/// A line of a long export.
fn line(row: usize) -> String {
    format!("F26-{row:06},Analyte {},{}.{:03},mg/kg,Unknown\n", row % 20, row % 9, row % 1000)
}

const HEADER: &str = "Sample ID,Analyte,Result,Unit,Type\n";
const PROFILE: &str = "maturity='draft'\nsource='x'\nformat='delimited'\ntext={delimiter=','}\n[[table]]\n\
    sample='{Sample ID}'\nanalyte='{Analyte}'\nvalue='{Result}'\nunit='{Unit}'\n";

fn delimited() {
    let text: String = std::iter::once(HEADER.to_string()).chain((0..60_000).map(line)).collect();
    let bytes = text.as_bytes();
    let plain = rate(bytes.len(), || {
        let mut reader = csv::Reader::from_reader(bytes);
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record).is_ok_and(|more| more) {
            black_box(&record);
        }
    });
    let rules = Delimited { delimiter: Delimiter::Byte(b','), quote: Some(b'"'), unquote_lines: false };
    let split = rate(bytes.len(), || {
        each_delimited(&text, &rules, |row| {
            black_box(row);
        });
    });
    let profile = Profile::parse("bench", PROFILE).expect("the profile is good");
    let observed = delivered(&profile, bytes);
    let kept = rate(bytes.len(), || {
        black_box(profile.read(bytes, &Context::default()));
    });
    println!("CSV by the plain csv crate         {plain:8.0} MB/s");
    println!("CSV to rows with their places      {split:8.0} MB/s; ratio, {}", at_least(0.5, split / plain));
    println!(
        "CSV to observations, delivered     {observed:8.0} MB/s, {}; ratio {:.2}",
        at_least(150.0, observed),
        observed / plain
    );
    println!("CSV to observations, all kept      {kept:8.0} MB/s, ratio {:.2}", kept / plain);
}

fn workbook() {
    let bytes = made_up_workbook().expect("a workbook is written");
    let plain = rate(bytes.len(), || {
        use calamine::Reader;
        let mut book = calamine::Xlsx::new(std::io::Cursor::new(&bytes)).expect("calamine opens it");
        for sheet in book.sheet_names() {
            black_box(book.worksheet_range(&sheet).ok());
        }
    });
    let text = PROFILE.replace("'delimited'\ntext={delimiter=','}", "'workbook'");
    let read = delivered(&Profile::parse("bench", &text).expect("the profile is good"), &bytes);
    println!("XLSX by plain calamine             {plain:8.2} MB/s of the packed file");
    println!("XLSX to observations, delivered    {read:8.2} MB/s; ratio, {}", at_least(0.6, read / plain));
}

/// One sheet with the rows of the export, values as numbers.
fn made_up_workbook() -> Result<Vec<u8>, rust_xlsxwriter::XlsxError> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, line) in (0..).zip(std::iter::once(HEADER.to_string()).chain((0..20_000).map(line))) {
        for (column, cell) in (0..).zip(line.trim_end().split(',')) {
            match cell.parse::<f64>() {
                Ok(number) => sheet.write_number(row, column, number)?,
                Err(_) => sheet.write_string(row, column, cell)?,
            };
        }
    }
    book.save_to_buffer()
}

/// What the program holds in memory while it reads an export of 200 MB.
fn long_export() -> std::io::Result<()> {
    let folder = std::env::temp_dir().join(format!("reading-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let (export, profile) = (folder.join("export.csv"), folder.join("profile.toml"));
    std::fs::write(&profile, PROFILE)?;
    let mut file = std::io::BufWriter::new(std::fs::File::create(&export)?);
    file.write_all(HEADER.as_bytes())?;
    let mut written = 0;
    for row in 0.. {
        let line = line(row);
        file.write_all(line.as_bytes())?;
        written += line.len();
        if written >= LONG_EXPORT {
            break;
        }
    }
    file.flush()?;
    let start = Instant::now();
    let mut agent = Command::new(env!("CARGO_BIN_EXE_instrument-agent-under-test"))
        .arg("read")
        .arg(&export)
        .arg("--profile")
        .arg(&profile)
        .stdout(Stdio::null())
        .spawn()?;
    let status = format!("/proc/{}/status", agent.id());
    let mut most = None;
    while agent.try_wait()?.is_none() {
        let resident = std::fs::read_to_string(&status).ok().and_then(|text| peak(&text));
        most = most.max(resident);
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(agent.wait()?.success(), "the program reads the export");
    let rate = written as f64 / 1e6 / start.elapsed().as_secs_f64();
    match most {
        Some(kilobytes) => println!(
            "200 MB of CSV, read and printed    {rate:8.0} MB/s; MB resident at most, {}",
            at_most(64.0, kilobytes as f64 / 1e3)
        ),
        None => println!("200 MB of CSV: memory SKIPPED, this system has no /proc; {rate:.0} MB/s"),
    }
    std::fs::remove_dir_all(&folder)
}

/// Bytes.
const LONG_EXPORT: usize = 200_000_000;

/// Kilobytes, from `VmHWM:     8012 kB`.
fn peak(status: &str) -> Option<usize> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
