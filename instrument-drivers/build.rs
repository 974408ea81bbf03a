//! Lists the shipped profiles: every folder `src/devices/<maker_model>/` with a `profile.toml`.

use std::fmt::Write;
use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=src/devices");
    let root = std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR");
    let devices = Path::new(&root).join("src/devices");
    let mut names: Vec<String> = std::fs::read_dir(&devices)
        .expect("src/devices exists")
        .filter_map(|entry| entry.ok())
        .filter(|entry| entry.path().join("profile.toml").exists())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let mut list = String::from("pub const SHIPPED: &[(&str, &str)] = &[\n");
    for name in names {
        let path = devices.join(&name).join("profile.toml");
        println!("cargo::rerun-if-changed={}", path.display());
        writeln!(list, "    ({name:?}, include_str!({:?})),", path.display().to_string())
            .expect("writing to a text works");
    }
    list.push_str("];\n");
    let out = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    std::fs::write(Path::new(&out).join("shipped.rs"), list).expect("OUT_DIR can be written");
}
