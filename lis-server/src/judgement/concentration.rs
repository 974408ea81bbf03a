//! The factor by which a product is concentrated, dried or diluted (`judgement.md` 7): the limit of the fresh food is
//! multiplied by it (GB 2762 3.5). Whoever states it says where it comes from.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::number::{Factor, Ratio};

/// A factor with its source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatedFactor {
    pub times: Factor,
    /// What it rests on: a standard with its clause, what the maker declares, a drying of the laboratory's own.
    pub basis: String,
}

/// Longest source, in characters.
pub const BASIS_MOST: usize = 200;

impl StatedFactor {
    /// Reads `4.0|GB 2762-2025 3.5, 4.0 kg fresh makes 1.0 kg dried`; `None`: it is no factor above zero, or names no source.
    pub fn parse(text: &str) -> Option<Self> {
        let (times, basis) = text.split_once(['|', '｜'])?;
        let basis = basis.trim();
        let is_named = !basis.is_empty() && basis.chars().count() <= BASIS_MOST;
        factor(times.trim()).filter(|_| is_named).map(|times| Self { times, basis: basis.to_owned() })
    }
}

impl fmt::Display for StatedFactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "× {} ({})", self.times.as_str(), self.basis)
    }
}

/// A factor above zero.
pub fn factor(text: &str) -> Option<Factor> {
    Factor::parse(text).ok().filter(|factor| factor.value() > &Ratio::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_is_stated_with_its_source() {
        let read = |text: &str| StatedFactor::parse(text).map(|stated| stated.to_string());
        assert_eq!(read(" 4.0 | GB 2762 3.5 "), Some("× 4.0 (GB 2762 3.5)".to_owned()));
        assert_eq!(read("1/8｜标签：冲调比 1:7"), Some("× 1/8 (标签：冲调比 1:7)".to_owned()));
        for wrong in ["4.0", "4.0|", "4.0| ", "0|x", "-4|x", "1/0|x", "much|x", ""] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(read(&format!("4|{}", "x".repeat(BASIS_MOST + 1))), None);
    }
}
