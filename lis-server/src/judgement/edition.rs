//! Editions of the rules of this room. A rule that answers otherwise, or in other bytes, makes a new one; the rules of the old
//! ones stay, so that a stored judgement is asked again by those that made it.

/// Which rules answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rules {
    First,
    /// 1. What is not detected by a method that states its LOQ alone passes a maximum that is not below it, and otherwise says
    ///    nothing. 2. A negative number against a limit with a negative end is measured by its size, and against 不得检出 it is
    ///    nothing. 3. What is detected at an LOD that is not below a minimum reaches it. 4. A total or a species that is not
    ///    detected is nothing where no LOD is stated. 5. Plates: counts that contradict their dilutions are refused, a level
    ///    without colonies is not the nearest one, and a border is rounded as a count is.
    Second,
}

impl Rules {
    /// Of a judgement that is made now.
    pub const CURRENT: Self = Self::Second;

    pub fn number(self) -> u32 {
        match self {
            Self::First => 1,
            Self::Second => 2,
        }
    }

    /// `None`: only a newer program knows them.
    pub fn of(number: u32) -> Option<Self> {
        [Self::First, Self::Second].into_iter().find(|rules| rules.number() == number)
    }
}
