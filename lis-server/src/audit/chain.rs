//! How positions are chained: `chain = SHA-256(previous chain ‖ position ‖ entry hash)`, over the raw 32-byte hashes
//! and the position as eight bytes, most significant first. Stored and shown as 64 hexadecimal digits.

use std::fmt;

use sha2::{Digest, Sha256};

/// The chain before its first entry.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The state of the chain at a position.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChainHash(String);

impl ChainHash {
    pub fn genesis() -> Self {
        Self(GENESIS.to_owned())
    }

    pub fn from_stored(hex: String) -> Self {
        Self(hex)
    }
}

impl fmt::Display for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The chain after one more entry. Text that is not hexadecimal (a damaged row) is hashed as it stands, so that
/// damage shows as a mismatch instead of an error.
pub fn chained(previous: &ChainHash, position: i64, entry_hash: &str) -> ChainHash {
    let mut hasher = Sha256::new();
    hasher.update(raw(&previous.0));
    hasher.update(position.to_be_bytes());
    hasher.update(raw(entry_hash));
    ChainHash(hex::encode(hasher.finalize()))
}

fn raw(hash: &str) -> Vec<u8> {
    hex::decode(hash).unwrap_or_else(|_| hash.as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Worked out with `printf '%064d%016x%064d' 0 1 0 | xxd -r -p | sha256sum`.
    #[test]
    fn the_first_link_is_as_an_outsider_computes_it() {
        let first = chained(&ChainHash::genesis(), 1, GENESIS);
        assert_eq!(first.to_string(), "f82db6e0de46a257154926d5afb61585e77eab5df7f4c552ddb8cce2ea7e0d9a");
    }

    #[test]
    fn position_and_predecessor_matter() {
        let one = chained(&ChainHash::genesis(), 1, GENESIS);
        assert_ne!(one, chained(&ChainHash::genesis(), 2, GENESIS));
        assert_ne!(chained(&one, 2, GENESIS), chained(&ChainHash::genesis(), 2, GENESIS));
    }
}
