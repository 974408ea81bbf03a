//! What is seen on a plate, and how much of it may be used for a count.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::number::{Ratio, whole};

/// What is seen on one plate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Plate {
    Count(u32),
    /// Colonies of which some were picked, and of these some confirmed: `61×4/5`.
    Picked {
        colonies: u32,
        confirmed: u32,
        picked: u32,
    },
    /// 多不可计: more than can be counted.
    TooNumerous,
    /// 蔓延: overgrown, not counted.
    Overgrown,
}

impl Plate {
    /// All colonies on it.
    pub fn colonies(&self) -> Option<u32> {
        match self {
            Self::Count(colonies) | Self::Picked { colonies, .. } => Some(*colonies),
            Self::TooNumerous | Self::Overgrown => None,
        }
    }

    /// What of them counts: all, or the share that was confirmed.
    pub fn counted(&self) -> Option<Ratio> {
        match self {
            Self::Count(colonies) => Some(whole((*colonies).into())),
            Self::Picked { colonies, confirmed, picked } => {
                let share = Ratio::new((*confirmed).into(), (*picked).into());
                Some(whole((*colonies).into()) * share)
            }
            Self::TooNumerous | Self::Overgrown => None,
        }
    }

    pub fn is_in(&self, range: CountRange) -> bool {
        self.colonies().is_some_and(|colonies| (range.low..=range.high).contains(&colonies))
    }

    pub fn is_above(&self, range: CountRange) -> bool {
        match self {
            Self::TooNumerous => true,
            Self::Overgrown => false,
            Self::Count(colonies) | Self::Picked { colonies, .. } => *colonies > range.high,
        }
    }

    pub fn is_below(&self, range: CountRange) -> bool {
        self.colonies().is_some_and(|colonies| colonies < range.low)
    }
}

impl TryFrom<String> for Plate {
    type Error = String;
    fn try_from(typed: String) -> Result<Self, String> {
        let code = crate::domain::text::code(&typed).to_lowercase();
        match code.as_str() {
            "tntc" | "多不可计" => Ok(Self::TooNumerous),
            "overgrown" | "spreader" | "蔓延" => Ok(Self::Overgrown),
            written => match written.split_once(['×', '*']) {
                None => number(written).map(Self::Count),
                Some((colonies, share)) => picked(colonies, share),
            }
            .ok_or_else(|| not_a_plate(&typed)),
        }
    }
}

fn number(written: &str) -> Option<u32> {
    let written = written.trim();
    if written.bytes().all(|b| b.is_ascii_digit()) { written.parse().ok() } else { None }
}

/// No more are confirmed than were picked, and no more picked than there are.
fn picked(colonies: &str, share: &str) -> Option<Plate> {
    let (confirmed, picked) = share.split_once('/')?;
    let (colonies, confirmed, picked) = (number(colonies)?, number(confirmed)?, number(picked)?);
    let is_possible = picked > 0 && confirmed <= picked && picked <= colonies;
    is_possible.then_some(Plate::Picked { colonies, confirmed, picked })
}

fn not_a_plate(typed: &str) -> String {
    format!(
        "\"{typed}\" is no plate: write the number of colonies, TNTC or overgrown; with a confirmation colonies × confirmed / \
         picked, 61×4/5"
    )
}

impl From<Plate> for String {
    fn from(plate: Plate) -> Self {
        plate.to_string()
    }
}

impl fmt::Display for Plate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Picked { colonies, confirmed, picked } => write!(f, "{colonies}×{confirmed}/{picked}"),
            Self::TooNumerous => f.write_str("TNTC"),
            Self::Overgrown => f.write_str("overgrown"),
        }
    }
}

/// Colonies that may be used for a count, both ends included: `15~150`; and which dilution counts where none is in range and some
/// lie on both sides: `20~200 last-above` the last one above it, otherwise the nearest one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CountRange {
    low: u32,
    high: u32,
    last_above: bool,
}

impl CountRange {
    /// GB 4789.2.
    pub const USUAL: Self = Self { low: 30, high: 300, last_above: false };

    /// `None`: there is no such range.
    pub fn new(low: u32, high: u32) -> Option<Self> {
        (low > 0 && low < high).then_some(Self { low, high, last_above: false })
    }

    pub fn is_usual(&self) -> bool {
        *self == Self::USUAL
    }

    pub fn low(self) -> u32 {
        self.low
    }

    pub fn high(self) -> u32 {
        self.high
    }

    pub fn counts_last_above(self) -> bool {
        self.last_above
    }

    /// As a person reads it: `15~150`.
    pub fn shown(self) -> String {
        format!("{}~{}", self.low, self.high)
    }
}

impl Default for CountRange {
    fn default() -> Self {
        Self::USUAL
    }
}

impl FromStr for CountRange {
    type Err = String;
    fn from_str(written: &str) -> Result<Self, String> {
        let (range, last_above) = match written.trim().strip_suffix(LAST_ABOVE) {
            Some(range) => (range, true),
            None => (written, false),
        };
        let ends = range.split_once('~').and_then(|(low, high)| Some((number(low)?, number(high)?)));
        let read = ends.and_then(|(low, high)| Self::new(low, high));
        read.map(|range| Self { last_above, ..range })
            .ok_or_else(|| format!("\"{written}\" is no range of colonies: write the least and the most, 15~150"))
    }
}

/// GB 4789.10.
const LAST_ABOVE: &str = " last-above";

impl TryFrom<String> for CountRange {
    type Error = String;
    fn try_from(written: String) -> Result<Self, String> {
        written.parse()
    }
}

impl From<CountRange> for String {
    fn from(range: CountRange) -> Self {
        range.to_string()
    }
}

impl fmt::Display for CountRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())?;
        f.write_str(if self.last_above { LAST_ABOVE } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_written_as_it_is_read() {
        for written in ["15~150", "20~200 last-above", "30~300"] {
            assert_eq!(written.parse::<CountRange>().unwrap().to_string(), written);
        }
        assert!("30~300".parse::<CountRange>().unwrap().is_usual());
        assert!(!"30~300 last-above".parse::<CountRange>().unwrap().is_usual());
        for wrong in ["", "15", "150~15", "15~15", "0~150", "15-150", "15~150 nearest", "1.5~150", "+15~150"] {
            assert!(wrong.parse::<CountRange>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_plate_says_what_was_picked_and_confirmed() {
        let read = |written: &str| Plate::try_from(written.to_owned());
        let picked = Plate::Picked { colonies: 61, confirmed: 4, picked: 5 };
        assert_eq!((read("61×4/5"), read(" 61 * 4/5 ")), (Ok(picked), Ok(picked)));
        assert_eq!((picked.to_string().as_str(), picked.colonies()), ("61×4/5", Some(61)));
        assert_eq!(picked.counted(), Some(Ratio::new(244.into(), 5.into())));
        for wrong in ["61×5/4", "61×4", "61×4/0", "3×4/5", "×4/5", "61×/5", "61×4/5/5", "61×-1/5", "0×0/0"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
