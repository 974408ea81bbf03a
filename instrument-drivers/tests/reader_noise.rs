//! Every shipped profile, given damaged and senseless bytes: no panic, no hang, no memory without bound. Profile texts
//! too.

use std::path::Path;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use instrument_drivers::profile::{Context, Profile, recognise, suggest};
use proptest::prelude::*;

static PROFILES: LazyLock<Vec<Profile>> =
    LazyLock::new(|| Profile::shipped().map(|name| Profile::load(name).unwrap()).collect());

/// The project's own captures, and a small file of each table family.
static SEEDS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut seeds: Vec<Vec<u8>> = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
    for text in [
        "Sample ID,Analyte,Result,Unit\nF26-1,Pb,0.12,mg/kg\nF26-1,Cd,<0.01,mg/kg\n",
        "Sample;Fat [%];Protein [%]\n\"M;1\";3,52;3,10\n\n[Results]\tx\ty\n",
        "{\"samples\":[{\"id\":\"F26-1\",\"results\":[{\"name\":\"Pb\",\"value\":0.12}]}]}",
        "<run><sample id=\"F26-1\"><result name=\"Pb\" unit=\"mg/kg\">0.12</result></sample></run>",
        "PK\u{3}\u{4}xl/workbook.xml",
    ] {
        seeds.push(text.as_bytes().to_vec());
    }
    seeds
});

/// An unloaded machine needs some milliseconds for such an input; only a hang takes this long.
const HANG: Duration = Duration::from_secs(20);
/// Values and troubles that so small an input can hold, at most.
const MOST_ROWS: usize = 100_000;

fn read_with(profile: &Profile, bytes: &[u8]) {
    let context = Context { file_name: Some("run-7.csv".into()) };
    let start = Instant::now();
    let reading = profile.read(bytes, &context);
    assert!(start.elapsed() < HANG, "{} hangs on {bytes:?}", profile.name);
    assert!(reading.observations.len() + reading.troubles.len() < MOST_ROWS, "{}", profile.name);
}

/// A seed with some bytes changed, doubled and cut off.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12);
    let places = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<prop::sample::Index>());
    (0..SEEDS.len(), changes, places).prop_map(|(seed, changes, (from, to, end))| {
        let mut bytes = SEEDS[seed].clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
        let again = bytes[from.min(to)..from.max(to)].to_vec();
        bytes.truncate(end.index(bytes.len()) + 1);
        bytes.extend(again);
        bytes
    })
}

/// 48 inputs for each of so many profiles; `PROPTEST_CASES` asks for more.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(48)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn every_profile_survives_damaged_files(bytes in damaged()) {
        PROFILES.iter().for_each(|profile| read_with(profile, &bytes));
    }

    #[test]
    fn every_profile_survives_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        PROFILES.iter().for_each(|profile| read_with(profile, &bytes));
    }

    #[test]
    fn recognising_and_proposing_survive_any_bytes(bytes in damaged()) {
        let start = Instant::now();
        let _ = recognise::best(&bytes, &Context::default());
        let _ = suggest::suggest(&bytes);
        prop_assert!(start.elapsed() < HANG);
    }

    #[test]
    fn a_profile_text_is_good_or_its_mistake_is_named(
        name in prop::sample::select(Profile::shipped().collect::<Vec<_>>()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select("[]{}=\"'.#x1\n\\(".chars().collect::<Vec<_>>())), 1..8),
        seed in 0usize..4,
    ) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/devices").join(name).join("profile.toml");
        let mut text: Vec<char> = std::fs::read_to_string(path).unwrap().chars().collect();
        for (at, c) in changes {
            let at = at.index(text.len());
            text[at] = c;
        }
        let text: String = text.into_iter().collect();
        if let Ok(profile) = Profile::parse("noise", &text) {
            read_with(&profile, &SEEDS[seed]);
        }
    }
}

/// What the whole run above may need beside the program itself, on systems that tell: half a gigabyte.
#[cfg(target_os = "linux")]
#[test]
fn long_senseless_lines_stay_small_in_memory() {
    for profile in PROFILES.iter() {
        read_with(profile, &b"7,".repeat(20_000));
        read_with(profile, &b"\x02".repeat(20_000));
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kilobytes: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(kilobytes < 512 << 10, "{kilobytes} kB at the highest");
}
