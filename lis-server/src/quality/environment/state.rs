//! Limits, readings, and what follows from them. Pure.

use std::cmp::Ordering;

use chrono::NaiveDate;

use super::{ROOM_OUTSIDE, ROOM_UNREAD};
use crate::domain::clock::Moment;
use crate::domain::decimal::Decimal;
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

    /// Whether the least lies above the most.
    pub fn is_empty(&self) -> bool {
        matches!((&self.least, &self.most), (Some(least), Some(most)) if least.cmp_value(most) == Ordering::Greater)
    }
}

/// A room, fridge or incubator.
#[derive(Clone, Debug)]
pub struct Room {
    pub code: String,
    /// Degrees Celsius.
    pub temperature: Band,
    /// Per cent relative humidity.
    pub humidity: Band,
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

    pub fn is_within(&self, reading: &Reading) -> bool {
        reading.temperature.as_ref().is_none_or(|value| self.temperature.holds(value))
            && reading.humidity.as_ref().is_none_or(|value| self.humidity.holds(value))
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
        let unread = (self.temperature.is_bound() && readings.iter().all(|one| one.temperature.is_none()))
            || (self.humidity.is_bound() && readings.iter().all(|one| one.humidity.is_none()));
        let outside = readings.iter().find(|one| !self.is_within(one));
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

    /// The times outside the limits, by readings in the order of time.
    pub fn excursions(&self, readings: &[Reading]) -> Vec<Excursion> {
        let mut found: Vec<Excursion> = Vec::new();
        let mut good: Option<Moment> = None;
        let mut is_outside = false;
        for reading in readings {
            match (self.is_within(reading), is_outside, found.last_mut()) {
                (true, true, Some(last)) => last.until = Some(reading.at),
                (false, true, Some(last)) => last.readings += 1,
                (false, ..) => {
                    found.push(Excursion { from: good.unwrap_or(reading.at), until: None, readings: 1 });
                }
                (true, ..) => {}
            }
            is_outside = !self.is_within(reading);
            if !is_outside {
                good = Some(reading.at);
            }
        }
        found
    }
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

    /// A balance room from 15 to 25 degrees and at most 65 per cent.
    fn room() -> Room {
        Room {
            code: "B-101".into(),
            temperature: Band { least: number("15"), most: number("25") },
            humidity: Band { least: None, most: number("65") },
            methods: vec!["GB 5009.3".into()],
            instruments: vec!["BAL-01".into()],
        }
    }

    fn reading(when: &str, temperature: &str, humidity: &str) -> Reading {
        Reading { at: at(when), temperature: number(temperature), humidity: number(humidity) }
    }

    #[test]
    fn the_limits_themselves_are_within() {
        let within =
            |temperature: &str, humidity: &str| room().is_within(&reading("2026-11-27 08:00", temperature, humidity));
        assert!(within("15.0", "65.0") && within("25.00", "0"));
        assert!(!within("14.9", "50") && !within("25.1", "50") && !within("20", "65.1"));
        assert!(within("20", ""), "what was not read is not outside");
        assert!(Band { least: number("25"), most: number("15") }.is_empty());
        assert!(!Band { least: number("15.0"), most: number("15") }.is_empty());
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
        let found = room().excursions(&readings);
        let expected = [
            // Nothing is known before it.
            Excursion { from: at("2026-11-25 08:00"), until: Some(at("2026-11-25 14:00")), readings: 1 },
            Excursion { from: at("2026-11-25 14:00"), until: Some(at("2026-11-27 08:00")), readings: 2 },
            Excursion { from: at("2026-11-27 08:00"), until: None, readings: 1 },
        ];
        assert_eq!(found, expected);
    }
}
