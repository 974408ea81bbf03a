//! Limits, readings, and what follows from them. Pure.

use std::cmp::Ordering;

use chrono::NaiveDate;

use super::{ROOM_OUTSIDE, ROOM_UNREAD};
use crate::domain::clock::Moment;
use crate::domain::decimal::Decimal;
use crate::domain::ids::{RoomLimitsId, RoomReadingId};
use crate::quality::gates::state::{Finding, Gate};

/// Every method demands the limits.
const ANY_METHOD: &str = "*";

/// From the least to the most, both included; without either there is no bound.
#[derive(Clone, Debug, Default)]
pub struct Band {
    pub least: Option<Decimal>,
    pub most: Option<Decimal>,
}

impl Band {
    fn is_bound(&self) -> bool {
        self.least.is_some() || self.most.is_some()
    }

    pub fn holds(&self, value: &Decimal) -> bool {
        self.least.as_ref().is_none_or(|least| value.cmp_value(least) != Ordering::Less)
            && self.most.as_ref().is_none_or(|most| value.cmp_value(most) != Ordering::Greater)
    }

    /// Least and most as they were set; empty: no bound.
    pub fn texts(&self) -> [String; 2] {
        [&self.least, &self.most].map(|bound| bound.as_ref().map(Decimal::to_string).unwrap_or_default())
    }

    /// Whether the least lies above the most.
    pub fn is_empty(&self) -> bool {
        matches!((&self.least, &self.most), (Some(least), Some(most)) if least.cmp_value(most) == Ordering::Greater)
    }
}

/// The limits of a room, from a day on.
#[derive(Clone, Debug)]
pub struct Limits {
    pub id: RoomLimitsId,
    pub valid_from: NaiveDate,
    /// Degrees Celsius.
    pub temperature: Band,
    /// Per cent relative humidity.
    pub humidity: Band,
}

impl Limits {
    /// As they were set; empty: no limit.
    pub fn texts(&self) -> [String; 4] {
        let ([coldest, warmest], [driest, dampest]) = (self.temperature.texts(), self.humidity.texts());
        [coldest, warmest, driest, dampest]
    }

    /// Whether what was read lies within; what was not read is not outside.
    pub fn hold(&self, temperature: Option<&Decimal>, humidity: Option<&Decimal>) -> bool {
        temperature.is_none_or(|value| self.temperature.holds(value))
            && humidity.is_none_or(|value| self.humidity.holds(value))
    }
}

/// A room, fridge or incubator.
#[derive(Clone, Debug)]
pub struct Room {
    pub code: String,
    /// By their first day; those of one day in the order in which they were set.
    pub limits: Vec<Limits>,
    /// Method standards that demand the limits.
    pub methods: Vec<String>,
    /// Codes of the instruments that stand in it.
    pub instruments: Vec<String>,
}

/// What was read at a moment.
#[derive(Clone, Debug)]
pub struct Reading {
    pub at: Moment,
    pub temperature: Option<Decimal>,
    pub humidity: Option<Decimal>,
    /// By the limits that it was judged by when it came; later ones change nothing of it.
    pub within: bool,
}

/// A reading among those around it.
#[derive(Clone, Debug)]
pub struct Placed {
    pub id: RoomReadingId,
    pub reading: Reading,
    /// It has just come.
    pub is_new: bool,
}

/// An excursion of which nothing was known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Begun {
    /// The first reading outside, by its place.
    pub first: usize,
    pub from: Moment,
    pub until: Option<Moment>,
}

/// A time in which a room lay outside its limits: after the last reading within them, before the next one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Excursion {
    /// The last reading within the limits; without one the first reading outside.
    pub from: Moment,
    /// The next reading within the limits; `None`: there is none yet.
    pub until: Option<Moment>,
    /// Readings outside.
    pub readings: usize,
}

impl Room {
    pub fn demands(&self, method: &str) -> bool {
        self.methods.iter().any(|one| one == method || one == ANY_METHOD)
    }

    /// The limits of a day. The first ones hold for the time before them as well: what a sensor had logged when the room was
    /// set up is judged by them.
    pub fn limits_on(&self, on: NaiveDate) -> Option<&Limits> {
        self.limits.iter().rev().find(|one| one.valid_from <= on).or(self.limits.first())
    }

    /// Whether a sheet on these instruments was worked on here: one of them stands in the room. A room without instruments,
    /// and a sheet without one, leave that open.
    pub fn houses(&self, instruments: &[String]) -> bool {
        self.instruments.is_empty()
            || instruments.is_empty()
            || instruments.iter().any(|code| self.instruments.contains(code))
    }

    /// The days that count for a sheet: those on which its instruments in this room were used. A room without instruments,
    /// and a sheet without one, are looked at on the day of the submission.
    pub fn days(&self, used: &[(String, Vec<NaiveDate>)], today: NaiveDate) -> Vec<NaiveDate> {
        if self.instruments.is_empty() || used.is_empty() {
            return vec![today];
        }
        let here = used.iter().filter(|(code, _)| self.instruments.contains(code));
        let mut days: Vec<NaiveDate> = here.flat_map(|(_, days)| days.iter().copied()).collect();
        days.sort_unstable();
        days.dedup();
        days
    }

    /// What the gate finds of a day, by the readings of that day: a quantity that has limits and was not read, and the
    /// first reading outside.
    pub fn found(&self, on: NaiveDate, readings: &[Reading]) -> Vec<Finding> {
        let unread = self.limits_on(on).is_some_and(|limits| {
            (limits.temperature.is_bound() && readings.iter().all(|one| one.temperature.is_none()))
                || (limits.humidity.is_bound() && readings.iter().all(|one| one.humidity.is_none()))
        });
        let outside = readings.iter().find(|one| !one.within);
        let text = |value: &Option<Decimal>| value.as_ref().map_or("/".to_owned(), Decimal::to_string);
        let reasons = [
            unread.then(|| ROOM_UNREAD.with("room", &self.code).with("date", on)),
            outside.map(|one| {
                ROOM_OUTSIDE
                    .with("room", &self.code)
                    .with("at", one.at)
                    .with("temperature", text(&one.temperature))
                    .with("humidity", text(&one.humidity))
            }),
        ];
        reasons.into_iter().flatten().map(|reason| Finding { gate: Gate::Environment, on, reason }).collect()
    }
}

/// The times outside the limits, by readings in the order of time.
pub fn excursions(readings: &[Reading]) -> Vec<Excursion> {
    let mut found: Vec<Excursion> = Vec::new();
    let mut good: Option<Moment> = None;
    let mut is_outside = false;
    for reading in readings {
        match (reading.within, is_outside, found.last_mut()) {
            (true, true, Some(last)) => last.until = Some(reading.at),
            (false, true, Some(last)) => last.readings += 1,
            (false, ..) => {
                found.push(Excursion { from: good.unwrap_or(reading.at), until: None, readings: 1 });
            }
            (true, ..) => {}
        }
        is_outside = !reading.within;
        if reading.within {
            good = Some(reading.at);
        }
    }
    found
}

/// The excursions that nobody knew of, by readings in the order of time: every reading of theirs has just come. One that goes
/// on, or begins earlier than was known, was told when its other readings came.
pub fn begun(readings: &[Placed]) -> Vec<Begun> {
    let mut found = Vec::new();
    let mut at = 0;
    for run in readings.chunk_by(|one, next| one.reading.within == next.reading.within) {
        let (first, next) = (at, at + run.len());
        at = next;
        if run.iter().all(|one| one.is_new && !one.reading.within) {
            let before = first.saturating_sub(1);
            let until = readings.get(next).map(|one| one.reading.at);
            found.push(Begun { first, from: readings[before].reading.at, until });
        }
    }
    found
}

/// When an excursion that began at a moment is over, by readings that have just come; `None`: they change nothing.
pub fn over(began: Moment, until: Option<Moment>, readings: &[Placed]) -> Option<Moment> {
    let ends = |one: &&Placed| one.is_new && one.reading.within && one.reading.at > began;
    let end = readings.iter().find(ends)?.reading.at;
    until.is_none_or(|until| end < until).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Option<Decimal> {
        Decimal::parse(text).ok()
    }

    fn at(text: &str) -> Moment {
        Moment::parse_in_china(text).unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// 15 to 25 degrees and at most 65 per cent.
    fn limits(id: i64, valid_from: &str) -> Limits {
        Limits {
            id: RoomLimitsId(id),
            valid_from: day(valid_from),
            temperature: Band { least: number("15"), most: number("25") },
            humidity: Band { least: None, most: number("65") },
        }
    }

    /// A balance room with these limits since the beginning of the year.
    fn room() -> Room {
        Room {
            code: "B-101".into(),
            limits: vec![limits(1, "2026-01-01")],
            methods: vec!["GB 5009.3".into()],
            instruments: vec!["BAL-01".into()],
        }
    }

    fn reading(when: &str, temperature: &str, humidity: &str) -> Reading {
        let (temperature, humidity) = (number(temperature), number(humidity));
        let within = limits(1, "2026-01-01").hold(temperature.as_ref(), humidity.as_ref());
        Reading { at: at(when), temperature, humidity, within }
    }

    #[test]
    fn the_limits_themselves_are_within() {
        let within = |temperature: &str, humidity: &str| reading("2026-11-27 08:00", temperature, humidity).within;
        assert!(within("15.0", "65.0") && within("25.00", "0"));
        assert!(!within("14.9", "50") && !within("25.1", "50") && !within("20", "65.1"));
        assert!(within("20", ""), "what was not read is not outside");
        assert!(Band { least: number("25"), most: number("15") }.is_empty());
        assert!(!Band { least: number("15.0"), most: number("15") }.is_empty());
    }

    #[test]
    fn the_limits_of_a_day_are_the_newest_that_hold_then() {
        // The third were set after the second, for the same day.
        let all = vec![limits(1, "2026-03-01"), limits(2, "2026-11-01"), limits(3, "2026-11-01")];
        let room = Room { limits: all, ..room() };
        let on = |text: &str| room.limits_on(day(text)).map(|one| one.id.0);
        assert_eq!([on("2026-02-01"), on("2026-03-01"), on("2026-10-31")], [Some(1), Some(1), Some(1)]);
        assert_eq!([on("2026-11-01"), on("2027-01-01")], [Some(3), Some(3)]);
        assert_eq!(Room { limits: Vec::new(), ..room.clone() }.limits_on(day("2026-11-01")).map(|one| one.id.0), None);
    }

    #[test]
    fn a_day_without_a_reading_and_a_reading_outside_are_found() {
        let codes = |readings: &[Reading]| {
            let found = room().found(day("2026-11-27"), readings);
            found.iter().map(|one| one.reason.problem.code).collect::<Vec<_>>()
        };
        assert_eq!(codes(&[]), ["room-unread"]);
        assert_eq!(codes(&[reading("2026-11-27 08:00", "20", "50")]), Vec::<&str>::new());
        // The humidity has a limit and nobody read it.
        assert_eq!(codes(&[reading("2026-11-27 08:00", "20", "")]), ["room-unread"]);
        let both = [reading("2026-11-27 08:00", "20", "50"), reading("2026-11-27 14:00", "26", "50")];
        assert_eq!(codes(&both), ["room-outside-limits"]);
    }

    #[test]
    fn the_days_are_those_of_the_instruments_in_the_room() {
        let today = day("2026-11-27");
        let used = |code: &str| vec![(code.to_owned(), vec![day("2026-11-26"), day("2026-11-25")])];
        assert_eq!(room().days(&used("BAL-01"), today), [day("2026-11-25"), day("2026-11-26")]);
        assert!(room().days(&used("AAS-01"), today).is_empty(), "it stands in another room");
        assert_eq!(room().days(&[], today), [today], "typed values, of no instrument");
        let whole = Room { instruments: Vec::new(), ..room() };
        assert_eq!(whole.days(&used("AAS-01"), today), [today]);
        let houses =
            |room: &Room, codes: &[&str]| room.houses(&codes.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>());
        assert!(houses(&room(), &["AAS-01", "BAL-01"]) && !houses(&room(), &["AAS-01"]));
        assert!(houses(&room(), &[]) && houses(&whole, &["AAS-01"]), "it is not known to be another");
        assert!(room().demands("GB 5009.3") && !room().demands("GB 5009.4"));
        assert!(Room { methods: vec!["*".into()], ..room() }.demands("GB 5009.4"));
    }

    #[test]
    fn an_excursion_goes_from_the_last_good_reading_to_the_next() {
        let readings = [
            reading("2026-11-25 08:00", "26", "50"),
            reading("2026-11-25 14:00", "20", "50"),
            reading("2026-11-26 08:00", "20", "70"),
            reading("2026-11-26 14:00", "27", "50"),
            reading("2026-11-27 08:00", "20", "50"),
            reading("2026-11-27 14:00", "14", "50"),
        ];
        let found = excursions(&readings);
        let expected = [
            // Nothing is known before it.
            Excursion { from: at("2026-11-25 08:00"), until: Some(at("2026-11-25 14:00")), readings: 1 },
            Excursion { from: at("2026-11-25 14:00"), until: Some(at("2026-11-27 08:00")), readings: 2 },
            Excursion { from: at("2026-11-27 08:00"), until: None, readings: 1 },
        ];
        assert_eq!(found, expected);
    }

    /// Readings at the hours of a day: whether each has just come, and its temperature.
    fn placed(hours: &[(&str, bool, &str)]) -> Vec<Placed> {
        let one = |(place, (hour, is_new, temperature)): (usize, &(&str, bool, &str))| Placed {
            id: RoomReadingId(i64::try_from(place).unwrap()),
            reading: reading(&format!("2026-11-27 {hour}"), temperature, "50"),
            is_new: *is_new,
        };
        hours.iter().enumerate().map(one).collect()
    }

    #[test]
    fn an_excursion_is_told_once() {
        let hour = |text: &str| at(&format!("2026-11-27 {text}"));
        // Between two that were within: it began after the one and ended before the other.
        let found = begun(&placed(&[("08:00", false, "20"), ("09:00", true, "26"), ("10:00", false, "20")]));
        assert_eq!(found, [Begun { first: 1, from: hour("08:00"), until: Some(hour("10:00")) }]);
        // The first reading of the room, and it goes on.
        let found = begun(&placed(&[("08:00", true, "26"), ("09:00", true, "27")]));
        assert_eq!(found, [Begun { first: 0, from: hour("08:00"), until: None }]);
        // It goes on, or begins earlier than was known.
        assert!(begun(&placed(&[("08:00", false, "26"), ("09:00", true, "26")])).is_empty());
        assert!(begun(&placed(&[("08:00", true, "26"), ("09:00", false, "26")])).is_empty());
        assert!(begun(&placed(&[("08:00", true, "20")])).is_empty());
        assert!(begun(&[]).is_empty());
    }

    #[test]
    fn an_excursion_is_over_with_the_first_reading_within() {
        let hour = |text: &str| at(&format!("2026-11-27 {text}"));
        let came = placed(&[("07:00", true, "20"), ("09:00", true, "20"), ("10:00", true, "20")]);
        assert_eq!(over(hour("08:00"), None, &came), Some(hour("09:00")));
        assert_eq!(over(hour("08:00"), Some(hour("11:00")), &came), Some(hour("09:00")), "one came late");
        assert_eq!(over(hour("08:00"), Some(hour("08:30")), &came), None);
        assert_eq!(over(hour("08:00"), None, &placed(&[("09:00", false, "20"), ("10:00", true, "26")])), None);
    }
}
