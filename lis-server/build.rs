//! Links the programs so that an idle server holds less memory.
//!
//! A program that may be loaded anywhere carries a list of its own addresses, read and written once at every start: here a
//! quarter of a million, 7 MB. Packed (the RELR format of ELF) the list has a tenth of a megabyte. The loader of glibc has read it since
//! version 2.36; a program that is linked for an older one, or for another system, keeps the long list.

use std::env;
use std::process::Command;

/// The first glibc whose loader reads packed lists.
const PACKED_SINCE: (u32, u32) = (2, 36);

fn main() {
    // Nothing of the package changes what is said here.
    println!("cargo::rerun-if-env-changed=TARGET");
    let (host, target) = (env::var("HOST").unwrap_or_default(), env::var("TARGET").unwrap_or_default());
    if host == target && target.ends_with("linux-gnu") && glibc().is_some_and(|version| version >= PACKED_SINCE) {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

/// The version of this machine's glibc: it says `glibc 2.36`.
fn glibc() -> Option<(u32, u32)> {
    let said = Command::new("getconf").arg("GNU_LIBC_VERSION").output().ok()?;
    let text = String::from_utf8(said.stdout).ok()?;
    let (major, minor) = text.trim().strip_prefix("glibc ")?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
