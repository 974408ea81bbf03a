//! How fast bytes become records and values: `cargo bench -p instrument-drivers --bench reading`.
//!
//! Prints megabytes per second of one core, and ratios to the plain libraries over the same bytes in the same run. It
//! judges nothing: figures of a busy machine are low, ratios hold.

use std::hint::black_box;
use std::time::{Duration, Instant};

use instrument_drivers::profile::{Context, Profile};
use instrument_drivers::wire::astm_capture::{CaptureRules, sessions};
use instrument_drivers::wire::astm_frame::frames_of;
use instrument_drivers::wire::astm_records;

/// Each measurement repeats its work for so long; the fastest pass counts.
const MEASURE: Duration = Duration::from_secs(2);

fn main() {
    astm();
    delimited();
    workbook();
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
            black_box(astm_records::messages(&String::from_utf8_lossy(&session.text)));
        }
    });
    let profile = Profile::load("generic_astm").expect("a shipped profile loads");
    let observed = rate(bytes.len(), || {
        black_box(profile.read(&bytes, &Context::default()));
    });
    println!("ASTM frames with check sums        {frames:8.0} MB/s");
    println!("ASTM frames and records            {decoded:8.0} MB/s (goal 200)");
    println!("ASTM to observations               {observed:8.0} MB/s");
}

fn delimited() {
    let mut text = String::from("Sample ID,Analyte,Result,Unit,Type\n");
    for row in 0..60_000 {
        text.push_str(&format!("F26-{row:06},Analyte {},{}.{:03},mg/kg,Unknown\n", row % 20, row % 9, row % 1000));
    }
    let bytes = text.into_bytes();
    let plain = rate(bytes.len(), || {
        let mut reader = csv::Reader::from_reader(&bytes[..]);
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record).is_ok_and(|more| more) {
            black_box(&record);
        }
    });
    let text = "maturity='draft'\nsource='x'\nformat='delimited'\ntext={delimiter=','}\n[[table]]\nsample='{Sample ID}'\n\
                analyte='{Analyte}'\nvalue='{Result}'\nunit='{Unit}'\n";
    let profile = Profile::parse("bench", text).expect("the profile is good");
    let read = rate(bytes.len(), || {
        black_box(profile.read(&bytes, &Context::default()));
    });
    println!("CSV by the plain csv crate         {plain:8.0} MB/s");
    println!("CSV to observations                {read:8.0} MB/s (goal 150), ratio {:.2} (goal 0.5)", read / plain);
}

fn workbook() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/instruments");
    let Some(path) = largest_workbook(&path) else {
        println!("XLSX: SKIPPED, no workbook of the development set is there");
        return;
    };
    let bytes = std::fs::read(&path).unwrap_or_default();
    let context = Context { file_name: path.file_name().map(|name| name.to_string_lossy().into_owned()) };
    let Ok(profile) = instrument_drivers::profile::recognise::best(&bytes, &context) else {
        println!("XLSX: SKIPPED, no profile reads {}", path.display());
        return;
    };
    let plain = rate(bytes.len(), || {
        use calamine::Reader;
        let mut book = calamine::Xlsx::new(std::io::Cursor::new(&bytes)).expect("calamine opens it");
        for sheet in book.sheet_names() {
            black_box(book.worksheet_range(&sheet).ok());
        }
    });
    let read = rate(bytes.len(), || {
        black_box(profile.read(&bytes, &context));
    });
    println!("XLSX by plain calamine             {plain:8.2} MB/s of the packed file");
    println!("XLSX to observations               {read:8.2} MB/s, ratio {:.2} (goal 0.6)", read / plain);
}

fn largest_workbook(folder: &std::path::Path) -> Option<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).ok()?.flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(largest_workbook(&path));
        } else if path.extension().is_some_and(|extension| extension == "xlsx") {
            found.push(path);
        }
    }
    found.into_iter().max_by_key(|path| path.metadata().map_or(0, |metadata| metadata.len()))
}
