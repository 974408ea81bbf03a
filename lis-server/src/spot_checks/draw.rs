//! The draw itself, `weighted-draw 1`: exact whole numbers, the same everywhere, for ever.
//!
//! 1. **The list.** Entries `(id, weight)` in ascending order of id; the weight is a whole number, 0 keeps an entry out.
//! 2. **The numbers.** Block `i` = SHA-256 of the bytes `"weighted-draw 1"`, 0x00, the seed in UTF-8, 0x00, the label of
//!    the list in UTF-8, 0x00, `i` as eight bytes, most significant first; `i` = 0, 1, 2, … A number is the first eight
//!    bytes of a block, most significant first.
//! 3. **A choice.** `W` is the sum of the weights that are left. A number `x` ≥ ⌊2⁶⁴ / W⌋ · W is passed over, so that every
//!    remainder is equally likely; else `r = x mod W`. Walking the list in order and adding up weights, the first entry
//!    whose sum is greater than `r` is drawn and leaves the list.
//! 4. Choices are made until enough are drawn or no weight is left. The counter runs on, it never starts again.

use sha2::{Digest, Sha256};

/// Name and version, as it stands in every record.
pub const ALGORITHM: &str = "weighted-draw 1";

/// One of the list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Weighted {
    pub id: i64,
    pub weight: u32,
}

/// One that was drawn, with the number that drew it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Drawn {
    pub id: i64,
    pub number: u64,
}

/// The stream of numbers of one seed and label.
struct Numbers<'a> {
    seed: &'a str,
    label: &'a str,
    next: u64,
}

impl Numbers<'_> {
    fn take(&mut self) -> u64 {
        let mut hasher = Sha256::new();
        for part in [ALGORITHM, self.seed, self.label] {
            hasher.update(part.as_bytes());
            hasher.update([0]);
        }
        hasher.update(self.next.to_be_bytes());
        self.next += 1;
        let block = hasher.finalize();
        block.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    /// A number below `bound`, each equally likely, with the number it came from.
    fn below(&mut self, bound: u64) -> (u64, u64) {
        // ⌊2⁶⁴ / W⌋ · W without leaving 128 bits.
        let fair = (1_u128 << 64) / u128::from(bound) * u128::from(bound);
        loop {
            let number = self.take();
            if u128::from(number) < fair {
                return (number % bound, number);
            }
        }
    }
}

/// Draws up to `count` entries without putting any back.
pub fn draw(seed: &str, label: &str, list: &[Weighted], count: usize) -> Vec<Drawn> {
    let mut left: Vec<Weighted> = list.iter().copied().filter(|entry| entry.weight > 0).collect();
    left.sort_by_key(|entry| entry.id);
    let mut sum: u64 = left.iter().map(|entry| u64::from(entry.weight)).sum();
    let mut numbers = Numbers { seed, label, next: 0 };
    let mut drawn = Vec::new();
    while drawn.len() < count && sum > 0 {
        let (remainder, number) = numbers.below(sum);
        let mut reached = 0;
        let place = left.iter().position(|entry| {
            reached += u64::from(entry.weight);
            reached > remainder
        });
        let Some(place) = place else { break };
        let entry = left.remove(place);
        sum -= u64::from(entry.weight);
        drawn.push(Drawn { id: entry.id, number });
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(weights: &[(i64, u32)]) -> Vec<Weighted> {
        weights.iter().map(|(id, weight)| Weighted { id: *id, weight: *weight }).collect()
    }

    fn ids(drawn: &[Drawn]) -> Vec<i64> {
        drawn.iter().map(|one| one.id).collect()
    }

    /// The numbers of seed `2026-11-16`, label `units`, from
    /// `printf 'weighted-draw 1\0002026-11-16\000units\000\0\0\0\0\0\0\0\0' | sha256sum | cut -c1-16`, and the same with
    /// the last byte 1 and 2. By hand: 6940971962044891452 mod 15 = 12 draws 14;
    /// 12320534828821117646 mod 7 = 6 draws 13;
    /// 5938867226780047513 mod 3 = 1 draws 12.
    #[test]
    fn a_tiny_draw_is_as_worked_out_by_hand() {
        let drawn = draw("2026-11-16", "units", &list(&[(11, 1), (12, 2), (13, 4), (14, 8)]), 3);
        let expected = [(14, 0x6053493981a1c13c), (13, 0xaafb55265ab5face), (12, 0x526b1846fc6f1899)];
        assert_eq!(drawn, expected.map(|(id, number)| Drawn { id, number }));
    }

    #[test]
    fn order_of_the_list_does_not_matter_and_seed_and_label_do() {
        let forward: Vec<Weighted> = (1..=100).map(|id| Weighted { id, weight: 1 }).collect();
        let backward: Vec<Weighted> = forward.iter().rev().copied().collect();
        let first = draw("s", "units", &forward, 10);
        assert_eq!(first, draw("s", "units", &backward, 10));
        assert_ne!(ids(&first), ids(&draw("t", "units", &forward, 10)));
        assert_ne!(ids(&first), ids(&draw("s", "samplers", &forward, 10)));
    }

    #[test]
    fn nobody_is_drawn_twice_and_a_short_list_ends() {
        let mut all = ids(&draw("s", "units", &list(&[(1, 3), (2, 0), (3, 1)]), 9));
        all.sort_unstable();
        assert_eq!(all, [1, 3], "weight 0 is never drawn");
        assert!(draw("s", "units", &[], 2).is_empty());
    }

    /// 8 to 1: of 9,000 single draws about 8,000 go to the heavy one; the bounds are eight standard deviations
    /// (√(9000 · 8/9 · 1/9) ≈ 30) away.
    #[test]
    fn weights_weigh() {
        let two = list(&[(1, 1), (2, 8)]);
        let heavy = (0..9_000).filter(|seed| draw(&seed.to_string(), "units", &two, 1)[0].id == 2).count();
        assert!((7_760..=8_240).contains(&heavy), "{heavy}");
    }
}
