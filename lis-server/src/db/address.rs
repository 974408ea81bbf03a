//! Where the laboratory's data lives, as written in `LIS_DATABASE_URL`.

use std::fmt;
use std::path::PathBuf;

/// A checked database address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DatabaseAddress {
    /// A file; it is created when missing.
    Sqlite(PathBuf),
    /// A `postgres://` URL as libpq reads it.
    Postgres(String),
}

#[derive(Debug, thiserror::Error)]
#[error(
    "The database address {given:?} is not understood. Use sqlite:PATH for a file (for example \
     sqlite:/var/lib/lis/lis.db) or postgres://USER@HOST/DATABASE for a PostgreSQL server; leave LIS_DATABASE_URL \
     unset for a file in the data directory."
)]
pub struct UnknownAddress {
    given: String,
}

impl DatabaseAddress {
    pub fn parse(text: &str) -> Result<Self, UnknownAddress> {
        let unknown = || UnknownAddress { given: without_password(text) };
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        let path = text.strip_prefix("sqlite:").ok_or_else(unknown)?;
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path == ":memory:" {
            return Err(unknown());
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }
}

/// For logs and messages: the password of a URL is not shown.
impl fmt::Display for DatabaseAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => f.write_str(&without_password(url)),
        }
    }
}

/// By text, not by a URL parser: libpq takes addresses that are no URL (an empty host before a socket's path), and a
/// password must not show because something else in the address is unusual.
fn without_password(text: &str) -> String {
    let (address, query) = text.split_once('?').unwrap_or((text, ""));
    let mut shown = address.to_owned();
    if let Some((scheme, rest)) = address.split_once("://")
        && let Some((user_and_password, place)) = rest.rsplit_once('@')
        && let Some((user, _)) = user_and_password.split_once(':')
    {
        shown = format!("{scheme}://{user}:***@{place}");
    }
    let fields: Vec<&str> =
        query.split('&').map(|field| if field.starts_with("password=") { "password=***" } else { field }).collect();
    if query.is_empty() { shown } else { format!("{shown}?{}", fields.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_databases_are_understood() {
        assert_eq!(DatabaseAddress::parse("sqlite:/d/lis.db").unwrap(), DatabaseAddress::Sqlite("/d/lis.db".into()));
        assert_eq!(DatabaseAddress::parse("sqlite:///d/lis.db").unwrap(), DatabaseAddress::Sqlite("/d/lis.db".into()));
        assert!(matches!(DatabaseAddress::parse("postgres://lis@db/lis").unwrap(), DatabaseAddress::Postgres(_)));
    }

    #[test]
    fn an_unknown_address_is_refused_with_advice_and_without_its_password() {
        let message = DatabaseAddress::parse("mysql://root:secret@db/lis").unwrap_err().to_string();
        assert!(message.contains("sqlite:PATH") && message.contains("postgres://"), "{message}");
        assert!(!message.contains("secret"), "{message}");
        assert!(DatabaseAddress::parse("sqlite::memory:").is_err(), "data would be lost at the end");
    }

    #[test]
    fn a_shown_address_has_no_password() {
        let address = DatabaseAddress::parse("postgres://lis:secret@db/lis").unwrap();
        assert_eq!(address.to_string(), "postgres://lis:***@db/lis");
        let shown = |text: &str| DatabaseAddress::parse(text).unwrap().to_string();
        assert_eq!(shown("postgres://lis:se@c/ret@/lis?host=/run"), "postgres://lis:***@/lis?host=/run");
        assert_eq!(shown("postgres:///lis?user=lis&password=secret"), "postgres:///lis?user=lis&password=***");
        assert_eq!(shown("postgres://lis@db/lis"), "postgres://lis@db/lis");
    }
}
