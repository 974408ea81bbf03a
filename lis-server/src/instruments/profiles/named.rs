//! What an instrument's `profile` names: a shipped profile by its name, or a version of the laboratory's own as `NAME@NUMBER`.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use instrument_drivers::profile::words::{self, Words};
use instrument_drivers::profile::{Profile, ProfileError};

use super::pages::of_shipped;
use super::state::Maturity;
use super::store;
use crate::db::Conn;
use crate::domain::refusal::{Fact, Outcome};

/// What stands between name and number; no name has it.
const AT: char = '@';

/// `NAME@NUMBER`.
pub fn reference(name: &str, version_no: i64) -> String {
    format!("{name}{AT}{version_no}")
}

/// Name and number; `None` for a shipped profile.
pub fn parts(reference: &str) -> Option<(&str, i64)> {
    let (name, number) = reference.split_once(AT)?;
    Some((name, number.parse().ok()?))
}

/// A name of the laboratory's own: small letters, digits and underscores, a letter first; no shipped profile has it.
pub fn is_own_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(fits)
        && Profile::shipped().all(|shipped| shipped != name)
}

/// Why nothing can be read with what an instrument names.
#[derive(Debug)]
pub enum NoProfile {
    /// Nothing has this name.
    Missing,
    /// It is no profile for the program as it is now.
    Invalid(ProfileError),
}

impl NoProfile {
    /// The same for whoever is refused something because of it.
    pub fn said(&self, reference: &str) -> Fact {
        match self {
            Self::Missing => Fact::sentence("trouble-profile-missing", [("about", reference.into())]),
            Self::Invalid(error) => error.into(),
        }
    }
}

/// The profile of that name, ready to read.
pub fn load(conn: &mut Conn, reference: &str) -> Outcome<Result<Profile, NoProfile>> {
    let Some((name, number)) = parts(reference) else {
        // Only shipped ones: a name is never taken for the path of a file.
        let text = Profile::shipped_text(reference).ok_or(NoProfile::Missing);
        return Ok(text.and_then(|text| Profile::parse(reference, text).map_err(NoProfile::Invalid)));
    };
    let row = store::version(conn, name, number)?.ok_or(NoProfile::Missing);
    Ok(row.and_then(|row| Profile::parse(reference, &row.toml).map_err(NoProfile::Invalid)))
}

/// Whether an instrument may be given this profile: a shipped one, or a version that no newer one has replaced.
pub fn is_offered(conn: &mut Conn, reference: &str) -> Outcome<bool> {
    let Some((name, number)) = parts(reference) else {
        return Ok(Profile::shipped().any(|shipped| shipped == reference));
    };
    // As it is written out, not `+1` or `01`.
    let same = self::reference(name, number) == reference;
    let row = store::version(conn, name, number)?;
    Ok(same && row.is_some_and(|row| row.maturity != Maturity::Replaced.code()))
}

/// A profile to choose: what to write and what to show.
pub struct Offered {
    pub reference: String,
    pub title: String,
    /// `None`: shipped.
    pub maturity: Option<Maturity>,
}

/// Every profile that an instrument may be given, the laboratory's own first.
pub fn offered(conn: &mut Conn) -> Outcome<Vec<Offered>> {
    let own = store::all(conn)?.into_iter().map(|(row, _)| row).filter(|row| row.maturity != Maturity::Replaced.code());
    let own = own.map(|row| Offered {
        reference: reference(&row.name, row.version_no),
        title: row.title,
        maturity: Maturity::parse(&row.maturity),
    });
    let shipped =
        Profile::shipped().map(|name| Offered { reference: name.to_owned(), title: String::new(), maturity: None });
    Ok(own.chain(shipped).collect())
}

/// What a profile says of the words, flags and readings of its instruments; nothing where there is no such profile.
pub fn words(conn: &mut Conn, reference: &str) -> Outcome<Words> {
    match parts(reference) {
        None => Ok(words::shipped(reference).cloned().unwrap_or_default()),
        Some(_) => Ok(load(conn, reference)?.map(|profile| profile.words).unwrap_or_default()),
    }
}

/// Whether a profile is a draft: nobody has said that its readings agree with what the instrument itself prints.
pub fn is_draft(conn: &mut Conn, reference: &str) -> Outcome<bool> {
    match parts(reference) {
        None => Ok(SHIPPED_DRAFTS.contains(reference)),
        Some((name, number)) => {
            Ok(store::version(conn, name, number)?.is_some_and(|row| row.maturity == Maturity::Draft.code()))
        }
    }
}

/// The shipped profiles that were written from documents.
static SHIPPED_DRAFTS: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    let is_draft = |name: &&str| Profile::load(name).is_ok_and(|profile| of_shipped(&profile) == Maturity::Draft);
    Profile::shipped().filter(is_draft).collect()
});

/// Whether instruments of this profile weigh.
pub fn weighs(conn: &mut Conn, reference: &str) -> Outcome<bool> {
    match parts(reference) {
        None => Ok(SHIPPED_WEIGHING.contains(reference)),
        Some(_) => Ok(load(conn, reference)?.is_ok_and(|profile| profile.technique == WEIGHING)),
    }
}

/// Whether a profile says how its instruments take work lists.
pub fn takes_sequences(conn: &mut Conn, reference: &str) -> Outcome<bool> {
    match parts(reference) {
        None => Ok(SHIPPED_TAKING.contains(reference)),
        Some(_) => Ok(load(conn, reference)?.is_ok_and(|profile| profile.worklist.is_some())),
    }
}

/// The shipped profiles that do.
static SHIPPED_TAKING: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    let takes = |name: &&str| Profile::load(name).is_ok_and(|profile| profile.worklist.is_some());
    Profile::shipped().filter(takes).collect()
});

/// The technique of balances in a profile.
const WEIGHING: &str = "weighing";

/// The shipped profiles of balances. Read once: a page asks for every instrument.
static SHIPPED_WEIGHING: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    let weighs = |name: &&str| Profile::load(name).is_ok_and(|profile| profile.technique == WEIGHING);
    Profile::shipped().filter(weighs).collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn balances_are_known_by_their_profiles() {
        assert!(SHIPPED_WEIGHING.contains("mettler_mt_sics") && SHIPPED_WEIGHING.contains("sartorius_sbi"));
        assert!(!SHIPPED_WEIGHING.contains("generic_astm"));
    }

    #[test]
    fn what_was_written_from_documents_is_a_draft() {
        // The first from the maker's manual, the second compared with captures.
        assert!(SHIPPED_DRAFTS.contains("mettler_mt_sics") && !SHIPPED_DRAFTS.contains("generic_astm"));
    }

    #[test]
    fn names_of_the_laboratory_s_own() {
        assert!(is_own_name("flame_meter_2"));
        for wrong in ["", "2nd", "Flame", "flame-meter", "flame@1", "火焰", "generic_astm"] {
            assert!(!is_own_name(wrong), "{wrong}");
        }
        assert_eq!(parts(&reference("flame", 12)), Some(("flame", 12)));
        assert_eq!(parts("generic_astm"), None);
    }
}
