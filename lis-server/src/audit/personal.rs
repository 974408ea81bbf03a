//! Personal words in the log. The log can never be changed, but a person's data must be erasable: so names, telephone
//! numbers and addresses stand in an entry as ciphertext under a key per person. Destroying the key erases them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use chacha20poly1305::aead::Aead;
use chacha20poly1305::{ChaCha20Poly1305, Key, KeyInit, Nonce};
use diesel::prelude::*;
use sha2::{Digest, Sha256};

use crate::db::schema::personal_key;
use crate::db::{Conn, Tx};
use crate::domain::refusal::{Fault, Outcome};

/// Bytes of a ChaCha20-Poly1305 key and nonce (RFC 8439, 2.8).
const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;
/// Bytes of a block of SHA-256, to which HMAC pads its key (RFC 2104, 2).
const HMAC_BLOCK_BYTES: usize = 64;

/// How sealed text begins in an entry.
pub(super) const MARK: &str = "sealed:";

/// Whose key: `person:12`, `enterprise:7` (its contact person).
pub struct Sealer {
    key: [u8; KEY_BYTES],
}

impl Sealer {
    /// Makes the key of a new subject.
    pub fn create(tx: &mut Tx, subject: &str) -> Outcome<Self> {
        let key: [u8; KEY_BYTES] = rand::random();
        diesel::insert_into(personal_key::table)
            .values((personal_key::subject.eq(subject), personal_key::key_text.eq(BASE64.encode(key))))
            .execute(tx.conn)?;
        Ok(Self { key })
    }

    /// The key of a subject; `None` after it was destroyed.
    pub fn load(conn: &mut Conn, subject: &str) -> Outcome<Option<Self>> {
        let text: Option<String> =
            personal_key::table.find(subject).select(personal_key::key_text).first(conn).optional()?;
        let Some(text) = text else { return Ok(None) };
        let bytes = BASE64.decode(text).map_err(Fault::broken)?;
        let key = bytes.try_into().map_err(|_| Fault::broken(format!("the key of {subject} has a wrong length")))?;
        Ok(Some(Self { key }))
    }

    pub fn seal(&self, text: &str) -> String {
        let nonce: [u8; NONCE_BYTES] = rand::random();
        let sealed = self
            .cipher()
            .encrypt(&Nonce::from(nonce), text.as_bytes())
            .expect("a short text fits the cipher's limit of 256 GiB");
        format!("{MARK}{}", BASE64.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// The text again; `None` if it was not sealed with this key.
    pub fn open(&self, sealed: &str) -> Option<String> {
        let bytes = BASE64.decode(sealed.strip_prefix(MARK)?).ok()?;
        let (nonce, text) = bytes.split_at_checked(NONCE_BYTES)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
        let plain = self.cipher().decrypt(&Nonce::from(nonce), text).ok()?;
        String::from_utf8(plain).ok()
    }

    /// A keyed hash, 64 hexadecimal digits: the same text gives the same hash, and without the key nobody can find the
    /// text by trying (a telephone number has only eleven digits). HMAC-SHA256 (RFC 2104) with the key of 32 bytes.
    pub fn fingerprint(&self, text: &str) -> String {
        let pad = |byte: u8| {
            let mut block = [byte; HMAC_BLOCK_BYTES];
            for (place, key) in block.iter_mut().zip(self.key) {
                *place ^= key;
            }
            block
        };
        let inner = Sha256::new().chain_update(pad(0x36)).chain_update(text.as_bytes()).finalize();
        hex::encode(Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize())
    }

    fn cipher(&self) -> ChaCha20Poly1305 {
        ChaCha20Poly1305::new(&Key::from(self.key))
    }
}

/// Destroys a subject's key: its personal words in the log can never be read again. Called by [`super::erasure`] alone.
pub fn destroy(tx: &mut Tx, subject: &str) -> Outcome<()> {
    diesel::delete(personal_key::table.find(subject)).execute(tx.conn)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Worked out with `printf 'telephone:13800000000' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0707…07`.
    #[test]
    fn a_fingerprint_is_an_hmac() {
        let sealer = Sealer { key: [7; KEY_BYTES] };
        assert_eq!(
            sealer.fingerprint("telephone:13800000000"),
            "90d8e7d9926c88f9ab712e11603b2166dbe2d4b296317e0404da4b518bf48217"
        );
        assert_ne!(
            Sealer { key: [8; KEY_BYTES] }.fingerprint("telephone:13800000000"),
            sealer.fingerprint("telephone:13800000000")
        );
    }

    #[test]
    fn only_the_same_key_opens() {
        let sealer = Sealer { key: [7; KEY_BYTES] };
        let sealed = sealer.seal("检验员甲");
        assert!(sealed.starts_with("sealed:") && !sealed.contains("检验员"));
        assert_eq!(sealer.open(&sealed).as_deref(), Some("检验员甲"));
        assert_eq!(Sealer { key: [8; KEY_BYTES] }.open(&sealed), None);
        assert_eq!(sealer.open("sealed:short"), None);
    }
}
