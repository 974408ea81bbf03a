//! Votes into batches (`workflow.md` 4.4): a floor for every category, the rest by largest remainder. Whole numbers
//! only.

/// A category with its votes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Votes {
    pub name: String,
    pub votes: i64,
}

/// Why a plan cannot be made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unapportionable {
    /// Fewer batches than the floors need; says how many they need.
    TooFewBatches { least: i64 },
    /// There is something to distribute and nobody voted.
    NoVotes,
}

/// Batches per category, in the order given. They add up to `batches`.
///
/// Every category gets `floor`; what is left is shared in proportion to the votes, whole parts first, then one each to
/// the largest remainders. Equal remainders: the larger vote first, then the name (by code point).
///
/// # Errors
/// When the floors need more than there is, or when there are no votes to share by.
pub fn apportion(categories: &[Votes], batches: i64, floor: i64) -> Result<Vec<i64>, Unapportionable> {
    let count = i64::try_from(categories.len()).unwrap_or(i64::MAX);
    let least = floor.saturating_mul(count);
    if batches < least {
        return Err(Unapportionable::TooFewBatches { least });
    }
    let rest = i128::from(batches - least);
    let total: i128 = categories.iter().map(|category| i128::from(category.votes)).sum();
    if total == 0 {
        return if rest == 0 { Ok(vec![floor; categories.len()]) } else { Err(Unapportionable::NoVotes) };
    }
    // All shares have the denominator `total`, so their remainders compare as whole numbers.
    let share = |category: &Votes| i128::from(category.votes) * rest;
    let mut given: Vec<i128> = categories.iter().map(|category| share(category) / total).collect();
    let left = rest - given.iter().sum::<i128>();
    let mut by_remainder: Vec<usize> = (0..categories.len()).collect();
    by_remainder.sort_by(|&a, &b| {
        let (a, b) = (&categories[a], &categories[b]);
        (share(b) % total)
            .cmp(&(share(a) % total))
            .then_with(|| b.votes.cmp(&a.votes))
            .then_with(|| a.name.cmp(&b.name))
    });
    for &index in by_remainder.iter().take(usize::try_from(left).unwrap_or(0)) {
        given[index] += 1;
    }
    Ok(given.into_iter().map(|batches| floor + i64::try_from(batches).unwrap_or(i64::MAX)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn votes(given: &[(&str, i64)]) -> Vec<Votes> {
        given.iter().map(|(name, votes)| Votes { name: (*name).to_owned(), votes: *votes }).collect()
    }

    /// The worked example of `workflow.md` 4.4.
    #[test]
    fn fifty_batches_of_16_019_votes() {
        let categories = votes(&[
            ("vegetables", 5210),
            ("aquatic", 3984),
            ("meat products", 3120),
            ("pastry", 1876),
            ("edible oil", 1203),
            ("catering", 626),
        ]);
        assert_eq!(apportion(&categories, 50, 2), Ok(vec![14, 12, 9, 6, 5, 4]));
    }

    /// Three batches, no floor, votes 1:1:1:1: remainders and votes are equal, so the names decide.
    #[test]
    fn ties_go_to_the_larger_vote_then_to_the_name() {
        let equal = votes(&[("d", 1), ("b", 1), ("a", 1), ("c", 1)]);
        assert_eq!(apportion(&equal, 3, 0), Ok(vec![0, 1, 1, 1]));
        // 4 batches, votes 3:1:4, shares 12/8, 4/8, 16/8: the halves tie, 3 votes beat 1.
        assert_eq!(apportion(&votes(&[("x", 3), ("a", 1), ("m", 4)]), 4, 0), Ok(vec![2, 0, 2]));
    }

    #[test]
    fn the_floor_holds_without_a_vote() {
        assert_eq!(apportion(&votes(&[("a", 10), ("b", 0)]), 7, 2), Ok(vec![5, 2]));
        assert_eq!(apportion(&votes(&[("a", 0), ("b", 0)]), 4, 2), Ok(vec![2, 2]));
    }

    #[test]
    fn what_cannot_be_shared_is_said() {
        let two = votes(&[("a", 10), ("b", 1)]);
        assert_eq!(apportion(&two, 3, 2), Err(Unapportionable::TooFewBatches { least: 4 }));
        assert_eq!(apportion(&votes(&[("a", 0), ("b", 0)]), 5, 2), Err(Unapportionable::NoVotes));
    }
}
