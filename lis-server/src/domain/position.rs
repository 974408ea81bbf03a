//! Places on the map: a point as people and devices write it, and the box around a region. Degrees are exact decimals.

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::decimal::Decimal;
use super::text;

/// A point in decimal degrees, north and east.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Point {
    pub latitude: Decimal,
    pub longitude: Decimal,
}

/// What lies between two latitudes and two longitudes, with its edges.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Bounds {
    pub south: Decimal,
    pub west: Decimal,
    pub north: Decimal,
    pub east: Decimal,
}

/// Signs of minutes and seconds: such degrees are not decimal.
const SEXAGESIMAL: &[char] = &['\'', '"', '′', '″', '’', '”', '分', '秒'];

impl Point {
    /// Two numbers in decimal degrees, whatever stands around them (`39.12, 116.39`, `东经116.39° 北纬39.12°`). In China every
    /// longitude (from 73°) is greater than every latitude (to 54°), so that their order says nothing. `None`: no such
    /// point.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text::code(text);
        if text.contains(SEXAGESIMAL) {
            return None;
        }
        let is_part = |c: char| c.is_ascii_digit() || c == '.' || c == '-';
        let mut numbers = text.split(|c: char| !is_part(c)).filter(|part| !part.is_empty()).map(Decimal::parse);
        let (Some(Ok(one)), Some(Ok(other)), None) = (numbers.next(), numbers.next(), numbers.next()) else {
            return None;
        };
        let (latitude, longitude) = if one.cmp_value(&other) == Ordering::Less { (one, other) } else { (other, one) };
        (within(&latitude, LATITUDES) && within(&longitude, LONGITUDES)).then_some(Self { latitude, longitude })
    }
}

impl Bounds {
    pub fn holds(&self, point: &Point) -> bool {
        between(&point.latitude, &self.south, &self.north) && between(&point.longitude, &self.west, &self.east)
    }
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} {}", self.south, self.west, self.north, self.east)
    }
}

/// Degrees that there are, from south to north and from west to east.
pub const LATITUDES: (i64, i64) = (-90, 90);
pub const LONGITUDES: (i64, i64) = (-180, 180);

fn within(value: &Decimal, (least, most): (i64, i64)) -> bool {
    between(value, &Decimal::from(least), &Decimal::from(most))
}

fn between(value: &Decimal, least: &Decimal, most: &Decimal) -> bool {
    value.cmp_value(least) != Ordering::Less && value.cmp_value(most) != Ordering::Greater
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(String, String)> {
        Point::parse(text).map(|point| (point.latitude.to_string(), point.longitude.to_string()))
    }

    #[test]
    fn a_point_is_read_as_people_and_devices_write_it() {
        let bazhou = Some(("39.1255".to_owned(), "116.3918".to_owned()));
        for text in [
            "39.1255,116.3918",
            "39.1255 116.3918",
            "116.3918，39.1255",
            "E116.3918° N39.1255°",
            "东经116.3918度，北纬39.1255度",
            "lat:39.1255;lng:116.3918",
            "３９．１２５５，１１６．３９１８",
        ] {
            assert_eq!(read(text), bazhou, "{text}");
        }
        for text in ["", "/", "39.1255", "39°7′32″ 116°23′30″", "39.1255,116.3918,12", "39.12.55,116.39", "95.0,116.39"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_box_holds_its_edges() {
        let degrees = |text: &str| Decimal::parse(text).unwrap();
        let bounds = Bounds {
            south: degrees("38.98"),
            west: degrees("116.20"),
            north: degrees("39.30"),
            east: degrees("116.80"),
        };
        for (text, inside) in [
            ("39.1255,116.3918", true),
            ("38.980,116.2", true),
            ("39.3,116.8", true),
            ("39.3001,116.5", false),
            ("39.1,116.19999", false),
            ("38.9799,116.5", false),
        ] {
            assert_eq!(bounds.holds(&Point::parse(text).unwrap()), inside, "{text}");
        }
    }
}
