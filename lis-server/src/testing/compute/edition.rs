//! The edition of a record: which rules make it from what was asked. A change that gives another answer, or the same answer in
//! other bytes, is a new edition; the rules of the old ones stay, and a stored record is asked again by its own
//! (`golden.jsonl` holds records of every edition).

use serde::Deserialize;

use super::Record;
use crate::judgement::edition::Rules;

/// Editions of [`Record`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::testing) enum Edition {
    /// A finding of what must not be detected counts as confirmed, and a record does not name the rows that it rests on.
    First,
    /// Such a finding waits until a person has confirmed it; the sources name their rows.
    Second,
    /// A value that has no finite decimal is carried exactly from determination to determination and from part to part, and is
    /// cut once, before it is judged; before, each of them was cut for itself. LOD and LOQ are those of the determination that
    /// sees least, and rounded for display alone; before, those of the first one to six figures.
    Third,
    /// The share of an additive and the guard band of a value are reckoned with the fraction that was found; before, with what
    /// it was cut to.
    Fourth,
    /// A reading of which only a border is known (`<a`) bounds the result on the side that the formula says, and where nothing is
    /// read a result that falls with its reading is refused; before, every formula was taken to rise with it. A sum of which nothing is
    /// detected conforms where nothing must be; before, its upper bound counted as a finding.
    Fifth,
    /// A residue of which other parts belong to its definition and were not added is open where its compound alone conforms; before,
    /// the compound alone was judged as if it were the sum.
    Sixth,
}

/// Of a record that is made now.
pub(in crate::testing) const CURRENT: Edition = Edition::Sixth;

/// A record of rules that only a newer program knows: nobody can say whether it would come out the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownEdition(pub u32);

impl Edition {
    /// The rules of judgement that its records ask.
    pub fn rules(self) -> Rules {
        match self {
            Self::First | Self::Second => Rules::First,
            Self::Third | Self::Fourth | Self::Fifth | Self::Sixth => Rules::Second,
        }
    }

    pub fn number(self) -> u32 {
        match self {
            Self::First => 1,
            Self::Second => 2,
            Self::Third => 3,
            Self::Fourth => 4,
            Self::Fifth => 5,
            Self::Sixth => 6,
        }
    }

    pub fn of(number: u32) -> Result<Self, UnknownEdition> {
        match number {
            1 => Ok(Self::First),
            2 => Ok(Self::Second),
            3 => Ok(Self::Third),
            4 => Ok(Self::Fourth),
            5 => Ok(Self::Fifth),
            6 => Ok(Self::Sixth),
            newer => Err(UnknownEdition(newer)),
        }
    }
}

/// Whether the rules that a stored record was made by give its bytes again. The edition is read first: of a newer one
/// nothing else may be understood.
///
/// # Errors
/// An edition that this program does not know.
pub fn replays(stored: &str) -> Result<bool, UnknownEdition> {
    #[derive(Deserialize)]
    struct Numbered {
        record: u32,
    }
    if let Ok(Numbered { record }) = serde_json::from_str(stored) {
        Edition::of(record)?;
    }
    match serde_json::from_str::<Record>(stored) {
        Ok(record) => Ok(record.bytes() == stored && record.replay()?),
        Err(_) => Ok(false),
    }
}
