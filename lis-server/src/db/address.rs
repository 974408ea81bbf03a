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
    /// `sqlite` or `postgres`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }

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

/// An address as it may be shown. By text, not by a URL parser: libpq takes addresses that are no URL (an empty host before a
/// socket's path), and a password must not show because something else in the address is unusual.
pub(crate) fn without_password(text: &str) -> String {
    // Up to the last `@`, wherever it stands: a password may hold every other mark of an address.
    let without_user_s = |text: &str| {
        let (scheme, rest) = text.split_once("://")?;
        let (user_and_password, place) = rest.rsplit_once('@')?;
        let (user, _) = user_and_password.split_once(':')?;
        Some(format!("{scheme}://{user}:***@{place}"))
    };
    let shown = without_user_s(text).unwrap_or_else(|| text.to_owned());
    let fields = shown.split_inclusive('&').map(|field| match field.split_once("password=") {
        Some((before, value)) => format!("{before}password=***{}", if value.ends_with('&') { "&" } else { "" }),
        None => field.to_owned(),
    });
    fields.collect()
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
        assert_eq!(shown("postgres://lis@db/lis?sslpassword=secret&a=b"), "postgres://lis@db/lis?sslpassword=***&a=b");
        assert_eq!(shown("postgres://lis:se?cr@t@db/lis"), "postgres://lis:***@db/lis");
        assert_eq!(shown("postgres://lis:s@c?r@t@db/lis?a=b"), "postgres://lis:***@db/lis?a=b");
        assert_eq!(shown("postgres:///lis?password=se?cret&user=lis"), "postgres:///lis?password=***&user=lis");
        assert_eq!(shown("postgres:///lis?host=/run&user=a@b"), "postgres:///lis?host=/run&user=a@b");
    }
}
