//! Time as an argument. A [`Moment`] is a point in UTC in whole milliseconds, so that a stored time and a hashed
//! time are the same text on both databases. Only the rim of the program asks a [`Clock`].

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, SecondsFormat, TimeDelta, Timelike, Utc};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Timestamp;
use serde::{Deserialize, Serialize};

/// Shown time is China Standard Time, UTC+8 all year since 1992 (no daylight saving).
const CHINA_OFFSET_S: i32 = 8 * 3600;

/// A point in time, UTC, whole milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, AsExpression, FromSqlRow)]
#[diesel(sql_type = Timestamp)]
pub struct Moment(NaiveDateTime);

impl Moment {
    /// Cuts anything finer than a millisecond.
    pub fn new(at: DateTime<Utc>) -> Self {
        Self::whole_milliseconds(at.naive_utc())
    }

    fn whole_milliseconds(at: NaiveDateTime) -> Self {
        let cut = at.nanosecond() / 1_000_000 * 1_000_000;
        Self(at.with_nanosecond(cut).unwrap_or(at))
    }

    /// Milliseconds since 1970-01-01T00:00:00Z; `None` outside the calendar's range.
    pub fn from_millis(ms: i64) -> Option<Self> {
        DateTime::from_timestamp_millis(ms).map(Self::new)
    }

    pub fn millis(self) -> i64 {
        self.0.and_utc().timestamp_millis()
    }

    pub fn utc(self) -> DateTime<Utc> {
        self.0.and_utc()
    }

    /// The same moment on a clock in China.
    pub fn in_china(self) -> DateTime<FixedOffset> {
        let zone = FixedOffset::east_opt(CHINA_OFFSET_S).expect("eight hours is a valid offset");
        self.utc().with_timezone(&zone)
    }

    /// The date in China: legal periods are counted from it.
    pub fn date_in_china(self) -> NaiveDate {
        self.in_china().date_naive()
    }

    /// RFC 3339 in UTC with three decimals: `2026-11-16T00:00:00.000Z`.
    pub fn rfc3339(self) -> String {
        self.utc().to_rfc3339_opts(SecondsFormat::Millis, true)
    }

    /// Reads RFC 3339 with any offset.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(|at| Self::new(at.to_utc()))
    }

    /// Reads a date and time as a person in China types it (`2026-11-16 08:00`, a `T` is allowed).
    pub fn parse_in_china(text: &str) -> Option<Self> {
        let text = text.trim().replace('T', " ");
        let local = NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M")
            .or_else(|_| NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S"))
            .ok()?;
        Some(Self::whole_milliseconds(local.checked_sub_signed(TimeDelta::seconds(i64::from(CHINA_OFFSET_S)))?))
    }

    pub fn plus(self, span: TimeDelta) -> Self {
        Self(self.0 + span)
    }

    pub fn since(self, earlier: Moment) -> TimeDelta {
        self.0 - earlier.0
    }
}

/// As shown to people: date and time in China, with the zone.
impl utoipa::PartialSchema for Moment {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("RFC 3339 in UTC, whole milliseconds."))
            .into()
    }
}

impl utoipa::ToSchema for Moment {}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.in_china().format("%Y-%m-%d %H:%M:%S +08:00"))
    }
}

impl Serialize for Moment {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.rfc3339())
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse_rfc3339(&text)
            .ok_or_else(|| serde::de::Error::custom(format!("{text:?} is not a time as in 2026-11-16T08:00:00Z")))
    }
}

impl<DB: Backend> ToSql<Timestamp, DB> for Moment
where
    NaiveDateTime: ToSql<Timestamp, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

impl<DB: Backend> FromSql<Timestamp, DB> for Moment
where
    NaiveDateTime: FromSql<Timestamp, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        NaiveDateTime::from_sql(bytes).map(Self)
    }
}

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// The laboratory's time: what records, deadlines and reports carry.
    fn now(&self) -> Moment;

    /// The time of the machine: sessions, tokens and lock-outs run on it even while a script moves the laboratory's.
    fn real(&self) -> Moment {
        Moment::new(Utc::now())
    }
}

/// The machine's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        self.real()
    }
}

/// A clock that a script moves: the demonstration and the tests.
pub struct ScriptedClock(AtomicI64);

impl ScriptedClock {
    pub fn starting_at(start: Moment) -> Self {
        Self(AtomicI64::new(start.millis()))
    }

    pub fn set(&self, to: Moment) {
        self.0.store(to.millis(), Ordering::SeqCst);
    }

    pub fn advance(&self, by: TimeDelta) {
        self.0.fetch_add(by.num_milliseconds(), Ordering::SeqCst);
    }
}

impl Clock for ScriptedClock {
    fn now(&self) -> Moment {
        Moment::from_millis(self.0.load(Ordering::SeqCst)).expect("a scripted time lies within the calendar")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_shown_in_china_and_written_in_utc() {
        let moment = Moment::parse_in_china("2026-11-16 08:00").unwrap();
        assert_eq!(moment.rfc3339(), "2026-11-16T00:00:00.000Z");
        assert_eq!(moment.to_string(), "2026-11-16 08:00:00 +08:00");
        assert_eq!(Moment::parse_rfc3339("2026-11-16T08:00:00.0009+08:00"), Some(moment));
    }

    #[test]
    fn the_date_changes_at_midnight_in_china() {
        let late = Moment::parse_rfc3339("2026-11-16T16:30:00Z").unwrap();
        assert_eq!(late.date_in_china(), NaiveDate::from_ymd_opt(2026, 11, 17).unwrap());
    }

    #[test]
    fn impossible_times_are_refused() {
        assert_eq!(Moment::parse_in_china("2026-02-30 08:00"), None);
        assert_eq!(Moment::parse_rfc3339("2026-11-16 08:00"), None);
    }
}
