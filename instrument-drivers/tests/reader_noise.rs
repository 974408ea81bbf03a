//! Everything that reads foreign bytes, given damaged and senseless ones: no panic, no hang, no memory without bound. What
//! is asked stands in `tests/soak/fuzz`, where cargo-fuzz asks the same with inputs that it breeds.

use std::path::Path;
use std::sync::LazyLock;

use instrument_drivers::profile::Profile;
use proptest::prelude::*;

#[path = "../../tests/soak/fuzz/src/lib.rs"]
mod fuzz;

/// The project's own captures, and a small file of each table family.
static SEEDS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = entries.filter(|path| path.is_file()).collect();
    paths.sort();
    let captures = paths.iter().map(|path| std::fs::read(path).unwrap());
    captures.chain(fuzz::SAMPLES.map(|text| text.as_bytes().to_vec())).collect()
});

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

fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..600)
}

/// 48 inputs for each of so many profiles; `PROPTEST_CASES` asks for more.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(48)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn every_profile_survives_damaged_files(bytes in damaged()) {
        fuzz::PROFILES.iter().for_each(|profile| fuzz::read_with(profile, &bytes));
    }

    #[test]
    fn every_profile_survives_any_bytes(bytes in any_bytes()) {
        fuzz::PROFILES.iter().for_each(|profile| fuzz::read_with(profile, &bytes));
    }

    #[test]
    fn the_chosen_reader_survives_any_bytes(bytes in any_bytes()) {
        fuzz::readers(&bytes);
    }

    #[test]
    fn wire_protocols_keep_their_promises(bytes in prop_oneof![damaged(), any_bytes()]) {
        fuzz::frames(&bytes);
        fuzz::records(&bytes);
        fuzz::hl7(&bytes);
        fuzz::lines(&bytes);
    }

    #[test]
    fn pieces_make_no_difference(bytes in prop_oneof![damaged(), any_bytes()]) {
        fuzz::streaming(&bytes);
    }

    #[test]
    fn recognising_and_proposing_survive_any_bytes(bytes in damaged()) {
        fuzz::proposals(&bytes);
    }

    #[test]
    fn a_profile_text_is_good_or_its_mistake_is_named(
        name in prop::sample::select(Profile::shipped().collect::<Vec<_>>()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select("[]{}=\"'.#x1\n\\(".chars().collect::<Vec<_>>())), 1..8),
    ) {
        let mut text: Vec<char> = Profile::shipped_text(name).unwrap().chars().collect();
        for (at, c) in changes {
            let at = at.index(text.len());
            text[at] = c;
        }
        fuzz::profiles(text.into_iter().collect::<String>().as_bytes());
    }
}

/// What the whole run above may need beside the program itself, on systems that tell: half a gigabyte.
#[cfg(target_os = "linux")]
#[test]
fn long_senseless_lines_stay_small_in_memory() {
    for profile in fuzz::PROFILES.iter() {
        fuzz::read_with(profile, &b"7,".repeat(20_000));
        fuzz::read_with(profile, &b"\x02".repeat(20_000));
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kilobytes: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(kilobytes < 512 << 10, "{kilobytes} kB at the highest");
}
