//! Verdict of one item and conclusion of the whole sample.

use serde::{Deserialize, Serialize};

/// What is said about one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// 符合.
    Pass,
    /// 不符合.
    Fail,
    /// 不判定: reported without verdict, printed as `——`.
    NoLimit,
    /// 待复核: a person or another test decides.
    Review,
    /// 方法不适用: the method cannot show conformity.
    Block,
    /// 未完成: something is still missing.
    Incomplete,
}

impl Verdict {
    pub const ALL: &[Verdict] = &[Self::Pass, Self::Fail, Self::NoLimit, Self::Review, Self::Block, Self::Incomplete];

    pub fn from_conforms(conforms: bool) -> Self {
        if conforms { Self::Pass } else { Self::Fail }
    }

    /// The stable name: `PASS`, `NO_LIMIT`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::NoLimit => "NO_LIMIT",
            Self::Review => "REVIEW",
            Self::Block => "BLOCK",
            Self::Incomplete => "INCOMPLETE",
        }
    }

    /// The key of the verdict's name in the message files.
    pub fn word(self) -> String {
        format!("verdict-{}", self.name().to_lowercase().replace('_', "-"))
    }

    pub fn zh(self) -> &'static str {
        match self {
            Self::Pass => "符合",
            Self::Fail => "不符合",
            Self::NoLimit => "不判定",
            Self::Review => "待复核",
            Self::Block => "方法不适用",
            Self::Incomplete => "未完成",
        }
    }

    pub fn en(self) -> &'static str {
        match self {
            Self::Pass => "conforms",
            Self::Fail => "does not conform",
            Self::NoLimit => "not judged",
            Self::Review => "to be reviewed",
            Self::Block => "method not suitable",
            Self::Incomplete => "incomplete",
        }
    }
}

/// What is said about the sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Conclusion {
    /// 合格.
    Pass,
    /// 不合格.
    Fail,
    /// No conclusion yet: an item waits for review, another method or its result.
    Open,
    /// No item has a limit: results only, no conclusion.
    NoLimit,
}

/// The conclusion of a sample from all its items (`judgement.md` 1, step 8).
///
/// 1. Any FAIL: 不合格.
/// 2. Otherwise any REVIEW, INCOMPLETE or BLOCK, or no item at all: no conclusion yet.
/// 3. Otherwise at least one PASS: 合格. Items without a limit do not count.
pub fn conclude(items: &[Verdict]) -> Conclusion {
    let any = |verdict| items.contains(&verdict);
    if any(Verdict::Fail) {
        Conclusion::Fail
    } else if any(Verdict::Review) || any(Verdict::Incomplete) || any(Verdict::Block) || items.is_empty() {
        Conclusion::Open
    } else if any(Verdict::Pass) {
        Conclusion::Pass
    } else {
        Conclusion::NoLimit
    }
}

#[cfg(test)]
mod tests {
    use super::Verdict::*;
    use super::*;

    #[test]
    fn the_sample_follows_its_items() {
        assert_eq!(conclude(&[Pass, NoLimit, Pass]), Conclusion::Pass);
        assert_eq!(conclude(&[Pass, Fail, Review]), Conclusion::Fail);
        for open in [Review, Incomplete, Block] {
            assert_eq!(conclude(&[Pass, open]), Conclusion::Open);
        }
        assert_eq!(conclude(&[NoLimit]), Conclusion::NoLimit);
        assert_eq!(conclude(&[]), Conclusion::Open);
    }

    #[test]
    fn names_are_the_serialised_ones() {
        for verdict in Verdict::ALL {
            assert_eq!(serde_json::to_string(verdict).unwrap(), format!("\"{}\"", verdict.name()));
        }
    }
}
