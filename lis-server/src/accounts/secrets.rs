//! Passwords and tokens. Passwords are hashed with Argon2id (RFC 9106); tokens are 256 random bits, shown once and
//! kept only as SHA-256.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::domain::refusal::{Fault, Outcome, Problem, Reasons};

/// OWASP's first recommendation for Argon2id: 19 MiB, two passes, one lane (ASVS 5.0, 11.4.2).
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// ASVS 5.0, 6.2.1 and 6.2.9: at least 8 characters (15 recommended), at least 64 allowed.
const SHORTEST: usize = 10;
const LONGEST: usize = 128;

/// Bytes of randomness in a token.
const TOKEN_BYTES: usize = 32;

pub const PASSWORD_TOO_SHORT: Problem = Problem::new("password-too-short", 422);
pub const PASSWORD_TOO_LONG: Problem = Problem::new("password-too-long", 422);
pub const PASSWORD_TOO_COMMON: Problem = Problem::new("password-too-common", 422);

/// Passwords that are guessed first, in any case; the username itself is refused as well.
const COMMON: &[&str] = &[
    "1234567890",
    "0123456789",
    "1111111111",
    "0000000000",
    "password123",
    "passw0rd123",
    "qwertyuiop",
    "1qaz2wsx3edc",
    "admin12345",
    "administrator",
    "laboratory",
    "5201314520",
    "woaini1314",
    "a123456789",
    "abc1234567",
    "iloveyou123",
];

/// A new password that may be used; every reason why not.
pub fn check_new_password(
    password: &str,
    username: &str,
    field: &'static str,
) -> Result<(), crate::domain::refusal::Refusal> {
    let mut reasons = Reasons::new();
    let length = password.chars().count();
    let lower = password.to_lowercase();
    reasons.add_if(length < SHORTEST, || PASSWORD_TOO_SHORT.with("least", SHORTEST).at(field));
    reasons.add_if(length > LONGEST, || PASSWORD_TOO_LONG.with("most", LONGEST).at(field));
    reasons
        .add_if(COMMON.contains(&lower.as_str()) || lower == username.to_lowercase(), || PASSWORD_TOO_COMMON.at(field));
    reasons.none()
}

/// Slow by intent (tens of milliseconds): never inside a write.
pub fn hash_password(password: &str) -> Outcome<String> {
    Ok(hasher()?.hash_password(password.as_bytes()).map_err(Fault::broken)?.to_string())
}

/// As slow as hashing. A stored text that is no hash matches nothing.
pub fn password_matches(password: &str, stored: &str) -> bool {
    let Ok(hash) = PasswordHash::new(stored) else {
        return false;
    };
    Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
}

fn hasher() -> Outcome<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(Fault::broken)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Hashes are worked out a few at a time, however many ask: each takes a core for tens of milliseconds and 19 MiB.
const AT_ONCE: usize = 4;

static TURNS: Semaphore = Semaphore::const_new(AT_ONCE);

/// The right to hash now.
pub struct Turn {
    _permit: SemaphorePermit<'static>,
}

/// Waits for a turn; who came first is first.
pub async fn turn() -> Outcome<Turn> {
    Ok(Turn { _permit: TURNS.acquire().await.map_err(Fault::broken)? })
}

impl Turn {
    /// Hashes on a thread that may take long. The turn ends with the work, also when nobody waits for it any more.
    pub async fn run<T: Send + 'static>(self, work: impl FnOnce() -> T + Send + 'static) -> Outcome<T> {
        tokio::task::spawn_blocking(move || {
            let done = work();
            drop(self);
            done
        })
        .await
        .map_err(Fault::broken)
    }
}

/// [`hash_password`] in its turn.
pub async fn hashed(password: String) -> Outcome<String> {
    turn().await?.run(move || hash_password(&password)).await?
}

/// Takes as long as a real check, so that an unknown username cannot be told from a wrong password.
pub fn waste_a_check(password: &str) {
    static UNKNOWN: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    let hash = UNKNOWN.get_or_init(|| hash_password("nobody has this password").unwrap_or_default());
    let _ = password_matches(password, hash);
}

/// A new secret for a session, a token or a first password.
pub fn new_token() -> String {
    let bytes: [u8; TOKEN_BYTES] = rand::random();
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What is stored of a token. It has 256 random bits, so a fast hash is enough.
pub fn token_hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_matches_its_own_hash_only() {
        let hash = hash_password("正确的 马 电池 订书钉").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(password_matches("正确的 马 电池 订书钉", &hash));
        assert!(!password_matches("正确的 马 电池 订书", &hash));
        assert!(!password_matches("anything", "not a hash"));
    }

    #[test]
    fn weak_passwords_are_refused_with_every_reason() {
        assert!(check_new_password("a long enough one", "li", "password").is_ok());
        let codes = |password: &str, username: &str| -> Vec<&str> {
            check_new_password(password, username, "password")
                .err()
                .map(|refusal| refusal.reasons.iter().map(|reason| reason.problem.code).collect())
                .unwrap_or_default()
        };
        assert_eq!(codes("li", "li"), ["password-too-short", "password-too-common"]);
        assert_eq!(codes("Password123", "li"), ["password-too-common"]);
        assert_eq!(codes(&"长".repeat(129), "li"), ["password-too-long"]);
    }
}
